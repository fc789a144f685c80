"""The command palette: what it offers, in which order, by mouse and keys, and within a frame at 10,000 nodes."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph import drawing
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node
from gui.actions import ROWS
from gui.command_palette.matching import folded, ranked
from gui.command_palette.rows import MOST_SHOWN, Rows
from gui.main_window import MainWindow
from gui.shortcuts.keymap import native
from tests.gui.test_main_window import window  # noqa: F401

Key = Qt.Key


# -- matching -------------------------------------------------------------------------------------
def test_what_begins_so_comes_first_then_words_then_letters() -> None:
    names = ["unsaved", "save as", "add flatten", "fit all", "go to save", "reset layout"]
    assert [names[i] for i in ranked("sa", names)] == ["save as", "go to save", "unsaved", "reset layout"]
    assert [names[i] for i in ranked("fa", names)] == ["add flatten", "fit all"]
    assert ranked("FIT  all", names) == [3] and ranked("zz", names) == []
    assert ranked("", names, first=[4, 2]) == [4, 2, 0, 1, 3, 5], "recent ones first"
    assert ranked("sa", [*names, "save"], first=[6])[0] == 6


names = st.lists(st.text(alphabet="abc 2d", max_size=8).map(folded), max_size=30)


@given(names, st.text(alphabet="abc2d ", max_size=4))
def test_it_finds_exactly_what_holds_the_letters_in_their_order(names, query) -> None:
    found = ranked(query, names)
    assert len(found) == len(set(found))
    for index, name in enumerate(names):
        letters = iter(name)
        wanted = folded(query).replace(" ", "")
        assert (index in found) == (all(letter in letters for letter in wanted) or folded(query) in name)


@given(names, st.text(alphabet="abc2d ", max_size=4), st.sampled_from("abc2d"))
def test_another_letter_finds_no_more(names, query, letter) -> None:
    if not query.endswith(" "):
        assert set(ranked(query + letter, names)) <= set(ranked(query, names))


# -- in the window --------------------------------------------------------------------------------
def open_palette(window: MainWindow):  # noqa: F811
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.command_palette.isVisible() and window.command_palette.query.hasFocus()
    return window.command_palette


def titles(rows: Rows) -> list[str]:
    return [rows.entry(row).title for row in range(rows.rowCount())]


def test_it_offers_commands_layers_nodes_and_templates(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    shown = titles(palette.rows)
    for title in ("Save", "Add Conv2d", "Go to conv1", "Theme: Light", "Text size: 115 %"):
        assert title in shown, title
    assert any(title.startswith("New from template: ") for title in shown)
    assert "Command palette" not in shown
    listed = {palette.rows.entry(row).id for row in range(palette.rows.rowCount())}
    assert set(ROWS) - {"command_palette"} <= listed, "every command can be found"
    save = palette.rows.entry(shown.index("Save"))
    assert save.keys == native("Ctrl+S") and save.place == "File"


def test_notes_and_frames_are_gone_to_and_read_out(window: MainWindow) -> None:  # noqa: F811
    design, note = drawing.add_note(window.document.design, "Compare\nwith run 11 " + "x" * 100, (4000.0, 300.0))
    design, frame = drawing.add_frame(design, "Front", (-5000.0, 0.0, 200.0, 200.0))
    window.document.change(design, "Draw")
    palette = open_palette(window)
    shown = titles(palette.rows)
    row = next(i for i, title in enumerate(shown) if title.startswith("Go to note: Compare with run 11"))
    assert len(shown[row]) < 80 and palette.rows.entry(row).said.endswith("x" * 100)
    palette._choose(row)
    assert window.canvas.drawn.selected == {note} and window.document.selection == frozenset()
    assert window.canvas.visible_rect().contains(4080.0, 340.0)
    palette = open_palette(window)
    palette._choose(titles(palette.rows).index("Go to frame: Front"))
    assert window.canvas.drawn.selected == {frame} and window.canvas.hasFocus()
    window.actions_["delete"].trigger()
    assert window.document.design.frames == ()


def test_what_cannot_be_done_stands_below_with_the_reason(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    QTest.keyClicks(palette.query, "delete")
    entries = [palette.rows.entry(row) for row in range(palette.rows.rowCount())]
    delete = next(entry for entry in entries if entry.id == "delete")
    assert not delete.enabled and delete.said == "Select a layer, a wire, a note or a frame first."
    assert entries.index(delete) >= sum(entry.enabled for entry in entries)
    design = window.document.design
    palette._choose(entries.index(delete))
    assert palette.isVisible() and window.document.design == design


def test_keys_choose_and_the_focus_goes_back(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    QTest.keyClicks(palette.query, "go to conv")
    assert titles(palette.rows) == ["Go to conv1", "Go to conv2"]
    QTest.keyClick(palette.query, Key.Key_Down)
    assert "Go to conv2, Conv2d. 2 of 2 entries" in palette.query.accessibleDescription()
    QTest.keyClick(palette.query, Key.Key_Down)
    QTest.keyClick(palette.query, Key.Key_Up)
    QTest.keyClick(palette.query, Key.Key_Return)
    graph = window.document.design.graph
    assert [graph.nodes[n].label for n in window.document.selection] == ["conv2"]
    assert not palette.isVisible() and window.canvas.hasFocus()
    window.palette_.search.setFocus()
    window.command_palette.open()
    QTest.keyClick(palette.query, Key.Key_Escape)
    assert not palette.isVisible() and window.palette_.search.hasFocus()


def test_a_layer_goes_after_the_selected_one(window: MainWindow) -> None:  # noqa: F811
    before = set(window.document.design.graph.nodes)
    conv = next(n.id for n in window.document.design.graph.nodes.values() if n.label == "conv1")
    window.document.select(frozenset({conv}))
    palette = open_palette(window)
    QTest.keyClicks(palette.query, "add tanh")
    QTest.keyClick(palette.query, Key.Key_Return)
    (new,) = set(window.document.design.graph.nodes) - before
    assert any(w.source == conv and w.target == new for w in window.document.design.graph.wires)


def test_a_click_chooses_and_what_was_chosen_comes_first(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    QTest.keyClicks(palette.query, "reset layout")
    spot = palette.list.visualRect(palette.rows.index(0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert not palette.isVisible() and window.settings.recent_commands[0] == "reset_layout"
    assert titles(open_palette(window).rows)[0] == "Reset layout"
    QTest.keyClicks(palette.query, "fit all")
    QTest.keyClick(palette.query, Key.Key_Return)
    assert titles(open_palette(window).rows)[:2] == ["Fit all", "Reset layout"]


def test_a_click_elsewhere_or_the_same_key_closes_it(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    QTest.keyClick(palette.query, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not palette.isVisible()
    open_palette(window)
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(window.canvas.viewport(), left, Qt.KeyboardModifier.NoModifier, QPoint(20, 400))
    window.canvas.setFocus()
    assert not palette.isVisible()


def test_nothing_found_is_said_and_odd_names_do_no_harm(window: MainWindow) -> None:  # noqa: F811
    palette = open_palette(window)
    for text in ("qqqq", "(((", "\\", "ß☃", "\u202e", "   "):
        palette.query.setText(text)
        assert palette.rows.rowCount() or (text in palette.note.text() and palette.note.isVisible())
    QTest.keyClick(palette.query, Key.Key_Return)
    assert not palette.grab().isNull()


@pytest.fixture
def large() -> Design:
    kinds = ("Conv2d", "ReLU", "Linear", "MaxPool2d")
    layers = {f"l{i}": Layer(f"l{i}", kinds[i % 4]) for i in range(10_000)}
    nodes = {f"n{i}": Node(f"n{i}", f"l{i}", f"{kinds[i % 4].lower()}_{i}") for i in range(10_000)}
    places = {f"n{i}": (214.0 * (i % 100), 192.0 * (i // 100)) for i in range(10_000)}
    return replace(Design(), graph=Graph(Frozen(layers), Frozen(nodes)), places=Frozen(places))


def test_typing_takes_a_frame_or_two_at_10_000_nodes(window: MainWindow, large: Design) -> None:  # noqa: F811
    window.files.show_design(large)
    palette = open_palette(window)
    QApplication.processEvents()
    spent = []
    for text in ("c", "co", "con", "conv2d_40", "linear_9", "go to", "g 9", "x99", ""):
        begun = time.thread_time()
        palette.query.setText(text)
        palette.list.viewport().repaint()
        spent.append(time.thread_time() - begun)
    assert sorted(spent)[len(spent) // 2] < 0.05, spent
    assert palette.rows.rowCount() == MOST_SHOWN < palette.rows.found and "type on" in palette.note.text()
    palette.query.setText("linear_9998")
    assert titles(palette.rows)[0] == "Go to linear_9998"
