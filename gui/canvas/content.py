"""What stands on a node, as a value: the same content is the same face, so faces are painted once and shared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from engine.catalog.spec import ParameterSpec
from engine.check import words
from engine.check.report import Fix, Problem, Report, TensorSpec
from engine.data.spec import DataSpec
from engine.graph.design import Design
from engine.graph.model import BLOCK, Layer, NodeId, Value
from gui.canvas import ports
from gui.canvas.arrays import GraphArrays
from gui.canvas.geometry import VECTOR
from gui.widgets.numbers import thousands

# What says how large a layer is; it stands beside its kind.
SIZES = ("out_channels", "out_features", "hidden_size", "embedding_dim", "embed_dim", "num_classes")


@dataclass(frozen=True, slots=True)
class Content:
    """All that is written on a node. `badge` is ok, warning, error or idle; `tiles` whether there is room for a
    picture; `waiting` what stands there until one arrives (`waits` where none will:
    for which node it waits). An error replaces the body: `error` is (title, reason)."""

    label: str
    kind: str
    family: str
    height: float
    parameters: str = ""
    footer: str = ""
    aside: str = ""  # at the right of the footer, until a picture says something better
    waiting: str = ""
    waits: str = ""
    badge: str = "idle"
    error: tuple[str, str] | None = None
    fix: str = ""
    ahead: bool = False  # differs from the run under way
    bare: bool = False  # a header only
    blocked: bool = False  # no values reach it: what it showed is no longer so
    bypassed: bool = False  # what enters it passes, as if it were not there


def counted(count: int, noun: str) -> str:
    """‘1 wire’, ‘3 wires’."""
    return f"{thousands(count)} {noun}" if count == 1 else f"{thousands(count)} {noun}s"


def parameter_value(layer: Layer, spec: ParameterSpec) -> Value:
    return layer.parameters.get(spec.name, spec.default)


_TYPED = ("int", "optional_int", "float", "optional_float", "ints", "floats", "shape")  # as numbers, in one line


def main_parameters(layer: Layer) -> list[ParameterSpec]:
    """The essential parameters that are numbers: first those that the node's line shows, then the layer's size."""
    spec = ports.row(layer.kind) if layer.kind != BLOCK else None
    found = [p for p in spec.parameters if p.essential and not p.filled and p.type in _TYPED] if spec else []
    return sorted(found, key=lambda p: p.name in SIZES)


def in_words(spec: ParameterSpec, value: Value) -> str:
    """A parameter in the fewest words: 5×5, stride 2, same, p 0.5."""
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return spec.title.lower()
    plain = _plain(value, spec.axes)
    if spec.name == "kernel_size":
        return plain if "×" in plain else "×".join([plain] * spec.axes)
    if spec.name == "padding":
        return plain if isinstance(value, str) else "" if not _any(value) else f"pad {plain}"
    if isinstance(value, str):
        return plain
    return f"{spec.title.lower() if len(spec.title) < 12 else spec.name} {plain}"


def _any(value: Value) -> bool:
    return any(map(_any, value)) if isinstance(value, tuple) else bool(value)


def _plain(value: Value, axes: int = 1) -> str:
    if isinstance(value, tuple):
        parts = [_plain(item) for item in value]
        if axes > 1 and len(set(parts)) == 1 and len(parts) == axes and parts[0] in "0123":
            return parts[0]
        return "×".join(parts)
    if isinstance(value, int) and not isinstance(value, bool) and axes > 1 and value > 3:
        return "×".join([str(value)] * axes)
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def shape_text(spec: TensorSpec | None) -> str:
    return spec.text() if spec is not None else ""


def problem_title(problem: Problem) -> str:
    """The problem's kind as a title: shape-mismatch → Shape mismatch."""
    words = problem.code.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else "Problem"


class Describer:
    """Makes contents out of what the document knows. Made anew when any of it changes; answers are cached."""

    def __init__(
        self,
        design: Design,
        report: Report,
        problems: tuple[Problem, ...],
        arrays: GraphArrays,
        data: DataSpec | None = None,
        ahead: frozenset[NodeId] = frozenset(),
        ran: Collection[NodeId] = (),
    ):
        self.design, self.report, self.arrays = design, report, arrays
        self.data, self.ahead, self.ran = data, ahead, ran
        self.problems: dict[NodeId, list[Problem]] = {}
        for problem in problems:
            if problem.node is not None:
                self.problems.setdefault(problem.node, []).append(problem)
        self._known: dict[NodeId, Content] = {}

    def content(self, node: NodeId) -> Content:
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._describe(node)
        return found

    def known(self) -> list[tuple[NodeId, Content]]:
        """What has been asked for so far: the nodes that may be on the screen."""
        return list(self._known.items())

    def fix_of(self, node: NodeId) -> Fix | None:
        """The remedy whose button stands on the node."""
        problem = self._error(node)
        return problem.fixes[0] if problem is not None and problem.fixes else None

    def _error(self, node: NodeId) -> Problem | None:
        """The error shown on a node; one with a remedy first."""
        errors = [p for p in self.problems.get(node, ()) if p.severity == "error"]
        return next((p for p in errors if p.fixes), errors[0] if errors else None)

    def output(self, node: NodeId) -> TensorSpec | None:
        row = self.arrays.row[node]
        names = self.arrays.outputs[row]
        return self.report.output(node, names[0]) if names else None

    def incoming(self, node: NodeId) -> TensorSpec | None:
        """The tensor at the first input."""
        arrays = self.arrays
        for index in np.flatnonzero(arrays.target == arrays.row[node]).tolist():
            wire = arrays.wires[index]
            return self.report.output(wire.source, wire.source_port)
        return None

    # -- the lines ------------------------------------------------------------------------
    def _describe(self, node: NodeId) -> Content:
        graph = self.design.graph
        layer = graph.layer_of(node)
        row = self.arrays.row[node]
        family = ports.family(layer)
        height = float(self.arrays.rects[row, 3])
        error, output = self._error(node), self.output(node)
        severities = {p.severity for p in self.problems.get(node, ())}
        blocked = node in self.arrays.waiting.on
        healthy = node in self.ran and node in self.report.trained and not blocked
        badge = "error" if error else "warning" if "warning" in severities else "ok" if healthy else "idle"
        return Content(
            label=graph.nodes[node].label,
            kind=self._kind(layer, family),
            family=family,
            height=height,
            parameters=self._parameters(node, layer, family, output) if height >= VECTOR else "",
            footer=self._footer(node, layer, family),
            aside=self._aside(layer, family, output),
            waiting=shape_text(output),
            waits=self.waits(node),
            badge=badge,
            error=(problem_title(error), error.why) if error else None,
            fix=error.fixes[0].label if error and error.fixes else "",
            ahead=node in self.ahead,
            bare=height <= 60,
            blocked=blocked,
            bypassed=graph.nodes[node].bypassed,
        )

    def waits(self, node: NodeId) -> str:
        """The name of the node before this one whose problem leaves it without a shape; empty where there is none."""
        other = self.arrays.waiting.whom(node) if self.output(node) is None else None
        found = self.design.graph.nodes.get(other) if other is not None else None
        return found.label if found is not None else ""

    def _kind(self, layer: Layer, family: str) -> str:
        """‘Conv2d · 8 filters’."""
        if layer.kind == BLOCK:
            block = self.design.graph.blocks.get(layer.block or "")
            title = block.label if block else "Block"
            return f"{title} · ×{layer.repeat}" if layer.repeat > 1 else f"{title} · block"
        spec = ports.row(layer.kind)
        if spec is None:
            return layer.kind
        title = spec.title
        if layer.kind in ("Input", "Target"):
            return f"{title} · {self._field(layer)}" if self._field(layer) else title
        if spec.is_loss:
            return f"{title.removesuffix('Loss').removesuffix(' loss')} · loss"
        for name in SIZES:
            parameter = spec.parameter(name)
            if parameter is not None and not parameter.filled:
                value = parameter_value(layer, parameter)
                unit = "filters" if name == "out_channels" else "units"
                return f"{title} · {value} {unit}" if value != 1 else f"{title} · 1 {unit[:-1]}"
        return title

    def _field(self, layer: Layer) -> str:
        name = layer.parameters.get("field", "")
        field = self.data.field(str(name or ""), target=layer.kind == "Target") if self.data else None
        if field is None:
            return str(name or "")
        if field.kind == "class" and len(field.classes) > 1:
            return f"class {field.classes[0]}–{field.classes[-1]}"
        return field.kind

    def _parameters(self, node: NodeId, layer: Layer, family: str, output: TensorSpec | None) -> str:
        """‘5×5, stride 1, same’: essentials only; the inspector has them all."""
        spec = ports.row(layer.kind) if layer.kind != BLOCK else None
        if spec is None:
            return self._change_of_shape(node, output)
        if layer.kind in ("Input", "Target"):
            field = (
                self.data.field(str(layer.parameters.get("field", "")), target=layer.kind == "Target")
                if (self.data)
                else None
            )
            return field.scale if field else ""
        if spec.is_loss:
            return ""
        shown = [p for p in spec.parameters if p.essential and not p.filled and p.name not in SIZES]
        parts = [in_words(p, parameter_value(layer, p)) for p in shown]
        if family == "Linear":
            parts.insert(0, self._change_of_shape(node, output))
        elif family == "Shape" and output is not None:
            return self._change_of_shape(node, output)
        line = ", ".join(part for part in parts if part)
        return line or (spec.summary if len(spec.summary) <= 20 else "")

    def _change_of_shape(self, node: NodeId, output: TensorSpec | None) -> str:
        incoming = self.incoming(node)
        if incoming is None or output is None or not incoming.shape or not output.shape:
            return ""
        return f"{incoming.text()} → {output.text()}"

    def _footer(self, node: NodeId, layer: Layer, family: str) -> str:
        if self.design.graph.nodes[node].bypassed:
            return "bypassed"
        if node in self.ahead:
            return "applies to next run"
        if family in ("Loss", "Input / Data"):
            return "batch mean" if family == "Loss" and layer.parameters.get("reduction", "mean") == "mean" else ""
        cost = self.report.cost((node,))
        if cost is None:
            return ""
        if not cost.parameters:  # shared ones count at the first of the nodes
            return words.shared(self.design.graph, node) or "no params"
        return "1 param" if cost.parameters == 1 else f"{thousands(cost.parameters)} params"

    def _aside(self, layer: Layer, family: str, output: TensorSpec | None) -> str:
        if output is None or len(output.shape) != 1 or family == "Loss":
            return ""
        return f"{thousands(output.shape[0])} units" if family == "Linear" else thousands(output.shape[0])
