"""The keys in force, for the whole process: ask for a command's keys, listen to `changed`, put another map into force.

from gui.shortcuts import in_force
in_force.hint("add_layer")  # ‘Tab’
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.shortcuts.keymap import KeyMap, native


class _Notifier(QObject):
    changed = Signal()


notifier = _Notifier()
changed = notifier.changed  # after another map has come into force
_keymap = KeyMap()


def keymap() -> KeyMap:
    return _keymap


def use(keymap: KeyMap) -> None:
    global _keymap
    if keymap != _keymap:
        _keymap = keymap
        changed.emit()


def hint(action: str) -> str:
    """The first key of a command as this system writes it; empty where it has none."""
    keys = _keymap.keys(action)
    return native(keys[0]) if keys else ""
