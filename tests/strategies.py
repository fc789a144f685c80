"""Random designs for properties: `designs_with_data()` draws sound ones, with blocks (nested, repeated, with several
ports), shared layers, several inputs, outputs, targets and weighted losses, and data that fit; `edits()` draws edits,
among them foolish ones. Sizes are small, so that a real forward pass takes a moment.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.check import bypass, healing
from engine.check.checker import check
from engine.check.report import Report, TensorSpec
from engine.check.swapping import swap_kind
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import GraphError, StrataError
from engine.graph import drawing, fragments
from engine.graph import edits as edit
from engine.graph.arrange import EDGES, align, distribute
from engine.graph.design import FLOWS, DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, NodeId, Value, Wire
from engine.graph.recipe import Named, Recipe
from engine.graph.tidy import tidy
from engine.project import fragment as fragment_text

WORDS = 10  # indices of tokens stay below
ODD_LABELS = ("train", "type", "conv.1", "0", "größe", "forward", "a b", "self", "input")
Draw = Callable[..., Any]
Step = tuple[str, dict[str, Value]]


# -- data -----------------------------------------------------------------------------------------------------------
def _input_fields() -> st.SearchStrategy[FieldSpec]:
    side = st.integers(5, 7)
    return st.one_of(
        st.builds(lambda c, h, w: FieldSpec("image", "image", (c, h, w), "float32"), st.integers(1, 3), side, side),
        st.builds(lambda n: FieldSpec("vector", "vector", (n,), "float32"), st.integers(2, 6)),
        st.builds(
            lambda t, f: FieldSpec("sequence", "sequence", (t, f), "float32"), st.integers(2, 5), st.integers(2, 4)
        ),
        st.builds(lambda t: FieldSpec("tokens", "tokens", (t,), "int64"), st.integers(2, 5)),
    )


def _target_fields() -> st.SearchStrategy[FieldSpec]:
    return st.one_of(
        st.builds(lambda k: FieldSpec("class", "class", (), "int64", tuple("abcdefg"[:k])), st.integers(2, 5)),
        st.builds(lambda m: FieldSpec("numbers", "vector", (m,), "float32"), st.integers(1, 3)),
        st.just(FieldSpec("number", "number", (), "float32")),
    )


@st.composite
def data_specs(draw: Draw) -> DataSpec:
    """Data with one to three inputs and one or two targets, named uniquely."""
    inputs = draw(st.lists(_input_fields(), min_size=1, max_size=3))
    targets = draw(st.lists(_target_fields(), min_size=1, max_size=2))
    return DataSpec(
        name="random",
        title="Random",
        inputs=tuple(replace(f, name=f"{f.name}{i}") for i, f in enumerate(inputs)),
        targets=tuple(replace(f, name=f"{f.name}{i}") for i, f in enumerate(targets)),
        train=24,
        validation=6,
        test=6,
        synthetic=True,
    )


def samples(data: DataSpec, count: int, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
    """Random samples of every field, as the network receives them."""
    random = np.random.default_rng(seed)
    found: dict[str, np.ndarray[Any, Any]] = {}
    for field in (*data.inputs, *data.targets):
        if field.dtype == "int64":
            found[field.name] = random.integers(0, len(field.classes) or WORDS, (count, *field.shape))
        else:
            found[field.name] = random.random((count, *field.shape), dtype=np.float32)
    return found


# -- blocks ---------------------------------------------------------------------------------------------------------
def _graph(nodes: list[tuple[str, Layer]], wires: list[Wire]) -> Graph:
    return Graph(
        Frozen({layer.id: layer for _, layer in nodes}),
        Frozen({name: Node(name, layer.id, name) for name, layer in nodes}),
        tuple(wires),
    )


def _row(*steps: Step, around: bool = False) -> Graph:
    """in → steps → out; `around` adds what came in to what goes out (the shapes have to agree)."""
    nodes = [("in", Layer("l_in", "Input"))]
    nodes += [(f"s{i}", Layer(f"l{i}", kind, Frozen(given))) for i, (kind, given) in enumerate(steps)]
    wires = [Wire(a, b) for (a, _), (b, _) in itertools.pairwise(nodes)]
    last = nodes[-1][0]
    if around:
        nodes.append(("sum", Layer("l_sum", "Add")))
        wires += [Wire(last, "sum"), Wire("in", "sum")]
        last = "sum"
    nodes.append(("out", Layer("l_out", "Output")))
    return _graph(nodes, [*wires, Wire(last, "out")])


def blocks(width: int) -> dict[str, Block]:
    """Blocks that take vectors of any size (`dense`, `deep`: a block around a repeated block), tensors of any shape
    (`around`, `join`, `fork`) and images (`conv`)."""
    promoted = Frozen({"width": ("l0", "out_features")})
    dense = Block("dense", "dense", _row(("Linear", {"out_features": width}), ("ReLU", {})), promoted)
    inner = Layer("l0", BLOCK, block="dense", repeat=2)
    deep_nodes = [
        ("in", Layer("l_in", "Input")),
        ("s0", inner),
        ("s1", Layer("l1", "Tanh")),
        ("out", Layer("l_out", "Output")),
    ]
    deep_wires = [Wire("in", "s0", "in"), Wire("s0", "s1", "input", "out"), Wire("s1", "out")]
    deep = Block("deep", "deep", _graph(deep_nodes, deep_wires), Frozen({"size": ("l0", "width")}))
    conv = Block("conv", "conv", _row(("Conv2d", {"out_channels": 2, "padding": 1}), ("BatchNorm2d", {}), ("GELU", {})))
    around = Block("around", "around", _row(("Tanh", {}), around=True))
    join_nodes = [("a", Layer("la", "Input")), ("b", Layer("lb", "Input")), ("m", Layer("lm", "Multiply")),
                  ("out", Layer("l_out", "Output"))]  # fmt: skip
    join = Block("join", "join", _graph(join_nodes, [Wire("a", "m"), Wire("b", "m"), Wire("m", "out")]))
    fork_nodes = [("in", Layer("l_in", "Input")), ("r", Layer("lr", "ReLU")), ("t", Layer("lt", "Sigmoid")),
                  ("up", Layer("lu", "Output")), ("down", Layer("ld", "Output"))]  # fmt: skip
    fork = Block(
        "fork", "fork", _graph(fork_nodes, [Wire("in", "r"), Wire("in", "t"), Wire("r", "up"), Wire("t", "down")])
    )
    return {b.id: b for b in (dense, deep, conv, around, join, fork)}


# -- sound designs ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Loose:
    """A tensor that something may be added to."""

    node: NodeId
    port: str
    spec: TensorSpec


class _Builder:
    """A design under construction, with the tensors that it holds so far."""

    def __init__(self, draw: Draw, data: DataSpec):
        self.draw, self.data = draw, data
        self.design = Design(data=DataChoice("random"))
        self.tensors: list[Loose] = []

    def add(self, kind: str, wires: list[tuple[Loose, str]], *, labelled: bool = True, **given: Any) -> NodeId:
        """A node fed by `wires` (tensor and port), perhaps bypassed; what it gives joins the loose tensors."""
        name = f"n{len(self.design.graph.nodes)}"
        place = (214.0 * len(self.design.graph.nodes), 0.0)
        layer, block, repeat = given.pop("layer", None), given.pop("block", None), given.pop("repeat", 1)
        bypassed = given.pop("bypassed", False)
        label = self.draw(st.sampled_from([None, None, None, *ODD_LABELS])) if labelled else None
        if block is not None:
            self.design, _ = edit.add_block_node(
                self.design,
                block,
                place,
                repeat=repeat,
                parameters=given,
                node_id=name,
                label=label,
                layer_id=f"l{name}",
            )
        else:
            made = None if layer is not None else f"l{name}"
            self.design, _ = edit.add_node(
                self.design, kind, place, label=label, parameters=given, node_id=name, layer=layer, layer_id=made
            )
        for tensor, port in wires:
            self.design = edit.connect(self.design, Wire(tensor.node, name, port, tensor.port), replace=False)
        if bypassed:
            self.design = bypass.set_bypassed(self.design, [name])
        report = check(self.design, self.data)
        self.tensors += [Loose(p[0], port, s) for (p, port), s in report.outputs.items() if p == (name,)]
        return name

    def last(self) -> Loose:
        return self.tensors[-1]

    # -- one step further ------------------------------------------------------------
    def grow(self) -> None:
        """One more node on tensors drawn at random."""
        tensor = self.draw(st.sampled_from(self.tensors))
        shape, draw = tensor.spec.shape, self.draw
        if tensor.spec.dtype == "int64":
            self.add("Embedding", [(tensor, "input")], num_embeddings=WORDS, embedding_dim=draw(st.integers(2, 4)))
            return
        choice = draw(st.sampled_from(["layer"] * 4 + ["merge", "share", "block", "block"]))
        if choice == "merge" and self.merge(tensor):
            return
        if choice == "share" and self.share():
            return
        if choice == "block":
            self.block(tensor)
            return
        kind, given = draw(st.sampled_from(_layers(shape)))
        port = "query" if kind == "MultiheadAttention" else "input"
        self.add(kind, [(tensor, port)], bypassed=draw(st.integers(0, 5)) == 5, **given)

    def merge(self, tensor: Loose) -> bool:
        """Join two tensors; one with itself if there is no other of its shape."""
        alike = [t for t in self.tensors if t.spec == tensor.spec]
        other = self.draw(st.sampled_from(alike))
        kind = self.draw(st.sampled_from(["Add", "Multiply", "Concat"] if tensor.spec.shape else ["Add"]))
        if (other.node, other.port) == (tensor.node, tensor.port):
            return False
        self.add(kind, [(tensor, "input"), (other, "input")], bypassed=self.draw(st.integers(0, 5)) == 5)
        return True

    def share(self) -> bool:
        """Call a layer again, on a tensor of the shape that its first call gets."""
        graph = self.design.graph
        calls: list[tuple[NodeId, Loose, str]] = []
        for node in graph.nodes:
            entering = graph.wires_into(node)
            if len(entering) != 1 or graph.layer_of(node).kind in ("Add", "Multiply", "Concat", "Output"):
                continue
            fed = next(t for t in self.tensors if (t.node, t.port) == (entering[0].source, entering[0].source_port))
            calls += [(node, t, entering[0].target_port) for t in self.tensors if t.spec == fed.spec]
        if not calls:
            return False
        node, tensor, port = self.draw(st.sampled_from(calls))
        layer = graph.layer_of(node)
        self.add(layer.kind, [(tensor, port)], layer=layer.id)
        return True

    def block(self, tensor: Loose) -> None:
        draw, shape = self.draw, tensor.spec.shape
        fitting = ["around", "join", "fork"] + (["dense", "deep"] * 2 if len(shape) == 1 else [])
        fitting += ["conv"] * 3 if len(shape) == 3 else []
        name = draw(st.sampled_from(fitting))
        if name not in self.design.graph.blocks:
            for each in blocks(draw(st.integers(2, 4))).values():
                self.design = (
                    edit.define_block(self.design, each) if each.id not in self.design.graph.blocks else self.design
                )
        alike = [t for t in self.tensors if t.spec == tensor.spec]
        wires = [(tensor, "a"), (draw(st.sampled_from(alike)), "b")] if name == "join" else [(tensor, "in")]
        given: dict[str, Any] = {}
        if name in ("dense", "deep") and draw(st.booleans()):
            given = {"width" if name == "dense" else "size": draw(st.integers(1, 5))}
        repeat = 1 if name == "fork" else draw(st.integers(1, 3))
        self.add(BLOCK, wires, block=name, repeat=repeat, bypassed=draw(st.integers(0, 5)) == 5, **given)

    # -- the end -----------------------------------------------------------------------
    def head(self, field: FieldSpec) -> None:
        """A loss for one target, on a tensor drawn at random."""
        draw = self.draw
        tensor = draw(st.sampled_from(self.tensors))
        if tensor.spec.dtype == "int64":
            self.add("Embedding", [(tensor, "input")], num_embeddings=WORDS, embedding_dim=2)
            tensor = self.last()
        if not tensor.spec.shape:
            self.add("Reshape", [(tensor, "input")], shape=(1,))
        elif len(tensor.spec.shape) > 1:
            self.add("Flatten", [(tensor, "input")])
        else:
            self.add("Identity", [(tensor, "input")])
        width = len(field.classes) if field.kind == "class" else (field.shape or (1,))[0]
        self.add("Linear", [(self.last(), "input")], out_features=width)
        if field.kind == "number":
            self.add("Reshape", [(self.last(), "input")], shape=())
        prediction = self.last()
        if draw(st.booleans()):
            self.add("Output", [(prediction, "input")])
            self.tensors.pop()  # its tensor is told in the report, but it has no port
        self.add("Target", [], field=field.name)
        target = self.last()
        losses = ["CrossEntropyLoss"] if field.kind == "class" else ["MSELoss", "L1Loss", "SmoothL1Loss"]
        given = {"weight_in_sum": weight} if (weight := draw(st.sampled_from([1.0, 0.5, 2.0]))) != 1.0 else {}
        self.add(draw(st.sampled_from(losses)), [(prediction, "input"), (target, "target")], **given)
        self.tensors = [t for t in self.tensors if t.node != target.node and t.spec.batch_axis == 0]


def _layers(shape: tuple[int, ...]) -> list[Step]:
    """Layers that take a tensor of this shape."""
    found: list[Step] = [("ReLU", {}), ("Tanh", {}), ("GELU", {}), ("Dropout", {"p": 0.2}), ("Identity", {})]
    if not shape:
        return [*found, ("Reshape", {"shape": (1,)})]
    found += [("LayerNorm", {}), ("Reshape", {"shape": (-1,)})]
    if len(shape) == 1:
        found += [("Linear", {"out_features": 3}), ("Linear", {"out_features": 5, "bias": False}), ("BatchNorm1d", {})]
    if len(shape) == 2:
        heads = 2 if shape[1] % 2 == 0 else 1
        found += [
            ("LSTM", {"hidden_size": 3}),
            ("GRU", {"hidden_size": 2, "bidirectional": True}),
            ("Linear", {"out_features": 4}),
            ("Conv1d", {"out_channels": 2, "kernel_size": min(2, shape[1])}),
            ("Permute", {"dims": (2, 1)}),
            ("MultiheadAttention", {"num_heads": heads}),
        ]
    if len(shape) == 3:
        kernel = min(3, *shape[1:])
        found += [
            ("Conv2d", {"out_channels": 3, "kernel_size": kernel}),
            ("Conv2d", {"out_channels": 2, "kernel_size": (1, kernel), "stride": 2, "padding": "valid"}),
            ("MaxPool2d", {"kernel_size": min(2, *shape[1:])}),
            ("AvgPool2d", {"kernel_size": 1, "stride": 2}),
            ("AdaptiveAvgPool2d", {"output_size": (2, 1)}),
            ("BatchNorm2d", {}),
            ("GroupNorm", {"num_groups": 1}),
            ("ZeroPad2d", {"padding": (1, 0, 0, 1)}),
            ("Flatten", {}),
        ]
    return found


@st.composite
def designs_with_data(draw: Draw, max_layers: int = 7) -> tuple[Design, DataSpec]:
    """A sound design and data that fit: check finds no error, and every layer may be run."""
    data = draw(data_specs())
    builder = _Builder(draw, data)
    for field in data.inputs[: draw(st.integers(1, len(data.inputs)))]:
        builder.add("Input", [], field=field.name)
    for _ in range(draw(st.integers(0, max_layers))):
        builder.grow()
    for field in data.targets[: draw(st.integers(1, len(data.targets)))]:
        builder.head(field)
    rate = draw(st.sampled_from([1e-3, 1e-2]))
    recipe = Recipe(
        optimizer=Named(draw(st.sampled_from(["SGD", "Adam"])), Frozen({"lr": rate})),
        epochs=2,
        batch_size=draw(st.sampled_from([4, 8, 24])),
        seed=draw(st.integers(0, 3)),
    )
    return replace(builder.design, recipe=recipe), data


def designs(max_layers: int = 7) -> st.SearchStrategy[Design]:
    return designs_with_data(max_layers).map(lambda pair: pair[0])


# -- edits ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Edit:
    """A step of editing that fits any design: numbers choose among what is there."""

    name: str
    a: int
    b: int
    value: Value

    def apply(self, design: Design) -> Design:
        """The design after it; the same where there is nothing to do it to."""
        try:
            return _EDITS[self.name](self, design)
        except StrataError:
            return design

    def node(self, design: Design, number: int) -> NodeId:
        nodes = list(design.graph.nodes)
        if not nodes:
            raise GraphError("There is no node.")
        return nodes[number % len(nodes)]


KINDS = ("Linear", "Conv2d", "ReLU", "Flatten", "Add", "Concat", "LSTM", "Embedding", "Input", "Target", "MSELoss")
KINDS += ("Output", "CrossEntropyLoss", "MultiheadAttention", "Nonsense", "Reshape", "BatchNorm2d", "GroupNorm")
KINDS += ("Permute", "Softmax")
PARAMETERS = ("out_features", "out_channels", "kernel_size", "padding", "p", "shape", "dim", "field", "nonsense")
PARAMETERS += ("num_groups", "dims", "num_heads", "groups")
PORTS = ("input", "target", "query", "key", "in", "a", "nonsense")


def _wire(e: Edit, design: Design) -> Wire:
    return Wire(e.node(design, e.a), e.node(design, e.b), PORTS[(e.a + e.b) % len(PORTS)])


def _any_wire(e: Edit, design: Design) -> Wire:
    if not design.graph.wires:
        raise GraphError("There is no wire.")
    return design.graph.wires[e.a % len(design.graph.wires)]


def _add(e: Edit, design: Design) -> Design:
    place = (float(e.a), float(e.b))
    return edit.add_node(design, KINDS[e.a % len(KINDS)], place, node_id=f"e{len(design.graph.nodes)}")[0]


def _share(e: Edit, design: Design) -> Design:
    layer = design.graph.layer_of(e.node(design, e.a))
    return edit.add_node(design, layer.kind, (0.0, 0.0), layer=layer.id)[0]


def _bypass(e: Edit, design: Design) -> Design:
    """Of any node, also one that cannot be: a file may hold it."""
    node = design.graph.nodes[e.node(design, e.a)]
    changed = replace(node, bypassed=not node.bypassed)
    return replace(design, graph=replace(design.graph, nodes=design.graph.nodes.with_item(node.id, changed)))


def _rewire(e: Edit, design: Design) -> Design:
    wire = _any_wire(e, design)
    moved = replace(wire, source=e.node(design, e.b)) if e.a % 2 else replace(wire, target=e.node(design, e.b))
    return edit.rewire(design, wire, moved)


def _swap(e: Edit, design: Design) -> Design:
    node, block = e.node(design, e.a), next(iter(design.graph.blocks), None)
    kind = BLOCK if block is not None and e.b % 5 == 0 else KINDS[e.b % len(KINDS)]
    return swap_kind(design, node, kind, block if kind == BLOCK else None).design


def _paste(e: Edit, design: Design) -> Design:
    """A few nodes cut, or copied, and put back as text, perhaps with the wires that fed them."""
    chosen = {e.node(design, e.a), e.node(design, e.b)}
    notes, frames = [n.id for n in design.notes[: e.a % 3]], [f.id for f in design.frames[: e.b % 3]]
    left, fragment = fragments.cut(design, chosen, notes, frames)
    copied = fragment_text.from_text(fragment_text.to_text(fragment))
    return fragments.paste(left if e.a % 3 == 0 else design, copied, keep_incoming=e.b % 2 == 0).design


def _draw(e: Edit, design: Design) -> Design:
    """Notes and frames made, moved with what they hold, and taken away."""
    sizes = dict.fromkeys(design.graph.nodes, (152.0, 152.0))
    if e.a % 4 == 0:
        return drawing.add_note(design, "note", (float(e.a), float(e.b)))[0]
    if e.a % 4 == 1:
        return drawing.frame_around(design, [e.node(design, e.b)], sizes)[0]
    if e.a % 4 == 2:
        return drawing.move(design, (20.0, float(e.b)), sizes, [], [], [f.id for f in design.frames])
    return drawing.remove(design, [n.id for n in design.notes], [f.id for f in design.frames[1:]])


def _arrange(e: Edit, design: Design) -> Design:
    sizes = dict.fromkeys(design.graph.nodes, (152.0, 64.0))
    if e.a % 3 == 0:
        return tidy(design, sizes, None if e.b % 2 else [e.node(design, e.b)])
    if e.a % 3 == 1:
        return align(design, design.graph.nodes, EDGES[e.b % len(EDGES)], sizes)
    return distribute(design, design.graph.nodes, "vertically" if e.b % 2 else "horizontally", sizes)


def _parameter(e: Edit) -> str:
    return PARAMETERS[e.b % len(PARAMETERS)]


_EDITS: dict[str, Callable[[Edit, Design], Design]] = {
    "add": _add,
    "share": _share,
    "remove": lambda e, d: edit.remove_nodes(d, {e.node(d, e.a), e.node(d, e.b)}),
    "connect": lambda e, d: edit.connect(d, _wire(e, d)),
    "crowd": lambda e, d: edit.connect(d, _wire(e, d), replace=False),
    "disconnect": lambda e, d: edit.disconnect(d, [_any_wire(e, d)]),
    "insert": lambda e, d: edit.insert_on_wire(d, _any_wire(e, d), e.node(d, e.b)),
    "set": lambda e, d: edit.set_parameter(d, e.node(d, e.a), _parameter(e), e.value),
    "reset": lambda e, d: edit.reset_parameter(d, e.node(d, e.a), _parameter(e)),
    "rename": lambda e, d: edit.rename(d, e.node(d, e.a), ODD_LABELS[e.b % len(ODD_LABELS)]),
    "move": lambda e, d: edit.move(d, {e.node(d, e.a): (float(e.b), float(e.a))}),
    "duplicate": lambda e, d: fragments.duplicate(d, {e.node(d, e.a), e.node(d, e.b)})[0],
    "bypass": _bypass,
    "rewire": _rewire,
    "swap": _swap,
    "heal": lambda e, d: healing.remove(d, Report(), {e.node(d, e.a), e.node(d, e.b)}),
    "paste": _paste,
    "draw": _draw,
    "arrange": _arrange,
    "flow": lambda e, d: replace(d, flow=FLOWS[e.a % len(FLOWS)]),
    "repeat": lambda e, d: edit.set_repeat(d, e.node(d, e.a), e.b % 5),
    "recipe": lambda e, d: replace(d, recipe=replace(d.recipe, batch_size=e.a + 1)),
    "data": lambda e, d: replace(d, data=replace(d.data, seed=e.a)),
}


def values() -> st.SearchStrategy[Value]:
    """Parameter values, sound and foolish."""
    numbers = st.integers(-3, 12) | st.sampled_from([0.5, -1.0, float("inf"), float("nan"), 10**9, 10**30])
    return st.one_of(
        numbers,
        st.booleans(),
        st.none(),
        st.sampled_from(["same", "zeros", ""]),
        st.tuples(numbers, st.integers(1, 4)),
        st.lists(st.integers(1, 4), max_size=3).map(tuple),
    )


def edits() -> st.SearchStrategy[Edit]:
    return st.builds(Edit, st.sampled_from(sorted(_EDITS)), st.integers(0, 40), st.integers(0, 40), values())
