"""What a screen reader hears of values: numbers with their range, how far a run is, where the keys are in lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from test_main_window import window  # noqa: F401

from engine.catalog.spec import ParameterSpec
from engine.check.report import Fix, Problem, Report
from gui.main_window import MainWindow
from gui.panels import problems
from gui.panels.editors import make_editor
from gui.panels.number_editors import ENDLESS
from gui.panels.outline_model import NAME
from gui.theme import theme
from gui.widgets.progress import EpochBar


def value_of(widget: QWidget):
    return QAccessible.queryAccessibleInterface(widget).valueInterface()


# -- numbers ------------------------------------------------------------------------------------------
def test_a_number_and_its_range_are_told(qtbot) -> None:
    editor = make_editor(ParameterSpec("epochs", "int", "Epochs", 10, minimum=1, maximum=500))
    qtbot.addWidget(editor)
    editor.show_value(20)
    told = value_of(editor.field())
    assert (told.currentValue(), told.minimumValue(), told.maximumValue()) == (20, 1, 500)
    field = editor.field()
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert told.currentValue() == 21
    QTest.keyClicks(field, "0")
    assert told.currentValue() == 210
    editor.show_mixed()
    assert told.currentValue() is None
    assert QAccessible.queryAccessibleInterface(field).role() == QAccessible.Role.SpinBox


def test_numbers_without_bounds_and_numbers_of_axes(qtbot) -> None:
    free = make_editor(ParameterSpec("eps", "float", "Eps", 1e-5))
    kernel = make_editor(ParameterSpec("kernel_size", "ints", "Kernel size", 3, axes=2, minimum=1))
    for editor in (free, kernel):
        qtbot.addWidget(editor)
    free.show_value(-0.5)
    told = value_of(free.field())
    assert (told.currentValue(), told.minimumValue(), told.maximumValue()) == (-0.5, -ENDLESS, ENDLESS)
    kernel.show_value((5, 5))
    told = value_of(kernel.field())
    assert (told.currentValue(), told.minimumValue()) == (5, 1)
    kernel.show_value((5, 3))
    assert told.currentValue() is None, "two numbers are none; the text says them"


@given(values=st.lists(st.integers(1, 10_000), min_size=1, max_size=8))
def test_what_is_told_is_what_is_shown(qapp: QApplication, values: list[int]) -> None:
    editor = make_editor(ParameterSpec("units", "int", "Units", 1, minimum=1))
    for value in values:
        editor.show_value(value)
        assert value_of(editor.field()).currentValue() == value
    editor.deleteLater()


@given(done=st.integers(0, 20), total=st.integers(1, 20), fraction=st.floats(0, 1))
def test_progress_is_told_in_per_cent(qapp: QApplication, done: int, total: int, fraction: float) -> None:
    bar = EpochBar()
    bar.set_progress(min(done, total - 1), total, fraction)
    interface, expected = QAccessible.queryAccessibleInterface(bar), 100 * (min(done, total - 1) + fraction) / total
    assert interface.role() == QAccessible.Role.ProgressBar
    told = interface.valueInterface()
    assert (told.minimumValue(), told.maximumValue()) == (0, 100)
    assert abs(told.currentValue() - expected) <= 0.5
    bar.deleteLater()


# -- the window ------------------------------------------------------------------------------------------
def test_the_window_is_called_as_its_project(window: MainWindow) -> None:  # noqa: F811
    assert window.accessibleName() == "Untitled — Strata"


def current(window: MainWindow) -> str | None:  # noqa: F811
    return window.outline.model.node_at(window.outline.view.currentIndex())


def test_the_line_in_which_the_outline_renames_has_a_name(window: MainWindow) -> None:  # noqa: F811
    window.left.show_page(1)
    view = window.outline.view
    view.setFocus()
    view.setCurrentIndex(window.outline.model.index(1, NAME))
    window.outline.rename_selected()
    editor = view.findChild(QLineEdit)
    assert editor is not None and editor.accessibleName() == f"Name of {window.outline.model.index(1, NAME).data()}"
    QTest.keyClick(editor, Qt.Key.Key_Escape)


def test_whoever_comes_to_the_outline_stands_on_a_row(window: MainWindow) -> None:  # noqa: F811
    window.left.show_page(1)
    view = window.outline.view
    window.document.select(frozenset())
    view.selectionModel().setCurrentIndex(view.rootIndex(), QItemSelectionModel.SelectionFlag.NoUpdate)
    window.canvas.setFocus()
    before = window.document.selection
    view.setFocus()
    assert view.currentIndex().row() == 0 and window.document.selection == before


def test_the_row_where_the_keys_are_is_framed(window: MainWindow) -> None:  # noqa: F811
    window.left.show_page(1)
    view, model = window.outline.view, window.outline.model
    view.setFocus()
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    view.selectionModel().select(model.index(0, NAME), flags)
    view.selectionModel().setCurrentIndex(model.index(2, NAME), QItemSelectionModel.SelectionFlag.NoUpdate)
    QTest.qWait(20)

    def framed(row: int) -> bool:
        rect = view.row_rect(view.visualRect(model.index(row, NAME)))
        image = view.viewport().grab().toImage()
        line = [image.pixelColor(x, rect.top() + 1) for x in range(20, rect.width() - 20, 7)]
        return all(colour == theme.colour("accent") for colour in line)

    assert [framed(row) for row in range(4)] == [False, False, True, False]
    window.canvas.setFocus()
    QTest.qWait(20)
    assert not framed(2)


def test_a_layer_that_was_restored_is_where_the_keys_are(window: MainWindow) -> None:  # noqa: F811
    window.left.show_page(1)
    nodes = [window.outline.model.node_at(window.outline.model.index(row, NAME)) for row in range(4)]
    for node in nodes[1:]:
        assert node is not None
        window.document.select(frozenset({node}))
        assert current(window) == node
        window.actions_["delete"].trigger()
        window.actions_["undo"].trigger()
        window.document.select(frozenset({node}))
        assert current(window) == node
        assert window.outline._nodes_of_rows() == frozenset({node})


def test_the_problem_gone_to_is_marked_and_told(
    window: MainWindow,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(problems, "announce", lambda _widget, text: told.append(text))
    document, nodes = window.document, list(window.document.design.graph.nodes)
    found = tuple(Problem("odd", "error", f"{node} is odd.", "So.", node) for node in nodes[:2])
    fix = Fix("disconnect", "Take the wire away")
    found = (*found, Problem("odd", "warning", "It is slow.", "So.", nodes[2], fixes=(fix,)))
    document.set_report(document.design, Report(problems=found))
    rows = window.problems._rows

    def marked() -> list[int]:
        return [
            i for i, row in enumerate(rows) if row.property("current") and problems.HERE in row.accessibleDescription()
        ]

    assert marked() == []
    window.actions_["next_problem"].trigger()
    window.actions_["next_problem"].trigger()
    QTest.qWait(20)
    assert marked() == [1] and document.selection == {nodes[1]}
    assert told == [f"Problem 1 of 3. {found[0].sentence()}", f"Problem 2 of 3. {found[1].sentence()}"]
    row = rows[1]
    edge = row.grab().toImage().pixelColor(1, row.height() // 2)
    assert edge == theme.colour("accent") and rows[0].grab().toImage().pixelColor(1, 20) != edge
    monkeypatch.setattr(document, "apply_fix", lambda applied: told.append(applied.label))
    window.actions_["fix"].trigger()
    assert marked() == [2] and told[-1] == fix.label


def test_each_row_of_a_narrow_outline_shows_the_glyph_of_its_family(window: MainWindow) -> None:  # noqa: F811
    window.left.show_page(1)
    QTest.qWait(20)
    view, model = window.outline.view, window.outline.model
    assert window.outline.delegate.folded, "the dock has no room for all columns"
    image = view.viewport().grab().toImage()
    for row in range(3):
        rect = view.visualRect(model.index(row, NAME))
        room = [
            image.pixelColor(rect.left() + x, rect.top() + y) for x in range(5, 19) for y in range(8, rect.height() - 8)
        ]
        assert len({colour.rgb() for colour in room}) > 3, model.index(row, NAME).data()
