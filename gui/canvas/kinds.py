"""Another kind for the selected node, chosen from a list: what fits its wires first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.catalog import catalog
from engine.check.choices import Kinds
from engine.check.swapping import swap_kind
from engine.errors import StrataError
from gui.canvas.connecting import beside
from gui.widgets.chooser import Choice

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def swap(view: CanvasView) -> None:
    """Let a kind be chosen for the one selected node. It keeps its place, its wires, and what both know."""
    document = view.document
    if len(document.selection) != 1:
        return
    node = next(iter(document.selection))
    graph, layers = document.design.graph, catalog.load().layers
    label, old = graph.nodes[node].label, graph.layer_of(node).kind
    kinds = Kinds(document.design, document.report, node)
    reasons = {kind: kinds.why_not(kind) for kind in layers if kind != old}
    family = layers[old].family if old in layers else ""
    rows = [layers[kind] for kind in reasons]
    rows.sort(key=lambda row: (reasons[row.kind] is not None, row.family != family))

    def take(index: int) -> None:
        if node not in document.design.graph.nodes:
            return
        try:
            swapped = swap_kind(document.design, node, rows[index].kind)
        except StrataError as error:
            document.message_shown.emit(str(error), "warning")
            return
        document.change(swapped.design, f"Make {label} {rows[index].title}")
        if swapped.told:
            document.message_shown.emit(swapped.told, "info")

    choices = [Choice(row.title, row.family, row.family) for row in rows]
    name = f"Swap {label} for"
    view.popups.chooser.open(name, choices, lambda index: reasons[rows[index].kind], take, beside(view, node), "")
