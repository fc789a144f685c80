"""Ways about the window by keyboard: F6 goes from pane to pane, Tab from control to control in the panes' order."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


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


def stops(pane: QWidget) -> list[QWidget]:
    """What Tab stops at in a pane, in reading order: itself, then its parts from top to bottom, side by side from the
    left, each with all that is in it.

    Qt's own chain is not asked: it follows the order in which widgets were made, and PySide takes what
    `nextInFocusChain` returns for a child of the widget asked, so that half of the window died with a form's field.
    """
    parts = [part for part in pane.findChildren(QWidget, options=_DIRECT) if part.isVisible() and not part.isWindow()]
    found = [pane] if pane.focusProxy() is None and _takes_tab(pane) else []
    for part in sorted(parts, key=functools.cmp_to_key(_reading_order)):
        found += stops(part)
    return found


def _reading_order(one: QWidget, other: QWidget) -> int:
    """Negative where `one` is read before `other`: it ends above its middle, or stands beside it to the left."""
    a, b = one.geometry(), other.geometry()
    if a.bottom() < b.center().y() and a.center().y() < b.top():
        return -1
    if b.bottom() < a.center().y() and b.center().y() < a.top():
        return 1
    return (a.left() - b.left()) or (a.top() - b.top())


def _takes_tab(widget: QWidget) -> bool:
    tab = Qt.FocusPolicy.TabFocus
    return (widget.focusPolicy() & tab) == tab and widget.isVisible() and widget.isEnabled()


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _focus_first(pane: QWidget) -> bool:
    for widget in stops(pane)[:1]:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        return True
    return False
