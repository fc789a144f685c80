"""The status bar: what is going on, how deep and how large the design is, problems, what is selected."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStatusBar, QWidget

from engine.check.report import Problem, Report
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import Dot, label, rule
from gui.widgets.numbers import plural, short, thousands


class _Figure(QWidget):
    """A caption and its value."""

    def __init__(self, caption: str, parent: QWidget):
        super().__init__(parent)
        self._caption = caption
        self._value = label("–")
        self._value.setFont(theme.font(t.SMALL, 500))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(label(caption))
        row.addWidget(self._value)
        theme.changed.connect(self._style)
        self._style()

    def _style(self) -> None:
        self._value.setStyleSheet(f"color: {theme.tokens().text}; font-weight: 500;")

    def set(self, value: str, description: str = "") -> None:
        self._value.setText(value)
        self.setAccessibleName(f"{self._caption} {value}")
        self.setToolTip(description)


class StatusBar(QStatusBar):
    problems_requested = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        theme.changed.connect(self._set_height)
        self._set_height()
        self._dot = Dot("text3", self)
        self._state = label("Preparing")
        self._depth = _Figure("Depth", self)
        self._parameters = _Figure("Parameters", self)
        self._multiply_adds = _Figure("Multiply-adds", self)
        self._problems = QPushButton(self)
        self._problems.setProperty("role", "status")
        self._problems.setFlat(True)
        self._problems.setIconSize(QSize(14, 14))
        self._problems.clicked.connect(self.problems_requested)
        self._selection = label("")
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 0, 0, 0)
        layout.setSpacing(11)
        layout.addWidget(self._dot)
        layout.setSpacing(6)
        layout.addWidget(self._state)
        self._of_design = QWidget(row)
        facts = QHBoxLayout(self._of_design)
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setSpacing(6)
        for part in (self._depth, self._parameters, self._multiply_adds, self._problems):
            divider = rule(vertical=True)
            divider.setFixedHeight(14)
            facts.addSpacing(5)
            facts.addWidget(divider)
            facts.addSpacing(5)
            facts.addWidget(part)
        layout.addWidget(self._of_design)
        self.addWidget(row)
        self._selection.setContentsMargins(0, 0, 12, 0)
        self.addPermanentWidget(self._selection)

    def _set_height(self) -> None:
        self.setFixedHeight(round(t.STATUS_HEIGHT * max(1.0, theme.scale)))

    def set_state(self, text: str, token: str) -> None:
        self._state.setText(text)
        self._state.setAccessibleName(f"State: {text}")
        self._dot.set_token(token)

    def show_design(self, shown: bool) -> None:
        """Whether there is a design in sight to tell of."""
        self._of_design.setVisible(shown)
        self._selection.setVisible(shown)

    def set_report(self, report: Report | None) -> None:
        """What the check found; None until it has come. Where no shape is known no count is either."""
        if report is None or not (report.outputs or report.parameters):
            for figure in (self._depth, self._parameters, self._multiply_adds):
                figure.set("–")
            return
        self._depth.set(str(report.depth), "Longest path of layers with weights")
        self._parameters.set(thousands(report.parameters), "Numbers that are learned")
        self._multiply_adds.set(
            f"{short(report.multiply_adds)} /sample", f"{thousands(report.multiply_adds)} multiply-adds a sample"
        )

    def set_problems(self, problems: tuple[Problem, ...], checked: bool) -> None:
        if not checked and not problems:
            self._problems.setIcon(QIcon())
            self._problems.setText("Checking…")
            self._problems.setAccessibleName("Checking the design")
            return
        counts = {s: sum(p.severity == s for p in problems) for s in ("error", "warning", "hint")}
        worst = next((s for s, n in counts.items() if n), None)
        icon, token = {
            "error": ("warning-octagon-fill", "err"),
            "warning": ("warning-fill", "warn"),
            "hint": ("info", "accent"),
            None: ("check-circle", "ok"),
        }[worst]
        parts = [plural(n, s) for s, n in counts.items() if n]
        text = " · ".join(parts) or "No problems"
        self._problems.setIcon(theme.icon(icon, token))
        self._problems.setText(text)
        self._problems.setAccessibleName(text)
        self._problems.setToolTip("Show the problems")

    def set_selection(self, count: int) -> None:
        self._selection.setText(f"{thousands(count)} selected" if count else "")
