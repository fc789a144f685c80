"""Plays commands of the table and gestures of the mouse in one window, and looks whether all of it tells the same.

A step is a name and two numbers: what is selected, pointed at, typed or chosen follows from them, so that a sequence
can be played again. What a command opens (a list, a field, a menu, a dialog) is used, then closed.
"""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from engine.catalog import catalog
from engine.check import checker
from engine.graph.design import Design
from engine.project import templates
from engine.project.project import Project
from gui.actions import ACTIONS
from gui.canvas.arrays import BYPASSED, FOUND, SELECTED
from gui.main_window import MainWindow
from gui.panels.editor import TypedEditor
from gui.panels.outline_model import NAME, SOURCES
from gui.settings import Settings
from tests.gui.canvas_mouse import CanvasMouse

LENGTH = 50  # of a sequence, at least
MOST = 40  # nodes, beyond which all are removed: long sequences would grow without end
ASKS_THE_PLATFORM = "asks by a dialog of the platform which file is meant"
ENDS = "opens or ends a window"
TRAINS = "belongs to training, which is no edit and takes its time"
NOT_PLAYED = {
    **dict.fromkeys(("open", "open_in_window", "save", "save_as"), ASKS_THE_PLATFORM),
    **dict.fromkeys(("new_window", "close_window", "quit"), ENDS),
    **dict.fromkeys(("train", "start_over", "pause", "stop"), TRAINS),
    "log_folder": "opens the files of the platform",
}
COMMANDS = tuple(row.id for row in ACTIONS if row.id not in NOT_PLAYED)
GESTURES = ("drag", "pan", "click", "double_click", "drop", "write_in_outline", "write_in_inspector")
# These dress the whole window anew or make pages of it: they are dear, and change no design. Seldom is often enough.
DEAR = {r.id for r in ACTIONS if r.group in ("theme", "text")} | {
    "theme_switch", "reset_layout", "welcome", "shortcuts", "tour", "help", "new", "about",
}  # fmt: skip
OFTEN = 60  # as often as the dear ones are the others played
STEPS = (*COMMANDS, *(*(c for c in COMMANDS if c not in DEAR), *GESTURES * 3) * OFTEN)
TEXTS = ("", "conv1", "Größe", "a" * 79, "名前", "1.5", "3", "(2, 2)", "-7", "x\ny", "relu 1", "‮")
TYPED = ("", "3", "17", "0.25", "2, 3", "-1", "none", "x")
KINDS = tuple(catalog.load().layers)
STARTS = tuple(templates.load(name) for name in ("blank", "mlp-digits", "cnn-digits", "resnet-8"))
Step = tuple[str, int, int]


class Keeps:
    """Answers what the window asks: nothing is given up, no file is chosen."""

    def ask(self, _title: str, _text: str, _choices: object, cancel: str = "cancel", details: str = "") -> str:
        return cancel

    def open_path(self, _folder: pathlib.Path) -> None:
        return None

    def save_path(self, _suggestion: pathlib.Path) -> None:
        return None


class Player:
    def __init__(self, folder: pathlib.Path):
        self.window = window = MainWindow(Settings(folder / "strata.ini"))
        window.files.dialogs = Keeps()  # type: ignore[assignment]
        self.document, self.view, self.outline = window.document, window.canvas, window.outline
        self.mouse = CanvasMouse(self.view)
        self.played: Counter[str] = Counter()
        self.told: list[str] = []
        self.document.message_shown.connect(lambda text, _severity: self.told.append(text))
        self.gestures: dict[str, Callable[[int, int], None]] = {
            "drag": self.mouse.drag,
            "pan": self.mouse.pan,
            "click": self.mouse.click,
            "double_click": self.mouse.double_click,
            "drop": lambda a, b: self.mouse.drop(KINDS[b % len(KINDS)], a),
            "write_in_outline": self._write_in_outline,
            "write_in_inspector": self._write_in_inspector,
        }
        window.resize(1400, 800)
        window.show()
        window.left.show_page(1)
        QApplication.processEvents()

    def close(self) -> None:
        self.open(Design())
        QApplication.processEvents()
        assert self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def open(self, design: Design) -> None:
        self.document.set_project(Project(design=design), None)

    # -- a sequence ----------------------------------------------------------------------------------
    def play(self, start: int, steps: list[Step]) -> None:
        """All steps, all of them undone, all made again."""
        stack, first = self.document.undo_stack, STARTS[start % len(STARTS)]
        self.open(first)
        opened: list[Design] = []
        listens = self.document.project_opened.connect(lambda: opened.append(self.document.design))
        for index, (name, a, b) in enumerate(steps):
            if index % 17 == 5:
                self._check()
            self.step(name, a, b)
            self.compare(thoroughly=index % 10 == 0)
        self.document.project_opened.disconnect(listens)
        first = opened[-1] if opened else first
        self._go_through_history(stack.redo, stack.canRedo)
        last, count = self.document.design, stack.index()
        self._go_through_history(stack.undo, stack.canUndo)
        assert self.document.design == first and stack.index() == 0, "undone, it is another design"
        self._go_through_history(stack.redo, stack.canRedo)
        assert self.document.design == last and stack.index() == count, "made again, it is another design"
        assert all(text.rstrip().endswith((".", "?", "’")) for text in self.told), self.told
        self.told.clear()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _go_through_history(self, go: Callable[[], None], can: Callable[[], bool]) -> None:
        while can():
            go()
        self.compare(thoroughly=True)

    def step(self, name: str, a: int, b: int) -> None:
        if name in self.gestures:
            self.gestures[name](a, b)
        else:
            self._select(a)
            self.window.actions_[name].trigger()
        self.played[name] += 1
        self._use_what_opened(b)
        if len(self.document.design.graph.nodes) > MOST:
            self.window.actions_["select_all"].trigger()
            self.window.actions_["delete"].trigger()

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

    def _write_in_outline(self, a: int, b: int) -> None:
        model = self.outline.model
        if model.rowCount():
            model.setData(model.index(a % model.rowCount(), NAME), TEXTS[b % len(TEXTS)], Qt.ItemDataRole.EditRole)

    def _write_in_inspector(self, a: int, b: int) -> None:
        self._select(a)
        editors = [editor for editor in self.window.inspector.findChildren(TypedEditor) if editor.isVisible()]
        if editors:
            line = editors[b % len(editors)]._line
            if line.isEnabled():
                line.selectAll()
                QTest.keyClicks(line, TYPED[b // 7 % len(TYPED)])
                QTest.keyClick(line, Qt.Key.Key_Return)

    # -- what commands open ----------------------------------------------------------------------------
    def _use_what_opened(self, b: int) -> None:
        popups, text = self.view.popups, TEXTS[b % len(TEXTS)]
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
        if self.window.undo_history.isVisible():
            self.window.undo_history.go(b % (self.document.undo_stack.count() + 1))
            self.window.undo_history.close_it()
        self._use_palette(b)
        self._use_menu(b)
        for dialog in self.window.findChildren(QDialog):
            dialog.reject()

    def _use_palette(self, b: int) -> None:
        palette = self.window.command_palette
        if palette.isVisible():
            palette.query.setText(KINDS[b % len(KINDS)])
            rows = range(palette.rows.rowCount())
            layer = next((row for row in rows if palette.rows.entry(row).title == KINDS[b % len(KINDS)]), None)
            if layer is not None:
                palette._choose(layer)
            palette.close_it()

    def _use_menu(self, b: int) -> None:
        menu = QApplication.activePopupWidget()
        while isinstance(menu, QMenu):
            usable = [a for a in menu.actions() if a.objectName() in COMMANDS and a.isEnabled()]
            menu.close()
            if usable:
                usable[b % len(usable)].trigger()
                self._use_what_opened(b)
            menu = QApplication.activePopupWidget()

    def _check(self) -> None:
        """What the check finds, so that remedies and reasons are those of this design."""
        design = self.document.design
        self.document.set_report(design, checker.check(design))

    # -- what must always hold ---------------------------------------------------------------------------
    def compare(self, thoroughly: bool) -> None:
        """Canvas and Outline show the design; what slides or is behind another page is brought into sight first."""
        self.window.leave_welcome()
        self.window.left.show()
        self.window.left.show_page(1)
        self.view.sliding.end()
        design, arrays, graph = self.document.design, self.view.arrays, self.document.design.graph
        assert not self.view.pointing.busy
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
        self._compare_outline(design, thoroughly)

    def _compare_outline(self, design: Design, thoroughly: bool) -> None:
        graph, model = design.graph, self.outline.model
        rows = [model.index(row, NAME) for row in range(model.rowCount())]
        shown = {model.node_at(index): index for index in rows}
        assert len(rows) == len(graph.nodes) and shown.keys() == graph.nodes.keys()
        if not thoroughly:
            return
        fed: dict[str, dict[str, None]] = {}
        for wire in graph.wires:
            fed.setdefault(wire.target, {})[wire.source] = None
        for node, index in shown.items():
            assert node is not None and index.data() == graph.nodes[node].label
            sources = ", ".join(graph.nodes[source].label for source in fed.get(node, {}))
            assert index.siblingAtColumn(SOURCES).data() == sources
