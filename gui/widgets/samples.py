"""A few samples of a data set, painted: pictures side by side, points in the plane, lines of text or curves."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.preview import Curves, Letters, Preview, Scatter, Tiles
from engine.observe.plane import planes
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.numbers import plural
from gui.widgets.plane import paint_samples

GAP = 3.0
FEW_CURVES = 8
COLUMNS, TILE = 12, 22  # of pictures in a strip
HEIGHTS = {Scatter: 150, Letters: 66, Curves: 96}


def paint_preview(painter: QPainter, rect: QRectF, preview: Preview, tile: float = 30.0) -> None:
    """Within `rect`, as much as there is room for; pictures about `tile` wide."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if isinstance(preview, Tiles):
        _paint_tiles(painter, rect, preview, tile)
    elif isinstance(preview, Scatter):
        _paint_scatter(painter, rect, preview)
    elif isinstance(preview, Letters):
        _paint_letters(painter, rect, preview)
    else:
        _paint_curves(painter, rect, preview)
    painter.restore()


def told(preview: Preview) -> str:
    """What is shown, in words: ‘24 images: 3, 0, 7, …’."""
    if isinstance(preview, Tiles):
        return _with(plural(len(preview.images), "image"), preview.captions)
    if isinstance(preview, Scatter):
        return _with(f"{plural(len(preview.points), 'point')} in the plane", preview.names)
    if isinstance(preview, Letters):
        return _with(plural(len(preview.lines), "text"), tuple(f"‘{line}’" for line in preview.lines))
    return _with(f"{len(preview.values)} series", preview.captions)


def _with(count: str, names: tuple[str, ...]) -> str:
    listed = ", ".join(dict.fromkeys(names[:6]))
    return f"{count}: {listed}{', …' if len(names) > 6 else ''}" if listed else count


def _paint_tiles(painter: QPainter, rect: QRectF, preview: Tiles, tile: float) -> None:
    columns = max(1, int((rect.width() + GAP) // (tile + GAP)))
    step = (rect.width() + GAP) / columns if rect.width() < columns * (tile + GAP) + tile else tile + GAP
    rows = max(1, int((rect.height() + GAP) // step))
    for index, pixels in enumerate(preview.images[: rows * columns]):
        row, column = divmod(index, columns)
        height, width = pixels.shape[:2]
        image = QImage(np.ascontiguousarray(pixels).tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        side = step - GAP
        wide, tall = side * min(1.0, width / height), side * min(1.0, height / width)
        left, top = rect.left() + column * step + (side - wide) / 2, rect.top() + row * step + (side - tall) / 2
        painter.drawImage(QRectF(left, top, wide, tall), image)


def _paint_scatter(painter: QPainter, rect: QRectF, preview: Scatter) -> None:
    side = min(rect.width(), rect.height())
    square = QRectF(rect.center().x() - side / 2, rect.top(), side, side)
    classes = preview.classes if preview.classes is not None else np.zeros(len(preview.points), np.int64)
    found = planes({"point": preview.points, "class": classes}, {}).get("point")
    if found is not None:
        paint_samples(painter, square, found, max(1.8, side / 52))


def _paint_letters(painter: QPainter, rect: QRectF, preview: Letters) -> None:
    painter.setFont(theme.font(t.AXIS, mono=True))
    metrics = QFontMetricsF(painter.font())
    painter.setPen(theme.colour("text2"))
    for index, line in enumerate(preview.lines[: max(1, int(rect.height() // metrics.height()))]):
        place = QRectF(rect.left(), rect.top() + index * metrics.height(), rect.width(), metrics.height())
        shown = metrics.elidedText(line.strip(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_curves(painter: QPainter, rect: QRectF, preview: Curves) -> None:
    """Each in a box of its own, all on one scale; a further feature in another colour."""
    count = min(FEW_CURVES, len(preview.values))
    values = preview.values[:count]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return
    low, high = float(finite.min()), float(finite.max())
    columns = min(count, 4 if rect.width() > 2 * rect.height() else 2)
    rows = math.ceil(count / columns)
    width, height = (rect.width() + GAP) / columns - GAP, (rect.height() + GAP) / rows - GAP
    for index, series in enumerate(values):
        row, column = divmod(index, columns)
        left, top = rect.left() + column * (width + GAP), rect.top() + row * (height + GAP)
        x = np.linspace(left, left + width, len(series))
        for feature, numbers in enumerate(series.T):
            y = top + height - 1.5 - (np.nan_to_num(numbers) - low) / max(high - low, 1e-12) * (height - 3)
            line = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
            painter.setPen(QPen(theme.class_colour(1 - feature if feature < 2 else feature), 1.1))
            painter.drawPolyline(line)


class PreviewStrip(QWidget):
    """A few samples of the chosen data."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._preview: Preview | None = None
        self.setAccessibleName("Samples")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.hide()

    def show_samples(self, preview: Preview | None) -> None:
        self._preview = preview
        self.setAccessibleDescription(f"{told(preview)}; of the training part" if preview is not None else "")
        self.setVisible(preview is not None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if isinstance(self._preview, Tiles):
            rows = -(-len(self._preview.images) // COLUMNS)
            return QSize(round(COLUMNS * (TILE + GAP)), round(max(1, rows) * (TILE + GAP) - GAP) + 1)
        return QSize(round(COLUMNS * (TILE + GAP)), HEIGHTS.get(type(self._preview), 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._preview is not None:
            paint_preview(QPainter(self), QRectF(self.rect()), self._preview, TILE)
