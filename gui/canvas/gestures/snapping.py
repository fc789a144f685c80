"""What is being moved keeps to the grid and falls into line with what lies around it, as far as that is in sight.

With Shift held it keeps to the coarse grid alone, with Alt held to nothing. From far away there are no lines either:
they would be of thousands, and a few pixels there are more than the distance between two nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.graph import guides
from engine.graph.drawing import Rectangle
from gui.canvas import geometry as g
from gui.canvas.gestures.gesture import adds
from gui.theme import theme

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

Array = np.ndarray[Any, Any]

REACH = 5.0  # pixels on the screen from which a line attracts
TICK = 3.0  # half of the small lines at both ends of a distance, in pixels


class Snapping:
    """`moving` is the rectangle around all that moves, as it lay at first; `anchor` what keeps to the grid; `up` the
    rows of nodes that move and so are nobody's neighbours."""

    def __init__(self, view: CanvasView, moving: Rectangle, anchor: tuple[float, float], up: Array):
        self._view, self._moving, self._anchor = view, moving, anchor
        self._still = ~view.arrays.mask(up)
        self._found = guides.Snapped()

    def step(self, away: QPointF, modifiers: Qt.KeyboardModifier) -> tuple[float, float]:
        """How far to move, where the mouse is this far away from where it was pressed."""
        self._repaint()
        self._found = guides.Snapped()
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return float(round(away.x())), float(round(away.y()))
        grid = g.COARSE_GRID if adds(modifiers) else g.GRID
        dx, dy = (g.snap(at + by, grid) - at for at, by in zip(self._anchor, (away.x(), away.y()), strict=True))
        if not adds(modifiers) and g.level(self._view.zoom) > g.FAR:
            x, y, width, height = self._moving
            shown = (x + away.x(), y + away.y(), width, height)
            found = self._found = guides.snap(shown, self._neighbours(), REACH / self._view.zoom)
            dx = away.x() + found.dx if found.across else dx
            dy = away.y() + found.dy if found.down else dy
        self._repaint()
        return dx, dy

    def _neighbours(self) -> Array:
        rows = self._view.visible_rows()
        return self._view.arrays.rects[rows[self._still[rows]]]

    def end(self) -> None:
        self._repaint()
        self._found = guides.Snapped()

    def _repaint(self) -> None:
        margin = 2 * TICK / self._view.zoom
        for line in (*self._found.guides, *self._found.gaps):
            if line.upright:
                area = QRectF(line.at, line.start, 0, line.end - line.start)
            else:
                area = QRectF(line.start, line.at, line.end - line.start, 0)
            self._view.overlay.update(area.adjusted(-margin, -margin, margin, margin))

    def paint(self, painter: QPainter) -> None:
        """A handful of lines: `painter` is in canvas units."""
        found = self._found
        if not found.guides and not found.gaps:
            return
        pen = QPen(theme.colour("accent"), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for line in (*found.guides, *found.gaps):
            painter.drawLine(_point(line.upright, line.start, line.at), _point(line.upright, line.end, line.at))
        tick = TICK / self._view.zoom
        for gap in found.gaps:
            for end in (gap.start, gap.end):
                painter.drawLine(_point(gap.upright, end, gap.at - tick), _point(gap.upright, end, gap.at + tick))


def _point(upright: bool, along: float, across: float) -> QPointF:
    return QPointF(across, along) if upright else QPointF(along, across)
