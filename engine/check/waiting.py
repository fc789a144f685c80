"""Which nodes wait for another: no values reach what lies behind a problem, so nothing is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.check.report import Problem
from engine.graph.model import NodeId, Wire


@dataclass(frozen=True, slots=True)
class Waiting:
    """`on`: from each node that no values reach to the node whose problem keeps them back (itself where it has one).
    `rings`: the wires of rings."""

    on: dict[NodeId, NodeId]
    rings: frozenset[Wire] = frozenset()

    def whom(self, node: NodeId) -> NodeId | None:
        """For which other node a node waits; None where values reach it, or its own problem keeps them back."""
        other = self.on.get(node)
        return other if other != node else None


def waiting(wires: Iterable[Wire], problems: Iterable[Problem]) -> Waiting:
    """What the errors among `problems` keep values from: what lies behind them along `wires`, each node waiting for
    the nearest. What went wrong in training keeps nothing back."""
    errors = [p for p in problems if p.severity == "error" and p.code != "training-failed" and p.node is not None]
    if not errors:
        return Waiting({})
    wires = tuple(wires)
    after: dict[NodeId, list[NodeId]] = {}
    before: dict[NodeId, list[NodeId]] = {}
    for wire in wires:
        after.setdefault(wire.source, []).append(wire.target)
        before.setdefault(wire.target, []).append(wire.source)
    starts = {p.node: p.node for p in errors if p.node is not None}
    rings: set[Wire] = set()
    for problem in errors:
        if problem.code == "cycle" and problem.node is not None:
            here = {problem.node: problem.node}
            ring = _spread(after, here).keys() & _spread(before, here).keys()
            starts = {**dict.fromkeys(ring, problem.node), **starts}
            rings |= {w for w in wires if w.source in ring and w.target in ring}
    return Waiting(_spread(after, starts), frozenset(rings))


def _spread(neighbours: dict[NodeId, list[NodeId]], starts: dict[NodeId, NodeId]) -> dict[NodeId, NodeId]:
    """`starts` and all that lies behind them, each with what the nearest of these stands for."""
    found = dict(starts)
    edge = list(starts)
    while edge:
        further: list[NodeId] = []
        for node in edge:
            for other in neighbours.get(node, ()):
                if other not in found:
                    found[other] = found[node]
                    further.append(other)
        edge = further
    return found
