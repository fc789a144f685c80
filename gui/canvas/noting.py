"""Commands on notes and frames: they lie on the canvas beside the graph. How they look is no matter here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StrataError
from engine.graph import drawing
from engine.graph.design import Design
from gui import adding
from gui.canvas import geometry as g
from gui.canvas.arranging import sizes

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def add_note(view: CanvasView) -> None:
    """An empty note where the menu was asked for, at the mouse, or in the middle; what is typed next is its text."""
    document = view.document
    place = view.asked_place()
    if place is None:
        middle = view.visible_rect().center()
        place = adding.free_place(document.design, (g.snap(middle.x() - g.WIDTH / 2), g.snap(middle.y())))
    design, note = drawing.add_note(document.design, "", place)
    document.change(design, "Add note")
    document.select(frozenset(), frozenset({note}))
    view.popups.write(note)


def frame_selection(view: CanvasView) -> None:
    """A frame around what is selected; what is typed next is its title."""
    document = view.document
    nodes = [n for n in document.design.graph.nodes if n in document.selection]
    notes = [n.id for n in document.design.notes if n.id in document.drawn]
    inner = [(f.x, f.y, f.width, f.height) for f in document.design.frames if f.id in document.drawn]
    if not nodes and not notes and not inner:
        return
    if inner:  # around frames as well
        known = sizes(view)
        boxes = [(*document.design.places.get(n, (0.0, 0.0)), *known[n]) for n in nodes]
        boxes += [(n.x, n.y, n.width, n.height) for n in document.design.notes if n.id in notes]
        design, frame = drawing.add_frame(document.design, "", drawing.around([*boxes, *inner]))
    else:
        design, frame = drawing.frame_around(document.design, nodes, sizes(view), "", notes)
    document.change(design, "Frame selection")
    document.select(frozenset(), frozenset({frame}))
    view.popups.write(frame)


def write_selected(view: CanvasView) -> None:
    if len(view.document.drawn) == 1:
        view.popups.write(next(iter(view.document.drawn)))


def write(view: CanvasView, drawn: str, text: str) -> None:
    """Give a note its text, or a frame its title; where that cannot be, say why and leave the old one."""
    document = view.document
    note = any(n.id == drawn for n in document.design.notes)

    def written(design: Design) -> Design:
        return drawing.write_note(design, drawn, text) if note else drawing.title_frame(design, drawn, text)

    try:
        document.edit(written, "Write note" if note else "Title frame")
    except StrataError as error:
        document.message_shown.emit(str(error), "warning")
