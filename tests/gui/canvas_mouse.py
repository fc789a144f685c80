"""A mouse on the canvas that takes hold of whatever lies there: numbers say of what, and where it takes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from gui.canvas.gestures.drop import MIME
from gui.canvas.view import CanvasView

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
HELD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
EMPTY = ((-90.0, -70.0), (333.0, 421.0), (900.0, -210.0), (1500.0, 640.0))


def spot(view: CanvasView, number: int) -> QPointF:
    """A point of the scene chosen by the number: at a port, a node, a wire, a note or frame, or at nothing."""
    what, which = number % 7, number // 7
    arrays, drawn = view.arrays, [*view.drawn.notes, *view.drawn.frames]
    if what == 0 and arrays.wires:
        points = arrays.polyline(which % len(arrays.wires))
        x, y = points[which % len(points)].tolist()
        return QPointF(x, y)
    if what == 1 and drawn:
        left, top, width, height = view.drawn.rectangle(drawn[which % len(drawn)])
        return QPointF(left + width * (which % 3) / 2, top + height * (which % 2))
    if what in (2, 3, 4, 5) and arrays.ids:
        row = which % len(arrays.ids)
        names = (arrays.inputs if what == 2 else arrays.outputs)[row]
        if what in (2, 3) and names:
            return QPointF(*arrays.port_place(row, names[which % len(names)], what == 3))
        left, top, width, height = arrays.rects[row].tolist()
        return QPointF(left + width * (1 + which % 5) / 6, top + height * (1 + which % 7) / 8)
    return QPointF(*EMPTY[which % len(EMPTY)])


class CanvasMouse:
    """Each gesture is given two numbers, and looks at the canvas near what it begins with."""

    def __init__(self, view: CanvasView):
        self.view = view

    def drag(self, a: int, b: int, button: Qt.MouseButton = LEFT) -> None:
        held = HELD[b % len(HELD)]
        start, end = spot(self.view, a), spot(self.view, b)
        self._look_at(start)
        first, last = (QPointF(self.view.mapFromScene(place)) for place in (start, end))
        self._send(QEvent.Type.MouseButtonPress, first, button, held)
        for k in range(1, 4):
            self._send(QEvent.Type.MouseMove, first + (last - first) * k / 3, button, held)
        self._send(QEvent.Type.MouseButtonRelease, last, button, held)

    def pan(self, a: int, b: int) -> None:
        self.drag(a, b, MIDDLE)

    def click(self, a: int, b: int) -> None:
        self._look_at(place := spot(self.view, a))
        where, held = QPointF(self.view.mapFromScene(place)), HELD[b % len(HELD)]
        self._send(QEvent.Type.MouseButtonPress, where, LEFT, held)
        self._send(QEvent.Type.MouseButtonRelease, where, LEFT, held)

    def double_click(self, a: int, b: int) -> None:
        self.click(a, b)
        where = QPointF(self.view.mapFromScene(spot(self.view, a)))
        self._send(QEvent.Type.MouseButtonDblClick, where, LEFT, HELD[0])
        self._send(QEvent.Type.MouseButtonRelease, where, LEFT, HELD[0])

    def drop(self, kind: str, a: int) -> None:
        """A layer from the palette."""
        data = QMimeData()
        data.setData(MIME, kind.encode())
        self._look_at(place := spot(self.view, a))
        where = QPointF(self.view.mapFromScene(place))
        event = QDropEvent(where, Qt.DropAction.CopyAction, data, LEFT, HELD[0])
        self.view.dropEvent(event)

    def _look_at(self, place: QPointF) -> None:
        self.view.set_zoom(1.0)
        self.view.centre(place)

    def _send(self, kind: QEvent.Type, where: QPointF, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
        viewport = self.view.viewport()
        pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        one = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        QApplication.sendEvent(viewport, QMouseEvent(kind, where, viewport.mapToGlobal(where), one, pressed, held))
