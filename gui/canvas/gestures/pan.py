"""Pan: middle drag, or space and drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from gui.canvas.gestures.gesture import Gesture

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Pan(Gesture):
    """Keeps what was pressed under the mouse. Works in viewport pixels: the canvas moves, so its units would not do."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView):
        self._view = view
        self._last = QPointF()
        self._before = (0, 0)

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._last = self._view.pointing.pointer
        self._before = self._view.scroll_position()

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        now = self._view.pointing.pointer
        step = now - self._last
        self._view.scroll_by(-round(step.x()), -round(step.y()))
        self._last = now

    def cancel(self) -> None:
        x, y = self._before
        here = self._view.scroll_position()
        self._view.scroll_by(x - here[0], y - here[1])
