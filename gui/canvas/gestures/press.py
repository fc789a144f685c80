"""Press of the button on a node that offers a remedy: it acts when the mouse is released on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from engine.graph.model import NodeId
from gui.canvas.gestures.gesture import Gesture

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class PressFix(Gesture):
    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: CanvasView, node: NodeId):
        self._view, self._node = view, node

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        hit = self._view.hit(point)
        if hit.button and hit.node == self._node:
            self._view.apply_fix(self._node)
