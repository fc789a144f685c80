"""Fields in which something is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox

INDENT = 7


def indent(spin: QAbstractSpinBox) -> None:
    """Keep the number off the left edge: style sheets have no say over where a spin box puts its text."""
    spin.lineEdit().setTextMargins(INDENT, 0, 0, 0)
