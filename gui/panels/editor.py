"""What every editor of a parameter has in common. What a person types is not taken away under the hands: a text that
means nothing stays, with a sentence that says why, until it is mended or left; till then the value is that before.
Where it is left, the sentence stays and says what stands instead."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QLineEdit, QToolTip, QWidget

from engine.catalog import catalog
from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from gui.widgets import reading
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
    beginning has led to: `edited` comes once more, with the value that stood before the typing began.
    `put_back(sentence)` where a field was left with such a text: why it was refused, and what stands there now."""

    edited = Signal(object)
    refused = Signal(str)
    put_back = Signal(str)

    def __init__(self, spec: ParameterSpec, parent: QWidget | None = None):
        super().__init__(parent)
        self.spec = spec
        self._shown: Value | type[reading.Nothing] = reading.Nothing
        self._origin: Value | type[reading.Nothing] = reading.Nothing  # what stood there before this typing
        self._refusal = ""  # why the text that stands here is no value
        self._held: QWidget = self
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
        return self._held

    def _display(self, value: Value) -> None:
        raise NotImplementedError

    def _display_mixed(self) -> None:
        raise NotImplementedError

    def _text(self, value: Value) -> str:
        """The value as it stands in the field."""
        return reading.written(self.spec, value)

    def _hold(self, widget: QWidget) -> None:
        """Lay out the widget that takes the keys, and name it."""
        widget.setAccessibleName(self.spec.title)
        widget.setToolTip(help_text(self.spec))
        leave_undo_to_the_window(widget)
        widget.installEventFilter(self)
        self._layout.addWidget(widget, 1)
        self._held = widget
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
        self._refusal = ""
        self.refused.emit("")

    def _refuse(self, sentence: str) -> None:
        """Nothing stays of a text that is refused: not what its beginning would have meant either."""
        self._refusal = sentence
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
        if value is reading.Nothing or (not self._refusal and shown == value and type(shown) is type(value)):
            return False
        self._display(value)  # type: ignore[arg-type]
        self._accept()
        self._shown = value
        self.edited.emit(value)
        return True

    def _settle(self) -> None:
        if self._refusal:
            sentence = self._refusal
            if self._shown is reading.Nothing:
                self._display_mixed()
                stands = "Nothing was changed."
            else:
                self._display(self._shown)  # type: ignore[arg-type]
                stands = f"It is still {self._text(self._shown) or 'empty'}."  # type: ignore[arg-type]
            self._accept()
            self.put_back.emit(f"{sentence} {stands}")
        self._keep()

    def _keep(self) -> None:
        """The value that is shown is meant: what is typed from here on can be taken back to it."""
        if not self._refusal:
            self._origin = self._shown


class TypedEditor(Editor):
    """A field in which a value is written: `field` is a line, or a box with a line in it."""

    empty = ""  # what an empty field means

    def __init__(self, spec: ParameterSpec, field: QLineEdit | QAbstractSpinBox, parent: QWidget | None = None):
        super().__init__(spec, parent)
        self._field = field
        self._line = field.lineEdit() if isinstance(field, QAbstractSpinBox) else field
        self._hold(field)
        self._line.textEdited.connect(self._on_typed)
        field.editingFinished.connect(self._on_finished)

    def _display(self, value: Value) -> None:
        self._line.setPlaceholderText(self.empty)
        self._line.setText("" if value is None else self._text(value))

    def _display_mixed(self) -> None:
        self._line.setText("")
        self._line.setPlaceholderText(MIXED)

    def _read(self, text: str) -> Value:
        return reading.read(self.spec, text)

    def _on_typed(self, text: str) -> None:
        try:
            value = self._read(text)
        except ParameterError as error:
            self._refuse(str(error))
            return
        self._propose(value)

    def _on_finished(self) -> None:
        self._keep()


def help_text(spec: ParameterSpec) -> str:
    """The tooltip: what torch says of it, its name there and its default."""
    lines = [spec.help.strip()] if spec.help.strip() else []
    if spec.default is not None or spec.type != "text":
        lines.append(f"{spec.name}, default {reading.written(spec, spec.default) or 'empty'}")
    return "\n".join(lines)
