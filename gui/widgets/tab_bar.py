"""Tabs as the house draws them: icon, name, a count in a pill, and a line under the one that is open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QWidget

from gui.theme import theme
from gui.theme import tokens as t

PADDING, GAP, ICON = 10, 6, 15
COMPACT_PADDING = 5


class TabBar(QTabBar):
    """`add(title, icon)`; `set_count(index, n)` shows a pill, red where urgent; `set_compact` leaves only the icons."""

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setMouseTracking(True)
        self._icons: list[str] = []
        self._counts: dict[int, tuple[int, bool]] = {}
        self._compact = False
        theme.changed.connect(self._restyle)

    def add(self, title: str, icon: str = "") -> int:
        self.expect_icon(icon)
        return self.addTab(title)

    def expect_icon(self, icon: str) -> None:
        """The icon of the tab that is added next (QTabWidget adds tabs by itself)."""
        self._icons.append(icon)

    def _icon(self, index: int) -> str:
        return self._icons[index] if index < len(self._icons) else ""

    def set_count(self, index: int, count: int, urgent: bool = True) -> None:
        if self._counts.get(index, (0, urgent)) == (count, urgent):
            return
        self._counts[index] = (count, urgent)
        title = self.tabText(index)
        self.setAccessibleTabName(index, f"{title}, {count}" if count else title)
        self._restyle()

    def count_of(self, index: int) -> int:
        return self._counts.get(index, (0, False))[0]

    def set_compact(self, compact: bool) -> None:
        self._compact = compact
        for index in range(self.count()):
            self.setTabToolTip(index, self.tabText(index) if compact else "")
        self._restyle()

    def _restyle(self) -> None:
        # QTabBar lays its tabs out anew only when something about them changes
        for index in range(self.count()):
            self.setTabText(index, self.tabText(index))
        self.setUsesScrollButtons(False)
        self.updateGeometry()
        self.update()

    def tabSizeHint(self, index: int) -> QSize:
        height = round((t.TAB_HEIGHT - 1) * max(1.0, theme.scale))
        if self._compact:
            return QSize(ICON + 2 * COMPACT_PADDING + 1, height)
        width = 2 * PADDING + QFontMetrics(theme.font(t.BODY, 500)).horizontalAdvance(self.tabText(index)) + 1
        if self._icon(index):
            width += ICON + GAP
        if self.count_of(index):
            width += GAP + self._pill_width(index)
        return QSize(width, height)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def _pill_width(self, index: int) -> int:
        text = QFontMetrics(theme.font(t.AXIS, 600)).horizontalAdvance(str(self.count_of(index)))
        return max(round(16 * theme.scale), text + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = self.tabAt(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1
        for index in range(self.count()):
            self._paint_tab(painter, index, hovered == index)

    def _paint_tab(self, painter: QPainter, index: int, hovered: bool) -> None:
        rect, current = self.tabRect(index), index == self.currentIndex()
        token = "text" if current or hovered else "text2"
        if not self.isEnabled():
            token = "disabled"
        x = rect.left() + (COMPACT_PADDING if self._compact else PADDING)
        if self._icon(index):
            theme.icon(self._icon(index), token).paint(painter, x, rect.center().y() - ICON // 2, ICON, ICON)
            x += ICON + GAP
        if not self._compact:
            painter.setFont(theme.font(t.BODY, 500))
            painter.setPen(theme.colour(token))
            title = self.tabText(index)
            width = QFontMetrics(theme.font(t.BODY, 500)).horizontalAdvance(title)
            painter.drawText(QRectF(x, rect.top(), width + 4, rect.height()), Qt.AlignmentFlag.AlignVCenter, title)
            if self.count_of(index):
                self._paint_pill(painter, index, x + width + GAP, rect.center().y() + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        if current:
            painter.setBrush(theme.colour("accent"))
            inset = 2 if self._compact else 8
            painter.drawRoundedRect(QRectF(rect.left() + inset, rect.bottom() - 1, rect.width() - 2 * inset, 2), 1, 1)
        if current and self.hasFocus():
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(theme.colour("accent"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 3, -2, -3), 5, 5)

    def _paint_pill(self, painter: QPainter, index: int, x: float, middle: float) -> None:
        count, urgent = self._counts[index]
        height = round(16 * theme.scale)
        pill = QRectF(x, middle - height / 2, self._pill_width(index), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("err_fill" if urgent else "hover"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(theme.colour("on_accent" if urgent else "text2"))
        painter.setFont(theme.font(t.AXIS, 600))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(count))
