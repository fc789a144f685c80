"""Smart guides: where something that is being dragged falls into line with what lies around it, or at equal distances.

Asked at every move of the mouse, so it is a few numpy operations on all rectangles at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.graph.drawing import Rectangle

SHARES = np.array([0.0, 0.5, 1.0])  # of a side: its two ends and its middle
NEAR = 1e-6  # what is no farther apart lies on one line


@dataclass(frozen=True, slots=True)
class Guide:
    """A line to be drawn: upright at x = `at` from y = `start` to `end`, or level at y = `at` from x = `start`."""

    upright: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Gap:
    """One of two equal distances: level at y = `at` from x = `start` to `end`, or `upright` at x = `at`."""

    upright: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """By how much the moving rectangle is to be moved further, the lines on which it then lies, and the distances that
    are equal then (in pairs, one after the other)."""

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[Guide, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def across(self) -> bool:
        """Whether something holds it from left to right."""
        return any(guide.upright for guide in self.guides) or any(not gap.upright for gap in self.gaps)

    @property
    def down(self) -> bool:
        """Whether something holds it from top to bottom."""
        return any(not guide.upright for guide in self.guides) or any(gap.upright for gap in self.gaps)


def snap(moving: Rectangle, others: NDArray[np.float64], reach: float) -> Snapped:
    """`others` (n, 4) are the rectangles to align with (x, y, width, height), `reach` the distance in canvas units from
    which a line attracts. Each axis snaps by itself: to the nearest line of an edge or a middle, or, where that is
    nearer, to where its distance to a neighbour is that of two neighbours, or the same to both sides."""
    if not len(others):
        return Snapped()
    dx, dy = (_nearer(_offset(moving, others, a, reach), _even(moving, others, a, reach)) for a in (0, 1))
    placed = (moving[0] + (dx or 0.0), moving[1] + (dy or 0.0), moving[2], moving[3])
    held = [axis for axis, offset in ((0, dx), (1, dy)) if offset is not None]
    guides = [guide for axis in held for guide in _guides(placed, others, axis)]
    gaps = [gap for axis in held for gap in _gaps(placed, others, axis)]
    return Snapped(dx or 0.0, dy or 0.0, tuple(guides), tuple(gaps))


def _nearer(line: float | None, gap: float | None) -> float | None:
    """The smaller step; of equal ones that onto a line."""
    if line is None or gap is None:
        return gap if line is None else line
    return line if abs(line) <= abs(gap) + NEAR else gap


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
        on = (np.abs(lines - at) < NEAR).any(axis=1)
        if on.any():
            begin = min(placed[across], float(others[on, across].min()))
            end = max(placed[across] + placed[across + 2], float((others[on, across] + others[on, across + 2]).max()))
            found[round(float(at), 6)] = Guide(axis == 0, float(at), begin, end)
    return list(found.values())


def _beside(moving: Rectangle, others: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Those in the same row (axis 0) or column (axis 1), in their order along it."""
    across = 1 - axis
    low, high = moving[across], moving[across] + moving[across + 2]
    row = others[(others[:, across] < high) & (others[:, across] + others[:, across + 2] > low)]
    return row[np.argsort(row[:, axis], kind="stable")]


def _starts(length: float, row: NDArray[np.float64], axis: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Where something of this length would have to start to lie at an equal distance: behind a pair of neighbours,
    before it, or in the middle of it; and the numbers of the pairs (three times each)."""
    starts, ends = row[:, axis], row[:, axis] + row[:, axis + 2]
    gaps = starts[1:] - ends[:-1]
    pairs = np.arange(len(gaps))
    behind, before = ends[1:] + gaps, starts[:-1] - gaps - length
    between = np.where(gaps > length + NEAR, (ends[:-1] + starts[1:] - length) / 2, np.nan)
    found = np.stack((behind, before, between), axis=1)
    found[gaps <= NEAR] = np.nan  # they touch or overlap: no distance to repeat
    return found.ravel(), np.repeat(pairs, 3)


def _even(moving: Rectangle, others: NDArray[np.float64], axis: int, reach: float) -> float | None:
    """The smallest step to where two distances are equal and nothing is in the way, or None where none is near."""
    row = _beside(moving, others, axis)
    if len(row) < 2:
        return None
    length = moving[axis + 2]
    starts, _ = _starts(length, row, axis)
    steps = starts - moving[axis]
    near = np.flatnonzero(np.abs(np.where(np.isnan(steps), np.inf, steps)) <= reach)
    for index in near[np.argsort(np.abs(steps[near]), kind="stable")].tolist():
        if _free(float(starts[index]), length, row, axis):
            return float(steps[index])
    return None


def _free(start: float, length: float, row: NDArray[np.float64], axis: int) -> bool:
    overlapping = (row[:, axis] < start + length - NEAR) & (row[:, axis] + row[:, axis + 2] > start + NEAR)
    return not overlapping.any()


def _gaps(placed: Rectangle, others: NDArray[np.float64], axis: int) -> list[Gap]:
    """The equal distances of the placed rectangle: its own and the one that it repeats."""
    row = _beside(placed, others, axis)
    start, end = placed[axis], placed[axis] + placed[axis + 2]
    if len(row) < 2 or not _free(start, placed[axis + 2], row, axis):
        return []
    starts, pairs = _starts(placed[axis + 2], row, axis)
    across = 1 - axis
    at = placed[across] + placed[across + 2] / 2
    marks: dict[tuple[float, float], Gap] = {}
    for index in np.flatnonzero(np.abs(np.where(np.isnan(starts), np.inf, starts) - start) < NEAR).tolist():
        first, second = row[pairs[index]], row[pairs[index] + 1]
        left, right = float(first[axis] + first[axis + 2]), float(second[axis])
        own = (
            [(left, right), (float(second[axis] + second[axis + 2]), start)],
            [(end, float(first[axis])), (left, right)],
            [(left, start), (end, right)],
        )[index % 3]
        marks |= {pair: Gap(axis == 1, at, *pair) for pair in own}
    return list(marks.values())
