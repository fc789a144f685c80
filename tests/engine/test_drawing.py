"""Notes and frames, nodes in line, smart guides, and nodes found by what is typed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_graphs import body, chain
from test_fragments import large

from engine.errors import GraphError
from engine.graph import arrange, drawing, edits
from engine.graph.design import Design
from engine.graph.find import find
from engine.graph.guides import Gap, Guide, snap
from engine.graph.model import Graph

SIZE = (152.0, 152.0)


def sizes(design: Design) -> dict[str, tuple[float, float]]:
    return dict.fromkeys(design.graph.nodes, SIZE)


# -- notes and frames -------------------------------------------------------------------------------------------------
def test_a_note_is_made_written_resized_and_removed():
    design, note = drawing.add_note(Design(), "look here", (10, 20))
    assert (design.notes[0].x, design.notes[0].width) == (10, 152.0)
    design = drawing.write_note(design, note, "größer\n🙂")
    design = drawing.resize_note(design, note, (0, 0, 1, 500))
    found = design.notes[0]
    assert (found.text, found.width, found.height) == ("größer\n🙂", drawing.SMALLEST[0], 500)
    assert drawing.add_note(design, "", (0, 0), (300, 200))[0].notes[1].width == 300
    assert drawing.remove(design, [note]) == Design()


def test_a_frame_takes_along_what_lies_within_it():
    design = chain("ReLU", "Tanh", loss=None)  # at x 0, 214, 428
    design, frame = drawing.frame_around(design, ["input", "relu1"], sizes(design), " front \n half ")
    (outer,) = design.frames
    assert outer.title == "front half" and (outer.x, outer.width) == (-24.0, 366.0 + 48.0)
    design, note = drawing.add_note(design, "", (0, 40), (40, 30))
    design, inner = drawing.add_frame(design, "inner", (10, 10, 100, 100))
    within = drawing.held(design, frame, sizes(design))
    assert (within.nodes, within.notes, within.frames) == ({"input", "relu1"}, {note}, {inner})
    moved = drawing.move(design, (5.0, -7.0), sizes(design), ["input"], [], [frame, inner])
    assert [moved.places[n] for n in ("input", "relu1", "tanh1")] == [(5.0, -7.0), (219.0, -7.0), (428.0, 0.0)]
    assert (moved.notes[0].x, moved.frames[0].x, moved.frames[1].y) == (5.0, -19.0, 3.0)
    assert moved.graph is design.graph
    assert drawing.move(moved, (-5.0, 7.0), sizes(moved), [], [], [frame]) == design
    grown = drawing.resize_frame(design, frame, (-24, -52, 2000, 300))
    assert "tanh1" in drawing.held(grown, frame, sizes(design)).nodes and grown.places == design.places
    assert drawing.title_frame(design, frame, "both").frames[0].title == "both"
    assert drawing.remove(design, [note], [frame, inner]).graph is design.graph


def test_two_frames_on_the_same_place_do_not_hold_each_other():
    design, one = drawing.add_frame(Design(), "a", (0, 0, 100, 100))
    design, other = drawing.add_frame(design, "b", (0, 0, 100, 100))
    assert not drawing.held(design, one, {}).frames
    moved = drawing.move(design, (1, 1), {}, [], [], [one, other])
    assert {f.x for f in moved.frames} == {1}


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: drawing.write_note(d, "gone", ""),
        lambda d: drawing.title_frame(d, "gone", ""),
        lambda d: drawing.resize_frame(d, "gone", (0, 0, 1, 1)),
        lambda d: drawing.add_note(d, "x" * 1_000_001, (0, 0)),
        lambda d: drawing.add_note(d, "", (0, math.inf)),
        lambda d: drawing.add_frame(d, "x" * 10_001, (0, 0, 1, 1)),
        lambda d: drawing.add_frame(d, "", (0, 0, math.nan, 1)),
        lambda d: drawing.frame_around(d, [], {}),
        lambda d: drawing.frame_around(d, ["gone"], {}),
        lambda d: drawing.move(d, (1, 1), {}, ["gone"]),
        lambda d: drawing.move(d, (1, 1), {}, [], ["gone"]),
        lambda d: drawing.move(d, (1, 1), {}, [], [], ["gone"]),
        lambda d: drawing.move(d, (math.nan, 1), {}),
        lambda d: drawing.remove(d, ["gone"]),
        lambda d: drawing.remove(d, [], ["gone"]),
        lambda d: edits.rename(d, "input", "x" * 10_001),
    ],
)
def test_what_cannot_be_drawn_says_why(edit):
    with pytest.raises(GraphError) as refusal:
        edit(chain("ReLU"))
    assert str(refusal.value).endswith(".")


# -- in line ----------------------------------------------------------------------------------------------------------
def scattered() -> tuple[Design, dict[str, tuple[float, float]]]:
    design = chain("ReLU", "Tanh", loss=None)
    design = edits.move(design, {"input": (10, 5), "relu1": (200, 90), "tanh1": (500, 40)})
    return design, {"input": (100.0, 40.0), "relu1": (152.0, 152.0), "tanh1": (60.0, 20.0)}


@pytest.mark.parametrize(
    ("edge", "axis", "expected"),
    [
        ("left", 0, [10, 10, 10]),
        ("centre", 0, [235, 209, 255]),
        ("right", 0, [460, 408, 500]),
        ("top", 1, [5, 5, 5]),
        ("middle", 1, [103.5, 47.5, 113.5]),
        ("bottom", 1, [202, 90, 222]),
    ],
)
def test_nodes_are_aligned(edge, axis, expected):
    design, size = scattered()
    after = arrange.align(design, design.graph.nodes, edge, size)
    assert [after.places[n][axis] for n in design.graph.nodes] == expected
    assert [after.places[n][1 - axis] for n in after.graph.nodes] == [
        design.places[n][1 - axis] for n in design.graph.nodes
    ]
    assert arrange.align(after, after.graph.nodes, edge, size) is after
    assert arrange.align(design, ["input"], edge, size) is design


def test_gaps_become_equal():
    design, size = scattered()
    after = arrange.distribute(design, design.graph.nodes, "horizontally", size)
    assert [after.places[n] for n in design.graph.nodes] == [(10, 5), (229, 90), (500, 40)]
    after = arrange.distribute(design, design.graph.nodes, "vertically", size)  # tanh1 lies between the others
    assert [after.places[n][1] for n in design.graph.nodes] == [5, 90, 57.5]
    assert arrange.distribute(design, ["input", "relu1"], "vertically", size) is design
    with pytest.raises(GraphError):
        arrange.align(design, ["input", "gone"], "left", size)


places = st.floats(-1e4, 1e4)


@given(st.lists(st.tuples(places, places, st.floats(1, 500), st.floats(1, 500)), min_size=3, max_size=12))
def test_distributing_keeps_the_order_and_the_ends(rows):
    design = Design()
    size = {}
    for index, (x, y, width, height) in enumerate(rows):
        design, node = edits.add_node(design, "ReLU", (x, y), node_id=f"n{index}")
        size[node] = (width, height)
    after = arrange.distribute(design, size, "horizontally", size)
    middles = [design.places[n][0] + size[n][0] / 2 for n in size]
    order = sorted(size, key=lambda n: middles[int(n[1:])])
    ends = [after.places[n][0] for n in order]
    gaps = [b - a - size[n][0] for n, a, b in zip(order, ends, ends[1:], strict=False)]
    assert max(gaps) - min(gaps) < 1e-6
    assert after.places[order[0]] == design.places[order[0]] and after.places[order[-1]] == design.places[order[-1]]
    assert replace(after, places=design.places) == design


# -- guides -----------------------------------------------------------------------------------------------------------
OTHERS = np.array([[0.0, 0.0, 100.0, 50.0], [300.0, 200.0, 80.0, 80.0]])


def test_what_comes_near_a_line_falls_onto_it():
    found = snap((4.0, 90.0, 60.0, 20.0), OTHERS, 6.0)
    assert (found.dx, found.dy) == (-4.0, 0.0)
    assert found.guides == (Guide(True, 0.0, 0.0, 110.0),)
    found = snap((17.0, 203.0, 60.0, 60.0), OTHERS, 6.0)  # its middle below that of the first, its top at the second
    assert (found.dx, found.dy) == (3.0, -3.0)
    assert found.guides == (Guide(True, 50.0, 0.0, 260.0), Guide(False, 200.0, 20.0, 380.0))
    assert snap((1000.0, 1000.0, 10.0, 10.0), OTHERS, 6.0) == snap((0.0, 0.0, 1.0, 1.0), OTHERS[:0], 6.0)


@given(st.tuples(places, places, st.floats(1, 300), st.floats(1, 300)), st.floats(0, 20))
def test_a_snap_goes_no_farther_than_its_reach_and_its_guides_are_true(moving, reach):
    found = snap(moving, OTHERS, reach)
    assert abs(found.dx) <= reach and abs(found.dy) <= reach
    x, y, width, height = moving[0] + found.dx, moving[1] + found.dy, moving[2], moving[3]
    for guide in found.guides:
        lines = (x, x + width / 2, x + width) if guide.upright else (y, y + height / 2, y + height)
        assert min(abs(guide.at - line) for line in lines) < 1e-6
        assert guide.start < guide.end
    assert snap((x, y, width, height), OTHERS, reach).guides == found.guides or found.guides == ()


def row_of(*edges: tuple[float, float], y: float = 0.0) -> np.ndarray:
    return np.array([(start, y + 10 * index, end - start, 100.0) for index, (start, end) in enumerate(edges)])


def test_equal_distances_attract_behind_before_and_between():
    pair = row_of((0, 100), (160, 260))  # 60 apart, at different heights so that no edges meet
    behind = snap((323.0, 24.0, 37.0, 13.0), pair, 6.0)
    assert behind.dx == -3.0 and behind.dy == 0.0 and behind.across and not behind.down
    assert set(behind.gaps) == {Gap(False, 30.5, 100.0, 160.0), Gap(False, 30.5, 260.0, 320.0)}
    assert snap((-99.0, 24.0, 37.0, 13.0), pair, 6.0).dx == 2.0  # ends at -60
    wide = row_of((0, 100), (260, 360))
    between = snap((163.0, 24.0, 33.0, 13.0), wide, 6.0)
    assert between.dx == pytest.approx(0.5) and len(between.gaps) == 2
    assert {round(gap.end - gap.start, 6) for gap in between.gaps} == {63.5}


def test_a_distance_is_not_repeated_onto_something_that_lies_there():
    three = row_of((0, 100), (160, 260), (320, 420))
    assert snap((323.0, 24.0, 37.0, 13.0), three, 1.0).gaps == ()
    assert snap((323.0, 24.0, 37.0, 13.0), three, 6.0).gaps == ()
    assert snap((482.0, 24.0, 37.0, 13.0), three, 6.0).dx == -2.0  # behind the last


@given(
    st.tuples(places, places, st.floats(1, 300), st.floats(1, 300)),
    st.lists(st.tuples(places, places, st.floats(1, 300), st.floats(1, 300)), max_size=12),
    st.floats(0, 20),
)
def test_the_distances_that_are_shown_are_equal(moving, others, reach):
    found = snap(moving, np.array(others, float).reshape(-1, 4), reach)
    assert abs(found.dx) <= reach and abs(found.dy) <= reach
    x, y, width, height = moving[0] + found.dx, moving[1] + found.dy, moving[2], moving[3]
    for gap in found.gaps:
        same = [g for g in found.gaps if g.upright == gap.upright and abs(g.end - g.start - gap.end + gap.start) < 1e-5]
        ends = (y, y + height) if gap.upright else (x, x + width)
        assert len(same) >= 2 and gap.end > gap.start
        assert any(min(abs(g.start - e) for e in ends) < 1e-5 or min(abs(g.end - e) for e in ends) < 1e-5 for g in same)


def test_ten_thousand_rectangles_are_asked_in_a_moment():
    others = np.random.default_rng(0).random((10_000, 4)) * 10_000
    began = time.process_time()
    for _ in range(20):
        snap((500.0, 500.0, 152.0, 152.0), others, 6.0)
    taken = (time.process_time() - began) / 20
    print(f"guides among 10,000: {taken * 1000:.1f} ms")
    assert taken < 0.016


# -- find -------------------------------------------------------------------------------------------------------------
def named(*labels: str) -> Graph:
    design = Design()
    for label in labels:
        design, _ = edits.add_node(design, "Linear", (0, 0), label=label, node_id=f"#{label}")
    return design.graph


def found(graph: Graph, text: str) -> list[str]:
    return [graph.nodes[n].label for n in find(graph, text)]


def test_the_best_fit_comes_first():
    graph = named("my_conv", "deconv", "conv10", "c_o_n_v", "conv1", "head")
    assert found(graph, "conv1") == ["conv1", "conv10"]
    assert found(graph, "CONV") == ["conv1", "conv10", "my_conv", "deconv", "c_o_n_v"]
    assert found(graph, "con 1") == ["conv1", "conv10"]
    assert found(graph, "linear head") == ["head"]
    assert found(graph, "#my") == ["my_conv"]
    assert found(graph, "xyz") == [] and len(found(graph, "  ")) == 6
    assert find(graph, "conv", limit=2) == ("#conv1", "#conv10")
    design = edits.define_block(Design(), replace(body("ReLU"), label="Residual"))
    design, node = edits.add_block_node(design, "body", (0, 0), label="stage")
    assert find(design.graph, "resid") == (node,)


@given(st.text(max_size=30))
def test_any_text_may_be_asked_for(text: str):
    graph = named("größe", "[a-z]*", "ﬁ", "ß" * 50, text or "x")
    names = find(graph, text)
    assert len(set(names)) == len(names) <= len(graph.nodes)
    if text.split():
        assert f"#{text}" in names


def _seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def test_ten_thousand_nodes_are_searched_as_fast_as_one_types():
    graph = large(10_000).graph
    hostile = named(*("a" * 5000 + str(i) for i in range(20)))
    for text in ("f", "fc99", "lin 7", "zzz", "f9"):
        taken = min(_seconds(lambda text=text: find(graph, text)) for _ in range(3))
        print(f"‘{text}’ among 10,000: {taken * 1000:.0f} ms")
        assert taken < 0.05
    began = time.process_time()
    assert find(hostile, "a" * 40 + "b") == ()
    assert time.process_time() - began < 0.05
