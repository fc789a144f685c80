"""The context menu: what can be done with what lies under the mouse, or with the selection: rows of gui.actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from gui.action_row import Context

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def open_menu(view: CanvasView, where: QPoint, point: QPointF | None) -> QMenu | None:
    """Show it at `where` (global pixels). `point` is the place on the canvas, None when it was asked for by key."""
    if point is not None:
        _select_under(view, point)
    menu = build(view, point)
    if menu is not None:
        menu.popup(_beside_selection(view, where) if point is None else where)
    return menu


def _select_under(view: CanvasView, point: QPointF) -> None:
    hit = view.hit(point)
    if hit.node is not None and hit.node not in view.document.selection:
        view.document.select(frozenset({hit.node}))
    elif hit.wire is not None and hit.wire not in view.arrays.selected_wires:
        view.document.select(frozenset())
        view.select_wires(frozenset({hit.wire}))
    elif hit.drawn is not None and hit.drawn.id not in view.drawn.selected:
        view.select_drawn(frozenset({hit.drawn.id}))


def _beside_selection(view: CanvasView, fallback: QPoint) -> QPoint:
    rows = [view.arrays.row[n] for n in view.document.selection if n in view.arrays.row]
    bounds = view.arrays.bounds(rows[:1]) if rows else None
    if bounds is None:
        return fallback
    spot = view.mapFromScene(QPointF(bounds[0] + 20, bounds[1] + 36))
    inside = view.viewport().rect()
    spot = QPoint(min(max(spot.x(), 0), inside.width()), min(max(spot.y(), 0), inside.height()))
    return view.viewport().mapToGlobal(spot)


def build(view: CanvasView, point: QPointF | None) -> QMenu | None:
    """The menu for what is selected now. `view.asked_at` is `point` until it closes: a command can act there."""
    if view.commands is None:
        return None
    apart = view.arrays.selected_wires or view.drawn.selected  # what the document does not know of as selected
    context: Context = "node" if view.document.selection else "wire" if apart else "empty"
    menu = view.commands.context_menu(context, view)
    view.asked_at = point if context == "empty" else None
    menu.aboutToHide.connect(view.forget_place, Qt.ConnectionType.QueuedConnection)  # what was chosen acts before
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
