"""The layered layout: no overlaps, wires run with the flow, chains are straight, the same each time, and fast."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_graphs import chain
from strategies import Edit, designs, edits
from test_properties_graph import whole

from engine.errors import GraphError
from engine.graph import drawing
from engine.graph import edits as edit
from engine.graph.arrange import rectangles
from engine.graph.design import FLOWS, Design
from engine.graph.frozen import Frozen
from engine.graph.layering import GAP_ALONG, lay_out
from engine.graph.model import Graph, Layer, Node, Wire
from engine.graph.tidy import tidy
from engine.graph.topology import Topology
from engine.project import templates

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def sized(design: Design, seed: int = 0) -> dict[str, tuple[float, float]]:
    drawn = random.Random(seed)
    return {n: (drawn.choice([120.0, 152.0]), drawn.choice([40.0, 64.0, 152.0])) for n in design.graph.nodes}


def overlaps(found: np.ndarray) -> int:
    low, high = found[:, :2], found[:, :2] + found[:, 2:]
    apart = (low[:, None] >= high[None]) | (low[None] >= high[:, None])
    return int((~apart.any(axis=2)).sum()) - len(found)


def middle(found: np.ndarray) -> np.ndarray:
    return (found[:, :2].min(axis=0) + (found[:, :2] + found[:, 2:]).max(axis=0)) / 2


@given(designs(), st.lists(edits(), max_size=6), st.integers(0, 5), st.sampled_from(FLOWS), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_nothing_overlaps_and_wires_run_with_the_flow(design, steps: list[Edit], seed, flow, draw):
    for step in steps:
        design = step.apply(design)
    design = replace(design, flow=flow)
    chosen = list(draw.draw(st.sets(st.sampled_from(list(design.graph.nodes) or ["none"])))) if seed == 5 else None
    if not design.graph.nodes:
        return
    size = sized(design, seed)
    after = tidy(design, size, chosen)
    nodes = tuple(n for n in design.graph.nodes if chosen is None or n in chosen)
    assert whole(after) and after.graph is design.graph
    assert all(after.places[n] == design.places[n] for n in design.graph.nodes if n not in nodes)
    if not nodes:
        assert after is design
        return
    found = rectangles(after, nodes, size)
    assert not overlaps(found)
    assert np.abs(middle(found) - middle(rectangles(design, nodes, size))).max() <= 1
    shuffled = None if chosen is None else list(reversed(chosen))
    assert tidy(design, size, shuffled) == after  # the same each time, whatever the order of selecting
    ringed = Topology(design.graph).unordered
    axis = 0 if flow == "right" else 1
    for wire in design.graph.wires:
        if {wire.source, wire.target} <= set(nodes) and not {wire.source, wire.target} & ringed:
            end = after.places[wire.source][axis] + size[wire.source][axis]
            assert after.places[wire.target][axis] >= end + GAP_ALONG - 2


@given(designs())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_down_is_right_turned(design: Design):
    square = dict.fromkeys(design.graph.nodes, (152.0, 152.0))
    turned = {n: (y, x) for n, (x, y) in design.places.items()}
    right = tidy(design, square)
    down = tidy(replace(design, flow="down", places=Frozen(turned)), square)
    assert {n: (y, x) for n, (x, y) in down.places.items()} == dict(right.places)


def test_a_chain_is_a_straight_line_and_stays_one():
    design = chain("Conv2d", "ReLU", "Flatten", "Linear", loss=None)
    size = sized(design, 3)
    messy = edit.move(design, {"relu1": (-500, 900), "input": (5000, 3)})
    found = rectangles(tidy(messy, size), tuple(design.graph.nodes), size)
    assert np.ptp(found[:, 1] + found[:, 3] / 2) <= 1
    gaps = found[1:, 0] - found[:-1, 0] - found[:-1, 2]
    assert gaps.min() >= GAP_ALONG - 32 and (np.diff(found[:, 0]) > 0).all()
    again = tidy(tidy(messy, size), size)
    assert again == tidy(again, size)


def test_a_target_stands_beside_its_loss():
    design = chain("Flatten", "Linear", "ReLU", "Linear")
    size = dict.fromkeys(design.graph.nodes, (152.0, 152.0))
    places = tidy(design, size).places
    assert places["target"][0] == places["fc2"][0] and places["target"][1] > places["fc2"][1]


def test_a_skip_connection_is_seen_beside_a_straight_chain():
    design = chain("Conv2d", "ReLU", "Conv2d", "ReLU", "Conv2d", loss=None)
    design, _ = edit.add_node(design, "Add", (0, 0), node_id="sum")
    design = edit.connect(edit.connect(design, Wire("conv3", "sum")), Wire("input", "sum"))
    places = tidy(design, dict.fromkeys(design.graph.nodes, (152.0, 152.0))).places
    row = [places[n][1] for n in ("conv1", "relu1", "conv2", "relu2", "conv3")]
    assert len(set(row)) == 1
    ends = [places[n][1] + 76 for n in ("input", "sum")]  # where the wire that passes begins and ends
    assert abs(ends[0] - ends[1]) <= 2 and not row[0] - 10 < ends[0] < row[0] + 162


def test_crossings_are_few():
    ids = [f"{row}{column}" for column in range(6) for row in "abcdef"]
    wires = [Wire(f"{row}{column}", f"{row}{column + 1}") for column in range(5) for row in "abcdef"]
    shuffled = random.Random(4).sample(ids, len(ids))
    graph = Graph(
        Frozen({n: Layer(n, "ReLU") for n in ids}), Frozen({n: Node(n, n, n) for n in shuffled}), tuple(wires)
    )
    wires += [Wire(f"a{column}", f"b{column + 1}") for column in range(5)]
    crossed = replace(graph, wires=tuple(wires))
    for each, most in ((graph, 0), (crossed, 0)):
        design = Design(each, Frozen(dict.fromkeys(ids, (0.0, 0.0))))
        places = tidy(design, dict.fromkeys(ids, (152.0, 64.0))).places
        count = sum(
            (places[v.source][0] == places[w.source][0])
            and (places[v.source][1] - places[w.source][1]) * (places[v.target][1] - places[w.target][1]) < 0
            for v in each.wires
            for w in each.wires
        )
        assert count <= most


def test_parts_lie_side_by_side():
    design = chain("ReLU", loss=None)
    for index in range(30):
        design, _ = edit.add_node(design, "Tanh", (0, 0), node_id=f"t{index}")
    size = dict.fromkeys(design.graph.nodes, (152.0, 152.0))
    found = rectangles(tidy(design, size), tuple(design.graph.nodes), size)
    width, height = (found[:, :2] + found[:, 2:]).max(axis=0) - found[:, :2].min(axis=0)
    assert not overlaps(found) and 0.5 < width / height < 2


@pytest.mark.parametrize("name", [t.name for t in templates.names()])
def test_templates_are_laid_out_as_they_run(name: str):
    design = templates.load(name)
    size = sized(design)
    found = rectangles(tidy(design, size), tuple(design.graph.nodes), size)
    assert not overlaps(found)


def test_a_frame_follows_what_it_holds():
    design = chain("ReLU", "Tanh", loss=None)
    size = dict.fromkeys(design.graph.nodes, (152.0, 152.0))
    design = edit.move(design, {"relu1": (214, 800), "tanh1": (428, 800)})
    design, inner = drawing.frame_around(design, ["relu1"], size, "inner")
    design, outer = drawing.frame_around(design, ["relu1", "tanh1"], size, "outer")
    design = drawing.resize_frame(design, outer, (150, 700, 600, 400))
    design, far = drawing.add_frame(design, "far", (9000, 9000, 50, 50))
    design, note = drawing.add_note(design, "stays", (0, 0))
    after = tidy(design, size)
    assert drawing.held(after, inner, size).nodes == {"relu1"}
    held = drawing.held(after, outer, size)
    assert held.nodes >= {"relu1", "tanh1"} and held.frames == {inner}
    assert after.frames[2] == design.frames[2] and after.notes == design.notes and far and note


def test_what_is_not_there_is_told():
    with pytest.raises(GraphError, match="no node ‘gone’ to lay out"):
        tidy(chain("ReLU"), {}, ["gone"])
    assert tidy(Design(), {}) == Design() and lay_out(np.zeros((0, 2)), []).shape == (0, 2)


# -- speed ----------------------------------------------------------------------------------------------------------
def deep(count: int) -> list[tuple[int, int]]:
    """Branches and skips: about half as many layers as nodes."""
    drawn = random.Random(1)
    edges = [(max(0, i - drawn.choice([1, 1, 1, 2, 3])), i) for i in range(1, count)]
    return edges + [(max(0, i - drawn.randrange(2, 12)), i) for i in range(1, count) if drawn.random() < 0.3]


def wide(layers: int, width: int) -> list[tuple[int, int]]:
    drawn = random.Random(1)
    return [
        ((layer - 1) * width + drawn.randrange(width), layer * width + i)
        for layer in range(1, layers)
        for i in range(width)
        for _ in range(2)
    ]


SHAPES = {
    "deep": deep(10_000),
    "wide": wide(100, 100),
    "a ladder of skips": [(i, i + 1) for i in range(9_999)] + [(i, 9_999) for i in range(0, 9_000, 3)],
    "nothing joined": [],
    "rings": [(i, (i + 1) % 10_000) for i in range(10_000)] + [(i, i - 7) for i in range(7, 10_000, 5)],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_thousand_nodes_are_laid_out_at_once(shape: str):
    ids = [f"n{i}" for i in range(10_000)]
    wires = tuple(Wire(ids[a], ids[b]) for a, b in dict.fromkeys(SHAPES[shape]))
    graph = Graph(Frozen({n: Layer(n, "Add") for n in ids}), Frozen({n: Node(n, n, n) for n in ids}), wires)
    design = Design(graph, Frozen(dict.fromkeys(ids, (0.0, 0.0))))
    size = dict.fromkeys(ids, (152.0, 152.0))
    taken = []
    for _ in range(2):
        began = time.process_time()
        after = tidy(design, size)
        taken.append(time.process_time() - began)
    print(f"{shape}: {min(taken) * 1000:.0f} ms")
    assert min(taken) < 0.9  # 0.6 s on a machine that does nothing else
    found = rectangles(after, tuple(ids), size)
    columns: dict[float, list[float]] = {}
    for x, y in found[:, :2].tolist():
        columns.setdefault(x, []).append(y)
    assert all(min(np.diff(sorted(ys)), default=152) >= 152 for ys in columns.values())
