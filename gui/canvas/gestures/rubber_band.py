"""Rubber band: selects the nodes it touches. Shift adds, Ctrl toggles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from gui.canvas.gestures.gesture import Gesture, adds, toggles
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

Array = np.ndarray[Any, Any]


class RubberBand(Gesture):
    """Shows what would be selected while it grows; the document hears of it at the end."""

    def __init__(self, view: CanvasView):
        self._view = view
        self._rect = QRectF()
        self._before = view.arrays.selected_rows()
        self._origin = QPointF()

    @property
    def scrolls(self) -> bool:
        return not self._rect.isEmpty()

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._origin = point
        self._view.select_wires(frozenset())

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        old, self._rect = self._rect, QRectF(self._origin, point).normalized()
        self._view.overlay.update(self._grown(old))
        self._view.overlay.update(self._grown(self._rect))
        self._view.watcher.show_selection(self._wanted(modifiers))

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        document, arrays = self._view.document, self._view.arrays
        if self._rect.isEmpty():  # a click on nothing
            if not (adds(modifiers) or toggles(modifiers)):
                document.select(frozenset())
            return
        self._clear()
        document.select(frozenset(arrays.ids[row] for row in np.flatnonzero(self._wanted(modifiers)).tolist()))

    def cancel(self) -> None:
        self._clear()
        self._view.watcher.show_documents_selection()

    def _clear(self) -> None:
        self._view.overlay.update(self._grown(self._rect))

    def _grown(self, rect: QRectF) -> QRectF:
        margin = 3 / self._view.zoom
        return rect.adjusted(-margin, -margin, margin, margin)

    def _wanted(self, modifiers: Qt.KeyboardModifier) -> Array:
        """Which rows would be selected."""
        rect, arrays = self._rect, self._view.arrays
        inside = arrays.mask(arrays.nodes_in(rect.left(), rect.top(), rect.right(), rect.bottom()))
        if toggles(modifiers):
            return self._before ^ inside
        return self._before | inside if adds(modifiers) else inside

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if self._rect.isEmpty():
            return
        edge = QPen(theme.colour("accent"), 1)
        edge.setCosmetic(True)
        fill = theme.colour("accent")
        fill.setAlpha(28)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(edge)
        painter.setBrush(fill)
        painter.drawRect(self._rect)
