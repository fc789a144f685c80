"""The window by keys alone: one command is one command wherever it is given, and keys go to what has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from test_main_window import window  # noqa: F401 (a fixture)

from engine.check import checker
from engine.data.spec import DataSpec, FieldSpec
from engine.graph.model import NodeId
from gui.main_window import MainWindow


def named(window: MainWindow, label: str) -> NodeId:  # noqa: F811
    return next(n.id for n in window.document.design.graph.nodes.values() if n.label == label)


def choose(window: MainWindow, label: str) -> NodeId:  # noqa: F811
    node = named(window, label)
    window.document.select(frozenset({node}))
    return node


def active(window: MainWindow, qtbot) -> None:  # noqa: F811
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.canvas.setFocus()


def test_delete_leaves_the_same_design_on_the_canvas_and_in_the_outline(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    before = window.document.design
    data = DataSpec("", "", (FieldSpec("image", "image", (1, 28, 28), "float32"),), (), 10, 0, 0)
    window.document.set_report(before, checker.check(before, data))
    choose(window, "relu1")
    QTest.keyClick(window.canvas, Qt.Key.Key_Delete)
    by_canvas, told = window.document.design, window.document.undo_stack.undoText()
    assert len(by_canvas.graph.wires) == len(before.graph.wires) - 1, "the chain is closed"
    window.document.undo_stack.undo()
    window.document.set_report(before, checker.check(before, data))
    window.left.show_page(1)
    choose(window, "relu1")
    window.outline.view.setFocus()
    QTest.keyClick(window.outline.view, Qt.Key.Key_Delete)
    assert window.document.design == by_canvas and window.document.undo_stack.undoText() == told


def test_the_command_palette_stays_where_a_layer_was_being_added(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    window.canvas.open_add_by_name()
    field = QApplication.focusWidget()
    QTest.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.command_palette.isVisible() and QApplication.focusWidget() is window.command_palette.query
    assert not window.canvas.popups.add_by_name.isVisible()
    QTest.keyClicks(QApplication.focusWidget(), "fit")
    assert window.command_palette.query.text() == "fit"


def test_leaving_a_name_for_another_pane_goes_there(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    node = choose(window, "relu1")
    window.canvas.rename(node)
    QTest.keyClicks(QApplication.focusWidget(), "act")
    window.palette_.search.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.palette_.search.hasFocus() and window.document.design.graph.nodes[node].label == "act"


def test_arrows_belong_to_the_menu_bar_while_it_has_the_focus(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    bar = window.menuBar()
    node = choose(window, "relu1")
    bar.setFocus(Qt.FocusReason.MenuBarFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Delete):
        press = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        press.ignore()
        QApplication.sendEvent(bar, press)
        assert press.isAccepted()
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert window.document.selection == frozenset({node})


def test_a_search_of_layers_is_there_in_a_narrow_window_too(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    QTest.keyClick(window.canvas, Qt.Key.Key_Slash)
    assert window.palette_.search.hasFocus()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: not window.palette_.has_search)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Slash)
    assert window.canvas.popups.add_by_name.isVisible()
    assert window.canvas.popups.add_by_name.isAncestorOf(QApplication.focusWidget())


def test_the_canvas_shows_its_ring_after_work_by_keys(window: MainWindow, qtbot) -> None:  # noqa: F811
    active(window, qtbot)
    canvas = window.canvas
    for begin, typed in (
        (lambda: canvas.open_add_by_name(), "relu"),
        (lambda: canvas.rename(choose(window, "fc1")), "a"),
    ):
        canvas._show_ring(False)
        begin()
        QTest.keyClicks(QApplication.focusWidget(), typed)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert canvas.hasFocus() and canvas._ring
    canvas._show_ring(False)
    QTest.keyClick(canvas, Qt.Key.Key_F8)
    assert canvas.hasFocus() and canvas._ring
