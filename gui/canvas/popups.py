"""The small editors that open on the canvas: a node's name or parameter, and the name of a layer to add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt

from engine.catalog import catalog
from engine.check import wiring
from engine.graph import drawing
from engine.graph.design import Place
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, NodeId, Wire
from gui import adding
from gui.canvas import editing
from gui.canvas import geometry as g
from gui.canvas.add_by_name import AddByName
from gui.canvas.content import main_parameters, parameter_value
from gui.canvas.in_place import InPlaceEditor
from gui.canvas.note_editor import LONGEST_WRITTEN, NoteEditor
from gui.theme import theme
from gui.widgets import reading
from gui.widgets.chooser import Chooser
from gui.widgets.numbers import thousands

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

End = tuple[NodeId, str]


class Popups:
    """When one closes, the canvas has the focus again."""

    def __init__(self, view: CanvasView):
        self._view = view
        self._where: dict[str, Any] = {}  # where the layer that is being named goes
        self.add_by_name = AddByName(view.viewport())
        self.editor = InPlaceEditor(view.viewport())
        self.title = InPlaceEditor(view.viewport())
        self.note = NoteEditor(view.viewport())
        self.chooser = Chooser(view.viewport())
        self.add_by_name.chosen.connect(lambda kind: view.add_layer(kind, **self._where))
        self.add_by_name.closed.connect(self._return_focus)
        self.editor.taken.connect(self._on_taken)
        self.editor.next_wanted.connect(self._on_next_wanted)
        self.title.taken.connect(self._on_title_taken)
        self.note.taken.connect(self._on_note_taken)
        for editor in (self.editor, self.title, self.note):
            editor.finished.connect(self._return_focus)
        self.note.cut_short.connect(self._on_cut_short)

    def take(self) -> None:
        """Close what is open, and take what was typed."""
        for editor in (self.editor, self.title, self.note):
            editor.take()

    def _return_focus(self) -> None:
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def rename(self, node: NodeId) -> None:
        label = self._view.document.design.graph.nodes[node].label
        self.editor.open_on(node, label, self._on_node(node, QRectF(30, 3, 118, 26)))

    def edit_parameter(self, node: NodeId, name: str = "") -> None:
        """One of the node's main parameters, the first one where no `name` is given. Nothing where it has none."""
        layer = self._view.document.design.graph.layer_of(node)
        specs = main_parameters(layer)
        spec = next((s for s in specs if s.name == name), specs[0] if specs else None)
        if spec is not None:
            place = self._on_node(node, QRectF(6, g.HEADER + 1, g.WIDTH - 12, 24))
            text = reading.written(spec, parameter_value(layer, spec))
            self.editor.open_on(node, text, place, spec.name, spec.title)

    def edit_drawn(self, drawn: str) -> None:
        """A note's text or a frame's title, where it stands."""
        view = self._view
        note = view.drawn.notes.get(drawn)
        if note is not None and len(note.text) > LONGEST_WRITTEN:
            text = f"The note has {thousands(len(note.text))} characters: too many to be changed on the canvas."
            view.document.message_shown.emit(text, "info")
            return
        x, y, width, height = view.drawn.rectangle(drawn)
        view.reveal_rect(QRectF(x, y, min(width, 300.0), min(height, 200.0)))
        spot, larger = view.mapFromScene(QPointF(x, y)), max(view.zoom, theme.scale)
        if drawn in view.drawn.notes:
            rect = QRectF(spot.x(), spot.y(), max(width, 152.0) * larger, max(height, 72.0) * larger)
            self.note.open_on(drawn, view.drawn.notes[drawn].text, rect.toRect())
        else:
            rect = QRectF(spot.x() + 4, spot.y() + 1, max(width - 8 / larger, 152.0) * larger, 26 * larger)
            self.title.open_on(drawn, view.drawn.frames[drawn].title, rect.toRect(), "title", "Title of the frame")

    def _on_cut_short(self, count: int) -> None:
        text = f"A note holds {thousands(LONGEST_WRITTEN)} characters here; the last {thousands(count)} were left out."
        self._view.document.message_shown.emit(text, "warning")

    def _on_note_taken(self, note: str, text: str) -> None:
        if note in self._view.drawn.notes:
            editing.attempt(self._view, lambda d: drawing.write_note(d, note, text), "Write note")

    def _on_title_taken(self, frame: str, _field: str, text: str) -> None:
        if frame in self._view.drawn.frames:
            editing.attempt(self._view, lambda d: drawing.title_frame(d, frame, text), "Rename frame")

    def _on_node(self, node: NodeId, part: QRectF) -> QRect:
        """Where a part of a node is on the screen, at least as large as it is at 100 %."""
        view = self._view
        view.reveal(node)
        if g.level(view.zoom) < g.TILES:
            view.centre_on(node)
        x, y, _, _ = view.arrays.rects[view.arrays.row[node]].tolist()
        spot = view.mapFromScene(QPointF(x, y) + part.topLeft())
        larger = max(view.zoom, theme.scale)
        return QRectF(spot.x(), spot.y(), part.width() * larger, part.height() * larger).toRect()

    def _on_taken(self, node: NodeId, field: str, text: str) -> None:
        if field:
            editing.set_parameter(self._view, node, field, text)
        else:
            editing.rename(self._view, node, text)

    def _on_next_wanted(self, node: NodeId, field: str) -> None:
        """Tab goes through the main parameters; after the last one the canvas has the focus again."""
        graph = self._view.document.design.graph
        names = [spec.name for spec in main_parameters(graph.layer_of(node))] if node in graph.nodes else []
        if field in names[:-1]:
            self.edit_parameter(node, names[names.index(field) + 1])

    def open_add_by_name(
        self, pos: QPointF | None, wire_from: End | None, wire_to: End | None, moved: Wire | None = None
    ) -> QPointF:
        """Gives the place on the canvas for which it was opened. `moved` is a wire whose end goes to the new layer."""
        view = self._view
        document = view.document
        after = next(iter(document.selection)) if len(document.selection) == 1 and pos is None else None
        place: Place | None = None
        where = view.visible_rect().center()
        if pos is not None:
            where = pos
            right, below = g.port_spot(0, 1, wire_to is not None, g.STANDARD, view.arrays.down)
            place = (g.snap(pos.x() - right), g.snap(pos.y() - below))  # its port is where the wire was dropped
        elif after is not None:
            where = self._beside(after)
        else:
            corner = (g.snap(where.x() - g.WIDTH / 2), g.snap(where.y() - g.STANDARD / 2))
            place = adding.free_place(document.design, corner)
        self._where = {"after": after, "place": place, "wire_from": wire_from, "wire_to": wire_to, "moved": moved}
        refused = self._refused(wire_from, wire_to) if wire_from or wire_to else {}
        self.add_by_name.open_at(view.mapFromScene(where), refused)
        return where

    def _refused(self, wire_from: End | None, wire_to: End | None) -> dict[str, str]:
        """The kinds of layers that cannot stand at the loose end of a wire, and why, as far as no run has to tell."""
        end = wire_from or wire_to
        assert end is not None
        document = self._view.document
        whole = document.design.graph
        known = whole.nodes[end[0]]
        refused: dict[str, str] = {}
        for kind, row in catalog.load().layers.items():
            new = Layer("new", kind)
            layers = {known.layer: whole.layers[known.layer], new.id: new}
            nodes = {known.id: known, new.id: Node(new.id, new.id, row.title)}
            graph = Graph(Frozen(layers), Frozen(nodes), blocks=whole.blocks)
            port = wiring.free_input(graph, new.id) if wire_from else wiring.first_output(graph, new.id)
            if port is None:
                refused[kind] = f"{row.title} has no {'input' if wire_from else 'output'}."
                continue
            wire = Wire(end[0], new.id, port, end[1]) if wire_from else Wire(new.id, end[0], end[1], port)
            if why_not := wiring.why_not(graph, document.report, wire):
                refused[kind] = why_not
        return refused

    def _beside(self, node: NodeId) -> QPointF:
        x, y, width, _ = self._view.arrays.rects[self._view.arrays.row[node]].tolist()
        return QPointF(x + width + 12, y)
