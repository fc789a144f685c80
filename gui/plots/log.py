"""The Log page: what was said, when, and how grave it was. Copy takes all of it."""

from __future__ import annotations

import time
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.document import Document
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.containers import EmptyState

KEPT = 2000  # entries; the oldest go first


class LogPanel(QWidget):
    """Every message of the document lands here by itself; `add` takes others. `controls` (copy, clear) may be taken
    into the dock's title bar; else they stand on top."""

    ICONS: ClassVar[dict[str, tuple[str, str]]] = {
        "error": ("warning-octagon", "err"),
        "warning": ("warning", "warn"),
        "info": ("info", "text3"),
    }

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Log")
        self.setProperty("role", "panel")
        self.table = QTableWidget(0, 2)
        self.table.setAccessibleName("Messages, newest last")
        self.table.setHorizontalHeaderLabels(["When", "What"])
        self.table.horizontalHeader().setVisible(False)
        self.table.verticalHeader().setVisible(False)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTabKeyNavigation(False)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu_asked)
        self.copy_rows = QAction("Copy", self.table)
        self.copy_rows.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_rows.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_rows.triggered.connect(self._copy_selected)
        self.table.addAction(self.copy_rows)
        self._empty = EmptyState("list-bullets", "Nothing to tell yet. Messages stay here after they have faded.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self.controls = QWidget(self)
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        self.copy_button = IconButton("copy", "Copy all messages", size=24)
        self.copy_button.clicked.connect(self.copy)
        self.clear_button = IconButton("trash", "Clear the log", size=24)
        self.clear_button.clicked.connect(self.clear)
        row.addWidget(self.copy_button)
        row.addWidget(self.clear_button)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 6, 0)
        top.addStretch(1)
        top.addWidget(self.controls)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        document.message_shown.connect(self.add)
        theme.changed.connect(self._on_theme_changed)
        self._show_state()

    def add(self, text: str, severity: str = "info") -> None:
        """One more entry; call it on the window's thread."""
        if self.table.rowCount() >= KEPT:
            self.table.removeRow(0)
        row = self.table.rowCount()
        follow = self.table.verticalScrollBar().value() >= self.table.verticalScrollBar().maximum() - 4
        when = QTableWidgetItem(time.strftime("%H:%M:%S"))
        what = QTableWidgetItem(text)
        what.setData(Qt.ItemDataRole.UserRole, severity)
        what.setData(Qt.ItemDataRole.AccessibleTextRole, f"{severity}: {text}")
        self.table.insertRow(row)
        self.table.setItem(row, 0, when)
        self.table.setItem(row, 1, what)
        self._dress(row)
        if follow:
            self.table.scrollToBottom()
        self._show_state()

    def entries(self) -> list[tuple[str, str, str]]:
        """(time, severity, text) of every entry, oldest first."""
        found = []
        for row in range(self.table.rowCount()):
            when, what = self.table.item(row, 0), self.table.item(row, 1)
            if when is not None and what is not None:
                found.append((when.text(), str(what.data(Qt.ItemDataRole.UserRole)), what.text()))
        return found

    def copy(self) -> None:
        """All entries, one a line, to the clipboard."""
        self._to_clipboard(self.entries())

    def clear(self) -> None:
        self.table.setRowCount(0)
        self._show_state()

    def _copy_selected(self) -> None:
        entries = self.entries()
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        self._to_clipboard([entries[row] for row in rows] or entries)

    @staticmethod
    def _to_clipboard(entries: list[tuple[str, str, str]]) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{when} {severity}: {text}" for when, severity, text in entries))

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(self.copy_rows)
        menu.addAction("Copy all", self.copy)
        menu.exec(self.table.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _dress(self, row: int) -> None:
        when, what = self.table.item(row, 0), self.table.item(row, 1)
        if when is None or what is None:
            return
        icon, token = self.ICONS.get(str(what.data(Qt.ItemDataRole.UserRole)), self.ICONS["info"])
        when.setFont(theme.font(t.CAPTION, mono=True))
        when.setForeground(theme.colour("text3"))
        when.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        what.setFont(theme.font(t.BODY))
        what.setForeground(theme.colour("text"))
        what.setIcon(theme.icon(icon, token))

    def _on_theme_changed(self) -> None:
        for row in range(self.table.rowCount()):
            self._dress(row)

    def _show_state(self) -> None:
        filled = self.table.rowCount() > 0
        self._stack.setCurrentIndex(1 if filled else 0)
        self.copy_button.setEnabled(filled)
        self.clear_button.setEnabled(filled)
