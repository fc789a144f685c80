"""The training bar: all epochs as one line, the epoch under way as its bright end."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from gui.theme import theme


class EpochBar(QProgressBar):
    """`done` of `total` epochs, plus `fraction` of the one under way; to a screen reader per cent of them all."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._done, self._total, self._fraction = 0, 1, 0.0
        self.setTextVisible(False)
        self.setValue(0)
        self.setFixedHeight(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Training progress")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 4)

    def set_progress(self, done: int, total: int, fraction: float) -> None:
        new = (done, max(1, total), min(1.0, max(0.0, fraction)))
        if new == (self._done, self._total, self._fraction):
            return
        self._done, self._total, self._fraction = new
        percent = round(100 * (done + new[2]) / new[1])
        self.setValue(min(100, percent))
        self.setAccessibleDescription(f"{percent} %")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width, height = float(self.width()), float(self.height())
        painter.setBrush(theme.colour("input" if theme.tokens().dark else "line"))
        painter.drawRoundedRect(QRectF(0, 0, width, height), 2, 2)
        whole = width * min(1.0, self._done / self._total)
        now = min(width - whole, width * self._fraction / self._total)
        painter.setBrush(theme.colour("accent_fill"))
        painter.drawRoundedRect(QRectF(0, 0, whole + now, height), 2, 2)
        if now > 0:
            painter.setBrush(theme.colour("sel" if theme.tokens().dark else "accent"))
            painter.drawRoundedRect(QRectF(whole, 0, max(now, 2.0), height), 2, 2)
