"""Pictures in their colours; and of the plane the samples over a field, their classes, and what the marks mean.

A sample that is learned from is a dot, one of the validation part a ring; classes differ in colour and, every other
one, in shape: round or square.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.observe.picture import Picture, Plane
from engine.observe.plane import shares
from gui.theme import theme
from gui.theme import tokens as t

COVERED = 0.16  # at most this share of a tile lies under samples
GAP, MARK = 12, 6


def lut_for(picture: Picture, image: bool = False) -> np.ndarray[Any, Any]:
    """The colour map of a picture: grey for the data themselves, that of classes for what is decided between more than
    two, else by whether values go below zero."""
    if picture.classes > 2:
        return theme.class_lut(picture.classes)
    signed = "signed" if picture.plane is None else "field"
    return theme.lut("grey" if image else signed if picture.signed else "activation")


def class_name(number: int, names: tuple[str, ...]) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


def between(count: int, names: tuple[str, ...]) -> str:
    """‘between orange and blue’."""
    if count > 3:
        return f"between {count} classes"
    listed = [class_name(number, names) for number in range(count)]
    return f"between {', '.join(listed[:-1])} and {listed[-1]}"


def paint_samples(painter: QPainter, rect: QRectF, plane: Plane, size: float) -> None:
    """The samples over a tile, each `size` wide; fewer of them where the tile is small."""
    if not len(plane.points):
        return
    most = max(1.0, COVERED * rect.width() * rect.height() / (math.pi * (size / 2 + 0.6) ** 2))
    step = max(1, math.ceil(len(plane.points) / most))
    places = (shares(plane) * (rect.width(), rect.height()) + (rect.left(), rect.top()))[::step]
    classes, held_out = plane.classes[::step], plane.held_out[::step]
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for ring in (False, True):
        for number in np.unique(classes).tolist():
            chosen = places[(classes == number) & (held_out == ring)]
            paint_marks(painter, QPolygonF([QPointF(x, y) for x, y in chosen.tolist()]), number, ring, size)
    painter.restore()


def paint_marks(painter: QPainter, places: QPolygonF, number: int, ring: bool, size: float) -> None:
    """Marks of one class: dots with a rim, or rings."""
    if places.isEmpty():
        return
    colour, rim = theme.class_colour(number), theme.colour("node")
    shape = Qt.PenCapStyle.SquareCap if number % 2 else Qt.PenCapStyle.RoundCap
    outer, inner = (colour, rim) if ring else (rim, colour)
    for tint, width in ((outer, size + 1.2), (inner, size - 0.9 if ring else size)):
        painter.setPen(QPen(tint, width * (0.9 if number % 2 else 1.0), Qt.PenStyle.SolidLine, shape))
        painter.drawPoints(places)


class ClassLegend(QWidget):
    """What the marks over a field mean: a dot of each class, and a ring for the validation part."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Classes and samples")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._items: list[tuple[int, bool, str]] = []
        theme.changed.connect(self.update)

    def show_plane(self, plane: Plane | None, names: tuple[str, ...]) -> None:
        self.setVisible(plane is not None and len(plane.points) > 0)
        if plane is None:
            return
        present = [number for number in np.unique(plane.classes).tolist() if number >= 0]
        self._items = [(number, False, class_name(number, names)) for number in present]
        if plane.held_out.any():
            self._items.append((-1, True, "validation"))
        said = ", ".join(text for _number, ring, text in self._items if not ring)
        learned, kept = int((~plane.held_out).sum()), int(plane.held_out.sum())
        self.setAccessibleDescription(f"{learned} training samples as dots, {kept} validation samples as rings; {said}")
        self.setToolTip(f"Dots: {learned} training samples. Rings: {kept} of the validation part.")
        self.updateGeometry()
        self.update()

    def _rows(self, width: int) -> list[tuple[int, int, tuple[int, bool, str]]]:
        """Where each item begins: x and row."""
        metrics, x, row, placed = self.fontMetrics(), 0, 0, []
        for item in self._items:
            taken = MARK + 6 + metrics.horizontalAdvance(item[2])
            if x and x + taken > width:
                x, row = 0, row + 1
            placed.append((x, row, item))
            x += taken + GAP
        return placed

    def sizeHint(self) -> QSize:
        rows = self._rows(max(self.width(), 120))
        line = self.fontMetrics().height() + 2
        return QSize(120, line * (rows[-1][1] + 1 if rows else 1))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(t.CAPTION))
        line = self.fontMetrics().height() + 2
        for x, row, (number, ring, text) in self._rows(self.width()):
            middle = row * line + line / 2
            paint_marks(painter, QPolygonF([QPointF(x + MARK / 2 + 1, middle)]), number, ring, MARK)
            painter.setPen(theme.colour("text2"))
            place = QRectF(x + MARK + 6, row * line, self.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
