"""Shapes, parameters and multiply-adds of one layer, found by running it on PyTorch's meta device (no numbers, no
memory). Answers are kept by value: the same layer on the same input is run once.

torch is imported inside functions only: this module can be named before torch is there. Any thread may call; the random
state of the process is not touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.catalog.spec import LayerSpec
from engine.check.report import TensorSpec
from engine.errors import StrataError
from engine.graph.frozen import Frozen
from engine.graph.model import Layer, Value

if TYPE_CHECKING:
    import torch

# Primes, so that no product or sum of a layer's own sizes is mistaken for the batch; two, to see what follows it.
BATCHES = (13, 17)
TIMES = (2, 3)  # for layers that unroll time in Python: a long sequence would take seconds


@dataclass(frozen=True, slots=True)
class Found:
    """What a layer gives: a tensor for each output port (a loss has one called ‘output’, though no port), its number of
    parameters, and multiply-adds for one sample."""

    outputs: tuple[tuple[str, TensorSpec], ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The layer cannot work on this. `mixed`: it does, but samples of a batch run into each other. `unbuilt`: its
    parameters do not go together. `reason` is what PyTorch says last (empty where `mixed` or `empty`). `empty`: what
    would come out without a single number in it; not all layers refuse that on the meta device, in training they do."""

    reason: str
    mixed: bool = False
    unbuilt: bool = False
    empty: TensorSpec | None = None


# What enters a layer: port and tensor, in the order of ports (a variadic port comes several times).
Entering = tuple[tuple[str, TensorSpec], ...]


Shape = tuple[str, tuple[int, ...], str]  # port, full shape with the batch, dtype


class _MixedError(Exception):
    """An axis grows with the batch, but not as the batch does."""


@lru_cache(maxsize=8192)
def infer(
    kind: str,
    parameters: Frozen[str, Value],
    fills: Frozen[str, Value],
    inputs: Entering,
) -> Found | Refused:
    """Run a layer of `kind` on meta tensors. `parameters` are sound ones that a person set."""
    import torch

    from engine.catalog import build, catalog

    spec = catalog.spec(kind)
    try:
        arguments = build.arguments(spec, Layer("", kind, parameters), fills)
        module = build.build(spec, arguments, device="meta")
    except StrataError as error:
        return Refused(str(error), unbuilt=True)
    try:
        with torch.no_grad():
            first = inputs[0][1].shape if inputs else ()
            unrolled = spec.unrolls_time and len(first) > 1 and first[0] > TIMES[-1]
            found = (_unrolled if unrolled else _run)(spec, module, inputs)
    except _MixedError:
        return Refused("", mixed=True)
    except Exception as error:  # whatever a layer raises is what it has to say about its input
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return Refused(lines[-1] if lines else type(error).__name__)
    empty = next((tensor for _, tensor in found.outputs if any(size < 1 for size in tensor.shape)), None)
    return found if empty is None else Refused("", empty=empty)


def _run(spec: LayerSpec, module: torch.nn.Module, inputs: Entering) -> Found:
    """One run where the row says that the batch stands first, and a second one where that turns out otherwise."""
    shapes, cost = _shapes(spec, module, inputs, BATCHES[0])
    parameters = sum(p.numel() for p in module.parameters())
    if spec.batch_axis == 0 and all(s and s[0] == BATCHES[0] for _, s, _ in shapes):
        outputs = tuple((port, TensorSpec(s[1:], dtype)) for port, s, dtype in shapes)
        return Found(outputs, parameters, cost // BATCHES[0])
    again, _ = _shapes(spec, module, inputs, BATCHES[1])
    outputs = tuple((a[0], _compared(a, b)) for a, b in zip(shapes, again, strict=True))
    return Found(outputs, parameters, cost // BATCHES[0])


def _compared(first: Shape, second: Shape) -> TensorSpec:
    """Which axis followed the batch from the one size to the other."""
    (_, a, dtype), (_, b, _) = first, second
    moved = [i for i, (m, n) in enumerate(zip(a, b, strict=True)) if m != n]
    if not moved:
        return TensorSpec(a, dtype, None)
    axis = moved[0]
    if len(moved) > 1 or (a[axis], b[axis]) != BATCHES:
        raise _MixedError
    return TensorSpec((*a[:axis], *a[axis + 1 :]), dtype, axis)


def _unrolled(spec: LayerSpec, module: torch.nn.Module, inputs: Entering) -> Found:
    """Two short runs that differ in batch and in time; what follows time gets the true length, and so does the cost."""
    length = inputs[0][1].shape[0]
    runs: list[tuple[list[Shape], int]] = []
    for batch, time in zip(BATCHES, TIMES, strict=True):
        short = tuple((port, replace(tensor, shape=(time, *tensor.shape[1:]))) for port, tensor in inputs)
        runs.append(_shapes(spec, module, short, batch))
    (first, cost), (second, longer) = runs
    outputs: list[tuple[str, TensorSpec]] = []
    for (port, a, dtype), (_, b, _) in zip(first, second, strict=True):
        one = tuple(length if pair == TIMES else pair[0] for pair in zip(a, b, strict=True))
        other = tuple(length if pair == TIMES else pair[1] for pair in zip(a, b, strict=True))
        outputs.append((port, _compared((port, one, dtype), (port, other, dtype))))
    short_cost, long_cost = cost / BATCHES[0], longer / BATCHES[1]  # of a sample; a line through the two
    step = (long_cost - short_cost) / (TIMES[1] - TIMES[0])
    parameters = sum(p.numel() for p in module.parameters())
    return Found(tuple(outputs), parameters, round(short_cost + step * (length - TIMES[0])))


def _sized(spec: TensorSpec, batch: int) -> tuple[int, ...]:
    if spec.batch_axis is None:
        return spec.shape
    return (*spec.shape[: spec.batch_axis], batch, *spec.shape[spec.batch_axis :])


def _shapes(spec: LayerSpec, module: torch.nn.Module, inputs: Entering, batch: int) -> tuple[list[Shape], int]:
    """Port, full shape and dtype of every tensor that comes out, and the multiply-adds of the whole batch."""
    import torch

    from engine.catalog import build
    from engine.check.costs import Counter

    entering: dict[str, list[torch.Tensor]] = {}
    for port, tensor in inputs:
        made = torch.empty(_sized(tensor, batch), dtype=getattr(torch, tensor.dtype), device="meta")
        entering.setdefault(port, []).append(made)
    with Counter() as counter:
        returned = module(*build.call_arguments(spec, entering))
    found: list[Shape] = []
    for port, result in build.results(spec, returned).items():
        found.append((port, tuple(result.shape), str(result.dtype).removeprefix("torch.")))
    return found, counter.multiply_adds
