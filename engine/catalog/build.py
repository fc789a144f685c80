"""From a row and values to a torch module: the one place where layers are constructed, and how they are called."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch

from engine.catalog import catalog, ops
from engine.catalog.spec import LayerSpec
from engine.catalog.table import INSTEAD, ROWS
from engine.errors import ParameterError, UnknownName
from engine.graph.model import Layer, Value


def module_class(kind: str) -> type[torch.nn.Module]:
    """The class that a kind stands for: ours where we have one, else torch.nn's. Only kinds of the table are known."""
    if kind not in ROWS:
        raise UnknownName("kind of layer", kind, ROWS)
    return getattr(ops, kind, None) or getattr(torch.nn, kind)


def arguments(spec: LayerSpec, layer: Layer, fills: Mapping[str, Value]) -> dict[str, Value]:
    """What the class of `spec` is called with: defaults, what the person set (checked), what the shapes fill.

    ParameterError where a value cannot be, or where an argument should follow from a shape that is not known.
    """
    for name in layer.parameters:
        if spec.parameter(name) is None:
            raise UnknownName(f"parameter of {spec.kind}", name, [p.name for p in spec.parameters if not p.filled])
    own = ROWS[spec.kind].own + (("weight_in_sum",) if spec.is_loss else ())
    found: dict[str, Value] = {}
    for parameter in spec.parameters:
        name = parameter.name
        if parameter.filled:
            if name in fills:
                found[name] = fills[name]
            elif parameter.required:
                raise ParameterError(f"{name} of {spec.kind} follows from its input, whose shape is not known yet.")
        elif name not in own:
            value = layer.parameters.get(name, parameter.default)
            found[name] = catalog.validate(parameter, value) if name in layer.parameters else value
    last = layer.parameters.get("last_axes", 0)
    whole = found.get("normalized_shape")
    if isinstance(last, int) and last > 0 and isinstance(whole, tuple):
        found["normalized_shape"] = whole[-last:]
    if spec.kind == "MultiheadAttention" and found.get("vdim") is None:
        found["vdim"] = found.get("kdim")  # without a value of their own, the keys are the values
    if spec.kind in INSTEAD and found[INSTEAD[spec.kind][0]] is not None:
        found[INSTEAD[spec.kind][1]] = None
    return {**found, **ROWS[spec.kind].fixed}


def build(spec: LayerSpec, arguments: Mapping[str, Value], device: str | torch.device | None = None) -> torch.nn.Module:
    """The module. Its first weights come from torch's random state; on ‘meta’ it has none and costs nothing."""
    where = torch.device(device) if device is not None else nullcontext()
    try:
        with where:
            return _constructed(spec, module_class(spec.kind), arguments)
    except (ValueError, TypeError, RuntimeError, AssertionError, OverflowError) as error:
        first_line = (str(error).splitlines() or [""])[0].strip().rstrip(".")
        reason = f": {first_line}" if first_line else ""
        raise ParameterError(f"{spec.kind} cannot be built with these parameters{reason}.") from error


def call_arguments(spec: LayerSpec, inputs: Mapping[str, Sequence[Any]]) -> tuple[Any, ...]:
    """What enters each port, in the order in which the module takes it. Empty optional ports are None, or left out at
    the end."""
    found: list[Any] = []
    for port in spec.inputs:
        arriving = inputs.get(port.name, ())
        found.extend(arriving if port.variadic else arriving[:1] or (None,))
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def _constructed(spec: LayerSpec, kind: type[torch.nn.Module], arguments: Mapping[str, Value]) -> torch.nn.Module:
    """An older torch may lack an argument that the catalogue knows: it is left out where it has its default."""
    try:
        return kind(**arguments)
    except TypeError:
        offered = inspect.signature(kind).parameters
        defaults = {p.name: p.default for p in spec.parameters}
        known = {n: v for n, v in arguments.items() if n in offered or n not in defaults or v != defaults[n]}
        if len(known) == len(arguments) or "kwargs" in offered:
            raise
        return kind(**known)


# Output ports that cost time and are only made for a reader, and the keyword that asks for them.
FOR_READERS = {"weights": "need_weights"}


def call_keywords(spec: LayerSpec, read: Collection[str]) -> dict[str, bool]:
    """What a call is told about those of its output ports that somebody may read."""
    return {FOR_READERS[p.name]: p.name in read for p in spec.outputs if p.name in FOR_READERS}


def results(spec: LayerSpec, returned: Any) -> dict[str, Any]:
    """What a module returned, by output port; a loss's value stands under ‘output’, though it has no port."""
    if len(spec.outputs) > 1:
        return dict(zip((port.name for port in spec.outputs), returned, strict=True))
    return {spec.outputs[0].name if spec.outputs else "output": returned}
