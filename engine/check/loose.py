"""Loose ends: what nothing feeds and what feeds nothing, and how each could be tied in. No torch here.

Which wire was meant is told from the graph alone, never from where nodes lie: moving a node changes no report.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from engine.catalog.spec import PortSpec
from engine.check import expect
from engine.check.expect import Arrival, fills_of
from engine.check.parts import Call, Part, Site, fix
from engine.check.report import Fix, Problem, TensorSpec
from engine.check.words import counted, listed
from engine.graph.model import INPUT, OUTPUT, TARGET, NodeId, Wire

MOST = 20  # outputs that are tried at an open input, the nearest in the order of the graph

Tensors = Mapping[tuple[NodeId, str], TensorSpec]


def problems_of(part: Part, site: Site) -> Iterator[Problem]:
    """Nodes that lead nowhere, and pieces that hang on nothing at either end. What has an error of its own, or lies in
    or behind a ring, is not told a second time."""
    starts = [n for n, call in part.calls.items() if call.layer.kind in (INPUT, TARGET)]
    fed = part.topology.after(starts)
    losses = any(call.is_loss for call in part.calls.values())
    for call in part.calls.values():
        if (losses or site.prefix) and call.node.id in fed and is_idle(part, call):
            goal = "output" if site.prefix else "loss or output"
            why = f"No {goal} hangs on it, so it takes no part in training."
            what = f"{site.name(call)} leads nowhere."
            yield site.problem("dangling", "hint", call, what, why, fixes=_for_idle(part, call, site))
    ends = [n for n, call in part.calls.items() if call.is_loss or call.layer.kind == OUTPUT]
    told = part.broken | part.topology.unordered | part.topology.before(ends)  # a gap in the way is told where it is
    unfed = [n for n in part.calls if n not in fed and n not in told]
    if unfed and (losses or site.prefix):
        calls = [part.calls[n] for n in unfed]
        what = f"{listed(site.name(c) for c in calls)} {'are' if len(calls) > 1 else 'is'} fed by no input."
        why = "No wire leads there from an Input, so nothing would ever arrive. Draw one, or remove them."
        behind = part.topology.after(part.broken) & set(unfed)  # what mends the error before them mends this too
        fixes = () if behind else (_removal(part, unfed),)
        yield site.problem("unreachable", "hint", calls[0], what, why, fixes=fixes)


def is_idle(part: Part, call: Call) -> bool:
    """Whether nothing uses what the node gives."""
    ends = call.is_loss or call.layer.kind == OUTPUT
    return not part.topology.out[call.node.id] and not ends and (call.spec is not None or call.is_block)


def _for_idle(part: Part, call: Call, site: Site) -> tuple[Fix, ...]:
    """Show what it gives, or take it away with all that leads only to it."""
    branch = {call.node.id}
    waiting = [call.node.id]
    while waiting:
        for wire in part.topology.into[waiting.pop()]:
            useless = all(w.target in branch for w in part.topology.out[wire.source])
            if useless and wire.source not in branch and part.source(wire).layer.kind not in (INPUT, TARGET):
                branch.add(wire.source)
                waiting.append(wire.source)
    removal = _removal(part, [n for n in part.calls if n in branch])
    if site.prefix or call.layer.kind in (INPUT, TARGET) or not call.outputs:
        return (removal,)  # an Output inside a block would be a port of it, for all that call it
    added = fix("add_output", "Add an output", node=call.node.id, port=call.outputs[0].name)
    return added, removal


def _removal(part: Part, nodes: list[NodeId]) -> Fix:
    names = [part.graph.nodes[n].label for n in nodes]
    label = f"Remove {listed(names)}" if len(names) < 3 else f"Remove {counted(len(names), 'layer')}"
    return fix("remove_nodes", label, nodes=tuple(nodes))


def prediction(part: Part, taken: Container[NodeId], tensors: Tensors) -> NodeId | None:
    """What a loss that is missing would judge: of the layers that nothing uses, and that no open input is to take, one
    that gives a vector before one of which nothing is known; of equal ones the last."""
    vector, unknown, other = range(3)
    found: list[tuple[int, NodeId]] = []
    for node, call in part.calls.items():
        if node not in taken and call.outputs and call.layer.kind not in (INPUT, TARGET) and is_idle(part, call):
            spec = tensors.get((node, call.outputs[0].name))
            found.append((unknown if spec is None else vector if len(spec.shape) == 1 else other, node))
    return min(reversed(found), key=lambda rated: rated[0])[1] if found else None


# -- open inputs ----------------------------------------------------------------------------------------------------
def for_open_port(part: Part, site: Site, node: NodeId, port_name: str, tensors: Tensors) -> tuple[Fix, ...]:
    """Remedies for a port where a wire is missing: the output that was most likely meant; without one, an Input; and
    taking the node away where nothing would miss it."""
    call = part.calls[node]
    port = next(p for p in call.inputs if p.name == port_name)
    sender = _sender(part, call, port, tensors)
    if sender is not None:
        label = f"Connect {sender.node.label} to {call.node.label}"
        made = _wire(sender, call, port)
        return (
            fix("connect", label, source=made.source, source_port=made.source_port, target=node, target_port=port_name),
        )
    if call.wires.get(port_name):  # a merge with one wire joins nothing
        return (fix("remove_keeping_wire", f"Remove {call.node.label}", node=node),)
    fixes: list[Fix] = []
    if not call.is_loss and call.layer.kind != OUTPUT and not site.prefix:
        fixes.append(fix("feed", "Add an input", node=node, port=port_name))
    if not part.topology.out[node] and not (site.prefix and call.layer.kind == OUTPUT):
        fixes.append(fix("remove_nodes", f"Remove {call.node.label}", nodes=(node,)))
    return tuple(fixes)


def _sender(part: Part, call: Call, port: PortSpec, tensors: Tensors) -> Call | None:
    """What nothing uses yet and fits; of several the nearest before it, but for a loss or an Output any layer before an
    Input. Where nothing is idle: the only Input; for a loss or an Output, what another one is fed by."""
    behind = part.topology.after([call.node.id])
    sources = {w.source for w in call.wires.get(port.name, ())}
    possible = [
        each
        for each in part.calls.values()
        if each.outputs and each.node.id not in behind and each.node.id not in sources and each.layer.kind != TARGET
    ]
    idle = [each for each in possible if is_idle(part, each)]
    found = _best(part, call, port, idle, tensors)
    if found is not None or sources:
        return found
    if call.is_loss or call.layer.kind == OUTPUT:
        ends = {
            w.source
            for c in part.calls.values()
            if c.is_loss or c.layer.kind == OUTPUT
            for w in c.wires.get("input", ())
        }
        return _best(part, call, port, [each for each in possible if each.node.id in ends], tensors)
    inputs = [each for each in possible if each.layer.kind == INPUT]
    return inputs[0] if len(inputs) == 1 else None


def _best(part: Part, call: Call, port: PortSpec, senders: list[Call], tensors: Tensors) -> Call | None:
    """The nearest before it that is not refused, be it known or not what that one will send: layers that wait for their
    own wires form a chain in the order in which they were placed. Only then one that stands behind it, and for a loss
    or an Output the last of those: the chain ends there. Where all are refused the first of them, for what it sends can
    be brought into shape (not for a merge: its tensors have to be alike)."""
    place = {n: i for i, n in enumerate(part.calls)}
    here, is_end = place[call.node.id], call.is_loss or call.layer.kind == OUTPUT

    def distance(each: Call) -> tuple[bool, bool, int]:
        there = place[each.node.id]
        way = -there if is_end and there > here else abs(there - here)
        return is_end and each.layer.kind == INPUT, there > here, way

    near = sorted(senders, key=distance)[:MOST]
    chosen = next((each for each in near if not _refuses(part, call, port, each, tensors)), None)
    return chosen or (near[0] if near and not call.wires.get(port.name) else None)


def _refuses(part: Part, call: Call, port: PortSpec, sender: Call, tensors: Tensors) -> bool:
    """Whether the node is known to object to the sender's tensor, together with what enters its other ports."""
    made = _wire(sender, call, port)
    if call.spec is None or call.layer.kind == OUTPUT or (sender.node.id, made.source_port) not in tensors:
        return False
    arrivals: list[Arrival] = []
    for each in call.inputs:
        for wire in (*call.wires.get(each.name, ()), *((made,) if each.name == port.name else ())):
            spec = tensors.get((wire.source, wire.source_port))
            if spec is not None:
                arrivals.append(Arrival(each, wire, part.source(wire).node.label, spec))
    values = {**call.settings.values, **fills_of(call, arrivals)}
    return expect.objection(call, values, arrivals) is not None


def _wire(sender: Call, call: Call, port: PortSpec) -> Wire:
    return Wire(sender.node.id, call.node.id, port.name, sender.outputs[0].name)
