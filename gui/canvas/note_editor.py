"""The text of a note, edited where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

LONGEST_WRITTEN = 20_000  # characters of a note that is written on the canvas


class NoteEditor(QPlainTextEdit):
    """Ctrl+Enter or a click elsewhere takes what was typed, Esc leaves the old."""

    taken = Signal(str, str)  # note, text
    finished = Signal()
    cut_short = Signal(int)  # characters that were left out of what was pasted

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._note = ""
        self.setAccessibleName("Text of the note")
        self.setAccessibleDescription("Ctrl+Enter takes what was typed, Esc leaves the old.")
        self.hide()

    def open_on(self, note: str, text: str, rect: QRect) -> None:
        self._note = note
        self.setPlainText(text)
        self.setGeometry(rect)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """A text of a million letters would keep the window busy for minutes."""
        text, room = source.text(), max(0, LONGEST_WRITTEN - len(self.toPlainText()))
        self.insertPlainText(text[:room])
        if len(text) > room:
            self.cut_short.emit(len(text) - room)

    def take(self) -> None:
        """Close and tell what was typed."""
        if self.isVisible():
            text = self.toPlainText()
            self.hide()
            self.taken.emit(self._note, text)
            self.finished.emit()

    def leave(self) -> None:
        if self.isVisible():
            self.hide()
            self.finished.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if not control or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()  # letters, Tab and Delete are typed here, not taken as commands of the canvas
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        else:
            super().keyPressEvent(event)
        event.accept()  # what it leaves over is not for the canvas below

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.take()
