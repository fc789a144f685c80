"""What a design as a whole needs before it can learn: layers, an input, a loss, targets that are not given away, and
data with the fields that its Input and Target nodes name. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.check.parts import Call, Part, Site, fix
from engine.check.report import Problem, TensorSpec
from engine.check.words import listed, sizes
from engine.data.sources import digits
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import nearest
from engine.graph.design import Design
from engine.graph.model import INPUT, OUTPUT, TARGET
from engine.graph.recipe import SUPERVISED

TOP = Site()
BY_CLASS = "CrossEntropyLoss"


def problems_of(part: Part, design: Design, data: DataSpec | None) -> Iterator[Problem]:
    """Problems of the design as a whole, and of its Input and Target nodes."""
    supervised = design.recipe.kind == SUPERVISED
    calls = part.calls.values()
    if not calls:
        what, why = "The canvas is empty.", "Training needs at least an input, a layer that learns, and a loss."
        yield Problem("empty", "error", what, why, fixes=(fix("add_input", "Add an input"),))
        return
    if not any(c.layer.kind == INPUT for c in calls):
        why = "Samples enter a design through an Input node, and there is none."
        yield Problem("no-input", "error", "The design has no input.", why, fixes=(fix("add_input", "Add an input"),))
    if supervised and not any(c.is_loss for c in calls):
        why = "Training lowers a loss, a number that says how wrong a prediction is; no node gives one."
        remedy = fix("add_loss", "Add the loss", loss=_loss_for(data))
        yield Problem("no-loss", "error", "The design has no loss.", why, fixes=(remedy,))
    elif supervised:
        yield from _given_away(part)
    if data is None and not design.data.source:
        why = "Training needs samples to learn from; choose the built-in digits or a folder."
        remedy = fix("choose_data", f"Use the built-in {digits.NAME}", source=digits.NAME)
        yield Problem("no-data", "warning", "No data are chosen.", why, fixes=(remedy,))
    for call in calls:
        if call.layer.kind in (INPUT, TARGET):
            yield from _field(call, design, data)


def unusable(sentence: str) -> Problem:
    """Data that cannot be trained on, and why: they cannot be read, or not be split so."""
    return Problem("data", "error", "The data cannot be used.", sentence)


def causes(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems of a design that is to be trained now: without data it cannot be, and that its inputs have no shape then
    only follows from it."""
    found = tuple(problems)
    if not any(p.code in ("no-data", "data-missing", "data") for p in found):
        return found
    kept = [p for p in found if p.code != "input-unknown"]
    return tuple(replace(p, severity="error") if p.code == "no-data" else p for p in kept)


def _loss_for(data: DataSpec | None) -> str:
    """The loss that suits the first target: cross-entropy for classes, squared error for numbers."""
    field = data.field("", target=True) if data else None
    return "MSELoss" if field is not None and field.kind != "class" and field.dtype.startswith("float") else BY_CLASS


def _given_away(part: Part) -> Iterator[Problem]:
    """A target that reaches a prediction: the network would be handed the answer."""
    for call in part.calls.values():
        if call.layer.kind != TARGET:
            continue
        reached, waiting = {call.node.id}, [call.node.id]
        while waiting:
            for wire in part.topology.out[waiting.pop()]:
                receiver = part.calls[wire.target]
                is_target_port = receiver.is_loss and wire.target_port == "target"
                if wire.target in reached or is_target_port:
                    continue
                if receiver.is_loss or receiver.layer.kind == OUTPUT:
                    what = f"{call.node.label} gives the answer away to {receiver.node.label}."
                    why = "A target may only be compared with a prediction; here it is part of the prediction itself."
                    yield TOP.problem("target-as-input", "error", call, what, why)
                    waiting.clear()
                    break
                reached.add(wire.target)
                waiting.append(wire.target)


# -- fields of the data -------------------------------------------------------------------------------------------
def chosen_field(call: Call, data: DataSpec | None) -> FieldSpec | None:
    """The field of the data that an Input or Target node stands for."""
    name = call.settings.values.get("field", "")
    return data.field(str(name or ""), target=call.layer.kind == TARGET) if data else None


def tensor_of(call: Call, data: DataSpec | None) -> TensorSpec | None:
    """What an Input or Target at the top gives, or None where it is not known."""
    field = chosen_field(call, data)
    if field is not None:
        return TensorSpec(field.shape, field.dtype, below=field.below or len(field.classes))
    shape = call.settings.values.get("shape")
    if data is None and call.layer.kind == INPUT and isinstance(shape, tuple) and shape:
        return TensorSpec(tuple(int(n) for n in shape if isinstance(n, int)))
    return None


def _field(call: Call, design: Design, data: DataSpec | None) -> Iterator[Problem]:
    label, target = call.node.label, call.layer.kind == TARGET
    shape = call.settings.values.get("shape")
    if data is None:
        if not target and not shape:
            reason = "no data are chosen" if not design.data.source else f"the data ‘{design.data.source}’ are not open"
            why = f"It takes its shape from the data, but {reason}. Choose data, or give {label} a shape."
            yield TOP.problem("input-unknown", "error", call, f"{label} has no shape.", why, parameter="shape")
        return
    field = chosen_field(call, data)
    known = data.targets if target else data.inputs
    if field is None:
        yield _unknown_field(call, data, [f.name for f in known])
    elif not target and isinstance(shape, tuple) and shape and shape != field.shape:
        given = sizes([n for n in shape if isinstance(n, int)])
        what = f"{label} does not fit the data."
        why = f"It is set to {given}; {field.name} of {data.title} is {sizes(field.shape) or 'a single number'}."
        remedy = fix("reset_parameter", "Take the shape from the data", node=call.node.id, name="shape")
        yield TOP.problem("input-shape", "error", call, what, why, parameter="shape", fixes=(remedy,))


def _unknown_field(call: Call, data: DataSpec, known: list[str]) -> Problem:
    name = str(call.settings.values.get("field", "") or "")
    role = "target" if call.layer.kind == TARGET else "input"
    if not name:
        why = f"{data.title} has no field that can be {'a target' if role == 'target' else 'an input'}."
        return TOP.problem("unknown-field", "error", call, f"{call.node.label} finds nothing in the data.", why)
    why = f"{data.title} has no {role} field ‘{name}’; it has {listed(known) or 'none'}."
    wanted = nearest(name, known) or (known[0] if known else None)
    fixes = ()
    if wanted is not None:
        fixes = (fix("set_parameter", f"Use {wanted}", node=call.node.id, name="field", value=wanted),)
    what = f"{call.node.label} names a field that the data do not have."
    return TOP.problem("unknown-field", "error", call, what, why, parameter="field", fixes=fixes)
