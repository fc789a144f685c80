"""What an empty canvas says: one sentence, one action."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui.shortcuts import in_force
from gui.theme import theme


def sentence() -> str:
    key = in_force.hint("add_layer")
    return f"Drag a layer here, or press {key} to add one by name." if key else "Drag a layer here."


class EmptyCanvas(QWidget):
    """Lies in the middle of the canvas; the mouse passes through all but its button."""

    templates_requested = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._room = parent
        self.setAccessibleName("Empty canvas")
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self._sentence = QLabel(sentence(), alignment=Qt.AlignmentFlag.AlignHCenter)
        self._button = QPushButton("Open a template")
        self._button.setAccessibleName("Open a template")
        self._button.clicked.connect(self.templates_requested)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addWidget(self._sentence)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        for label in (self._icon, self._sentence):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._dress)
        in_force.changed.connect(self._tell)
        self._dress()

    def _tell(self) -> None:
        """The key may be another."""
        self._sentence.setText(sentence())
        self.centre()

    def _dress(self) -> None:
        self._icon.setPixmap(theme.icon_pixmap("stack", 32, self.devicePixelRatioF(), "text3"))
        self._sentence.setStyleSheet(f"color: {theme.tokens().text2}; background: transparent;")
        self.adjustSize()

    def centre(self) -> None:
        self.adjustSize()
        room = self._room.rect()
        self.move((room.width() - self.width()) // 2, (room.height() - self.height()) // 2)
