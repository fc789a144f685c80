"""Every remedy mends what it promises, keeps the drawing tidy, and says so when it comes too late."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import CLASS, IMAGE, NUMBER, SEQUENCE, TOKENS, VECTOR, body, chain, data
from test_check import CASES

from engine.check import fixes, needs, outcome, wiring
from engine.check.checker import check
from engine.check.report import Fix, Problem
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import GraphError
from engine.graph import edits
from engine.graph.design import DataChoice, Design
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


@settings(max_examples=60, deadline=None)
@given(strategies.designs_with_data(), st.lists(strategies.edits(), min_size=1, max_size=5))
def test_any_remedy_of_any_faulty_design_takes_its_problem_away(pair, faults):
    design, spec = pair
    for fault in faults:
        design = fault.apply(design)
    for problem in check(design, spec).problems:
        for remedy in problem.fixes:
            mended = fixes.apply(remedy, design)
            assert mended != design
            left = [p for p in check(mended, spec).problems if same(p, problem)]
            assert not left, (problem.sentence(), remedy, [p.sentence() for p in left])


def same(one: Problem, other: Problem) -> bool:
    return (one.code, one.path, one.port, one.parameter) == (other.code, other.path, other.port, other.parameter)


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
    remedy = Fix(
        kind,
        "Do it",
        Frozen({**gone, "name": "x", "value": 1, "to": "ReLU", "repeat": 1, "loss": "MSELoss", "part": "optimizer"}),
    )
    if kind in ("add_input", "add_loss"):
        assert fixes.apply(remedy, Design()).graph.nodes
        return
    if kind == "set_recipe":  # a recipe is always there, not so a schedule
        size = Fix(kind, "Do it", Frozen({"part": "", "name": "batch_size", "value": 8}))
        assert fixes.apply(size, Design()).recipe.batch_size == 8
    if kind == "choose_data":  # so is a choice of data
        assert fixes.apply(Fix(kind, "Do it", Frozen({"source": "digits"})), Design()).data.source == "digits"
        return
    with pytest.raises(GraphError, match="no longer there"):
        fixes.apply(remedy, Design())


def test_an_unknown_remedy_is_refused():
    with pytest.raises(GraphError, match="no remedy called"):
        fixes.apply(Fix("magic", "Do magic"), Design())


# -- beforehand -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("design", "spec", "problem", "remedy"), OFFERED)
def test_every_remedy_says_what_it_will_change(design, spec, problem, remedy):
    told = outcome.told(design, fixes.apply(remedy, design))
    assert told.endswith(".") and told[0].isupper() and "None" not in told, told


def test_what_remedies_change_in_words():
    images = chain(LINEAR4)
    (flat,) = check(images, data()).problems
    assert outcome.told(images, fixes.apply(flat.fixes[0], images)) == "Adds flatten between input and fc1."
    gap = edits.disconnect(chain("Flatten", LINEAR4), [Wire("flatten", "fc1")])
    (wire,) = check(gap, data()).problems
    assert outcome.told(gap, fixes.apply(wire.fixes[0], gap)) == "Connects flatten to fc1."
    block = around(("Linear", {"out_features": 7}))
    (count,) = check(block, data()).problems
    words = "In the block body: sets Units of fc1 to 4; it was 7."
    assert outcome.told(block, fixes.apply(count.fixes[0], block)) == words


# -- data -------------------------------------------------------------------------------------------------------------
def test_without_data_that_alone_is_told():
    design = replace(chain("Flatten", LINEAR4), data=DataChoice())
    (problem,) = needs.causes(check(design).problems)
    assert problem.code == "no-data" and problem.severity == "error" and problem.blocking
    mended = fixes.apply(problem.fixes[0], design)
    assert mended.data.source == "digits" and outcome.told(design, mended) == "Learns from digits."
    unread = Problem("data", "error", "The data cannot be used.", "There is no such folder.")
    assert needs.causes((*check(mended).problems, unread)) == (unread,)
    sound = check(mended, data()).problems
    assert needs.causes(sound) == sound


# -- loose ends -------------------------------------------------------------------------------------------------------
def problems(design: Design, code: str, spec: DataSpec | None = None) -> list[Problem]:
    return [p for p in check(design, spec or data()).problems if p.code == code]


def labels(found: list[Problem]) -> list[list[str]]:
    return [[fix.label for fix in problem.fixes] for problem in found]


def test_an_open_input_is_connected_to_what_leads_nowhere():
    """One gap is one problem: the end before it is not told a second time."""
    design = chain("Conv2d", "Flatten", LINEAR4)
    open_design = edits.disconnect(design, [Wire("flatten", "fc1")])
    (problem,) = check(open_design, data()).problems
    assert "Linear needs one vector per sample; nothing arrives." in problem.why
    assert [fix.label for fix in problem.fixes] == ["Connect flatten to fc1"]
    assert fixes.apply(problem.fixes[0], open_design).graph.wires == (
        Wire("input", "conv1"), Wire("conv1", "flatten"), Wire("fc1", "loss"), Wire("target", "loss", "target"),
        Wire("flatten", "fc1"),
    )  # fmt: skip


def test_of_several_idle_outputs_the_one_that_fits_is_taken():
    design = chain("Conv2d", "Flatten", LINEAR4)
    design = edits.disconnect(design, [Wire("flatten", "fc1")])
    design, odd = edits.add_node(design, "MaxPool2d", (0, 300), label="odd")
    design = edits.connect(design, Wire("conv1", odd))
    (problem,) = problems(design, "missing-wire")
    assert problem.fixes[0].label == "Connect flatten to fc1"
    assert labels(problems(design, "dangling")) == [["Add an output", "Remove odd"]]


def placed(*kinds: str | tuple[str, dict[str, int]]) -> Design:
    """Nodes without a wire, in this order."""
    design = Design()
    for step in kinds:
        kind, parameters = (step, {}) if isinstance(step, str) else step
        design, _ = edits.add_node(design, kind, (0, 0), parameters=parameters)
    return design


@pytest.mark.parametrize("turn", [0, -1])
@pytest.mark.parametrize("loss_first", [False, True])
def test_layers_placed_one_after_the_other_become_a_chain(loss_first: bool, turn: int):
    """From the first problem to the last or the other way: the first button of each leads to the same chain."""
    kinds, loss = ["Input", "Conv2d", "ReLU", "MaxPool2d", LINEAR4], ["CrossEntropyLoss", "Target"]
    design = placed(*loss, *kinds) if loss_first else placed(*kinds, *loss)
    assert labels(problems(design, "missing-wire")) == [
        ["Connect fc1 to cross_entropy"], ["Connect the target"], ["Connect input to conv1"],
        ["Connect conv1 to relu1"], ["Connect relu1 to pool1"], ["Connect pool1 to fc1"],
    ]  # fmt: skip
    while errors := check(design, data()).errors:
        design = fixes.apply(errors[turn].fixes[0], design)
    label = {n.id: n.label for n in design.graph.nodes.values()}
    fed_by = {label[w.target]: label[w.source] for w in design.graph.wires if w.target_port == "input"}
    way = ["cross_entropy"]
    while way[-1] in fed_by:
        way.append(fed_by[way[-1]])
    assert way[::-1] == ["input", "conv1", "relu1", "pool1", "flatten", "fc1", "cross_entropy"]


def test_where_no_idle_output_fits_the_nearest_is_taken_and_brought_into_shape():
    design = chain("Conv2d", "MaxPool2d", LINEAR4)
    design = edits.disconnect(design, [Wire("pool1", "fc1")])
    design, side = edits.add_node(design, "ReLU", (0, 300), label="side")
    design = edits.connect(design, Wire("conv1", side))
    (problem,) = check(design, data()).errors
    assert problem.fixes[0].label == "Connect pool1 to fc1"
    design = fixes.apply(problem.fixes[0], design)
    (problem,) = check(design, data()).errors
    assert problem.fixes[0].label == "Insert Flatten"


def test_a_loss_without_a_prediction_is_fed_by_what_another_loss_judges():
    design = chain("Flatten", LINEAR4)
    design, loss = edits.add_node(design, "CrossEntropyLoss", (900, 300), label="second")
    found = problems(design, "missing-wire")
    assert labels(found) == [["Connect fc1 to second"], ["Connect the target"]]
    for problem in found:
        design = fixes.apply(problem.fixes[0], design)
    assert Wire("fc1", loss) in design.graph.wires and not check(design, data()).problems


def test_without_anything_to_connect_an_input_is_added_or_the_layer_removed():
    design, _ = edits.add_node(Design(), "ReLU", (0, 0), label="relu")
    (problem,) = problems(design, "missing-wire")
    assert [fix.label for fix in problem.fixes] == ["Add an input", "Remove relu"]
    mended = fixes.apply(problem.fixes[0], design)
    assert [w.target_port for w in mended.graph.wires] == ["input"]
    assert not fixes.apply(problem.fixes[1], design).graph.nodes


def test_a_loss_is_added_behind_the_layer_that_gives_scores():
    """Not behind a side branch that was added later, nor behind the end before a gap."""
    design = chain("Conv2d", "Flatten", LINEAR4, "ReLU", loss=None)
    design, side = edits.add_node(design, "Tanh", (300, 300), label="side")
    design = edits.connect(design, Wire("conv1", side))
    (problem,) = problems(design, "no-loss")
    assert fixes.apply(problem.fixes[0], design).graph.wires_from("relu1")
    design = edits.disconnect(design, [Wire("conv1", "flatten"), Wire("conv1", side)])
    design = edits.remove_nodes(design, [side])
    (problem,) = problems(design, "no-loss")
    assert fixes.apply(problem.fixes[0], design).graph.wires_from("relu1")


def test_a_merge_with_one_wire_is_taken_out_where_nothing_could_join():
    design = chain("Flatten", LINEAR4)
    design, add = edits.add_node(design, "Add", (0, 0), label="add")
    design = edits.insert_on_wire(design, Wire("flatten", "fc1"), add)
    (problem,) = problems(design, "too-few-wires")
    assert [fix.label for fix in problem.fixes] == ["Remove add"]
    assert not check(fixes.apply(problem.fixes[0], design), data()).problems


def test_a_branch_that_leads_nowhere_goes_as_a_whole():
    design = chain("Flatten", LINEAR4)
    before = "flatten"
    for name in ("a", "b", "c"):
        design, _ = edits.add_node(design, "ReLU", (0, 300), label=name, node_id=name)
        design = edits.connect(design, Wire(before, name))
        before = name
    (problem,) = check(design, data()).problems
    assert problem.what == "c leads nowhere." and problem.severity == "hint"
    assert [fix.label for fix in problem.fixes] == ["Add an output", "Remove 3 layers"]
    shown = fixes.apply(problem.fixes[0], design)
    assert not check(shown, data()).problems and shown.graph.nodes_of_kind("Output")
    assert set(fixes.apply(problem.fixes[1], design).graph.nodes) == {"input", "flatten", "fc1", "loss", "target"}


def test_an_open_input_inside_a_block_is_connected_there():
    block = body("ReLU", "Tanh")
    wires = tuple(w for w in block.graph.wires if w != Wire("0", "1"))
    design = edits.define_block(chain("Flatten", LINEAR4), replace(block, graph=replace(block.graph, wires=wires)))
    design, node = edits.add_block_node(design, "body", (0, 0), node_id="block")
    design = edits.insert_on_wire(design, Wire("flatten", "fc1"), node, into="in", out="out")
    (problem,) = check(design, data()).problems
    assert problem.path == ("block", "0", "1") and problem.fixes[0].label == "Connect relu1 to tanh2"
    assert not check(fixes.apply(problem.fixes[0], design), data()).problems


# -- rings ------------------------------------------------------------------------------------------------------------
def rings() -> list[Design]:
    plain = chain("Flatten", "ReLU", "Tanh", LINEAR4)
    design, add = edits.add_node(plain, "Add", (0, 0), label="add", node_id="add")
    design = edits.insert_on_wire(design, Wire("flatten", "relu1"), add)
    skip = edits.connect(edits.connect(design, Wire("flatten", "add")), Wire("tanh1", "add"))
    older = replace(skip, graph=replace(skip.graph, wires=(skip.graph.wires[-1], *skip.graph.wires[:-1])))
    stolen = edits.connect(plain, Wire("tanh1", "relu1"))
    crowded = edits.connect(plain, Wire("tanh1", "relu1"), replace=False)
    two = edits.connect(crowded, Wire("fc1", "tanh1"), replace=False)
    return [skip, older, stolen, crowded, two]


@pytest.mark.parametrize("design", rings(), ids=["skip", "older", "stolen", "crowded", "two"])
def test_what_is_cut_leaves_the_fewest_problems(design: Design):
    (problem,) = problems(design, "cycle")
    (remedy,) = problem.fixes
    left = len(check(fixes.apply(remedy, design), data()).problems)
    for wire in design.graph.wires:
        other = check(edits.disconnect(design, [wire]), data())
        assert left <= len(other.problems) or any(p.code == "cycle" for p in other.problems), (remedy.label, wire)
    assert not problems(fixes.apply(remedy, design), "cycle")


def test_the_wire_that_closes_a_ring_is_no_crowd_besides():
    """One drawn wire is one mistake; and the remedy of a crowd would have kept just that wire."""
    (problem,) = check(rings()[3], data()).errors
    assert problem.code == "cycle" and problem.fixes[0].label == "Remove the wire from tanh1 to relu1"


def test_what_lies_behind_an_error_is_not_to_be_removed():
    design = chain("Flatten", LINEAR4)
    design, _ = edits.add_node(design, "Nonsense", (0, 300), label="odd", node_id="odd")
    design, _ = edits.add_node(design, "ReLU", (0, 300), label="behind", node_id="behind")
    (problem,) = problems(edits.connect(design, Wire("odd", "behind")), "unreachable")
    assert problem.severity == "hint" and not problem.fixes
    unfinished = chain("Flatten", LINEAR4, loss=None)
    assert not problems(edits.disconnect(unfinished, [Wire("input", "flatten")]), "unreachable")


def test_several_rings_of_one_knot_are_cut_at_once():
    design = rings()[-1]
    (problem,) = problems(design, "cycle")
    assert problem.fixes[0].label == "Remove the 2 wires that are too many"
    assert check(fixes.apply(problem.fixes[0], design), data()).trainable


# -- how many classes -------------------------------------------------------------------------------------------------
def around(*steps: object, repeat: int = 1, promoted: dict[str, tuple[str, str]] | None = None) -> Design:
    """input → flatten → a block with the steps → loss."""
    design = edits.define_block(chain("Flatten"), body(*steps, promoted=promoted))  # type: ignore[arg-type]
    design, node = edits.add_block_node(design, "body", (0, 0), node_id="block", label="head", repeat=repeat)
    return edits.insert_on_wire(design, Wire("flatten", "loss"), node, into="in", out="out")


@pytest.mark.parametrize("repeat", [1, 3])
def test_the_classes_are_set_inside_a_block(repeat: int):
    design = around(("Linear", {"out_features": 7}), "ReLU", repeat=repeat)
    (problem,) = check(design, data()).problems
    assert [fix.label for fix in problem.fixes] == ["Set head › fc1 to 4 outputs"]
    mended = fixes.apply(problem.fixes[0], design)
    assert mended.graph.blocks["body"].graph.layers["0"].parameters["out_features"] == 4
    assert check(mended, data()).trainable


def test_the_classes_are_set_where_the_block_offers_them():
    design = around(("Linear", {"out_features": 7}), promoted={"width": ("0", "out_features")})
    design = edits.set_parameter(design, "block", "width", 9)
    (problem,) = check(design, data()).problems
    mended = fixes.apply(problem.fixes[0], design)
    assert mended.graph.layer_of("block").parameters["width"] == 4 and check(mended, data()).trainable
    assert mended.graph.blocks == design.graph.blocks


def test_the_layer_before_a_block_is_found_through_it():
    design = around("ReLU", "Dropout")
    design, _ = edits.add_node(design, "Linear", (0, 0), node_id="fc", label="fc", parameters={"out_features": 7})
    design = edits.insert_on_wire(design, Wire("flatten", "block", "in"), "fc")
    (problem,) = check(design, data()).problems
    assert problem.fixes[0].label == "Set fc to 4 outputs"
    assert check(fixes.apply(problem.fixes[0], design), data()).trainable


def test_a_block_that_others_call_is_not_changed_for_one_of_them():
    design = around(("Linear", {"out_features": 7}))
    design, again = edits.add_block_node(design, "body", (0, 0), label="again")
    design = edits.insert_on_wire(design, Wire("flatten", "block", "in"), again, into="in", out="out")
    (problem,) = check(design, data()).problems
    assert problem.fixes[0].label == "Insert Linear with 4 outputs"
    assert check(fixes.apply(problem.fixes[0], design), data()).trainable


def test_scores_of_a_wrong_shape_are_not_counted():
    (problem,) = check(chain("Conv2d"), data()).problems
    assert problem.code == "shape-mismatch" and problem.fixes[0].label == "Insert Flatten"


def test_the_features_of_a_sequence_are_no_scores():
    """Scores lie along the first axis; what Linear sets is the last one, so it could not mend the count."""
    shares = FieldSpec("shares", "class", (3,), "int64", tuple("ab"))
    design = chain(("Linear", {"out_features": 3}))
    (problem,) = check(design, data(SEQUENCE, targets=(shares,))).problems
    assert problem.code == "class-count" and not problem.fixes


def test_one_axis_cannot_be_flattened():
    design = chain("Flatten", "Flatten", LINEAR4)
    number = data(NUMBER)
    problem = check(edits.set_parameter(design, "flatten", "end_dim", -1), number).problems[0]
    assert problem.code == "bad-axis" and [fix.label for fix in problem.fixes] == ["Remove flatten"]


def test_losses_with_different_classes_get_a_layer_each():
    """One layer cannot give both numbers: a remedy for the one must not spoil the other."""
    few = FieldSpec("few", "class", (), "int64", tuple("ab"))
    design = chain("Flatten", ("Linear", {"out_features": 7}), target="class")
    design, _ = edits.add_node(design, "CrossEntropyLoss", (900, 300), node_id="loss2", label="loss2")
    design, _ = edits.add_node(design, "Target", (700, 400), node_id="t2", label="t2", parameters={"field": "few"})
    design = edits.connect(edits.connect(design, Wire("fc1", "loss2")), Wire("t2", "loss2", "target"))
    spec = data(IMAGE, targets=(CLASS, few))
    for _ in range(2):
        problem = check(design, spec).problems[0]
        assert problem.code == "class-count"
        design = fixes.apply(problem.fixes[0], design)
    assert not check(design, spec).problems


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
