"""The outline says what the design says, whatever is edited, and everything can be done from it."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLineEdit

from engine.check.report import Cost, Problem, Report, TensorSpec
from engine.graph import edits, labels
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Block, Graph, Layer, Node, NodeId, Wire
from engine.project import templates
from engine.project.project import Project
from gui.document import Document
from gui.panels.outline import Outline
from gui.panels.outline_model import COLUMNS, NAME, SIZE, STATE, OutlineModel


@pytest.fixture
def document() -> Document:
    return Document(Project(design=templates.load("cnn-digits")))


@pytest.fixture
def outline(qtbot, document: Document) -> Outline:
    outline = Outline(document)
    qtbot.addWidget(outline)
    outline.resize(600, 400)
    outline.show()
    return outline


def rows(model: OutlineModel) -> list[list[str]]:
    return [[model.index(r, c).data() for c in range(len(COLUMNS))] for r in range(model.rowCount())]


def named(design: Design, label: str) -> NodeId:
    return next(n.id for n in design.graph.nodes.values() if n.label == label)


def test_a_row_says_what_a_screen_reader_needs(document: Document, outline: Outline):
    conv2, relu1 = named(document.design, "conv2"), named(document.design, "relu1")
    report = Report(
        outputs=Frozen({((conv2,), "output"): TensorSpec((16, 14, 14))}),
        costs=Frozen({(conv2,): Cost(3216, 627200)}),
        order=tuple(document.design.graph.nodes),
        trained=frozenset(document.design.graph.nodes),
    )
    document.edit(lambda d: edits.set_parameter(d, conv2, "out_channels", 16), "Set filters")
    document.set_report(document.design, report)
    index = outline.model.index_of(conv2)
    size = outline.model.index(index.row(), 2).data()
    assert size.startswith("16 ")
    assert index.siblingAtColumn(4).data() == "not run"  # as the hollow circle on the canvas says
    document.set_running(document.design)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        f"conv2, Conv2d, {size}, output 16 by 14 by 14, 3216 parameters, healthy, input from relu1"
    )
    assert rows(outline.model)[index.row()] == ["conv2", "Conv2d", size, "16×14×14", "healthy", "relu1"]
    problem = Problem("x", "error", "relu1 has nothing on its input.", "Nothing arrives.", relu1)
    document.set_run_problems((problem,))
    assert outline.model.index_of(relu1).siblingAtColumn(4).data() == "error"


def test_rows_stand_in_topological_order(document: Document, outline: Outline):
    order = tuple(reversed(list(document.design.graph.nodes)))
    document.set_report(document.design, Report(order=order))
    assert [row[0] for row in rows(outline.model)] == [document.design.graph.nodes[n].label for n in order]


def test_selection_is_the_same_on_both_sides(document: Document, outline: Outline):
    conv1, pool1 = named(document.design, "conv1"), named(document.design, "pool1")
    document.select(frozenset({conv1, pool1}))
    chosen = {outline.model.node_at(i) for i in outline.view.selectionModel().selectedRows()}
    assert chosen == {conv1, pool1}
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    outline.view.selectionModel().select(outline.model.index_of(pool1), flags)
    assert document.selection == {pool1}


def test_a_narrow_dock_shows_the_columns_that_can_be_read(document: Document, outline: Outline):
    for width in (212, 332, 600, 1200):
        outline.resize(width, 400)
        widths = [outline.view.columnWidth(c) for c in range(len(COLUMNS)) if not outline.view.isColumnHidden(c)]
        assert sum(widths) <= width and outline.view.columnWidth(NAME) >= 120
        assert not outline.view.isColumnHidden(STATE) and len(widths) >= 2
        if width == 1200:
            assert len(widths) == len(COLUMNS)
    conv1 = outline.model.index_of(named(document.design, "conv1"))
    assert conv1.data(Qt.ItemDataRole.ToolTipRole).endswith("input from input")  # what is hidden is said there
    outline.resize(212, 400)
    assert outline.delegate.second_line(conv1) == f"Conv2d · {conv1.siblingAtColumn(SIZE).data()} · from input"
    outline.resize(1200, 400)
    assert not outline.delegate.second_line(conv1)


def test_the_order_stays_while_there_is_a_cycle(document: Document, outline: Outline):
    nodes = document.design.graph.nodes
    document.set_report(document.design, Report(order=tuple(nodes)))
    before = [row[0] for row in rows(outline.model)]
    conv1 = named(document.design, "conv1")
    cycle = Problem("cycle", "error", "conv1 is part of a cycle.", "It waits for itself.", conv1)
    last = (*(n for n in nodes if n != conv1), conv1)  # what has no order comes last in a report
    document.set_report(document.design, Report(order=last, problems=(cycle,)))
    assert [row[0] for row in rows(outline.model)] == before
    document.set_report(document.design, Report(order=last))
    assert rows(outline.model)[-1][0] == "conv1"


def test_renaming_and_deleting(qtbot, document: Document, outline: Outline):
    conv1 = named(document.design, "conv1")
    document.select(frozenset({conv1}))
    outline.view.setFocus()
    outline.view.setCurrentIndex(outline.model.index_of(conv1))
    QTest.keyClick(outline.view, Qt.Key.Key_F2)
    editor = outline.view.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "edges")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: document.design.graph.nodes[conv1].label == "edges")
    assert document.undo_stack.count() == 1
    outline.view.setFocus()
    QTest.keyClick(outline.view, Qt.Key.Key_Delete)
    assert conv1 not in document.design.graph.nodes and document.undo_stack.undoText() == "Delete edges"
    assert document.selection == frozenset()
    document.undo_stack.undo()
    assert conv1 in document.design.graph.nodes


def block_design() -> Design:
    """A single node ‘res1’ that calls a block of three."""
    inner = Graph(
        Frozen({"a": Layer("a", "Input"), "b": Layer("b", "ReLU"), "c": Layer("c", "Output")}),
        Frozen({"a": Node("a", "a", "in"), "b": Node("b", "b", "relu"), "c": Node("c", "c", "out")}),
        (Wire("a", "b"), Wire("b", "c")),
    )
    design = edits.define_block(Design(), Block("blk", "Residual", inner))
    graph = Graph(
        Frozen({"l": Layer("l", "Block", block="blk", repeat=3)}), Frozen({"n": Node("n", "l", "res1")}), (),
        design.graph.blocks,
    )  # fmt: skip
    return Design(graph)


def test_what_is_in_a_block_is_shown_below_it(qtbot):
    model = OutlineModel(Document(Project(design=block_design())))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    top = model.index(0, 0)
    assert model.index(0, 1).data() == "Residual ×3"
    assert [model.index(r, 0, top).data() for r in range(model.rowCount(top))] == ["in", "relu", "out"]
    assert model.index(1, 5, top).data() == "in"
    assert not model.flags(model.index(0, 0, top)) & Qt.ItemFlag.ItemIsEditable
    assert model.node_at(model.index(1, 0, top)) == "n"


def test_a_block_has_the_parameters_of_what_is_in_it(qtbot):
    document = Document(Project(design=block_design()))
    model = OutlineModel(document)
    costs = Frozen({("n", str(k), "b"): Cost(1200, 10) for k in range(3)})
    document.set_report(document.design, Report(costs=costs, order=("n",)))
    row = Qt.ItemDataRole.AccessibleTextRole
    assert "3600 parameters" in model.index(0, 0).data(row)
    assert "1200 parameters" in model.index(1, 0, model.index(0, 0)).data(row)


def test_a_row_says_with_whom_its_layer_is_shared(qtbot):
    design, first = edits.add_node(Design(), "Linear", (0, 0), label="fc_a")
    design, second = edits.add_node(design, "Linear", (0, 0), label="fc_b", layer=design.graph.nodes[first].layer)
    document = Document(Project(design=design))
    model = OutlineModel(document)
    costs = Frozen({(first,): Cost(4160, 4096), (second,): Cost(0, 4096)})
    document.set_report(design, Report(costs=costs, order=(first, second)))
    said = [model.index(r, 0).data(Qt.ItemDataRole.AccessibleTextRole) for r in range(2)]
    assert "4160 parameters" in said[0] and "shared with fc_a" in said[1] and "0 parameters" not in said[1]


def test_a_row_inside_a_block_can_be_selected_and_stands_for_the_block(qtbot):
    document = Document(Project(design=block_design()))
    outline = Outline(document)
    qtbot.addWidget(outline)
    outline.resize(300, 300)
    outline.show()
    model, view = outline.model, outline.view
    top = model.index_of("n")
    view.expand(top)
    relu = model.index(1, NAME, top)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(relu).center())
    assert view.selectionModel().isSelected(relu) and document.selection == {"n"}
    QTest.keyClick(view, Qt.Key.Key_Down)
    out = model.index(2, NAME, top)
    assert view.selectionModel().isSelected(out) and document.selection == {"n"}
    document.set_report(document.design, Report(order=("n",)))  # a check that comes back takes no row away
    assert view.selectionModel().isSelected(out)
    said: list[str] = []
    document.message_shown.connect(lambda text, _severity: said.append(text))
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert "n" in document.design.graph.nodes and said[0].startswith("out is inside res1 and can only be looked at")
    document.select(frozenset())
    assert not view.selectionModel().selectedRows()


def test_the_names_stay_in_view_whatever_key_is_pressed(document: Document, outline: Outline):
    outline.resize(212, 400)
    outline.view.setFocus()
    outline.view.setCurrentIndex(outline.model.index_of(named(document.design, "conv1")))
    for _ in range(10):
        QTest.keyClick(outline.view, Qt.Key.Key_Right)
    assert outline.view.horizontalScrollBar().value() == 0
    assert outline.view.columnViewportPosition(NAME) == 0


EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "connect", "rename", "order", "undo", "redo"]), st.integers(0, 99)),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(EDITS)
def test_it_shows_the_design_after_any_edits(qapp, steps: list[tuple[str, int]]):
    document = Document()
    model = OutlineModel(document)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for action, number in steps:
        _make(document, action, number)
        graph = document.design.graph
        shown = {row[0]: row for row in rows(model)}
        assert sorted(shown) == sorted(node.label for node in graph.nodes.values())
        for node in graph.nodes.values():
            sources = dict.fromkeys(graph.nodes[wire.source].label for wire in graph.wires_into(node.id))
            assert shown[node.label][5] == ", ".join(sources)
            assert model.node_at(model.index_of(node.id)) == node.id
    model.deleteLater()


def _make(document: Document, action: str, number: int) -> None:
    nodes = list(document.design.graph.nodes)
    if action == "add":
        document.edit(lambda d: edits.add_node(d, ("ReLU", "Add", "Linear")[number % 3], (0.0, 0.0))[0], "Add")
    elif action == "undo":
        document.undo_stack.undo()
    elif action == "redo":
        document.undo_stack.redo()
    elif nodes:
        a, b = nodes[number % len(nodes)], nodes[(number * 7 + 3) % len(nodes)]
        if action == "remove":
            document.edit(lambda d: edits.remove_nodes(d, {a}), "Delete")
        elif action == "connect" and a != b:
            document.edit(lambda d: edits.connect(d, Wire(a, b)), "Connect")
        elif action == "rename":
            document.edit(lambda d: edits.rename(d, a, labels.unique_label(d.graph, f"x{number}")), "Rename")
        else:
            order = tuple(nodes[number % len(nodes) :] + nodes[: number % len(nodes)])
            document.set_report(document.design, Report(order=order))


def test_ten_thousand_nodes_are_no_burden(qtbot):
    count = 10_000
    layers = Frozen({f"l{k}": Layer(f"l{k}", "ReLU") for k in range(count)})
    nodes = Frozen({f"n{k}": Node(f"n{k}", f"l{k}", f"relu{k}") for k in range(count)})
    graph = Graph(layers, nodes, tuple(Wire(f"n{k}", f"n{k + 1}") for k in range(count - 1)))
    document = Document(Project(design=Design(graph)))
    outline = Outline(document)
    qtbot.addWidget(outline)
    outline.show()
    report = Report(order=tuple(nodes))
    document.set_report(document.design, report)
    times = []
    for k in range(5):
        started = time.perf_counter()
        document.edit(lambda d, k=k: edits.rename(d, f"n{k}", f"other{k}"), "Rename")
        document.set_report(document.design, report)
        times.append(time.perf_counter() - started)
    assert sorted(times)[2] < 0.25, times  # a loaded machine is slow; unloaded it is about a tenth of that
