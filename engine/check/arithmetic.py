"""Rules of number: kernels no larger than what they slide over, and channels that divide into groups and heads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from engine.catalog.spec import LayerSpec
from engine.check.objection import Objection
from engine.check.parts import Call, fix
from engine.check.report import TensorSpec
from engine.check.words import counted, sizes, tensor
from engine.graph.model import Value


def objection(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    for rule in (
        _reshape,
        _permute,
        _groups,
        _normalisation_groups,
        _heads,
        _pixel_shuffle,
        _kernel,
        _pool_padding,
        _transposed,
    ):
        found = rule(call, values, spec, sender)
        if found is not None:
            return found
    return None


# -- other axes ----------------------------------------------------------------------------------------------------
def _reshape(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    shape = values.get("shape")
    if call.layer.kind != "Reshape" or not isinstance(shape, tuple):
        return None
    wanted = [n for n in shape if isinstance(n, int)]
    total, known = math.prod(spec.shape), math.prod(n for n in wanted if n != -1)
    if wanted.count(-1) == 1 and known and total % known == 0:
        return None
    if -1 not in wanted and total == known:
        return None
    whole = (fix("set_parameter", "Take what is left", node=call.node.id, name="shape", value=(*wanted[:-1], -1)),)
    fits = wanted and -1 not in wanted and math.prod(wanted[:-1]) and total % math.prod(wanted[:-1]) == 0
    why = f"{sender} sends {tensor(spec)}, {counted(total, 'number')} in all; {sizes(wanted)} holds another count."
    what = f"{call.node.label} cannot arrange its input so."
    return Objection("shape-mismatch", what, why, call.inputs[0].name, "shape", whole if fits else ())


def _permute(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    dims = values.get("dims")
    if call.layer.kind != "Permute" or not isinstance(dims, tuple):
        return None
    axes = tuple(range(1, len(spec.shape) + 1))
    if tuple(sorted(n for n in dims if isinstance(n, int))) == axes:
        return None
    turned = tuple(reversed(axes))
    label = f"Use {', '.join(map(str, turned))}"
    remedy = (fix("set_parameter", label, node=call.node.id, name="dims", value=turned),) if axes else ()
    why = f"{sender} sends {tensor(spec)}: the order has to name each of its {counted(len(axes), 'axis', 'axes')} once."
    return Objection("bad-axis", f"{call.node.label} names other axes than arrive.", why, None, "dims", remedy)


# -- divisibility -------------------------------------------------------------------------------------------------
def _groups(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    groups, outgoing = values.get("groups"), values.get("out_channels")
    if not isinstance(groups, int) or groups < 2 or not spec.shape:
        return None
    incoming = spec.shape[0]
    remedy = (fix("set_parameter", "Use one group", node=call.node.id, name="groups", value=1),)
    for number, whose in ((incoming, f"that {sender} sends"), (outgoing, "that come out")):
        if isinstance(number, int) and number % groups:
            why = f"The {counted(number, 'channel')} {whose} cannot be shared out evenly."
            what = f"{call.node.label} cannot work in {groups} groups."
            return Objection("not-divisible", what, why, None, "groups", remedy)
    return None


def _normalisation_groups(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    groups = values.get("num_groups")
    if not isinstance(groups, int) or groups < 1 or not spec.shape or spec.shape[0] % groups == 0:
        return None
    wanted = _divisor_near(spec.shape[0], groups)
    remedy = (
        fix("set_parameter", f"Use {counted(wanted, 'group')}", node=call.node.id, name="num_groups", value=wanted),
    )
    why = f"{sender} sends {counted(spec.shape[0], 'channel')}, which cannot be shared out evenly."
    return Objection(
        "not-divisible", f"{call.node.label} cannot form {groups} groups.", why, None, "num_groups", remedy
    )


def _heads(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    name = next((n for n in ("num_heads", "nhead") if n in values), None)
    heads = values.get(name) if name else None
    if name is None or not isinstance(heads, int) or heads < 1 or not spec.shape or spec.shape[-1] % heads == 0:
        return None
    wanted = _divisor_near(spec.shape[-1], heads)
    remedy = (fix("set_parameter", f"Use {counted(wanted, 'head')}", node=call.node.id, name=name, value=wanted),)
    why = f"{sender} sends {counted(spec.shape[-1], 'feature')} per step, which cannot be shared out evenly."
    return Objection("not-divisible", f"{call.node.label} cannot use {heads} heads.", why, None, name, remedy)


def _pixel_shuffle(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    factor = values.get("upscale_factor")
    if not isinstance(factor, int) or factor < 1 or not spec.shape or spec.shape[0] % factor**2 == 0:
        return None
    why = f"{sender} sends {tensor(spec)}; the {counted(spec.shape[0], 'channel')} do not divide by {factor}×{factor}."
    return Objection("not-divisible", f"{call.node.label} cannot spread its channels.", why, None, "upscale_factor")


def _divisor_near(number: int, wanted: int) -> int:
    """The divisor of `number` that is closest to `wanted` (the smaller of two)."""
    divisors = [d for d in range(1, min(number, 4 * wanted) + 1) if number % d == 0]
    return min(divisors, key=lambda d: (abs(d - wanted), d))


# -- kernels ------------------------------------------------------------------------------------------------------
def _slides(spec: LayerSpec | None) -> bool:
    """Whether a kernel slides over the input (a transposed convolution spreads it instead)."""
    return spec is not None and spec.parameter("kernel_size") is not None and "Transpose" not in spec.kind


def _per_axis(value: Value, axes: int, default: int) -> list[int]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [value] * axes
    if isinstance(value, tuple) and len(value) == axes:
        return [v if isinstance(v, int) else default for v in value]
    return [default] * axes


def _kernel_axes(values: Mapping[str, Value], spec: TensorSpec) -> Iterator[tuple[int, int, int, int]]:
    """For each spatial axis: its size, kernel, padding on both sides together, and how far the kernel reaches."""
    axes = len(spec.shape) - 1
    kernels = _per_axis(values.get("kernel_size"), axes, 1)
    dilations = _per_axis(values.get("dilation"), axes, 1)
    paddings = _per_axis(values.get("padding"), axes, 0)
    for size, kernel, dilation, padding in zip(spec.shape[1:], kernels, dilations, paddings, strict=True):
        yield size, kernel, 2 * padding, dilation * (kernel - 1) + 1


def _kernel(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    if not _slides(call.spec) or len(spec.shape) < 2 or values.get("padding") == "same":
        return None
    rows = list(_kernel_axes(values, spec))
    if all(reach <= size + padding for size, _, padding, reach in rows):
        return None
    kernel, reach = sizes([k for _, k, _, _ in rows]), sizes([r for *_, r in rows])
    spread = f" (spread to {reach})" if reach != kernel else ""
    padded = any(p for _, _, p, _ in rows)
    room = f"{sizes([s + p for s, _, p, _ in rows])} with its padding" if padded else sizes([s for s, *_ in rows])
    why = f"Its kernel of {kernel}{spread} is larger than the {room} that {sender} sends."
    fitting = tuple(min(k, s + p) for s, k, p, _ in rows)
    fixes = ()
    if all(n > 0 for n in fitting) and kernel == reach:
        value: Value = fitting[0] if len(set(fitting)) == 1 else fitting
        fixes = (fix("set_parameter", f"Use {sizes(fitting)}", node=call.node.id, name="kernel_size", value=value),)
    what = f"{call.node.label} finds no room for its kernel."
    return Objection("kernel-too-large", what, why, call.inputs[0].name, "kernel_size", fixes)


def _transposed(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    """torch refuses it in a real pass only, not on the meta device."""
    if not call.layer.kind.startswith("ConvTranspose"):
        return None
    axes = len(spec.shape) - 1
    sides = [_per_axis(values.get(name), axes, least) for name, least in (("stride", 1), ("dilation", 1))]
    for extra, stride, dilation in zip(_per_axis(values.get("output_padding"), axes, 0), *sides, strict=True):
        if extra >= max(stride, dilation):
            why = f"It is {extra}, but has to be smaller than the stride ({stride}) or the dilation ({dilation})."
            remedy = fix("reset_parameter", "Reset Output padding", node=call.node.id, name="output_padding")
            what = f"{call.node.label} cannot use its Output padding."
            return Objection("bad-padding", what, why, None, "output_padding", (remedy,))
    return None


def _pool_padding(call: Call, values: Mapping[str, Value], spec: TensorSpec, sender: str) -> Objection | None:
    if "Pool" not in call.layer.kind or not _slides(call.spec) or len(spec.shape) < 2:
        return None
    for _, kernel, padding, _ in _kernel_axes(values, spec):
        if padding > kernel:
            why = f"A kernel of {kernel} may be padded by half of it, {kernel // 2}; the padding is {padding // 2}."
            value = kernel // 2
            remedy = (fix("set_parameter", f"Use {value}", node=call.node.id, name="padding", value=value),)
            return Objection("bad-padding", f"{call.node.label} is padded too much.", why, None, "padding", remedy)
    return None
