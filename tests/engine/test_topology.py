"""Order, cycles and reach, also for graphs of 10,000 nodes."""

from __future__ import annotations

import itertools
import time

from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, Wire
from engine.graph.topology import Topology, cycle_closed_by


def graph_of(nodes: str, *pairs: str) -> Graph:
    """`graph_of("abc", "ab", "bc")`: nodes a, b, c and wires a→b, b→c."""
    return Graph(
        layers=Frozen({"l": Layer("l", "ReLU")}),
        nodes=Frozen({n: Node(n, "l", n) for n in nodes}),
        wires=tuple(Wire(p[0], p[1]) for p in pairs),
    )


def test_order_is_topological_and_keeps_ties_as_they_were_added():
    topology = Topology(graph_of("dcba", "ab", "bc"))
    assert topology.order == ("d", "a", "b", "c")
    assert topology.unordered == frozenset()
    assert topology.cycles() == ()


def test_a_ring_is_named_with_the_wire_that_closes_it():
    graph = graph_of("abcde", "ab", "bc", "cd", "db", "de")
    topology = Topology(graph)
    assert topology.order[0] == "a"
    assert topology.unordered == {"b", "c", "d", "e"}
    (cycle,) = topology.cycles()
    assert cycle.closing == Wire("d", "b")
    assert cycle.nodes == ("b", "c", "d")


def test_a_wire_to_itself_is_a_ring_of_one_and_two_knots_are_two_rings():
    (cycle,) = Topology(graph_of("a", "aa")).cycles()
    assert cycle.nodes == ("a",)
    assert len(Topology(graph_of("abcd", "ab", "ba", "cd", "dc")).cycles()) == 2


def test_before_after_and_components():
    topology = Topology(graph_of("abcdx", "ab", "bc", "bd"))
    assert topology.before(["c"]) == {"a", "b", "c"}
    assert topology.after(["b"]) == {"b", "c", "d"}
    assert topology.components() == (frozenset("abcd"), frozenset("x"))


def test_what_a_new_wire_would_close():
    graph = graph_of("abc", "ab", "bc")
    assert cycle_closed_by(graph, Wire("c", "a")) == ("a", "b", "c")
    assert cycle_closed_by(graph, Wire("a", "c")) is None
    assert cycle_closed_by(graph, Wire("b", "b")) == ("b",)


def test_ten_thousand_nodes_are_quick():
    names = [f"n{i}" for i in range(10_000)]
    wires = [Wire(a, b) for a, b in itertools.pairwise(names)]
    wires += [Wire(names[i], names[i + 7], "input") for i in range(0, 9_990, 3)]
    graph = Graph(
        layers=Frozen({"l": Layer("l", "Add")}), nodes=Frozen({n: Node(n, "l", n) for n in names}), wires=tuple(wires)
    )
    best = 9.0
    for _ in range(3):
        start = time.thread_time()
        topology = Topology(graph)
        assert topology.cycles() == ()
        best = min(best, time.thread_time() - start)
    assert topology.order == tuple(names)
    assert best < 0.2, f"{best * 1000:.0f} ms"
