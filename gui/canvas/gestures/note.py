"""What a gesture has to say stands beside the mouse: the shape that would come of it, or why it would not do."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QTransform

from gui.theme import theme

WIDEST = 360.0  # pixels at 100 % to either side of the mouse


def around(point: QPointF, zoom: float) -> QRectF:
    """What repainting a note at this point touches, in canvas units."""
    reach = WIDEST * theme.scale / zoom
    return QRectF(point.x() - reach, point.y() - reach / 4, 2 * reach, reach / 2)


def paint(
    painter: QPainter, transform: QTransform, at: QPointF, text: str, wrong: bool, room: QRect, shape: bool = True
) -> None:
    """`at` is in canvas units; `room` the viewport, in which all of the note is seen. `shape`: it is no sentence."""
    painter.save()
    painter.resetTransform()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    font = theme.font(10.5, mono=True) if shape and not wrong else theme.font(11)
    most = QRectF(0, 0, (WIDEST - 30) * theme.scale, 200 * theme.scale)
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    size = QFontMetricsF(font).boundingRect(most, flags, text)
    spot = transform.map(at) + QPointF(14, 12)
    box = within(room, QRectF(spot, size.size() + QSizeF(14, 8)))
    painter.setPen(QPen(theme.colour("err" if wrong else "line_strong"), 1))
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    painter.drawText(box.adjusted(7, 4, -5, -4), flags, text)
    painter.restore()


def within(room: QRect, box: QRectF) -> QRectF:
    """The box, moved to where all of it is seen."""
    left = max(4.0, min(box.left(), room.right() - box.width() - 4))
    top = max(4.0, min(box.top(), room.bottom() - box.height() - 4))
    return QRectF(QPointF(left, top), box.size())
