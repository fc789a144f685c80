"""What a node shows of its output: tiles of feature maps, cells of a vector, bars of a few numbers, a loss's curve.

One pixmap per node, painted when a look brings another picture; it covers the node's body below the parameters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from engine.observe.picture import Picture
from engine.observe.tiles import columns_for, is_cells, is_sheet, levels
from gui.canvas import geometry as g
from gui.canvas.content import Content
from gui.canvas.faces import face_font, legible
from gui.canvas.loss_curves import LossCurve
from gui.theme import theme
from gui.widgets.numbers import thousands
from gui.widgets.plane import class_name, lut_for, paint_marks, paint_samples

Array = np.ndarray[Any, Any]

TILE, TILE_GAP = 31.0, 2.0
ROOM = g.WIDTH - 2 * g.INSET  # 130 wide: four tiles and three gaps
FEW = 12  # so many numbers are shown as bars
FEW_FIELDS, SAMPLE = 2, 1.6  # so many fields have room for samples over them; how wide one is
SMOOTH_FROM = 12  # smaller maps show their pixels


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The moving part of a node. Compared by identity of the picture and the curve: neither is ever written to."""

    picture: Picture | None = None
    picks: tuple[int, ...] = ()  # which of the picture's tiles, in the order in which they stand
    curve: LossCurve | None = None  # a loss node: its own values
    left: str = ""
    right: str = ""
    winner: int | None = None  # which bar stands out
    names: tuple[str, ...] = field(default=())  # under the bars

    def same(self, other: Body) -> bool:
        return (
            self.picture is other.picture
            and self.curve is other.curve
            and (self.picks, self.left, self.right, self.winner) == (other.picks, other.left, other.right, other.winner)
        )


def waits_text(content: Content) -> str:
    return f"waits for {content.waits}" if content.waits else ""


def body_rect(content: Content, level: int) -> QRectF:
    """The part of the node that its body pixmap covers, in the node's coordinates."""
    if content.bare or content.error is not None or level < g.TILES:
        return QRectF()
    if level == g.TILES:
        return QRectF(4, g.HEADER + 3, g.WIDTH - 8, content.height - g.HEADER - 7)
    top = g.HEADER + 3 if not content.parameters else g.HEADER + 23
    return QRectF(4, top, g.WIDTH - 8, content.height - top - 3)


def picture_rect(content: Content, level: int) -> QRectF:
    """Where tiles, cells or bars stand, in the node's coordinates."""
    if level == g.TILES:
        free = content.height - g.HEADER
        height = min(g.THUMBNAILS, free - 8)
        return QRectF(g.INSET, g.HEADER + (free - height) / 2, ROOM, height)
    top = g.HEADER + 25 if content.height >= g.VECTOR else g.HEADER + 5
    bottom = content.height - g.FOOTER
    return QRectF(g.INSET, top, ROOM, min(g.THUMBNAILS, bottom - top - 2))


def paint_body(content: Content, body: Body, zoom: float, dpr: float) -> QPixmap:
    level = g.level(zoom)
    rect = body_rect(content, level)
    pixmap = QPixmap(max(1, math.ceil(rect.width() * zoom * dpr)), max(1, math.ceil(rect.height() * zoom * dpr)))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(theme.colour("node"))
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing)
    painter.scale(zoom, zoom)
    painter.translate(-rect.topLeft())
    room = picture_rect(content, level)
    picture = body.picture
    if content.family == "Loss":
        _paint_loss(painter, content, body, room, zoom)
    elif picture is None or picture.tiles.size == 0:
        _paint_waiting(painter, content, room, zoom)
    elif is_cells(picture) or picture.tiles.shape[1] * picture.tiles.shape[2] == 1:
        values = picture.tiles.reshape(-1)
        if len(values) <= FEW:
            _paint_bars(painter, values, body, room, level)
        else:
            _paint_cells(painter, picture, values, room)
    elif is_sheet(picture):
        _paint_sheet(painter, content, picture, room)
    else:
        _paint_tiles(painter, content, body, room, level)
    if level >= g.FULL:
        _paint_footer(painter, content, body, level)
    painter.end()
    return pixmap


def _lut(content: Content, picture: Picture) -> Array:
    return lut_for(picture, content.family == "Input / Data" and picture.plane is None)


def as_image(rgba: Array) -> QImage:
    """A uint8 array (height, width, 4) as an image of its own."""
    height, width = rgba.shape[:2]
    data = np.ascontiguousarray(rgba)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _most_tiles(level: int) -> int:
    return 16 if level >= g.CLOSE else 8


def _paint_tiles(painter: QPainter, content: Content, body: Body, room: QRectF, level: int) -> None:
    picture = body.picture
    assert picture is not None
    picks = (body.picks or tuple(range(len(picture.tiles))))[: _most_tiles(level)]
    tiles = picture.tiles[list(picks)]
    count, height, width = tiles.shape[:3]
    step = max(1, min(height, width) // 128)  # a map much finer than its tile need not be coloured in full
    tiles = tiles[:, ::step, ::step]
    height, width = tiles.shape[1:3]
    positions = levels(tiles, picture.low, picture.high)
    if tiles.ndim == 4:
        rgba = np.full((*tiles.shape[:3], 4), 255, np.uint8)
        rgba[..., : tiles.shape[3]] = positions
    else:
        rgba = _lut(content, picture)[positions]
    strip = as_image(rgba.reshape(count * height, width, 4))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, min(height, width) >= SMOOTH_FROM)
    samples = content.family == "Input / Data" and picture.plane is None
    places = _sample_places(count, room) if samples else _tile_places(count, room)
    for index, square in enumerate(places):
        side = square.width()
        place = QRectF(square.left(), square.top(), side * min(1, width / height), side * min(1, height / width))
        painter.drawImage(place, strip, QRectF(0, index * height, width, height))
        if level >= g.FULL and picture.plane is not None and count <= FEW_FIELDS:
            paint_samples(painter, place, picture.plane, SAMPLE)
        if level >= g.CLOSE and picks[index] < len(picture.units) and count > 1 and content.family != "Input / Data":
            _paint_number(painter, str(picture.units[picks[index]]), place)
    if level >= g.FULL and picture.classes and picture.plane is not None:
        _paint_classes(painter, picture, body.names, places[0], room)


def _paint_classes(painter: QPainter, picture: Picture, names: tuple[str, ...], field: QRectF, room: QRectF) -> None:
    """Beside what the network decides: which colour is which class."""
    line, left = 12.0, field.right() + 7
    most = int(room.height() // line)
    count = picture.classes if picture.classes <= most else most - 1
    painter.setFont(face_font(10.5))
    metrics = QFontMetricsF(painter.font())
    top = field.top() + max(0.0, (field.height() - line * min(picture.classes, most)) / 2)
    for number in range(min(picture.classes, most)):
        place = QRectF(left + 8, top + number * line, room.right() - left - 8, line)
        text = class_name(number, names) if number < count else f"{picture.classes - count} more"
        if number < count:
            paint_marks(painter, QPolygonF([QPointF(left + 2.5, place.center().y())]), number, False, 5.0)
        painter.setPen(theme.colour("text2"))
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _paint_sheet(painter: QPainter, content: Content, picture: Picture, room: QRectF) -> None:
    """All units in one matrix, as wide and as high as there is room; each number a rectangle with sharp edges."""
    image = as_image(_lut(content, picture)[levels(picture.tiles[0], picture.low, picture.high)])
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(room, image)


def _tile_places(count: int, room: QRectF) -> list[QRectF]:
    """Squares for so many tiles: one large, two large, or rows of four; more than eight as large as they fit."""
    wide = columns_for(count, ROOM, room.height())
    columns = 1 if count == 1 else 2 if count == 2 else 4 if count <= 8 else wide
    rows = -(-count // columns)
    side = min((ROOM - (columns - 1) * TILE_GAP) / columns, (room.height() - (rows - 1) * TILE_GAP) / rows)
    if 2 < count <= 8:
        side = min(side, TILE)
    step = side + TILE_GAP
    cells = (divmod(index, columns) for index in range(count))
    return [QRectF(room.left() + column * step, room.top() + row * step, side, side) for row, column in cells]


def _sample_places(count: int, room: QRectF) -> list[QRectF]:
    """The sample that is shown, large; up to four others beside it."""
    large = min(room.height(), 2 * TILE + TILE_GAP)
    side = (large - TILE_GAP) / 2
    places = [QRectF(room.left(), room.top(), large, large)]
    for index in range(min(count - 1, 4)):
        row, column = divmod(index, 2)
        left = room.left() + large + TILE_GAP + column * (side + TILE_GAP)
        places.append(QRectF(left, room.top() + row * (side + TILE_GAP), side, side))
    return places


def _paint_number(painter: QPainter, text: str, tile: QRectF) -> None:
    font = face_font(min(5.5, tile.height() / 3.6), 500, True)
    width = QFontMetricsF(font).horizontalAdvance(text) + 2
    height = min(6.5, tile.height() / 3)
    patch = QRectF(tile.left(), tile.bottom() - height, width, height)
    dark = theme.colour("canvas") if theme.tokens().dark else theme.colour("text")
    dark.setAlpha(170)
    painter.fillRect(patch, dark)
    painter.setFont(font)
    painter.setPen(theme.colour("text") if theme.tokens().dark else theme.colour("node"))
    painter.drawText(patch, Qt.AlignmentFlag.AlignCenter, text)


def _paint_cells(painter: QPainter, picture: Picture, values: Array, room: QRectF) -> None:
    values = values[:2048]
    cell = max(1.0, math.sqrt(room.width() * room.height() / len(values)))
    columns = max(1, int(room.width() // cell))
    rows = -(-len(values) // columns)
    while rows * (room.width() / columns) > room.height() + 0.5 and columns < len(values):
        columns += 1
        rows = -(-len(values) // columns)
    table = theme.lut("signed" if picture.signed else "activation")
    rgba = np.zeros((rows * columns, 4), np.uint8)
    rgba[: len(values)] = table[levels(values, picture.low, picture.high)]
    image = as_image(rgba.reshape(rows, columns, 4))
    side = room.width() / columns
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    top = room.top() + max(0.0, (room.height() - rows * side) / 2)
    painter.drawImage(QRectF(room.left(), top, room.width(), min(rows * side, room.height())), image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _paint_bars(painter: QPainter, values: Array, body: Body, room: QRectF, level: int) -> None:
    """Signed bars around a line at zero; the largest stands out."""
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    count = len(values)
    names = 10.0 if level >= g.FULL else 0.0
    height = room.height() - names
    high, low = max(float(values.max(initial=0.0)), 0.0), min(float(values.min(initial=0.0)), 0.0)
    span = max(high - low, 1e-12)
    step = room.width() / count
    zero = room.top() + height * high / span
    winner = body.winner if body.winner is not None else int(values.argmax()) if count > 1 else None
    painter.setPen(Qt.PenStyle.NoPen)
    plain, best = theme.colour("control"), theme.colour("train")
    for index, value in enumerate(values.tolist()):
        length = height * abs(value) / span
        top = zero - length if value >= 0 else zero
        painter.fillRect(
            QRectF(room.left() + index * step + 1, top, step - 2, max(length, 0.8)), best if index == winner else plain
        )
    painter.fillRect(QRectF(room.left(), zero - 0.25, room.width(), 0.5), theme.colour("text3"))
    if not names:
        return
    painter.setFont(face_font(8, 400, True))
    for index in range(count):
        painter.setPen(theme.colour("text" if index == winner else "text3"))
        name = body.names[index] if index < len(body.names) and len(body.names[index]) <= 2 else str(index)
        place = QRectF(room.left() + index * step - 2, room.bottom() - names + 1, step + 4, names)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)


def _paint_loss(painter: QPainter, content: Content, body: Body, room: QRectF, zoom: float) -> None:
    curve = body.curve.values if body.curve is not None else np.zeros(0)
    if not len(curve):
        told = waits_text(content) or (body.curve.waiting if body.curve is not None else "not trained yet")
        _paint_words(painter, told, face_font(legible(10.5, zoom)), room, Qt.AlignmentFlag.AlignLeft)
        return
    font = face_font(legible(15, zoom), 500, True)
    last = float(curve[-1])
    text = f"{last:.3f}" if 0.001 <= abs(last) < 1000 else f"{last:.1e}".replace("e-0", "e-")
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    width = QFontMetricsF(font).horizontalAdvance(text)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    plot = QRectF(room.left() + width + 8, room.top() + 2, room.width() - width - 8, room.height() - 4)
    finite = curve[np.isfinite(curve)]
    if len(finite) < 2 or plot.width() < 10:
        return
    low, high = float(finite.min()), float(finite.max())
    x = np.linspace(plot.left(), plot.right(), len(finite))
    y = plot.bottom() - (finite - low) / max(high - low, 1e-12) * plot.height()
    painter.setPen(QPen(theme.colour("train"), 1.2))
    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]))


def _paint_words(
    painter: QPainter, text: str, font: QFont, room: QRectF, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter
) -> None:
    """In as many lines as it takes; a word that is wider than the room ends in an ellipsis."""
    metrics = QFontMetricsF(font)
    words = (metrics.elidedText(word, Qt.TextElideMode.ElideRight, room.width()) for word in text.split(" "))
    painter.setFont(font)
    painter.setPen(theme.colour("text3"))
    painter.drawText(room, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, " ".join(words))


def _paint_waiting(painter: QPainter, content: Content, room: QRectF, zoom: float) -> None:
    """Before any run: where the picture will be, and the shape that it will have or why none is known."""
    well = theme.colour("canvas")
    well.setAlpha(150 if theme.tokens().dark else 120)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(well)
    painter.drawRoundedRect(room, 3, 3)
    size = legible(10.5, zoom)
    if content.waits:
        _paint_words(painter, waits_text(content), face_font(size), room)
    elif content.waiting:
        _paint_words(painter, content.waiting, face_font(size, 400, True), room)


def _paint_footer(painter: QPainter, content: Content, body: Body, level: int) -> None:
    top = content.height - g.FOOTER
    font = face_font(10.5)
    metrics = QFontMetricsF(font)
    room = QRectF(g.INSET - 1, top, g.WIDTH - 2 * (g.INSET - 1), g.FOOTER - 2)
    told = body.right or (aside(content, body.picture, _most_tiles(level)) if body.picture else "")
    left, right = content.footer or body.left, "" if content.ahead else told or content.aside
    painter.setFont(font)
    painter.setPen(theme.colour("accent" if content.ahead else "text3"))
    align = Qt.AlignmentFlag.AlignVCenter
    taken = metrics.horizontalAdvance(left)
    painter.drawText(
        room, align | Qt.AlignmentFlag.AlignLeft, metrics.elidedText(left, Qt.TextElideMode.ElideRight, room.width())
    )
    if right and taken + metrics.horizontalAdvance(right) + 6 <= room.width():
        painter.setPen(theme.colour("text3"))
        painter.drawText(room, align | Qt.AlignmentFlag.AlignRight, right)


def aside(content: Content, picture: Picture, most: int) -> str:
    """What the footer says of a picture: how much of it is shown, silent or zero."""
    if picture.silent:
        return f"{thousands(picture.silent)} silent"
    if content.family == "Activation" and picture.zero > 0.005:
        return f"{round(100 * picture.zero)} % zero"
    if picture.classes or is_cells(picture) or is_sheet(picture) or picture.tiles.ndim < 3 or not picture.tiles.size:
        return ""  # all of it is shown
    return f"{min(len(picture.units), most)} of {thousands(picture.total)}"
