"""Nodes put in line, at equal distances, or laid out anew: one undo step each, seen as a short movement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.graph import arrange
from engine.graph.arrange import Direction, Edge
from engine.graph.design import Flow
from engine.graph.model import NodeId
from engine.graph.tidy import tidy
from gui.canvas import editing

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def align(view: CanvasView, edge: Edge) -> None:
    chosen = _chosen(view)
    if len(chosen) > 1:
        design = arrange.align(view.document.design, chosen, edge, view.sizes())
        view.sliding.change(design, f"Align {editing.named(view, chosen)}")


def distribute(view: CanvasView, direction: Direction) -> None:
    chosen = _chosen(view)
    if len(chosen) > 2:
        design = arrange.distribute(view.document.design, chosen, direction, view.sizes())
        view.sliding.change(design, f"Distribute {editing.named(view, chosen)}")


def tidy_selection(view: CanvasView) -> None:
    chosen = _chosen(view)
    if len(chosen) > 1:
        design = tidy(view.document.design, view.sizes(), chosen)
        view.sliding.change(design, f"Tidy {editing.named(view, chosen)}")


def tidy_all(view: CanvasView) -> None:
    """Who saw the whole graph sees the whole of it afterwards too."""
    whole = view.shows_all
    view.sliding.change(tidy(view.document.design, view.sizes()), "Tidy all")
    if whole and not view.shows_all:
        view.fit()


def set_flow(view: CanvasView, flow: Flow) -> None:
    """Let wires run the other way. What was laid out for the one way is laid out anew for the other, and the view is
    fitted anew: what was in sight lies elsewhere now."""
    design = view.document.design
    if flow != design.flow:
        turned = tidy(replace(design, flow=flow), view.sizes())
        view.sliding.change(turned, "Flow left to right" if flow == "right" else "Flow top to bottom")
        view.fit()


def _chosen(view: CanvasView) -> list[NodeId]:
    document = view.document
    return [n for n in document.design.graph.nodes if n in document.selection]
