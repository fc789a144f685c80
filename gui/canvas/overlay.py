"""What lies over the graph while something is dragged: the lifted nodes with their wires, and the gesture's own marks.

The graph layer leaves the lifted nodes out, so a drag repaints only where they were and where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.gestures.gesture import Gesture
from gui.canvas.graph_layer import GraphLayer

if TYPE_CHECKING:
    from gui.canvas.motion import Fading

Array = np.ndarray[Any, Any]


class Overlay(QGraphicsItem):
    def __init__(self, layer: GraphLayer):
        super().__init__()
        self._layer = layer
        self.gesture: Gesture | None = None
        self.fading: Fading | None = None  # set by the stage
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        return self._layer.boundingRect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        fading = self.fading if self.fading is not None and self.fading.active else None
        if self._layer.lifted is None and self.gesture is None and fading is None:
            return
        device = painter.device()
        dpr = device.devicePixelRatioF() if device is not None else 1.0
        transform = painter.worldTransform()
        if fading is not None:
            fading.paint_gone(painter)
            painter.setOpacity(fading.share)
        if self._layer.lifted is not None:
            self._paint_lifted(painter, option.exposedRect, self._layer.lifted, dpr)
        painter.setOpacity(1.0)
        if self.gesture is not None:
            painter.save()
            self.gesture.paint(painter, transform, dpr)
            painter.restore()

    def _paint_lifted(self, painter: QPainter, exposed: QRectF, up: Array, dpr: float) -> None:
        arrays = self._layer.arrays
        edges = exposed.left() - 16, exposed.top() - 16, exposed.right() + 16, exposed.bottom() + 16
        rows, wires = arrays.nodes_in(*edges), arrays.wires_in(*edges)
        rows = rows[up[rows]]
        wires = wires[up[arrays.source[wires]] | up[arrays.target[wires]]]
        self._layer.paint_graph(painter, rows, wires, painter.worldTransform(), dpr)
