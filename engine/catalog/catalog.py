"""What can be placed, read from resources/catalog.json: layers, optimisers, schedules; and the ports and parameters of
any layer of a graph. No torch here, so the window has it at once.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import Any

from engine.catalog.spec import ABOVE_0, BELOW_1, LayerSpec, MethodSpec, ParameterSpec, PortSpec
from engine.errors import ParameterError, UnknownName
from engine.graph import labels
from engine.graph.model import BLOCK, INPUT, OUTPUT, BlockId, Graph, Layer, Value
from engine.numbers import THIN, thousands


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything offered, by name, in the order in which it is shown. `torch` is the version it was read from."""

    layers: dict[str, LayerSpec]
    optimizers: dict[str, MethodSpec]
    schedules: dict[str, MethodSpec]
    torch: str


def resource() -> Traversable:
    return importlib.resources.files("resources") / "catalog.json"


@functools.cache
def load() -> Catalog:
    """The catalogue; read once."""
    stored = json.loads(resource().read_text(encoding="utf-8"))
    return Catalog(
        layers={s["kind"]: _layer_spec(s) for s in stored["layers"]},
        optimizers={s["name"]: _method_spec(s) for s in stored["optimizers"]},
        schedules={s["name"]: _method_spec(s) for s in stored["schedules"]},
        torch=stored["torch"],
    )


def spec(kind: str) -> LayerSpec:
    """The row of a kind; UnknownName, with the nearest, where there is none (a block has none of its own)."""
    layers = load().layers
    if kind not in layers:
        raise UnknownName("kind of layer", kind, layers)
    return layers[kind]


def default_label(kind: str) -> str:
    """What a new node of this kind is called, before its number: ‘conv’, ‘fc’, ‘cross_entropy’."""
    return labels.label_base(kind)


def ports(graph: Graph, layer: Layer) -> tuple[tuple[PortSpec, ...], tuple[PortSpec, ...]]:
    """Inputs and outputs of a layer. Those of a block are the Input and Output nodes inside it, named by their ids.
    What is of a kind, or calls a block, that nobody knows has none: a design may hold it, and check tells.

    `graph` is the outermost graph, which holds the blocks.
    """
    if layer.kind != BLOCK:
        found = load().layers.get(layer.kind)
        return (found.inputs, found.outputs) if found is not None else ((), ())
    block = graph.blocks.get(layer.block or "")
    if block is None:
        return (), ()
    entrances = tuple(PortSpec(n.id, n.label) for n in block.graph.nodes_of_kind(INPUT))
    exits = tuple(PortSpec(n.id, n.label) for n in block.graph.nodes_of_kind(OUTPUT))
    return entrances, exits


def parameter_specs(graph: Graph, layer: Layer, around: frozenset[BlockId] = frozenset()) -> tuple[ParameterSpec, ...]:
    """The parameters that a person may set, besides the filled ones. A block has its promoted ones: their default is
    what the layer inside is set to. What leads nowhere is left out: to a layer that is not there, of an unknown kind,
    or to a block inside itself (`around` are the blocks that are being looked into)."""
    if layer.kind != BLOCK:
        return spec(layer.kind).parameters
    block = graph.blocks.get(layer.block or "")
    if block is None:
        raise UnknownName("block", layer.block or "", graph.blocks)
    found: list[ParameterSpec] = []
    for name, (inner_id, parameter) in block.promoted.items():
        inner = block.graph.layers.get(inner_id)
        specs = _inner_specs(graph, inner, around | {block.id}) if inner is not None else ()
        known = next((s for s in specs if s.name == parameter), None)
        if inner is not None and known is not None:
            default = inner.parameters.get(parameter, known.default)
            title = name.replace("_", " ").capitalize()
            found.append(replace(known, name=name, title=title, default=default, required=False, essential=True))
    return tuple(found)


def _inner_specs(graph: Graph, inner: Layer, around: frozenset[BlockId]) -> tuple[ParameterSpec, ...]:
    if inner.kind == BLOCK:
        known = inner.block in graph.blocks and inner.block not in around
    else:
        known = inner.kind in load().layers
    return parameter_specs(graph, inner, around) if known else ()


# -- values --------------------------------------------------------------------------
def validate(spec: ParameterSpec, value: object) -> Value:
    """The value as the graph keeps it (lists become tuples); ParameterError, one sentence, where it cannot be."""
    match spec.type:
        case "bool":
            if isinstance(value, bool):
                return value
            raise _refused(spec, "yes or no", value)
        case "choice":
            for choice in spec.choices:
                if choice == value and isinstance(choice, bool) == isinstance(value, bool):
                    return choice
            raise _refused(spec, f"one of {', '.join(_shown(c) for c in spec.choices)}", value)
        case "text":
            if value == "" and spec.minimum:
                raise ParameterError(f"{spec.title} needs at least one character.")
            if isinstance(value, str):
                return value
            raise _refused(spec, "a text", value)
        case "ints" | "shape" | "floats":
            return _several(spec, value)
        case "optional_int" | "optional_float" if value is None:
            return None
        case _:
            return _number(spec, value, whole=spec.type in ("int", "optional_int"))


def _several(spec: ParameterSpec, value: object) -> Value:
    if spec.type == "ints":
        for word in spec.choices:
            if value is word or (isinstance(word, str) and value == word):
                return word
        if not isinstance(value, list | tuple):
            return _number(spec, value, whole=True)
        if len(value) == 1:
            return _number(spec, value[0], whole=True)
    if not isinstance(value, list | tuple):
        raise _refused(spec, "a list of numbers", value)
    if spec.type != "shape" and len(value) != spec.axes:
        one = " or one for all" if spec.type == "ints" and spec.axes > 1 else ""
        count = "one number" if spec.axes == 1 else f"{spec.axes} numbers"
        raise _refused(spec, f"{count}{one}", value)
    return tuple(_number(spec, item, whole=spec.type != "floats") for item in value)


def _number(spec: ParameterSpec, value: object, *, whole: bool) -> int | float:
    number: int | float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        number = value if not whole else int(value) if value == int(value) else None
        if not whole:
            number = float(value)
    too_small = number is not None and spec.minimum is not None and number < spec.minimum
    too_large = number is not None and spec.maximum is not None and number > spec.maximum
    if number is None or too_small or too_large:
        words = [f" {_shown(c)} or" for c in spec.choices if spec.type == "ints" and c is not None]
        raise _refused(spec, f"{''.join(words).strip()} {_range(spec, whole)}".strip(), value)
    return number


def _range(spec: ParameterSpec, whole: bool) -> str:
    kind = "a whole number" if whole else "a number"
    low, high = (None if limit is None else f"{limit:,g}".replace(",", THIN) for limit in (spec.minimum, spec.maximum))
    if high is not None and spec.maximum is not None and spec.maximum >= 1e5:
        high = thousands(round(spec.maximum))
    if low is not None and high is not None and spec.minimum != ABOVE_0 and spec.maximum != BELOW_1:
        return f"{kind} from {low} to {high}"
    least = "above 0" if spec.minimum == ABOVE_0 else f"of at least {low}" if low is not None else ""
    most = "below 1" if spec.maximum == BELOW_1 else f"of at most {high}" if high is not None else ""
    return " ".join((kind, " and ".join(filter(None, (least, most))))).strip()


def _refused(spec: ParameterSpec, expected: str, value: object) -> ParameterError:
    return ParameterError(f"{spec.title} must be {expected}; {_shown(value)} is not.")


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return "(" + ", ".join(_shown(item) for item in value[:8]) + ("…)" if len(value) > 8 else ")")
    text = f"‘{value}’" if isinstance(value, str) else str(value).removesuffix(".0")
    return text if len(text) < 60 else text[:57] + "…"


# -- from the file -------------------------------------------------------------------
def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _parameter_spec(stored: dict[str, Any]) -> ParameterSpec:
    return ParameterSpec(**{name: _frozen(value) for name, value in stored.items()})


def _layer_spec(stored: dict[str, Any]) -> LayerSpec:
    plain = {name: _frozen(value) for name, value in stored.items()}
    plain["parameters"] = tuple(_parameter_spec(p) for p in stored["parameters"])
    for side in ("inputs", "outputs"):
        plain[side] = tuple(PortSpec(**port) for port in stored[side])
    return LayerSpec(**plain)


def _method_spec(stored: dict[str, Any]) -> MethodSpec:
    plain = {**stored, "parameters": tuple(_parameter_spec(p) for p in stored["parameters"])}
    return MethodSpec(**plain)
