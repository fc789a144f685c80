"""The catalogue as a tree of families and kinds, searched by typing, dragged as `application/x-strata-layer`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from engine.catalog import catalog
from engine.catalog.spec import FAMILIES, LayerSpec
from engine.errors import nearest
from gui.widgets.numbers import plural

MIME = "application/x-strata-layer"
KIND_ROLE = Qt.ItemDataRole.UserRole + 1  # the kind; empty for a family
FAMILY_ROLE = Qt.ItemDataRole.UserRole + 2
SUMMARY_ROLE = Qt.ItemDataRole.UserRole + 3
COUNT_ROLE = Qt.ItemDataRole.UserRole + 4

Index = QModelIndex | QPersistentModelIndex


class PaletteModel(QStandardItemModel):
    """Families, each with its kinds. Only kinds can be dragged."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.layers = tuple(catalog.load().layers.values())
        for family in FAMILIES:
            kinds = [spec for spec in self.layers if spec.family == family]
            if kinds:
                self.appendRow(_family_item(family, kinds))

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        kinds = [index.data(KIND_ROLE) for index in indexes if index.data(KIND_ROLE)]
        if kinds:
            data.setData(MIME, kinds[0].encode())
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


def _family_item(family: str, kinds: list[LayerSpec]) -> QStandardItem:
    item = QStandardItem(family)
    item.setData("", KIND_ROLE)
    item.setData(family, FAMILY_ROLE)
    item.setData(len(kinds), COUNT_ROLE)
    item.setData(_spoken(family, len(kinds)), Qt.ItemDataRole.AccessibleTextRole)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    for spec in kinds:
        child = QStandardItem(spec.title)
        child.setData(spec.kind, KIND_ROLE)
        child.setData(family, FAMILY_ROLE)
        child.setData(spec.summary, SUMMARY_ROLE)
        child.setData(spec.title, Qt.ItemDataRole.AccessibleTextRole)
        child.setData(spec.summary, Qt.ItemDataRole.AccessibleDescriptionRole)
        child.setToolTip(f"{spec.title}\n{spec.summary}\nDrag it to the canvas, or press Enter to add it.")
        child.setFlags(
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )
        item.appendRow(child)
    return item


def _spoken(family: str, count: int) -> str:
    return f"{family}, {plural(count, 'layer')}"


class PaletteFilter(QSortFilterProxyModel):
    """Keeps the kinds that a search text fits: by name, by summary, or all of a family that is named."""

    def __init__(self, model: PaletteModel, parent: QObject | None = None):
        super().__init__(parent)
        self.text = ""
        self._found: dict[str, int] = {}
        self._layers = model.layers
        self.setSourceModel(model)

    def search(self, text: str) -> None:
        self.text = text.strip()
        self._found = {spec.kind: score for spec in self._layers if (score := match(spec, self.text))}
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        if not self.text:
            return True
        index = self.sourceModel().index(row, 0, parent)
        kind = index.data(KIND_ROLE)
        if kind:
            return kind in self._found
        return any(index.model().index(k, 0, index).data(KIND_ROLE) in self._found for k in range(_rows(index)))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """While something is searched for, a family counts what was found in it."""
        if self.text and role in (COUNT_ROLE, Qt.ItemDataRole.AccessibleTextRole) and not index.parent().isValid():
            count = self.rowCount(index)
            return count if role == COUNT_ROLE else _spoken(index.data(FAMILY_ROLE), count)
        return super().data(index, role)

    @property
    def best(self) -> str | None:
        """The kind that fits the search best: of those that fit equally well the first of the catalogue."""
        if not self._found:
            return None
        return max(self._found, key=self._found.__getitem__)

    @property
    def closest(self) -> LayerSpec | None:
        """Where nothing fits: the kind whose name is nearest; of equally near ones the first of the catalogue."""
        title = nearest(self.text, (spec.title for spec in self._layers))
        return next((spec for spec in self._layers if spec.title == title), None)


def match(spec: LayerSpec, text: str) -> int:
    """How well a kind fits a search text: 0 not at all, 4 by its whole name."""
    wanted = text.lower().replace(" ", "")
    title, kind = spec.title.lower().replace(" ", ""), spec.kind.lower()
    if wanted in (title, kind):
        return 4
    if title.startswith(wanted) or kind.startswith(wanted):
        return 3
    if wanted in title or wanted in kind:
        return 2
    return 1 if text.lower() in spec.summary.lower() or text.lower() in spec.family.lower() else 0


def _rows(index: QModelIndex) -> int:
    return index.model().rowCount(index)
