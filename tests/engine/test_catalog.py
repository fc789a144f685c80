"""Every row of the catalogue is taken through build, inference, a training step, saving and loading."""

from __future__ import annotations

import copy
import io
import math
import time
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import build, catalog, docstrings, generate, methods, table
from engine.catalog.left_out import LEFT_OUT
from engine.catalog.spec import FAMILIES, LayerSpec, ParameterSpec
from engine.errors import ParameterError, UnknownName, nearest
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, Value

KINDS = sorted(table.ROWS)
COUNTS = {1: (8,), 2: (8, 12), 3: (8, 10, 12), 4: (8, 6, 6, 8)}  # sizes that groups, heads and pixel shuffles divide


def shape_at(spec: LayerSpec, port: str) -> tuple[int, ...]:
    """A shape of one sample that the port takes."""
    if spec.kind in ("RNN", "LSTM", "GRU", "MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer"):
        return (5, 8)
    if spec.kind.endswith("Cell"):
        return (8,) if port == "input" else (64,)
    if spec.kind == "Fold":
        return (18, 36)  # two channels of 3 × 3, at each of the 6 × 6 places in 8 × 8
    if spec.kind.startswith("MaxUnpool") and port == "input":
        return (8, *(n // 2 for n in COUNTS[spec.ranks[0]][1:]))
    if port == "target" and spec.kind in ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss", "CosineEmbeddingLoss"):
        return ()
    return COUNTS[spec.ranks[0] if spec.ranks else 2 if spec.kind in ("Permute", "GroupNorm") else 1]


def sample(spec: LayerSpec, port: str, batch: int) -> torch.Tensor:
    shape = (batch, *shape_at(spec, port))
    if next(p for p in spec.inputs if p.name == port).accepts == "index":
        return torch.randint(0, 3, shape)
    if port == "target":  # yes and no, or ±1: every loss takes these
        values = (-1.0, 1.0) if "Hinge" in spec.kind or "Embedding" in spec.kind else (0.0, 1.0)
        return torch.tensor(values)[torch.randint(0, 2, shape)]
    if port == "var" or spec.kind == "BCELoss":
        return torch.rand(shape) * 0.8 + 0.1
    return torch.randn(shape)


def entering(spec: LayerSpec, batch: int) -> dict[str, list[torch.Tensor]]:
    return {p.name: [sample(spec, p.name, batch) for _ in range(3 if p.variadic else 1)] for p in spec.inputs}


def filled(spec: LayerSpec, inputs: dict[str, list[torch.Tensor]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, axis in spec.fills:
        shape = inputs[spec.port_that_fills(name)][0].shape
        found[name] = tuple(shape[1:]) if name == "normalized_shape" else shape[axis]
    return found


def made(spec: LayerSpec, inputs: dict[str, list[torch.Tensor]], device: str | None = None, **parameters: Value):
    layer = Layer("n1", spec.kind, Frozen(parameters))
    return build.build(spec, build.arguments(spec, layer, filled(spec, inputs)), device)


def run(spec: LayerSpec, module: torch.nn.Module, inputs: dict[str, list[torch.Tensor]]) -> dict[str, Any]:
    return build.results(spec, module(*build.call_arguments(spec, inputs)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_builds_infers_trains_saves_and_loads(kind: str):
    spec = catalog.spec(kind)
    torch.manual_seed(0)
    inputs = entering(spec, 4)
    if not inputs:
        inputs = {"input": [torch.randn(4, 3)]}
    module = made(spec, inputs)
    assert any(True for _ in module.parameters()) == spec.has_weights

    # the meta device says the same shapes as a real pass
    results = run(spec, module, inputs) if spec.inputs else {"output": module(inputs["input"][0])}
    on_meta = {name: [t.to("meta") for t in tensors] for name, tensors in inputs.items()}
    dry = made(spec, inputs, "meta")
    inferred = run(spec, dry, on_meta) if spec.inputs else {"output": dry(on_meta["input"][0])}
    assert {n: (t.shape, t.dtype) for n, t in results.items()} == {n: (t.shape, t.dtype) for n, t in inferred.items()}
    if spec.is_loss:
        assert results["output"].shape == ()
    else:
        assert set(results) == {p.name for p in spec.outputs} or kind == "Output"
        assert all(t.shape[0] == 4 for t in results.values()), "the batch stays first"

    # a training step changes the weights and nothing becomes infinite
    before = [p.detach().clone() for p in module.parameters()]
    given_by_data = ("target", "var")
    free = [t for name, ts in inputs.items() if name not in given_by_data for t in ts]
    floats = [t.requires_grad_() for t in free if t.is_floating_point()]
    results = run(spec, module, inputs) if spec.inputs else {"output": module(inputs["input"][0])}
    total = sum((t.square().sum() if not spec.is_loss else t) for t in results.values())
    assert isinstance(total, torch.Tensor) and math.isfinite(total.item())
    if total.requires_grad:
        total.backward()
        if before:
            torch.optim.SGD(module.parameters(), lr=0.1).step()
    assert floats or spec.has_weights
    for new in module.parameters():
        assert new.grad is not None and torch.isfinite(new).all()
    assert not before or any(not torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))

    # saved and loaded into another one, it gives the same
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    other = made(spec, inputs)
    other.load_state_dict(torch.load(file, weights_only=True))
    if spec.inputs:
        first, second = (run(spec, m.eval(), inputs) for m in (copy.deepcopy(module), other))
        if "Fractional" not in kind:  # draws its windows also when it does not train
            assert all(torch.equal(first[n], second[n]) for n in first)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_say_what_the_window_needs(kind: str):
    spec = catalog.spec(kind)
    assert spec.family in FAMILIES and spec.help.endswith((".", "…", "!"))
    assert spec.summary and len(spec.summary) <= 34 and not spec.summary.endswith(".")
    row = table.ROWS[kind]
    names = {p.name for p in spec.parameters}
    assert set(row.essentials) <= names, "an essential that is no parameter"
    assert {name for name, _ in row.fills} <= names
    assert len(names) == len(spec.parameters)
    for parameter in spec.parameters:
        assert parameter.title == "p" or parameter.title[:1].isupper()
        assert ":attr:" not in parameter.help and "``" not in parameter.help and "\\" not in parameter.help
        if parameter.type == "choice":
            assert parameter.default in parameter.choices
        if not parameter.filled:
            assert catalog.validate(parameter, parameter.default) == parameter.default


def test_the_stored_catalogue_is_what_torch_says():
    stored, fresh = generate.stored(), generate.fresh()
    if stored["torch"] != fresh["torch"]:
        pytest.skip(f"the stored catalogue is of torch {stored['torch']}, not {fresh['torch']}")
    assert stored == fresh, "run python -m engine.catalog.generate"


def test_loading_is_fast():
    def once() -> float:
        began = time.thread_time()  # whatever else the machine is doing
        catalog.load.__wrapped__()
        return time.thread_time() - began

    assert min(once() for _ in range(10)) < 0.03


def test_it_holds_what_is_promised():
    kinds = catalog.load().layers
    offered = [k for k in kinds if hasattr(torch.nn, k)]
    assert len(offered) >= 60
    for kind in ("Input", "Target", "Output", "Add", "Multiply", "Concat", "Reshape", "Permute", "LSTM", "Bilinear"):
        assert kind in kinds
    assert sum(spec.is_loss for spec in kinds.values()) >= 15
    never = {"device", "dtype", "inplace", "reduction", "size_average", "return_indices", "batch_first"}
    assert not [(s.kind, p.name) for s in kinds.values() for p in s.parameters if p.name in never]
    asked = {p.name for s in kinds.values() for p in s.parameters if not p.filled}
    assert not asked & {"in_channels", "in_features", "num_features", "input_size", "normalized_shape", "embed_dim"}
    assert kinds["Embedding"].parameter("num_embeddings").filled is False  # type: ignore[union-attr]
    assert [p.name for p in kinds["Embedding"].inputs if p.accepts == "index"] == ["input"]
    assert kinds["CrossEntropyLoss"].inputs[1].accepts == "index" and kinds["MSELoss"].inputs[1].accepts == "float"


def test_every_class_of_torch_is_offered_or_left_out_with_a_reason():
    classes = {n for n, c in vars(torch.nn).items() if isinstance(c, type) and issubclass(c, torch.nn.Module)}
    forgotten = classes - set(table.ROWS) - set(LEFT_OUT)
    assert not forgotten, f"give it a row in table.py, or a reason in left_out.py: {sorted(forgotten)}"
    assert not set(LEFT_OUT) & set(table.ROWS) and all(LEFT_OUT.values())


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_unpooling_puts_the_maxima_back_where_they_stood(axes: int):
    before = torch.randn(2, 3, *[9] * axes)  # odd: the last row is in no window
    spec = catalog.spec(f"MaxUnpool{axes}d")
    pooled, places = getattr(torch.nn, f"MaxPool{axes}d")(2, return_indices=True)(before)
    expected = getattr(torch.nn, f"MaxUnpool{axes}d")(2)(pooled, places, output_size=before.shape)
    assert torch.equal(made(spec, {"input": [pooled]})(pooled, before), expected)
    with pytest.raises(ValueError, match="the pooling gives"):
        made(spec, {"input": [pooled]})(before, before)


def test_a_cell_walks_as_its_layer_does():
    spec = catalog.spec("LSTMCell")
    x, cell = torch.randn(2, 3, 4), torch.nn.LSTM(4, 5, batch_first=True)
    step = made(spec, {"input": [x[:, 0]]}, hidden_size=5)
    step.load_state_dict({name.removesuffix("_l0"): value for name, value in cell.state_dict().items()})
    state, memory = step(x[:, 0])
    for time_ in (1, 2):
        state, memory = step(x[:, time_], state, memory)
    assert torch.allclose(state, cell(x)[0][:, -1], atol=1e-6)
    torch.testing.assert_close(step(x[:, 0], state)[0], step(x[:, 0], state, torch.zeros(2, 5))[0])


def test_of_equally_near_names_the_first_is_meant():
    assert nearest("convx", catalog.load().layers) == "Conv2d"  # Conv1d and Conv3d are no farther
    assert nearest("b", ["ab", "bc"]) == "ab" and nearest("xyz", ["abc"]) is None and nearest("x", []) is None


def test_unknown_kinds_are_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean Conv2d"):
        catalog.spec("Convv2d")
    with pytest.raises(UnknownName):
        build.module_class("Module")


def test_labels():
    labels = {kind: catalog.default_label(kind) for kind in ("Conv2d", "Linear", "ReLU", "CrossEntropyLoss")}
    assert labels == {"Conv2d": "conv", "Linear": "fc", "ReLU": "relu", "CrossEntropyLoss": "cross_entropy"}
    assert all(catalog.default_label(kind).isidentifier() for kind in KINDS)


# -- values --------------------------------------------------------------------------
def parameter(kind: str, name: str) -> ParameterSpec:
    found = catalog.spec(kind).parameter(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "name", "value", "kept"),
    [
        ("Conv2d", "kernel_size", [3, 5], (3, 5)),
        ("Conv2d", "kernel_size", 3, 3),
        ("Conv2d", "kernel_size", [3], 3),
        ("Conv2d", "padding", "same", "same"),
        ("Conv2d", "padding", 0, 0),
        ("MaxPool2d", "stride", None, None),
        ("Linear", "out_features", 12.0, 12),
        ("Dropout", "p", 0, 0.0),
        ("Softmax", "dim", -1, -1),
        ("BatchNorm2d", "momentum", None, None),
        ("Reshape", "shape", [4, -1], (4, -1)),
        ("ZeroPad2d", "padding", (1, 2, 3, 4), (1, 2, 3, 4)),
    ],
)
def test_values_that_are_kept(kind: str, name: str, value: object, kept: Value):
    found = catalog.validate(parameter(kind, name), value)
    assert found == kept and type(found) is type(kept)


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        ("Conv2d", "out_channels", -3, "Filters must be a whole number from 1 to 1\u202f000\u202f000; -3 is not."),
        ("Conv2d", "out_channels", True, "Filters must be a whole number from 1 to 1\u202f000\u202f000; True is not."),
        ("Conv2d", "out_channels", 2.5, "Filters must be a whole number from 1 to 1\u202f000\u202f000; 2.5 is not."),
        ("Conv2d", "out_channels", 10**30, "Filters must be a whole number from 1 to 1\u202f000\u202f000; 1"),
        ("Conv2d", "kernel_size", (3, 3, 3), "Kernel size must be 2 numbers or one for all; (3, 3, 3) is not."),
        ("Conv2d", "kernel_size", (3, 0), "Kernel size must be a whole number from 1 to 10\u202f000; 0 is not."),
        ("Conv2d", "padding", "some", "Padding must be ‘same’ or ‘valid’ or a whole number from 0 to 10\u202f000"),
        ("Conv2d", "bias", 1, "Bias must be yes or no; 1 is not."),
        ("Conv2d", "padding_mode", "mirror", "Padding mode must be one of"),
        ("Dropout", "p", 1.5, "p must be a number from 0 to 1; 1.5 is not."),
        ("Dropout", "p", float("nan"), "p must be a number from 0 to 1; nan is not."),
        ("Softmax", "dim", 0, "Axis must be one of 1, 2, 3, 4, -1; 0 is not."),
        ("MaxPool1d", "stride", 0, "Stride must be"),
        ("Input", "field", 3, "Field must be a text; 3 is not."),
        ("Input", "shape", (1, -28), "Shape must be"),
        ("HuberLoss", "delta", 0, "Delta must be a number above 0; 0 is not."),
    ],
)
def test_values_that_are_refused_with_a_sentence(kind: str, name: str, value: object, sentence: str):
    with pytest.raises(ParameterError) as caught:
        catalog.validate(parameter(kind, name), value)
    assert str(caught.value).startswith(sentence) and str(caught.value).endswith(".")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
)
EVERY = [p for s in catalog.load().layers.values() for p in s.parameters] + [
    p for m in (*catalog.load().optimizers.values(), *catalog.load().schedules.values()) for p in m.parameters
]


@given(spec=st.sampled_from(EVERY), value=ODD)
def test_any_value_is_kept_or_refused(spec: ParameterSpec, value: object):
    try:
        kept = catalog.validate(spec, value)
    except ParameterError as error:
        assert str(error).startswith(spec.title)
        return
    assert catalog.validate(spec, kept) == kept
    hash(kept)


@given(kind=st.sampled_from(KINDS), data=st.data())
def test_any_allowed_values_build_or_are_refused_in_words(kind: str, data: st.DataObject):
    spec = catalog.spec(kind)
    values: dict[str, Value] = {}
    for p in spec.parameters:
        if p.filled or not data.draw(st.booleans()):
            continue
        low = int(max(p.minimum if p.minimum is not None else -3, -3))
        number = st.integers(low, min(low + 6, int(p.maximum if p.maximum is not None else 99)))
        choice = st.sampled_from(p.choices) if p.choices else number
        match p.type:
            case "choice":
                values[p.name] = data.draw(choice)
            case "bool":
                values[p.name] = data.draw(st.booleans())
            case "ints":
                values[p.name] = data.draw(choice | number | st.tuples(*[number] * p.axes))
            case "shape":
                values[p.name] = data.draw(st.lists(number, max_size=3).map(tuple))
            case "text":
                values[p.name] = data.draw(st.text(max_size=3))
            case _:
                values[p.name] = data.draw(number)
    fills: dict[str, Value] = {name: (8,) if name == "normalized_shape" else 8 for name, _ in spec.fills}
    try:
        arguments = build.arguments(spec, Layer("n1", kind, Frozen(values)), fills)
        build.build(spec, arguments, "meta")
    except ParameterError as error:
        assert str(error).endswith(".") and "\n" not in str(error)


# -- layers that need more than a row --------------------------------------------------
def test_what_follows_from_the_shape_is_not_asked():
    spec = catalog.spec("Conv2d")
    with pytest.raises(ParameterError, match="in_channels of Conv2d follows from its input"):
        build.arguments(spec, Layer("n1", "Conv2d"), {})
    with pytest.raises(UnknownName, match="Did you mean kernel_size"):
        build.arguments(spec, Layer("n1", "Conv2d", Frozen({"kernelsize": 3})), {"in_channels": 1})
    with pytest.raises(ParameterError, match="Kernel size must be"):
        build.arguments(spec, Layer("n1", "Conv2d", Frozen({"kernel_size": -1})), {"in_channels": 1})


def test_what_torch_refuses_is_said_in_one_sentence():
    spec, layer = catalog.spec("GroupNorm"), Layer("n1", "GroupNorm", Frozen({"num_groups": 3}))
    with pytest.raises(ParameterError, match="GroupNorm cannot be built with these parameters: "):
        build.build(spec, build.arguments(spec, layer, {"num_channels": 8}))


def test_an_argument_that_an_older_torch_lacks_is_left_out_at_its_default(monkeypatch: pytest.MonkeyPatch):
    class Older(torch.nn.ELU):
        def __init__(self) -> None:
            super().__init__()

    monkeypatch.setattr(torch.nn, "ELU", Older)
    spec = catalog.spec("ELU")
    assert isinstance(build.build(spec, {"alpha": 1.0}), Older)
    with pytest.raises(ParameterError, match="alpha"):
        build.build(spec, {"alpha": 2.0})


def test_attention_attends_to_itself_or_to_what_is_wired():
    spec = catalog.spec("MultiheadAttention")
    query, key = torch.randn(2, 5, 8), torch.randn(2, 7, 6)
    itself = made(spec, {"query": [query], "key": [query], "value": [query]})
    results = build.results(spec, itself(*build.call_arguments(spec, {"query": [query]})))
    assert results["output"].shape == (2, 5, 8) and results["weights"].shape == (2, 5, 5)
    arguments = build.arguments(spec, Layer("n1", spec.kind), {"embed_dim": 8, "kdim": 6})
    other = build.build(spec, arguments)
    results = build.results(spec, other(*build.call_arguments(spec, {"query": [query], "key": [key]})))
    assert results["output"].shape == (2, 5, 8) and results["weights"].shape == (2, 5, 7)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("both", [False, True])
def test_the_last_state_of_a_recurrent_layer_has_the_batch_first(kind: str, both: bool):
    spec = catalog.spec(kind)
    inputs = entering(spec, 3)
    module = made(spec, inputs, bidirectional=both, num_layers=2, hidden_size=6)
    results = run(spec, module, inputs)
    assert results["output"].shape == (3, 5, 12 if both else 6) and results["hidden"].shape == (3, 12 if both else 6)
    assert torch.equal(results["hidden"][:, :6], results["output"][:, -1, :6])
    with pytest.raises(ValueError, match="sequence of vectors"):
        module(torch.randn(5, 8))


def test_a_size_takes_the_place_of_a_factor():
    spec = catalog.spec("Upsample")
    inputs = entering(spec, 2)
    assert run(spec, made(spec, inputs), inputs)["output"].shape[-1] == 2 * inputs["input"][0].shape[-1]
    assert run(spec, made(spec, inputs, size=7), inputs)["output"].shape[-1] == 7


def test_normalisation_over_the_last_axes_only():
    spec = catalog.spec("LayerNorm")
    arguments = build.arguments(spec, Layer("n1", "LayerNorm", Frozen({"last_axes": 1})), {"normalized_shape": (5, 8)})
    assert arguments["normalized_shape"] == (8,) and "last_axes" not in arguments


# -- blocks --------------------------------------------------------------------------
def block_graph() -> Graph:
    """An outer block whose inner block promotes the width of its linear layer."""
    inside = Graph(
        layers=Frozen({"i": Layer("i", "Input"), "fc": Layer("fc", "Linear", Frozen({"out_features": 5})),
                       "o": Layer("o", "Output")}),
        nodes=Frozen({"ni": Node("ni", "i", "in"), "nf": Node("nf", "fc", "fc1"), "no": Node("no", "o", "out")}),
    )  # fmt: skip
    small = Block("small", "Small", inside, Frozen({"width": ("fc", "out_features")}))
    outer = Graph(layers=Frozen({"b": Layer("b", BLOCK, block="small")}), nodes=Frozen({"nb": Node("nb", "b", "b1")}))
    large = Block("large", "Large", outer, Frozen({"units": ("b", "width")}))
    return Graph(blocks=Frozen({"small": small, "large": large}))


def test_a_block_has_the_ports_and_parameters_of_what_is_inside():
    graph = block_graph()
    entrances, exits = catalog.ports(graph, Layer("x", BLOCK, block="small"))
    assert [(p.name, p.title) for p in entrances] == [("ni", "in")]
    assert [(p.name, p.title) for p in exits] == [("no", "out")]
    (units,) = catalog.parameter_specs(graph, Layer("y", BLOCK, block="large"))
    assert (units.name, units.title, units.default, units.type) == ("units", "Units", 5, "int")


# -- optimisers and schedules ----------------------------------------------------------
@pytest.mark.parametrize("name", [row.name for row in methods.OPTIMIZERS])
def test_every_optimiser_makes_a_step(name: str):
    spec = catalog.load().optimizers[name]
    weight = torch.nn.Parameter(torch.ones(3))
    arguments = {p.name: catalog.validate(p, p.default) for p in spec.parameters}
    optimizer = getattr(torch.optim, name)([weight], **arguments)
    for _ in range(2):  # ASGD hardly moves at first
        weight.square().sum().backward()
        optimizer.step()
    assert not torch.equal(weight.detach(), torch.ones(3)) and torch.isfinite(weight).all()


@pytest.mark.parametrize("name", [row.name for row in methods.SCHEDULES])
def test_every_schedule_changes_the_rate(name: str):
    spec = catalog.load().schedules[name]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)
    arguments = {p.name: 20 if p.filled else catalog.validate(p, p.default) for p in spec.parameters}
    if "max_lr" in arguments:
        arguments["max_lr"] = 0.1
    schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **arguments)
    rates = set()
    for _ in range(19):
        optimizer.step()
        schedule.step()
        rates.add(optimizer.param_groups[0]["lr"])
    assert len(rates) > 1 and all(p.help for p in spec.parameters)


# -- help texts ----------------------------------------------------------------------
def documented():
    """Applies a thing over :attr:`x`, as described in `the paper <https://example.org>`__.

    More of it.

    Args:
        size (int or tuple, optional): how :math:`k \\times \\text{size}` large. Default: 1e-5
        mode: one of ``'a'`` or
            ``'b'``. Default: ``'a'``.

    Shape:
        - Input: something
    """


def test_docstrings_become_plain_text():
    assert docstrings.summary(documented) == "Applies a thing over x, as described in the paper."
    assert docstrings.arguments(documented) == {"size": "How k × size large.", "mode": "One of 'a' or 'b'."}
