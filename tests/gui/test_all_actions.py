"""Any sequence of commands that edit, whatever is selected meanwhile: canvas, Outline and design always tell the same;
undo all gives the first design again, and redo all the last.

Which commands: every row of the table but those of menus that change no design (files, looks, training, data, panes,
help), and those that only open what has commands of its own. What a command opens (a list, a field) is used as well.

STRATA_ACTION_STEPS says how many steps are made in all (20,000 where it is not set); at the end the count is printed.
"""

from __future__ import annotations

import os
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from engine.catalog import catalog
from engine.check import checker
from engine.errors import StrataError
from engine.graph.design import Design
from engine.project import templates
from engine.project.project import Project
from gui.actions import ACTIONS
from gui.canvas.arrays import BYPASSED, FOUND, SELECTED
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.panels.outline import Outline
from gui.panels.outline_model import NAME, SOURCES
from tests.gui.commands import bind

STEPS = int(os.environ.get("STRATA_ACTION_STEPS", "20000"))
LENGTH = 50  # of a sequence, at least
MOST = 40  # nodes, beyond which all are removed: long sequences would grow without end
NO_EDITS = ("File", "View", "Train", "Data", "Window", "Help")
ONLY_OPEN = ("undo_history", "context_menu", "find_layer")
PLAYED = tuple(r.id for r in ACTIONS if r.menu.partition("/")[0] not in NO_EDITS and r.id not in ONLY_OPEN)
TEXTS = ("", "conv1", "Größe", "a" * 79, "名前", "1.5", "3", "(2, 2)", "-7", "x\ny", "relu 1", "‮")
KINDS = tuple(catalog.load().layers)
STARTS = tuple(templates.load(name) for name in ("blank", "mlp-digits", "cnn-digits", "resnet-8"))


class Hand:
    """Plays commands on a canvas and an Outline of one document."""

    def __init__(self, document: Document):
        self.document = document
        self.view = CanvasView(document)
        self.outline = Outline(document)
        self.actions = bind(self.view, self.outline)
        self.actions["undo"].triggered.connect(document.undo_stack.undo)
        self.actions["redo"].triggered.connect(document.undo_stack.redo)
        self.actions["fix"].triggered.connect(self._fix)
        for widget in (self.view, self.outline):
            widget.resize(700, 500)
            widget.show()
        self.told: list[str] = []
        document.message_shown.connect(lambda text, _severity: self.told.append(text))
        self.played: Counter[str] = Counter()

    def _fix(self) -> None:
        fixes = [fix for problem in self.document.problems for fix in problem.fixes]
        if fixes:
            self.document.apply_fix(fixes[0])

    def open(self, design: Design) -> None:
        """Each sequence has a clipboard of its own: what is copied from copies for ever wanders out of the canvas."""
        QApplication.clipboard().setText("nothing that could be pasted")
        self.document.set_project(Project(design=design), None)

    def step(self, action: str, a: int, b: int) -> None:
        self._select(a)
        self.actions[action].trigger()
        self.played[action] += 1
        self._use_what_opened(b)
        if len(self.document.design.graph.nodes) > MOST:
            self.actions["select_all"].trigger()
            self.actions["delete"].trigger()

    def _select(self, a: int) -> None:
        """As a mouse or the Outline would: nothing, some nodes, a wire, a note or a frame; or all stays as it is."""
        graph = self.document.design.graph
        nodes, drawn = list(graph.nodes), [*self.view.drawn.notes, *self.view.drawn.frames]
        if a % 8 == 0 and graph.wires:
            self.document.select(frozenset())
            self.view.select_wires(frozenset({graph.wires[a // 8 % len(graph.wires)]}))
        elif a % 8 == 1 and drawn:
            self.view.select_drawn(frozenset({drawn[a // 8 % len(drawn)]}))
        elif a % 8 == 2:
            self.document.select(frozenset(nodes[:: 1 + a // 8 % 4]))
        elif a % 8 < 7 and nodes:
            self.document.select(frozenset({nodes[a // 8 % len(nodes)]}))

    def _use_what_opened(self, b: int) -> None:
        popups = self.view.popups
        text = TEXTS[b % len(TEXTS)]
        if popups.chooser.isVisible():
            popups.chooser.choose(b % max(1, popups.chooser.rows.rowCount()))
            popups.chooser.close_it()
        if not self.view.find_bar.isHidden() and b % 3:
            self.view.find_bar.query.setText(text)
        elif b % 2:
            self.view.find_bar.close_it()
        if popups.add_by_name.isVisible():
            popups.add_by_name._choose(KINDS[b % len(KINDS)])
        for field in (popups.editor, popups.title):
            if field.isVisible():
                field.setText(text)
                field.take()
        if popups.note.isVisible():
            popups.note.setPlainText(text)
            popups.note.take()

    def check(self) -> None:
        """What the check finds, so that remedies and reasons are those of this design."""
        design = self.document.design
        try:
            self.document.set_report(design, checker.check(design))
        except StrataError as error:
            pytest.fail(f"check raised {error}")

    # -- what must always hold --------------------------------------------------------------------
    def compare(self, thoroughly: bool) -> None:
        self.view.sliding.end()  # what slides is where the design has it only at the end
        design, arrays, graph = self.document.design, self.view.arrays, self.document.design.graph
        assert arrays.ids == list(graph.nodes)
        assert arrays.wires == graph.wires
        assert [arrays.ids[row] for row in arrays.source.tolist()] == [w.source for w in graph.wires]
        assert [arrays.ids[row] for row in arrays.target.tolist()] == [w.target for w in graph.wires]
        assert list(map(tuple, arrays.rects[:, :2].tolist())) == [design.places[n] for n in graph.nodes]
        passing = [bool(bits & BYPASSED) for bits in arrays.state.tolist()]
        assert passing == [node.bypassed for node in graph.nodes.values()]
        chosen = {arrays.ids[row] for row in np.flatnonzero(arrays.state & SELECTED).tolist()}
        assert chosen == self.document.selection == self.outline._nodes_of_rows()
        found = {arrays.ids[row] for row in np.flatnonzero(arrays.state & FOUND).tolist()}
        assert found == self.document.found == set(self.view.find_bar.results)
        assert tuple(self.view.drawn.notes.values()) == design.notes
        assert tuple(self.view.drawn.frames.values()) == design.frames
        model = self.outline.model
        rows = [model.index(row, NAME) for row in range(model.rowCount())]
        shown = {model.node_at(index): index for index in rows}
        assert len(rows) == len(graph.nodes) and shown.keys() == graph.nodes.keys()
        if thoroughly:
            fed: dict[str, dict[str, None]] = {}
            for wire in graph.wires:
                fed.setdefault(wire.target, {})[graph.nodes[wire.source].label] = None
            for node, index in shown.items():
                assert index.data() == graph.nodes[node].label
                sources = dict.fromkeys(w.source for w in graph.wires if w.target == node)
                assert index.siblingAtColumn(SOURCES).data() == ", ".join(graph.nodes[s].label for s in sources)


def play(hand: Hand, start: int, steps: list[tuple[str, int, int]]) -> None:
    stack = hand.document.undo_stack
    first = STARTS[start % len(STARTS)]
    hand.open(first)
    for index, (action, a, b) in enumerate(steps):
        if index % 17 == 5:
            hand.check()
        hand.step(action, a, b)
        hand.compare(thoroughly=index % 10 == 0)
    while stack.canRedo():
        stack.redo()
    last, count = hand.document.design, stack.index()
    while stack.canUndo():
        stack.undo()
    hand.compare(thoroughly=True)
    assert hand.document.design == first and stack.index() == 0
    while stack.canRedo():
        stack.redo()
    hand.compare(thoroughly=True)
    assert hand.document.design == last and stack.index() == count
    assert all(text.rstrip().endswith((".", "?", "’")) for text in hand.told), hand.told
    hand.told.clear()


def test_the_rule_names_commands_that_are_there() -> None:
    assert set(ONLY_OPEN) <= {row.id for row in ACTIONS}
    assert {"paste", "undo", "redo", "fix", "swap", "tidy_all", "flow_down", "nudge_left", "add_layer"} <= set(PLAYED)


@pytest.mark.timeout(max(300, STEPS // 100))
def test_any_sequence_of_commands_can_be_undone_and_is_shown_as_it_is(qtbot, capsys) -> None:
    hand = Hand(Document())
    qtbot.addWidget(hand.view)
    qtbot.addWidget(hand.outline)
    numbers = st.integers(0, 2_000)
    steps = st.lists(st.tuples(st.sampled_from(PLAYED), numbers, numbers), min_size=LENGTH, max_size=LENGTH + 10)
    started = time.monotonic()

    @settings(
        max_examples=max(1, STEPS // LENGTH),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 3), steps)
    def played(start: int, chosen: list[tuple[str, int, int]]) -> None:
        play(hand, start, chosen)

    played()
    total, unused = sum(hand.played.values()), set(PLAYED) - set(hand.played)
    with capsys.disabled():
        took = time.monotonic() - started
        print(f"\n{total:,} steps of {len(hand.played)} commands, undone and redone, in {took:.0f} s")
    assert total >= STEPS and not unused, unused
    hand.document.set_project(Project(), None)
