"""Nodes in line and at equal distances. What counts are their rectangles, so the size of each is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.graph.design import Design
from engine.graph.drawing import Sizes
from engine.graph.edits import move
from engine.graph.model import NodeId

Edge = Literal["left", "centre", "right", "top", "middle", "bottom"]
EDGES: tuple[Edge, ...] = ("left", "centre", "right", "top", "middle", "bottom")
Direction = Literal["horizontally", "vertically"]

Rectangles = NDArray[np.float64]  # (nodes, 4): x, y, width, height

# For each edge: along which axis nodes move, and which share of a node's size lies before the line.
_LINES: dict[Edge, tuple[int, float]] = {
    "left": (0, 0.0),
    "centre": (0, 0.5),
    "right": (0, 1.0),
    "top": (1, 0.0),
    "middle": (1, 0.5),
    "bottom": (1, 1.0),
}


def align(design: Design, nodes: Iterable[NodeId], edge: Edge, sizes: Sizes) -> Design:
    """Put an edge (or the middle) of all nodes on one line: that of the rectangle around them all."""
    chosen = tuple(dict.fromkeys(nodes))
    if len(chosen) < 2:
        return design
    axis, share = _LINES[edge]
    found = rectangles(design, chosen, sizes)
    start, size = found[:, axis], found[:, axis + 2]
    low, high = start.min(), (start + size).max()
    found[:, axis] = low + share * (high - low) - share * size
    return _placed(design, chosen, found)


def distribute(design: Design, nodes: Iterable[NodeId], direction: Direction, sizes: Sizes) -> Design:
    """Make the gaps between neighbours equal, in the order in which they stand; the outermost two stay. Where there is
    too little room they overlap by equal parts."""
    chosen = tuple(dict.fromkeys(nodes))
    if len(chosen) < 3:
        return design
    axis = 0 if direction == "horizontally" else 1
    found = rectangles(design, chosen, sizes)
    start, size = found[:, axis].copy(), found[:, axis + 2]
    order = np.argsort(start + size / 2, kind="stable")
    sorted_sizes = size[order]
    first, last = order[0], order[-1]
    room = start[last] - start[first] - sorted_sizes[:-1].sum()
    gap = room / (len(chosen) - 1)
    between = order[1:-1]  # the last stays to the bit, whatever the sums are rounded to
    found[between, axis] = start[first] + np.cumsum(sorted_sizes[:-2] + gap)
    return _placed(design, chosen, found)


def rectangles(design: Design, nodes: tuple[NodeId, ...], sizes: Sizes) -> Rectangles:
    """Where nodes lie and how large they are; a node without a size is a point."""
    rows = [(*design.places.get(n, (0.0, 0.0)), *sizes.get(n, (0.0, 0.0))) for n in nodes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _placed(design: Design, nodes: tuple[NodeId, ...], found: Rectangles) -> Design:
    """Nodes at new places; the design itself where none of them moves."""
    places = {n: (x, y) for n, (x, y) in zip(nodes, found[:, :2].tolist(), strict=True)}
    moved = {n: place for n, place in places.items() if design.places.get(n) != place}
    return move(design, moved) if moved else design
