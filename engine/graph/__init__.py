"""Pure data: layers, nodes, wires, blocks, and the design around them. No torch here."""
