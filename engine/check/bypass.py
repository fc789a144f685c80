"""Bypassed nodes: at each of their outputs stands what enters their first input, as if the layer were not there.

A bypassed node is an identity with the ports of its layer, so whoever walks a graph needs only two things: which wire
such a node hands on, and the graph without the wires that it does not read. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.catalog import catalog
from engine.catalog.spec import PortSpec
from engine.errors import GraphError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, OUTPUT, TARGET, Block, BlockId, Graph, Layer, LayerId, NodeId, Wire

PASSES = "Identity"  # the kind that a bypassed node is taken for


def set_bypassed(design: Design, nodes: Iterable[NodeId], bypassed: bool = True) -> Design:
    """Bypass nodes, or let them call their layers again. GraphError, with nothing changed, where one is not there or
    can never be bypassed; among several, those that cannot be are left as they are."""
    graph, chosen = design.graph, tuple(dict.fromkeys(nodes))
    changed = {n: replace(graph.nodes[n], bypassed=bypassed) for n in chosen if n in graph.nodes}
    if len(changed) < len(chosen):
        raise GraphError("A layer that was to be bypassed is no longer there; it may have been removed already.")
    if bypassed:
        reasons = {n: why for n in chosen if (why := why_not(graph, n)) is not None}
        if reasons and len(reasons) == len(chosen):
            raise GraphError(reasons[chosen[0]])
        changed = {n: node for n, node in changed.items() if n not in reasons}
    changed = {n: node for n, node in changed.items() if node != graph.nodes[n]}
    return replace(design, graph=replace(graph, nodes=graph.nodes.with_items(changed))) if changed else design


def why_not(graph: Graph, node: NodeId) -> str | None:
    """Why a node can never be bypassed, as a sentence, or None where it can be."""
    layer, label = graph.layer_of(node), graph.nodes[node].label
    if layer.kind in (INPUT, TARGET):
        return f"{label} cannot be bypassed: it is where data enter, so nothing arrives that it could pass on."
    if layer.kind == OUTPUT:
        return f"{label} cannot be bypassed: it only shows what arrives. Remove it if it is not needed."
    inputs, outputs = catalog.ports(graph, layer)
    if not inputs and not outputs:
        return f"{label} cannot be bypassed: nobody knows its ports. Choose a kind that Strata knows."
    if not inputs:
        return f"{label} cannot be bypassed: it has no input that it could pass on."
    if not outputs:
        return f"{label} cannot be bypassed: it is where the network ends. Remove it if it is not needed."
    return None


def first_port(graph: Graph, layer: Layer) -> PortSpec | None:
    """The port whose tensor a bypassed call of `layer` hands on; it takes one wire and needs it. None where the layer
    cannot be bypassed. `graph` is the outermost graph, which holds the blocks."""
    if layer.kind in (INPUT, TARGET, OUTPUT):
        return None
    inputs, outputs = catalog.ports(graph, layer)
    return replace(inputs[0], accepts="any", variadic=False, optional=False) if inputs and outputs else None


def taken_for(layer: Layer) -> Layer:
    """What a bypassed call of `layer` amounts to."""
    return Layer(layer.id, PASSES)


def flowing(graph: Graph, blocks: Frozen[BlockId, Block]) -> Graph:
    """The graph without the wires that bypassed nodes do not read; the same object where there are none. `blocks` are
    those of the outermost graph."""
    passing = [node for node in graph.nodes.values() if node.bypassed]
    if not passing:
        return graph
    whole = graph if graph.blocks is blocks else replace(graph, blocks=blocks)
    known: dict[LayerId, tuple[str, ...]] = {}
    for node in passing:
        if node.layer not in known:
            layer = graph.layers[node.layer]
            inputs = catalog.ports(whole, layer)[0] if first_port(whole, layer) is not None else ()
            known[node.layer] = tuple(port.name for port in inputs)
    ports = {node.id: known[node.layer] for node in passing if known[node.layer]}
    kept: list[Wire] = []
    fed: set[NodeId] = set()
    for wire in graph.wires:
        names = ports.get(wire.target, ())
        if wire.target_port in names:  # a wire to a port that the layer has not is a mistake, bypassed or not
            if wire.target_port != names[0] or wire.target in fed:
                continue
            fed.add(wire.target)
        kept.append(wire)
    return graph if len(kept) == len(graph.wires) else replace(graph, wires=tuple(kept))
