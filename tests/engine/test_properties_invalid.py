"""A design with a mistake in it is saved and opened as it is; check says what is wrong, and never raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import designs_with_data

from engine.check.checker import check
from engine.data.spec import DataSpec
from engine.errors import DesignError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, INPUT, OUTPUT, Block, Graph, Layer, LayerId, Node, Wire
from engine.graph.recipe import Named
from engine.project.codec import design_to_plain, plain_to_design
from engine.project.plain import from_json, to_json
from engine.train import recipe

ODD = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.lists(st.integers(-3, 3), max_size=3).map(tuple) | st.just((("deep",), 1.5))
)  # fmt: skip
NOT_A_COUNT = (
    st.integers(max_value=0) | st.integers(10**7, 10**12) | st.floats(allow_nan=False) | st.text(max_size=3) | st.none()
)
SELF = "within itself"
Mutation = Callable[[st.DataObject, Design], Design]


def _layer(draw: st.DataObject, design: Design, change: Callable[[Layer], Layer]) -> Design:
    """One layer that the loss depends on, changed; none that is bypassed: what is wrong with it does not matter."""
    nodes = sorted(check(design).trained) or list(design.graph.nodes)
    called = [node for node in nodes if not design.graph.nodes[node].bypassed]
    layer = design.graph.layer_of(draw.draw(st.sampled_from(called)))
    return replace(design, graph=replace(design.graph, layers=design.graph.layers.with_item(layer.id, change(layer))))


def _kind(draw: st.DataObject, design: Design) -> Design:
    kind = draw.draw(st.sampled_from(("Lineer", "os.system", "", "Conv9d", "__class__")))
    return _layer(draw, design, lambda layer: Layer(layer.id, kind, layer.parameters))


def _parameter(draw: st.DataObject, design: Design) -> Design:
    return _layer(
        draw, design, lambda layer: layer.with_parameter(draw.draw(st.text(min_size=1, max_size=4)), draw.draw(ODD))
    )


def _port(draw: st.DataObject, design: Design) -> Design:
    node, other = (draw.draw(st.sampled_from(list(design.graph.nodes))) for _ in range(2))
    stray = Wire(node, other, draw.draw(st.text(min_size=9, max_size=9)), draw.draw(st.text(max_size=9)))
    return replace(design, graph=replace(design.graph, wires=(*design.graph.wires, stray)))


def _no_block(draw: st.DataObject, design: Design) -> Design:
    return _layer(draw, design, lambda layer: Layer(layer.id, BLOCK, Frozen(), draw.draw(st.sampled_from(("?", None)))))


def _body(layers: dict[LayerId, Layer]) -> Graph:
    layers = {"i": Layer("i", INPUT), **layers, "o": Layer("o", OUTPUT)}
    nodes = {name: Node(name, name, name) for name in layers}
    row = list(nodes)
    return Graph(Frozen(layers), Frozen(nodes), tuple(Wire(a, b) for a, b in pairwise(row)))


def _ring(draw: st.DataObject, design: Design) -> Design:
    """Instead of a layer: a block that stands in itself, by way of a few others, and offers its own parameter."""
    length, repeat = draw.draw(st.integers(1, 4)), draw.draw(st.sampled_from((1, 3, 10**12)))
    blocks = design.graph.blocks
    for n in range(length):
        inner = Layer("x", BLOCK, Frozen(), f"{SELF} {(n + 1) % length}", repeat)
        block = Block(f"{SELF} {n}", SELF, _body({"x": inner}), Frozen({"size": ("x", "size")}))
        blocks = blocks.with_item(block.id, block)
    design = replace(design, graph=replace(design.graph, blocks=blocks))
    return _layer(draw, design, lambda layer: Layer(layer.id, BLOCK, Frozen({"size": 1}), f"{SELF} 0", repeat))


def _large(draw: st.DataObject, design: Design) -> Design:
    blocks = design.graph.blocks
    for n in range(30):
        inner = {"x": Layer("x", "ReLU")} if n == 0 else {c: Layer(c, BLOCK, Frozen(), f"large {n - 1}") for c in "xy"}
        blocks = blocks.with_item(f"large {n}", Block(f"large {n}", "large", _body(inner)))
    repeat = draw.draw(st.integers(-1, 10**30))
    design = replace(design, graph=replace(design.graph, blocks=blocks))
    return _layer(draw, design, lambda layer: Layer(layer.id, BLOCK, Frozen(), "large 29", repeat))


def _recipe(draw: st.DataObject, design: Design) -> Design:
    name = draw.draw(st.sampled_from(("epochs", "batch_size", "kind", "precision", "optimizer", "schedule")))
    method = Named(draw.draw(st.text(max_size=5)), Frozen({"lr": draw.draw(ODD)}))
    values = {"epochs": NOT_A_COUNT, "batch_size": NOT_A_COUNT, "kind": st.text(max_size=5),
              "precision": st.text(max_size=5), "optimizer": st.just(method), "schedule": st.just(method)}  # fmt: skip
    return replace(design, recipe=replace(design.recipe, **{name: draw.draw(values[name])}))


MUTATIONS: tuple[Mutation, ...] = (_kind, _parameter, _port, _no_block, _ring, _large, _recipe)


def saved_and_opened(design: Design) -> Design:
    return plain_to_design(from_json(to_json(design_to_plain(design)), "design"))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__.strip("_"))
@given(pair=designs_with_data(max_layers=4), draw=st.data(), again=st.booleans())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_mistake_is_saved_and_told(
    mutation: Mutation, pair: tuple[Design, DataSpec], draw: st.DataObject, again: bool
):
    design, data = pair
    design = mutation(draw, design)
    if again:
        design = draw.draw(st.sampled_from(MUTATIONS))(draw, design)
    assert saved_and_opened(design) == design
    report = check(design, data)
    errors = [p for p in (*report.errors, *recipe.problems(design.recipe, data)) if p.severity == "error"]
    assert errors
    for problem in errors:
        assert problem.what.endswith(".") and problem.why and len(problem.sentence()) < 2000
    assert set(report.order) == set(design.graph.nodes)
    check(design, None)


@pytest.mark.parametrize("mutation", (_kind, _no_block, _ring, _large), ids=lambda m: m.__name__.strip("_"))
@given(pair=designs_with_data(max_layers=4), draw=st.data())
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_check_refuses_is_not_compiled(mutation: Mutation, pair: tuple[Design, DataSpec], draw: st.DataObject):
    from engine.compile.compiler import compile_graph

    design, data = pair
    design = mutation(draw, design)
    report = check(design, data)
    if not report.trainable:
        with pytest.raises(DesignError):
            compile_graph(design, report, data, seed=0)
