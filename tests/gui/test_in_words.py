"""Pictures and curves for whoever cannot see them: a sentence, a table, numbers to take along."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtGui import QGuiApplication
from test_features_panel import FakeRunner, answer, design, picture

from engine.observe.picture import Picture, View
from gui.document import Document
from gui.plots import copying
from gui.plots.feature_maps import FeaturesPanel
from gui.plots.series import Curve, Curves, in_words
from gui.plots.telling import constants, summary
from gui.plots.unit_table import UnitTable, figures
from gui.widgets.calm import Calm


def curve(*values: float) -> Curve:
    return Curve(np.arange(1.0, len(values) + 1), np.asarray(values, np.float64))


def test_curves_in_a_sentence() -> None:
    curves = Curves(Curve(), curve(0.9, 0.4, 0.087), curve(0.5, 0.0912, 0.098))
    assert in_words("Loss", curves, 3) == (
        "Loss, 3 epochs: train 0.087, falling; validation 0.098 at epoch 3, rising; lowest validation 0.0912 at epoch 2"
    )
    assert in_words("Loss", Curves(Curve(), curve(0.9)), 1) == "Loss, 1 epoch: train 0.9"
    assert in_words("Loss", Curves(), 0) == "Loss: nothing yet"
    best = Curves(Curve(), Curve(), curve(91.0, 97.5, 97.25))
    assert in_words("Accuracy", best, 3, " %", "highest") == (
        "Accuracy, 3 epochs: validation 97.2 % at epoch 3, level; highest validation 97.5 % at epoch 2"
    )


@given(st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=6), st.integers(1, 4))
def test_a_curve_rises_or_falls_as_it_did_over_the_last_epoch(values: list[float], per_epoch: int) -> None:
    places = np.arange(1, len(values) + 1) / per_epoch
    words = in_words("Loss", Curves(Curve(), Curve(places, np.array(values))), 1)
    before, now = values[max(0, len(values) - 1 - per_epoch)], values[-1]
    if now < 0.98 * before:
        assert words.endswith(", falling")
    elif now > before / 0.98:
        assert words.endswith(", rising")
    elif abs(now - before) < 0.005 * before:
        assert words.endswith(", level")


@given(rows=st.lists(st.lists(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)), min_size=2, max_size=2)))
@pytest.mark.parametrize("apart", ["\t", ","])
def test_any_table_can_be_read_back_from_its_text(apart: str, rows: list[list[Any]]) -> None:
    text = copying.to_text(["a, or b", 'say "c"'], rows, apart)
    back = list(csv.reader(io.StringIO(text, newline=""), delimiter=apart))
    assert back == [["a, or b", 'say "c"'], *[[str(value) for value in row] for row in rows]]


@given(st.integers(1, 6), st.integers(2, 5), st.integers(2, 5), st.randoms(use_true_random=False))
def test_figures_are_those_of_each_tile(count: int, height: int, width: int, random: Any) -> None:
    values = np.array([[[random.choice([0.0, -2.0, 0.5, 3.0]) for _ in range(width)] for _ in range(height)]] * count)
    values += np.arange(count)[:, None, None] * (values != 0)
    units = tuple(range(100, 100 + count))
    made = Picture(View(("n",)), values.astype(np.float32), units, count, 0, 1, True)
    table = figures(made)
    assert table.shape == (count, 5) and tuple(table[:, 0]) == units
    for row, tile in zip(table, made.tiles, strict=True):
        assert (row[1], row[3]) == (float(tile.min()), float(tile.max()))
        assert row[2] == pytest.approx(float(tile.mean()), abs=1e-6)
        assert row[4] == pytest.approx(sum(1 for v in tile.ravel() if v == 0) / tile.size)


def test_cells_and_sheets_have_a_row_for_each_unit() -> None:
    cells = Picture(View(("n",)), np.array([[[0.0, -3.0, 2.0]]], np.float32), (0, 1, 2), 3, 0, 1, True)
    assert figures(cells).tolist() == [[0, 0, 0, 0, 1], [1, -3, -3, -3, 0], [2, 2, 2, 2, 0]]
    sheet = Picture(View(("n",)), np.array([[[0, 4], [1, 1]]], np.float32), (0,), 2, 0, 1, False)
    assert figures(sheet).tolist() == [[0, 0, 2, 4, 0.5], [1, 1, 1, 1, 0]]
    broken = Picture(View(("n",)), np.full((2, 2, 2), np.inf, np.float32), (0, 1), 2, 0, 1, False)
    broken.tiles[1, 0, 0] = -np.inf
    assert math.isnan(figures(broken)[1, 2])
    assert figures(Picture(View(("n",)), np.zeros((0, 0, 0)), (), 0, 0, 1, False)).shape == (0, 5)


def numbers(model: QAbstractItemModel, column: int) -> list[float]:
    return [model.index(row, column).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())]


def test_the_table_sorts_by_numbers_and_copies_them(qtbot) -> None:
    table = UnitTable()
    qtbot.addWidget(table)
    table.show()
    made = picture(View(("relu",)), 12, 4, 4)
    table.show_picture(made, "channel")
    model = table.model()
    assert numbers(model, 0) == list(made.units), "as the tiles stand"
    table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert numbers(model, 3) == sorted(numbers(model, 3), reverse=True)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert numbers(model, 0) == list(range(12)), "10 comes after 9"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Channel" and "%" in model.index(0, 4).data()
    table.clearSelection()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert [row["Channel"] for row in rows] == [str(n) for n in range(12)]
    assert float(rows[3]["Max"]) == pytest.approx(float(made.tiles[made.units.index(3)].max()))
    table.selectRow(2)
    table.show_picture(picture(View(("relu",)), 12, 4, 4), "channel")
    assert len(table.selectionModel().selectedRows()) == 1, "what is chosen stays chosen while a network trains"


def test_the_features_as_a_table_and_in_words(qtbot) -> None:
    document, runner = Document(), FakeRunner()
    document.change(design(), "made")
    panel = FeaturesPanel(document, runner)
    qtbot.addWidget(panel)
    panel.resize(332, 700)
    panel.show()
    document.select(frozenset({"relu"}))
    look = answer((View(("relu",), "feature_maps", 64),))
    document.set_look(look)
    words = panel.mosaic.accessibleDescription()
    assert words.startswith("16 channels of relu") and "; 1 silent: 3" in words and "strongest" in words
    assert words in panel.accessibleDescription() and "epoch" in panel.accessibleDescription()
    panel.tabled.button.click()
    assert panel.table.isVisible() and not panel.mosaic.isVisible() and panel.table.model().rowCount() == 16
    assert panel.table.accessibleDescription() == words
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    chosen = panel.table.currentIndex().siblingAtColumn(0).data(Qt.ItemDataRole.UserRole)
    assert panel._unit == chosen and panel.unit_card.isVisible()
    panel.tabled.button.click()
    assert panel.mosaic.isVisible() and panel.mosaic.picture.units[panel.mosaic.chosen] == chosen


def test_dead_and_constant_channels_are_told_with_their_numbers() -> None:
    values = np.arange(4 * 9, dtype=np.float32).reshape(4, 3, 3)
    values[1], values[3] = 0.0, 0.5
    made = Picture(View(("n",)), values, (7, 3, 5, 9), 4, 0, 1, False, silent=1, silent_units=(3,), method="so made")
    assert constants(made) == (9,)
    words = summary(made, "channel", " of conv")
    assert words == "4 channels of conv: 1 silent: 3; 1 constant: 9; so made"
    assert "each tile on its own scale" in summary(made, "channel", " of conv", own_scales=True)
    vector = Picture(View(("n",)), np.ones((1, 1, 3), np.float32), (0, 1, 2), 3, 0, 1, False)
    assert constants(vector) == (), "a single value is not constant over anything"


def test_words_come_calmly_and_the_last_ones_always_come(qtbot) -> None:
    said: list[str] = []
    asked: list[int] = []
    owner = QObject()
    calm = Calm(said.append, owner, pace=80)

    def words(number: int) -> str:
        asked.append(number)
        return str(number)

    for number in range(50):
        calm.tell("a", lambda number=number: words(number))
    assert said == ["0"] and asked == [0], "what is not said is not put in words"
    qtbot.waitUntil(lambda: len(said) == 2, timeout=2000)
    assert said == ["0", "49"]
    calm.tell("b", lambda: "of another")
    assert said[-1] == "of another", "at once where it is about something else"
    qtbot.wait(200)
    assert len(said) == 3


def test_no_number_of_the_table_is_cut_off_and_all_columns_are_in_sight(qtbot) -> None:
    table = UnitTable()
    qtbot.addWidget(table)
    table.resize(300, 300)
    table.show()
    values = np.full((6, 4, 4), -0.08123, np.float32)
    values[:, 0, 0] = -12.345
    table.show_picture(Picture(View(("n",)), values, tuple(range(2042, 2048)), 6, -1, 1, True), "channel")
    widths = [table.columnWidth(column) for column in range(5)]
    assert all(width >= table.sizeHintForColumn(column) for column, width in enumerate(widths))
    assert sum(widths) <= table.viewport().width()
