"""The commands of the canvas for tests that have no window: all rows, those of the canvas bound to it."""

from __future__ import annotations

from gui import handlers
from gui.canvas.view import CanvasView
from gui.panels.outline import Outline
from gui.shortcuts.bound import Actions


def bind(view: CanvasView, outline: Outline | None = None) -> Actions:
    actions = Actions(view)
    actions.bind(handlers.of_canvas(view))
    actions.install(view, view, outline.view if outline is not None else None)
    view.commands = actions
    if outline is not None:
        outline.commands = actions
    return actions
