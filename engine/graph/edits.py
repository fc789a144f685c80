"""Every edit of a design as a pure function: the old design in, a new one out that shares what was not touched.

An edit may leave the graph invalid (check says so), but wires always name nodes that exist and nodes layers that
exist; an edit that would break this raises a GraphError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from engine.errors import GraphError, nearest
from engine.graph import naming
from engine.graph.design import Design, Place
from engine.graph.frozen import Frozen
from engine.graph.labels import label_base, stem, unique_label
from engine.graph.model import (
    BLOCK,
    Block,
    BlockId,
    Graph,
    Layer,
    LayerId,
    Node,
    NodeId,
    Value,
    Wire,
    new_id,
)

# Kinds whose port ‘input’ takes several wires. The graph needs to know no more of the catalogue than this.
TAKES_SEVERAL = frozenset({"Add", "Multiply", "Concat"})


# -- nodes --------------------------------------------------------------------------------------------------------
def add_node(
    design: Design,
    kind: str,
    place: Place,
    *,
    label: str | None = None,
    parameters: Mapping[str, Value] | None = None,
    layer: LayerId | None = None,
    node_id: NodeId | None = None,
    layer_id: LayerId | None = None,
) -> tuple[Design, NodeId]:
    """Add a node that calls a new layer of `kind`, or the existing `layer` (then the two share its weights).

    `label` is taken as it is; without it one is made from the kind (conv1, conv2, …). `node_id` and `layer_id` give
    the ids where they must be the same each time (templates).
    """
    graph = design.graph
    node = node_id or new_id()
    if node in graph.nodes:
        raise GraphError(f"A node with the id ‘{node}’ is already in the graph. Give the new one another id.")
    if layer is not None:
        if layer not in graph.layers:
            raise GraphError(f"There is no layer ‘{layer}’ to share. Add a layer of its own instead.")
        if graph.layers[layer].kind != kind:
            raise GraphError(f"Layer ‘{layer}’ is a {graph.layers[layer].kind}, not a {kind}; it cannot be shared so.")
        layers, called = graph.layers, layer
    else:
        called = layer_id or new_id()
        if called in graph.layers:
            raise GraphError(f"A layer with the id ‘{called}’ is already in the graph. Give the new one another id.")
        layers = graph.layers.with_item(called, Layer(called, kind, _plain(parameters or {})))
    if label is None:
        label = unique_label(graph, label_base(kind))
    nodes = graph.nodes.with_item(node, Node(node, called, label))
    graph = replace(graph, layers=layers, nodes=nodes)
    return replace(design, graph=graph, places=design.places.with_item(node, place)), node


def remove_nodes(design: Design, ids: Iterable[NodeId]) -> Design:
    """Take nodes away with their wires and places; layers that no node calls any more go with them."""
    gone = set(ids)
    for node in gone:
        _node(design.graph, node)
    if not gone:
        return design
    graph = design.graph
    kept = tuple(w for w in graph.wires if w.source not in gone and w.target not in gone)
    graph = replace(graph, nodes=graph.nodes.without(*gone), wires=kept)
    return replace(design, graph=prune(graph), places=design.places.without(*gone))


def rename(design: Design, node: NodeId, label: str) -> Design:
    label = naming.accept(label)
    if not label:
        raise GraphError(f"{_node(design.graph, node).label} needs a name of at least one character.")
    changed = replace(_node(design.graph, node), label=label)
    return replace(design, graph=replace(design.graph, nodes=design.graph.nodes.with_item(node, changed)))


def move(design: Design, places: Mapping[NodeId, Place]) -> Design:
    """Put nodes elsewhere; the graph stays the very same object."""
    for node in places:
        _node(design.graph, node)
    return replace(design, places=design.places.with_items({n: (float(x), float(y)) for n, (x, y) in places.items()}))


# -- wires --------------------------------------------------------------------------------------------------------
def takes_several(graph: Graph, node: NodeId, port: str = "input") -> bool:
    """Whether a port takes several wires (Add, Multiply, Concat)."""
    return port == "input" and graph.layer_of(node).kind in TAKES_SEVERAL


def connect(design: Design, wire: Wire, *, replace: bool = True) -> Design:
    """Add a wire. With `replace`, it takes the place of the one that enters a port for a single wire."""
    graph = design.graph
    _node(graph, wire.source)
    _node(graph, wire.target)
    if wire in graph.wires:
        return design
    kept = graph.wires
    if replace and not takes_several(graph, wire.target, wire.target_port):
        kept = tuple(w for w in kept if w.target != wire.target or w.target_port != wire.target_port)
    return _with_wires(design, (*kept, wire))


def disconnect(design: Design, wires: Iterable[Wire]) -> Design:
    gone = set(wires)
    missing = gone.difference(design.graph.wires)
    if missing:
        wire = next(iter(missing))
        ends = [design.graph.nodes[n].label if n in design.graph.nodes else n for n in (wire.source, wire.target)]
        raise GraphError(f"There is no such wire from {ends[0]} to {ends[1]}; it may have been removed already.")
    return _with_wires(design, tuple(w for w in design.graph.wires if w not in gone)) if gone else design


def insert_on_wire(design: Design, wire: Wire, node: NodeId, *, into: str = "input", out: str = "output") -> Design:
    """Put an existing node into a wire: source → node → target. The order of wires at the target stays; what entered
    the node by that port makes room."""
    if wire not in design.graph.wires:
        raise GraphError("The wire to insert into is not in the graph; it may have been removed already.")
    if node in (wire.source, wire.target):
        raise GraphError(f"{_node(design.graph, node).label} is an end of that wire already.")
    _node(design.graph, node)
    first = Wire(wire.source, node, into, wire.source_port)
    second = Wire(node, wire.target, wire.target_port, out)
    alone = not takes_several(design.graph, node, into)
    wires: list[Wire] = []
    for each in design.graph.wires:
        if each == wire:
            wires += [first, second]
        elif each not in (first, second) and not (alone and each.target == node and each.target_port == into):
            wires.append(each)
    return _with_wires(design, tuple(wires))


def rewire(design: Design, wire: Wire, moved: Wire, *, replace: bool = True) -> Design:
    """Move one end of a wire, or both. It stays where it was in the order of wires, unless it enters another node: then
    it comes last there, as a new wire does. With `replace`, what entered a port for a single wire makes room."""
    graph = design.graph
    if wire not in graph.wires:
        raise GraphError("The wire to move is not in the graph; it may have been removed already.")
    _node(graph, moved.source)
    _node(graph, moved.target)
    if moved == wire:
        return design
    if moved.target != wire.target:
        return connect(disconnect(design, [wire]), moved, replace=replace)
    alone = replace and not takes_several(graph, moved.target, moved.target_port)
    wires: list[Wire] = []
    for each in graph.wires:
        if each == wire:
            wires.append(moved)
        elif each != moved and not (alone and each.target == moved.target and each.target_port == moved.target_port):
            wires.append(each)
    return _with_wires(design, tuple(wires))


def reorder(design: Design, wire: Wire, step: int) -> Design:
    """Let a wire enter its port so many places later (earlier where `step` is negative) among those that enter it; what
    a Concat puts together follows that order. Wires elsewhere keep their places; at either end it stays."""
    wires = list(design.graph.wires)
    if wire not in wires:
        raise GraphError("The wire to move is not in the graph; it may have been removed already.")
    slots = [i for i, w in enumerate(wires) if w.target == wire.target and w.target_port == wire.target_port]
    order = [wires[i] for i in slots]
    at = order.index(wire)
    order.insert(max(0, min(at + step, len(order) - 1)), order.pop(at))
    for slot, each in zip(slots, order, strict=True):
        wires[slot] = each
    return _with_wires(design, tuple(wires)) if tuple(wires) != design.graph.wires else design


# -- parameters ---------------------------------------------------------------------------------------------------
def set_parameter(design: Design, node: NodeId, name: str, value: Value) -> Design:
    """Set a parameter of the layer that `node` calls (all nodes that share it see the change)."""
    return _with_layer(design, _layer(design.graph, node).with_parameter(name, plain_value(value)))


def reset_parameter(design: Design, node: NodeId, name: str) -> Design:
    """Back to the default."""
    layer = _layer(design.graph, node)
    if name not in layer.parameters:
        return design
    return _with_layer(design, replace(layer, parameters=layer.parameters.without(name)))


def set_repeat(design: Design, node: NodeId, repeat: int) -> Design:
    """How many copies of a block are chained."""
    layer = _layer(design.graph, node)
    if layer.kind != BLOCK and repeat != 1:
        raise GraphError(f"{design.graph.nodes[node].label} is a {layer.kind}; only a block can be repeated.")
    return _with_layer(design, replace(layer, repeat=repeat))


# -- blocks -------------------------------------------------------------------------------------------------------
def define_block(design: Design, block: Block) -> Design:
    """Add a block's definition, or replace the one with its id."""
    return replace(design, graph=replace(design.graph, blocks=design.graph.blocks.with_item(block.id, block)))


def add_block_node(
    design: Design,
    block: BlockId,
    place: Place,
    *,
    label: str | None = None,
    repeat: int = 1,
    parameters: Mapping[str, Value] | None = None,
    node_id: NodeId | None = None,
    layer_id: LayerId | None = None,
) -> tuple[Design, NodeId]:
    """Add a node that calls a new layer whose body is a block that is already defined."""
    if block not in design.graph.blocks:
        raise GraphError(f"There is no block ‘{block}’ in this design. Define it first.")
    base = design.graph.blocks[block].label or "block"
    label = label or unique_label(design.graph, stem(base))
    design, node = add_node(
        design, BLOCK, place, label=label, parameters=parameters, node_id=node_id, layer_id=layer_id
    )
    return _with_layer(design, replace(design.graph.layer_of(node), block=block, repeat=repeat)), node


def prune(graph: Graph) -> Graph:
    """Without the layers that no node calls. Definitions of blocks stay: they can be placed again."""
    called = {n.layer for n in graph.nodes.values()}
    unused = [layer for layer in graph.layers if layer not in called]
    return replace(graph, layers=graph.layers.without(*unused)) if unused else graph


# -- labels -------------------------------------------------------------------------------------------------------
def distinct_labels(labels: Mapping[NodeId, str]) -> dict[NodeId, str]:
    """The labels, each but the first of several equal ones with a number behind it: ‘loss’, ‘loss (2)’."""
    found: dict[NodeId, str] = {}
    for node, label in labels.items():
        taken = set(found.values())
        names = (label, *(f"{label} ({number})" for number in range(2, len(taken) + 3)))
        found[node] = next(name for name in names if name not in taken)
    return found


def namesake(graph: Graph, node: NodeId) -> str:
    """That another node has the same label, which it may; empty where none has."""
    label = graph.nodes[node].label
    taken = any(other.label == label and other.id != node for other in graph.nodes.values())
    return f"Another layer is called {label} too; both can keep the name." if taken else ""


# -- inside -------------------------------------------------------------------------------------------------------
def plain_value(value: object) -> Value:
    """A parameter's value as the graph stores it: lists become tuples; only plain values pass."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(plain_value(item) for item in cast("Sequence[object]", value))
    raise GraphError(f"A parameter cannot hold a {type(value).__name__}. Use a number, a text, yes or no, or a list.")


def _plain(parameters: Mapping[str, Value]) -> Frozen[str, Value]:
    return Frozen({name: plain_value(value) for name, value in parameters.items()})


def _node(graph: Graph, node: NodeId) -> Node:
    found = graph.nodes.get(node)
    if found is None:
        close = nearest(node, (n.label for n in graph.nodes.values())) if len(graph.nodes) < 1000 else None
        hint = f" The nearest is {close}." if close else ""
        raise GraphError(f"There is no node ‘{node}’ in the graph; it may have been removed already.{hint}")
    return found


def _layer(graph: Graph, node: NodeId) -> Layer:
    return graph.layers[_node(graph, node).layer]


def _with_layer(design: Design, layer: Layer) -> Design:
    return replace(design, graph=replace(design.graph, layers=design.graph.layers.with_item(layer.id, layer)))


def _with_wires(design: Design, wires: tuple[Wire, ...]) -> Design:
    return replace(design, graph=replace(design.graph, wires=wires))
