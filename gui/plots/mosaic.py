"""All tiles of one picture in one widget, painted from one image: unit numbers, silent units, selection, hover.

Own painting of a single QImage costs half of what a plotting item does, and only the tiles in sight are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QToolTip, QWidget

from engine.observe import plane, tiles
from engine.observe.picture import Picture
from gui.plots.series import number_text
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.numbers import thousands
from gui.widgets.plane import class_name, lut_for, paint_samples

Form = Literal["maps", "cells", "sheet"]
GAP = 3
SMALLEST, LARGEST, LARGEST_FIELD = 36, 150, 300  # side of a tile on screen; of a plane that is shown alone
SAMPLED, SAMPLE = 52, 2.4  # fields at least that wide carry samples; how wide one is
NUMBERED = 32  # tiles at least that wide carry their number
CELL_SMALLEST, CELL_LARGEST = 4, 30
ONE_ROW = 16  # vectors up to that length are one row


def to_image(pixels: np.ndarray[Any, Any]) -> QImage:
    """An RGBA array as an image that owns its bytes."""
    height, width = pixels.shape[:2]
    if not height or not width:
        return QImage()
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where tiles stand: `columns` of `width` × `height` cells, `gap` apart."""

    columns: int
    rows: int
    width: int
    height: int
    gap: int

    def rect(self, index: int) -> QRect:
        row, column = divmod(index, self.columns)
        return QRect(column * (self.width + self.gap), row * (self.height + self.gap), self.width, self.height)

    @property
    def size(self) -> QSize:
        return QSize(
            self.columns * (self.width + self.gap) - self.gap,
            self.rows * (self.height + self.gap) - self.gap,
        )


def form_of(picture: Picture) -> Form:
    if tiles.is_cells(picture):
        return "cells"
    return "sheet" if tiles.is_sheet(picture) else "maps"


def lay_out(picture: Picture, width: int) -> Layout:
    """Tiles as large as fit `width`, in a block that is about square."""
    count, width = max(1, tiles.count(picture)), max(CELL_SMALLEST, width)
    form = form_of(picture)
    if form == "cells":
        columns = count if count <= ONE_ROW else math.ceil(math.sqrt(2 * count))
        columns = _dividing(count, min(columns, width // CELL_SMALLEST), width // CELL_SMALLEST)
        side = max(CELL_SMALLEST, min(CELL_LARGEST, width // columns))
        return Layout(columns, math.ceil(count / columns), side, side, 0)
    tile_height, tile_width = picture.tiles.shape[1:3]
    if form == "sheet":
        return Layout(1, 1, width, max(48, min(320, tile_height * max(2, min(12, 240 // tile_height)))), 0)
    most = max(1, (width + GAP) // (SMALLEST + GAP))
    columns = min(most, _dividing(count, math.ceil(math.sqrt(count)), most))
    largest = LARGEST_FIELD if picture.plane is not None and count == 1 else LARGEST
    side = min(largest, (width + GAP) // columns - GAP)
    if tile_width >= tile_height:
        return Layout(columns, math.ceil(count / columns), side, max(6, round(side * tile_height / tile_width)), GAP)
    height = min(2 * side, round(side * tile_height / tile_width))
    return Layout(columns, math.ceil(count / columns), side, height, GAP)


def _dividing(count: int, columns: int, most: int) -> int:
    """`columns`, or one or two more where that fills the last row."""
    for more in (columns, columns + 1, columns + 2):
        if more <= most and count % more == 0:
            return more
    return columns


class MosaicView(QWidget):
    """`unit_chosen(index)` when a person picks a tile: its position among those shown."""

    unit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Tiles")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.picture: Picture | None = None
        self.per_tile = False
        self.smooth = False
        self.samples = True
        self.chosen = -1
        self._image_data = False
        self._noun = "channel"
        self._names: tuple[str, ...] = ()
        self._pixels = QImage()
        self._layout = Layout(1, 1, 1, 1, 0)
        theme.changed.connect(self._on_theme_changed)

    # -- what is shown ---------------------------------------------------------------------
    def show_picture(
        self, picture: Picture | None, *, image: bool = False, noun: str = "channel", names: tuple[str, ...] = ()
    ) -> None:
        """`image`: the tiles are data, painted grey; `noun`: what one tile is; `names`: those of the classes."""
        same_shape = (
            picture is not None
            and self.picture is not None
            and picture.view == self.picture.view
            and picture.tiles.shape == self.picture.tiles.shape
        )
        if not same_shape:
            self.chosen = -1
        self.picture, self._image_data, self._noun, self._names = picture, image, noun, names
        self._paint_tiles()
        if not same_shape:
            self._lay_out()
        self.update()

    def set_options(self, *, per_tile: bool, smooth: bool, samples: bool = True) -> None:
        """`samples`: those of the plane lie over its fields."""
        self.per_tile, self.smooth, self.samples = per_tile, smooth, samples
        self._paint_tiles()
        self.update()

    def choose(self, index: int) -> None:
        self.chosen = index
        self.update()

    def tile(self, index: int) -> QImage:
        """One tile as it is painted, at its own resolution."""
        return QImage() if index < 0 or self._pixels.isNull() else self._pixels.copy(self._source(index))

    def _on_theme_changed(self) -> None:
        self._paint_tiles()
        self.update()

    def _paint_tiles(self) -> None:
        if self.picture is None or not tiles.count(self.picture):
            self._pixels = QImage()
            return
        lut = lut_for(self.picture, self._image_data)
        grey = theme.colour("hover")
        hole = (grey.red(), grey.green(), grey.blue(), 255)
        per_tile = self.per_tile and not self.picture.classes  # a decision has no scale
        pixels = tiles.mosaic(self.picture, lut, self._layout.columns, 0, hole, per_tile)
        self._pixels = to_image(pixels)

    def _lay_out(self) -> None:
        if self.picture is not None:
            layout = lay_out(self.picture, self.width())
            if layout != self._layout:
                repaint = layout.columns != self._layout.columns
                self._layout = layout
                if repaint:
                    self._paint_tiles()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._lay_out()

    def rect_of(self, index: int) -> QRect:
        """Where tile `index` stands in the widget."""
        return self._layout.rect(index)

    # -- painting ---------------------------------------------------------------------------
    def _source(self, index: int) -> QRect:
        assert self.picture is not None
        x, y, width, height = tiles.place(index, self.picture, self._layout.columns, 0)
        return QRect(x, y, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.picture is None or self._pixels.isNull():
            return
        painter = QPainter(self)
        smooth = self.smooth and form_of(self.picture) != "sheet"  # what lies between two time steps is nothing
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        layout, count = self._layout, tiles.count(self.picture)
        if form_of(self.picture) == "cells":
            self._paint_cells(painter, count)
        else:
            step = layout.height + layout.gap
            first = max(0, event.rect().top() // step) * layout.columns
            last = min(count, (event.rect().bottom() // step + 1) * layout.columns)
            silent = set(self.picture.silent_units)
            for index in range(first, last):
                rect = layout.rect(index)
                empty = self._noun in ("channel", "unit") and self.picture.units[index] in silent
                if empty:
                    self._paint_silent(painter, rect)
                else:
                    painter.drawImage(rect, self._pixels, self._source(index))
                    self._paint_samples(painter, rect)
                if layout.width >= NUMBERED and form_of(self.picture) == "maps" and self._numbered():
                    self._paint_number(painter, rect, self.picture.units[index], plain=empty)
        self._paint_chosen(painter, count)

    def _paint_cells(self, painter: QPainter, count: int) -> None:
        assert self.picture is not None
        layout = self._layout
        size = self._pixels.size()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRect(0, 0, size.width() * layout.width, size.height() * layout.height), self._pixels)
        if count % layout.columns:  # the last row ends before the others
            last = layout.rect(count - 1)
            painter.fillRect(last.right() + 1, last.top(), self.width(), last.height(), theme.colour("panel"))
        if layout.width >= 22 and count <= 64:
            for index in range(count):
                self._paint_number(painter, layout.rect(index), self.picture.units[index])

    @property
    def shows_samples(self) -> bool:
        """Whether its tiles are fields with room for samples over them."""
        shown = self.picture is not None and self.picture.plane is not None and self.samples
        return shown and self._layout.width >= SAMPLED

    def _numbered(self) -> bool:
        return not self._image_data and self.picture is not None and not self.picture.classes

    def _paint_samples(self, painter: QPainter, rect: QRect) -> None:
        shown = self.picture.plane if self.picture is not None else None
        if shown is not None and self.shows_samples:
            size = SAMPLE * (2 if rect.width() > LARGEST else 1)
            paint_samples(painter, QRectF(rect), shown, size)

    def _paint_silent(self, painter: QPainter, rect: QRect) -> None:
        pen = QPen(theme.colour("warn"), 1)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(theme.colour("canvas"))
        painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        if rect.width() >= 44:
            painter.setFont(theme.font(t.AXIS))
            inner = rect.adjusted(4, 2, -4, -2)
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "silent")

    def _paint_number(self, painter: QPainter, rect: QRect, number: int, plain: bool = False) -> None:
        """Readable on any tile: on a rim of the other shade. `plain`: on the window's own background."""
        signed = self.picture is not None and self.picture.signed
        light = (signed or plain) and not theme.tokens().dark
        ink, rim = QColor(255, 255, 255), QColor(0, 0, 0, 170)
        if light:
            ink, rim = theme.colour("text"), QColor(255, 255, 255, 190)
        painter.setFont(theme.font(t.AXIS, 500))
        place = rect.adjusted(4, 0, -2, -2)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.setPen(rim)
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.drawText(place.translated(dx, dy), align, str(number))
        painter.setPen(ink)
        painter.drawText(place, align, str(number))

    def _paint_chosen(self, painter: QPainter, count: int) -> None:
        if not 0 <= self.chosen < count:
            return
        rect = QRectF(self._layout.rect(self.chosen))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("panel"), 3))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "sel"), 2))
        painter.drawRect(rect.adjusted(0, 0, 0, 0) if self._layout.gap else rect.adjusted(1, 1, -1, -1))

    # -- pointing ---------------------------------------------------------------------------
    def index_at(self, place: QPoint) -> int:
        """The tile under a point, or -1."""
        layout = self._layout
        if self.picture is None or place.x() < 0 or place.y() < 0:
            return -1
        column, row = place.x() // (layout.width + layout.gap), place.y() // (layout.height + layout.gap)
        index = row * layout.columns + column
        inside = column < layout.columns and index < tiles.count(self.picture)
        return index if inside and layout.rect(index).contains(place) else -1

    def value_text(self, place: QPoint) -> str:
        """What stands under the pointer: ‘channel 4, row 3, column 5: 0.82’."""
        index = self.index_at(place)
        if index < 0 or self.picture is None:
            return ""
        rect, form = self._layout.rect(index), form_of(self.picture)
        if form == "cells":
            return f"unit {thousands(self.picture.units[index])}: {self._number(self.picture.tiles[0, 0, index])}"
        tile = self.picture.tiles[index]
        row = min(tile.shape[0] - 1, (place.y() - rect.top()) * tile.shape[0] // rect.height())
        column = min(tile.shape[1] - 1, (place.x() - rect.left()) * tile.shape[1] // rect.width())
        value = self._number(tile[row, column])
        if form == "sheet":
            down, across = self.picture.axes
            return f"{down} {row}, {across} {column}: {value}"
        if self.picture.plane is not None:
            x, y = plane.place(self.picture.plane, (column + 0.5) / tile.shape[1], (row + 0.5) / tile.shape[0])
            where = f"x {self._number(x)}, y {self._number(y)}"
            winner, chance = plane.chance(self.picture, float(tile[row, column]))
            if winner >= 0:
                return f"{where}: {class_name(winner, self._names)}, {100 * chance:.0f} %"
            return f"{self._noun} {thousands(self.picture.units[index])}, {where}: {value}"
        return f"{self._noun} {thousands(self.picture.units[index])}, row {row}, column {column}: {value}"

    @staticmethod
    def _number(value: Any) -> str:
        numbers = np.atleast_1d(np.asarray(value, np.float64)).tolist()
        texts = [number_text(v) if math.isfinite(v) else str(v) for v in numbers]
        return ", ".join(texts).replace("-", "−")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.value_text(event.pos())
            method = f"\n{self.picture.method}" if self.picture is not None and self.picture.method else ""
            QToolTip.showText(event.globalPos(), text + method if text else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._layout.columns,
            Qt.Key.Key_Down: self._layout.columns,
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self.picture is None:
            super().keyPressEvent(event)
            return
        count = tiles.count(self.picture)
        index = 0 if self.chosen < 0 else self.chosen + move
        if 0 <= index < count:
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.choose(index)
        self.unit_chosen.emit(index)


class MosaicScroll(QScrollArea):
    """Holds a mosaic: as high as it needs to be, scrolling where there is less room.

    The width is settled here, from the outer size alone: were it to follow the scroll bar, the bar could come and go
    for ever, because narrower tiles are lower.
    """

    def __init__(self, mosaic: MosaicView, parent: QWidget | None = None):
        super().__init__(parent)
        self.mosaic = mosaic
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Tiles, scrolling")
        self.setWidget(mosaic)

    def fit(self) -> None:
        """Settle the mosaic's size; to be called when another picture is shown."""
        picture, width = self.mosaic.picture, max(CELL_SMALLEST, self.width())
        height = lay_out(picture, width).size.height() if picture is not None else 0
        self.setMaximumHeight(max(1, height))
        if height > self.height():
            width -= self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
            height = lay_out(picture, width).size.height() if picture is not None else 0
        self.mosaic.setFixedSize(width, max(1, height))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.fit()
