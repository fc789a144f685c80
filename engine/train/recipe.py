"""What a recipe means: which optimiser and schedule its names stand for, whether their arguments are sound, and in
words. Names and arguments come from the catalogue, which has them from torch's signatures. No torch here."""

from __future__ import annotations

from typing import TypeGuard

from engine.catalog import catalog
from engine.catalog.spec import MethodSpec
from engine.check.report import Fix, Problem
from engine.data.spec import DataSpec
from engine.errors import StrataError, UnknownName
from engine.graph.frozen import Frozen
from engine.graph.model import Value
from engine.graph.recipe import HIGHEST_SEED, SUPERVISED, Named, Recipe
from engine.numbers import thousands

PRECISIONS = ("float32",)
LARGEST_BATCH = 1_000_000
MOST_EPOCHS = 1_000_000
HIGHEST_RATE, HIGHEST_DECAY = 10.0, 10.0  # above these nothing sensible is learned, whatever the optimiser
USUAL_MOMENTUM = 0.9
_USUAL = Recipe()


def optimizer_spec(recipe: Recipe) -> MethodSpec:
    """The optimiser's row; UnknownName with the nearest where there is none of that name."""
    return _spec("optimiser", recipe.optimizer.name, catalog.load().optimizers)


def schedule_spec(recipe: Recipe) -> MethodSpec | None:
    """The schedule's row, or None for a constant rate."""
    if recipe.schedule is None:
        return None
    return _spec("learning-rate schedule", recipe.schedule.name, catalog.load().schedules)


def optimizer_arguments(recipe: Recipe) -> dict[str, Value]:
    """What the optimiser's class is called with, besides the parameters it drives; ParameterError where unsound."""
    return _arguments(optimizer_spec(recipe), recipe.optimizer)


def schedule_arguments(recipe: Recipe) -> dict[str, Value]:
    """What the schedule's class is called with, besides the optimiser and what follows from the run's length."""
    spec = schedule_spec(recipe)
    return {} if spec is None or recipe.schedule is None else _arguments(spec, recipe.schedule)


def problems(recipe: Recipe, data: DataSpec | None = None) -> tuple[Problem, ...]:
    """What keeps this recipe from being followed, and what is odd about it."""
    found = [*_method_problems(recipe), *_number_problems(recipe)]
    if recipe.kind != SUPERVISED:
        what = f"There is no kind of learning called ‘{recipe.kind}’."
        found.append(_error("recipe-kind", what, "Known: supervised.", "kind", _use("", "kind", SUPERVISED)))
    if recipe.precision not in PRECISIONS:
        what, why = f"There is no precision called ‘{recipe.precision}’.", f"Known: {', '.join(PRECISIONS)}."
        use = _use("", "precision", PRECISIONS[0])
        found.append(_error("recipe-precision", what, why, "precision", use))
    if not found:
        found += [*_refused_together(recipe), *_absurd(recipe)]
    if data is not None and not any(p.severity == "error" for p in found) and recipe.batch_size > data.train:
        what = f"The batch size is {thousands(recipe.batch_size)}, more than there are samples to train on."
        why = f"{data.title} has {thousands(data.train)}; every step will use all of them."
        use = (_use("", "batch_size", min(_USUAL.batch_size, data.train)),) if data.train else ()
        found.append(Problem("batch-larger-than-data", "warning", what, why, parameter="batch_size", fixes=use))
    return tuple(found)


def set_by_schedule(recipe: Recipe) -> dict[str, str]:
    """The optimiser's arguments that do not count because the schedule sets them, each with a sentence that says so."""
    try:
        schedule, arguments, optimizer = schedule_spec(recipe), schedule_arguments(recipe), optimizer_spec(recipe)
    except StrataError:
        return {}
    found: dict[str, str] = {}
    if schedule is not None and arguments.get("max_lr") is not None:
        own = "its lowest and highest rates count" if "base_lr" in arguments else "its highest rate counts"
        found["lr"] = f"{schedule.name} sets the rate: {own} instead of this."
    if schedule is not None and arguments.get("cycle_momentum") and optimizer.parameter("momentum") is not None:
        low, high = arguments["base_momentum"], arguments["max_momentum"]
        found["momentum"] = f"{schedule.name} moves the momentum between {low} and {high} instead of this."
    return found


def describe(recipe: Recipe) -> str:
    """‘Adam, rate 0.003, 10 epochs, batches of 128’; with a schedule ‘Adam, OneCycleLR (rate up to 0.003), …’."""
    rate, highest = _rate(recipe.optimizer, "lr"), _rate(recipe.schedule, "max_lr")
    parts = [recipe.optimizer.name]
    if rate and not highest:
        parts.append(f"rate {rate}")
    if recipe.schedule is not None:
        parts.append(f"{recipe.schedule.name} (rate up to {highest})" if highest else recipe.schedule.name)
    parts.append(f"{recipe.epochs} epoch{'' if recipe.epochs == 1 else 's'}")
    parts.append(f"batches of {recipe.batch_size}")
    return ", ".join(parts)


def _spec(what: str, name: str, known: dict[str, MethodSpec]) -> MethodSpec:
    if name not in known:
        raise UnknownName(what, name, known)
    return known[name]


def _arguments(spec: MethodSpec, named: Named) -> dict[str, Value]:
    """What a person set, checked, and for the rest what the form shows: the catalogue's defaults."""
    known = {p.name: p for p in spec.parameters if not p.filled}
    for name in named.parameters:
        if name not in known:
            raise UnknownName(f"parameter of {spec.name}", name, known)
    return {
        name: catalog.validate(parameter, named.parameters[name]) if name in named.parameters else parameter.default
        for name, parameter in known.items()
    }


def _method_problems(recipe: Recipe) -> list[Problem]:
    found: list[Problem] = []
    for parameter, read in (("optimizer", optimizer_arguments), ("schedule", schedule_arguments)):
        try:
            read(recipe)
        except StrataError as error:
            what = f"The {_TITLES[parameter]} cannot be used."
            found.append(_error(f"recipe-{parameter}", what, str(error), parameter))
    return found


_TITLES = {"optimizer": "optimiser", "schedule": "learning-rate schedule"}


def _number_problems(recipe: Recipe) -> list[Problem]:
    found: list[Problem] = []
    limits = (("epochs", "number of epochs", MOST_EPOCHS), ("batch_size", "batch size", LARGEST_BATCH))
    for name, title, most in limits:
        value: object = getattr(recipe, name)
        if not _is_whole(value) or not 1 <= value <= most:
            why = f"It must be a whole number from 1 to {thousands(most)}."
            most_usual = getattr(_USUAL, name)
            found.append(
                _error(
                    f"recipe-{name.replace('_', '-')}",
                    f"The {title} is {value}.",
                    why,
                    name,
                    _use("", name, most_usual),
                )
            )
    if not _is_whole(recipe.seed) or not 0 <= recipe.seed <= HIGHEST_SEED:
        found.append(
            _error(
                "recipe-seed",
                f"The seed is {recipe.seed}.",
                "It must be a whole number from 0 to 2⁶³ − 1.",
                "seed",
                _use("", "seed", _USUAL.seed),
            )
        )
    return found


def _refused_together(recipe: Recipe) -> list[Problem]:
    """Values that are sound one by one, and that torch refuses together."""
    name, values = recipe.optimizer.name, optimizer_arguments(recipe)
    found: list[Problem] = []
    if values.get("nesterov") and (values["momentum"] == 0 or values["dampening"] != 0):
        are = f"{values['momentum']} and {values['dampening']}"
        why = f"It needs a momentum above 0 and a dampening of 0; they are {are}."
        off = Fix("set_recipe", "Turn Nesterov off", Frozen({"part": "optimizer", "name": "nesterov", "value": False}))
        found.append(_error("recipe-nesterov", f"{name} cannot use Nesterov momentum.", why, "nesterov", off))
    etas = values.get("etas")
    if isinstance(etas, tuple) and not 0 < _number(etas[0]) < 1 < _number(etas[1]):
        why = f"The first must lie between 0 and 1, the second above 1; they are {etas[0]} and {etas[1]}."
        use = _use("optimizer", "etas", _default(recipe, "etas"))
        found.append(_error("recipe-etas", f"{name} cannot use these factors.", why, "etas", use))
    return found


def _absurd(recipe: Recipe) -> list[Problem]:
    """What torch takes, and with which nothing sensible is learned."""
    optimizer, schedule = optimizer_arguments(recipe), schedule_arguments(recipe)
    elsewhere = set_by_schedule(recipe)
    found: list[Problem] = []

    def warn(code: str, what: str, why: str, parameter: str, usual: Value) -> None:
        use = _use("schedule" if parameter == "max_lr" else "optimizer", parameter, usual)
        found.append(Problem(f"recipe-{code}", "warning", what, why, parameter=parameter, fixes=(use,)))

    parameter = "max_lr" if "lr" in elsewhere else "lr"
    rate, usual = _number((schedule if parameter == "max_lr" else optimizer)[parameter]), _default(recipe, "lr")
    title = (
        f"The highest rate of {recipe.schedule.name}" if recipe.schedule and "lr" in elsewhere else "The learning rate"
    )
    if rate == 0:
        why = "No step will change the weights: nothing is learned. Usual are 0.0001 to 0.1."
        warn("rate", f"{title} is 0.", why, parameter, usual)
    elif rate > HIGHEST_RATE:
        why = "Steps of that size throw the weights about: the loss will grow, not fall. Usual are 0.0001 to 0.1."
        warn("rate", f"{title} is {rate:g}.", why, parameter, usual)
    momentum = 0.0 if "momentum" in elsewhere else _number(optimizer.get("momentum"))
    if momentum == 1:
        why = f"Past steps never fade, so the weights run on without end. Usual is {USUAL_MOMENTUM}."
        warn("momentum", "The momentum is 1.", why, "momentum", USUAL_MOMENTUM)
    elif momentum > 0 and optimizer.get("dampening") == 1:
        why = "After the first step no gradient counts any more: nothing is learned. Usual is 0."
        warn("dampening", "The dampening is 1.", why, "dampening", _default(recipe, "dampening"))
    decay = _number(optimizer.get("weight_decay"))
    if decay >= HIGHEST_DECAY or rate * decay >= 1:
        why = "It draws the weights to 0 faster than they can learn. Usual are 0 to 0.1."
        usual = _default(recipe, "weight_decay") if rate <= HIGHEST_RATE else 0.0  # at such a rate any is too much
        warn("weight-decay", f"The weight decay is {decay:g}.", why, "weight_decay", usual)
    return found


def _default(recipe: Recipe, name: str) -> Value:
    """Of an optimiser's parameter."""
    row = optimizer_spec(recipe).parameter(name)
    return row.default if row is not None else None


def _use(part: str, name: str, value: Value) -> Fix:
    """The remedy that sets one value of the recipe: of its optimiser or schedule, or of itself (no part)."""
    shown = " and ".join(map(_shown, value)) if isinstance(value, tuple) else _shown(value)
    return Fix("set_recipe", f"Use {shown}", Frozen({"part": part, "name": name, "value": value}))


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _is_whole(value: object) -> TypeGuard[int]:
    """Values may come from a file or a script: the annotation is not believed."""
    return isinstance(value, int) and not isinstance(value, bool)


def _error(code: str, what: str, why: str, parameter: str | None = None, *fixes: Fix) -> Problem:
    return Problem(code, "error", what, why, parameter=parameter, fixes=fixes)


def _rate(named: Named | None, parameter: str) -> str:
    """As it was set; empty where it was not."""
    rate = named.parameters.get(parameter) if named is not None else None
    return f"{rate:g}" if isinstance(rate, int | float) and not isinstance(rate, bool) else ""
