"""The dialog of keys: searched, recorded, taken from another command, reset, of another program, kept as a sheet."""

from __future__ import annotations

import pathlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.actions import ACTIONS
from gui.settings import Settings
from gui.shortcuts import in_force, keymap
from gui.shortcuts.dialog import ShortcutsDialog
from gui.shortcuts.keymap import KeyMap
from gui.shortcuts.model import COMMAND, KEYS

Key, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(qtbot, tmp_path: pathlib.Path):
    in_force.use(KeyMap())
    dialog = ShortcutsDialog(Settings(tmp_path / "strata.ini"), None)  # type: ignore[arg-type]
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isActiveWindow)
    yield dialog
    in_force.use(KeyMap())


def record(dialog: ShortcutsDialog, action: str, key: Qt.Key, held=Qt.KeyboardModifier.NoModifier) -> None:
    dialog.show_action(action)
    dialog.recorder.setFocus()
    QTest.keyClick(dialog.recorder, Key.Key_Space)
    assert dialog.recorder.listening
    QTest.keyClick(dialog.recorder, key, held)


def keys(action: str) -> tuple[str, ...]:
    return in_force.keymap().keys(action)


def test_all_commands_stand_in_it_and_can_be_searched_by_any_word(dialog: ShortcutsDialog) -> None:
    shown = [dialog.filter.index(row, COMMAND).data() for row in range(dialog.filter.rowCount())]
    assert sorted(shown) == sorted(row.title for row in ACTIONS)
    for text, title in (("ctrl+d", "Duplicate"), ("edit dupl", "Duplicate"), ("optimiser", "Recipe")):
        dialog.search.setText(text)
        assert [dialog.filter.index(row, COMMAND).data() for row in range(dialog.filter.rowCount())] == [title]
    dialog.search.setText("zzzz")
    assert dialog.filter.rowCount() == 0 and not dialog.recorder.isEnabled()
    dialog.search.clear()
    assert dialog.filter.rowCount() == len(ACTIONS) and dialog.recorder.isEnabled()


def test_a_free_key_is_added_at_once_and_kept(dialog: ShortcutsDialog) -> None:
    record(dialog, "duplicate", Key.Key_F9)
    assert keys("duplicate") == ("Ctrl+D", "F9") and not dialog.recorder.listening
    settings = dialog._settings
    assert keymap.read(settings.key_preset, settings.own_keys) == in_force.keymap()
    row = next(r for r in range(dialog.filter.rowCount()) if dialog.filter.index(r, COMMAND).data() == "Duplicate")
    assert dialog.filter.index(row, KEYS).data() == "Ctrl+D or F9" and "F9" in dialog.name.text()
    assert dialog.filter.index(row, COMMAND).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Duplicate, Ctrl+D")
    dialog.reset.click()
    assert keys("duplicate") == ("Ctrl+D",) and not dialog.reset.isEnabled() and not dialog.reset_all.isEnabled()


def test_tab_arrows_and_enter_can_be_recorded_and_escape_stops(dialog: ShortcutsDialog) -> None:
    record(dialog, "add_layer", Key.Key_Escape)
    assert not dialog.recorder.listening and dialog.isVisible() and keys("add_layer") == ("Tab", "Shift+A")
    record(dialog, "find_layer", Key.Key_Tab, CONTROL)
    assert "Ctrl+Tab" in keys("find_layer")
    record(dialog, "find_layer", Key.Key_PageDown)
    assert "PgDown" in keys("find_layer")
    dialog.show_action("zoom_in")
    dialog.recorder.click()
    dialog.search.setFocus()
    assert not dialog.recorder.listening, "who leaves the button means no key"


def test_from_the_search_by_enter_to_the_row_and_its_key(dialog: ShortcutsDialog) -> None:
    dialog.search.setFocus()
    QTest.keyClicks(dialog.search, "dupl")
    QTest.keyClick(dialog.search, Key.Key_Return)
    assert dialog.view.hasFocus()
    QTest.keyClick(dialog.view, Key.Key_Return)
    assert dialog.recorder.listening and dialog.recorder.hasFocus()
    QTest.keyClick(dialog.recorder, Key.Key_Return, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert keys("duplicate") == ("Ctrl+D", "Ctrl+Shift+Return") and dialog.isVisible()


def test_a_key_of_another_command_is_asked_about(dialog: ShortcutsDialog) -> None:
    record(dialog, "duplicate", Key.Key_S, CONTROL)
    assert keys("save") == ("Ctrl+S",) and "belongs to Save" in dialog.note.text()
    assert dialog.take.isVisible() and dialog.take.hasFocus() and dialog.take.accessibleName() == "Take it from Save"
    QTest.keyClick(dialog.take, Key.Key_Escape)
    assert dialog.isVisible() and not dialog.take.isVisible() and keys("duplicate") == ("Ctrl+D",)
    record(dialog, "duplicate", Key.Key_S, CONTROL)
    dialog.take.click()
    assert keys("duplicate") == ("Ctrl+D", "Ctrl+S") and keys("save") == ()
    dialog.show_action("save")
    assert "belongs to Duplicate now" in dialog.note.text() and "no key" in dialog.name.text()
    dialog.reset_all.click()
    assert keys("save") == ("Ctrl+S",) and in_force.keymap().own == {}


def test_keys_that_cannot_be_had_are_refused_with_a_reason(dialog: ShortcutsDialog) -> None:
    record(dialog, "save", Key.Key_S)
    assert "Ctrl or Alt" in dialog.note.text() and keys("save") == ("Ctrl+S",)
    record(dialog, "rename", Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert "opens the menu File" in dialog.note.text() and keys("rename") == ("F2",)
    record(dialog, "rename", Key.Key_F2)
    assert "already" in dialog.note.text() and keys("rename") == ("F2",)


def test_all_keys_of_a_command_can_be_removed(dialog: ShortcutsDialog) -> None:
    dialog.show_action("delete")
    dialog.remove.click()
    assert keys("delete") == () and not dialog.remove.isEnabled()


def test_another_programs_keys_are_taken_over(dialog: ShortcutsDialog) -> None:
    index = dialog.preset.findText("Blender")
    dialog.preset.setCurrentIndex(index)
    dialog.preset.activated.emit(index)
    assert keys("duplicate") == ("Shift+D",) and dialog._settings.key_preset == "blender"


def test_the_sheet_is_written_as_page_or_text(dialog: ShortcutsDialog, tmp_path: pathlib.Path) -> None:
    dialog.write_sheet(tmp_path / "keys.html")
    dialog.write_sheet(tmp_path / "keys.TXT")
    assert (tmp_path / "keys.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "keys.TXT").read_text("utf-8").startswith("Strata: keys of Strata")
    dialog.write_sheet(tmp_path / "nowhere" / "keys.html")
    assert "could not be written" in dialog.note.text() and "another folder" in dialog.note.text()


def test_every_part_has_a_name(dialog: ShortcutsDialog) -> None:
    for part in (dialog.view, dialog.search, dialog.preset, dialog.recorder, dialog.remove, dialog.reset, dialog.save):
        assert part.accessibleName(), part
    assert not dialog.grab().isNull()
