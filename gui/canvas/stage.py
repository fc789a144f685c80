"""The graph on the canvas: which part of it is in sight, and how parts are shown while a hand is on them.

The document hears of nothing that happens here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene, QWidget

from engine.graph.design import Design
from engine.graph.model import NodeId, Wire
from gui.canvas import geometry as g
from gui.canvas.camera import FIT_LARGEST, Camera
from gui.canvas.drawn import Drawn
from gui.canvas.hit_test import Hit, HitTest
from gui.canvas.motion import Fading
from gui.canvas.overlay import Overlay
from gui.canvas.sliding import Sliding
from gui.canvas.watch import DocumentWatcher
from gui.canvas.wires import wire_bounds
from gui.document import Document
from gui.theme import theme

Array = np.ndarray[Any, Any]

SHOWN_FROM = g.LEVELS[1]  # pictures are shown from this share of 100 % on
MANY = 200  # nodes above which everything is repainted rather than the parts that changed


class Stage(Camera):
    """A Camera on the graph of a Document: the layer that paints it, and the overlay for what is being dragged.

    wires_selected()   other wires, notes or frames are selected; the document knows of nodes only
    """

    wires_selected = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None):
        scene = QGraphicsScene()
        super().__init__(scene, parent)
        scene.setParent(self)
        self.document = document
        self.watcher = DocumentWatcher(document, self)
        self.arrays, self.layer = self.watcher.arrays, self.watcher.layer
        self.overlay = Overlay(self.layer)
        self.hits = HitTest(self.arrays)
        self.drawn = Drawn()
        self.drawn.show_design(document.design)
        scene.addItem(self.drawn)
        scene.addItem(self.layer)
        scene.addItem(self.overlay)
        self.fading = self.overlay.fading = Fading(self)
        document.touched_changed.connect(self.overlay.show_touched)
        self.sliding = Sliding(self)
        self.watcher.design_arriving.connect(self.sliding.end)
        document.design_changed.connect(self._on_drawing_changed)
        theme.changed.connect(self._on_colours_changed)
        self.watcher.design_arriving.connect(self.fading.leave)
        self.watcher.design_shown.connect(self.fading.start)

    def _on_drawing_changed(self, before: Design, after: Design) -> None:
        if before.notes is not after.notes or before.frames is not after.frames:
            chosen = self.drawn.selected
            self.drawn.show_design(after)
            if self.drawn.selected != chosen:
                self.wires_selected.emit()

    def _on_colours_changed(self) -> None:
        self.drawn.update()

    # -- what is in sight -----------------------------------------------------------------------
    def bounds(self) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) around the graph with its notes and frames; None where there is nothing. Nodes
        that slide count where they will be: who fits the view meanwhile wants to see them then."""
        known = [b for b in (self.sliding.bounds(), self.drawn.bounds()) if b is not None]
        if not known:
            return None
        lefts, tops, rights, bottoms = zip(*known, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def sizes(self) -> dict[NodeId, tuple[float, float]]:
        """How large each node is."""
        return {n: (w, h) for n, (w, h) in zip(self.arrays.ids, self.arrays.rects[:, 2:].tolist(), strict=True)}

    @property
    def shows_all(self) -> bool:
        """Whether the whole graph is in sight."""
        bounds = self.bounds()
        if bounds is None:
            return True
        left, top, right, bottom = bounds
        return self.visible_rect().contains(QRectF(left, top, right - left, bottom - top))

    def shown_part(self) -> QRectF:
        """What of the graph is in sight, in canvas units: the rectangle around the nodes that are wholly there."""
        view, rects = self.visible_rect(), self.arrays.rects[self.visible_rows()]
        whole = [box for row in rects.tolist() if view.contains(box := QRectF(*row))]
        part = QRectF()
        for box in whole:
            part = part.united(box)
        return part

    def keep_in_sight(self, part: QRectF) -> None:
        """After the room has changed: scroll as little as shows a part again, and where it does not fit zoom out."""
        view = self.visible_rect()
        if part.isEmpty() or view.contains(part):
            return
        if part.width() <= view.width() and part.height() <= view.height():
            self.reveal_rect(part)
        else:
            self.fit_rect(part, self.zoom / theme.scale)

    def reveal_rect(self, box: QRectF) -> None:
        shown = self.visible_rect()
        dx = min(0.0, box.left() - shown.left()) + max(0.0, box.right() - shown.right())
        dy = min(0.0, box.top() - shown.top()) + max(0.0, box.bottom() - shown.bottom())
        self.scroll_by(_outwards(dx * self.zoom), _outwards(dy * self.zoom))

    def fit(self) -> None:
        """Show the whole graph."""
        self._fit(self.bounds(), FIT_LARGEST)

    def show_graph(self) -> None:
        """The whole graph; where pictures would not be seen then, its start, at the smallest zoom that shows them."""
        bounds = self.bounds()
        if bounds is None:
            self.fit()
            return
        left, top, right, bottom = bounds
        self.fit_start(QRectF(left, top, right - left, bottom - top), SHOWN_FROM)

    def fit_selection(self) -> None:
        rows = [self.arrays.row[n] for n in self.document.selection if n in self.arrays.row]
        self._fit(self.arrays.bounds(rows) if rows else self.arrays.bounds(), 1.6)

    def _fit(self, bounds: tuple[float, float, float, float] | None, largest: float) -> None:
        if bounds is None:
            self.zoom_reset()
            self.centre(QPointF(0, 0))
            return
        left, top, right, bottom = bounds
        self.glide_to(QRectF(left, top, right - left, bottom - top), largest)

    def centre_on(self, node: NodeId) -> None:
        """Bring a node to the middle, where it is not wholly in sight or too small to be made out: else the picture
        would move under the eyes of somebody who sees it already."""
        row = self.arrays.row.get(node)
        if row is None:
            return
        box, small = QRectF(*self.arrays.rects[row].tolist()), g.level(self.zoom) < g.TILES
        if not small and self.visible_rect().contains(box):
            return
        if small:
            self.zoom_reset()
        self.centre(box.center())

    def reveal(self, node: NodeId | None) -> None:
        """Scroll, as little as it takes, where the node is not wholly in sight."""
        row = self.arrays.row.get(node) if node is not None else None
        if row is None:
            return
        self.reveal_rect(QRectF(*self.arrays.rects[row].tolist()))

    def visible_rows(self) -> Array:
        rect = self.visible_rect()
        return self.arrays.nodes_in(rect.left(), rect.top(), rect.right(), rect.bottom())

    def visible_nodes(self) -> list[NodeId]:
        """The nodes on the screen that can show pictures at this zoom."""
        if g.level(self.zoom) < g.TILES or not self.isVisible():
            return []
        return [self.arrays.ids[row] for row in self.visible_rows().tolist()]

    # -- what a hand is on ----------------------------------------------------------------------
    def hit(self, point: QPointF) -> Hit:
        found = self.hits.at(point, self.zoom, self.layer.describer)
        return Hit(drawn=self.drawn.hit(point, self.zoom)) if found.empty else found

    def lift(self, rows: Array | None) -> None:
        """These rows of nodes are painted by the overlay from now on; None puts them down again."""
        self.fading.end()
        self.sliding.end()
        self.layer.lifted = self.arrays.mask(rows) if rows is not None else None
        if rows is not None:
            self._update_rows(rows)
        else:
            self.overlay.update()

    def drag_nodes(self, rows: Array, corners: Array) -> None:
        """Show nodes at other places, as long as they are lifted."""
        self._update_rows(rows)
        self.arrays.put(rows, corners)
        self._update_rows(rows)

    def _update_rows(self, rows: Array) -> None:
        if len(rows) > MANY:
            self.overlay.update()
            return
        bounds = self.arrays.bounds(rows) if len(rows) else None
        if bounds is None:
            return
        left, top, right, bottom = bounds
        self.overlay.update(QRectF(left, top, right - left, bottom - top).adjusted(-12, -12, 12, 12))
        wires = self.arrays.wires_of(rows)
        if len(wires) > 40:
            self.overlay.update(wire_bounds(self.arrays, wires))
        else:
            for wire in wires.tolist():
                self.overlay.update(wire_bounds(self.arrays, np.array([wire])))

    def select_drawn(self, drawn: frozenset[str]) -> None:
        """Select these notes and frames, and neither nodes nor wires."""
        self.document.select(frozenset())
        self.select_wires(frozenset())
        if drawn:
            self.drawn.select(drawn)
            self.wires_selected.emit()

    def select_wires(self, wires: frozenset[Wire]) -> None:
        """Select these, and neither notes nor frames."""
        if self.drawn.selected:
            self.drawn.select(frozenset())
            self.wires_selected.emit()
        if wires != self.arrays.selected_wires:
            rows = [i for i, w in enumerate(self.arrays.wires) if w in wires or w in self.arrays.selected_wires]
            self.arrays.select_wires(wires)
            self.layer.update(wire_bounds(self.arrays, np.array(rows, np.intp)))
            self.wires_selected.emit()

    def mark_wire(self, row: int | None) -> None:
        """Show the wire into which something would be put as selected, for the moment."""
        wires = frozenset({self.arrays.wires[row]}) if row is not None else frozenset()
        self.select_wires(wires)

    def mark_taken(self, wire: Wire | None) -> None:
        """Leave out a wire whose end is being dragged."""
        self.layer.hidden_wire = wire
        self.layer.update()

    def fade_ports(self, faded: bool) -> None:
        self.layer.faded_ports = faded
        self.layer.update(self.visible_rect())


def _outwards(pixels: float) -> int:
    """Whole pixels, no fewer than asked for."""
    return math.ceil(pixels) if pixels > 0 else math.floor(pixels)
