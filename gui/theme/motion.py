"""How long what moves takes: the house's times, or nothing where the system or the person wants no motion."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QStyle

CHOICES = ("system", "full", "reduced")
NODE, FIT = 160, 240  # milliseconds: a node that comes or goes; the way to another part of the canvas

_choice = "reduced"  # until the program has read the settings


def choice() -> str:
    return _choice


def choose(new_choice: str) -> None:
    """‘system’ follows what the platform says of animations; anything unknown does so too."""
    global _choice
    _choice = new_choice if new_choice in CHOICES else "system"


def milliseconds(full: int) -> int:
    """`full`, or 0 where motion is reduced."""
    return 0 if _reduced() else full


def _reduced() -> bool:
    if _choice != "system":
        return _choice == "reduced"
    style = QApplication.style()
    return style is not None and not style.styleHint(QStyle.StyleHint.SH_Widget_Animate)
