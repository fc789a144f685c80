"""Press on a node: selects it; a drag moves the whole selection on the grid, as one undo step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QTransform

from engine.check import healing
from engine.check.report import TensorSpec
from engine.graph import edits
from engine.graph.design import Design, Place
from engine.graph.model import NodeId, Wire
from gui.canvas.gestures.gesture import THRESHOLD, Gesture, adds, toggles
from gui.canvas.gestures.insertion import Insertion
from gui.canvas.gestures.snapping import Snapping

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Move(Gesture):
    """Nodes follow on the grid and fall into line with others (see Snapping). A single one that is dropped on a wire is
    put into it: at once where it is wired to nothing, else with Ctrl held, which takes it out of its own wires."""

    def __init__(self, view: CanvasView, node: NodeId):
        self._view, self._node = view, node
        self._origin = QPointF()
        self._dragging = False
        self._select_only = False  # a click without a drag leaves only this node selected
        self._rows = np.zeros(0, np.intp)
        self._nodes: list[NodeId] = []
        self._from = np.zeros((0, 2))
        self._step = (0.0, 0.0)
        self._snapping: Snapping | None = None
        self._insertion = Insertion(view, node, self._detached)
        self._wired = self._may_go_in = False

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
        assert self._snapping is not None
        step = self._snapping.step(away, modifiers)
        if step != self._step:
            self._step = step
            self._view.drag_nodes(self._rows, self._from + np.array(step))
        self._hover(point, modifiers)

    def _lift(self) -> None:
        view = self._view
        arrays = view.arrays
        chosen = sorted(arrays.row[n] for n in view.document.selection if n in arrays.row)
        self._rows = np.array(chosen, np.intp)
        self._nodes = [arrays.ids[row] for row in chosen]
        self._from = arrays.rects[self._rows, :2].copy()
        self._dragging, self._select_only = True, False
        x, y = arrays.rects[arrays.row[self._node], :2].tolist()
        left, top, right, bottom = arrays.bounds(self._rows) or (x, y, x, y)
        self._snapping = Snapping(view, (left, top, right - left, bottom - top), (x, y), self._rows)
        row = arrays.row[self._node]
        self._wired = bool(len(arrays.wires_of([row])))
        self._may_go_in = len(chosen) == 1 and bool(arrays.inputs[row] and arrays.outputs[row])
        view.lift(self._rows)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        view = self._view
        if not self._dragging:
            if view.hit(point).parameters and not (adds(modifiers) or toggles(modifiers)):
                view.edit_parameter(self._node)
            if self._select_only:
                view.document.select(frozenset({self._node}))
            return
        wire = self._insertion.leave()
        self._put_down()
        if self._step == (0.0, 0.0):
            return
        places = self._places()
        if wire is not None:
            design = self._insertion.made(edits.move(self._detached(), places), wire)
            view.sliding.change(design, view.counted("Insert", 1, self._node))
        else:
            design = edits.move(view.document.design, places)
            view.document.change(design, view.counted("Move", len(places), self._node))

    def _places(self) -> dict[NodeId, Place]:
        spots = (self._from + np.array(self._step)).tolist()
        return {node: (x, y) for node, (x, y) in zip(self._nodes, spots, strict=True)}

    def _put_down(self) -> None:
        if self._snapping is not None:
            self._snapping.end()
        self._view.lift(None)

    def cancel(self) -> None:
        if self._dragging:
            self._insertion.leave()
            self._view.arrays.put_back(self._nodes)  # by id: the graph may be another by now
            self._put_down()

    # -- into a wire ------------------------------------------------------------------------
    def _detached(self) -> Design:
        """The design with the node out of its wires."""
        document = self._view.document
        return healing.detach(document.design, document.report, [self._node]) if self._wired else document.design

    def _hover(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        view = self._view
        row = view.hits.wire_at(point, view.zoom, but=self._node) if self._may_go_in else None
        if row is not None and self._wired and not toggles(modifiers):
            label = view.document.design.graph.nodes[self._node].label
            self._insertion.hover(None, point, f"Hold Ctrl to take {label} out of its wires and put it into this one.")
        else:
            self._insertion.hover(row, point)

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        self._insertion.show_preview(wire, outcome)

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if self._snapping is not None:
            self._snapping.paint(painter)
        self._insertion.paint(painter, transform)
