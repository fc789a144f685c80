"""Design + Report -> one torch.fx GraphModule. Blocks are inlined, however deep and often repeated: the code that runs is
straight, one line a node, and any node can be tapped. A layer that several nodes call is one submodule.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import fx

from engine.catalog import build, catalog
from engine.check.report import NodePath, Report
from engine.compile.compiled import Compiled, LossTerm, Tap
from engine.compile.names import safe
from engine.compile.seeding import OwnRandom, seed_of
from engine.data.spec import DataSpec
from engine.errors import DesignError
from engine.graph import blocks
from engine.graph.design import Design
from engine.graph.model import BLOCK, INPUT, OUTPUT, TARGET, Graph, Layer, LayerId, NodeId, Wire
from engine.graph.topology import Topology

__all__ = ["Compiled", "LossTerm", "compile_graph", "tapped"]

Values = dict[tuple[NodeId, str], fx.Node]  # what each output port of one graph holds


def compile_graph(
    design: Design,
    report: Report,
    data: DataSpec | None = None,
    *,
    device: str | torch.device = "cpu",
    seed: int | None = None,
) -> Compiled:
    """The network that `design` draws, ready to train on `device`.

    Only the nodes in `report.trained` are built. First weights are drawn from (`seed`, layer path), so that a layer
    keeps its own when another is added; `None` draws a fresh seed. Raises DesignError where the report has problems
    that block training.
    """
    if not report.trainable:
        sentences = " ".join(p.sentence() for p in report.blocking)
        raise DesignError(f"This design cannot be compiled. {sentences}", report.blocking)
    chosen = int(torch.seed()) if seed is None else seed
    return _Compiler(design, report, data, chosen).compile(torch.device(device))


def tapped(compiled: Compiled, taps: Sequence[Tap]) -> fx.GraphModule:
    """`module(*inputs) -> (tensor at each tap, …)`, cut down to what leads there; it shares the compiled submodules.

    Raises DesignError for a tap that the compiled network does not hold or that needs a target.
    """
    graph, copies = fx.Graph(), {}
    graph.graph_copy(compiled.module.graph, copies)
    by_name = {old.name: new for old, new in copies.items()}
    for tap in taps:
        if compiled.taps.get(tap) not in by_name:
            raise DesignError("This layer takes no part in the network that is compiled, so it computes nothing.")
    graph.output(tuple(by_name[compiled.taps[tap]] for tap in taps))
    module = fx.GraphModule(compiled.module, graph)
    graph.eliminate_dead_code()
    for placeholder in [n for n in graph.nodes if n.op == "placeholder"][len(compiled.inputs) :]:
        if placeholder.users:
            raise DesignError("This layer needs the target, which is not there outside training.")
        graph.erase_node(placeholder)
    module.recompile()
    return module


class _Compiler:
    def __init__(self, design: Design, report: Report, data: DataSpec | None, seed: int):
        self.design, self.report, self.data, self.seed = design, report, data, seed
        self.root, self.code = torch.nn.Module(), fx.Graph()
        self.names: dict[str, str] = {}
        self.used: dict[str, set[str]] = {}
        self.taps: dict[Tap, fx.Node] = {}
        self.paths: dict[str, NodePath] = {}
        self.labels: dict[NodePath, str] = {}
        self.stochastic = False

    def compile(self, device: torch.device) -> Compiled:
        graph = self.design.graph
        order = [n for n in Topology(graph).order if n in self.report.trained]
        inputs = self._placeholders(graph, order, INPUT)
        targets = self._placeholders(graph, order, TARGET)
        given = {(path[0], "output"): self.taps[path, "output"] for path, _ in (*inputs, *targets)}
        values = self._inline(graph, dict(graph.layers), order, given, (), "", "")
        losses, outputs = self._end(graph, order, values, tuple(path[0] for path, _ in targets))
        self.code.lint()
        module = fx.GraphModule(self.root, self.code, class_name="Network").to(device)
        taps = {tap: node.name for tap, node in self.taps.items()}
        return Compiled(
            self.design, module, inputs, targets, losses, outputs, self.names, taps, self.paths, self.stochastic
        )

    # -- one graph, at any depth ---------------------------------------------------
    def _inline(
        self,
        graph: Graph,
        layers: Mapping[LayerId, Layer],
        order: Iterable[NodeId],
        values: Values,
        outer: NodePath,
        key: str,
        prefix: str,
    ) -> Values:
        """Write one line for each node of `order`. `outer` is the path of node ids, `key` that of layer ids, `prefix`
        the submodule that holds the layers; `values` already holds what the inputs are."""
        into: dict[NodeId, list[Wire]] = {}
        for wire in graph.wires:
            into.setdefault(wire.target, []).append(wire)
        for node_id in order:
            if (node_id, "output") in values:
                continue
            node, path = graph.nodes[node_id], (*outer, node_id)
            layer = layers[node.layer]
            arriving: dict[str, list[fx.Node]] = {}
            for wire in into.get(node_id, []):
                if (wire.source, wire.source_port) in values:
                    arriving.setdefault(wire.target_port, []).append(values[wire.source, wire.source_port])
            if layer.kind == OUTPUT:
                made = {"output": arriving["input"][0]}
            elif layer.kind == BLOCK:
                made = self._block(graph, layer, arriving, path, f"{key}{layer.id}", prefix)
            else:
                made = self._call(graph, layer, arriving, path, f"{key}{layer.id}", prefix)
            for port, value in made.items():
                values[node_id, port] = value
                self.taps[path, port] = value
        return values

    def _block(
        self, graph: Graph, layer: Layer, arriving: dict[str, list[fx.Node]], path: NodePath, key: str, prefix: str
    ) -> dict[str, fx.Node]:
        """All repetitions of a block, one after the other: the n-th output feeds the n-th input of the next."""
        block = self.design.graph.blocks[layer.block or ""]
        ways_in, ways_out = blocks.ports(block)
        layers, order = blocks.inner_layers(block, layer), Topology(block.graph).order
        feeding = [arriving[n.id][0] for n in ways_in]
        container = self._container(graph, layer, key, prefix)
        results: list[fx.Node] = []
        for repetition in range(layer.repeat):
            step = (*path, str(repetition))
            values: Values = {}
            for way, value in zip(ways_in, feeding, strict=True):
                values[way.id, "output"] = value
                self.taps[(*step, way.id), "output"] = value
            inside = f"{container}.{repetition}"
            if inside not in self.used:
                self.used[inside] = set()  # names taken in there
                self.root.get_submodule(container).add_module(str(repetition), torch.nn.Module())
            values = self._inline(block.graph, layers, order, values, step, f"{key}/{repetition}/", inside)
            results = [values[way.id, "output"] for way in ways_out]
            feeding = results[: len(feeding)] + feeding[len(results) :]
        return {way.id: value for way, value in zip(ways_out, results, strict=True)}

    def _container(self, graph: Graph, layer: Layer, key: str, prefix: str) -> str:
        """The submodule that holds a block's repetitions; nodes that share the block's layer share it."""
        if key not in self.containers:
            name = self._name(graph, layer, prefix)
            self.root.get_submodule(prefix).add_module(name.rpartition(".")[2], torch.nn.Module())
            self.containers[key] = name
        return self.containers[key]

    def _name(self, graph: Graph, layer: Layer, prefix: str) -> str:
        """A name from the label of the first node that calls the layer, unique in its container."""
        label = graph.nodes_calling(layer.id)[0].label
        name = safe(label, self.used.setdefault(prefix, set()))
        return f"{prefix}.{name}" if prefix else name

    def _call(
        self, graph: Graph, layer: Layer, arriving: dict[str, list[fx.Node]], path: NodePath, key: str, prefix: str
    ) -> dict[str, fx.Node]:
        spec = catalog.spec(layer.kind)
        if key not in self.names:
            name = self._name(graph, layer, prefix)
            fills = self.report.fills.get(path, {})
            with OwnRandom(seed_of(self.seed, key)):
                made = build.build(spec, build.arguments(spec, layer, fills))
            self.root.get_submodule(prefix).add_module(name.rpartition(".")[2], made)
            self.names[key] = name
            self.stochastic = self.stochastic or spec.stochastic
        call = self.code.call_module(self.names[key], build.call_arguments(spec, arriving))
        self.paths[call.name] = path
        if len(spec.outputs) < 2:  # a loss has no port to wire from, but its number can be looked at
            return {spec.outputs[0].name if spec.outputs else "output": call}
        return {
            port.name: self.code.call_function(operator.getitem, (call, index)) for index, port in enumerate(spec.outputs)
        }

    # -- the two ends ----------------------------------------------------------------
    def _placeholders(self, graph: Graph, order: Iterable[NodeId], kind: str) -> tuple[tuple[NodePath, str], ...]:
        found: list[tuple[NodePath, str]] = []
        for node_id in order:
            layer = graph.layer_of(node_id)
            if layer.kind != kind:
                continue
            name = str(layer.parameters.get("field", ""))
            field = self.data.field(name, target=kind == TARGET) if self.data else None
            label = safe(graph.nodes[node_id].label, self.used.setdefault("placeholders", set()))
            self.taps[(node_id,), "output"] = self.code.placeholder(label)
            found.append(((node_id,), field.name if field else name))
        return tuple(found)

    def _end(
        self, graph: Graph, order: Sequence[NodeId], values: Values, targets: tuple[NodeId, ...]
    ) -> tuple[tuple[LossTerm, ...], tuple[tuple[NodePath, str], ...]]:
        losses: list[LossTerm] = []
        results: list[fx.Node] = []
        predictions: list[fx.Node] = []
        outputs: list[tuple[NodePath, str]] = []
        for node_id in order:
            layer, label = graph.layer_of(node_id), graph.nodes[node_id].label
            if layer.kind == OUTPUT:
                outputs.append(((node_id,), label))
            if layer.kind in (BLOCK, INPUT, TARGET, OUTPUT) or not catalog.spec(layer.kind).is_loss:
                continue
            spec = catalog.spec(layer.kind)
            judged = graph.wires_into(node_id, spec.inputs[0].name)[0]
            by = [w.source for w in graph.wires_into(node_id) if w.source in targets]
            weight = layer.parameters.get("weight_in_sum", 1.0)
            assert isinstance(weight, int | float)
            at = targets.index(by[0]) if by else None
            losses.append(LossTerm((node_id,), label, layer.kind, float(weight), len(predictions), at))
            results.append(values[node_id, "output"])
            predictions.append(values[judged.source, judged.source_port])
        ends = [values[path[0], "output"] for path, _ in outputs] or ([] if losses else _sinks(graph, order, values))
        total = self._sum(results, [term.weight for term in losses])
        self.code.output((total, tuple(results), (*predictions, *ends)))
        return tuple(losses), tuple(outputs)

    def _sum(self, losses: list[fx.Node], weights: list[float]) -> fx.Node | None:
        """The weighted sum; a single loss of weight 1 is itself, without an operation more."""
        total: fx.Node | None = None
        for loss, weight in zip(losses, weights, strict=True):
            term = loss if weight == 1.0 else self.code.call_function(operator.mul, (loss, weight))
            total = term if total is None else self.code.call_function(operator.add, (total, term))
        return total


def _sinks(graph: Graph, order: Sequence[NodeId], values: Values) -> list[fx.Node]:
    """The ends of a network without losses and Output nodes."""
    sources = {w.source for w in graph.wires}
    return [values[n, "output"] for n in order if n not in sources and (n, "output") in values]


def with_module(compiled: Compiled, module: fx.GraphModule) -> Compiled:
    """The same network with another copy of its module."""
    return replace(compiled, module=module)
