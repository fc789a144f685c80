"""The context menu: what can be done with what lies under the mouse, or with the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu

from gui.canvas import editing
from gui.canvas.content import main_parameters

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def open_menu(view: CanvasView, where: QPoint, point: QPointF | None) -> QMenu:
    """Show it at `where` (global pixels). `point` is the place on the canvas, None when it was asked for by key."""
    if point is not None:
        _select_under(view, point)
    menu = build(view, point)
    if point is None:
        where = _beside_selection(view, where)
    menu.popup(where)
    return menu


def _select_under(view: CanvasView, point: QPointF) -> None:
    hit = view.hit(point)
    if hit.node is not None and hit.node not in view.document.selection:
        view.document.select(frozenset({hit.node}))
    elif hit.wire is not None and hit.wire not in view.arrays.selected_wires:
        view.document.select(frozenset())
        view.select_wires(frozenset({hit.wire}))


def _beside_selection(view: CanvasView, fallback: QPoint) -> QPoint:
    rows = [view.arrays.row[n] for n in view.document.selection if n in view.arrays.row]
    bounds = view.arrays.bounds(rows[:1]) if rows else None
    if bounds is None:
        return fallback
    spot = view.mapFromScene(QPointF(bounds[0] + 20, bounds[1] + 36))
    inside = view.viewport().rect()
    spot = QPoint(min(max(spot.x(), 0), inside.width()), min(max(spot.y(), 0), inside.height()))
    return view.viewport().mapToGlobal(spot)


def build(view: CanvasView, point: QPointF | None) -> QMenu:
    """The menu for what is selected now."""
    menu = QMenu(view)
    menu.setAccessibleName("Canvas menu")
    selection = view.document.selection
    wires = view.arrays.selected_wires
    if len(selection) == 1:
        node = next(iter(selection))
        fix = view.layer.describer.fix_of(node)
        if fix is not None:
            menu.addAction(fix.label, lambda: view.apply_fix(node))
            menu.addSeparator()
        menu.addAction("Rename\tF2", lambda: view.rename(node))
    if selection:
        menu.addAction("Duplicate\tCtrl+D", lambda: editing.duplicate_selection(view))
    if selection or wires:
        menu.addAction("Delete\tDel", view.delete_selection)
        if len(selection) == 1 and main_parameters(view.document.design.graph.layer_of(*selection)):
            menu.addAction("Edit main parameter\tReturn", view.edit_selected_parameter)
        menu.addSeparator()
    menu.addAction("Add layer by name…\tTab", lambda: view.open_add_by_name(point if not selection else None))
    if view.arrays.ids:
        menu.addAction("Select all\tCtrl+A", view.select_all)
        menu.addSeparator()
        menu.addAction("Fit all\tF", view.fit)
        if selection:
            menu.addAction("Fit selection\tShift+F", view.fit_selection)
    return menu
