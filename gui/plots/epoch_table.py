"""The curves as a table: one row an epoch. For screen readers, and for whoever wants the numbers."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from engine.observe.history import History
from engine.train.events import Metrics
from gui.plots.series import column, number_text
from gui.plots.tabled import NumberTable
from gui.widgets.numbers import thousands

TITLES = {
    "epoch": "Epoch",
    "step": "Step",
    "train/loss": "Training loss",
    "validation/loss": "Validation loss",
    "train/accuracy": "Training accuracy",
    "validation/accuracy": "Validation accuracy",
    "test/loss": "Test loss",
    "test/accuracy": "Test accuracy",
    "rate": "Learning rate",
    "seconds": "Seconds",
}
Index = QModelIndex | QPersistentModelIndex


class EpochModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._columns: list[tuple[str, Any]] = []

    def show_history(self, history: History, test: Metrics | None) -> None:
        """`test` was measured after the last epoch; it stands in that row."""
        self.beginResetModel()
        columns = {name: column(history, name) for name in history.epochs}
        columns |= _measured_last(test, len(columns.get("epoch", ())))
        known = [name for name in TITLES if name in columns]
        parts = [name for name in columns if name.count("/") > 1]  # each loss of several, by its node's name
        self._columns = [(name, columns[name]) for name in (*known, *parts)]
        self.endResetModel()

    def titles(self) -> list[str]:
        return [_title(name) for name, _values in self._columns]

    def numbers(self, row: int) -> list[float | int | str]:
        """A row as it was measured; what was not is empty."""
        values = [(name, float(column[row])) for name, column in self._columns]
        return ["" if math.isnan(v) else round(v) if name in ("epoch", "step") else v for name, v in values]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() or not self._columns else len(self._columns[0][1])

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _title(self._columns[section][0])
        if _is_alignment(role):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom) | int(Qt.TextFlag.TextWordWrap)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            name, values = self._columns[index.column()]
            return _text(name, float(values[index.row()]))
        return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter) if _is_alignment(role) else None


class EpochTable(NumberTable):
    def __init__(self, parent: QWidget | None = None):
        super().__init__("Epochs", parent)
        self._model = EpochModel()
        self._test: Metrics | None = None
        self.setModel(self._model)
        self.setAlternatingRowColors(False)
        self._model.modelReset.connect(self.fit_columns)

    def show_history(self, history: History, test: Metrics | None = None) -> None:
        """Cheap where no epoch has ended since."""
        if (self._model.rowCount(), self._test) != (len(column(history, "epoch")), test) or not self._model.rowCount():
            self._test = test
            self._model.show_history(history, test)
            self.scrollToBottom()

    def titles(self) -> list[str]:
        return self._model.titles()

    def numbers(self, row: int) -> list[float | int | str]:
        return self._model.numbers(row)


def _measured_last(test: Metrics | None, epochs: int) -> dict[str, Any]:
    """The columns of the test part: empty but for the last epoch."""
    if test is None or not epochs:
        return {}
    values = {"test/loss": test.loss, "test/accuracy": test.accuracy}
    return {name: [math.nan] * (epochs - 1) + [value] for name, value in values.items() if value is not None}


def _title(name: str) -> str:
    """‘train/loss/decoder’ is ‘Training loss, decoder’; a node's name may hold slashes of its own."""
    if name in TITLES:
        return TITLES[name]
    split, metric, part = name.split("/", 2)
    return f"{TITLES.get(f'{split}/{metric}', metric)}, {part}"


def _is_alignment(role: int) -> bool:
    return role == Qt.ItemDataRole.TextAlignmentRole


def _text(name: str, value: float) -> str:
    if name.startswith("test/") and math.isnan(value):
        return ""
    if name in ("epoch", "step"):
        return thousands(round(value))
    if name.endswith("accuracy"):
        return f"{100 * value:.2f} %"
    return f"{value:.1f}" if name == "seconds" else number_text(value)
