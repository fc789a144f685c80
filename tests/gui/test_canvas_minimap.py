"""The minimap: where it is shown, what it frames, and where a click on it goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph import edits
from gui.canvas.minimap import Minimap
from gui.document import Document
from gui.theme import theme
from tests.gui.test_canvas_gestures import LEFT, NONE, Hands, design_of


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


@pytest.fixture
def minimap(hands: Hands, qtbot) -> Minimap:
    """Of a row of twelve nodes, which is more than the canvas shows."""
    design, _ = design_of(*["Conv2d", "ReLU"] * 6)
    hands.document.change(design, "Fill")
    qtbot.waitUntil(lambda: hands.view.minimap.isVisible())
    return hands.view.minimap


def test_it_is_shown_where_a_part_of_the_graph_is_out_of_sight(hands: Hands, minimap: Minimap) -> None:
    assert minimap.isVisible() and minimap.accessibleName() == "Minimap" and "(M" in minimap.toolTip()
    corner = hands.view.viewport().rect().bottomRight() - minimap.geometry().bottomRight()
    assert (corner.x(), corner.y()) == (12, 12)
    hands.view.fit()
    assert not minimap.isVisible()


def test_m_decides_and_small_windows_have_none(hands: Hands, minimap: Minimap) -> None:
    hands.view.resize(500, 380)
    QApplication.processEvents()
    assert not minimap.isVisible()
    hands.key(Qt.Key.Key_M)
    assert minimap.isVisible() and hands.view.viewport().rect().contains(minimap.geometry())
    hands.view.resize(1000, 700)
    hands.key(Qt.Key.Key_M)
    assert not minimap.isVisible()
    hands.view.scroll_by(30, 0)
    assert not minimap.isVisible()  # until it is asked for


def test_what_was_decided_is_told_and_shown_again_it_sees_to_itself(hands: Hands, minimap: Minimap) -> None:
    told: list[bool | None] = []
    minimap.decided.connect(told.append)
    hands.key(Qt.Key.Key_M)
    hands.key(Qt.Key.Key_M)
    assert told == [False, None] and minimap.isVisible()
    hands.view.fit()
    assert not minimap.isVisible()  # nothing is out of sight
    hands.key(Qt.Key.Key_M)
    assert told[2:] == [True] and minimap.isVisible()


def test_a_click_and_a_drag_go_there(hands: Hands, minimap: Minimap) -> None:
    x, y = minimap.width() - 8, minimap.height() // 2  # the right end of the row
    QTest.mouseClick(minimap, LEFT, NONE, QPoint(x, y))
    bounds = hands.view.arrays.bounds()
    assert bounds is not None
    middle = hands.view.visible_rect().center()
    assert middle.x() == pytest.approx(bounds[2], abs=20) and middle.y() == pytest.approx(76, abs=20)
    QTest.mousePress(minimap, LEFT, NONE, QPoint(x, y))
    QTest.mouseMove(minimap, QPoint(8, y))
    event_spot = minimap.mapTo(hands.view.viewport(), QPoint(8, y))
    assert hands.view.rect().contains(event_spot)
    QTest.mouseRelease(minimap, LEFT, NONE, QPoint(8, y))
    assert hands.document.selection == frozenset() and hands.document.undo_stack.count() == 1  # nothing below heard


def test_the_frame_is_what_is_in_sight(hands: Hands, minimap: Minimap) -> None:
    before = minimap.frame()
    hands.view.scroll_by(400, 0)
    after = minimap.frame()
    share = minimap.width() / minimap._shown.width()
    assert after.left() - before.left() == pytest.approx(400 * share, abs=0.6)
    hands.view.set_zoom(2.0)
    assert minimap.frame().width() < after.width() * 0.6


def test_it_shows_the_nodes_in_their_colours_and_follows_edits(hands: Hands, minimap: Minimap, qtbot) -> None:
    def colours() -> set[str]:
        assert minimap._picture is not None
        image = minimap._picture.toImage()
        return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}

    from gui.canvas.graph_layer import far_colour

    convolution, linear = far_colour("Convolution").name(), far_colour("Linear").name()
    assert convolution in colours() and linear not in colours()
    design, _ = edits.add_node(hands.document.design, "Linear", (2600.0, 0.0))
    hands.document.change(design, "Add")
    qtbot.waitUntil(lambda: linear in colours())
    assert theme.colour("panel").name() in colours()


def test_a_graph_that_is_gone_leaves_nothing(hands: Hands, minimap: Minimap, qtbot) -> None:
    hands.document.undo_stack.undo()
    qtbot.waitUntil(lambda: not minimap.isVisible())
    hands.key(Qt.Key.Key_M)
    assert minimap.isVisible() and not minimap.grab().isNull()
    QTest.mouseClick(minimap, LEFT, NONE, QPoint(4, 4))


def test_many_edits_are_one_picture(hands: Hands, minimap: Minimap, qtbot, monkeypatch) -> None:
    made = []
    paint = minimap._paint_picture
    monkeypatch.setattr(minimap, "_paint_picture", lambda: (made.append(1), paint()))
    node = next(iter(hands.document.design.graph.nodes))
    for step in range(20):
        hands.document.change(edits.move(hands.document.design, {node: (0.0, float(step + 1))}), "Move")
    qtbot.wait(250)
    assert len(made) == 1
    assert minimap.size() == QSize(176, 112) and minimap._shown.contains(QPointF(0, 0))
