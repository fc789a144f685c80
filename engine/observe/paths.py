"""Where a node path points: the layer it calls, the key of its weights, and where its input comes from. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.check import bypass
from engine.check.report import NodePath
from engine.graph.model import BLOCK, INPUT, OUTPUT, Graph, Layer, Node

Tap = tuple[NodePath, str]  # a node and one of its output ports
FIRST = "output"


@dataclass(frozen=True, slots=True)
class Spot:
    """A node inside its graph, without the wires that bypassed nodes do not read; `layer` is what it amounts to (an
    Identity where it is bypassed). `key` is the path of layers that the weights are stored under (‘nblock/0/nconv’)."""

    graph: Graph
    node: Node
    layer: Layer
    key: str


def spot(graph: Graph, path: NodePath) -> Spot | None:
    """What `path` points at, or None where there is no such node (it was deleted, or the path is odd)."""
    inner, keys = graph, []
    for position in range(0, len(path), 2):
        node = inner.nodes.get(path[position])
        if node is None:
            return None
        layer = inner.layers[node.layer]
        keys.append(layer.id)
        if position + 1 >= len(path):
            called = bypass.taken_for(layer) if node.bypassed else layer
            return Spot(bypass.flowing(inner, graph.blocks), node, called, "/".join(keys))
        block = graph.blocks.get(layer.block or "")
        if block is None:
            return None
        keys.append(path[position + 1])
        inner = block.graph
    return None


def output_tap(graph: Graph, path: NodePath, port: str = FIRST) -> Tap:
    """An output of a node. The ports of a block are named by the Output nodes inside: its first one answers to
    ‘output’ too, as that of every layer does."""
    found = spot(graph, path)
    called = found.graph.layers[found.node.layer] if found is not None else None  # also of one that is bypassed
    block = graph.blocks.get(called.block or "") if called is not None and called.kind == BLOCK else None
    ends = block.graph.nodes_of_kind(OUTPUT) if block is not None and port == FIRST else ()
    return path, ends[0].id if ends else port


def sources(graph: Graph, path: NodePath, port: str | None = None) -> tuple[Tap, ...]:
    """The taps whose tensors enter `path` (at `port`), seen through the walls of blocks; none at the inputs."""
    found = spot(graph, path)
    if found is None:
        return ()
    if found.layer.kind == INPUT:
        return _outside(graph, path)
    return tuple(
        tap
        for wire in found.graph.wires_into(path[-1], port)
        for tap in resolved(graph, ((*path[:-1], wire.source), wire.source_port))
    )


def _outside(graph: Graph, path: NodePath) -> tuple[Tap, ...]:
    """What enters an Input node of a block: the wire to the block, or the repetition before."""
    if len(path) < 3:
        return ()
    *outer, repetition, inside = path
    caller = spot(graph, tuple(outer))
    if caller is None or not repetition.isdigit():
        return ()
    if int(repetition) > 0:
        block = graph.blocks[caller.layer.block or ""].graph
        ports = [n.id for n in block.nodes_of_kind(INPUT)]
        ends = [n.id for n in block.nodes_of_kind(OUTPUT)]
        which = ports.index(inside)
        if which >= len(ends):
            return ()
        return sources(graph, (*outer, str(int(repetition) - 1), ends[which]))
    return sources(graph, tuple(outer), inside)


def resolved(graph: Graph, tap: Tap) -> tuple[Tap, ...]:
    """A tap at a block is the tap of the node inside that feeds that output; one at an Input of a block is what comes
    from outside. Others are as they are."""
    path, port = tap
    found = spot(graph, path)
    if found is None:
        return ()
    if found.layer.kind == OUTPUT or (found.layer.kind == INPUT and len(path) > 1):
        return sources(graph, path)
    if found.layer.kind != BLOCK:
        return (tap,)
    return sources(graph, (*path, str(max(0, found.layer.repeat - 1)), port))
