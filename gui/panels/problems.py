"""What keeps the design from training, or might: what, why, where, and a button that mends it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.check.report import Problem
from engine.graph.model import NodeId
from gui.document import Document
from gui.panels import describing
from gui.panels.remedy import FixButton
from gui.settings import Settings
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.announcer import announce
from gui.widgets.buttons import ElidedButton
from gui.widgets.containers import EmptyState
from gui.widgets.labels import label
from gui.widgets.numbers import plural

SHOWN = 100  # rows; more problems than that are not read one by one
WORDS = {"error": "Error", "warning": "Warning", "hint": "Hint"}
TOKENS = {"error": "err", "warning": "warn", "hint": "accent"}
WHERE_WIDTH, ACTIONS_WIDTH = 150, 260
HERE = "This is the problem gone to last."


class SeverityMark(QWidget):
    """Octagon, triangle or circle: the shape carries the meaning, the colour supports it."""

    def __init__(self, severity: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._severity = severity
        self.setFixedSize(16, 16)
        self.setAccessibleName(WORDS[severity])
        self.setToolTip(WORDS[severity])
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_severity(painter, QRectF(2, 2, 12, 12), self._severity)


def paint_severity(painter: QPainter, rect: QRectF, severity: str) -> None:
    colour = theme.colour(TOKENS[severity])
    sign = QColor(theme.colour("panel"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x, y, size = rect.x(), rect.y(), rect.width()
    middle = x + size / 2
    if severity == "error":
        cut = size * 0.29
        corners = [(cut, 0), (size - cut, 0), (size, cut), (size, size - cut), (size - cut, size), (cut, size)]
        corners += [(0, size - cut), (0, cut)]
        painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in corners]))
    elif severity == "warning":
        top = [QPointF(middle, y + 0.5), QPointF(x + size + 0.5, y + size), QPointF(x - 0.5, y + size)]
        painter.drawPolygon(QPolygonF(top))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.3))
        painter.drawEllipse(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        sign = colour
    painter.setPen(QPen(sign, 1.5))
    if severity == "hint":
        painter.drawPoint(QPointF(middle, y + 3.6))
        painter.drawLine(QPointF(middle, y + 5.6), QPointF(middle, y + 8.8))
    else:
        low = 1.2 if severity == "warning" else 0.0
        painter.drawLine(QPointF(middle, y + 3.2 + low), QPointF(middle, y + 6.4 + low))
        painter.drawPoint(QPointF(middle, y + 8.8 + low / 2))


class ProblemRow(QFrame):
    """One problem. `node_asked(NodeId)`, `dismissed(Problem)` for a hint."""

    node_asked = Signal(str)
    dismissed = Signal(object)

    def __init__(self, document: Document, problem: Problem, place: str, family: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.problem, self.place, self.family = problem, place, family
        self._document = document
        self.setProperty("role", "error-row" if problem.severity == "error" else "problem-row")
        self.setAccessibleName(f"{WORDS[problem.severity]}: {problem.what}")
        self.setAccessibleDescription(problem.why)
        what = label(problem.what, "name", self, wrap=True)
        why = label(problem.why, "small", self, wrap=True)
        for part in (what, why):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(what)
        texts.addWidget(why)
        grid = QGridLayout(self)
        grid.setContentsMargins(t.DOCK_PADDING, 9, t.DOCK_PADDING, 9)
        grid.setHorizontalSpacing(14)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, WHERE_WIDTH)
        grid.setColumnMinimumWidth(3, ACTIONS_WIDTH)
        grid.addWidget(SeverityMark(problem.severity, self), 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addLayout(texts, 0, 1)
        if problem.node is not None:
            left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            grid.addWidget(self._place_button(problem.node), 0, 2, left)
        else:
            grid.addWidget(label(place, "secondary", self), 0, 2, Qt.AlignmentFlag.AlignVCenter)
        self._grid, self._actions = grid, self._buttons(grid)
        grid.addLayout(self._actions, 0, 3)

    def set_current(self, current: bool) -> None:
        """Mark it as the one that was gone to."""
        self.setAccessibleDescription(f"{self.problem.why} {HERE}" if current else self.problem.why)
        if bool(self.property("current")) != current:
            self.setProperty("current", current)
            self.style().unpolish(self)
            self.style().polish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The remedies are wider than their column before they are cut: the sentences can stand in more lines."""
        super().resizeEvent(event)
        wanted = min(self._actions.sizeHint().width(), self.width() // 2)
        self._grid.setColumnMinimumWidth(3, max(ACTIONS_WIDTH, wanted))

    def _place_button(self, node: NodeId) -> QPushButton:
        button = ElidedButton(self.place, self)
        button.setIcon(theme.glyph_icon(self.family))
        button.setProperty("role", "ghost")
        button.setIconSize(QSize(14, 14))
        button.setAccessibleName(f"Show {self.place}")
        button.setToolTip(f"Select {self.place} and bring it into sight")
        button.clicked.connect(lambda: self.node_asked.emit(node))
        return button

    def _buttons(self, grid: QGridLayout) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        if self.problem.details:
            details = QPushButton("Details", self)
            details.setCheckable(True)
            details.setProperty("role", "ghost")
            details.setAccessibleName(f"Details of {self.problem.what}")
            details.toggled.connect(lambda shown: self._show_details(grid, shown))
            row.addWidget(details)
        for index, fix in enumerate(self.problem.fixes):
            strong = index == 0 and self.problem.severity == "error"
            row.addWidget(FixButton(self._document, fix, strong, self))
        if self.problem.severity == "hint":
            dismiss = QPushButton("Dismiss", self)
            dismiss.setProperty("role", "ghost")
            dismiss.setAccessibleName(f"Dismiss: {self.problem.what}")
            dismiss.setToolTip("Never show this hint again")
            dismiss.clicked.connect(lambda: self.dismissed.emit(self.problem))
            row.addWidget(dismiss)
        return row

    def _show_details(self, grid: QGridLayout, shown: bool) -> None:
        """The traceback, below, with a button that copies it."""
        item = grid.itemAtPosition(1, 1)
        made = item.widget() if item is not None else None
        if made is not None:
            made.setVisible(shown)
            return
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 6, 0, 0)
        text = QPlainTextEdit(self.problem.details, box)
        text.setReadOnly(True)
        text.setAccessibleName("Details")
        text.setFont(theme.font(t.AXIS, mono=True))
        text.setFixedHeight(140)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        copy = QPushButton(theme.icon("copy"), "Copy", box)
        copy.setAccessibleName("Copy details")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.problem.details))
        column.addWidget(text)
        column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(box, 1, 1, 1, 3)
        box.show()


class Problems(QWidget):
    """`count_changed(count, urgent)` for the tab's badge; `node_requested(NodeId)` when a person goes to a node."""

    count_changed = Signal(int, bool)
    node_requested = Signal(str)

    def __init__(self, document: Document, settings: Settings | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Problems")
        self._document, self._settings = document, settings
        if settings is not None:
            document.set_dismissed(settings.dismissed_hints)
        self._rows: list[ProblemRow] = []
        self._current = -1
        self._empty = EmptyState("check-circle", "No problems. This graph is ready to train.", parent=self)
        self._hidden = QPushButton(self)
        self._hidden.setProperty("role", "ghost")
        self._hidden.setToolTip("Bring back the hints that were dismissed")
        self._hidden.clicked.connect(self._show_dismissed)
        self._head = self._make_head()
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._more = label("", "caption")
        self._more.setContentsMargins(t.DOCK_PADDING, 8, t.DOCK_PADDING, 8)
        self._column.addWidget(self._more)
        self._column.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidget(self._list)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName("Problems")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._hidden, 0, Qt.AlignmentFlag.AlignLeft)
        document.problems_changed.connect(self._show)
        theme.changed.connect(self._rebuild)
        self._show()

    @property
    def count(self) -> int:
        return len(self._document.problems)

    def go(self, step: int) -> None:
        """Go to the next (1) or previous (-1) problem: its node is selected, its row is shown."""
        if self._rows:
            start = self._current if self._current >= 0 else min(-step, 0)
            self._go_to_row((start + step) % len(self._rows))

    def show_first_blocking(self) -> bool:
        """Go to what keeps the design from training, the first of it; whether there is anything."""
        rows = enumerate(self._rows)
        first = next((i for i, row in rows if row.problem.severity == "error" and row.problem.blocking), None)
        if first is not None:
            self._go_to_row(first)
        return first is not None

    def _go_to_row(self, index: int) -> None:
        self._mark_current(index)
        row = self._rows[index]
        self._area.ensureWidgetVisible(row)
        announce(self._area, f"Problem {index + 1} of {self.count}. {row.problem.sentence()}")
        if row.problem.node is not None:
            self._go_to(row.problem.node)

    def _mark_current(self, index: int) -> None:
        self._current = index
        for number, row in enumerate(self._rows):
            row.set_current(number == index)

    def apply_first_fix(self) -> None:
        """Apply the first remedy that there is: of the problem gone to last, else of the first that has one."""
        rows = self._rows[self._current :] + self._rows if self._current >= 0 else self._rows
        row = next((row for row in rows if row.problem.fixes), None)
        if row is not None:
            self._mark_current(self._rows.index(row))
            self._area.ensureWidgetVisible(row)
            self._document.apply_fix(row.problem.fixes[0])

    # -- showing --------------------------------------------------------------------------
    def _show(self) -> None:
        """Bring the rows in line. Rows whose problem stays are kept, so that focus and details stay too."""
        problems = self._document.problems
        current = self._rows[self._current] if 0 <= self._current < len(self._rows) else None
        kept: dict[tuple[object, ...], list[ProblemRow]] = {}
        for row in self._rows:
            kept.setdefault((row.problem, row.place), []).append(row)
        rows: list[ProblemRow] = []
        for index, problem in enumerate(problems[:SHOWN]):
            place, family = self._place(problem)
            found = kept.get((problem, place))
            row = found.pop() if found else self._make_row(problem, place, family)
            if self._column.indexOf(row) != index:
                self._column.insertWidget(index, row)
            rows.append(row)
        for left in kept.values():
            for row in left:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
        stays = rows.index(current) if current in rows else min(self._current, len(rows) - 1)
        self._rows = rows
        self._mark_current(stays)
        self._more.setText(f"… and {plural(len(problems) - SHOWN, 'more problem')}.")
        self._more.setVisible(len(problems) > SHOWN)
        known = self._document.reported_design is not None
        self._empty.set_sentence("No problems. This graph is ready to train." if known else "Checking this graph …")
        self._area.setAccessibleDescription(plural(len(problems), "problem"))
        self._empty.setVisible(not problems)
        self._head.setVisible(bool(problems))
        self._area.setVisible(bool(problems))
        hidden = self._document.hidden_hints
        self._hidden.setText(f"Show {plural(hidden, 'dismissed hint')}")
        self._hidden.setAccessibleName(self._hidden.text())
        self._hidden.setVisible(hidden > 0)
        self.count_changed.emit(len(problems), any(p.severity == "error" for p in problems))

    def _rebuild(self) -> None:
        """Another theme: icons and edges are drawn anew."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        self._show()

    def _make_row(self, problem: Problem, place: str, family: str) -> ProblemRow:
        row = ProblemRow(self._document, problem, place, family, self._list)
        row.dismissed.connect(self._dismiss)
        row.node_asked.connect(self._go_to)
        row.show()
        return row

    def _place(self, problem: Problem) -> tuple[str, str]:
        graph = self._document.design.graph
        node = graph.nodes.get(problem.node) if problem.node is not None else None
        if node is None:
            return "whole design", ""
        return node.label, describing.family(graph.layers[node.layer])

    def _make_head(self) -> QWidget:
        head = QFrame(self)
        head.setObjectName("problems-head")
        row = QHBoxLayout(head)
        row.setContentsMargins(t.DOCK_PADDING + 30, 4, t.DOCK_PADDING, 4)
        row.setSpacing(14)
        where, action = label("Where", "caption"), label("What to do", "caption")
        where.setFixedWidth(WHERE_WIDTH)
        action.setFixedWidth(ACTIONS_WIDTH)
        action.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(label("What happened and why", "caption"), 1)
        row.addWidget(where)
        row.addWidget(action)
        return head

    # -- acting ---------------------------------------------------------------------------
    def _dismiss(self, problem: object) -> None:
        assert isinstance(problem, Problem)
        self._remember(self._document.dismissed | {problem.key})

    def _show_dismissed(self) -> None:
        self._remember(frozenset())

    def _remember(self, keys: frozenset[str]) -> None:
        if self._settings is not None:
            self._settings.dismissed_hints = keys
        self._document.set_dismissed(keys)

    def _go_to(self, node: NodeId) -> None:
        self._document.select(frozenset({node}))
        self.node_requested.emit(node)
