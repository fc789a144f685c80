"""The one place that constructs a layer. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from engine.catalog import ops
from engine.catalog.spec import LayerSpec, ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Layer, Value


def arguments(spec: LayerSpec, layer: Layer, fills: Mapping[str, Value]) -> dict[str, Value]:
    """Defaults, then what a person set, then what follows from the incoming shape."""
    found = {p.name: p.default for p in spec.parameters}
    found.update({name: value for name, value in layer.parameters.items() if name in found})
    found.update(fills)
    return found


def build(
    spec: LayerSpec, arguments: Mapping[str, Value], device: torch.device | str | None = None
) -> torch.nn.Module:
    """Construct the layer with `arguments` (those of the row that are missing take their defaults).

    `device` may be ‘meta’: then nothing is allocated. Raises ParameterError with torch's own last line where it refuses
    a combination that no single range forbids (groups that do not divide the channels).
    """
    by_name = {p.name: p for p in spec.parameters}
    given = {n: _argument(by_name[n], v) for n, v in arguments.items() if n in by_name and n != "weight_in_sum"}
    if spec.kind in _BATCH_FIRST:
        given["batch_first"] = True
    own = getattr(ops, spec.kind, None)
    try:
        with torch.device(device or "cpu"):
            return own(**given) if own is not None else getattr(torch.nn, spec.kind)(**given)
    except (TypeError, ValueError, RuntimeError, AssertionError, ZeroDivisionError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ParameterError(f"{spec.kind} cannot be made with these parameters: {lines[-1]}") from error


# Strata's tensors have the batch first everywhere; torch's recurrent and attention layers must be told.
_BATCH_FIRST = frozenset({"RNN", "LSTM", "GRU", "MultiheadAttention", "TransformerEncoderLayer"})


def _argument(spec: ParameterSpec, value: Value) -> Value:
    """One number for all axes is given as such; ConstantPad and its kin want the number of sides."""
    if spec.type == "ints" and isinstance(value, tuple) and len(value) == 1 and spec.axes != 1:
        return value[0]
    return value
