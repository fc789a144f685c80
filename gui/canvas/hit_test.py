"""What lies under a point: the same arrays that are painted, asked the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from engine.graph.model import NodeId, Wire
from gui.canvas import geometry as g
from gui.canvas.arrays import GraphArrays
from gui.canvas.content import Content, Describer, main_parameters
from gui.canvas.drawn import DrawnHit
from gui.canvas.faces import button_rect

WIRE_REACH = 7.0  # pixels on the screen
TURNED = {"right": "down", "left": "up", "down": "right", "up": "left"}  # x and y in each other's place


@dataclass(frozen=True, slots=True)
class Port:
    node: NodeId
    name: str
    output: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """At most one of `port`, `node`, `wire` and `drawn` is what was meant; button, name and parameters lie on their
    `node`."""

    node: NodeId | None = None
    port: Port | None = None
    wire: Wire | None = None
    wire_row: int | None = None
    button: bool = False
    name: bool = False
    parameters: bool = False  # the line of parameters, where it can be edited
    drawn: DrawnHit | None = None  # a note or frame, which lie behind all else

    @property
    def empty(self) -> bool:
        return self.node is None and self.port is None and self.wire is None and self.drawn is None


class HitTest:
    """Asks the arrays. `zoom` keeps small targets large enough on the screen."""

    def __init__(self, arrays: GraphArrays):
        self._arrays = arrays

    def at(self, point: QPointF, zoom: float, describer: Describer) -> Hit:
        port = self.port_at(point, zoom)
        if port is not None:
            return Hit(port=port)
        node = self.node_at(point)
        if node is not None:
            return self._on_node(node, point, zoom, describer)
        row = self.wire_at(point, zoom)
        return Hit(wire=self._arrays.wires[row], wire_row=row) if row is not None else Hit()

    def _on_node(self, node: NodeId, point: QPointF, zoom: float, describer: Describer) -> Hit:
        x, y, _, _ = self._arrays.rects[self._arrays.row[node]].tolist()
        level = g.level(zoom)
        button = button_rect(describer.content(node)) if level >= g.TILES else None
        if button is not None and button.contains(point - QPointF(x, y)):
            return Hit(node=node, button=True)
        line = g.HEADER + 2 <= point.y() - y <= g.HEADER + g.PARAMETERS + 2
        if level >= g.CLOSE and line and self._can_be_edited(node, describer.content(node)):
            return Hit(node=node, parameters=True)
        return Hit(node=node, name=level >= g.TILES and point.y() - y <= g.HEADER)

    def _can_be_edited(self, node: NodeId, content: Content) -> bool:
        if content.error is not None or not content.parameters:
            return False
        return bool(main_parameters(self._arrays.design.graph.layer_of(node)))

    def node_at(self, point: QPointF) -> NodeId | None:
        x, y = point.x(), point.y()
        rows = self._arrays.nodes_in(x, y, x, y)
        return self._arrays.ids[int(rows[-1])] if len(rows) else None

    def badge_at(self, point: QPointF, zoom: float) -> NodeId | None:
        """The node on whose badge the point lies. Its port may be there as well: where they overlap both are meant."""
        node = self.node_at(point) if g.level(zoom) >= g.TILES else None
        if node is None:
            return None
        x, y, width, _ = self._arrays.rects[self._arrays.row[node]].tolist()
        away = point - QPointF(x + width - g.BADGE_INSET, y + g.PORT_Y)
        return node if max(abs(away.x()), abs(away.y())) <= g.BADGE_REACH else None

    def port_at(self, point: QPointF, zoom: float, output: bool | None = None) -> Port | None:
        """The nearest port whose hit area holds the point. `output`: only such ports. None below 25 %."""
        if g.level(zoom) == g.FAR:
            return None
        reach = max(g.PORT_HIT, min(g.PORT_HIT / zoom, 20.0)) if zoom < 1 else g.PORT_HIT
        x, y = point.x(), point.y()
        arrays = self._arrays
        best: tuple[float, Port] | None = None
        for row in arrays.nodes_in(x - reach, y - reach, x + reach, y + reach)[::-1].tolist():
            left, top, _, height = arrays.rects[row].tolist()
            for names, is_output in ((arrays.inputs[row], False), (arrays.outputs[row], True)):
                if output is not None and is_output != output:
                    continue
                for index, name in enumerate(names):
                    right, below = g.port_spot(index, len(names), is_output, height, arrays.down)
                    away = max(abs(x - left - right), abs(y - top - below))
                    if away <= reach and (best is None or away < best[0]):
                        best = (away, Port(arrays.ids[row], name, is_output))
        return best[1] if best else None

    def wire_at(self, point: QPointF, zoom: float, but: NodeId | None = None) -> int | None:
        """The row of the nearest wire within reach; none of those of the node `but`."""
        reach = WIRE_REACH / zoom
        x, y = point.x(), point.y()
        arrays = self._arrays
        best: tuple[float, int] | None = None
        for row in arrays.wires_in(x, y, x, y, reach).tolist():
            if but is not None and but in (arrays.wires[row].source, arrays.wires[row].target):
                continue
            away = g.distance(arrays.polyline(row), x, y)
            if away <= reach and (best is None or away <= best[0]):
                best = (away, row)
        return best[1] if best else None

    def neighbour(self, node: NodeId, direction: str) -> NodeId | None:
        """Along the wires: ‘right’ to what it feeds, ‘left’ to what feeds it; ‘up’ and ‘down’ to the nearest node
        above or below (first among those that share a neighbour with it). Where wires run down, those are ‘down’ and
        ‘up’, and the others to the sides."""
        arrays = self._arrays
        row = arrays.row[node]
        along, across = 0, 1
        if arrays.down:
            along, across, direction = 1, 0, TURNED[direction]
        if direction in ("left", "right"):
            here, there = (arrays.target, arrays.source) if direction == "left" else (arrays.source, arrays.target)
            found = there[np.flatnonzero(here == row)]
            found = found[found != row]
            if not len(found):
                return None
            heights = np.abs(arrays.rects[found, across] - arrays.rects[row, across])
            return arrays.ids[int(found[int(heights.argmin())])]
        away = arrays.rects[:, across] - arrays.rects[row, across]
        others = np.flatnonzero(away < -1 if direction == "up" else away > 1)
        if not len(others):
            return None
        cost = np.abs(away[others]) + 2 * np.abs(arrays.rects[others, along] - arrays.rects[row, along])
        return arrays.ids[int(others[int(cost.argmin())])]
