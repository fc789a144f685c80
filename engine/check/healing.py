"""Nodes taken out of a chain: what fed them feeds what they fed, where its ports and the shape that arrives allow it.

Only the few nodes at each wire are looked at, so that thousands can be removed at once. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.check import wiring
from engine.check.bypass import flowing
from engine.check.report import Report
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, NodeId, Wire


def remove(design: Design, report: Report, nodes: Iterable[NodeId], wires: Iterable[Wire] = ()) -> Design:
    """The design without these nodes and wires, and with the wires that lead around the nodes in the places of those
    that go. `report` is that of the design. GraphError where a node or wire is not there."""
    design = edits.disconnect(design, wires)
    gone = set(nodes)
    healed = _healed(design.graph, report, gone) if gone else design.graph.wires
    left = edits.remove_nodes(design, gone)
    return left if healed == left.graph.wires else replace(left, graph=replace(left.graph, wires=healed))


def detach(design: Design, report: Report, nodes: Iterable[NodeId]) -> Design:
    """The design in which these nodes are wired to nothing; what fed them feeds what they fed, as after `remove`."""
    gone = set(nodes)
    healed = _healed(design.graph, report, gone)
    return design if healed == design.graph.wires else replace(design, graph=replace(design.graph, wires=healed))


def _healed(graph: Graph, report: Report, gone: set[NodeId]) -> tuple[Wire, ...]:
    """The wires that stay, and those that lead around, in the order of the old ones."""
    entering: dict[NodeId, list[Wire]] = {}
    for wire in flowing(graph, graph.blocks).wires:
        if wire.target in gone:
            entering.setdefault(wire.target, []).append(wire)
    staying: dict[NodeId, list[Wire]] = {}  # by the node that they enter
    for wire in graph.wires:
        if wire.target not in gone and wire.source not in gone:
            staying.setdefault(wire.target, []).append(wire)
    origins: dict[NodeId, Wire | None] = {}
    wires: dict[Wire, None] = {}
    for wire in graph.wires:
        if wire.target in gone:
            continue
        if wire.source in gone:
            origin = _origin(wire.source, gone, entering, origins)
            if origin is None:
                continue
            wire = Wire(origin.source, wire.target, wire.target_port, origin.source_port)
            others = staying.setdefault(wire.target, [])
            if not _fits(graph, report, wire, others):
                continue
            others.append(wire)
        wires[wire] = None
    return tuple(wires)


def _origin(
    node: NodeId, gone: set[NodeId], entering: dict[NodeId, list[Wire]], known: dict[NodeId, Wire | None]
) -> Wire | None:
    """The wire that feeds a chain of nodes with one wire in, up to `node`, from one that stays; None where nothing,
    several things, or a ring feeds it."""
    passed: list[NodeId] = []
    while node not in known:
        passed.append(node)
        known[node] = None  # while it is being looked for: who comes back here is in a ring
        before = entering.get(node, ())
        if len(before) != 1:
            break
        if before[0].source not in gone:
            known.update(dict.fromkeys(passed, before[0]))
            return before[0]
        node = before[0].source
    known.update(dict.fromkeys(passed, known[node]))
    return known[node]


def _fits(whole: Graph, report: Report, wire: Wire, others: list[Wire]) -> bool:
    """Whether nothing speaks against a wire beside the others that enter its target."""
    present = {wire.source, wire.target, *(w.source for w in others)}
    nodes = {n: whole.nodes[n] for n in present}
    layers = {node.layer: whole.layers[node.layer] for node in nodes.values()}
    beside = tuple(w for w in dict.fromkeys(others) if w != wire)
    graph = replace(whole, layers=Frozen(layers), nodes=Frozen(nodes), wires=beside)
    return wiring.why_not(graph, report, wire) is None
