"""The one item that paints all nodes and wires, from arrays: it looks only at what lies in the exposed rectangle.

Far away everything is a handful of calls with whole arrays. Near, faces and pictures are pixmaps in whole screen
pixels; what a frame has no time to paint anew is shown coarser and follows in the next frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.catalog.spec import FAMILIES
from engine.graph.model import NodeId, Wire
from gui.canvas import geometry as g
from gui.canvas.arrays import BYPASSED, ERROR, FOUND, SELECTED, GraphArrays
from gui.canvas.content import Content, Describer
from gui.canvas.faces import PAD, Faces, paint_badge, paint_button
from gui.canvas.primitives import draw_pixel_rects
from gui.canvas.thumbnails import Body, body_rect, paint_body
from gui.canvas.wires import WirePainter
from gui.theme import theme

Array = np.ndarray[Any, Any]

EXTENT = 500_000.0  # the canvas ends here in every direction
MOST_BADGES = 500  # errors that are marked one by one when far
PASSING = 0.6  # opacity of bypassed nodes
MARGIN = 12.0  # outlines and ports reach so far beyond a node


@dataclass(slots=True)
class _Shown:
    """The body pixmap of a node and what it was painted from."""

    content: Content
    body: Body
    zoom: float
    dpr: float
    pixmap: QPixmap


class GraphLayer(QGraphicsItem):
    """Draws a Graph. `describer` says what stands on the nodes; the view replaces it when the document changes."""

    def __init__(self, arrays: GraphArrays, describer: Describer):
        super().__init__()
        self.arrays = arrays
        self.describer = describer
        self.wires = WirePainter(arrays)
        self.faces = Faces()
        self.lifted: Array | None = None  # which rows the overlay paints while they are dragged
        self.hovered: NodeId | None = None
        self.hovered_wire: int | None = None
        self.hovered_button = False
        self.hidden_wire: Wire | None = None  # its end is being dragged
        self.faded_ports = False  # while a wire is dragged
        self.bodies: dict[NodeId, Body] = {}  # what each node shows of its output, by the view
        self.exposed: list[QRectF] = []  # the parts that the frame repaints, where these are few: set by the view
        self.pending = False  # something is still shown coarser than it should be
        self._shown: dict[NodeId, _Shown] = {}
        self._ports: dict[tuple[float, float, bool], QPixmap] = {}
        self._badges: dict[tuple[float, str], QPixmap] = {}
        self._missing = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return QRectF(-EXTENT, -EXTENT, 2 * EXTENT, 2 * EXTENT)

    def drop_caches(self) -> None:
        """The colours or the text size have changed."""
        self.faces.clear()
        self.wires.clear()
        self._shown.clear()
        self._ports.clear()
        self._badges.clear()
        self.update()

    # -- what to repaint ------------------------------------------------------------------
    def node_rect(self, node: NodeId) -> QRectF:
        """A node with its outline and ports."""
        row = self.arrays.row.get(node)
        if row is None:
            return QRectF()
        return QRectF(*self.arrays.rects[row].tolist()).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def update_node(self, node: NodeId) -> None:
        self.update(self.node_rect(node))

    def update_body(self, node: NodeId) -> None:
        """Only the picture on a node."""
        row = self.arrays.row.get(node)
        if row is None:
            return
        x, y, width, height = self.arrays.rects[row].tolist()
        self.update(QRectF(x + 4, y + g.HEADER, width - 8, height - g.HEADER))

    # -- painting -------------------------------------------------------------------------
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        exposed = option.exposedRect
        transform = painter.worldTransform()
        zoom = transform.m11()
        device = painter.device()
        dpr = device.devicePixelRatioF() if device is not None else 1.0
        rows, wires = self._touched(self.exposed or [exposed], MARGIN + 2 / zoom)
        up = self.lifted
        if up is not None:
            arrays = self.arrays
            rows, wires = rows[~up[rows]], wires[~(up[arrays.source[wires]] | up[arrays.target[wires]])]
        if self.hidden_wire is not None:
            wires = wires[[self.arrays.wires[row] != self.hidden_wire for row in wires.tolist()]]
        self.faces.begin_frame()
        self._missing = QRectF()
        self.paint_graph(painter, rows, wires, transform, dpr)
        self._follow_up()

    def _touched(self, parts: list[QRectF], margin: float) -> tuple[Array, Array]:
        """The rows of nodes and of wires that lie in any of these parts."""
        nodes, wires = [], []
        for part in parts:
            left, top, right, bottom = part.left(), part.top(), part.right(), part.bottom()
            nodes.append(self.arrays.nodes_in(left - margin, top - margin, right + margin, bottom + margin))
            wires.append(self.arrays.wires_in(left, top, right, bottom))
        if len(parts) == 1:
            return nodes[0], wires[0]
        return self.arrays.stacked(np.unique(np.concatenate(nodes))), np.unique(np.concatenate(wires))

    def paint_graph(self, painter: QPainter, rows: Array, wires: Array, transform: QTransform, dpr: float) -> None:
        """Wires, then nodes; `painter` is in canvas units and is left so."""
        zoom = transform.m11()
        level = g.level(zoom)
        if level == g.FAR:
            self.paint_far(painter, rows, wires, transform, dpr)
            return
        if level == g.NAMES:
            self.wires.paint_far(painter, wires, smooth=True)
        else:
            self.wires.paint_near(painter, wires, zoom)
        painter.save()
        painter.resetTransform()
        self.wires.paint_labels(painter, wires, self.describer.report, transform, dpr, self.hovered_wire)
        self._paint_nodes(painter, rows, transform, dpr)
        painter.restore()

    def _follow_up(self) -> None:
        """Ask for another frame for what was shown coarser for want of time."""
        self.pending = not self._missing.isEmpty()
        scene = self.scene()
        if self.pending and scene is not None:
            missing = QRectF(self._missing)
            QTimer.singleShot(0, scene, lambda: self.update(missing))  # not after the scene has gone

    # -- far --------------------------------------------------------------------------------
    def _edges(self, rows: Array, transform: QTransform) -> Array:
        """left, top, right, bottom of nodes in whole screen pixels."""
        zoom = transform.m11()
        rects = self.arrays.rects[rows]
        edges = np.empty((len(rows), 4), np.int32)
        edges[:, 0] = np.round(rects[:, 0] * zoom + transform.dx())
        edges[:, 1] = np.round(rects[:, 1] * zoom + transform.dy())
        edges[:, 2] = edges[:, 0] + np.maximum(np.round(rects[:, 2] * zoom) - 1, 1)
        edges[:, 3] = edges[:, 1] + np.maximum(np.round(rects[:, 3] * zoom) - 1, 1)
        return edges

    def paint_far(
        self, painter: QPainter, rows: Array, wires: Array, transform: QTransform, dpr: float, marks: bool = True
    ) -> None:
        """Coloured rectangles and lines, at any zoom. `marks`: with the octagons of errors."""
        self.wires.paint_far(painter, wires)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        edges = self._edges(rows, transform)
        families, states = self.arrays.family[rows], self.arrays.state[rows]
        wrong, selected = (states & ERROR) > 0, (states & SELECTED) > 0
        painter.setBrush(theme.colour("accent"))
        draw_pixel_rects(painter, edges[(states & FOUND) > 0] + np.array([-4, -4, 4, 4], np.int32))
        self._paint_far_edges(painter, edges, wrong, selected)
        painter.setPen(Qt.PenStyle.NoPen)
        passing = (states & BYPASSED) > 0
        whole = painter.opacity()
        for opacity, alike in ((whole, ~passing), (whole * PASSING, passing)):
            painter.setOpacity(opacity)
            for index in np.unique(families[alike]).tolist():
                painter.setBrush(far_colour(FAMILIES[index]))
                draw_pixel_rects(painter, edges[alike & (families == index)])
        painter.setOpacity(whole)
        if not marks:
            painter.restore()
            return
        octagon = self._badge("error", dpr)
        half = round(7 * theme.scale)
        for left, top, right, bottom in edges[wrong][:MOST_BADGES].tolist():
            painter.drawPixmap((left + right) // 2 - half, (top + bottom) // 2 - half, octagon)
        painter.restore()

    @staticmethod
    def _paint_far_edges(painter: QPainter, edges: Array, wrong: Array, selected: Array) -> None:
        """Around the nodes, before these: filled, which for thousands is far faster than drawn lines."""
        grown = np.array([-2, -2, 2, 2], np.int32)
        painter.setBrush(theme.colour("sel"))
        draw_pixel_rects(painter, edges[selected] + grown)
        dashed = edges[wrong & ~selected]
        if len(dashed) > MOST_BADGES:
            painter.setBrush(theme.colour("err"))
            draw_pixel_rects(painter, dashed + grown // 2)
        elif len(dashed):
            dashes = QPen(theme.colour("err"), 2)
            dashes.setDashPattern([2.5, 1.5])
            painter.setPen(dashes)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_pixel_rects(painter, dashed + np.array([0, 0, 1, 1], np.int32))

    def _badge(self, badge: str, dpr: float) -> QPixmap:
        found = self._badges.get((dpr, badge))
        if found is None:
            found = QPixmap(round(14 * theme.scale * dpr), round(14 * theme.scale * dpr))
            found.setDevicePixelRatio(dpr)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(theme.scale, theme.scale)
            paint_badge(painter, QPointF(7, 7), badge, 6.0)
            painter.end()
            self._badges[(dpr, badge)] = found
        return found

    # -- near -------------------------------------------------------------------------------
    def _paint_nodes(self, painter: QPainter, rows: Array, transform: QTransform, dpr: float) -> None:
        """In screen pixels. One pixmap for the face, one for the picture, one for each port."""
        arrays, zoom = self.arrays, transform.m11()
        level = g.level(zoom)
        corners = self._edges(rows, transform)[:, :2].tolist()
        states = arrays.state[rows].tolist()
        ids, opacity = arrays.ids, painter.opacity()
        for row, (x, y), state in zip(rows.tolist(), corners, states, strict=True):
            node = ids[row]
            content = self.describer.content(node)
            if content.bypassed:
                painter.setOpacity(opacity * PASSING)
            self._paint_face(painter, node, content, x, y, zoom, dpr)
            if level >= g.TILES and content.error is None and not content.bare:
                self._paint_body(painter, node, content, x, y, zoom, dpr)
            if content.bypassed:
                painter.setOpacity(opacity)
            if state & FOUND:
                self._paint_found(painter, content, x, y, zoom)
            if state & SELECTED or node == self.hovered:
                self._paint_outline(painter, content, x, y, zoom, bool(state & SELECTED))
            if level >= g.TILES:
                if node == self.hovered and self.hovered_button:
                    self._paint_hovered_button(painter, content, x, y, zoom)
                self._paint_ports(painter, row, x, y, zoom, dpr)

    def _paint_face(
        self, painter: QPainter, node: NodeId, content: Content, x: int, y: int, zoom: float, dpr: float
    ) -> None:
        face, right = self.faces.get(content, zoom, dpr)
        if right and face is not None:
            painter.drawPixmap(QPointF(x - PAD, y - PAD), face)
            return
        box = QRectF(x, y, round(g.WIDTH * zoom), round(content.height * zoom))
        if face is not None:
            painter.drawPixmap(box, face, _inner(face, dpr))
        else:
            painter.fillRect(box, theme.colour("node"))
            painter.fillRect(QRectF(box.left(), box.top(), box.width(), 2), theme.colour(content.family))
        self._missing |= self.node_rect(node)

    def _paint_body(
        self, painter: QPainter, node: NodeId, content: Content, x: int, y: int, zoom: float, dpr: float
    ) -> None:
        rect = body_rect(content, g.level(zoom))
        if rect.isEmpty():
            return
        body = self.bodies.get(node, _EMPTY)
        if content.blocked and content.family != "Loss":
            body = _EMPTY  # a loss's curve stays: it tells of the run, not of the graph
        shown = self._shown.get(node)
        fresh = shown is not None and shown.zoom == zoom and shown.dpr == dpr and shown.body.same(body)
        if shown is None or not fresh or shown.content != content:
            if self.faces.may_paint:
                if len(self._shown) > 400:
                    self._forget_farthest()
                shown = _Shown(content, body, zoom, dpr, paint_body(content, body, zoom, dpr))
                self._shown[node] = shown
            else:
                self._missing |= self.node_rect(node)
        if shown is None or shown.content.height != content.height:
            return  # the picture of a taller node would stand out below, where nobody paints it over
        where = QPointF(x + round(rect.left() * zoom), y + round(rect.top() * zoom))
        if shown.zoom == zoom:
            painter.drawPixmap(where, shown.pixmap)
        else:
            old = body_rect(shown.content, g.level(shown.zoom))
            target = QRectF(x + old.left() * zoom, y + old.top() * zoom, old.width() * zoom, old.height() * zoom)
            painter.drawPixmap(target, shown.pixmap, QRectF(shown.pixmap.rect()))

    def _forget_farthest(self) -> None:
        """Keep the newer half: nodes that were on the screen lately."""
        for node in list(self._shown)[: len(self._shown) // 2]:
            del self._shown[node]

    def _paint_outline(self, painter: QPainter, content: Content, x: int, y: int, zoom: float, selected: bool) -> None:
        width = 2.0 if selected else 1.0
        colour_pen = QPen(theme.colour("sel" if selected else "wire"), width)
        if content.error is not None:
            if not selected:
                return
            colour_pen.setDashPattern([3, 2])
        painter.setPen(colour_pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        box = QRectF(x, y, round(g.WIDTH * zoom), round(content.height * zoom)).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = g.RADIUS * zoom
        painter.drawRoundedRect(box, radius, radius)

    @staticmethod
    def _paint_found(painter: QPainter, content: Content, x: int, y: int, zoom: float) -> None:
        """A ring around the node, outside of its own edge, so that both are seen."""
        painter.setPen(QPen(theme.colour("accent"), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        box = QRectF(x, y, round(g.WIDTH * zoom), round(content.height * zoom)).adjusted(-3, -3, 3, 3)
        painter.drawRoundedRect(box, g.RADIUS * zoom + 3, g.RADIUS * zoom + 3)

    @staticmethod
    def _paint_hovered_button(painter: QPainter, content: Content, x: int, y: int, zoom: float) -> None:
        painter.save()
        painter.translate(x, y)
        painter.scale(zoom, zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        paint_button(painter, content, hovered=True)
        painter.restore()

    def _paint_ports(self, painter: QPainter, row: int, x: int, y: int, zoom: float, dpr: float) -> None:
        port = self._port(zoom, dpr, self.faded_ports)
        half = port.width() / dpr / 2
        arrays, height = self.arrays, float(self.arrays.rects[row, 3])
        for count, output in ((len(arrays.inputs[row]), False), (len(arrays.outputs[row]), True)):
            for index in range(count):
                right, below = g.port_spot(index, count, output, height, arrays.down)
                painter.drawPixmap(QPointF(x + round(right * zoom) - half, y + round(below * zoom) - half), port)

    def _port(self, zoom: float, dpr: float, faded: bool) -> QPixmap:
        found = self._ports.get((zoom, dpr, faded))
        if found is None:
            if len(self._ports) > 64:
                self._ports.clear()
            radius = max(g.PORT_RADIUS * zoom, 3.0)
            side = 2 * int(radius + 2)
            found = QPixmap(round(side * dpr), round(side * dpr))
            found.setDevicePixelRatio(dpr)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(0.4 if faded else 1.0)
            paint_port(painter, QPointF(side / 2, side / 2), radius, max(1.2, 1.7 * zoom))
            painter.end()
            self._ports[(zoom, dpr, faded)] = found
        return found


_EMPTY = Body()


def paint_port(painter: QPainter, centre: QPointF, radius: float, ring: float, token: str = "wire") -> None:
    path = QPainterPath()
    path.addEllipse(centre, radius - ring / 2, radius - ring / 2)
    painter.fillPath(path, theme.colour("canvas" if theme.tokens().dark else "node"))
    painter.setPen(QPen(theme.colour(token), ring))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def far_colour(family: str) -> QColor:
    """A family's colour, drawn back towards the node's so that large areas stay calm."""
    mark, ground = theme.colour(family), theme.colour("node")
    share = 0.7
    parts = [
        round(share * mark.red() + (1 - share) * ground.red()),
        round(share * mark.green() + (1 - share) * ground.green()),
        round(share * mark.blue() + (1 - share) * ground.blue()),
    ]
    return QColor(*parts)


def _inner(face: QPixmap, dpr: float) -> QRectF:
    """The part of a face within its padding, in its own pixels."""
    pad = PAD * dpr
    return QRectF(face.rect()).adjusted(pad, pad, -pad, -pad)
