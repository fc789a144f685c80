"""The canvas as a tree: the same nodes, readable and editable without seeing the picture."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from engine.graph.model import NodeId
from gui.document import Document
from gui.panels.branches import paint_branch
from gui.panels.outline_model import KIND, NAME, OUTPUT, SIZE, SOURCES, STATE, OutlineModel
from gui.panels.outline_rows import OutlineDelegate
from gui.shortcuts.bound import Actions
from gui.theme import theme
from gui.widgets.containers import EmptyState

WIDTHS = {NAME: 124, KIND: 120, SIZE: 84, OUTPUT: 84, STATE: 72, SOURCES: 92}  # at 100 % text size
FRAME = 2  # width of the line around the row where the keys are
DROPPED = (SIZE, SOURCES, KIND, OUTPUT)  # what gives way where there is no room, in this order; name and state never


class OutlineView(QTreeView):
    """The commands of the graph are its actions. Letters search; `refused()` where a command is meant for what is
    inside a block, which can only be looked at."""

    refused = Signal()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        """The selected row is one band, from its very beginning."""
        chosen = self.selectionModel().isSelected(index)
        paint_branch(self, painter, rect, index, "accent_soft" if chosen else "panel")

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        """The row where the keys are has a frame: it may be another than those that are selected."""
        super().drawRow(painter, option, index)
        if self.hasFocus() and index.siblingAtColumn(NAME) == self.currentIndex().siblingAtColumn(NAME):
            painter.save()
            painter.setPen(QPen(theme.colour("accent"), FRAME))
            inset = (FRAME + 1) // 2
            painter.drawRect(self.row_rect(option.rect).adjusted(inset, inset, -inset, -inset))  # type: ignore[attr-defined]
            painter.restore()

    def row_rect(self, rect: QRect) -> QRect:
        """The whole row, as far as it is in sight."""
        return QRect(0, rect.top(), self.viewport().width(), rect.height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by key stands on a row that is in sight."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self.model().index(0, NAME), flags)
        self.scrollTo(self.currentIndex())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            letter = not held and event.text() != "" and event.text().isprintable()
            if letter or (self.inside() is not None and self._is_command(event)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.inside() is not None and self._is_command(event):
            self.refused.emit()
        else:
            super().keyPressEvent(event)

    def inside(self) -> QModelIndex | None:
        """The first of the selected rows that stand inside a block."""
        return next((i for i in self.selectionModel().selectedRows() if i.parent().isValid()), None)

    def _is_command(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return any(pressed in action.shortcuts() for action in self.actions())


class Outline(QWidget):
    """`node_requested(NodeId)` when a row is activated (Enter): the canvas may bring the node into sight."""

    node_requested = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Outline")
        self._document = document
        self.commands: Actions | None = None  # of the window; the context menu is made of them
        self._following = False  # the selection is being brought in line, not changed by a person
        self.model = OutlineModel(document, self)
        self.view = OutlineView(self)
        self.view.setAccessibleName("Outline")
        self.view.setModel(self.model)
        self.delegate = OutlineDelegate(self.view)
        self.view.setItemDelegate(self.delegate)
        self.view.setUniformRowHeights(True)
        self.view.setIconSize(QSize(14, 14))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.view.header()
        header.setAccessibleName("Outline columns")
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)  # the name takes what is left
        header.setMinimumSectionSize(24)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._empty = EmptyState("tree-structure", "The layers of the graph are listed here.", parent=self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)

        self.view.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.view.refused.connect(self._on_refused)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self.open_menu_at)
        self.view.activated.connect(self._on_activated)
        document.selection_changed.connect(lambda _nodes: self._follow_selection())
        model = self.model
        for signal in (model.modelReset, model.layoutChanged, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._on_rows_changed)
        theme.changed.connect(self._fit_columns)
        model.refreshed.connect(self.view.viewport().update)
        self._on_rows_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Only columns that can be read are shown: what the dock has no room for stands below the name."""
        widths = {column: round(width * theme.scale) for column, width in WIDTHS.items()}
        shown = set(widths)
        for column in DROPPED:
            if sum(widths[c] for c in shown) > self.width():
                shown.discard(column)
        for column, width in widths.items():
            self.view.setColumnHidden(column, column not in shown)
            if column != NAME:
                self.view.setColumnWidth(column, width)
        folded = frozenset(widths) - shown
        if folded != self.delegate.folded:
            self.delegate.folded = folded
            self.view.scheduleDelayedItemsLayout()  # the rows' height follows
        self.view.viewport().update()

    def rename_selected(self) -> None:
        """Edit the name of the current row."""
        index = self.view.currentIndex().siblingAtColumn(NAME)
        if index.isValid():
            self.view.edit(index)

    def _on_refused(self) -> None:
        inside = self.view.inside()
        if inside is not None:
            block = inside.parent().data()
            text = f"{inside.data()} is inside {block} and can only be looked at here. Select {block} to change it."
            self._document.message_shown.emit(text, "info")

    def open_menu(self) -> None:
        """The context menu, at the current row."""
        row = self.view.visualRect(self.view.currentIndex())
        inside = row.intersected(self.view.viewport().rect())
        self.open_menu_at((inside if inside.isValid() else self.view.viewport().rect()).topLeft() + QPoint(20, 20))

    def open_menu_at(self, where: QPoint) -> None:
        """All that can be done with the selected nodes, or with the graph where none is: rows of gui.actions."""
        if self.view.inside() is not None:
            self._on_refused()
        elif self.commands is not None:
            menu = self.commands.context_menu("node" if self._document.selection else "empty", self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.view.viewport().mapToGlobal(where))

    def _on_rows_changed(self, *_arguments: object) -> None:
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)
        self.view.setRootIsDecorated(self.model.has_blocks)
        self._follow_selection()

    def _on_rows_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._following:
            return
        self._following = True
        self._document.select(self._nodes_of_rows())
        self._following = False

    def _nodes_of_rows(self) -> frozenset[NodeId]:
        """The outermost nodes of the selected rows: a row inside a block stands for the block's node."""
        found = {self.model.node_at(index) for index in self.view.selectionModel().selectedRows()}
        return frozenset(node for node in found if node is not None)

    def _follow_selection(self) -> None:
        """Select the rows of the selected nodes, and show the first of them. Rows inside a selected block stay."""
        if self._following or self._is_followed():
            return
        indexes = map(self.model.index_of, self._document.selection)
        found = sorted((index for index in indexes if index.isValid()), key=QModelIndex.row)
        wanted, start = QItemSelection(), 0
        for end in range(1, len(found) + 1):  # rows that follow each other are one range: Qt is slow with thousands
            if end == len(found) or found[end].row() != found[end - 1].row() + 1:
                wanted.select(found[start], found[end - 1])
                start = end
        first = found[0] if found else None
        self._following = True
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.view.selectionModel().select(wanted, flags)
        if first is not None and self.model.node_at(self.view.currentIndex()) not in self._document.selection:
            self.view.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.view.scrollTo(first)
        self._following = False

    def _is_followed(self) -> bool:
        """Whether the rows of the selected nodes are selected, and the keys are at one of them. (Qt selects or leaves
        the rows of layers that come back, and puts the keys at a neighbour of one that goes.)"""
        selection = self._document.selection
        return self._nodes_of_rows() == selection and (
            not selection or self.model.node_at(self.view.currentIndex()) in selection
        )

    def _on_activated(self, index: QModelIndex) -> None:
        node: NodeId | None = self.model.node_at(index)
        if node is not None:
            self.node_requested.emit(node)
