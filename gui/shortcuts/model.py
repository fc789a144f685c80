"""The table of commands and keys: menu, command, keys, where they act; searched by any of them."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from gui.action_row import ActionRow
from gui.shortcuts import in_force, sheet
from gui.shortcuts.keymap import native
from gui.theme import theme
from gui.theme import tokens as t

MENU, COMMAND, KEYS, WHERE = range(4)
HEADERS = ("Menu", "Command", "Keys", "Where")
_Index = QModelIndex | QPersistentModelIndex


class ShortcutTable(QAbstractTableModel):
    """Follows the keys in force."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.rows: list[ActionRow] = [row for _, rows in sheet.in_menus() for row in rows]
        in_force.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, WHERE))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.rows[index.row()], index.column()
        keymap = in_force.keymap()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(row)[column]
        if role == Qt.ItemDataRole.AccessibleTextRole and column == COMMAND:
            keys = sheet.key_text(keymap, row.id) or "no key"
            return ", ".join(part for part in (row.title, keys, sheet.SCOPES[row.scope]) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((row.help, *clashes(row.id)))
        if role == Qt.ItemDataRole.FontRole and column == KEYS:
            return QFont(theme.font(t.CAPTION, 600 if row.id in keymap.own else 400, mono=True))
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, round(t.ROW_HEIGHT * max(1.0, theme.scale)))
        if role == Qt.ItemDataRole.ForegroundRole and column in (MENU, WHERE):
            return QColor(theme.colour("text3"))
        return None

    def _texts(self, row: ActionRow) -> tuple[str, str, str, str]:
        where = sheet.SCOPES[row.scope] or "in the whole window"
        keys = sheet.key_text(in_force.keymap(), row.id)
        return row.menu.partition("/")[0], row.title, keys, where if keys else ""


def clashes(action: str) -> list[str]:
    """What a command would have for keys, if others had not been given them."""
    keymap = in_force.keymap()
    lost = [key for key in keymap.wanted(action) if key not in keymap.keys(action)]
    found = [(key, holder) for key in lost if (holder := keymap.holder(key, action)) is not None]
    return [f"{native(key)} belongs to {holder.title} now." for key, holder in found]


class ShortcutFilter(QSortFilterProxyModel):
    """Rows that hold all words of what was typed, in menu, command, keys or help."""

    def __init__(self, table: ShortcutTable, parent: QObject | None = None):
        super().__init__(parent)
        self._table = table
        self._words: list[str] = []
        self.setSourceModel(table)

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: _Index) -> bool:
        row = self._table.rows[source_row]
        keys = sheet.key_text(in_force.keymap(), row.id)
        text = " ".join((row.menu, row.title, row.help, keys)).casefold()
        return all(word in text for word in self._words)
