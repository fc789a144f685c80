"""The tree of the palette: how its rows look, what Enter and a double click do, what hangs on the pointer in a drag."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from gui.panels.branches import paint_branch
from gui.panels.palette_model import COUNT_ROLE, FAMILY_ROLE, KIND_ROLE, SUMMARY_ROLE
from gui.theme import theme
from gui.theme import tokens as t

FAMILY_HEIGHT, KIND_HEIGHT = 29, 38


class PaletteDelegate(QStyledItemDelegate):
    """A family in one line with its count; a kind in two: name, and what it does."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = KIND_HEIGHT if index.data(KIND_ROLE) else FAMILY_HEIGHT
        return QSize(120, round(height * max(1.0, theme.scale)))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        kind = bool(index.data(KIND_ROLE))
        hovered, chosen = bool(state & QStyle.StateFlag.State_MouseOver), bool(state & QStyle.StateFlag.State_Selected)
        if hovered or chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(rect.adjusted(-2 if kind else 0, 0, -6, -1), 5, 5)
        if kind:
            self._paint_kind(painter, rect, index, hovered or chosen)
        else:
            self._paint_family(painter, rect, index)
        painter.restore()

    def _paint_family(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        self._glyph(painter, rect, index, 16)
        painter.setFont(theme.font(t.BODY, 500))
        painter.setPen(theme.colour("text"))
        painter.drawText(rect.adjusted(26, 0, -40, 0), Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.setFont(theme.font(t.CAPTION))
        painter.setPen(theme.colour("text3"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect.adjusted(0, 0, -12, 0), right, str(index.data(COUNT_ROLE)))

    def _paint_kind(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, lively: bool
    ) -> None:
        self._glyph(painter, rect, index, 15)
        text = rect.adjusted(26, 4, -22 if lively else -8, -4)  # the handle takes its room while it shows
        name, caption = theme.font(t.BODY), theme.font(t.AXIS)
        painter.setFont(name)
        painter.setPen(theme.colour("text"))
        half = text.height() // 2
        upper = QRect(text.left(), text.top(), text.width(), half)
        lower = QRect(text.left(), text.top() + half, text.width(), half)
        elide = Qt.TextElideMode.ElideRight
        title = QFontMetrics(name).elidedText(index.data(), elide, text.width())
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(caption)
        painter.setPen(theme.colour("text3"))
        summary = QFontMetrics(caption).elidedText(index.data(SUMMARY_ROLE), elide, text.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, summary)
        if lively:  # a handle: it can be dragged
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("text3"))
            for row in range(3):
                for column in range(2):
                    painter.drawEllipse(rect.right() - 18 + column * 5, rect.center().y() - 5 + row * 5, 2, 2)

    def _glyph(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, size: int) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixmap = theme.glyph(index.data(FAMILY_ROLE), size, ratio)
        painter.drawPixmap(QPoint(rect.left() + 4, rect.center().y() - size // 2 + 1), pixmap)


class PaletteView(QTreeView):
    """Enter or double-click adds (`added(kind)`), a drag carries the kind."""

    added = Signal(str)

    def drawBranches(  # type: ignore[override]
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The selection is a rounded band of the delegate's: nothing of it stands left of the row."""
        paint_branch(self, painter, rect, index, "panel")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activate_index(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: object) -> None:
        index = self.indexAt(event.position().toPoint())  # type: ignore[attr-defined]
        if index.isValid() and index.data(KIND_ROLE):
            self.added.emit(index.data(KIND_ROLE))
            return
        super().mouseDoubleClickEvent(event)  # type: ignore[arg-type]

    def activate_index(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        if index.data(KIND_ROLE):
            self.added.emit(index.data(KIND_ROLE))
        else:
            self.setExpanded(index, not self.isExpanded(index))

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag a card with glyph and name."""
        index = self.currentIndex()
        if not index.data(KIND_ROLE):
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([index]))
        pixmap = card(index.data(FAMILY_ROLE), index.data(), self.devicePixelRatioF())
        drag.setPixmap(pixmap)
        drag.setHotSpot(QPoint(16, 16))
        drag.exec(Qt.DropAction.CopyAction)


def card(family: str, title: str, ratio: float) -> QPixmap:
    """What hangs on the pointer while a layer is dragged."""
    font = theme.font(t.BODY, 600)
    width = QFontMetrics(font).horizontalAdvance(title) + 48
    pixmap = QPixmap(round(width * ratio), round(34 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("sel"))
    painter.setBrush(theme.colour("node"))
    painter.drawRoundedRect(1, 1, width - 2, 32, 8, 8)
    painter.drawPixmap(QPoint(12, 9), theme.glyph(family, 16, ratio))
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    painter.drawText(QRect(36, 0, width - 40, 34), Qt.AlignmentFlag.AlignVCenter, title)
    painter.end()
    return pixmap
