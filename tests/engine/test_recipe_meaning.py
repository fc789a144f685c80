"""What is said of a recipe before it is followed: what torch refuses is an error, what teaches nothing a warning."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import catalog
from engine.catalog.spec import MethodSpec, ParameterSpec
from engine.check import fixes, outcome
from engine.check.report import Problem
from engine.data.spec import DataSpec
from engine.errors import GraphError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.recipe import Named, Recipe
from engine.train import optimizers
from engine.train import recipe as recipes


def named(name: str, **values: Any) -> Named:
    return Named(name, Frozen(values))


def codes(recipe: Recipe) -> dict[str, str]:
    return {problem.code: problem.severity for problem in recipes.problems(recipe)}


@pytest.mark.parametrize(
    ("optimizer", "schedule", "code", "words"),
    [
        (named("Adam", lr=0.0), None, "recipe-rate", "The learning rate is 0."),
        (named("SGD", lr=1e6), None, "recipe-rate", "The learning rate is 1e+06."),
        (named("Adam"), named("OneCycleLR", max_lr=0.0), "recipe-rate", "The highest rate of OneCycleLR is 0."),
        (named("SGD", momentum=1.0), None, "recipe-momentum", "The momentum is 1."),
        (named("SGD", momentum=0.9, dampening=1.0), None, "recipe-dampening", "The dampening is 1."),
        (named("AdamW", weight_decay=1000.0), None, "recipe-weight-decay", "The weight decay is 1000."),
        (named("SGD", lr=0.5, weight_decay=2.0), None, "recipe-weight-decay", "The weight decay is 2."),
    ],
)
def test_what_would_teach_nothing_is_a_warning(optimizer: Named, schedule: Named | None, code: str, words: str):
    (found,) = recipes.problems(Recipe(optimizer=optimizer, schedule=schedule))
    assert (found.code, found.severity, found.what) == (code, "warning", words) and found.why


def test_what_does_not_count_is_not_warned_of():
    schedule = named("OneCycleLR", max_lr=0.1)
    recipe = Recipe(optimizer=named("SGD", lr=0.0, momentum=1.0), schedule=schedule)
    assert codes(recipe) == {}
    assert set(recipes.set_by_schedule(recipe)) == {"lr", "momentum"}
    assert codes(Recipe(optimizer=named("Adam", lr=0.0), schedule=named("OneCycleLR"))) == {"recipe-rate": "warning"}


def test_what_is_set_by_default_is_never_warned_of():
    for optimizer in catalog.load().optimizers:
        assert codes(Recipe(optimizer=named(optimizer))) == {}
    for schedule in catalog.load().schedules:
        assert codes(Recipe(schedule=named(schedule))) == {}


def test_what_torch_refuses_together_is_an_error():
    assert codes(Recipe(optimizer=named("SGD", nesterov=True))) == {"recipe-nesterov": "error"}
    assert codes(Recipe(optimizer=named("SGD", nesterov=True, momentum=0.9))) == {}
    assert codes(Recipe(optimizer=named("Rprop", etas=(1.2, 0.5)))) == {"recipe-etas": "error"}


def mended(recipe: Recipe, problem: Problem) -> Recipe:
    (remedy,) = problem.fixes
    return fixes.apply(remedy, Design(recipe=recipe)).recipe


def test_a_warning_is_mended_by_one_click():
    none = Recipe(optimizer=named("Adam", lr=0.0))
    (problem,) = recipes.problems(none)
    assert problem.fixes[0].label == "Use 0.001" and mended(none, problem).optimizer == named("Adam", lr=0.001)
    told = outcome.told(Design(recipe=none), Design(recipe=mended(none, problem)))
    assert told == "Sets Learning rate of Adam to 0.001; it was 0.0."
    driven = Recipe(optimizer=named("SGD"), schedule=named("OneCycleLR", max_lr=0.0))
    (problem,) = recipes.problems(driven)
    assert mended(driven, problem).schedule == named("OneCycleLR", max_lr=0.001)
    data = DataSpec("few", "Few", (), (), 30, 5, 5, "")
    (problem,) = recipes.problems(Recipe(batch_size=500), data)
    assert mended(Recipe(batch_size=500), problem).batch_size == 30


def test_a_remedy_for_another_optimizer_says_that_it_is_stale():
    (problem,) = recipes.problems(Recipe(optimizer=named("SGD", momentum=1.0)))
    with pytest.raises(GraphError, match="no longer"):
        mended(Recipe(optimizer=named("Adam")), problem)


def values_of(spec: ParameterSpec) -> st.SearchStrategy[Any]:
    """Allowed values, their bounds among them."""
    low = -1e3 if spec.minimum is None else spec.minimum
    high = 1e3 if spec.maximum is None else min(spec.maximum, 1e6)
    whole = st.sampled_from([int(low), int(high)]) | st.integers(int(low), int(min(high, 50)))
    real = st.sampled_from([low, high, spec.default]).filter(lambda x: isinstance(x, float)) | st.floats(low, high)
    match spec.type:
        case "bool":
            return st.booleans()
        case "choice":
            return st.sampled_from(spec.choices)
        case "int":
            return whole
        case "optional_int":
            return whole | st.none()
        case "float":
            return real
        case "optional_float":
            return real | st.none()
        case "shape":
            return st.lists(whole, min_size=1, max_size=3).map(tuple)
        case _:
            return st.tuples(*[st.floats(low, high)] * spec.axes)


def methods(specs: dict[str, MethodSpec]) -> st.SearchStrategy[Named]:
    def of(spec: MethodSpec) -> st.SearchStrategy[Named]:
        asked = {p.name: values_of(p) for p in spec.parameters if not p.filled}
        return st.fixed_dictionaries({}, optional=asked).map(lambda values: Named(spec.name, Frozen(values)))

    return st.sampled_from(sorted(specs)).flatmap(lambda name: of(specs[name]))


@settings(max_examples=150)
@given(methods(catalog.load().optimizers))
def test_an_optimizer_without_an_error_is_taken_by_torch(optimizer: Named):
    recipe = Recipe(optimizer=optimizer)
    if not any(problem.severity == "error" for problem in recipes.problems(recipe)):
        optimizers.Rates(recipe, 3)


@settings(max_examples=150)
@given(methods(catalog.load().schedules), st.sampled_from(["Adam", "SGD", "Adagrad", "RMSprop"]), st.integers(1, 5))
def test_a_schedule_without_an_error_is_taken_by_torch(schedule: Named, optimizer: str, steps: int):
    recipe = Recipe(optimizer=named(optimizer), schedule=schedule, epochs=3)
    if not any(problem.severity == "error" for problem in recipes.problems(recipe)):
        optimizers.Rates(recipe, steps)


def test_a_rise_of_one_step_begins_at_the_highest_rate():
    recipe = Recipe(schedule=named("OneCycleLR", max_lr=0.5, pct_start=1 / 3), epochs=3)
    rates = [optimizers.Rates(recipe, 1).at(step)["lr"] for step in range(3)]
    assert rates[0] == pytest.approx(0.5) and rates[0] > rates[1] > rates[2]


@settings(max_examples=200)
@given(
    methods(catalog.load().optimizers),
    st.none() | methods(catalog.load().schedules),
    st.sampled_from([-1, 0, 1, 10, 10**9]),
    st.sampled_from([0, 1, 64, 10**9]),
)
def test_a_remedy_takes_its_problem_away(optimizer: Named, schedule: Named | None, epochs: int, batch: int):
    recipe = Recipe(optimizer=optimizer, schedule=schedule, epochs=epochs, batch_size=batch)
    data = DataSpec("few", "Few", (), (), 30, 5, 5, "")
    for problem in recipes.problems(recipe, data):
        if problem.code not in ("recipe-optimizer", "recipe-schedule"):
            after = mended(recipe, problem)
            assert problem.code not in {p.code for p in recipes.problems(after, data)}
            assert outcome.told(Design(recipe=recipe), Design(recipe=after))
