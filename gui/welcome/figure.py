"""A design as a small figure: what each drawn layer looks like and where it stands. Worked out from the graph alone,
so that a template is never shown as something else than it is. Units are pixels of the figure's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from engine.catalog import catalog
from engine.graph.design import Design
from engine.graph.model import INPUT, TARGET, Graph, NodeId

Form = Literal["square", "stack", "bar", "dots", "loop", "ring", "box"]

GAP, HIGHEST = 26.0, 96.0
MOST_SHEETS, MOST_DOTS = 4, 6
SMALLER = 0.74  # what a pooling layer leaves of an edge
ARC = 20.0  # by which a wire that passes layers rises above them

# Families that are seen in a figure; what normalises, regularises or only reshapes is passed over, as in textbooks.
_FORMS: Mapping[str, Form] = {
    "Convolution": "stack",
    "Pooling": "stack",
    "Linear": "bar",
    "Recurrent": "loop",
    "Merge": "ring",
    "Attention": "box",
    "Blocks": "box",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One layer: `family` gives the colour, `count` how many sheets or dots, (x, y) its middle."""

    form: Form
    family: str
    x: float
    y: float
    width: float
    height: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class Link:
    """From one mark to another, by their places in the figure; `over` leads above what lies between."""

    source: int
    target: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    marks: tuple[Mark, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all marks and arcs."""
        arc = ARC if any(link.over for link in self.links) else 0.0
        left = min(mark.x - mark.width / 2 for mark in self.marks)
        right = max(mark.x + mark.width / 2 for mark in self.marks)
        top = min(mark.y - mark.height / 2 for mark in self.marks) - arc
        return left, top, right, max(mark.y + mark.height / 2 for mark in self.marks)


def figure(design: Design) -> Figure:
    """The figure of a design; an empty one where it has no layers."""
    graph = design.graph
    drawn: dict[NodeId, Form] = {node: form for node in graph.nodes if (form := _form(graph, node)) is not None}
    if not drawn:
        return Figure()
    sources = _sources(graph, drawn)
    columns = _columns(drawn, sources)
    marks = _placed(graph, drawn, columns, _edges(graph, sources, columns))
    order = list(marks)
    links = {
        (order.index(source), order.index(node)): columns[node] - columns[source] > 1
        for node, from_ in sources.items()
        for source in from_
    }
    return Figure(tuple(marks.values()), tuple(Link(*ends, over) for ends, over in sorted(links.items())))


@cache
def _families() -> dict[str, str]:
    return {kind: spec.family for kind, spec in catalog.load().layers.items()}


def _form(graph: Graph, node: NodeId) -> Form | None:
    """How a node is drawn; None where it is passed over."""
    layer = graph.layer_of(node)
    if layer.block is not None:
        return "box"
    if layer.kind == INPUT:
        kinds = {graph.layer_of(other).kind for other in graph.nodes}
        return "square" if any(_families().get(kind) == "Convolution" for kind in kinds) else "dots"
    form = _FORMS.get(_families().get(layer.kind, "")) if layer.kind != TARGET else None
    return "dots" if form == "bar" and 0 < _units(graph, node) <= 16 else form


def _units(graph: Graph, node: NodeId) -> int:
    """How many units or channels a layer is said to have; 0 where it does not say."""
    parameters = graph.layer_of(node).parameters
    for name in ("out_channels", "out_features", "hidden_size", "embedding_dim"):
        value = parameters.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return max(0, value)
    return 0


def _sources(graph: Graph, drawn: Mapping[NodeId, Form]) -> dict[NodeId, list[NodeId]]:
    """What feeds each drawn node, seen through the nodes that are not."""
    feeding: dict[NodeId, list[NodeId]] = {}
    for wire in graph.wires:
        feeding.setdefault(wire.target, []).append(wire.source)
    found: dict[NodeId, list[NodeId]] = {}
    for node in drawn:
        reached, ahead, seen = [], list(feeding.get(node, ())), set[NodeId]()
        while ahead:
            source = ahead.pop()
            if source in seen or source == node:
                continue
            seen.add(source)
            if source in drawn:
                reached.append(source)
            else:
                ahead.extend(feeding.get(source, ()))
        found[node] = reached
    return found


def _columns(drawn: Mapping[NodeId, Form], sources: Mapping[NodeId, list[NodeId]]) -> dict[NodeId, int]:
    """The longest way to each node; in a ring it ends somewhere."""
    columns = dict.fromkeys(drawn, 0)
    for _ in drawn:
        before = dict(columns)
        for node, from_ in sources.items():
            columns[node] = max((columns[source] + 1 for source in from_), default=0)
        if columns == before or max(columns.values()) > len(drawn):
            break
    return columns


def _edges(graph: Graph, sources: Mapping[NodeId, list[NodeId]], columns: Mapping[NodeId, int]) -> dict[NodeId, float]:
    """The edge of a picture at each node: poolings and strides make it smaller."""
    edges: dict[NodeId, float] = {}
    for node in sorted(sources, key=lambda node: columns[node]):
        edge = min((edges[source] for source in sources[node] if source in edges), default=56.0)
        layer = graph.layer_of(node)
        stride = layer.parameters.get("stride", 1)
        shrinks = _families().get(layer.kind) == "Pooling" or stride not in (1, None, (1, 1))
        edges[node] = max(16.0, edge * SMALLER) if shrinks else edge
    return edges


def _placed(
    graph: Graph, drawn: Mapping[NodeId, Form], columns: Mapping[NodeId, int], edges: Mapping[NodeId, float]
) -> dict[NodeId, Mark]:
    """Columns side by side, what shares one above each other."""
    marks: dict[NodeId, Mark] = {}
    x = 0.0
    for column in sorted(set(columns.values())):
        here = [node for node in drawn if columns[node] == column]
        sized = {node: _mark(graph, node, drawn[node], edges[node]) for node in here}
        width = max(mark.width for mark in sized.values())
        height = sum(mark.height for mark in sized.values()) + GAP * (len(here) - 1)
        y = -height / 2
        for node, mark in sized.items():
            middle = (x + width / 2, y + mark.height / 2)
            marks[node] = Mark(mark.form, mark.family, *middle, mark.width, mark.height, mark.count)
            y += mark.height + GAP
        x += width + GAP
    return marks


def _mark(graph: Graph, node: NodeId, form: Form, edge: float) -> Mark:
    """What a node looks like, at the origin."""
    layer, units = graph.layer_of(node), _units(graph, node)
    family = "Blocks" if layer.block is not None else _families().get(layer.kind, "Blocks")
    if form == "stack":
        sheets = min(MOST_SHEETS, 1 + round(math.log2(units) / 2)) if units else 3
        spread = edge + 5.0 * (sheets - 1)
        return Mark(form, family, 0, 0, spread, spread, sheets)
    if form == "dots":
        count = min(MOST_DOTS, units or 3)
        return Mark(form, family, 0, 0, 12, count * 19.0 - 7, count)
    if form == "bar":
        return Mark(form, family, 0, 0, 13, min(HIGHEST, 18 + 10 * math.log2(1 + (units or 32))))
    size = {"square": edge, "loop": 46.0, "ring": 24.0, "box": 44.0}[form]
    return Mark(form, family, 0, 0, size, size)
