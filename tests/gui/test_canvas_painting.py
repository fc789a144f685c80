"""What the canvas paints: every level of detail without a fault, pictures only where they changed, fast when large."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from engine.check.report import Cost, Fix, Problem, Report, TensorSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Block, Graph, Wire
from engine.observe.history import History
from engine.observe.picture import Look, Picture, Request, View
from engine.project.project import Project, RunRecord
from gui.canvas import geometry as g
from gui.canvas.content import Content, in_words
from gui.canvas.faces import BUTTON_ROOM, button_lines, button_rect, face_font
from gui.canvas.graph_layer import GraphLayer
from gui.canvas.hit_test import Hit
from gui.canvas.ports import row
from gui.canvas.thumbnails import Body, aside, body_rect, paint_body, picture_rect
from gui.canvas.tips import tip
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.theme import theme
from gui.widgets.numbers import thousands


@pytest.fixture
def small(qtbot) -> tuple[CanvasView, Document, dict[str, str]]:
    design, ids = Design(), {}
    for index, kind in enumerate(("Input", "Conv2d", "ReLU", "Flatten", "Linear", "CrossEntropyLoss", "Target")):
        design, ids[kind] = edits.add_node(design, kind, (index % 4 * 214.0, index // 4 * 192.0))
    chain = list(ids.values())[:6]
    for a, b in itertools.pairwise(chain):
        design = edits.connect(design, Wire(a, b))
    design = edits.connect(design, Wire(ids["Target"], ids["CrossEntropyLoss"], "target"))
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()
    document.change(design, "Fill")
    shapes = {"Input": (1, 8, 8), "Conv2d": (8, 8, 8), "ReLU": (8, 8, 8), "Flatten": (512,), "Linear": (10,)}
    outputs = {((ids[kind],), "output"): TensorSpec(shape) for kind, shape in shapes.items()}
    costs = {(node,): Cost(5130 if kind == "Linear" else 0) for kind, node in ids.items()}
    document.set_report(design, Report(outputs=Frozen(outputs), costs=Frozen(costs), trained=frozenset(ids.values())))
    view.set_zoom(1.0)
    view.fit()
    settle(view)
    return view, document, ids


def settle(view: CanvasView) -> None:
    for _ in range(100):
        QApplication.processEvents()
        if not view.layer.pending:
            return


def picture(node: str, tiles: np.ndarray, signed: bool = False, total: int | None = None) -> Picture:
    cells = tiles.shape[:2] == (1, 1)
    units = tuple(range(tiles.shape[2] if cells else len(tiles)))
    peak = float(np.abs(tiles).max())
    return Picture(View((node,)), tiles, units, total or len(units), -peak if signed else 0.0, peak, signed)


def look(*pictures: Picture, **more) -> Look:
    return Look(Request(()), 10, 1.0, pictures, **more)


@pytest.mark.parametrize("zoom", [0.1, 0.3, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_level_paints_in_both_themes(small, zoom: float, name: str) -> None:
    view, document, ids = small
    app = QApplication.instance()
    theme.apply(app, name)
    rng = np.random.default_rng(0)
    document.set_look(
        look(
            picture(ids["Input"], rng.random((1, 8, 8), np.float32)),
            picture(ids["Conv2d"], rng.normal(size=(8, 8, 8)).astype(np.float32), signed=True),
            picture(ids["Flatten"], rng.random((1, 1, 512), np.float32)),
            picture(ids["Linear"], rng.normal(size=(1, 1, 10)).astype(np.float32), signed=True),
            predictions=((3, 0.5),),
            targets=(3,),
            samples=(17,),
        )
    )
    view.show_history(History(loss=np.linspace(2, 0.1, 500), rate=np.zeros(500)))
    document.select(frozenset({ids["Conv2d"]}))
    view.set_zoom(zoom)
    settle(view)
    image = view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(2, image.width(), 5) for y in range(2, image.height(), 5)}
    assert len(colours) > 3
    theme.apply(app, "dark")


def test_a_look_repaints_only_the_pictures_that_changed(small, monkeypatch) -> None:
    view, document, ids = small
    first = picture(ids["Conv2d"], np.ones((8, 8, 8), np.float32))
    other = picture(ids["ReLU"], np.ones((8, 8, 8), np.float32))
    document.set_look(look(first, other))
    settle(view)
    touched: list[QRectF] = []
    monkeypatch.setattr(GraphLayer, "update", lambda self, rect=None: touched.append(rect))
    newer = picture(ids["ReLU"], np.full((8, 8, 8), 2.0, np.float32))
    document.set_look(look(first, newer))
    assert len(touched) == 1
    x, y, width, height = view.arrays.rects[view.arrays.row[ids["ReLU"]]].tolist()
    assert QRectF(x, y, width, height).contains(touched[0])


def test_tiles_stay_in_place_when_other_channels_grow_strong(small) -> None:
    view, document, ids = small
    tiles = np.ones((16, 8, 8), np.float32) * np.arange(1, 17, dtype=np.float32)[:, None, None]

    def with_peaks(values: np.ndarray) -> Picture:
        base = picture(ids["Conv2d"], values)
        peaks = tuple(float(v) for v in values.max(axis=(1, 2)))
        return Picture(base.view, base.tiles, base.units, 16, base.low, base.high, False, peaks)

    document.set_look(look(with_peaks(tiles)))
    before = view.layer.bodies[ids["Conv2d"]].picks
    assert before[0] == 15  # the strongest first
    document.set_look(look(with_peaks(tiles[::-1].copy())))
    assert view.layer.bodies[ids["Conv2d"]].picks == before


def test_pictures_of_odd_shapes_and_broken_numbers_paint(small) -> None:
    view, _, ids = small
    content = view.layer.describer.content(ids["Conv2d"])
    nan = np.full((3, 4, 4), np.nan, np.float32)
    for tiles in (
        np.zeros((1, 300, 300), np.float32),
        np.zeros((2, 1, 9), np.float32),
        np.random.default_rng(0).random((5, 6, 6, 3)).astype(np.float32),
        np.zeros((0, 4, 4), np.float32),
        np.ones((1, 1, 1), np.float32),
        np.ones((1, 1, 13), np.float32),
        nan,
        np.full((2, 4, 4), np.inf, np.float32),
    ):
        shown = Picture(View(("x",)), tiles, tuple(range(len(tiles))), len(tiles), 0.0, 1.0, False)
        from gui.canvas.thumbnails import Body

        for zoom in (0.6, 1.0, 2.0):
            assert not paint_body(content, Body(shown), zoom, 1.0).isNull()


def test_what_stands_on_a_node(small) -> None:
    view, document, ids = small
    describer = view.layer.describer
    conv = describer.content(ids["Conv2d"])
    assert conv.kind == "Conv2d · 8 filters" and conv.parameters.startswith("3×3") and conv.badge == "idle"
    assert describer.content(ids["Linear"]).footer == "5\u202f130 params"
    assert describer.content(ids["ReLU"]).footer == "no params"
    assert describer.content(ids["CrossEntropyLoss"]).kind == "CrossEntropy · loss"
    document.set_report(
        document.design, Report(problems=(Problem("odd-thing", "warning", "conv1 is odd.", "Odd.", ids["Conv2d"]),))
    )
    assert view.layer.describer.content(ids["Conv2d"]).badge == "warning"
    document.set_running(document.design)
    changed = edits.set_parameter(document.design, ids["Conv2d"], "out_channels", 32)
    document.change(changed, "Set")
    assert view.layer.describer.content(ids["Conv2d"]).footer == "applies to next run"
    assert view.layer.describer.content(ids["ReLU"]).footer != "applies to next run"


def test_words_for_parameters() -> None:
    spec = row("Conv2d")
    assert spec is not None
    words = {name: spec.parameter(name) for name in ("kernel_size", "stride", "padding")}
    assert in_words(words["kernel_size"], 5) == "5×5"
    assert in_words(words["kernel_size"], (3, 5)) == "3×5"
    assert in_words(words["stride"], (1, 1)) == "stride 1"
    assert in_words(words["padding"], "same") == "same"
    assert in_words(words["padding"], 0) == ""
    assert thousands(50240) == "50\u202f240"


def test_the_visible_nodes_are_asked_for(small, qtbot) -> None:
    view, _, ids = small
    view.set_zoom(0.2)
    assert view.visible_nodes() == []
    with qtbot.waitSignal(view.views_wanted, timeout=2000) as caught:
        view.set_zoom(1.0)
        view.centre_on(ids["Conv2d"])
    asked = {v.path[0] for v in caught.args[0]}
    assert ids["Conv2d"] in asked and ids["CrossEntropyLoss"] not in asked


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_going_to_a_node_that_is_wholly_in_sight_moves_nothing(small, edge: str) -> None:
    view, _, ids = small
    node = ids["Conv2d"]
    view.set_zoom(1.0)
    box = QRectF(*view.arrays.rects[view.arrays.row[node]].tolist())
    view.centre(box.center())
    room = view.visible_rect()
    sideways = edge in ("left", "right")
    spare = (room.width() - box.width() if sideways else room.height() - box.height()) / 2
    sign = 1 if edge in ("left", "top") else -1
    for distance, moves in ((spare - 4, False), (spare + 4, True)):
        view.centre(box.center())
        view.scroll_by(round(sign * distance) * sideways, round(sign * distance) * (not sideways))
        before = view.view_state()
        view.centre_on(node)
        assert (view.view_state() != before) == moves
        assert view.visible_rect().contains(box)


def test_a_node_too_small_to_be_made_out_is_gone_to_at_full_size(small) -> None:
    view, _, ids = small
    view.set_zoom(0.2)
    assert view.shows_all
    view.centre_on(ids["Conv2d"])
    assert view.zoom == theme.scale


def test_ten_thousand_nodes_stay_quick(qtbot) -> None:
    """A coarse guard (the figures are in tests/bench): CPU time of the slowest of a few frames, thrice the aim."""
    from tests.bench.bench_canvas import Bench

    bench = Bench(10_000)
    qtbot.addWidget(bench.view)
    worst = max(
        bench.pan(None)["worst_cpu"],
        bench.zoom(0.2, 1.0, steps=12)["worst_cpu"],
        bench.drag(1.0)["worst_cpu"],
        bench.drag(None)["worst_cpu"],
    )
    assert worst < 48
    start = time.thread_time()
    design = bench.document.design
    bench.document.change(edits.move(design, {"n5": (5.0, 5.0)}), "Move n5")
    bench.settle()
    assert time.thread_time() - start < 0.3
    assert tuple(bench.view.arrays.rects[5, :2]) == (5.0, 5.0)


def test_a_node_that_shrinks_leaves_nothing_below_it(small, monkeypatch) -> None:
    """Also in the first frame, which may have no time to paint its picture anew."""
    view, document, ids = small
    node, report = ids["Flatten"], document.report
    tall = view.layer.node_rect(node).adjusted(12, 12, -12, -12)
    outputs = Frozen({**report.outputs, ((node,), "output"): TensorSpec((64,))})
    document.set_report(document.design, replace(report, outputs=outputs))
    monkeypatch.setattr(view.layer.faces, "begin_frame", lambda: None)
    monkeypatch.setattr(type(view.layer.faces), "may_paint", False)
    image = view.viewport().grab().toImage()
    left = tall.adjusted(20, view.arrays.rects[view.arrays.row[node], 3] + 3, -20, 0)
    seen = view.mapFromScene(left).boundingRect()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(seen.left(), seen.right())
        for y in range(seen.top(), seen.bottom())
    }
    assert seen.height() > 10 and theme.colour("node").name() not in colours


@pytest.mark.parametrize(
    "label", ["Insert Flatten", "Connect the target", "Set fc1 to 10 outputs", "Remove the wire from conv2 to conv1"]
)
def test_the_button_on_a_node_says_its_remedy_in_full(label: str) -> None:
    content = Content("a", "A", "Loss", 152.0, error=("Bad", "Because."), fix=label)
    size, lines = button_lines(label)
    metrics = QFontMetricsF(face_font(size, 500))
    assert " ".join(lines) == label and len(lines) <= 2
    assert all(metrics.horizontalAdvance(line) <= BUTTON_ROOM for line in lines)
    rect = button_rect(content)
    assert rect is not None and rect.height() >= 13 * len(lines) and rect.bottom() < 152


def test_a_block_and_a_shared_layer_say_what_they_cost(small) -> None:
    view, document, ids = small
    inner, inside = edits.add_node(Design(), "Linear", (0, 0))
    design = edits.define_block(document.design, Block("blk", "Residual", inner.graph))
    design, block = edits.add_block_node(design, "blk", (0, 400), repeat=3)
    layer = design.graph.nodes[ids["Linear"]].layer
    design, again = edits.add_node(design, "Linear", (214, 400), layer=layer)
    document.change(design, "Add")
    costs = {(block, str(k), inside): Cost(1200) for k in range(3)}
    costs |= {(ids["Linear"],): Cost(5130), (again,): Cost(0)}
    document.set_report(design, Report(costs=Frozen(costs)))
    describer = view.layer.describer
    assert describer.content(block).footer == "3\u202f600 params"
    assert describer.content(again).footer == f"shared with {design.graph.nodes[ids['Linear']].label}"
    for node in (ids["Linear"], again):
        assert "a change applies to all" in tip(view, Hit(node=node))


def test_the_tooltip_of_a_node_says_its_remedy(small) -> None:
    view, document, ids = small
    label = "Remove the wire from a_layer_with_a_long_name to one_with_another_name"
    problem = Problem("cycle", "error", "fc1 cannot.", "So.", ids["Linear"], fixes=(Fix("remove_wire", label),))
    document.set_report(document.design, replace(document.report, problems=(problem,)))
    assert label in tip(view, Hit(node=ids["Linear"], button=True))


def test_no_tick_and_no_picture_where_no_values_arrive(small) -> None:
    """In a ring and behind it; the wires of the ring are marked. What lies before it stays as it was."""
    view, document, ids = small
    names = ("Input", "Conv2d", "ReLU", "Flatten", "Linear")
    document.set_look(look(*(picture(ids[kind], np.ones((8, 8, 8), np.float32)) for kind in names)))
    settle(view)
    describer = view.layer.describer
    assert [describer.content(ids[kind]).badge for kind in names] == ["ok"] * 5
    closing = Wire(ids["ReLU"], ids["Conv2d"])
    document.edit(lambda d: edits.connect(edits.disconnect(d, [Wire(ids["Input"], ids["Conv2d"])]), closing), "Ring")
    problem = Problem("cycle", "error", "a and b feed each other in a ring.", "So.", ids["Conv2d"])
    document.set_report(document.design, replace(document.report, problems=(problem,)))
    settle(view)
    badges = [view.layer.describer.content(ids[kind]).badge for kind in names]
    assert badges == ["ok", "error", "idle", "idle", "idle"]
    wrong = {view.arrays.wires[row] for row in np.flatnonzero(view.arrays.wire_state & 1).tolist()}
    assert wrong == {closing, Wire(ids["Conv2d"], ids["ReLU"])}
    assert view.layer._shown[ids["ReLU"]].body.picture is None
    assert view.layer._shown[ids["Input"]].body.picture is not None
    document.undo_stack.undo()
    document.set_report(document.design, replace(document.report, problems=()))
    settle(view)
    assert view.layer._shown[ids["ReLU"]].body.picture is not None


def test_a_sequence_fills_the_body_of_its_node(small) -> None:
    """All features over all time steps: sharp columns over the whole width, and no part of it is missing."""
    view, _, ids = small
    content = view.layer.describer.content(ids["Conv2d"])
    values = np.zeros((1, 32, 8), np.float32)
    values[:, :, 0::2] = 1.0
    sheet = Picture(View((ids["Conv2d"],), units=16), values, (0,), 32, 0.0, 1.0, False, axes=("feature", "time"))
    assert aside(content, sheet, 16) == ""
    image = paint_body(content, Body(picture=sheet, picks=(0,)), 2.0, 1.0).toImage()
    room = picture_rect(content, g.CLOSE).translated(-body_rect(content, g.CLOSE).topLeft())
    y = round(2 * room.center().y())
    found = [image.pixelColor(round(2 * (room.left() + room.width() * (k + 0.5) / 8)), y).name() for k in range(8)]
    assert len(set(found)) == 2 and found[0::2] == [found[0]] * 4 and found[1::2] == [found[1]] * 4
    left = round(2 * room.left())
    across = [image.pixelColor(x, y).name() for x in range(left + 2, left + round(2 * room.width()) - 2)]
    assert set(across) == set(found), "colours between two time steps"


def history_of(epochs: dict[str, list[float]], steps: int = 40) -> History:
    columns = Frozen({name: np.array(values) for name, values in epochs.items()})
    return History(loss=np.linspace(4, 2, steps), rate=np.zeros(steps), epochs=columns)


def show_curves(view: CanvasView, history: History) -> None:
    view.show_history(history)
    view.watcher._show_curve()  # without waiting for the next repaint to be due


def test_each_of_several_losses_shows_its_own_curve(small) -> None:
    view, document, ids = small
    design, aux = edits.add_node(document.design, "MSELoss", (642.0, 300.0), label="aux")
    main = design.graph.nodes[ids["CrossEntropyLoss"]].label
    document.change(design, "Add a loss")
    document.set_report(design, replace(document.report, trained=frozenset(design.graph.nodes)))
    document.record_run(RunRecord("r1", "", design))
    show_curves(view, history_of({}))
    assert {node: body.curve.waiting for node, body in view.layer.bodies.items() if body.curve} == {
        ids["CrossEntropyLoss"]: "known after an epoch",
        aux: "known after an epoch",
    }
    document.edit(lambda d: edits.rename(d, aux, "renamed since"), "Rename")
    show_curves(view, history_of({f"train/loss/{main}": [1.5, 1.0], "train/loss/aux": [float("nan"), 0.25]}))
    bodies = view.layer.bodies
    assert bodies[ids["CrossEntropyLoss"]].curve.values.tolist() == [1.5, 1.0]
    assert bodies[aux].curve.values.tolist() == [0.25]
    badges = {node: view.layer.describer.content(node).badge for node in (aux, *ids.values())}
    assert set(badges.values()) == {"ok"}


def test_two_losses_with_one_label_show_a_curve_each(small) -> None:
    view, document, ids = small
    main = ids["CrossEntropyLoss"]
    label = document.design.graph.nodes[main].label
    design, twin = edits.add_node(document.design, "MSELoss", (642.0, 300.0), label=label)
    document.change(design, "Add a loss")
    document.set_report(design, replace(document.report, trained=frozenset(design.graph.nodes)))
    document.record_run(RunRecord("r1", "", design))
    show_curves(view, history_of({f"train/loss/{label}": [1.5, 1.0], f"train/loss/{label} (2)": [0.5, 0.25]}))
    assert view.layer.bodies[main].curve.values.tolist() == [1.5, 1.0]
    assert view.layer.bodies[twin].curve.values.tolist() == [0.5, 0.25]


def test_a_loss_that_was_added_since_has_no_curve_and_takes_none_away(small) -> None:
    view, document, ids = small
    document.record_run(RunRecord("r1", "", document.design))
    show_curves(view, history_of({"train/loss": [3.0]}))
    before = view.layer.bodies[ids["CrossEntropyLoss"]].curve
    document.edit(lambda d: edits.add_node(d, "MSELoss", (642.0, 300.0))[0], "Add a loss")
    view.watcher._show_curve()
    added = list(document.design.graph.nodes)[-1]
    assert view.layer.bodies[ids["CrossEntropyLoss"]].curve is before and added not in view.layer.bodies
    assert view.layer.describer.content(added).badge == "idle"


def test_the_mark_of_the_target_is_that_of_the_run(small) -> None:
    """It has no pictures of its own, and said ‘not run’ for ever."""
    view, document, ids = small
    describer = view.layer.describer
    assert describer.content(ids["Target"]).badge == "idle"
    document.set_look(replace(look(picture(ids["Conv2d"], np.ones((8, 8, 8), np.float32))), step=0))
    assert view.layer.describer.content(ids["Target"]).badge == "idle"  # of fresh weights
    document.set_look(look(picture(ids["Conv2d"], np.ones((8, 8, 8), np.float32))))
    assert view.layer.describer.content(ids["Target"]).badge == "ok"
    outside = replace(document.report, trained=frozenset(ids.values()) - {ids["Target"]})
    document.set_report(document.design, outside)
    assert view.layer.describer.content(ids["Target"]).badge == "idle"


def test_another_project_with_a_history_may_follow_one_that_is_shown(small) -> None:
    """The history may be told before the canvas has heard of the new nodes, and after."""
    view, document, _ = small
    history = History(loss=np.linspace(2, 0.1, 50), rate=np.zeros(50))
    view.show_history(history)
    other, ids = Design(), []
    for index, kind in enumerate(("Linear", "MSELoss")):
        other, node = edits.add_node(other, kind, (index * 214.0, 0.0))
        ids.append(node)
    named = Graph(
        nodes=Frozen({f"x{n.id}": replace(n, id=f"x{n.id}") for n in other.graph.nodes.values()}),
        layers=other.graph.layers,
    )
    other = Design(named, places=Frozen({f"x{node}": other.places[node] for node in ids}))
    run = RunRecord("r1", "", other, history=history)
    document.project_opened.connect(lambda: view.watcher._show_curve())
    document.design_changed.connect(lambda *_: view.show_history(history))
    document.set_project(Project(design=other, runs=(run,)), None)
    settle(view)
    assert set(view.layer.bodies) == {f"x{ids[1]}"}
    assert view.arrays.design is other
