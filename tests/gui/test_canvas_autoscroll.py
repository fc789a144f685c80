"""What is dragged to the edge of the canvas takes the canvas along, and nothing runs on afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from gui.document import Document
from tests.gui.test_canvas_gestures import LEFT, NONE, Hands, filled


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def ticking(hands: Hands) -> bool:
    return any(t.isActive() and not t.isSingleShot() for t in hands.view.findChildren(QTimer))


def to_the_edge(hands: Hands, start: tuple[float, float], edge: QPoint) -> None:
    QTest.mousePress(hands.view.viewport(), LEFT, NONE, hands.pixel(*start))
    middle = hands.view.viewport().rect().center()
    hands.move(middle)
    assert not ticking(hands)
    hands.move(edge)


@pytest.mark.parametrize("start", [(50, 100), (152, 18), (50, 400)], ids=["node", "wire", "rubber band"])
def test_near_the_edge_the_canvas_moves_on(hands: Hands, qtbot, start: tuple[float, float]) -> None:
    filled(hands, "Conv2d", "ReLU")
    room = hands.view.viewport().rect()
    x, y = hands.view.scroll_position()
    to_the_edge(hands, start, QPoint(room.right() - 2, room.center().y()))
    qtbot.waitUntil(lambda: hands.view.scroll_position()[0] > x + 60)
    assert hands.view.scroll_position()[1] == y
    hands.move(room.center())
    assert not ticking(hands)
    hands.move(QPoint(room.center().x(), 2))
    qtbot.waitUntil(lambda: hands.view.scroll_position()[1] < y - 20)
    hands.key(Qt.Key.Key_Escape)
    assert not ticking(hands)


def test_a_node_stays_under_the_mouse_and_lands_there_in_one_step(hands: Hands, qtbot) -> None:
    a, _ = filled(hands, "Conv2d", "ReLU")
    room = hands.view.viewport().rect()
    edge = QPoint(room.right() - 2, room.center().y())
    to_the_edge(hands, (50, 100), edge)
    before = hands.view.scroll_position()[0]
    qtbot.waitUntil(lambda: hands.view.scroll_position()[0] > before + 100)
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, edge)
    under = hands.view.mapToScene(edge)
    x, y = hands.document.design.places[a]
    assert abs(x + 50 - under.x()) <= 4 and abs(y + 100 - under.y()) <= 4
    assert hands.labels()[-1] == "Move conv1" and not ticking(hands)


def test_a_press_at_the_edge_scrolls_nothing(hands: Hands) -> None:
    filled(hands, "Conv2d")
    room = hands.view.viewport().rect()
    QTest.mousePress(hands.view.viewport(), LEFT, NONE, QPoint(room.right() - 2, 100))
    assert not ticking(hands)


def test_an_undo_in_the_middle_stops_it(hands: Hands) -> None:
    filled(hands, "Conv2d", "ReLU")
    room = hands.view.viewport().rect()
    to_the_edge(hands, (50, 100), QPoint(room.right() - 2, room.center().y()))
    assert ticking(hands)
    hands.document.undo_stack.undo()
    assert not ticking(hands)
