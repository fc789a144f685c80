"""Finding in the graph: marked at every letter on the canvas and in the Outline, gone to with the keys."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Wire
from engine.project import templates
from engine.project.project import Project
from gui.canvas.arrays import FOUND
from gui.document import Document
from gui.panels.outline import Outline
from tests.gui.commands import bind
from tests.gui.test_canvas_gestures import CONTROL, SHIFT, Hands

KEYS = Qt.Key


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document(Project(design=templates.load("cnn-digits"))))


def labels(hands: Hands) -> list[str]:
    arrays, nodes = hands.view.arrays, hands.document.design.graph.nodes
    return [nodes[arrays.ids[row]].label for row in np.flatnonzero(arrays.state & FOUND).tolist()]


def test_every_letter_marks_what_fits(hands: Hands, qtbot) -> None:
    outline = Outline(hands.document)
    qtbot.addWidget(outline)
    hands.key(KEYS.Key_F, CONTROL)
    bar = hands.view.find_bar
    assert bar.isVisible() and bar.query.hasFocus() and not labels(hands)
    QTest.keyClicks(bar.query, "conv")
    assert sorted(labels(hands)) == ["conv1", "conv2"] and bar.count.text() == "2"
    spoken = outline.model.index_of(bar.results[0]).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith(", found")
    QTest.keyClicks(bar.query, "1")
    assert labels(hands) == ["conv1"] and not hands.document.undo_stack.count()
    QTest.keyClicks(bar.query, "zzz")
    assert not labels(hands) and "Nothing in the graph fits" in bar.query.accessibleDescription()


def test_next_and_previous_select_in_turn_and_esc_ends_it(hands: Hands) -> None:
    hands.key(KEYS.Key_F, CONTROL)
    bar, document = hands.view.find_bar, hands.document
    QTest.keyClicks(bar.query, "relu")
    count = len(bar.results)
    QTest.keyClick(bar.query, KEYS.Key_Return)
    assert document.selection == {bar.results[0]} and bar.count.text() == f"1 of {count}"
    QTest.keyClick(bar.query, KEYS.Key_Return)
    assert document.selection == {bar.results[1]}
    QTest.keyClick(bar.query, KEYS.Key_Return, SHIFT)
    QTest.keyClick(bar.query, KEYS.Key_Return, SHIFT)
    assert document.selection == {bar.results[-1]}
    hands.actions["find_next"].trigger()
    assert document.selection == {bar.results[0]}
    chosen = document.selection
    QTest.keyClick(bar.query, KEYS.Key_Escape)
    assert not bar.isVisible() and not labels(hands) and document.selection == chosen and hands.view.hasFocus()


def test_an_edit_meanwhile_is_found_too(hands: Hands) -> None:
    hands.actions["find"].trigger()
    bar = hands.view.find_bar
    node = next(n.id for n in hands.document.design.graph.nodes.values() if n.label == "conv1")
    QTest.keyClicks(bar.query, "edges")
    assert not bar.results
    hands.document.edit(lambda d: edits.rename(d, node, "edges"), "Rename")
    assert bar.results == (node,) and labels(hands) == ["edges"]
    hands.document.undo_stack.undo()
    assert not bar.results and not labels(hands)
    hands.document.undo_stack.redo()
    hands.document.edit(lambda d: edits.remove_nodes(d, [node]), "Remove")
    assert not bar.results and not labels(hands)
    hands.document.set_project(Project(), None)
    assert not bar.isVisible()


def test_ten_thousand_layers_are_searched_at_typing_speed(qtbot) -> None:
    design, first = edits.add_node(Design(), "ReLU", (0.0, 0.0), node_id="n0", layer_id="l0")
    graph = design.graph
    nodes = {f"n{i}": replace(graph.nodes[first], id=f"n{i}", label=f"relu{i}", layer=f"l{i}") for i in range(10_000)}
    layers = {f"l{i}": replace(graph.layers["l0"], id=f"l{i}") for i in range(10_000)}
    wires = tuple(Wire(f"n{i}", f"n{i + 1}") for i in range(9_999))
    graph = replace(graph, nodes=graph.nodes.with_items(nodes), layers=graph.layers.with_items(layers), wires=wires)
    places = {f"n{i}": (float(i % 100) * 214, float(i // 100) * 192) for i in range(10_000)}
    design = replace(design, graph=graph, places=design.places.with_items(places))
    hands = Hands(qtbot, Document(Project(design=design)))
    outline = Outline(hands.document)
    qtbot.addWidget(outline)
    outline.show()
    bind(hands.view, outline)
    hands.view.fit()
    hands.view.find_bar.open()
    QApplication.processEvents()
    took = []
    for letter in "relu123":
        started = time.process_time()
        QTest.keyClicks(hands.view.find_bar.query, letter)
        QApplication.processEvents()
        took.append(time.process_time() - started)
    best = [graph.nodes[n].label for n in hands.view.find_bar.results[:11]]
    assert best[0] == "relu123" and all(text.startswith("relu123") for text in best)
    assert sorted(took)[len(took) // 2] < 0.05, took
