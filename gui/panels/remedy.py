"""The button of a remedy: it says beforehand, in its tooltip, what it will change."""

from __future__ import annotations

from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QPushButton, QWidget

from engine.check.report import Fix
from gui.document import Document
from gui.theme import theme


class FixButton(QPushButton):
    """One press applies the remedy, as one undo step. `show_fix` gives it another one."""

    def __init__(self, document: Document, fix: Fix | None = None, strong: bool = False, parent: QWidget | None = None):
        super().__init__(theme.icon("wrench", "on_accent" if strong else "text2"), "", parent)
        self.setProperty("role", "primary" if strong else "")
        self._document = document
        self._fix: Fix | None = None
        self.show_fix(fix)
        self.clicked.connect(self._apply)

    def show_fix(self, fix: Fix | None) -> None:
        self._fix = fix
        self.setText(fix.label if fix else "")
        self.setAccessibleName(fix.label if fix else "")

    def enterEvent(self, event: QEnterEvent) -> None:
        self._foretell()
        super().enterEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._foretell()
        super().focusInEvent(event)

    def _foretell(self) -> None:
        """Asked when a person looks at it: to try every remedy of a hundred rows beforehand would take long."""
        told = self._document.foretold(self._fix) if self._fix is not None else ""
        self.setToolTip(told)
        self.setAccessibleDescription(told)

    def _apply(self) -> None:
        if self._fix is not None:
            self._document.apply_fix(self._fix)
