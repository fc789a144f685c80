"""The canvas moves on while something is dragged near its edge, the faster the nearer. The timer runs only then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRect, QTimer

EDGE = 36  # pixels from the edge within which it scrolls
FASTEST = 18.0  # pixels a step, at the edge and beyond
INTERVAL = 16  # milliseconds between steps


class Autoscroll(QObject):
    """Calls `step(dx, dy)` again and again while the last point told to `follow` lies near an edge."""

    def __init__(self, step: Callable[[int, int], None], parent: QObject):
        super().__init__(parent)
        self._step = step
        self._by = (0, 0)
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def active(self) -> bool:
        return self._timer.isActive()

    def follow(self, point: QPointF, room: QRect) -> None:
        """The mouse is at `point`, in pixels of the viewport whose size is `room`."""
        self._by = (_speed(point.x(), room.width()), _speed(point.y(), room.height()))
        if self._by == (0, 0):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _on_timeout(self) -> None:
        self._step(*self._by)


def _speed(position: float, length: int) -> int:
    """Pixels a step along one axis; 0 in the middle, and everywhere in a view too small to have one."""
    edge = min(EDGE, length // 4)
    if position < edge:
        return -round(FASTEST * min(1.0, (edge - position) / edge)) if edge else 0
    if position > length - edge:
        return round(FASTEST * min(1.0, (position - length + edge) / edge)) if edge else 0
    return 0
