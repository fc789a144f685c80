"""Drag from port to port, in either direction. Ports that match grow, the others fade; the reason why a wire would not
do stands beside the mouse, yet it may be made: then it becomes a problem with a remedy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTransform

from engine.check import wiring
from engine.check.report import TensorSpec
from engine.graph import edits
from engine.graph.model import Graph, NodeId, Wire
from engine.graph.topology import cycle_closed_by
from gui.canvas import geometry as g
from gui.canvas.gestures import note
from gui.canvas.gestures.gesture import THRESHOLD, Gesture, adds, toggles
from gui.canvas.graph_layer import paint_port
from gui.canvas.hit_test import Port
from gui.canvas.wires import CANDIDATE_DASH, THICK, THINNEST, pen, wire_path
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

LOOKING = 0.03  # seconds spent on asking which ports on the screen match


class DragWire(Gesture):
    """From `port` to wherever it is dropped. From an input that has a wire, that wire's end is taken along.

    `taken` is a wire that was pressed itself: its other end is at `port`. Dropped on nothing, a wire whose end was
    taken is gone; with Shift held, a layer for that end is asked for instead.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, port: Port, taken: Wire | None = None):
        self._view = view
        self._taken = taken
        self._port = port
        if taken is None:
            self._taken = self._wire_at(view, port)
            self._port = Port(self._taken.source, self._taken.source_port, True) if self._taken else port
        self._origin = self._end = QPointF()
        self._dragging = False
        self._target: Port | None = None
        self._reason: str | None = None
        self._matching: dict[Port, bool] = {}
        self._outcomes: dict[Wire, TensorSpec | str | None] = {}  # what targets would give, as far as it is known
        self._painted = QRectF()

    @staticmethod
    def _wire_at(view: CanvasView, port: Port) -> Wire | None:
        """The one wire that ends at an input."""
        if port.output:
            return None
        row = view.arrays.row[port.node]
        found = [view.arrays.wires[i] for i in np.flatnonzero(view.arrays.target == row).tolist()]
        found = [w for w in found if w.target_port == port.name]
        return found[0] if len(found) == 1 else None

    @property
    def scrolls(self) -> bool:
        return self._dragging

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._origin = self._end = point

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if not self._dragging:
            away = point - self._origin
            if max(abs(away.x()), abs(away.y())) * self._view.zoom < THRESHOLD:
                return
            self._begin()
        self._end = point
        target = self._find(point)
        if target != self._target:
            self._target = target
            self._reason = self._judge(target) if target else None
        self._repaint()

    def _begin(self) -> None:
        view = self._view
        self._dragging = True
        if self._taken is not None:
            view.mark_taken(self._taken)
        deadline = time.perf_counter() + LOOKING
        for row in view.visible_rows().tolist():
            names = view.arrays.inputs[row] if self._port.output else view.arrays.outputs[row]
            for name in names:
                if time.perf_counter() > deadline:
                    break
                other = Port(view.arrays.ids[row], name, not self._port.output)
                self._matching[other] = self._why_not(other) is None
        view.fade_ports(True)

    # -- what the wire would be -----------------------------------------------------------
    def _wire_to(self, other: Port) -> Wire:
        start, end = (self._port, other) if self._port.output else (other, self._port)
        return Wire(start.node, end.node, end.name, start.name)

    @property
    def candidate(self) -> Wire | None:
        """The wire that there would be if it were dropped now."""
        return self._wire_to(self._target) if self._target is not None else None

    def _graph(self) -> Graph:
        """Without the wire whose end is being dragged."""
        design = self._view.document.design
        if self._taken is not None and self._taken in design.graph.wires:
            design = edits.disconnect(design, (self._taken,))
        return design.graph

    def _why_not(self, other: Port) -> str | None:
        return wiring.why_not(self._graph(), self._view.document.report, self._wire_to(other))

    def _judge(self, target: Port) -> str | None:
        """Why not, as far as it is known. What the target would give takes a run of its layer: that is for another
        thread, and the source's own shape stands there meanwhile."""
        reason, wire = self._why_not(target), self._wire_to(target)
        if reason is None:
            known = self._outcomes.get(wire)
            if wire not in self._outcomes:
                self._view.preview_wanted.emit(self._graph(), wire)
            reason = known if isinstance(known, str) else None
        return reason

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        self._outcomes[wire] = outcome
        if self._dragging and wire == self.candidate:
            if isinstance(outcome, str):
                self._reason = outcome
            self._repaint()

    def _find(self, point: QPointF) -> Port | None:
        """The port under the mouse, or the first free one of the node under it."""
        view = self._view
        port = view.hits.port_at(point, view.zoom, output=not self._port.output)
        if port is not None:
            return port
        node = view.hits.node_at(point)
        return self._free_port(node) if node is not None and node != self._port.node else None

    def _free_port(self, node: NodeId) -> Port | None:
        graph = self._view.document.design.graph
        name = wiring.free_input(graph, node) if self._port.output else wiring.first_output(graph, node)
        if name is None and self._port.output:
            inputs = self._view.arrays.inputs[self._view.arrays.row[node]]
            name = inputs[0] if inputs else None
        return Port(node, name, not self._port.output) if name is not None else None

    # -- the end --------------------------------------------------------------------------
    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if not self._dragging:
            return
        self.move(point, modifiers)
        target = self._target
        self.cancel()
        view = self._view
        design = view.document.design
        if target is not None:
            wire = self._wire_to(target)
            if wire == self._taken:
                return
            graph = self._graph()
            label = f"Connect {graph.nodes[wire.source].label} to {graph.nodes[wire.target].label}"
            ring = cycle_closed_by(graph, wire) is not None
            # A remedy removes the wire that closes a ring, so the old one has to stay.
            if self._taken is not None and self._taken in design.graph.wires:
                after = edits.rewire(design, self._taken, wire, replace=not ring)
            else:
                after = edits.connect(design, wire, replace=not ring)
            view.document.change(after, label)
            for gone in graph.wires:
                if gone not in after.graph.wires:
                    ends = f"from {graph.nodes[gone.source].label} to {graph.nodes[gone.target].label}"
                    view.document.message_shown.emit(f"Replaced the wire {ends}.", "info")
        elif self._taken is not None and not adds(modifiers):
            if self._taken in design.graph.wires:
                view.document.change(edits.disconnect(design, (self._taken,)), "Disconnect wire")
        elif view.hits.node_at(point) is None:
            end = (self._port.node, self._port.name)
            if self._port.output:
                view.open_add_by_name(point, wire_from=end, moved=self._taken)
            else:
                view.open_add_by_name(point, wire_to=end, moved=self._taken)

    def cancel(self) -> None:
        if self._dragging:
            self._dragging = False
            self._view.mark_taken(None)
            self._view.fade_ports(False)
            self._view.overlay.update(self._painted)

    # -- how it looks ---------------------------------------------------------------------
    def _repaint(self) -> None:
        overlay = self._view.overlay
        overlay.update(self._painted)
        x, y = self._view.arrays.port_place(self._view.arrays.row[self._port.node], self._port.name, self._port.output)
        down = self._view.arrays.down
        reach = max(60.0, abs(self._end.y() - y if down else self._end.x() - x) / 2 + 20)
        wide, tall = (30.0, reach) if down else (reach, 30.0)
        around = QRectF(QPointF(x, y), self._end).normalized().adjusted(-wide, -tall, wide, tall)
        self._painted = around | note.around(self._end, self._view.zoom)
        overlay.update(self._painted)

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if not self._dragging:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        zoom = transform.m11()
        arrays = self._view.arrays
        for port, matches in self._matching.items():
            if matches and port.node in arrays.row:
                x, y = arrays.port_place(arrays.row[port.node], port.name, port.output)
                paint_port(painter, QPointF(x, y), max(7.0, 4 / zoom), max(2.0, 1.5 / zoom), "accent")
        self._paint_wire(painter, zoom)
        self._paint_note(painter, transform)

    def _paint_wire(self, painter: QPainter, zoom: float) -> None:
        arrays = self._view.arrays
        x, y = arrays.port_place(arrays.row[self._port.node], self._port.name, self._port.output)
        end = self._end
        if self._target is not None:
            end = QPointF(*arrays.port_place(arrays.row[self._target.node], self._target.name, self._target.output))
        points = (x, y, end.x(), end.y()) if self._port.output else (end.x(), end.y(), x, y)
        width = max(THICK, THINNEST / zoom)
        token = "err" if self._reason else "accent"
        painter.setPen(pen(theme.colour(token), width, CANDIDATE_DASH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(wire_path(*points, back=False, gutter=0.0, down=arrays.down))
        ring = 7.0 if self._target is not None else 4.0
        paint_port(painter, end, max(ring, 4 / zoom), max(2.0, 1.5 / zoom), token)
        paint_port(painter, QPointF(x, y), max(g.PORT_RADIUS, 4 / zoom), max(2.0, 1.5 / zoom), token)

    def note(self) -> str:
        """What stands beside the mouse: why not, what the target would give, or what the source sends."""
        if self._reason:
            return self._reason
        report = self._view.document.report
        start = self._port if self._port.output else self._target
        spec = report.output(start.node, start.name) if start else None
        outcome = self._outcomes.get(self.candidate) if self.candidate else None
        if isinstance(outcome, TensorSpec):
            return f"→ {outcome.text()}"
        return spec.text() if spec is not None else ""

    def _paint_note(self, painter: QPainter, transform: QTransform) -> None:
        """The shape that would flow, or the reason why not, beside the mouse."""
        if text := self.note():
            note.paint(painter, transform, self._end, text, bool(self._reason), self._view.viewport().rect())


class TakeEnd(Gesture):
    """Press on a wire: selects it; a drag takes the end that is nearer to where it was pressed."""

    def __init__(self, view: CanvasView, wire: Wire):
        self._view, self._wire = view, wire
        self._drag: DragWire | None = None
        self._origin = QPointF()

    @property
    def scrolls(self) -> bool:
        return self._drag is not None and self._drag.scrolls

    def start(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        view = self._view
        self._origin = point
        if adds(modifiers) or toggles(modifiers):
            view.select_wires(view.arrays.selected_wires ^ {self._wire})
        else:
            view.document.select(frozenset())
            view.select_wires(frozenset({self._wire}))

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if self._drag is None:
            away = point - self._origin
            if max(abs(away.x()), abs(away.y())) * self._view.zoom < THRESHOLD:
                return
            self._drag = DragWire(self._view, self._other_end(), self._wire)
            self._drag.start(self._origin, modifiers)
        self._drag.move(point, modifiers)

    def _other_end(self) -> Port:
        """The port of the end that stays."""
        wire, arrays = self._wire, self._view.arrays
        ends = (
            Port(wire.source, wire.source_port, True),
            Port(wire.target, wire.target_port, False),
        )
        places = [QPointF(*arrays.port_place(arrays.row[end.node], end.name, end.output)) for end in ends]
        away = [(place - self._origin).manhattanLength() for place in places]
        return ends[0] if away[0] >= away[1] else ends[1]

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if self._drag is not None:
            self._drag.end(point, modifiers)

    def cancel(self) -> None:
        if self._drag is not None:
            self._drag.cancel()

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        if self._drag is not None:
            self._drag.show_preview(wire, outcome)

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if self._drag is not None:
            self._drag.paint(painter, transform, dpr)
