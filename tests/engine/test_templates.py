"""The designs that a project can start from."""

from __future__ import annotations

import itertools
import math
import pathlib
from dataclasses import replace

import pytest
import small_jobs

from engine.check.checker import check
from engine.data import cache
from engine.data.source import Dataset, open_data
from engine.errors import UnknownName
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.recipe import Named, Recipe
from engine.project import sketch, templates
from engine.train.events import Finished

NAMES = ["lenet", "cnn-digits", "mlp-digits", "mlp-spirals", "resnet-8", "char-lstm", "sequence-gru", "blank"]
TRAINABLE = NAMES[:-1]


@pytest.fixture(scope="module")
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def drawn_once(one_cache: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The large sets take seconds to draw."""
    monkeypatch.setattr(cache, "folder", lambda: one_cache)


class Few(Dataset):
    """The first samples of each part."""

    def __init__(self, choice: DataChoice, most: int):
        whole = open_data(choice)
        super().__init__(whole._raw, choice)
        self._parts = {part: numbers[:most] for part, numbers in self._parts.items()}


def test_the_templates_are_named_and_told_apart():
    assert [t.name for t in templates.names()] == NAMES
    assert all(t.title and t.summary.endswith(".") for t in templates.names())


def test_an_unknown_template_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="Did you mean lenet"):
        templates.load("lenett")


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_template_is_the_same_each_time_and_no_nodes_overlap(name: str):
    design = templates.load(name)
    assert design == templates.load(name)
    assert set(design.places) == set(design.graph.nodes)
    for one, other in itertools.combinations(design.places.values(), 2):
        assert abs(one[0] - other[0]) >= 160 or abs(one[1] - other[1]) >= 126


def test_lenet_is_the_network_of_the_paper():
    graph = templates.load("lenet").graph
    labels = "input conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 relu4 logits cross_entropy target"
    assert [n.label for n in graph.nodes.values()] == labels.split()


def test_blank_is_empty_and_has_data():
    design = templates.load("blank")
    assert design.graph == Design().graph
    assert design.data.source == "digits"


@pytest.mark.parametrize("name", TRAINABLE)
def test_the_templates_are_ready_to_train(name: str):
    design = templates.load(name)
    spec = open_data(design.data).spec
    report = check(design, spec)
    assert report.problems == ()
    assert report.trainable


def test_resnet_8_has_three_skips_and_a_frame_around_each_block():
    design = templates.load("resnet-8")
    graph = design.graph
    assert [len(graph.wires_into(node.id)) for node in graph.nodes_of_kind("Add")] == [2, 2, 2]
    assert len(graph.nodes_of_kind("Conv2d")) == 9  # 7 of 3×3, 2 in skips
    for number, frame in enumerate(design.frames, start=1):
        inside = {
            graph.nodes[node].label
            for node, (x, y) in design.places.items()
            if frame.x <= x and x + 152 <= frame.x + frame.width and frame.y <= y and y + 152 <= frame.y + frame.height
        }
        own = {n.label for n in graph.nodes.values() if n.label.rstrip("ab").endswith(str(number))} - {"relu0", "norm0"}
        assert inside == own and f"add{number}" in inside


def test_letters_and_their_scores_are_as_many_as_the_vocabulary():
    from engine.data.sources.grammar import VOCABULARY

    layers = templates.load("char-lstm").graph.layers
    assert layers["layer_embedding"].parameters["num_embeddings"] == len(VOCABULARY)
    assert layers["layer_logits"].parameters["out_features"] == len(VOCABULARY)


def test_the_spirals_are_parted_in_seconds():
    last = small_jobs.finished(small_jobs.events(small_jobs.job(templates.load("mlp-spirals"))))
    assert last.test is not None and last.test.accuracy is not None and last.test.accuracy >= 0.99


def _learned(design: Design, samples: int, epochs: int) -> Finished:
    """Trained on a few of the samples."""
    design = replace(design, recipe=replace(design.recipe, epochs=epochs))
    return small_jobs.finished(small_jobs.events(small_jobs.job(design, dataset=Few(design.data, samples))))


@pytest.mark.parametrize(("name", "chance"), [("char-lstm", 1 / 29), ("sequence-gru", 1 / 4)])
def test_recurrent_templates_learn_and_their_accuracy_is_counted(name: str, chance: float):
    last = _learned(templates.load(name), samples=1000, epochs=4)
    assert last.test is not None and last.test.accuracy is not None and last.train is not None
    assert last.test.accuracy > 1.5 * chance and last.train.loss < math.log(1 / chance)


def test_a_recurrent_layer_learns_the_next_number():
    parts = [
        sketch.Part("Input", "input", sketch.at(0, 0)),
        sketch.Part("GRU", "gru", sketch.at(1, 0), ("input",), {"hidden_size": 16}),
        sketch.Part("Linear", "answer", sketch.at(2, 0), ("gru.hidden",), {"out_features": 1}),
    ]
    design = sketch.judged(sketch.built(parts), "answer", sketch.at(3, 0), field="next", loss="MSELoss")
    recipe = Recipe(batch_size=32, optimizer=Named("Adam", Frozen({"lr": 1e-2})))
    last = _learned(replace(design, recipe=recipe, data=DataChoice("sequences")), samples=1000, epochs=8)
    always_the_mean = float(open_data(DataChoice("sequences")).arrays("test")["next"].var())
    assert last.test is not None and last.test.accuracy is None and last.test.loss < 0.6 * always_the_mean


def test_a_mask_can_be_learned_pixel_by_pixel():
    design = sketch.chain(
        [
            ("Input", "input", {}),
            ("Conv2d", "conv1", {"out_channels": 8, "kernel_size": 3, "padding": 1}),
            ("ReLU", "relu1", {}),
            ("Conv2d", "scores", {"out_channels": 8, "kernel_size": 1}),
        ],
        field="mask",
    )
    recipe = Recipe(batch_size=32, optimizer=Named("Adam", Frozen({"lr": 1e-2})))
    design = replace(design, data=DataChoice("shapes"), recipe=recipe)
    spec = open_data(design.data).spec
    assert [p.code for p in check(design, spec).problems] == ["class-count"]  # eight shapes, and the background
    design = edits.set_parameter(design, "node_scores", "out_channels", 9)
    assert check(design, spec).problems == ()
    last = _learned(design, samples=300, epochs=4)
    assert last.test is not None and last.test.accuracy is not None and last.test.accuracy > 0.6  # of pixels


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("name", "least"), [("mlp-spirals", 0.99), ("lenet", 0.97), ("resnet-8", 0.95)])
def test_drawn_data_are_learned_within_two_minutes_of_cpu(name: str, least: float, seed: int):
    design = templates.load(name)
    design = replace(design, recipe=replace(design.recipe, seed=seed))
    last = small_jobs.finished(small_jobs.events(small_jobs.job(design)))
    assert last.test is not None and last.test.accuracy is not None and last.test.accuracy >= least
    assert last.cpu_seconds < 120
