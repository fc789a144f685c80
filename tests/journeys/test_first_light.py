"""The main path as a person walks it: drag a network together, mend it, train it, see it learn, save, come back, undo.

Only mouse and key events on widgets that are shown; the assertions look at what is shown and at the document.
"""

from __future__ import annotations

import itertools
import pathlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication

from engine.graph.design import Design
from engine.graph.model import NodeId
from engine.project.project import Project
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme

HANDS = pathlib.Path(__file__).parent
if str(HANDS) not in sys.path:
    sys.path.insert(0, str(HANDS))

from hands import Hands  # noqa: E402


@pytest.fixture
def window(qapp: QApplication, qtbot, tmp_path: pathlib.Path):
    theme.apply(qapp, "dark")
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    window.resize(1600, 1000)
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    window.runner.start_warm_up()
    yield window
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def node_of(window: MainWindow, kind: str) -> NodeId:
    graph = window.document.design.graph
    found = [n.id for n in graph.nodes.values() if graph.layers[n.layer].kind == kind]
    assert len(found) == 1, f"{kind}: {found}"
    return found[0]


def port(window: MainWindow, node: NodeId, side: str, index: int = 0) -> QPointF:
    """Where a port is drawn, in the canvas viewport's pixels (visual.md: 18 px below the top, 24 px apart)."""
    x, y = window.document.design.places[node]
    scene = QPointF(x + (152 if side == "out" else 0), y + 18 + 24 * index)
    return QPointF(window.canvas.mapFromScene(scene))


def drawn(design: Design) -> Design:
    """The design without the note of what the data were, which training adds to the file."""
    return replace(design, data=replace(design.data, fingerprint=""))


@pytest.mark.timeout(240)
def test_first_light(window: MainWindow, qtbot, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    hands, document = Hands(window, monkeypatch), window.document
    hands.control(Qt.Key.Key_N)
    assert not document.design.graph.nodes

    # drag five layers
    spots = {"Input": (60, 60), "Conv2d": (290, 60), "ReLU": (520, 60), "Linear": (60, 260)}
    spots["CrossEntropyLoss"] = (290, 260)
    for kind, (x, y) in spots.items():
        hands.place(kind, QPointF(x, y))
        assert node_of(window, kind) in document.selection
    assert len(document.design.graph.nodes) == 5

    # wire them port to port
    chain = list(spots)
    canvas = window.canvas.viewport()
    for before, after in itertools.pairwise(chain):
        hands.drag(canvas, port(window, node_of(window, before), "out"), port(window, node_of(window, after), "in"))
    assert len(document.design.graph.wires) == 4

    # problems are shown, and mended by their buttons
    checked = lambda: window.runner.state == "idle" and document.reported_design is document.design  # noqa: E731
    qtbot.waitUntil(checked, timeout=60_000)
    assert not document.report.trainable
    hands.tab("Problems")
    for _ in range(6):
        qtbot.waitUntil(lambda: document.reported_design is document.design, timeout=20_000)
        blocking = [p for p in document.report.blocking if p.fixes]
        if not blocking:
            break
        before = document.design
        hands.click(hands.find(QAbstractButton, blocking[0].fixes[0].label))
        qtbot.waitUntil(lambda b=before: document.design is not b, timeout=5_000)
    kinds = {layer.kind for layer in document.design.graph.layers.values()}
    assert {"Flatten", "Target"} <= kinds
    qtbot.waitUntil(lambda: document.report.trainable, timeout=20_000)

    # train, with the convolution selected and its features shown
    hands.click(canvas, port(window, node_of(window, "Conv2d"), "in") + QPointF(60, 4))
    assert document.selection == frozenset({node_of(window, "Conv2d")})
    hands.tab("Features")
    path = (node_of(window, "Conv2d"),)
    qtbot.waitUntil(lambda: document.look is not None and document.look.picture(path) is not None, timeout=30_000)
    first = document.look.picture(path).tiles.copy()
    hands.click(hands.find(QAbstractButton, "Train"))
    qtbot.waitUntil(lambda: document.look is not None and document.look.step > 50, timeout=60_000)
    assert document.running_design is None or document.running_design.graph == document.design.graph
    assert not np.array_equal(first, document.look.picture(path).tiles), "the features did not change"
    qtbot.waitUntil(lambda: window.runner.state == "idle", timeout=60_000)
    steps = document.project.run.state.step
    assert steps > 50 and document.project.run.history.loss[-20:].mean() < document.project.run.history.loss[0]
    assert document.undo_stack.canUndo(), "training lost the history"

    # save and reopen
    file = tmp_path / "first.strata"
    hands.choose_file(file, lambda: hands.control(Qt.Key.Key_S))
    qtbot.waitUntil(lambda: document.path == file and not document.dirty, timeout=20_000)
    assert document.undo_stack.canUndo(), "saving lost the history"
    saved = document.design
    hands.control(Qt.Key.Key_N)
    assert document.path is None and not document.design.graph.nodes
    hands.choose_file(file, lambda: hands.control(Qt.Key.Key_O))
    qtbot.waitUntil(lambda: document.path == file, timeout=20_000)
    assert drawn(document.design) == drawn(saved)
    saved = document.design
    assert document.project.run.state.step == steps and document.project.run.history.loss.size == steps
    assert document.look is not None and document.look.picture(path) is not None

    # an edit by the form, and undo
    hands.click(canvas, port(window, node_of(window, "Conv2d"), "in") + QPointF(60, 4))
    hands.tab("Parameters")
    field = hands.find(QAbstractSpinBox, "Filters")
    field.setFocus()
    field.selectAll()
    hands.keys("12")
    hands.key(Qt.Key.Key_Return)
    layer = document.design.graph.layer_of(node_of(window, "Conv2d"))
    assert layer.parameters["out_channels"] == 12
    hands.control(Qt.Key.Key_Z)
    assert document.design == saved
    QTest.qWait(50)
