"""The whole graph, small, in the canvas's corner: what is in sight is framed, and a click or a drag there goes there.

The graph is the same layer, painted into one pixmap as it looks from far; that is made anew at most ten times a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from gui.shortcuts import in_force
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.stage import Stage

SIZE = QSize(176, 112)  # pixels at 100 %
INSET, PADDING = 12, 8  # from the canvas's corner, and around the graph
LEAST = QSize(560, 400)  # a smaller canvas has no room for it
REFRESH = 100  # milliseconds between two pictures
LARGEST = 0.2  # of 100 %: a small graph is not enlarged beyond


class Minimap(QWidget):
    """Shows itself where a part of the graph is out of sight and there is room, unless a person has decided.

    decided(bool | None)   it was shown or hidden by hand; None where it shows itself again
    """

    decided = Signal(object)

    def __init__(self, stage: Stage):
        super().__init__(stage.viewport())
        self._stage = stage
        self._wanted: bool | None = None  # None: where it is of use
        self._picture: QPixmap | None = None
        self._shown = QRectF()  # the part of the canvas that the picture is of
        self._all = QRectF()  # around the graph, when it was last looked at: not at every step of a scroll
        self._timer = QTimer(self, singleShot=True, interval=REFRESH)
        self._timer.timeout.connect(self._refresh)
        self.setAccessibleName("Minimap")
        self.setAccessibleDescription("The whole graph, small, with a frame around what is in sight.")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else the graph below is painted each time
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        document = stage.document
        document.design_changed.connect(self._soon)
        document.problems_changed.connect(self._soon)
        document.selection_changed.connect(self._soon)
        stage.view_changed.connect(self._on_view_changed)
        theme.changed.connect(self._on_theme_changed)
        in_force.changed.connect(self._tell)
        self._tell()
        self._soon()

    # -- shown or not -----------------------------------------------------------------------------
    def toggle(self) -> None:
        """Show or hide it. Where that is what it does by itself it goes on doing so, else it stays as it was told."""
        shown = self.isHidden()
        self.want(None if shown == self._of_use else shown)
        self.decided.emit(self._wanted)

    def want(self, shown: bool | None) -> None:
        """From now on it is shown, or hidden, whatever the graph and the room are; with None, where it is of use."""
        self._wanted = shown
        self._place()

    @property
    def _of_use(self) -> bool:
        stage = self._stage
        roomy = stage.width() >= LEAST.width() and stage.height() >= LEAST.height()
        return roomy and not self._all.isEmpty() and not stage.visible_rect().contains(self._all)

    def _place(self) -> None:
        stage = self._stage
        margin = QSize(2 * INSET, 2 * INSET)
        size = (QSize(SIZE) * theme.scale).boundedTo(stage.viewport().size() - margin).expandedTo(QSize(1, 1))
        corner = stage.viewport().rect().bottomRight() - QPoint(INSET - 1, INSET - 1)
        self.setGeometry(QRect(corner - QPoint(size.width(), size.height()), size))
        shown = self._of_use if self._wanted is None else self._wanted
        if shown and self.isHidden():
            self._paint_picture()
            self.show()
            self.raise_()
        elif not shown:
            self.hide()

    def _on_view_changed(self) -> None:
        self._place()
        if self.isVisible():
            self.update()

    def _on_theme_changed(self) -> None:
        self._place()
        self._soon()

    def _tell(self) -> None:
        """The key may be another."""
        key = in_force.hint("minimap")
        self.setToolTip(f"Minimap ({key} hides it)" if key else "Minimap")

    # -- the picture ------------------------------------------------------------------------------
    def _soon(self, *_news: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        left, top, right, bottom = self._stage.bounds() or (0.0, 0.0, 0.0, 0.0)
        self._all = QRectF(left, top, right - left, bottom - top)
        self._place()
        if self._stage.sliding.active:
            self._soon()  # the nodes are still on their way
        if not self.isHidden():
            self._paint_picture()

    def _paint_picture(self) -> None:
        stage, dpr = self._stage, self.devicePixelRatioF()
        if self._all.isEmpty() or self.width() <= 2 * PADDING or self.height() <= 2 * PADDING:
            self._picture = None
            self.update()
            return
        room = QRectF(self.rect()).adjusted(PADDING, PADDING, -PADDING, -PADDING)
        zoom = min(room.width() / self._all.width(), room.height() / self._all.height(), LARGEST * theme.scale)
        self._shown = QRectF(0, 0, self.width() / zoom, self.height() / zoom)
        self._shown.moveCenter(self._all.center())
        picture = QPixmap(self.size() * dpr)
        picture.setDevicePixelRatio(dpr)
        picture.fill(theme.colour("panel"))
        painter = QPainter(picture)
        painter.setTransform(QTransform(zoom, 0, 0, zoom, -self._shown.left() * zoom, -self._shown.top() * zoom))
        stage.drawn.paint_far(painter)
        rows, wires = np.arange(len(stage.arrays.ids)), np.arange(len(stage.arrays.wires))
        stage.layer.paint_far(painter, stage.arrays.stacked(rows), wires, painter.worldTransform(), dpr, marks=False)
        painter.end()
        self._picture = picture
        self.update()

    def frame(self) -> QRectF:
        """What is in sight, in the minimap's pixels."""
        if self._shown.isEmpty():
            return QRectF()
        seen, share = self._stage.visible_rect(), self.width() / self._shown.width()
        corner = (seen.topLeft() - self._shown.topLeft()) * share
        return QRectF(corner, seen.size() * share) & QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        if self._picture is not None:
            painter.drawPixmap(0, 0, self._picture)
            painter.setPen(QPen(theme.colour("text2"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.drawRoundedRect(self.frame(), 2, 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme.colour("line_strong"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    # -- the mouse --------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # not for the canvas below

    def _go(self, pixel: QPointF) -> None:
        if not self._shown.isEmpty():
            self._stage.stop_gliding()
            self._stage.centre(self._shown.topLeft() + pixel * (self._shown.width() / self.width()))
