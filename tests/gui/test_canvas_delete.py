"""Deleting on the canvas: which wires are left, in one undo step."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from engine.check import checker
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.model import Wire
from gui.document import Document
from tests.gui.test_canvas_gestures import Hands, filled


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def chained(hands: Hands, *kinds: str) -> list[str]:
    """Nodes in a row, each wired to the next, with what the check finds for 1×28×28 at an Input."""
    nodes = filled(hands, *kinds)
    design = hands.document.design
    for before, after in pairwise(nodes):
        design = edits.connect(design, Wire(before, after))
    data = DataSpec("", "", (FieldSpec("image", "image", (1, 28, 28), "float32"),), (), 10, 0, 0)
    hands.document.change(design, "Wire")
    hands.document.set_report(design, checker.check(design, data))
    return nodes


def left(hands: Hands, *selected: str) -> tuple[Wire, ...]:
    """The wires that are left when these nodes are deleted, by key."""
    hands.document.select(frozenset(selected))
    hands.key(Qt.Key.Key_Delete)
    return hands.document.design.graph.wires


def test_delete_keeps_the_wire_where_the_next_layer_takes_another_shape_too(hands: Hands) -> None:
    image, conv, relu, pool = chained(hands, "Input", "Conv2d", "ReLU", "MaxPool2d")
    before = hands.document.design
    assert left(hands, conv) == (Wire(image, relu), Wire(relu, pool))
    hands.document.undo_stack.undo()
    assert hands.document.design == before


def test_delete_of_a_chain_keeps_the_wire_around_it(hands: Hands) -> None:
    image, conv, relu, pool = chained(hands, "Input", "Conv2d", "ReLU", "MaxPool2d")
    count = hands.document.undo_stack.count()
    assert left(hands, conv, relu) == (Wire(image, pool),)
    assert hands.labels()[-1] == "Delete 2 layers" and hands.document.undo_stack.count() == count + 1


def test_delete_keeps_no_wire_that_would_not_fit(hands: Hands) -> None:
    image, flatten, linear = chained(hands, "Input", "Flatten", "Linear")
    assert left(hands, flatten) == () and set(hands.document.design.graph.nodes) == {image, linear}


def test_delete_before_anything_is_checked_keeps_the_wire(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "MaxPool2d")
    design = edits.connect(edits.connect(hands.document.design, Wire(a, b)), Wire(b, c))
    hands.document.change(design, "Wire")
    assert left(hands, b) == (Wire(a, c),)


def test_delete_in_a_ring_and_between_two_ways_keeps_one_wire(hands: Hands) -> None:
    a, b, c, d = filled(hands, "Conv2d", "ReLU", "ReLU", "Add")
    design = hands.document.design
    for wire in (Wire(a, b), Wire(a, d), Wire(b, d), Wire(c, c)):
        design = edits.connect(design, wire)
    hands.document.change(design, "Wire")
    assert left(hands, b, c) == (Wire(a, d),)
