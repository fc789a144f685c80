"""One editor for each type of parameter. What a person types is not taken away under the hands: a text that means
nothing stays, with a sentence that says why, until it is mended or left; meanwhile the value is that before typing."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from engine.catalog import catalog
from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from gui.theme import tokens as t
from gui.widgets import reading
from gui.widgets.buttons import IconButton, Switch
from gui.widgets.fields import leave_undo_to_the_window

MIXED = "several values"
STILL_HERE = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Editor(QWidget):
    """Edits one value. `edited(value)` comes at every keystroke that makes an allowed value; `refused(sentence)` at one
    that does not, and with an empty sentence when all is well again. A text that is refused takes with it what its
    beginning has led to: `edited` comes once more, with the value that stood before the typing began."""

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(parent)
        self.spec = spec
        self._shown: Value | type[reading.Nothing] = reading.Nothing
        self._origin: Value | type[reading.Nothing] = reading.Nothing  # what stood there before this typing
        self._refused = False
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)

    def show_value(self, value: Value) -> None:
        """Show what the design says. A text under way is left alone unless the design has moved on without it."""
        if self._shown is not reading.Nothing and self._shown == value and type(self._shown) is type(value):
            return
        self._shown = self._origin = value
        self._display(value)
        self._accept()

    def show_mixed(self) -> None:
        """Several nodes are edited at once, and they differ."""
        self._shown = self._origin = reading.Nothing
        self._display_mixed()

    def field(self) -> QWidget:
        """The widget that takes the keys."""
        return self.focusProxy() or self

    def stops(self) -> list[QWidget]:
        """The widgets in it that take the focus, in order; not those of its popups, nor the line within a field."""
        found = [part for part in self.findChildren(QWidget) if part.focusPolicy() & Qt.FocusPolicy.TabFocus]
        return [part for part in found if part.window() is self.window() and part.focusProxy() is None]

    def _display(self, value: Value) -> None:
        raise NotImplementedError

    def _display_mixed(self) -> None:
        raise NotImplementedError

    def _hold(self, widget: QWidget) -> None:
        """Lay out the widget that takes the keys, and name it."""
        widget.setAccessibleName(self.spec.title)
        widget.setToolTip(help_text(self.spec))
        leave_undo_to_the_window(widget)
        widget.installEventFilter(self)
        self._layout.addWidget(widget, 1)
        self.setFocusProxy(widget)

    def _propose(self, value: Value) -> None:
        try:
            value = catalog.validate(self.spec, value)
        except ParameterError as error:
            self._refuse(str(error))
            return
        self._accept()
        self._shown = value
        self.edited.emit(value)

    def _accept(self) -> None:
        self._refused = False
        self.refused.emit("")

    def _refuse(self, sentence: str) -> None:
        """Nothing stays of a text that is refused: not what its beginning would have meant either."""
        self._refused = True
        if self._origin is not reading.Nothing and not reading.same(self._shown, self._origin):  # type: ignore[arg-type]
            self._shown = self._origin
            self.edited.emit(self._origin)
        self.refused.emit(sentence)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Where the field is left, typing ends; a text that was refused gives way to what the design says. Reached by
        keyboard it shows its help as it does under the mouse."""
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent) and event.reason() not in STILL_HERE:
            self._settle()
        elif event.type() == QEvent.Type.FocusIn and isinstance(event, QFocusEvent) and event.reason() in BY_KEYBOARD:
            field = self.field()
            QToolTip.showText(field.mapToGlobal(field.rect().bottomLeft()), field.toolTip(), field)
        elif event.type() == QEvent.Type.KeyPress:
            QToolTip.hideText()
            if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
                return self._take_back()
            line = watched.lineEdit() if isinstance(watched, QAbstractSpinBox) else watched
            if isinstance(line, QLineEdit) and line.text() and line.selectedText() == line.text():
                self._keep()  # all is written over: another typing begins
        return False

    def _take_back(self) -> bool:
        """What stood here before this typing stands again. False where nothing was typed."""
        value, shown = self._origin, self._shown
        if value is reading.Nothing or (not self._refused and shown == value and type(shown) is type(value)):
            return False
        self._display(value)  # type: ignore[arg-type]
        self._accept()
        self._shown = value
        self.edited.emit(value)
        return True

    def _settle(self) -> None:
        if self._refused:
            if self._shown is reading.Nothing:
                self._display_mixed()
            else:
                self._display(self._shown)  # type: ignore[arg-type]
            self._accept()
        self._keep()

    def _keep(self) -> None:
        """The value that is shown is meant: what is typed from here on can be taken back to it."""
        if not self._refused:
            self._origin = self._shown


class NumberField(QAbstractSpinBox):
    """A line that takes any text, with arrows that step. What the text means is its owner's matter."""

    typed = Signal(str)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setKeyboardTracking(True)
        self.lineEdit().setTextMargins(7, 0, 0, 0)
        self.lineEdit().textEdited.connect(self.typed)

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


class NumberEditor(Editor):
    """Whole and real numbers; those that may be absent have a ‘none’ box."""

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = NumberField(self)
        self._hold(self._field)
        self._field.typed.connect(self._on_typed)
        self._field.stepped.connect(self._on_stepped)
        self._field.editingFinished.connect(self._keep)
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
        self._field.lineEdit().setText("" if value is None else reading.written(self.spec, value))

    def _display_mixed(self) -> None:
        self._field.lineEdit().setText("")
        self._field.lineEdit().setPlaceholderText(MIXED)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text)
        except ParameterError as error:
            self._refuse(str(error))
            return
        self._propose(value)

    def _on_none(self, none: bool) -> None:
        if none:
            self._field.lineEdit().setText("")
            self._propose(None)
            self._field.setEnabled(False)
        else:
            self._field.setEnabled(True)
            start = self.spec.default if self.spec.default is not None else max(1, self.spec.minimum or 1)
            value = float(start) if self.spec.type == "optional_float" else start  # type: ignore[arg-type]
            self._field.lineEdit().setText(reading.written(self.spec, value))
            self._field.setFocus()
            self._propose(value)
        self._keep()

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
        self._field.lineEdit().setText(reading.written(self.spec, new))
        self._on_typed(self._field.text())
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
        self._field.lineEdit().setText(self._text(choice))
        self._propose(choice)
        self._keep()

    @property
    def linked(self) -> bool:
        return self._link is None or self._link.isChecked()

    def _display(self, value: Value) -> None:
        if self._link is not None and isinstance(value, tuple) and len(set(value)) > 1:
            with QSignalBlocker(self._link):
                self._link.setChecked(False)
        self._field.lineEdit().setPlaceholderText("none")
        self._field.lineEdit().setText("" if value is None else self._text(value))

    def _display_mixed(self) -> None:
        self._field.lineEdit().setText("")
        self._field.lineEdit().setPlaceholderText(MIXED)

    def _text(self, value: Value) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and self.spec.axes > 1:
            value = (value,) * self.spec.axes
        return reading.written(self.spec, value)

    def _on_typed(self, text: str) -> None:
        try:
            value = reading.read(self.spec, text, linked=True)
        except ParameterError as error:
            self._refuse(str(error))
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
        self._keep()

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
        self._field.setPlaceholderText("from the data" if self.spec.type == "shape" and self.spec.default == () else "")
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
    if spec.type in ("text", "shape", "floats"):
        return TextEditor(spec, parent)
    return NumberEditor(spec, parent)


def help_text(spec: ParameterSpec) -> str:
    """The tooltip: what torch says of it, its name there and its default."""
    lines = [spec.help.strip()] if spec.help.strip() else []
    lines.append(f"{spec.name}, default {reading.written(spec, spec.default) or 'empty'}")
    return "\n".join(lines)
