"""Fields in which something is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QToolTip,
    QWidget,
)

INDENT = 7


def indent(spin: QAbstractSpinBox) -> None:
    """Keep the number off the left edge: style sheets have no say over where a spin box puts its text."""
    spin.lineEdit().setTextMargins(INDENT, 0, 0, 0)


def leave_undo_to_the_window(field: QWidget) -> None:
    """A field whose every keystroke is an edit of the document has no undo of its own: Ctrl+Z in it undoes the edit.
    (A line of text would otherwise claim the key for itself.)"""
    field.installEventFilter(_LeaveUndo(field))


class Combo(QComboBox):
    """A combo box that leaves the wheel to the panel unless it has the focus. A choice that it is too narrow for ends
    in …, which no style does by itself; the whole of it stands first in the tooltip then."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        field = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        text, room = self.currentText(), field.width() - 2  # Qt paints it a pixel off either edge
        if text and self.fontMetrics().horizontalAdvance(text) > room:
            option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)  # type: ignore[attr-defined]

    def shown_text(self) -> str:
        """What is painted of the choice."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return option.currentText  # type: ignore[attr-defined]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            whole, told = self.currentText(), self.toolTip()
            if self.shown_text() != whole and not told.startswith(whole):
                QToolTip.showText(event.globalPos(), f"{whole}\n{told}".strip(), self)
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _LeaveUndo(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(key):
                    event.ignore()
                    return True
        return False
