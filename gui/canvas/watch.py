"""Keeps the arrays and the graph layer in step with the document, and repaints no more than has changed."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.catalog.spec import FAMILIES
from engine.check.report import Report
from engine.graph.design import Design
from engine.graph.model import Graph, NodeId
from engine.observe.history import History
from engine.observe.picture import Look, Picture
from engine.observe.plane import is_plane
from gui.canvas.arrays import GraphArrays
from gui.canvas.content import Describer
from gui.canvas.graph_layer import GraphLayer
from gui.canvas.loss_curves import loss_curves, losses_of
from gui.canvas.thumbnails import Body
from gui.canvas.wires import wire_bounds
from gui.document import Document
from gui.theme import theme
from gui.widgets.numbers import thousands
from gui.widgets.plane import class_name

Array = np.ndarray[Any, Any]

MOST_TILES = 16
CURVE_GAP = 0.2  # seconds between two repaints of a loss's curve
MANY = 300  # nodes that are compared one by one
FEW = 40  # nodes that are repainted one by one
_LOSS = FAMILIES.index("Loss")


class DocumentWatcher(QObject):
    """Listens to the document. `shown_changed` says that other nodes may be on the canvas than before."""

    shown_changed = Signal()
    design_arriving = Signal(object, object)  # before the arrays show the new one
    design_shown = Signal()

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self.document = document
        self.arrays = GraphArrays()
        self.plane = False  # whether nodes show fields over the plane of two inputs
        self._history: History | None = None
        self._losses: tuple[Graph, dict[NodeId, str]] | None = None  # of the design that was trained
        self._units: dict[NodeId, tuple[int, ...]] = {}  # which channels a node shows, so that tiles stay in place
        self._outputs: object = None
        self._curve_time = 0.0
        self._curve_timer = QTimer(self, singleShot=True, interval=int(CURVE_GAP * 1000))
        self._curve_timer.timeout.connect(self._show_curve)
        self.arrays.show(document.design)
        self.layer = GraphLayer(self.arrays, self._describer())
        self._take_report()
        self._take_look(document.look)
        self.arrays.select(document.selection)
        document.design_changed.connect(self._on_design_changed)
        document.problems_changed.connect(self._on_problems_changed)
        document.data_changed.connect(self._on_data_changed)
        document.selection_changed.connect(self._on_selection_changed)
        document.found_changed.connect(self._on_found_changed)
        document.look_arrived.connect(self._on_look_arrived)
        document.running_changed.connect(self._on_running_changed)
        document.project_opened.connect(self._on_project_opened)
        theme.changed.connect(self._on_theme_changed)

    def _describer(self) -> Describer:
        # Of the design in the arrays: while another project is being opened the document's may be a step ahead.
        document = self.document
        return Describer(
            self.arrays.design,
            document.report,
            document.problems,
            self.arrays,
            document.data_spec,
            document.changed_since_start,
            self._ran(),
        )

    def _on_theme_changed(self) -> None:
        self.layer.drop_caches()

    # -- the design -----------------------------------------------------------------------
    def _on_design_changed(self, before: Design, after: Design) -> None:
        self.design_arriving.emit(before, after)
        self.arrays.show(after)
        same_graph = before.graph.nodes is after.graph.nodes and before.graph.wires is after.graph.wires
        if same_graph and before.places is after.places and before.flow == after.flow:
            self._refresh_contents()
            return
        self.arrays.select(self.document.selection)
        self.layer.describer = self._describer()
        self.layer.update()
        self.design_shown.emit()
        self.shown_changed.emit()

    def _refresh_contents(self) -> None:
        """Repaint the nodes that say something else now."""
        layer, old = self.layer, self.layer.describer
        layer.describer = self._describer()
        if len(old.known()) > MANY:
            layer.update()
            return
        for node, content in old.known():
            if node in self.arrays.row and layer.describer.content(node) != content:
                layer.update_node(node)

    # -- what is known ----------------------------------------------------------------------
    def _take_report(self) -> bool:
        document = self.document
        self._outputs = document.report.outputs
        if document.data_spec is not None:  # until others are known the nodes stay as tall as they are
            self.plane = is_plane(self.arrays.design.graph, document.data_spec)
        grown = self.arrays.take_report(document.report, document.problems, self.plane)
        self.arrays.select(document.selection)
        return grown

    def _on_data_changed(self) -> None:
        if self.document.data_spec is not None and self.plane != is_plane(
            self.arrays.design.graph, self.document.data_spec
        ):
            self._on_problems_changed()
            self.shown_changed.emit()
        else:
            self._refresh_contents()

    def _on_problems_changed(self) -> None:
        """The check's report, or what training met."""
        before, states = self._outputs, self.arrays.wire_state.copy()
        grown = self._take_report()
        if grown:
            self.layer.describer = self._describer()
            self.layer.update()
            return
        self._refresh_contents()
        if before != self._outputs:
            self._update_labels(before)
        changed = np.flatnonzero(states != self.arrays.wire_state) if len(states) == len(self.arrays.wires) else None
        if changed is None:
            self.layer.update()
        elif len(changed):
            self.layer.update(wire_bounds(self.arrays, changed))

    def _update_labels(self, before: Any) -> None:
        """Repaint the wires through which another shape flows now."""
        after: Report = self.document.report
        differs = {path[0] for path, port in after.outputs if before.get((path, port)) != after.outputs[path, port]}
        differs |= {path[0] for path, port in before if (path, port) not in after.outputs}
        rows = [self.arrays.row[node] for node in differs if node in self.arrays.row]
        if rows:
            self.layer.update(wire_bounds(self.arrays, self.arrays.wires_of(rows)))

    def _on_running_changed(self) -> None:
        self._units.clear()  # the strongest channels are chosen anew
        self._refresh_contents()
        self._show_curve()

    def _on_project_opened(self) -> None:
        self._units.clear()
        self._history = None
        self.layer.bodies.clear()

    # -- selection ----------------------------------------------------------------------------
    def _on_selection_changed(self, _nodes: frozenset[NodeId]) -> None:
        self.show_documents_selection()

    def _on_found_changed(self) -> None:
        self.arrays.mark_found(self.document.found)
        self.layer.update()

    def show_documents_selection(self) -> None:
        nodes = self.document.selection
        self.show_selection(self.arrays.mask([self.arrays.row[node] for node in nodes if node in self.arrays.row]))

    def show_selection(self, chosen: Array) -> None:
        """Mark rows as selected and repaint those, and only those, whose mark is another."""
        changed = np.flatnonzero(self.arrays.selected_rows() != chosen)
        if not len(changed):
            return
        self.arrays.select_rows(chosen)
        if len(changed) > FEW:
            self.layer.update()
            return
        for row in changed.tolist():
            self.layer.update_node(self.arrays.ids[row])
        for row in self.arrays.wires_of(changed).tolist():
            self.layer.update(wire_bounds(self.arrays, np.array([row])))

    # -- pictures ------------------------------------------------------------------------------
    def _on_look_arrived(self, look: Look | None) -> None:
        self._take_look(look)

    def _take_look(self, look: Look | None) -> None:
        bodies = self.layer.bodies
        if look is None:
            for node in [n for n in bodies if not self._is_loss(n)]:
                del bodies[node]
                self.layer.update_body(node)
            self._show_curve()
            return
        for picture in self._best_pictures(look):
            node = picture.view.path[0]
            if node not in self.arrays.row:
                continue
            body = self._body(node, picture, look)
            if node not in bodies or not bodies[node].same(body):
                bodies[node] = body
                self.layer.update_body(node)
        self._show_curve()

    @staticmethod
    def _best_pictures(look: Look) -> list[Picture]:
        """For each node at the top one picture of its features: a field where there is one, of several the one that
        shows most."""
        best: dict[NodeId, tuple[tuple[bool, int], Picture]] = {}
        for picture in look.pictures:
            path, rank = picture.view.path, (picture.plane is not None, len(picture.units))
            if len(path) == 1 and picture.view.kind != "filters" and (path[0] not in best or rank > best[path[0]][0]):
                best[path[0]] = rank, picture
        return [picture for _rank, picture in best.values()]

    def _body(self, node: NodeId, picture: Picture, look: Look) -> Body:
        left, right, winner, names = "", "", None, ()
        spec = self.document.data_spec
        classes = spec.targets[0].classes if spec and spec.targets else ()
        kind = self.arrays.design.graph.layer_of(node).kind
        if picture.plane is not None:
            held_out = int(picture.plane.held_out.sum())
            left = f"{len(picture.plane.points) - held_out} train · {held_out} val" if kind == "Input" else ""
            names = classes
        elif kind == "Input":
            left = f"sample {thousands(look.samples[0])}" if look.samples else ""
            target = look.targets[0] if look.targets else None
            right = f"label {class_name(target, classes)}" if target is not None else ""
        elif look.predictions and self._feeds_loss(node) and picture.total == max(len(classes), 1):
            winner = look.predictions[0][0]
            right, names = f"predicts {class_name(winner, classes)}", classes
        return Body(
            picture=picture, picks=self._picks(node, picture), left=left, right=right, winner=winner, names=names
        )

    def _picks(self, node: NodeId, picture: Picture) -> tuple[int, ...]:
        """Positions in the picture of the channels shown: the strongest when first seen, the same ones from then on."""
        if self.arrays.design.graph.layer_of(node).kind == "Input" and picture.plane is None:
            return tuple(range(min(len(picture.tiles), MOST_TILES)))  # samples, the one that is shown first
        positions = {unit: index for index, unit in enumerate(picture.units)}
        chosen = self._units.get(node, ())
        wanted = min(MOST_TILES, len(positions))
        if len(chosen) < wanted or not all(unit in positions for unit in chosen):
            order = list(range(len(picture.units)))
            if len(picture.peaks) == len(order):
                order.sort(key=lambda index: -picture.peaks[index])
            if len(order) <= MOST_TILES // 2:
                order.sort()
            kept = [unit for unit in chosen if unit in positions]
            more = [picture.units[index] for index in order if picture.units[index] not in kept]
            chosen = self._units[node] = tuple((kept + more)[:wanted])
        return tuple(positions[unit] for unit in chosen if unit in positions)

    def _is_loss(self, node: NodeId) -> bool:
        row = self.arrays.row.get(node)
        return row is not None and int(self.arrays.family[row]) == _LOSS

    def _feeds_loss(self, node: NodeId) -> bool:
        arrays = self.arrays
        targets = arrays.target[arrays.source == arrays.row[node]]
        return bool((arrays.family[targets] == _LOSS).any())

    # -- the loss's curve -------------------------------------------------------------------------
    def show_history(self, history: History | None) -> None:
        """The run's history so far; repainted at most five times a second."""
        self._history = history
        if time.monotonic() - self._curve_time >= CURVE_GAP:
            self._show_curve()
        elif not self._curve_timer.isActive():
            self._curve_timer.start()

    def _show_curve(self) -> None:
        if self.arrays.design is not self.document.design:
            self._curve_timer.start()  # another project is being opened: its nodes are not here yet
            return
        self._curve_time = time.monotonic()
        curves = loss_curves(self._known_history(), self._trained_losses(), self.document.report.trained)
        bodies = self.layer.bodies
        for row in np.flatnonzero(self.arrays.family == _LOSS).tolist():
            node = self.arrays.ids[row]
            curve, shown = curves.get(node), bodies.get(node)
            if curve is None:
                if bodies.pop(node, None) is not None:
                    self.layer.update_body(node)
            elif shown is None or not curve.same(shown.curve):
                bodies[node] = Body(curve=curve, right="each epoch" if curve.by_epoch else "")
                self.layer.update_body(node)
        self._refresh_badges()

    def _known_history(self) -> History:
        run = self.document.project.run
        return self._history or (run.history if run is not None else None) or History()

    def _trained_design(self) -> Design:
        """What the pictures and curves are of: the copy that the run learns or has learned with."""
        run = self.document.project.run
        return self.document.running_design or (run.design if run is not None else self.arrays.design)

    def _trained_losses(self) -> dict[NodeId, str]:
        design = self._trained_design()
        if self._losses is None or self._losses[0] is not design.graph:
            self._losses = (design.graph, losses_of(design))
        return self._losses[1]

    # -- which nodes have run ---------------------------------------------------------------------
    def _ran(self) -> Collection[NodeId]:
        """The nodes that a training has run. Pictures of fresh weights say nothing of a node's health."""
        look = self.document.look
        trained = (look is not None and look.step > 0) or len(self._known_history().loss) > 0
        return self._trained_design().graph.nodes if trained else ()

    def _refresh_badges(self) -> None:
        if self.layer.describer.ran is not self._ran():
            self._refresh_contents()
