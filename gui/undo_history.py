"""All edits since the project was opened, as a list: where it stands now, where it was saved; a click goes there."""

from __future__ import annotations

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
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from gui.document import Document
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import label
from gui.widgets.numbers import plural, thousands
from gui.widgets.popup import Popup

WIDTH, MOST_ROWS, ROW_HEIGHT = 320, 14, 28
_Index = QModelIndex | QPersistentModelIndex


class Steps(QAbstractListModel):
    """Row 0 is the project as it was opened, row n the state after the n-th edit. Kept up while watched."""

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self._document, self._stack = document, document.undo_stack
        self._count = 0  # of rows, as the view knows them
        self._watched = False
        self._stack.indexChanged.connect(lambda _index: self._refresh())
        self._stack.cleanChanged.connect(lambda _clean: self._refresh())

    def watch(self, watched: bool) -> None:
        self._watched = watched
        self._refresh()

    def _refresh(self) -> None:
        count = self._stack.count() + 1 if self._watched else 0
        if count != self._count:
            self.beginResetModel()
            self._count = count
            self.endResetModel()
        elif count:
            self.dataChanged.emit(self.index(0), self.index(count - 1))

    @property
    def current(self) -> int:
        return self._stack.index()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def _text(self, row: int) -> str:
        return self._stack.text(row - 1) if row else "As it was opened"

    def _marks(self, row: int) -> list[str]:
        marks = ["now"] if row == self.current else ["undone"] if row > self.current else []
        saved = self._document.path is not None and row == self._stack.cleanIndex()
        return [*marks, "saved"] if saved else marks

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if not 0 <= row <= self._stack.count():
            return None
        marks = self._marks(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self._text(row)}  · saved" if "saved" in marks else self._text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([self._text(row), *marks])
        if role == Qt.ItemDataRole.FontRole:
            return QFont(theme.font(t.BODY, 600 if row == self.current else 400))
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(theme.colour("text" if row <= self.current else "text3"))
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon("caret-right", "accent") if row == self.current else _blank()
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, round(ROW_HEIGHT * max(1.0, theme.scale)))
        return None


def _blank() -> QColor:
    """As wide as an icon, so that all texts begin at one place."""
    return QColor(Qt.GlobalColor.transparent)


class UndoHistory(Popup):
    def __init__(self, document: Document, window: QWidget):
        super().__init__("Undo history", window)
        self._document, self._window = document, window
        self.steps = Steps(document, self)
        self.list = QListView(self)
        self.list.setAccessibleName("Edits")
        self.list.setModel(self.steps)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(12, 12))
        self.list.setProperty("role", "popup-list")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.installEventFilter(self)
        self._title = label("Undo history", "section")
        self._note = label("", "caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self._title, self.list, self._note):
            layout.addWidget(part)
        self.list.clicked.connect(lambda index: self.go(index.row()))
        self.closed.connect(lambda: self.steps.watch(False))
        document.project_opened.connect(self.close_it)

    def open(self) -> None:
        """Show it below the toolbar; where it is open already, close it."""
        if self.isVisible():
            self.close_it()
            return
        self.steps.watch(True)
        self._note.setText(f"{plural(self._document.undo_stack.count(), 'edit')}. A click or Enter goes there.")
        shown = min(self.steps.rowCount(), MOST_ROWS)
        self.list.setFixedHeight(shown * self.list.sizeHintForRow(0) + 4)
        self.setFixedWidth(WIDTH)
        self.adjustSize()
        self.move(self._place())
        self.show_over(self.list)
        self._show_current()

    def _place(self) -> QPoint:
        """Under the button that opens it, if that is in sight."""
        button = next((w for w in self._window.findChildren(QWidget) if w.accessibleName() == "Undo history"
                       and w is not self and w.isVisible()), None)  # fmt: skip
        if button is None:
            return QPoint((self._window.width() - self.width()) // 2, 84)
        corner = QRect(button.mapTo(self._window, QPoint(0, 0)), button.size()).bottomLeft()
        return QPoint(max(8, min(corner.x(), self._window.width() - self.width() - 8)), corner.y() + 6)

    def go(self, step: int) -> None:
        """Undo or redo until `step` edits are done."""
        self._document.go_to_step(step)
        self._show_current()

    def _show_current(self) -> None:
        row = self.steps.current
        self.list.setCurrentIndex(self.steps.index(row))
        self.list.scrollTo(self.steps.index(row), QListView.ScrollHint.PositionAtCenter)
        self.setAccessibleDescription(f"step {thousands(row)} of {thousands(self.steps.rowCount() - 1)}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.key() in enter and watched is self.list:
            if event.type() == QEvent.Type.KeyPress:
                self.go(self.list.currentIndex().row())
            event.accept()
            return True
        return super().eventFilter(watched, event)
