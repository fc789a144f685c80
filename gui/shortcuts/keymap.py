"""Which keys do what, as a value: a preset, and beside it what the person has changed.

Keys are portable texts of one chord (‘Ctrl+Shift+Z’). No two commands ever have the same key where both could act: what
a person gives to a command is taken from the others, what a preset gives is taken from Strata's own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from gui.action_row import ActionRow
from gui.actions import ACTIONS, MENUS, ROWS
from gui.faults import log
from gui.shortcuts.presets import PRESETS, STRATA

Keys = tuple[str, ...]
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_EDITING = (Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_EDITING += (Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Insert, Qt.Key.Key_Home, Qt.Key.Key_End)
_EDITING += (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def _first(sequence: QKeySequence) -> QKeyCombination:
    return cast(Any, sequence)[0]  # its stubs know of no items


@functools.lru_cache(maxsize=1024)
def portable(text: str) -> str:
    """A key as it is written everywhere (‘delete’ → ‘Del’); empty where it is none, or more than one chord."""
    sequence = QKeySequence(text)
    if sequence.count() != 1 or _first(sequence).key() in (Qt.Key.Key_unknown, *_MODIFIERS):
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def pressed(event: QKeyEvent) -> str:
    """The key of a press as a portable text; empty for a modifier alone. The number pad counts as the other keys do,
    and Shift only where the character does not tell of it (‘?’, but ‘Shift+A’)."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.GroupSwitchModifier
    text = event.text()
    if text and text.isprintable() and not text.isalnum() and not text.isspace():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return portable(QKeySequence(QKeyCombination(held, Qt.Key(event.key()))).toString())


def types_text(key: str) -> bool:
    """Whether a text field or a list would want this key for itself."""
    combination = _first(QKeySequence(key))
    strong = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    if combination.keyboardModifiers() & strong:
        return False
    return combination.key() < Qt.Key.Key_Escape or combination.key() in _EDITING


def why_not(row: ActionRow, key: str) -> str:
    """Why a command cannot have a key, as a sentence; empty where it can."""
    if not portable(key):
        return f"‘{key}’ is no key that can be used."
    mnemonic = next((menu for menu in MENUS if portable(f"Alt+{menu[0]}") == portable(key)), None)
    if mnemonic is not None:
        return f"{native(key)} opens the menu {mnemonic}."
    if row.scope == "window" and types_text(portable(key)):
        return (
            f"{native(key)} would be typed into text fields, and {row.title} acts in the whole window. "
            "Press it together with Ctrl or Alt."
        )
    if portable(key) == "Space" and row.scope in ("canvas", "graph"):
        return "Space moves the canvas while it is held."
    return ""


@dataclass(frozen=True)
class KeyMap:
    """`own` holds the keys of the commands that the person has changed, none of them where the tuple is empty."""

    preset: str = STRATA
    own: Mapping[str, Keys] = field(default_factory=dict)

    @functools.cached_property
    def _settled(self) -> dict[str, Keys]:
        """The keys in force: the person's first, then the preset's, then Strata's; each key goes to one command."""
        settled: dict[str, Keys] = {}
        taken: dict[bool, set[str]] = {True: set(), False: set()}  # those that only spare keys may have too
        for source in (self.own, PRESETS[self.preset], {row.id: row.keys for row in ACTIONS}):
            for row in ACTIONS:
                if row.id in settled or row.id not in source:
                    continue
                used = taken[row.scope == "spare"]
                keys = dict.fromkeys(portable(key) for key in source[row.id])
                settled[row.id] = tuple(key for key in keys if key not in used)
                used.update(keys)
        return settled

    def keys(self, action: str) -> Keys:
        """The keys of a command, the one to be shown first; portable texts."""
        return self._settled[action]

    def wanted(self, action: str) -> Keys:
        """The keys that it would have if no other command had them."""
        source = self.own if action in self.own else PRESETS[self.preset]
        return tuple(portable(key) for key in source.get(action, ROWS[action].keys))

    def holder(self, key: str, action: str) -> ActionRow | None:
        """The other command that has `key` where `action` would act, too."""
        spare = ROWS[action].scope == "spare"
        rows = (row for row in ACTIONS if row.id != action and (row.scope == "spare") == spare)
        return next((row for row in rows if portable(key) in self.keys(row.id)), None)

    def action_of(self, key: str, scope: str) -> str | None:
        """Which command of a scope a key means."""
        return next((row.id for row in ACTIONS if row.scope == scope and key in self.keys(row.id)), None)

    # -- changes --------------------------------------------------------------------------------
    def give(self, action: str, keys: Iterable[str]) -> KeyMap:
        """A command has exactly these keys; whoever had one of them has it no longer."""
        given = tuple(dict.fromkeys(portable(key) for key in keys))
        spare = ROWS[action].scope == "spare"
        own = {
            other: tuple(key for key in had if key not in given or (ROWS[other].scope == "spare") != spare)
            for other, had in self.own.items()
        }
        return replace(self, own={**own, action: given})

    def reset(self, action: str) -> KeyMap:
        """A command has the keys of the preset again, as far as no other has been given them."""
        return replace(self, own={other: keys for other, keys in self.own.items() if other != action})

    def reset_all(self) -> KeyMap:
        return replace(self, own={})

    def with_preset(self, preset: str) -> KeyMap:
        """Another preset; what the person has changed stays."""
        return replace(self, preset=preset)


def read(preset: str, own: Mapping[str, object]) -> KeyMap:
    """A map out of settings that may be damaged or of another version: what means nothing is left out, and logged."""
    if preset not in PRESETS:
        log.warning("Settings: there are no keys called ‘%s’; Strata's own are used", preset)
        preset = STRATA
    kept: dict[str, Keys] = {}
    for action, keys in own.items():
        row = ROWS.get(action)
        if row is None or not isinstance(keys, (list, tuple)):
            log.warning("Settings: keys of ‘%s’, which is no command here, are left out", action)
            continue
        usable = [key for key in keys if isinstance(key, str) and not why_not(row, key)]
        for key in keys:
            if key not in usable:
                log.warning("Settings: the key ‘%s’ of ‘%s’ cannot be used and is left out", key, action)
        kept[action] = tuple(portable(key) for key in usable)
    return KeyMap(preset, kept)
