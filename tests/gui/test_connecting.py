"""Wires and kinds by keys alone: lists of what fits, with the reason why not for the rest."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.check import checker
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from engine.project import templates
from engine.project.project import Project
from gui.canvas.menu import build
from gui.document import Document
from gui.panels.outline import Outline
from gui.widgets.chooser import Chooser
from tests.gui.commands import bind
from tests.gui.test_canvas_gestures import CONTROL, SHIFT, Hands

KEYS = Qt.Key


@pytest.fixture
def hands(qtbot) -> Hands:
    hands = Hands(qtbot, Document(Project(design=templates.load("cnn-digits"))))
    hands.document.set_report(hands.document.design, checker.check(hands.document.design))
    return hands


def node(hands: Hands, label: str) -> str:
    return next(n.id for n in hands.document.design.graph.nodes.values() if n.label == label)


def choose(hands: Hands, *labels: str) -> None:
    hands.document.select(frozenset(node(hands, label) for label in labels))


def titles(chooser: Chooser) -> list[str]:
    return [chooser.rows.index(row).data() for row in range(chooser.rows.rowCount())]


# -- connect --------------------------------------------------------------------------------------------
def test_c_lists_what_fits_first_and_enter_connects(hands: Hands) -> None:
    choose(hands, "relu1")
    hands.key(KEYS.Key_C)
    chooser = hands.view.popups.chooser
    assert chooser.isVisible() and chooser.query.hasFocus()
    reasons = [chooser.rows.reason(row) for row in range(chooser.rows.rowCount())]
    assert "" in reasons and any(reasons), "some fit, some do not"
    assert reasons == sorted(reasons, key=bool), "what fits comes first"
    assert "relu1" not in titles(chooser) and "ring" in reasons[titles(chooser).index("conv1")]
    QTest.keyClicks(chooser.query, "pool1")
    assert titles(chooser)[0] == "pool1"
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    wire = Wire(node(hands, "relu1"), node(hands, "pool1"))
    assert not chooser.isVisible() and hands.view.hasFocus()
    assert wire in hands.document.design.graph.wires and hands.labels() == ["Connect relu1 to pool1"]
    hands.document.undo_stack.undo()
    assert wire not in hands.document.design.graph.wires


def test_connect_from_lists_what_could_feed_it(hands: Hands) -> None:
    choose(hands, "conv2")
    hands.key(KEYS.Key_C, SHIFT)
    chooser = hands.view.popups.chooser
    assert chooser.query.placeholderText() == "Feed conv2 by"
    row = titles(chooser).index("conv1")
    assert not chooser.rows.reason(row)
    for _ in range(row):
        QTest.keyClick(chooser.query, KEYS.Key_Down)
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    assert hands.document.design.graph.wires_into(node(hands, "conv2")) == (
        Wire(node(hands, "conv1"), node(hands, "conv2")),
    )


def test_esc_leaves_all_as_it_is_and_letters_are_typed(hands: Hands) -> None:
    before = hands.document.design
    choose(hands, "relu1")
    hands.key(KEYS.Key_C)
    chooser = hands.view.popups.chooser
    QTest.keyClicks(chooser.query, "xbc")
    QTest.keyClick(chooser.query, KEYS.Key_Delete)
    assert chooser.query.text() == "xbc" and "Nothing here is called" in chooser.query.accessibleDescription()
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    assert chooser.isVisible()
    QTest.keyClick(chooser.query, KEYS.Key_Escape)
    assert not chooser.isVisible() and hands.view.hasFocus() and hands.document.design is before


def test_what_does_not_fit_is_told_and_may_be_made_all_the_same(hands: Hands) -> None:
    choose(hands, "relu1")
    hands.key(KEYS.Key_C)
    chooser = hands.view.popups.chooser
    QTest.keyClicks(chooser.query, "conv1")
    assert "ring" in chooser.note.text() and "does not fit" in chooser.query.accessibleDescription()
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    assert Wire(node(hands, "relu1"), node(hands, "conv1")) in hands.document.design.graph.wires


def test_a_layer_alone_says_that_there_is_nothing(qtbot) -> None:
    design, only = edits.add_node(Design(), "ReLU", (0.0, 0.0))
    hands = Hands(qtbot, Document(Project(design=design)))
    hands.document.select(frozenset({only}))
    hands.key(KEYS.Key_C)
    assert "There is nothing that relu1 could feed" in hands.view.popups.chooser.note.text()


def test_ten_thousand_layers_are_listed_at_once(qtbot) -> None:
    design, first = edits.add_node(Design(), "ReLU", (0.0, 0.0), node_id="n0", layer_id="l0")
    graph = design.graph
    nodes = {f"n{i}": replace(graph.nodes[first], id=f"n{i}", label=f"relu{i}", layer=f"l{i}") for i in range(10_000)}
    layers = {f"l{i}": replace(graph.layers["l0"], id=f"l{i}") for i in range(10_000)}
    wires = tuple(Wire(f"n{i}", f"n{i + 1}") for i in range(9_999))
    graph = replace(graph, nodes=graph.nodes.with_items(nodes), layers=graph.layers.with_items(layers), wires=wires)
    places = {f"n{i}": (float(i % 100) * 214, float(i // 100) * 192) for i in range(10_000)}
    design = replace(design, graph=graph, places=design.places.with_items(places))
    hands = Hands(qtbot, Document(Project(design=design)))
    hands.document.select(frozenset({"n5000"}))
    started = time.process_time()
    hands.key(KEYS.Key_C)
    assert time.process_time() - started < 1.5
    assert hands.view.popups.chooser.rows.rowCount() == 9_998


def test_the_list_is_whole_in_a_small_canvas(hands: Hands) -> None:
    hands.view.resize(500, 300)
    choose(hands, "relu1")
    hands.key(KEYS.Key_C)
    chooser, room = hands.view.popups.chooser, hands.view.viewport().rect()
    for typed in ("", "conv1"):  # what does not fit says so in several lines
        chooser.query.setText(typed)
        assert room.contains(chooser.geometry()), (typed, chooser.geometry(), room)


# -- disconnect, order ---------------------------------------------------------------------------------------
def test_disconnect_takes_the_chosen_wire(hands: Hands) -> None:
    choose(hands, "relu1")
    count = len(hands.document.design.graph.wires)
    hands.key(KEYS.Key_X)
    chooser = hands.view.popups.chooser
    assert titles(chooser) == ["conv1 from relu1", "relu1 from conv2", "All 2 wires"] or len(titles(chooser)) == 3
    QTest.keyClicks(chooser.query, "all")
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    assert len(hands.document.design.graph.wires) == count - 2 and hands.labels() == ["Disconnect 2 wires"]
    hands.document.undo_stack.undo()
    hands.view.select_wires(frozenset(hands.document.design.graph.wires[:1]))
    hands.document.select(frozenset())
    hands.key(KEYS.Key_X)
    assert len(hands.document.design.graph.wires) == count - 1 and not chooser.isVisible()


def test_inputs_of_a_merge_change_places(qtbot) -> None:
    design = Design()
    for index, name in enumerate(("a", "b", "c")):
        design, _ = edits.add_node(design, "ReLU", (0.0, 200.0 * index), label=name, node_id=name)
    design, _ = edits.add_node(design, "Concat", (300.0, 0.0), label="sum", node_id="sum")
    for name in ("a", "b", "c"):
        design = edits.connect(design, Wire(name, "sum"))
    hands = Hands(qtbot, Document(Project(design=design)))

    def order() -> str:
        return "".join(w.source for w in hands.document.design.graph.wires_into("sum"))

    hands.document.select(frozenset({"a"}))
    hands.key(KEYS.Key_Down, CONTROL | SHIFT)
    assert order() == "bac" and hands.labels() == ["Order the inputs of sum"]
    hands.key(KEYS.Key_Down, CONTROL | SHIFT)
    hands.key(KEYS.Key_Down, CONTROL | SHIFT)  # at the end it stays
    assert order() == "bca" and len(hands.labels()) == 2
    hands.key(KEYS.Key_Up, CONTROL | SHIFT)
    assert order() == "bac"


# -- swap ------------------------------------------------------------------------------------------------------
def test_a_kind_is_swapped_with_its_wires(hands: Hands) -> None:
    choose(hands, "relu1")
    wires = hands.document.design.graph.wires
    hands.key(KEYS.Key_R, CONTROL)
    chooser = hands.view.popups.chooser
    reasons = [chooser.rows.reason(row) for row in range(chooser.rows.rowCount())]
    assert reasons == sorted(reasons, key=bool) and any(reasons) and "ReLU" not in titles(chooser)
    QTest.keyClicks(chooser.query, "gelu")
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    graph = hands.document.design.graph
    assert graph.wires == wires and hands.labels() == ["Make relu1 GELU"]
    (chosen,) = hands.document.selection
    assert graph.layer_of(chosen).kind == "GELU" and graph.nodes[chosen].label.startswith("gelu")
    assert hands.view.hasFocus()


def test_what_a_swap_loses_is_said(hands: Hands) -> None:
    heard: list[str] = []
    hands.document.message_shown.connect(lambda text, _severity: heard.append(text))
    choose(hands, "relu1")
    hands.key(KEYS.Key_R, CONTROL)
    chooser = hands.view.popups.chooser
    QTest.keyClicks(chooser.query, "cross")
    assert "found no port" in chooser.note.text()
    QTest.keyClick(chooser.query, KEYS.Key_Return)
    assert len(heard) == 1 and "found no port" in heard[0]


# -- from the Outline --------------------------------------------------------------------------------------------
@pytest.fixture
def outline(qtbot, hands: Hands) -> Outline:
    outline = Outline(hands.document)
    qtbot.addWidget(outline)
    bind(hands.view, outline)
    outline.resize(400, 500)
    outline.show()
    outline.view.setFocus()
    return outline


def test_the_outline_makes_the_edits_by_key(hands: Hands, outline: Outline) -> None:
    view, document = outline.view, hands.document
    choose(hands, "relu1")
    relu = node(hands, "relu1")
    QTest.keyClick(view, KEYS.Key_B, CONTROL)
    assert document.design.graph.nodes[relu].bypassed
    assert outline.model.index_of(relu).siblingAtColumn(4).data() == "bypassed"
    assert ", bypassed, " in outline.model.index_of(relu).data(Qt.ItemDataRole.AccessibleTextRole)
    QTest.keyClick(view, KEYS.Key_C, CONTROL)
    QTest.keyClick(view, KEYS.Key_V, CONTROL)
    assert len(document.selection) == 1 and relu not in document.selection
    QTest.keyClick(view, KEYS.Key_D, CONTROL)
    QTest.keyClick(view, KEYS.Key_L, CONTROL)
    chooser = hands.view.popups.chooser
    assert chooser.isVisible()
    QTest.keyClick(chooser.query, KEYS.Key_Escape)
    assert hands.labels() == ["Bypass relu1", "Paste relu1", f"Duplicate {titles_of(document)[0]}"]
    QTest.keyClick(view, KEYS.Key_Delete)
    QTest.keyClick(view, KEYS.Key_X, CONTROL)
    assert len(document.design.graph.nodes) <= len(templates.load("cnn-digits").graph.nodes) + 1


def titles_of(document: Document) -> list[str]:
    labels = [n.label for n in document.design.graph.nodes.values()]
    return labels[-2:]


def test_letters_search_in_the_outline(hands: Hands, outline: Outline) -> None:
    before = hands.document.design
    choose(hands, "relu1")
    for key in ("c", "b", "x"):
        QTest.keyClicks(outline.view, key)
    assert hands.document.design is before and not hands.view.popups.chooser.isVisible()


def test_the_outlines_menu_has_every_edit_of_the_graph(hands: Hands, outline: Outline) -> None:
    from tests.gui.test_actions import texts

    choose(hands, "relu1")
    commands = outline.commands
    assert commands is not None
    found = set(texts(commands.context_menu("node", outline)))
    wanted = {"add_layer", "connect", "connect_from", "disconnect", "duplicate", "copy", "cut", "paste", "paste_wired"}
    wanted |= {"bypass", "swap", "rename", "delete", "earlier_input", "later_input", "fix_layer", "add_frame"}
    assert wanted <= found
    assert {"paste", "add_layer", "tidy_all"} <= set(texts(commands.context_menu("empty", outline)))
    build(hands.view, None)
