"""The undo history: its steps, what they are marked with, and going to any of them."""

from __future__ import annotations

import pathlib
import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.commands import ChangeDesign
from gui.document import Document
from gui.main_window import MainWindow
from gui.undo_history import Steps
from tests.gui.test_main_window import window  # noqa: F401


def edit(document: Document, epochs: int) -> None:
    recipe = replace(document.design.recipe, epochs=epochs)
    document.change(replace(document.design, recipe=recipe), f"Set epochs to {epochs}")


@settings(max_examples=30)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_going_to_a_step_is_undoing_or_redoing_to_it(goals: list[int]) -> None:
    document = Document()
    designs = [document.design]
    for epochs in range(101, 113):
        edit(document, epochs)
        designs.append(document.design)
    told: list[tuple] = []
    document.design_changed.connect(lambda before, after: told.append((before, after)))
    at = len(designs) - 1
    for goal in goals:
        told.clear()
        document.go_to_step(goal)
        assert document.design == designs[goal] and document.undo_stack.index() == goal
        assert told == ([(designs[at], designs[goal])] if at != goal else []), "one change, however far it is"
        at = goal


def test_steps_are_marked_as_now_undone_and_saved(qtbot, tmp_path: pathlib.Path) -> None:
    document = Document()
    steps = Steps(document)
    steps.watch(True)

    def told() -> list[str]:
        return [steps.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(steps.rowCount())]

    assert told() == ["As it was opened, now"], "a project without a file was never saved"
    edit(document, 101)
    edit(document, 102)
    document.mark_saved(tmp_path / "a.strata")
    edit(document, 103)
    document.undo_stack.undo()
    assert told() == [
        "As it was opened",
        "Set epochs to 101",
        "Set epochs to 102, now, saved",
        "Set epochs to 103, undone",
    ]
    assert "saved" in steps.index(2).data() and "saved" not in steps.index(1).data()
    steps.watch(False)
    assert steps.rowCount() == 0


def test_it_opens_by_key_and_leads_there_by_key_and_click(window: MainWindow) -> None:  # noqa: F811
    document, history = window.document, window.undo_history
    assert not window.actions_["undo_history"].isEnabled()
    for epochs in (101, 102, 103):
        edit(document, epochs)
    window.canvas.setFocus()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, held)
    assert history.isVisible() and history.list.hasFocus() and history.list.currentIndex().row() == 3
    QTest.keyClick(history.list, Qt.Key.Key_Up)
    QTest.keyClick(history.list, Qt.Key.Key_Up)
    QTest.keyClick(history.list, Qt.Key.Key_Return)
    assert document.design.recipe.epochs == 101 and history.isVisible()
    spot = history.list.visualRect(history.steps.index(3)).center()
    QTest.mouseClick(history.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert document.design.recipe.epochs == 103
    QTest.keyClick(history.list, Qt.Key.Key_Escape)
    assert not history.isVisible() and window.canvas.hasFocus()
    window.toolbar.history.click()
    assert history.isVisible() and history.x() <= window.toolbar.history.mapTo(window, history.rect().topLeft()).x()
    window.files.show_design(document.design)
    assert not history.isVisible(), "another project has another history"


def test_five_thousand_steps_are_shown_and_crossed_at_once(window: MainWindow) -> None:  # noqa: F811
    document = window.document
    design = document.design
    other = replace(design, recipe=replace(design.recipe, epochs=99))
    document.blockSignals(True)  # until they are all made: only what is tested takes its time
    for number in range(5000):
        before, after = (design, other) if number % 2 == 0 else (other, design)
        document.undo_stack.push(ChangeDesign(before, after, f"Step {number}", document._set_design, None))
    document.blockSignals(False)
    begun = time.thread_time()
    window.undo_history.open()
    window.undo_history.go(1)
    assert time.thread_time() - begun < 0.5
    assert document.design == other and document.undo_stack.index() == 1
    assert window.undo_history.steps.rowCount() == 5001
