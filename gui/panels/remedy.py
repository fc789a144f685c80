"""The button of a remedy: it says beforehand, in its tooltip and on the canvas, what it will change."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHideEvent
from PySide6.QtWidgets import QWidget

from engine.check.report import Fix
from gui.document import Document
from gui.theme import theme
from gui.widgets.buttons import ElidedButton


class FixButton(ElidedButton):
    """One press applies the remedy, as one undo step. `show_fix` gives it another one."""

    def __init__(self, document: Document, fix: Fix | None = None, strong: bool = False, parent: QWidget | None = None):
        super().__init__(parent=parent)
        self.setIcon(theme.icon("wrench", "on_accent" if strong else "text2"))
        self.setProperty("role", "primary" if strong else "")
        self._document = document
        self._fix: Fix | None = None
        self._pointing = False
        self.show_fix(fix)
        self.clicked.connect(self._apply)

    def show_fix(self, fix: Fix | None) -> None:
        self._fix = fix
        self.setText(fix.label if fix else "")
        self.setAccessibleName(fix.label if fix else "")

    def enterEvent(self, event: QEnterEvent) -> None:
        self._foretell()
        self._point(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(False)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._foretell()
        self._point(True)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._point(False)
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._point(False)
        super().hideEvent(event)

    def _point(self, pointing: bool) -> None:
        """What it would work on is marked on the canvas while the mouse or the focus is here."""
        if pointing or self._pointing:
            self._pointing = pointing
            self._document.point_at(self._fix if pointing else None)

    def _foretell(self) -> None:
        """Asked when a person looks at it: to try every remedy of a hundred rows beforehand would take long."""
        told = self._document.foretold(self._fix) if self._fix is not None else ""
        self.setToolTip(told)
        self.setAccessibleDescription(told)

    def _apply(self) -> None:
        if self._fix is not None:
            self._document.apply_fix(self._fix)
