"""A list over the window from which one thing is chosen by typing and with the keys: what does not fit is dimmed, says
why, and can be chosen all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import label
from gui.widgets.numbers import thousands
from gui.widgets.popup import Popup

WIDTH, ROW_HEIGHT, LEAST_ROWS, MOST_ROWS = 360, 38, 2, 9
_Index = QModelIndex | QPersistentModelIndex
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST_ROWS, Qt.Key.Key_PageUp: -MOST_ROWS}
CHOICE, REASON = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A row: what it is called, what is said below it, and the glyph of a family of layers beside it."""

    title: str
    aside: str = ""
    family: str = ""


class _Rows(QAbstractListModel):
    """Those of the choices that hold every word that was typed. Why one does not fit is asked when it is looked at."""

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._texts: list[str] = []
        self._ask: Callable[[int], str | None] = lambda _index: None
        self._reasons: dict[int, str] = {}
        self.found: list[int] = []

    def take(self, choices: Sequence[Choice], ask: Callable[[int], str | None]) -> None:
        self._choices, self._ask, self._reasons = choices, ask, {}
        self._texts = [f"{c.title} {c.aside}".casefold() for c in choices]
        self.search("")

    def search(self, text: str) -> None:
        words = text.casefold().split()
        self.beginResetModel()
        self.found = [i for i, line in enumerate(self._texts) if all(word in line for word in words)]
        if words:  # what begins so comes first
            self.found.sort(key=lambda i: not self._texts[i].startswith(words[0]))
        self.endResetModel()

    def reason(self, row: int) -> str:
        index = self.found[row]
        if index not in self._reasons:
            self._reasons[index] = self._ask(index) or ""
        return self._reasons[index]

    def spoken(self, row: int) -> str:
        choice, reason = self._choices[self.found[row]], self.reason(row)
        said = f"does not fit: {reason}" if reason else ""
        return ", ".join(part for part in (choice.title, choice.aside, said) if part)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._choices[self.found[row]].title
        if role == CHOICE:
            return self._choices[self.found[row]]
        if role in (REASON, Qt.ItemDataRole.ToolTipRole):
            return self.reason(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(row)
        return None


class _Look(QStyledItemDelegate):
    """Two lines: the title, and below it what is said of it or why it does not fit."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, round(ROW_HEIGHT * max(1.0, theme.scale)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        choice: Choice = index.data(CHOICE)
        reason: str = index.data(REASON)
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(rect.adjusted(2, 0, -2, 0), t.CHIP_RADIUS, t.CHIP_RADIUS)
        if choice.family:
            ratio = painter.device().devicePixelRatio()  # type: ignore[union-attr]
            painter.setOpacity(0.5 if reason else 1.0)
            glyph = theme.glyph(choice.family, 16, ratio)
            painter.drawPixmap(QPoint(rect.left() + 10, rect.center().y() - 7), glyph)
            painter.setOpacity(1.0)
        left = 36 if choice.family else 12
        half = rect.height() // 2
        below = reason or choice.aside
        upper = rect.adjusted(left, 3, -12, -half + 1) if below else rect.adjusted(left, 0, -12, 0)
        self._write(painter, upper, choice.title, t.BODY, "text3" if reason else "text")
        self._write(painter, rect.adjusted(left, half - 1, -12, -3), below, t.CAPTION, "text3")
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, rect: QRect, text: str, size: float, colour: str) -> None:
        painter.setFont(theme.font(size))
        painter.setPen(theme.colour(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class Chooser(Popup):
    """`open` shows it; Enter or a click takes the row, Esc none."""

    def __init__(self, parent: QWidget):
        super().__init__("Choose", parent)
        self._take: Callable[[int], object] = lambda _index: None
        self._empty = ""
        self.query = QLineEdit(self)
        self.query.setAccessibleName("Choose")
        self.rows = _Rows(self)
        self.list = QListView(self)
        self.list.setAccessibleName("Choose")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(_Look(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("role", "popup-list")
        self.note = label("", "caption", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.query, self.list, self.note):
            layout.addWidget(part)
        self.query.textChanged.connect(self._search)
        self.query.installEventFilter(self)
        self.list.clicked.connect(lambda index: self.choose(index.row()))

    def open(
        self,
        name: str,
        choices: Sequence[Choice],
        ask: Callable[[int], str | None],
        take: Callable[[int], object],
        where: QPoint,
        empty: str,
    ) -> None:
        """Let one of `choices` be chosen; `take` gets its number. `ask` says why one does not fit, `empty` what is said
        where there is none at all. `where` is the top left corner in the parent's pixels."""
        self.setAccessibleName(name)
        self.query.setPlaceholderText(name)
        self.query.setAccessibleName(name)
        self.list.setAccessibleName(name)
        self._take, self._empty = take, empty
        self.rows.take(choices, ask)
        self.setFixedWidth(min(WIDTH, max(120, self._room.width() - 8)))
        self.query.clear()
        self._search("")
        room = self._room.rect()
        x = max(4, min(where.x(), room.width() - self.width() - 4))
        y = max(4, min(where.y(), room.height() - self.sizeHint().height() - 4))
        self.move(x, y)
        self.show_over(self.query)

    def _search(self, text: str) -> None:
        self.rows.search(text)
        count = self.rows.rowCount()
        self.list.setVisible(count > 0)
        self._go(0)
        row = max(1, self.list.sizeHintForRow(0))
        around = self.query.sizeHint().height() + 2 * self.note.fontMetrics().lineSpacing() + 48
        fitting = max(LEAST_ROWS, (self._room.height() - around) // row)
        self.list.setFixedHeight(min(count, MOST_ROWS, fitting) * row + 4)
        self.adjustSize()

    def _go(self, row: int) -> None:
        """Make a row the current one, and tell who does not see it."""
        count, typed = self.rows.rowCount(), self.query.text().strip()
        if not count:
            told = f"Nothing here is called ‘{typed}’." if typed else self._empty
            self.note.setText(told)
            self.query.setAccessibleDescription(told)
            return
        row = max(0, min(row, count - 1))
        self.list.setCurrentIndex(self.rows.index(row))
        reason = self.rows.reason(row)
        self.note.setText(reason or "Enter takes it, Esc leaves.")
        self.query.setAccessibleDescription(f"{self.rows.spoken(row)}. {thousands(row + 1)} of {thousands(count)}")

    def choose(self, row: int) -> None:
        """Take a row of those that are shown."""
        if 0 <= row < self.rows.rowCount():
            index = self.rows.found[row]
            self.close_it()
            self._take(index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field has the focus; what moves in the list or chooses comes from it."""
        if watched is not self.query or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # letters, Esc and Delete are the field's, not commands of the canvas
            return True
        taking = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() == QEvent.Type.KeyPress and (event.key() in _STEPS or taking or event.key() == Qt.Key.Key_Tab):
            self._on_key(Qt.Key(event.key()))
            return True
        return super().eventFilter(watched, event)

    def _on_key(self, key: Qt.Key) -> None:
        count, current = self.rows.rowCount(), self.list.currentIndex().row()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and count:
            self._go((current + _STEPS[key]) % count)
        elif key in _STEPS:
            self._go(current + _STEPS[key])
        elif key != Qt.Key.Key_Tab:
            self.choose(current)
