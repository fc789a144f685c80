"""What each layer expects of the tensors that arrive, as rules in words. They speak before PyTorch does, which
would take a batch of vectors for one image, or say ‘mat1 and mat2 shapes cannot be multiplied’.

No torch here, so that the canvas may ask while a wire is being dragged. What no rule covers, PyTorch decides on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.catalog.spec import LayerSpec, PortSpec
from engine.check import arithmetic, judging
from engine.check.objection import Objection
from engine.check.parts import Call, ends, fix
from engine.check.report import Fix, TensorSpec
from engine.check.words import listed, sizes, tensor
from engine.graph.frozen import Frozen
from engine.graph.model import Value, Wire
from engine.numbers import thousands

VECTOR, SEQUENCE = "one vector per sample", "a sequence of vectors (time × features)"
_SPATIAL = {
    1: "one signal per sample (channels × length)",
    2: "one image per sample (channels × height × width)",
    3: "one volume per sample (channels × depth × height × width)",
}
# What a number of axes (without the batch) is called, and the kinds whose rows leave it open although torch would not
# do what a person means: Linear takes an image for rows of pixels.
_WORDS = {1: VECTOR, 2: _SPATIAL[1], 3: _SPATIAL[2], 4: _SPATIAL[3]}
_SEQUENTIAL = ("Recurrent", "Attention")
_OWN_RANKS = {"Linear": (1, 2), "Bilinear": (1, 2)}
_AT_LEAST_ONE = frozenset({"GroupNorm", "LayerNorm", "RMSNorm", "PReLU"})
_UPSAMPLE = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_MERGES = ("Add", "Multiply")
_REARRANGES = frozenset({"Flatten", "Unflatten", "Reshape", "Permute", "Identity", "Concat"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """One tensor at one port: from where, by which wire."""

    port: PortSpec
    wire: Wire
    sender: str
    spec: TensorSpec


def objection(call: Call, values: Mapping[str, Value], arrivals: Sequence[Arrival]) -> Objection | None:
    """The first thing that is wrong with what arrives at a catalogue layer, or None. `values` are its parameters with
    those that the incoming shape fills."""
    spec = call.spec
    assert spec is not None
    for arrival in arrivals:
        found = _dtype(call, arrival) or _whole_batch(call, arrival)
        if found is not None:
            return found
    if spec.is_loss:
        return judging.objection(call, values, [(a.port, a.wire, a.sender, a.spec) for a in arrivals])
    for arrival in arrivals:
        found = _rank(call, values, arrival) or _rows(call, values, arrival)
        if found is not None:
            return found
    if call.layer.kind in _MERGES:
        return _merge(call, arrivals)
    if call.layer.kind == "Concat":
        return _concat(call, values, arrivals)
    if not arrivals:
        return None
    if len(arrivals) > 1:
        slid = next(
            (a for a in arrivals if a.port.name == "pooled"), arrivals[0]
        )  # what a MaxUnpool's kernel slides over
        return _together(call, arrivals) or arithmetic.objection(call, values, slid.spec, slid.sender)
    first = arrivals[0]
    return _batch_axis(call, values, first) or arithmetic.objection(call, values, first.spec, first.sender)


def fills_of(call: Call, arrivals: Sequence[Arrival]) -> Frozen[str, Value]:
    """The arguments that follow from what arrives. Axes count the batch; `normalized_shape` takes all from its axis."""
    filled: dict[str, Value] = {}
    for name, axis in call.spec.fills if call.spec else ():
        port = call.spec.port_that_fills(name) if call.spec else ""
        arrival = next((a for a in arrivals if a.port.name == port), None)
        if arrival is None:
            continue
        full = (0, *arrival.spec.shape)
        if name == "normalized_shape":
            filled[name] = full[axis:]
        elif -len(full) < axis < len(full):  # never the batch itself
            filled[name] = full[axis]
    return Frozen(filled)


# -- one tensor ---------------------------------------------------------------------------------------------------
def _dtype(call: Call, arrival: Arrival) -> Objection | None:
    floating = arrival.spec.dtype.startswith(("float", "bfloat"))
    wanted = arrival.port.accepts
    if wanted == "any" or (wanted == "float") == floating:
        return None
    fixes: tuple[Fix, ...] = ()
    if wanted == "index":
        needs = "whole numbers that stand for classes or tokens"
    else:
        needs = "floating-point numbers"
        if call.is_loss and arrival.port.name == "target" and call.layer.kind != "CrossEntropyLoss":
            fixes = (fix("change_kind", "Use CrossEntropyLoss instead", node=call.node.id, to="CrossEntropyLoss"),)
        elif not call.is_loss:
            fixes = (fix("insert_embedding", "Insert Embedding", **ends(arrival.wire)),)
    if call.is_loss and arrival.port.name == "target" and wanted == "index":
        fixes = (fix("change_kind", "Use MSELoss instead", node=call.node.id, to="MSELoss"),)
    why = f"{call.title} needs {needs} here; {arrival.sender} sends {tensor(arrival.spec)}"
    why += "." if arrival.spec.dtype.startswith("int") else f" ({arrival.spec.dtype})."
    return Objection("wrong-dtype", refusal(call, arrival.port), why, arrival.port.name, None, fixes)


def _whole_batch(call: Call, arrival: Arrival) -> Objection | None:
    """Results such as a mean loss, or a tensor whose batch does not stand first, cannot go on through a layer."""
    axis = arrival.spec.batch_axis
    if axis == 0:
        return None
    sends = tensor(arrival.spec) if axis is None else f"a tensor with the batch on axis {axis}"
    why = f"{call.title} needs one tensor per sample; {arrival.sender} sends {sends}."
    return Objection("no-batch", refusal(call, arrival.port), why, arrival.port.name)


def _rows(call: Call, values: Mapping[str, Value], arrival: Arrival) -> Objection | None:
    """A table with too few rows for the indices of the data: torch would refuse the first sample that has a larger one,
    in the midst of training."""
    rows, below = values.get("num_embeddings"), arrival.spec.below
    if not isinstance(rows, int) or rows >= below:
        return None
    row = call.spec.parameter("num_embeddings") if call.spec else None
    title = row.title if row is not None else "num_embeddings"
    why = f"{arrival.sender} sends indices up to {thousands(below - 1)}; with {title} {thousands(rows)} there are rows "
    why += f"for those up to {thousands(rows - 1)}."
    remedy = fix(
        "set_parameter", f"Set {title} to {thousands(below)}", node=call.node.id, name="num_embeddings", value=below
    )
    what = f"{call.node.label} has too few rows for what arrives."
    return Objection("too-few-rows", what, why, arrival.port.name, "num_embeddings", (remedy,))


def passed_on(call: Call, outgoing: TensorSpec, arrivals: Sequence[Arrival]) -> TensorSpec:
    """The result, with the bound of its whole numbers where the layer only puts them into another order."""
    if call.layer.kind not in _REARRANGES or any(not a.spec.below for a in arrivals):
        return outgoing
    return replace(outgoing, below=max((a.spec.below for a in arrivals), default=0))


def alone(call: Call, values: Mapping[str, Value], arrivals: Sequence[Arrival], batch: int | None) -> Objection | None:
    """Normalisation over a single value: that of a channel where a step takes a single sample, or of a group. (A single
    sample left over at the end of an epoch is not trained on: see engine.train.batches.)"""
    if batch != 1 or not call.layer.kind.startswith(("BatchNorm", "GroupNorm")) or not arrivals:
        return None
    spec, groups = arrivals[0].spec, values.get("num_groups")
    channels = spec.shape[0] // groups if isinstance(groups, int) and groups > 0 else 1
    if channels * math.prod(spec.shape[1:]) != 1:
        return None
    why = f"It compares the values of a {'group' if groups else 'channel'} with each other, but "
    why += f"{arrivals[0].sender} sends {tensor(spec)} and a batch is one sample: there is only one value. "
    why += "Train on batches of 2 samples or more."
    remedy = fix("set_recipe", "Use batch 64", part="", name="batch_size", value=64)
    return Objection("batch-of-one", f"{call.node.label} cannot learn from one sample.", why, "input", None, (remedy,))


def axes_wanted(spec: LayerSpec, values: Mapping[str, Value]) -> tuple[tuple[int, ...], str] | None:
    """How many axes (without the batch) a layer takes, and what that is in words; None where any number will do."""
    if spec.kind == "Upsample":
        spatial = _UPSAMPLE.get(str(values.get("mode", "")))
        return ((spatial + 1,), _SPATIAL[spatial]) if spatial else (spec.ranks, "channels and at least one more axis")
    ranks = spec.ranks or _OWN_RANKS.get(spec.kind)
    if ranks is None or len(ranks) == 0:
        return ((1, 2, 3, 4, 5, 6), "at least one number per sample") if spec.kind in _AT_LEAST_ONE else None
    if spec.family in _SEQUENTIAL:
        return ranks, SEQUENCE
    if len(ranks) > 2:
        return ranks, "channels and at least one more axis"
    return ranks, "one vector or signal per sample" if ranks == (1, 2) and spec.ranks else _WORDS[ranks[0]]


def _rank(call: Call, values: Mapping[str, Value], arrival: Arrival) -> Objection | None:
    wanted = axes_wanted(call.spec, values) if call.spec else None
    if wanted is None or len(arrival.spec.shape) in wanted[0]:
        return None
    why = f"{call.title} needs {wanted[1]}; {arrival.sender} sends {tensor(arrival.spec)}."
    fixes = _reshapes(call, wanted[0], arrival)
    return Objection("shape-mismatch", refusal(call, arrival.port), why, arrival.port.name, None, fixes)


def _reshapes(call: Call, wanted: tuple[int, ...], arrival: Arrival) -> tuple[Fix, ...]:
    """Ways to bring a tensor to a number of axes, without changing how many numbers it holds."""
    shape, where = arrival.spec.shape, ends(arrival.wire)
    if 1 in wanted and len(shape) > 1 and arrival.spec.dtype.startswith("float"):
        return (fix("insert_flatten", "Insert Flatten", **where),)
    total = math.prod(shape)
    target: tuple[int, ...] | None = None
    if wanted == (3,) and len(shape) == 1:
        side = math.isqrt(total)
        target = (1, side, side) if side * side == total else (total, 1, 1)
    elif wanted == (3,) and len(shape) == 2:
        target = (1, *shape)
    elif wanted == (2,) and len(shape) == 1:
        target = (total, 1) if call.spec and call.spec.family == "Recurrent" else (1, total)
    elif wanted == (2,) and len(shape) == 3:
        target = shape[1:] if shape[0] == 1 else (shape[0], shape[1] * shape[2])
    if target is None:
        return ()
    return (fix("insert_reshape", f"Insert Reshape to {sizes(target)}", shape=target, **where),)


def _batch_axis(call: Call, values: Mapping[str, Value], arrival: Arrival) -> Objection | None:
    """Arguments that would mix the samples of a batch with each other."""
    rank = len(arrival.spec.shape) + 1
    for name, safe in (("dim", 1), ("start_dim", 1)):
        value = values.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            continue
        remedy = (fix("set_parameter", f"Set {name} to {safe}", node=call.node.id, name=name, value=safe),)
        if rank == 1:  # a single number per sample has no axis of its own
            flat = call.layer.kind == "Flatten"
            remedy = (fix("remove_keeping_wire", f"Remove {call.node.label}", node=call.node.id),) if flat else ()
        if not -rank <= value < rank:
            why = (
                f"{name} is {value}, but {tensor(arrival.spec)} with its batch axis has {rank} axes (0 to {rank - 1})."
            )
            return Objection("bad-axis", f"{call.node.label} has no such axis.", why, None, name, remedy)
        if value % rank == 0:
            why = f"{name} is {value}, the axis of the batch; axes of a sample are counted from 1."
            return Objection("batch-mixed", f"{call.node.label} mixes the samples.", why, None, name, remedy)
    return None


# -- several tensors ----------------------------------------------------------------------------------------------
def _merge(call: Call, arrivals: Sequence[Arrival]) -> Objection | None:
    shapes = [a.spec.shape for a in arrivals]
    same_rank = len({len(s) for s in shapes}) <= 1
    if same_rank and all(len({n for n in axis if n != 1}) <= 1 for axis in zip(*shapes, strict=True)):
        return None
    verb = "adds" if call.layer.kind == "Add" else "multiplies"
    sent = listed(f"{a.sender} sends {tensor(a.spec)}" for a in arrivals)
    why = f"{call.title} {verb} tensors of one shape; {sent}."
    return Objection("shape-mismatch", f"{call.node.label} cannot join its inputs.", why, arrivals[-1].port.name)


def _concat(call: Call, values: Mapping[str, Value], arrivals: Sequence[Arrival]) -> Objection | None:
    found = _batch_axis(call, values, arrivals[0]) if arrivals else None
    if found is not None or not arrivals:
        return found
    dim = values.get("dim", 1)
    rank = len(arrivals[0].spec.shape)
    axis = (dim if isinstance(dim, int) else 1) % (rank + 1) - 1
    rest = {(*a.spec.shape[:axis], *a.spec.shape[axis + 1 :]) for a in arrivals if len(a.spec.shape) == rank}
    if len(rest) == 1 and all(len(a.spec.shape) == rank for a in arrivals):
        return None
    sent = listed(f"{a.sender} sends {tensor(a.spec)}" for a in arrivals)
    why = f"All axes but axis {axis + 1}, along which they are joined, have to be equal; {sent}."
    return Objection("shape-mismatch", f"{call.node.label} cannot join its inputs.", why, arrivals[-1].port.name)


def _together(call: Call, arrivals: Sequence[Arrival]) -> Objection | None:
    """Inputs on different ports that have to agree in all axes but the last."""
    by_port = {a.port.name: a for a in arrivals}
    if call.layer.kind == "Bilinear":
        one, other, words = by_port.get("input1"), by_port.get("input2"), "Both inputs"
    elif call.layer.kind == "MultiheadAttention":
        one, other = by_port.get("key", by_port.get("query")), by_port.get("value")
        words = "Keys and values" if "key" in by_port else "Queries and values"
    else:
        return None
    if one is None or other is None or one.spec.shape[:-1] == other.spec.shape[:-1]:
        return None
    sent = f"{one.sender} sends {tensor(one.spec)} and {other.sender} sends {tensor(other.spec)}"
    why = f"{words} need the same length; {sent}."
    return Objection("shape-mismatch", f"{call.node.label} cannot join its inputs.", why, other.port.name)


def refusal(call: Call, port: PortSpec) -> str:
    where = "its input" if len(call.inputs) == 1 else f"its input ‘{port.title}’"
    if call.is_loss and port.name == "target":
        where = "its target"
    return f"{call.node.label} cannot accept {where}."
