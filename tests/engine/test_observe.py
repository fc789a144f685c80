"""Looking: the pictures are true, and whoever looks leaves no trace in what is learning."""

from __future__ import annotations

import copy
import gc
import itertools
import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from engine.check.checker import check
from engine.compile import keys
from engine.compile.compiled import Compiled
from engine.compile.compiler import compile_graph
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import DesignError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, OUTPUT, Block, Graph, Layer, Node, Wire
from engine.observe.feature_maps import rounded_up
from engine.observe.looker import Looker
from engine.observe.paths import sources, spot
from engine.observe.picture import Cancelled, Picture, Request, Snapshot, View
from engine.observe.probe import Probes, probe_samples

SAMPLES = 70


class Data:
    """A data set of random samples: images (or whatever `shape` says) with ten classes."""

    def __init__(
        self,
        shape: tuple[int, ...] = (1, 12, 12),
        kind: Any = "image",
        dtype: str = "float32",
        samples: int = SAMPLES,
    ):
        draw = np.random.default_rng(0)
        x = draw.integers(0, 20, (samples, *shape)) if dtype == "int64" else draw.random((samples, *shape))
        self.fields = {"x": x.astype(dtype), "label": draw.integers(0, 10, samples)}
        self.spec = DataSpec(
            "random",
            "Random",
            (FieldSpec("x", kind, shape, dtype),),
            (FieldSpec("label", "class", (), "int64", tuple("0123456789")),),
            samples,
            samples,
            0,
        )

    def arrays(self, split: str) -> dict[str, np.ndarray[Any, Any]]:
        return self.fields


def chain(*layers: tuple[str, str, dict[str, Any]], classify: bool = True) -> Design:
    """Input, the layers in a row (id, kind, parameters), and a loss over the last one."""
    design = edits.add_node(Design(), "Input", (0, 0), node_id="in")[0]
    before = "in"
    for name, kind, parameters in layers:
        design = edits.add_node(design, kind, (0, 0), label=name, parameters=parameters, node_id=name)[0]
        design = edits.connect(design, Wire(before, name))
        before = name
    if classify:
        design = edits.add_node(design, "Target", (0, 0), node_id="target")[0]
        design = edits.add_node(design, "CrossEntropyLoss", (0, 0), label="loss", node_id="loss")[0]
        design = edits.connect(design, Wire(before, "loss"))
        design = edits.connect(design, Wire("target", "loss", "target"))
    return design


def compiled_of(design: Design, data: Data) -> Compiled:
    report = check(design, data.spec)
    assert report.trainable, [p.sentence() for p in report.errors]
    return compile_graph(design, report, data.spec, seed=3)


CONVOLUTIONAL = (
    ("conv", "Conv2d", {"out_channels": 6, "kernel_size": (3, 3)}),
    ("norm", "BatchNorm2d", {}),
    ("relu", "ReLU", {}),
    ("drop", "Dropout", {"p": 0.5}),
    ("pool", "FractionalMaxPool2d", {"kernel_size": (2, 2), "output_size": (4, 4)}),
    ("flat", "Flatten", {}),
    ("fc", "Linear", {"out_features": 10}),
)


def look(
    compiled: Compiled, data: Data, *views: View, probes: tuple[int, ...] = (0,), looker: Looker | None = None
) -> list[Picture]:
    return list((looker or Looker(compiled, data)).answer(compiled, Request(views, probes)).pictures)


# -- leaving no trace ------------------------------------------------------------------
def train(design: Design, looks: bool, steps: int = 25) -> tuple[list[float], dict[str, Any], torch.Tensor]:
    data = Data()
    compiled = compiled_of(design, data)
    module = compiled.module.train()
    optimizer = torch.optim.Adam(module.parameters(), 1e-2, fused=True)
    x, y = torch.from_numpy(data.fields["x"]), torch.from_numpy(data.fields["label"])
    looker = Looker(compiled, data)
    views = (*(View((n,)) for n in compiled.design.graph.nodes), View(("conv",), "filters"))
    torch.manual_seed(11)
    losses = []
    for step in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = module(x[:32], y[:32])[0]
        loss.backward()
        if looks:  # between the backward pass and the step: nothing may depend on when a look comes
            looker.answer(compiled, Request(views, (step % 5, 9)), step=step)
        optimizer.step()
        losses.append(float(loss.detach()))
        if looks and step % 3 == 0:
            looker.rerank()
            looker.answer(compiled, Request(views, (0,)), step=step)
        assert torch.is_grad_enabled() and module.training
        assert all(m.training for m in module.modules())
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())
    return losses, keys.arrays(compiled), torch.get_rng_state()


def test_training_is_the_same_to_the_bit_with_and_without_looks():
    design = chain(*CONVOLUTIONAL)
    losses, weights, random = train(design, looks=False)
    losses_seen, weights_seen, random_seen = train(design, looks=True)
    assert losses == losses_seen
    assert weights.keys() == weights_seen.keys()
    assert all(np.array_equal(weights[key], weights_seen[key]) for key in weights)
    assert any("running_var" in key for key in weights)
    assert torch.equal(random, random_seen)


@pytest.mark.parametrize(
    "layer",
    [
        ("Dropout", {}),
        ("Dropout2d", {}),
        ("AlphaDropout", {}),
        ("RReLU", {}),
        ("FractionalMaxPool2d", {"kernel_size": (2, 2), "output_size": (5, 5)}),
    ],
    ids=lambda layer: layer[0],
)
def test_no_layer_draws_from_the_programs_random_state(layer: tuple[str, dict[str, Any]]):
    data = Data()
    head = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10}))
    compiled = compiled_of(chain(("layer", *layer), *head), data)
    before = torch.get_rng_state()
    looker = Looker(compiled, data)
    first = look(compiled, data, View(("layer",)), looker=looker)[0]
    again = look(compiled, data, View(("layer",)), looker=looker)[0]
    assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(first.tiles, again.tiles)  # the same weights give the same picture


def test_a_look_ends_at_the_boundary_where_it_is_cancelled_and_the_next_one_is_whole():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    request = Request(tuple(View((n,)) for n in ("in", "relu", "fc")))
    whole = Looker(compiled, data).answer(compiled, request).pictures
    looker, boundaries = Looker(compiled, data), 0
    for last in itertools.count():
        asked = 0

        def cancelled(last: int = last) -> bool:
            nonlocal asked
            asked += 1
            return asked > last

        try:
            pictures = looker.answer(compiled, request, cancelled=cancelled).pictures
        except Cancelled:
            assert asked == last + 1
            boundaries += 1
        else:
            break
    assert boundaries >= 2 + len(request.views)
    assert all(np.array_equal(a.tiles, b.tiles) and a.units == b.units for a, b in zip(whole, pictures, strict=True))


def test_five_hundred_looks_leave_no_memory_behind():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    looker = Looker(compiled, data)
    views = tuple(View((n,)) for n in ("in", "relu", "fc"))

    def some(count: int) -> int:
        for step in range(count):
            looker.answer(compiled, Request(views, (step % 7,)))
        gc.collect()
        return len(gc.get_objects()) + sum(1 for o in gc.get_objects() if isinstance(o, (torch.Tensor, np.ndarray)))

    settled = some(30)
    assert some(500) - settled < 50


def test_a_look_is_cheap():
    data = Data((1, 28, 28))
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    looker = Looker(compiled, data)
    request = Request(tuple(View((n,)) for n in compiled.design.graph.nodes))
    seconds = [looker.answer(compiled, request).seconds for _ in range(30)]
    assert statistics.median(seconds) < 0.03  # a few milliseconds on a quiet machine


# -- true pictures ----------------------------------------------------------------------
def test_pictures_are_what_the_layers_compute():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL[:4], *CONVOLUTIONAL[5:]), data)
    with torch.no_grad():  # something for the running statistics
        compiled.module.train()(torch.from_numpy(data.fields["x"]), torch.from_numpy(data.fields["label"]))
    probes = probe_samples(data)
    sample = torch.from_numpy(probes.fields["x"][5:6])
    module = copy.deepcopy(compiled.module).eval()
    with torch.no_grad():
        expected = module.get_submodule(compiled.names[compiled.design.graph.nodes["norm"].layer])(
            module.get_submodule(compiled.names[compiled.design.graph.nodes["conv"].layer])(sample)
        )[0].numpy()
    norm, relu, flat = look(compiled, data, View(("norm",)), View(("relu",)), View(("flat",)), probes=(5,))
    assert norm.signed and not relu.signed
    assert norm.low == -norm.high and relu.low == 0.0
    assert norm.total == relu.total == 6
    np.testing.assert_allclose(norm.tiles, expected[list(norm.units)], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(relu.tiles, np.maximum(expected, 0)[list(relu.units)], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(flat.tiles[0, 0], np.maximum(expected, 0).reshape(-1), rtol=1e-5, atol=1e-6)
    assert list(relu.peaks) == sorted(relu.peaks, reverse=True)
    shown = np.quantile(np.maximum(expected, 0), 0.997)
    assert shown <= relu.high <= 1.1 * shown + 1e-6 or relu.high >= shown
    assert "after ReLU" in relu.method and "probe 5" in relu.method and "99.7th percentile" in relu.method


def test_predictions_classes_and_numbers_of_the_probes():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    looker = Looker(compiled, data)
    answer = looker.answer(compiled, Request((View(("relu",)),), (2, 4)), step=7, epoch=1.5)
    assert (answer.step, answer.epoch, answer.probe_count) == (7, 1.5, 64)
    probes = probe_samples(data)
    assert answer.samples == (probes.numbers[2], probes.numbers[4])
    assert answer.targets == tuple(int(probes.fields["label"][p]) for p in (2, 4))
    assert len(answer.predictions) == 2
    assert all(0 <= c < 10 and 0.1 <= share <= 1 for c, share in answer.predictions)


def test_a_snapshot_gives_the_same_pictures_as_the_network_it_was_taken_of():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    looker = Looker(compiled, data)
    request = Request((View(("relu",)), View(("conv",), "filters")), (1,))
    live = looker.answer(compiled, request)
    snapshot = Snapshot(12, 0.5, Frozen(keys.arrays(compiled)))
    with torch.no_grad():
        for parameter in compiled.module.parameters():
            parameter.zero_()
    stored = looker.answer(snapshot, request)
    assert (stored.step, stored.epoch) == (12, 0.5)
    for a, b in zip(live.pictures, stored.pictures, strict=True):
        assert np.array_equal(a.tiles, b.tiles)
    with pytest.raises(DesignError, match="do not fit"):
        looker.answer(Snapshot(1, 0.0, Frozen({})), request)


def test_units_keep_their_order_until_ranked_anew():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    looker = Looker(compiled, data)
    (first,) = look(compiled, data, View(("relu",), units=4), looker=looker)
    assert len(first.units) == 4
    with torch.no_grad():  # turn the order round
        weight = dict(compiled.module.named_parameters())[
            f"{compiled.names[compiled.design.graph.nodes['norm'].layer]}.weight"
        ]
        weight.copy_(torch.tensor([0.01 * (1 + first.units.index(u)) if u in first.units else 9.0 for u in range(6)]))
    (kept,) = look(compiled, data, View(("relu",), units=4), looker=looker)
    assert kept.units == first.units
    looker.rerank()
    (ranked,) = look(compiled, data, View(("relu",), units=4), looker=looker)
    assert ranked.units != first.units
    assert list(ranked.peaks) == sorted(ranked.peaks, reverse=True)


def test_silent_units_are_those_that_no_probe_excites():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    bias = dict(compiled.module.named_parameters())[f"{compiled.names[compiled.design.graph.nodes['norm'].layer]}.bias"]
    with torch.no_grad():
        bias.fill_(50.0)
        bias[2] = -50.0
    (picture,) = look(compiled, data, View(("relu",)))
    assert picture.silent == 1 and picture.silent_units == (2,)
    assert picture.units[-1] == 2
    assert picture.zero == pytest.approx(1 / 6)


# -- forms of tensors ---------------------------------------------------------------------
def test_a_sequence_is_a_heat_map_of_features_over_time():
    data = Data((7, 3), "sequence")
    head = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10}))
    compiled = compiled_of(chain(("lstm", "LSTM", {"hidden_size": 5}), ("tanh", "Tanh", {}), *head), data)
    lstm, tanh, hidden, source = look(
        compiled, data, View(("lstm",)), View(("tanh",)), View(("lstm",), port="hidden"), View(("in",))
    )
    assert lstm.tiles.shape == tanh.tiles.shape == (1, 5, 7)
    assert "features down, time across" in lstm.method
    assert lstm.axes == source.axes == ("feature", "time")
    assert source.tiles.shape == (1, 3, 7)
    assert not hidden.problem


def test_a_convolution_over_time_has_a_row_for_each_channel():
    data = Data((3, 20), "sequence")
    head = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10}))
    compiled = compiled_of(chain(("conv", "Conv1d", {"out_channels": 4}), ("relu", "ReLU", {}), *head), data)
    (relu,) = look(compiled, data, View(("relu",)))
    assert relu.tiles.shape[:2] == (1, 4)
    assert "one row a channel" in relu.method


def test_token_ids_and_embeddings():
    data = Data((6,), "tokens", "int64")
    head = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10}))
    embedding = ("embed", "Embedding", {"num_embeddings": 20, "embedding_dim": 4})
    compiled = compiled_of(chain(embedding, *head), data)
    embed, source = look(compiled, data, View(("embed",)), View(("in",)))
    assert embed.tiles.shape == (1, 4, 6)
    assert source.tiles.shape == (1, 1, 6)


def test_channels_of_one_pixel_are_cells():
    data = Data()
    layers = (("conv", "Conv2d", {"out_channels": 9}), ("pool", "AdaptiveAvgPool2d", {"output_size": (1, 1)}))
    compiled = compiled_of(chain(*layers, ("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10})), data)
    (pool,) = look(compiled, data, View(("pool",)))
    assert pool.tiles.shape == (1, 1, 9) and pool.total == 9


def test_colour_images_are_shown_in_colour_with_those_that_follow():
    data = Data((3, 12, 12))
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    source, filters = look(compiled, data, View(("in",), units=4), View(("conv",), "filters"), probes=(62,))
    assert source.tiles.shape == (4, 12, 12, 3) and source.units == (62, 63, 0, 1)
    assert filters.tiles.shape == (6, 3, 3, 3) and filters.signed


# -- filters --------------------------------------------------------------------------------
def test_filters_of_the_first_layer_are_its_weights():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    (filters,) = look(compiled, data, View(("conv",), "filters", 5))
    weight = keys.arrays(compiled)[f"{compiled.design.graph.nodes['conv'].layer}.weight"]
    assert np.array_equal(filters.tiles, weight[:5, 0])
    assert filters.units == (0, 1, 2, 3, 4) and filters.total == 6
    assert filters.high >= np.abs(weight).max()


def test_a_linear_layer_on_an_image_has_filters_of_its_shape():
    data = Data((1, 5, 4))
    layers = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 7}), ("out", "Linear", {"out_features": 10}))
    compiled = compiled_of(chain(*layers), data)
    first, second = look(compiled, data, View(("fc",), "filters"), View(("out",), "filters"))
    assert first.tiles.shape == (7, 5, 4)
    assert "not the pixels" in second.problem


def test_what_cannot_be_drawn_says_why_and_never_raises():
    data = Data()
    layers = (*CONVOLUTIONAL[:3], ("second", "Conv2d", {"out_channels": 4}), *CONVOLUTIONAL[5:])
    compiled = compiled_of(chain(*layers), data)
    asked = (
        View(("second",), "filters"),
        View(("relu",), "filters"),
        View(("loss",)),
        View(("target",)),
        View(("no",)),
    )
    mixed, none, loss, target, gone = look(compiled, data, *asked)
    assert "mixes 6 channels" in mixed.problem
    assert "no filters" in none.problem
    assert "one number" in loss.problem
    assert "no features" in target.problem
    assert "not in the network" in gone.problem
    assert all(p.tiles.size == 0 for p in (mixed, none, loss, target, gone))


# -- hostile numbers --------------------------------------------------------------------------
@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e38])
def test_broken_weights_still_give_pictures(value: float):
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    with torch.no_grad():
        next(iter(compiled.module.parameters())).fill_(value)
    pictures = look(
        compiled, data, *(View((n,)) for n in ("conv", "norm", "relu", "flat", "fc")), View(("conv",), "filters")
    )
    for picture in pictures:
        assert not picture.problem
        assert np.isfinite([picture.low, picture.high]).all() and picture.high > picture.low


def test_very_many_channels_and_very_large_images_stay_small():
    data = Data((1, 6, 6))
    head = (("flat", "Flatten", {}), ("fc", "Linear", {"out_features": 10}))
    compiled = compiled_of(chain(("conv", "Conv2d", {"out_channels": 4096, "kernel_size": (3, 3)}), *head), data)
    (many,) = look(compiled, data, View(("conv",), units=4096))
    assert many.tiles.shape[0] == 4096

    large = Data((1, 1024, 1024), samples=2)
    pool = ("pool", "AdaptiveAvgPool2d", {"output_size": (4, 4)})
    layers = (("conv", "Conv2d", {"out_channels": 4, "kernel_size": (3, 3)}), pool, *head)
    compiled = compiled_of(chain(*layers), large)
    looker = Looker(compiled, large)
    answer = looker.answer(compiled, Request((View(("conv",)), View(("in",)))))
    conv, source = answer.pictures
    assert max(conv.tiles.shape) <= 128 and max(source.tiles.shape) <= 128
    assert looker.answer(compiled, Request((View(("conv",)),))).seconds < 2.0


# -- probes, paths ------------------------------------------------------------------------------
def test_probes_go_through_the_classes_in_turn_and_never_change():
    data = Data()
    probes = probe_samples(data)
    assert len(probes) == 64 and len(set(probes.numbers)) == 64
    first = probes.fields["label"][:10].tolist()
    assert first == sorted(set(data.fields["label"].tolist()))
    assert probe_samples(Data()).numbers == probes.numbers
    plain = probe_samples(_Plain(data.fields["x"]), 5)
    assert plain.numbers == (0, 17, 34, 52, 69)


class _Plain:
    def __init__(self, values: np.ndarray[Any, Any]):
        self.values = values

    def arrays(self, split: str) -> dict[str, np.ndarray[Any, Any]]:
        return {"x": self.values}


def test_no_samples_is_a_sentence():
    data = Data()
    compiled = compiled_of(chain(*CONVOLUTIONAL), data)
    none = Probes(Frozen({name: values[:0] for name, values in data.fields.items()}), ())
    (picture,) = Looker(compiled, none).answer(compiled, Request((View(("relu",)),))).pictures
    assert "no validation samples" in picture.problem


def block_of(layers: Sequence[tuple[str, str]]) -> Block:
    nodes = [("bin", INPUT), *layers, ("bout", OUTPUT)]
    return Block(
        "block",
        "Block",
        Graph(
            Frozen({f"l{name}": Layer(f"l{name}", kind) for name, kind in nodes}),
            Frozen({name: Node(name, f"l{name}", name) for name, _ in nodes}),
            tuple(Wire(a[0], b[0]) for a, b in itertools.pairwise(nodes)),
        ),
    )


def test_blocks_can_be_looked_at_and_into():
    data = Data()
    design = chain(("conv", "Conv2d", {"out_channels": 6}), *CONVOLUTIONAL[5:])
    design = edits.define_block(design, block_of([("norm", "BatchNorm2d"), ("relu", "ReLU")]))
    design, node = edits.add_block_node(design, "block", (0, 0), repeat=2)
    design = edits.connect(design, Wire("conv", node, "bin"))
    design = edits.connect(design, Wire(node, "flat", "input", "bout"))
    compiled = compiled_of(design, data)
    graph = design.graph
    found = spot(graph, (node, "1", "norm"))
    assert found is not None and found.layer.kind == "BatchNorm2d"
    assert f"{found.key}.running_mean" in keys.state(compiled)
    assert sources(graph, (node, "0", "norm")) == ((("conv",), "output"),)
    assert sources(graph, (node, "1", "norm")) == (((node, "0", "relu"), "output"),)
    assert sources(graph, ("flat",)) == (((node, "1", "relu"), "output"),)
    outside, inside = look(compiled, data, View((node,), port="bout"), View((node, "1", "relu")))
    assert not outside.problem and not inside.problem
    assert np.array_equal(outside.tiles, inside.tiles)
    (unnamed,) = look(compiled, data, View((node,)))  # as the canvas asks for every node
    assert not unnamed.problem and np.array_equal(unnamed.tiles, inside.tiles)


def test_what_a_block_gives_is_arranged_as_what_its_last_layer_gives():
    design = chain(("embed", "Embedding", {"num_embeddings": 20, "embedding_dim": 5}), *CONVOLUTIONAL[5:])
    design = edits.define_block(design, block_of([("norm", "LayerNorm")]))
    design, node = edits.add_block_node(design, "block", (0, 0))
    design = edits.connect(design, Wire("embed", node, "bin"))
    design = edits.connect(design, Wire(node, "flat", "input", "bout"))
    data = Data((7,), "integers", "int64")
    (picture,) = look(compiled_of(design, data), data, View((node,)))
    assert picture.tiles.shape == (1, 5, 7) and "time across" in picture.method


def test_scales_are_rounded_up_to_two_digits():
    assert [rounded_up(v) for v in (3.07, 0.0123, 100.0, 0.995, 1e-9)] == [3.1, 0.013, 100.0, 1.0, 1e-9]
