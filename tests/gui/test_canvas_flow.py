"""Wires that run down: ports above and below, everything else as where they run to the right."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from gui.adding import place_after
from gui.canvas import arranging, editing
from gui.canvas import geometry as g
from gui.canvas.arrays import GraphArrays
from gui.canvas.hit_test import HitTest, Port
from gui.canvas.wires import middle, wire_path
from gui.document import Document
from gui.theme import motion
from tests.gui.test_canvas_gestures import Hands

KINDS = ("Conv2d", "ReLU", "Add", "CrossEntropyLoss", "LSTM")


@pytest.fixture
def hands(qtbot) -> Hands:
    """A column: Conv2d above ReLU above Add, wired to nothing."""
    design = Design(flow="down")
    for index, kind in enumerate(("Conv2d", "ReLU", "CrossEntropyLoss")):
        design, _ = edits.add_node(design, kind, (0.0, index * 220.0))
    hands = Hands(qtbot, Document())
    hands.document.change(design, "Fill")
    hands.view.centre(QPointF(76, 250))
    QApplication.processEvents()
    return hands


def test_ports_stand_above_and_below(hands: Hands) -> None:
    conv, relu, loss = hands.document.design.graph.nodes
    hits = hands.view.hits
    assert hits.port_at(QPointF(76, 0), 1.0) == Port(conv, "input", False)
    assert hits.port_at(QPointF(76, 152), 1.0) == Port(conv, "output", True)
    assert hits.port_at(QPointF(0, 18), 1.0) is None
    assert hits.port_at(QPointF(64, 440), 1.0) == Port(loss, "input", False)  # two inputs, around the middle
    assert hits.port_at(QPointF(88, 440), 1.0) == Port(loss, "target", False)
    assert hands.view.arrays.port_place(hands.view.arrays.row[relu], "output", True) == (76.0, 372.0)


def test_a_drag_down_connects_and_the_wire_is_hit_and_painted(hands: Hands) -> None:
    conv, relu, loss = hands.document.design.graph.nodes
    hands.drag((76, 152), (76, 222))
    hands.drag((64, 438), (76, 372))  # backwards, to a port that is not straight above
    assert hands.document.design.graph.wires == (Wire(conv, relu), Wire(relu, loss, "input"))
    assert hands.view.hits.wire_at(QPointF(76, 186), 1.0) == 0
    assert hands.view.hits.wire_at(QPointF(60, 186), 1.0) is None
    assert hands.view.arrays.straight(np.array([0, 1])).tolist() == [True, False]
    for zoom in (0.1, 0.3, 0.6, 1.0):
        hands.view.set_zoom(zoom)
        hands.view.centre(QPointF(76, 186))
        hands.view.grab()
    hands.view.set_zoom(1.0)
    hands.click(76, 190)
    assert hands.view.arrays.selected_wires == {Wire(conv, relu)}


def test_arrows_follow_the_wires_down(hands: Hands) -> None:
    conv, relu, _ = hands.document.design.graph.nodes
    hands.document.change(edits.connect(hands.document.design, Wire(conv, relu)), "Wire")
    hands.document.select(frozenset({conv}))
    hands.key(Qt.Key.Key_Down)
    assert hands.document.selection == {relu}
    hands.key(Qt.Key.Key_Up)
    assert hands.document.selection == {conv}


def test_a_wire_dropped_on_nothing_puts_the_layer_below_the_mouse(hands: Hands) -> None:
    hands.drag((76, 152), (300, 192))
    popup = hands.view.popups.add_by_name
    QTest.keyClicks(popup._query, "maxpool2d")
    QTest.keyClick(popup._query, Qt.Key.Key_Return)
    (new,) = hands.document.selection
    assert hands.document.design.places[new] == (224.0, 192.0)


def test_the_flow_is_one_edit_that_lays_everything_out(hands: Hands) -> None:
    conv, relu, loss = hands.document.design.graph.nodes
    design = edits.connect(hands.document.design, Wire(conv, relu))
    design = edits.connect(design, Wire(relu, loss, "input"))
    hands.document.change(design, "Wire")
    arranging.set_flow(hands.view, "right")
    places = hands.document.design.places
    assert hands.document.design.flow == "right" and places[conv][0] < places[relu][0] < places[loss][0]
    assert hands.view.hits.port_at(QPointF(places[conv][0] + 152, places[conv][1] + 18), 1.0) == Port(
        conv, "output", True
    )
    hands.document.undo_stack.undo()
    assert hands.document.design == design and hands.view.arrays.down
    count = hands.document.undo_stack.count()
    arranging.set_flow(hands.view, "down")
    assert hands.document.undo_stack.count() == count


def test_layers_are_added_below_and_beside_what_is_there(hands: Hands) -> None:
    conv, _, loss = hands.document.design.graph.nodes
    assert place_after(hands.document.design, loss) == (0.0, 632.0)
    x, y = place_after(hands.document.design, conv)
    assert y == 192.0 and x >= 164.0


def test_notes_do_not_hide_behind_layers(hands: Hands) -> None:
    editing.add_note(hands.view)
    (note,) = hands.document.design.notes
    assert not len(hands.view.arrays.nodes_in(note.x, note.y, note.x + note.width, note.y + note.height))


places = st.tuples(st.integers(-500, 500), st.integers(-500, 500))


@given(st.lists(st.tuples(st.sampled_from(KINDS), places), min_size=2, max_size=6), st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_wire_is_hit_along_its_way_and_starts_and_ends_at_its_ports(qapp, nodes, data: st.DataObject) -> None:
    flow = data.draw(st.sampled_from(["right", "down"]))
    design = replace(Design(), flow=flow)
    for index, (kind, (x, y)) in enumerate(nodes):
        design, _ = edits.add_node(design, kind, (float(x), float(y)), node_id=f"n{index}")
    arrays = GraphArrays()
    arrays.show(design)
    source, target = data.draw(st.permutations(range(len(nodes))))[:2]
    if not arrays.outputs[source] or not arrays.inputs[target]:
        return
    out, into = data.draw(st.sampled_from(arrays.outputs[source])), data.draw(st.sampled_from(arrays.inputs[target]))
    wire = Wire(f"n{source}", f"n{target}", into, out)
    arrays.show(edits.connect(design, wire))
    points = arrays.polyline(0)
    assert points[0].tolist() == pytest.approx(arrays.port_place(source, out, True))
    assert points[-1].tolist() == pytest.approx(arrays.port_place(target, into, False))
    hits = HitTest(arrays)
    for x, y in points.tolist():
        assert hits.wire_at(QPointF(x, y), 1.0) == 0
        left, top, right, bottom = arrays.box[0].tolist()
        assert left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1
    back, gutter = bool(arrays.back[0]), float(arrays.gutter[0])
    sx, sy, tx, ty = arrays.ends[0].tolist()
    path = wire_path(sx, sy, tx, ty, back, gutter, arrays.down)
    assert arrays.down == (flow == "down")
    for share in (0.0, 0.3, 0.5, 1.0):
        spot = path.pointAtPercent(share)
        assert g.distance(points, spot.x(), spot.y()) < 8.0
    assert g.distance(points, *middle(arrays, 0)) < 8.0
    assert path.boundingRect().adjusted(-1, -1, 1, 1).contains(QPointF(*middle(arrays, 0)))


@pytest.mark.parametrize("moving", ["full", "reduced"])
def test_the_view_is_fitted_anew_when_the_flow_turns(hands: Hands, moving: str, qtbot) -> None:
    before = motion.choice()
    motion.choose(moving)
    try:
        design = hands.document.design
        nodes = list(design.graph.nodes)[:2]
        for index in range(3, 12):  # far longer than wide
            design, node = edits.add_node(design, "ReLU", (0.0, index * 220.0))
            nodes.append(node)
        for source, target in itertools.pairwise(nodes):
            design = edits.connect(design, Wire(source, target))
        hands.document.change(design, "Lengthen")
        hands.view.set_zoom(1.6)
        hands.view.centre(QPointF(76, 0))
        assert not hands.view.shows_all
        arranging.set_flow(hands.view, "right")
        qtbot.waitUntil(lambda: not hands.view.sliding.active and not hands.view.gliding)
        assert hands.view.shows_all
        arranging.set_flow(hands.view, "down")
        qtbot.waitUntil(lambda: not hands.view.sliding.active and not hands.view.gliding)
        assert hands.view.shows_all
    finally:
        motion.choose(before)
