"""A graph laid open for checking: what each node calls, its ports, the wires at each port, its parameters made whole.

The body of a block is such a part too. Nothing here knows shapes or torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from engine.catalog import catalog
from engine.catalog.spec import LayerSpec, ParameterSpec, PortSpec
from engine.check import bypass
from engine.check.report import Fix, NodePath, Problem, Severity
from engine.errors import ParameterError, UnknownName
from engine.graph.frozen import Frozen
from engine.graph.labels import with_names
from engine.graph.model import BLOCK, Block, BlockId, Graph, Layer, LayerId, Node, NodeId, Value, Wire
from engine.graph.topology import Topology


@dataclass(frozen=True, slots=True)
class Fault:
    """A parameter that cannot be as it is; `why` is a sentence. `unknown` ones the layer does not have at all."""

    parameter: str
    title: str
    value: Value
    why: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """A layer's row and its parameters: `given` are those that were set and are sound, `values` the defaults besides.
    What the incoming shape fills is in neither.

    `spec` is None where the kind is unknown (`why` says so, `close` is the nearest kind) and for blocks.
    """

    spec: LayerSpec | None
    values: Frozen[str, Value] = field(default_factory=Frozen[str, Value])
    given: Frozen[str, Value] = field(default_factory=Frozen[str, Value])
    faults: tuple[Fault, ...] = ()
    why: str = ""
    close: str | None = None


@lru_cache(maxsize=16384)
def settings(kind: str, parameters: Frozen[str, Value]) -> Settings:
    """A catalogue layer's parameters, each judged by the catalogue."""
    try:
        spec = catalog.spec(kind)
    except UnknownName as error:
        return Settings(None, why=str(error), close=error.close)
    given, faults = judge(spec.parameters, parameters, spec.title)
    defaults = {p.name: p.default for p in spec.parameters if not p.filled}
    return Settings(spec, Frozen({**defaults, **given}), given, faults)


def judge(
    specs: tuple[ParameterSpec, ...], given: Mapping[str, Value], title: str
) -> tuple[Frozen[str, Value], tuple[Fault, ...]]:
    """The sound ones of the given values as the catalogue wants them, and what is wrong with the others."""
    rows = {p.name: p for p in specs}
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for name, value in given.items():
        row = rows.get(name)
        if row is None:
            why = str(UnknownName(f"parameter of {title}", name, [n for n, p in rows.items() if not p.filled]))
            faults.append(Fault(name, name, value, why, unknown=True))
        elif row.filled:
            continue  # what arrives decides
        elif not _finite(value):
            faults.append(Fault(name, row.title, value, f"{row.title} is {value}; it has to be an ordinary number."))
        else:
            try:
                values[name] = catalog.validate(row, value)
            except ParameterError as error:
                faults.append(Fault(name, row.title, value, str(error)))
    return Frozen(values), tuple(faults)


def _finite(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(_finite(item) for item in value)
    return not isinstance(value, float) or math.isfinite(value)


@dataclass(frozen=True, slots=True)
class Call:
    """One node: its layer, its ports, and the wires that enter each port."""

    node: Node
    layer: Layer
    settings: Settings
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...]
    wires: Mapping[str, list[Wire]]
    passes: bool = False  # bypassed: the layer is taken for an Identity, with one input and the outputs that it has

    @property
    def spec(self) -> LayerSpec | None:
        return self.settings.spec

    @property
    def is_block(self) -> bool:
        return self.layer.kind == BLOCK

    @property
    def is_loss(self) -> bool:
        return self.spec is not None and self.spec.is_loss

    @property
    def title(self) -> str:
        return self.spec.title if self.spec else self.layer.kind


@dataclass(frozen=True, slots=True)
class Site:
    """Where a part stands in the design: the path of the block call that holds it, or nothing at the top."""

    prefix: NodePath = ()
    trail: str = ""  # labels of the blocks around, as ‘block1 › ’
    block: BlockId | None = None

    def path(self, node: NodeId) -> NodePath:
        return (*self.prefix, node)

    def inside(self, call: Call, repetition: int) -> Site:
        prefix = (*self.prefix, call.node.id, str(repetition))
        return Site(prefix, f"{self.trail}{call.node.label} › ", call.layer.block)

    def name(self, call: Call) -> str:
        return self.trail + call.node.label

    def placed(self, fix: Fix) -> Fix:
        """The fix, told in which block it is to be made."""
        return fix if self.block is None else fix.naming(block=self.block)

    def problem(
        self,
        code: str,
        severity: Severity,
        call: Call,
        what: str,
        why: str,
        *,
        port: str | None = None,
        parameter: str | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> Problem:
        """A problem at a node of this part."""
        fixes = tuple(map(self.placed, fixes))
        path = self.path(call.node.id)
        return Problem(code, severity, what, why, path[0], port, parameter, path, fixes)


def fix(kind: str, label: str, **arguments: Value) -> Fix:
    return Fix(kind, label, Frozen(arguments))


def ends(wire: Wire) -> dict[str, Value]:
    """A wire as arguments of a fix."""
    return {
        "source": wire.source,
        "source_port": wire.source_port,
        "target": wire.target,
        "target_port": wire.target_port,
    }


@dataclass
class Part:
    """A graph with its topology and the calls of its nodes. `broken` nodes have a structural error of their own. Wires
    that a bypassed node does not read are not in it."""

    graph: Graph
    topology: Topology
    calls: dict[NodeId, Call]
    broken: set[NodeId] = field(default_factory=set[NodeId])

    def source(self, wire: Wire) -> Call:
        return self.calls[wire.source]


def lay_open(graph: Graph, blocks: Frozen[BlockId, Block]) -> Part:
    """`graph` is the top graph or a block's; `blocks` are the top graph's. The nodes of the part are labelled as they
    are spoken of: whatever is said of them tells those apart that have the same label."""
    graph = bypass.flowing(with_names(graph), blocks)
    topology = Topology(graph)
    whole = graph if graph.blocks is blocks else replace(graph, blocks=blocks)
    calls: dict[NodeId, Call] = {}
    found: dict[LayerId, tuple[Settings, tuple[PortSpec, ...], tuple[PortSpec, ...]]] = {}
    for node in graph.nodes.values():
        layer = graph.layers[node.layer]
        if layer.id not in found:
            found[layer.id] = _ports(whole, layer)
        known, inputs, outputs = found[layer.id]
        wires: dict[str, list[Wire]] = {}
        for wire in topology.into[node.id]:
            wires.setdefault(wire.target_port, []).append(wire)
        port = bypass.first_port(whole, layer) if node.bypassed else None
        if port is None:
            calls[node.id] = Call(node, layer, known, inputs, outputs, wires)
        else:
            passing = bypass.taken_for(layer)
            known = settings(passing.kind, passing.parameters)
            calls[node.id] = Call(node, passing, known, (port,), outputs, wires, passes=True)
    return Part(graph, topology, calls)


def _ports(graph: Graph, layer: Layer) -> tuple[Settings, tuple[PortSpec, ...], tuple[PortSpec, ...]]:
    if layer.kind == BLOCK:
        if layer.block not in graph.blocks:
            return Settings(None), (), ()
        inputs, outputs = catalog.ports(graph, layer)
        return Settings(None), inputs, outputs
    known = settings(layer.kind, layer.parameters)
    if known.spec is None:
        return known, (), ()
    return known, known.spec.inputs, known.spec.outputs
