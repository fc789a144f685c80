"""From the names of a recipe to torch's optimiser, and to the learning rate of every step."""

from __future__ import annotations

import inspect
import math
import warnings
from typing import Any

import torch

from engine.errors import ParameterError, TrainingError
from engine.graph.recipe import Recipe
from engine.train import recipe as recipes

# What a schedule may drive besides the rate (OneCycleLR moves the momentum against it).
_DRIVEN = ("lr", "momentum", "betas")

# Arguments of schedules that say over how many of their steps they stretch.
_STRETCH = ("total_steps", "T_max", "total_iters")

Setting = dict[str, Any]


def build_optimizer(recipe: Recipe, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """The recipe's optimiser over `parameters`: fused where torch has that (a step of Adam takes half the time), else
    its foreach form. ParameterError where torch refuses the arguments."""
    if not parameters:
        raise TrainingError("This network has no weights: there is nothing to learn. Add a layer that has some.")
    return _built(recipe, parameters)


def _built(recipe: Recipe, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    name = recipes.optimizer_spec(recipe).name
    arguments = recipes.optimizer_arguments(recipe)
    kind = getattr(torch.optim, name)
    offered = inspect.signature(kind).parameters
    for way in ("fused", "foreach"):
        if way in offered:
            try:
                return kind(parameters, **arguments, **{way: True})
            except (RuntimeError, ValueError):  # not on this device, or not with these arguments; or these are unsound
                continue
    try:
        return kind(parameters, **arguments)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ParameterError(f"{name} does not take these values: {error}.") from error


class Rates:
    """The learning rate, and what else the schedule drives, as a function of the step's number alone (from 0).

    So a run that goes on needs no state of the schedule. torch's own class is stepped along an optimiser that drives
    nothing, as far as is needed; beyond the horizon the last setting holds. Consecutive steps with the same setting
    get the same object, so the loop can tell by identity that nothing changed.
    """

    def __init__(self, recipe: Recipe, steps_per_epoch: int):
        self._name = recipe.schedule.name if recipe.schedule else ""
        spec = recipes.schedule_spec(recipe)
        self._steps_per_row = steps_per_epoch if spec is None or spec.per == "epoch" else 1
        self._horizon = 1 if spec is None else recipe.epochs * steps_per_epoch // self._steps_per_row
        self._rows: list[Setting] = []
        self._optimizer = _built(recipe, [torch.nn.Parameter(torch.zeros(1))])
        self._schedule: Any = None
        if spec is not None:
            kind = getattr(torch.optim.lr_scheduler, spec.name)
            arguments = self._completed(kind, recipes.schedule_arguments(recipe))
            with self._told():
                self._schedule = kind(self._optimizer, **arguments)
                self._optimizer.step()  # has no gradients and does nothing; torch warns where it is not called first
        self._note()

    def _completed(self, kind: type, given: dict[str, Any]) -> dict[str, Any]:
        """What follows from the run: how far the schedule stretches, where a person cannot say so; its highest rate,
        where none is set, is the optimiser's; and no momentum is moved where there is none."""
        offered = inspect.signature(kind).parameters
        arguments = {n: self._horizon for n in _STRETCH if n in offered and n not in given} | given
        if "max_lr" in given and given["max_lr"] is None:
            arguments["max_lr"] = self._optimizer.defaults["lr"]
        if "cycle_momentum" in offered and not {"momentum", "betas"} & set(self._optimizer.defaults):
            arguments["cycle_momentum"] = False
        if (
            arguments.get("pct_start", 0.0) * self._horizon == 1
        ):  # torch divides by the rise's length in steps, less one
            arguments["pct_start"] *= 1 - 1e-9
        return arguments

    def at(self, step: int) -> Setting:
        """What holds in the step after `step` steps: ‘lr’, perhaps ‘momentum’ or ‘betas’."""
        row = min(step // self._steps_per_row, self._horizon - 1)
        while len(self._rows) <= row:
            with self._told():
                self._schedule.step()
            self._note()
        return self._rows[row]

    def _note(self) -> None:
        group = self._optimizer.param_groups[0]
        setting = {name: group[name] for name in _DRIVEN if name in group}
        rate = setting["lr"]
        if isinstance(rate, complex) or not math.isfinite(rate):
            raise ParameterError(f"{self._name} gives the learning rate {rate} at step {len(self._rows) + 1}.")
        self._rows.append(self._rows[-1] if self._rows and self._rows[-1] == setting else setting)

    def _told(self) -> _Told:
        return _Told(self._name)


class _Told:
    """Turns what torch raises about a schedule into a sentence, and keeps its warnings to itself."""

    def __init__(self, name: str):
        self._name = name

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._warnings.__exit__(None, None, None)
        if isinstance(error, ValueError | TypeError | ArithmeticError | RuntimeError):
            raise ParameterError(f"{self._name} does not take these values: {error}.") from error


def set_rates(optimizer: torch.optim.Optimizer, setting: Setting) -> None:
    """Let `setting` hold from now on."""
    for group in optimizer.param_groups:
        group.update(setting)
