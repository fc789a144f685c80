"""A form of parameter rows that follows its specs: rows stay where the specs stay, so that typing is never cut off."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.catalog.spec import ParameterSpec
from engine.check.report import Problem
from engine.graph.model import Value
from gui.panels.rows import ParameterRow
from gui.widgets.containers import Section

# Parameters of optimisers and schedules that people do change.
FIRST = frozenset({"lr", "momentum", "weight_decay", "gamma"})


class ParameterForm(QWidget):
    """`edited(name, value)` at every keystroke that makes an allowed value, `reset_asked(name)` for the default,
    `unread(sentence)` as of a row."""

    edited = Signal(str, object)
    reset_asked = Signal(str)
    unread = Signal(str)

    def __init__(self, parent: QWidget | None = None, more: str = ""):
        """`more` is the title of a folded part for parameters that few people change; empty for none."""
        super().__init__(parent)
        self.rows: dict[str, ParameterRow] = {}
        self._specs: tuple[ParameterSpec, ...] = ()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self._more = Section(more, self, open_=False) if more else None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self._rows)
        if self._more is not None:
            layout.addWidget(self._more)
            self._more.hide()

    def show_parameters(self, specs: tuple[ParameterSpec, ...], values: Mapping[str, Value]) -> None:
        """`values` holds what was set; the rest stand at their defaults."""
        self._build(specs)
        for spec in specs:
            self.rows[spec.name].show_value(values.get(spec.name, spec.default), spec.name in values)

    def show_several(self, specs: tuple[ParameterSpec, ...], several: tuple[Mapping[str, Value], ...]) -> None:
        """The values of several nodes at once."""
        self._build(specs)
        for spec in specs:
            found = [values.get(spec.name, spec.default) for values in several]
            row = self.rows[spec.name]
            if all(value == found[0] for value in found):
                row.show_value(found[0], any(spec.name in values for values in several))
            else:
                row.show_mixed()

    def set_problems(self, problems: Mapping[str, Problem]) -> None:
        """What the check says of the parameters, by name."""
        for name, row in self.rows.items():
            found = problems.get(name)
            row.set_problem(found.why if found else "", found.severity if found else "error")

    def set_aside(self, sentences: Mapping[str, str]) -> None:
        """The parameters instead of which something else counts, by name, and what."""
        for name, row in self.rows.items():
            row.set_aside(sentences.get(name, ""))

    def changed(self) -> bool:
        """Whether any row shows something else than its default."""
        return any(row.is_changed for row in self.rows.values())

    def clear(self) -> None:
        self._build(())

    def _build(self, specs: tuple[ParameterSpec, ...]) -> None:
        if specs == self._specs:
            return
        self._specs = specs
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self.rows = {}
        for spec in specs:
            row = ParameterRow(spec, self)
            row.edited.connect(lambda value, name=spec.name: self.edited.emit(name, value))
            row.reset_asked.connect(lambda name=spec.name: self.reset_asked.emit(name))
            row.unread.connect(self.unread)
            self.rows[spec.name] = row
            folded = self._more is not None and not (spec.required or spec.name in FIRST)
            (self._more.body if folded and self._more else self._rows).addWidget(row)
            row.show()
        if self._more is not None:
            self._more.setVisible(any(not (spec.required or spec.name in FIRST) for spec in specs))
