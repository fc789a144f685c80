"""What moves on the canvas: a node that comes or goes, the way to another part; and nothing afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from gui.document import Document
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import motion
from tests.gui.test_canvas_gestures import Hands, filled


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


@pytest.fixture
def moving(monkeypatch):
    before = motion.choice()
    motion.choose("full")
    yield
    motion.choose(before)


def add(hands: Hands) -> str:
    design, node = edits.add_node(hands.document.design, "ReLU", (300.0, 300.0))
    hands.document.change(design, "Add")
    return node


def test_a_node_fades_in_and_out_and_then_nothing_is_drawn_apart(hands: Hands, qtbot, moving) -> None:
    filled(hands, "Conv2d", "Linear")
    fading, layer = hands.view.fading, hands.view.layer
    node = add(hands)
    assert fading.active and layer.lifted is not None
    assert [hands.view.arrays.ids[row] for row in layer.lifted.nonzero()[0].tolist()] == [node]
    hands.view.grab()
    qtbot.waitUntil(lambda: not fading.active)
    assert layer.lifted is None
    hands.document.undo_stack.undo()
    assert fading.active and layer.lifted is None
    hands.view.grab()
    qtbot.waitUntil(lambda: not fading.active)


def test_the_wires_of_a_node_that_comes_are_repainted_with_it(hands: Hands, moving) -> None:
    (conv,) = filled(hands, "Conv2d")
    design, node = edits.add_node(hands.document.design, "ReLU", (600.0, 300.0))
    hands.document.change(edits.connect(design, Wire(conv, node)), "Add")
    assert hands.view.fading.area.contains(QPointF(160, 18)) and hands.view.fading.area.contains(QPointF(700, 400))


def test_an_edit_and_a_drag_in_the_middle_end_it(hands: Hands, moving) -> None:
    a, _ = filled(hands, "Conv2d", "Linear")
    for _ in range(3):
        add(hands)
    hands.document.undo_stack.undo()
    hands.drag((50, 100), (90, 500))
    assert not hands.view.fading.active and hands.view.layer.lifted is None
    assert hands.document.design.places[a] == (40.0, 400.0)


def test_another_project_and_many_nodes_come_at_once(hands: Hands, moving) -> None:
    filled(hands, "Conv2d")
    design = hands.document.design
    for index in range(60):
        design, _ = edits.add_node(design, "ReLU", (index % 8 * 20.0, index // 8 * 20.0))
    hands.document.change(design, "Many")
    assert not hands.view.fading.active
    hands.document.change(Design(), "Clear")
    assert not hands.view.fading.active


def test_fit_goes_there_and_a_hand_stops_it(hands: Hands, qtbot, moving) -> None:
    filled(hands, "Conv2d", "Linear")
    hands.view.set_zoom(3.0)
    hands.view.centre(QPointF(2000, 900))
    start = hands.view.view_state()
    hands.key(Qt.Key.Key_F)
    assert hands.view.gliding and hands.view.view_state() == pytest.approx(start, abs=1)
    qtbot.waitUntil(lambda: not hands.view.gliding)
    there = hands.view.view_state()
    motion.choose("reduced")
    hands.view.set_view_state(start)
    hands.key(Qt.Key.Key_F)
    assert not hands.view.gliding and hands.view.view_state() == pytest.approx(there, abs=1)
    motion.choose("full")
    hands.view.set_view_state(start)
    hands.key(Qt.Key.Key_F)
    hands.click(0, 0)
    assert not hands.view.gliding


def test_reduced_motion_moves_nothing(hands: Hands) -> None:
    motion.choose("reduced")
    filled(hands, "Conv2d", "Linear")
    add(hands)
    assert not hands.view.fading.active and hands.view.layer.lifted is None


def test_the_system_is_followed_unless_overridden(hands: Hands, monkeypatch) -> None:
    before = motion.choice()
    motion.choose("system")
    for animates, length in ((1, 160), (0, 0)):
        monkeypatch.setattr(type(QApplication.style()), "styleHint", lambda *_args, answer=animates: answer)
        assert motion.milliseconds(motion.NODE) == length
    motion.choose("full")
    assert motion.milliseconds(motion.NODE) == 160
    motion.choose(before)


def test_motion_is_chosen_in_the_menu_and_remembered(qtbot, tmp_path) -> None:
    before = motion.choice()
    settings = Settings(tmp_path / "strata.ini")
    window = MainWindow(settings)
    qtbot.addWidget(window)
    assert settings.motion == "system" and window.actions_[f"motion_{before}"].isChecked()
    window.actions_["motion_full"].trigger()
    assert motion.choice() == "full" and motion.milliseconds(motion.FIT) == 240
    window.close()
    motion.choose(before)
    assert Settings(tmp_path / "strata.ini").motion == "full"


def test_whether_the_minimap_is_shown_is_remembered(qtbot, tmp_path) -> None:
    settings = Settings(tmp_path / "strata.ini")
    assert settings.minimap is None
    for shown in (False, True, None):
        settings.minimap = shown
        settings.sync()
        assert Settings(tmp_path / "strata.ini").minimap is shown
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.canvas.minimap.toggle()  # of an empty canvas: it would not show itself
    assert settings.minimap is True
    again = MainWindow(settings)
    qtbot.addWidget(again)
    assert not again.canvas.minimap.isHidden()
