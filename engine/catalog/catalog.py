"""The catalogue as the window and the engine read it: from the generated file, before torch is there."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass
from importlib import resources
from typing import Any

from engine.catalog.spec import LayerSpec, MethodSpec, ParameterSpec, PortSpec
from engine.errors import ParameterError, UnknownName
from engine.graph import blocks
from engine.graph.edits import label_base
from engine.graph.model import BLOCK, Graph, Layer, Value


@dataclass(frozen=True, slots=True)
class Catalog:
    layers: dict[str, LayerSpec]
    optimizers: dict[str, MethodSpec]
    schedules: dict[str, MethodSpec]


@functools.cache
def load() -> Catalog:
    """Read resources/catalog.json (made by `python -m engine.catalog.generate`), once."""
    text = resources.files("resources").joinpath("catalog.json").read_text("utf-8")
    plain = json.loads(text)
    return Catalog(
        {row["kind"]: _layer(row) for row in plain["layers"]},
        {row["name"]: _method(row) for row in plain["optimizers"]},
        {row["name"]: _method(row) for row in plain["schedules"]},
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _parameter(row: dict[str, Any]) -> ParameterSpec:
    return ParameterSpec(**{k: _tuples(v) for k, v in row.items()})


def _layer(row: dict[str, Any]) -> LayerSpec:
    made = {
        **row,
        "parameters": tuple(_parameter(p) for p in row["parameters"]),
        "inputs": tuple(PortSpec(**p) for p in row["inputs"]),
        "outputs": tuple(PortSpec(**p) for p in row["outputs"]),
        "fills": _tuples(row.get("fills", [])),
    }
    return LayerSpec(**made)


def _method(row: dict[str, Any]) -> MethodSpec:
    return MethodSpec(**{**row, "parameters": tuple(_parameter(p) for p in row["parameters"])})


def spec(kind: str) -> LayerSpec:
    """The row of a kind; UnknownName with the nearest one where there is none."""
    layers = load().layers
    if kind not in layers:
        raise UnknownName("layer", kind, layers)
    return layers[kind]


def ports(graph: Graph, layer: Layer) -> tuple[tuple[PortSpec, ...], tuple[PortSpec, ...]]:
    """Inputs and outputs of a layer of `graph` (the outermost graph, which holds the blocks)."""
    if layer.kind != BLOCK:
        row = spec(layer.kind)
        return row.inputs, row.outputs
    block = graph.blocks.get(layer.block or "")
    if block is None:
        return (), ()
    ways_in, ways_out = blocks.ports(block)
    return tuple(PortSpec(n.id, n.label) for n in ways_in), tuple(PortSpec(n.id, n.label) for n in ways_out)


def parameter_specs(graph: Graph, layer: Layer) -> tuple[ParameterSpec, ...]:
    """What a person may set: the row's parameters, or those that a block promotes (named and titled by the block)."""
    if layer.kind != BLOCK:
        return spec(layer.kind).parameters
    block = graph.blocks.get(layer.block or "")
    found: list[ParameterSpec] = []
    for name, (inner, parameter) in block.promoted.items() if block else ():
        inside = block.graph.layers.get(inner) if block else None
        if inside is None:
            continue
        row = next((p for p in parameter_specs(graph, inside) if p.name == parameter), None)
        if row is not None:
            default = inside.parameters.get(parameter, row.default)
            found.append(_renamed(row, name, default))
    return tuple(found)


def _renamed(row: ParameterSpec, name: str, default: Value) -> ParameterSpec:
    from dataclasses import replace

    return replace(row, name=name, title=name.replace("_", " ").capitalize(), default=default)


def default_label(kind: str) -> str:
    """What a new node of a kind is called before a number is added: ‘conv’, ‘relu’, ‘cross_entropy’."""
    return label_base(kind)


# -- values ---------------------------------------------------------------------------
LARGEST = 2**31 - 1


def validate(spec: ParameterSpec, value: object) -> Value:
    """`value` as the graph stores it; ParameterError in one sentence where its type or range is wrong."""
    plain = tuple(value) if isinstance(value, list | tuple) else value
    if plain is None and _may_be_none(spec):
        return None
    check = _CHECKS[spec.type]
    return check(spec, plain)


def _may_be_none(spec: ParameterSpec) -> bool:
    return spec.type.startswith("optional_") or (spec.type in ("ints", "choice", "text") and spec.default is None)


def _wrong(spec: ParameterSpec, value: object, expected: str) -> ParameterError:
    return ParameterError(f"{spec.title} is {_text(value)}, but it must be {expected}.")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " × ".join(map(str, value)) or "empty"
    return f"‘{value}’" if isinstance(value, str) else str(value)


def _range(spec: ParameterSpec, what: str) -> str:
    low, high = spec.minimum, spec.maximum
    if low is not None and high is not None:
        return f"{what} from {low:g} to {high:g}"
    if low is not None:
        return f"{what} of at least {low:g}"
    return f"{what} of at most {high:g}" if high is not None else what


def _fits(spec: ParameterSpec, number: float) -> bool:
    return (spec.minimum is None or number >= spec.minimum) and (spec.maximum is None or number <= spec.maximum)


def _int(spec: ParameterSpec, value: object) -> Value:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST or not _fits(spec, value):
        raise _wrong(spec, value, _range(spec, "a whole number"))
    return value


def _float(spec: ParameterSpec, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(spec, value, _range(spec, "a number"))
    if not _fits(spec, value):
        raise _wrong(spec, value, _range(spec, "a number"))
    return float(value)


def _bool(spec: ParameterSpec, value: object) -> Value:
    if not isinstance(value, bool):
        raise _wrong(spec, value, "on or off")
    return value


def _choice(spec: ParameterSpec, value: object) -> Value:
    for choice in spec.choices:
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return choice
    raise _wrong(spec, value, f"one of {', '.join(map(str, spec.choices))}")


def _ints(spec: ParameterSpec, value: object) -> Value:
    """One whole number for all axes, one for each axis, or one of the words."""
    if isinstance(value, str):
        if value in spec.choices:
            return value
        words = f" or {', '.join(map(str, spec.choices))}" if spec.choices else ""
        raise _wrong(spec, value, f"whole numbers{words}")
    if not isinstance(value, tuple):
        return _int(spec, value)
    if len(value) != spec.axes:
        raise _wrong(spec, value, f"one whole number, or {spec.axes} of them")
    return tuple(_int(spec, v) for v in value)


def _shape(spec: ParameterSpec, value: object) -> Value:
    values = value if isinstance(value, tuple) else (value,)
    if len(values) > 8:
        raise _wrong(spec, values, "at most eight whole numbers")
    for v in values:
        if isinstance(v, bool) or not isinstance(v, int) or not -1 <= v <= LARGEST:
            raise _wrong(spec, values, "whole numbers such as 1, 28, 28")
    return values


def _floats(spec: ParameterSpec, value: object) -> Value:
    values = value if isinstance(value, tuple) else ()
    expected = len(spec.default) if isinstance(spec.default, tuple) else 1
    if len(values) != expected:
        raise _wrong(spec, values or value, f"{expected} numbers")
    return tuple(_float(spec, v) for v in values)


def _word(spec: ParameterSpec, value: object) -> Value:
    if not isinstance(value, str) or len(value) > 1000:
        raise _wrong(spec, value, "a text")
    return value


_CHECKS = {
    "int": _int,
    "optional_int": _int,
    "float": _float,
    "optional_float": _float,
    "bool": _bool,
    "choice": _choice,
    "ints": _ints,
    "shape": _shape,
    "floats": _floats,
    "text": _word,
}
