"""Decision fields: they are what the network computes over the plane, and looking at them leaves no trace."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from small_jobs import PLAIN, design, epochs, events, job, losses, state

from engine.check.checker import check
from engine.compile import keys
from engine.compile.compiled import Compiled
from engine.compile.compiler import compile_graph
from engine.data.source import open_data
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.model import Wire
from engine.observe import fields, plane
from engine.observe.looker import Looker
from engine.observe.picture import Picture, Plane, Request, View
from engine.observe.probe import probe_samples
from engine.project import records
from engine.train.control import Control
from engine.train.events import EpochEnded, Looked
from engine.train.loop import train

SPIRALS = DataChoice("spirals")


def planar(*layers: tuple[str, dict[str, Any]], **recipe: Any) -> Design:
    return replace(design(layers, **recipe), data=SPIRALS)


def compiled_of(made: Design) -> Compiled:
    data = open_data(made.data)
    report = check(made, data.spec)
    assert report.trainable, [p.sentence() for p in report.errors]
    return compile_graph(made, report, data.spec, seed=3)


def pictures_of(made: Design, *views: View, compiled: Compiled | None = None) -> list[Picture]:
    compiled = compiled or compiled_of(made)
    return list(Looker(compiled, open_data(made.data)).answer(compiled, Request(views), step=1200, epoch=2.5).pictures)


def field(node: str, units: int = 16, side: int = 48) -> View:
    return View((node,), "field", units, side=side)


# -- what is shown is what is computed -------------------------------------------------
def test_the_field_of_a_linear_layer_is_its_closed_form():
    made = planar(("Linear", {"out_features": 3}), ("Linear", {"out_features": 2}))
    compiled = compiled_of(made)
    weight = np.array([[1.0, -2.0], [0.5, 0.0], [0.0, 3.0]], np.float32)
    bias = np.array([0.25, -1.0, 0.0], np.float32)
    keys.load(compiled, {**_weights(compiled), "layer0.weight": weight, "layer0.bias": bias})
    (picture,) = pictures_of(made, field("layer0"), compiled=compiled)
    assert picture.plane is not None and picture.tiles.shape == (3, 48, 48) and picture.classes == 0
    left, right, bottom, top = picture.plane.extent
    x = left + (np.arange(48) + 0.5) / 48 * (right - left)
    y = top - (np.arange(48) + 0.5) / 48 * (top - bottom)
    for unit, tile in zip(picture.units, picture.tiles, strict=True):
        wanted = weight[unit, 0] * x[np.newaxis, :] + weight[unit, 1] * y[:, np.newaxis] + bias[unit]
        assert np.allclose(tile, wanted, atol=1e-5)
    assert picture.signed and picture.low == -picture.high
    assert picture.units == (0, 2, 1)  # the largest answer first


def _weights(compiled: Compiled) -> dict[str, np.ndarray[Any, Any]]:
    return {key: tensor.detach().numpy() for key, tensor in keys.state(compiled).items()}


def test_what_two_classes_are_decided_between_is_the_difference_of_their_probabilities():
    made = planar(("Linear", {"out_features": 2}))
    compiled = compiled_of(made)
    weight = np.array([[4.0, 0.0], [0.0, 0.0]], np.float32)
    keys.load(compiled, {"layer0.weight": weight, "layer0.bias": np.zeros(2, np.float32)})
    (picture,) = pictures_of(made, field("layer0", side=20), compiled=compiled)
    assert picture.plane is not None
    points = plane.grid(picture.plane, 20)
    assert np.allclose(picture.tiles.reshape(-1), np.tanh(2.0 * points[:, 0]), atol=1e-5)  # 2σ(z) − 1 = tanh(z / 2)
    assert (picture.low, picture.high, picture.signed, picture.classes) == (-1.0, 1.0, True, 2)
    assert picture.units == (0,) and picture.total == 1
    for told in ("first class", plane.text(picture.plane), "20 × 20 points", "epoch 2.5", "step 1\u202f200"):
        assert told in picture.method


def test_the_inputs_are_the_two_coordinates():
    made = planar(("Linear", {"out_features": 2}))
    (picture,) = pictures_of(made, field("input", side=12))
    assert picture.plane is not None and picture.units == (0, 1)
    assert np.array_equal(picture.tiles.reshape(2, -1).T, plane.grid(picture.plane, 12))
    assert picture.tiles[1, 0, 0] > picture.tiles[1, -1, 0]  # up is up


def test_a_layer_that_is_never_negative_has_a_scale_from_zero_shared_by_all_its_units():
    made = planar(("Linear", {"out_features": 30}), ("ReLU", {}), ("Linear", {"out_features": 2}))
    before, after, few = pictures_of(made, field("layer0", 64), field("layer1", 64), View(("layer1",), "field", 4))
    assert before.signed and not after.signed and after.low == 0.0
    assert len(after.units) == 30 and len(few.units) == 4 and few.units == after.units[:4]
    assert few.high == after.high
    beyond = (after.tiles > after.high).mean()
    assert after.high > 0.0 and beyond < 0.01


@pytest.mark.parametrize("classes", [3, 5])
def test_of_more_classes_the_winner_and_its_certainty_are_told(classes: int):
    draw = np.random.default_rng(1)
    points = draw.normal(size=(600, 2)).astype(np.float32)
    data = Data(points, draw.integers(0, classes, 600), classes)
    made = design([("Linear", {"out_features": classes})])
    report = check(made, data.spec)
    compiled = compile_graph(made, report, data.spec, seed=5)
    request = Request((field("layer0", side=16),))
    (picture,) = Looker(compiled, data).answer(compiled, request).pictures
    assert picture.plane is not None and picture.classes == classes and not picture.signed
    scores = _scores(compiled, plane.grid(picture.plane, 16))
    assert np.array_equal(plane.winners(picture).reshape(-1), scores.argmax(axis=1))
    chances = torch.softmax(torch.from_numpy(scores), 1).max(dim=1).values.numpy()
    told = [plane.chance(picture, value) for value in picture.tiles.reshape(-1).tolist()]
    assert [winner for winner, _ in told] == scores.argmax(axis=1).tolist()
    assert np.allclose([chance for _, chance in told], chances, atol=1e-5)
    assert (picture.low, picture.high) == (0.0, float(classes))


def _scores(compiled: Compiled, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    weights = _weights(compiled)
    return points @ weights["layer0.weight"].T + weights["layer0.bias"]


@given(arrays.arrays(np.float32, (7, 4), elements=st.floats(-30, 30, width=32)))
def test_a_decision_names_the_likeliest_class(scores: np.ndarray[Any, Any]):
    chances = torch.softmax(torch.from_numpy(scores), dim=1).numpy()
    decided = plane.decided(chances)
    assert np.array_equal(np.floor(decided).astype(int), chances.argmax(axis=1))
    assert np.all((decided % 1.0 >= 0.25) & (decided % 1.0 <= 0.75))
    assert np.all(plane.decided(chances[:, :2] / chances[:, :2].sum(axis=1, keepdims=True)) <= 1.0)


# -- the plane -----------------------------------------------------------------------
class Data:
    """Points in the plane, half of them validation samples."""

    def __init__(self, points: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], classes: int = 2, name: str = "x"):
        self.parts = {
            "train": {name: points[::2], "label": labels[::2]},
            "validation": {name: points[1::2], "label": labels[1::2]},
            "test": {name: points[:0], "label": labels[:0]},
        }
        names = tuple(f"class {number}" for number in range(classes))
        inputs = (FieldSpec(name, "vector", (2,), "float32"),)
        targets = (FieldSpec("label", "class", (), "int64", names),)
        self.spec = DataSpec("points", "Points", inputs, targets, len(points) // 2, len(points) // 2, 0)

    def arrays(self, split: str, first: int | None = None) -> dict[str, np.ndarray[Any, Any]]:
        return {name: values[:first] for name, values in self.parts[split].items()}


def test_the_samples_shown_are_of_both_parts_and_told_apart():
    found = probe_samples(open_data(SPIRALS)).planes["point"]
    assert len(found.points) == plane.LEARNED + plane.HELD_OUT and int(found.held_out.sum()) == plane.HELD_OUT
    data = open_data(SPIRALS)
    learned, kept = data.arrays("train")["point"], data.arrays("validation")["point"]
    assert {tuple(p) for p in found.points[found.held_out].tolist()} <= {tuple(p) for p in kept.tolist()}
    assert {tuple(p) for p in found.points[~found.held_out].tolist()} <= {tuple(p) for p in learned.tolist()}
    assert set(found.classes.tolist()) == {0, 1}


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_plane_holds_every_sample_with_room_around_it(points: np.ndarray[Any, Any]):
    found = plane.planes({"x": points}, {})["x"]
    left, right, bottom, top = found.extent
    assert left < right and bottom < top
    shares = plane.shares(found)
    assert np.all((shares > 0.0) & (shares < 1.0))
    back = np.array([plane.place(found, x, y) for x, y in shares.tolist()])
    assert np.allclose(back, found.points, rtol=1e-4, atol=1e-4 * max(right - left, top - bottom))


def test_axes_that_differ_little_have_one_scale_and_others_their_own():
    near = plane.planes({"x": np.array([[-1, -0.5], [1, 0.5]], np.float32)}, {})["x"].extent
    assert near[1] - near[0] == pytest.approx(near[3] - near[2])
    far = plane.planes({"x": np.array([[-1, 0], [1, 900]], np.float32)}, {})["x"].extent
    assert far[1] - far[0] == pytest.approx(2.4) and far[3] - far[2] == pytest.approx(1080)


def test_samples_that_are_no_numbers_are_left_out():
    points = np.array([[0, 0], [np.nan, 1], [1, np.inf], [1, 1]], np.float32)
    assert plane.planes({}, {"x": points})["x"].points.tolist() == [[0, 0], [1, 1]]


def test_which_designs_have_a_plane():
    made, spec = planar(("Linear", {"out_features": 2})), open_data(SPIRALS).spec
    assert plane.is_plane(made.graph, spec) and not plane.is_plane(made.graph, None)
    assert not plane.is_plane(Design().graph, spec)
    assert not plane.is_plane(made.graph, open_data(DataChoice("digits")).spec)
    assert not plane.is_plane(edits.set_parameter(made, "input", "field", "nonesuch").graph, spec)


def test_images_have_no_field_and_say_so():
    made = design(PLAIN)
    (picture,) = pictures_of(made, field("layer1"))
    assert picture.problem == fields.NO_PLANE and not picture.tiles.size


def test_losses_and_targets_say_why_they_have_none():
    made = planar(("Linear", {"out_features": 2}))
    target, loss, gone = pictures_of(made, field("target"), field("loss"), field("nobody"))
    assert "curve" in loss.problem and "should answer" in target.problem and "added or removed" in gone.problem


# -- any graph -------------------------------------------------------------------------
def branching() -> Design:
    """Two branches that are added, and beside them the inputs themselves; normalised, and with dropout."""
    made = planar(("Linear", {"out_features": 6}), ("BatchNorm1d", {}), ("ReLU", {}))
    for name, kind, parameters, sources in (
        ("side", "Linear", {"out_features": 6}, ["input"]),
        ("sum", "Add", {}, ["layer2", "side"]),
        ("both", "Concat", {}, ["sum", "input"]),
        ("drop", "Dropout", {"p": 0.4}, ["both"]),
        ("shaped", "Unflatten", {"dim": 1, "unflattened_size": (2, 4)}, ["drop"]),
        ("flat", "Flatten", {}, ["shaped"]),
        ("norm", "LayerNorm", {"normalized_shape": (8,)}, ["flat"]),
        ("out", "Linear", {"out_features": 2}, ["norm"]),
    ):
        made, _ = edits.add_node(made, kind, (0, 0), parameters=parameters, node_id=name, layer_id=name)
        for source in sources:
            made = edits.connect(made, Wire(source, name))
    return edits.connect(made, Wire("out", "loss"))


def test_every_layer_of_a_branching_graph_has_a_field():
    made = branching()
    names = [name for name in made.graph.nodes if name not in ("target", "loss")]
    compiled = compiled_of(made)
    with torch.no_grad():  # running statistics of its own, so that eval and train differ
        for _ in range(5):
            compiled.module.train()(torch.randn(64, 2), torch.zeros(64, dtype=torch.long))
    found = pictures_of(made, *(field(name, 64, 14) for name in names), compiled=compiled)
    shown = dict(zip(names, found, strict=True))
    assert not any(picture.problem for picture in found)
    assert [len(shown[name].units) for name in ("layer0", "sum", "both", "shaped", "out")] == [6, 6, 8, 8, 1]
    assert np.array_equal(_in_order(shown["both"])[6:], shown["input"].tiles)
    assert np.allclose(_in_order(shown["sum"]), _in_order(shown["layer2"]) + _in_order(shown["side"]), atol=1e-6)
    assert np.array_equal(_in_order(shown["drop"]), _in_order(shown["both"]))  # nothing is dropped while looking


def _in_order(picture: Picture) -> np.ndarray[Any, Any]:
    return picture.tiles[np.argsort(picture.units)]


def test_a_network_that_takes_long_has_a_coarser_field(monkeypatch: pytest.MonkeyPatch):
    made = planar(("Linear", {"out_features": 2}))
    compiled = compiled_of(made)
    looker = Looker(compiled, open_data(SPIRALS))
    request = Request((field("layer0"),))
    assert looker.answer(compiled, request).pictures[0].tiles.shape == (1, 48, 48)
    monkeypatch.setattr("engine.observe.fields.BUDGET", 1e-9)
    coarse = looker.answer(compiled, request).pictures[0]
    assert coarse.tiles.shape == (1, fields.SMALLEST, fields.SMALLEST)
    assert f"{fields.SMALLEST} × {fields.SMALLEST} points" in coarse.method


# -- true, and without a trace -----------------------------------------------------------
MLP = (
    ("Linear", {"out_features": 16}),
    ("BatchNorm1d", {}),
    ("Tanh", {}),
    ("Dropout", {"p": 0.2}),
    ("Linear", {"out_features": 16}),
    ("ReLU", {}),
    ("Linear", {"out_features": 2}),
)


def test_looking_at_fields_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """Losses, weights, buffers (running statistics), the optimiser's state and random numbers, to the bit."""
    made = planar(*MLP)
    unseen = events(job(made, dataset=open_data(SPIRALS), report_every=0))
    monkeypatch.setattr("engine.train.loop.LOOK_OFTEN", 0.0)
    monkeypatch.setattr("engine.train.loop.LOOK_SELDOM", 0.0)
    control, seen, numbers = Control(), [], itertools.count()
    views = tuple(field(name, 64) for name in made.graph.nodes if name not in ("target", "loss"))
    for event in train(job(made, dataset=open_data(SPIRALS), report_every=0), control):
        seen.append(event)
        control.look(Request(views, number=next(numbers)))
    looks = [event.look for event in seen if isinstance(event, Looked)]
    assert len(looks) > 10 and not any(picture.problem for look in looks for picture in look.pictures)
    assert losses(seen) == losses(unseen) and epochs(seen) == epochs(unseen)
    before, after = state(unseen), state(seen)
    for kind in ("weights", "optimizer", "random"):
        one, other = getattr(before, kind), getattr(after, kind)
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[key], other[key]) for key in one), kind


def _agreement(made: Design, compiled: Compiled) -> tuple[float, float]:
    """The share of all validation samples that lie where their class wins; and the network's own accuracy on them."""
    data = open_data(made.data)
    samples = data.arrays("validation")
    (picture,) = pictures_of(made, field("layer6", side=128), compiled=compiled)
    assert picture.plane is not None
    everyone = Plane(picture.plane.extent, samples["point"], samples["label"], np.ones(len(samples["label"]), bool))
    good, of = plane.right(replace(picture, plane=everyone))
    assert of == len(samples["label"])
    cut = Looker(compiled, {"point": samples["point"], "label": samples["label"]})
    told = cut.answer(compiled, Request((), tuple(range(of)))).predictions
    return good / of, float(np.mean([kind == label for (kind, _), label in zip(told, samples["label"], strict=True)]))


def test_a_trained_field_parts_the_classes_as_well_as_the_network_does_and_an_untrained_one_does_not():
    made = replace(planar(*MLP, epochs=20, batch_size=64), data=DataChoice("circles"))
    compiled = compiled_of(made)
    shown, measured = _agreement(made, compiled)
    assert shown == pytest.approx(measured, abs=0.02) and shown < 0.75
    told = events(job(made, dataset=open_data(made.data)))
    keys.load(compiled, state(told).weights)
    shown, measured = _agreement(made, compiled)
    metric = [event.validation for event in told if isinstance(event, EpochEnded)][-1]
    assert metric is not None and measured == metric.accuracy  # the run's own
    assert shown == pytest.approx(measured, abs=0.02) and shown > 0.95


def test_files_hold_no_fields():
    made = planar(("Linear", {"out_features": 2}))
    compiled = compiled_of(made)
    views = (field("layer0"), View(("layer0",)), field("input"))
    look = Looker(compiled, open_data(SPIRALS)).answer(compiled, Request(views), step=3, epoch=1.0)
    stored = records.element_to_look(records.look_to_element(look), "look")
    assert [picture.view for picture in stored.pictures] == [View(("layer0",))] == list(stored.request.views)
    assert (stored.step, stored.epoch, stored.predictions) == (look.step, look.epoch, look.predictions)
