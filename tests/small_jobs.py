"""Small designs on the real digits, ready to train, and what their events amount to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from engine.check import checker
from engine.compile import compiler
from engine.data.source import open_data
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, TARGET, Value, Wire
from engine.graph.recipe import Named, Recipe
from engine.train.control import Control
from engine.train.events import Checkpoint, EpochEnded, Event, Failed, Finished, Losses, TrainingState
from engine.train.loop import Job, train

Kind = tuple[str, dict[str, Value]]

# Everything whose exactness is at stake: random numbers, running statistics, several kinds of weights.
DELICATE: tuple[Kind, ...] = (
    ("Conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
    ("BatchNorm2d", {}),
    ("ReLU", {}),
    ("Dropout", {"p": 0.3}),
    ("Flatten", {}),
    ("Linear", {"out_features": 16}),
    ("Tanh", {}),
    ("Linear", {"out_features": 10}),
)
PLAIN: tuple[Kind, ...] = (
    ("Flatten", {}),
    ("Linear", {"out_features": 16}),
    ("ReLU", {}),
    ("Linear", {"out_features": 10}),
)


def named(name: str | None, **parameters: Value) -> Named | None:
    return Named(name, Frozen(parameters)) if name else None


def design(layers: Iterable[Kind] = DELICATE, loss: str = "CrossEntropyLoss", **recipe: Any) -> Design:
    """Input → layers → loss ← target. Ids are the same each time: ‘input’, ‘layer0’, ‘layer1’, …, ‘loss’, ‘target’."""
    made = Design(recipe=Recipe(**{"epochs": 3, "batch_size": 256, **recipe}), data=DataChoice("digits"))
    made, before = edits.add_node(made, INPUT, (0, 0), node_id="input")
    for number, (kind, parameters) in enumerate(layers):
        name = f"layer{number}"
        made, node = edits.add_node(made, kind, (0, 0), parameters=Frozen(parameters), node_id=name, layer_id=name)
        made, before = edits.connect(made, Wire(before, node)), node
    made, _ = edits.add_node(made, loss, (0, 0), node_id="loss")
    made, _ = edits.add_node(made, TARGET, (0, 0), node_id="target")
    return edits.connect(edits.connect(made, Wire(before, "loss")), Wire("target", "loss", "target"))


def job(made: Design | None = None, **arguments: Any) -> Job:
    made = made or design()
    dataset = arguments.pop("dataset", None) or open_data(made.data)
    report = checker.check(made, dataset.spec)
    compiled = compiler.compile_graph(made, report, dataset.spec, seed=made.recipe.seed)
    return Job(made, compiled, dataset, **{"threads": 1, **arguments})


def events(given: Job, control: Control | None = None) -> list[Event]:
    return list(train(given, control or Control()))


def stopped_at(given: Job, step: int) -> list[Event]:
    """The events of a run that is told to stop once it has reported `step`."""
    control, told = Control(), []
    for event in train(replace(given, report_every=0), control):
        told.append(event)
        if isinstance(event, Losses) and event.last >= step:
            control.stop()
    return told


def losses(told: Iterable[Event]) -> list[float]:
    return [value for event in told if isinstance(event, Losses) for value in event.values]


def rates(told: Iterable[Event]) -> list[float]:
    return [r for e in told if isinstance(e, Losses) for r in (e.rates or (e.rate,) * len(e.values))]


def epochs(told: Iterable[Event]) -> list[tuple[Any, ...]]:
    """What each epoch came to, without how long it took."""
    return [(e.epoch, e.step, e.train, e.validation, e.rate) for e in told if isinstance(e, EpochEnded)]


def state(told: Iterable[Event]) -> TrainingState:
    """The last one given."""
    return [event.state for event in told if isinstance(event, Checkpoint)][-1]


def finished(told: Iterable[Event]) -> Finished:
    last = list(told)[-1]
    assert isinstance(last, Finished), last
    return last


def failed(told: Iterable[Event]) -> Failed:
    last = list(told)[-1]
    assert isinstance(last, Failed), last
    return last


def assert_same(a: TrainingState, b: TrainingState) -> None:
    """To the bit: position, weights, buffers, optimiser, random numbers, sums."""
    assert (a.step, a.epoch, a.batch, a.partial) == (b.step, b.epoch, b.batch, b.partial)
    for one, other in ((a.weights, b.weights), (a.optimizer, b.optimizer), (a.random, b.random)):
        assert one.keys() == other.keys()
        for key in one:
            assert one[key].dtype == other[key].dtype and one[key].shape == other[key].shape, key
            assert one[key].tobytes() == other[key].tobytes(), f"{key}: {np.abs(one[key] - other[key]).max()}"
