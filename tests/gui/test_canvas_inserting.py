"""Nodes put into wires, the ends of wires taken elsewhere, and the lines that what is moved falls onto."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.check import checker, preview
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.model import Wire
from gui.canvas.gestures.move import Move
from gui.document import Document
from tests.gui.test_canvas_gestures import ALT, CONTROL, LEFT, NONE, SHIFT, Hands, design_of, filled

DATA = DataSpec("", "", (FieldSpec("image", "image", (1, 28, 28), "float32"),), (), 10, 0, 0)


@pytest.fixture
def hands(qtbot) -> Hands:
    hands = Hands(qtbot, Document())
    hands.view.preview_wanted.connect(
        lambda graph, wire: hands.view.show_preview(wire, preview.outcome(graph, hands.document.report, wire))
    )
    return hands


@pytest.fixture
def chain(hands: Hands) -> list[str]:
    """Input → Conv2d → ReLU in a row, and a Tanh, a Linear, a Target and a Sigmoid below them, wired to nothing."""
    design, nodes = design_of("Input", "Conv2d", "ReLU", "Tanh", "Linear", "Target", "Sigmoid")
    lower = {node: (100.0 + 214 * index, 300.0) for index, node in enumerate(nodes[3:])}
    design = edits.move(design, lower)
    design = edits.set_parameter(design, nodes[1], "out_channels", 8)
    for wire in (Wire(nodes[0], nodes[1]), Wire(nodes[1], nodes[2])):
        design = edits.connect(design, wire)
    hands.document.change(design, "Fill")
    hands.document.set_report(design, checker.check(design, DATA))
    QApplication.processEvents()
    return nodes


def moving(hands: Hands) -> Move:
    gesture = hands.view.overlay.gesture
    assert isinstance(gesture, Move)
    return gesture


# -- into a wire -----------------------------------------------------------------------------------
def test_an_unwired_node_is_put_into_the_wire_that_lights_up(hands: Hands, chain) -> None:
    source, conv, relu, tanh, *_ = chain
    before = hands.document.design
    hands.drag((150, 310), (397, 18), release=False)  # by its header onto the wire from the convolution
    assert hands.view.arrays.selected_wires == {Wire(conv, relu)}
    assert moving(hands)._insertion.text == "→ 8×26×26"
    hands.view.grab()
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(397, 18))
    assert set(hands.document.design.graph.wires) == {Wire(source, conv), Wire(conv, tanh), Wire(tanh, relu)}
    assert hands.view.arrays.selected_wires == frozenset() and hands.labels()[-1].startswith("Insert")
    hands.document.undo_stack.undo()
    assert hands.document.design == before  # one step


def test_why_it_would_not_go_there_is_told_and_it_may_be_done(hands: Hands, chain) -> None:
    source, conv, _, _, linear, target, _ = chain
    hands.drag((364, 310), (183, 18), release=False)
    assert moving(hands)._insertion.wire == Wire(source, conv)
    told = moving(hands)._insertion.text
    assert "→" not in told and told.endswith(".")
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(183, 18))
    assert Wire(linear, conv) in hands.document.design.graph.wires
    hands.drag((540, 310), (397, 18))  # a Target has no input: nothing to put in
    assert not hands.document.design.graph.wires_from(target)


def test_a_wired_node_goes_in_only_with_control_and_its_old_wires_are_joined(hands: Hands, chain) -> None:
    source, conv, relu, tanh, _, _, sigmoid = chain
    wires = (Wire(relu, tanh), Wire(tanh, sigmoid))
    design = hands.document.design
    for wire in wires:
        design = edits.connect(design, wire)
    hands.document.change(design, "Wire")
    hands.document.set_report(design, checker.check(design, DATA))
    start, end = (150, 310), (183, 18)
    hands.drag(start, end, release=False)
    assert moving(hands)._insertion.wire is None and "Ctrl" in moving(hands)._insertion.text
    hands.move(hands.pixel(183, 19), held=CONTROL)
    assert moving(hands)._insertion.wire == Wire(source, conv)
    QTest.mouseRelease(hands.view.viewport(), LEFT, CONTROL, hands.pixel(*end))
    found = set(hands.document.design.graph.wires)
    assert found == {Wire(source, tanh), Wire(tanh, conv), Wire(conv, relu), Wire(relu, sigmoid)}
    hands.document.undo_stack.undo()
    assert hands.document.design == design


def test_without_control_a_wired_node_is_only_moved(hands: Hands, chain) -> None:
    wires = hands.document.design.graph.wires
    hands.drag((540, 12), (183, 18))  # the ReLU, over a wire that is not its own
    assert hands.document.design.graph.wires == wires and hands.labels()[-1].startswith("Move")


def test_escape_over_a_wire_leaves_all_as_it_was(hands: Hands, chain) -> None:
    before = hands.document.design
    hands.drag((150, 310), (397, 18), release=False)
    hands.key(Qt.Key.Key_Escape)
    assert hands.document.design == before and hands.view.arrays.selected_wires == frozenset()
    assert hands.view.layer.lifted is None


# -- the ends of wires -------------------------------------------------------------------------------
def test_a_wire_pressed_near_its_end_gives_that_end(hands: Hands, chain) -> None:
    source, conv, relu, tanh, *_ = chain
    hands.drag((410, 18), (100, 318))  # near the ReLU: its end goes to the Tanh
    assert set(hands.document.design.graph.wires) == {Wire(source, conv), Wire(conv, tanh)}
    hands.document.undo_stack.undo()
    hands.drag((384, 18), (252, 318))  # near the convolution: its start goes to the Tanh
    assert set(hands.document.design.graph.wires) == {Wire(source, conv), Wire(tanh, relu)}
    hands.document.undo_stack.undo()
    hands.click(397, 18)
    assert hands.view.arrays.selected_wires == {Wire(conv, relu)}  # a click only selects


def test_an_end_dropped_on_nothing_is_off_and_with_shift_asks_for_a_layer(hands: Hands, chain) -> None:
    source, conv, *_ = chain
    before = hands.document.design
    hands.drag((410, 18), (500, 250), held=SHIFT)
    popup = hands.view.popups.add_by_name
    assert popup.isVisible() and hands.document.design == before
    QTest.keyClick(popup._query, Qt.Key.Key_Escape)
    assert not popup.isVisible() and hands.document.design == before
    hands.drag((410, 18), (500, 250), held=SHIFT)
    QTest.keyClicks(popup._query, "maxpool2d")
    QTest.keyClick(popup._query, Qt.Key.Key_Return)
    (new,) = hands.document.selection
    assert set(hands.document.design.graph.wires) == {Wire(source, conv), Wire(conv, new)}
    hands.document.undo_stack.undo()
    assert hands.document.design == before
    hands.drag((410, 18), (500, 250))
    assert hands.document.design.graph.wires == (Wire(source, conv),) and not popup.isVisible()


def test_escape_puts_the_end_back(hands: Hands, chain) -> None:
    before = hands.document.design
    hands.drag((410, 18), (500, 250), release=False)
    assert hands.view.layer.hidden_wire is not None
    hands.key(Qt.Key.Key_Escape)
    assert hands.view.layer.hidden_wire is None and hands.document.design == before


def test_what_does_not_fit_is_listed_last_with_its_reason(hands: Hands, chain) -> None:
    _, _, relu, *_ = chain
    hands.drag((580, 18), (650, 200))
    popup = hands.view.popups.add_by_name
    assert popup.isVisible() and not popup._why_not.isVisible()
    QTest.keyClicks(popup._query, "linear")
    shown = [popup._list.item(i).text() for i in range(popup._list.count())]
    row = shown.index("Linear")
    assert row > shown.index("LeakyReLU") if "LeakyReLU" in shown else True
    popup._list.setCurrentRow(row)
    assert "8×26×26" in popup._why_not.text() and popup._why_not.isVisible()
    QTest.keyClick(popup._query, Qt.Key.Key_Return)
    (new,) = hands.document.selection  # it may be chosen: then it is a problem with a remedy
    assert Wire(relu, new) in hands.document.design.graph.wires


# -- lines and distances -----------------------------------------------------------------------------
def test_a_node_falls_into_line_with_a_neighbour_and_alt_lets_it_be_free(hands: Hands) -> None:
    _, b = filled(hands, "Conv2d", "Conv2d")
    hands.drag((264, 100), (264 - 211, 337), release=False)  # 3 short of the first one's edge
    snapping = moving(hands)._snapping
    assert snapping is not None and snapping._found.guides
    hands.view.grab()
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(53, 337))
    assert hands.document.design.places[b][0] == 0.0
    hands.drag((50, 337), (50, 340), held=ALT)
    hands.drag((50, 337), (57, 344), held=ALT)
    assert hands.document.design.places[b][0] == 7.0


def test_a_node_falls_to_an_equal_distance(hands: Hands) -> None:
    design, nodes = design_of("Conv2d", "Conv2d", "Target")
    design = edits.move(design, {nodes[2]: (600.0, 20.0)})
    hands.document.change(design, "Fill")
    QApplication.processEvents()
    hands.drag((700, 30), (700 - 169, 60))  # from 600 to about 431: 62 behind the second is 428
    assert hands.document.design.places[nodes[2]][0] == 428.0


def test_who_is_out_of_sight_attracts_nothing(hands: Hands) -> None:
    design, nodes = design_of("Conv2d", "Conv2d")
    hands.document.change(edits.move(design, {nodes[1]: (3.0, 3000.0)}), "Fill")
    QApplication.processEvents()
    hands.drag((50, 100), (51, 305))
    assert hands.document.design.places[nodes[0]] == (0.0, 204.0)  # the grid, not the 3 of the other


def test_all_dragged_at_once_have_no_neighbours(hands: Hands) -> None:
    nodes = filled(hands, "Conv2d", "ReLU", "Linear")
    hands.view.select_all()
    hands.drag((50, 100), (57, 105), held=NONE)
    assert {hands.document.design.places[n][1] for n in nodes} == {4.0}
    assert hands.view.mapToScene(hands.view.mapFromScene(QPointF(0, 0))) == QPointF(0, 0)


def test_neighbours_make_room_for_what_is_put_into_a_wire_in_one_step(hands: Hands, chain) -> None:
    _, conv, relu, tanh, *_ = chain
    before = hands.document.design
    hands.drag((150, 310), (397, 18))
    places = hands.document.design.places
    assert places[tanh][0] >= places[conv][0] + 152 + 40 and places[relu][0] >= places[tanh][0] + 152 + 40
    hands.document.undo_stack.undo()
    assert hands.document.design == before
