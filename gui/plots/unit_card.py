"""The chosen unit enlarged, with its numbers; and the bar that says what the colours mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.observe import tiles
from engine.observe.picture import Picture
from gui.plots.series import number_text
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import label
from gui.widgets.numbers import thousands

BINS = 24
SIDE = 90


class ScaleBar(QWidget):
    """Low, the colour map, high."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Scale")
        self._lut: np.ndarray[Any, Any] | None = None
        self.low, self.high = "", ""
        self._note = ""
        self.setFixedHeight(18)
        theme.changed.connect(self.update)

    def show_scale(self, low: float, high: float, lut: np.ndarray[Any, Any], note: str = "") -> None:
        """`note` stands in place of the numbers, where they would not be true of every tile."""
        self.low, self.high, self._note, self._lut = signed_text(low), signed_text(high), note, lut
        self.setAccessibleDescription(note or f"from {self.low} to {self.high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._lut is None:
            return
        painter = QPainter(self)
        painter.setFont(theme.font(t.CAPTION))
        painter.setPen(theme.colour("text3"))
        metrics = painter.fontMetrics()
        left, right = ("low", "high") if self._note else (self.low, self.high)
        start = metrics.horizontalAdvance(left) + 8
        end = self.width() - metrics.horizontalAdvance(right) - 8
        rect = self.rect()
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, left)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
        gradient = QLinearGradient(start, 0, end, 0)
        for stop in range(0, 256, 15):
            gradient.setColorAt(stop / 255, QColor(*self._lut[stop].tolist()))
        bar = QRectF(start, self.height() / 2 - 3, max(0, end - start), 6)
        painter.setPen(theme.colour("line_strong"))
        painter.setBrush(gradient)
        painter.drawRect(bar)


class UnitCard(QWidget):
    """Hidden until a unit is chosen."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Chosen unit")
        self._tile = _Tile(self)
        self._histogram = _Histogram(self)
        self._heading = label("", "name")
        self._names = [label("", "small") for _ in range(3)]
        self._numbers = [label("", "mono") for _ in range(3)]
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(1)
        for row, (name, number) in enumerate(zip(self._names, self._numbers, strict=True)):
            grid.addWidget(name, row, 0)
            grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self._histogram)
        right.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addLayout(row)
        self.hide()

    def show_unit(self, picture: Picture | None, index: int, tile: QImage, noun: str) -> None:
        if picture is None or not 0 <= index < tiles.count(picture):
            self.hide()
            return
        cells = tiles.is_cells(picture)
        values = picture.tiles[0, 0, index : index + 1] if cells else picture.tiles[index]
        unit = picture.units[index] if index < len(picture.units) else index
        self._heading.setText(f"{noun.capitalize()} {thousands(unit)}")
        rows = facts(picture, index, values, filters=picture.view.kind == "filters")
        for (name, number), name_label, number_label in zip(rows, self._names, self._numbers, strict=False):
            name_label.setText(name)
            number_label.setText(number)
            number_label.setAccessibleName(f"{name}: {number}")
        for labels in (self._names, self._numbers):
            for position, shown in enumerate(labels):
                shown.setVisible(position < len(rows))
        self._tile.setVisible(not cells)
        self._tile.show_tile(tile)
        self._histogram.setVisible(not cells)
        if not cells:
            self._histogram.show_values(values, picture.low, picture.high)
        self.setAccessibleDescription("; ".join(f"{name} {number}" for name, number in rows))
        self.show()


def facts(picture: Picture, index: int, values: np.ndarray[Any, Any], *, filters: bool) -> list[tuple[str, str]]:
    """Name and number of what is known about one unit on the sample that is shown."""
    finite = values[np.isfinite(values)]
    mean = float(finite.mean()) if finite.size else None
    if tiles.is_cells(picture):
        silent = picture.units[index] in picture.silent_units
        return [("Value", signed_text(mean)), ("On all probes", "silent" if silent else "active")]
    peak = picture.peaks[index] if index < len(picture.peaks) else None
    if filters:
        return [("Largest weight", signed_text(peak)), ("Mean weight", signed_text(mean))]
    zero = float((values == 0).mean()) if values.size else 0.0
    return [
        ("Peak (absolute)" if picture.signed else "Peak activation", signed_text(peak)),
        ("Zero on this sample", f"{100 * zero:.0f} %"),
        ("Mean", signed_text(mean)),
    ]


def signed_text(value: float | None) -> str:
    return number_text(value).replace("-", "−")


class _Tile(QWidget):
    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._image = QImage()
        self.setFixedSize(SIDE, SIDE)

    def show_tile(self, image: QImage) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        size = self._image.size().scaled(QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(QPointF((SIDE - size.width()) / 2, (SIDE - size.height()) / 2), size)
        painter.drawImage(place, self._image)


class _Histogram(QWidget):
    """How often each value occurs in the tile; zeros are left out of the height, they would dwarf the rest."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._heights = np.zeros(BINS)
        self.setFixedHeight(36)
        self.setAccessibleName("Histogram of the values")
        theme.changed.connect(self.update)

    def show_values(self, values: np.ndarray[Any, Any], low: float, high: float) -> None:
        kept = values[np.isfinite(values) & (values != 0)]
        counts, _ = np.histogram(np.clip(kept, low, high), bins=BINS, range=(low, max(high, low + 1e-9)))
        self._heights = counts / max(1, counts.max())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width, bottom = self.width() / BINS, self.height() - 1.0
        painter.setPen(theme.colour("line_strong"))
        painter.drawLine(QPointF(0, bottom), QPointF(self.width(), bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("Convolution"))
        for index, height in enumerate(self._heights.tolist()):
            if height > 0:
                tall = max(1.0, height * (self.height() - 2))
                painter.drawRect(QRectF(index * width, bottom - tall, max(1.0, width - 1.5), tall))
