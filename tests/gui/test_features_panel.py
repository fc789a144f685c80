"""The Features page by mouse and key: tiles, probes, pins, filters, and that it asks for nothing while unseen."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal

from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from engine.observe.picture import Look, Picture, Request, View
from gui.document import Document
from gui.plots.feature_maps import ALL_UNITS, RUN_ONE, SELECT, FeaturesPanel
from gui.plots.mosaic import MosaicScroll, MosaicView, lay_out


class FakeRunner(QObject):
    ready_changed = Signal(bool)
    state_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.state = "idle"
        self.asked: list[tuple[View, ...]] = []

    def request_look(self, requester: str, views: tuple[View, ...], probes: tuple[int, ...] | None = None) -> None:
        assert requester == "features"
        self.asked.append(views)

    @property
    def views(self) -> tuple[View, ...]:
        return self.asked[-1] if self.asked else ()


def design() -> Design:
    made = edits.add_node(Design(), "Input", (0, 0), node_id="in")[0]
    before = "in"
    for name, kind in (("conv", "Conv2d"), ("relu", "ReLU"), ("flat", "Flatten"), ("fc", "Linear")):
        made = edits.add_node(made, kind, (0, 0), label=name, node_id=name)[0]
        made = edits.connect(made, Wire(before, name))
        before = name
    return made


SPEC = DataSpec(
    "digits",
    "Digits",
    (FieldSpec("image", "image", (1, 8, 8), "float32"),),
    (FieldSpec("label", "class", (), "int64", tuple("0123456789")),),
    100,
    20,
    20,
)


def picture(view: View, count: int, height: int, width: int, **changes: Any) -> Picture:
    values = np.random.default_rng(count).random((count, height, width)).astype(np.float32)
    units = tuple(reversed(range(count))) if (height, width) != (1, count) else tuple(range(count))
    made = Picture(view, values, units, count, 0.0, 1.0, False, tuple([1.0] * count), method="made up")
    return replace(made, **changes)


def answer(views: tuple[View, ...], probe: int = 0, step: int = 1234) -> Look:
    pictures = []
    for view in views:
        (node,) = view.path
        if view.kind == "filters":
            filters = picture(view, min(16, view.units), 3, 3, low=-1.0, signed=True, method="weights")
            refused = Picture(view, np.zeros((0, 0, 0)), (), 0, 0, 1, False, problem=f"{node} has no filters.")
            pictures.append(filters if node == "conv" else refused)
        elif node == "in":
            pictures.append(picture(view, min(view.units, 64), 8, 8, units=tuple(range(probe, probe + view.units))))
        elif node == "relu":
            pictures.append(picture(view, 16, 6, 6, silent=1, silent_units=(3,)))
        elif node == "fc":
            cells = np.linspace(-1, 1, 10, dtype=np.float32).reshape(1, 1, 10)
            pictures.append(Picture(view, cells, tuple(range(10)), 10, -1.0, 1.0, True, tuple([1.0] * 10)))
        else:
            pictures.append(picture(view, 16, 8, 8))
    request = Request(views, (probe,))
    return Look(request, step, 4.2, tuple(pictures), ((7, 0.63),), 0.001, (7,), (1042 + probe,), 64)


@pytest.fixture
def runner(qtbot: Any) -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def panel(qtbot: Any, runner: FakeRunner) -> FeaturesPanel:
    document = Document()
    document.change(design(), "Build")
    document.set_data(SPEC)
    panel = FeaturesPanel(document, runner)
    panel.resize(332, 700)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def show(panel: FeaturesPanel, runner: FakeRunner, node: str) -> None:
    """Select a node and let the engine answer."""
    panel._document.set_look(panel._document.look or answer((View(("in",)),)))
    panel._document.select(frozenset([node]))
    panel._document.set_look(answer(runner.views, panel._document.probe))


def test_without_a_selection_it_says_what_to_do(panel: FeaturesPanel):
    assert panel.empty.sentence.text() == SELECT
    assert not panel.empty.button.isVisible()


def test_before_a_run_it_offers_one_batch_and_asks_only_then(qtbot: Any, panel: FeaturesPanel, runner: FakeRunner):
    panel._document.select(frozenset(["relu"]))
    assert panel.empty.sentence.text() == RUN_ONE
    assert runner.views == ()
    qtbot.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    assert View(("relu",), "feature_maps", ALL_UNITS) in runner.views
    panel._document.set_look(answer(runner.views))
    assert panel.mosaic.isVisible()


def test_all_channels_with_step_scale_and_what_is_silent(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    assert panel.count.text() == "16 channels"
    assert panel.caption.full_text() == "after ReLU, strongest first, 1 silent"
    assert panel.when.text() == "epoch 4.2 · step 1\u202f234"
    assert (panel.scale.low, panel.scale.high) == ("0", "1")
    assert panel.scale.toolTip() == "made up"
    assert "16 channels" in panel.mosaic.accessibleDescription()
    assert panel.probe_row.title.full_text() == "Probe image 1\u202f042"
    assert panel.probe_row.caption.full_text() == "label 7 · predicts 7, 63 %"
    image = panel.grab().toImage()
    assert len({image.pixel(x, y) for x in range(20, 300, 7) for y in range(130, 330, 7)}) > 20


def test_choosing_a_tile_enlarges_it_and_it_stays_chosen(qtbot: Any, panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    qtbot.mouseClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=panel.mosaic.rect_of(2).center())
    assert panel.unit_card.isVisible()
    assert panel.unit_card._heading.text() == "Channel 13"  # tiles run from 15 down
    look = answer(runner.views)
    turned = tuple(replace(p, units=tuple(reversed(p.units))) for p in look.pictures)
    panel._document.set_look(replace(look, pictures=turned))
    assert panel.mosaic.chosen == 13
    panel.mosaic.setFocus()
    qtbot.keyClick(panel.mosaic, Qt.Key.Key_Right)
    assert panel.unit_card._heading.text() == "Channel 14"
    assert "Peak activation" in panel.unit_card.accessibleDescription()


def test_the_value_under_the_pointer(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    shown = panel.mosaic.picture
    assert shown is not None
    text = panel.mosaic.value_text(panel.mosaic.rect_of(0).topLeft() + QPoint(1, 1))
    assert text == f"channel 15, row 0, column 0: {shown.tiles[0, 0, 0]:.3g}"
    assert panel.mosaic.value_text(QPoint(-5, 2)) == ""
    show(panel, runner, "fc")
    assert panel.mosaic.value_text(panel.mosaic.rect_of(0).center()) == "unit 0: −1"
    assert panel.count.text() == "10 units"


def test_stepping_and_pinning_probes(qtbot: Any, panel: FeaturesPanel, runner: FakeRunner):
    document = panel._document
    show(panel, runner, "relu")
    qtbot.mouseClick(panel.probe_row.next, Qt.MouseButton.LeftButton)
    assert document.probe == 1
    document.set_look(answer(runner.views, 0))  # still the one before: nothing changes
    assert panel.probe_row.title.full_text() == "Probe image 1\u202f042"
    document.set_look(answer(runner.views, 1))
    assert panel.probe_row.title.full_text() == "Probe image 1\u202f043"
    panel.pin_probe()
    assert document.pinned_probes == (1,) and panel.probe_row.pin.isChecked()
    panel.next_probe()
    assert document.probe == 2 and not panel.probe_row.pin.isChecked()
    qtbot.mouseClick(panel.probe_row._pins[1], Qt.MouseButton.LeftButton)
    assert document.probe == 1
    panel.pin_probe()
    assert document.pinned_probes == () and not panel.probe_row._pinned.isVisible()
    panel.previous_probe()
    panel.previous_probe()
    assert document.probe == 63


def test_filters_where_there_are_some(qtbot: Any, panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    button = panel.kinds.button("filters")
    assert not button.isEnabled()
    show(panel, runner, "fc")
    assert not button.isEnabled() and button.toolTip() == "fc has no filters."
    show(panel, runner, "conv")
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert View(("conv",), "filters", ALL_UNITS) in runner.views
    panel._document.set_look(answer(runner.views))
    assert panel.count.text() == "16 filters"
    assert panel.scale.low == "−1"
    show(panel, runner, "relu")
    assert panel.kind == "feature_maps"


def test_what_has_no_picture_says_why(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    view = View(("flat",), "feature_maps", ALL_UNITS)
    panel._document.select(frozenset(["flat"]))
    problem = Picture(view, np.zeros((0, 0, 0)), (), 0, 0, 1, False, problem="flat is not part of this run.")
    panel._document.set_look(Look(Request((view,)), 1, 0.0, (problem,)))
    assert panel.empty.sentence.text() == "flat is not part of this run."
    assert not panel.empty.button.isVisible()


def test_each_tile_on_its_own_scale_is_said(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    panel.per_tile.setChecked(True)
    assert panel.scale.accessibleDescription() == "each tile on its own scale"
    panel.per_tile.setChecked(False)
    assert panel.scale.accessibleDescription() == "from 0 to 1"


def test_unseen_it_asks_for_nothing(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    assert runner.views
    panel.hide()
    assert runner.views == ()
    panel.show()
    assert View(("relu",), "feature_maps", ALL_UNITS) in runner.views
    assert View(("in",), "feature_maps", 1) in runner.views
    panel._document.select(frozenset(["relu", "conv"]))
    assert runner.views == ()


def test_the_input_is_a_contact_sheet_that_chooses_the_probe(qtbot: Any, panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "in")
    assert panel.count.text().startswith("64 probe samples")
    qtbot.mouseClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=panel.mosaic.rect_of(5).center())
    assert panel._document.probe == 5


def test_a_look_is_shown_within_milliseconds(panel: FeaturesPanel, runner: FakeRunner):
    show(panel, runner, "relu")
    look = answer(runner.views)
    best = 1.0
    for _ in range(10):
        began = time.perf_counter()
        panel._document.set_look(look)
        panel.mosaic.repaint()
        best = min(best, time.perf_counter() - began)
    assert best < 0.02


@pytest.mark.parametrize("count", [1, 2, 5, 16, 61, 700])
@pytest.mark.parametrize("size", [(1, 1), (28, 28), (3, 40), (128, 2)])
def test_tiles_never_leave_the_widget_nor_shake(qtbot: Any, count: int, size: tuple[int, int]):
    view = MosaicView()
    scroll = MosaicScroll(view)
    qtbot.addWidget(scroll)
    scroll.resize(308, 260)
    scroll.show()
    view.show_picture(picture(View(("n",)), count, *size))
    scroll.fit()
    qtbot.wait(1)
    settled = view.size()
    scroll.fit()
    assert view.size() == settled
    assert view.rect_of(count - 1).bottom() <= view.height()
    assert view.rect_of(min(count, lay_out(view.picture, view.width()).columns) - 1).right() < 308  # type: ignore[arg-type]
    view.grab()


def test_a_sequence_names_its_axes_and_keeps_its_time_steps_apart(qtbot: Any) -> None:
    values = np.zeros((1, 4, 2), np.float32)
    values[:, :, 1] = 1.0
    sheet = Picture(View(("a",)), values, (0,), 4, 0.0, 1.0, False, axes=("feature", "time"))
    view = MosaicView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.set_options(per_tile=False, smooth=True)
    view.show_picture(sheet)
    view.show()
    rect = view.rect_of(0)
    assert view.value_text(QPoint(rect.right() - 2, rect.bottom() - 2)) == "feature 3, time 1: 1"
    image = view.grab().toImage()
    y = round(rect.center().y() * image.devicePixelRatio())
    colours = {image.pixelColor(round(x * image.devicePixelRatio()), y).name() for x in range(2, rect.right() - 2)}
    assert len(colours) == 2
