"""Whoever points at a remedy sees on the canvas what it would work on, until they point elsewhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.check import outcome
from engine.check.report import Fix, Problem, Report
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import NodeId, Wire
from engine.project import templates
from engine.project.project import Project
from gui.canvas import geometry as g
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.panels.problems import Problems
from gui.panels.remedy import FixButton
from gui.theme import theme


def named(design: Design, label: str) -> NodeId:
    return next(n.id for n in design.graph.nodes.values() if n.label == label)


class Bench:
    """cnn-digits, whose fc1 has a problem that a Flatten before it would solve; the canvas and Problems beside it."""

    def __init__(self, qtbot):
        self.document = Document(Project(design=templates.load("cnn-digits")))
        design = self.document.design
        self.before, self.node = named(design, "flatten"), named(design, "fc1")
        self.wire = design.graph.wires_into(self.node)[0]
        fields = {"source": self.wire.source, "source_port": self.wire.source_port}
        fields |= {"target": self.wire.target, "target_port": self.wire.target_port}
        self.fix = Fix("insert_flatten", "Insert Flatten", Frozen(fields))
        self.view, self.panel = CanvasView(self.document), Problems(self.document)
        for widget in (self.view, self.panel):
            qtbot.addWidget(widget)
            widget.resize(1000, 600)
            widget.show()
        problem = Problem("shape-mismatch", "error", "fc1 cannot.", "It gets 8×8×8.", self.node, fixes=(self.fix,))
        self.document.set_report(design, Report(problems=(problem,)))
        self.told: list[tuple[frozenset[NodeId], frozenset[Wire]]] = []
        self.document.touched_changed.connect(lambda nodes, wires: self.told.append((nodes, wires)))
        self.view.zoom_reset()
        self.view.centre_on(self.node)
        self.view.setFocus()
        QApplication.processEvents()
        self.told.clear()
        self.all = (frozenset({self.before, self.node}), frozenset({self.wire}))

    @property
    def button(self) -> FixButton:
        return self.panel.findChildren(FixButton)[0]

    def image(self) -> QImage:
        for _ in range(30):
            QApplication.processEvents()
        return self.view.viewport().grab().toImage()

    def enter(self) -> None:
        spot = QPointF(5, 5)
        QApplication.sendEvent(self.button, QEnterEvent(spot, spot, spot))

    def leave(self) -> None:
        QApplication.sendEvent(self.button, QEvent(QEvent.Type.Leave))

    def hover(self, x: float, y: float) -> None:
        """The mouse over the node, so far from its corner."""
        spot = QPointF(self.on_node(x, y))
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(QEvent.Type.MouseMove, spot, spot, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.view.viewport(), event)

    def on_node(self, x: float, y: float) -> QPoint:
        left, top, _, _ = self.view.arrays.rects[self.view.arrays.row[self.node]].tolist()
        return self.view.mapFromScene(QPointF(left + x, top + y))


@pytest.fixture
def bench(qtbot) -> Bench:
    return Bench(qtbot)


NOTHING = (frozenset(), frozenset())


def test_the_mouse_on_a_button_of_problems(bench: Bench) -> None:
    plain = bench.image()
    bench.enter()
    assert bench.told == [bench.all]
    marked = bench.image()
    left, top, _, height = bench.view.arrays.rects[bench.view.arrays.row[bench.node]].tolist()
    edge = [bench.view.mapFromScene(QPointF(left - 4, top + y)) for y in range(40, int(height) - 8)]
    accent = theme.colour("accent").rgb()
    assert any(marked.pixel(p) == accent for p in edge) and all(plain.pixel(p) != accent for p in edge)
    bench.leave()
    assert bench.told == [bench.all, NOTHING]
    assert bench.image() == plain


def test_the_focus_on_a_button_of_problems(bench: Bench) -> None:
    button = bench.button
    QApplication.sendEvent(button, QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert bench.told == [bench.all]
    QApplication.sendEvent(button, QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert bench.told == [bench.all, NOTHING]


@pytest.mark.parametrize("spot", [(g.WIDTH / 2, 126.0), (g.WIDTH - g.BADGE_INSET - 2, g.PORT_Y)])
def test_the_mouse_on_the_button_or_the_badge_of_a_node(bench: Bench, spot: tuple[float, float]) -> None:
    bench.hover(30, 30)
    assert bench.told == []
    bench.hover(*spot)
    assert bench.told == [bench.all]
    bench.hover(30, 30)
    assert bench.told == [bench.all, NOTHING]


def test_it_ends_when_the_remedy_is_applied_or_its_row_goes(bench: Bench) -> None:
    bench.enter()
    bench.button.click()
    assert bench.told == [bench.all, NOTHING]
    bench.document.undo_stack.undo()
    bench.enter()
    assert bench.told[-1] == bench.all
    bench.document.set_report(bench.document.design, Report())
    QApplication.processEvents()
    assert bench.told[-1] == NOTHING


def test_a_remedy_of_an_older_report_marks_nothing(bench: Bench) -> None:
    stale = Fix("remove_node", "Remove it", Frozen({"node": "gone"}))
    bench.document.point_at(stale)
    assert bench.told == [NOTHING]


def test_what_an_edit_works_on() -> None:
    design = templates.load("cnn-digits")
    pool, fc1 = named(design, "pool1"), named(design, "fc1")
    around = {w for w in design.graph.wires if pool in (w.source, w.target)}
    assert outcome.touched(design, edits.remove_nodes(design, [pool])) == ({pool}, around)
    assert outcome.touched(design, edits.set_parameter(design, fc1, "out_features", 7)) == ({fc1}, frozenset())
    assert outcome.touched(design, edits.move(design, {fc1: (0.0, 0.0)})) == (frozenset(), frozenset())
    wire = design.graph.wires_into(fc1)[0]
    apart = edits.disconnect(design, [wire])
    assert outcome.touched(design, apart) == (frozenset(), {wire})
    assert outcome.touched(apart, design) == ({wire.source, wire.target}, frozenset())
