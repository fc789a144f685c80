"""Painting wires: curves with a casing near, straight pieces far; labels with the shape that flows through."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from engine.check.report import Report
from gui.canvas import geometry as g
from gui.canvas.arrays import ERROR, OUTSIDE, SELECTED, GraphArrays
from gui.canvas.faces import PixmapCache, text_pixmap
from gui.canvas.primitives import draw_lines
from gui.theme import theme

Array = np.ndarray[Any, Any]

THICK, CASING = 2.0, 5.0
THINNEST = 1.3  # pixels on the screen
DASHES = {ERROR: (5.0, 4.0), OUTSIDE: (2.0, 4.0)}  # in pixels at 100 %
CANDIDATE_DASH = (6.0, 4.0)
TURN = QTransform(0, 1, 1, 0, 0, 0)  # x and y in each other's place


def wire_path(
    sx: float, sy: float, tx: float, ty: float, back: bool, gutter: float, down: bool = False
) -> QPainterPath:
    """A cubic curve with horizontal tangents, or the rounded way through the gutter between rows. `down`: with upright
    tangents, or through the gutter between columns."""
    if down:
        return TURN.map(wire_path(sy, sx, ty, tx, back, gutter))
    path = QPainterPath(QPointF(sx, sy))
    if not back:
        reach = float(g.offset(tx - sx))
        path.cubicTo(sx + reach, sy, tx - reach, ty, tx, ty)
        return path
    corners = g.corner_points(np.array([[sx, sy, tx, ty]]), np.array([gutter]))[0]
    for before, corner, behind in zip(corners[:-2], corners[1:-1], corners[2:], strict=True):
        entry, leave = corner - before, behind - corner
        long_in, long_out = float(np.abs(entry).sum()), float(np.abs(leave).sum())
        if long_in < 0.01 or long_out < 0.01:
            continue
        radius = min(g.WIRE_RADIUS, long_in / 2, long_out / 2)
        start, end = corner - entry / long_in * radius, corner + leave / long_out * radius
        path.lineTo(*start.tolist())
        path.quadTo(QPointF(*corner.tolist()), QPointF(*end.tolist()))
    path.lineTo(tx, ty)
    return path


def pen(colour: QColor, width: float, dash: tuple[float, float] | None = None) -> QPen:
    """`dash` in the same unit as `width`."""
    result = QPen(colour, width)
    result.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash is not None:
        result.setDashPattern([dash[0] / width, dash[1] / width])
    return result


def token_of(state: int) -> str:
    return "err" if state & ERROR else "sel" if state & SELECTED else "wire"


def dash_of(state: int) -> tuple[float, float] | None:
    return DASHES[ERROR] if state & ERROR else DASHES[OUTSIDE] if state & OUTSIDE else None


class WirePainter:
    """Paints the wires of the arrays; keeps curves and labels."""

    def __init__(self, arrays: GraphArrays):
        self._arrays = arrays
        self._paths: dict[tuple[float, ...], QPainterPath] = {}
        self._labels = PixmapCache(8 * 1024 * 1024)

    def clear(self) -> None:
        self._paths.clear()
        self._labels.clear()

    def path(self, row: int) -> QPainterPath:
        arrays = self._arrays
        back = bool(arrays.back[row])
        key = (*arrays.ends[row].tolist(), float(arrays.gutter[row]) if back else 0.0, arrays.down)
        found = self._paths.get(key)
        if found is None:
            if len(self._paths) > 4096:
                self._paths.clear()
            found = self._paths[key] = wire_path(key[0], key[1], key[2], key[3], back, key[4], arrays.down)
        return found

    # -- far: straight pieces, all at once ---------------------------------------------
    def paint_far(self, painter: QPainter, rows: Array, smooth: bool = False) -> None:
        """Lines one pixel wide. With `smooth`, curves as a few pieces each."""
        arrays = self._arrays
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        states = arrays.wire_state[rows]
        selected, wrong = (states & SELECTED) > 0, (states & ERROR) > 0
        for token, chosen in (("wire", ~(selected | wrong)), ("sel", selected & ~wrong), ("err", wrong)):
            some = rows[chosen]
            if not len(some):
                continue
            width = 1.5 if smooth else 1.0
            colour_pen = QPen(theme.colour(token), width)
            colour_pen.setCosmetic(True)
            if token == "err":
                colour_pen.setDashPattern([4, 3])
            painter.setPen(colour_pen)
            draw_lines(painter, self._pieces(some, smooth))

    def _pieces(self, rows: Array, smooth: bool) -> Array:
        arrays = self._arrays
        if not smooth:
            lines, owners = arrays.straight_pieces()
            if len(rows) == len(arrays.wires):
                return lines
            wanted = np.zeros(len(arrays.wires), bool)
            wanted[rows] = True
            return lines[wanted[owners]]
        back, flat = arrays.back[rows], arrays.straight(rows)
        bent = ~back & ~flat
        return np.concatenate(
            (
                arrays.ends[rows[flat]],
                g.segments(arrays.curve_points(rows[bent])),
                g.segments(arrays.corner_points(rows[back])),
            )
        )

    # -- near: every wire on its own casing ---------------------------------------------
    def paint_near(self, painter: QPainter, rows: Array, zoom: float) -> None:
        """In the order of the rows, the selected ones last; then the crossed circles of wires that are wrong."""
        arrays = self._arrays
        states = arrays.wire_state[rows]
        order = np.argsort((states & (SELECTED | ERROR)) > 0, kind="stable")
        width = max(THICK, THINNEST / zoom)
        casing = pen(theme.colour("canvas"), width + CASING - THICK)
        pens: dict[int, QPen] = {}
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        ends = arrays.ends[rows].tolist()
        straight, state_list = arrays.straight(rows).tolist(), states.tolist()
        for index in order.tolist():
            state = state_list[index]
            if state not in pens:
                pens[state] = pen(theme.colour(token_of(state)), width, dash_of(state))
            sx, sy, tx, ty = ends[index]
            if straight[index]:
                a, b = QPointF(sx, sy), QPointF(tx, ty)
                painter.setPen(casing)
                painter.drawLine(a, b)
                painter.setPen(pens[state])
                painter.drawLine(a, b)
            else:
                path = self.path(int(rows[index]))
                painter.setPen(casing)
                painter.drawPath(path)
                painter.setPen(pens[state])
                painter.drawPath(path)
        for index in np.flatnonzero((states & ERROR) > 0).tolist():
            x, y = middle(arrays, int(rows[index]))
            paint_cross(painter, x, y, max(8.0, 6.0 / zoom))

    def paint_labels(
        self, painter: QPainter, rows: Array, report: Report, transform: QTransform, dpr: float, hovered: int | None
    ) -> None:
        """Shapes above the wires, in screen pixels; only the hovered wire's below 80 %."""
        arrays, zoom = self._arrays, transform.m11()
        level = g.level(zoom)
        if level < g.FULL:
            rows = np.array([hovered], np.intp) if level == g.TILES and hovered is not None else rows[:0]
        for row in rows.tolist():
            state = int(arrays.wire_state[row])
            if state & ERROR:
                continue
            wire = arrays.wires[row]
            spec = report.output(wire.source, wire.source_port)
            if spec is None:
                continue
            self._paint_label(painter, row, spec.text(), transform, dpr, bool(state & SELECTED))

    def _paint_label(
        self, painter: QPainter, row: int, text: str, transform: QTransform, dpr: float, selected: bool
    ) -> None:
        arrays, zoom = self._arrays, transform.m11()
        sx, sy, tx, ty = arrays.ends[row].tolist()
        on_line = arrays.down or bool(arrays.back[row]) or abs(ty - sy) > 12
        token = "text" if selected else "text2"
        size = 10.5 * max(zoom, 0.9 * theme.scale)
        key = (text, round(size, 2), dpr, token, on_line)
        label = self._labels.get(key)
        if label is None:
            label = text_pixmap(text, size, token, dpr, "canvas" if on_line else None)
            self._labels.put(key, label)
        width, height = label.width() / dpr, label.height() / dpr
        if not on_line and width > (tx - sx - 2 * g.PORT_RADIUS) * zoom + 6:
            return
        x, y = middle(arrays, row)
        place = transform.map(QPointF(x, y))
        top = place.y() - height / 2 if on_line else place.y() - height - 2 * zoom
        painter.drawPixmap(QPointF(round(place.x() - width / 2), round(top)), label)


def middle(arrays: GraphArrays, row: int) -> tuple[float, float]:
    """The middle of a wire: of its curve, or of its long run."""
    sx, sy, tx, ty = arrays.ends[row].tolist()
    if arrays.down:
        sx, sy, tx, ty = sy, sx, ty, tx
    y = float(arrays.gutter[row]) if arrays.back[row] else (sy + ty) / 2
    x = (sx + g.LEAD_OUT + tx - g.LEAD_IN) / 2 if arrays.back[row] else (sx + tx) / 2
    return (y, x) if arrays.down else (x, y)


def paint_cross(painter: QPainter, x: float, y: float, radius: float) -> None:
    """The crossed circle on a wire that cannot be."""
    painter.setPen(QPen(theme.colour("err"), radius * 0.19))
    painter.setBrush(theme.colour("canvas"))
    painter.drawEllipse(QPointF(x, y), radius, radius)
    arm = radius * 0.36
    painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
    painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))


def wire_bounds(arrays: GraphArrays, rows: Array) -> QRectF:
    """What repainting these wires touches, labels included."""
    if not len(rows):
        return QRectF()
    low, high = arrays.box[rows, :2].min(axis=0), arrays.box[rows, 2:].max(axis=0)
    return QRectF(QPointF(*(low - 20).tolist()), QPointF(*(high + 20).tolist())).adjusted(-24, 0, 24, 0)
