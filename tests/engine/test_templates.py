"""The designs that a project can start from."""

from __future__ import annotations

import itertools

import pytest

from engine.errors import UnknownName
from engine.graph.design import Design
from engine.project import templates


def test_the_templates_are_named_and_told_apart():
    assert [t.name for t in templates.names()] == ["lenet", "cnn-digits", "mlp-digits", "blank"]
    assert all(t.title and t.summary.endswith(".") for t in templates.names())


def test_an_unknown_template_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="Did you mean lenet"):
        templates.load("lenett")


@pytest.mark.parametrize("name", ["lenet", "cnn-digits", "mlp-digits"])
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


@pytest.mark.parametrize("name", ["cnn-digits", "mlp-digits"])
def test_the_templates_for_the_digits_are_ready_to_train(name: str):
    from engine.check.checker import check
    from engine.data import source

    design = templates.load(name)
    report = check(design, source.open_data(design.data).spec)
    assert report.problems == ()
    assert report.trainable
