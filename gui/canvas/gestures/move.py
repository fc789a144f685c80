"""Press on a node: selects it; a drag moves the whole selection on the grid, as one undo step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt

from engine.graph import edits
from engine.graph.model import NodeId
from gui.canvas import geometry as g
from gui.canvas.gestures.gesture import THRESHOLD, Gesture, adds, toggles

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Move(Gesture):
    """Nodes follow in steps of 4 (with Shift held: of 20). A node that is wired to nothing and dropped on a wire is
    put into it."""

    def __init__(self, view: CanvasView, node: NodeId):
        self._view, self._node = view, node
        self._origin = QPointF()
        self._dragging = False
        self._select_only = False  # a click without a drag leaves only this node selected
        self._rows = np.zeros(0, np.intp)
        self._nodes: list[NodeId] = []
        self._anchor = 0
        self._from = np.zeros((0, 2))
        self._step = (0.0, 0.0)
        self._into: int | None = None

    @property
    def scrolls(self) -> bool:
        return self._dragging

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        document = self._view.document
        self._origin = point
        self._view.select_wires(frozenset())
        if toggles(modifiers):
            document.select(document.selection ^ {self._node})
        elif adds(modifiers):
            document.select(document.selection | {self._node})
        elif self._node in document.selection:
            self._select_only = len(document.selection) > 1
        else:
            document.select(frozenset({self._node}))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        away = point - self._origin
        if not self._dragging:
            if max(abs(away.x()), abs(away.y())) * self._view.zoom < THRESHOLD:
                return
            if self._node not in self._view.document.selection:
                return
            self._lift()
        grid = g.COARSE_GRID if adds(modifiers) else g.GRID
        x, y = self._from[self._anchor].tolist()
        step = (g.snap(x + away.x(), grid) - x, g.snap(y + away.y(), grid) - y)
        if step == self._step:
            return
        self._step = step
        self._view.drag_nodes(self._rows, self._from + np.array(step))
        self._mark_wire(point)

    def _lift(self) -> None:
        view = self._view
        arrays = view.arrays
        chosen = sorted(arrays.row[n] for n in view.document.selection if n in arrays.row)
        self._rows = np.array(chosen, np.intp)
        self._nodes = [arrays.ids[row] for row in chosen]
        self._from = arrays.rects[self._rows, :2].copy()
        self._anchor = chosen.index(arrays.row[self._node])
        self._dragging, self._select_only = True, False
        view.lift(self._rows)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        view = self._view
        if not self._dragging:
            if view.hit(point).parameters and not (adds(modifiers) or toggles(modifiers)):
                view.edit_parameter(self._node)
            if self._select_only:
                view.document.select(frozenset({self._node}))
            return
        into = self._into
        self._mark_wire(None)
        view.lift(None)
        if self._step == (0.0, 0.0):
            return
        spots = (self._from + np.array(self._step)).tolist()
        places = {view.arrays.ids[row]: (x, y) for row, (x, y) in zip(self._rows.tolist(), spots, strict=True)}
        design = edits.move(view.document.design, places)
        label = view.counted("Move", len(places), self._node)
        if into is not None:
            wire = view.arrays.wires[into]
            entrance, leaving = view.arrays.inputs[self._rows[0]], view.arrays.outputs[self._rows[0]]
            design = edits.insert_on_wire(design, wire, self._node, into=entrance[0], out=leaving[0])
            label = view.counted("Insert", 1, self._node)
        view.document.change(design, label)

    def cancel(self) -> None:
        if self._dragging:
            self._view.mark_wire(None)
            self._view.arrays.put_back(self._nodes)  # by id: the graph may be another by now
            self._view.lift(None)

    def _mark_wire(self, point: QPointF | None) -> None:
        """Show the wire into which a single unwired node would go."""
        view, arrays = self._view, self._view.arrays
        found = None
        if point is not None and len(self._rows) == 1:
            row = int(self._rows[0])
            free = not ((arrays.source == row) | (arrays.target == row)).any()
            if free and arrays.inputs[row] and arrays.outputs[row]:
                found = view.hits.wire_at(point, view.zoom)
        if found != self._into:
            self._into = found
            view.mark_wire(found)
