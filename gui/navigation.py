"""Ways about the window by keyboard: F6 goes from pane to pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


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


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _focus_first(pane: QWidget) -> bool:
    for widget in (pane, *pane.findChildren(QWidget)):
        takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes and widget.isVisibleTo(pane) and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
