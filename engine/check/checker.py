"""From a design to what is true of it. `check` is a pure function of its arguments; any thread may call it.

What the wiring tells needs no torch; shapes import it when the first layer is inferred. Results of layers are kept by
value, so that after an edit only what lies downstream of it is inferred anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from engine.check import expect, judging, limits, loose, needs, shapes, structure
from engine.check.expect import Arrival, fills_of
from engine.check.objection import Objection
from engine.check.parts import Call, Part, Site, fix, lay_open, settings
from engine.check.report import Cost, Fix, NodePath, Problem, Report, TensorSpec
from engine.check.words import listed, sizes, tensor
from engine.data.spec import DataSpec
from engine.graph import blocks as inside
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, OUTPUT, TARGET, Block, BlockId, Layer, LayerId, NodeId, Value
from engine.graph.recipe import SUPERVISED

Tensors = dict[tuple[NodeId, str], TensorSpec]  # what is known at the output ports of one part
MOST_TIED = 100  # open inputs that get a remedy; nobody reads more


def check(design: Design, data: DataSpec | None = None) -> Report:
    """Shapes, costs and problems of a design, on these data (None: not chosen, or not open yet)."""
    return _Check(design, data).report()


class _Check:
    """One check under way: what has been found so far."""

    def __init__(self, design: Design, data: DataSpec | None):
        self.design, self.data = design, data
        self.blocks: Frozen[BlockId, Block] = design.graph.blocks
        self.part = lay_open(design.graph, self.blocks)
        self.outputs: dict[tuple[NodePath, str], TensorSpec] = {}
        self.fills: dict[NodePath, Frozen[str, Value]] = {}
        self.costs: dict[NodePath, Cost] = {}
        self.problems: list[Problem] = []
        self.weights: dict[NodePath, int] = {}  # parameters of the layer at each node, shared ones too
        self.shared: dict[str, tuple[Frozen[str, Value], str]] = {}  # layer path: fills and name at its first call
        self.depths: dict[NodeId, int] = {}
        self._seen: set[tuple[str, NodePath]] = set()

    def report(self) -> Report:
        top = Site()
        self._add(needs.problems_of(self.part, self.design, self.data))
        self._add(structure.problems_of(self.part, top, self.blocks))
        self._add(loose.problems_of(self.part, top))
        self.part.broken.update(p.node for p in self.problems if p.node is not None and p.severity == "error")
        self._walk(self.part, top, "", dict(self.design.graph.layers), {})
        self._losses()
        self._memory()
        self._tie_in()
        return self._finished()

    def _add(self, problems: Iterable[Problem]) -> None:
        """Repetitions of a block have the same problems: the first one is enough."""
        for problem in problems:
            key = (problem.code + problem.what, _without_repetitions(problem.path))
            if key not in self._seen:
                self._seen.add(key)
                self.problems.append(problem)

    # -- shapes, in topological order -------------------------------------------------
    def _walk(
        self, part: Part, site: Site, key: str, layers: Mapping[LayerId, Layer], given: Mapping[NodeId, TensorSpec]
    ) -> Tensors:
        """Infer all nodes of a part. `key` is the layer path up to it, `layers` are its layers with what promoted
        parameters set, `given` the tensors at its Input nodes (of a block)."""
        tensors: Tensors = {}
        for node in part.topology.order:
            call = part.calls[node]
            if node in part.topology.unordered or node in part.broken:
                continue
            layer = call.layer if call.passes else layers[call.layer.id]
            if layer is not call.layer:
                call = replace(call, layer=layer, settings=settings(layer.kind, layer.parameters))
            if call.passes:
                found = self._passed(part, call, site, tensors)
            elif call.is_block:
                found = self._block(part, call, site, f"{key}{layer.id}", tensors)
            elif layer.kind in (INPUT, TARGET):
                entering = given.get(node) if site.prefix else needs.tensor_of(call, self.data)
                found = {"output": entering} if entering is not None else {}
            else:
                found = self._layer(part, call, site, f"{key}{layer.id}", tensors)
            for name, spec in found.items():
                tensors[node, name] = self.outputs[site.path(node), name] = spec
        return tensors

    def _arrivals(self, part: Part, call: Call, site: Site, tensors: Tensors) -> list[Arrival] | None:
        """What arrives at a node, in the order of its ports; None where some of it is not known."""
        found: list[Arrival] = []
        for port in call.inputs:
            for wire in call.wires.get(port.name, ()):
                spec = tensors.get((wire.source, wire.source_port))
                if spec is None:
                    return None
                found.append(Arrival(port, wire, site.name(part.source(wire)), spec))
        return found

    def _passed(self, part: Part, call: Call, site: Site, tensors: Tensors) -> dict[str, TensorSpec]:
        """A bypassed node: what arrives stands at each of its outputs."""
        arrivals = self._arrivals(part, call, site, tensors)
        return {port.name: arrivals[0].spec for port in call.outputs} if arrivals else {}

    def _layer(self, part: Part, call: Call, site: Site, key: str, tensors: Tensors) -> dict[str, TensorSpec]:
        """One layer of the catalogue: its outputs by port, or none where it refuses what arrives."""
        arrivals = self._arrivals(part, call, site, tensors)
        if arrivals is None:
            return {}
        if call.layer.kind == OUTPUT:
            return {"output": arrivals[0].spec}
        fills = fills_of(call, arrivals)
        values = {**call.settings.values, **fills}
        objection = expect.objection(call, values, arrivals) or self._sharing(call, site, key, fills)
        objection = objection or expect.alone(call, values, arrivals, self._batch())
        if objection is None:
            objection, outputs = self._infer(call, site, key, fills, arrivals)
            if objection is None:
                return outputs
        self._object(call, site, objection)
        return {}

    def _infer(
        self, call: Call, site: Site, key: str, fills: Frozen[str, Value], arrivals: list[Arrival]
    ) -> tuple[Objection | None, dict[str, TensorSpec]]:
        entering = tuple((a.port.name, a.spec) for a in arrivals)
        found = shapes.infer(call.layer.kind, call.settings.given, fills, entering)
        if isinstance(found, shapes.Refused):
            return _refusal(call, fills, arrivals, found), {}
        path = site.path(call.node.id)
        if fills:
            self.fills[path] = fills
        first = key not in self.shared
        if first:
            self.shared[key] = (fills, site.name(call))
        self.weights[path] = found.parameters
        self.costs[path] = Cost(found.parameters if first else 0, found.multiply_adds)
        return None, {name: expect.passed_on(call, spec, arrivals) for name, spec in found.outputs}

    def _sharing(self, call: Call, site: Site, key: str, fills: Frozen[str, Value]) -> Objection | None:
        """Nodes that share a layer share its weights: what arrives has to fill the same sizes."""
        known = self.shared.get(key)
        if known is None or known[0] == fills:
            return None
        here = ", ".join(f"{name} {value}" for name, value in fills.items())
        there = ", ".join(f"{name} {value}" for name, value in known[0].items())
        why = f"They share weights, but what arrives makes {there} at {known[1]} and {here} here."
        return Objection("shared-mismatch", f"{site.name(call)} cannot share the layer of {known[1]}.", why)

    def _object(self, call: Call, site: Site, found: Objection) -> None:
        what = found.what.replace(call.node.label, site.name(call), 1)
        problem = site.problem(
            found.code, found.severity, call, what, found.why, port=found.port, parameter=found.parameter,
            fixes=found.fixes,
        )  # fmt: skip
        self._add([problem])

    # -- blocks -----------------------------------------------------------------------
    def _block(self, part: Part, call: Call, site: Site, key: str, tensors: Tensors) -> dict[str, TensorSpec]:
        """Unfold a block: each repetition takes what the one before it gives."""
        arrivals = self._arrivals(part, call, site, tensors)
        assert call.layer.block is not None
        block = self.blocks[call.layer.block]
        body = _body(block, self.blocks)
        layers = inside.inner_layers(block, call.layer)
        for problem in _body_problems(block, self.blocks, site.inside(call, 0)):
            self._add([problem])
            if problem.severity == "error":
                part.broken.add(call.node.id)
        if arrivals is None:
            return {}
        entering: list[TensorSpec | None] = [None] * len(call.inputs)
        for arrival in arrivals:
            entering[call.inputs.index(arrival.port)] = arrival.spec
        leaving: list[TensorSpec | None] = []
        for repetition in range(call.layer.repeat):
            given = {port.name: spec for port, spec in zip(call.inputs, entering, strict=True) if spec is not None}
            count = len(self.problems)
            found = self._walk(body, site.inside(call, repetition), f"{key}/{repetition}/", layers, given)
            if any(p.severity == "error" for p in self.problems[count:]):
                part.broken.add(call.node.id)
            leaving = [found.get((port.name, "output")) for port in call.outputs]
            entering = leaving[: len(entering)] + entering[len(leaving) :]
        return {port.name: spec for port, spec in zip(call.outputs, leaving, strict=True) if spec is not None}

    # -- losses -----------------------------------------------------------------------
    def _losses(self) -> None:
        classes: dict[NodeId, int] = {}
        for node, call in self.part.calls.items():
            if call.layer.kind == TARGET:
                field = needs.chosen_field(call, self.data)
                classes[node] = len(field.classes) if field is not None else 0
        # What is refused already has scores of a wrong shape: they are not counted too.
        refused = {p.node for p in self.problems if p.severity == "error"}
        for node, call in self.part.calls.items():
            if call.is_loss and node not in refused:
                for found in (
                    judging.class_count(self.part, call, self.outputs, classes, self.blocks),
                    judging.softmax_before(self.part, call),
                ):
                    if found is not None:
                        self._object(call, Site(), found)

    # -- open inputs ------------------------------------------------------------------
    def _tie_in(self) -> None:
        """Give open inputs their remedies: what fits there is known only now. The end that such a remedy would take up
        is the other side of one gap and no problem besides; nor is a target that a loss misses."""
        taken: set[NodePath] = set()
        known: dict[NodePath, loose.Tensors] = {}
        room = MOST_TIED
        for index, problem in enumerate(self.problems):
            if problem.code not in ("missing-wire", "too-few-wires") or not problem.port or room == 0:
                continue
            prefix, node = problem.path[:-1], problem.path[-1]
            if problem.fixes:  # a loss without its target
                calls = self.part.calls.items()
                taken |= {(n,) for n, c in calls if c.layer.kind == TARGET and not self.part.topology.out[n]}
                continue
            room -= 1
            if prefix not in known:
                outputs = self.outputs.items()
                known[prefix] = {(path[-1], port): spec for (path, port), spec in outputs if path[:-1] == prefix}
            part, site = self._site(prefix)
            fixes = loose.for_open_port(part, site, node, problem.port, known[prefix])
            taken |= {(*prefix, str(each.arguments["source"])) for each in fixes if each.kind == "connect"}
            self.problems[index] = replace(problem, fixes=tuple(map(site.placed, fixes)))
        self.problems = [p for p in self.problems if p.code != "dangling" or p.path not in taken]
        for index, problem in enumerate(self.problems):
            if problem.code == "no-loss":
                tensors = {(path[0], port): spec for (path, port), spec in self.outputs.items() if len(path) == 1}
                judged = loose.prediction(self.part, {path[0] for path in taken if len(path) == 1}, tensors)
                fixes = tuple(f if judged is None else f.naming(node=judged) for f in problem.fixes)
                self.problems[index] = replace(problem, fixes=fixes)

    def _site(self, prefix: NodePath) -> tuple[Part, Site]:
        """The part at a path: the top, or the body of a block in one of its repetitions."""
        part, site = self.part, Site()
        for node, repetition in zip(prefix[::2], prefix[1::2], strict=True):
            call = part.calls[node]
            assert call.layer.block is not None
            part, site = _body(self.blocks[call.layer.block], self.blocks), site.inside(call, int(repetition))
        return part, site

    # -- the whole --------------------------------------------------------------------
    def _batch(self) -> int | None:
        """How many samples a step takes; None where the recipe does not tell (its own problems say so)."""
        batch: object = self.design.recipe.batch_size
        if not isinstance(batch, int) or batch < 1:
            return None
        return min(batch, self.data.train) if self.data is not None and self.data.train > 0 else batch

    def _memory(self) -> None:
        losses = [n for n, call in self.part.calls.items() if call.is_loss]
        wrong = {p.node for p in self.problems if p.severity == "error" and p.node is not None}
        trained = self._trained(losses, wrong)
        self._add(limits.problems_of(self.part, self.costs, self.outputs, self._batch() or 1, trained))

    def _finished(self) -> Report:
        part, topology = self.part, self.part.topology
        losses = [n for n, call in part.calls.items() if call.is_loss]
        supervised = self.design.recipe.kind == SUPERVISED
        judged = topology.before(losses)
        wrong = {p.node for p in self.problems if p.severity == "error" and p.node is not None}
        problems = [
            p
            if p.severity != "error" or p.node is None or p.node in judged or not losses
            else replace(p, blocking=False)
            for p in self.problems
        ]
        trained = self._trained(losses, wrong)
        parameters = sum(cost.parameters for cost in self.costs.values())
        if supervised and losses and not any(p.severity == "error" and p.blocking for p in problems):
            learning = any(count for path, count in self.weights.items() if path[0] in trained)
            if not learning and self._all_known(trained):
                why = "None of the layers before the loss has weights, so training could change nothing."
                problems.append(Problem("nothing-to-learn", "error", "The design has nothing to learn.", why))
        problems.sort(key=lambda p: p.urgency)
        return Report(
            outputs=Frozen(self.outputs),
            fills=Frozen(self.fills),
            costs=Frozen(self.costs),
            problems=tuple(problems),
            order=topology.order,
            trained=trained,
            depth=self._depth(),
            parameters=parameters,
            multiply_adds=sum(cost.multiply_adds for cost in self.costs.values()),
        )

    def _trained(self, losses: list[NodeId], wrong: set[NodeId]) -> frozenset[NodeId]:
        """The nodes of a run: what leads to sound losses and Output nodes; without those, all that is sound."""
        topology = self.part.topology
        unsound = topology.after(wrong)
        ends = [n for n, c in self.part.calls.items() if (c.is_loss or c.layer.kind == OUTPUT) and n not in unsound]
        if not losses and not ends:
            return frozenset(n for n in topology.order if n not in unsound)
        return topology.before(ends)

    def _all_known(self, nodes: Iterable[NodeId]) -> bool:
        """Whether the layers among `nodes` could all be inferred (so that their parameters are counted)."""
        idle = (INPUT, TARGET, OUTPUT)
        calls = (self.part.calls[n] for n in nodes)
        return all(c.layer.kind in idle or c.is_loss or c.is_block or (c.node.id,) in self.costs for c in calls)

    def _depth(self) -> int:
        """The longest path of layers with weights, blocks unfolded."""
        return _longest(self.part, self.blocks)


def _refusal(call: Call, fills: Frozen[str, Value], arrivals: list[Arrival], found: shapes.Refused) -> Objection:
    """Where no rule of ours speaks: what arrived, and PyTorch's last line."""
    if found.unbuilt:
        return Objection("bad-parameters", f"{call.node.label} cannot be built.", found.reason)
    sent = listed(f"{a.sender} sends {tensor(a.spec)}" for a in arrivals) or "nothing arrives"
    if found.mixed:
        why = f"The result would depend on how many samples are in a batch: {sent}."
        return Objection("batch-mixed", f"{call.node.label} mixes the samples.", why)
    port = call.inputs[0].name if call.inputs else None
    if found.empty is not None:
        why = (
            f"{sent[0].upper()}{sent[1:]}: with its settings {sizes(found.empty.shape)} would come out, not one number."
        )
        what = f"{call.node.label} leaves nothing of its input."
        return Objection("empty-result", what, why, port, fixes=_without_one_setting(call, fills, arrivals))
    known = {**call.settings.values}
    essential = [p for p in call.spec.parameters if p.essential and known.get(p.name) is not None] if call.spec else []
    chosen = ", ".join(f"{p.name} {known[p.name]}" for p in essential)
    works = f"{call.title} ({chosen})" if chosen else call.title
    why = f"{works} does not suit what arrives: {sent}. PyTorch says: {found.reason.rstrip('.')}."
    return Objection("does-not-fit", f"{call.node.label} cannot accept its input.", why, port)


def _without_one_setting(call: Call, fills: Frozen[str, Value], arrivals: list[Arrival]) -> tuple[Fix, ...]:
    """The first parameter at whose default something would come out."""
    entering = tuple((a.port.name, a.spec) for a in arrivals)
    given = call.settings.given
    for name in given:
        others = Frozen({n: v for n, v in given.items() if n != name})
        row = call.spec.parameter(name) if call.spec else None
        if row is None:
            continue
        if isinstance(shapes.infer(call.layer.kind, others, fills, entering), shapes.Found):
            return (fix("reset_parameter", f"Reset {row.title}", node=call.node.id, name=name),)
    return ()


def _without_repetitions(path: NodePath) -> NodePath:
    return path[::2]


# -- bodies of blocks, laid open once -------------------------------------------------------------------------------
@lru_cache(maxsize=256)
def _body_cached(block: Block, blocks: Frozen[BlockId, Block]) -> tuple[Part, frozenset[NodeId]]:
    part = lay_open(block.graph, blocks)
    for _ in structure.problems_of(part, Site((), "", block.id), blocks):
        pass  # marks the broken nodes
    return part, frozenset(part.broken)


def _body(block: Block, blocks: Frozen[BlockId, Block]) -> Part:
    """A block's body with its own set of broken nodes."""
    part, broken = _body_cached(block, blocks)
    return Part(part.graph, part.topology, part.calls, set(broken))


def _body_problems(block: Block, blocks: Frozen[BlockId, Block], site: Site) -> list[Problem]:
    part = _body(block, blocks)
    return [*structure.problems_of(part, site, blocks), *loose.problems_of(part, site)]


def _longest(part: Part, blocks: Frozen[BlockId, Block]) -> int:
    depths: dict[NodeId, int] = {}
    for node in part.topology.order:
        call = part.calls[node]
        if call.is_block:
            block = blocks.get(call.layer.block or "")
            size = structure.unfolded(call.layer, blocks)
            whole = block is not None and size is not None and size <= structure.MOST_NODES
            own = _longest(_body(block, blocks), blocks) * max(call.layer.repeat, 1) if block and whole else 0
        else:
            own = 1 if call.spec is not None and call.spec.has_weights else 0
        before = (depths.get(w.source, 0) for wires in call.wires.values() for w in wires)
        depths[node] = own + max(before, default=0)
    return max(depths.values(), default=0)
