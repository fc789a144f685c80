"""What lies behind the graph: the dot grid; and the ring around the canvas while it has the focus."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.primitives import draw_pixel_rects
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.camera import Camera

STEP = 20.0
CLOSEST = 14.0  # pixels between two dots; when they would come closer, every fifth is shown


def paint_dots(painter: QPainter, rect: QRectF) -> None:
    """`rect` is the exposed part, in canvas units."""
    transform = painter.worldTransform()
    zoom = transform.m11()
    painter.fillRect(rect, theme.colour("canvas"))
    step = STEP
    while step * zoom < CLOSEST:
        step *= 5
    xs = np.arange(math.floor(rect.left() / step), math.ceil(rect.right() / step) + 1) * step
    ys = np.arange(math.floor(rect.top() / step), math.ceil(rect.bottom() / step) + 1) * step
    size = 1 if zoom < 0.75 else 2
    x = np.round(xs * zoom + transform.dx()).astype(np.int32)
    y = np.round(ys * zoom + transform.dy()).astype(np.int32)
    edges = np.empty((len(x), len(y), 4), np.int32)
    edges[..., 0], edges[..., 1] = x[:, None], y[None, :]
    edges[..., 2], edges[..., 3] = edges[..., 0] + size - 1, edges[..., 1] + size - 1
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("canvas_dot"))
    draw_pixel_rects(painter, edges.reshape(-1, 4))
    painter.restore()


def paint_ring(view: Camera, focused: bool) -> None:
    """In the margin that the view keeps around its viewport."""
    painter = QPainter(view)
    painter.fillRect(
        view.rect(), theme.colour("accent" if focused else "canvas")
    )  # the viewport covers all but the rim
    painter.end()
