"""A small callout at a part of the window, and the ring around that part. It never takes the focus by itself."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.announcer import announce
from gui.widgets.labels import label

WIDTH, GAP, MARGIN = 300, 12, 8


class Ring(QWidget):
    """An accent ring around what the callout speaks of; the mouse passes through."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Mark of the tour")
        theme.changed.connect(self.update)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), t.PANEL_RADIUS, t.PANEL_RADIUS)


class Callout(QFrame):
    """`left()` by Esc or its button, `passed_over()` to go on without doing what it says."""

    left = Signal()
    passed_over = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._room, self.ring = parent, Ring(parent)
        self._count = label("", "caption", self)
        self.text = label("", "", self, wrap=True)
        self.leave = QPushButton("Leave the tour", self)
        self.skip = QPushButton("Skip this step", self)
        for button, role in ((self.leave, "ghost"), (self.skip, "small")):
            button.setProperty("role", role)
            button.setAccessibleName(button.text())
        self.leave.setToolTip("Leave the tour (Esc); Help leads back to this step")
        self.leave.clicked.connect(self.left)
        self.skip.clicked.connect(self.passed_over)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        buttons.addWidget(self.skip)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 10, 8)
        column.setSpacing(4)
        column.addWidget(self._count)
        column.addWidget(self.text)
        column.addLayout(buttons)
        self.hide()

    def say(self, count: str, text: str) -> None:
        """Show a step, and tell a screen reader of it."""
        if (count, text) == (self._count.text(), self.text.text()) and self.isVisible():
            return
        self._count.setText(count)
        self.text.setText(text)
        self.setAccessibleName(f"Tour, {count}")
        self.setAccessibleDescription(text)
        announce(self.window(), f"{count}: {text}")

    def point_at(self, target: QRect) -> None:
        """Stand beside `target` (in the parent's coordinates), wherever there is room, and put the ring around it."""
        width = round(WIDTH * max(1.0, theme.scale))
        self.setFixedWidth(width)
        size = QSize(width, max(self.heightForWidth(width), self.sizeHint().height()))
        room = self._room.rect()
        around = target.adjusted(-4, -4, 4, 4).intersected(room)
        self.ring.setGeometry(around)
        self.setGeometry(QRect(beside(around, size, room), size))
        for part in (self.ring, self):
            part.show()
            part.raise_()

    def put_away(self) -> None:
        self.ring.hide()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def beside(target: QRect, size: QSize, room: QRect) -> QPoint:
    """The corner of something of `size` that stands beside `target`: to the right, below, to the left, above; the first
    that fits into `room`. Where none does it lies within the target's lower right corner."""
    inner = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    top = max(inner.top(), min(target.top(), inner.bottom() - size.height() + 1))
    left = max(inner.left(), min(target.left(), inner.right() - size.width() + 1))
    places = (
        QPoint(target.right() + GAP, top),
        QPoint(left, target.bottom() + GAP),
        QPoint(target.left() - GAP - size.width(), top),
        QPoint(left, target.top() - GAP - size.height()),
    )
    within = QPoint(target.right() - GAP - size.width(), target.bottom() - GAP - size.height())
    fallback = QPoint(max(inner.left(), within.x()), max(inner.top(), within.y()))
    return next((place for place in places if inner.contains(QRect(place, size))), fallback)
