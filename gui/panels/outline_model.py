"""The graph as a tree: its nodes in topological order; below a block's node what is inside it (read-only).

Mirrors the document by differences: rows are inserted, removed, moved and changed, never all of them anew, so that
selection and scroll position stay and 10,000 nodes are no burden.
"""

from __future__ import annotations

import itertools
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from engine.check.report import Problem, TensorSpec
from engine.check.waiting import Waiting, waiting
from engine.errors import StrataError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import BLOCK, Graph, NodeId
from engine.numbers import ungrouped
from gui.document import Document
from gui.panels import describing
from gui.theme import theme

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Name", "Kind", "Size", "Output", "State", "Input from")
ROW = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
OUTERMOST_NAME = ROW | Qt.ItemFlag.ItemIsEditable  # what is inside a block is read, not changed
FEW = 500  # rows; of more than that a view is told to paint anew rather than that each of them has changed
STATE_TOKENS = {"error": "err", "warning": "warn", "healthy": "ok"}
NAME, KIND, SIZE, OUTPUT, STATE, SOURCES = range(6)


class Item:
    """A row: a node of `graph` (the outermost one, or a block's) at `path`."""

    __slots__ = ("_children", "graph", "id", "node", "parent", "path", "row")
    _ids = itertools.count(1)

    def __init__(self, graph: Graph, node: NodeId, path: tuple[str, ...], row: int, parent: Item | None):
        self.id = next(Item._ids)
        self.graph, self.node, self.path, self.row, self.parent = graph, node, path, row, parent
        self._children: list[Item] | None = None

    @property
    def is_block(self) -> bool:
        return self.graph.layer_of(self.node).kind == BLOCK

    def children(self, outermost: Graph) -> list[Item]:
        if self._children is None:
            layer = self.graph.layer_of(self.node)
            block = outermost.blocks.get(layer.block or "") if layer.kind == BLOCK else None
            self._children = []
            if block is not None:
                path = (*self.path, "0")
                for row, node in enumerate(block.graph.nodes):
                    self._children.append(Item(block.graph, node, (*path, node), row, self))
        return self._children


class OutlineModel(QAbstractItemModel):
    """`refreshed()`: what rows say may have changed, all of them; nothing was inserted, removed or moved."""

    refreshed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self._document = document
        self._graph = Graph()
        self._items: list[Item] = []
        self._by_node: dict[NodeId, Item] = {}
        self._by_id: dict[int, Item] = {}  # an index holds an item's id: one of a row that is gone finds nothing
        self._sources: dict[NodeId, list[NodeId]] = {}
        self._problems: dict[NodeId, list[Problem]] = {}
        self._waiting = Waiting({})
        document.design_changed.connect(self._on_design_changed)
        document.report_changed.connect(lambda _report: self._on_report_changed())
        document.problems_changed.connect(self._on_problems_changed)
        document.running_changed.connect(self._on_problems_changed)
        document.found_changed.connect(self.refreshed)
        self._reset()

    # -- Qt's questions -------------------------------------------------------------------
    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        siblings = self._below(parent)
        if 0 <= row < len(siblings) and 0 <= column < len(COLUMNS):
            return self._index(siblings[row], column)
        return QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        item = self._item(index)
        return self._index(item.parent, 0) if item is not None and item.parent is not None else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._below(parent))

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        if not parent.isValid():
            return bool(self._items)
        item = self._item(parent)
        return parent.column() == 0 and item is not None and item.is_block

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self._item(index)
        if item is None:
            return Qt.ItemFlag.NoItemFlags
        return OUTERMOST_NAME if item.parent is None and index.column() == NAME else ROW

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item, column = self._item(index), index.column()
        if item is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(item, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.sentence(item) if column == NAME else f"{COLUMNS[column]}: {self._text(item, column) or 'none'}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and column == NAME:
            return " ".join(problem.sentence() for problem in self._found(item))
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return theme.glyph_icon(describing.family(item.graph.layer_of(item.node)))
        if role == Qt.ItemDataRole.ToolTipRole:
            found = self._found(item)
            return "\n".join(problem.sentence() for problem in found) if found else self.sentence(item)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(item, column)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        text, item = str(value).strip(), self._item(index)
        if role != Qt.ItemDataRole.EditRole or item is None or index.column() != NAME or not text:
            return False
        node = item.node
        try:
            self._document.edit(
                lambda design: edits.rename(design, node, text), f"Rename {item.graph.nodes[node].label}"
            )
        except StrataError as error:
            self._document.message_shown.emit(str(error), "warning")
            return False
        if taken := edits.namesake(self._document.design.graph, node):
            self._document.message_shown.emit(taken, "info")
        return True

    # -- what the rows say ----------------------------------------------------------------
    def node_at(self, index: Index) -> NodeId | None:
        """The outermost node of a row, itself or the one whose block it is in."""
        item = self._item(index)
        return item.path[0] if item is not None else None

    @property
    def has_blocks(self) -> bool:
        """Whether any row can be unfolded."""
        return bool(self._graph.blocks)

    def index_of(self, node: NodeId) -> QModelIndex:
        item = self._by_node.get(node)
        return self._index(item, 0) if item is not None else QModelIndex()

    def sentence(self, item: Item) -> str:
        """‘conv2, Conv2d, 16 filters, output 16 by 14 by 14, 3216 parameters, healthy, input from pool1’."""
        graph, node = item.graph, item.graph.nodes[item.node]
        layer = graph.layers[node.layer]
        parts = [node.label, describing.kind_title(self._graph, layer)]
        size = describing.size_text(layer)
        parts += [size] if size else []
        report = self._document.report
        output = self._output(item)
        if output is not None:
            parts.append(f"output {describing.spoken_shape(output)}")
        weights = describing.weights_text(graph, item.node, report.cost(item.path))
        parts += [ungrouped(weights)] if weights else []
        parts.append(self._text(item, STATE))
        sources = self._text(item, SOURCES)
        parts.append(f"input from {sources.replace(', ', ' and ')}" if sources else "no input")
        if item.parent is None and item.node in self._document.found:
            parts.append("found")
        return ", ".join(parts)

    def _text(self, item: Item, column: int) -> str:
        graph = item.graph
        node = graph.nodes[item.node]
        layer = graph.layers[node.layer]
        if column == NAME:
            return node.label
        if column == KIND:
            return describing.kind_title(self._graph, layer)
        if column == SIZE:
            return describing.size_text(layer)
        if column == OUTPUT:
            return describing.shape_text(self._output(item))
        if column == STATE:
            ahead = item.parent is None and item.node in self._document.changed_since_start
            ran, waits = self._ran(item.path[0]), self._waits(item)
            return describing.state_text(self._found(item), ahead, ran, waits, node.bypassed)
        sources = self._sources.get(item.node, []) if item.parent is None else _sources(graph).get(item.node, [])
        return ", ".join(graph.nodes[source].label for source in dict.fromkeys(sources))

    def _ran(self, node: NodeId) -> bool | None:
        """Whether a node takes part in the training under way, or took part in the last; None where there is none."""
        document = self._document
        if document.running_design is not None:
            return node in document.running_design.graph.nodes
        return node in document.report.trained if document.project.run is not None else None

    def _waits(self, item: Item) -> str:
        """The name of the node whose problem leaves this one without a shape."""
        known = item.parent is not None or self._output(item) is not None
        other = self._waiting.whom(item.node) if not known else None
        node = self._graph.nodes.get(other) if other is not None else None
        return node.label if node is not None else ""

    def _output(self, item: Item) -> TensorSpec | None:
        report = self._document.report
        found = report.outputs.get((item.path, "output"))
        return found if found is not None or item.parent is not None else describing.output_of(report, item.node)

    def _found(self, item: Item) -> list[Problem]:
        found = self._problems.get(item.path[0], [])
        if item.parent is None:
            return found
        return [p for p in found if p.path and p.path[0] == item.path[0] and p.path[-1] == item.node]

    def _colour(self, item: Item, column: int) -> QColor:
        if column == STATE:
            return theme.colour(STATE_TOKENS.get(self._text(item, STATE), "text2"))
        if column == NAME and item.parent is None and item.node in self._document.found:
            return theme.colour("accent")
        return theme.colour("text" if column == NAME else "text2")

    def _item(self, index: Index) -> Item | None:
        return self._by_id.get(index.internalId()) if index.isValid() else None

    def _index(self, item: Item, column: int) -> QModelIndex:
        return self.createIndex(item.row, column, item.id)

    def _below(self, parent: Index) -> list[Item]:
        if not parent.isValid():
            return self._items
        item = self._item(parent)
        if item is None or parent.column() != 0:
            return []
        children = item.children(self._graph)
        self._by_id.update({child.id: child for child in children})
        return children

    # -- following the document -------------------------------------------------------------
    def _reset(self) -> None:
        self.beginResetModel()
        self._graph = self._document.design.graph
        self._items = [Item(self._graph, node, (node,), row, None) for row, node in enumerate(self._wanted_order())]
        self._by_node = {item.node: item for item in self._items}
        self._by_id = {item.id: item for item in self._items}
        self._sources = _sources(self._graph)
        self._collect_problems()
        self.endResetModel()

    def _wanted_order(self) -> list[NodeId]:
        """As the check last found it. While a cycle leaves no order, and for nodes that the check does not know yet, no
        row moves: what is new comes last."""
        nodes, report = self._document.design.graph.nodes, self._document.report
        known = [node for node in report.order if node in nodes]
        if len(known) == len(nodes) and not any(problem.code == "cycle" for problem in report.problems):
            return known
        here = [item.node for item in self._items if item.node in nodes] or known
        seen = set(here)
        return here + [node for node in nodes if node not in seen]

    def _on_design_changed(self, before: object, after: object) -> None:
        assert isinstance(before, Design) and isinstance(after, Design)
        if after.graph is self._graph:
            return
        gone = [item.row for item in self._items if item.node not in after.graph.nodes]
        new = [node for node in after.graph.nodes if node not in self._by_node]
        if len(gone) + len(new) > 200 or after.graph.blocks != self._graph.blocks:
            self._reset()
            return
        for row in reversed(gone):
            self.beginRemoveRows(QModelIndex(), row, row)
            self._by_id.pop(self._items.pop(row).id)
            self._number()
            self.endRemoveRows()
        old, self._graph = self._graph, after.graph
        for item in self._items:
            item.graph = after.graph
        if new:
            first = len(self._items)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._items += [Item(after.graph, node, (node,), first + k, None) for k, node in enumerate(new)]
            self._by_node.update({item.node: item for item in self._items[first:]})
            self._by_id.update({item.id: item for item in self._items[first:]})
            self.endInsertRows()
        if old.wires != after.graph.wires:
            self._sources = _sources(after.graph)
        self._collect_problems()
        self._tell_all_changed()

    def _on_report_changed(self) -> None:
        if self._document.design.graph is not self._graph:
            return
        order = self._wanted_order()
        if any(item.node != node for item, node in zip(self._items, order, strict=True)):
            self._reorder(order)
        self._tell_all_changed()

    def _reorder(self, order: list[NodeId]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        items = [self._item(index) for index in before]
        self._items = [self._by_node[node] for node in order]
        self._number()
        after = [self._index(i, b.column()) if i else QModelIndex() for i, b in zip(items, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _number(self) -> None:
        for row, item in enumerate(self._items):
            item.row = row
        self._by_node = {item.node: item for item in self._items}

    def _on_problems_changed(self) -> None:
        if self._document.design.graph is self._graph:
            self._collect_problems()
            self._tell_all_changed()

    def _collect_problems(self) -> None:
        self._problems = {}
        for problem in self._document.problems:
            if problem.node is not None:
                self._problems.setdefault(problem.node, []).append(problem)
        self._waiting = waiting(self._graph.wires, self._document.problems)

    def _tell_all_changed(self) -> None:
        self.refreshed.emit()
        if 0 < len(self._items) <= FEW:
            last = len(self._items) - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, len(COLUMNS) - 1))


def _sources(graph: Graph) -> dict[NodeId, list[NodeId]]:
    sources: dict[NodeId, list[NodeId]] = {}
    for wire in graph.wires:
        sources.setdefault(wire.target, []).append(wire.source)
    return sources
