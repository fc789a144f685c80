"""Keys as a value: no two commands ever share one, what is given is had, what is damaged is left out."""

from __future__ import annotations

import html
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from gui.actions import ACTIONS, MENUS, ROWS
from gui.shortcuts import sheet
from gui.shortcuts.keymap import KeyMap, native, portable, pressed, read, types_text, why_not
from gui.shortcuts.presets import PRESETS, TITLES

KEYS = ("Ctrl+S", "Ctrl+D", "Del", "F", "Shift+F", "N", "Tab", "Alt+C", "F9", "Ctrl+Shift+K", "X", "Esc", "Ctrl+1")
ids = st.sampled_from([row.id for row in ACTIONS])
changes = st.lists(
    st.one_of(
        st.tuples(st.just("give"), ids, st.lists(st.sampled_from(KEYS), max_size=3)),
        st.tuples(st.just("reset"), ids),
        st.tuples(st.just("preset"), st.sampled_from(sorted(PRESETS))),
        st.tuples(st.just("all")),
    ),
    max_size=12,
)


def apply(keymap: KeyMap, change: tuple) -> KeyMap:
    match change:
        case ("give", action, keys):
            return keymap.give(action, keys)
        case ("reset", action):
            return keymap.reset(action)
        case ("preset", name):
            return keymap.with_preset(name)
    return keymap.reset_all()


def shared(keymap: KeyMap) -> list[str]:
    """Keys that two commands have where both could act."""
    found = []
    for spare in (False, True):
        keys = [key for row in ACTIONS if (row.scope == "spare") == spare for key in keymap.keys(row.id)]
        found += [key for key in set(keys) if keys.count(key) > 1]
    return found


@given(changes)
def test_no_key_ever_means_two_things(steps) -> None:
    keymap = KeyMap()
    for step in steps:
        keymap = apply(keymap, step)
        assert not shared(keymap)


@given(changes, ids, st.lists(st.sampled_from(KEYS), max_size=3))
def test_what_is_given_is_had_and_a_reset_takes_it_back(steps, action, keys) -> None:
    keymap = KeyMap()
    for step in steps:
        keymap = apply(keymap, step)
    changed = keymap.give(action, keys)
    assert changed.keys(action) == tuple(dict.fromkeys(keys))
    for key in keys:
        assert keymap.holder(key, action) is None or changed.holder(key, action) is None
    assert action not in changed.reset(action).own
    assert changed.reset_all().own == {} and changed.reset_all() == KeyMap(keymap.preset)


@given(changes)
def test_settings_bring_back_what_was_kept(steps) -> None:
    keymap = KeyMap()
    for step in steps:
        keymap = apply(keymap, step)
    usable = {a: k for a, k in keymap.own.items() if not any(why_not(ROWS[a], key) for key in k)}
    keymap = KeyMap(keymap.preset, usable)
    again = read(keymap.preset, {action: list(keys) for action, keys in keymap.own.items()})
    assert again == keymap


def test_taking_a_key_and_giving_it_back() -> None:
    taken = KeyMap().give("duplicate", ("Ctrl+D", "F2"))
    assert taken.keys("rename") == () and taken.holder("F2", "rename") == ROWS["duplicate"]
    assert taken.wanted("rename") == ("F2",)
    assert taken.reset("duplicate").keys("rename") == ("F2",)
    both = taken.give("rename", ("F2",))
    assert both.keys("duplicate") == ("Ctrl+D",) and both.keys("rename") == ("F2",)


def test_a_preset_leaves_what_the_person_has_changed() -> None:
    mine = KeyMap().give("save", ("F9",)).with_preset("blender")
    assert mine.keys("save") == ("F9",) and mine.keys("duplicate") == ("Shift+D",)
    assert mine.give("train", ("X",)).keys("delete") == ("Del", "Ctrl+X", "Ctrl+Del")


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_name_commands_and_keys_that_exist(preset: str) -> None:
    keymap = KeyMap(preset)
    assert preset in TITLES and not shared(keymap)
    for action, keys in PRESETS[preset].items():
        assert [portable(key) for key in keys] == list(keymap.keys(action)), action
        for key in keys:
            assert not why_not(ROWS[action], key), (action, key)
    lost = [row.id for row in ACTIONS if row.keys and not keymap.keys(row.id)]
    assert not lost, f"commands that have a key of ours have none in {preset}: {lost}"


def test_keys_that_cannot_be_had_say_why() -> None:
    save, delete = ROWS["save"], ROWS["delete"]
    assert "text fields" in why_not(save, "S") and "Ctrl or Alt" in why_not(save, "S")
    assert not why_not(delete, "S") and not why_not(save, "F9") and not why_not(save, "Ctrl+S")
    assert all(menu in why_not(delete, f"Alt+{menu[0]}") for menu in MENUS)
    assert "Space" in why_not(delete, "Space")
    for nothing in ("", "Ctrl+Blah", "Ctrl+K, Ctrl+S", "Ctrl+"):
        assert why_not(delete, nothing), nothing
    assert types_text("Del") and types_text("Shift+A") and not types_text("Ctrl+A") and not types_text("F5")


@given(
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.lists(st.text(max_size=6)))), st.text()
)
def test_any_settings_can_be_read(own, preset) -> None:
    assert not shared(read(preset, own))


def test_what_settings_hold_and_nobody_knows_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="strata"):
        keymap = read("emacs", {"fly": ["F9"], "save": ["F9", "Ctrl+Blah", 7, "S"], "delete": "X"})
    assert keymap == KeyMap("strata", {"save": ("F9",)})
    told = " ".join(record.getMessage() for record in caplog.records)
    assert all(word in told for word in ("emacs", "fly", "Ctrl+Blah", "delete"))


@pytest.mark.parametrize(
    ("key", "held", "text", "portably"),
    [
        (Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier, "A", "Shift+A"),
        (Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier, "?", "?"),
        (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5", "5"),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t", "Tab"),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier, " ", "Shift+Space"),
        (Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier, "", ""),
        (Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier, "\x13", "Ctrl+S"),
    ],
)
def test_presses_are_told_as_keys(key, held, text, portably) -> None:
    assert pressed(QKeyEvent(QEvent.Type.KeyPress, key, held, text)) == portably


def test_the_cheat_sheet_holds_every_command_with_a_key() -> None:
    keymap = KeyMap("blender").give("save", ("Ctrl+<",))
    text, page = sheet.as_text(keymap), sheet.as_html(keymap)
    for row in ACTIONS:
        if keymap.keys(row.id):
            keys = sheet.key_text(keymap, row.id)
            assert row.title in text and keys in text
            assert html.escape(row.title) in page and html.escape(keys) in page and html.escape(row.help) in page
    assert "Blender" in text and "Blender" in page and native("Shift+D") in text
    assert [menu for menu, _ in sheet.in_menus()] == list(MENUS)
