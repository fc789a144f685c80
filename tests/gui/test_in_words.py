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
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QGuiApplication
from test_features_panel import FakeRunner, answer, design, picture

from engine.observe.picture import Picture, View
from gui.document import Document
from gui.plots import copying
from gui.plots.feature_maps import FeaturesPanel
from gui.plots.series import Curve, Curves, in_words
from gui.plots.unit_table import UnitTable, figures


def curve(*values: float) -> Curve:
    return Curve(np.arange(1.0, len(values) + 1), np.asarray(values, np.float64))


def test_curves_in_a_sentence() -> None:
    curves = Curves(Curve(), curve(0.9, 0.4, 0.087), curve(0.5, 0.0912, 0.098))
    assert in_words("Loss", curves, 3) == "Loss, 3 epochs: train 0.087, validation 0.098, lowest validation at epoch 2"
    assert in_words("Loss", Curves(Curve(), curve(0.9)), 1) == "Loss, 1 epoch: train 0.9"
    assert in_words("Loss", Curves(), 0) == "Loss: nothing yet"
    best = Curves(Curve(), Curve(), curve(91.0, 97.5, 97.25))
    assert in_words("Accuracy", best, 3, " %", "highest") == (
        "Accuracy, 3 epochs: validation 97.2 %, highest validation at epoch 2"
    )


@given(rows=st.lists(st.lists(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)), min_size=2, max_size=2)))
def test_any_table_can_be_read_back_from_csv(rows: list[list[Any]]) -> None:
    text = copying.to_csv(["a, or b", 'say "c"'], rows)
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [["a, or b", 'say "c"'], *[[str(value) for value in row] for row in rows]]


@given(st.integers(1, 6), st.integers(2, 5), st.integers(2, 5), st.randoms(use_true_random=False))
def test_figures_are_those_of_each_tile(count: int, height: int, width: int, random: Any) -> None:
    values = np.array([[[random.choice([0.0, -2.0, 0.5, 3.0]) for _ in range(width)] for _ in range(height)]] * count)
    values += np.arange(count)[:, None, None] * (values != 0)
    units = tuple(range(100, 100 + count))
    made = Picture(View(("n",)), values.astype(np.float32), units, count, 0, 1, True)
    table = figures(made)
    assert table.shape == (count, 4) and tuple(table[:, 0]) == units
    for row, tile in zip(table, made.tiles, strict=True):
        assert row[1] == pytest.approx(float(np.abs(tile).max()))
        assert row[2] == pytest.approx(float(tile.mean()), abs=1e-6)
        assert row[3] == pytest.approx(sum(1 for v in tile.ravel() if v == 0) / tile.size)


def test_cells_and_sheets_have_a_row_for_each_unit() -> None:
    cells = Picture(View(("n",)), np.array([[[0.0, -3.0, 2.0]]], np.float32), (0, 1, 2), 3, 0, 1, True)
    assert figures(cells).tolist() == [[0, 0, 0, 1], [1, 3, -3, 0], [2, 2, 2, 0]]
    sheet = Picture(View(("n",)), np.array([[[0, 4], [1, 1]]], np.float32), (0,), 2, 0, 1, False)
    assert figures(sheet).tolist() == [[0, 4, 2, 0.5], [1, 1, 1, 0]]
    broken = Picture(View(("n",)), np.full((2, 2, 2), np.inf, np.float32), (0, 1), 2, 0, 1, False)
    broken.tiles[1, 0, 0] = -np.inf
    assert math.isnan(figures(broken)[1, 2])
    assert figures(Picture(View(("n",)), np.zeros((0, 0, 0)), (), 0, 0, 1, False)).shape == (0, 4)


def numbers(model: QAbstractItemModel, column: int) -> list[float]:
    return [model.index(row, column).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())]


def test_the_table_sorts_by_numbers_and_copies_them(qtbot) -> None:
    table = UnitTable()
    qtbot.addWidget(table)
    table.show()
    made = picture(View(("relu",)), 12, 4, 4)
    table.show_picture(made, "channel")
    model = table.model()
    peaks = numbers(model, 1)
    assert peaks == sorted(peaks, reverse=True), "strongest first"
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert numbers(model, 0) == list(range(12)), "10 comes after 9"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Channel" and "%" in model.index(0, 3).data()
    table.clearSelection()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [row["Channel"] for row in rows] == [str(n) for n in range(12)]
    assert float(rows[3]["Peak"]) == pytest.approx(float(made.tiles[made.units.index(3)].max()))
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
    assert words.startswith("16 channels of relu") and words.endswith("1 silent") and "strongest" in words
    assert words in panel.accessibleDescription() and "epoch" in panel.accessibleDescription()
    panel.as_table.click()
    assert panel.table.isVisible() and not panel.mosaic.isVisible() and panel.table.model().rowCount() == 16
    assert panel.table.accessibleDescription() == words
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    chosen = panel.table.currentIndex().siblingAtColumn(0).data(Qt.ItemDataRole.UserRole)
    assert panel._unit == chosen and panel.unit_card.isVisible()
    panel.as_table.click()
    assert panel.mosaic.isVisible() and panel.mosaic.picture.units[panel.mosaic.chosen] == chosen
