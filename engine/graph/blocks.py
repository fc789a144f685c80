"""Seeing through the walls of a block: its ports, and its layers with the promoted parameters that a caller set."""

from __future__ import annotations

from dataclasses import replace

from engine.graph.model import INPUT, OUTPUT, Block, Layer, LayerId, Node


def ports(block: Block) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """The Input and the Output nodes inside, in order: their ids name the block's ports."""
    return block.graph.nodes_of_kind(INPUT), block.graph.nodes_of_kind(OUTPUT)


def inner_layers(block: Block, caller: Layer) -> dict[LayerId, Layer]:
    """The layers inside, each with what `caller` (a layer whose body is `block`) sets through promotion.

    An inner layer may be a block itself: then the value goes on to its own promoted parameter of that name.
    """
    layers = dict(block.graph.layers)
    for name, (inner, parameter) in block.promoted.items():
        if name not in caller.parameters or inner not in layers:
            continue
        value = caller.parameters[name]
        layers[inner] = replace(layers[inner], parameters=layers[inner].parameters.with_item(parameter, value))
    return layers
