"""Fields in which something is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

INDENT = 7


def indent(spin: QAbstractSpinBox) -> None:
    """Keep the number off the left edge: style sheets have no say over where a spin box puts its text."""
    spin.lineEdit().setTextMargins(INDENT, 0, 0, 0)


def leave_undo_to_the_window(field: QWidget) -> None:
    """A field whose every keystroke is an edit of the document has no undo of its own: Ctrl+Z in it undoes the edit.
    (A line of text would otherwise claim the key for itself.)"""
    field.installEventFilter(_LeaveUndo(field))


class _LeaveUndo(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(key):
                    event.ignore()
                    return True
        return False
