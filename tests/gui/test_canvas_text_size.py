"""The text size enlarges the canvas like everything else: what 100 % means, not where nodes stand."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from engine.graph import edits
from engine.graph.design import Design
from engine.project import templates
from engine.project.project import Project
from gui.canvas import geometry as g
from gui.canvas.content import Content
from gui.canvas.faces import PAD, paint_face
from gui.canvas.graph_layer import GraphLayer
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme


@pytest.fixture(autouse=True)
def size_put_back(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, theme.choice(), 1.0)


def view_of(qtbot, design: Design) -> CanvasView:
    view = CanvasView(Document(Project(design=design)))
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()
    QApplication.processEvents()
    return view


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_another_text_size_shows_the_same_detail_larger_around_the_same_middle(
    qtbot, qapp: QApplication, share: float
) -> None:
    view = view_of(qtbot, templates.load("lenet"))
    view.set_zoom(share)
    view.centre(QPointF(300, 200))
    before, detail, places = view.view_state(), g.level(view.zoom), dict(view.document.design.places)
    for size in (1.5, 0.9, 1.0):
        theme.apply(qapp, theme.choice(), size)
        assert view.zoom == pytest.approx(share * size) and g.level(view.zoom) == detail
        assert view.view_state() == pytest.approx(before, abs=4)
    assert dict(view.document.design.places) == places and not view.document.undo_stack.canUndo()


def test_100_percent_fitting_and_limits_follow_the_text_size(qtbot, qapp: QApplication) -> None:
    design, _ = edits.add_node(Design(), "Linear", (0.0, 0.0))
    view = view_of(qtbot, design)
    theme.apply(qapp, theme.choice(), 1.5)
    view.set_zoom(0.3)
    view.zoom_reset()
    assert view.zoom == 1.5
    view.set_zoom(0.3)
    view.show_graph()
    assert view.zoom == 1.5, "a small graph is shown at 100 %"
    view.set_zoom(100)
    assert view.zoom == 6.0
    view.set_view_state((1.0, 0.0, 0.0))
    assert view.zoom == 1.5, "what a project remembers is a share of 100 %"
    again = view_of(qtbot, design)
    again.set_zoom(0.1)
    assert again.view_state()[0] == pytest.approx(0.1 / 1.5), "so is that of a canvas made at this size"


def test_names_and_marks_of_constant_size_grow(qapp: QApplication) -> None:
    content = Content("a_long_name_of_a_layer", "Conv2d", "Convolution", 152.0)
    layers = {}
    for size in (1.0, 1.5):
        theme.apply(qapp, theme.choice(), size)
        face = paint_face(content, 0.4 * size, 1.0).toImage()
        width, height = face.width() - 2 * PAD, face.height() - 2 * PAD
        assert (width, height) == (round(152 * 0.4 * size), round(152 * 0.4 * size))
        ground = theme.colour("node").rgb()
        inked = [
            y
            for y in range(PAD + 6, PAD + height - 6)
            if any(face.pixel(x, y) != ground for x in range(PAD + 4, PAD + width - 4))
        ]
        layers[size] = max(inked) - min(inked)
    assert layers[1.5] == pytest.approx(1.5 * layers[1.0], abs=3)


def test_the_mark_of_an_error_far_away_grows(qtbot, qapp: QApplication) -> None:
    view = view_of(qtbot, templates.load("lenet"))
    layer: GraphLayer = view.layer
    assert layer._badge("error", 1.0).width() == 14
    theme.apply(qapp, theme.choice(), 1.5)
    assert layer._badge("error", 1.0).width() == 21


def test_the_middle_stays_though_the_panels_around_grow(qtbot, tmp_path: pathlib.Path) -> None:
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    window.files.show_design(templates.load("lenet"))
    qtbot.waitUntil(lambda: window._painted)
    QApplication.processEvents()
    before, height = window.canvas.view_state(), window.canvas.viewport().height()
    window.actions_["text_150"].trigger()
    for _ in range(20):
        QApplication.processEvents()
    assert window.canvas.viewport().height() < height, "else nothing is tried here"
    assert window.canvas.view_state() == pytest.approx(before, abs=4)
    window.canvas.zoom_in()
    window.actions_["text_100"].trigger()
    qtbot.waitUntil(lambda: window.canvas._kept is None, timeout=3000)
    window.close()
