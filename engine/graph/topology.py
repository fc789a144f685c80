"""How the nodes hang together: order, cycles, what lies before and after. networkx does the work; it knows no shapes.

`Topology(graph)` is built once and asked many times: one pass over 10,000 nodes costs tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.graph.model import Graph, NodeId, Wire

if TYPE_CHECKING:
    import networkx as nx  # imported where it is used: a quarter of a second that the first paint need not wait for


@dataclass(frozen=True, slots=True)
class Cycle:
    """Nodes that feed each other in a ring, in the direction of the wires, and the wire that closes the ring (the one
    added last: it goes from the last of `nodes` to the first)."""

    nodes: tuple[NodeId, ...]
    closing: Wire


class Topology:
    """The wiring of one graph (not of the blocks inside it).

    `order` is topological, ties in the order of `graph.nodes`; nodes in cycles, and what lies behind them, come last.
    """

    def __init__(self, graph: Graph):
        import networkx as nx

        self.graph = graph
        self.into: dict[NodeId, list[Wire]] = {n: [] for n in graph.nodes}
        self.out: dict[NodeId, list[Wire]] = {n: [] for n in graph.nodes}
        for wire in graph.wires:
            self.into[wire.target].append(wire)
            self.out[wire.source].append(wire)
        self.network: nx.DiGraph[NodeId] = nx.DiGraph()
        self.network.add_nodes_from(graph.nodes)
        self.network.add_edges_from((w.source, w.target) for w in graph.wires)
        self.order, self.unordered = self._sort()

    def _sort(self) -> tuple[tuple[NodeId, ...], frozenset[NodeId]]:
        """The order, and the nodes that have none because they lie in or behind a cycle."""
        import networkx as nx

        position = {n: i for i, n in enumerate(self.graph.nodes)}
        done: list[NodeId] = []
        try:
            for node in nx.lexicographical_topological_sort(self.network, key=position.__getitem__):
                done.append(node)
        except nx.NetworkXUnfeasible:  # raised after all that can be sorted has been yielded
            pass
        seen = set(done)
        rest = [n for n in self.graph.nodes if n not in seen]
        return tuple(done + rest), frozenset(rest)

    def cycles(self) -> tuple[Cycle, ...]:
        """One ring of each knot of nodes that feed each other, closed by the newest wire of the knot."""
        if not self.unordered:
            return ()
        import networkx as nx

        number: dict[NodeId, int] = {}
        for index, members in enumerate(nx.strongly_connected_components(self.network.subgraph(self.unordered))):
            number.update(dict.fromkeys(members, index))
        closing: dict[int, Wire] = {}
        for wire in self.graph.wires:  # the last one in each knot stays
            if wire.source in number and number[wire.source] == number.get(wire.target):
                closing[number[wire.source]] = wire
        rings: list[Cycle] = []
        for index, wire in closing.items():
            members = [n for n, i in number.items() if i == index]
            knot = self.network.subgraph(members)
            path: list[NodeId] = nx.shortest_path(knot, wire.target, wire.source)  # pyright: ignore[reportUnknownMemberType]
            rings.append(Cycle(tuple(path), wire))
        return tuple(rings)

    def before(self, nodes: Iterable[NodeId]) -> frozenset[NodeId]:
        """The nodes themselves and all that lead to them."""
        return _spread(self.network.pred, nodes)

    def after(self, nodes: Iterable[NodeId]) -> frozenset[NodeId]:
        """The nodes themselves and all that they lead to."""
        return _spread(self.network.succ, nodes)

    def components(self) -> tuple[frozenset[NodeId], ...]:
        """The parts that no wire joins, in the order of their first nodes."""
        import networkx as nx

        return tuple(frozenset(part) for part in nx.weakly_connected_components(self.network))


def cycle_closed_by(graph: Graph, wire: Wire) -> tuple[NodeId, ...] | None:
    """The ring that `wire` would close (from its target back to its source), or None where it closes none."""
    if wire.source == wire.target:
        return (wire.source,)
    following: dict[NodeId, list[NodeId]] = {}
    for each in graph.wires:
        following.setdefault(each.source, []).append(each.target)
    came_from: dict[NodeId, NodeId] = {wire.target: wire.target}
    queue = [wire.target]
    for node in queue:  # breadth first: the list grows while it is read
        for successor in following.get(node, ()):
            if successor not in came_from:
                came_from[successor] = node
                queue.append(successor)
                if successor == wire.source:
                    return _trace(came_from, successor)
    return None


def _trace(came_from: Mapping[NodeId, NodeId], node: NodeId) -> tuple[NodeId, ...]:
    path = [node]
    while came_from[node] != node:
        node = came_from[node]
        path.append(node)
    return tuple(reversed(path))


def _spread(neighbours: Mapping[NodeId, Iterable[NodeId]], starts: Iterable[NodeId]) -> frozenset[NodeId]:
    found = set(starts)
    waiting = list(found)
    while waiting:
        for node in neighbours[waiting.pop()]:
            if node not in found:
                found.add(node)
                waiting.append(node)
    return frozenset(found)
