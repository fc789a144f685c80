"""A node behind a problem says for which node it waits; what is written on small nodes can be read."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from engine.check.report import Fix, NodePath, Problem, Report, TensorSpec
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import NodeId
from engine.project import templates
from engine.project.project import Project
from gui.canvas import geometry as g
from gui.canvas.content import Content
from gui.canvas.faces import face_font, legible
from gui.canvas.hit_test import Hit
from gui.canvas.thumbnails import Body, paint_body
from gui.canvas.tips import tip
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.panels.outline_model import STATE, OutlineModel


def named(design: Design, label: str) -> NodeId:
    return next(n.id for n in design.graph.nodes.values() if n.label == label)


def shapes(nodes: Iterable[NodeId]) -> Frozen[tuple[NodePath, str], TensorSpec]:
    return Frozen({((node,), "output"): TensorSpec((16, 8, 8)) for node in nodes})


@pytest.fixture
def broken(qtbot) -> tuple[Document, CanvasView]:
    """cnn-digits, where pool1 cannot take what arrives: nothing is known of what lies behind it."""
    document = Document(Project(design=templates.load("cnn-digits")))
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()
    pool = named(document.design, "pool1")
    known = [named(document.design, label) for label in ("input", "conv1", "relu1", "conv2", "relu2")]
    fix = Fix("remove_node", "Remove pool1", Frozen({"node": pool}))
    problem = Problem(
        "shape-mismatch", "error", "pool1 cannot accept its input.", "It is too small.", pool, fixes=(fix,)
    )
    document.set_report(document.design, Report(outputs=shapes(known), problems=(problem,)))
    QApplication.processEvents()
    return document, view


def test_its_face_its_tooltip_and_the_outline_say_so(broken: tuple[Document, CanvasView]) -> None:
    document, view = broken
    model = OutlineModel(document)
    told = {}
    for label in ("relu2", "pool1", "flatten", "fc1", "cross_entropy"):
        node = named(document.design, label)
        content = view.layer.describer.content(node)
        state = model.index_of(node).siblingAtColumn(STATE).data()
        told[label] = content.waits
        assert ("Waits for pool1" in tip(view, Hit(node=node))) == bool(content.waits)
        if content.waits:
            assert state == "waits for pool1" and content.badge == "idle"
            assert "waits for pool1" in model.index_of(node).data(Qt.ItemDataRole.AccessibleTextRole)
        else:
            assert "waits" not in state
    assert told == {"relu2": "", "pool1": "", "flatten": "pool1", "fc1": "pool1", "cross_entropy": "pool1"}


def test_it_ends_with_the_problem(broken: tuple[Document, CanvasView]) -> None:
    document, view = broken
    flatten = named(document.design, "flatten")
    model = OutlineModel(document)
    document.set_report(document.design, Report(outputs=shapes(document.design.graph.nodes)))
    assert view.layer.describer.content(flatten).waits == ""
    assert model.index_of(flatten).siblingAtColumn(STATE).data() == "not run"


@pytest.mark.parametrize("family", ["Linear", "Loss"])
@pytest.mark.parametrize("zoom", [0.5, 1.0])
def test_it_is_painted_within_the_node(qapp: QApplication, family: str, zoom: float) -> None:
    def face(waits: str) -> object:
        return paint_body(Content("fc1", "Linear", family, g.VECTOR, waits=waits), Body(), zoom, 1.0).toImage()

    assert face("pool1") != face("") and face("pool1") != face("pool2")
    image = paint_body(Content("a", "b", family, g.VECTOR, waits="n" * 60), Body(), zoom, 1.0).toImage()
    rim = {image.pixel(image.width() - 2, y) for y in range(image.height())}
    assert len(rim) == 1, "a long name is cut short"


@pytest.mark.parametrize("zoom", [0.5, 0.65, 0.79])
def test_small_nodes_have_letters_that_can_be_read(qapp: QApplication, zoom: float) -> None:
    assert legible(10.5, zoom) * zoom == pytest.approx(11)
    name = QFontMetricsF(face_font(legible(12, zoom), 600)).height() * zoom
    assert name <= g.HEADER * zoom, "the name has its line in the header"
    assert legible(10.5, 1.0) == 10.5


def test_all_of_a_graph_is_shown_where_a_narrower_margin_makes_room(qtbot) -> None:
    view = CanvasView(Document())
    qtbot.addWidget(view)
    view.resize(890, 392)
    view.show()
    QApplication.processEvents()
    for height, all_of_it in ((720.0, True), (800.0, False)):
        rect = QRectF(0, 0, 800, height)
        view.fit_start(rect, 0.5)
        assert view.zoom == 0.5
        assert view.visible_rect().contains(rect) == all_of_it
        assert view.visible_rect().top() < 0, "its start is in sight"
