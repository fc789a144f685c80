"""Room around a node that was put into a wire: nothing lies over it, rows stay rows, what is not in the way stays."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import drawing, edits
from engine.graph.design import Design, Flow
from engine.graph.model import NodeId, Wire
from engine.graph.room import NEAR, make_room

SIZE = (152.0, 152.0)


def put(places: list[tuple[float, float]], flow: Flow = "right", into: int = 0) -> tuple[Design, list[NodeId], Wire]:
    """A chain at these places, the last of them a node that was put into the wire from number `into` to the next."""
    design = Design(flow=flow)
    nodes: list[NodeId] = []
    for place in places:
        design, node = edits.add_node(design, "ReLU", place)
        nodes.append(node)
    for a, b in itertools.pairwise(nodes[:-1]):
        design = edits.connect(design, Wire(a, b))
    wire = Wire(nodes[into], nodes[into + 1])
    return edits.insert_on_wire(design, wire, nodes[-1]), nodes, wire


def roomy(design: Design, node: NodeId, wire: Wire) -> Design:
    return make_room(design, node, wire, dict.fromkeys(design.graph.nodes, SIZE))


@pytest.mark.parametrize("flow", ["right", "down"])
def test_a_node_between_two_pushes_the_rest_of_the_row(flow: Flow) -> None:
    def turned(x: float, y: float) -> tuple[float, float]:
        return (x, y) if flow == "right" else (y, x)

    row = [turned(x, 0.0) for x in (0.0, 214.0, 428.0)]
    design, (a, b, c, aside, new), wire = put([*row, turned(428.0, 400.0), turned(107.0, 4.0)], flow)
    after = roomy(design, new, wire)
    assert after.places[a] == turned(0.0, 0.0) and after.places[new] == turned(214.0, 4.0)
    assert after.places[b] == turned(428.0, 0.0) and after.places[c] == turned(642.0, 0.0)
    assert after.places[aside] == turned(428.0, 400.0)  # not in the way
    assert after.graph is design.graph


def test_where_there_is_room_nothing_moves() -> None:
    design, (*_, new), wire = put([(0.0, 0.0), (600.0, 0.0), (200.0, 0.0)])
    assert roomy(design, new, wire) is design


def test_a_wire_back_to_the_next_row_moves_that_row_down_as_one() -> None:
    places = [(0.0, 0.0), (214.0, 0.0), (0.0, 190.0), (214.0, 190.0), (0.0, 160.0)]
    design, (a, b, c, d, new), wire = put(places, into=1)
    after = roomy(design, new, wire)
    assert after.places[a] == (0.0, 0.0) and after.places[b] == (214.0, 0.0)
    assert after.places[new] == (0.0, 190.0)  # clear of the row above
    assert after.places[c] == (0.0, 380.0) and after.places[d] == (214.0, 380.0)


def test_a_frame_goes_around_what_it_held() -> None:
    design, (a, b, new), wire = put([(0.0, 0.0), (214.0, 0.0), (107.0, 0.0)])
    design, _ = drawing.frame_around(design, [a, b], dict.fromkeys(design.graph.nodes, SIZE), "Both")
    after = roomy(design, new, wire)
    frame = after.frames[0]
    assert frame.x < 0.0 and frame.x + frame.width > after.places[b][0] + SIZE[0]


@given(
    st.lists(st.tuples(st.integers(-500, 1500), st.integers(-300, 300)), min_size=3, max_size=9),
    st.sampled_from(["right", "down"]),
)
def test_nothing_lies_over_the_new_node(spots: list[tuple[int, int]], flow: Flow) -> None:
    """Whatever lay where: who begins behind the new node is clear of it, the source is not moved backwards, and only
    places change."""
    design, nodes, wire = put([(float(x), float(y)) for x, y in spots], flow)
    after = roomy(design, nodes[-1], wire)
    assert after.graph is design.graph and set(after.places) == set(design.places)
    new = after.places[nodes[-1]]
    for node in nodes[:-1]:
        x, y = after.places[node]
        if after.places[node] != design.places[node]:
            assert x >= design.places[node][0] and y >= design.places[node][1]
            assert abs(x - new[0]) >= SIZE[0] + NEAR or abs(y - new[1]) >= SIZE[1] + NEAR
    assert roomy(after, nodes[-1], wire).graph is design.graph
