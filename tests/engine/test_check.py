"""What check finds: shapes, costs, and every kind of problem in the tone of the house."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from small_graphs import CLASS, IMAGE, NUMBER, SEQUENCE, TOKENS, VECTOR, body, chain, data

from engine.check import fixes, limits, outcome, shapes
from engine.check.checker import check
from engine.check.report import Problem, Report
from engine.compile.compiler import compile_graph
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, Wire
from engine.project import templates

MNIST = DataSpec("mnist", "MNIST", (FieldSpec("image", "image", (1, 28, 28), "float32"),),
                 (FieldSpec("label", "class", (), "int64", tuple("0123456789")),), 54000, 6000, 10000)  # fmt: skip


def find(report: Report, code: str) -> Problem:
    found = [p for p in report.problems if p.code == code]
    assert found, f"{code} is not among {[(p.code, p.sentence()) for p in report.problems]}"
    return found[0]


def sound(problem: Problem) -> None:
    """The three parts, as whole sentences without blame or exclamation."""
    assert problem.what.endswith(".") and problem.why.endswith((".", ")", "?")), problem
    assert "!" not in problem.what + problem.why
    for fix in problem.fixes:
        assert fix.kind in fixes.kinds()
        assert fix.label[0].isupper() and not fix.label.endswith(".")


# -- what is true of a good design ----------------------------------------------------------------------------------
def test_lenet_has_the_shapes_and_costs_of_the_paper():
    report = check(templates.load("lenet"), MNIST)
    assert report.problems == ()
    assert report.trainable
    assert report.parameters == 61_706
    assert report.multiply_adds == 416_520
    assert report.depth == 5
    shape = report.output("node_pool2")
    assert shape is not None and shape.text() == "16×5×5"
    assert report.fills[("node_fc1",)] == Frozen({"in_features": 400})
    assert report.trained == set(templates.load("lenet").graph.nodes)
    loss = report.output("node_cross_entropy")
    assert loss is not None and loss.batch_axis is None


def test_a_shared_layer_is_counted_once_and_a_block_for_each_copy():
    design = chain(("Linear", {"out_features": 6}), "ReLU", ("Linear", {"out_features": 4}))
    shared, node = edits.add_node(design, "Linear", (0, 0), layer=design.graph.nodes["fc1"].layer, node_id="again")
    shared = edits.insert_on_wire(shared, Wire("relu1", "fc2"), node)
    one, two = check(design, data(VECTOR)), check(shared, data(VECTOR))
    assert two.parameters == one.parameters == 6 * 7 + 4 * 7
    assert two.multiply_adds == one.multiply_adds + 36
    assert (one.depth, two.depth) == (2, 3)
    design = edits.define_block(design, body(("Linear", {"out_features": 6}), "ReLU"))
    design, block = edits.add_block_node(design, "body", (0, 0), repeat=3, node_id="block")
    design = edits.insert_on_wire(design, Wire("relu1", "fc2"), block, into="in", out="out")
    report = check(design, data(VECTOR))
    assert not report.problems
    assert report.parameters == one.parameters + 3 * 42
    whole = report.cost(("block",))
    assert whole is not None and whole.parameters == 3 * 42
    assert whole.multiply_adds == report.multiply_adds - one.multiply_adds
    assert report.cost(("block", "1", "0")) == report.costs["block", "1", "0"]
    assert report.cost(("input",)) is None
    assert report.depth == 5
    assert report.outputs[("block", "2", "1"), "output"].shape == (6,)
    assert report.fills["block", "1", "0"] == Frozen({"in_features": 6})


def test_promoted_parameters_reach_the_layer_inside():
    inner = body(("Linear", {"out_features": 6}), block="inner", promoted={"width": ("0", "out_features")})
    outer_graph = Graph(
        Frozen({"in": Layer("in", "Input"), "out": Layer("out", "Output"), "b": Layer("b", "Block", block="inner")}),
        Frozen({"in": Node("in", "in", "in"), "b": Node("b", "b", "b"), "out": Node("out", "out", "out")}),
        (Wire("in", "b", "in"), Wire("b", "out", "input", "out")),
    )
    outer = replace(inner, id="outer", graph=outer_graph, promoted=Frozen({"size": ("b", "width")}))
    design = edits.define_block(edits.define_block(chain(), inner), outer)
    design, block = edits.add_block_node(design, "outer", (0, 0), parameters={"size": 4}, node_id="block")
    design = edits.insert_on_wire(design, Wire("input", "loss"), block, into="in", out="out")
    report = check(design, data(VECTOR))
    assert not report.problems
    assert report.outputs[("block", "0", "b", "0", "0"), "output"].shape == (4,)
    assert not find(check(edits.set_parameter(design, "block", "size", -3), data(VECTOR)), "bad-parameter").path[1:]


def test_recurrent_layers_get_their_true_length_from_two_short_ones():
    steps = [("LSTM", {"hidden_size": 5, "bidirectional": True}), "Flatten", ("Linear", {"out_features": 4})]
    report = check(chain(*steps), data(SEQUENCE))
    assert not report.problems
    output, hidden = report.output("lstm1"), report.output("lstm1", "hidden")
    assert output is not None and output.shape == (7, 10)
    assert hidden is not None and hidden.shape == (10,)
    per_step = 2 * 4 * 5 * (3 + 5)
    assert report.costs[("lstm1",)].multiply_adds == 7 * per_step


def test_without_data_an_input_may_say_its_shape():
    design = edits.set_parameter(chain("Flatten", ("Linear", {"out_features": 4})), "input", "shape", (2, 3))
    report = check(design)
    shape = report.output("fc1")
    assert shape is not None and shape.shape == (4,)
    assert not report.errors


# -- problems -------------------------------------------------------------------------------------------------------
def image_chain() -> Design:
    return chain("Flatten", ("Linear", {"out_features": 4}))


def cycle() -> Design:
    design = chain("Flatten", "ReLU", "Tanh", ("Linear", {"out_features": 4}))
    return edits.connect(design, Wire("tanh1", "relu1"), replace=False)


def with_node(design: Design, kind: str, *wires: Wire, **parameters: object) -> Design:
    design, _ = edits.add_node(design, kind, (0, 400), node_id="new", label="new", parameters=parameters)  # type: ignore[arg-type]
    for wire in wires:
        design = edits.connect(design, wire, replace=False)
    return design


def in_block(*steps: object, **block: object) -> Design:
    design = edits.define_block(chain("Flatten", ("Linear", {"out_features": 4})), body(*steps))  # type: ignore[arg-type]
    design, node = edits.add_block_node(design, "body", (0, 0), node_id="block", **block)  # type: ignore[arg-type]
    return edits.insert_on_wire(design, Wire("flatten", "fc1"), node, into="in", out="out")


def contains_itself() -> Design:
    design = in_block("ReLU")
    block = design.graph.blocks["body"]
    layers = block.graph.layers.with_item("0", Layer("0", "Block", block="body"))
    return edits.define_block(design, replace(block, graph=replace(block.graph, layers=layers)))


LINEAR4 = ("Linear", {"out_features": 4})
# code, design, data, node, a piece of the text, kind of the first fix (None: none is needed)
CASES: list[tuple[str, Design, DataSpec | None, str | None, str, str | None]] = [
    ("empty", Design(), None, None, "The canvas is empty", "add_input"),
    ("no-loss", chain(LINEAR4, loss=None), data(VECTOR), None, "no loss", "add_loss"),
    ("no-input", edits.remove_nodes(image_chain(), ["input"]), data(), None, "no input", "add_input"),
    ("input-unknown", image_chain(), None, "input", "the data ‘small’ are not open", None),
    ("unknown-field", chain("Flatten", LINEAR4, field="imgae"), data(), "input", "it has image", "set_parameter"),
    ("input-shape", edits.set_parameter(image_chain(), "input", "shape", (1, 9, 9)), data(), "input", "1×8×8",
     "reset_parameter"),
    ("missing-wire", edits.disconnect(image_chain(), [Wire("target", "loss", "target")]), data(), "loss", "no target",
     "connect_target"),
    ("missing-wire", edits.disconnect(image_chain(), [Wire("flatten", "fc1")]), data(), "fc1", "nothing arrives", None),
    ("too-many-wires", edits.connect(image_chain(), Wire("input", "fc1"), replace=False), data(), "fc1",
     "flatten and input each send one", "remove_extra_wires"),
    ("too-few-wires", with_node(image_chain(), "Add", Wire("flatten", "new")), data(), "new", "only flatten sends one",
     None),
    ("unknown-port", with_node(image_chain(), "ReLU", Wire("flatten", "new", "side")), data(), "new",
     "no input ‘side’", "remove_wire"),
    ("unknown-port", with_node(image_chain(), "ReLU", Wire("flatten", "new", "input", "side")), data(), "new",
     "no output ‘side’", "remove_wire"),
    ("cycle", cycle(), data(), "relu1", "relu1 and tanh1 feed each other", "remove_wire"),
    ("cycle", with_node(image_chain(), "ReLU", Wire("new", "new")), data(), "new", "feeds itself", "remove_wire"),
    ("unknown-kind", with_node(image_chain(), "Conv2dd", Wire("input", "new")), data(), "new", "Did you mean Conv2d",
     "change_kind"),
    ("unknown-parameter", edits.set_parameter(image_chain(), "fc1", "out_feature", 3), data(), "fc1", "out_features",
     "reset_parameter"),
    ("bad-parameter", edits.set_parameter(image_chain(), "fc1", "out_features", -3), data(), "fc1", "-3",
     "reset_parameter"),
    ("bad-parameter", chain(("Dropout", {"p": math.nan}), "Flatten", LINEAR4), data(), "dropout1", "nan",
     "reset_parameter"),
    ("bad-parameter", chain(("Dropout", {"p": math.inf}), "Flatten", LINEAR4), data(), "dropout1", "inf",
     "reset_parameter"),
    ("bad-parameter", chain(("Conv2d", {"kernel_size": "wide"}), "Flatten", LINEAR4), data(), "conv1", "wide",
     "reset_parameter"),
    ("shape-mismatch", chain(LINEAR4), data(), "fc1", "input sends 1×8×8", "insert_flatten"),
    ("shape-mismatch", chain("Conv2d", "Flatten", LINEAR4), data(FieldSpec("v", "vector", (64,), "float32")), "conv1",
     "64 numbers", "insert_reshape"),
    ("shape-mismatch", chain("LSTM", "Flatten", LINEAR4), data(), "lstm1", "a sequence of vectors", "insert_reshape"),
    ("shape-mismatch", chain("LSTM", "Flatten", LINEAR4), data(VECTOR), "lstm1", "6 numbers", "insert_reshape"),
    ("shape-mismatch", with_node(image_chain(), "Add", Wire("flatten", "new"), Wire("fc1", "new")), data(), "new",
     "flatten sends 64 numbers per sample and fc1 sends 4", None),
    ("shape-mismatch", with_node(image_chain(), "Concat", Wire("input", "new"), Wire("fc1", "new")), data(), "new",
     "input sends 1×8×8", None),
    ("shape-mismatch", chain("Flatten", ("Reshape", {"shape": (3, 5)}), "Flatten", LINEAR4), data(), "reshape1",
     "64 numbers in all; 3×5", None),
    ("shape-mismatch", chain("Conv2d"), data(), "loss", "one vector of scores", "insert_flatten"),
    ("shape-mismatch", chain(("Linear", {"out_features": 1}), loss="MSELoss"), data(VECTOR, targets=(NUMBER,)), "loss",
     "number by number", "insert_reshape"),
    ("shape-mismatch", chain(("Linear", {"out_features": 3}), loss="MSELoss"), data(VECTOR, targets=(NUMBER,)), "loss",
     "3 numbers", "insert_linear"),
    ("bad-axis", chain(("Permute", {"dims": (2, 1)}), "Flatten", LINEAR4), data(), "permute1", "each of its 3 axes",
     "set_parameter"),
    ("kernel-too-large", chain(("Conv2d", {"kernel_size": 9}), "Flatten", LINEAR4), data(), "conv1", "9×9 is larger",
     "set_parameter"),
    ("kernel-too-large", chain(("Conv2d", {"kernel_size": 11, "padding": 1}), "Flatten", LINEAR4), data(), "conv1",
     "10×10 with its padding", "set_parameter"),
    ("bad-padding", chain(("MaxPool2d", {"kernel_size": 2, "padding": 2}), "Flatten", LINEAR4), data(), "pool1",
     "half of it", "set_parameter"),
    ("not-divisible", chain("Conv2d", ("GroupNorm", {"num_groups": 3}), "Flatten", LINEAR4), data(), "group_norm1",
     "8 channels", "set_parameter"),
    ("not-divisible", chain(("Conv2d", {"groups": 2}), "Flatten", LINEAR4), data(), "conv1", "2 groups",
     "set_parameter"),
    ("not-divisible", chain(("MultiheadAttention", {"num_heads": 2}), "Flatten", LINEAR4), data(SEQUENCE),
     "multihead_attention1", "3 features", "set_parameter"),
    ("wrong-dtype", chain("Embedding", "Flatten", LINEAR4), data(VECTOR), "embedding1", "whole numbers", None),
    ("wrong-dtype", chain("LSTM", "Flatten", LINEAR4), data(TOKENS), "lstm1", "floating-point", "insert_embedding"),
    ("wrong-dtype", chain(LINEAR4, loss="MSELoss"), data(VECTOR), "loss", "CrossEntropyLoss", None),
    ("wrong-dtype", chain(LINEAR4), data(VECTOR, targets=(NUMBER,)), "loss", "target sends", "change_kind"),
    ("class-count", chain("Flatten", ("Linear", {"out_features": 7}), "ReLU", "Dropout"), data(), "loss",
     "4 classes; dropout1 sends 7 scores", "set_parameter"),
    ("class-count", chain("Flatten"), data(), "loss", "4 classes", "insert_linear"),
    ("target-as-input", with_node(chain("Flatten", LINEAR4), "ReLU", Wire("target", "new"), Wire("new", "loss")),
     data(targets=(CLASS,)), "target", "the answer", None),
    ("nothing-to-learn", chain("Flatten"), data(targets=(FieldSpec("c", "class", (), "int64", tuple("x" * 64)),)), None,
     "nothing to learn", None),
    ("no-batch", with_node(image_chain(), "ReLU", Wire("loss", "new")), data(), "new", "has no output", None),
    ("block-recursion", contains_itself(), data(), "block", "contains itself", "remove_node"),
    ("block-repeat", in_block("ReLU", repeat=0), data(), "block", "between 1 and", "set_repeat"),
    ("block-size", in_block("ReLU", "Tanh", repeat=100_000_000), data(), "block", "at most", None),
    ("shape-mismatch", in_block("Conv2d"), data(), "block", "body1 › conv1 cannot accept its input", "insert_reshape"),
    ("loss-in-block", in_block("MSELoss"), data(), "block", "outside", "remove_node"),
    ("does-not-fit", chain(("ReflectionPad2d", {"padding": 9}), "Flatten", LINEAR4), data(), "reflection_pad1",
     "PyTorch says", None),
    ("empty-result", chain(("ConvTranspose3d", {"kernel_size": 1, "padding": 1}), "Flatten", LINEAR4),
     data(FieldSpec("v", "image", (2, 2, 4, 4), "float32")), "conv_transpose1", "would come out", "reset_parameter"),
    ("too-few-rows", chain("Flatten", ("Embedding", {"num_embeddings": 5}), "Flatten", LINEAR4),
     data(FieldSpec("t", "tokens", (2, 3), "int64", below=9)), "embedding1", "indices up to 8", "set_parameter"),
    ("too-large", chain("Flatten", ("Linear", {"out_features": 10_000_000}), ("Linear", {"out_features": 1_000_000}),
                        LINEAR4), data(), "fc2", "TB", "set_parameter"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "design", "spec", "node", "text", "remedy"), CASES, ids=[c[0] for c in CASES])
def test_a_problem_says_what_why_and_what_to_do(code, design, spec, node, text, remedy):
    if code == "no-batch":  # a loss has no output port to draw a wire from
        code = "unknown-port"
    if code == "wrong-dtype" and node == "loss" and remedy is None:
        remedy = "change_kind"
    report = check(design, spec)
    problem = find(report, code)
    sound(problem)
    assert problem.severity == "error"
    assert problem.node == node
    assert text in problem.sentence() or text in [f.label for f in problem.fixes], problem.sentence()
    if remedy is not None:
        assert problem.fixes and problem.fixes[0].kind == remedy, problem
    for each in report.problems:
        sound(each)
    if problem.blocking:
        assert not report.trainable


@pytest.mark.parametrize(
    ("norm", "field", "batch", "told"),
    [
        (("BatchNorm1d", {}), VECTOR, 1, True),
        (("BatchNorm1d", {}), VECTOR, 2, False),
        (("BatchNorm1d", {}), VECTOR, 1.5, False),  # the recipe's problems tell
        (("BatchNorm2d", {}), IMAGE, 1, False),
        (("GroupNorm", {"num_groups": VECTOR.shape[0]}), VECTOR, 1, True),
        (("GroupNorm", {"num_groups": 1}), VECTOR, 1, False),
        (("LayerNorm", {}), VECTOR, 1, False),
    ],
)
def test_a_normalisation_over_one_value_is_told_exactly_where_torch_refuses_it(norm, field, batch, told):
    kind, parameters = norm
    design, spec = chain((kind, parameters), "Flatten", ("Linear", {"out_features": len(CLASS.classes)})), data(field)
    report = check(replace(design, recipe=replace(design.recipe, batch_size=batch)), spec)
    assert ("batch-of-one" in [p.code for p in report.errors]) == told
    if told:
        problem = find(report, "batch-of-one")
        sound(problem)
        mended = fixes.apply(problem.fixes[0], replace(design, recipe=replace(design.recipe, batch_size=batch)))
        assert check(mended, spec).trainable
    if isinstance(batch, int):
        module = compile_graph(design, check(design, spec), spec).module.train()
        try:
            module(torch.rand(batch, *field.shape), torch.zeros(batch, dtype=torch.int64))
            refused = False
        except ValueError:
            refused = True
        assert refused == told


def unpooled(**parameters: object) -> Design:
    """An image, its maxima, and back to its size; then a prediction."""
    design = chain(("MaxPool2d", {}), ("MaxUnpool2d", parameters), "Flatten", ("Linear", {"out_features": 4}))
    ids = {design.graph.layer_of(n).kind: n for n in design.graph.nodes}
    return edits.connect(design, Wire(ids["Input"], ids["MaxUnpool2d"], "pooled"))


@pytest.mark.parametrize("size", [2, 3, 8])
def test_an_unpooling_gives_the_size_that_was_pooled(size):
    spec = data(FieldSpec("image", "image", (2, size, size), "float32"))
    design = unpooled()
    report = check(design, spec)
    assert report.problems == ()
    node = next(n for n in design.graph.nodes if design.graph.layer_of(n).kind == "MaxUnpool2d")
    assert report.output(node).shape == (2, size, size)
    module = compile_graph(design, report, spec).module
    module(torch.rand(3, 2, size, size), torch.zeros(3, dtype=torch.int64))[0].backward()
    problem = find(check(unpooled(kernel_size=9), spec), "kernel-too-large")
    assert f"{size}×{size}" in problem.why


@pytest.mark.parametrize(("extra", "stride", "told"), [(1, 1, True), (1, 2, False), ((0, 2), 2, True)])
def test_output_padding_is_told_where_only_a_real_pass_would_refuse_it(extra, stride, told):
    parameters = {"output_padding": extra, "stride": stride}
    design, spec = chain(("ConvTranspose2d", parameters), "Flatten", ("Linear", {"out_features": 4})), data(IMAGE)
    report = check(design, spec)
    assert ("bad-padding" in [p.code for p in report.errors]) == told
    if told:
        design = fixes.apply(find(report, "bad-padding").fixes[0], design)
        report = check(design, spec)
    compile_graph(design, report, spec).module(torch.rand(2, *IMAGE.shape), torch.zeros(2, dtype=torch.int64))


def many_filters(filters: int = 1_000_000) -> Design:
    return chain(("Conv2d", {"out_channels": filters}), "MaxPool2d", "Flatten", LINEAR4)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """24 GB of memory, 20 of them free."""
    monkeypatch.setattr(limits, "memory", lambda: 24 * 10**9)
    monkeypatch.setattr(limits, "available", lambda: 20 * 10**9)
    return monkeypatch


def test_what_training_would_need_is_told_before_it_is_taken(machine):
    report = check(many_filters(), data())
    problem = find(report, "memory")
    sound(problem)
    assert problem.severity == "error" and problem.node == "conv1" and not report.trainable
    assert problem.what == "conv1 needs more memory than there is."
    assert "A batch of 64 with 1\u202f000\u202f000×6×6 numbers a sample needs about" in problem.why
    assert problem.fixes[0].label.startswith("Use batch ")
    mended = fixes.apply(problem.fixes[0], many_filters())
    assert mended.recipe.batch_size < 64 and check(mended, data()).trainable


def test_where_no_batch_is_small_enough_the_layer_has_to_be(machine):
    design, large = many_filters(), data(FieldSpec("image", "image", (1, 64, 64), "float32"))
    problem = find(check(design, large), "memory")
    assert problem.node == "conv1" and problem.fixes[0].label.startswith("Set Filters to")
    for _ in range(3):  # what follows conv1 may still be much
        design = fixes.apply(problem.fixes[0], design)
        if check(design, large).trainable:
            break
        problem = find(check(design, large), "memory")
    assert check(design, large).trainable


def test_what_is_free_now_only_warns(machine):
    machine.setattr(limits, "available", lambda: 10**9)
    design = many_filters(200_000)
    report = check(design, data())
    problem = find(report, "memory")
    assert problem.severity == "warning" and report.trainable and "1 GB are free" in problem.why
    assert not check(fixes.apply(problem.fixes[0], design), data()).problems


def test_what_takes_no_part_in_training_needs_no_memory(machine):
    design = with_node(image_chain(), "Conv2d", Wire("input", "new"), out_channels=1_000_000)
    assert check(design, data()).trainable


def test_one_mistake_is_one_problem():
    for design in (chain(LINEAR4), chain("Conv2d", "Flatten", "Linear"), in_block("Conv2d", repeat=5)):
        errors = check(design, data()).errors
        assert len(errors) == 1, [p.sentence() for p in errors]


def test_an_error_in_a_side_branch_blocks_that_branch_only():
    design = with_node(chain("Conv2d", "Flatten", LINEAR4), "Linear", Wire("conv1", "new"))
    report = check(design, data())
    problem = find(report, "shape-mismatch")
    assert problem.severity == "error" and not problem.blocking
    assert report.trainable
    assert report.errors and not report.blocking
    assert "new" not in report.trained and "loss" in report.trained


def test_hints_and_warnings_do_not_block():
    design = chain("Flatten", LINEAR4, "Softmax")
    report = check(with_node(design, "ReLU", Wire("flatten", "new")), data())
    assert find(report, "softmax-twice").severity == "warning"
    assert find(report, "dangling").severity == "hint"
    assert report.trainable


def test_a_part_without_an_input_is_told_once():
    design = with_node(image_chain(), "ReLU")
    design, _ = edits.add_node(design, "Tanh", (0, 0), node_id="t", label="t")
    design, _ = edits.add_node(design, "Tanh", (0, 0), node_id="u", label="u")
    design = edits.connect(edits.connect(design, Wire("new", "t")), Wire("t", "u"))
    problem = find(check(design, data()), "unreachable")
    assert problem.what == "t and u are fed by no input."
    assert "Draw one" in problem.why


def test_an_open_input_says_what_to_do():
    report = check(edits.disconnect(image_chain(), [Wire("flatten", "fc1")]), data())
    assert "Draw a wire to it" in find(report, "missing-wire").why


def test_layers_that_share_weights_have_to_get_the_same_sizes():
    design = chain("Flatten", ("Linear", {"out_features": 6}), "ReLU", LINEAR4)
    design, node = edits.add_node(design, "Linear", (0, 0), layer=design.graph.nodes["fc1"].layer, label="again")
    design = edits.insert_on_wire(design, Wire("relu1", "fc2"), node)
    problem = find(check(design, data()), "shared-mismatch")
    assert "in_features 64 at fc1 and in_features 6 here" in problem.why


def test_another_kind_of_learning_needs_no_loss():
    design = chain(LINEAR4, loss=None)
    design = replace(design, recipe=replace(design.recipe, kind="contrastive"))
    report = check(design, data(VECTOR))
    assert report.trainable
    assert report.trained == {"input", "fc1"}


# -- manners --------------------------------------------------------------------------------------------------------
def test_the_random_state_is_left_alone():
    shapes.infer.cache_clear()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    for steps in (("Dropout", "Flatten", LINEAR4), ("Conv2d", "BatchNorm2d", "Flatten", LINEAR4)):
        check(chain(*steps), data(IMAGE))
    check(chain("LSTM", "Flatten", LINEAR4), data(SEQUENCE))
    check(chain("TransformerEncoderLayer", "Flatten", LINEAR4), data(FieldSpec("s", "sequence", (5, 8), "float32")))
    assert torch.equal(before, torch.get_rng_state())


def test_structure_is_told_without_torch():
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from small_graphs import chain\n"
        "from engine.check import checker, fixes, wiring\n"
        "from engine.project import templates\n"
        "report = checker.check(chain('ReLU', loss=None))\n"
        "assert report.errors and 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def tower(length: int) -> Design:
    """conv, norm, relu, conv, … of so many layers, and a head."""
    kinds = [("Conv2d", {"padding": 1}), ("BatchNorm2d", {}), ("ReLU", {})]
    return chain(*(kinds[i % 3] for i in range(length)), "Flatten", LINEAR4)


def test_an_edit_is_checked_again_in_time():
    design = tower(300)
    check(design, data())
    best = 9.0
    for attempt in range(3):
        start = time.thread_time()
        assert check(edits.set_parameter(design, "conv51", "out_channels", 9 + attempt), data()).trainable
        best = min(best, time.thread_time() - start)
    assert best < 0.05 + 0.002 * 150, f"{best * 1000:.0f} ms"
    start = time.thread_time()
    check(design, data())
    assert time.thread_time() - start < 0.05


def test_ten_thousand_nodes_are_looked_over_quickly():
    names = [f"n{i}" for i in range(10_000)]
    layers = {n: Layer(n, "ReLU") for n in names} | {"n0": Layer("n0", "Input")}
    wires = tuple(Wire(a, b) for a, b in itertools.pairwise(names))
    graph = Graph(Frozen(layers), Frozen({n: Node(n, n, n) for n in names}), wires)
    best = 9.0
    for _ in range(3):
        start = time.thread_time()
        report = check(Design(graph))  # without data nothing can be inferred: this is the structure alone
        best = min(best, time.thread_time() - start)
    assert find(report, "no-loss")
    assert best < 0.6, f"{best * 1000:.0f} ms"


def test_several_threads_may_check_at_once():
    from concurrent.futures import ThreadPoolExecutor

    shapes.infer.cache_clear()
    designs = [chain("Conv2d", "BatchNorm2d", ("LayerNorm", {}), "Flatten", LINEAR4) for _ in range(6)]
    with ThreadPoolExecutor(3) as threads:
        reports = list(threads.map(lambda design: check(design, data()), designs))
    assert all(report == reports[0] for report in reports)
    assert reports[0].trainable


def test_nodes_with_the_same_label_are_told_apart_in_all_that_is_said():
    """In the problem, its remedies and what they would do; not a word changes where labels differ."""
    design = chain(("Linear", {"out_features": 4}), "ReLU", ("Linear", {"out_features": -3}))
    first, second = (n.id for n in design.graph.nodes.values() if design.graph.layer_of(n.id).kind == "Linear")
    alike = edits.rename(edits.rename(design, first, "fc"), second, "fc")
    apart = edits.rename(alike, first, "other")
    (told,) = (p for p in check(alike, data(VECTOR)).problems if p.node == second)
    (plain,) = (p for p in check(apart, data(VECTOR)).problems if p.node == second)
    assert told.what.startswith("fc (2nd of 2) ") and told.sentence().count("fc") >= 1
    assert told.sentence().replace("fc (2nd of 2)", "fc") == plain.sentence()
    assert "fc (2nd of 2)" in outcome.told(alike, fixes.apply(told.fixes[0], alike))
