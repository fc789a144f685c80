"""The main parameters of a node, edited where they stand: by a click above 160 %, by key at any zoom."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.catalog import catalog
from engine.graph.model import Layer
from gui.canvas.content import main_parameters
from gui.canvas.menu import build
from gui.document import Document
from tests.gui.test_canvas_gestures import Hands, filled


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def near(hands: Hands, *kinds: str) -> list[str]:
    nodes = filled(hands, *kinds)
    hands.view.set_zoom(2.0)
    hands.view.centre(QPointF(100, 80))
    QApplication.processEvents()
    return nodes


def value(hands: Hands, node: str, name: str) -> object:
    return hands.document.design.graph.layer_of(node).parameters.get(name)


def test_a_click_on_the_line_edits_the_parameter_in_one_step(hands: Hands) -> None:
    (conv,) = near(hands, "Conv2d")
    hands.click(60, 46)
    editor, count = hands.view.popups.editor, hands.document.undo_stack.count()
    assert editor.isVisible() and editor.accessibleName() == "Kernel size"
    editor.selectAll()
    QTest.keyClicks(editor, "7")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert value(hands, conv, "kernel_size") in (7, (7, 7)) and not editor.isVisible()
    assert hands.labels()[-1] == "Set kernel size of conv1" and hands.document.undo_stack.count() == count + 1
    assert hands.view.hasFocus()


def test_escape_and_nothing_typed_leave_the_old_value(hands: Hands) -> None:
    near(hands, "Conv2d")
    before, editor = hands.document.design, hands.view.popups.editor
    for typed, key in (("9", Qt.Key.Key_Escape), ("", Qt.Key.Key_Return)):
        hands.click(60, 46)
        editor.clear()
        QTest.keyClicks(editor, typed)
        QTest.keyClick(editor, key)
        assert hands.document.design == before and not editor.isVisible()


@pytest.mark.parametrize("typed", ["seven", "-3", "3×3×3", "1e400", "0"])
def test_what_means_nothing_is_told_and_changes_nothing(hands: Hands, typed: str) -> None:
    near(hands, "Conv2d")
    told: list[str] = []
    hands.document.message_shown.connect(lambda text, _severity: told.append(text))
    before, editor = hands.document.design, hands.view.popups.editor
    hands.click(60, 46)
    editor.clear()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert hands.document.design == before and len(told) == 1 and told[0].startswith("Kernel size")


def test_tab_goes_through_the_main_parameters(hands: Hands) -> None:
    (conv,) = near(hands, "Conv2d")
    hands.click(60, 46)
    editor, seen = hands.view.popups.editor, list[str]()
    while editor.isVisible() and len(seen) < 9:
        seen.append(editor.accessibleName())
        if seen[-1] == "Filters":
            editor.selectAll()
            QTest.keyClicks(editor, "12")
        QTest.keyClick(editor, Qt.Key.Key_Tab)
    titles = [spec.title for spec in main_parameters(hands.document.design.graph.layer_of(conv))]
    assert seen == titles and seen[-1] == "Filters"
    assert value(hands, conv, "out_channels") == 12


def test_by_key_at_any_zoom_and_from_the_menu(hands: Hands) -> None:
    (linear,) = filled(hands, "Linear")
    hands.click(60, 46)
    editor = hands.view.popups.editor
    assert not editor.isVisible()  # at 100 % a click only selects
    hands.key(Qt.Key.Key_Return)
    assert editor.isVisible()
    editor.clear()
    QTest.keyClicks(editor, "33")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert value(hands, linear, "out_features") == 33
    assert any(action.text().startswith("Edit main parameter") for action in build(hands.view, None).actions())


def test_return_chooses_a_layer_while_one_is_being_named(hands: Hands) -> None:
    """The command of the window has the same key, for the canvas and all that stands on it."""
    (conv,) = filled(hands, "Conv2d")
    hands.document.select(frozenset({conv}))
    action = QAction("Edit main parameter", hands.view, shortcut=QKeySequence("Return"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(hands.view.edit_selected_parameter)
    hands.view.addAction(action)
    hands.key(Qt.Key.Key_Tab)
    query = hands.view.popups.add_by_name.findChild(QLineEdit)
    assert query is not None
    QTest.keyClicks(query, "relu")
    QTest.keyClick(query, Qt.Key.Key_Return)
    assert len(hands.document.design.graph.nodes) == 2 and not hands.view.popups.editor.isVisible()


def test_a_drag_by_the_line_still_moves_the_node(hands: Hands) -> None:
    (conv,) = near(hands, "Conv2d")
    hands.drag((60, 46), (100, 86))
    assert hands.document.design.places[conv] == (40.0, 40.0)
    assert not hands.view.popups.editor.isVisible()


def test_every_kind_tells_its_main_parameters() -> None:
    """Those without one open nothing; all others can be written and are numbers."""
    for kind, spec in catalog.load().layers.items():
        for parameter in main_parameters(Layer("x", kind)):
            assert parameter.essential and parameter in spec.parameters
