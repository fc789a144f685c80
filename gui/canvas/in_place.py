"""What stands on a node edited where it stands: a line edit over its name, or over its line of parameters."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import theme


class InPlaceEditor(QLineEdit):
    """Enter or a click elsewhere takes what was typed, Esc leaves the old. `field` is the part that it edits."""

    taken = Signal(str, str, str)  # node, field, text
    finished = Signal()  # closed, and nobody has the focus
    next_wanted = Signal(str, str)  # node, field: Tab, after `taken`

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._node = self._field = self._title = ""
        self.hide()

    def open_on(self, node: str, text: str, rect: QRect, field: str = "", title: str = "") -> None:
        """`title` is written at the right end while there is room; a name needs none."""
        self._node, self._field, self._title = node, field, title
        self.setAccessibleName(title or "Name of the layer")
        self.setAccessibleDescription(f"Changes {text}" if title else f"Renames {text}")
        self.setText(text)
        self.setGeometry(rect)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def take(self, left: bool = False) -> None:
        """Close and, where something was typed, tell it; `left` where another has the focus already."""
        if not self.isVisible():
            return
        node, field, text = self._node, self._field, self.text().strip()
        self.hide()
        if text:
            self.taken.emit(node, field, text)
        if not left:
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
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab:
            self.keyPressEvent(event)  # else it would move the focus
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif event.key() == Qt.Key.Key_Tab:
            self.take()
            if self._field:
                self.next_wanted.emit(self._node, self._field)
        else:
            super().keyPressEvent(event)
            event.accept()  # what it leaves over is not for the canvas below

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.take(left=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        room = self.rect().adjusted(8, 0, -8, 0)
        font = theme.font(10.5)
        typed = self.fontMetrics().horizontalAdvance(self.text())
        if self._title and typed + QFontMetricsF(font).horizontalAdvance(self._title) + 16 <= room.width():
            painter = QPainter(self)
            painter.setFont(font)
            painter.setPen(theme.colour("text3"))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._title)
            painter.end()
