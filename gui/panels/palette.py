"""All layers, by family: search, drag to the canvas, or add with Enter after the selected one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.catalog import catalog
from gui.adding import add_layer
from gui.document import Document
from gui.panels.palette_model import FAMILY_ROLE, KIND_ROLE, PaletteFilter, PaletteModel
from gui.panels.palette_view import PaletteDelegate, PaletteView
from gui.shortcuts import in_force
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.containers import EmptyState, SearchField
from gui.widgets.labels import label, rule

RECENT = 4


class Palette(QWidget):
    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Layers")
        self._document = document
        self._recent: list[str] = []
        self._open: set[str] = set()  # families that stay open when a search ends
        self.model = PaletteModel(self)
        self.filter = PaletteFilter(self.model, self)
        self.search = SearchField(f"Search {len(self.model.layers)} layers", parent=self)
        self.view = PaletteView(self)
        self._set_up_view()
        self._nothing = EmptyState("magnifying-glass", "", "Add", self)
        self._recent_row = QWidget(self)
        self._recent_layout = QHBoxLayout(self._recent_row)
        self._recent_layout.setContentsMargins(0, 0, 0, 0)
        self._recent_layout.setSpacing(4)
        self._recent_row.hide()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._nothing)
        self._hint = label("", "caption", self, wrap=True)
        self._full, self._compact = QWidget(self), self._make_compact()
        column = QVBoxLayout(self._full)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(6)
        for part in (self.search, self._recent_row):
            row = QHBoxLayout()
            row.setContentsMargins(10, 0, 10, 0)
            row.addWidget(part)
            column.addLayout(row)
        middle = QHBoxLayout()
        middle.setContentsMargins(6, 0, 0, 0)
        middle.addWidget(self._stack)
        column.addLayout(middle, 1)
        column.addWidget(rule(parent=self))
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 10, 0)
        foot.addWidget(self._hint)
        column.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._full)
        layout.addWidget(self._compact)
        self._compact.hide()
        self.setMinimumWidth(t.COMPACT_PALETTE_WIDTH)

        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_search_entered)
        self.search.installEventFilter(self)
        self.view.added.connect(self.add)
        self._nothing.clicked.connect(self._on_closest)
        theme.changed.connect(self.view.viewport().update)
        in_force.changed.connect(self._tell_keys)
        self._tell_keys()

    def _tell_keys(self) -> None:
        """The keys that lead here and past it are those in force."""
        self.search.set_hint(in_force.hint("find_layer"))
        key = in_force.hint("add_layer")
        by_name = f", or press {key} on the canvas to add by name" if key else ""
        self._hint.setText(f"Drag to the canvas{by_name}.")

    def add(self, kind: str) -> None:
        """Add a layer after the selected one, and wire it where it can be."""
        selected = [n for n in self._document.design.graph.nodes if n in self._document.selection]
        add_layer(self._document, kind, after=selected[-1] if len(selected) == 1 else None)
        self._remember(kind)

    @property
    def has_search(self) -> bool:
        """Whether the search has room: not in a narrow window."""
        return self._compact.isHidden()

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_compact(self, compact: bool) -> None:
        """Only icons, one for each family, each with a menu of its layers: for narrow windows."""
        self._full.setVisible(not compact)
        self._compact.setVisible(compact)

    # -- building -------------------------------------------------------------------------
    def _set_up_view(self) -> None:
        view = self.view
        view.setAccessibleName("Layers")
        view.setModel(self.filter)
        view.setItemDelegate(PaletteDelegate(view))
        view.setHeaderHidden(True)
        view.setIndentation(14)
        view.setMouseTracking(True)
        view.setDragEnabled(True)
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setExpandsOnDoubleClick(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.clicked.connect(self._on_clicked)
        view.expanded.connect(lambda index: self._on_folded(index, True))
        view.collapsed.connect(lambda index: self._on_folded(index, False))
        for row in range(self.filter.rowCount()):
            index = self.filter.index(row, 0)
            if index.data(FAMILY_ROLE) in ("Linear", "Convolution"):  # so that it is seen what can be dragged
                view.expand(index)

    def _make_compact(self) -> QWidget:
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Layer families")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(6, 8, 6, 8)
        column.setSpacing(4)
        for row in range(self.model.rowCount()):
            family = self.model.index(row, 0).data(FAMILY_ROLE)
            button = IconButton("circle", family, size=34)
            button.setIcon(theme.glyph_icon(family))
            button.setIconSize(QSize(18, 18))
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            menu = QMenu(button)
            menu.setAccessibleName(family)
            for spec in self.model.layers:
                if spec.family == family:
                    action = menu.addAction(spec.title)
                    action.triggered.connect(lambda _checked=False, kind=spec.kind: self.add(kind))
            button.setMenu(menu)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        area.setWidget(page)
        return area

    # -- searching ------------------------------------------------------------------------
    def _on_search(self, text: str) -> None:
        self.filter.search(text)
        if self.filter.text:
            self.view.expandAll()
            best = self._index_of(self.filter.best)
            if best.isValid():
                self.view.setCurrentIndex(best)
        else:
            for row in range(self.filter.rowCount()):
                index = self.filter.index(row, 0)
                self.view.setExpanded(index, index.data(FAMILY_ROLE) in self._open)
        found = self.filter.rowCount() > 0
        self._stack.setCurrentIndex(0 if found else 1)
        if not found:
            closest = self.filter.closest
            guess = f" Did you mean {closest.title}?" if closest else ""
            self._nothing.set_sentence(f"No layer called ‘{self.filter.text}’.{guess}")
            self._nothing.button.setVisible(closest is not None)
            if closest:
                self._nothing.button.setText(f"Add {closest.title}")
                self._nothing.button.setAccessibleName(f"Add {closest.title}")

    def _on_search_entered(self) -> None:
        current = self.view.currentIndex()
        kind = current.data(KIND_ROLE) if self.filter.text and current.isValid() else self.filter.best
        if kind and self._stack.currentIndex() == 0:
            self.add(kind)

    def _on_closest(self) -> None:
        closest = self.filter.closest
        if closest is not None:
            self.search.clear()
            self.add(closest.kind)

    def _index_of(self, kind: str | None) -> QModelIndex:
        for row in range(self.filter.rowCount()):
            family = self.filter.index(row, 0)
            for child in range(self.filter.rowCount(family)):
                index = self.filter.index(child, 0, family)
                if kind and index.data(KIND_ROLE) == kind:
                    return index
        return QModelIndex()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys in the search field move in the list; Escape empties the field."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            key = event.key()  # type: ignore[attr-defined]
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if key == Qt.Key.Key_Down else -1)
                return True
            if key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        """To the next or previous kind, past the families."""
        index = self.view.currentIndex()
        if not index.isValid():
            index = self.filter.index(0, 0)
        while index.isValid():
            index = self.view.indexBelow(index) if step > 0 else self.view.indexAbove(index)
            if index.isValid() and index.data(KIND_ROLE):
                self.view.setCurrentIndex(index)
                return

    # -- families and recent ones -----------------------------------------------------------
    def _on_clicked(self, index: QModelIndex) -> None:
        """A click anywhere on a family folds it."""
        if not index.data(KIND_ROLE):
            self.view.setExpanded(index, not self.view.isExpanded(index))

    def _on_folded(self, index: QModelIndex, is_open: bool) -> None:
        if not self.filter.text:
            change: Callable[[str], None] = self._open.add if is_open else self._open.discard
            change(index.data(FAMILY_ROLE))

    def _remember(self, kind: str) -> None:
        """The layers added last, as buttons above the list."""
        if kind in self._recent:
            return
        self._recent = [kind, *self._recent][:RECENT]
        while (item := self._recent_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        title: QLabel = label("Recent", "caption")
        self._recent_layout.addWidget(title)
        for name in self._recent:
            spec = catalog.spec(name)
            button = IconButton("circle", f"Add {spec.title}", size=26)
            button.setIcon(theme.glyph_icon(spec.family))
            button.clicked.connect(lambda _checked=False, kind=name: self.add(kind))
            self._recent_layout.addWidget(button)
        self._recent_layout.addStretch(1)
        self._recent_row.show()
