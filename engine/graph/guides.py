"""Smart guides: where something that is being dragged falls into line with what lies around it.

Asked at every move of the mouse, so it is a few numpy operations on all rectangles at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.graph.drawing import Rectangle

SHARES = np.array([0.0, 0.5, 1.0])  # of a side: its two ends and its middle


@dataclass(frozen=True, slots=True)
class Guide:
    """A line to be drawn: upright at x = `at` from y = `start` to `end`, or level at y = `at` from x = `start`."""

    upright: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """By how much the moving rectangle is to be moved further, and the lines on which it then lies."""

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[Guide, ...] = ()


def snap(moving: Rectangle, others: NDArray[np.float64], reach: float) -> Snapped:
    """`others` (n, 4) are the rectangles to align with (x, y, width, height), `reach` the distance in canvas units from
    which a line attracts. Each axis snaps by itself, to the nearest line of an edge or a middle."""
    if not len(others):
        return Snapped()
    offsets = [_offset(moving, others, axis, reach) for axis in (0, 1)]
    dx, dy = offsets[0] or 0.0, offsets[1] or 0.0
    placed = (moving[0] + dx, moving[1] + dy, moving[2], moving[3])
    guides = [g for axis in (0, 1) if offsets[axis] is not None for g in _guides(placed, others, axis)]
    return Snapped(dx, dy, tuple(guides))


def _lines(rectangles: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Where both edges and the middle of each lie along an axis: (n, 3)."""
    return rectangles[:, axis, None] + rectangles[:, axis + 2, None] * SHARES


def _offset(moving: Rectangle, others: NDArray[np.float64], axis: int, reach: float) -> float | None:
    """The smallest step onto a line, or None where none is near. Of equal ones that of a middle, then of the start."""
    own = moving[axis] + moving[axis + 2] * SHARES
    steps = _lines(others, axis)[:, :, None] - own  # (n, 3 of the other, 3 of the moving one)
    nearest = np.abs(steps).min(axis=(0, 1))  # for each line of the moving one
    best = min((1, 0, 2), key=lambda line: round(float(nearest[line]), 6))
    if nearest[best] > reach:
        return None
    column = steps[:, :, best].ravel()
    return float(column[np.abs(column).argmin()])


def _guides(placed: Rectangle, others: NDArray[np.float64], axis: int) -> list[Guide]:
    """The lines of the placed rectangle on which others lie too, each as long as all that lie on it."""
    across = 1 - axis
    lines = _lines(others, axis)
    found: dict[float, Guide] = {}
    for at in placed[axis] + placed[axis + 2] * SHARES:
        on = (np.abs(lines - at) < 1e-6).any(axis=1)
        if on.any():
            begin = min(placed[across], float(others[on, across].min()))
            end = max(placed[across] + placed[across + 2], float((others[on, across] + others[on, across + 2]).max()))
            found[round(float(at), 6)] = Guide(axis == 0, float(at), begin, end)
    return list(found.values())
