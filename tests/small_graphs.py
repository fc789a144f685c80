"""Small designs and data for tests: `chain` wires layers one after another, ids are the labels."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from engine.catalog import catalog
from engine.data.spec import DataSpec, FieldSpec
from engine.graph import edits, labels
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.model import Block, Graph, Layer, Node, Value, Wire

Step = str | tuple[str, Mapping[str, Value]]

IMAGE = FieldSpec("image", "image", (1, 8, 8), "float32", scale="grey, scaled 0–1")
VECTOR = FieldSpec("vector", "vector", (6,), "float32")
TOKENS = FieldSpec("tokens", "tokens", (5,), "int64")
SEQUENCE = FieldSpec("sequence", "sequence", (7, 3), "float32")
CLASS = FieldSpec("class", "class", (), "int64", tuple("abcd"))
NUMBER = FieldSpec("number", "number", (), "float32")


def data(*inputs: FieldSpec, targets: tuple[FieldSpec, ...] = (CLASS,)) -> DataSpec:
    return DataSpec("small", "Small", inputs or (IMAGE,), targets, train=100, validation=10, test=10)


def named(step: Step) -> tuple[str, Mapping[str, Value]]:
    return (step, {}) if isinstance(step, str) else step


def _entrance(kind: str) -> str:
    known = catalog.load().layers.get(kind)
    return known.inputs[0].name if known is not None and known.inputs else "input"


def chain(*steps: Step, loss: str | None = "CrossEntropyLoss", field: str = "", target: str = "") -> Design:
    """Input → steps → loss ← Target. Ids and labels: input, conv1, relu1, …, loss, target."""
    design = Design(data=DataChoice("small"))
    before: str | None = None
    for kind, parameters in [("Input", {"field": field} if field else {}), *map(named, steps)]:
        label = labels.unique_label(design.graph, labels.label_base(kind))
        design, node = edits.add_node(
            design, kind, (214.0 * len(design.graph.nodes), 0.0), label=label, parameters=parameters, node_id=label
        )
        if before is not None:
            design = edits.connect(design, Wire(before, node, _entrance(kind)))
        before = node
    if loss is None:
        return design
    x = 214.0 * len(design.graph.nodes)
    design, _ = edits.add_node(design, loss, (x, 0.0), label="loss", node_id="loss")
    design, _ = edits.add_node(
        design,
        "Target",
        (x - 214.0, 190.0),
        label="target",
        node_id="target",
        parameters={"field": target} if target else {},
    )
    assert before is not None
    design = edits.connect(design, Wire(before, "loss"))
    return edits.connect(design, Wire("target", "loss", "target"))


def body(*steps: Step, block: str = "body", promoted: Mapping[str, tuple[str, str]] | None = None) -> Block:
    """A block with one Input (id `in`), the steps one after another (ids 0, 1, …) and one Output (id `out`)."""
    layers = {"in": Layer("in", "Input"), "out": Layer("out", "Output")}
    nodes = {"in": Node("in", "in", "in")}
    for i, (kind, parameters) in enumerate(map(named, steps)):
        layers[str(i)] = Layer(str(i), kind, Frozen(dict(parameters)))
        nodes[str(i)] = Node(str(i), str(i), f"{labels.label_base(kind)}{i + 1}")
    nodes["out"] = Node("out", "out", "out")
    ids = list(nodes)
    wires = tuple(Wire(a, b) for a, b in itertools.pairwise(ids))
    return Block(block, block, Graph(Frozen(layers), Frozen(nodes), wires), Frozen(dict(promoted or {})))
