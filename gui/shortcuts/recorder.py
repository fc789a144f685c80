"""A button that takes the next key that is pressed, whatever it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from gui.shortcuts.keymap import pressed


class KeyRecorder(QPushButton):
    """`recorded(key)`, a portable text. Pressed once it listens; Esc and a loss of the focus end that."""

    recorded = Signal(str)

    def __init__(self, text: str, parent: QWidget | None = None):
        super().__init__(text, parent)
        self._text = text
        self._listening = False
        self.setAccessibleName(text)
        self.setAutoDefault(False)
        self.clicked.connect(lambda: self._listen(True))

    @property
    def listening(self) -> bool:
        return self._listening

    def _listen(self, listening: bool) -> None:
        self._listening = listening
        if listening:
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # a click gives it on some systems only
        self.setText("Press the key…  (Esc stops)" if listening else self._text)
        self.setAccessibleDescription("Listening for a key; Escape stops" if listening else "")

    def event(self, event: QEvent) -> bool:
        """Every key comes here, before shortcuts, Tab and the dialog's own keys."""
        if self._listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
                self._take(event)
            event.accept()
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._listen(False)
            return
        key = pressed(event)
        if key:
            self._listen(False)
            self.recorded.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._listen(False)
        super().focusOutEvent(event)
