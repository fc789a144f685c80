"""What the program says in passing: one toast that never stacks, and a bar for faults of the program itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QLabel, QPushButton, QWidget

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.labels import label

_ICONS = {
    "info": ("info", "accent"),
    "warning": ("warning", "warn"),
    "error": ("warning-octagon", "err"),
    "done": ("check-circle", "ok"),
}


class Toast(QFrame):
    """One message over the window's lower edge: 6 s, longer while the pointer is on it. A new one replaces it."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setProperty("role", "toast")
        self.setAccessibleName("Message")
        self._above = 0
        self._icon = QLabel(self)
        self._text = label("", wrap=True)
        self._button = QPushButton(self)
        self._button.setProperty("role", "small")
        self._act: Callable[[], None] | None = None
        self._button.clicked.connect(self._on_act)
        close = IconButton("x", "Close message", size=24, parent=self)
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(22)
        shadow.setOffset(0, 6)
        self.setGraphicsEffect(shadow)
        self._shadow = shadow
        parent.installEventFilter(self)
        self.hide()

    def show_message(
        self, text: str, severity: str = "info", action: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show `text`, with an optional button that does `act`."""
        icon, token = _ICONS.get(severity, _ICONS["info"])
        self._icon.setPixmap(theme.icon_pixmap(icon, 16, self.devicePixelRatioF(), token))
        self._text.setText(text)
        self.setAccessibleDescription(text)
        self._button.setVisible(bool(action))
        self._button.setText(action)
        self._act = act
        colour = theme.colour("shadow")
        colour.setAlpha(theme.tokens().shadow_alpha)
        self._shadow.setColor(colour)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(t.TOAST_MS)

    def text(self) -> str:
        return self._text.text()

    def _on_act(self) -> None:
        self.hide()
        if self._act:
            self._act()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        row = self.layout()
        assert row is not None
        row.activate()
        needed = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 8
        around = row.sizeHint().width() - self._text.sizeHint().width()  # of icon, buttons and what lies between them
        self._text.setFixedWidth(min(needed, 460, max(120, parent.width() - around - 16)))
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 16)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start(t.TOAST_MS // 2)
        super().leaveEvent(event)


class ErrorBar(QFrame):
    """A fault of the program itself: says so once, keeps the report for copying, blocks nothing."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "error-bar")
        self.setAccessibleName("Fault of the program")
        self._report = ""
        self._count = 0
        self._icon = QLabel(self)
        self._text = label("", wrap=True)
        copy = QPushButton("Copy report", self)
        copy.setProperty("role", "small")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._report))
        close = IconButton("x", "Close", size=24, parent=self)
        close.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(copy)
        row.addWidget(close)
        self.hide()

    def show_fault(self, sentence: str, report: str) -> None:
        """Add a fault. Later ones only count up; the report keeps them all."""
        self._count += 1
        self._report = (self._report + "\n" + report)[-200_000:]
        more = f" ({self._count} in all)" if self._count > 1 else ""
        self._icon.setPixmap(theme.icon_pixmap("warning-octagon", 16, self.devicePixelRatioF(), "err"))
        self._text.setText(sentence + more)
        self.setAccessibleDescription(sentence)
        self.show()

    def report(self) -> str:
        return self._report

    def _on_close(self) -> None:
        self._count, self._report = 0, ""
        self.hide()
        self.closed.emit()
