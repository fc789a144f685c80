"""Rules for losses: what a prediction and its target have to look like to be compared, and how many classes the last
layer needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.catalog.spec import PortSpec
from engine.check.objection import Objection
from engine.check.parts import Call, Part, ends, fix
from engine.check.report import Fix, TensorSpec
from engine.check.words import counted, sizes, tensor
from engine.graph.model import BLOCK, TARGET, NodeId, Value, Wire

# Losses that compare scores of classes with a class index; all others compare number by number.
BY_CLASS = frozenset({"CrossEntropyLoss", "NLLLoss", "MultiMarginLoss"})
_BY_NUMBER = frozenset(
    {
        "MSELoss",
        "L1Loss",
        "SmoothL1Loss",
        "HuberLoss",
        "BCELoss",
        "BCEWithLogitsLoss",
        "KLDivLoss",
        "PoissonNLLLoss",
        "SoftMarginLoss",
        "MultiLabelSoftMarginLoss",
        "MultiLabelMarginLoss",
        "HingeEmbeddingLoss",
    }
)
_WIDTHS = ("out_features", "out_channels")

Arrived = tuple[PortSpec, Wire, str, TensorSpec]  # port, wire, label of the sender, tensor


def objection(call: Call, values: Mapping[str, Value], arrivals: Sequence[Arrived]) -> Objection | None:
    """What keeps a loss from comparing its prediction with its target."""
    if len(arrivals) < 2 or arrivals[1][0].name != "target":
        return None
    (_, wire, sender, prediction), (_, _, right, target) = arrivals[:2]
    if call.layer.kind in BY_CLASS:
        return _by_class(call, wire, sender, prediction, right, target)
    if call.layer.kind in _BY_NUMBER and prediction.shape != target.shape:
        why = f"{call.title} compares number by number; {sender} sends {tensor(prediction)}, {right} {tensor(target)}."
        fixes: tuple[Fix, ...] = ()
        if math.prod(prediction.shape) == math.prod(target.shape):
            to = sizes(target.shape) if target.shape else "single numbers"
            fixes = (fix("insert_reshape", f"Insert Reshape to {to}", shape=target.shape, **ends(wire)),)
        elif len(target.shape) <= 1 and len(prediction.shape) == 1:
            fixes = _linear(wire, math.prod(target.shape), target.shape)
        what = f"{call.node.label} cannot compare its inputs."
        return Objection("shape-mismatch", what, why, arrivals[0][0].name, None, fixes)
    return None


def _by_class(
    call: Call, wire: Wire, sender: str, prediction: TensorSpec, right: str, target: TensorSpec
) -> Objection | None:
    what = f"{call.node.label} cannot compare its inputs."
    sent = f"{sender} sends {tensor(prediction)}, {right} {tensor(target)}"
    port = call.inputs[0].name
    if not prediction.shape:
        why = f"{call.title} needs one score per class; {sender} sends {tensor(prediction)}."
        return Objection("shape-mismatch", what, why, port)
    if target.dtype.startswith("int") and prediction.shape[1:] != target.shape:
        if not target.shape:
            why = f"{call.title} needs one vector of scores per sample; {sender} sends {tensor(prediction)}."
            return Objection(
                "shape-mismatch", what, why, port, None, (fix("insert_flatten", "Insert Flatten", **ends(wire)),)
            )
        why = f"Behind the axis of classes both have to be equal; {sent}."
        return Objection("shape-mismatch", what, why, port)
    if not target.dtype.startswith("int") and prediction.shape != target.shape:
        why = f"Shares of classes need the shape of the scores; {sent}."
        return Objection("shape-mismatch", what, why, port)
    return None


# -- how many classes ---------------------------------------------------------------------------------------------
def class_count(
    part: Part, call: Call, outputs: Mapping[tuple[NodeId, str], TensorSpec], classes: Mapping[NodeId, int]
) -> Objection | None:
    """Whether a loss gets as many scores as its target has classes. `classes` is the number at each Target node."""
    if call.layer.kind not in BY_CLASS:
        return None
    wires = [call.wires.get(port, []) for port in (call.inputs[0].name, "target")]
    if any(len(w) != 1 for w in wires):
        return None
    scores, right = wires[0][0], wires[1][0]
    wanted = classes.get(right.source)
    spec = outputs.get((scores.source, scores.source_port))
    if not wanted or spec is None or not spec.shape or spec.shape[0] == wanted:
        return None
    sender, target = part.calls[scores.source].node.label, part.calls[right.source].node.label
    what = f"{call.node.label} needs one score for each class."
    why = f"{target} has {counted(wanted, 'class', 'classes')}; {sender} sends {counted(spec.shape[0], 'score')}."
    determining = _determining(part, scores, outputs)
    fixes = _linear(scores, wanted) if len(spec.shape) == 1 else ()
    if determining is not None:
        layer, name = determining
        label = f"Set {layer.node.label} to {counted(wanted, 'output')}"
        fixes = (fix("set_parameter", label, node=layer.node.id, name=name, value=wanted),)
    return Objection("class-count", what, why, call.inputs[0].name, None, fixes)


def _determining(part: Part, wire: Wire, outputs: Mapping[tuple[NodeId, str], TensorSpec]) -> tuple[Call, str] | None:
    """The layer, and its parameter, that says how many scores arrive: back through layers that keep their number."""
    seen: set[NodeId] = set()
    while wire.source not in seen:
        seen.add(wire.source)
        call = part.calls[wire.source]
        if call.layer.kind == BLOCK or call.spec is None:
            return None
        for name in _WIDTHS:
            if call.spec.parameter(name) is not None:
                return call, name
        entering = [w for wires in call.wires.values() for w in wires]
        if len(entering) != 1:
            return None
        before = outputs.get((entering[0].source, entering[0].source_port))
        after = outputs.get((wire.source, wire.source_port))
        if before is None or after is None or not before.shape or before.shape[0] != after.shape[0]:
            return None
        wire = entering[0]
    return None


def softmax_before(part: Part, call: Call) -> Objection | None:
    """A softmax in front of a loss that takes one itself: it learns, but slowly."""
    if call.layer.kind != "CrossEntropyLoss" or len(call.wires.get(call.inputs[0].name, [])) != 1:
        return None
    wire = call.wires[call.inputs[0].name][0]
    sender = part.calls[wire.source]
    if sender.layer.kind not in ("Softmax", "LogSoftmax"):
        return None
    what = f"{call.node.label} gets scores that are normalised already."
    why = f"{call.title} takes the softmax itself; behind {sender.node.label} its gradients become small."
    remedy = fix("remove_keeping_wire", f"Remove {sender.node.label}", node=sender.node.id)
    return Objection("softmax-twice", what, why, call.inputs[0].name, None, (remedy,), "warning")


def target_classes(part: Part, counts: Mapping[NodeId, int]) -> dict[NodeId, int]:
    return {n: counts[n] for n, call in part.calls.items() if call.layer.kind == TARGET and counts.get(n)}


def _linear(wire: Wire, width: int, shape: tuple[int, ...] | None = None) -> tuple[Fix, ...]:
    """A Linear in the wire; where its result is to be no vector (a single number), then a Reshape too."""
    label = f"Insert Linear with {counted(width, 'output')}"
    reshaped: dict[str, Value] = {"shape": shape} if shape is not None and len(shape) != 1 else {}
    return (fix("insert_linear", label, out_features=width, **reshaped, **ends(wire)),)
