"""Renaming in place: a line edit over the node's name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class RenameEditor(QLineEdit):
    """Enter or a click elsewhere takes the name, Esc leaves the old one."""

    renamed = Signal(str, str)  # node, name
    finished = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setAccessibleName("Name of the layer")
        self.setMaxLength(80)
        self._node = ""
        self.hide()

    def open_on(self, node: str, label: str, rect: QRect) -> None:
        self._node = node
        self.setText(label)
        self.setAccessibleDescription(f"Renames {label}")
        self.setGeometry(rect)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def take(self) -> None:
        """Close and, where a name was typed, rename."""
        if not self.isVisible():
            return
        node, label = self._node, self.text().strip()
        self.hide()
        if label:
            self.renamed.emit(node, label)
        self.finished.emit()

    def leave(self) -> None:
        if self.isVisible():
            self.hide()
            self.finished.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if not control:  # letters, Tab and Delete are typed here, not taken as commands of the canvas
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self.take()
        else:
            super().keyPressEvent(event)
            event.accept()  # what it leaves over is not for the canvas below

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.take()
