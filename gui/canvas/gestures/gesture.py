"""What every gesture of the mouse is: an object that starts, moves, ends or is cancelled, and may paint meanwhile.

Points are in canvas units. A gesture changes the document only when it ends; Esc cancels it and nothing has happened.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QTransform

from engine.check.report import TensorSpec
from engine.graph.model import Wire

THRESHOLD = 4.0  # pixels on the screen before a press becomes a drag


class Gesture:
    """A press of the mouse until its release. The view hands it points; `paint` draws on the overlay."""

    cursor: Qt.CursorShape | None = None

    @property
    def scrolls(self) -> bool:
        """Whether the canvas moves on by itself while the mouse is near its edge."""
        return False

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None: ...

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None: ...

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None: ...

    def cancel(self) -> None: ...

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        """What would come of a wire that was asked about: its target's output, why there is none, or nothing known."""

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None: ...


def adds(modifiers: Qt.KeyboardModifier) -> bool:
    """Shift adds to the selection."""
    return bool(modifiers & Qt.KeyboardModifier.ShiftModifier)


def toggles(modifiers: Qt.KeyboardModifier) -> bool:
    """Ctrl (Cmd) adds what is not selected and takes away what is."""
    return bool(modifiers & Qt.KeyboardModifier.ControlModifier)
