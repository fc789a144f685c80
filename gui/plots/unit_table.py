"""A mosaic as a table: one row a unit with its least, mean and greatest value and its share of zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.observe import plane, tiles
from engine.observe.picture import Picture
from gui.plots.series import number_text
from gui.plots.tabled import NumberTable
from gui.widgets.plane import class_name

TITLES = ("Min", "Mean", "Max", "Zero")  # after the unit's own title
DECIDED = ("Class", "Plane", "Samples", "Right")
Index = QModelIndex | QPersistentModelIndex
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def figures(picture: Picture) -> np.ndarray[Any, Any]:
    """float64 of shape (units, 5): number, least, mean and greatest value, and share of zeros, over the picture.

    In a picture of cells a unit is one cell, in a sheet one row; else it is one tile.
    """
    pixels = np.asarray(picture.tiles)
    if not pixels.size:
        return np.zeros((0, 5))
    if tiles.is_cells(picture):
        values = pixels.reshape(-1, 1)
    elif tiles.is_sheet(picture):
        values = pixels[0].reshape(pixels.shape[1], -1)
    else:
        values = pixels.reshape(len(pixels), -1)
    numbers = picture.units if len(picture.units) == len(values) else range(len(values))
    with np.errstate(invalid="ignore"):  # a broken layer has no mean, and says so
        mean, zero = values.mean(axis=1, dtype=np.float64), (values == 0.0).mean(axis=1)
        columns = (np.asarray(numbers), values.min(axis=1), mean, values.max(axis=1), zero)
        return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


def regions(picture: Picture) -> np.ndarray[Any, Any]:
    """float64 of shape (classes, 4) of what a network decides over a plane: class, the share of the plane where it
    wins, how many of its validation samples are shown, and how many of those lie there."""
    winners = plane.winners(picture)
    rows = [
        (number, (winners == number).mean(), *reversed(plane.right(picture, number)))
        for number in range(picture.classes)
    ]
    return np.array(rows, np.float64).reshape(-1, 4)


class UnitModel(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self._rows, self._noun, self._names, self._classes = np.zeros((0, 5)), "unit", (), 0

    def show_picture(self, picture: Picture, noun: str, names: tuple[str, ...] = ()) -> None:
        """The same units keep their rows: a chosen row stays chosen while a network trains."""
        rows = regions(picture) if picture.classes else figures(picture)
        same = (noun, names, picture.classes) == (self._noun, self._names, self._classes)
        same = same and len(rows) == len(self._rows)
        if not same:
            self.beginResetModel()
        self._rows, self._noun, self._names, self._classes = rows, noun, names, picture.classes
        if not same:
            self.endResetModel()
        elif len(rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self.titles) - 1))

    @property
    def titles(self) -> tuple[str, ...]:
        return DECIDED if self._classes else (self._noun.capitalize(), *TITLES)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.titles[section]
        return RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Shown rounded; `UserRole` is the number itself, to sort and to copy by."""
        value = float(self._rows[index.row(), index.column()])
        if role == Qt.ItemDataRole.UserRole:
            return int(value) if index.column() == 0 or (self._classes and index.column() > 1) else value
        if role == Qt.ItemDataRole.DisplayRole and self._classes:
            named = class_name(int(value), self._names)
            return (named, f"{100 * value:.0f} %", str(int(value)), str(int(value)))[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            texts = {0: str(int(value)), len(TITLES): f"{100 * value:.0f} %"}
            return texts.get(index.column(), number_text(value).replace("-", "−"))
        return RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None


class UnitTable(NumberTable):
    """`unit_chosen(number)` when a row becomes the current one. Rows stand as the tiles do until a title is clicked."""

    unit_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__("Units", parent)
        self._model = UnitModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(Qt.ItemDataRole.UserRole)
        self.setModel(self._sorted)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)

    def show_picture(self, picture: Picture, noun: str, names: tuple[str, ...] = ()) -> None:
        """`names`: those of the classes; where a network decides between classes the rows are those."""
        self._model.show_picture(picture, noun, names)
        self.fit_columns()

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():  # it is not while the model is made anew
            self.unit_chosen.emit(current.siblingAtColumn(0).data(Qt.ItemDataRole.UserRole))

    def titles(self) -> tuple[str, ...]:
        return self._model.titles

    def numbers(self, row: int) -> list[float | int]:
        columns = range(self._sorted.columnCount())
        return [self._sorted.index(row, column).data(Qt.ItemDataRole.UserRole) for column in columns]
