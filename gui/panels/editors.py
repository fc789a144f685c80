"""One editor for each type of parameter, and the row that holds it: title, editor, reset, and a sentence where what was
typed cannot be. What a person types is never taken away: a text that means nothing stays until it is mended.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from engine.catalog import catalog
from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from gui.panels import reading
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton, Switch
from gui.widgets.labels import label

LABEL_WIDTH = 112
MIXED = "several values"


class Editor(QWidget):
    """Edits one value. `edited(value)` comes at every keystroke that makes an allowed value; `refused(sentence)` at one
    that does not, and with an empty sentence when all is well again."""

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(parent)
        self.spec = spec
        self._shown: Value | type[reading.Nothing] = reading.Nothing
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)

    def show_value(self, value: Value) -> None:
        """Show what the design says. A text under way is left alone unless the design has moved on without it."""
        if self._shown is not reading.Nothing and self._shown == value and type(self._shown) is type(value):
            return
        self._shown = value
        self._display(value)
        self.refused.emit("")

    def show_mixed(self) -> None:
        """Several nodes are edited at once, and they differ."""
        self._shown = reading.Nothing
        self._display_mixed()

    def field(self) -> QWidget:
        """The widget that takes the keys."""
        return self.focusProxy() or self

    def _display(self, value: Value) -> None:
        raise NotImplementedError

    def _display_mixed(self) -> None:
        raise NotImplementedError

    def _hold(self, widget: QWidget) -> None:
        """Lay out the widget that takes the keys, and name it."""
        widget.setAccessibleName(self.spec.title)
        widget.setToolTip(help_text(self.spec))
        self._layout.addWidget(widget, 1)
        self.setFocusProxy(widget)

    def _propose(self, value: Value) -> None:
        try:
            value = catalog.validate(self.spec, value)
        except ParameterError as error:
            self.refused.emit(str(error))
            return
        self.refused.emit("")
        self._shown = value
        self.edited.emit(value)


class NumberField(QAbstractSpinBox):
    """A line that takes any text, with arrows that step. What the text means is its owner's matter."""

    typed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setKeyboardTracking(True)
        self.lineEdit().textEdited.connect(self.typed)

    def sizeHint(self) -> QSize:
        return QSize(80, t.FIELD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, t.FIELD_HEIGHT)

    def validate(self, text: str, position: int) -> object:
        return QValidator.State.Acceptable, text, position

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def wheelEvent(self, event: object) -> None:
        """The wheel scrolls the panel; only a field that has the focus steps."""
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()  # type: ignore[attr-defined]


class NumberEditor(Editor):
    """Whole and real numbers; those that may be absent have a ‘none’ box."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = NumberField(self)
        self._hold(self._field)
        self._field.typed.connect(self._on_typed)
        self._field.stepped.connect(self._on_stepped)
        self._none: QCheckBox | None = None
        if spec.type.startswith("optional"):
            self._none = QCheckBox("none", self)
            self._none.setAccessibleName(f"{spec.title}: none")
            self._none.toggled.connect(self._on_none)
            self._layout.addWidget(self._none)

    def _display(self, value: Value) -> None:
        if self._none is not None:
            with QSignalBlocker(self._none):
                self._none.setChecked(value is None)
            self._field.setEnabled(value is not None)
        self._field.lineEdit().setPlaceholderText("")
        self._field.lineEdit().setText("" if value is None else reading.write(value))

    def _display_mixed(self) -> None:
        self._field.lineEdit().setText("")
        self._field.lineEdit().setPlaceholderText(MIXED)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text)
        except ParameterError as error:
            self.refused.emit(str(error))
            return
        self._propose(value)

    def _on_none(self, none: bool) -> None:
        self._field.setEnabled(not none)
        if none:
            self._field.lineEdit().setText("")
            self._propose(None)
        else:
            start = self.spec.default if self.spec.default is not None else max(1, self.spec.minimum or 1)
            value = float(start) if self.spec.type == "optional_float" else start  # type: ignore[arg-type]
            self._field.lineEdit().setText(reading.write(value))
            self._field.setFocus()
            self._propose(value)

    def _on_stepped(self, steps: int) -> None:
        try:
            value = reading.read(self.spec, self._field.text())
        except ParameterError:
            value = self.spec.default
        if not isinstance(value, int | float) or isinstance(value, bool):
            value = 0
        new: float = stepped(value, steps) if self.spec.type.endswith("float") else int(value) + steps
        if self.spec.minimum is not None:
            new = max(new, type(new)(self.spec.minimum))
        if self.spec.maximum is not None:
            new = min(new, type(new)(self.spec.maximum))
        self._field.lineEdit().setText(reading.write(new))
        self._on_typed(self._field.text())


def stepped(value: float, steps: int) -> float:
    """The next number in the last digit that counts: 0.001 → 0.002, and down 0.0009; 0.5 → 0.6; 1.0 → 2.0 and 0.9."""
    if value == 0:
        return 0.1 * steps
    exponent = math.floor(math.log10(abs(value)) + 1e-9)
    towards_zero = (steps < 0) == (value > 0)
    if towards_zero and math.isclose(abs(value), 10.0**exponent):
        exponent -= 1
    return float(f"{value + steps * 10.0**exponent:.12g}")


class IntsEditor(Editor):
    """A number for each axis, ‘5 × 5’. Linked, one number stands for all of them."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = NumberField(self)
        self._hold(self._field)
        self._field.typed.connect(self._on_typed)
        self._field.stepped.connect(self._on_stepped)
        self._field.editingFinished.connect(self._on_finished)
        self._link: IconButton | None = None
        if spec.axes > 1:
            self._link = IconButton("link-simple", f"{spec.title}: same for all axes", size=24, parent=self)
            self._link.setCheckable(True)
            self._link.setChecked(True)
            self._link.toggled.connect(self._on_linked)
            self._layout.addWidget(self._link)
            self._layout.setSpacing(2)

    @property
    def linked(self) -> bool:
        return self._link is None or self._link.isChecked()

    def _display(self, value: Value) -> None:
        if self._link is not None and isinstance(value, tuple) and len(set(value)) > 1:
            with QSignalBlocker(self._link):
                self._link.setChecked(False)
        self._field.lineEdit().setPlaceholderText("")
        self._field.lineEdit().setText(self._text(value))

    def _display_mixed(self) -> None:
        self._field.lineEdit().setText("")
        self._field.lineEdit().setPlaceholderText(MIXED)

    def _text(self, value: Value) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and self.spec.axes > 1:
            value = (value,) * self.spec.axes
        return reading.write(value)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text, linked=True)
        except ParameterError as error:
            self.refused.emit(str(error))
            return
        if self._link is not None and isinstance(value, tuple):
            with QSignalBlocker(self._link):
                self._link.setChecked(len(set(value)) == 1)
        self._propose(self._canonical(value))

    def _canonical(self, value: Value) -> Value:
        """One number for all axes is kept as one number, whichever way it was typed."""
        if isinstance(value, tuple) and len(set(value)) == 1 and isinstance(self.spec.default, int):
            return value[0]
        return value

    def _on_finished(self) -> None:
        """‘3’ becomes ‘3 × 3’ once it is clear that no more is coming."""
        try:
            value = reading.read(self.spec, self._field.text(), linked=True)
            catalog.validate(self.spec, value)
        except ParameterError:
            return
        self._field.lineEdit().setText(self._text(value))

    def _on_linked(self, linked: bool) -> None:
        if not linked:
            self._field.setFocus()
            return
        try:
            value = reading.read(self.spec, self._field.text(), linked=True)
        except ParameterError:
            return
        if isinstance(value, tuple):
            self._field.lineEdit().setText(self._text(value[0]))
            self._propose(value[0])

    def _on_stepped(self, steps: int) -> None:
        """Linked, all numbers step; else the one where the cursor stands."""
        line = self._field.lineEdit()
        try:
            value = reading.read(self.spec, line.text(), linked=True)
        except ParameterError:
            return
        if isinstance(value, str) or value is None:
            return
        numbers = list(value) if isinstance(value, tuple) else [value] * max(1, self.spec.axes)
        before = line.text()[: line.cursorPosition()].count(reading.TIMES.strip())
        least = int(self.spec.minimum) if self.spec.minimum is not None else None
        for index, old in enumerate(numbers):
            if self.linked or index == before:
                new = int(old) + steps  # type: ignore[arg-type]
                numbers[index] = new if least is None else max(new, least)
        cursor = line.cursorPosition()
        line.setText(reading.write(tuple(numbers)))
        line.setCursorPosition(cursor)
        self._on_typed(line.text())


class TextEditor(Editor):
    """A text, or a shape as ‘16 × 7 × 7’."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = QLineEdit(self)
        if spec.type == "shape":
            self._field.setProperty("role", "mono")
        self._hold(self._field)
        self._field.textEdited.connect(self._on_typed)

    def _display(self, value: Value) -> None:
        self._field.setPlaceholderText("from the data" if self.spec.type == "shape" and not self.spec.default else "")
        self._field.setText(reading.write(value) if value is not None else "")

    def _display_mixed(self) -> None:
        self._field.setText("")
        self._field.setPlaceholderText(MIXED)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text)
        except ParameterError as error:
            self.refused.emit(str(error))
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

    def _display_mixed(self) -> None:
        self._switch.setChecked(False)
        self._switch.setToolTip(MIXED)


class Combo(QComboBox):
    """A combo box that leaves the wheel to the panel unless it has the focus."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: object) -> None:
        if self.hasFocus():
            super().wheelEvent(event)  # type: ignore[arg-type]
        else:
            event.ignore()  # type: ignore[attr-defined]


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
    if spec.type in ("text", "shape"):
        return TextEditor(spec, parent)
    return NumberEditor(spec, parent)


def help_text(spec: ParameterSpec) -> str:
    """The tooltip: what torch says of it, its name there and its default."""
    lines = [spec.help.strip()] if spec.help.strip() else []
    lines.append(f"{spec.name}, default {reading.write(spec.default) if spec.default != '' else 'empty'}")
    return "\n".join(lines)


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
        self._title.setFixedWidth(round(LABEL_WIDTH * max(1.0, theme.scale)))
        self._reset = IconButton("arrow-counter-clockwise", f"Reset {spec.title}", size=24, parent=self)
        self._reset.setToolTip(f"Reset to {reading.write(spec.default)}")
        self._reset.clicked.connect(self.reset_asked)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._sentence = label("", "error", self, wrap=True)
        self._sentence.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.addWidget(self._title, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self._reset, 0, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._sentence, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)

    def show_value(self, value: Value, is_set: bool = True) -> None:
        """Show the value; `is_set` whether a person chose it (else it is the default)."""
        self.editor.show_value(value)
        self._mark(is_set and not reading.same(value, self.spec.default))

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
