"""Ways about the window by keyboard: from pane to pane, and from problem to problem."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from engine.check.report import Problem
from gui.document import Document


class Panes:
    """F6 and Shift+F6: each visible pane in turn gets the focus, at its first widget that takes it."""

    def __init__(self, panes: Sequence[QWidget]):
        self._panes = list(panes)

    def step(self, direction: int) -> None:
        shown = [pane for pane in self._panes if pane.isVisible()]
        if not shown:
            return
        focus = QApplication.focusWidget()
        here = next((i for i, pane in enumerate(shown) if focus is not None and _holds(pane, focus)), -1)
        start = here + direction if here >= 0 else (0 if direction > 0 else len(shown) - 1)
        for offset in range(len(shown)):
            if _focus_first(shown[(start + offset * direction) % len(shown)]):
                return


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _focus_first(pane: QWidget) -> bool:
    for widget in (pane, *pane.findChildren(QWidget)):
        takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes and widget.isVisibleTo(pane) and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False


class ProblemWalk:
    """F8 and Shift+F8: the next or previous problem; Alt+Enter applies the first fix of the one at hand."""

    def __init__(self, document: Document):
        self._document = document
        self._current: Problem | None = None

    def step(self, direction: int) -> Problem | None:
        problems = self._document.problems
        if not problems:
            return None
        here = problems.index(self._current) if self._current in problems else (-1 if direction > 0 else 0)
        self._current = problems[(here + direction) % len(problems)]
        if self._current.node is not None:
            self._document.select(frozenset({self._current.node}))
        return self._current

    def fix(self) -> bool:
        """Apply the first remedy: of the problem at hand, else of the selected node, else of the first that has one."""
        problems = self._document.problems
        selection = self._document.selection
        ranked = [p for p in problems if p == self._current]
        ranked += [p for p in problems if p.node in selection]
        ranked += list(problems)
        for problem in ranked:
            if problem.fixes:
                self._document.apply_fix(problem.fixes[0])
                return True
        return False
