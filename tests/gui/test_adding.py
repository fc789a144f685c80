"""Adding a layer: where it goes, what it is wired to, one undo step."""

from __future__ import annotations

import itertools

import pytest

from engine.errors import UnknownName
from engine.graph import edits
from engine.graph.model import Wire
from gui.adding import COLUMNS, PITCH_X, PITCH_Y, add_layer, free_place, place_after
from gui.document import Document


@pytest.fixture
def document(qapp) -> Document:
    return Document()


def test_each_layer_goes_right_of_the_one_before_and_rows_wrap(document: Document) -> None:
    node = add_layer(document, "Input")
    nodes = [node]
    for _ in range(COLUMNS):
        nodes.append(add_layer(document, "ReLU", after=nodes[-1]))
    places = [document.design.places[n] for n in nodes]
    assert places[:2] == [(0.0, 0.0), (PITCH_X, 0.0)]
    assert places[-1] == (0.0, PITCH_Y)
    assert document.design.graph.wires == tuple(Wire(a, b) for a, b in itertools.pairwise(nodes))
    assert document.selection == {nodes[-1]}
    assert document.undo_stack.count() == len(nodes) and document.undo_stack.text(1) == "Add ReLU (relu1)"


def test_nothing_overlaps(document: Document) -> None:
    first = add_layer(document, "Conv2d")
    for _ in range(6):
        add_layer(document, "ReLU", after=first)
    places = list(document.design.places.values())
    assert len(set(places)) == 7
    for index, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 152 or abs(y - b) >= 152 for a, b in places[:index])


def test_a_loss_has_nothing_to_be_wired_from(document: Document) -> None:
    loss = add_layer(document, "CrossEntropyLoss")
    add_layer(document, "ReLU", after=loss)
    assert document.design.graph.wires == ()


def test_a_wire_may_be_drawn_backwards(document: Document) -> None:
    b = add_layer(document, "ReLU")
    new = add_layer(document, "Conv2d", place=(-300.0, 0.0), wire_to=(b, "input"))
    assert document.design.graph.wires == (Wire(new, b),)


def test_an_unknown_kind_names_the_nearest(document: Document) -> None:
    with pytest.raises(UnknownName, match="Conv2d"):
        add_layer(document, "Conv2dd")
    assert not document.design.graph.nodes


def test_after_a_node_that_is_gone_it_goes_after_the_last(document: Document) -> None:
    a = add_layer(document, "Conv2d")
    document.change(edits.remove_nodes(document.design, [a]), "Delete")
    node = add_layer(document, "ReLU", after=a)
    assert document.design.places[node] == (0.0, 0.0)
    assert place_after(document.design, None) == (PITCH_X, 0.0)
    assert free_place(document.design, (0.0, 0.0)) == (0.0, PITCH_Y)
