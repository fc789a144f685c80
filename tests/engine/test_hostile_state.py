"""Stored states that are sound files and yet unsound: each is refused with a sentence, before anything is taken up."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from small_jobs import DELICATE, PLAIN, design, events, job, losses, named, state, stopped_at

from engine.cli import main
from engine.compile import keys
from engine.errors import DesignError, ProjectFileError, TrainingError
from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.project import store
from engine.project.project import Project, RunRecord
from engine.project.records import plain_to_run, record_to_plain
from engine.train import fitting
from engine.train.events import Failed, TrainingState
from engine.train.loop import evaluate

Arrays = dict[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def begun() -> TrainingState:
    return state(stopped_at(job(design(PLAIN)), 8))


def refused(given: TrainingState, made: Any = None) -> str:
    """The sentence; the network and the file's state stay as they were."""
    trial = job(made or design(PLAIN), state=given, threads=None)
    before = keys.arrays(trial.compiled)
    told = events(trial)
    assert len(told) == 1 and isinstance(told[0], Failed), told
    assert all(np.array_equal(before[key], now) for key, now in keys.arrays(trial.compiled).items())
    assert told[0].what == "Training could not begin." and told[0].why and len(told[0].why) < 400
    return told[0].why


def optimizer(given: TrainingState, change: Callable[[Arrays], object]) -> TrainingState:
    parts = dict(given.optimizer)
    change(parts)
    return replace(given, optimizer=Frozen(parts))


# -- the optimiser ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.update({"layer1.weight/exp_avg": np.zeros(1, np.float32)}), "exp_avg has the shape 1,"),
        (lambda p: p.update({"layer1.weight/exp_avg": np.zeros((64, 16), np.float32)}), "needed is 16×64"),
        (lambda p: p.update({"layer1.weight/exp_avg_sq": np.zeros((16, 64))}), "type float64"),
        (lambda p: p.update({"layer1.weight/exp_avg_sq": np.zeros((16, 64), np.int64)}), "type int64"),
        (lambda p: p.update({"layer1.bias/step": np.zeros((16,), np.float32)}), "step has the shape 16,"),
        (lambda p: p.update({"layer1.bias/step": np.array(math.nan, np.float32)}), "step nan of 8"),
        (lambda p: p.update({"layer1.bias/step": np.array(-3, np.float32)}), "step -3 of 8"),
        (lambda p: p.update({"layer1.bias/step": np.array(9, np.float32)}), "step 9 of 8"),
        (lambda p: p.update({"layer1.bias/max_exp_avg_sq": np.zeros(16, np.float32)}), "keeps no max_exp_avg_sq"),
        (lambda p: p.update({"layer1.bias": np.zeros(16, np.float32)}), "of another network"),
        (lambda p: p.update({"other.bias/step": np.zeros((), np.float32)}), "of another network"),
        (lambda p: p.pop("layer1.weight/exp_avg"), "lacks exp_avg"),
        (lambda p: [p.pop(key) for key in list(p) if key.startswith("layer3.bias/")], "layer3.bias (it is missing)"),
        (lambda p: p.clear(), "it is missing"),
    ],
)
def test_an_optimiser_state_that_does_not_fit_is_refused(
    begun: TrainingState, change: Callable[[Arrays], object], words: str
):
    why = refused(optimizer(begun, change))
    assert words in why and "cannot be trained on" in why


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "Adafactor", "ASGD", "Rprop", "NAdam", "RMSprop"])
def test_every_optimiser_is_held_against_its_own_parts(name: str):
    made = design(PLAIN, optimizer=named(name))
    good = state(stopped_at(job(made), 2))
    assert losses(events(job(made, state=good, epochs=1)))
    for key, value in good.optimizer.items():
        spoiled = optimizer(good, lambda p, key=key, value=value: p.update({key: np.zeros((*value.shape, 2), "f4")}))
        assert "has the shape" in refused(spoiled, made)
    if good.optimizer:
        assert "it is missing" in refused(optimizer(good, lambda p: p.clear()), made)


def test_a_state_of_another_optimiser_is_refused(begun: TrainingState):
    assert "this optimiser keeps no exp_avg" in refused(begun, design(PLAIN, optimizer=named("SGD")))


def test_momentum_is_demanded_only_where_there_is_some():
    made = design(PLAIN, optimizer=named("SGD"), schedule=named("OneCycleLR"))
    good = state(stopped_at(job(made), 2))
    assert losses(events(job(made, state=good, epochs=1)))


def test_a_parameter_that_no_gradient_reaches_needs_no_state():
    made = design((("Flatten", {}), ("Linear", {"out_features": 16}), ("Linear", {"out_features": 10})))
    trial = job(made)
    trial.compiled.module.get_submodule(trial.compiled.names["layer1"]).register_parameter(
        "spare", torch.nn.Parameter(torch.zeros(3))
    )
    good = state(stopped_at(trial, 2))
    assert "layer1.spare" in good.weights and not any(key.startswith("layer1.spare") for key in good.optimizer)
    assert losses(events(replace(trial, state=good, epochs=1)))
    lacking = optimizer(good, lambda p: [p.pop(k) for k in list(p) if k.startswith("layer1.bias/")])
    told = events(replace(trial, state=lacking))
    assert isinstance(told[-1], Failed) and "layer1.bias (it is missing)" in told[-1].why


# -- weights ---------------------------------------------------------------------------------------------------------
def weights(given: TrainingState, **changed: Any) -> TrainingState:
    return replace(given, weights=Frozen({**given.weights, "layer1.weight": changed["weight"]}))


@pytest.mark.parametrize("kind", [np.int64, np.bool_, np.uint8])
def test_weights_of_another_kind_of_number_are_refused(begun: TrainingState, kind: Any):
    spoiled = weights(begun, weight=np.ones((16, 64), kind))
    assert "needs float32" in refused(spoiled)
    with pytest.raises(DesignError, match=str(np.dtype(kind))):
        keys.load(job(design(PLAIN)).compiled, spoiled.weights)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
def test_weights_that_are_not_finite_are_named(begun: TrainingState, value: float):
    why = refused(weights(begun, weight=np.full((16, 64), value)))
    assert "layer1.weight" in why and "not finite" in why


# -- where it stands -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("threads", [0, -1, 10**6, 10**200])
def test_an_absurd_number_of_threads_is_refused(begun: TrainingState, threads: int):
    assert "threads" in refused(replace(begun, threads=threads))


def test_the_most_threads_may_be_had():
    fitting.require_threads(1)
    fitting.require_threads(fitting.most_threads())
    with pytest.raises(TrainingError):
        fitting.require_threads(fitting.most_threads() + 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"batch": 8, "epoch": 0},  # the sum is right, the place is not: an epoch has 6 steps
        {"batch": -4, "epoch": 2},
        {"step": -6, "epoch": -1, "batch": 0},
        {"step": 9},
        {"step": 6 * 10**200 + 2, "epoch": 10**200},
        {"seed": 10**200},
        {"partial": Frozen({"samples": math.nan})},
        {"partial": Frozen({"samples": 512.0, "correct": math.inf})},
        {"partial": Frozen({"samples": 512.0, "judged": -1.0})},
        {"partial": Frozen({"samples": 512.0, "loss/7": 1.0})},
    ],
)
def test_a_place_that_is_none_is_refused(begun: TrainingState, changed: dict[str, Any]):
    refused(replace(begun, **changed))


def test_stored_random_numbers_are_handed_to_nobody():
    """What a step draws follows from the seed and its number, so a state that torch would read past does no harm."""
    begun = state(stopped_at(job(design(DELICATE)), 8))
    spoiled = begun.random["cpu"].copy()
    spoiled[8:12] = np.array([600], np.int32).view(np.uint8)
    spoiled[16:24] = np.array([624], np.uint64).view(np.uint8)

    def ends(stored: Arrays) -> list[float]:
        return losses(events(job(design(DELICATE), state=replace(begun, random=Frozen(stored)), threads=None)))

    whole = ends(dict(begun.random))
    assert whole
    for stored in ({"cpu": spoiled}, {"cpu": spoiled[:8]}, {"cpu": spoiled.astype(np.float64)}, {}):
        assert ends(stored) == whole


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_not_measured(value: float):
    given = job(design(PLAIN))
    with torch.no_grad():
        given.compiled.module.get_submodule(given.compiled.names["layer3"]).get_parameter("bias")[0] = value
    with pytest.raises(TrainingError, match=r"layer3\.bias.* not finite"):
        evaluate(given.compiled, given.dataset.arrays("test"))


def test_first_weights_that_are_not_finite_say_why_training_could_not_begin():
    given = job(design(PLAIN))
    with torch.no_grad():
        given.compiled.module.get_submodule(given.compiled.names["layer3"]).get_parameter("bias")[0] = math.nan
    told = events(given)
    assert isinstance(told[-1], Failed) and told[-1].step == 0 and "The weights" in told[-1].why
    assert "not finite" in told[-1].why


@pytest.mark.parametrize(
    ("name", "value"),
    [*[(name, v) for name in ("step", "epoch", "batch", "threads") for v in (-1, 10**200)], ("threads", 0)],
)
def test_a_record_with_absurd_counts_is_not_read(begun: TrainingState, name: str, value: int):
    made = design(PLAIN)
    plain: dict[str, Any] = record_to_plain(RunRecord("r1", "now", made, state=begun))
    arrays = {"weights": begun.weights, "optimizer": begun.optimizer, "random": begun.random}
    assert plain_to_run(plain, made, arrays, History(), None, "record").state is not None
    plain["state"] = {**plain["state"], name: value}
    with pytest.raises(ProjectFileError, match=name) as caught:
        plain_to_run(plain, made, arrays, History(), None, "record")
    assert len(str(caught.value)) < 200


def test_a_file_that_cannot_be_trained_on_is_not_saved_over(
    begun: TrainingState, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
):
    spoiled = optimizer(begun, lambda p: p.update({"layer1.weight/exp_avg": np.zeros(1, np.float32)}))
    made, path = design(PLAIN), tmp_path / "spoiled.strata"
    store.save(Project(made, runs=(RunRecord("r1", "now", made, state=spoiled, status="stopped"),)), path)
    before = path.read_bytes()
    assert main(["train", str(path)]) == 1
    told = capsys.readouterr().err
    assert "exp_avg has the shape 1," in told and "is saved" not in told and "Traceback" not in told
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]
