"""What lies over the graph: while something is dragged the lifted nodes with their wires and the gesture's own marks,
and around what a remedy would work on a dashed line.

The graph layer leaves the lifted nodes out, so a drag repaints only where they were and where they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.graph.model import NodeId, Wire
from gui.canvas import geometry as g
from gui.canvas.gestures.gesture import Gesture
from gui.canvas.graph_layer import GraphLayer
from gui.canvas.wires import CANDIDATE_DASH, THICK, THINNEST, pen, wire_bounds
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.motion import Fading

Array = np.ndarray[Any, Any]

OUTSET = 4.0  # from a node to the mark around it


class Overlay(QGraphicsItem):
    def __init__(self, layer: GraphLayer):
        super().__init__()
        self._layer = layer
        self.gesture: Gesture | None = None
        self.fading: Fading | None = None  # set by the stage
        self._touched_nodes = self._touched_wires = np.zeros(0, np.intp)  # rows
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1)

    def boundingRect(self) -> QRectF:
        return self._layer.boundingRect()

    # -- what a remedy would work on --------------------------------------------------------------
    def show_touched(self, nodes: Collection[NodeId], wires: Collection[Wire]) -> None:
        """Mark these, and nothing else any more."""
        self._update_touched()
        arrays = self._layer.arrays
        self._touched_nodes = np.array([arrays.row[node] for node in nodes if node in arrays.row], np.intp)
        rows = [row for row, wire in enumerate(arrays.wires) if wire in wires] if wires else []
        self._touched_wires = np.array(rows, np.intp)
        self._update_touched()

    def _update_touched(self) -> None:
        for row in self._touched_nodes.tolist():
            self.update(self._layer.node_rect(self._layer.arrays.ids[row]))
        self.update(wire_bounds(self._layer.arrays, self._touched_wires))

    def _paint_touched(self, painter: QPainter) -> None:
        arrays, zoom = self._layer.arrays, painter.worldTransform().m11()
        width = max(THICK, THINNEST / zoom)
        mark = pen(theme.colour("accent"), width, CANDIDATE_DASH)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for row in self._touched_wires.tolist():
            for line in (pen(theme.colour("canvas"), width), mark):  # its own colour is not seen between the dashes
                painter.setPen(line)
                painter.drawPath(self._layer.wires.path(row))
        painter.setPen(mark)
        for row in self._touched_nodes.tolist():
            box = QRectF(*arrays.rects[row].tolist()).adjusted(-OUTSET, -OUTSET, OUTSET, OUTSET)
            painter.drawRoundedRect(box, g.RADIUS + OUTSET, g.RADIUS + OUTSET)

    # -- painting ---------------------------------------------------------------------------------
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        fading = self.fading if self.fading is not None and self.fading.active else None
        touched = len(self._touched_nodes) + len(self._touched_wires) > 0
        if self._layer.lifted is None and self.gesture is None and fading is None and not touched:
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
        if touched:
            self._paint_touched(painter)
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
