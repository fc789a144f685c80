"""What Train begins with: the last run's state where the design still fits it, that state with a lower rate, or fresh
weights; and why, in words. No Qt here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Literal

from engine.check.report import Fix
from engine.errors import StrataError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph
from engine.graph.recipe import Named, Recipe
from engine.project.project import RunRecord
from engine.project.resume import begun_run, same_computation
from engine.train import recipe as recipes
from gui.document import Document, changed_nodes
from gui.widgets.numbers import plural, thousands

GO_BACK = "go-back"  # the kind of the remedy that `way_back` gives
GONE = "The design has changed since that training, and its state no longer fits. Undo the changes to go back to it."
NAMED = 3  # so many of the things that changed are told by name
_PARTS = (  # of a recipe, as a person calls them
    ("kind", "the kind of learning"),
    ("optimizer", "the optimiser"),
    ("schedule", "the learning-rate schedule"),
    ("batch_size", "the batch size"),
    ("precision", "the precision"),
    ("seed", "the seed"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What Train would do now, and that in words. `blocked` says why it can do nothing."""

    kind: Literal["resume", "continue", "new", "blocked"]
    text: str


def plan(document: Document) -> Plan:
    """What Train would do where nothing is under way."""
    if document.report.blocking:
        return Plan("blocked", f"This design cannot be trained yet. {document.report.blocking[0].what}")
    epochs = document.design.recipe.epochs
    if not isinstance(epochs, int):  # a file may hold anything there; the check, which tells it, comes a moment later
        return Plan("blocked", "This design cannot be trained yet. How many epochs to train is no whole number.")
    run = continuable(document)
    if run is None or run.state is None:
        return Plan("new", f"Start a new run of {plural(epochs, 'epoch')}. {why_anew(document)}".strip())
    done = f"epoch {run.state.epoch}" if not run.state.batch else f"the middle of epoch {run.state.epoch + 1}"
    return Plan("continue", f"Go on from {done} of {epochs}")


def continuable(document: Document) -> RunRecord | None:
    """The last run, where it fits the design as it stands and has epochs left."""
    run = begun_run(document.project)
    epochs = document.design.recipe.epochs
    if run is None or run.state is None or not isinstance(epochs, int) or run.state.epoch >= epochs:
        return None
    return run


def new_record(document: Document, design: Design) -> RunRecord:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    taken = {run.id for run in document.project.runs}
    number = len(taken) + 1
    while f"r{number}" in taken:
        number += 1
    return RunRecord(f"r{number}", now, design)


# -- anew ----------------------------------------------------------------------------------
def why_anew(document: Document) -> str:
    """Why Train does not go on with the training that the project holds; empty where it holds none."""
    run = document.project.run
    if run is None or run.state is None:
        return ""
    if begun_run(document.project) is not None:
        done = run.state.epoch
        why = f"All {done} epochs were done" if done != 1 else "The one epoch was done"
    else:
        why = f"{_listed(changes(run.design, document.design))} changed since the last training"
    return f"{why}: training starts anew. The earlier run stays in the project."


def changes(before: Design, after: Design) -> list[str]:
    """What differs in the computation, by the names that a person sees: layers, then the recipe, then the data."""
    nodes = changed_nodes(before.graph, after.graph)
    found = [node.label for node in after.graph.nodes.values() if node.id in nodes]
    found += [node.label for node in before.graph.nodes.values() if node.id not in after.graph.nodes]
    found += [words for name, words in _PARTS if getattr(before.recipe, name) != getattr(after.recipe, name)]
    if not same_computation(replace(before, graph=Graph(), recipe=after.recipe), replace(after, graph=Graph())):
        found.append("the data")
    return list(dict.fromkeys(found))


def _listed(names: list[str]) -> str:
    """‘Conv1’, ‘conv1 and the optimiser’, ‘a, b, c and 4 more’; the first letter of our own words is a capital."""
    if not names:
        return "The design"
    first, *rest = names
    names = [first[0].upper() + first[1:] if first.startswith("the ") else first, *rest]
    if len(names) > NAMED:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


# -- back ----------------------------------------------------------------------------------
def way_back(record: RunRecord) -> tuple[Fix, ...]:
    """The remedy for a loss that is not finite: the last sound state of the run, and steps half as large from there."""
    if record.state is None:
        return ()
    step = record.state.step
    back = f"Go back to step {thousands(step)} and halve the learning rate"
    label = back if step else "Begin again with half the learning rate"
    return (Fix(GO_BACK, label, Frozen({"run": record.id, "step": step})),)


def reached(document: Document, fix: Fix) -> RunRecord | None:
    """The run whose state the remedy speaks of, where the project still holds it and the design, but for its rates,
    still fits it."""
    run = document.project.run
    if run is None or run.state is None or (run.id, run.state.step) != (fix.arguments["run"], fix.arguments["step"]):
        return None
    try:
        fits = same_computation(_rated(run.design, 1.0), _rated(document.design, 1.0))
    except StrataError:  # a recipe that nobody can follow
        return None
    return run if fits else None


def foretold(document: Document, fix: Fix) -> str:
    """What the remedy will do, as a sentence; why it cannot, where it can no longer."""
    run = reached(document, fix)
    if run is None:
        return GONE
    rates = ", ".join(f"{before:g} → {before / 2:g}" for before in dict.fromkeys(_rates(run.design.recipe).values()))
    step = thousands(run.state.step) if run.state is not None else "0"
    return f"Weights and optimiser as they were after step {step}; learning rate {rates}; trains on."


def halved(run: RunRecord, design: Design) -> Design:
    """`design` with half the rates that `run` was trained with."""
    return replace(design, recipe=_with_rates(design.recipe, {n: r / 2 for n, r in _rates(run.design.recipe).items()}))


def _rated(design: Design, rate: float) -> Design:
    return replace(design, recipe=_with_rates(design.recipe, dict.fromkeys(_rates(design.recipe), rate)))


def _rates(recipe: Recipe) -> dict[str, float]:
    """The numbers that say how large the steps are: the optimiser's rate, and those that a schedule moves between."""
    arguments = recipes.optimizer_arguments(recipe) | recipes.schedule_arguments(recipe)
    rates = {name: arguments.get(name) for name in ("lr", "base_lr", "max_lr")}
    return {n: float(r) for n, r in rates.items() if isinstance(r, int | float) and not isinstance(r, bool)}


def _with_rates(recipe: Recipe, rates: dict[str, float]) -> Recipe:
    def rated(named: Named, names: tuple[str, ...]) -> Named:
        own = {name: rates[name] for name in names if name in rates}
        return replace(named, parameters=Frozen({**named.parameters, **own}))

    schedule = rated(recipe.schedule, ("base_lr", "max_lr")) if recipe.schedule else None
    return replace(recipe, optimizer=rated(recipe.optimizer, ("lr",)), schedule=schedule)
