"""Paints the figure of a design in the colours of the theme in force."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from gui.theme import theme
from gui.theme import tokens as t
from gui.welcome.figure import ARC, Figure, Link, Mark

MARGIN, LARGEST = 22.0, 1.35  # pixels around a figure, and the most it is enlarged
DOT, PITCH = 12.0, 19.0


def pixmap(figure: Figure, size: QSize, dpr: float) -> QPixmap:
    """The figure, as large as it fits; an empty one is a place to put something."""
    result = QPixmap(size * dpr)
    result.setDevicePixelRatio(dpr)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if figure.marks:
        _fit(painter, figure, size)
        for link in figure.links:
            _paint_link(painter, figure, link)
        for mark in figure.marks:
            _paint_mark(painter, mark)
    else:
        _paint_empty(painter, size)
    painter.end()
    return result


def _fit(painter: QPainter, figure: Figure, size: QSize) -> None:
    left, top, right, bottom = figure.bounds
    room_x, room_y = size.width() - 2 * MARGIN, size.height() - 2 * MARGIN
    scale = min(room_x / max(1.0, right - left), room_y / max(1.0, bottom - top), LARGEST)
    painter.translate(size.width() / 2, size.height() / 2)
    painter.scale(scale, scale)
    painter.translate(-(left + right) / 2, -(top + bottom) / 2)


def _pen(token: str, width: float) -> QPen:
    pen = QPen(theme.colour(token), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _dots(mark: Mark) -> list[QPointF]:
    top = mark.y - (mark.count - 1) * PITCH / 2
    return [QPointF(mark.x, top + PITCH * number) for number in range(mark.count)]


def _ends(mark: Mark, side: int) -> list[QPointF]:
    """Where wires meet a mark: each of its dots, or the middle of its right (1) or left (-1) edge."""
    return _dots(mark) if mark.form == "dots" else [QPointF(mark.x + side * mark.width / 2, mark.y)]


def _paint_link(painter: QPainter, figure: Figure, link: Link) -> None:
    source, target = figure.marks[link.source], figure.marks[link.target]
    if "dots" in (source.form, target.form) and not link.over:
        painter.setPen(_pen("line_strong", 1.0))
        for start in _ends(source, 1):
            for end in _ends(target, -1):
                painter.drawLine(start, end)
        return
    painter.setPen(_pen("wire", 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    start = QPointF(source.x + source.width / 2, source.y)
    end = QPointF(target.x - target.width / 2, target.y)
    if not link.over:
        painter.drawLine(start, end)
        return
    between = figure.marks[link.source + 1 : link.target]
    top = min((mark.y - mark.height / 2 for mark in between), default=start.y()) - ARC * 0.6
    leave, arrive = start.x() + 8, target.x
    path = QPainterPath(start)
    path.lineTo(leave, start.y())
    path.lineTo(leave, top + 8)
    path.quadTo(leave, top, leave + 8, top)
    path.lineTo(arrive - 8, top)
    path.quadTo(arrive, top, arrive, top + 8)
    path.lineTo(arrive, target.y - target.height / 2)
    painter.drawPath(path)


def _paint_mark(painter: QPainter, mark: Mark) -> None:
    paint = {"stack": _stack, "dots": _dot_column, "loop": _loop, "ring": _ring}.get(mark.form, _box)
    paint(painter, mark)


def _rect(mark: Mark) -> QRectF:
    return QRectF(mark.x - mark.width / 2, mark.y - mark.height / 2, mark.width, mark.height)


def _box(painter: QPainter, mark: Mark) -> None:
    """A square of the input, a bar of a linear layer, a block: a node's face with its bar of colour."""
    rect = _rect(mark)
    painter.setPen(_pen(mark.family, 1.8))
    painter.setBrush(theme.colour("node"))
    painter.drawRoundedRect(rect, t.TILE_RADIUS, t.TILE_RADIUS)
    if mark.form != "square":
        painter.fillRect(QRectF(rect.x(), rect.y(), rect.width(), 4.5), theme.colour(mark.family))


def _stack(painter: QPainter, mark: Mark) -> None:
    """Sheets behind each other: channels."""
    edge = mark.width - 5.0 * (mark.count - 1)
    rect = _rect(mark)
    painter.setPen(_pen(mark.family, 1.8))
    painter.setBrush(theme.colour("node"))
    for sheet in reversed(range(mark.count)):
        corner = QPointF(rect.x() + 5.0 * sheet, rect.y() + 5.0 * (mark.count - 1 - sheet))
        painter.drawRoundedRect(QRectF(corner.x(), corner.y(), edge, edge), t.TILE_RADIUS, t.TILE_RADIUS)


def _dot_column(painter: QPainter, mark: Mark) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(mark.family))
    for dot in _dots(mark):
        painter.drawEllipse(dot, DOT / 2, DOT / 2)


def _loop(painter: QPainter, mark: Mark) -> None:
    """A layer that hands something on to itself."""
    rect = _rect(mark)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(mark.family, 1.8))
    painter.drawArc(QRectF(mark.x - 15, rect.y() - 17, 30, 34), -20 * 16, 220 * 16)
    tip = QPointF(mark.x + 14.4, rect.y() - 1)
    painter.setBrush(theme.colour(mark.family))
    painter.drawPolygon([tip, tip + QPointF(-4, -7), tip + QPointF(4, -6)])
    _box(painter, mark)


def _ring(painter: QPainter, mark: Mark) -> None:
    painter.setPen(_pen(mark.family, 1.8))
    painter.setBrush(theme.colour("node"))
    painter.drawEllipse(_rect(mark))
    painter.drawLine(QPointF(mark.x - 6, mark.y), QPointF(mark.x + 6, mark.y))
    painter.drawLine(QPointF(mark.x, mark.y - 6), QPointF(mark.x, mark.y + 6))


def _paint_empty(painter: QPainter, size: QSize) -> None:
    pen = QPen(QColor(theme.colour("text3")), 1.6)
    middle = QPointF(size.width() / 2, size.height() / 2)
    painter.setPen(pen)
    painter.drawLine(middle - QPointF(13, 0), middle + QPointF(13, 0))
    painter.drawLine(middle - QPointF(0, 13), middle + QPointF(0, 13))
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.drawRoundedRect(QRectF(middle.x() - 56, middle.y() - 34, 112, 68), t.PANEL_RADIUS, t.PANEL_RADIUS)
