"""Training: that it computes what a plain loop would, what it tells, and how it ends when something goes wrong."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_jobs import PLAIN, design, epochs, events, failed, finished, job, losses, named, rates, state, stopped_at

from engine.compile import keys
from engine.data.source import Dataset, open_data
from engine.errors import DataError, ParameterError, TrainingError, UnknownName
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.model import Wire
from engine.graph.recipe import Named, Recipe
from engine.observe.history import History
from engine.observe.picture import Request, View
from engine.train import machine, recipe
from engine.train.control import Control
from engine.train.events import (
    Checkpoint,
    EpochEnded,
    Event,
    Failed,
    Finished,
    Looked,
    Losses,
    Metrics,
    Paused,
    Resumed,
    Started,
)
from engine.train.loop import evaluate, train
from engine.train.optimizers import Rates, build_optimizer
from engine.train.recorder import Recorder

STEPS_PER_EPOCH = 6


# -- that it computes the right thing ------------------------------------------------------------------------------
def test_it_is_the_loop_one_would_write_by_hand():
    made = design(PLAIN, optimizer=named("Adam", lr=0.01), epochs=2)
    given = job(made)
    told = events(given)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 16), torch.nn.ReLU(), torch.nn.Linear(16, 10))
    first = job(made).compiled
    for name, layer in (("layer1", net[1]), ("layer3", net[3])):
        layer.load_state_dict({part: keys.state(first)[f"{name}.{part}"] for part in ("weight", "bias")})
    arrays = given.dataset.arrays("train")
    images, labels = torch.from_numpy(arrays["image"]), torch.from_numpy(arrays["label"])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
    expected: list[float] = []
    for epoch in range(2):
        generator = torch.Generator().manual_seed(machine.derived_seed("order", 0, epoch))
        order = torch.randperm(len(images), generator=generator)
        for batch in order.split(256):
            loss = torch.nn.functional.cross_entropy(net(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            expected.append(loss.item())
    assert losses(told) == expected
    for name, layer in (("layer1", net[1]), ("layer3", net[3])):
        assert np.array_equal(state(told).weights[f"{name}.weight"], layer.weight.detach().numpy())
    with torch.no_grad():
        test = {n: torch.from_numpy(a) for n, a in given.dataset.arrays("test").items()}
        answers = net(test["image"]).argmax(1)
    assert finished(told).test == evaluate(given.compiled, given.dataset.arrays("test"))
    accuracy = finished(told).test
    assert accuracy is not None and accuracy.accuracy == (answers == test["label"]).double().mean().item()


def test_every_sample_is_seen_once_an_epoch():
    data = job().dataset.arrays("train")
    seen = _order(0, 0, len(data["label"]))
    assert sorted(seen) == list(range(len(data["label"]))) and seen != _order(0, 1, len(data["label"]))


def _order(seed: int, epoch: int, count: int) -> list[int]:
    from engine.train.batches import Resident, Shuffled

    numbers = np.arange(count)
    batches = Shuffled(Resident({"n": numbers}, ["n"], torch.device("cpu")), 256, seed, torch.device("cpu"))
    return [i for b in range(batches.steps_per_epoch) for i in batches.batch(epoch, b)[0].tolist()]


@pytest.mark.parametrize(
    ("samples", "batch", "steps"), [(10, 5, 2), (12, 5, 3), (11, 5, 2), (3, 10, 1), (1, 4, 1), (4, 1, 4)]
)
def test_a_last_batch_of_one_sample_is_left_out(samples: int, batch: int, steps: int):
    from engine.train.batches import Resident, Shuffled

    cpu = torch.device("cpu")
    batches = Shuffled(Resident({"n": np.arange(samples)}, ["n"], cpu), batch, 0, cpu)
    assert batches.steps_per_epoch == steps
    assert all(len(batches.batch(0, b)[0]) >= 1 for b in range(steps))


def test_several_weighted_losses_are_summed():
    made = design(PLAIN, epochs=1)
    made, _ = edits.add_node(
        made, "NLLLoss", (0, 0), node_id="second", label="second", parameters={"weight_in_sum": 0.5}
    )
    made, soft = edits.add_node(made, "LogSoftmax", (0, 0), parameters={"dim": 1})
    for wire in (Wire("layer3", soft), Wire(soft, "second"), Wire("target", "second", "target")):
        made = edits.connect(made, wire)
    told = events(job(made))
    train_metrics = finished(told).train
    assert train_metrics is not None
    parts = dict(train_metrics.losses)
    assert train_metrics.loss == pytest.approx(sum(parts.values()) - 0.5 * parts["second"])
    recorder = Recorder()
    for event in told:
        recorder.add(event)
    assert "train/loss/second" in recorder.history().epochs


def test_two_losses_with_one_label_have_a_column_each():
    made = design(PLAIN, epochs=1)
    label = next(n.label for n in made.graph.nodes.values() if made.graph.layer_of(n.id).kind == "CrossEntropyLoss")
    made, _ = edits.add_node(made, "CrossEntropyLoss", (0, 0), node_id="second", parameters={"weight_in_sum": 0.5})
    for wire in (Wire("layer3", "second"), Wire("target", "second", "target")):
        made = edits.connect(made, wire)
    second = replace(made.graph.nodes["second"], label=label)
    made = replace(made, graph=replace(made.graph, nodes=made.graph.nodes.with_item("second", second)))
    recorder = Recorder()
    for event in events(job(made)):
        recorder.add(event)
    epochs = recorder.history().epochs
    assert {f"train/loss/{label}", f"train/loss/{label} (2)"} <= set(epochs)


def test_a_yes_or_no_loss_has_an_accuracy():
    from engine.train.metrics import Judge, is_comparable

    scores, truth = torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([[1.0], [0.0], [0.0]])
    assert Judge(0, 0, "BCEWithLogitsLoss").correct(scores, truth) == 2
    assert Judge(0, 0, "BCELoss").correct(torch.sigmoid(scores), truth) == 2
    classes = Judge(0, 0, "CrossEntropyLoss")
    pictures, mask = torch.rand(2, 3, 4, 4), torch.randint(3, (2, 4, 4))
    assert is_comparable(classes, pictures, mask) and not is_comparable(classes, pictures, pictures)
    assert classes.correct(pictures, pictures.argmax(1)) == 32


def test_evaluate_leaves_everything_as_it_was():
    compiled = job().compiled
    compiled.module.train()
    before = {k: v.clone() for k, v in keys.state(compiled).items()}
    random = torch.get_rng_state()
    data = open_data(DataChoice("digits"))
    metrics = evaluate(compiled, data.arrays("test"))
    small = evaluate(compiled, data.arrays("test"), batch_size=50)
    assert metrics.samples == 359 and metrics.accuracy == small.accuracy
    assert metrics.loss == pytest.approx(small.loss, rel=1e-5)
    assert all(torch.equal(v, before[k]) for k, v in keys.state(compiled).items())
    assert compiled.module.training and torch.equal(random, torch.get_rng_state())
    with pytest.raises(DataError, match="no field called ‘label’"):
        evaluate(compiled, {"image": data.arrays("test")["image"]})


def test_a_last_single_sample_is_measured_with_those_before():
    layers = (("Flatten", {}), ("BatchNorm1d", {"track_running_stats": False}), ("Linear", {"out_features": 10}))
    compiled, test = job(design(layers)).compiled, open_data(DataChoice("digits")).arrays("test")
    assert len(test["image"]) % 179 == 1  # a batch of one has no spread to normalise by
    assert evaluate(compiled, test, batch_size=179).samples == len(test["image"])


# -- what it tells ---------------------------------------------------------------------------------------------------
def test_events_come_in_order():
    told = events(job(report_every=60))
    kinds = [type(event) for event in told]
    assert kinds == [Started, *[Losses, EpochEnded] * 3, Checkpoint, Finished]
    started, last = told[0], finished(told)
    assert isinstance(started, Started)
    assert (started.steps_per_epoch, started.epochs, started.samples, started.batch_size) == (6, 3, 1294, 256)
    assert (last.epoch, last.step, last.stopped) == (3, 18, False) and last.wall_seconds > 0
    assert all(pickle.loads(pickle.dumps(event)) == event for event in told if not isinstance(event, Checkpoint))
    for part, size in ((last.train, 1294), (last.validation, 144), (last.test, 359)):
        assert part is not None and part.samples == size and part.accuracy is not None


def test_a_finished_run_goes_on_by_measuring_only():
    done = events(job())
    again = events(job(state=state(done)))
    assert not losses(again)
    assert replace(finished(again), cpu_seconds=0, wall_seconds=0) == replace(
        finished(done), cpu_seconds=0, wall_seconds=0
    )


def test_a_stopped_run_is_not_measured_on_the_test_part():
    last = finished(stopped_at(job(), 2))
    assert last.stopped and last.test is None and last.step == 2


def test_pause_and_go_on():
    control, told = Control(), []
    control.look(Request((View(("layer1",)),)))
    for event in train(job(design(PLAIN), report_every=0), control):
        told.append(event)
        if isinstance(event, Losses) and event.last == 4:
            control.pause()
        if isinstance(event, Paused):
            assert isinstance(told[-2], Checkpoint) and told[-2].state.step == event.step == 4
            control.look(Request((View(("layer3",)),), number=1))
            control.ask_checkpoint()
        if isinstance(event, Looked) and event.look.request.number == 1 and event.look.step == 4:
            control.resume()
    assert [e.step for e in told if isinstance(e, Paused | Resumed)] == [4, 4]
    assert finished(told).step == 18


def test_stop_while_paused():
    control, told = Control(), []
    for event in train(job(report_every=0), control):
        told.append(event)
        if isinstance(event, Losses):
            control.pause()
        if isinstance(event, Paused):
            control.stop()
    assert finished(told).stopped and not any(isinstance(e, Resumed) for e in told)


def test_checkpoints_come_when_asked_and_by_the_clock():
    control, told = Control(), []
    for event in train(job(report_every=0), control):
        told.append(event)
        if isinstance(event, Losses) and event.last == 2:
            control.ask_checkpoint()
    steps = [e.state.step for e in told if isinstance(e, Checkpoint)]
    assert len(steps) == 2 and steps[0] in (2, 3) and steps[1] == 18
    often = [e for e in events(job(checkpoint_every=0.0)) if isinstance(e, Checkpoint)]
    assert len(often) > 10


def test_states_are_values():
    told = events(job(checkpoint_every=0.0))
    first = next(e.state for e in told if isinstance(e, Checkpoint))
    assert not any(a.flags.writeable for a in [*first.weights.values(), *first.optimizer.values()])
    assert not np.array_equal(first.weights["layer5.weight"], state(told).weights["layer5.weight"])
    assert {key.rsplit("/", 1)[1] for key in first.optimizer} == {"step", "exp_avg", "exp_avg_sq"}


def test_pictures_come_within_their_share_of_time():
    control = Control()
    control.look(Request((View(("layer1",)),)))
    told = events(job(design(PLAIN, epochs=30, batch_size=64)), control)
    looks = [e.look for e in told if isinstance(e, Looked)]
    assert looks[0].step == 0 and looks[-1].step == finished(told).step
    assert len({look.step for look in looks}) == len(looks)  # never twice of the same weights


def test_a_picture_that_cannot_be_made_says_why(monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no crayons")

    monkeypatch.setattr("engine.train.loop.Looker", broken)
    control = Control()
    control.look(Request((View(("layer1",)),)))
    told = events(job(design(PLAIN)), control)
    look = next(e.look for e in told if isinstance(e, Looked))
    assert "no crayons" in look.pictures[0].problem and finished(told).step == 18


# -- rates -----------------------------------------------------------------------------------------------------------
SCHEDULES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("OneCycleLR", {"max_lr": 0.02}, {"max_lr": 0.02, "total_steps": 18}, True),
    ("CosineAnnealingLR", {}, {"T_max": 18}, True),
    ("PolynomialLR", {"power": 2.0}, {"power": 2.0, "total_iters": 18}, True),
    ("StepLR", {"step_size": 2}, {"step_size": 2}, False),
    ("MultiStepLR", {"milestones": (1, 2)}, {"milestones": [1, 2]}, False),
    ("ExponentialLR", {"gamma": 0.5}, {"gamma": 0.5}, False),
]


@pytest.mark.parametrize(("name", "given_", "of_torch", "per_step"), SCHEDULES)
def test_rates_are_those_of_torch(name: str, given_: dict[str, Any], of_torch: dict[str, Any], per_step: bool):
    made = Recipe(optimizer=Named("Adam", Frozen({"lr": 0.01})), schedule=named(name, **given_), epochs=3)
    ours = Rates(made, STEPS_PER_EPOCH)
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **of_torch)
    for step in range(3 * STEPS_PER_EPOCH):
        setting = ours.at(step)
        assert (
            setting["lr"] == optimizer.param_groups[0]["lr"] and setting["betas"] == optimizer.param_groups[0]["betas"]
        )
        optimizer.step()
        if (per_step and step + 1 < 3 * STEPS_PER_EPOCH) or (not per_step and (step + 1) % STEPS_PER_EPOCH == 0):
            schedule.step()
    assert ours.at(10**9) is ours.at(3 * STEPS_PER_EPOCH - 1)


def test_a_step_takes_the_rate_that_is_told():
    """With plain gradient descent, the rate of a step can be read off the weights."""
    made = design(PLAIN, optimizer=named("SGD", lr=0.1), schedule=named("ExponentialLR", gamma=0.1), epochs=2)
    told = events(job(made))
    assert rates(told) == pytest.approx([0.1] * 6 + [0.01] * 6)


def test_a_constant_rate_is_one_object():
    ours = Rates(Recipe(), 10)
    assert ours.at(0) is ours.at(5) is ours.at(10**6)


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (Recipe(optimizer=Named("Adm")), UnknownName, "Did you mean Adam"),
        (Recipe(schedule=Named("OneCycle")), UnknownName, "Did you mean OneCycleLR"),
        (Recipe(optimizer=Named("Adam", Frozen({"rate": 1.0}))), UnknownName, "parameter of Adam"),
        (Recipe(optimizer=Named("Adam", Frozen({"lr": "fast"}))), ParameterError, "Learning rate"),
        (Recipe(optimizer=Named("Adam", Frozen({"lr": -1.0}))), ParameterError, "Learning rate"),
        (Recipe(optimizer=Named("Adam", Frozen({"betas": (0.9, 1.5)}))), ParameterError, "Betas"),
        (Recipe(optimizer=Named("SGD", Frozen({"nesterov": True}))), ParameterError, "SGD does not take"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(made: Recipe, error: type[Exception], words: str):
    with pytest.raises(error, match=words):
        Rates(made, 5)
    told = events(job(replace(design(PLAIN), recipe=made)))
    assert words in failed(told).why


def test_problems_of_a_recipe():
    assert recipe.problems(Recipe()) == ()
    odd = Recipe(kind="magic", optimizer=Named("Adm"), epochs=0, batch_size=-3, precision="int1")
    found = {p.code: p for p in recipe.problems(odd)}
    assert set(found) == {"recipe-optimizer", "recipe-epochs", "recipe-batch-size", "recipe-kind", "recipe-precision"}
    assert all(p.severity == "error" and p.why for p in found.values())
    assert "Did you mean Adam" in found["recipe-optimizer"].why
    (warning,) = recipe.problems(Recipe(batch_size=5000), open_data(DataChoice("digits")).spec)
    assert warning.severity == "warning" and "1\u202f294" in warning.why
    assert recipe.problems(Recipe(epochs=True, seed="x"))  # type: ignore[arg-type]


def test_a_recipe_in_words():
    made = Recipe(schedule=named("OneCycleLR", max_lr=0.01), batch_size=32, epochs=1)
    assert recipe.describe(made) == "Adam, OneCycleLR (rate up to 0.01), 1 epoch, batches of 32"
    assert recipe.describe(replace(made, schedule=None)) == "Adam, rate 0.001, 1 epoch, batches of 32"
    unset = replace(made, schedule=named("OneCycleLR"))
    assert recipe.describe(unset) == "Adam, rate 0.001, OneCycleLR, 1 epoch, batches of 32"


# -- what goes wrong -------------------------------------------------------------------------------------------------
def _label(made: Design, told: list[Event]) -> str:
    path = failed(told).path
    return made.graph.nodes[path[-1]].label if path else ""


LINEAR = (("Flatten", {}), *[("Linear", {"out_features": 16})] * 3, ("Linear", {"out_features": 10}))  # nothing dies


@pytest.mark.parametrize("rate", [1e3, 1e6])
def test_a_loss_that_is_not_finite_stops_the_run_and_names_the_layer(rate: float):
    made = design(LINEAR, optimizer=named("SGD", lr=rate))
    told = events(job(made, report_every=60))
    error, kept = failed(told), state(told)
    assert error.what == f"Loss became NaN at step {error.step}." or "infinite" in error.what
    assert _label(made, told) in ("fc1", "fc2", "fc3", "fc4") and _label(made, told) in error.why
    assert "learning rate" in error.why and "Traceback" not in error.why
    assert all(math.isfinite(v) for v in losses(told)) and len(losses(told)) == error.step - 1
    assert all(np.isfinite(a).all() for a in kept.weights.values())
    calmer = replace(made, recipe=replace(made.recipe, optimizer=Named("SGD", Frozen({"lr": 0.1}))))
    assert finished(events(job(calmer, state=kept))).step == 18


def test_it_is_noticed_however_seldom_losses_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.train.loop.MOST_STEPS", 50)
    made = design(LINEAR, optimizer=named("SGD", lr=1e6), batch_size=4)
    error = failed(events(job(made, report_every=1e9)))
    assert error.step < 10


def _with_bomb(made: Design, layer: str, act: Any, **arguments: Any):
    """The job whose layer also does `act` when called in training."""
    given = job(made, **arguments)
    module = given.compiled.module.get_submodule(given.compiled.names[layer])
    plain = module.forward

    def forward(*values: torch.Tensor) -> torch.Tensor:
        return act(plain(*values)) if module.training else plain(*values)

    module.forward = forward  # type: ignore[method-assign]
    return given


def test_the_first_layer_that_gives_no_number_is_named():
    """A layer in the middle turns to NaN at step 9: found to be that one. The step before it is undone too: the same
    samples and weights would give the same again, whatever the rate."""
    calls = {"n": 0}

    class Spoil(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, values: torch.Tensor) -> torch.Tensor:
            return values * math.nan if float(values.detach().abs().sum()) in spoiled else values.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
            return gradients[0]

    spoiled: set[float] = set()

    def act(values: torch.Tensor) -> torch.Tensor:
        calls["n"] += 1
        if calls["n"] == 9:
            spoiled.add(float(values.detach().abs().sum()))  # the same samples and weights will be spoiled again
        return Spoil.apply(values)  # type: ignore[return-value]

    made = design(PLAIN)
    told = events(_with_bomb(made, "layer2", act, report_every=60))
    error = failed(told)
    assert error.what == "Loss became NaN at step 9." and error.path == ("layer2",)
    assert "The output of relu1 was the first that was not finite." in error.why
    plain = events(job(made))
    kept = stopped_at(job(made), 7)
    assert losses(told) == losses(plain)[:8]
    assert all(np.array_equal(a, state(kept).weights[k]) for k, a in state(told).weights.items())


def test_gradients_that_are_no_numbers_are_found_before_they_reach_the_weights():
    class Spoil(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, values: torch.Tensor) -> torch.Tensor:
            return values.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
            return gradients[0] * math.inf

    made = design(PLAIN)
    told = events(_with_bomb(made, "layer2", Spoil.apply))
    error = failed(told)
    assert error.path == ("layer1",) and "gradients of fc1" in error.why and error.step == 2
    assert state(told).step == 0


def test_an_error_in_a_layer_becomes_a_problem_of_that_node():
    calls, cursed = {"n": 0}, set[float]()

    def act(values: torch.Tensor) -> torch.Tensor:
        calls["n"] += 1
        if calls["n"] == 5:
            cursed.add(float(values.detach().sum()))
        if float(values.detach().sum()) in cursed:
            raise ValueError("the layer fell over\nwith a second line")
        return values

    made = design(PLAIN)
    told = events(_with_bomb(made, "layer2", act, report_every=60))
    error = failed(told)
    assert error.what == "relu1 failed at step 5." and error.path == ("layer2",)
    assert "the layer fell over." in error.why and "step 4" in error.why and "second line" not in error.why
    assert "Traceback" in error.details and len(losses(told)) == 4


def test_an_error_tells_layers_with_one_label_apart():
    def act(_values: torch.Tensor) -> torch.Tensor:
        raise ValueError("the layer fell over")

    made = design(PLAIN)
    alike = [node for node, found in made.graph.nodes.items() if found.label.startswith(("fc", "relu"))]
    nodes = {node: replace(made.graph.nodes[node], label="same") for node in alike}
    made = replace(made, graph=replace(made.graph, nodes=made.graph.nodes.with_items(nodes)))
    assert len(alike) == 3
    assert failed(events(_with_bomb(made, "layer2", act))).what.startswith("same (2nd of 3) failed at step 1")


def test_a_label_out_of_range_is_told_at_the_loss():
    class Strange(Dataset):
        def arrays(self, split: str, first: int | None = None) -> dict[str, Any]:
            found = dict(super().arrays(split, first))
            return found | {"label": found["label"] + 5}

    dataset = open_data(DataChoice("digits"))
    error = failed(events(job(design(PLAIN), dataset=Strange(dataset._raw, dataset.choice))))
    assert error.path == ("loss",) and "out of bounds" in error.why


def test_out_of_memory_says_what_to_do(capfd: pytest.CaptureFixture[str]):
    def act(values: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    error = failed(events(_with_bomb(design(PLAIN), "layer2", act)))
    assert error.what == "The computer ran out of memory." and "Use batches of 128" in error.why
    assert capfd.readouterr().err == ""  # a GraphModule would have printed


def test_what_cannot_begin_says_why():
    whole = job()
    assert "no loss" in failed(events(replace(whole, compiled=replace(whole.compiled, losses=())))).why
    with pytest.raises(TrainingError, match="nothing to learn"):
        build_optimizer(Recipe(), [])
    before = state(stopped_at(job(), 2))
    assert "seed 0" in failed(events(job(design(seed=3), state=before))).why
    assert "batch size" in failed(events(job(design(batch_size=100), state=before))).why
    other = failed(events(job(design(PLAIN), state=before)))
    assert "belong to another" in other.why and other.details


# -- the recorder ----------------------------------------------------------------------------------------------------
def test_the_recorder_holds_what_was_told():
    told = events(job(design(schedule=named("OneCycleLR"))))
    recorder = Recorder()
    for event in told:
        recorder.add(event)
    history = recorder.history()
    assert history.loss.tolist() == losses(told) and history.rate.tolist() == rates(told)
    assert history.epochs["epoch"].tolist() == [1, 2, 3] and history.epochs["step"].tolist() == [6, 12, 18]
    metrics = [row[3] for row in epochs(told)]
    assert history.epochs["validation/accuracy"].tolist() == [m.accuracy for m in metrics]
    assert not history.loss.flags.writeable


def test_a_run_that_goes_on_from_earlier_replaces_what_came_later():
    told = events(job())
    recorder = Recorder()
    for event in told:
        recorder.add(event)
    whole = recorder.history()
    back = stopped_at(job(), 8)
    again = Recorder(whole)
    for event in events(job(state=state(back), epochs=2)):
        again.add(event)
    history = again.history()
    assert history.loss.tolist() == losses(told)[:12] and history.epochs["epoch"].tolist() == [1, 2]
    assert whole.loss.tolist() == losses(told)  # what was given out has not changed


@given(st.lists(st.tuples(st.integers(0, 12), st.lists(st.floats(0, 9), max_size=5)), max_size=12))
def test_the_recorder_never_changes_what_it_gave_out(puts: list[tuple[int, list[float]]]):
    recorder, given_out, expected = Recorder(History(loss=np.arange(3.0), rate=np.ones(3))), [], list(np.arange(3.0))
    for back, values in puts:
        first = max(0, len(expected) - back)
        recorder.add(Losses(first + 1, tuple(values), 0.1, 1.0))
        expected = expected[:first] + values if values else expected[:first]
        history = recorder.history()
        given_out.append((history.loss, history.loss.copy()))
        assert history.loss.tolist() == expected and len(history.rate) == len(expected)
    assert all(np.array_equal(shown, copy) for shown, copy in given_out)


def test_recording_costs_the_same_at_the_end_as_at_the_start():
    import time

    recorder = Recorder()
    took: list[float] = []
    for block in range(20):
        began = time.perf_counter()
        for i in range(500):
            recorder.add(Losses(block * 5000 + i * 10 + 1, (1.0,) * 10, 0.1, 1.0))
            recorder.history()
        took.append(time.perf_counter() - began)
    assert len(recorder.history().loss) == 100_000
    assert sorted(took[-5:])[2] < 10 * sorted(took[:5])[2] + 0.01


def test_missing_metrics_are_nan():
    recorder = Recorder()
    recorder.add(EpochEnded(1, 5, Metrics(1.0), None, 0.1, 2.0))
    recorder.add(EpochEnded(2, 10, Metrics(0.5), Metrics(0.7, 0.9), 0.1, 2.0))
    columns = recorder.history().epochs
    assert math.isnan(columns["validation/loss"][0]) and columns["validation/loss"][1] == 0.7
    assert {len(column) for column in columns.values()} == {2}


def test_failed_is_the_last_event():
    told = events(job(design(LINEAR, optimizer=named("SGD", lr=1e6))))
    assert isinstance(told[-1], Failed) and sum(isinstance(e, Failed) for e in told) == 1
