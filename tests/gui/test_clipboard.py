"""Copy, cut, paste and duplicate with real keys: through the system's clipboard as text, between windows too."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from engine.graph import drawing, edits
from engine.graph.model import Wire
from gui.document import Document
from tests.gui.test_canvas_gestures import CONTROL, NONE, SHIFT, Hands, filled

KEYS = Qt.Key


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


def row_of(hands: Hands, *kinds: str) -> list[str]:
    nodes = filled(hands, *kinds)
    design = hands.document.design
    for before, after in pairwise(nodes):
        design = edits.connect(design, Wire(before, after))
    hands.document.change(design, "Wire")
    return nodes


def told(hands: Hands) -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = []
    hands.document.message_shown.connect(lambda text, severity: heard.append((text, severity)))
    return heard


def clip(text: str) -> None:
    QApplication.clipboard().setText(text)


def test_a_copy_lies_beside_the_original_wired_within_and_selected(hands: Hands) -> None:
    _, conv, relu = row_of(hands, "Input", "Conv2d", "ReLU")
    hands.document.select(frozenset({conv, relu}))
    hands.key(KEYS.Key_C, CONTROL)
    before = hands.document.design
    hands.key(KEYS.Key_V, CONTROL)
    design = hands.document.design
    new = [n for n in design.graph.nodes if n not in before.graph.nodes]
    assert len(new) == 2 and hands.document.selection == set(new) and hands.labels()[-1] == "Paste 2 layers"
    assert design.graph.wires[len(before.graph.wires) :] == (Wire(new[0], new[1]),)
    assert [design.places[n] for n in new] == [(x + 40, y + 40) for x, y in (before.places[conv], before.places[relu])]
    hands.key(KEYS.Key_V, CONTROL)
    again = [n for n in hands.document.design.graph.nodes if n not in design.graph.nodes]
    assert hands.document.design.places[again[0]] not in design.places.values(), "copies do not lie on each other"
    hands.document.undo_stack.undo()
    hands.document.undo_stack.undo()
    assert hands.document.design == before


def test_incoming_wires_are_kept_where_that_is_asked_for(hands: Hands) -> None:
    image, conv, _ = row_of(hands, "Input", "Conv2d", "ReLU")
    hands.document.select(frozenset({conv}))
    hands.key(KEYS.Key_C, CONTROL)
    count = len(hands.document.design.graph.wires)
    hands.key(KEYS.Key_V, CONTROL | SHIFT)
    (copy,) = hands.document.selection
    assert hands.document.design.graph.wires[count:] == (Wire(image, copy),)


def test_it_lands_at_the_mouse(hands: Hands) -> None:
    (conv,) = row_of(hands, "Conv2d")
    hands.document.select(frozenset({conv}))
    hands.key(KEYS.Key_C, CONTROL)
    spot = hands.pixel(601, 399)
    hands.move(spot, Qt.MouseButton.NoButton)
    hands.key(KEYS.Key_V, CONTROL)
    (copy,) = hands.document.selection
    assert hands.document.design.places[copy] == (600, 400)


def test_cut_takes_away_and_paste_brings_back(hands: Hands) -> None:
    _, conv, _ = row_of(hands, "Input", "Conv2d", "ReLU")
    design, note = drawing.add_note(hands.document.design, "look", (10.0, 300.0))
    hands.document.change(design, "Note")
    hands.document.select(frozenset({conv}))
    hands.key(KEYS.Key_X, CONTROL)
    assert conv not in hands.document.design.graph.nodes
    assert not hands.document.design.graph.wires and hands.labels()[-1] == "Cut conv1"
    hands.key(KEYS.Key_V, CONTROL)
    assert len(hands.document.selection) == 1 and len(hands.document.design.graph.nodes) == 3
    hands.view.select_drawn(frozenset({note}))
    hands.key(KEYS.Key_X, CONTROL)
    assert not hands.document.design.notes and hands.labels()[-1] == "Cut note"
    hands.key(KEYS.Key_V, CONTROL)
    assert [n.text for n in hands.document.design.notes] == ["look"]
    assert hands.view.drawn.selected == {n.id for n in hands.document.design.notes}


def test_what_is_copied_is_text_for_an_editor_and_for_another_window(hands: Hands, qtbot) -> None:
    image, conv = row_of(hands, "Input", "Conv2d")
    hands.document.select(frozenset({image, conv}))
    hands.key(KEYS.Key_C, CONTROL)
    editor = QPlainTextEdit()
    qtbot.addWidget(editor)
    editor.paste()
    assert json.loads(editor.toPlainText())["type"] == "strata fragment"
    clip("")
    editor.selectAll()
    editor.copy()
    other = Hands(qtbot, Document())
    other.key(KEYS.Key_V, CONTROL)
    graph = other.document.design.graph
    assert sorted(n.label for n in graph.nodes.values()) == ["conv1", "input"] and len(graph.wires) == 1
    assert other.view.shows_all, "what comes from elsewhere is put where it is seen"


def test_another_windows_copy_lands_in_sight(hands: Hands, qtbot) -> None:
    (conv,) = row_of(hands, "Conv2d")
    hands.document.change(edits.move(hands.document.design, {conv: (90_000.0, 90_000.0)}), "Far")
    hands.document.select(frozenset({conv}))
    hands.key(KEYS.Key_C, CONTROL)
    other = Hands(qtbot, Document())
    other.key(KEYS.Key_V, CONTROL)
    x, y = next(iter(other.document.design.places.values()))
    assert other.view.visible_rect().contains(QPointF(x, y))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no part of a network"),
        ("SELECT * FROM layers", "no part of a network"),
        ('{"type": "strata fragment", "version": "9.0"}', "newer Strata"),
        ('{"type": "strata fragment", "version": "1.0"}', "damaged"),
        ('{"type": "strata fragment", "ver', "damaged"),
    ],
)
def test_what_is_no_graph_is_told_and_changes_nothing(hands: Hands, text: str, words: str) -> None:
    row_of(hands, "Conv2d")
    heard, before, steps = told(hands), hands.document.design, hands.document.undo_stack.count()
    clip(text)
    hands.key(KEYS.Key_V, CONTROL)
    assert len(heard) == 1 and words in heard[0][0] and heard[0][1] == "warning"
    assert hands.document.design is before and hands.document.undo_stack.count() == steps


def test_nothing_selected_leaves_the_clipboard_alone(hands: Hands) -> None:
    row_of(hands, "Conv2d")
    clip("mine")
    hands.document.select(frozenset())
    for key in (KEYS.Key_C, KEYS.Key_X, KEYS.Key_D):
        hands.key(key, CONTROL)
    assert QApplication.clipboard().text() == "mine" and len(hands.document.design.graph.nodes) == 1


def test_duplicate_goes_the_same_way_without_the_clipboard(hands: Hands) -> None:
    conv, relu = row_of(hands, "Conv2d", "ReLU")
    clip("mine")
    hands.document.select(frozenset({conv, relu}))
    hands.key(KEYS.Key_D, CONTROL)
    graph = hands.document.design.graph
    assert len(graph.nodes) == 4 and len(graph.wires) == 2 and hands.labels()[-1] == "Duplicate 2 layers"
    assert QApplication.clipboard().text() == "mine"


@pytest.fixture(scope="module")
def still(qapp) -> Document:
    return Document()


@given(text=st.text(max_size=60) | st.text(max_size=40).map(lambda t: '{"type": "strata fragment"' + t))
def test_any_text_is_a_sentence_or_a_graph(still: Document, text: str) -> None:
    """Pasting is reading with a sentence in place of any fault."""
    from engine.errors import StrataError
    from engine.project import fragment

    try:
        fragment.from_text(text)
    except StrataError as error:
        assert str(error).endswith(".")


def test_letters_are_no_commands_with_control(hands: Hands) -> None:
    """Ctrl+B bypasses as B does; a plain C is no copy."""
    _, relu = row_of(hands, "Conv2d", "ReLU")
    hands.document.select(frozenset({relu}))
    hands.key(KEYS.Key_B, CONTROL)
    assert hands.document.design.graph.nodes[relu].bypassed
    hands.key(KEYS.Key_B, NONE)
    assert not hands.document.design.graph.nodes[relu].bypassed
