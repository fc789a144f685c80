"""The mouse on the canvas: which gesture a press starts, what lies under it, zoom and scroll, drops from the palette.

Wheel zooms to the cursor, as do Ctrl + wheel and a pinch. Middle drag or space + drag pans, as do a touchpad's two
fingers, Shift + wheel and a wheel that tilts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent, QWheelEvent

from engine.check.report import TensorSpec
from engine.graph.model import Wire
from gui.canvas.autoscroll import Autoscroll
from gui.canvas.camera import STEP
from gui.canvas.gestures.drawn import DragDrawn
from gui.canvas.gestures.drop import DropLayer, dropped_kind
from gui.canvas.gestures.gesture import Gesture
from gui.canvas.gestures.move import Move
from gui.canvas.gestures.pan import Pan
from gui.canvas.gestures.press import PressFix
from gui.canvas.gestures.rubber_band import RubberBand
from gui.canvas.gestures.wire import DragWire, TakeEnd
from gui.canvas.hit_test import Hit
from gui.canvas.wires import wire_bounds

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


EDGES = {  # of a note or frame
    **dict.fromkeys(((-1, 0), (1, 0)), Qt.CursorShape.SizeHorCursor),
    **dict.fromkeys(((0, -1), (0, 1)), Qt.CursorShape.SizeVerCursor),
    **dict.fromkeys(((-1, -1), (1, 1)), Qt.CursorShape.SizeFDiagCursor),
    **dict.fromkeys(((-1, 1), (1, -1)), Qt.CursorShape.SizeBDiagCursor),
}


class Pointing:
    """Has at most one gesture under way, which it also gives to the overlay to be painted."""

    def __init__(self, view: CanvasView):
        self._view = view
        self._gesture: Gesture | None = None
        self._space = False
        self._held = Qt.KeyboardModifier.NoModifier  # at the last move
        self._autoscroll = Autoscroll(self._scroll_on, view)
        self.pointer = QPointF()  # the mouse, in viewport pixels
        self.over = False  # whether the mouse is on the canvas

    @property
    def busy(self) -> bool:
        return self._gesture is not None

    def _point(self, event: QMouseEvent | QDropEvent) -> QPointF:
        self.pointer = event.position()
        return self._view.viewportTransform().inverted()[0].map(self.pointer)

    # -- gestures ---------------------------------------------------------------------------------
    def press(self, event: QMouseEvent) -> None:
        self._view.stop_gliding()
        self._view.sliding.end()
        point = self._point(event)
        if self._gesture is None:
            self._begin(self._gesture_for(event, point), point, event.modifiers())
        event.accept()

    def _gesture_for(self, event: QMouseEvent, point: QPointF) -> Gesture | None:
        view = self._view
        if event.button() == Qt.MouseButton.MiddleButton:
            return Pan(view)
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        if self._space:
            return Pan(view)
        hit = view.hit(point)
        if hit.button and hit.node is not None:
            return PressFix(view, hit.node)
        if hit.port is not None:
            return DragWire(view, hit.port)
        if hit.node is not None:
            return Move(view, hit.node)
        if hit.wire is not None:
            return TakeEnd(view, hit.wire)
        if hit.drawn is not None:
            return DragDrawn(view, hit.drawn)
        return RubberBand(view)

    def _begin(self, gesture: Gesture | None, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._set(gesture)
        if gesture is not None:
            gesture.start(point, modifiers)
            if gesture.cursor is not None:
                self._view.viewport().setCursor(gesture.cursor)

    def _set(self, gesture: Gesture | None) -> Gesture | None:
        """Gives the one before."""
        self._autoscroll.stop()
        before, self._gesture = self._gesture, gesture
        self._view.overlay.gesture = gesture
        return before

    def move(self, event: QMouseEvent) -> None:
        point = self._point(event)
        self.over = True
        if self._gesture is not None:
            self._held = event.modifiers()
            self._gesture.move(point, self._held)
            if self._gesture is not None and self._gesture.scrolls:
                self._autoscroll.follow(self.pointer, self._view.viewport().rect())
        else:
            self._hover(self._view.hit(point), point)

    def _scroll_on(self, dx: int, dy: int) -> None:
        """One step near the edge: what is dragged stays under the mouse."""
        if self._gesture is None:
            self._autoscroll.stop()
            return
        self._view.scroll_by(dx, dy)
        self._gesture.move(self._view.viewportTransform().inverted()[0].map(self.pointer), self._held)

    def release(self, event: QMouseEvent) -> None:
        point = self._point(event)
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        gesture = self._set(None)
        if gesture is not None:
            gesture.end(point, event.modifiers())
        self._hover(self._view.hit(point), point)

    def double_click(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = self._point(event)
        hit = self._view.hit(point)
        if hit.node is not None and hit.name:
            self._view.rename(hit.node)
        elif hit.drawn is not None and hit.drawn.edge == (0, 0):
            self._view.popups.edit_drawn(hit.drawn.id)
        elif hit.empty:
            self._view.open_add_by_name(point)
        else:
            self.press(event)

    def cancel(self) -> bool:
        """Esc, or the mouse has left with what it dragged. Whether there was a gesture."""
        gesture = self._set(None)
        if gesture is not None:
            gesture.cancel()
            self._hover(Hit())
        return gesture is not None

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        if self._gesture is not None:
            self._gesture.show_preview(wire, outcome)

    def forget(self) -> None:
        """The graph is another: what was begun no longer fits."""
        if not isinstance(self._gesture, DropLayer):
            self.cancel()
        self._view.layer.hovered_wire = None

    def hold_space(self, held: bool) -> None:
        if held != self._space:
            self._space = held
            self._hover(Hit())

    # -- what lies under the mouse --------------------------------------------------------------------
    def _hover(self, hit: Hit, point: QPointF | None = None) -> None:
        """Edges, buttons and labels under the mouse; what the remedy of the button or badge there would work on."""
        layer = self._view.layer
        badge = self._view.hits.badge_at(point, self._view.zoom) if point is not None else None
        remedied = hit.node if hit.button else badge
        self._view.document.point_at(layer.describer.fix_of(remedied) if remedied is not None else None)
        if (layer.hovered, layer.hovered_button) != (hit.node, hit.button):
            for node in {layer.hovered, hit.node}:
                if node is not None:
                    layer.update_node(node)
            layer.hovered, layer.hovered_button = hit.node, hit.button
        if layer.hovered_wire != hit.wire_row:
            known = len(self._view.arrays.wires)
            rows = [row for row in (layer.hovered_wire, hit.wire_row) if row is not None and row < known]
            layer.hovered_wire = hit.wire_row
            layer.update(wire_bounds(self._view.arrays, np.array(rows, np.intp)))
        shape = self._cursor(hit)
        if self._view.viewport().cursor().shape() != shape:
            self._view.viewport().setCursor(shape)

    def _cursor(self, hit: Hit) -> Qt.CursorShape:
        if self._space:
            return Qt.CursorShape.OpenHandCursor
        if hit.button or hit.wire is not None:
            return Qt.CursorShape.PointingHandCursor
        if hit.parameters:
            return Qt.CursorShape.IBeamCursor
        if hit.drawn is not None:
            return EDGES.get(hit.drawn.edge, Qt.CursorShape.SizeAllCursor)
        return Qt.CursorShape.CrossCursor if hit.port is not None else Qt.CursorShape.ArrowCursor

    def leave(self) -> None:
        self.over = False
        if self._gesture is None:
            self._hover(Hit())

    def wheel(self, event: QWheelEvent) -> None:
        view, pixels, angle = self._view, event.pixelDelta(), event.angleDelta()
        view.stop_gliding()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        touchpad = not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        if (touchpad and not control) or shift or (angle.x() and not angle.y()):
            x, y = (pixels.x(), pixels.y()) if touchpad else (angle.x() // 2, angle.y() // 2)
            if shift and not touchpad and not x:
                x, y = y, 0
            view.scroll_by(-x, -y)
        elif angle.y():
            view.set_zoom(view.zoom * STEP ** (angle.y() / 120), event.position())
        event.accept()

    # -- drops from the palette -----------------------------------------------------------------------
    def drag_enter(self, event: QDragEnterEvent) -> None:
        kind = dropped_kind(event.mimeData())
        if kind is None:
            event.ignore()
            return
        self.cancel()
        self._begin(DropLayer(self._view, kind), self._point(event), event.modifiers())
        event.acceptProposedAction()

    def drag_move(self, event: QDragMoveEvent) -> None:
        if isinstance(self._gesture, DropLayer):
            self._gesture.move(self._point(event), event.modifiers())
            event.acceptProposedAction()
        else:
            event.ignore()

    def drop(self, event: QDropEvent) -> None:
        kind = dropped_kind(event.mimeData())
        if kind is None:
            event.ignore()
            return
        before = self._set(None)
        gesture = before if isinstance(before, DropLayer) else DropLayer(self._view, kind)
        gesture.end(self._point(event), event.modifiers())
        event.acceptProposedAction()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
