"""Notes and frames on the canvas: painted behind the graph, and what of them lies under a point.

There are few of them, yet only those in the exposed part are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.graph.design import Design, Frame, Note
from engine.graph.drawing import TITLE, Rectangle
from gui.canvas import geometry as g
from gui.canvas.graph_layer import EXTENT
from gui.theme import theme

EDGE = 6.0  # pixels on the screen within which an edge is meant
INSET = 10.0  # from a note's edge to its text
NAME = 11.0  # pixels of a frame's title where text would be too small, as of nodes


@dataclass(frozen=True, slots=True)
class DrawnHit:
    """A note or frame under a point. `edge` says which of its edges: (-1, 0) the left one, (1, 1) the lower right
    corner, (0, 0) none: then it is what lies within them."""

    id: str
    edge: tuple[int, int] = (0, 0)


class Drawn(QGraphicsItem):
    """Draws the notes and frames of a design. `selected` are the ids of those that are."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[str, Note] = {}
        self.frames: dict[str, Frame] = {}
        self.selected: frozenset[str] = frozenset()
        self._elsewhere: dict[str, Rectangle] = {}  # while they are dragged
        self._rects = np.zeros((0, 4))
        self._order: list[str] = []
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1)

    def boundingRect(self) -> QRectF:
        return QRectF(-EXTENT, -EXTENT, 2 * EXTENT, 2 * EXTENT)

    # -- what is shown --------------------------------------------------------------------------------
    def show_design(self, design: Design) -> None:
        self.notes = {note.id: note for note in design.notes}
        self.frames = {frame.id: frame for frame in design.frames}
        self.selected &= self.notes.keys() | self.frames.keys()
        self._elsewhere = {}
        self._lay_out()

    def _lay_out(self) -> None:
        """Large frames first, so that what lies within them is painted over them; notes on top."""
        frames = sorted(self.frames, key=lambda i: -self.rectangle(i)[2] * self.rectangle(i)[3])
        self._order = [*frames, *self.notes]
        self._rects = np.array([self.rectangle(i) for i in self._order], np.float64).reshape(-1, 4)
        self.update()

    def rectangle(self, drawn: str) -> Rectangle:
        """Where a note or frame is shown."""
        if drawn in self._elsewhere:
            return self._elsewhere[drawn]
        known = self.notes.get(drawn) or self.frames[drawn]
        return (known.x, known.y, known.width, known.height)

    def put(self, rectangles: Mapping[str, Rectangle]) -> None:
        """Show these elsewhere, without the design knowing; with none all are where the design says."""
        self._elsewhere = dict(rectangles)
        self._lay_out()

    def select(self, drawn: frozenset[str]) -> None:
        self.selected = drawn
        self.update()

    def bounds(self) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) around all of them; None where there are none."""
        if not len(self._rects):
            return None
        low, high = self._rects[:, :2].min(axis=0), (self._rects[:, :2] + self._rects[:, 2:]).max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    # -- what lies under a point ------------------------------------------------------------------------
    def hit(self, point: QPointF, zoom: float) -> DrawnHit | None:
        """The topmost one. Of a frame only its title and its edges are meant: within it the canvas is free."""
        reach = EDGE / zoom
        for drawn in reversed(self._touching(point.x(), point.y(), point.x(), point.y(), reach)):
            x, y, width, height = self.rectangle(drawn)
            edge = (_side(point.x(), x, width, reach), _side(point.y(), y, height, reach))
            if edge != (0, 0) or drawn in self.notes or point.y() <= y + max(TITLE, NAME * 2 / zoom):
                return DrawnHit(drawn, edge)
        return None

    def _touching(self, left: float, top: float, right: float, bottom: float, margin: float) -> list[str]:
        x, y, width, height = self._rects.T
        inside = (x <= right + margin) & (x + width >= left - margin)
        inside &= (y <= bottom + margin) & (y + height >= top - margin)
        return [self._order[row] for row in np.flatnonzero(inside).tolist()]

    # -- painting -----------------------------------------------------------------------------------------
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom, exposed = painter.worldTransform().m11(), option.exposedRect
        parts = exposed.left(), exposed.top(), exposed.right(), exposed.bottom()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for drawn in self._touching(*parts, 4 / zoom):
            self._paint_box(painter, drawn, zoom)
            if drawn in self.frames:
                self._paint_title(painter, drawn, zoom)
            elif g.level(zoom) >= g.TILES:
                self._paint_text(painter, drawn)

    def paint_far(self, painter: QPainter) -> None:
        """All of them without a word, for the minimap."""
        for drawn in self._order:
            self._paint_box(painter, drawn, painter.worldTransform().m11())

    def _paint_box(self, painter: QPainter, drawn: str, zoom: float) -> None:
        note, chosen = drawn in self.notes, drawn in self.selected
        pen = QPen(theme.colour("sel" if chosen else "warn" if note else "line_strong"), 1.5 if chosen else 1.0)
        if note and not chosen:
            pen.setColor(_mixed("warn", 0.45))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(_mixed("warn", 0.1) if note else _mixed("text3", 0.08))
        radius = g.RADIUS if g.level(zoom) > g.FAR else 0.0
        painter.drawRoundedRect(QRectF(*self.rectangle(drawn)), radius, radius)

    def _paint_title(self, painter: QPainter, drawn: str, zoom: float) -> None:
        """In the size of names; from farther away in a size that can still be read."""
        if g.level(zoom) == g.FAR:
            return
        x, y, width, _ = self.rectangle(drawn)
        size = max(12.0, NAME * theme.scale / zoom)
        painter.setFont(theme.font(size / theme.scale, 600))
        painter.setPen(theme.colour("text2"))
        room = QRectF(x + INSET, y, width - 2 * INSET, max(TITLE, size * 1.6))
        text = painter.fontMetrics().elidedText(
            self.frames[drawn].title, Qt.TextElideMode.ElideRight, max(int(room.width()), 0)
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _paint_text(self, painter: QPainter, drawn: str) -> None:
        """Wrapped; what has no room is cut off at the edge."""
        painter.save()
        room = QRectF(*self.rectangle(drawn)).adjusted(INSET, INSET - 2, -INSET, -INSET + 2)
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        painter.setFont(theme.font(11 / theme.scale))
        painter.setPen(theme.colour("text2"))
        flags = Qt.TextFlag.TextWrapAnywhere | Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(flags), self.notes[drawn].text[:SEEN])
        painter.restore()


SEEN = 4_000  # characters of a note that are laid out: more have no room on any screen


def _side(at: float, start: float, length: float, reach: float) -> int:
    """-1 near the start, 1 near the end, 0 else. The end wins where both are near."""
    return 1 if abs(at - start - length) <= reach else -1 if abs(at - start) <= reach else 0


def _mixed(token: str, share: float) -> QColor:
    """A little of a colour on the canvas; opaque, so that the dots do not shine through."""
    mark, ground = theme.colour(token), theme.colour("canvas")
    parts = [(mark.red(), ground.red()), (mark.green(), ground.green()), (mark.blue(), ground.blue())]
    return QColor(*(round(share * a + (1 - share) * b) for a, b in parts))
