"""What a wire that is being drawn would run into, in words; and where a new wire would start or end.

Asked at every move of the mouse, so it looks at one wire only, never infers a shape, and imports no torch. A wire
that is refused may be made all the same: it becomes a problem with a remedy.
"""

from __future__ import annotations

from engine.catalog import catalog
from engine.catalog.spec import PortSpec
from engine.check import expect
from engine.check.expect import Arrival, fills_of
from engine.check.parts import Call, settings
from engine.check.report import Report
from engine.check.words import listed
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, OUTPUT, TARGET, Graph, Layer, NodeId, Value, Wire
from engine.graph.topology import cycle_closed_by


def why_not(graph: Graph, report: Report, wire: Wire) -> str | None:
    """Why `wire` would be a mistake, as a sentence, or None where nothing speaks against it.

    `report` is that of the graph before the wire; what enters the same port is thought to be replaced, as connect does.
    """
    for node in (wire.source, wire.target):
        if node not in graph.nodes:
            return "One end of the wire is no longer there."
    source, target = graph.nodes[wire.source], graph.nodes[wire.target]
    outputs, inputs = _ports(graph, graph.layer_of(wire.source))[1], _ports(graph, graph.layer_of(wire.target))[0]
    port = next((p for p in inputs if p.name == wire.target_port), None)
    if not any(p.name == wire.source_port for p in outputs):
        return f"{source.label} has no such output."
    if port is None:
        return f"{target.label} has no such input."
    if wire in graph.wires:
        return f"{source.label} is connected there already."
    found = _objection(graph, report, wire, port)
    if found is not None:
        return found
    ring = cycle_closed_by(graph, wire)
    if ring is not None:
        if len(ring) == 1:
            return f"{source.label} would feed itself."
        return f"{listed(graph.nodes[n].label for n in ring)} would feed each other in a ring."
    return _gives_away(graph, wire)


def free_input(graph: Graph, node: NodeId) -> str | None:
    """The first input that still wants a wire: an empty one, else one that takes several; None where all are taken."""
    inputs, _ = _ports(graph, graph.layer_of(node))
    taken = {w.target_port for w in graph.wires if w.target == node}
    for port in inputs:
        if port.name not in taken and not port.optional:
            return port.name
    several = next((p.name for p in inputs if p.variadic), None)
    return several or next((p.name for p in inputs if p.name not in taken), None)


def first_output(graph: Graph, node: NodeId) -> str | None:
    """The output that a wire from this node would start at; None for losses and Output nodes."""
    _, outputs = _ports(graph, graph.layer_of(node))
    return outputs[0].name if outputs else None


def _ports(graph: Graph, layer: Layer) -> tuple[tuple[PortSpec, ...], tuple[PortSpec, ...]]:
    return catalog.ports(graph, layer)


def _objection(graph: Graph, report: Report, wire: Wire, port: PortSpec) -> str | None:
    """What the target would say to the tensor, together with what enters its other ports."""
    layer = graph.layer_of(wire.target)
    arriving = report.output(wire.source, wire.source_port)
    if graph.nodes[wire.target].bypassed or layer.kind in (BLOCK, OUTPUT) or arriving is None:
        return None
    known = settings(layer.kind, layer.parameters)
    if known.spec is None:
        return None
    entering = [w for w in graph.wires if w.target == wire.target and (w.target_port != port.name or port.variadic)]
    entering.append(wire)
    arrivals: list[Arrival] = []
    by_port: dict[str, list[Wire]] = {}
    for each in known.spec.inputs:
        for one in entering:
            spec = report.output(one.source, one.source_port)
            if one.target_port == each.name and spec is not None:
                arrivals.append(Arrival(each, one, graph.nodes[one.source].label, spec))
                by_port.setdefault(each.name, []).append(one)
    call = Call(graph.nodes[wire.target], layer, known, known.spec.inputs, known.spec.outputs, by_port)
    fills = fills_of(call, arrivals)
    found = expect.objection(call, {**known.values, **fills}, arrivals)
    if found is not None:
        return found.why if found.severity == "error" else None
    return _sharing(graph, report, call, fills)


def _sharing(graph: Graph, report: Report, call: Call, fills: Frozen[str, Value]) -> str | None:
    """A layer that other nodes call too has to get the same sizes here as there."""
    for node in graph.nodes_calling(call.layer.id) if fills else ():
        known = report.fills.get((node.id,))
        if node.id != call.node.id and known is not None and known != fills:
            there = ", ".join(f"{name} {value}" for name, value in known.items())
            here = ", ".join(f"{name} {value}" for name, value in fills.items())
            return f"{call.node.label} shares weights with {node.label}, which has {there}; here it would be {here}."
    return None


def _gives_away(graph: Graph, wire: Wire) -> str | None:
    """A target that would become part of a prediction."""
    if not any(layer.kind == TARGET for layer in graph.layers.values()):
        return None
    behind: dict[NodeId, list[Wire]] = {}
    before: dict[NodeId, list[Wire]] = {}
    for each in (*graph.wires, wire):
        behind.setdefault(each.source, []).append(each)
        before.setdefault(each.target, []).append(each)
    origins = _reach(wire.source, {n: [w.source for w in ws] for n, ws in before.items()})
    given = next((n for n in origins if graph.layer_of(n).kind == TARGET), None)
    if given is None:
        return None
    waiting, seen = [wire], {wire}
    for each in waiting:  # grows while it is read
        layer = graph.layer_of(each.target)
        known = catalog.load().layers.get(layer.kind)
        loss = known is not None and known.is_loss
        if (loss and each.target_port != "target") or layer.kind == OUTPUT:
            label = graph.nodes[given].label
            return f"{label} is what {graph.nodes[each.target].label} should find out; it must not be told."
        if not loss:
            following = [w for w in behind.get(each.target, ()) if w not in seen]
            seen.update(following)
            waiting += following
    return None


def _reach(start: NodeId, neighbours: dict[NodeId, list[NodeId]]) -> set[NodeId]:
    found, waiting = {start}, [start]
    while waiting:
        for node in neighbours.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found
