"""From a row and torch's own signature and docstring to a whole LayerSpec. Imports torch: run when the catalogue is
generated and in tests, never by the window.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from dataclasses import replace
from typing import Any, get_args, get_origin

import torch

from engine.catalog import ops
from engine.catalog.spec import LayerSpec, MethodSpec, ParameterSpec, ParameterType, PortSpec
from engine.catalog.table import COMMON, HIDDEN, ROWS, UNSET, Argument, Row
from engine.graph.model import Value

Empty = inspect.Parameter.empty


def layer_class(kind: str) -> type[torch.nn.Module]:
    """The class behind a kind: ours first, else torch's."""
    return getattr(ops, kind, None) or getattr(torch.nn, kind)


def layer_specs() -> tuple[LayerSpec, ...]:
    return tuple(_layer(row) for row in ROWS)


def _layer(row: Row) -> LayerSpec:
    cls = layer_class(row.kind)
    filled = {name for name, _ in row.fills}
    parameters = [
        _parameter(name, given, row, _document(cls), name in filled, _axes(row.kind))
        for name, given in _signature(cls, row).items()
    ]
    is_loss = row.family == "Loss"
    if is_loss:
        parameters.append(_LOSS_WEIGHT)
    document = _document(cls)
    return LayerSpec(
        kind=row.kind,
        family=row.family,
        title=row.kind,
        summary=row.summary,
        help=_first_sentence(document),
        parameters=tuple(parameters),
        inputs=tuple(_port(name, accepts) for name, accepts in zip(row.inputs, _accepts(row), strict=True)),
        outputs=tuple(_port(name, "any") for name in row.outputs),
        fills=row.fills,
        has_weights=_has_weights(cls, row),
        is_loss=is_loss,
        stochastic=row.stochastic,
        unrolls_time=row.unrolls_time,
        batch_axis=row.batch_axis,
    )


_LOSS_WEIGHT = ParameterSpec(
    "weight_in_sum",
    "float",
    "Weight",
    1.0,
    "How much this loss counts in the sum that is minimised.",
    minimum=0.0,
)


def _accepts(row: Row) -> tuple[Any, ...]:
    return row.accepts if len(row.accepts) == len(row.inputs) else row.accepts * len(row.inputs)


def _port(name: str, accepts: Any) -> PortSpec:
    plain = name.rstrip("*?")
    return PortSpec(plain, plain.capitalize(), accepts, variadic=name.endswith("*"), optional=name.endswith("?"))


def _signature(cls: type, row: Row) -> dict[str, inspect.Parameter]:
    """The arguments that a person may set or that follow from the shape, in torch's order."""
    found = {
        name: p
        for name, p in list(inspect.signature(cls.__init__).parameters.items())[1:]
        if name not in HIDDEN
        and not (name in row.hide)
        and p.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }
    for name in row.arguments:  # RNN, LSTM and GRU hide theirs behind *args
        if name not in found and name not in row.hide:
            found[name] = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
    return found


def _parameter(
    name: str, given: inspect.Parameter, row: Row, document: str, filled: bool, axes: int | None
) -> ParameterSpec:
    own, common = row.arguments.get(name, Argument()), COMMON.get(name, Argument())
    required = given.default is Empty and own.default == UNSET
    default = own.default
    if default == UNSET:
        default = _plain(given.default) if given.default is not Empty else common.default
    type_ = own.type or _type(given.annotation, default, own.choices)
    if filled and default == UNSET:
        default = 1
    if default == UNSET:
        raise TypeError(f"{row.kind}.{name} has no default: give it one in its row")
    choices = own.choices or _literals(given.annotation)
    if choices and type_ not in ("choice", "ints"):
        type_ = "choice"
    return ParameterSpec(
        name=name,
        type=type_,
        title=own.title or common.title or _title(name),
        default=default,
        help=_help(document, name),
        choices=choices,
        minimum=own.minimum if own.minimum is not None else _number(common.minimum, type_),
        maximum=own.maximum if own.maximum is not None else _number(common.maximum, type_),
        axes=own.axes or (axes or 1 if type_ == "ints" else 1),
        required=required,
        filled=filled,
        essential=name in row.essential,
    )


def _number(bound: float | None, type_: ParameterType) -> float | None:
    return None if type_ in ("bool", "choice", "text", "shape") else bound


def _plain(value: Any) -> Value:
    if isinstance(value, torch.Size | list | tuple):
        return tuple(_plain(v) for v in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a default of type {type(value).__name__} needs a row of its own")


def _type(annotation: Any, default: Value, choices: tuple[Value, ...]) -> ParameterType:
    """The editor that fits an annotation; the default decides where there is none."""
    if choices or _literals(annotation):
        return "choice"
    members = _members(annotation)
    tuples = [m for m in members if get_origin(m) in (tuple, list) or m in (tuple, list, torch.Size)]
    optional = type(None) in members
    if tuples:
        return "ints"
    if bool in members:
        return "bool"
    if float in members:
        return "optional_float" if optional else "float"
    if int in members:
        return "optional_int" if optional else "int"
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, float):
        return "float"
    if isinstance(default, int):
        return "int"
    if isinstance(default, str):
        return "text"
    return "optional_float"


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(m for part in get_args(annotation) for m in _members(part))
    return (annotation,)


def _literals(annotation: Any) -> tuple[Value, ...]:
    return tuple(v for m in _members(annotation) if get_origin(m) is typing.Literal for v in get_args(m))


def _axes(kind: str) -> int | None:
    found = re.search(r"([123])d$", kind)
    return int(found[1]) if found else None


def _title(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _document(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _tidy(text: str) -> str:
    """A docstring's markup taken away: ``x``, :math:`x`, :class:`~torch.nn.X`, **x**."""
    text = re.sub(r":\w+(?::\w+)?:`~?([^`]*)`", r"\1", text)
    text = re.sub(r"``?([^`]*)``?", r"\1", text).replace("**", "").replace("\\", "")
    return re.sub(r"\s+", " ", text).strip()


def _first_sentence(document: str) -> str:
    paragraph = next((p for p in document.split("\n\n") if p and not p.startswith((".. ", "__init__"))), "")
    text = _tidy(paragraph)
    return text if len(text) <= 400 else text[:397] + "…"


def _help(document: str, name: str) -> str:
    """What the docstring says of an argument."""
    pattern = rf"^\s*(?:\*?`*){re.escape(name)}(?:`*)\s*(?:\([^)\n]*\))?\s*:(.*?)(?=\n\s*`?\w+`?\s*(?:\([^)\n]*\))?\s*:|\n\s*\n|\Z)"
    found = re.search(pattern, document, re.DOTALL | re.MULTILINE)
    text = _tidy(found[1]) if found else ""
    return text if len(text) <= 300 else text[:297] + "…"


def _has_weights(cls: type, row: Row) -> bool:
    return row.family in ("Linear", "Convolution", "Recurrent", "Attention") and row.kind != "Identity" or row.kind in (
        "Embedding",
        "PReLU",
    ) or (row.family == "Normalisation" and row.kind not in ("LocalResponseNorm",) and "InstanceNorm" not in row.kind)


# -- optimisers and schedules -------------------------------------------------------
_NOT_OFFERED = {"Optimizer", "LBFGS", "SparseAdam", "Muon", "Adafactor"}  # closures, sparse gradients, odd arguments
_OPTIMIZER_HIDDEN = {"params", "foreach", "maximize", "capturable", "differentiable", "fused", "nesterov_"}

# What of a schedule follows from the run, and how often it steps.
_SCHEDULES: dict[str, tuple[str, dict[str, Argument]]] = {
    "OneCycleLR": ("step", {
        "max_lr": Argument(type="float", default=3e-3, minimum=0.0, title="Highest rate"),
        "anneal_strategy": Argument(type="choice", choices=("cos", "linear")),
        "pct_start": Argument(minimum=0.0, maximum=1.0),
        "div_factor": Argument(minimum=1.0),
        "final_div_factor": Argument(minimum=1.0),
    }),
    "CosineAnnealingLR": ("step", {"eta_min": Argument(type="float", default=0.0, minimum=0.0)}),
    "CosineAnnealingWarmRestarts": ("epoch", {
        "T_0": Argument(type="int", default=10, minimum=1),
        "T_mult": Argument(type="int", minimum=1),
        "eta_min": Argument(type="float", default=0.0, minimum=0.0),
    }),
    "LinearLR": ("step", {"start_factor": Argument(default=1.0, minimum=1e-9, maximum=1.0),
                          "end_factor": Argument(default=0.0, minimum=0.0, maximum=1.0)}),
    "PolynomialLR": ("step", {"power": Argument(type="float", default=1.0, minimum=0.0)}),
    "StepLR": ("epoch", {"step_size": Argument(type="int", default=3, minimum=1), "gamma": Argument(minimum=0.0)}),
    "MultiStepLR": ("epoch", {"milestones": Argument(type="shape", default=(5, 8)), "gamma": Argument(minimum=0.0)}),
    "ExponentialLR": ("epoch", {"gamma": Argument(type="float", default=0.9, minimum=0.0, maximum=1.0)}),
    "ConstantLR": ("epoch", {"factor": Argument(minimum=0.0, maximum=1.0), "total_iters": Argument(minimum=1)}),
}
_SCHEDULE_HIDDEN = {
    "optimizer", "last_epoch", "verbose", "total_steps", "epochs", "steps_per_epoch", "T_max", "cycle_momentum",
    "base_momentum", "max_momentum",
}


def optimizer_specs() -> tuple[MethodSpec, ...]:
    """Every optimiser of torch.optim that steps without a closure on dense gradients."""
    found = []
    for name, cls in sorted(vars(torch.optim).items()):
        if not (inspect.isclass(cls) and issubclass(cls, torch.optim.Optimizer)) or name in _NOT_OFFERED:
            continue
        document = _document(cls)
        parameters = tuple(
            _method_parameter(n, p, document, Argument(minimum=0.0))
            for n, p in inspect.signature(cls.__init__).parameters.items()
            if n not in ("self", *_OPTIMIZER_HIDDEN)
        )
        found.append(MethodSpec(name, _OPTIMIZERS.get(name, _first_sentence(document)), parameters))
    return tuple(found)


_OPTIMIZERS = {
    "Adam": "adapts each weight's rate; a good first choice",
    "AdamW": "Adam with weight decay that is independent of the rate",
    "SGD": "plain gradient descent, with momentum if you like",
    "RMSprop": "rates by the recent size of gradients",
    "Adagrad": "rates fall where gradients were large",
    "Adadelta": "rates from the ratio of recent steps and gradients",
    "Adamax": "Adam by the largest recent gradient",
    "NAdam": "Adam with Nesterov momentum",
    "RAdam": "Adam with a careful start",
    "ASGD": "gradient descent with an average of the weights",
    "Rprop": "signs of the gradient only; for whole-set batches",
}

_SCHEDULE_SUMMARIES = {
    "OneCycleLR": "up, then down to almost nothing, over all epochs",
    "CosineAnnealingLR": "down along a cosine over all epochs",
    "CosineAnnealingWarmRestarts": "down along a cosine, again and again",
    "LinearLR": "down (or up) along a line over all epochs",
    "PolynomialLR": "down along a power over all epochs",
    "StepLR": "times gamma every few epochs",
    "MultiStepLR": "times gamma at chosen epochs",
    "ExponentialLR": "times gamma each epoch",
    "ConstantLR": "times a factor for the first epochs",
}


def schedule_specs() -> tuple[MethodSpec, ...]:
    found = []
    for name, (per, arguments) in _SCHEDULES.items():
        cls = getattr(torch.optim.lr_scheduler, name)
        document = _document(cls)
        hidden = _SCHEDULE_HIDDEN if name == "ConstantLR" else _SCHEDULE_HIDDEN | {"total_iters"}
        parameters = tuple(
            _method_parameter(n, p, document, arguments.get(n, Argument()))
            for n, p in inspect.signature(cls.__init__).parameters.items()
            if n != "self" and n not in hidden
        )
        found.append(MethodSpec(name, _SCHEDULE_SUMMARIES[name], parameters, "step" if per == "step" else "epoch"))
    return tuple(found)


def _method_parameter(name: str, given: inspect.Parameter, document: str, own: Argument) -> ParameterSpec:
    default = own.default
    if default == UNSET:
        default = _default(given.default)
    tuples = isinstance(default, tuple)
    type_: ParameterType = own.type or ("shape" if tuples else _type(_simple(given.annotation), default, own.choices))
    if tuples and not all(isinstance(v, int) for v in typing.cast(tuple[Value, ...], default)):
        type_ = "floats"
    if type_ == "float" and isinstance(default, int):
        default = float(default)
    made = ParameterSpec(
        name, type_, _title(name) if name != "lr" else "Learning rate", default, _help(document, name), own.choices
    )
    bounded = type_ not in ("bool", "choice", "text", "shape")
    return replace(
        made,
        minimum=own.minimum if bounded else None,
        maximum=own.maximum if bounded else None,
        required=given.default is Empty,
        essential=name in ("lr", "momentum", "weight_decay", "max_lr"),
    )


def _default(value: Any) -> Value:
    return _plain(value.item() if isinstance(value, torch.Tensor) else value)


def _simple(annotation: Any) -> Any:
    """`float | Tensor` is a float to a person."""
    members = [m for m in _members(annotation) if m is not torch.Tensor]
    if len(members) == 1:
        return members[0]
    return typing.Union[tuple(members)] if members else annotation  # noqa: UP007 (built at run time)
