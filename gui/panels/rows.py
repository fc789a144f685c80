"""Rows of a form: a title, an editor and what is wrong with it; or a title and a figure that nobody edits."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from engine.catalog.spec import ParameterSpec
from engine.graph.model import Value
from gui.panels.editor import help_text
from gui.panels.editors import make_editor
from gui.theme import theme
from gui.widgets import reading
from gui.widgets.buttons import IconButton
from gui.widgets.labels import label

LABEL_WIDTH = 112


class ParameterRow(QWidget):
    """Title, editor and, where the value is not the default, a button that resets it; a sentence below where something
    is wrong. `edited(value)` and `reset_asked()`."""

    edited = Signal(object)
    reset_asked = Signal()

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(parent)
        self.spec = spec
        self.editor = make_editor(spec, self)
        self.is_changed = False  # shows something else than the default
        self._refusal, self._problem = "", ""
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
        head = QWidget(self)
        head.setFixedWidth(round(LABEL_WIDTH * max(1.0, theme.scale)))
        title_row = QHBoxLayout(head)
        title_row.setContentsMargins(0, 0, 0, 0)
        title_row.setSpacing(0)
        title_row.addWidget(self._title, 1)
        title_row.addWidget(self._reset)
        grid.addWidget(head, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._sentence, 1, 1)
        grid.setColumnStretch(1, 1)
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)

    def show_value(self, value: Value, is_set: bool = True) -> None:
        """Show the value; `is_set` whether a person chose it (else it is the default)."""
        self.editor.show_value(value)
        self._mark(is_set and not reading.same(value, self.spec.default))

    def stops(self) -> list[QWidget]:
        """Where Tab stops in this row, in order."""
        return [*self.editor.stops(), self._reset]

    def show_mixed(self) -> None:
        self.editor.show_mixed()
        self._mark(True)

    def set_problem(self, sentence: str) -> None:
        """What the check says of this parameter; what is being typed comes first."""
        self._problem = sentence
        self._show_sentence()

    @property
    def sentence(self) -> str:
        return self._refusal or self._problem

    def _mark(self, changed: bool) -> None:
        """A value that differs from the default has a strong title and can be reset."""
        self.is_changed = changed
        self._reset.setVisible(changed)
        role = "" if changed else "secondary"
        if self._title.property("role") != role:
            self._title.setProperty("role", role)
            self._title.style().unpolish(self._title)
            self._title.style().polish(self._title)
        self.editor.field().setAccessibleDescription("" if changed else "default")

    def _on_edited(self, value: Value) -> None:
        self.edited.emit(value)

    def _on_refused(self, sentence: str) -> None:
        self._refusal = sentence
        self._show_sentence()

    def _show_sentence(self) -> None:
        field = self.editor.field()
        sentence = self.sentence
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._sentence.setVisible(bool(sentence))
        if bool(field.property("problem")) != bool(sentence):
            field.setProperty("problem", bool(sentence))
            field.style().unpolish(field)
            field.style().polish(field)


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
