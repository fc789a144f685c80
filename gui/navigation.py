"""Ways about the window by keyboard: F6 goes from pane to pane, Tab from control to control in the panes' order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.focus import stops


class Panes:
    """F6 and Shift+F6: each visible pane in turn gets the focus, at its first widget that takes it."""

    def __init__(self, panes: Sequence[QWidget]):
        self._panes = list(panes)

    def add(self, pane: QWidget) -> None:
        """One more, after the others."""
        self._panes.append(pane)

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

    def tab(self, forwards: bool) -> bool:
        """Tab and Shift+Tab: the next control of the pane, then the next pane; False where no pane has the focus."""
        focus = QApplication.focusWidget()
        if focus is None or not any(_holds(pane, focus) for pane in self._panes):
            return False
        chain = [widget for pane in self._panes if pane.isVisible() for widget in stops(pane)]
        if focus not in chain:
            return False  # it takes the focus by a click only
        reason = Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason
        chain[(chain.index(focus) + (1 if forwards else -1)) % len(chain)].setFocus(reason)
        return True


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _focus_first(pane: QWidget) -> bool:
    for widget in stops(pane)[:1]:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        return True
    return False
