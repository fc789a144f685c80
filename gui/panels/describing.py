"""Nodes in words, as the panels tell of them: kind, size, shapes, state. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog import catalog
from engine.catalog.spec import LayerSpec
from engine.check import words
from engine.check.report import Cost, Problem, Report, TensorSpec
from engine.errors import UnknownName
from engine.graph.model import BLOCK, INPUT, OUTPUT, Graph, Layer, NodeId, Value
from engine.numbers import sizes
from gui.widgets.numbers import plural

# What says how large a layer is.
SIZES = ("out_channels", "out_features", "hidden_size", "num_embeddings", "embed_dim", "num_heads")


def layer_spec(layer: Layer) -> LayerSpec | None:
    """The row of a layer's kind; None for blocks and kinds that the catalogue does not know."""
    if layer.kind == BLOCK:
        return None
    try:
        return catalog.spec(layer.kind)
    except UnknownName:
        return None


def family(layer: Layer) -> str:
    spec = layer_spec(layer)
    return spec.family if spec else "Blocks"


def kind_title(graph: Graph, layer: Layer) -> str:
    """‘Conv2d’; for a block its name, and how often it is repeated."""
    if layer.kind == BLOCK:
        block = graph.blocks.get(layer.block or "")
        times = f" ×{layer.repeat}" if layer.repeat > 1 else ""
        return f"{block.label if block else 'Block'}{times}"
    spec = layer_spec(layer)
    return spec.title if spec else layer.kind


def summary(graph: Graph, layer: Layer) -> str:
    """What a layer does, in a sentence; of a block what it holds and how often that is repeated."""
    spec = layer_spec(layer)
    block = graph.blocks.get(layer.block or "") if layer.kind == BLOCK else None
    if block is None:
        return spec.summary if spec else ""
    inside = block.graph
    held = [n.label for n in inside.nodes.values() if inside.layers[n.layer].kind not in (INPUT, OUTPUT)]
    found = f"A block that holds {words.listed(held)}." if held else "A block that holds nothing yet."
    if layer.repeat > 1:
        found += f" It is repeated {layer.repeat} times, one after the other, each time with weights of its own."
    return found


def sharing(graph: Graph, node: NodeId) -> str:
    """What it means that a node's layer is also that of others; empty where it is not."""
    others = graph.sharing_with(node)
    if not others:
        return ""
    labels = words.listed((graph.nodes[node].label, *(other.label for other in others)))
    return f"{labels} share this layer: they have the same weights, and a change here applies to all of them."


def weights_text(graph: Graph, node: NodeId, cost: Cost | None) -> str:
    """‘3216 parameters’, or with whom a layer is shared whose parameters count elsewhere; empty where not known."""
    if cost is None:
        return ""
    return (words.shared(graph, node) if not cost.parameters else "") or plural(cost.parameters, "parameter")


def size_text(layer: Layer) -> str:
    """‘16 filters’, ‘10 units’; empty where a layer has no size of its own."""
    spec = layer_spec(layer)
    for name in SIZES:
        parameter = spec.parameter(name) if spec else None
        if parameter is not None and not parameter.filled:
            value: Value = layer.parameters.get(name, parameter.default)
            if isinstance(value, int):
                noun = parameter.title.lower()
                return plural(value, noun.removesuffix("s"), noun)
    return ""


def shape_text(tensor: TensorSpec | None, times: str = "×") -> str:
    if tensor is None:
        return ""
    return sizes(tensor.shape, times) if tensor.shape else tensor.dtype


def output_of(report: Report, node: NodeId) -> TensorSpec | None:
    """The tensor at a node's first output, whatever its port is called."""
    found = report.output(node)
    if found is not None:
        return found
    return next((spec for (path, _port), spec in report.outputs.items() if path == (node,)), None)


def spoken_shape(tensor: TensorSpec | None) -> str:
    """‘16 by 14 by 14’, for a screen reader."""
    if tensor is None:
        return "unknown"
    return " by ".join(str(n) for n in tensor.shape) if tensor.shape else tensor.dtype


def state_text(
    problems: Iterable[Problem], ahead: bool = False, ran: bool | None = True, waits: str = "", bypassed: bool = False
) -> str:
    """The worst that is known of a node, in a word; `ran` whether a training runs it (None: there was none yet),
    `waits` the name of the node whose problem keeps its input back."""
    severities = {problem.severity for problem in problems}
    if "error" in severities:
        return "error"
    if "warning" in severities:
        return "warning"
    if bypassed:
        return "bypassed"
    if waits:
        return f"waits for {waits}"
    if ahead:
        return "applies to next run"
    return "not run" if ran is None else "healthy" if ran else "not in the run"
