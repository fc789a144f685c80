"""Projects for the tests of the project file: one that fills every field, random ones, equality that knows arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from engine.data.spec import DataSpec, FieldSpec
from engine.errors import ProjectFileError
from engine.graph.design import FLOWS, DataChoice, Design, Frame, Note
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, Wire
from engine.graph.recipe import Named, Recipe
from engine.observe.history import History
from engine.observe.picture import Look, Picture, Request, View
from engine.project.fields import KINDS as KINDS_OF_FIELDS
from engine.project.project import Project, RunRecord
from engine.train.events import Metrics, TrainingState


# -- equality ---------------------------------------------------------------------------------------------------------
def differences(one: Any, other: Any, where: str = "project") -> list[str]:
    """Where two values differ; arrays to the bit, with dtype and shape; NaN equals NaN."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        same = (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
        return [] if same else [f"{where}: {one!r} is not {other!r}"]
    if type(one) is not type(other):
        return [f"{where}: {type(one).__name__} is not {type(other).__name__}"]
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return [d for name in names for d in differences(getattr(one, name), getattr(other, name), f"{where}.{name}")]
    if isinstance(one, Mapping):
        if set(one) != set(other):
            return [f"{where}: keys {sorted(one)} are not {sorted(other)}"]
        return [d for key in one for d in differences(one[key], other[key], f"{where}[{key!r}]")]
    if isinstance(one, tuple):
        if len(one) != len(other):
            return [f"{where}: {len(one)} items are not {len(other)}"]
        return [d for i, pair in enumerate(zip(one, other, strict=True)) for d in differences(*pair, f"{where}[{i}]")]
    if one == other or (isinstance(one, float) and one != one and other != other):
        return []
    return [f"{where}: {one!r} is not {other!r}"]


# -- refusals --------------------------------------------------------------------------------------------------------
def refused(call: Callable[[], Any], *words: str) -> str:
    """A refusal that holds these words, in sentences."""
    with pytest.raises(ProjectFileError) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message
    assert "\n" not in message and "Traceback" not in message
    return message


# -- one project with everything in it ------------------------------------------------------------------------------
def full_design() -> Design:
    """Nested and repeated blocks, a shared layer, two inputs, notes, frames, a schedule: no field at its default."""
    inner = Graph(
        Frozen({"a": Layer("a", "Input"), "b": Layer("b", "ReLU"), "c": Layer("c", "Output")}),
        Frozen({"a": Node("a", "a", "in"), "b": Node("b", "b", "relu"), "c": Node("c", "c", "out")}),
        (Wire("a", "b"), Wire("b", "c")),
    )
    outer = Graph(
        Frozen({"a": Layer("a", "Input"), "d": Layer("d", BLOCK, block="inner", repeat=2), "c": Layer("c", "Output")}),
        Frozen({"a": Node("a", "a", "in"), "d": Node("d", "d", "inner"), "c": Node("c", "c", "out")}),
        (Wire("a", "d", "a"), Wire("d", "c", source_port="c")),
    )
    layers = [
        Layer("l1", "Input", Frozen({"field": "image", "shape": (1, 8, 8)})),
        Layer(
            "l2", "Conv2d", Frozen({"out_channels": 4, "kernel_size": (3, 3), "bias": False, "padding_mode": "zeros"})
        ),
        Layer("l3", BLOCK, Frozen({"inplace": True}), block="outer", repeat=3),
        Layer("l4", "Dropout", Frozen({"p": 0.25})),
        Layer("l5", "Add"),
    ]
    nodes = [
        Node("n1", "l1", "image"),
        Node("n2", "l2", "conv1"),
        Node("n3", "l2", "conv1 again – Ω \ufffd"),
        Node("n4", "l3", "block"),
        Node("n5", "l5", "sum"),
        Node("n6", "l4", ""),
    ]
    wires = (
        Wire("n1", "n2"),
        Wire("n1", "n3"),
        Wire("n3", "n5"),
        Wire("n2", "n5"),
        Wire("n5", "n4", "a"),
        Wire("n4", "n6", source_port="c"),
    )
    blocks = Frozen(
        {
            "inner": Block("inner", "Inner", inner),
            "outer": Block("outer", "Outer", outer, Frozen({"size": ("d", "repeat"), "inplace": ("a", "field")})),
        }
    )
    graph = Graph(
        Frozen((layer.id, layer) for layer in layers), Frozen((node.id, node) for node in nodes), wires, blocks
    )
    return Design(
        graph,
        places=Frozen({"n1": (0.0, -12.5), "n2": (214.0, 1e-3)}),
        notes=(Note("note1", "two\nlines", 1.0, 2.0, 3.0, 4.0), Note("note2", "", 5.0, 6.0)),
        frames=(Frame("frame1", "features", -1.0, -2.0, 300.5, 200.25),),
        recipe=Recipe(
            optimizer=Named("SGD", Frozen({"lr": 0.1, "momentum": 0.9, "nesterov": True})),
            schedule=Named("OneCycleLR", Frozen({"max_lr": 3e-3})),
            epochs=7,
            batch_size=32,
            precision="bfloat16",
            seed=2**40,
        ),
        data=DataChoice("/data/ümlaut", 0.15, 0.3, 11, "ab" * 32),
    )


def full_look() -> Look:
    view = View(("n4", "0", "d", "1", "b"), "feature_maps", 3, "output")
    rng = np.random.default_rng(3)
    return Look(
        Request((view, View(("n2",), "filters", 8)), probes=(4, 9), number=12),
        step=41,
        epoch=1.5,
        pictures=(
            Picture(
                view, rng.random((3, 5, 6), np.float32), (0, 2, 3), 4, -1.5, 2.5, True, (0.5, 1.0, 2.5), 1, 0.25, "raw"
            ),
            Picture(
                View(("n2",), "filters", 8),
                np.zeros((0, 1, 1), np.float32),
                (),
                8,
                float("nan"),
                float("inf"),
                False,
                method="none",
                problem="There is nothing to show.",
                silent_units=(1, 2),
            ),
        ),
        predictions=((3, 0.75), (9, 0.5)),
        seconds=0.003,
        targets=(3, 8),
        samples=(17, 90),
        probe_count=64,
    )


def full_project(size: int = 6) -> Project:
    rng = np.random.default_rng(1)
    weights = {
        "l2.weight": rng.standard_normal((4, 1, 3, size), np.float32),
        "l3/0/d/1/b.weight": rng.standard_normal((size, 2)),
        "l3/0/norm.num_batches_tracked": np.array(12, np.int64),
        "mask": rng.random((2, 3)) > 0.5,
        "flag": np.array(True),
        "half": rng.standard_normal(5).astype(np.float16),
        "empty": np.zeros((0, 3), np.float32),
        "bytes": np.arange(7, dtype=np.uint8),
        "a strange % name/..": np.array([np.nan, np.inf, -0.0], np.float32),
    }
    optimizer = {
        "l2.weight/exp_avg": rng.standard_normal((4, 1, 3, size), np.float32),
        "l2.weight/step": np.array(41.0),
    }
    state = TrainingState(
        step=41,
        epoch=1,
        batch=16,
        seed=2**40,
        threads=2,
        device="cpu",
        weights=Frozen(weights),
        optimizer=Frozen(optimizer),
        random=Frozen({"cpu": np.arange(64, dtype=np.uint8)}),
        partial=Frozen({"loss": 12.5, "correct": 31.0, "worst": float("inf")}),
    )
    history = History(
        rng.random(41),
        np.full(41, 1e-3),
        Frozen({"epoch": np.arange(1.0, 2.0), "validation/accuracy": np.array([np.nan])}),
    )
    design = full_design()
    first = RunRecord("r1", "2026-01-02T03:04:05+00:00", dataclasses.replace(design, notes=()), status="failed")
    second = RunRecord(
        id="r2",
        started="2026-01-03T03:04:05+00:00",
        design=design,
        history=history,
        state=state,
        look=full_look(),
        test=Metrics(float("nan"), 0.875, 360, (("cross_entropy", 0.25), ("other", 0.5))),
        device="cpu",
        status="paused",
    )
    return Project(design, (first, second), (1.25, 400.0, -30.5))


def full_data() -> DataSpec:
    images = FieldSpec("image", "image", (1, 28, 20), "float32", scale="grey, scaled 0–1")
    tokens = FieldSpec("words", "tokens", (12,), "int64", below=900)
    digit = FieldSpec("digit", "class", (), "int64", ("zero", "eins"))
    return DataSpec(
        "d", "Digits “of” mine", (images, tokens), (digit,), 0, 0, 0, "My desk", True, True, "ab12", ("odd",)
    )


# -- random ones ------------------------------------------------------------------------------------------------------
KINDS = ("Linear", "Conv2d", "ReLU", "Input", "Output", "Add", "CrossEntropyLoss")
DTYPES = ("?", "i1", "i2", "<i4", "<i8", "u1", "u2", "<u4", "<u8", "f2", "<f4", "<f8")

texts = st.text(max_size=12)
ids = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_-.é", min_size=1, max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
names = st.text(min_size=1, max_size=10)
parameters = st.dictionaries(names, values, max_size=3).map(Frozen)


@st.composite
def graphs(draw: st.DrawFn, blocks: tuple[str, ...] = ()) -> Graph:
    layers = {}
    for key in draw(st.lists(ids, max_size=5, unique=True)):
        if blocks and draw(st.booleans()):
            layers[key] = Layer(key, BLOCK, draw(parameters), draw(st.sampled_from(blocks)), draw(st.integers(1, 4)))
        else:
            layers[key] = Layer(key, draw(st.sampled_from(KINDS)), draw(parameters))
    nodes = {}
    for key in draw(st.lists(ids, max_size=7, unique=True)) if layers else ():
        nodes[key] = Node(key, draw(st.sampled_from(sorted(layers))), draw(texts), draw(st.booleans()))
    some = st.sampled_from(sorted(nodes)) if nodes else st.nothing()
    wires = draw(st.lists(st.builds(Wire, some, some, names, names), max_size=6)) if nodes else []
    return Graph(Frozen(layers), Frozen(nodes), tuple(wires))


@st.composite
def designs(draw: st.DrawFn) -> Design:
    blocks: dict[str, Block] = {}
    for key in draw(st.lists(ids, max_size=3, unique=True)):
        inner = draw(graphs(tuple(blocks)))
        promoted = st.dictionaries(names, st.tuples(st.sampled_from(sorted(inner.layers)), names), max_size=2)
        blocks[key] = Block(key, draw(texts), inner, Frozen(draw(promoted)) if inner.layers else Frozen())
    graph = dataclasses.replace(draw(graphs(tuple(blocks))), blocks=Frozen(blocks))
    named = st.builds(Named, st.sampled_from(("Adam", "SGD", "AdamW")), parameters)
    return Design(
        graph,
        Frozen(draw(st.dictionaries(ids, st.tuples(floats, floats), max_size=4))),
        tuple(draw(st.lists(st.builds(Note, ids, texts, floats, floats, floats, floats), max_size=2))),
        tuple(draw(st.lists(st.builds(Frame, ids, texts, floats, floats, floats, floats), max_size=2))),
        Recipe(
            optimizer=draw(named),
            schedule=draw(st.none() | st.builds(Named, st.sampled_from(("OneCycleLR", "StepLR")), parameters)),
            epochs=draw(st.integers(-5, 10**9)),
            batch_size=draw(st.integers(0, 10**9)),
            precision=draw(texts),
            seed=draw(st.integers(-(2**63), 2**63)),
        ),
        DataChoice(draw(texts), draw(floats), draw(floats), draw(st.integers(0, 2**63)), draw(texts)),
        draw(st.sampled_from(FLOWS)),
    )


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    count = int(np.prod(shape))
    if dtype.kind == "b":
        return np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool).reshape(shape)
    data = draw(
        st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize)
    )  # any bits, NaNs among them
    return np.frombuffer(data, dtype).reshape(shape)


@st.composite
def specs(draw: st.DrawFn) -> DataSpec:
    sizes = st.lists(st.integers(1, 12), max_size=8).map(tuple)
    fields = st.lists(
        st.builds(
            FieldSpec, names, st.sampled_from(KINDS_OF_FIELDS), sizes, st.sampled_from(("float32", "int64")),
            st.lists(texts, max_size=3).map(tuple), texts, st.integers(0, 2**63),
        ),
        max_size=3,
        unique_by=lambda field: field.name,
    ).map(tuple)  # fmt: skip
    zero, some = st.just(0), st.lists(texts, max_size=2).map(tuple)
    flag = st.booleans()
    return draw(st.builds(DataSpec, texts, texts, fields, fields, zero, zero, zero, texts, flag, flag, texts, some))


@st.composite
def projects(draw: st.DrawFn) -> Project:
    tables = st.dictionaries(st.text(min_size=1, max_size=12), arrays(), max_size=3).map(Frozen)
    counts = st.integers(0, 2**40)
    numbers = st.floats()
    states = st.builds(
        TrainingState, counts, counts, counts, counts, st.integers(1, 4096), texts, tables, tables, tables,
        st.dictionaries(names, numbers, max_size=2).map(Frozen),
    )  # fmt: skip
    metrics = st.builds(
        Metrics, numbers, st.none() | numbers, counts, st.lists(st.tuples(texts, numbers), max_size=2).map(tuple)
    )
    runs = []
    for key in draw(st.lists(ids, max_size=2)):
        steps = draw(st.integers(0, 5))
        columns = {name: np.arange(float(steps)) for name in draw(st.lists(names, max_size=3, unique=True))}
        runs.append(
            RunRecord(
                key,
                draw(texts),
                draw(designs()),
                History(np.arange(steps) / 3, np.ones(steps), Frozen(columns)),
                draw(st.none() | states),
                draw(st.none() | st.just(full_look())),
                draw(st.none() | metrics),
                draw(texts),
                draw(st.sampled_from(("running", "paused", "stopped", "finished", "failed"))),
            )
        )
    view = draw(st.none() | st.tuples(floats, floats, floats))
    return Project(draw(designs()), tuple(runs), view, draw(st.none() | specs()))
