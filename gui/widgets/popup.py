"""A frame over the window that has the focus while it is open: Esc or a click elsewhere closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsDropShadowEffect, QWidget

from gui.theme import theme
from gui.theme import tokens as t

_OWN = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.Wheel,
    QEvent.Type.ContextMenu,
)


class Popup(QFrame):
    """`closed()`. Whoever had the focus before has it again, unless a click has given it to another."""

    closed = Signal()

    def __init__(self, name: str, parent: QWidget):
        super().__init__(parent)
        self._room = parent
        self._before: QWidget | None = None
        self.setProperty("role", "popup")
        self.setAccessibleName(name)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(t.SHADOW_BLUR)
        shadow.setOffset(0, t.SHADOW_DROP)
        self.setGraphicsEffect(shadow)
        self._shadow = shadow
        self.hide()

    def show_over(self, focus: QWidget) -> None:
        """Show it with the focus in `focus`. Where it lies is set before."""
        colour = theme.colour("shadow")
        colour.setAlpha(theme.tokens().shadow_alpha)
        self._shadow.setColor(colour)
        if not self.isVisible():
            self._before = QApplication.focusWidget()
            QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        self.show()
        self.raise_()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_it(self, give_back: bool = True) -> None:
        if not self.isVisible():
            return
        QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
        before, self._before = self._before, None
        if give_back and before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self.closed.emit()

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and new is not self and not self.isAncestorOf(new):
            self.close_it(give_back=False)

    def event(self, event: QEvent) -> bool:
        """What the parts leave over ends here: the window below must not see it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.close_it()
            event.accept()
            return True
        handled = super().event(event)
        if event.type() in _OWN:
            event.accept()
            return True
        return handled
