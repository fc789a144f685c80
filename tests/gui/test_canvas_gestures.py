"""The canvas with a real mouse and real keys: what a person does, and what the document then says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolTip

from engine.check.report import Fix, Problem, Report, TensorSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Wire
from engine.observe.picture import Look, Request
from gui.canvas.menu import build
from gui.canvas.tips import tip
from gui.canvas.view import CanvasView
from gui.document import Document
from tests.gui.commands import bind

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hands:
    """A canvas of 1,000 × 700 pixels at 100 %, its top left corner at (-100, -100), and a mouse over it."""

    def __init__(self, qtbot, document: Document):
        self.qtbot, self.document = qtbot, document
        self.view = CanvasView(document)
        self.actions = bind(self.view)
        qtbot.addWidget(self.view)
        self.view.resize(1000, 700)
        self.view.show()
        self.view.setFocus()
        self.view.set_zoom(1.0)
        self.view.centre(QPointF(400, 250))
        QApplication.processEvents()

    def pixel(self, x: float, y: float) -> QPoint:
        return self.view.mapFromScene(QPointF(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float], button=LEFT, held=NONE, release=True) -> None:
        target = self.view.viewport()
        a, b = self.pixel(*start), self.pixel(*end)
        QTest.mousePress(target, button, held, a)
        for k in range(1, 6):
            self.move(a + (b - a) * k / 5, button, held)
        if release:
            QTest.mouseRelease(target, button, held, b)

    def move(self, where: QPoint, button=LEFT, held=NONE) -> None:
        viewport = self.view.viewport()
        spot = QPointF(where)
        event = QMouseEvent(
            QEvent.Type.MouseMove, spot, viewport.mapToGlobal(spot), Qt.MouseButton.NoButton, button, held
        )
        QApplication.sendEvent(viewport, event)

    def click(self, x: float, y: float, held=NONE) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, held, self.pixel(x, y))

    def key(self, key: Qt.Key, held=NONE) -> None:
        QTest.keyClick(self.view, key, held)

    def labels(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(index) for index in range(stack.index())]


def design_of(*kinds: str) -> tuple[Design, list[str]]:
    """Unwired nodes in a row, 214 apart."""
    design, nodes = Design(), []
    for index, kind in enumerate(kinds):
        design, node = edits.add_node(design, kind, (index * 214.0, 0.0))
        nodes.append(node)
    return design, nodes


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def filled(hands: Hands, *kinds: str) -> list[str]:
    design, nodes = design_of(*kinds)
    hands.document.change(design, "Fill")
    QApplication.processEvents()
    return nodes


# -- selection ----------------------------------------------------------------------------------
def test_click_selects_and_click_on_nothing_lets_go(hands: Hands) -> None:
    a, b, _ = filled(hands, "Conv2d", "ReLU", "Linear")
    hands.click(50, 100)
    assert hands.document.selection == {a}
    hands.click(264, 100, SHIFT)
    assert hands.document.selection == {a, b}
    hands.click(50, 100, CONTROL)
    assert hands.document.selection == {b}
    hands.click(300, 400)
    assert hands.document.selection == frozenset()


def test_rubber_band_selects_adds_and_toggles(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "Linear")
    hands.drag((-20, -20), (230, 60))
    assert hands.document.selection == {a, b}
    hands.drag((400, -20), (600, 60), held=SHIFT)
    assert hands.document.selection == {a, b, c}
    hands.drag((-20, -20), (60, 60), held=CONTROL)
    assert hands.document.selection == {b, c}
    assert not hands.document.undo_stack.count() > 1  # selecting is no edit


def test_escape_cancels_a_rubber_band(hands: Hands) -> None:
    filled(hands, "Conv2d", "ReLU")
    hands.drag((-20, -20), (300, 60), release=False)
    assert hands.view.arrays.selected_rows().all()
    hands.key(Qt.Key.Key_Escape)
    assert not hands.view.arrays.selected_rows().any() and hands.document.selection == frozenset()


def test_arrows_move_the_selection_along_wires(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "Linear")
    design = edits.connect(hands.document.design, Wire(a, b))
    hands.document.change(edits.connect(design, Wire(b, c)), "Wire")
    hands.key(Qt.Key.Key_Right)
    assert hands.document.selection == {a}
    hands.key(Qt.Key.Key_Right)
    hands.key(Qt.Key.Key_Right)
    assert hands.document.selection == {c}
    hands.key(Qt.Key.Key_Left)
    assert hands.document.selection == {b}


# -- moving -------------------------------------------------------------------------------------
def test_drag_moves_the_selection_in_one_step_on_the_grid(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "Linear")
    hands.document.select(frozenset({a, b}))
    hands.drag((50, 100), (81, 297))  # far below the third, so that nothing attracts them
    places = hands.document.design.places
    assert places[a] == (32.0, 196.0) and places[b] == (246.0, 196.0) and places[c] == (428.0, 0.0)
    assert hands.labels() == ["Fill", "Move 2 layers"]
    hands.document.undo_stack.undo()
    assert hands.document.design.places[a] == (0.0, 0.0)
    assert tuple(hands.view.arrays.rects[0, :2]) == (0.0, 0.0)


def test_escape_cancels_a_drag_of_nodes(hands: Hands) -> None:
    filled(hands, "Conv2d", "ReLU")
    hands.drag((50, 100), (150, 200), release=False)
    assert hands.view.layer.lifted is not None and tuple(hands.view.arrays.rects[0, :2]) == (100.0, 100.0)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(150, 200))
    assert hands.view.layer.lifted is None and tuple(hands.view.arrays.rects[0, :2]) == (0.0, 0.0)
    assert hands.labels() == ["Fill"]


def test_a_click_that_trembles_moves_nothing(hands: Hands) -> None:
    filled(hands, "Conv2d")
    hands.drag((50, 100), (52, 101))
    assert hands.labels() == ["Fill"]


def test_alt_arrows_nudge_and_merge(hands: Hands) -> None:
    (a,) = filled(hands, "Conv2d")
    hands.document.select(frozenset({a}))
    hands.key(Qt.Key.Key_Right, ALT)
    hands.key(Qt.Key.Key_Down, ALT)
    assert hands.document.design.places[a] == (20.0, 20.0)
    assert hands.labels() == ["Fill", "Move conv1"]


def test_an_unwired_node_dropped_on_a_wire_goes_into_it(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    design = edits.move(hands.document.design, {b: (428.0, 0.0)})
    design = edits.connect(design, Wire(a, b))
    design, new = edits.add_node(design, "BatchNorm2d", (214.0, 300.0))
    hands.document.change(design, "More")
    hands.drag((300, 340), (300, 18))
    assert set(hands.document.design.graph.wires) == {Wire(a, new), Wire(new, b)}


# -- wires --------------------------------------------------------------------------------------
def test_drag_from_port_to_port_connects(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    hands.drag((152, 18), (214, 18))
    assert hands.document.design.graph.wires == (Wire(a, b),)
    assert hands.labels()[-1].startswith("Connect conv1 to relu1")


def test_drag_backwards_connects_too(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    hands.drag((214, 18), (150, 20))
    assert hands.document.design.graph.wires == (Wire(a, b),)


def test_drop_on_a_body_takes_the_first_free_input(hands: Hands) -> None:
    a, t, loss = filled(hands, "Linear", "Target", "CrossEntropyLoss")
    hands.document.change(edits.connect(hands.document.design, Wire(a, loss)), "Wire")
    hands.drag((214 + 152, 18), (428 + 80, 100))
    assert Wire(t, loss, "target") in hands.document.design.graph.wires
    assert Wire(a, loss) in hands.document.design.graph.wires


def test_the_end_of_a_wire_can_be_taken_elsewhere_or_off(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "ReLU")
    hands.document.change(edits.connect(hands.document.design, Wire(a, b)), "Wire")
    hands.drag((214, 18), (428, 18))
    assert hands.document.design.graph.wires == (Wire(a, c),)
    hands.drag((428, 18), (420, 400))
    assert hands.document.design.graph.wires == ()
    assert not hands.view.popups.add_by_name.isVisible()


def test_an_end_taken_to_another_port_of_its_node_keeps_its_place_in_the_order(hands: Hands) -> None:
    a, b, loss = filled(hands, "Linear", "ReLU", "CrossEntropyLoss")
    inputs = hands.view.arrays.inputs[hands.view.arrays.row[loss]]
    design = edits.connect(hands.document.design, Wire(a, loss, inputs[0]))
    hands.document.change(edits.connect(design, Wire(a, b)), "Wire")
    hands.drag((428, 18), (428, 42))
    assert hands.document.design.graph.wires == (Wire(a, loss, inputs[1]), Wire(a, b))
    assert len(hands.labels()) == 3
    hands.document.undo_stack.undo()
    assert hands.document.design.graph.wires == (Wire(a, loss, inputs[0]), Wire(a, b))


def test_an_invalid_wire_may_be_made(hands: Hands) -> None:
    t, conv = filled(hands, "Target", "Conv2d")
    hands.drag((152, 18), (214, 18))
    assert hands.document.design.graph.wires == (Wire(t, conv),)


def test_matching_ports_are_told_from_others_while_dragging(hands: Hands) -> None:
    filled(hands, "Conv2d", "ReLU")
    hands.drag((152, 18), (190, 60), release=False)
    assert hands.view.layer.faded_ports
    hands.view.grab()
    hands.key(Qt.Key.Key_Escape)
    assert not hands.view.layer.faded_ports and hands.document.design.graph.wires == ()


def test_a_wire_dropped_on_nothing_asks_for_a_layer_and_wires_it(hands: Hands) -> None:
    (a,) = filled(hands, "Conv2d")
    hands.drag((152, 18), (300, 200))
    popup = hands.view.popups.add_by_name
    assert popup.isVisible()
    listed = [popup._list.item(i) for i in range(popup._list.count())]
    spoken = {item.text(): item.data(Qt.ItemDataRole.AccessibleTextRole) for item in listed}
    order = [item.text() for item in listed]
    assert spoken["MaxPool2d"] == "MaxPool2d, Pooling" and order.index("MaxPool2d") < order.index("Input")
    assert spoken["Input"].endswith("does not fit: Input has no input.")  # dimmed, after all that fit
    QTest.keyClicks(popup._query, "maxpool2d")
    QTest.keyClick(popup._query, Qt.Key.Key_Return)
    (new,) = hands.document.selection
    assert hands.document.design.graph.wires == (Wire(a, new),)
    assert hands.document.design.graph.layer_of(new).kind == "MaxPool2d"
    assert hands.document.design.places[new] == pytest.approx((300.0, 182.0), abs=4)
    assert hands.labels()[-1] == "Add MaxPool2d (pool1)"


def test_click_on_a_wire_selects_it_and_delete_removes_it(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    hands.document.change(edits.connect(hands.document.design, Wire(a, b)), "Wire")
    hands.document.select(frozenset({a}))
    hands.click(183, 18)
    assert hands.view.arrays.selected_wires == {Wire(a, b)} and not hands.document.selection
    hands.key(Qt.Key.Key_Delete)
    assert hands.document.design.graph.wires == () and hands.labels()[-1] == "Delete wire"


# -- deleting and renaming ------------------------------------------------------------------------
def test_delete_keeps_the_wire_around_a_layer_that_keeps_the_shape(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "Conv2d")
    design = edits.connect(edits.connect(hands.document.design, Wire(a, b)), Wire(b, c))
    hands.document.change(design, "Wire")
    shape = TensorSpec((8, 4, 4))
    hands.document.set_report(design, Report(outputs=Frozen({((a,), "output"): shape, ((b,), "output"): shape})))
    hands.document.select(frozenset({b}))
    hands.key(Qt.Key.Key_Delete)
    assert hands.document.design.graph.wires == (Wire(a, c),) and b not in hands.document.design.graph.nodes
    assert hands.labels()[-1] == "Delete relu1"
    hands.document.undo_stack.undo()
    assert hands.document.design == design


def test_rename_by_double_click_and_by_key(hands: Hands) -> None:
    (a,) = filled(hands, "Conv2d")
    QTest.mouseDClick(hands.view.viewport(), LEFT, NONE, hands.pixel(60, 12))
    editor = hands.view.popups.editor
    assert editor.isVisible() and editor.accessibleName()
    editor.selectAll()
    QTest.keyClicks(editor, "first")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert hands.document.design.graph.nodes[a].label == "first" and not editor.isVisible()
    hands.document.select(frozenset({a}))
    hands.key(Qt.Key.Key_F2)
    QTest.keyClicks(editor, "other")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert hands.document.design.graph.nodes[a].label == "first"


# -- adding ---------------------------------------------------------------------------------------
def mime(kind: str) -> QMimeData:
    data = QMimeData()
    data.setData("application/x-strata-layer", kind.encode())
    return data


def drop(hands: Hands, kind: str, x: float, y: float) -> bool:
    viewport, data, spot = hands.view.viewport(), mime(kind), hands.pixel(x, y)
    actions = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(spot, actions, data, LEFT, NONE)
    QApplication.sendEvent(viewport, enter)
    QApplication.sendEvent(viewport, QDragMoveEvent(spot, actions, data, LEFT, NONE))
    hands.view.grab()
    if enter.isAccepted():
        QApplication.sendEvent(viewport, QDropEvent(QPointF(spot), actions, data, LEFT, NONE))
    return enter.isAccepted()


def test_a_layer_dropped_from_the_palette_lands_under_the_mouse(hands: Hands) -> None:
    assert drop(hands, "Conv2d", 300, 200)
    (node,) = hands.document.design.graph.nodes
    x, y = hands.document.design.places[node]
    assert abs(x + 76 - 300) <= 4 and abs(y + 18 - 200) <= 4 and x % 4 == 0 and y % 4 == 0
    assert hands.labels() == ["Add Conv2d (conv1)"] and hands.document.selection == {node}


def test_a_layer_dropped_on_a_wire_goes_into_it(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    design = edits.move(hands.document.design, {b: (600.0, 0.0)})
    hands.document.change(edits.connect(design, Wire(a, b)), "Wire")
    drop(hands, "BatchNorm2d", 380, 18)
    (new,) = hands.document.selection
    assert set(hands.document.design.graph.wires) == {Wire(a, new), Wire(new, b)}


def test_what_is_no_layer_is_refused_and_a_drag_that_leaves_leaves_nothing(hands: Hands) -> None:
    assert not drop(hands, "NoSuchLayer", 100, 100)
    data = mime("Conv2d")
    QApplication.sendEvent(
        hands.view.viewport(), QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, LEFT, NONE)
    )
    assert hands.view.overlay.gesture is not None
    QApplication.sendEvent(hands.view.viewport(), QDragLeaveEvent())
    assert hands.view.overlay.gesture is None and not hands.document.design.graph.nodes


def test_tab_adds_by_name_after_the_selected_node(hands: Hands) -> None:
    (a,) = filled(hands, "Conv2d")
    hands.document.select(frozenset({a}))
    hands.key(Qt.Key.Key_Tab)
    popup = hands.view.popups.add_by_name
    assert popup.isVisible() and popup._query.hasFocus()
    QTest.keyClicks(popup._query, "relu")
    QTest.keyClick(popup._query, Qt.Key.Key_Down)
    QTest.keyClick(popup._query, Qt.Key.Key_Up)
    QTest.keyClick(popup._query, Qt.Key.Key_Return)
    (new,) = hands.document.selection
    assert hands.document.design.graph.layer_of(new).kind == "ReLU"
    assert hands.document.design.graph.wires == (Wire(a, new),)
    assert hands.document.design.places[new] == (214.0, 0.0)
    assert not popup.isVisible() and hands.view.hasFocus()


def test_an_unknown_name_offers_the_nearest(hands: Hands) -> None:
    hands.key(Qt.Key.Key_Tab)
    popup = hands.view.popups.add_by_name
    QTest.keyClicks(popup._query, "convz2d")
    texts = [label.text() for label in popup.findChildren(QLabel) if label.isVisible()]
    assert any("No layer called ‘convz2d’. Did you mean Conv2d?" in text for text in texts)
    (button,) = [b for b in popup.findChildren(QPushButton) if b.isVisible()]
    assert button.text() == "Add Conv2d"
    QTest.mouseClick(button, LEFT)
    assert [hands.document.design.graph.layer_of(n).kind for n in hands.document.design.graph.nodes] == ["Conv2d"]


def test_escape_closes_the_panel_and_nothing_is_added(hands: Hands) -> None:
    hands.key(Qt.Key.Key_A, SHIFT)
    popup = hands.view.popups.add_by_name
    assert popup.isVisible()
    QTest.keyClick(popup._query, Qt.Key.Key_Escape)
    assert not popup.isVisible() and not hands.document.design.graph.nodes and hands.view.hasFocus()


def test_the_empty_canvas_says_what_to_do(hands: Hands, qtbot) -> None:
    empty = hands.view.empty
    assert empty.isVisible()
    button = empty.findChild(QPushButton)
    with qtbot.waitSignal(hands.view.templates_requested):
        QTest.mouseClick(button, LEFT)
    filled(hands, "Conv2d")
    assert not empty.isVisible()
    hands.document.undo_stack.undo()
    assert empty.isVisible()


# -- problems ---------------------------------------------------------------------------------------
def test_the_button_on_a_node_applies_the_fix(hands: Hands, monkeypatch) -> None:
    (a,) = filled(hands, "Linear")
    fix = Fix("insert_flatten", "Insert Flatten")
    problem = Problem("shape-mismatch", "error", "fc1 cannot.", "It needs one vector.", a, "input", fixes=(fix,))
    hands.document.set_report(hands.document.design, Report(problems=(problem,)))
    applied = []
    monkeypatch.setattr(hands.document, "apply_fix", applied.append)
    QApplication.processEvents()
    content = hands.view.layer.describer.content(a)
    assert content.error == ("Shape mismatch", "It needs one vector.") and content.fix == "Insert Flatten"
    hands.click(76, 125)
    assert applied == [fix] and hands.labels() == ["Fill"]
    hands.drag((76, 125), (300, 300))  # released elsewhere: nothing
    assert applied == [fix]


def test_a_layer_that_a_remedy_inserts_is_brought_into_sight(hands: Hands) -> None:
    design, (a, b) = design_of("Conv2d", "Linear")
    design = edits.connect(design, Wire(a, b))
    hands.document.change(design, "Fill")
    hands.view.centre(QPointF(5000, 5000))
    wire = {"source": a, "source_port": "output", "target": b, "target_port": "input"}
    hands.document.apply_fix(Fix("insert_flatten", "Insert Flatten", Frozen(wire)))
    (new,) = hands.document.design.graph.nodes.keys() - {a, b}
    row = hands.view.arrays.row[new]
    assert row in hands.view.visible_rows().tolist() and hands.view.visible_rect().contains(
        QRectF(*hands.view.arrays.rects[row].tolist())
    )


# -- the camera -----------------------------------------------------------------------------------
def test_a_long_graph_is_opened_where_it_begins_with_its_pictures(hands: Hands) -> None:
    hands.document.change(design_of(*["Conv2d"] * 12)[0], "Fill")
    hands.view.show_graph()
    shown = hands.view.visible_rect()
    assert hands.view.zoom == 0.5 and len(hands.view.visible_nodes()) >= 8
    assert -110 < shown.left() < 0 and abs(shown.center().y() - 76) < 4
    hands.view.fit()
    assert hands.view.zoom < 0.5 and len(hands.view.visible_rows()) == 12
    hands.document.change(design_of("Conv2d")[0], "Fill")
    hands.view.show_graph()
    assert hands.view.zoom == 1.0


def wheel(hands: Hands, spot: QPoint, angle: QPoint, held=NONE) -> None:
    viewport = hands.view.viewport()
    event = QWheelEvent(
        QPointF(spot),
        viewport.mapToGlobal(QPointF(spot)),
        QPoint(),
        angle,
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_the_wheel_zooms_to_the_cursor(hands: Hands) -> None:
    filled(hands, "Conv2d")
    spot = QPoint(700, 120)
    before = hands.view.viewportTransform().inverted()[0].map(QPointF(spot))
    for _ in range(4):
        wheel(hands, spot, QPoint(0, -120))
    after = hands.view.viewportTransform().inverted()[0].map(QPointF(spot))
    assert hands.view.zoom < 0.6
    assert abs(after.x() - before.x()) < 3 and abs(after.y() - before.y()) < 3
    for _ in range(60):
        wheel(hands, spot, QPoint(0, 120))
    assert hands.view.zoom <= 4.0


def test_shift_and_wheel_and_middle_drag_pan(hands: Hands) -> None:
    filled(hands, "Conv2d")
    start = hands.view.scroll_position()
    wheel(hands, QPoint(300, 300), QPoint(0, -120), SHIFT)
    assert hands.view.scroll_position()[0] > start[0] and hands.view.zoom == 1.0
    here = hands.view.visible_rect().topLeft()
    hands.drag((200, 200), (150, 170), button=MIDDLE)
    moved = hands.view.visible_rect().topLeft() - here
    assert (moved.x(), moved.y()) == (50, 30) or (abs(moved.x()) > 0 and abs(moved.y()) > 0)


def test_fit_and_zoom_keys(hands: Hands) -> None:
    nodes = filled(hands, *["Conv2d"] * 12)
    hands.key(Qt.Key.Key_F)
    rect = hands.view.visible_rect()
    assert rect.left() < 0 and rect.right() > 11 * 214 + 152
    hands.document.select(frozenset({nodes[0]}))
    hands.key(Qt.Key.Key_F, SHIFT)
    assert hands.view.zoom > 0.9
    hands.key(Qt.Key.Key_0, CONTROL)
    assert hands.view.zoom == 1.0
    hands.key(Qt.Key.Key_Equal, CONTROL)
    assert hands.view.zoom > 1.0
    hands.key(Qt.Key.Key_Minus, CONTROL)
    assert hands.view.zoom == 1.0
    state = hands.view.view_state()
    hands.key(Qt.Key.Key_F)
    hands.view.set_view_state(state)
    assert hands.view.view_state() == pytest.approx(state, abs=2)


def test_select_all_and_counts_for_screen_readers(hands: Hands) -> None:
    nodes = filled(hands, "Conv2d", "ReLU")
    hands.key(Qt.Key.Key_A, CONTROL)
    assert hands.document.selection == set(nodes)
    assert hands.view.accessibleName() == "Canvas"
    assert hands.view.accessibleDescription() == "2 layers, 0 wires, 2 selected, no errors"


# -- menus, tooltips and what lies over the canvas --------------------------------------------------
def test_the_menu_offers_what_can_be_done(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    hands.document.select(frozenset({a}))
    menu = build(hands.view, None)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert [text for text in texts if text in ("Rename", "Duplicate", "Delete")] == ["Rename", "Duplicate", "Delete"]
    next(action for action in menu.actions() if action.text().startswith("Duplicate")).trigger()
    assert len(hands.document.design.graph.nodes) == 3 and hands.labels()[-1] == "Duplicate conv1"
    assert b not in hands.document.selection and a not in hands.document.selection
    menu.deleteLater()


def test_tooltips_tell_problems_shapes_and_settings(hands: Hands) -> None:
    a, b = filled(hands, "Conv2d", "ReLU")
    design = edits.connect(hands.document.design, Wire(a, b))
    hands.document.change(design, "Wire")
    problem = Problem("odd", "error", "relu1 is odd.", "It has <3 wires.", b)
    hands.document.set_report(
        design, Report(outputs=Frozen({((a,), "output"): TensorSpec((8, 6, 6))}), problems=(problem,))
    )
    view = hands.view
    assert "It has &lt;3 wires." in tip(view, view.hit(QPointF(214 + 60, 60)))
    assert "Kernel size" in tip(view, view.hit(QPointF(60, 60)))
    assert "8×6×6" in tip(view, view.hit(QPointF(183, 18)))
    assert "8×6×6" in tip(view, view.hit(QPointF(152, 18)))
    assert tip(view, view.hit(QPointF(600, 600))) == ""


def test_the_panel_keeps_mouse_and_keys_from_the_canvas(hands: Hands) -> None:
    (a,) = filled(hands, "Conv2d")
    hands.document.select(frozenset({a}))
    hands.key(Qt.Key.Key_Tab)
    popup = hands.view.popups.add_by_name
    QTest.mousePress(popup, LEFT, NONE, QPoint(2, 2))
    assert not hands.view.pointing.busy
    QTest.mouseRelease(popup, LEFT, NONE, QPoint(2, 2))
    QTest.keyClick(popup._query, Qt.Key.Key_D, CONTROL)
    QTest.keyClick(popup._query, Qt.Key.Key_Tab)
    assert len(hands.document.design.graph.nodes) == 1 and popup.isVisible()


@pytest.mark.parametrize("start", [(50, 100), (-30, -30), (152, 18)])
def test_an_undo_in_the_middle_of_a_gesture_leaves_the_canvas_whole(hands: Hands, start) -> None:
    filled(hands, "Conv2d", "ReLU")
    for _ in range(4):
        hands.document.change(edits.add_node(hands.document.design, "ReLU", (0.0, 300.0))[0], "Add")
    hands.document.select(frozenset(hands.document.design.graph.nodes))
    hands.drag(start, (300, 350), release=False)
    for _ in range(4):
        hands.document.undo_stack.undo()
    hands.view.grab()
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(300, 350))
    arrays = hands.view.arrays
    assert arrays.ids == list(hands.document.design.graph.nodes) and hands.view.layer.lifted is None
    assert [tuple(rect[:2]) for rect in arrays.rects] == list(hands.document.design.places.values())
    assert hands.document.undo_stack.index() == 1


def test_n_shows_the_next_probe_and_p_pins_it(hands: Hands, qtbot) -> None:
    hands.view.probe_requested.connect(hands.document.show_probe)
    hands.key(Qt.Key.Key_N)
    assert hands.document.probe == 0  # no look yet, so nothing to step through
    hands.document.set_look(Look(Request(()), 1, 0.1, probe_count=3))
    hands.key(Qt.Key.Key_N)
    hands.key(Qt.Key.Key_P)
    assert hands.document.probe == 1 and hands.document.pinned_probes == (1,)


def test_the_focus_ring_is_for_keys(hands: Hands) -> None:
    filled(hands, "Conv2d")
    corner = lambda: hands.view.grab().toImage().pixelColor(0, 0).name()  # noqa: E731
    hands.click(300, 400)
    without = corner()
    hands.key(Qt.Key.Key_Right)
    assert corner() != without
    hands.click(300, 400)
    assert corner() == without


def test_over_a_list_nothing_is_told_of_the_node_below_it(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(hands, "Conv2d")
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_rest: told.append(text))
    cover = QLabel("a list", hands.view.viewport())
    cover.setGeometry(QRect(hands.pixel(50, 50), QSize(60, 40)))
    cover.show()
    for widget, (x, y) in ((cover, (5, 5)), (hands.view.viewport(), hands.pixel(20, 20).toTuple())):
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(x, y), QPoint(x, y)))
    assert len(told) == 1 and "conv1" in told[0]
