"""Design + Report -> one torch.fx GraphModule. Blocks are inlined, however deep and often repeated: the code that runs
is straight, one line a node, and any node can be tapped. A layer that several nodes call is one submodule.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import fx

from engine.catalog import build, catalog
from engine.check.bypass import flowing
from engine.check.report import NodePath, Report
from engine.compile.compiled import Compiled, LossTerm, Tap
from engine.compile.names import safe
from engine.compile.seeding import OwnRandom, seed_of
from engine.data.spec import DataSpec
from engine.errors import DesignError
from engine.graph import blocks
from engine.graph.design import Design
from engine.graph.edits import distinct_labels
from engine.graph.model import BLOCK, INPUT, OUTPUT, TARGET, BlockId, Graph, Layer, LayerId, NodeId, Wire
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
    forward_only: bool = False,
) -> Compiled:
    """The network that `design` draws, ready to train on `device`.

    Only the nodes in `report.trained` are built. First weights are drawn from (`seed`, layer path), so that a layer
    keeps its own when another is added; without `seed` the recipe's is taken. The program's own random state is not
    touched. Raises DesignError where the report has problems that block training.

    `forward_only` builds all nodes whose output is known, sound or not the rest, and leaves losses and targets away.
    """
    if not forward_only and not report.trainable:
        sentences = " ".join(p.sentence() for p in report.blocking)
        raise DesignError(f"This design cannot be compiled. {sentences}", report.blocking)
    graph = design.graph
    chosen = _known(design, report) if forward_only else report.trained
    order = [n for n in Topology(flowing(graph, graph.blocks)).order if n in chosen]
    seed = design.recipe.seed if seed is None else seed
    return _Compiler(design, report, data, seed).compile(order, torch.device(device))


def tapped(compiled: Compiled, taps: Sequence[Tap]) -> fx.GraphModule:
    """`module(*inputs) -> (tensor at each tap, …)`, cut down to what leads there; it shares the compiled submodules
    (so `eval()` on it is `eval()` on them).

    Raises DesignError for a tap that the compiled network does not hold or that needs a target.
    """
    nodes = list(compiled.module.graph.nodes)
    by_name = {node.name: node for node in nodes}
    for tap in taps:
        if compiled.taps.get(tap) not in by_name:
            raise DesignError("This layer takes no part in the network that is compiled, so it computes nothing.")
    wanted = [by_name[compiled.taps[tap]] for tap in taps]
    needed = _ancestors(wanted)
    placeholders = [node for node in nodes if node.op == "placeholder"]
    if needed & set(placeholders[len(compiled.inputs) :]):
        raise DesignError("This layer needs the target, which is not there outside training.")
    needed.update(placeholders[: len(compiled.inputs)])
    graph, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    for node in nodes:
        if node in needed:
            copies[node] = graph.node_copy(node, copies.__getitem__)
    for node, (_, port) in zip(wanted, taps, strict=True):
        keyword = build.FOR_READERS.get(port)
        if keyword is not None and node.target is operator.getitem:
            call = copies[node].all_input_nodes[0]
            call.kwargs = {**call.kwargs, keyword: True}
    graph.output(tuple(copies[node] for node in wanted))
    return fx.GraphModule(compiled.module, graph, class_name="Tapped")


def _ancestors(nodes: Iterable[fx.Node]) -> set[fx.Node]:
    """The nodes themselves and all that they are computed from."""
    found = set(nodes)
    waiting = list(found)
    while waiting:
        for source in waiting.pop().all_input_nodes:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return found


def _known(design: Design, report: Report) -> set[NodeId]:
    """The nodes whose every output the report knows, and what they come from; neither losses nor targets."""
    graph, found = flowing(design.graph, design.graph.blocks), set[NodeId]()
    topology = Topology(graph)
    for node in topology.order:
        layer = graph.layer_of(node)
        names = [port.name for port in catalog.ports(graph, layer)[1]] or ["output"]
        if layer.kind == TARGET or not all(((node,), name) in report.outputs for name in names):
            continue
        if layer.kind == BLOCK or not catalog.spec(layer.kind).is_loss:
            found.add(node)
    return {n for n in found if all(w.source in found for w in topology.into[n])}


class _Compiler:
    def __init__(self, design: Design, report: Report, data: DataSpec | None, seed: int):
        self.design, self.report, self.data, self.seed = design, report, data, seed
        self.root, self.code = torch.nn.Module(), fx.Graph()
        self.names: dict[str, str] = {}  # by layer path: its submodule
        self.containers: dict[str, str] = {}  # by layer path of a block: the submodule of its repetitions
        self.taken: dict[str, set[str]] = {}  # by container: the names in it
        self.arguments: set[str] = set()  # the names of the module's own arguments
        self.bodies: dict[BlockId, tuple[Graph, tuple[NodeId, ...]]] = {}  # with the order of their nodes
        self.taps: dict[Tap, fx.Node] = {}
        self.paths: dict[str, NodePath] = {}
        self.stochastic = False

    def compile(self, order: Sequence[NodeId], device: torch.device) -> Compiled:
        graph = self.design.graph
        inputs = self._placeholders(graph, order, INPUT)
        targets = self._placeholders(graph, order, TARGET)
        given = {(path[0], "output"): self.taps[path, "output"] for path, _ in (*inputs, *targets)}
        graph = flowing(graph, graph.blocks)
        values = self._inline(graph, graph.layers, order, given, (), "", "")
        losses, outputs = self._end(graph, order, values, [path[0] for path, _ in targets])
        self.code.lint()
        module = fx.GraphModule(self.root, self.code, class_name="Network").to(device)
        return Compiled(
            design=self.design,
            module=module,
            inputs=inputs,
            targets=targets,
            losses=losses,
            outputs=outputs,
            names=self.names,
            taps={tap: node.name for tap, node in self.taps.items()},
            paths=self.paths,
            stochastic=self.stochastic,
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
        the submodule that holds the layers; `values` already holds what the inputs are. `graph` has no wires that
        bypassed nodes do not read: such a node is no line, its outputs are what arrives."""
        into: dict[NodeId, list[Wire]] = {}
        read: dict[NodeId, set[str]] = {}  # output ports that a wire leaves
        for wire in graph.wires:
            into.setdefault(wire.target, []).append(wire)
            read.setdefault(wire.source, set()).add(wire.source_port)
        for node_id in order:
            if (node_id, "output") in values:
                continue
            node, path = graph.nodes[node_id], (*outer, node_id)
            layer = layers[node.layer]
            arriving: dict[str, list[fx.Node]] = {}
            for wire in into.get(node_id, []):
                if (wire.source, wire.source_port) in values:
                    arriving.setdefault(wire.target_port, []).append(values[wire.source, wire.source_port])
            if node.bypassed:
                (passed,) = (value for values_at in arriving.values() for value in values_at)
                made = {port.name: passed for port in catalog.ports(self.design.graph, layer)[1]}
            elif layer.kind == OUTPUT:
                made = {"output": arriving["input"][0]}
            elif layer.kind == BLOCK:
                made = self._block(layer, node.label, arriving, path, f"{key}{layer.id}", prefix)
            else:
                name = self._submodule(layer, node.label, path, f"{key}{layer.id}", prefix)
                made = self._call(layer, name, arriving, path, read.get(node_id, set()))
            for port, value in made.items():
                values[node_id, port] = value
                self.taps[path, port] = value
        return values

    def _block(
        self, layer: Layer, label: str, arriving: dict[str, list[fx.Node]], path: NodePath, key: str, prefix: str
    ) -> dict[str, fx.Node]:
        """All repetitions of a block, one after the other: the n-th output feeds the n-th input of the next."""
        block = self.design.graph.blocks[layer.block or ""]
        ways_in, ways_out = blocks.ports(block)
        layers = blocks.inner_layers(block, layer)
        if block.id not in self.bodies:
            body = flowing(block.graph, self.design.graph.blocks)
            self.bodies[block.id] = body, Topology(body).order
        if key not in self.containers:
            self.containers[key] = self._container(prefix, safe(label, self.taken.setdefault(prefix, set())))
        feeding = [arriving[way.id][0] for way in ways_in]
        results: list[fx.Node] = []
        for repetition in range(layer.repeat):
            step = (*path, str(repetition))
            values: Values = {}
            for way, value in zip(ways_in, feeding, strict=True):
                values[way.id, "output"] = value
                self.taps[(*step, way.id), "output"] = value
            inside = self._container(self.containers[key], str(repetition))
            body, order = self.bodies[block.id]
            values = self._inline(body, layers, order, values, step, f"{key}/{repetition}/", inside)
            results = [values[way.id, "output"] for way in ways_out]
            feeding = results[: len(feeding)] + feeding[len(results) :]
        return {way.id: value for way, value in zip(ways_out, results, strict=True)}

    def _container(self, prefix: str, name: str) -> str:
        """A submodule that only holds others; it may be there already (of a block that nodes share)."""
        holder = self.root.get_submodule(prefix)
        if name not in dict(holder.named_children()):
            holder.add_module(name, torch.nn.Module())
        return f"{prefix}.{name}" if prefix else name

    def _submodule(self, layer: Layer, label: str, path: NodePath, key: str, prefix: str) -> str:
        """The submodule that a layer is; built where no node has called it before, and then named after that node."""
        if key not in self.names:
            spec = catalog.spec(layer.kind)
            with OwnRandom(seed_of(self.seed, key)):
                built = build.build(spec, build.arguments(spec, layer, self.report.fills.get(path, {})))
            name = safe(label, self.taken.setdefault(prefix, set()))
            self.root.get_submodule(prefix).add_module(name, built)
            self.names[key] = f"{prefix}.{name}" if prefix else name
            self.stochastic = self.stochastic or spec.stochastic
        return self.names[key]

    def _call(
        self, layer: Layer, name: str, arriving: dict[str, list[fx.Node]], path: NodePath, read: set[str]
    ) -> dict[str, fx.Node]:
        """One call of a layer: its outputs by port. A loss has no port to wire from, but it can be looked at."""
        spec = catalog.spec(layer.kind)
        call = self.code.call_module(name, build.call_arguments(spec, arriving), {**build.call_keywords(spec, read)})
        self.paths[call.name] = path
        if len(spec.outputs) < 2:
            return build.results(spec, call)
        return {p.name: self.code.call_function(operator.getitem, (call, i)) for i, p in enumerate(spec.outputs)}

    # -- the two ends ----------------------------------------------------------------
    def _placeholders(self, graph: Graph, order: Iterable[NodeId], kind: str) -> tuple[tuple[NodePath, str], ...]:
        found: list[tuple[NodePath, str]] = []
        for node_id in order:
            layer = graph.layer_of(node_id)
            if layer.kind != kind:
                continue
            name = str(layer.parameters.get("field", ""))
            field = self.data.field(name, target=kind == TARGET) if self.data else None
            label = safe(graph.nodes[node_id].label, self.arguments)
            self.taps[(node_id,), "output"] = self.code.placeholder(label)
            found.append(((node_id,), field.name if field else name))
        return tuple(found)

    def _end(
        self, graph: Graph, order: Sequence[NodeId], values: Values, targets: Sequence[NodeId]
    ) -> tuple[tuple[LossTerm, ...], tuple[tuple[NodePath, str], ...]]:
        """Write what the module returns: (sum of the losses, each of them, what they judge and the named outputs)."""
        losses: list[LossTerm] = []
        predictions: list[fx.Node] = []
        outputs: list[tuple[NodePath, str]] = []
        for node_id in order:
            layer, label = graph.layer_of(node_id), graph.nodes[node_id].label
            if layer.kind == OUTPUT:
                outputs.append(((node_id,), label))
            elif layer.kind != BLOCK and (spec := catalog.spec(layer.kind)).is_loss:
                wires = graph.wires_into(node_id)
                judged = next(w for w in wires if w.target_port == spec.inputs[0].name)
                right = [values.get((w.source, w.source_port)) for w in wires]  # a bypassed node on the way is no line
                by = next((i for i, n in enumerate(targets) if values[n, "output"] in right), None)
                weight = float(_number(layer.parameters.get("weight_in_sum", 1.0)))
                losses.append(LossTerm((node_id,), label, layer.kind, weight, len(predictions), by))
                predictions.append(values[judged.source, judged.source_port])
        results = [values[term.path[0], "output"] for term in losses]
        ends = [values[path[0], "output"] for path, _ in outputs] or ([] if losses else _sinks(graph, order, values))
        total = self._sum(results, [term.weight for term in losses])
        self.code.output((total, tuple(results), (*predictions, *ends)))
        names = distinct_labels({term.path[0]: term.label for term in _as_placed(losses, graph)})
        return tuple(replace(term, label=names[term.path[0]]) for term in losses), tuple(outputs)

    def _sum(self, losses: list[fx.Node], weights: list[float]) -> fx.Node | None:
        """The weighted sum; a single loss of weight 1 is itself, without an operation more."""
        total: fx.Node | None = None
        for loss, weight in zip(losses, weights, strict=True):
            term = loss if weight == 1.0 else self.code.call_function(operator.mul, (loss, weight))
            total = term if total is None else self.code.call_function(operator.add, (total, term))
        return total


def _number(value: object) -> int | float:
    return value if isinstance(value, int | float) else 1.0


def _as_placed(losses: Sequence[LossTerm], graph: Graph) -> list[LossTerm]:
    """In the order of the graph's nodes, which whoever shows a design knows too. Under its label a loss has its column
    in the history: of several with one label the later ones get a number."""
    terms = {term.path[0]: term for term in losses}
    return [terms[node] for node in graph.nodes if node in terms]


def _sinks(graph: Graph, order: Sequence[NodeId], values: Values) -> list[fx.Node]:
    """The ends of a network without losses and Output nodes: all that feeds nothing else."""
    built = set(order)
    sources = {w.source for w in graph.wires if w.target in built}
    ends = {n for n in order if n not in sources and graph.layer_of(n).kind not in (INPUT, TARGET)}
    return [value for (node, _), value in values.items() if node in ends]
