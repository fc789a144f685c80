"""A page's numbers as a table: its button, its command in the menus and the context menu of what it shows; and what
all such tables have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gui.plots import copying
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton

HEADER_PADDING = 18  # the style sheet's, and what Qt keeps free


class NumberTable(QTableView):
    """One row a thing, chosen as a whole. The usual key copies numbers, not what they are rounded to."""

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(NumberTable.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setResizeContentsPrecision(0)  # by the rows in sight: there may be thousands
        theme.changed.connect(self.fit_columns)

    def titles(self) -> Sequence[str]:
        raise NotImplementedError

    def numbers(self, row: int) -> Sequence[object]:
        """The values of a row as it stands in the table now; what is not known is empty."""
        raise NotImplementedError

    def fit_columns(self) -> None:
        """As wide as their widest number and word, at least; titles stand in two lines where one has no room."""
        header, metrics, titles = self.horizontalHeader(), QFontMetrics(theme.font(t.SMALL)), self.titles()
        if not titles:
            return
        words = [max(map(metrics.horizontalAdvance, title.split())) + HEADER_PADDING for title in titles]
        least = [max(word, self.sizeHintForColumn(place)) for place, word in enumerate(words)]
        spare = max(0, self.viewport().width() - sum(least)) // len(titles)
        lines = 1
        for place, (title, width) in enumerate(zip(titles, least, strict=True)):
            header.resizeSection(place, width + spare)
            if metrics.horizontalAdvance(title) + HEADER_PADDING > width + spare:
                lines = max(lines, len(title.split()))
        header.setFixedHeight(lines * metrics.lineSpacing() + 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        """The chosen rows, or all of them where fewer than two are: in the order they stand in."""
        chosen = sorted({index.row() for index in self.selectedIndexes()})
        rows = chosen if len(chosen) > 1 else range(self.model().rowCount())
        copying.copy(self.titles(), (self.numbers(row) for row in rows))


class Tabled(QObject):
    """`changed` when the person wants the table, or the picture again. `fill` brings the table to what is shown now."""

    changed = Signal()

    def __init__(self, pictures: Sequence[QWidget], table: NumberTable, fill: Callable[[], object], page: QWidget):
        super().__init__(page)
        self._pictures, self._table, self._fill = pictures, table, fill
        self.button = IconButton("table", "View as table", size=24)
        self.button.setCheckable(True)
        self.button.toggled.connect(self.changed)
        self._copy = QAction("Copy as table", self)
        self._copy.triggered.connect(self._on_copy)

    @property
    def on(self) -> bool:
        return self.button.isChecked()

    def offer(self, command: QAction) -> None:
        """`command` says and does what the button does; it stands in the context menus of pictures and table."""
        command.setChecked(self.on)
        command.toggled.connect(self.button.setChecked)
        self.button.toggled.connect(command.setChecked)
        for widget in (*self._pictures, self._table):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            widget.addActions([command, self._copy])

    def focus(self) -> None:
        """Go to what is shown now."""
        shown = self._table if self.on else self._pictures[0]
        shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy(self) -> None:
        self._fill()
        self._table.copy_rows()
