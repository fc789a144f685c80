"""What one may choose from is judged as the whole graph would judge it, only faster."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import catalog
from engine.check import checker, wiring
from engine.check.choices import Connections, Kinds
from engine.check.report import Report
from engine.check.swapping import swap_kind
from engine.errors import GraphError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from tests import strategies
from tests.small_graphs import chain


@given(strategies.designs_with_data(max_layers=5), st.integers(0, 50), st.booleans())
def test_each_wire_is_judged_as_in_the_whole_graph(pair, number: int, outgoing: bool) -> None:
    design, data = pair
    report = checker.check(design, data)
    node = list(design.graph.nodes)[number % len(design.graph.nodes)]
    found = Connections(design.graph, report, node, outgoing)
    for wire in found.wires:
        assert (wire.source if outgoing else wire.target) == node and wire.source != wire.target
        assert found.why_not(wire) == wiring.why_not(design.graph, report, wire), wire
    assert not set(found.wires) & set(design.graph.wires)


def test_thousands_are_listed_and_judged_in_a_moment() -> None:
    design, before = Design(), ""
    places = {}
    for index in range(2_000):
        design, node = edits.add_node(design, "ReLU", (0.0, 0.0), label=f"relu{index}", node_id=f"n{index}")
        places[node] = (float(index), 0.0)
    wires = tuple(Wire(f"n{i}", f"n{i + 1}") for i in range(1_999))
    design = replace(design, graph=replace(design.graph, wires=wires))
    report = Report()
    started = time.process_time()
    found = Connections(design.graph, report, "n1000", True)
    judged = [found.why_not(wire) for wire in found.wires if int(wire.target[1:]) > 1000]
    assert len(found.wires) == 1_998 and len(judged) == 998 and not any(judged)
    assert time.process_time() - started < 1.0
    assert "ring" in (found.why_not(Wire("n1000", "n990")) or ""), before


def test_a_kind_that_keeps_its_wires_fits() -> None:
    design = chain("Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear")
    kinds = Kinds(design, checker.check(design), "relu1")
    assert kinds.why_not("GELU") is None and kinds.why_not("Tanh") is None
    reason = kinds.why_not("CrossEntropyLoss")
    assert reason is not None and "found no port" in reason
    assert "found no port" in (kinds.why_not("Input") or "")


@given(strategies.designs(max_layers=4), st.integers(0, 50))
def test_kinds_say_of_lost_wires_what_swapping_would(design: Design, number: int) -> None:
    node = list(design.graph.nodes)[number % len(design.graph.nodes)]
    kinds = Kinds(design, checker.check(design), node)
    for kind in list(catalog.load().layers)[number % 7 :: 7]:
        if swap_kind(design, node, kind).wires and len(design.graph.nodes_calling(design.graph.nodes[node].layer)) == 1:
            assert kinds.why_not(kind), kind


def merged() -> Design:
    design = Design()
    for name in ("a", "b", "c"):
        design, _ = edits.add_node(design, "ReLU", (0.0, 0.0), node_id=name)
    design, _ = edits.add_node(design, "Concat", (0.0, 0.0), node_id="sum")
    design, _ = edits.add_node(design, "ReLU", (0.0, 0.0), node_id="other")
    for wire in (Wire("a", "sum"), Wire("a", "other"), Wire("b", "sum"), Wire("c", "sum")):
        design = edits.connect(design, wire)
    return design


def test_inputs_of_a_merge_are_put_in_order() -> None:
    design = merged()
    later = edits.reorder(design, Wire("a", "sum"), 1)
    assert [w.source for w in later.graph.wires_into("sum")] == ["b", "a", "c"]
    assert later.graph.wires[1] == Wire("a", "other"), "other wires keep their places"
    assert edits.reorder(later, Wire("a", "sum"), -1) == design
    assert (
        edits.reorder(design, Wire("a", "sum"), -1) is design and edits.reorder(design, Wire("c", "sum"), 5) is design
    )
    with pytest.raises(GraphError, match="not in the graph"):
        edits.reorder(design, Wire("sum", "a"), 1)
