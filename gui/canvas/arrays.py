"""The graph as arrays: where every node and wire lies and in which state it is, for painting and hit tests.

The order of the rows is the order of `design.graph.nodes` and `.wires`: later ones lie on top, and what was moved last
lies above all. After `show` the arrays
say exactly what the design says; a move touches only the rows it moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from engine.check.report import Problem, Report
from engine.check.waiting import Waiting, waiting
from engine.graph.design import Design, Place
from engine.graph.model import Graph, NodeId, Wire
from gui.canvas import geometry as g
from gui.canvas import ports

Array = np.ndarray[Any, Any]

# Bits of a node's state.
ERROR, WARNING, SELECTED, OUTSIDE, BYPASSED, FOUND = 1, 2, 4, 8, 16, 32
FARTHEST = 400_000.0  # places beyond this are shown at this distance
MARGIN = 24.0  # how far a wire's width, corners and label reach beyond its box


class GraphArrays:
    """Rows of nodes: `ids`, `rects` (x, y, width, height), `family`, `state`, `inputs`, `outputs`.

    Rows of wires: `wires`, `source`, `target` (rows of nodes), `ends` (x and y of both), `back` (runs through the
    gutter at `gutter`), `box`, `wire_state`.
    """

    def __init__(self) -> None:
        self.design = Design()
        self.down = False  # whether wires run from top to bottom
        self.ids: list[NodeId] = []
        self.row: dict[NodeId, int] = {}
        self.rects = np.zeros((0, 4))
        self.family = np.zeros(0, np.uint8)
        self.state = np.zeros(0, np.uint8)
        self._stack = np.zeros(0, np.int64)  # the larger, the higher a node lies
        self._moved = False  # whether any was put on top: until then the rows are in order
        self.inputs: list[ports.Names] = []
        self.outputs: list[ports.Names] = []
        self._shapes: dict[NodeId, tuple[int, ...]] = {}  # the last known ones: heights do not jump while a check runs
        self._problems: dict[NodeId, str] = {}
        self._plane = False  # whether units are shown as fields
        self.waiting = Waiting({})  # in a ring or behind an error: no values reach these nodes
        self._clear_wires()

    def _clear_wires(self) -> None:
        self.wires: tuple[Wire, ...] = ()
        self.source = self.target = np.zeros(0, np.intp)
        self._rise = self._fall = np.zeros(0)  # where along the side of the source and the target their ports stand
        self.wire_state = np.zeros(0, np.uint8)
        self.selected_wires: frozenset[Wire] = frozenset()
        self._error_wires: frozenset[Wire] = frozenset()
        self._place_wires()

    # -- what is shown ----------------------------------------------------------------
    def show(self, design: Design) -> None:
        """Take over a design. Rows of nodes that stay are kept; only what differs is looked at one by one."""
        before, self.design = self.design, design
        old, new = before.graph, design.graph
        turned, self.down = before.flow != design.flow, design.flow == "down"
        if old.nodes is not new.nodes or old.layers is not new.layers or old.blocks is not new.blocks:
            self._take_nodes(old, new)
        if before.places is not design.places or old.nodes is not new.nodes:
            self._take_places(before, design)
        if old is not new or turned:
            self._take_wires(new)
        self._place_wires()

    def _take_nodes(self, old: Graph, new: Graph) -> None:
        kept = [self.row.get(node, -1) for node in new.nodes]
        ids = list(new.nodes)
        rows = np.array(kept, np.intp)
        fresh = rows < 0
        taken = np.where(fresh, 0, rows)
        if self.ids:
            self.rects, self.family, self.state = self.rects[taken], self.family[taken], self.state[taken]
        else:
            count = len(ids)
            self.rects, self.family = np.zeros((count, 4)), np.zeros(count, np.uint8)
            self.state = np.zeros(count, np.uint8)
        self.rects[fresh] = (0.0, 0.0, g.WIDTH, g.STANDARD)
        self.state[fresh] = 0
        stack = self._stack[taken] if self.ids else np.zeros(len(ids), np.int64)
        stack[fresh] = self._stack.max(initial=0) + 1  # among themselves by row
        self._stack = stack
        inputs, outputs = self.inputs, self.outputs
        self.inputs = [inputs[row] if row >= 0 else () for row in kept]
        self.outputs = [outputs[row] if row >= 0 else () for row in kept]
        self.ids, self.row = ids, {node: row for row, node in enumerate(ids)}
        changed = np.flatnonzero(fresh).tolist()
        if len(changed) < len(ids):
            same_blocks = old.blocks is new.blocks
            changed += [
                row
                for row, node in enumerate(ids)
                if kept[row] >= 0 and self._layer_changed(old, new, node, same_blocks)
            ]
        passing = np.fromiter((node.bypassed for node in new.nodes.values()), bool, len(ids))
        self.state = np.where(passing, self.state | BYPASSED, self.state & (0xFF ^ BYPASSED)).astype(np.uint8)
        self._shapes = {node: shape for node, shape in self._shapes.items() if node in self.row}
        for row in changed:
            layer = new.layers[new.nodes[ids[row]].layer]
            self.family[row] = ports.FAMILY_INDEX[ports.family(layer)]
            self.inputs[row], self.outputs[row] = ports.port_names(new, layer)
            self._set_height(row)

    @staticmethod
    def _layer_changed(old: Graph, new: Graph, node: NodeId, same_blocks: bool) -> bool:
        before, after = old.layers[old.nodes[node].layer], new.layers[new.nodes[node].layer]
        return before.kind != after.kind or before.block != after.block or (not same_blocks and after.block is not None)

    def _take_places(self, before: Design, design: Design) -> None:
        places, nodes = design.places, design.graph.nodes
        old = before.places
        if before.graph.nodes is nodes:
            moved = [(self.row[n], p) for n, p in places.items() if n in nodes and old.get(n) is not p]
        else:
            moved = [(row, places.get(node, (0.0, 0.0))) for node, row in self.row.items()]
        if moved:
            rows = np.array([row for row, _ in moved], np.intp)
            self.rects[rows, :2] = _shown([place for _, place in moved])
            if before.graph.nodes is nodes:
                self._stack[rows] = self._stack.max() + 1
                self._moved = True
        for node in old.keys() - places.keys() if before.graph.nodes is nodes else ():
            if node in self.row:
                self.rects[self.row[node], :2] = 0.0

    def _take_wires(self, graph: Graph) -> None:
        self.wires = graph.wires
        row = self.row
        self.source = np.array([row[w.source] for w in graph.wires], np.intp)
        self.target = np.array([row[w.target] for w in graph.wires], np.intp)
        outputs, inputs = self.outputs, self.inputs
        rise = [_position(outputs[r], w.source_port) for r, w in zip(self.source.tolist(), graph.wires, strict=True)]
        fall = [_position(inputs[r], w.target_port) for r, w in zip(self.target.tolist(), graph.wires, strict=True)]
        leaving = np.array([len(outputs[r]) for r in self.source.tolist()], np.float64)
        entering = np.array([len(inputs[r]) for r in self.target.tolist()], np.float64)
        self._rise = g.along_side(np.array(rise, np.float64), leaving, self.down)
        self._fall = g.along_side(np.array(fall, np.float64), entering, self.down)
        present = set(graph.wires) if self.selected_wires or self._error_wires else set()
        self.selected_wires &= present
        self._error_wires &= present
        self._mark_wires()

    def _place_wires(self) -> None:
        """Ends, ways and boxes of all wires, from the rectangles of the nodes: a handful of array operations."""
        self.ends, self.back, self.gutter = self._ways(slice(None))
        self.box = self._boxes(slice(None))
        self._pieces: tuple[Array, Array] | None = None

    def _ways(self, wires: Array | slice) -> tuple[Array, Array, Array]:
        source, target = self._flowing(self.rects[self.source[wires]]), self._flowing(self.rects[self.target[wires]])
        right, left = source[:, 0] + source[:, 2], target[:, 0]
        ends = np.stack((right, source[:, 1] + self._rise[wires], left, target[:, 1] + self._fall[wires]), axis=1)
        back = np.asarray(g.goes_back(right, left), bool)
        tops, bottoms = source[:, 1], source[:, 1] + source[:, 3]
        gutter = np.asarray(g.gutters(tops, bottoms, target[:, 1], target[:, 1] + target[:, 3]))
        return self._flowing(ends), back, gutter

    def _flowing(self, rows: Array) -> Array:
        """Rectangles or ends as they would be if wires ran to the right; and back again."""
        return g.turned(rows) if self.down else rows

    def _boxes(self, wires: Array | slice) -> Array:
        return self._flowing(g.boxes(self._flowing(self.ends[wires]), self.back[wires], self.gutter[wires]))

    def corner_points(self, wires: Array) -> Array:
        """The corners of wires that go back: (wires, CORNERS, 2)."""
        points = g.corner_points(self._flowing(self.ends[wires]), self.gutter[wires])
        return points[..., ::-1] if self.down else points

    def curve_points(self, wires: Array) -> Array:
        """Points along wires that do not go back: (wires, CURVE_STEPS + 1, 2)."""
        points = g.curve_points(self._flowing(self.ends[wires]))
        return points[..., ::-1] if self.down else points

    def polyline(self, wire: int) -> Array:
        """The points of one wire, (k, 2)."""
        row = np.array([wire])
        return (self.corner_points(row) if self.back[wire] else self.curve_points(row))[0]

    def straight(self, wires: Array) -> Array:
        """Which of these run straight ahead."""
        ends = self._flowing(self.ends[wires])
        return ~self.back[wires] & (np.abs(ends[:, 3] - ends[:, 1]) < 0.5)

    def straight_pieces(self) -> tuple[Array, Array]:
        """All wires as straight lines (x1, y1, x2, y2), and the row of the wire that each belongs to."""
        if self._pieces is None:
            straight, back = np.flatnonzero(~self.back), np.flatnonzero(self.back)
            corners = g.segments(self.corner_points(back))
            lines = np.concatenate((self.ends[straight], corners))
            self._pieces = lines, np.concatenate((straight, np.repeat(back, g.CORNERS - 1)))
        return self._pieces

    # -- what is known ------------------------------------------------------------------
    def take_report(self, report: Report, problems: Iterable[Problem], plane: bool = False) -> bool:
        """Shapes decide heights, and whether units are shown over a plane; problems mark nodes and wires. Whether any
        node has another height now."""
        shapes: dict[NodeId, tuple[int, ...]] = {}
        for (path, _), spec in report.outputs.items():
            if len(path) == 1:
                shapes.setdefault(path[0], spec.shape)  # the first output decides
        problems = [problem for problem in problems if problem.node in self.row]
        found: dict[NodeId, str] = {}
        wrong_ports: set[tuple[NodeId, str]] = set()
        for problem in problems:
            assert problem.node is not None
            if problem.severity == "error" or problem.node not in found:
                found[problem.node] = problem.severity
            if problem.severity == "error" and problem.port is not None:
                wrong_ports.add((problem.node, problem.port))
        affected = {n for n, s in shapes.items() if n in self.row and self._shapes.get(n) != s}
        affected |= {n for n in found.keys() | self._problems.keys() if found.get(n) != self._problems.get(n)}
        for node in affected:
            if node in shapes:
                self._shapes[node] = shapes[node]
        if plane != self._plane:
            self._plane, affected = plane, set(self.row)
        self._problems = found
        self.state &= SELECTED | BYPASSED | FOUND
        for node, severity in found.items():
            self.state[self.row[node]] |= ERROR if severity == "error" else WARNING if severity == "warning" else 0
        if report.trained:
            trained = np.fromiter((node in report.trained for node in self.ids), bool, len(self.ids))
            self.state[~trained] |= OUTSIDE
        heights = self.rects[:, 3].copy()
        for node in affected & self.row.keys():
            self._set_height(self.row[node])
        self._error_wires = (
            frozenset(w for w in self.wires if (w.target, w.target_port) in wrong_ports) if wrong_ports else frozenset()
        )
        self.waiting = waiting(self.wires, problems)
        self._error_wires |= self.waiting.rings
        self._mark_wires()
        if np.array_equal(heights, self.rects[:, 3]):
            return False
        self._place_wires()
        return True

    def _set_height(self, row: int) -> None:
        node = self.ids[row]
        layer = self.design.graph.layer_of(node)
        error = self._problems.get(node) == "error"
        family, shape = ports.family(layer), self._shapes.get(node)
        self.rects[row, 3] = g.node_height(family, layer.kind, shape, len(self.inputs[row]), error, self._plane)

    def select(self, nodes: Collection[NodeId]) -> None:
        self.state &= np.uint8(0xFF ^ SELECTED)
        self.state[[self.row[node] for node in nodes if node in self.row]] |= SELECTED
        self._mark_wires()

    def mark_found(self, nodes: Collection[NodeId]) -> None:
        """Those that fit what somebody looks for."""
        self.state &= np.uint8(0xFF ^ FOUND)
        self.state[[self.row[node] for node in nodes if node in self.row]] |= FOUND

    def select_rows(self, chosen: Array) -> None:
        """Mark rows as selected before the document hears of it: while a rubber band grows. `chosen` is a mask."""
        self.state &= np.uint8(0xFF ^ SELECTED)
        self.state[chosen] |= SELECTED
        self._mark_wires()

    def selected_rows(self) -> Array:
        return (self.state & SELECTED) > 0

    def select_wires(self, wires: frozenset[Wire]) -> None:
        self.selected_wires = wires
        self._mark_wires()

    def _mark_wires(self) -> None:
        """A wire is selected when it is, or when one of its nodes is; outside a run when one of its nodes is."""
        ends = self.state[self.source] | self.state[self.target]
        self.wire_state = ends & np.uint8(SELECTED | OUTSIDE)
        for wires, bit in ((self._error_wires, ERROR), (self.selected_wires, SELECTED)):
            if wires:
                for index, wire in enumerate(self.wires):
                    if wire in wires:
                        self.wire_state[index] |= bit

    def put(self, rows: Array, corners: Array) -> None:
        """Show nodes elsewhere, without the design knowing: while they are dragged."""
        self.rects[rows, :2] = corners
        if 2 * len(rows) > len(self.ids):
            self._place_wires()
            return
        wires = self.wires_of(rows)
        self.ends[wires], self.back[wires], self.gutter[wires] = self._ways(wires)
        self.box[wires] = self._boxes(wires)
        self._pieces = None

    def put_back(self, nodes: Iterable[NodeId]) -> None:
        """Show nodes where the design says."""
        present = [node for node in nodes if node in self.row]
        if present:
            spots = [self.design.places.get(node, (0.0, 0.0)) for node in present]
            self.put(np.array([self.row[node] for node in present], np.intp), _shown(spots))

    # -- questions ----------------------------------------------------------------------
    def nodes_in(self, left: float, top: float, right: float, bottom: float) -> Array:
        """Rows of the nodes that touch a rectangle, lowest first."""
        x, y, width, height = self.rects.T
        return self.stacked(np.flatnonzero((x <= right) & (x + width >= left) & (y <= bottom) & (y + height >= top)))

    def stacked(self, rows: Array) -> Array:
        """Rows of nodes in ascending order, lowest first."""
        return rows[np.argsort(self._stack[rows], kind="stable")] if self._moved else rows

    def wires_in(self, left: float, top: float, right: float, bottom: float, margin: float = MARGIN) -> Array:
        """Rows of the wires whose box touches a rectangle."""
        x1, y1, x2, y2 = self.box.T
        inside = (x1 <= right + margin) & (x2 >= left - margin) & (y1 <= bottom + margin) & (y2 >= top - margin)
        return np.flatnonzero(inside)

    def mask(self, rows: Collection[int] | Array) -> Array:
        """Which rows of nodes these are."""
        chosen = np.zeros(len(self.ids), bool)
        chosen[np.asarray(rows, np.intp)] = True
        return chosen

    def wires_of(self, rows: Collection[int] | Array) -> Array:
        """Rows of the wires that touch any of these nodes."""
        touched = self.mask(rows)
        return np.flatnonzero(touched[self.source] | touched[self.target])

    def bounds(self, rows: Collection[int] | Array | None = None) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) around nodes (all of them where None is given); None where there are none."""
        rects = self.rects if rows is None else self.rects[np.asarray(rows, np.intp)]
        if not len(rects):
            return None
        low = rects[:, :2].min(axis=0)
        high = (rects[:, :2] + rects[:, 2:]).max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))

    def port_place(self, row: int, port: str, output: bool) -> tuple[float, float]:
        """The middle of a port."""
        x, y, _, height = self.rects[row].tolist()
        names = self.outputs[row] if output else self.inputs[row]
        right, below = g.port_spot(_position(names, port), len(names), output, height, self.down)
        return (x + right, y + below)


def _shown(places: list[Place]) -> Array:
    """Where nodes are shown whose places may be absurd."""
    return np.clip(np.nan_to_num(np.array(places, np.float64), nan=0.0), -FARTHEST, FARTHEST)


def _position(names: ports.Names, port: str) -> int:
    return names.index(port) if port in names else 0
