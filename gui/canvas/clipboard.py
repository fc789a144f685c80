"""Copy, cut, paste and duplicate: parts of a graph go through the system's clipboard as text, between windows too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from engine.errors import StrataError
from engine.graph import fragments
from engine.graph.design import Place
from engine.graph.fragments import STEP, Fragment
from engine.project import fragment as texts
from gui.canvas import geometry as g
from gui.widgets.numbers import plural

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def selected(view: CanvasView) -> Fragment:
    """What is selected, as a fragment; empty where nothing is."""
    drawn = view.drawn.selected
    return fragments.copy(view.document.design, view.document.selection, drawn, drawn)


def copy(view: CanvasView) -> None:
    fragment = selected(view)
    if not fragment.empty:
        QApplication.clipboard().setText(texts.to_text(fragment))


def cut(view: CanvasView) -> None:
    document, drawn = view.document, view.drawn.selected
    design, fragment = fragments.cut(document.design, document.selection, drawn, drawn)
    if not fragment.empty:
        QApplication.clipboard().setText(texts.to_text(fragment))
        document.change(design, f"Cut {_named(fragment)}")


def paste(view: CanvasView, keep_incoming: bool = False) -> None:
    """Put in what the clipboard holds, and select it; where it holds no part of a graph, say so and change nothing."""
    try:
        fragment = texts.from_text(QApplication.clipboard().text())
    except StrataError as error:
        view.document.message_shown.emit(str(error), "warning")
        return
    if fragment.empty:
        view.document.message_shown.emit("What was copied is empty, so there is nothing to paste.", "info")
        return
    _put(view, fragment, "Paste", view.asked_place(), keep_incoming)


def duplicate(view: CanvasView) -> None:
    """A copy of what is selected beside it; the clipboard stays as it is."""
    fragment = selected(view)
    if not fragment.empty:
        _put(view, fragment, "Duplicate", None, False)


def _put(view: CanvasView, fragment: Fragment, verb: str, at: Place | None, keep_incoming: bool) -> None:
    document = view.document
    if at is None:
        at = _beside(view, fragment, anywhere=verb == "Duplicate")
    pasted = fragments.paste(document.design, fragment, at=at, keep_incoming=keep_incoming)
    document.change(pasted.design, f"{verb} {_named(fragment)}")
    if pasted.nodes:
        document.select(frozenset(pasted.nodes.values()))
        view.reveal(next(iter(pasted.nodes.values())))
    else:
        view.select_drawn(frozenset({*pasted.notes.values(), *pasted.frames.values()}))


def _beside(view: CanvasView, fragment: Fragment, anywhere: bool) -> Place:
    """A step from the original, farther where an earlier copy lies; in the middle of what is shown where the original
    cannot be seen (it may be another window's)."""
    x, y = fragment.corner
    shown = view.visible_rect()
    if not anywhere and not shown.contains(x, y):
        x, y = g.snap(shown.center().x() - g.WIDTH / 2), g.snap(shown.center().y() - g.STANDARD / 2)
    else:
        x, y = x + STEP[0], y + STEP[1]
    design = view.document.design
    taken = {*design.places.values(), *((n.x, n.y) for n in design.notes), *((f.x, f.y) for f in design.frames)}
    first = next(iter(fragment.places.values()), None)
    away = (first[0] - fragment.corner[0], first[1] - fragment.corner[1]) if first is not None else (0.0, 0.0)
    while (x + away[0], y + away[1]) in taken:
        x, y = x + STEP[0], y + STEP[1]
    return x, y


def _named(fragment: Fragment) -> str:
    """‘conv1’, ‘3 layers’, ‘note’."""
    nodes = fragment.graph.nodes
    if not nodes:
        return "note" if not fragment.frames else "frame" if not fragment.notes else "notes and frames"
    return next(iter(nodes.values())).label if len(nodes) == 1 else plural(len(nodes), "layer")
