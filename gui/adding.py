"""Adding a layer, the same way from the palette, a drop on the canvas and add-by-name: placed, wired, selected, one
undo step."""

from __future__ import annotations

from engine.catalog import catalog
from engine.check import wiring
from engine.graph import edits
from engine.graph.design import Design, Place
from engine.graph.model import NodeId, Wire, new_id
from gui.document import Document

PITCH_X, PITCH_Y = 214.0, 192.0  # from one node to the next in a row, and from row to row
WIDTH, HEIGHT = 152.0, 152.0
COLUMNS = 5  # a row that grows longer wraps
GAP = 12.0  # nodes closer than this count as overlapping


def add_layer(
    document: Document,
    kind: str,
    after: NodeId | None = None,
    place: Place | None = None,
    wire_from: tuple[NodeId, str] | None = None,
    wire_to: tuple[NodeId, str] | None = None,
    moved: Wire | None = None,
) -> NodeId:
    """Add a layer of `kind` and select it; one undo step.

    `after` puts it right of that node (unless `place`, the top left corner, is given) and wires it from that node's
    first output. `wire_from` is an output port that feeds the new node, `wire_to` an input port that the new node
    feeds, `moved` a wire that goes: its end is taken to the new node.
    """
    title = catalog.spec(kind).title
    design = document.design
    if moved is not None and moved in design.graph.wires:
        design = edits.disconnect(design, (moved,))
    if after is not None and after not in design.graph.nodes:
        after = None
    if place is None:
        place = place_after(design, after)
    node = new_id()
    design, node = edits.add_node(design, kind, place, label=None, node_id=node)
    if wire_from is None and wire_to is None and after is not None:
        port = wiring.first_output(design.graph, after)
        wire_from = (after, port) if port is not None else None
    design = _wired(design, node, wire_from, wire_to)
    document.change(design, f"Add {title} ({design.graph.nodes[node].label})")
    document.select(frozenset({node}))
    return node


def _wired(
    design: Design,
    node: NodeId,
    before: tuple[NodeId, str] | None,
    behind: tuple[NodeId, str] | None,
) -> Design:
    entrance = wiring.free_input(design.graph, node)
    exit_port = wiring.first_output(design.graph, node)
    if before is not None and entrance is not None:
        design = edits.connect(design, Wire(before[0], node, entrance, before[1]))
    if behind is not None and exit_port is not None:
        design = edits.connect(design, Wire(node, behind[0], behind[1], exit_port))
    return design


def place_after(design: Design, after: NodeId | None) -> Place:
    """A free place right of `after` (of the last node where it is None); long rows wrap to the left edge. Where wires
    run down, below it, in columns that do not wrap."""
    places = design.places
    if not places:
        return (0.0, 0.0)
    if after is None or after not in places:
        after = next(reversed(list(places)))
    left = min(x for x, _ in places.values())
    x, y = places[after]
    if design.flow == "down":
        return free_place(design, (x, y + PITCH_Y))
    x += PITCH_X
    if x > left + (COLUMNS - 0.5) * PITCH_X:
        x, y = left, y + PITCH_Y
    return free_place(design, (x, y))


def free_place(design: Design, place: Place) -> Place:
    """`place`, or the nearest one below it, a row at a time, where no node is in the way; where wires run down, the
    nearest one to the right, a column at a time."""
    x, y = place
    if design.flow == "down":
        beside = [(px, py) for px, py in design.places.values() if abs(py - y) < HEIGHT + GAP]
        while any(abs(px - x) < WIDTH + GAP for px, _ in beside):
            x += PITCH_X
        return (x, y)
    others = [(px, py) for px, py in design.places.values() if abs(px - x) < WIDTH + GAP]
    while any(abs(py - y) < HEIGHT + GAP for _, py in others):
        y += PITCH_Y
    return (x, y)
