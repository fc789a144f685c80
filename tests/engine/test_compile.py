"""The compiled network: what it computes, what it is called, where its weights come from and go."""

from __future__ import annotations

import copy
import pickle
import time
from dataclasses import replace

import numpy as np
import pytest
import small_graphs
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.catalog import build, catalog, ops
from engine.check.checker import check
from engine.check.report import Report
from engine.compile import keys
from engine.compile.compiled import Compiled
from engine.compile.compiler import compile_graph, tapped
from engine.compile.names import safe
from engine.compile.seeding import OwnRandom, seed_of
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import DesignError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, Value, Wire

IMAGE = FieldSpec("image", "image", (1, 8, 8), "float32")
VECTOR = FieldSpec("vector", "vector", (6,), "float32")
SEQUENCE = FieldSpec("sequence", "sequence", (7, 8), "float32")
CLASS = FieldSpec("class", "class", (), "int64", tuple("abcd"))
NUMBERS = FieldSpec("numbers", "vector", (3,), "float32")


def data(*inputs: FieldSpec, targets: tuple[FieldSpec, ...] = (CLASS,)) -> DataSpec:
    return DataSpec("small", "Small", inputs, targets, train=100, validation=10, test=10)


def batch(spec: FieldSpec, samples: int = 5, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    if spec.dtype == "int64":
        return torch.randint(0, max(len(spec.classes), 1), (samples, *spec.shape), generator=generator)
    return torch.randn(samples, *spec.shape, generator=generator)


class Drawing:
    """A design drawn node by node; ids are the labels."""

    def __init__(self, blocks: tuple[Block, ...] = ()):
        self.design = Design(graph=Graph(blocks=Frozen({b.id: b for b in blocks})))

    def add(self, label: str, kind: str, *sources: str, layer: str | None = None, **parameters: Value) -> Drawing:
        """`sources` are ‘node’, ‘node.port’ or ‘target_port=node.port’."""
        ids = {} if layer else {"layer_id": f"L{label}"}
        self.design, _ = edits.add_node(
            self.design, kind, (0.0, 0.0), label=label, parameters=parameters, node_id=label, layer=layer, **ids
        )
        for source in sources:
            into, _, out = source.rpartition("=")
            node, _, port = out.partition(".")
            wire = Wire(node, label, into or "input", port or "output")
            self.design = edits.connect(self.design, wire, replace=False)
        return self

    def block(
        self, label: str, block: str, *sources: str, layer: str | None = None, repeat: int = 1, **parameters: Value
    ) -> Drawing:
        called = layer or f"L{label}"
        made = Layer(called, BLOCK, Frozen(parameters), block, repeat)
        graph = self.design.graph
        graph = replace(graph, layers=graph.layers.with_item(called, made) if layer is None else graph.layers)
        graph = replace(graph, nodes=graph.nodes.with_item(label, Node(label, called, label)))
        wires = []
        for source in sources:
            into, _, out = source.rpartition("=")
            node, _, port = out.partition(".")
            wires.append(Wire(node, label, into or "in", port or "output"))
        self.design = replace(self.design, graph=replace(graph, wires=(*graph.wires, *wires)))
        return self

    def compiled(self, spec: DataSpec, seed: int = 0, **options: bool) -> Compiled:
        report = check(self.design, spec)
        if not options:
            assert report.trainable, [p.sentence() for p in report.blocking]
        return compile_graph(self.design, report, spec, seed=seed, **options)


def classifier() -> Drawing:
    drawing = Drawing().add("x", "Input").add("conv", "Conv2d", "x", out_channels=3).add("norm", "BatchNorm2d", "conv")
    drawing.add("act", "ReLU", "norm").add("flat", "Flatten", "act").add("fc", "Linear", "flat", out_features=4)
    drawing.add("y", "Target").add("loss", "CrossEntropyLoss", "input=fc", "target=y")
    return drawing


class ByHand(nn.Module):
    """The same as `classifier`, written as a person would."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU()
        self.flat, self.fc, self.loss = nn.Flatten(), nn.Linear(108, 4), nn.CrossEntropyLoss()

    def forward(self, x: torch.Tensor, y: torch.Tensor):
        logits = self.fc(self.flat(self.act(self.norm(self.conv(x)))))
        return self.loss(logits, y), logits


def test_it_computes_what_a_person_would_write():
    compiled = classifier().compiled(data(IMAGE))
    assert compiled.inputs == ((("x",), "image"),) and compiled.targets == ((("y",), "class"),)
    assert compiled.names["Lconv"] == "conv" and compiled.names["Lfc"] == "fc"
    by_hand = ByHand()
    by_hand.load_state_dict(compiled.module.state_dict())
    x, y = batch(IMAGE), batch(CLASS)
    total, losses, predictions = compiled.module(x, y)
    expected, logits = by_hand(x, y)
    assert total is losses[0] and torch.equal(total, expected) and torch.equal(predictions[0], logits)
    total.backward()
    expected.backward()
    for (name, own), (other, theirs) in zip(
        compiled.module.named_parameters(), by_hand.named_parameters(), strict=True
    ):
        assert name == other and torch.equal(own.grad, theirs.grad)  # type: ignore[arg-type]
    assert torch.equal(compiled.module.norm.running_mean, by_hand.norm.running_mean)  # type: ignore[arg-type]


def test_the_callers_random_state_is_not_touched_and_the_seed_decides():
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index]
    first, again, other = (classifier().compiled(data(IMAGE), seed) for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    assert np.array_equal(numpy_state, np.random.get_state()[1])  # type: ignore[index]
    assert all(torch.equal(a, b) for a, b in zip(keys.state(first).values(), keys.state(again).values(), strict=True))
    assert not torch.equal(keys.state(first)["Lfc.weight"], keys.state(other)["Lfc.weight"])
    compile_graph(classifier().design, check(classifier().design, data(IMAGE)), data(IMAGE))
    assert torch.equal(state, torch.get_rng_state())


def test_another_layer_leaves_the_others_their_first_weights():
    before = keys.state(classifier().compiled(data(IMAGE)))
    drawing = Drawing().add("x", "Input").add("conv", "Conv2d", "x", out_channels=3).add("more", "Conv2d", "x")
    drawing.add("norm", "BatchNorm2d", "conv").add("act", "ReLU", "norm").add("flat", "Flatten", "act")
    drawing.add("fc", "Linear", "flat", out_features=4).add("y", "Target")
    drawing.add("loss", "CrossEntropyLoss", "input=fc", "target=y").add("out", "Output", "more")
    after = keys.state(drawing.compiled(data(IMAGE)))
    assert all(torch.equal(tensor, after[key]) for key, tensor in before.items())
    assert "Lmore.weight" in after


@pytest.mark.parametrize("kind", [kind for kind, spec in catalog.load().layers.items() if spec.has_weights])
def test_first_weights_follow_from_the_seed_and_are_spread_as_torch_spreads_them(kind: str):
    spec = catalog.spec(kind)
    fills: dict[str, Value] = {name: (64,) if name == "normalized_shape" else 64 for name, _ in spec.fills}
    arguments = build.arguments(spec, Layer("n", kind, Frozen()), fills)

    def drawn(seed: int) -> dict[str, torch.Tensor]:
        with OwnRandom(seed_of(seed, "n")):
            return build.build(spec, arguments).state_dict()

    torch.manual_seed(7)
    plain = build.build(spec, arguments).state_dict()
    state = torch.get_rng_state()
    first, other = drawn(0), drawn(1)
    assert torch.equal(state, torch.get_rng_state()), "nothing of the program's own is drawn"
    torch.manual_seed(8)
    again = drawn(0)
    for name, tensor in plain.items():
        assert torch.equal(first[name], again[name]) and first[name].shape == tensor.shape
        if tensor.numel() > 200 and tensor.float().std() > 0:
            assert 0.7 < first[name].std() / tensor.std() < 1.4
            assert not torch.equal(first[name], tensor) and not torch.equal(first[name], other[name])


# -- names ---------------------------------------------------------------------------
@given(labels=st.lists(st.text(max_size=12) | st.sampled_from(["train", "type", "conv.1", "", "1", "class", "meta",
                       "forward", "self", "input", "print", "конв", "卷积", "recompile", "_x", "match", "T"]),
                       min_size=1, max_size=6))  # fmt: skip
def test_any_labels_make_a_working_module(labels: list[str]):
    drawing = Drawing().add("x", "Input")
    before = "x"
    for number, label in enumerate(labels):
        drawing.add(f"n{number}", "Linear", before, out_features=2)
        node = drawing.design.graph.nodes[f"n{number}"]
        nodes = drawing.design.graph.nodes.with_item(node.id, replace(node, label=label))
        drawing.design = replace(drawing.design, graph=replace(drawing.design.graph, nodes=nodes))
        before = f"n{number}"
    report = Report(
        fills=Frozen({(f"n{n}",): Frozen({"in_features": 6 if n == 0 else 2}) for n in range(len(labels))}),
        trained=frozenset(drawing.design.graph.nodes),
    )
    compiled = compile_graph(drawing.design, report, data(VECTOR), seed=0)
    assert len(set(compiled.names.values())) == len(labels)
    total, losses, (result,) = compiled.module(batch(VECTOR))
    assert total is None and losses == () and result.shape == (5, 2)
    assert torch.equal(copy.deepcopy(compiled.module)(batch(VECTOR))[2][0], result)


def test_names_are_made_safe():
    used: set[str] = set()
    labels = ["conv1", "conv1", "conv.1", "train", "3x3", "", "fc 1", "class"]
    found = [safe(label, used) for label in labels]
    assert found == ["conv1", "conv1_2", "conv_1", "train_", "layer_3x3", "layer", "fc_1", "class_"]


# -- several inputs, losses, outputs -----------------------------------------------------
def test_several_inputs_targets_and_weighted_losses():
    spec = data(IMAGE, VECTOR, targets=(CLASS, NUMBERS))
    drawing = Drawing().add("x", "Input").add("v", "Input", field="vector").add("flat", "Flatten", "x")
    drawing.add("join", "Concat", "flat", "v").add("fc", "Linear", "join", out_features=4)
    drawing.add("side", "Linear", "v", out_features=3)
    drawing.add("y", "Target").add("z", "Target", field="numbers").add("named", "Output", "join")
    drawing.add("ce", "CrossEntropyLoss", "input=fc", "target=y").add(
        "mse", "MSELoss", "input=side", "target=z", weight_in_sum=0.5
    )
    compiled = drawing.compiled(spec)
    assert compiled.inputs == ((("x",), "image"), (("v",), "vector"))
    assert compiled.targets == ((("y",), "class"), (("z",), "numbers"))
    assert [(t.label, t.weight, t.prediction, t.target) for t in compiled.losses] == [
        ("ce", 1.0, 0, 0), ("mse", 0.5, 1, 1)
    ]  # fmt: skip
    assert compiled.outputs == ((("named",), "named"),)
    x, v, y, z = batch(IMAGE), batch(VECTOR), batch(CLASS), batch(NUMBERS)
    total, (ce, mse), (logits, side, named) = compiled.module(x, v, y, z)
    joined = torch.cat((x.flatten(1), v), 1)
    assert torch.equal(named, joined) and torch.equal(logits, compiled.module.fc(joined))  # type: ignore[operator]
    assert torch.equal(total, ce + mse * 0.5) and torch.equal(mse, nn.functional.mse_loss(side, z))


def test_a_network_without_losses_gives_its_outputs():
    drawing = Drawing().add("x", "Input").add("fc", "Linear", "x", out_features=2).add("act", "Tanh", "fc")
    total, losses, (result,) = drawing.compiled(data(VECTOR), forward_only=True).module(batch(VECTOR))
    assert total is None and losses == () and result.shape == (5, 2)
    drawing.add("first", "Output", "fc").add("second", "Output", "act")
    compiled = drawing.compiled(data(VECTOR), forward_only=True)
    _, _, (first, second) = compiled.module(batch(VECTOR))
    assert torch.equal(second, first.tanh()) and [label for _, label in compiled.outputs] == ["first", "second"]


def test_forward_only_builds_what_is_sound():
    drawing = Drawing().add("x", "Input").add("conv", "Conv2d", "x").add("bad", "Linear", "conv", out_features=-1)
    report = check(drawing.design, data(IMAGE))
    with pytest.raises(DesignError) as caught:
        compile_graph(drawing.design, report, data(IMAGE))
    assert caught.value.problems and "bad" in str(caught.value)
    compiled = compile_graph(drawing.design, report, data(IMAGE), forward_only=True)
    assert set(compiled.names) == {"Lconv"} and compiled.module(batch(IMAGE))[2][0].shape == (5, 8, 6, 6)


def test_nodes_that_share_a_layer_share_its_weights():
    drawing = Drawing().add("x", "Input").add("fc1", "Linear", "x", out_features=6)
    drawing.add("again", "Linear", "fc1", layer="Lfc1").add("head", "Linear", "again", out_features=4)
    drawing.add("y", "Target").add("loss", "CrossEntropyLoss", "input=head", "target=y")
    compiled = drawing.compiled(data(VECTOR))
    assert sum(p.numel() for p in compiled.module.parameters()) == 6 * 6 + 6 + 6 * 4 + 4
    x = batch(VECTOR)
    fc, head = compiled.module.fc1, compiled.module.head
    assert torch.equal(compiled.module(x, batch(CLASS))[2][0], head(fc(fc(x))))  # type: ignore[operator]
    assert compiled.paths["fc1"] == ("fc1",) and compiled.paths["fc1_1"] == ("again",)


# -- blocks ----------------------------------------------------------------------------
def inner_block() -> Block:
    """in → Linear → ReLU → out, with a skip; the width of the linear layer follows from outside."""
    drawing = Drawing().add("in", "Input").add("fc", "Linear", "in", out_features=6).add("act", "ReLU", "fc")
    drawing.add("sum", "Add", "act", "in").add("out", "Output", "sum")
    return Block("inner", "Inner", drawing.design.graph, Frozen({"width": ("Lfc", "out_features")}))


def outer_block() -> Block:
    drawing = Drawing((inner_block(),)).add("in", "Input").block("step", "inner", "in", repeat=2)
    drawing.add("norm", "LayerNorm", "step.out").add("out", "Output", "norm")
    graph = replace(drawing.design.graph, blocks=Frozen[str, Block]())
    return Block("outer", "Outer", graph, Frozen({"units": ("Lstep", "width")}))


def with_blocks() -> Drawing:
    drawing = Drawing((inner_block(), outer_block())).add("x", "Input").block("part", "outer", "x", repeat=2, units=6)
    drawing.add("head", "Linear", "part.out", out_features=4).add("y", "Target")
    return drawing.add("loss", "CrossEntropyLoss", "input=head", "target=y")


def test_blocks_nested_and_repeated_become_straight_code():
    compiled = with_blocks().compiled(data(VECTOR))
    assert set(compiled.names) == {
        *(f"Lpart/{i}/Lstep/{j}/{layer}" for i in "01" for j in "01" for layer in ("Lfc", "Lact", "Lsum")),
        "Lpart/0/Lnorm", "Lpart/1/Lnorm", "Lhead", "Lloss",
    }  # fmt: skip
    assert compiled.names["Lpart/1/Lstep/0/Lfc"] == "part.1.step.0.fc"
    assert "Lpart/1/Lstep/0/Lfc.weight" in keys.state(compiled)
    module, x = compiled.module, batch(VECTOR)
    expected = x
    for i in range(2):
        for j in range(2):
            fc = module.get_submodule(f"part.{i}.step.{j}.fc")
            expected = torch.relu(fc(expected)) + expected
        expected = module.get_submodule(f"part.{i}.norm")(expected)
    expected = module.head(expected)  # type: ignore[operator]
    assert torch.equal(module(x, batch(CLASS))[2][0], expected)
    weights = [keys.state(compiled)[f"Lpart/{i}/Lstep/{j}/Lfc.weight"] for i in "01" for j in "01"]
    assert not any(torch.equal(a, b) for n, a in enumerate(weights) for b in weights[:n]), "each copy its own weights"


def test_every_tap_inside_blocks_is_what_the_report_says():
    drawing = with_blocks()
    report = check(drawing.design, data(VECTOR))
    compiled = drawing.compiled(data(VECTOR))
    taps = [tap for tap in report.outputs if tap[0] not in {("y",), ("loss",)}]
    assert ((("part", "1", "step", "0", "fc"), "output")) in taps
    tensors = tapped(compiled, taps)(batch(VECTOR))
    for tap, tensor in zip(taps, tensors, strict=True):
        assert tuple(tensor.shape[1:]) == report.outputs[tap].shape, tap
    (inside,) = tapped(compiled, [(("part", "1", "norm"), "output")])(batch(VECTOR))
    (outside,) = tapped(compiled, [(("part",), "out")])(batch(VECTOR))
    assert torch.equal(inside, outside)


def test_promoted_parameters_reach_the_layer_inside():
    drawing = Drawing((inner_block(), outer_block())).add("x", "Input").block("part", "outer", "x", units=5)
    assert not check(drawing.design, data(VECTOR)).output("part", "out"), "5 and 6 cannot be added"
    plain = Drawing().add("in", "Input").add("fc", "Linear", "in").add("out", "Output", "fc")
    block = Block("plain", "Plain", plain.design.graph, Frozen({"width": ("Lfc", "out_features")}))
    drawing = Drawing((block,)).add("x", "Input").block("a", "plain", "x", width=3).block("b", "plain", "x")
    drawing.add("oa", "Output", "a.out").add("ob", "Output", "b.out")
    _, _, (a, b) = drawing.compiled(data(VECTOR), forward_only=True).module(batch(VECTOR))
    assert a.shape == (5, 3) and b.shape == (5, 64)


def test_nodes_that_share_a_block_share_all_inside():
    drawing = Drawing((inner_block(),)).add("x", "Input").block("one", "inner", "x", repeat=2)
    drawing.block("two", "inner", "one.out", layer="Lone").add("head", "Linear", "two.out", out_features=4)
    drawing.add("y", "Target").add("loss", "CrossEntropyLoss", "input=head", "target=y")
    compiled = drawing.compiled(data(VECTOR))
    assert sum(p.numel() for p in compiled.module.parameters()) == 2 * (36 + 6) + 28
    x = batch(VECTOR)
    expected = x
    for j in (0, 1, 0, 1):
        expected = torch.relu(compiled.module.get_submodule(f"one.{j}.fc")(expected)) + expected
    assert torch.equal(tapped(compiled, [(("two",), "out")])(x)[0], expected)


# -- taps ------------------------------------------------------------------------------
def test_taps_share_the_layers_and_leave_out_what_they_do_not_need():
    compiled = classifier().compiled(data(IMAGE))
    cut = tapped(compiled, [(("x",), "output"), (("act",), "output"), (("conv",), "output")])
    assert cut.conv is compiled.module.conv and not hasattr(cut, "fc")
    image = batch(IMAGE)
    x, act, conv = cut(image)
    assert x is image and conv.shape == (5, 3, 6, 6) and act.min() == 0
    (only,) = tapped(compiled, [(("x",), "output")])(image)
    assert only is image


def test_what_cannot_be_tapped_is_said():
    compiled = classifier().compiled(data(IMAGE))
    with pytest.raises(DesignError, match="takes no part"):
        tapped(compiled, [(("elsewhere",), "output")])
    for node in ("loss", "y"):
        with pytest.raises(DesignError, match="needs the target"):
            tapped(compiled, [((node,), "output")])


def test_attention_makes_its_weights_only_for_a_reader():
    drawing = Drawing().add("x", "Input").add("att", "MultiheadAttention", "query=x").add("out", "Output", "att")
    compiled = drawing.compiled(data(SEQUENCE), forward_only=True)
    (call,) = [n for n in compiled.module.graph.nodes if n.target == "att"]
    assert call.kwargs == {"need_weights": False}
    _, weights = tapped(compiled, [(("att",), "output"), (("att",), "weights")])(batch(SEQUENCE))
    assert weights.shape == (5, 7, 7) and call.kwargs == {"need_weights": False}
    drawing.add("w", "Output", "att.weights")
    _, _, (_, weights) = drawing.compiled(data(SEQUENCE), forward_only=True).module(batch(SEQUENCE))
    assert weights.shape == (5, 7, 7)


def test_states_of_a_recurrent_layer_are_ports():
    drawing = Drawing().add("x", "Input").add("lstm", "LSTM", "x", hidden_size=3, bidirectional=True)
    drawing.add("head", "Linear", "lstm.hidden", out_features=4).add("y", "Target")
    drawing.add("loss", "CrossEntropyLoss", "input=head", "target=y")
    compiled = drawing.compiled(data(SEQUENCE))
    total, _, _ = compiled.module(batch(SEQUENCE), batch(CLASS))
    total.backward()
    output, hidden, cell = tapped(compiled, [(("lstm",), p) for p in ("output", "hidden", "cell")])(batch(SEQUENCE))
    assert output.shape == (5, 7, 6) and hidden.shape == cell.shape == (5, 6)
    assert isinstance(compiled.module.lstm, ops.LSTM)


# -- copies ------------------------------------------------------------------------------
@pytest.mark.parametrize("draw", [classifier, with_blocks])
def test_copies_and_pickles_compute_the_same(draw):
    compiled = draw().compiled(data(IMAGE if draw is classifier else VECTOR))
    x = batch(IMAGE if draw is classifier else VECTOR)
    expected = compiled.module(x, batch(CLASS))
    pickled = pickle.loads(pickle.dumps(compiled.module))
    for module in (copy.deepcopy(compiled.module), pickled):
        total, _, predictions = module(x, batch(CLASS))
        assert torch.equal(total, expected[0]) and torch.equal(predictions[0], expected[2][0])
        assert {n.name for n in module.graph.nodes} == {n.name for n in compiled.module.graph.nodes}
        other = replace(compiled, module=module)
        tap = (("fc",), "output") if draw is classifier else (("part", "0", "norm"), "output")
        assert torch.equal(tapped(other, [tap])(x)[0], tapped(compiled, [tap])(x)[0])
        with torch.no_grad():
            next(module.parameters()).add_(1)
        assert not torch.equal(next(module.parameters()), next(compiled.module.parameters()))


# -- weights by key ------------------------------------------------------------------------
def test_weights_go_out_and_come_back():
    first, second = (classifier().compiled(data(IMAGE), seed) for seed in (0, 1))
    first.module(batch(IMAGE), batch(CLASS))  # the running means of the batch norm move
    stored = keys.arrays(first)
    assert {"Lconv.weight", "Lconv.bias", "Lnorm.running_mean", "Lnorm.num_batches_tracked"} <= set(stored)
    keys.load(second, stored)
    for key, tensor in keys.state(second).items():
        assert torch.equal(tensor, keys.state(first)[key]) and tensor.dtype == keys.state(first)[key].dtype
    kept = stored["Lconv.weight"].copy()
    with torch.no_grad():
        first.module.conv.weight.zero_()  # type: ignore[union-attr, operator]
    assert np.array_equal(stored["Lconv.weight"], kept), "arrays are copies"
    assert not keys.state(first)["Lconv.weight"].any(), "the state is the live one"


def test_weights_of_another_design_are_refused_and_change_nothing():
    compiled = classifier().compiled(data(IMAGE))
    before = keys.arrays(compiled)
    wrong = {**before, "Lconv.weight": np.zeros_like(before["Lconv.weight"]), "Lfc.bias": np.zeros(7, np.float32)}
    with pytest.raises(DesignError, match=r"of fc \(Lfc.bias\) have the shape 7, but the design needs 4:"):
        keys.load(compiled, wrong)
    less = {key: array for key, array in before.items() if key != "Lnorm.weight"}
    with pytest.raises(DesignError, match="nothing for norm"):
        keys.load(compiled, less)
    with pytest.raises(DesignError, match=r"Lmore\.weight"):
        keys.load(compiled, {**before, "Lmore.weight": np.zeros(1)})
    assert all(np.array_equal(before[key], array) for key, array in keys.arrays(compiled).items())


# -- cost ------------------------------------------------------------------------------
def test_a_large_design_compiles_quickly():
    steps = [("Linear", {"out_features": 6}), "ReLU"] * 500
    design = small_graphs.chain(*steps, ("Linear", {"out_features": 4}))
    report = Report(
        fills=Frozen({(n,): Frozen({"in_features": 6}) for n in design.graph.nodes}),
        trained=frozenset(design.graph.nodes),
    )
    began = time.perf_counter()
    compiled = compile_graph(design, report, data(VECTOR), seed=0)
    assert time.perf_counter() - began < 6
    assert compiled.module(batch(VECTOR), batch(CLASS))[0].isfinite()
