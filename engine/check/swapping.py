"""Another kind for a node that stands where it stands: wires, place and what both kinds know of parameters stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.catalog import catalog
from engine.catalog.spec import ParameterSpec, PortSpec
from engine.check import bypass
from engine.check.words import listed
from engine.errors import GraphError, ParameterError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.labels import Labels, is_made, label_base, stem
from engine.graph.model import BLOCK, BlockId, Graph, Layer, Node, NodeId, Value, Wire


@dataclass(frozen=True, slots=True)
class Swapped:
    """The design after it, the wires of the old one for which the new kind has no port, and the names of the parameters
    that were set and that it does not take. `told` is a sentence on what went; empty where nothing did."""

    design: Design
    wires: tuple[Wire, ...] = ()
    parameters: tuple[str, ...] = ()
    told: str = ""


def swap_kind(design: Design, node: NodeId, kind: str, block: BlockId | None = None) -> Swapped:
    """Make a node one of another kind (of BLOCK: a call of `block`). Nodes that share its layer share the new one.

    A wire keeps the port of its name, else the port at the same place among the others. A label that was made for the
    old kind is made for the new one. UnknownName or GraphError where there is no such node, kind or block.
    """
    graph = design.graph
    if node not in graph.nodes:
        raise GraphError("The layer that was to be changed is no longer there; it may have been removed already.")
    if kind == BLOCK and block not in graph.blocks:
        raise GraphError(f"There is no block ‘{block}’ in this design. Define it first.")
    old = graph.layer_of(node)
    new = Layer(old.id, kind, block=block if kind == BLOCK else None, repeat=old.repeat if kind == BLOCK else 1)
    rows = catalog.parameter_specs(graph, new) if kind == BLOCK else catalog.spec(kind).parameters
    if (new.kind, new.block) == (old.kind, old.block):
        return Swapped(design)
    new = replace(new, parameters=Frozen(_kept(old, rows)))
    changed = replace(graph, layers=graph.layers.with_item(new.id, new))
    wires, lost = _rewired(changed, graph, old, new)
    changed = replace(changed, wires=wires)
    changed = replace(changed, nodes=changed.nodes.with_items(_nodes(changed, graph, old)))
    parameters = tuple(name for name in old.parameters if name not in new.parameters)
    label = changed.nodes[node].label
    return Swapped(replace(design, graph=changed), lost, parameters, _told(graph, label, lost, parameters))


def _kept(old: Layer, rows: tuple[ParameterSpec, ...]) -> Iterator[tuple[str, Value]]:
    """What was set and the new kind takes as well."""
    known = {row.name: row for row in rows if not row.filled}
    for name, value in old.parameters.items():
        if name in known:
            try:
                yield name, catalog.validate(known[name], value)
            except ParameterError:
                continue


def _rewired(graph: Graph, before: Graph, old: Layer, new: Layer) -> tuple[tuple[Wire, ...], tuple[Wire, ...]]:
    """The wires at the ports of the new kind, and those that found none."""
    (old_in, old_out), (new_in, new_out) = catalog.ports(before, old), catalog.ports(graph, new)
    several = {port.name for port in new_in if port.variadic}
    wires: dict[Wire, None] = {}
    lost: list[Wire] = []
    taken: set[tuple[NodeId, str]] = set()
    for wire in before.wires:
        moved = wire
        if graph.nodes[wire.target].layer == new.id:
            port = _port(wire.target_port, old_in, new_in)
            if port is None or (wire.target, port) in taken:
                lost.append(wire)
                continue
            if port not in several:
                taken.add((wire.target, port))
            moved = replace(moved, target_port=port)
        if graph.nodes[wire.source].layer == new.id:
            port = _port(wire.source_port, old_out, new_out)
            if port is None:
                lost.append(wire)
                continue
            moved = replace(moved, source_port=port)
        wires[moved] = None
    return tuple(wires), tuple(lost)


def _port(name: str, old: tuple[PortSpec, ...], new: tuple[PortSpec, ...]) -> str | None:
    """The port of that name, else the one at the same place; that one only if no old port has its name."""
    names = [port.name for port in new]
    if name in names:
        return name
    known = [port.name for port in old] or [name]
    place = known.index(name) if name in known else len(names)
    return names[place] if place < len(names) and names[place] not in known else None


def _nodes(graph: Graph, before: Graph, old: Layer) -> dict[NodeId, Node]:
    """The nodes that call the layer, named after what they are now; bypassed only if that can be."""
    labels = Labels(graph)
    found: dict[NodeId, Node] = {}
    for node in graph.nodes_calling(old.id):
        body = before.blocks.get(old.block or "")
        made = stem(node.label) == stem(body.label) if body is not None else is_made(node.label, old.kind)
        label = labels.new(_base(graph, graph.layer_of(node.id))) if made else node.label
        bypassed = node.bypassed and bypass.why_not(graph, node.id) is None
        found[node.id] = replace(node, label=label, bypassed=bypassed)
    return found


def _base(graph: Graph, layer: Layer) -> str:
    body = graph.blocks.get(layer.block or "")
    return (stem(body.label) or "block") if body is not None else label_base(layer.kind)


def _told(graph: Graph, label: str, wires: tuple[Wire, ...], parameters: tuple[str, ...]) -> str:
    told: list[str] = []
    if wires:
        ends = [f"{graph.nodes[w.source].label} to {graph.nodes[w.target].label}" for w in wires[:5]]
        more = f" and {len(wires) - 5} more" if len(wires) > 5 else ""
        plural = "s" if len(wires) > 1 else ""
        told.append(f"The wire{plural} from {listed(ends) if not more else ', '.join(ends) + more} found no port.")
    if parameters:
        told.append(f"{label} does not take {listed(parameters)}.")
    return " ".join(told)
