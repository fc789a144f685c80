"""A node's face as a pixmap, painted once for each content and zoom and shared by all nodes that look the same.

Painting a face costs about a tenth of a millisecond, so a frame paints only as many new ones as fit its budget; what
is missing is shown at another zoom, or as a plain box, until the next frame.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTextLayout, QTextOption

from gui.canvas import geometry as g
from gui.canvas.content import Content
from gui.theme import theme
from gui.theme import tokens as t

PAD = 2  # pixels around the node: the dashed edge of an error is 1.5 px wide
BUDGET = 0.004  # seconds of painting new faces in one frame
MEMORY = 96 * 1024 * 1024  # bytes of pixmaps kept


def face_font(px: float, weight: int = 400, mono: bool = False) -> QFont:
    """A font inside a node: it grows with the zoom, of which the text size is a part, and not once more by itself."""
    return theme.font(px / theme.scale, weight, mono)


def legible(px: float, zoom: float) -> float:
    """The size within a node that letters of `px` need: on the screen as large as a caption of the window, where the
    node is shown with pictures but too small for all of its text."""
    return max(px, t.CAPTION * theme.scale / zoom) if g.level(zoom) == g.TILES else px


class PixmapCache:
    """Pixmaps by key, the longest unused dropped first; with a time budget for making new ones."""

    def __init__(self, memory: int = MEMORY):
        self._memory, self._used = memory, 0
        self._items: OrderedDict[object, tuple[QPixmap, int]] = OrderedDict()

    def get(self, key: object) -> QPixmap | None:
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: object, pixmap: QPixmap) -> None:
        size = pixmap.width() * pixmap.height() * 4
        old = self._items.pop(key, None)
        self._used += size - (old[1] if old else 0)
        self._items[key] = (pixmap, size)
        while self._used > self._memory and len(self._items) > 1:
            _, (_, gone) = self._items.popitem(last=False)
            self._used -= gone

    def clear(self) -> None:
        self._items.clear()
        self._used = 0


class Faces:
    """Gives faces, and paints those that are new."""

    def __init__(self) -> None:
        self._cache = PixmapCache()
        self._latest: dict[Content, float] = {}  # the zoom at which a content was last painted
        self._deadline = 0.0

    def clear(self) -> None:
        self._cache.clear()
        self._latest.clear()

    def begin_frame(self, budget: float = BUDGET) -> None:
        # In time of this thread: while a run holds the interpreter the wall runs on, and a picture would come in
        # many small frames, each of which costs as much again as what it adds.
        self._deadline = time.thread_time() + budget

    @property
    def may_paint(self) -> bool:
        return time.thread_time() < self._deadline

    def get(self, content: Content, zoom: float, dpr: float) -> tuple[QPixmap | None, bool]:
        """(face, whether it is the right one): an older one of another zoom, or None, where there was no time."""
        key = (content, zoom, dpr)
        found = self._cache.get(key)
        if found is not None:
            return found, True
        if not self.may_paint:
            older = self._latest.get(content)
            return (self._cache.get((content, older, dpr)) if older is not None else None), False
        pixmap = paint_face(content, zoom, dpr)
        self._cache.put(key, pixmap)
        if len(self._latest) > 20_000:
            self._latest.clear()
        self._latest[content] = zoom
        return pixmap, True


# -- painting one face -------------------------------------------------------------------
def paint_face(content: Content, zoom: float, dpr: float) -> QPixmap:
    """The face of a node at a zoom, with PAD pixels around it."""
    width, height = round(g.WIDTH * zoom) + 2 * PAD, round(content.height * zoom) + 2 * PAD
    pixmap = QPixmap(round(width * dpr), round(height * dpr))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(PAD, PAD)
    level = g.level(zoom)
    box = QRectF(0, 0, width - 2 * PAD, height - 2 * PAD)
    _paint_box(painter, content, box, zoom, level)
    if level <= g.NAMES:
        _paint_name_only(painter, content, box, dpr)
    else:
        painter.scale(zoom, zoom)
        _paint_header(painter, content, dpr, zoom)
        if content.error is not None:
            _paint_error(painter, content, zoom)
        elif level >= g.FULL and not content.bare:
            _paint_lines(painter, content)
    painter.end()
    return pixmap


def _paint_box(painter: QPainter, content: Content, box: QRectF, zoom: float, level: int) -> None:
    radius = g.RADIUS * zoom
    outline = QPainterPath()
    outline.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.fillPath(outline, theme.colour("node"))
    painter.save()
    painter.setClipPath(outline)
    if level >= g.TILES:
        head = QRectF(0, 0, box.width(), min(g.HEADER * zoom, box.height()))
        painter.fillRect(head, theme.colour("node_head"))
        if not content.bare:
            painter.fillRect(QRectF(0, head.bottom(), box.width(), 1), theme.colour("line"))
    painter.fillRect(QRectF(0, 0, box.width(), max(2.0, 2.5 * zoom)), theme.colour(content.family))
    painter.restore()
    pen = QPen(theme.colour("line_strong"), 1)
    if content.error is not None:
        pen = QPen(theme.colour("err"), 1.5)
        pen.setDashPattern([2.4, 1.6])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)


def _paint_name_only(painter: QPainter, content: Content, box: QRectF, dpr: float) -> None:
    """Glyph and name at a constant size on the screen; one above the other where the box is narrow."""
    painter.scale(theme.scale, theme.scale)
    box, dpr = QRectF(0, 0, box.width() / theme.scale, box.height() / theme.scale), dpr * theme.scale
    font = face_font(11, 500)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    size = 14
    glyph = _scaled_glyph(content.family, size, dpr)
    metrics = QFontMetricsF(font)
    if box.width() < 62 and box.height() > 34:
        painter.drawPixmap(QPointF(round((box.width() - size) / 2), 5), glyph)
        room = QRectF(1, 19, box.width() - 2, 15)
        align = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(content.label, Qt.TextElideMode.ElideRight, room.width())
        if box.height() > 40 or content.error is None:
            painter.drawText(room, align, name)
    else:
        top = 5.0 if box.height() > 24 else 2.0
        painter.drawPixmap(QPointF(4, top), glyph)
        room = QRectF(4 + size + 3, top - 1, box.width() - size - 10, 16)
        name = metrics.elidedText(content.label, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
    if content.error is not None and box.height() > 30:
        paint_badge(painter, QPointF(box.width() - 9, box.height() - 9), "error", 6.0)


def _paint_header(painter: QPainter, content: Content, dpr: float, zoom: float) -> None:
    """Name and kind; small, the name alone, as large as it is in a node without pictures."""
    painter.drawPixmap(QPointF(9, 10), _scaled_glyph(content.family, 17, dpr * zoom))
    paint_badge(painter, QPointF(g.WIDTH - g.BADGE_INSET, g.PORT_Y), content.badge, 5.5)
    left = 34.0
    room = g.WIDTH - left - 20
    if g.level(zoom) == g.TILES:
        _line(painter, content.label, face_font(legible(12, zoom), 600), "text", left, 2.5, room, g.HEADER - 2.5)
        return
    _line(painter, content.label, face_font(12, 600), "text", left, 4.5, room, 15)
    small = face_font(10.5)
    _line(painter, _shortened(content.kind, QFontMetricsF(small), room), small, "text3", left, 19, room, 12.5)


def _shortened(kind: str, metrics: QFontMetricsF, room: float) -> str:
    """Without its unit where that makes it fit: ‘Conv2d · 128’ rather than ‘Conv2d · 128 f…’."""
    if metrics.horizontalAdvance(kind) <= room or " · " not in kind:
        return kind
    shorter = kind.rpartition(" ")[0].removesuffix(" ·")
    return shorter if metrics.horizontalAdvance(shorter) <= room else kind


def _scaled_glyph(family: str, size: int, dpr: float) -> QPixmap:
    return theme.glyph(family, size, max(0.25, round(dpr * 16) / 16))


def _paint_lines(painter: QPainter, content: Content) -> None:
    if content.parameters:
        _line(painter, content.parameters, face_font(10.5, 400, True), "text2", g.INSET - 1, 40, g.WIDTH - 20, 18)
    if content.footer:
        token = "accent" if content.ahead else "text3"
        top = content.height - g.FOOTER
        room = g.WIDTH - 2 * (g.INSET - 1)
        _line(painter, content.footer, face_font(10.5), token, g.INSET - 1, top, room, g.FOOTER - 2)


def _line(
    painter: QPainter, text: str, font: QFont, token: str, x: float, y: float, width: float, height: float
) -> None:
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    elided = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
    painter.drawText(
        QRectF(x, y, width + 2, height), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided
    )


def button_rect(content: Content) -> QRectF | None:
    """Where the button of the remedy stands within the node; None where there is none."""
    if not content.fix or content.error is None:
        return None
    tall = len(button_lines(content.fix)[1]) > 1
    height, below = (g.TALL_BUTTON, 8) if tall else (g.BUTTON_HEIGHT, 14)
    return QRectF(g.BUTTON_INSET, content.height - height - below, g.WIDTH - 2 * g.BUTTON_INSET, height)


BUTTON_ROOM = g.WIDTH - 2 * g.BUTTON_INSET - 28  # beside the icon


def button_lines(text: str) -> tuple[float, list[str]]:
    """A remedy as its button says it: (size of the letters, one line, or two where one would be cut off)."""
    if QFontMetricsF(face_font(11.5, 500)).horizontalAdvance(text) <= BUTTON_ROOM:
        return 11.5, [text]
    words = text.split(" ")
    size, lines = 10.5, [text]
    for size in (10.5, 9.5):
        metrics = QFontMetricsF(face_font(size, 500))
        count = len(words)
        while count > 1 and metrics.horizontalAdvance(" ".join(words[:count])) > BUTTON_ROOM:
            count -= 1
        whole = [line for line in (" ".join(words[:count]), " ".join(words[count:])) if line]
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, BUTTON_ROOM) for line in whole]
        if lines == whole:
            break
    return size, lines


def _paint_error(painter: QPainter, content: Content, zoom: float) -> None:
    assert content.error is not None
    title, reason = content.error
    button = button_rect(content)
    bottom = button.top() - 4 if button is not None else content.height - 6
    room = QRectF(g.INSET, 58, g.WIDTH - 2 * g.INSET, bottom - 58)
    if g.level(zoom) >= g.FULL:
        _line(painter, title, face_font(11, 600), "err", g.INSET, 42, g.WIDTH - 2 * g.INSET, 16)
        _paragraph(painter, whole_sentences(reason, face_font(11), room), face_font(11), "text2", room)
    else:
        _paragraph(painter, title, face_font(legible(11, zoom), 600), "err", room.adjusted(0, -18, 0, 0))
    paint_button(painter, content, hovered=False)


def paint_button(painter: QPainter, content: Content, hovered: bool) -> None:
    """The remedy, in the coordinates of the node."""
    rect = button_rect(content)
    if rect is None:
        return
    painter.setPen(QPen(theme.colour("err"), 1))
    painter.setBrush(theme.colour("err_soft" if hovered else "node"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    size, lines = button_lines(content.fix)
    font = face_font(size, 500)
    metrics = QFontMetricsF(font)
    width = max(metrics.horizontalAdvance(line) for line in lines) + 20
    left = rect.center().x() - width / 2
    icon = theme.icon_pixmap("wrench", 14, round(max(1.0, painter.worldTransform().m11() * 2)), "text")
    painter.drawPixmap(QRectF(left, rect.center().y() - 7, 14, 14), icon, QRectF(icon.rect()))
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    step = 13.0
    for index, line in enumerate(lines):
        middle = rect.center().y() + (index - (len(lines) - 1) / 2) * step
        place = QRectF(left + 20, middle - step / 2, BUTTON_ROOM + 4, step)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, line)


def whole_sentences(text: str, font: QFont, rect: QRectF) -> str:
    """The first sentences of a text, as many as fit the rectangle whole; all of it where not even one does."""
    metrics, shown = QFontMetricsF(font), ""
    step = max(13.5, metrics.height())
    room = QRectF(0, 0, rect.width(), 10_000)
    for sentence in re.split(r"(?<=\.) ", text):
        longer = f"{shown} {sentence}".strip()
        lines = round(metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, longer).height() / metrics.lineSpacing())
        if lines > max(1, int(rect.height() // step)):
            break
        shown = longer
    return shown or text


def _paragraph(painter: QPainter, text: str, font: QFont, token: str, rect: QRectF) -> None:
    """As many lines as fit; the last one says with an ellipsis that there is more (the tooltip has it all)."""
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    metrics = QFontMetricsF(font)
    step = max(13.5, metrics.height())
    room = max(1, int(rect.height() // step))
    layout.beginLayout()
    lines: list[tuple[int, int]] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(rect.width())
        lines.append((line.textStart(), line.textLength()))
    layout.endLayout()
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    for index, (start, length) in enumerate(lines[:room]):
        last = index == room - 1 and len(lines) > room
        words = (
            metrics.elidedText(text[start:], Qt.TextElideMode.ElideRight, rect.width())
            if last
            else (text[start : start + length])
        )
        painter.drawText(QPointF(rect.left(), rect.top() + index * step + metrics.ascent()), words)


def paint_badge(painter: QPainter, centre: QPointF, badge: str, radius: float) -> None:
    """Shape says it: tick in a circle, triangle, octagon, hollow circle."""
    painter.save()
    painter.translate(centre)
    painter.scale(radius / 6, radius / 6)
    ink = QPen(theme.colour("node"), 1.5)
    ink.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(Qt.PenStyle.NoPen)
    if badge == "error":
        painter.setBrush(theme.colour("err"))
        k = 2.45
        painter.drawPolygon([QPointF(*p) for p in _octagon(6.0, k)])
        painter.setPen(ink)
        painter.drawLine(QPointF(0, -3), QPointF(0, 0.6))
        painter.drawLine(QPointF(0, 2.9), QPointF(0, 3.0))
    elif badge == "warning":
        painter.setBrush(theme.colour("warn"))
        painter.drawPolygon([QPointF(0, -5.6), QPointF(6, 5), QPointF(-6, 5)])
        painter.setPen(ink)
        painter.drawLine(QPointF(0, -1.6), QPointF(0, 1.2))
        painter.drawLine(QPointF(0, 3.3), QPointF(0, 3.4))
    elif badge == "ok":
        painter.setBrush(theme.colour("ok"))
        painter.drawEllipse(QPointF(0, 0), 4.9, 4.9)
        painter.setPen(ink)
        painter.drawPolyline([QPointF(-2.3, 0.2), QPointF(-0.7, 1.8), QPointF(2.4, -1.6)])
    else:
        painter.setPen(QPen(theme.colour("text3"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(0, 0), 4.0, 4.0)
    painter.restore()


def _octagon(reach: float, half: float) -> list[tuple[float, float]]:
    r, h = reach, half
    return [(-h, -r), (h, -r), (r, -h), (r, h), (h, r), (-h, r), (-r, h), (-r, -h)]


def text_pixmap(text: str, px: float, token: str, dpr: float, background: str | None = None) -> QPixmap:
    """A short mono text on its own, for labels of wires; `background` is painted 3 px around it."""
    font = face_font(px, 400, True)
    metrics = QFontMetricsF(font)
    pad = 4 if background else 1
    width, height = int(metrics.horizontalAdvance(text)) + 2 * pad + 1, int(metrics.height()) + 2
    pixmap = QPixmap(max(1, round(width * dpr)), max(1, round(height * dpr)))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(theme.colour(background) if background else QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    painter.drawText(QRect(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return pixmap
