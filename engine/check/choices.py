"""What a person may choose from: the wires that could be drawn from or to a node, and the kinds that it could become;
each with the reason why not, where there is one.

A list may hold thousands, so each answer looks only at the few nodes that it concerns. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.catalog import catalog
from engine.check import swapping, wiring
from engine.check.report import Report
from engine.errors import StrataError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import TARGET, Graph, LayerId, NodeId, Wire


class Connections:
    """The wires that could be drawn from a node (`outgoing`), or to it. Wires that are there are not among them."""

    def __init__(self, graph: Graph, report: Report, node: NodeId, outgoing: bool):
        self._graph, self._report, self._node, self._outgoing = graph, report, node, outgoing
        self._entering: dict[NodeId, list[Wire]] = {}
        self._calling: dict[LayerId, list[NodeId]] = {}
        for wire in graph.wires:
            self._entering.setdefault(wire.target, []).append(wire)
        for other in graph.nodes.values():
            self._calling.setdefault(other.layer, []).append(other.id)
        self._careful = self._near_rings_and_targets()
        self.wires = tuple(self._all())

    def _all(self) -> Iterable[Wire]:
        present = set(self._graph.wires)
        own = catalog.ports(self._graph, self._graph.layer_of(self._node))[1 if self._outgoing else 0]
        known: dict[LayerId, tuple[str, ...]] = {}
        for other in self._graph.nodes.values():
            if other.id == self._node:
                continue
            if other.layer not in known:
                ports = catalog.ports(self._graph, self._graph.layers[other.layer])[0 if self._outgoing else 1]
                known[other.layer] = tuple(port.name for port in ports)
            for mine in own:
                for port in known[other.layer]:
                    if self._outgoing:
                        wire = Wire(self._node, other.id, port, mine.name)
                    else:
                        wire = Wire(other.id, self._node, mine.name, port)
                    if wire not in present:
                        yield wire

    def why_not(self, wire: Wire) -> str | None:
        """Why it would be a mistake, as engine.check.wiring says it."""
        other = wire.target if self._outgoing else wire.source
        if other in self._careful:
            return wiring.why_not(self._graph, self._report, wire)
        return wiring.why_not(self._around(wire), self._report, wire)

    def _around(self, wire: Wire) -> Graph:
        """The part of the graph that an answer depends on, where neither a ring nor a target is near."""
        whole, entering = self._graph, self._entering.get(wire.target, [])
        sharing = self._calling[whole.nodes[wire.target].layer]
        ids = dict.fromkeys((wire.source, wire.target, *(w.source for w in entering), *sharing))
        nodes = {n: whole.nodes[n] for n in ids}
        layers = {node.layer: whole.layers[node.layer] for node in nodes.values()}
        return replace(whole, layers=Frozen(layers), nodes=Frozen(nodes), wires=tuple(entering))

    def _near_rings_and_targets(self) -> set[NodeId]:
        """The other ends that would close a ring, or let something know what it should find out."""
        graph = self._graph
        behind: dict[NodeId, list[NodeId]] = {}
        before: dict[NodeId, list[NodeId]] = {}
        for wire in graph.wires:
            behind.setdefault(wire.source, []).append(wire.target)
            before.setdefault(wire.target, []).append(wire.source)
        targets = [n.id for n in graph.nodes.values() if graph.layers[n.layer].kind == TARGET]
        told = _reached(targets, behind)
        if self._outgoing:
            return set(graph.nodes) if self._node in told else _reached([self._node], before)
        return _reached([self._node], behind) | told


def _reached(starts: Iterable[NodeId], neighbours: dict[NodeId, list[NodeId]]) -> set[NodeId]:
    waiting = list(starts)
    found = set(waiting)
    while waiting:
        for node in neighbours.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


class Kinds:
    """What a node could become, keeping its place and wires."""

    def __init__(self, design: Design, report: Report, node: NodeId):
        graph = design.graph
        wires = tuple(w for w in graph.wires if node in (w.source, w.target))
        ids = dict.fromkeys((node, *(w.source for w in wires), *(w.target for w in wires)))
        nodes = {n: graph.nodes[n] for n in ids}
        layers = {each.layer: graph.layers[each.layer] for each in nodes.values()}
        near = replace(graph, layers=Frozen(layers), nodes=Frozen(nodes), wires=wires)
        self._design, self._report, self._node = Design(near), report, node

    def why_not(self, kind: str) -> str | None:
        """What would be lost, or what the new kind would say to what arrives; None where it fits."""
        try:
            swapped = swapping.swap_kind(self._design, self._node, kind)
        except StrataError as error:
            return str(error)
        graph = swapped.design.graph
        if swapped.wires:
            return swapped.told
        for wire in graph.wires:
            if wire.target == self._node:
                rest = replace(graph, wires=tuple(w for w in graph.wires if w != wire))
                found = wiring.why_not(rest, self._report, wire)
                if found is not None:
                    return found
        return None
