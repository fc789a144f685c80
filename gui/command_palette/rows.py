"""The rows of the command palette: the entries that fit, and how one looks."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.command_palette.entries import Entry
from gui.command_palette.matching import folded, ranked
from gui.theme import theme
from gui.theme import tokens as t

ENTRY = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 32
MOST_SHOWN = 500  # a view asks for every row; nobody reads on so far, they type another letter
_Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._names: list[str] = []
        self._first: list[int] = []
        self._useless: set[int] = set()
        self.found = 0  # how many fit; at most MOST_SHOWN of them are rows
        self._shown: list[int] = []

    def set_entries(self, entries: list[Entry], recent: list[str]) -> None:
        """All that can be chosen; the ids in `recent` come first, the newest at the top."""
        self._entries = entries
        self._names = [folded(entry.title) for entry in entries]
        where = {entry.id: index for index, entry in enumerate(entries) if entry.enabled}
        self._first = [where[name] for name in recent if name in where]
        self._useless = {index for index, entry in enumerate(entries) if not entry.enabled}
        self.search("")

    def search(self, query: str) -> None:
        """Show what fits; what cannot be done now stands below the rest."""
        found = ranked(query, self._names, self._first)
        useless = [index for index in found if index in self._useless]
        if useless:
            found = [index for index in found if index not in self._useless] + useless
        self.beginResetModel()
        self.found = len(found)
        self._shown = found[:MOST_SHOWN]
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        return self._entries[self._shown[row]]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.said
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(entry)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        usable = Qt.ItemFlag.ItemIsEnabled if self.entry(index.row()).enabled else Qt.ItemFlag.NoItemFlags
        return usable | Qt.ItemFlag.ItemIsSelectable


def spoken(entry: Entry) -> str:
    """‘Save, File, Ctrl+S’; of one that cannot be used, why."""
    parts = (entry.title, entry.place, entry.keys, "" if entry.enabled else f"not now: {entry.said}")
    return ", ".join(part for part in parts if part)


class RowLook(QStyledItemDelegate):
    """Icon, title, and at the right end the keys, the menu or family, or why it cannot be used."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, round(ROW_HEIGHT * max(1.0, theme.scale)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: Entry = index.data(ENTRY)
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        if state & QStyle.StateFlag.State_Selected or (state & QStyle.StateFlag.State_MouseOver and entry.enabled):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(rect.adjusted(2, 0, -2, 0), t.CHIP_RADIUS, t.CHIP_RADIUS)
        box = QRect(rect.left() + 10, rect.center().y() - 7, 16, 16)
        mode = QIcon.Mode.Normal if entry.enabled else QIcon.Mode.Disabled
        if entry.family:
            ratio = painter.device().devicePixelRatio()  # type: ignore[union-attr]
            painter.drawPixmap(box.topLeft(), theme.glyph(entry.family, 16, ratio))
        elif entry.icon:
            theme.icon(entry.icon).paint(painter, box, mode=mode)
        room = rect.adjusted(36, 0, -12, 0)
        room.setRight(self._paint_end(painter, entry, room) - 12)
        painter.setFont(theme.font(t.BODY))
        painter.setPen(theme.colour("text" if entry.enabled else "disabled"))
        _write(painter, room, entry.title)
        painter.restore()

    def _paint_end(self, painter: QPainter, entry: Entry, room: QRect) -> int:
        """Gives where it begins."""
        left = room.right() + 1
        if entry.keys:
            painter.setFont(theme.font(t.AXIS, mono=True))
            width = QFontMetrics(painter.font()).horizontalAdvance(entry.keys) + 10
            chip = QRect(left - width, room.center().y() - 9, width, 19)
            painter.setPen(theme.colour("line_strong"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(theme.colour("text3" if entry.enabled else "disabled"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, entry.keys)
            left = chip.left() - 10
        painter.setFont(theme.font(t.CAPTION))
        painter.setPen(theme.colour("text3"))
        metrics = QFontMetrics(painter.font())
        text = entry.place if entry.enabled else entry.said
        width = min(metrics.horizontalAdvance(text) + 1, room.width() // 2)
        _write(painter, QRect(left - width, room.top(), width, room.height()), text)
        return left - width


def _write(painter: QPainter, rect: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
