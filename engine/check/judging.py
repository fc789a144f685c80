"""Rules for losses: what a prediction and its target have to look like to be compared, and how many classes the last
layer needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.catalog.spec import PortSpec
from engine.check.objection import Objection
from engine.check.origin import Origin, Outputs, origin
from engine.check.parts import Call, Part, ends, fix
from engine.check.report import Fix, TensorSpec
from engine.check.words import counted, sizes, tensor
from engine.graph.frozen import Frozen
from engine.graph.model import Block, BlockId, NodeId, Value, Wire

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
    part: Part, call: Call, outputs: Outputs, classes: Mapping[NodeId, int], blocks: Frozen[BlockId, Block]
) -> Objection | None:
    """Whether a loss gets as many scores as its target has classes. `classes` is the number at each Target node."""
    demand = _demand(call, classes)
    if demand is None:
        return None
    scores, right, wanted = demand
    spec = outputs.get(((scores.source,), scores.source_port))
    if spec is None or not spec.shape or spec.shape[0] == wanted:
        return None
    sender, target = part.calls[scores.source].node.label, part.calls[right.source].node.label
    what = f"{call.node.label} needs one score for each class."
    why = f"{target} has {counted(wanted, 'class', 'classes')}; {sender} sends {counted(spec.shape[0], 'score')}."
    found = origin(part, scores, outputs, blocks)
    if found is not None and not _demanded_otherwise(part, found, wanted, outputs, classes, blocks):
        fixes: tuple[Fix, ...] = (found.setting(wanted),)
    else:
        fixes = _linear(scores, wanted) if len(spec.shape) == 1 else ()
    return Objection("class-count", what, why, call.inputs[0].name, None, fixes)


def _demand(call: Call, classes: Mapping[NodeId, int]) -> tuple[Wire, Wire, int] | None:
    """The wires of the scores and of the target of a loss, and how many classes there are."""
    wires = [call.wires.get(port, []) for port in (call.inputs[0].name, "target")] if call.is_loss else []
    if call.layer.kind not in BY_CLASS or any(len(w) != 1 for w in wires):
        return None
    scores, right = wires[0][0], wires[1][0]
    wanted = classes.get(right.source)
    return (scores, right, wanted) if wanted else None


def _demanded_otherwise(
    part: Part,
    found: Origin,
    wanted: int,
    outputs: Outputs,
    classes: Mapping[NodeId, int],
    blocks: Frozen[BlockId, Block],
) -> bool:
    """Whether another loss asks the same layer for another number: each then needs a layer of its own."""
    for call in part.calls.values():
        demand = _demand(call, classes)
        if demand is not None and demand[2] != wanted:
            other = origin(part, demand[0], outputs, blocks)
            if other is not None and other.layer == found.layer:
                return True
    return False


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


def _linear(wire: Wire, width: int, shape: tuple[int, ...] | None = None) -> tuple[Fix, ...]:
    """A Linear in the wire; where its result is to be no vector (a single number), then a Reshape too."""
    label = f"Insert Linear with {counted(width, 'output')}"
    reshaped: dict[str, Value] = {"shape": shape} if shape is not None and len(shape) != 1 else {}
    return (fix("insert_linear", label, out_features=width, **reshaped, **ends(wire)),)
