"""Rows of a form: a title, an editor and what is wrong with it; or a title and a figure that nobody edits."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QWidget

from engine.catalog.spec import ParameterSpec
from engine.check.report import Severity
from engine.graph.model import Value
from gui.panels.editor import help_text
from gui.panels.editors import make_editor
from gui.widgets import reading
from gui.widgets.announcer import announce
from gui.widgets.buttons import IconButton
from gui.widgets.focus import AFTERWARDS
from gui.widgets.labels import TitleColumn, label, set_role

READING_TIME = 2.0  # seconds that a sentence has to stand to count as read


class ParameterRow(QWidget):
    """Title, editor and, where the value is not the default, a button that resets it; a sentence below where something
    is wrong, or where what was typed could not be kept (until this field is edited again). `edited(value)` and
    `reset_asked()`; `unread(sentence)` where the row goes before anyone can have read that."""

    edited = Signal(object)
    reset_asked = Signal()
    unread = Signal(str)

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(parent)
        self.spec = spec
        self.editor = make_editor(spec, self)
        self.is_changed = False  # shows something else than the default
        self._refusal, self._put_back, self._problem, self._aside = "", "", "", ""
        self._severity: Severity = "error"
        self._put_back_at = 0.0
        self._title = label(spec.title, "secondary", self)
        self._title.setToolTip(help_text(spec))
        self._title.setBuddy(self.editor.field())
        self._title.setWordWrap(True)
        self._reset = IconButton("arrow-counter-clockwise", f"Reset {spec.title}", size=24, parent=self)
        self._reset.setToolTip(f"Reset to {reading.written(spec, spec.default) or 'empty'}")
        self._reset.clicked.connect(self.reset_asked)
        self._sentence = label("", "error", self, wrap=True)
        self._sentence.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        head = TitleColumn(self)
        head.setProperty(AFTERWARDS, True)  # who comes by keys meets the field before the button that resets it
        head.row.addWidget(self._title, 1)
        head.row.addWidget(self._reset)
        grid.addWidget(head, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._sentence, 1, 1)
        grid.setColumnStretch(1, 1)
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)
        self.editor.put_back.connect(self._on_put_back)

    def show_value(self, value: Value, is_set: bool = True) -> None:
        """Show the value; `is_set` whether a person chose it (else it is the default)."""
        self.editor.show_value(value)
        self._mark(is_set and not reading.same(value, self.spec.default))

    def show_mixed(self) -> None:
        self.editor.show_mixed()
        self._mark(True)

    def set_problem(self, sentence: str, severity: Severity = "error") -> None:
        """What the check says of this parameter; what is or was typed comes first."""
        if (sentence, severity) != (self._problem, self._severity):
            self._problem, self._severity = sentence, severity
            self._show_sentence()

    def set_aside(self, sentence: str) -> None:
        """Something else counts instead of this value, which the sentence says; empty: it counts."""
        if sentence != self._aside:
            self._aside = sentence
            self.editor.setEnabled(not sentence)
            self._show_sentence()

    @property
    def sentence(self) -> str:
        return self._refusal or " ".join(filter(None, (self._put_back, self._problem, self._aside)))

    def _mark(self, changed: bool) -> None:
        """A value that differs from the default has a strong title and can be reset."""
        self.is_changed = changed
        self._reset.setVisible(changed)
        set_role(self._title, "" if changed else "secondary")
        self._describe()

    def _describe(self) -> None:
        """A screen reader hears with the field what stands under it."""
        self.editor.field().setAccessibleDescription(self.sentence or ("" if self.is_changed else "default"))

    def _on_edited(self, value: Value) -> None:
        self.edited.emit(value)

    def _on_refused(self, sentence: str) -> None:
        self._refusal, self._put_back = sentence, ""
        self._show_sentence()
        self._bring_into_view()

    def _on_put_back(self, sentence: str) -> None:
        self._put_back, self._put_back_at = sentence, time.monotonic()
        self._show_sentence()
        self._bring_into_view()
        announce(self, sentence)

    def _bring_into_view(self) -> None:
        """A sentence under the last row that is in sight would stand out of it."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None and self.sentence:
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # it has no place yet
            above.ensureWidgetVisible(self._sentence, 0, 8)

    def hideEvent(self, event: QHideEvent) -> None:
        """A click on another layer leaves the field and takes the row away at once."""
        super().hideEvent(event)
        if self._put_back and time.monotonic() - self._put_back_at < READING_TIME:
            self.unread.emit(self._put_back)
            self._put_back_at = 0.0

    def _show_sentence(self) -> None:
        field = self.editor.field()
        sentence, wrong = self.sentence, bool(self._refusal or (self._problem and self._severity == "error"))
        warned = self._put_back or (self._problem and self._severity == "warning")
        set_role(self._sentence, "error" if wrong else "warning" if warned else "caption")
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._sentence.setVisible(bool(sentence))
        self._describe()
        if bool(field.property("problem")) != wrong:
            field.setProperty("problem", wrong)
            field.style().unpolish(field)
            field.style().polish(field)


NAME = ParameterSpec("label", "text", "Name", None, "What it is called everywhere. Names need not differ.", minimum=1)


class NameRow(ParameterRow):
    """The label of a node: the only name that a person sees. It has no default to go back to."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(NAME, parent)

    def _mark(self, changed: bool) -> None:
        super()._mark(False)

    def _describe(self) -> None:
        self.editor.field().setAccessibleDescription(self.sentence)


class FactRow(QWidget):
    """A title and a value that nobody edits, in figures."""

    def __init__(self, title: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.value: QLabel = label("", "mono", self)
        self.value.setWordWrap(True)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._title = title
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.addWidget(label(title, "secondary", self))
        row.addWidget(self.value, 1)

    def set_text(self, text: str) -> None:
        self.value.setText(text)
        self.value.setAccessibleName(f"{self._title}: {text}")
