"""The canvas as a tree: the same nodes, readable and editable without seeing the picture."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QTreeView, QWidget

from engine.graph.model import NodeId
from gui import removing
from gui.document import Document
from gui.panels.branches import paint_branch
from gui.panels.outline_model import KIND, NAME, OUTPUT, SIZE, SOURCES, STATE, OutlineModel
from gui.panels.outline_rows import OutlineDelegate
from gui.theme import theme
from gui.widgets.containers import EmptyState

WIDTHS = {NAME: 124, KIND: 120, SIZE: 84, OUTPUT: 84, STATE: 72, SOURCES: 92}  # at 100 % text size
DROPPED = (SIZE, SOURCES, KIND, OUTPUT)  # what gives way where there is no room, in this order; name and state never


class OutlineView(QTreeView):
    """`delete_asked()` when Delete is pressed."""

    delete_asked = Signal()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        """The selected row is one band, from its very beginning."""
        chosen = self.selectionModel().isSelected(index)
        paint_branch(self, painter, rect, index, "accent_soft" if chosen else "panel")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not editing:
            self.delete_asked.emit()
            return
        super().keyPressEvent(event)


class Outline(QWidget):
    """`node_requested(NodeId)` when a row is activated (Enter): the canvas may bring the node into sight."""

    node_requested = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Outline")
        self._document = document
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
        self.view.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
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
        self.view.delete_asked.connect(self.delete_selection)
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

    def delete_selection(self) -> None:
        nodes = self._document.selection
        inside = next((i for i in self.view.selectionModel().selectedRows() if i.parent().isValid()), None)
        if inside is not None:
            block = inside.parent().data()
            text = f"{inside.data()} is inside {block} and can only be looked at here. Select {block} to delete it."
            self._document.message_shown.emit(text, "info")
        elif nodes:
            row = min((self.model.index_of(n).row() for n in nodes), default=0)
            removing.remove(self._document)
            index = self.model.index(min(row, self.model.rowCount() - 1), 0)
            if index.isValid():  # so that the keys go on from where they were
                self.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

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
        if self._following or self._nodes_of_rows() == self._document.selection:
            return
        wanted = QItemSelection()
        first: QModelIndex | None = None
        for node in self._document.selection:
            index = self.model.index_of(node)
            if index.isValid():
                wanted.select(index, index)
                first = index if first is None or index.row() < first.row() else first
        self._following = True
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.view.selectionModel().select(wanted, flags)
        if first is not None and self.view.currentIndex().row() != first.row():
            self.view.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.view.scrollTo(first)
        self._following = False

    def _on_activated(self, index: QModelIndex) -> None:
        node: NodeId | None = self.model.node_at(index)
        if node is not None:
            self.node_requested.emit(node)
