"""The graph as a value: layers, nodes (one call of a layer each), wires, and blocks (a graph used as a layer).

Ids are stable and mean nothing; labels are for people. Weights and history are keyed by layer id and block path,
so renaming or rewiring never loses them. Two nodes may name the same layer: they share its weights.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from engine.graph import naming
from engine.graph.frozen import Frozen

# A parameter's value as a person edits it and as the file stores it.
Value = None | bool | int | float | str | tuple["Value", ...]

NodeId = str
LayerId = str
BlockId = str

MOST_REPEATS = 1_000  # copies of a block, one after the other
BLOCK = "Block"  # the kind of a layer whose body is a Block
LONGEST_TEXT = 1_000_000  # of a note

INPUT, TARGET, OUTPUT = "Input", "Target", "Output"


def new_id() -> str:
    """A fresh id: 12 hexadecimal digits, starting with a letter so that it can stand in a path."""
    return "n" + uuid.uuid4().hex[:11]


@dataclass(frozen=True, slots=True)
class Layer:
    """What is learned or computed. `kind` is a name of the catalogue, or BLOCK, whose body is `graph.blocks[block]`.

    `parameters` holds only what a person set; defaults and what the incoming shape fills are not stored.
    For a block they are its promoted parameters. `repeat` (blocks only) chains that many copies, each with its
    own weights.
    """

    id: LayerId
    kind: str
    parameters: Frozen[str, Value] = field(default_factory=Frozen[str, Value])
    block: BlockId | None = None
    repeat: int = 1

    def with_parameter(self, name: str, value: Value) -> Layer:
        return replace(self, parameters=self.parameters.with_item(name, value))


@dataclass(frozen=True, slots=True)
class Node:
    """One call of a layer. `label` is the only name a person sees; it need not be unique.

    A `bypassed` node calls nothing: at each of its outputs stands what enters its first input port (of several wires
    the first), as if the layer were not there. The layer keeps its parameters for when it is called again.
    """

    id: NodeId
    layer: LayerId
    label: str
    bypassed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", naming.show(self.label))


@dataclass(frozen=True, slots=True)
class Wire:
    """From an output port of one node to an input port of another. Ports are named by the layer's row
    (for a block: by the id of the Input or Output node inside it)."""

    source: NodeId
    target: NodeId
    target_port: str = "input"
    source_port: str = "output"


@dataclass(frozen=True, slots=True)
class Block:
    """A graph used as a layer. Its Input and Output nodes, in order, are its ports.

    `promoted` maps the name of a parameter of the block to (layer id inside, that layer's parameter).
    """

    id: BlockId
    label: str
    graph: Graph
    promoted: Frozen[str, tuple[LayerId, str]] = field(default_factory=Frozen[str, tuple[LayerId, str]])

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", naming.show(self.label))


@dataclass(frozen=True, slots=True)
class Graph:
    """Layers, nodes and wires. Blocks are defined in the outermost graph only; inner graphs refer to them by id.

    The order of `wires` is the order in which inputs enter a port that takes several (Add, Concat).
    A Graph may be invalid (cycles, dangling wires): check says so, nothing here forbids it. Wires always name
    nodes that exist, and nodes layers that exist.
    """

    layers: Frozen[LayerId, Layer] = field(default_factory=Frozen[LayerId, Layer])
    nodes: Frozen[NodeId, Node] = field(default_factory=Frozen[NodeId, Node])
    wires: tuple[Wire, ...] = ()
    blocks: Frozen[BlockId, Block] = field(default_factory=Frozen[BlockId, Block])

    def layer_of(self, node: NodeId) -> Layer:
        """The layer that a node calls. KeyError where there is no such node."""
        return self.layers[self.nodes[node].layer]

    def wires_into(self, node: NodeId, port: str | None = None) -> tuple[Wire, ...]:
        return tuple(w for w in self.wires if w.target == node and port in (None, w.target_port))

    def wires_from(self, node: NodeId) -> tuple[Wire, ...]:
        return tuple(w for w in self.wires if w.source == node)

    def nodes_of_kind(self, kind: str) -> tuple[Node, ...]:
        return tuple(n for n in self.nodes.values() if self.layers[n.layer].kind == kind)

    def nodes_calling(self, layer: LayerId) -> tuple[Node, ...]:
        return tuple(n for n in self.nodes.values() if n.layer == layer)

    def sharing_with(self, node: NodeId) -> tuple[Node, ...]:
        """The other nodes that call the same layer, and so share its weights and parameters."""
        if len(self.layers) >= len(self.nodes):  # each node has a layer of its own: nearly always so
            return ()
        return tuple(n for n in self.nodes_calling(self.nodes[node].layer) if n.id != node)
