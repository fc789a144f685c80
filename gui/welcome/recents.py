"""Recent projects as a list: open one, or forget it; those whose file is gone say so."""

from __future__ import annotations

import datetime
import os
import pathlib
import time

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.settings import Settings
from gui.theme import theme
from gui.widgets.buttons import IconButton
from gui.widgets.labels import ElidedLabel, label

MINUTE, HOUR, DAY = 60, 3600, 86400


class RecentRow(QWidget):
    """One project. `opened(path)`, `forgotten(path)`."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, path: pathlib.Path, parent: QWidget | None = None):
        super().__init__(parent)
        self.path = path
        written = _written(path)
        self.missing = written is None
        when = "Not found" if written is None else ago(time.time() - written, written)
        self.button = QPushButton(self)
        self.button.setProperty("role", "recent")
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.button.setAccessibleName(f"Open {path.stem}")
        self.button.setAccessibleDescription(f"{when}, in {path.parent}")
        self.button.setToolTip(f"{path}\n{'There is no such file now.' if self.missing else when}")
        self.button.setEnabled(not self.missing)
        self.button.clicked.connect(lambda: self.opened.emit(path))
        self._icon = label("", parent=self)
        self._name = ElidedLabel(path.stem, "secondary" if self.missing else "name", self)
        self._when = ElidedLabel(f"{when} · {path.parent.name or path.parent}", "caption", self)
        for part in (self._icon, self._name, self._when):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.forget = IconButton("x", f"Remove {path.stem} from the list", size=24, parent=self)
        self.forget.clicked.connect(lambda: self.forgotten.emit(path))
        self._lay_out()
        theme.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._name)
        column.addWidget(self._when)
        column.addStretch(1)
        over = QHBoxLayout(self.button)
        over.setContentsMargins(8, 2, 4, 2)
        over.setSpacing(11)
        over.addWidget(self._icon)
        over.addLayout(column, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.forget)

    def _dress(self) -> None:
        self.setFixedHeight(round(44 * max(1.0, theme.scale)))
        icon, token = ("warning", "warn") if self.missing else ("stack", "text2")
        self._icon.setPixmap(theme.icon_pixmap(icon, 18, self.devicePixelRatioF(), token))
        colours = theme.tokens()
        self.button.setStyleSheet(
            "QPushButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 0; }"
            f"QPushButton:hover {{ background: {colours.hover}; }}"
            f"QPushButton:focus {{ border: 2px solid {colours.accent}; }}"
        )


class Recents(QWidget):
    """`opened(path)` when one is chosen. `refresh` reads the list anew."""

    opened = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Recent projects")
        self._settings = settings
        self._none = label("Projects that you save or open are listed here.", "caption", self, wrap=True)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        self._rows.addWidget(self._none)
        self._rows.addStretch(1)
        self.rows: list[RecentRow] = []

    def refresh(self) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [RecentRow(path, self) for path in self._settings.remembered]
        for row in self.rows:
            row.opened.connect(self.opened)
            row.forgotten.connect(self._on_forgotten)
            self._rows.insertWidget(self._rows.count() - 1, row)
        self._none.setVisible(not self.rows)

    def _on_forgotten(self, path: pathlib.Path) -> None:
        number = next((n for n, row in enumerate(self.rows) if row.path == path), 0)
        self._settings.forget_recent(path)
        self.refresh()
        if self.rows:
            self.rows[min(number, len(self.rows) - 1)].forget.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(240, super().sizeHint().height())


def _written(path: pathlib.Path) -> float | None:
    """When the file was written, in seconds since 1970; None where it is not there or may not be looked at."""
    try:
        return path.stat().st_mtime if os.path.isfile(path) else None
    except OSError:
        return None


def ago(seconds: float, moment: float) -> str:
    """‘12 min ago’, ‘yesterday’, ‘9 November’; `moment` is when it was, in seconds since 1970."""
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min ago"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h ago"
    if seconds < 2 * DAY:
        return "yesterday"
    if seconds < 7 * DAY:
        return f"{int(seconds // DAY)} days ago"
    day = datetime.datetime.fromtimestamp(moment)
    year = "" if seconds < 300 * DAY else f" {day.year}"
    return f"{day.day} {day:%B}{year}"
