"""A node held over a wire: the wire lights up, and beside the mouse stands what would come of putting the node into it.

Nothing happens before it is dropped. What the node would give takes a run of its layer, which is for another thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QTransform

from engine.check import wiring
from engine.check.report import TensorSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Graph, NodeId, Wire
from engine.graph.room import make_room
from gui.canvas import geometry as g
from gui.canvas.gestures import note

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


class Insertion:
    """`make` gives the design in which the node is, wired to nothing. It is asked for when there is a wire."""

    def __init__(self, view: CanvasView, node: NodeId, make: Callable[[], Design]):
        self._view, self._node, self._make = view, node, make
        self.wire: Wire | None = None
        self._around: tuple[Graph, Wire, Wire] | None = None  # the graph with it put in, and the two wires there
        self._told: TensorSpec | str | None = None
        self._point = QPointF()
        self._hint = ""

    def hover(self, row: int | None, point: QPointF, hint: str = "") -> None:
        """It is held over the wire in this row, or over none; then a hint may say what would make it one."""
        self._repaint()
        self._point, self._hint = point, hint
        wire = self._view.arrays.wires[row] if row is not None else None
        if wire != self.wire:
            self.wire, self._told, self._around = wire, None, None
            self._view.mark_wire(row)
            if wire is not None:
                self._look(wire)
        self._repaint()

    def leave(self) -> Wire | None:
        """Let go of the wire. Gives the one that it was held over."""
        wire = self.wire
        self.hover(None, self._point)
        return wire

    def made(self, design: Design, wire: Wire) -> Design:
        """`design`, in which the node is, with the node put into the wire and room made around it."""
        sizes = {self._node: (g.WIDTH, g.STANDARD), **self._view.sizes()}  # a new one is not shown yet
        return make_room(put_in(design, wire, self._node), self._node, wire, sizes)

    def _look(self, wire: Wire) -> None:
        graph = put_in(self._make(), wire, self._node).graph
        first = next(w for w in graph.wires_into(self._node) if w.source == wire.source)
        second = next(w for w in graph.wires_from(self._node) if w.target == wire.target)
        self._around = graph, first, second
        before = replace(graph, wires=tuple(w for w in graph.wires if w not in (first, second)))
        self._told = wiring.why_not(before, self._view.document.report, first)
        if self._told is None:
            self._view.preview_wanted.emit(graph, first)

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        if self._around is None or wire != self._around[1] or outcome is None:
            return
        self._told = outcome if isinstance(outcome, str) else self._refused(outcome) or outcome
        self._repaint()

    def _refused(self, given: TensorSpec) -> str | None:
        """What the wire's old target would say to what the node gives."""
        assert self._around is not None
        graph, _, second = self._around
        report = self._view.document.report
        outputs = report.outputs.with_item(((self._node,), second.source_port), given)
        without = replace(graph, wires=tuple(w for w in graph.wires if w != second))
        return wiring.why_not(without, replace(report, outputs=outputs), second)

    @property
    def text(self) -> str:
        """The shape behind the node, why it does not fit there, or the hint; empty where there is nothing to say."""
        return f"→ {self._told.text()}" if isinstance(self._told, TensorSpec) else self._told or self._hint

    def _repaint(self) -> None:
        if self.text:
            self._view.overlay.update(note.around(self._point, self._view.zoom))

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        if self.text:
            wrong, shape = isinstance(self._told, str), self._told is not None
            note.paint(painter, transform, self._point, self.text, wrong, self._view.viewport().rect(), shape)


def put_in(design: Design, wire: Wire, node: NodeId) -> Design:
    """The design with a node put into a wire, by the input that still wants one and its first output."""
    entrance, leaving = wiring.free_input(design.graph, node), wiring.first_output(design.graph, node)
    assert entrance is not None and leaving is not None, "who has no port for it is not held over wires"
    return edits.insert_on_wire(design, wire, node, into=entrance, out=leaving)
