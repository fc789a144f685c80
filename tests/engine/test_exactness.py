"""Property 6 of the house: same seed, same losses to the bit; stop and go on, same losses; looked at or not, the same
weights, buffers, optimiser and random state."""

from __future__ import annotations

import itertools
import pathlib
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_jobs import (
    DELICATE,
    Kind,
    assert_same,
    design,
    epochs,
    events,
    finished,
    job,
    losses,
    named,
    rates,
    state,
    stopped_at,
)
from strategies import designs_with_data, samples

from engine.catalog import catalog
from engine.data.spec import DataSpec
from engine.graph.design import Design
from engine.observe.picture import Request, View
from engine.train.control import Control
from engine.train.events import Looked, Losses, Paused
from engine.train.loop import train

STEPS_PER_EPOCH = 6  # 1,294 samples in batches of 256, the last one smaller
ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_same_seed_gives_the_same_losses():
    first, second = events(job()), events(job())
    assert losses(first) == losses(second) and len(losses(first)) == 3 * STEPS_PER_EPOCH
    assert epochs(first) == epochs(second) and finished(first).test == finished(second).test
    assert_same(state(first), state(second))


def test_two_trainings_at_once_give_what_each_gives_alone():
    """Two windows of one program train at once, and their dropout draws from the one generator that torch has."""
    layers = (
        ("Flatten", {}),
        *[step for _ in range(6) for step in (("Linear", {"out_features": 32}), ("Dropout", {}))],
    )
    layers = (*layers, ("Linear", {"out_features": 10}))
    made = [design(layers, seed=seed, epochs=6, batch_size=64) for seed in (1, 2)]
    alone = [losses(events(job(one))) for one in made]
    before, interval = torch.get_rng_state(), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as threads:
            together = list(threads.map(lambda one: losses(events(job(one))), made))
    finally:
        sys.setswitchinterval(interval)
    assert together == alone
    assert torch.equal(torch.get_rng_state(), before)


def test_another_seed_gives_other_losses():
    assert losses(events(job())) != losses(events(job(design(seed=1))))


def test_losses_do_not_depend_on_how_often_they_are_told():
    assert losses(events(job(report_every=0))) == losses(events(job(report_every=60)))


def test_numbers_drawn_elsewhere_do_not_matter():
    """Whoever draws from the program's generator between two events changes nothing; nor does training disturb it."""
    expected = losses(events(job()))
    torch.manual_seed(7)
    got, drawn = list[float](), list[torch.Tensor]()
    for event in train(job(report_every=0), Control()):
        drawn.append(torch.rand(3))
        got += event.values if isinstance(event, Losses) else ()
    assert got == expected
    after = torch.get_rng_state()
    torch.manual_seed(7)
    assert all(torch.equal(numbers, torch.rand(3)) for numbers in drawn), "whoever draws gets what is theirs"
    assert torch.equal(torch.get_rng_state(), after)


@pytest.mark.parametrize(
    "step", [1, STEPS_PER_EPOCH - 1, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 1, 3 * STEPS_PER_EPOCH - 1]
)
def test_a_run_that_stopped_goes_on_exactly(step: int):
    whole = events(job())
    before = stopped_at(job(), step)
    assert finished(before).stopped and state(before).step == step
    after = events(job(state=state(before)))
    assert losses(before) + losses(after) == losses(whole)
    assert (epochs(before) + epochs(after)) == epochs(whole)
    assert_same(state(after), state(whole))
    assert replace(finished(after), cpu_seconds=0, wall_seconds=0) == replace(
        finished(whole), cpu_seconds=0, wall_seconds=0
    )


METHODS = [
    *[(name, {}, None) for name in catalog.load().optimizers],
    ("SGD", {"momentum": 0.9, "nesterov": True}, None),
    ("RMSprop", {"momentum": 0.5, "centered": True}, None),
    ("Adam", {"amsgrad": True, "weight_decay": 0.01}, None),
    *[("Adam", {}, name) for name in catalog.load().schedules],
    ("SGD", {"momentum": 0.9}, "OneCycleLR"),
    ("Adagrad", {}, "OneCycleLR"),
]


@pytest.mark.parametrize(("optimizer", "arguments", "schedule"), METHODS)
def test_every_optimiser_and_schedule_goes_on_exactly(optimizer: str, arguments: dict[str, Any], schedule: str | None):
    made = design(optimizer=named(optimizer, **arguments), schedule=named(schedule))
    whole = events(job(made))
    before = stopped_at(job(made), STEPS_PER_EPOCH + 2)
    after = events(job(made, state=state(before)))
    assert losses(before) + losses(after) == losses(whole) and len(losses(whole)) == 3 * STEPS_PER_EPOCH
    assert rates(before) + rates(after) == rates(whole)
    assert_same(state(after), state(whole))


RECURRENT: tuple[Kind, ...] = (
    ("Reshape", {"shape": (8, 8)}),
    ("LSTM", {"hidden_size": 6, "num_layers": 2, "dropout": 0.2}),
    ("Flatten", {}),
    ("Linear", {"out_features": 10}),
)


def test_recurrent_layers_with_dropout_go_on_exactly():
    made = design(RECURRENT)
    whole, before = events(job(made)), stopped_at(job(made), 4)
    assert losses(before) + losses(events(job(made, state=state(before)))) == losses(whole)


def test_a_pause_changes_nothing():
    control, told, paused = Control(), [], 0
    for event in train(job(report_every=0), control):
        told.append(event)
        if isinstance(event, Losses) and event.last in (3, STEPS_PER_EPOCH, 11):
            control.pause()
        if isinstance(event, Paused):
            paused += 1
            control.resume()
    assert paused == 3
    assert losses(told) == losses(events(job()))


def test_going_further_than_planned_is_the_same_as_planning_it():
    """`epochs` is where to stop in all; the schedule's horizon is the recipe's, beyond it the last rate holds."""
    made = design(schedule=named("OneCycleLR", max_lr=0.01))
    far = events(job(made, epochs=5))
    first = events(job(made, epochs=2))
    rest = events(job(made, epochs=5, state=state(first)))
    assert losses(first) + losses(rest) == losses(far) and finished(far).epoch == 5
    held = rates(far)[3 * STEPS_PER_EPOCH - 1 :]
    assert len(set(held)) == 1 and held[0] == min(rates(far))


VIEWS = (*(View((f"layer{number}",)) for number in range(len(DELICATE))), View(("layer0",), "filters"))


@pytest.mark.parametrize("layers", [DELICATE, RECURRENT], ids=["convolution", "recurrent"])
def test_looking_changes_nothing(layers: tuple[Kind, ...], monkeypatch: pytest.MonkeyPatch):
    made = design(layers)
    unseen = events(job(made, report_every=0))
    monkeypatch.setattr("engine.train.loop.LOOK_OFTEN", 0.0)
    monkeypatch.setattr("engine.train.loop.LOOK_SELDOM", 0.0)
    control, seen, numbers = Control(), [], itertools.count()
    views = VIEWS if layers is DELICATE else (View(("layer1",)), View(("layer3",)))
    for event in train(job(made, report_every=0), control):
        seen.append(event)
        control.look(Request(views, probes=(0, 3), number=next(numbers)))
    looks = [event.look for event in seen if isinstance(event, Looked)]
    assert len(looks) > 2 * STEPS_PER_EPOCH
    assert all(len(look.pictures) == len(views) for look in looks)
    assert not any(picture.problem for look in looks for picture in look.pictures)
    assert losses(seen) == losses(unseen) and epochs(seen) == epochs(unseen)
    assert_same(state(seen), state(unseen))


IN_ANOTHER_PROCESS = """
import pickle, sys
sys.path[:0] = [{root!r}, {tests!r}]
from small_jobs import *
made = pickle.load(open({source!r}, "rb"))
given = job(made["design"], state=made["state"], threads=None)
told = events(given)
pickle.dump(told, open({target!r}, "wb"))
"""


def test_another_process_goes_on_exactly(tmp_path: pathlib.Path):
    made = design(schedule=named("OneCycleLR", max_lr=0.01))
    whole, before = events(job(made)), stopped_at(job(made), STEPS_PER_EPOCH + 3)
    source, target = tmp_path / "before", tmp_path / "after"
    source.write_bytes(pickle.dumps({"design": made, "state": state(before)}))
    code = IN_ANOTHER_PROCESS.format(root=str(ROOT), tests=str(ROOT / "tests"), source=str(source), target=str(target))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    after = pickle.loads(target.read_bytes())
    assert losses(before) + losses(after) == losses(whole)
    assert_same(state(after), state(whole))


def test_the_number_of_threads_is_recorded_and_kept():
    before = stopped_at(job(threads=2), 2)
    assert state(before).threads == 2
    after = stopped_at(job(state=state(before), threads=None), 4)
    assert state(after).threads == 2


class Drawn:
    """Random samples as a data set."""

    def __init__(self, spec: DataSpec):
        self.spec = spec

    def arrays(self, split: str, first: int | None = None) -> dict[str, Any]:
        return samples(self.spec, getattr(self.spec, split), seed=len(split))


@given(designs_with_data(), st.integers(1, 11), st.integers(0, 5))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25)
def test_any_network_goes_on_exactly_looked_at_or_not(drawn: tuple[Design, DataSpec], step: int, probe: int):
    """Blocks, shared layers, several inputs, targets and weighted losses; stopped somewhere, and watched from there."""
    made, data = drawn
    whole = events(job(made, dataset=Drawn(data)))
    last = finished(whole)
    before = stopped_at(job(made, dataset=Drawn(data)), min(step, last.step - 1))
    control = Control()
    views = [View((node,), kind) for node in made.graph.nodes for kind in ("feature_maps", "field")]
    control.look(Request(tuple(views), probes=(probe,)))
    after = events(job(made, dataset=Drawn(data), state=state(before)), control)
    assert losses(before) + losses(after) == losses(whole) and len(losses(whole)) == last.step
    assert epochs(before) + epochs(after) == epochs(whole)
    assert finished(after).test == last.test
    assert any(isinstance(event, Looked) for event in after)
    assert_same(state(after), state(whole))
