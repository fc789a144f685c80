"""Decision fields in the window: on the nodes and on the Features page, with the samples over them, and in words."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from test_features_panel import FakeRunner

from engine.check.checker import check
from engine.compile.compiler import compile_graph
from engine.data.source import open_data
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.observe import plane
from engine.observe.looker import Looker
from engine.observe.picture import Look, Picture, Plane, Request, View
from engine.observe.tiles import levels
from engine.project import templates
from gui.canvas import geometry as g
from gui.canvas.hit_test import Hit
from gui.canvas.thumbnails import ROOM, Body, _tile_places, paint_body
from gui.canvas.tips import tip
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.plots.feature_maps import ALL_UNITS, FeaturesPanel
from gui.theme import theme
from gui.widgets.plane import ClassLegend, lut_for, paint_samples

NODES = ("node_input", "node_fc1", "node_tanh1", "node_logits")


@pytest.fixture(scope="module")
def looked() -> tuple[Design, Look]:
    design = templates.load("mlp-spirals")
    data = open_data(design.data)
    compiled = compile_graph(design, check(design, data.spec), data.spec, seed=1)
    views = tuple(View((node,), "field", ALL_UNITS) for node in NODES)
    activations = (View(("node_tanh1",), "feature_maps", 4096),)
    return design, Looker(compiled, data).answer(compiled, Request((*activations, *views)), step=1200, epoch=3.0)


@pytest.fixture
def document(looked: tuple[Design, Look]) -> Document:
    design, _look = looked
    document = Document()
    document.change(design, "Open")
    data = open_data(design.data)
    document.set_data(data.spec)
    document.set_report(document.design, check(design, data.spec))
    return document


# -- on the canvas -------------------------------------------------------------------------
@pytest.fixture
def canvas(qtbot: Any, document: Document) -> CanvasView:
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    view.show()
    view.fit()
    return view


def test_the_canvas_asks_for_fields_where_the_inputs_are_a_plane_and_for_activations_elsewhere(
    qtbot: Any, canvas: CanvasView, document: Document
):
    with qtbot.waitSignal(canvas.views_wanted, timeout=3000) as asked:
        canvas.watcher.shown_changed.emit()
    assert {view.kind for view in asked.args[0]} == {"field"}
    assert ("node_logits",) in {view.path for view in asked.args[0]}
    digits = open_data(DataChoice("digits"))
    with qtbot.waitSignal(canvas.views_wanted, timeout=3000) as asked:
        document.set_data(digits.spec)
    assert {view.kind for view in asked.args[0]} == {"feature_maps"}


def test_nodes_are_tall_enough_for_fields_and_only_then(canvas: CanvasView, document: Document):
    arrays = canvas.watcher.arrays
    assert arrays.rects[arrays.row["node_logits"], 3] == g.STANDARD
    document.set_data(open_data(DataChoice("digits")).spec)
    assert arrays.rects[arrays.row["node_logits"], 3] < g.STANDARD


def test_a_field_is_shown_before_activations_of_the_same_node(canvas: CanvasView, document: Document, looked: Any):
    document.set_look(looked[1])
    bodies = canvas.watcher.layer.bodies
    shown = bodies["node_tanh1"].picture
    assert shown is not None and shown.view.kind == "field"
    assert bodies["node_input"].left == "400 train · 100 val"
    assert bodies["node_logits"].names == ("orange", "blue")
    told = tip(canvas, Hit(node="node_logits"))
    for said in ("48 × 48 points", "epoch 3", "step 1\u202f200", "of 100 validation samples lie where"):
        assert said in told


@pytest.mark.parametrize("zoom", [0.3, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("node", NODES)
def test_fields_are_painted_at_every_zoom(canvas: CanvasView, document: Document, looked: Any, zoom: float, node: str):
    document.set_look(looked[1])
    content, body = canvas.watcher.layer.describer.content(node), canvas.watcher.layer.bodies[node]
    image = paint_body(content, body, zoom, 1.0).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(colours) > (20 if g.level(zoom) >= g.TILES else 0)


def test_samples_lie_over_the_decision_from_80_percent_on(canvas: CanvasView, document: Document, looked: Any):
    document.set_look(looked[1])
    content, body = canvas.watcher.layer.describer.content("node_logits"), canvas.watcher.layer.bodies["node_logits"]
    assert body.picture is not None and body.picture.plane is not None
    bare = replace(body.picture.plane, points=np.zeros((0, 2), np.float32))
    without = Body(picture=replace(body.picture, plane=bare), names=body.names)
    for zoom, differs in ((0.6, False), (1.0, True)):
        one, other = paint_body(content, body, zoom, 1.0), paint_body(content, without, zoom, 1.0)
        assert (one.toImage() != other.toImage()) is differs


@pytest.mark.parametrize("count", range(1, 17))
def test_tiles_fit_their_room_and_do_not_touch(count: int):
    room = QRectF(g.INSET, 60, ROOM, g.THUMBNAILS)
    places = _tile_places(count, room)
    assert len(places) == count and all(room.adjusted(-0.01, -0.01, 0.01, 0.01).contains(place) for place in places)
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))
    assert places[0].width() > (19 if count > 8 else 30)


# -- colours and marks ---------------------------------------------------------------------
@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("count", [3, 6, 9])
def test_a_decision_has_the_colour_of_its_class_and_the_surer_the_more(qapp: Any, name: str, count: int):
    theme.apply(qapp, name)
    sure = levels(np.arange(min(count, 6)) + 0.75, 0.0, float(count))
    marks = theme.class_lut(count)[sure][:, :3].astype(float)
    for one, other in itertools.combinations(marks, 2):
        assert np.abs(one - other).sum() > 40
    for number, field in enumerate(marks):  # samples of a class can be seen on its own field
        own = theme.class_colour(number)
        assert np.abs(field - (own.red(), own.green(), own.blue())).sum() > 40
    for winner in range(count):
        chances = np.full((3, count), 0.0)
        for row, chance in enumerate((0.34, 0.7, 1.0)):
            chances[row] = (1 - chance) / (count - 1)
            chances[row, winner] = chance
        positions = levels(plane.decided(chances), 0.0, float(count))
        colours = theme.class_lut(count)[positions][:, :3].astype(float)
        far = [np.abs(marks - colour).sum(axis=1) for colour in colours]
        assert far[2].argmin() == winner % len(marks)
        assert far[0][winner % len(marks)] > far[1][winner % len(marks)] > far[2][winner % len(marks)]
    theme.apply(qapp, "dark")


def test_of_two_classes_the_first_has_the_colour_above_zero(qapp: Any):
    for name in ("dark", "light"):
        theme.apply(qapp, name)
        first, second = theme.class_colour(0), theme.class_colour(1)
        lut = theme.lut("field")
        assert (first.red() > first.blue()) and (lut[255, 0] > lut[255, 2])
        assert (second.red() < second.blue()) and (lut[0, 0] < lut[0, 2])
    theme.apply(qapp, "dark")


def painted(shown: Plane) -> QImage:
    image = QImage(100, 100, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0))
    painter = QPainter(image)
    paint_samples(painter, QRectF(0, 0, 100, 100), shown, 6.0)
    painter.end()
    return image


def test_samples_stand_where_they_are_dots_and_rings(qapp: Any):
    points = np.array([[-0.5, 0.5], [0.5, -0.5]], np.float32)
    shown = Plane((-1.0, 1.0, -1.0, 1.0), points, np.array([0, 0]), np.array([False, True]))
    image = painted(shown)
    assert image.pixelColor(25, 25) == theme.class_colour(0)  # up and left
    assert image.pixelColor(75, 75) == theme.colour("node")  # a ring is hollow
    assert image.pixelColor(75, 25) == QColor(0, 0, 0)
    rim = {image.pixelColor(x, 75).name() for x in range(69, 82)}
    assert theme.class_colour(0).name() in rim or len(rim) > 2


def test_thousands_of_samples_do_not_hide_the_field(qapp: Any):
    draw = np.random.default_rng(0)
    points = draw.uniform(-1, 1, (5000, 2)).astype(np.float32)
    shown = Plane((-1.0, 1.0, -1.0, 1.0), points, np.zeros(5000, int), np.zeros(5000, bool))
    image = painted(shown)
    dark = sum(image.pixelColor(x, y) == QColor(0, 0, 0) for x in range(100) for y in range(100))
    assert 6500 < dark < 9900


def test_the_legend_says_what_the_marks_mean(qtbot: Any, looked: Any):
    legend = ClassLegend()
    qtbot.addWidget(legend)
    picture = looked[1].picture(("node_logits",), "field")
    legend.show_plane(picture.plane, ("orange", "blue"))
    said = "400 training samples as dots, 100 validation samples as rings; orange, blue"
    assert legend.accessibleDescription() == said
    legend.show_plane(None, ())
    assert legend.isHidden()


# -- on the Features page ----------------------------------------------------------------
@pytest.fixture
def panel(qtbot: Any, document: Document) -> FeaturesPanel:
    panel = FeaturesPanel(document, FakeRunner())
    qtbot.addWidget(panel)
    panel.resize(340, 700)
    panel.show()
    return panel


def shown(panel: FeaturesPanel) -> Picture:
    assert panel.mosaic.picture is not None
    return panel.mosaic.picture


def test_the_page_shows_fields_first_where_there_are_any(panel: FeaturesPanel, document: Document, looked: Any):
    assert panel.kind == "field" and not panel.kinds.button("field").isHidden()
    document.set_look(looked[1])
    document.select(frozenset({"node_tanh1"}))
    assert panel.views() == (View(("node_tanh1",), "field", ALL_UNITS),)
    assert shown(panel).view.kind == "field" and panel.count.text() == "24 units"
    assert not panel.probe_row.isVisible()
    panel.kinds.button("feature_maps").click()
    assert panel.views()[0].kind == "feature_maps" and shown(panel).plane is None
    assert panel.probe_row.isVisible()
    document.select(frozenset({"node_fc1"}))
    assert panel.kind == "feature_maps"  # a choice is kept
    document.set_data(open_data(DataChoice("digits")).spec)
    assert panel.kind == "feature_maps" and panel.kinds.button("field").isHidden()


def test_what_is_decided_is_told_in_words_and_as_a_table(
    qtbot: Any, panel: FeaturesPanel, document: Document, looked: Any
):
    document.set_look(looked[1])
    document.select(frozenset({"node_logits"}))
    assert panel.caption.text() == "between orange and blue"
    summary = panel.mosaic.accessibleDescription()
    good, of = plane.right(shown(panel))
    assert f"{good} of {of} validation samples lie where their class wins" in summary
    assert "1 decision field of logits over x" in summary
    text = panel.mosaic.value_text(QPoint(3, 3))
    winner, chance = plane.chance(shown(panel), float(shown(panel).tiles[0, 0, 0]))
    assert f"{('orange', 'blue')[winner]}, {100 * chance:.0f} %" in text and text.startswith("x −")
    panel.tabled.button.click()
    model = panel.table.model()
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)] == ["Class", "Plane", "Samples", "Right"]
    rows = {
        model.index(r, 0).data(): [model.index(r, c).data(Qt.ItemDataRole.UserRole) for c in (1, 2, 3)] for r in (0, 1)
    }
    assert rows.keys() == {"orange", "blue"}
    assert sum(row[0] for row in rows.values()) == pytest.approx(1.0)
    assert sum(row[1] for row in rows.values()) == 100 and sum(row[2] for row in rows.values()) == good
    document.select(frozenset({"node_tanh1"}))
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Unit" and model.rowCount() == 24


def test_a_hidden_unit_can_be_chosen_and_read_off(panel: FeaturesPanel, document: Document, looked: Any):
    document.set_look(looked[1])
    document.select(frozenset({"node_tanh1"}))
    place = panel.mosaic.rect_of(2).center()
    panel.mosaic.setFocus()
    panel._on_unit_chosen(2)
    assert panel.unit_card.isVisible() and panel.mosaic.chosen == 2
    text = panel.mosaic.value_text(place)
    assert text.startswith(f"unit {shown(panel).units[2]}, x ")


def test_samples_can_be_put_away(panel: FeaturesPanel, document: Document, looked: Any):
    document.set_look(looked[1])
    document.select(frozenset({"node_logits"}))
    with_samples = panel.mosaic.grab().toImage()
    panel.samples.setChecked(False)
    assert panel.mosaic.grab().toImage() != with_samples and not panel.mosaic.shows_samples


def test_the_coordinates_themselves_are_fields_too(panel: FeaturesPanel, document: Document, looked: Any):
    document.set_look(looked[1])
    document.select(frozenset({"node_input"}))
    assert shown(panel).units == (0, 1) and panel.count.text() == "2 units"
    assert np.array_equal(lut_for(shown(panel)), theme.lut("field"))
    panel._on_unit_chosen(1)
    assert document.probe == 0  # a coordinate is no probe sample


def test_a_design_with_an_input_of_its_own_has_no_fields(panel: FeaturesPanel, document: Document):
    document.change(edits.set_parameter(document.design, "node_input", "field", "nonesuch"), "Edit")
    document.set_report(document.design, document.report)
    assert panel.kind == "feature_maps"
