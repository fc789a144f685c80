"""A layer dragged here from the palette: its ghost under the mouse, and the node where it is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTransform

from engine.catalog import catalog
from engine.check.report import TensorSpec
from engine.graph import edits
from engine.graph.design import Design, Place
from engine.graph.model import Wire, new_id
from gui.adding import add_layer
from gui.canvas import geometry as g
from gui.canvas import ports
from gui.canvas.gestures.gesture import Gesture
from gui.canvas.gestures.insertion import Insertion
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

MIME = "application/x-strata-layer"  # the kind, in UTF-8


def dropped_kind(data: QMimeData) -> str | None:
    """The kind of layer that is dragged, None where it is something else or unknown."""
    if not data.hasFormat(MIME):
        return None
    kind = bytes(data.data(MIME).data()).decode("utf-8", "replace")
    return kind if ports.row(kind) is not None else None


class DropLayer(Gesture):
    """Dropped on a wire, the new node is put into it; anywhere else it stands alone."""

    def __init__(self, view: CanvasView, kind: str):
        self._view, self.kind = view, kind
        self._at: Place | None = None
        self._node = new_id()
        self._insertion = Insertion(view, self._node, self._alone)

    def _alone(self) -> Design:
        design, _ = edits.add_node(self._view.document.design, self.kind, (0.0, 0.0), node_id=self._node)
        return design

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        old = self._rect()
        self._at = (g.snap(point.x() - g.WIDTH / 2), g.snap(point.y() - g.HEADER / 2))
        self._view.overlay.update(old)
        self._view.overlay.update(self._rect())
        row = ports.row(self.kind)
        fits = row is not None and row.inputs and row.outputs and self._view.hits.node_at(point) is None
        self._insertion.hover(self._view.hits.wire_at(point, self._view.zoom) if fits else None, point)

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.move(point, modifiers)
        place, wire = self._at, self._insertion.wire
        self.cancel()
        document = self._view.document  # where it was let go: nothing scrolls
        if wire is None or place is None:
            add_layer(document, self.kind, place=place)
            return
        design = self._insertion.made(edits.move(self._alone(), {self._node: place}), wire)
        self._view.sliding.change(design, f"Add {catalog.spec(self.kind).title}")
        document.select(frozenset({self._node}))

    def cancel(self) -> None:
        self._view.overlay.update(self._rect())
        self._at = None
        self._insertion.leave()

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        self._insertion.show_preview(wire, outcome)

    def _rect(self) -> QRectF:
        if self._at is None:
            return QRectF()
        margin = 4 / self._view.zoom
        return QRectF(*self._at, g.WIDTH, g.STANDARD).adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, transform: QTransform, dpr: float) -> None:
        if self._at is None:
            return
        row = ports.row(self.kind)
        assert row is not None
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setOpacity(0.75)
        painter.translate(*self._at)
        plane = self._view.watcher.plane
        box = QRectF(0, 0, g.WIDTH, g.node_height(row.family, self.kind, None, len(row.inputs), False, plane))
        painter.setBrush(theme.colour("node"))
        painter.setPen(QPen(theme.colour("sel"), 1.5 / max(transform.m11(), 0.2), Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, g.RADIUS, g.RADIUS)
        painter.fillRect(QRectF(g.RADIUS, 0, g.WIDTH - 2 * g.RADIUS, 2.5), theme.colour(row.family))
        painter.drawPixmap(QPointF(g.INSET, 10), theme.glyph(row.family, 17, dpr * max(transform.m11(), 0.25)))
        painter.setFont(theme.font(12 / theme.scale, 600))
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(35, 8, g.WIDTH - 40, 20), Qt.AlignmentFlag.AlignVCenter, row.title)
        painter.restore()
        self._insertion.paint(painter, transform)
