"""The data sets that come with the program: a picture of each, what it is and what it teaches; choose one.

The samples are drawn in a thread of their own while the gallery is open: the first time some sets take seconds to make.
"""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from engine.data import source
from engine.data.preview import Preview, preview
from engine.data.spec import SourceInfo
from engine.errors import StrataError
from engine.graph.design import DataChoice
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import label
from gui.widgets.popup import Popup
from gui.widgets.samples import paint_preview, told

INFO = Qt.ItemDataRole.UserRole
SAMPLES = Qt.ItemDataRole.UserRole + 1
CHOSEN = Qt.ItemDataRole.UserRole + 2
WIDTH, MOST_HEIGHT, ROW = 520, 620, 100
PICTURE = QSize(112, 80)
ASIDE = 28  # from the panel that it stands beside
POLL = 80  # milliseconds between two looks at what has been drawn
_Index = QModelIndex | QPersistentModelIndex


class Drawing:
    """Draws the previews of data sets in a thread, one after another. `take` gives what has come since, by name; None
    where nothing of a set can be shown."""

    def __init__(self, names: list[str]):
        self._names, self._stopped = names, threading.Event()
        self._drawn: deque[tuple[str, Preview | None]] = deque()
        self._thread = threading.Thread(target=self._draw, name="strata-gallery", daemon=True)
        self._thread.start()

    def _draw(self) -> None:
        for name in self._names:
            if self._stopped.is_set():
                return
            try:
                self._drawn.append((name, preview(source.open_data(DataChoice(name)))))
            except (StrataError, OSError):  # the panel says why, once the set is chosen
                self._drawn.append((name, None))

    def take(self) -> list[tuple[str, Preview | None]]:
        taken: list[tuple[str, Preview | None]] = []
        while self._drawn:
            taken.append(self._drawn.popleft())
        return taken

    @property
    def busy(self) -> bool:
        return self._thread.is_alive() or bool(self._drawn)

    def stop(self) -> None:
        """After the set that is being drawn."""
        self._stopped.set()


class Sets(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.infos = source.available()
        self.chosen = ""
        self._drawn: dict[str, Preview | None] = {}

    def set_chosen(self, name: str) -> None:
        self.chosen = name
        self.dataChanged.emit(self.index(0), self.index(len(self.infos) - 1))

    def add(self, name: str, drawn: Preview | None) -> None:
        self._drawn[name] = drawn
        row = next(row for row, info in enumerate(self.infos) if info.name == name)
        self.dataChanged.emit(self.index(row), self.index(row))

    def missing(self) -> list[str]:
        """The sets that are not drawn yet."""
        return [info.name for info in self.infos if info.name not in self._drawn]

    def row_of(self, name: str) -> int:
        return next((row for row, info in enumerate(self.infos) if info.name == name), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self.infos)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        info = self.infos[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return info.title
        if role == INFO:
            return info
        if role == SAMPLES:
            return self._drawn.get(info.name)
        if role == CHOSEN:
            return info.name == self.chosen
        if role == Qt.ItemDataRole.ToolTipRole:
            return info.teaches
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(info)
        return None

    def _spoken(self, info: SourceInfo) -> str:
        """Title, whether it is chosen, what it is and what it teaches; and what its picture shows."""
        drawn = self._drawn.get(info.name)
        title = info.title if info.synthetic else f"{info.title} (real)"  # a drawn set's title says what it is
        parts = [f"{title}, chosen" if info.name == self.chosen else title]
        parts += [info.summary.rstrip("."), info.teaches.rstrip("."), f"Shown: {told(drawn)}" if drawn else ""]
        return ". ".join(part for part in parts if part)


class SetLook(QStyledItemDelegate):
    """Picture at the left; title, what it is, what it teaches."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._pixmaps: dict[tuple[object, ...], QPixmap] = {}
        theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._pixmaps.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, round(ROW * max(1.0, theme.scale)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        info: SourceInfo = index.data(INFO)
        rect, state = QRect(option.rect), option.state  # type: ignore[attr-defined]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if selected else "hover"))
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), t.BUTTON_RADIUS, t.BUTTON_RADIUS)
        well = QRect(QPoint(rect.left() + 10, rect.center().y() - PICTURE.height() // 2), PICTURE)
        self._paint_picture(painter, well, info.name, index.data(SAMPLES))
        room = QRect(rect.adjusted(PICTURE.width() + 22, 8, -12, -8))
        self._paint_text(painter, room, info, bool(index.data(CHOSEN)))
        painter.restore()

    def _paint_picture(self, painter: QPainter, well: QRect, name: str, drawn: Preview | None) -> None:
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("canvas"))
        painter.drawRoundedRect(well, t.CHIP_RADIUS, t.CHIP_RADIUS)
        if drawn is None:
            painter.setFont(theme.font(t.CAPTION))
            painter.setPen(theme.colour("text3"))
            painter.drawText(well, Qt.AlignmentFlag.AlignCenter, "drawing…")
            return
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        key = (name, theme.tokens().name, ratio)
        if key not in self._pixmaps:
            inner = well.size() - QSize(8, 8)
            pixmap = QPixmap(inner * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            inside = QPainter(pixmap)
            paint_preview(inside, QRectF(0, 0, inner.width(), inner.height()), drawn)
            inside.end()
            self._pixmaps[key] = pixmap
        painter.drawPixmap(well.topLeft() + QPoint(4, 4), self._pixmaps[key])

    def _paint_text(self, painter: QPainter, room: QRect, info: SourceInfo, chosen: bool) -> None:
        painter.setFont(theme.font(t.NAME, 600))
        line = painter.fontMetrics().height()
        painter.setPen(theme.colour("text"))
        title = QRect(room.left(), room.top(), room.width(), line)
        if chosen:
            painter.save()
            painter.setFont(theme.font(t.CAPTION))
            painter.setPen(theme.colour("ok"))
            painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "chosen")
            painter.restore()
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, info.title)
        painter.setFont(theme.font(t.CAPTION))
        metrics = painter.fontMetrics()
        painter.setPen(theme.colour("text3"))
        summary = QRect(room.left(), title.bottom() + 2, room.width(), metrics.height())
        shown = metrics.elidedText(info.summary, Qt.TextElideMode.ElideRight, summary.width())
        painter.drawText(summary, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.colour("text2"))
        rest = QRect(room.left(), summary.bottom() + 3, room.width(), room.bottom() - summary.bottom() - 2)
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, info.teaches)


class Gallery(Popup):
    """`chosen(name)` when a person picks a set."""

    chosen = Signal(str)

    def __init__(self, window: QWidget):
        super().__init__("Data sets", window)
        self._over = window
        self._drawing: Drawing | None = None
        self._poll = QTimer(self, interval=POLL)
        self._poll.timeout.connect(self._take)
        self.sets = Sets(self)
        self.list = QListView(self)
        self.list.setAccessibleName("Data sets")
        self.list.setModel(self.sets)
        self.list.setItemDelegate(SetLook(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("role", "popup-list")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 10, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(label("Data sets that come with Strata", "name", self))
        layout.addWidget(self.list)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.closed.connect(self._on_closed)

    def open(self, beside: QWidget, chosen: str) -> None:
        """Show it left of `beside`, or over it where there is no room; `chosen` is the set that is in use."""
        window = self._over
        width = min(WIDTH, window.width() - 24)
        height = min(MOST_HEIGHT, window.height() - 48)
        corner = beside.mapTo(window, QPoint(0, 0))
        left = corner.x() - width - ASIDE
        self.setFixedSize(width, height)
        left = max(12, min(left, window.width() - width - 12))
        self.move(left, max(24, min(corner.y(), window.height() - height - 24)))
        self.sets.set_chosen(chosen)
        self.list.setCurrentIndex(self.sets.index(max(0, self.sets.row_of(chosen))))
        self.show_over(self.list)
        self._draw()

    def _draw(self) -> None:
        self._take()
        missing = self.sets.missing()
        if missing:
            self._drawing = Drawing(missing[::-1])  # pictures, which take longest to draw, come first in the list
            self._poll.start()

    def _take(self) -> None:
        if self._drawing is None:
            return
        for name, drawn in self._drawing.take():
            self.sets.add(name, drawn)
        if not self._drawing.busy:
            self._poll.stop()
            self._drawing = None

    def _on_closed(self) -> None:
        """Nothing is drawn that nobody looks at; what has come is kept."""
        self._poll.stop()
        if self._drawing is not None:
            self._drawing.stop()

    def _choose(self, index: QModelIndex) -> None:
        if self.isVisible() and index.isValid():
            name = self.sets.infos[index.row()].name
            self.close_it()
            self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)
