"""The arrays behind the canvas: they say what the design says, after any edits; and geometry's small sums."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from engine.check.report import Problem, Report, TensorSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Wire
from gui.canvas import geometry as g
from gui.canvas import ports
from gui.canvas.arrays import ERROR, OUTSIDE, SELECTED, WARNING, GraphArrays
from gui.canvas.hit_test import HitTest

KINDS = ("Conv2d", "ReLU", "Linear", "Add", "Input", "Target", "CrossEntropyLoss", "MultiheadAttention")


def assert_same(arrays: GraphArrays, design: Design) -> None:
    graph = design.graph
    assert arrays.ids == list(graph.nodes)
    assert arrays.row == {node: row for row, node in enumerate(graph.nodes)}
    assert arrays.wires == graph.wires
    for row, node in enumerate(arrays.ids):
        layer = graph.layer_of(node)
        assert tuple(arrays.rects[row, :2]) == pytest.approx(design.places.get(node, (0.0, 0.0)))
        assert arrays.family[row] == ports.FAMILY_INDEX[ports.family(layer)]
        assert (arrays.inputs[row], arrays.outputs[row]) == ports.port_names(graph, layer)
    for row, wire in enumerate(graph.wires):
        assert (arrays.ids[arrays.source[row]], arrays.ids[arrays.target[row]]) == (wire.source, wire.target)
        start = arrays.port_place(arrays.source[row], wire.source_port, output=True)
        end = arrays.port_place(arrays.target[row], wire.target_port, output=False)
        assert tuple(arrays.ends[row]) == pytest.approx((*start, *end))


def random_edit(design: Design, rng: random.Random) -> Design:
    nodes = list(design.graph.nodes)
    choice = rng.random()
    if not nodes or choice < 0.35:
        place = (float(rng.randrange(-500, 500)), float(rng.randrange(-500, 500)))
        return edits.add_node(design, rng.choice(KINDS), place)[0]
    if choice < 0.45:
        return edits.remove_nodes(design, rng.sample(nodes, min(len(nodes), rng.randrange(1, 3))))
    if choice < 0.6:
        moved = rng.sample(nodes, min(len(nodes), 3))
        return edits.move(design, {n: (float(rng.randrange(1000)), float(rng.randrange(1000))) for n in moved})
    if choice < 0.85:
        source, target = rng.choice(nodes), rng.choice(nodes)
        outputs = ports.port_names(design.graph, design.graph.layer_of(source))[1]
        inputs = ports.port_names(design.graph, design.graph.layer_of(target))[0]
        if outputs and inputs:
            return edits.connect(design, Wire(source, target, rng.choice(inputs), rng.choice(outputs)))
        return design
    if choice < 0.92 and design.graph.wires:
        return edits.disconnect(design, [rng.choice(design.graph.wires)])
    return edits.rename(design, rng.choice(nodes), f"name{rng.randrange(1000)}")


@pytest.mark.parametrize("seed", range(12))
def test_arrays_equal_the_design_after_any_edits_and_undo(seed: int) -> None:
    rng = random.Random(seed)
    arrays, design = GraphArrays(), Design()
    history = [design]
    for _ in range(60):
        if len(history) > 2 and rng.random() < 0.2:  # undo a few steps at once
            history = history[: rng.randrange(1, len(history))]
            design = history[-1]
        else:
            design = random_edit(design, rng)
            history.append(design)
        arrays.show(design)
        assert_same(arrays, design)


def three() -> tuple[Design, list[str]]:
    design, a = edits.add_node(Design(), "Conv2d", (0.0, 0.0))
    design, b = edits.add_node(design, "Linear", (214.0, 0.0))
    design, c = edits.add_node(design, "ReLU", (0.0, 192.0))
    design = edits.connect(design, Wire(a, b))
    return edits.connect(design, Wire(b, c)), [a, b, c]


def test_places_that_are_absurd_are_shown_at_the_edge() -> None:
    design, (a, *_) = three()
    design = edits.move(design, {a: (1e300, float("nan"))})
    arrays = GraphArrays()
    arrays.show(design)
    assert np.isfinite(arrays.rects).all() and np.isfinite(arrays.ends).all()


def test_a_report_marks_nodes_and_the_wire_that_is_wrong() -> None:
    design, (a, b, c) = three()
    arrays = GraphArrays()
    arrays.show(design)
    problems = (
        Problem("shape-mismatch", "error", "b.", "why.", b, "input"),
        Problem("silent", "warning", "c.", "why.", c),
    )
    report = Report(outputs=Frozen({((a,), "output"): TensorSpec((8, 4, 4))}), trained=frozenset({a, b}))
    arrays.take_report(report, problems)
    assert arrays.state[arrays.row[b]] & ERROR and not arrays.state[arrays.row[a]]
    assert arrays.state[arrays.row[c]] & WARNING and arrays.state[arrays.row[c]] & OUTSIDE
    assert [bool(state & ERROR) for state in arrays.wire_state] == [True, False]
    assert arrays.rects[arrays.row[b], 3] == g.STANDARD  # an error needs the room
    arrays.take_report(report, ())
    assert not arrays.state[arrays.row[b]] & ERROR and not (arrays.wire_state & ERROR).any()
    assert arrays.rects[arrays.row[b], 3] == g.VECTOR


def test_the_wires_of_a_selected_node_are_selected_too() -> None:
    design, (a, _, _) = three()
    arrays = GraphArrays()
    arrays.show(design)
    arrays.select({a})
    assert [bool(s & SELECTED) for s in arrays.wire_state] == [True, False]
    arrays.select(())
    arrays.select_wires(frozenset({design.graph.wires[1]}))
    assert [bool(s & SELECTED) for s in arrays.wire_state] == [False, True]


def test_what_lies_in_a_rectangle() -> None:
    design, (a, b, c) = three()
    arrays = GraphArrays()
    arrays.show(design)
    assert [arrays.ids[i] for i in arrays.nodes_in(-1, -1, 10, 10)] == [a]
    assert {arrays.ids[i] for i in arrays.nodes_in(0, 0, 400, 400)} == {a, b, c}
    assert len(arrays.nodes_in(5000, 5000, 6000, 6000)) == 0
    assert arrays.wires_in(170, 10, 200, 30).tolist() == [0, 1]
    assert arrays.wires_in(-10, 180, 0, 200).tolist() == [1]


def test_a_wire_to_the_left_runs_between_the_rows() -> None:
    design, (_, b, c) = three()
    arrays = GraphArrays()
    arrays.show(design)
    assert arrays.back.tolist() == [False, True]
    bottom, top = arrays.rects[arrays.row[b], 1:4:2].sum(), arrays.rects[arrays.row[c], 1]
    assert bottom < arrays.gutter[1] < top


@pytest.mark.parametrize(
    ("zoom", "level"), [(0.02, g.FAR), (0.2499, g.FAR), (0.25, g.NAMES), (0.5, g.TILES), (0.8, g.FULL), (1.6, g.CLOSE)]
)
def test_levels_of_detail(zoom: float, level: int) -> None:
    assert g.level(zoom) == level


def test_distance_to_a_wire() -> None:
    points = g.curve_points(np.array([[0.0, 0.0, 100.0, 0.0]]))[0]
    assert g.distance(points, 50, 4) == pytest.approx(4, abs=1e-6)
    assert g.distance(points, 110, 0) == pytest.approx(10, abs=1e-6)


def test_what_was_moved_last_lies_on_top_for_eyes_and_hands() -> None:
    design, low = edits.add_node(Design(), "ReLU", (0.0, 0.0))
    design, middle = edits.add_node(design, "ReLU", (10.0, 10.0))
    arrays = GraphArrays()
    arrays.show(design)
    here = (20.0, 20.0, 20.0, 20.0)
    assert [arrays.ids[row] for row in arrays.nodes_in(*here)] == [low, middle]
    design = edits.move(design, {low: (12.0, 12.0)})
    arrays.show(design)
    assert [arrays.ids[row] for row in arrays.nodes_in(*here)] == [middle, low]
    assert HitTest(arrays).node_at(QPointF(20.0, 20.0)) == low
    design, new = edits.add_node(design, "ReLU", (14.0, 14.0))
    arrays.show(design)
    assert [arrays.ids[row] for row in arrays.nodes_in(*here)] == [middle, low, new]
    arrays.show(edits.remove_nodes(design, [middle]))
    assert [arrays.ids[row] for row in arrays.nodes_in(*here)] == [low, new]
