"""A wire dropped where another one ends: what is replaced is told of, and a wire that closes a cycle replaces none."""

from __future__ import annotations

import pytest

from engine.graph import edits
from engine.graph.model import Wire
from gui.document import Document
from tests.gui.test_canvas_gestures import Hands, filled


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def test_a_wire_that_is_replaced_is_told_of(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "ReLU")
    hands.document.change(edits.connect(hands.document.design, Wire(b, c)), "Wire")
    told: list[tuple[str, str]] = []
    hands.document.message_shown.connect(lambda text, severity: told.append((text, severity)))
    hands.drag((152, 18), (428, 18))
    assert hands.document.design.graph.wires == (Wire(a, c),)
    assert told == [("Replaced the wire from relu1 to relu2.", "info")]


def test_a_wire_that_closes_a_cycle_replaces_none(hands: Hands) -> None:
    a, b, c = filled(hands, "Conv2d", "ReLU", "ReLU")
    for wire in (Wire(a, b), Wire(b, c)):
        hands.document.change(edits.connect(hands.document.design, wire), "Wire")
    told: list[str] = []
    hands.document.message_shown.connect(lambda text, _severity: told.append(text))
    hands.drag((428 + 152, 18), (214, 18))
    assert set(hands.document.design.graph.wires) == {Wire(a, b), Wire(b, c), Wire(c, b)}
    assert not told
