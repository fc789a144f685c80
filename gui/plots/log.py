"""The Log page: what was said, when, and how grave it was. Copy takes all of it."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtGui import QGuiApplication, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from gui.document import Document
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.containers import EmptyState

KEPT = 2000  # entries; the oldest go first
WORDS = {"error": ("Error", "err"), "warning": ("Warning", "warn"), "info": ("", "text")}

Entry = tuple[str, str, str]  # time, severity, text


class LogPanel(QWidget):
    """Every message of the document lands here by itself; `add` takes others. `controls` (copy, clear) may be taken
    into the dock's title bar; else they stand on top."""

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Log")
        self.setProperty("role", "panel")
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setMaximumBlockCount(KEPT)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setAccessibleName("Messages, newest last")
        self._empty = EmptyState("list-bullets", "Nothing to tell yet. Messages stay here after they have faded.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._text)
        self.controls = QWidget(self)
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
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
        theme.changed.connect(self._write_all)
        self._write_all()

    def add(self, text: str, severity: str = "info") -> None:
        """One more entry; call it on the window's thread."""
        entry = (time.strftime("%H:%M:%S"), severity, text)
        self._entries.append(entry)
        bar = self._text.verticalScrollBar()
        follow = bar.value() >= bar.maximum() - 1
        self._write(entry)
        if follow:
            bar.setValue(bar.maximum())
        self._show_state()

    def entries(self) -> list[Entry]:
        """(time, severity, text) of every entry, oldest first."""
        return list(self._entries)

    def copy(self) -> None:
        """All entries, one a line, to the clipboard."""
        lines = (f"{when} {severity}: {text}" for when, severity, text in self._entries)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def clear(self) -> None:
        self._entries.clear()
        self._write_all()

    def _write_all(self) -> None:
        self._text.setStyleSheet("QPlainTextEdit { background: transparent; border: 0; padding: 4px 10px; }")
        self._text.clear()
        for entry in self._entries:
            self._write(entry)
        self._text.verticalScrollBar().setValue(self._text.verticalScrollBar().maximum())
        self._show_state()

    def _write(self, entry: Entry) -> None:
        when, severity, text = entry
        word, token = WORDS.get(severity, WORDS["info"])
        cursor = QTextCursor(self._text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self._text.document().isEmpty():
            spaced = QTextBlockFormat()
            spaced.setTopMargin(4)
            cursor.insertBlock(spaced)
        cursor.insertText(f"{when}  ", _format("text3", t.CAPTION, mono=True))
        if word:
            cursor.insertText(f"{word}  ", _format(token, t.BODY, 600))
        cursor.insertText(text.replace("\n", "\u2028"), _format("text", t.BODY))  # one entry stays one block

    def _show_state(self) -> None:
        filled = bool(self._entries)
        self._stack.setCurrentIndex(1 if filled else 0)
        self.copy_button.setEnabled(filled)
        self.clear_button.setEnabled(filled)


def _format(token: str, size: float, weight: int = 400, mono: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setFont(theme.font(size, weight, mono))
    result.setForeground(theme.colour(token))
    return result
