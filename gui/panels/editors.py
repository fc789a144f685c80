"""One editor for each type of parameter."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from gui.panels.editor import MIXED, Combo, Editor, help_text
from gui.panels.number_editors import IntsEditor, NumberEditor
from gui.widgets import reading
from gui.widgets.buttons import Switch


class TextEditor(Editor):
    """A text, or a shape as ‘16 × 7 × 7’."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = QLineEdit(self)
        if spec.type in ("shape", "floats"):
            self._field.setProperty("role", "mono")
        self._hold(self._field)
        self._field.textEdited.connect(self._on_typed)
        self._field.editingFinished.connect(self._keep)

    def _display(self, value: Value) -> None:
        self._field.setPlaceholderText("from the data" if self.spec.default in ((), "") else "")
        self._field.setText(reading.written(self.spec, value) if value is not None else "")

    def _display_mixed(self) -> None:
        self._field.setText("")
        self._field.setPlaceholderText(MIXED)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text)
        except ParameterError as error:
            self._refuse(str(error))
            return
        self._propose(value)


class BoolEditor(Editor):
    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._switch = Switch(parent=self)
        self._hold(self._switch)
        self._switch.clicked.connect(lambda: self._propose(self._switch.isChecked()))

    def _display(self, value: Value) -> None:
        self._switch.setChecked(bool(value))
        self._switch.setToolTip(help_text(self.spec))

    def _display_mixed(self) -> None:
        self._switch.setChecked(False)
        self._switch.setToolTip(MIXED)


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
