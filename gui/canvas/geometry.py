"""Sizes of a node and the ways of wires, in canvas units: pixels at 100 %, which the text size enlarges like all text.

Plain numbers and arrays; nothing is drawn. A ‘zoom’ is how many pixels on the screen one unit takes.

Everything that happens per frame works on whole arrays: Python must not look at each of 10,000 nodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.theme import theme

Array = np.ndarray[Any, Any]

WIDTH = 152.0
STANDARD, VECTOR, SCALAR, BARE = 152.0, 118.0, 104.0, 36.0  # heights
HEADER, PARAMETERS, THUMBNAILS, FOOTER = 36.0, 20.0, 64.0, 23.0
INSET = 11.0  # from the edge of a node to its text and tiles
PORT_Y, PORT_STEP, PORT_RADIUS = 18.0, 24.0, 5.0
PORT_HIT = 12.0  # half of the 24 px hit area
RADIUS = 8.0
GRID, COARSE_GRID = 4.0, 20.0
WIRE_RADIUS = 9.0
LEAD_OUT, LEAD_IN = 20.0, 15.0  # how far a wire that goes back runs on before it turns, at its source and target
BADGE_INSET, BADGE_REACH = 13.0, 12.0  # from the right edge to its middle; half of its hit area
BUTTON_INSET, BUTTON_HEIGHT, TALL_BUTTON = 10.0, 24.0, 34.0

# Levels of detail, by how much of 100 % is shown.
FAR, NAMES, TILES, FULL, CLOSE = 0, 1, 2, 3, 4
LEVELS = (0.25, 0.5, 0.8, 1.6)


def level(zoom: float) -> int:
    """Which level of detail a zoom shows: FAR below 25 %, NAMES to 50 %, TILES to 80 %, FULL to 160 %, then CLOSE."""
    share = zoom / theme.scale
    return sum(share >= bound - 1e-9 for bound in LEVELS)


def snap(value: float, grid: float = GRID) -> float:
    return round(value / grid) * grid


def node_height(
    family: str, kind: str, shape: tuple[int, ...] | None, inputs: int, error: bool, plane: bool = False
) -> float:
    """How tall a node is. `shape` is its output's, None where it is not known (then the family decides). `plane`: its
    units are shown as fields over a plane."""
    if kind == "Target":
        height = BARE
    elif family == "Loss":
        height = VECTOR
    elif plane:
        height = STANDARD
    elif shape is None:
        height = VECTOR if family == "Linear" else STANDARD
    elif len(shape) == 1:
        height = SCALAR if shape[0] <= 12 and family == "Linear" else VECTOR if shape[0] <= 256 else STANDARD
    elif not shape:
        height = SCALAR
    else:
        height = STANDARD
    if error:
        height = STANDARD
    return max(height, PORT_Y + PORT_STEP * max(inputs - 1, 0) + PORT_Y)


def along_side(index: Any, count: Any, down: bool) -> Any:
    """How far along its side of a node a port stands: from the top of an upright side, where the wires run to the
    right; in the middle of the upper or lower one, where they run `down`."""
    return WIDTH / 2 + PORT_STEP * (index - (count - 1) / 2) if down else PORT_Y + PORT_STEP * index


def port_spot(index: int, count: int, output: bool, height: float, down: bool) -> tuple[float, float]:
    """Where one of `count` ports stands, from the top left corner of its node."""
    along = float(along_side(index, count, down))
    if down:
        return along, height if output else 0.0
    return WIDTH if output else 0.0, along


# Ways of wires are told for wires that run to the right. Where they run down, x and y change places, before and after.


def turned(rows: Array) -> Array:
    """Rows of (x, y, x, y) with x and y in each other's place."""
    return rows[:, [1, 0, 3, 2]]


def goes_back(sx: Any, tx: Any) -> Any:
    """Whether a wire's target lies to the left, so that it takes the way through the gutter between rows."""
    return tx - sx < LEAD_OUT


def gutters(source_top: Any, source_bottom: Any, target_top: Any, target_bottom: Any) -> Any:
    """The height at which wires that go back run: just above the target's row, or below it when that lies higher."""
    below = np.maximum(target_top - 19.0, np.minimum(source_bottom + 10.0, (source_bottom + target_top) / 2))
    above = np.minimum(target_bottom + 19.0, np.maximum(source_top - 10.0, (source_top + target_bottom) / 2))
    beside = np.maximum(source_bottom, target_bottom) + 20.0
    return np.where(target_top >= source_bottom + 8, below, np.where(target_bottom <= source_top - 8, above, beside))


def offset(dx: Any) -> Any:
    """How far the control points of a wire stand from its ends."""
    return np.maximum(40.0, 0.5 * np.abs(dx))


def boxes(ends: Array, back: Array, gutter: Array) -> Array:
    """(left, top, right, bottom) around each wire, without its width and label."""
    sx, sy, tx, ty = ends.T
    reach = np.where(np.abs(ty - sy) < 0.5, 0.0, offset(tx - sx))
    left = np.where(back, np.minimum(sx, tx - LEAD_IN), np.minimum(sx, tx - reach))
    right = np.where(back, np.maximum(sx + LEAD_OUT, tx), np.maximum(tx, sx + reach))
    top, bottom = np.minimum(sy, ty), np.maximum(sy, ty)
    top, bottom = np.where(back, np.minimum(top, gutter), top), np.where(back, np.maximum(bottom, gutter), bottom)
    return np.stack((left, top, right, bottom), axis=1)


CURVE_STEPS = 12
_T = np.linspace(0.0, 1.0, CURVE_STEPS + 1)[None, :]
_B0, _B1, _B2, _B3 = (1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3


def curve_points(ends: Array) -> Array:
    """Points along each forward wire: (wires, CURVE_STEPS + 1, 2)."""
    sx, sy, tx, ty = (column[:, None] for column in ends.T)
    reach = offset(tx - sx)
    x = _B0 * sx + _B1 * (sx + reach) + _B2 * (tx - reach) + _B3 * tx
    y = _B0 * sy + _B1 * sy + _B2 * ty + _B3 * ty
    return np.stack((x, y), axis=2)


CORNERS = 6  # of a wire that goes back, its ends included


def corner_points(ends: Array, gutter: Array) -> Array:
    """The corners of each wire that goes back: (wires, CORNERS, 2)."""
    sx, sy, tx, ty = ends.T
    right, left = sx + LEAD_OUT, tx - LEAD_IN
    x = np.stack((sx, right, right, left, left, tx), axis=1)
    y = np.stack((sy, sy, gutter, gutter, ty, ty), axis=1)
    return np.stack((x, y), axis=2)


def segments(points: Array) -> Array:
    """Polylines (n, k, 2) as lines (n * (k - 1), 4)."""
    return np.concatenate((points[:, :-1], points[:, 1:]), axis=2).reshape(-1, 4)


def distance(points: Array, x: float, y: float) -> float:
    """From a point to a polyline."""
    start, end = points[:-1], points[1:]
    along = end - start
    length = np.maximum((along**2).sum(axis=1), 1e-9)
    t = np.clip((((x, y) - start) * along).sum(axis=1) / length, 0.0, 1.0)
    nearest = start + t[:, None] * along
    return float(np.sqrt(((nearest - (x, y)) ** 2).sum(axis=1)).min())
