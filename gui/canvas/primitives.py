"""Many rectangles or lines in one call, straight from a numpy array: Qt gets a pointer, Python sees no single one.

The arrays are laid out as Qt's own structs (four doubles each) and must live until the call returns, which they do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRect, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken

Array = np.ndarray[Any, Any]


def _first(data: Array, kind: type) -> Any:
    """The array's first row as a Qt object: a pointer to all of them."""
    return Shiboken.wrapInstance(data.ctypes.data, kind)


def draw_lines(painter: QPainter, lines: Array) -> None:
    """`lines` holds x1, y1, x2, y2 in each row."""
    if len(lines):
        data = np.ascontiguousarray(lines, np.float64)
        painter.drawLines(_first(data, QLineF), len(data))


def draw_rects(painter: QPainter, rects: Array) -> None:
    """`rects` holds x, y, width, height in each row."""
    if len(rects):
        data = np.ascontiguousarray(rects, np.float64)
        painter.drawRects(_first(data, QRectF), len(data))


def draw_pixel_rects(painter: QPainter, edges: Array) -> None:
    """Whole pixels, which are three times as fast: `edges` holds left, top, right, bottom (the last two inclusive)."""
    if len(edges):
        data = np.ascontiguousarray(edges, np.int32)
        painter.drawRects(_first(data, QRect), len(data))
