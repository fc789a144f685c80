"""Editors of one number and of one number an axis (a pair, a kernel size)."""

from __future__ import annotations

import math
import sys

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QMenu, QSizePolicy, QToolButton, QWidget

from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from gui.panels.editor import TypedEditor
from gui.theme import tokens as t
from gui.widgets import reading
from gui.widgets.buttons import IconButton

ENDLESS = sys.float_info.max


class NumberField(QAbstractSpinBox):
    """A line that takes any text, with arrows that step. What the text means is its owner's matter: `tell` says what it
    is as a number, for a screen reader, which Qt takes from the properties ‘value’, ‘minimum’ and ‘maximum’."""

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setKeyboardTracking(True)
        self.lineEdit().setTextMargins(7, 0, 0, 0)

    def limit(self, minimum: float | None, maximum: float | None) -> None:
        """The least and the greatest number that may stand here; None where there is no such."""
        self.setProperty("minimum", -ENDLESS if minimum is None else float(minimum))
        self.setProperty("maximum", ENDLESS if maximum is None else float(maximum))

    def tell(self, value: object) -> None:
        """What stands here; numbers that are all the same are one, and anything else is none."""
        same = value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value
        number = float(same) if isinstance(same, int | float) and not isinstance(same, bool) else None
        if number != self.property("value"):
            self.setProperty("value", number)
            QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, number))

    def sizeHint(self) -> QSize:
        return QSize(80, t.FIELD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, t.FIELD_HEIGHT)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
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


class FigureEditor(TypedEditor):
    """An editor of numbers in a `NumberField`."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        field = self._number = NumberField()
        super().__init__(spec, field, parent)
        field.limit(spec.minimum, spec.maximum)
        field.stepped.connect(self._on_stepped)
        self.edited.connect(field.tell)

    def _display(self, value: Value) -> None:
        super()._display(value)
        self._number.tell(value)

    def _display_mixed(self) -> None:
        super()._display_mixed()
        self._number.tell(None)

    def _on_stepped(self, steps: int) -> None:
        raise NotImplementedError


class NumberEditor(FigureEditor):
    """Whole and real numbers; those that may be absent have a ‘none’ box."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
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
        super()._display(value)

    def _on_none(self, none: bool) -> None:
        if none:
            self._line.setText("")
            self._propose(None)
            self._field.setEnabled(False)
        else:
            self._field.setEnabled(True)
            start = self.spec.default if self.spec.default is not None else max(1, self.spec.minimum or 1)
            value = float(start) if self.spec.type == "optional_float" else start  # type: ignore[arg-type]
            self._line.setText(reading.written(self.spec, value))
            self._field.setFocus()
            self._propose(value)
        self._keep()

    def _on_stepped(self, steps: int) -> None:
        try:
            value = self._read(self._line.text()) if self._line.text() else self.spec.default
        except ParameterError:
            return  # there is nothing to step from, and the text may be wanted
        if not isinstance(value, int | float) or isinstance(value, bool):
            value = 0
        new: float = stepped(value, steps) if self.spec.type.endswith("float") else int(value) + steps
        if self.spec.minimum is not None:
            new = max(new, type(new)(self.spec.minimum))
        if self.spec.maximum is not None:
            new = min(new, type(new)(self.spec.maximum))
        self._line.setText(reading.written(self.spec, new))
        self._on_typed(self._line.text())
        self._keep()


def stepped(value: float, steps: int) -> float:
    """The next number in the last digit that counts: 0.001 → 0.002, and down 0.0009; 0.5 → 0.6; 1.0 → 2.0 and 0.9."""
    if value == 0:
        return 0.1 * steps
    exponent = math.floor(math.log10(abs(value)) + 1e-9)
    towards_zero = (steps < 0) == (value > 0)
    if towards_zero and math.isclose(abs(value), 10.0**exponent):
        exponent -= 1
    return float(f"{value + steps * 10.0**exponent:.12g}")


class IntsEditor(FigureEditor):
    """A number for each axis, ‘5 × 5’. Linked, one number stands for all of them."""

    empty = "none"

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._link: IconButton | None = None
        if spec.axes > 1:
            self._link = IconButton("link-simple", f"{spec.title}: same for all axes", size=24, parent=self)
            self._link.setCheckable(True)
            self._link.setChecked(True)
            self._link.toggled.connect(self._on_linked)
            self._layout.addWidget(self._link)
            self._layout.setSpacing(2)
        if spec.choices:
            self._layout.addWidget(self._make_menu())

    def _make_menu(self) -> IconButton:
        """The words that may stand for numbers: same, valid."""
        button = IconButton("caret-down", f"{self.spec.title}: choices", size=24, parent=self)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setAccessibleName(self.spec.title)
        default = self.spec.default if not isinstance(self.spec.default, str) else 0
        for choice in dict.fromkeys((*self.spec.choices, default)):
            action = menu.addAction(reading.write(choice))
            action.triggered.connect(lambda _checked=False, choice=choice: self._on_chosen(choice))
        button.setMenu(menu)
        return button

    def _on_chosen(self, choice: Value) -> None:
        self._line.setText(self._text(choice))
        self._propose(choice)
        self._keep()

    @property
    def linked(self) -> bool:
        return self._link is None or self._link.isChecked()

    def _display(self, value: Value) -> None:
        if self._link is not None and isinstance(value, tuple) and len(set(value)) > 1:
            with QSignalBlocker(self._link):
                self._link.setChecked(False)
        super()._display(value)

    def _text(self, value: Value) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and self.spec.axes > 1:
            value = (value,) * self.spec.axes
        return super()._text(value)

    def _read(self, text: str) -> Value:
        """One number for all axes is kept as one number, whichever way it was typed."""
        value = reading.read(self.spec, text, linked=True)
        if self._link is not None and isinstance(value, tuple):
            with QSignalBlocker(self._link):
                self._link.setChecked(len(set(value)) == 1)
        if isinstance(value, tuple) and len(set(value)) == 1 and isinstance(self.spec.default, int):
            return value[0]
        return value

    def _on_finished(self) -> None:
        """‘3’ becomes ‘3 × 3’ once it is clear that no more is coming. Several values stay several."""
        if self._shown is not reading.Nothing and not self._refusal:
            self._display(self._shown)  # type: ignore[arg-type]
        self._keep()

    def _on_linked(self, linked: bool) -> None:
        if not linked:
            self._field.setFocus()
            return
        try:
            value = reading.read(self.spec, self._line.text(), linked=True)
        except ParameterError:
            return
        if isinstance(value, tuple):
            self._line.setText(self._text(value[0]))
            self._propose(value[0])

    def _on_stepped(self, steps: int) -> None:
        """Linked, all numbers step; else the one where the cursor stands."""
        line = self._line
        try:
            value = reading.read(self.spec, line.text(), linked=True)
        except ParameterError:
            return
        if isinstance(value, str) or value is None:  # from a word or nothing to the least number
            value = int(self.spec.minimum or 0) - (1 if steps > 0 else 0)
        numbers = list(value) if isinstance(value, tuple) else [value] * max(1, self.spec.axes)
        before = line.text()[: line.cursorPosition()].count(reading.TIMES.strip())
        least = int(self.spec.minimum) if self.spec.minimum is not None else None
        for index, old in enumerate(numbers):
            if self.linked or index == before:
                new = int(old) + steps  # type: ignore[arg-type]
                numbers[index] = new if least is None else max(new, least)
        cursor = line.cursorPosition()
        line.setText(reading.written(self.spec, tuple(numbers)))
        line.setCursorPosition(cursor)
        self._on_typed(line.text())
        self._keep()
