"""The command palette: type a few letters, choose with up and down, Enter does it. What was chosen last comes first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QMainWindow, QTreeView, QVBoxLayout

from engine.graph.model import NodeId
from gui.actions import ROWS
from gui.canvas.view import CanvasView
from gui.command_palette import entries
from gui.command_palette.rows import RowLook, Rows, spoken
from gui.document import Document
from gui.settings import Settings
from gui.shortcuts.bound import Actions
from gui.widgets.labels import label
from gui.widgets.numbers import plural, thousands
from gui.widgets.popup import Popup

WIDTH, TOP, MOST_ROWS = 600, 84, 12
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST_ROWS, Qt.Key.Key_PageUp: -MOST_ROWS}


class CommandPalette(Popup):
    def __init__(
        self, document: Document, canvas: CanvasView, actions: Actions, settings: Settings, window: QMainWindow
    ):
        super().__init__("Command palette", window)
        self._document, self._canvas, self._actions, self._settings = document, canvas, actions, settings
        self._window = window
        self.query = QLineEdit(placeholderText="Type the name of a command, a layer or a setting")
        self.query.setAccessibleName("Command palette")
        self.rows = Rows(self)
        self.list = QListView(self)
        self.list.setAccessibleName("Matching commands")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(RowLook(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setProperty("role", "popup-list")
        self.note = label("", "caption", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.query, self.list, self.note):
            layout.addWidget(part)
        self.query.textChanged.connect(self._search)
        self.query.installEventFilter(self)
        self.list.clicked.connect(lambda index: self._choose(index.row()))

    def open(self) -> None:
        """Show it, with all that can be done now; where it is open already, close it."""
        if self.isVisible():
            self.close_it()
            return
        menus = entries.of_menus(self._window.menuBar(), self._actions)
        usable = [entry for entry in menus if entry.enabled and entry.id != "command_palette"]
        commands = [entry for entry in usable if entry.id in ROWS]
        others = [entry for entry in usable if entry.id not in ROWS]
        useless = [entry for entry in menus if not entry.enabled]
        nodes = entries.of_nodes(self._document.design.graph, self._go_to)
        drawn = entries.of_drawn(self._document.design, self._go_to_drawn)
        layers = entries.of_layers(self._add)
        self.rows.set_entries([*commands, *layers, *others, *nodes, *drawn, *useless], self._settings.recent_commands)
        self.query.clear()
        self._search("")
        room = self._window.rect()
        width = min(WIDTH, room.width() - 32)
        self.setFixedWidth(width)
        self.move((room.width() - width) // 2, TOP)
        self.show_over(self.query)

    # -- what it does ---------------------------------------------------------------------------
    def _choose(self, row: int) -> None:
        if not 0 <= row < self.rows.rowCount():
            return
        entry = self.rows.entry(row)
        if not entry.enabled:
            return
        recent = [entry.id, *(name for name in self._settings.recent_commands if name != entry.id)]
        self._settings.recent_commands = recent
        self.close_it()  # before: what is done may open something else
        entry.act()

    def _add(self, kind: str) -> None:
        """After the one selected layer, as from the palette of layers."""
        selection = self._document.selection
        self._canvas.add_layer(kind, after=next(iter(selection)) if len(selection) == 1 else None)
        if not isinstance(QApplication.focusWidget(), QTreeView):  # the Outline keeps it, and shows what was added
            self._canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_to(self, node: NodeId) -> None:
        if node in self._document.design.graph.nodes:
            self._document.select(frozenset({node}))
            self._canvas.centre_on(node)
            self._canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go_to_drawn(self, drawn: str) -> None:
        if drawn in self._canvas.drawn.notes or drawn in self._canvas.drawn.frames:
            self._canvas.select_drawn(frozenset({drawn}))
            self._canvas.reveal_rect(QRectF(*self._canvas.drawn.rectangle(drawn)))
            self._canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- the list -------------------------------------------------------------------------------
    def _search(self, text: str) -> None:
        self.rows.search(text)
        count = self.rows.rowCount()
        height = self.list.sizeHintForRow(0) if count else 0
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(min(count, MOST_ROWS) * height + 4)
        self.note.setVisible(count == 0 or count < self.rows.found)
        more = f"{thousands(self.rows.found)} fit: type on to find the rest."
        self.note.setText(more if count else f"Nothing is called ‘{text.strip()}’.")
        self._go(0)
        self.adjustSize()

    def _go(self, row: int) -> None:
        """Make a row the current one, and tell who does not see it."""
        count = self.rows.rowCount()
        if not count:
            self.query.setAccessibleDescription(self.note.text())
            return
        row = max(0, min(row, count - 1))
        self.list.setCurrentIndex(self.rows.index(row))
        told = f"{spoken(self.rows.entry(row))}. {thousands(row + 1)} of {plural(self.rows.found, 'entry', 'entries')}"
        self.query.setAccessibleDescription(told)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field has the focus; what moves in the list or chooses comes from it."""
        if watched is not self.query or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        moves = event.key() in _STEPS or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
        if event.type() == QEvent.Type.ShortcutOverride and moves and not event.modifiers():
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and moves:
            self._on_key(event.key())
            return True
        return super().eventFilter(watched, event)

    def _on_key(self, key: int) -> None:
        count, current = self.rows.rowCount(), self.list.currentIndex().row()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and count:
            self._go((current + _STEPS[Qt.Key(key)]) % count)
        elif key in _STEPS:
            self._go(current + _STEPS[Qt.Key(key)])
        elif key != Qt.Key.Key_Tab:
            self._choose(current)
