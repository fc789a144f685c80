"""The commands of the canvas for tests that have no window: all rows, those of the canvas bound to it."""

from __future__ import annotations

from gui import handlers
from gui.canvas.view import CanvasView
from gui.shortcuts.bound import Actions


def bind(view: CanvasView) -> Actions:
    actions = Actions(view)
    actions.bind(handlers.of_canvas(view))
    actions.install(view, view)
    view.commands = actions
    return actions
