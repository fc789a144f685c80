"""The area left of a tree's rows, painted by us: styles fill it with a colour of their own where a row is selected."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QTreeView

from gui.theme import theme

CARET = 12


def paint_branch(
    view: QTreeView, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, ground: str
) -> None:
    """The token `ground` as background, and a caret where the row can be unfolded."""
    painter.fillRect(rect, theme.colour(ground))
    if view.model().hasChildren(index):
        icon = theme.icon("caret-down" if view.isExpanded(index) else "caret-right", "text3")
        left = rect.right() - (view.indentation() + CARET) // 2
        icon.paint(painter, left, rect.center().y() - CARET // 2 + 1, CARET, CARET)
