"""One editor for each type of parameter."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.catalog.spec import ParameterSpec
from engine.graph.model import Value
from gui.panels.editor import MIXED, Editor, TypedEditor, help_text
from gui.panels.number_editors import IntsEditor, NumberEditor
from gui.widgets import reading
from gui.widgets.buttons import Switch
from gui.widgets.fields import Combo


class TextEditor(TypedEditor):
    """A text, or a shape as ‘16 × 7 × 7’."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, QLineEdit(), parent)
        if spec.type in ("shape", "floats"):
            self._field.setProperty("role", "mono")
        if spec.default in ((), ""):
            self.empty = "from the data"


class BoolEditor(Editor):
    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._switch = Switch(mixed=MIXED, parent=self)
        self._hold(self._switch)
        self._switch.clicked.connect(self._on_clicked)

    def _display(self, value: Value) -> None:
        self._switch.setTristate(False)
        self._switch.setChecked(bool(value))
        self._switch.setToolTip(help_text(self.spec))

    def _display_mixed(self) -> None:
        self._switch.setCheckState(Qt.CheckState.PartiallyChecked)
        self._switch.setToolTip(MIXED)

    def _on_clicked(self) -> None:
        """Several that differ are all switched on first."""
        self._switch.setTristate(False)
        self._propose(self._switch.isChecked())


class ChoiceEditor(Editor):
    """One of the values that the row names."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._combo = Combo(self)
        for choice in spec.choices:
            self._combo.addItem(reading.write(choice))
        self._hold(self._combo)
        self._combo.activated.connect(lambda index: self._propose(spec.choices[index]))

    def _display(self, value: Value) -> None:
        index = self.spec.choices.index(value) if value in self.spec.choices else -1
        self._combo.setCurrentIndex(index)

    def _display_mixed(self) -> None:
        self._combo.setCurrentIndex(-1)
        self._combo.setPlaceholderText(MIXED)


def make_editor(spec: ParameterSpec, parent: QWidget | None = None) -> Editor:
    """The editor that a parameter's type asks for."""
    if spec.type == "bool":
        return BoolEditor(spec, parent)
    if spec.type == "choice":
        return ChoiceEditor(spec, parent)
    if spec.type == "ints":
        return IntsEditor(spec, parent)
    if spec.type in ("text", "shape", "floats"):
        return TextEditor(spec, parent)
    return NumberEditor(spec, parent)
