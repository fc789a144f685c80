"""Notes and frames with a real mouse: moved, resized, written, deleted, each one undo step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph import drawing, edits
from engine.graph.design import Design
from gui.canvas import editing
from gui.canvas.drawn import Drawn, DrawnHit
from gui.document import Document
from gui.theme import theme
from tests.gui.test_canvas_gestures import ALT, CONTROL, LEFT, NONE, SHIFT, Hands, design_of


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot, Document())


@pytest.fixture
def scene(hands: Hands) -> tuple[list[str], str, str]:
    """Two nodes, a frame around the first, and a note below: (nodes, frame, note)."""
    design, nodes = design_of("Conv2d", "ReLU")
    design, frame = drawing.add_frame(design, "Front", (-24.0, -52.0, 200.0, 240.0))
    design, note = drawing.add_note(design, "Compare with run 11.", (400.0, 300.0), (160.0, 96.0))
    hands.document.change(design, "Fill")
    QApplication.processEvents()
    return nodes, frame, note


def test_a_click_selects_and_delete_removes(hands: Hands, scene) -> None:
    nodes, frame, note = scene
    hands.click(460, 340)
    assert hands.view.drawn.selected == {note}
    hands.click(50, -40, SHIFT)
    assert hands.view.drawn.selected == {note, frame}
    hands.click(50, -40, CONTROL)
    assert hands.view.drawn.selected == {note}
    hands.click(264, 100)  # a node: one or the other
    assert hands.view.drawn.selected == frozenset() and hands.document.selection == {nodes[1]}
    hands.click(460, 340)
    assert hands.document.selection == frozenset()
    hands.key(Qt.Key.Key_Delete)
    assert hands.document.design.notes == () and hands.labels()[-1] == "Delete note"
    hands.document.undo_stack.undo()
    hands.click(50, -40)
    hands.key(Qt.Key.Key_Delete)
    assert hands.document.design.frames == () and len(hands.document.design.graph.nodes) == 2
    hands.click(700, 450)
    assert hands.view.drawn.selected == frozenset()


def test_a_frame_takes_along_what_it_holds_and_is_shown_so(hands: Hands, scene) -> None:
    nodes, frame, _ = scene
    before = hands.document.design
    hands.drag((50, -40), (74, 260), release=False)
    row = hands.view.arrays.row[nodes[0]]
    assert hands.view.arrays.rects[row, :2].tolist() == [24.0, 300.0]
    assert hands.view.drawn.rectangle(frame)[:2] == (0.0, 248.0)
    hands.view.grab()
    assert hands.document.design == before
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(74, 260))
    after = hands.document.design
    assert after.places[nodes[0]] == (24.0, 300.0) and after.places[nodes[1]] == (214.0, 0.0)
    assert (after.frames[0].x, after.frames[0].y) == (0.0, 248.0) and hands.labels()[-1] == "Move frame"
    hands.document.undo_stack.undo()
    assert hands.document.design == before


@pytest.mark.parametrize("start", [(50, -40), (176, 100), (460, 340), (560, 396)])
def test_escape_leaves_all_as_it_was(hands: Hands, scene, start) -> None:
    nodes, frame, note = scene
    before = hands.document.design
    hands.drag(start, (start[0] + 70, start[1] + 90), release=False)
    hands.key(Qt.Key.Key_Escape)
    assert hands.document.design == before and hands.view.layer.lifted is None
    assert hands.view.drawn.rectangle(frame) == (-24.0, -52.0, 200.0, 240.0)
    assert hands.view.drawn.rectangle(note) == (400.0, 300.0, 160.0, 96.0)
    assert hands.view.arrays.rects[hands.view.arrays.row[nodes[0]], :2].tolist() == [0.0, 0.0]


def test_edges_and_corners_resize_on_the_grid(hands: Hands, scene) -> None:
    _, frame, note = scene
    hands.drag((560, 396), (601, 437))
    assert hands.view.drawn.rectangle(note) == (400.0, 300.0, 200.0, 136.0)
    hands.drag((400, 350), (427, 350), held=ALT)
    assert hands.view.drawn.rectangle(note) == (427.0, 300.0, 173.0, 136.0)
    hands.drag((600, 370), (300, 370))
    assert hands.view.drawn.rectangle(note)[2] == drawing.SMALLEST[0]  # never so small that it is lost
    hands.drag((176, 100), (216, 100))
    assert hands.view.drawn.rectangle(frame) == (-24.0, -52.0, 240.0, 240.0)
    assert hands.labels()[-1] == "Resize frame"
    hands.document.undo_stack.undo()
    assert hands.view.drawn.rectangle(frame)[2] == 200.0


def test_a_double_click_writes_notes_and_titles(hands: Hands, scene) -> None:
    QTest.mouseDClick(hands.view.viewport(), LEFT, NONE, hands.pixel(460, 340))
    editor = hands.view.popups.note
    assert editor.isVisible() and editor.toPlainText() == "Compare with run 11."
    QTest.keyClicks(editor, "Eight maps")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "are enough")
    QTest.keyClick(editor, Qt.Key.Key_Return, CONTROL)
    assert hands.document.design.notes[0].text == "Eight maps\nare enough" and not editor.isVisible()
    QTest.mouseDClick(hands.view.viewport(), LEFT, NONE, hands.pixel(460, 340))
    QTest.keyClicks(editor, "lost")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert hands.document.design.notes[0].text == "Eight maps\nare enough"
    QTest.mouseDClick(hands.view.viewport(), LEFT, NONE, hands.pixel(50, -40))
    title = hands.view.popups.title
    assert title.isVisible() and title.accessibleName() == "Title of the frame"
    QTest.keyClicks(title, "Feature part")
    QTest.keyClick(title, Qt.Key.Key_Return)
    assert hands.document.design.frames[0].title == "Feature part" and hands.labels()[-1] == "Rename frame"


def test_within_a_frame_the_canvas_is_free(hands: Hands, scene) -> None:
    nodes, frame, _ = scene
    assert hands.view.hit(QPointF(165, 170)).empty
    hands.drag((160, 160), (20, 20))  # a rubber band, begun inside
    assert hands.document.selection == {nodes[0]} and hands.view.drawn.selected == frozenset()
    assert hands.view.hit(QPointF(-24, 50)).drawn == DrawnHit(frame, (-1, 0))


def test_commands_add_them_and_open_their_text(hands: Hands, scene) -> None:
    nodes, *_ = scene
    editing.add_note(hands.view)
    assert hands.view.popups.note.isVisible() and len(hands.document.design.notes) == 2
    QTest.keyClicks(hands.view.popups.note, "here")
    hands.click(800, 500)  # a click elsewhere takes it
    assert hands.document.design.notes[1].text == "here"
    hands.document.select(frozenset(nodes))
    hands.key(Qt.Key.Key_J, CONTROL)
    assert hands.view.popups.title.isVisible()
    QTest.keyClicks(hands.view.popups.title, "Both")
    QTest.keyClick(hands.view.popups.title, Qt.Key.Key_Return)
    assert hands.document.design.frames[1].title == "Both"
    assert "2 notes" in hands.view.accessibleDescription() and "2 frames" in hands.view.accessibleDescription()


def test_a_text_that_is_too_long_is_refused_in_words(hands: Hands, scene, qtbot) -> None:
    _, _, note = scene
    with qtbot.waitSignal(hands.document.message_shown) as told:
        hands.view.popups._on_note_taken(note, "x" * 1_000_001)
    assert "1000000" in told.args[0] and hands.document.design.notes[0].text == "Compare with run 11."


@pytest.mark.parametrize("zoom", [0.1, 0.3, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("look", ["dark", "light"])
def test_they_are_painted_at_every_zoom(hands: Hands, scene, qapp, zoom, look) -> None:
    theme.apply(qapp, look)
    hands.view.set_zoom(zoom)
    hands.view.centre(QPointF(480, 348))
    QApplication.processEvents()
    image = hands.view.viewport().grab().toImage()
    spot = hands.view.mapFromScene(QPointF(552, 390))  # the note's ground, where no letter stands
    assert image.pixelColor(spot) not in (theme.colour("canvas"), theme.colour("canvas_dot"))
    theme.apply(qapp, "dark")


def test_an_undo_in_the_middle_of_a_drag_leaves_the_canvas_whole(hands: Hands, scene) -> None:
    hands.drag((50, -40), (90, 260), release=False)
    hands.document.undo_stack.undo()
    QTest.mouseRelease(hands.view.viewport(), LEFT, NONE, hands.pixel(90, 260))
    assert hands.document.design == Design() and hands.view.layer.lifted is None
    assert hands.view.drawn.bounds() is None and hands.view.empty.isVisible()


def test_fit_shows_notes_too(hands: Hands, scene) -> None:
    design, _ = drawing.add_note(hands.document.design, "far", (3000.0, 0.0))
    hands.document.change(design, "Note")
    assert not hands.view.shows_all
    hands.view.fit()
    assert hands.view.shows_all


rectangles = st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.integers(40, 400), st.integers(24, 400))


@given(st.lists(rectangles, max_size=5), st.lists(rectangles, max_size=5), rectangles)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_hit_lies_there_and_is_the_topmost(qapp, frames, notes, at) -> None:
    design = Design()
    for x, y, width, height in frames:
        design, _ = drawing.add_frame(design, "f", (float(x), float(y), float(width), float(height)))
    for x, y, width, height in notes:
        design, _ = drawing.add_note(design, "n", (float(x), float(y)), (float(width), float(height)))
    drawn = Drawn()
    drawn.show_design(design)
    point = QPointF(*at[:2])
    found = drawn.hit(point, 1.0)
    inside = [n.id for n in design.notes if n.x <= point.x() <= n.x + n.width and n.y <= point.y() <= n.y + n.height]
    if inside:
        assert found is not None and found.id in drawn.notes
    if found is not None:
        x, y, width, height = drawn.rectangle(found.id)
        assert x - 6 <= point.x() <= x + width + 6 and y - 6 <= point.y() <= y + height + 6
    assert edits.prune(design.graph) == design.graph
