"""Bypass, aligning, tidying, notes and frames by command: one undo step each, with real keys where they have one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.check import checker
from engine.graph import drawing, edits
from engine.project import templates
from engine.project.project import Project
from gui.canvas.arrays import BYPASSED
from gui.document import Document
from gui.theme import motion
from tests.gui.test_canvas_gestures import CONTROL, SHIFT, Hands, filled

KEYS = Qt.Key


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


@pytest.fixture
def digits(qtbot) -> Hands:
    return Hands(qtbot, Document(Project(design=templates.load("cnn-digits"))))


def node(hands: Hands, label: str) -> str:
    return next(n.id for n in hands.document.design.graph.nodes.values() if n.label == label)


# -- bypass ---------------------------------------------------------------------------------------------
def test_b_bypasses_and_b_again_calls_the_layers_again(digits: Hands) -> None:
    document, before = digits.document, digits.document.design
    conv, relu = node(digits, "conv2"), node(digits, "relu2")
    document.select(frozenset({conv}))
    digits.key(KEYS.Key_B)
    document.select(frozenset({conv, relu}))
    digits.key(KEYS.Key_B)  # one of them is: now both are
    assert all(document.design.graph.nodes[n].bypassed for n in (conv, relu))
    content = digits.view.layer.describer.content(conv)
    assert content.bypassed and content.footer == "bypassed"
    assert digits.view.arrays.state[digits.view.arrays.row[conv]] & BYPASSED
    digits.key(KEYS.Key_B)
    assert not any(n.bypassed for n in document.design.graph.nodes.values())
    assert digits.labels() == ["Bypass conv2", "Bypass 2 layers", "Stop bypassing 2 layers"]
    assert document.design == before


def test_what_is_bypassed_is_checked_as_if_it_were_not_there(digits: Hands) -> None:
    document, relu = digits.document, node(digits, "relu2")
    document.select(frozenset({relu}))
    digits.key(KEYS.Key_B)
    report = checker.check(document.design)
    document.set_report(document.design, report)
    assert not report.costs.get((relu,)) or report.costs[(relu,)].parameters == 0
    assert digits.view.arrays.state[digits.view.arrays.row[relu]] & BYPASSED, "a report leaves the mark"


def test_what_cannot_be_bypassed_says_why(digits: Hands) -> None:
    heard: list[str] = []
    digits.document.message_shown.connect(lambda text, _severity: heard.append(text))
    digits.document.select(frozenset({node(digits, "input")}))
    digits.key(KEYS.Key_B)
    assert len(heard) == 1 and "cannot be bypassed" in heard[0] and not digits.labels()


@pytest.mark.parametrize("zoom", [1.0, 0.1])
def test_a_bypassed_node_is_painted_fainter(digits: Hands, zoom: float) -> None:
    view, conv = digits.view, node(digits, "conv1")
    view.set_zoom(zoom)
    rect = QRectF(*view.arrays.rects[view.arrays.row[conv]].tolist())

    def paint() -> QImage:
        image = QImage(152, 152, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        scale = view.zoom
        painter.scale(scale, scale)
        painter.translate(-rect.topLeft())
        view.layer.faces.begin_frame(1.0)
        rows = view.arrays.nodes_in(rect.left(), rect.top(), rect.right() - 1, rect.bottom() - 1)
        view.layer.paint_graph(painter, rows, rows[:0], painter.worldTransform(), 1.0)
        painter.end()
        return image

    x, y = round(76 * view.zoom), round(10 * view.zoom)
    before = paint().pixelColor(x, y)
    digits.document.select(frozenset({conv}))
    digits.key(KEYS.Key_B)
    digits.document.select(frozenset())
    after = paint().pixelColor(x, y)
    for old, new in ((before.red(), after.red()), (before.green(), after.green()), (before.blue(), after.blue())):
        assert abs(new - 0.6 * old) <= 2.0, (old, new)


# -- align, distribute, tidy ------------------------------------------------------------------------------
def scattered(hands: Hands) -> list[str]:
    nodes = filled(hands, "Input", "Conv2d", "ReLU", "Flatten")
    places = dict(zip(nodes, [(0.0, 0.0), (211.0, 37.0), (500.0, -80.0), (900.0, 100.0)], strict=True))
    hands.document.change(edits.move(hands.document.design, places), "Scatter")
    hands.document.select(frozenset(nodes))
    return nodes


def boxes(hands: Hands, nodes: list[str]) -> list[tuple[float, float, float, float]]:
    arrays = hands.view.arrays
    return [tuple(arrays.rects[arrays.row[n]].tolist()) for n in nodes]


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("align_left", lambda b: b[0]),
        ("align_centre", lambda b: b[0] + b[2] / 2),
        ("align_right", lambda b: b[0] + b[2]),
        ("align_top", lambda b: b[1]),
        ("align_middle", lambda b: b[1] + b[3] / 2),
        ("align_bottom", lambda b: b[1] + b[3]),
    ],
)
def test_aligned_nodes_share_a_line(hands: Hands, action: str, line) -> None:
    nodes = scattered(hands)
    before = hands.document.design
    hands.actions[action].trigger()
    assert len({line(box) for box in boxes(hands, nodes)}) == 1
    assert hands.labels()[-1] == "Align 4 layers"
    hands.document.undo_stack.undo()
    assert hands.document.design == before


def test_equal_gaps(hands: Hands) -> None:
    nodes = scattered(hands)
    hands.actions["distribute_horizontally"].trigger()
    found = sorted(boxes(hands, nodes))
    gaps = [b[0] - (a[0] + a[2]) for a, b in pairwise(found)]
    assert max(gaps) - min(gaps) < 1e-9 and found[0][0] == 0.0 and found[-1][0] == 900.0


def test_tidy_slides_there_and_the_design_is_there_at_once(digits: Hands, qtbot) -> None:
    motion.choose("full")
    try:
        view, document = digits.view, digits.document
        before = document.design
        digits.key(KEYS.Key_L, CONTROL | SHIFT)
        assert digits.labels() == ["Tidy all"] and view.sliding.active
        assert document.design.places != before.places
        moved = next(n for n in before.places if before.places[n] != document.design.places[n])
        assert tuple(view.arrays.rects[view.arrays.row[moved], :2]) == before.places[moved], "it starts where it was"
        qtbot.waitUntil(lambda: not view.sliding.active)
        for n, place in document.design.places.items():
            assert tuple(view.arrays.rects[view.arrays.row[n], :2]) == place
        document.undo_stack.undo()
        assert document.design == before
        digits.key(KEYS.Key_L, CONTROL | SHIFT)
        digits.click(-90, -90)
        assert not view.sliding.active, "a hand on the canvas ends it"
    finally:
        motion.choose("reduced")


def test_nothing_moves_by_itself_where_motion_is_reduced(digits: Hands) -> None:
    digits.key(KEYS.Key_L, CONTROL | SHIFT)
    assert not digits.view.sliding.active
    for n, place in digits.document.design.places.items():
        assert tuple(digits.view.arrays.rects[digits.view.arrays.row[n], :2]) == place


def test_who_saw_the_whole_graph_sees_it_after_tidying_too(digits: Hands) -> None:
    digits.view.fit()
    assert digits.view.shows_all
    digits.key(KEYS.Key_L, CONTROL | SHIFT)
    assert digits.view.shows_all
    digits.view.set_zoom(3.0)
    state = digits.view.view_state()
    digits.actions["tidy_all"].trigger()
    assert digits.view.view_state() == state, "who looks at a part is left there"


def test_tidy_selection_leaves_the_others(hands: Hands) -> None:
    nodes = scattered(hands)
    hands.document.select(frozenset(nodes[:3]))
    place = hands.document.design.places[nodes[3]]
    hands.key(KEYS.Key_L, SHIFT)
    assert hands.document.design.places[nodes[3]] == place and hands.labels()[-1] == "Tidy 3 layers"


def test_the_flow_is_a_command_of_one_step(digits: Hands) -> None:
    before = digits.document.design
    digits.actions["flow_down"].trigger()
    design = digits.document.design
    assert design.flow == "down" and design.places != before.places and len(digits.labels()) == 1
    digits.actions["flow_down"].trigger()
    assert len(digits.labels()) == 1
    digits.document.undo_stack.undo()
    assert digits.document.design == before


# -- notes and frames ---------------------------------------------------------------------------------------
def test_a_note_is_added_written_and_deleted_by_key(hands: Hands) -> None:
    hands.key(KEYS.Key_N, CONTROL | Qt.KeyboardModifier.AltModifier)
    editor, document = hands.view.popups.note, hands.document
    assert editor.isVisible() and editor.hasFocus()
    QTest.keyClicks(editor, "cb/ this")  # letters are text here
    QTest.keyClick(editor, KEYS.Key_Return, CONTROL)
    assert [n.text for n in document.design.notes] == ["cb/ this"] and hands.view.hasFocus()
    hands.view.select_drawn(frozenset({document.design.notes[0].id}))
    hands.actions["write"].trigger()
    assert editor.isVisible()
    QTest.keyClicks(editor, "other")
    QTest.keyClick(editor, KEYS.Key_Escape)
    assert document.design.notes[0].text == "cb/ this"
    hands.key(KEYS.Key_Delete)
    assert not document.design.notes
    document.undo_stack.undo()
    assert len(document.design.notes) == 1


def test_a_text_that_is_far_too_long_is_told(hands: Hands) -> None:
    heard: list[str] = []
    hands.document.message_shown.connect(lambda text, _severity: heard.append(text))
    hands.actions["add_note"].trigger()
    editor = hands.view.popups.note
    QApplication.clipboard().setText("word " * 5_000)
    editor.paste()
    assert len(editor.toPlainText()) == 20_000 and "left out" in heard[0]
    editor.take()
    (note,) = hands.document.design.notes
    hands.document.edit(lambda d: drawing.write_note(d, note.id, "x" * 100_000), "Write")
    hands.view.select_drawn(frozenset({note.id}))
    hands.actions["write"].trigger()
    assert not editor.isVisible() and "too many to be changed" in heard[1]
