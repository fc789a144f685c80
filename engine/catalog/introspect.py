"""Specs out of rows and torch's own signatures and docstrings. Run by `generate`, never by the program itself."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

import torch

from engine.catalog import build, docstrings, methods, table
from engine.catalog.spec import LayerSpec, MethodSpec, ParameterSpec, ParameterType
from engine.catalog.table import Argument, Row
from engine.graph.model import Layer, Value

NOTHING = inspect.Parameter.empty
_TITLES = {"lr": "Learning rate", "bias": "Bias"}


def layers() -> dict[str, LayerSpec]:
    return {row.kind: _layer(row, family) for family, rows in table.TABLE.items() for row in rows}


def optimizers() -> dict[str, MethodSpec]:
    return {row.name: _method(row, getattr(torch.optim, row.name)) for row in methods.OPTIMIZERS}


def schedules() -> dict[str, MethodSpec]:
    return {row.name: _method(row, getattr(torch.optim.lr_scheduler, row.name)) for row in methods.SCHEDULES}


def _layer(row: Row, family: str) -> LayerSpec:
    kind = build.module_class(row.kind)
    filled = {name for name, _ in row.fills}
    hidden = table.HIDDEN | set(row.hidden) | set(row.fixed)
    parameters: list[ParameterSpec] = []
    for name, parameter in _signature(kind).items():
        argument = row.arguments.get(name, table.ARGUMENTS.get(name, Argument()))
        ours = name in row.arguments
        found = None if name in hidden else _parameter(name, parameter, argument, _axes(row.kind), ours)
        if found is not None:
            parameters.append(replace(found, filled=name in filled, essential=name in row.essentials))
    texts = docstrings.arguments(kind)
    parameters = [replace(p, help=p.help or texts.get(p.name, "")) for p in parameters]
    if "last_axes" in row.own:
        parameters.append(_LAST_AXES)
    if family == "Loss":
        parameters.append(_WEIGHT_IN_SUM)
    spec = LayerSpec(
        kind=row.kind,
        family=family,
        title=row.kind,
        summary=row.summary,
        help=docstrings.summary(kind),
        parameters=tuple(parameters),
        inputs=row.inputs,
        outputs=() if family == "Loss" else row.outputs,
        fills=row.fills,
        is_loss=family == "Loss",
        stochastic=row.stochastic,
        unrolls_time=row.unrolls_time,
        fills_from=row.fills_from,
        ranks=row.ranks,
    )
    return replace(spec, has_weights=_has_weights(spec))


_WEIGHT_IN_SUM = ParameterSpec(
    "weight_in_sum", "float", "Weight", 1.0, "What this loss counts for in the sum of all losses.", minimum=0.0
)
_LAST_AXES = ParameterSpec(
    "last_axes", "int", "Axes", 0, "How many of the last axes are normalised together; 0: all but the batch.",
    minimum=0.0, maximum=10.0,
)  # fmt: skip


def _method(row: methods.MethodRow, kind: type) -> MethodSpec:
    parameters: list[ParameterSpec] = []
    texts = docstrings.arguments(kind)
    for name, parameter in _signature(kind).items():
        argument = row.arguments.get(name, methods.ARGUMENTS.get(name, Argument()))
        if name in methods.HIDDEN or argument.type == "text":
            continue
        found = _parameter(name, parameter, argument, 1, name in row.arguments)
        if found is not None:
            essential, filled = name in row.essentials, name in row.filled
            help_text = found.help or texts.get(name, "")
            parameters.append(replace(found, essential=essential, filled=filled, help=help_text))
    return MethodSpec(row.name, row.summary, tuple(parameters), row.per)


def _has_weights(spec: LayerSpec) -> bool:
    """Whether there is anything to learn with the defaults (an own build with 8 of everything tells)."""
    fills: dict[str, Value] = {name: (8,) if name == "normalized_shape" else 8 for name, _ in spec.fills}
    module = build.build(spec, build.arguments(spec, Layer("", spec.kind), fills), device="meta")
    return any(True for _ in module.parameters())


# -- signatures ----------------------------------------------------------------------
def _signature(kind: type) -> Mapping[str, inspect.Parameter]:
    """The constructor's arguments. The recurrent layers hide theirs behind *args: their common base tells."""
    constructor: Callable[..., Any] = kind.__init__
    extra: list[inspect.Parameter] = []
    if issubclass(kind, torch.nn.RNNBase):
        constructor = torch.nn.RNNBase.__init__
        if issubclass(kind, torch.nn.RNN):
            ways = Literal["tanh", "relu"]
            extra = [inspect.Parameter("nonlinearity", inspect.Parameter.KEYWORD_ONLY, default="tanh", annotation=ways)]
    elif constructor is torch.nn.Module.__init__:
        return {}
    names = {**vars(collections.abc), **getattr(constructor, "__globals__", {})}  # some are imported for checkers only
    signature = inspect.signature(constructor, globals=names, eval_str=True)
    left_out = {"self", "mode"} if extra or issubclass(kind, torch.nn.RNNBase) else {"self"}
    return {p.name: p for p in (*signature.parameters.values(), *extra) if p.name not in left_out}


def _axes(kind: str) -> int:
    """How many spatial axes a class works on, by its name."""
    return int(kind[-2]) if kind[-2:] in ("1d", "2d", "3d") else 1


def _parameter(name: str, given: inspect.Parameter, argument: Argument, axes: int, ours: bool) -> ParameterSpec | None:
    """None for what no person can write down (tensors, functions). `ours` says that the row itself gives `argument`:
    then its default stands also where torch has one."""
    if given.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        return None
    required = given.default is NOTHING
    default: Any = None if required else given.default
    if argument.has_default and (ours or default is None or callable(default)):
        default = argument.default
    form = _form(given.annotation, default, axes, required)
    if form is None and argument.type is None:
        return None
    kind, choices, count = form or (argument.type or "text", (), 1)
    if argument.type is not None:
        kind, choices = argument.type, () if argument.type != "ints" else choices
    choices = argument.choices or choices
    if choices and kind == "text":
        kind = "choice"
    if kind == "float" and isinstance(default, int) and not isinstance(default, bool):
        default = float(default)
    if kind == "floats" and isinstance(default, tuple):
        default = tuple(float(number) for number in default)
    return ParameterSpec(
        name=name,
        type=kind,
        title=argument.title or _TITLES.get(name) or _title(name),
        default=default,
        help=argument.help,
        choices=choices,
        minimum=argument.minimum,
        maximum=argument.maximum,
        axes=argument.axes or count,
        required=required,
    )


def _title(name: str) -> str:
    """An argument's name as words; one that is a sign of a formula (T_max, t0) stays as it is written."""
    if name != name.lower() or (len(name) == 2 and name[-1].isdigit()):
        return name
    return name.replace("_", " ").capitalize()


Form = tuple[ParameterType, tuple[Value, ...], int]


def _form(annotation: Any, default: Any, axes: int, required: bool) -> Form | None:
    """The editor that an annotation asks for, the words it names, and how many numbers it has."""
    if annotation is NOTHING or annotation is Any:
        return _form_of_value(default)
    parts = list(_parts(annotation))
    literals = tuple(word for part in parts if typing.get_origin(part) is Literal for word in typing.get_args(part))
    optional = default is None and not required
    tuples = [typing.get_args(part) for part in parts if typing.get_origin(part) is tuple]
    if literals:
        return "choice", literals, 1
    if bool in parts:
        return ("choice", (None, False, True), 1) if type(None) in parts else ("bool", (), 1)
    if tuples and int in parts:
        words: tuple[Value, ...] = ("same", "valid") if str in parts else ()
        count = len(tuples[0]) if Ellipsis not in tuples[0] else axes
        return "ints", (*words, None) if optional else words, max(count, 1)
    if float in parts:
        return "optional_float" if type(None) in parts else "float", (), 1
    if tuples:
        inner = set(_parts(typing.Union[tuples[0]]))  # noqa: UP007
        if float in inner:
            return "floats", (), len(tuples[0])
        return ("shape", (), 1) if int in inner else None
    if int in parts:
        return "optional_int" if type(None) in parts else "int", (), 1
    return ("text", (), 1) if str in parts else None


def _form_of_value(default: Any) -> Form | None:
    for kind, form in ((bool, "bool"), (int, "int"), (float, "float"), (str, "text")):
        if isinstance(default, kind):
            return typing.cast(ParameterType, form), (), 1
    return ("optional_int", (), 1) if default is None else None


def _parts(annotation: Any) -> Iterable[Any]:
    """The members of a union, however nested; a tensor's place is taken by the numbers beside it."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation
