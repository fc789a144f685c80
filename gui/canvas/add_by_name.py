"""Add a layer by typing its name: a small panel on the canvas, never a dialog."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from engine.catalog import catalog
from engine.catalog.spec import LayerSpec
from engine.errors import nearest
from gui.theme import theme

WIDTH, ROW, MOST_ROWS = 288, 30, 8
_OWN = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.Wheel,
    QEvent.Type.ContextMenu,
)
KIND = Qt.ItemDataRole.UserRole


def ranked(query: str, rows: list[LayerSpec], refused: Mapping[str, str] = MappingProxyType({})) -> list[LayerSpec]:
    """Rows that hold the letters of `query` in their order; the best match first, the catalogue's order after that.

    `refused` are the kinds that cannot stand at the end of a wire, and why: they come after all that can."""
    wanted = query.strip().lower().replace(" ", "")
    scored: list[tuple[bool, int, int, LayerSpec]] = []
    for index, row in enumerate(rows):
        score = _score(wanted, row) if wanted else 0
        if score is not None:
            scored.append((row.kind in refused, score, index, row))
    return [row for *_, row in sorted(scored, key=lambda item: item[:3])]


def _score(wanted: str, row: LayerSpec) -> int | None:
    name, title = row.kind.lower(), row.title.lower().replace(" ", "")
    if wanted in (name, title):
        return 0
    if name.startswith(wanted) or title.startswith(wanted):
        return 1
    if wanted in name or wanted in title:
        return 2
    if wanted in row.family.lower().replace(" ", ""):
        return 3
    letters = iter(name)
    return 4 + len(name) if all(letter in letters for letter in wanted) else None


_OWN_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_F2, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class AddByName(QFrame):
    """Type, choose with up and down, Enter adds, Esc closes. `chosen` gives the kind."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._room = parent
        self._refused: Mapping[str, str] = {}
        self.setObjectName("popup")
        self.setAccessibleName("Add layer by name")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setFixedWidth(WIDTH)
        self._query = QLineEdit(placeholderText="Name of a layer")
        self._query.setAccessibleName("Add layer by name")
        self.setFocusProxy(self._query)  # a click on the panel's edge leaves the focus where it is
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._list = QListWidget()
        self._list.setAccessibleName("Matching layers")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setIconSize(QSize(16, 16))
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._why_not = QLabel(wordWrap=True)
        self._why_not.setTextFormat(Qt.TextFormat.PlainText)
        self._why_not.setAccessibleName("Why it does not fit")
        self._empty = QLabel(wordWrap=True)
        self._suggestion = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self._query, self._list, self._why_not, self._empty, self._suggestion):
            layout.addWidget(part)
        self._query.textChanged.connect(self._on_text_changed)
        self._query.installEventFilter(self)
        self._list.currentRowChanged.connect(self._show_why_not)
        self._list.itemClicked.connect(lambda item: self._choose(item.data(KIND)))
        self._suggestion.clicked.connect(lambda: self._choose(self._suggestion.property("kind")))
        self._dress()
        theme.changed.connect(self._dress)
        self.hide()

    def _dress(self) -> None:
        self.setStyleSheet(
            f"QFrame#popup {{ background: {theme.tokens().raised}; border: 1px solid {theme.tokens().line_strong};"
            " border-radius: 8px; }"
        )

    def open_at(self, where: QPoint, refused: Mapping[str, str] = MappingProxyType({})) -> None:
        """Show it with its top left corner at `where`, in the parent's pixels, moved so that all of it is seen.
        `refused` are kinds that do not fit where the layer goes, and why: they are dimmed, yet can be chosen."""
        self._refused = refused
        self._query.clear()
        self._fill("")
        room = self._room.rect()
        x = max(4, min(where.x(), room.width() - WIDTH - 4))
        y = max(4, min(where.y(), room.height() - self.sizeHint().height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self._query.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_it(self) -> None:
        """`closed` tells that nobody has the focus now. Where another has taken it, it is only put away."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    # -- the list -----------------------------------------------------------------------------
    def _on_text_changed(self, text: str) -> None:
        self._fill(text)

    def _fill(self, query: str) -> None:
        rows = list(catalog.load().layers.values())
        found = ranked(query, rows, self._refused)
        self._list.clear()
        for row in found:
            item = QListWidgetItem(QIcon(theme.glyph(row.family, 16, self.devicePixelRatioF())), row.title)
            item.setData(KIND, row.kind)
            why_not = self._refused.get(row.kind, "")
            item.setToolTip(why_not or row.summary)
            spoken = f"{row.title}, {row.family}" + (f", does not fit: {why_not}" if why_not else "")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            if why_not:
                item.setForeground(theme.colour("disabled"))
            item.setSizeHint(QSize(0, ROW))
            self._list.addItem(item)
        self._list.setVisible(bool(found))
        if found:
            self._list.setCurrentRow(0)
            self._list.setFixedHeight(min(len(found), MOST_ROWS) * ROW + 4)
        self._show_empty(query if not found else "", rows)
        self._show_why_not()
        self.adjustSize()

    def _show_why_not(self) -> None:
        """Why the layer that is chosen in the list does not fit."""
        item = self._list.currentItem()
        why_not = self._refused.get(item.data(KIND), "") if item is not None else ""
        self._why_not.setText(why_not)
        self._why_not.setVisible(bool(why_not))
        self.adjustSize()

    def _show_empty(self, query: str, rows: list[LayerSpec]) -> None:
        titles = {row.title: row.kind for row in rows}
        close = nearest(query.strip(), titles) if query else None
        if query:
            hint = f" Did you mean {close}?" if close else ""
            self._empty.setText(f"No layer called ‘{query.strip()}’.{hint}")
        self._empty.setVisible(bool(query))
        self._suggestion.setVisible(close is not None)
        if close is not None:
            self._suggestion.setText(f"Add {close}")
            self._suggestion.setAccessibleName(f"Add {close}")
            self._suggestion.setProperty("kind", titles[close])

    def event(self, event: QEvent) -> bool:
        """What the parts leave over ends here: the canvas below must not see it."""
        handled = super().event(event)
        if event.type() in _OWN:
            event.accept()
            return True
        return handled

    # -- keys ---------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._query and event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in _OWN_KEYS:
                event.accept()  # else the canvas' own shortcuts would take them
                return True
            return False
        if watched is self._query and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        if watched is self._query and event.type() == QEvent.Type.FocusOut:
            to = self.window().focusWidget()
            if to is not None and not self.isAncestorOf(to):
                self.hide()
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_it()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self._list.currentItem()
            if item is not None:
                self._choose(item.data(KIND))
            elif self._suggestion.isVisible():
                self._choose(self._suggestion.property("kind"))
        elif key == Qt.Key.Key_Tab:
            pass
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.count():
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
        else:
            return False
        return True

    def _choose(self, kind: str) -> None:
        self.close_it()
        self.chosen.emit(kind)
