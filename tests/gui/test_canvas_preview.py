"""What a wire that is being drawn would bring: asked of the other thread, shown beside the mouse, newest wins."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtWidgets import QApplication

from engine.check import checker, preview
from engine.check.report import TensorSpec
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import Graph, Wire
from gui.canvas.gestures.note import within
from gui.canvas.gestures.wire import DragWire
from gui.document import Document
from gui.runner import Runner
from tests.gui.test_canvas_gestures import Hands, design_of

DATA = DataSpec("", "", (FieldSpec("image", "image", (1, 28, 28), "float32"),), (), 10, 0, 0)


@pytest.fixture
def fed(qtbot) -> tuple[Hands, list[str]]:
    """An Input and, beside it, layers that are wired to nothing."""
    design, nodes = design_of("Input", "Conv2d", "Linear", "Conv2d")
    design = edits.set_parameter(design, nodes[1], "kernel_size", 5)
    design = edits.set_parameter(design, nodes[3], "kernel_size", 40)
    hands = Hands(qtbot, Document())
    hands.document.change(design, "Fill")
    hands.document.set_report(design, checker.check(design, DATA))
    QApplication.processEvents()
    return hands, nodes


def gesture_of(hands: Hands) -> DragWire:
    gesture = hands.view.overlay.gesture
    assert isinstance(gesture, DragWire)
    return gesture


def test_the_shape_that_the_target_would_give_stands_beside_the_mouse(fed) -> None:
    hands, (image, conv, *_) = fed
    asked: list[tuple[Graph, Wire]] = []
    hands.view.preview_wanted.connect(lambda graph, wire: asked.append((graph, wire)))
    hands.drag((152, 18), (214, 18), release=False)
    gesture, wire = gesture_of(hands), Wire(image, conv)
    assert [w for _, w in asked] == [wire]
    assert gesture.note() == "1×28×28"  # until it is known
    hands.view.show_preview(Wire(image, "another"), TensorSpec((3,)))
    assert gesture.note() == "1×28×28"
    hands.view.show_preview(wire, preview.outcome(asked[0][0], hands.document.report, wire))
    assert gesture.note() == "→ 8×24×24"
    hands.move(hands.pixel(214, 160))
    hands.move(hands.pixel(214, 18))
    assert gesture.note() == "→ 8×24×24" and len(asked) == 1  # what is known is not asked again


def test_backwards_the_same(fed) -> None:
    hands, (image, conv, *_) = fed
    hands.drag((214, 18), (152, 18), release=False)
    hands.view.show_preview(Wire(image, conv), TensorSpec((6, 24, 24)))
    assert gesture_of(hands).note() == "→ 6×24×24"


def test_why_not_in_words_where_only_a_run_can_tell(fed) -> None:
    hands, (image, _, linear, _) = fed
    graph, report = hands.document.design.graph, hands.document.report
    refused = preview.outcome(graph, report, Wire(image, linear))
    assert refused == "Linear needs one vector per sample; input sends 1×28×28."
    hands.drag((152, 18), (214, 18), release=False)
    gesture = gesture_of(hands)
    assert gesture.candidate is not None
    hands.view.show_preview(gesture.candidate, "It does not go.")
    assert gesture.note() == "It does not go."


def test_an_answer_that_comes_after_the_gesture_is_dropped(fed) -> None:
    hands, (image, conv, *_) = fed
    hands.view.show_preview(Wire(image, conv), TensorSpec((3,)))


def test_of_several_questions_the_newest_is_answered(qtbot, fed) -> None:
    _, nodes = fed
    document = Document()
    runner = Runner(document)
    design, answers = fed[0].document.design, list[tuple[Wire, object]]()
    document.set_report(design, fed[0].document.report)
    runner.wire_previewed.connect(lambda wire, outcome: answers.append((wire, outcome)))
    last = Wire(nodes[0], nodes[1])
    for target in (nodes[2], nodes[3], nodes[1]):
        runner.preview_wire(design.graph, Wire(nodes[0], target))
    runner.start_warm_up()
    qtbot.waitUntil(lambda: bool(answers), timeout=60_000)
    runner.shutdown()
    assert answers == [(last, TensorSpec((8, 24, 24)))]


@pytest.mark.parametrize("seed", range(4))
def test_a_preview_is_what_the_check_then_finds(seed: int) -> None:
    """Over all layers of the small catalogue that a wire can end at, with an image, a vector and a sequence."""
    kinds = ("Conv2d", "MaxPool2d", "ReLU", "Flatten", "Linear", "LSTM", "BatchNorm2d", "Embedding", "Conv1d")
    shape = ((1, 28, 28), (16,), (5, 7), (3, 2, 2))[seed]
    data = DataSpec("", "", (FieldSpec("x", "vector", shape, "float32"),), (), 10, 0, 0)
    for first, second in itertools.product(kinds, kinds):
        design = Design()
        design, source = edits.add_node(design, "Input", (0, 0))
        design, middle = edits.add_node(design, first, (0, 0))
        design, target = edits.add_node(design, second, (0, 0))
        design = edits.connect(design, Wire(source, middle))
        report, wire = checker.check(design, data), Wire(middle, target)
        foreseen = preview.outcome(design.graph, report, wire)
        after = checker.check(edits.connect(design, wire), data)
        told = [p.why for p in after.problems if p.node == target and p.severity == "error"]
        arriving = report.output(middle)
        if arriving is None or arriving.batch_axis != 0:
            assert foreseen is None
        else:
            assert foreseen == (after.output(target) or told[0]), (first, second)


def test_what_stands_beside_the_mouse_is_seen_at_the_edge_too() -> None:
    room = QRect(0, 0, 1000, 600)
    for x, y in ((990, 10), (990, 595), (10, 595), (-30, -5)):
        box = within(room, QRectF(x, y, 330, 60))
        assert QRectF(room).contains(box) and box.size() == QSizeF(330, 60)
    assert within(room, QRectF(40, 50, 330, 60)) == QRectF(40, 50, 330, 60)
