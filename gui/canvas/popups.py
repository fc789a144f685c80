"""The two small editors that open on the canvas: a node's name, and the name of a layer to add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt

from engine.catalog import catalog
from engine.check import wiring
from engine.graph.design import Place
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, NodeId, Wire
from gui import adding
from gui.canvas import editing
from gui.canvas import geometry as g
from gui.canvas.add_by_name import AddByName
from gui.canvas.rename import RenameEditor

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

End = tuple[NodeId, str]


class Popups:
    """When one closes, the canvas has the focus again."""

    def __init__(self, view: CanvasView):
        self._view = view
        self._where: dict[str, Any] = {}  # where the layer that is being named goes
        self.add_by_name = AddByName(view.viewport())
        self.rename_editor = RenameEditor(view.viewport())
        self.add_by_name.chosen.connect(lambda kind: view.add_layer(kind, **self._where))
        self.add_by_name.closed.connect(self._return_focus)
        self.rename_editor.renamed.connect(lambda node, label: editing.rename(view, node, label))
        self.rename_editor.finished.connect(self._return_focus)

    def _return_focus(self) -> None:
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def rename(self, node: NodeId) -> None:
        view = self._view
        view.reveal(node)
        if g.level(view.zoom) < g.TILES:
            view.centre_on(node)
        x, y, _, _ = view.arrays.rects[view.arrays.row[node]].tolist()
        spot = view.mapFromScene(QPointF(x + 30, y + 3))
        rect = QRectF(spot.x(), spot.y(), max(118 * view.zoom, 118), max(26 * view.zoom, 26)).toRect()
        self.rename_editor.open_on(node, view.document.design.graph.nodes[node].label, rect)

    def open_add_by_name(self, pos: QPointF | None, wire_from: End | None, wire_to: End | None) -> QPointF:
        """Gives the place on the canvas for which it was opened."""
        view = self._view
        document = view.document
        after = next(iter(document.selection)) if len(document.selection) == 1 and pos is None else None
        place: Place | None = None
        where = view.visible_rect().center()
        if pos is not None:
            where = pos
            place = (g.snap(pos.x() - (g.WIDTH if wire_to is not None else 0.0)), g.snap(pos.y() - g.PORT_Y))
        elif after is not None:
            where = self._beside(after)
        else:
            corner = (g.snap(where.x() - g.WIDTH / 2), g.snap(where.y() - g.STANDARD / 2))
            place = adding.free_place(document.design, corner)
        self._where = {"after": after, "place": place, "wire_from": wire_from, "wire_to": wire_to}
        fitting = self._fitting(wire_from, wire_to) if wire_from or wire_to else None
        self.add_by_name.open_at(view.mapFromScene(where), fitting)
        return where

    def _fitting(self, wire_from: End | None, wire_to: End | None) -> frozenset[str] | None:
        """The kinds of layers that could stand at the loose end of a wire."""
        end = wire_from or wire_to
        assert end is not None
        document = self._view.document
        whole = document.design.graph
        known = whole.nodes[end[0]]
        found: list[str] = []
        for kind in catalog.load().layers:
            new = Layer("new", kind)
            layers = {known.layer: whole.layers[known.layer], new.id: new}
            nodes = {known.id: known, new.id: Node(new.id, new.id, kind)}
            graph = Graph(Frozen(layers), Frozen(nodes), blocks=whole.blocks)
            port = wiring.free_input(graph, new.id) if wire_from else wiring.first_output(graph, new.id)
            if port is None:
                continue
            wire = Wire(end[0], new.id, port, end[1]) if wire_from else Wire(new.id, end[0], end[1], port)
            if wiring.why_not(graph, document.report, wire) is None:
                found.append(kind)
        return frozenset(found) or None

    def _beside(self, node: NodeId) -> QPointF:
        x, y, width, _ = self._view.arrays.rects[self._view.arrays.row[node]].tolist()
        return QPointF(x + width + 12, y)
