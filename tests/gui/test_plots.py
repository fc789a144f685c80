"""Curves and log: what they show, that they cost nothing unseen, and that a long run stays fast."""

from __future__ import annotations

import math
import pathlib
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.project.project import Project, RunRecord
from engine.train.events import EpochEnded, Metrics
from gui.document import Document
from gui.plots.lines import faint, part_style
from gui.plots.log import KEPT, LogPanel
from gui.plots.series import Series, Smoother, axis_end, number_text, ticks, value_range
from gui.plots.training import TrainingPanel
from gui.settings import Settings
from gui.theme import theme
from gui.theme import tokens as t


class FakeRunner(QObject):
    history_changed = Signal(object)
    epoch_ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.progress = None


def history(epochs: int = 3, steps: int = 40, more: int = 10, accuracy: bool = True) -> History:
    count = epochs * steps + more
    loss = 2.0 * np.exp(-np.arange(count) / 50) + 0.1
    numbers = np.arange(1.0, epochs + 1)
    columns = {
        "epoch": numbers,
        "step": numbers * steps,
        "train/loss": loss[(numbers * steps).astype(int) - 1],
        "validation/loss": loss[(numbers * steps).astype(int) - 1] + 0.05,
    }
    if accuracy:
        columns |= {"train/accuracy": 1 - 0.5**numbers, "validation/accuracy": 0.9 - 0.5**numbers}
    return History(loss, np.full(count, 1e-3), Frozen(columns))


@pytest.fixture
def runner(qtbot: Any) -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def remembered(tmp_path: pathlib.Path) -> Settings:
    return Settings(tmp_path / "strata.ini")


@pytest.fixture
def train(runner: FakeRunner) -> QAction:
    return QAction("Train", runner)


@pytest.fixture
def panel(qtbot: Any, runner: FakeRunner, remembered: Settings, train: QAction) -> TrainingPanel:
    panel = TrainingPanel(Document(), runner, remembered, train)
    panel.resize(1000, 200)
    qtbot.addWidget(panel)
    panel.show()
    return panel


# -- numbers -----------------------------------------------------------------------------
@given(st.lists(st.floats(-5, 5), max_size=60), st.integers(0, 99), st.integers(1, 7))
def test_smoothing_is_the_average_it_says_however_it_is_fed(values: list[float], hundredths: int, pieces: int):
    factor = hundredths / 100
    smoother = Smoother(factor)
    for part in np.array_split(np.array(values), pieces):
        smoother.extend(part)
    total = weight = 0.0
    expected = []
    for value in values:
        total, weight = factor * total + (1 - factor) * value, factor * weight + (1 - factor)
        expected.append(total / weight)
    np.testing.assert_allclose(smoother.values, expected, rtol=1e-6, atol=1e-6)


def test_smoothing_steps_over_what_is_no_number():
    smoother = Smoother(0.5)
    smoother.extend(np.array([1.0, math.nan, 1.0, math.inf]))
    np.testing.assert_allclose(smoother.values, 1.0)


def test_a_million_steps_are_smoothed_quickly():
    values = np.random.default_rng(0).random(1_000_000)
    began = time.perf_counter()
    Smoother(0.9).extend(values)
    assert time.perf_counter() - began < 1.5


def test_steps_stand_at_their_epoch_also_beyond_the_last_one_that_ended():
    series = Series()
    series.update(history(epochs=2, steps=40, more=20))
    curves = series.loss()
    assert curves.raw.x[39] == pytest.approx(1.0) and curves.raw.x[-1] == pytest.approx(2.5)
    assert curves.validation.x.tolist() == [1.0, 2.0]
    assert curves.train.at(1.0) == pytest.approx(float(curves.train.y[39]))
    assert curves.validation.at(0.5) is None
    accuracy = series.accuracy()
    assert accuracy is not None and accuracy.train.last == pytest.approx(75.0)


def test_in_the_first_epoch_the_runs_pace_tells_where_a_step_stands():
    series = Series()
    series.update(History(np.ones(10), np.ones(10)), steps_per_epoch=100)
    assert series.loss().raw.x[-1] == pytest.approx(0.1)
    assert series.accuracy() is None


def test_another_run_starts_anew():
    series = Series()
    series.update(history())
    series.update(History(np.array([9.0, 8.0]), np.ones(2)))
    assert series.loss().train.y[0] == 9.0 and len(series.loss().train.y) == 2


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 8))
def test_ticks_lie_in_the_range_and_are_few(low: float, span: float, most: int):
    found = ticks(low, low + span, False, most)
    assert len(found) <= most + 1
    assert all(low - span * 1e-6 <= place <= low + span * (1 + 1e-6) for place, _ in found)


@given(st.floats(-9, 5), st.floats(0.01, 9), st.integers(2, 8))
def test_ticks_of_a_log_axis_are_few_and_never_crowd(low: float, span: float, most: int):
    found = ticks(low, low + span, True, most)
    assert len(found) <= most and all(low <= place <= low + span for place, _ in found)


def test_the_first_steps_do_not_set_the_scale():
    series = Series()
    loss = np.concatenate(([500.0], np.full(999, 1.0)))
    series.update(History(loss, np.ones(1000)))
    assert value_range(series.loss())[1] < 20


def test_numbers_as_text():
    assert [number_text(v) for v in (0.0871, 97.63, 1.2e-5, None, math.nan)] == ["0.0871", "97.6", "1.2e−05", "–", "–"]


# -- the page ------------------------------------------------------------------------------
def test_before_a_run_it_offers_to_train(qtbot: Any, panel: TrainingPanel, train: QAction):
    pressed: list[bool] = []
    train.triggered.connect(lambda: pressed.append(True))
    assert panel.empty.isVisible()
    assert panel.empty.sentence.text() == "Nothing trained yet."
    qtbot.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    assert pressed == [True]


def test_its_button_says_what_the_command_says(panel: TrainingPanel, train: QAction):
    button = panel.empty.button
    train.setText("Preparing…")
    train.setToolTip("PyTorch is being loaded")
    train.setEnabled(False)
    assert (button.text(), button.accessibleName(), button.isEnabled()) == ("Preparing…", "Preparing…", False)
    assert button.toolTip() == button.accessibleDescription() == "PyTorch is being loaded"
    train.setEnabled(True)
    panel.set_trainable(False)
    assert button.isEnabled() and button.property("role") == ""
    panel.set_trainable(True)
    assert button.property("role") == "primary"


def test_the_focus_of_its_button_goes_to_nothing_unrelated(
    qtbot: Any, panel: TrainingPanel, runner: FakeRunner, train: QAction
):
    panel.empty.button.setFocus()
    qtbot.waitUntil(panel.empty.button.hasFocus, timeout=1000)
    train.setEnabled(False)
    runner.history_changed.emit(history())
    qtbot.waitUntil(lambda: not panel.empty.isVisible(), timeout=1000)
    assert panel.hasFocus()


def test_curves_follow_the_run(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history(epochs=1))
    runner.history_changed.emit(history(epochs=3))
    qtbot.waitUntil(lambda: len(panel.loss_plot._curves.validation.x) == 3, timeout=1000)
    assert not panel.empty.isVisible() and panel.accuracy_plot.isVisible()
    texts = {key: label.text() for key, label in panel.accuracy_plot._values.items()}
    assert texts == {"train": "87.5 %", "validation": "77.5 %"}
    assert "validation" in panel.accessibleDescription()
    items = panel.loss_plot._items
    assert items["raw"].opts["pen"].widthF() == 1 and not items["raw"].opts["antialias"]
    assert items["raw"].opts["autoDownsample"] and items["raw"].opts["clipToView"]
    assert items["validation"].opts["pen"].dashPattern() == [5.0, 2.5]


def test_the_cursor_shows_values_in_both_plots(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history())
    qtbot.waitUntil(lambda: panel.loss_plot._plot is not None and panel.loss_plot.isVisible(), timeout=1000)
    qtbot.wait(120)
    box = panel.loss_plot._plot.getPlotItem().getViewBox()
    scene = box.mapViewToScene(box.viewRect().center())
    QTest.mouseMove(panel.loss_plot._plot.viewport(), panel.loss_plot._plot.mapFromScene(scene))
    panel.loss_plot._on_mouse_moved(scene)
    for plot in (panel.loss_plot, panel.accuracy_plot):
        assert plot._items["cursor"].isVisible()
        assert plot._where.text().startswith("at epoch 1.6")
    panel.loss_plot.setFocus()
    qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Left)
    assert panel.accuracy_plot._where.text() == "at epoch 1.00"
    assert panel.accuracy_plot.values()["train"] == pytest.approx(50.0)
    qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Escape)
    assert not panel.accuracy_plot._items["cursor"].isVisible()


def test_smoothing_and_log_axis(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history())
    panel.smoothing.setValue(0.0)
    panel.scale.setCurrentIndex(1)
    qtbot.wait(150)
    curves = panel.loss_plot._curves
    np.testing.assert_array_equal(curves.raw.y, curves.train.y)
    low, high = panel.loss_plot._plot.getPlotItem().getViewBox().viewRange()[1]
    assert low < math.log10(0.25) and 0.0 < high < 1.0


def test_smoothing_and_log_axis_are_remembered(
    qtbot: Any, panel: TrainingPanel, runner: FakeRunner, remembered: Settings, tmp_path: pathlib.Path
):
    panel.smoothing.setValue(0.5)
    panel.scale.setCurrentIndex(1)
    remembered.sync()
    again = TrainingPanel(Document(), runner, Settings(tmp_path / "strata.ini"), QAction("Train", runner))
    again.resize(1000, 200)
    qtbot.addWidget(again)
    again.show()
    assert again.smoothing.value() == 0.5 and again.scale.currentText() == "logarithmic"
    runner.history_changed.emit(history())
    qtbot.wait(150)
    assert again._series.smoothing == 0.5
    assert again.loss_plot._plot.getPlotItem().getViewBox().viewRange()[1][0] < 0  # exponents of ten


def test_at_large_text_axes_have_their_numbers_and_fields_their_words(
    qapp: Any, qtbot: Any, panel: TrainingPanel, runner: FakeRunner
):
    runner.history_changed.emit(history())
    qtbot.wait(150)
    assert panel._legend.isVisible() and panel.scale.currentText() == "linear"
    left = panel.accuracy_plot._plot.getPlotItem().getAxis("left")
    before = left.width()
    try:
        theme.apply(qapp, text_size=1.5)
        panel.resize(560, 200)
        qtbot.wait(50)
        assert left.width() == pytest.approx(1.5 * before)
        assert not panel._legend.isVisible() and panel.scale.currentText() == "linear"
        for field in (panel.smoothing, panel.scale):
            assert field.width() >= field.sizeHint().width()
    finally:
        theme.apply(qapp, text_size=1.0)


def test_without_the_legend_the_plots_name_their_lines(qapp: Any, qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history())
    qtbot.wait(150)
    assert panel.loss_plot._values["train"].text()[0].isdigit()
    try:
        theme.apply(qapp, text_size=1.5)
        panel.resize(778, 200)
        qtbot.wait(50)
        for name in ("train", "validation"):
            shown = panel.loss_plot._values[name]
            assert shown.text().startswith(f"{name} ") and shown.width() >= shown.sizeHint().width()
        assert panel.loss_plot.minimumSizeHint().width() < 300, "names need no room where there is none"
    finally:
        theme.apply(qapp, text_size=1.0)


def test_no_number_of_the_epochs_is_half_covered(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    for epochs in (3, 7, 16, 18, 31):
        runner.history_changed.emit(history(epochs=epochs, more=0))
        qtbot.wait(150)
        for plot in (panel.loss_plot, panel.accuracy_plot):
            item, metrics = plot._plot.getPlotItem(), QFontMetrics(theme.font(t.AXIS))
            box, axis = item.getViewBox(), item.getAxis("bottom")
            (low, high), width = box.viewRange()[0], box.width()
            assert axis._tickLevels[0]
            for place, text in axis._tickLevels[0]:
                end = item.getAxis("left").width() + (place - low) / (high - low) * width
                assert end + metrics.horizontalAdvance(text) / 2 <= plot._unit_label.x(), (epochs, text)


def test_the_titles_of_the_table_are_whole(qapp: Any, qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history())
    panel.tabled.button.setChecked(True)
    try:
        theme.apply(qapp, text_size=1.5)
        panel.resize(560, 200)
        qtbot.wait(150)
        header, model = panel.table.horizontalHeader(), panel.table.model()
        metrics = QFontMetrics(theme.font(t.SMALL))
        for section in range(header.count()):
            words = str(model.headerData(section, Qt.Orientation.Horizontal)).split()
            assert header.sectionSize(section) >= max(map(metrics.horizontalAdvance, words)) + 12, words
            assert header.sectionSize(section) >= panel.table.sizeHintForColumn(section)
        assert header.height() >= 2 * metrics.lineSpacing()
    finally:
        theme.apply(qapp, text_size=1.0)


def test_unseen_it_does_not_draw(qtbot: Any, panel: TrainingPanel, runner: FakeRunner, monkeypatch: pytest.MonkeyPatch):
    panel.hide()
    drawn: list[int] = []
    monkeypatch.setattr(panel.loss_plot, "set_curves", lambda *_: drawn.append(1))
    for _ in range(5):
        runner.history_changed.emit(history())
    qtbot.wait(150)
    assert not drawn
    panel.show()
    assert len(drawn) == 1


def test_seen_it_draws_at_most_ten_times_a_second(
    qtbot: Any, panel: TrainingPanel, runner: FakeRunner, monkeypatch: pytest.MonkeyPatch
):
    drawn: list[float] = []
    monkeypatch.setattr(panel.loss_plot, "set_curves", lambda *_: drawn.append(time.monotonic()))
    began = time.monotonic()
    while time.monotonic() - began < 0.5:
        runner.history_changed.emit(history())
        qtbot.wait(5)
    qtbot.wait(130)
    assert 2 <= len(drawn) <= 8  # and the last news is not lost


def test_within_an_epoch_what_only_an_epoch_changes_is_let_be(
    qtbot: Any, panel: TrainingPanel, runner: FakeRunner, monkeypatch: pytest.MonkeyPatch
):
    runner.history_changed.emit(history(more=1))
    qtbot.wait(150)
    moved: list[str] = []
    for name, plot in (("loss", panel.loss_plot), ("accuracy", panel.accuracy_plot)):
        for key in ("raw", "train", "validation"):
            where = f"{name} {key}"
            monkeypatch.setattr(plot._items[key], "setData", lambda *_a, where=where, **_k: moved.append(where))
        box = plot._plot.getPlotItem().getViewBox()
        monkeypatch.setattr(box, "setXRange", lambda *_a, name=name, **_k: moved.append(f"{name} axis"))
    runner.history_changed.emit(history(more=5))
    panel._draw()
    assert moved == ["loss raw", "loss train", "loss axis"]


def test_the_axis_grows_in_steps_and_holds_all():
    ends = [axis_end(done / 1000) for done in range(1, 20_001)]
    assert all(done / 1000 <= end <= done / 1000 * 1.125 + 1e-9 for done, end in enumerate(ends, 1))
    assert len(set(ends)) < 130 and axis_end(3.0) == 3.0 and axis_end(0.0) > 0


def test_each_of_several_losses_has_a_line_of_its_own(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    many = history()
    columns = dict(many.epochs) | {"train/loss/decoder": np.array([0.9, 0.5, 0.3]), "train/loss/a/b": np.ones(3)}
    columns["validation/loss/decoder"] = np.array([1.0, 0.6, 0.4])
    runner.history_changed.emit(History(many.loss, many.rate, Frozen(columns)))
    qtbot.wait(150)
    plot = panel.loss_plot
    assert plot._legend.isVisible() and not panel.accuracy_plot._legend.isVisible()
    assert [shown.full_text() for shown in plot._parts.values()] == ["decoder 0.3", "a/b 1"]
    np.testing.assert_array_equal(plot._items["part/decoder"].getOriginalDataset()[1], [0.9, 0.5, 0.3])
    panel._on_cursor_moved(2.0)
    assert plot.values()["part/decoder"] == 0.5
    panel.tabled.button.setChecked(True)
    model = panel.table.model()
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert titles[-3:] == ["Training loss, decoder", "Training loss, a/b", "Validation loss, decoder"]
    panel.tabled.button.setChecked(False)
    runner.history_changed.emit(history(epochs=1))
    qtbot.wait(150)
    assert not plot._legend.isVisible() and set(plot._items) == {"raw", "train", "validation", "cursor"}


def test_lines_of_parts_differ_in_colour_or_dash():
    styles = [part_style(number) for number in range(24)]
    assert len(set(styles)) == 24 and len({token for token, _dash in styles}) == 6


def test_epoch_ends_are_told_in_words(panel: TrainingPanel, runner: FakeRunner):
    runner.epoch_ended.emit(EpochEnded(4, 100, Metrics(0.25, 0.9), Metrics(0.5, 0.8), 1e-3, 2.0))
    assert panel.accessibleDescription() == (
        "After epoch 4: training loss 0.25, accuracy 90.0 %; validation loss 0.5, accuracy 80.0 %."
    )


def test_a_project_that_is_opened_shows_its_curves(qtbot: Any, panel: TrainingPanel):
    record = RunRecord("r1", "2026-01-01T00:00:00", Document().design, history(accuracy=False))
    panel._document.set_project(Project(runs=(record,)), None)
    qtbot.waitUntil(lambda: len(panel.loss_plot._curves.validation.x) == 3, timeout=1000)
    assert not panel.accuracy_plot.isVisible()
    panel._document.set_project(Project(), None)
    qtbot.waitUntil(panel.empty.isVisible, timeout=1000)


def test_the_curves_can_be_read_as_a_table(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    runner.history_changed.emit(history())
    qtbot.wait(120)
    qtbot.mouseClick(panel.tabled.button, Qt.MouseButton.LeftButton)
    assert panel.table.isVisible()
    model = panel.table.model()
    assert model.rowCount() == 3
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    row = dict(zip(titles, (model.index(2, c).data() for c in range(len(titles))), strict=True))
    assert row["Epoch"] == "3" and row["Step"] == "120" and row["Training accuracy"] == "87.50 %"
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[0].startswith("Epoch\tStep\tTraining loss")
    assert QGuiApplication.clipboard().text().splitlines()[3].startswith("3\t120\t")
    runner.history_changed.emit(history(epochs=4))
    qtbot.waitUntil(lambda: model.rowCount() == 4, timeout=1000)


def test_what_was_measured_on_the_test_part_is_shown_when_it_is_known(qtbot: Any, panel: TrainingPanel):
    document = panel._document
    record = RunRecord("r1", "2026-01-01T00:00:00", Document().design, history(), test=Metrics(0.08, 0.9725, 360))
    document.set_project(Project(runs=(record,)), None)
    qtbot.waitUntil(lambda: panel.test.text() == "test 97.25 %" and panel.test.isVisible(), timeout=1000)
    assert panel.accessibleDescription().endswith("test loss 0.08, accuracy 97.2 %.")
    qtbot.mouseClick(panel.tabled.button, Qt.MouseButton.LeftButton)
    model = panel.table.model()
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    column = titles.index("Test accuracy")
    assert [model.index(r, column).data() for r in range(3)] == ["", "", "97.25 %"]
    assert model.index(2, titles.index("Test loss")).data() == "0.08"
    document.set_running(document.design)  # what goes on has not been tested
    qtbot.waitUntil(lambda: not panel.test.isVisible() and model.columnCount() == len(titles) - 2, timeout=1000)
    document.set_running(None)
    qtbot.waitUntil(lambda: panel.test.isVisible() and model.columnCount() == len(titles), timeout=1000)


def test_a_long_run_redraws_quickly(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    long = history(epochs=100, steps=5000, more=0)
    runner.history_changed.emit(long)
    qtbot.wait(150)
    began = time.perf_counter()
    panel._draw()
    panel.grab()
    assert time.perf_counter() - began < 0.5


def test_the_plotting_library_is_not_loaded_before_it_is_needed():
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "import gui.plots.training, gui.plots.feature_maps, gui.plots.log;"
        "sys.exit(any(m in sys.modules for m in ('pyqtgraph', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the log -----------------------------------------------------------------------------
def test_messages_land_in_the_log_and_can_be_copied(qtbot: Any):
    document = Document()
    log = LogPanel(document)
    qtbot.addWidget(log)
    log.show()
    assert not log.copy_button.isEnabled()
    document.message_shown.emit("The file was saved.", "info")
    log.add("Loss became NaN at step 4.", "error")
    assert [(severity, text) for _, severity, text in log.entries()] == [
        ("info", "The file was saved."),
        ("error", "Loss became NaN at step 4."),
    ]
    qtbot.mouseClick(log.copy_button, Qt.MouseButton.LeftButton)
    assert "error: Loss became NaN at step 4." in QGuiApplication.clipboard().text()
    qtbot.mouseClick(log.clear_button, Qt.MouseButton.LeftButton)
    assert log.entries() == []


def test_the_log_forgets_the_oldest(qtbot: Any):
    log = LogPanel(Document())
    qtbot.addWidget(log)
    for number in range(KEPT + 3):
        log.add(f"message {number}")
    entries = log.entries()
    assert len(entries) == KEPT and entries[0][2] == "message 3"


def test_many_noisy_steps_stay_faint_under_their_average(qtbot: Any, panel: TrainingPanel, runner: FakeRunner):
    noise = np.random.default_rng(0).uniform(0.1, 1.0, 20_000)
    panel.resize(900, 260)
    panel.show()
    grown = History(noise, np.full(len(noise), 1e-3), Frozen({}))
    for steps in range(2_000, len(noise) + 1, 2_000):
        runner.history_changed.emit(replace(grown, loss=noise[:steps], rate=grown.rate[:steps]))
        qtbot.wait(120)
    image = panel.loss_plot._plot.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1]
    full = (np.abs(pixels.astype(int) - theme.colour("train").getRgb()[:3]) < 24).all(axis=2)
    faintly = (np.abs(pixels.astype(int) - faint("train").getRgb()[:3]) < 24).all(axis=2)
    assert faintly.sum() > 4 * full.sum() > 0  # the average is one line, the steps fill the band around it


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_low_plot_has_its_lowest_and_highest_numbers_and_its_last_mark(
    qtbot: Any, panel: TrainingPanel, runner: FakeRunner, monkeypatch: pytest.MonkeyPatch, scale: float
):
    monkeypatch.setattr(theme, "scale", scale)
    panel.resize(900, 190)
    runner.history_changed.emit(history(more=0))
    qtbot.waitUntil(lambda: panel.loss_plot._plot is not None and panel.loss_plot.isVisible(), timeout=1000)
    qtbot.wait(150)
    box = panel.accuracy_plot._plot.getPlotItem().getViewBox()
    (left, right), (low, high) = box.viewRange()
    room = (high - low) / box.height() * t.AXIS * scale / 2  # half a number
    numbers = [place for place, _ in panel.accuracy_plot._plot.getPlotItem().getAxis("left")._tickLevels[0]]
    assert low + room <= min(numbers) and max(numbers) <= high - room
    assert left == 0 and right - panel.accuracy_plot._end >= 2 * (right - left) / box.width()


def test_a_project_that_learned_nothing_shows_no_result_of_the_one_before(
    qtbot: Any, runner: FakeRunner, remembered: Settings
):
    document = Document()
    panel = TrainingPanel(document, runner, remembered, QAction("Train", runner))
    qtbot.addWidget(panel)
    panel.resize(1000, 200)
    panel.show()
    design = document.design
    run = RunRecord("r1", "", design, history=history(), test=Metrics(0.1, 0.97))
    document.set_project(Project(design=design, runs=(run,)), None)
    runner.history_changed.emit(run.history)
    qtbot.waitUntil(panel.test.isVisible, timeout=1000)
    document.set_project(Project(), None)
    runner.history_changed.emit(History())
    qtbot.waitUntil(lambda: not panel.test.isVisible(), timeout=1000)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [640, 700, 780, 900])
def test_keys_never_stand_without_names(
    qapp: Any, qtbot: Any, panel: TrainingPanel, runner: FakeRunner, scale: float, width: int
):
    theme.apply(qapp, "dark", scale)
    try:
        panel.resize(width, 220)
        runner.history_changed.emit(history())
        qtbot.waitUntil(panel.accuracy_plot.isVisible, timeout=1000)
        panel.accuracy_plot.set_cursor(1.6)
        qapp.processEvents()
        for plot in (panel.loss_plot, panel.accuracy_plot):
            shown = {key: label.text() for key, label in plot._values.items()}
            if panel._legend.isVisible():
                assert not any(name in text for text in shown.values() for name in ("train", "val"))
                continue
            assert shown["train"].startswith("train") and shown["validation"].startswith("val")
            for label in plot._values.values():
                assert label.width() >= label.sizeHint().width()
                assert any(mark.isdigit() for mark in label.text()) or any(m.isdigit() for m in label.toolTip())
    finally:
        theme.apply(qapp, "dark", 1.0)


def test_lines_are_as_wide_on_a_fine_screen(qtbot: Any, panel: TrainingPanel, runner: FakeRunner, monkeypatch: Any):
    runner.history_changed.emit(history())
    plot = panel.loss_plot
    qtbot.waitUntil(lambda: "validation" in plot._items, timeout=1000)

    def widths() -> list[float]:
        return [plot._items[name].opts["pen"].widthF() for name in ("raw", "train", "validation")]

    before = widths()
    monkeypatch.setattr(plot, "devicePixelRatioF", lambda: 2.0)
    QApplication.sendEvent(plot, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert widths() == [before[0], 2 * before[1], 2 * before[2]]
