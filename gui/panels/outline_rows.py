"""How a row of the Outline is painted: what has no column of its own stands on a second line below the name."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from gui.panels.outline_model import KIND, NAME, OUTPUT, SIZE, SOURCES
from gui.theme import theme
from gui.theme import tokens as t

Index = QModelIndex | QPersistentModelIndex
ONE_LINE, TWO_LINES = 28, 38  # height of a row at 100 % text size
SPOKEN = (KIND, SIZE, OUTPUT, SOURCES)  # what may stand on the second line, in this order


class OutlineDelegate(QStyledItemDelegate):
    """`folded` holds the columns that the dock has no room for."""

    folded: frozenset[int] = frozenset()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The line in which a layer is renamed says what it is."""
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(f"Name of {index.data()}")
        return editor

    def second_line(self, index: Index) -> str:
        """‘Conv2d · 16 filters · from pool1’."""
        texts = []
        for column in SPOKEN:
            text = index.sibling(index.row(), column).data() if column in self.folded else ""
            if text:
                texts.append(f"from {text}" if column == SOURCES else text)
        return " · ".join(texts)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = TWO_LINES if self.folded else ONE_LINE
        return QSize(super().sizeHint(option, index).width(), round(height * max(1.0, theme.scale)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not self.folded:
            super().paint(painter, option, index)
        elif index.column() == NAME:
            self._paint_name(painter, option, index)
        else:
            self._paint_beside(painter, option, index)

    def _paint_beside(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell of another column: its text on the first line, and below it what the name's second line goes on
        with, for that has the whole row."""
        self.initStyleOption(option, index)
        text, rect = option.text, QRect(option.rect)  # type: ignore[attr-defined]
        option.text = ""  # type: ignore[attr-defined]
        view = option.widget  # type: ignore[attr-defined]
        assert isinstance(view, QTreeView)
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, view)
        upper = rect.adjusted(5, 3, -4, -3)
        upper.setHeight(upper.height() // 2)
        self._write(painter, upper, text, t.BODY, index.data(Qt.ItemDataRole.ForegroundRole))
        painter.save()
        painter.setClipRect(rect)
        name = view.visualRect(index.sibling(index.row(), NAME))
        self._write_second(painter, option, name, index.sibling(index.row(), NAME))
        painter.restore()

    def _write_second(self, painter: QPainter, option: QStyleOptionViewItem, name: QRect, index: Index) -> None:
        """From below the name to the end of the row."""
        side = option.decorationSize.width()  # type: ignore[attr-defined]
        text = name.adjusted(5 + side + 8, 3, 0, -3)
        view = option.widget  # type: ignore[attr-defined]
        text.setRight((view.viewport().width() if isinstance(view, QTreeView) else name.right()) - 4)
        lower = text.adjusted(0, text.height() // 2, 0, 0)
        self._write(painter, lower, self.second_line(index), t.AXIS, theme.colour("text3"))

    def _paint_name(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        name, icon, rect = option.text, QIcon(option.icon), QRect(option.rect)  # type: ignore[attr-defined]
        option.text, option.icon = "", QIcon()  # type: ignore[attr-defined]
        widget = option.widget  # type: ignore[attr-defined]
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        side = option.decorationSize.width()  # type: ignore[attr-defined]
        left = rect.left() + 5
        icon.paint(painter, left, rect.top() + (rect.height() - side) // 2, side, side)
        text = rect.adjusted(5 + side + 8, 3, -4, -3)
        half = text.height() // 2
        upper = text.adjusted(0, 0, 0, half - text.height())
        self._write(painter, upper, name, t.BODY, index.data(Qt.ItemDataRole.ForegroundRole))
        painter.save()
        painter.setClipRect(rect)
        self._write_second(painter, option, rect, index)
        painter.restore()

    def _write(self, painter: QPainter, where: QRect, text: str, size: float, colour: QColor) -> None:
        font = theme.font(size)
        painter.setFont(font)
        painter.setPen(colour)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, shown)
