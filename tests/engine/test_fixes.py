"""Every remedy mends what it promises, keeps the drawing tidy, and says so when it comes too late."""

from __future__ import annotations

import itertools

import pytest
from small_graphs import CLASS, IMAGE, NUMBER, TOKENS, VECTOR, chain, data
from test_check import CASES

from engine.check import fixes, wiring
from engine.check.checker import check
from engine.check.report import Fix
from engine.data.spec import FieldSpec
from engine.errors import GraphError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Wire
from engine.project import templates

LINEAR4 = ("Linear", {"out_features": 4})
OFFERED = [
    pytest.param(design, spec, problem, remedy, id=f"{problem.code}-{remedy.kind}")
    for _, design, spec, *_ in CASES
    for problem in check(design, spec).problems
    for remedy in problem.fixes
]


@pytest.mark.parametrize(("design", "spec", "problem", "remedy"), OFFERED)
def test_a_remedy_takes_its_problem_away(design, spec, problem, remedy):
    mended = fixes.apply(remedy, design)
    assert mended != design
    left = [(p.code, p.path, p.port, p.parameter) for p in check(mended, spec).problems]
    assert (problem.code, problem.path, problem.port, problem.parameter) not in left
    assert set(mended.places) >= set(mended.graph.nodes)


def test_remedies_lead_from_a_bare_layer_to_a_network_that_trains():
    """What a person gets who only ever presses the first button."""
    design, _ = edits.add_node(templates.load("blank"), "Conv2d", (300, 0))
    spec = data(IMAGE)
    pressed: list[str] = []
    for _ in range(12):
        report = check(design, spec)
        problem = next((p for p in report.errors if p.fixes), None)
        if problem is None:
            break
        pressed.append(problem.fixes[0].kind)
        design = fixes.apply(problem.fixes[0], design)
    assert check(design, spec).trainable, [p.sentence() for p in check(design, spec).problems]
    assert pressed == ["add_input", "add_loss", "insert_flatten", "insert_linear"]
    for one, other in itertools.combinations(design.places.values(), 2):
        assert abs(one[0] - other[0]) >= 152 or abs(one[1] - other[1]) >= 100


def test_the_layer_that_counts_the_classes_is_found_behind_others():
    design = chain("Flatten", ("Linear", {"out_features": 7}), "ReLU", "Dropout", "BatchNorm1d")
    (problem,) = check(design, data()).errors
    design = fixes.apply(problem.fixes[0], design)
    assert design.graph.layer_of("fc1").parameters["out_features"] == 4
    design = chain(("Conv2d", {"out_channels": 7}), "AdaptiveAvgPool2d", "Flatten")
    (problem,) = check(design, data()).errors
    design = fixes.apply(problem.fixes[0], design)
    assert design.graph.layer_of("conv1").parameters["out_channels"] == 4
    assert check(design, data()).trainable


def test_an_inserted_layer_finds_room_in_the_row():
    design = templates.load("cnn-digits")
    flatten = next(n for n, v in design.graph.nodes.items() if v.label == "flatten")
    design = edits.remove_nodes(design, [flatten])
    design = edits.connect(design, Wire("node_pool1", "node_fc1"))
    ten = data(IMAGE, targets=(FieldSpec("c", "class", (), "int64", tuple("0123456789")),))
    (problem,) = check(design, ten).errors
    design = fixes.apply(problem.fixes[0], design)
    assert check(design, ten).trainable
    for one, other in itertools.combinations(design.places.values(), 2):
        assert abs(one[0] - other[0]) >= 152 or abs(one[1] - other[1]) >= 100


def test_a_loss_suits_the_target():
    design = chain(("Linear", {"out_features": 1}), loss=None)
    spec = data(VECTOR, targets=(NUMBER,))
    (problem,) = check(design, spec).errors
    design = fixes.apply(problem.fixes[0], design)
    assert [n.label for n in design.graph.nodes.values()][-2:] == ["mse", "target"]
    (problem,) = check(design, spec).errors
    assert check(fixes.apply(problem.fixes[0], design), spec).trainable


def test_a_softmax_before_cross_entropy_is_taken_out_of_the_chain():
    design = chain(LINEAR4, "Softmax")
    (problem,) = check(design, data(VECTOR)).problems
    design = fixes.apply(problem.fixes[0], design)
    assert Wire("fc1", "loss") in design.graph.wires
    assert check(design, data(VECTOR)).problems == ()


@pytest.mark.parametrize("kind", sorted(fixes.kinds()))
def test_a_stale_remedy_says_so(kind):
    gone = {"source": "a", "target": "b", "source_port": "output", "target_port": "input", "node": "a", "port": "x"}
    remedy = Fix(kind, "Do it", Frozen({**gone, "name": "x", "value": 1, "to": "ReLU", "repeat": 1, "loss": "MSELoss"}))
    if kind in ("add_input", "add_loss"):
        assert fixes.apply(remedy, Design()).graph.nodes
        return
    if kind == "set_batch_size":  # a recipe is always there
        remedy = Fix(kind, "Do it", Frozen({"batch_size": 8}))
        assert fixes.apply(remedy, Design()).recipe.batch_size == 8
        return
    with pytest.raises(GraphError, match="no longer there"):
        fixes.apply(remedy, Design())


def test_an_unknown_remedy_is_refused():
    with pytest.raises(GraphError, match="no remedy called"):
        fixes.apply(Fix("magic", "Do magic"), Design())


# -- wires before they are drawn ------------------------------------------------------------------------------------
def test_why_a_wire_would_be_a_mistake():
    design = chain("Conv2d", "ReLU", "Flatten", LINEAR4)
    spec = data(IMAGE, TOKENS)
    design, tokens = edits.add_node(design, "Input", (0, 0), parameters={"field": "tokens"}, label="words")
    design, add = edits.add_node(design, "Add", (0, 0), label="add")
    design = edits.connect(design, Wire("flatten", add))
    graph, report = design.graph, check(design, spec)

    def why(*ends: str) -> str:
        return wiring.why_not(graph, report, Wire(*ends)) or ""

    assert why("input", "conv1") == "input is connected there already."
    assert why("relu1", "conv1") == "conv1 and relu1 would feed each other in a ring."
    assert why("relu1", "relu1") == "relu1 would feed itself."
    assert "one vector per sample; input sends 1×8×8" in why("input", "fc1")
    assert "floating-point numbers here; words sends 5 indices" in why(tokens, "conv1")
    assert "add" in why("fc1", add).lower()
    assert "no such input" in why("fc1", "relu1", "side")
    assert "no such output" in why("loss", "relu1")
    assert "no longer there" in why("gone", "relu1")
    assert "classes or tokens" in why("fc1", "loss", "target")
    assert why("relu1", "flatten", "input") == "relu1 is connected there already."
    assert why("conv1", "flatten") == ""
    assert why("target", "loss", "target") == "target is connected there already."
    regression = chain("Flatten", ("Linear", {"out_features": 6}), loss="MSELoss")
    known = check(regression, data(VECTOR, targets=(VECTOR,)))
    assert "must not be told" in (wiring.why_not(regression.graph, known, Wire("target", "loss")) or "")


def test_where_a_wire_starts_and_ends():
    design = chain("Flatten", LINEAR4)
    graph = edits.disconnect(design, [Wire("target", "loss", "target")]).graph
    assert wiring.free_input(graph, "loss") == "target"
    assert wiring.free_input(design.graph, "loss") is None
    assert wiring.free_input(graph, "input") is None
    assert wiring.first_output(graph, "fc1") == "output"
    assert wiring.first_output(graph, "loss") is None
    design, add = edits.add_node(design, "Add", (0, 0))
    design = edits.connect(edits.connect(design, Wire("flatten", add)), Wire("fc1", add))
    assert wiring.free_input(design.graph, add) == "input"
    design, node = edits.add_node(design, "MultiheadAttention", (0, 0))
    assert wiring.free_input(design.graph, node) == "query"
    design, odd = edits.add_node(design, "Nonsense", (0, 0))
    assert wiring.free_input(design.graph, odd) is None and wiring.first_output(design.graph, odd) is None


def test_the_kinds_that_take_several_wires_are_those_of_the_catalogue():
    from engine.catalog import catalog

    several = {k for k, s in catalog.load().layers.items() if any(p.variadic for p in s.inputs)}
    assert several == edits.TAKES_SEVERAL
    assert CLASS.kind == "class"
