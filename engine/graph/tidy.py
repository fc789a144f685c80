"""Nodes laid out anew in the direction of the flow. Only places change, and the frames that hold what was moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import GraphError
from engine.graph.arrange import Rectangles, rectangles
from engine.graph.design import Design, Frame, Place
from engine.graph.drawing import Rectangle, Sizes, around
from engine.graph.layering import lay_out
from engine.graph.model import NodeId


def tidy(design: Design, sizes: Sizes, nodes: Iterable[NodeId] | None = None) -> Design:
    """Lay out these nodes, or all. `sizes` are those of the nodes in canvas units; the middle of the rectangle around
    them stays where it is. Wires to nodes that are not laid out do not count, notes stay.

    A frame that holds one of the nodes is put around all that it holds. GraphError where a node is not there.
    """
    graph = design.graph
    chosen = list(dict.fromkeys(graph.nodes if nodes is None else nodes))
    missing = [n for n in chosen if n not in graph.nodes]
    if missing:
        raise GraphError(f"There is no node ‘{missing[0]}’ to lay out; it may have been removed already.")
    if not chosen:
        return design
    wanted = set(chosen)
    ids = [n for n in graph.nodes if n in wanted]  # whatever the order in which they were selected
    order = {n: i for i, n in enumerate(ids)}
    before = rectangles(design, tuple(ids), sizes)
    edges = [(order[w.source], order[w.target]) for w in graph.wires if w.source in order and w.target in order]
    axes = [0, 1] if design.flow == "right" else [1, 0]
    corners = lay_out(before[:, 2:][:, axes], edges)[:, axes]
    after = np.concatenate([corners, before[:, 2:]], axis=1)
    after[:, :2] = np.round(after[:, :2] + _middle(before) - _middle(after))
    if np.array_equal(after, before):
        return design
    places: dict[NodeId, Place] = {n: (x, y) for n, (x, y) in zip(ids, after[:, :2].tolist(), strict=True)}
    moved = replace(design, places=design.places.with_items(places))
    return replace(moved, frames=refitted(design, moved, sizes, places.keys())) if design.frames else moved


def _middle(found: Rectangles) -> NDArray[np.float64]:
    """Of the rectangle around them all."""
    return (found[:, :2].min(axis=0) + (found[:, :2] + found[:, 2:]).max(axis=0)) / 2


def refitted(before: Design, after: Design, sizes: Sizes, moved: Iterable[NodeId]) -> tuple[Frame, ...]:
    """The frames, those that hold a moved node put around all that they hold: the inner ones first, for a frame holds
    frames too."""
    ids = tuple(before.graph.nodes)
    old, new = rectangles(before, ids, sizes), rectangles(after, ids, sizes)
    middles = old[:, :2] + old[:, 2:] / 2
    chosen = set(moved)
    touched = np.array([n in chosen for n in ids])
    fitted: dict[int, Rectangle] = {}
    by_size = sorted(range(len(before.frames)), key=lambda i: before.frames[i].width * before.frames[i].height)
    for index in by_size:
        frame = before.frames[index]
        corner = np.array([frame.x, frame.y])
        inside = ((middles >= corner) & (middles <= (frame.x + frame.width, frame.y + frame.height))).all(axis=1)
        if not (inside & touched).any():
            continue
        within = [fitted[i] for i in fitted if _lies_within(before.frames[i], frame)]
        rows: list[Rectangle] = [(x, y, width, height) for x, y, width, height in new[inside].tolist()]
        fitted[index] = around([*rows, *within])
    return tuple(_placed(frame, fitted.get(index)) for index, frame in enumerate(before.frames))


def _lies_within(inner: Frame, outer: Frame) -> bool:
    across = outer.x <= inner.x and inner.x + inner.width <= outer.x + outer.width
    return across and outer.y <= inner.y and inner.y + inner.height <= outer.y + outer.height


def _placed(frame: Frame, rectangle: Rectangle | None) -> Frame:
    if rectangle is None:
        return frame
    x, y, width, height = rectangle
    return replace(frame, x=x, y=y, width=width, height=height)
