"""Notes and frames by mouse: moved, a frame with all that it holds, and made larger or smaller by their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QTransform

from engine.graph import drawing
from engine.graph.design import Design
from engine.graph.drawing import Rectangle
from gui.canvas import geometry as g
from gui.canvas.drawn import DrawnHit
from gui.canvas.gestures.gesture import THRESHOLD, Gesture, adds, toggles
from gui.canvas.gestures.snapping import Snapping

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class DragDrawn(Gesture):
    """Press on a note or frame: selects it. A drag moves all that are selected, or the edge that was pressed."""

    def __init__(self, view: CanvasView, hit: DrawnHit):
        self._view, self._hit = view, hit
        self._origin = QPointF()
        self._dragging = False
        self._snapping: Snapping | None = None
        self._step = (0.0, 0.0)
        self._rows = np.zeros(0, np.intp)  # of the nodes that go along
        self._nodes: list[str] = []
        self._from = np.zeros((0, 2))
        self._rectangles: dict[str, Rectangle] = {}  # of what moves, as it lay at first

    @property
    def scrolls(self) -> bool:
        return self._dragging

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._origin = point
        view, one = self._view, frozenset({self._hit.id})
        if toggles(modifiers):
            view.select_drawn(view.drawn.selected ^ one)
        elif adds(modifiers):
            view.select_drawn(view.drawn.selected | one)
        elif self._hit.id not in view.drawn.selected or self._hit.edge != (0, 0):
            view.select_drawn(one)

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        away = point - self._origin
        if not self._dragging:
            if max(abs(away.x()), abs(away.y())) * self._view.zoom < THRESHOLD:
                return
            if self._hit.id not in self._view.drawn.selected:
                return
            self._lift()
        if self._hit.edge != (0, 0):
            self._view.drawn.put({self._hit.id: self._resized(away, modifiers)})
            return
        assert self._snapping is not None
        dx, dy = self._step = self._snapping.step(away, modifiers)
        self._view.drawn.put({i: (x + dx, y + dy, w, h) for i, (x, y, w, h) in self._rectangles.items()})
        if len(self._rows):
            self._view.drag_nodes(self._rows, self._from + np.array(self._step))

    def _lift(self) -> None:
        view, self._dragging = self._view, True
        chosen = set(view.drawn.selected) if self._hit.edge == (0, 0) else {self._hit.id}
        nodes: set[str] = set()
        if self._hit.edge == (0, 0):
            for frame in [i for i in chosen if i in view.drawn.frames]:
                inside = drawing.held(view.document.design, frame, view.sizes())
                chosen |= inside.notes | inside.frames
                nodes |= inside.nodes
        self._rectangles = {i: view.drawn.rectangle(i) for i in chosen}
        self._rows = np.array(sorted(view.arrays.row[n] for n in nodes), np.intp)
        self._nodes = [view.arrays.ids[row] for row in self._rows.tolist()]
        self._from = view.arrays.rects[self._rows, :2].copy()
        own = self._rectangles[self._hit.id]
        self._snapping = Snapping(view, own, (own[0], own[1]), self._rows)
        if len(self._rows):
            view.lift(self._rows)

    def _resized(self, away: QPointF, modifiers: Qt.KeyboardModifier) -> Rectangle:
        """The pressed edges go with the mouse, the others stay."""
        free = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        grid = 1.0 if free else g.COARSE_GRID if adds(modifiers) else g.GRID
        x, y, width, height = self._rectangles[self._hit.id]
        left, right = _spread(x, width, self._hit.edge[0], away.x(), drawing.SMALLEST[0], grid)
        top, bottom = _spread(y, height, self._hit.edge[1], away.y(), drawing.SMALLEST[1], grid)
        return (left, top, right - left, bottom - top)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if not self._dragging:
            if not (adds(modifiers) or toggles(modifiers)):
                self._view.select_drawn(frozenset({self._hit.id}))
            return
        self.move(point, modifiers)
        view, design = self._view, self._view.document.design
        shown = view.drawn.rectangle(self._hit.id)
        self._put_down()
        what = "note" if self._hit.id in view.drawn.notes else "frame"
        if self._hit.edge != (0, 0):
            resize = drawing.resize_note if what == "note" else drawing.resize_frame
            view.document.change(resize(design, self._hit.id, shown), f"Resize {what}")
        elif self._step != (0.0, 0.0):
            many = len(view.drawn.selected) > 1
            view.document.change(self._moved(design), "Move notes and frames" if many else f"Move {what}")

    def _moved(self, design: Design) -> Design:
        drawn, chosen = self._view.drawn, self._view.drawn.selected
        notes = [i for i in chosen if i in drawn.notes]
        frames = [i for i in chosen if i in drawn.frames]
        return drawing.move(design, self._step, self._view.sizes(), notes=notes, frames=frames)

    def _put_down(self) -> None:
        self._view.drawn.put({})
        if self._snapping is not None:
            self._snapping.end()
        if len(self._rows):
            self._view.arrays.put_back(self._nodes)  # by id: the graph may be another by now
            self._view.lift(None)

    def cancel(self) -> None:
        if self._dragging:
            self._put_down()

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if self._snapping is not None:
            self._snapping.paint(painter)


def _spread(start: float, length: float, side: int, by: float, least: float, grid: float) -> tuple[float, float]:
    """Start and end of a side of which one end is moved, never shorter than `least`."""
    end = start + length
    if side < 0:
        return min(g.snap(start + by, grid), end - least), end
    if side > 0:
        return start, max(g.snap(end + by, grid), start + least)
    return start, end
