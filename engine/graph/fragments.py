"""Fragments: part of a design as a value of its own, which can be put into the same design or another one.

Copies have layers, and so weights, of their own; where copied nodes share a layer, their copies share one too. A block
is a definition: a copy calls the same one where the other design has it, so that pasting twice defines it once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from engine.errors import GraphError
from engine.graph.design import Design, Frame, Note, Place
from engine.graph.edits import remove_nodes
from engine.graph.frozen import Frozen
from engine.graph.labels import Labels
from engine.graph.model import Block, BlockId, Graph, Layer, LayerId, Node, NodeId, Wire, new_id

STEP: Place = (40.0, 40.0)  # how far from the original a copy lies, where nobody says


@dataclass(frozen=True, slots=True)
class Incoming:
    """A wire from a node that was not copied to one that was; `position` is how many of the fragment's own wires stand
    before it (the order of wires matters to Concat)."""

    wire: Wire
    position: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """Nodes with their layers, the wires between them and the blocks that they use; their places; notes and frames;
    and the wires that entered them."""

    graph: Graph = field(default_factory=Graph)
    places: Frozen[NodeId, Place] = field(default_factory=Frozen[NodeId, Place])
    notes: tuple[Note, ...] = ()
    frames: tuple[Frame, ...] = ()
    incoming: tuple[Incoming, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.graph.nodes or self.notes or self.frames)

    @property
    def corner(self) -> Place:
        """The top left corner of all that is in it; (0, 0) where nothing is."""
        corners = [*self.places.values(), *((n.x, n.y) for n in self.notes), *((f.x, f.y) for f in self.frames)]
        return (min(x for x, _ in corners), min(y for _, y in corners)) if corners else (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Pasted:
    """The design with the copies in it; which copy is whose (old id → new id); and which incoming wires were kept."""

    design: Design
    nodes: dict[NodeId, NodeId]
    notes: dict[str, str]
    frames: dict[str, str]
    wires: tuple[Wire, ...] = ()


def copy(
    design: Design, nodes: Iterable[NodeId] = (), notes: Collection[str] = (), frames: Collection[str] = ()
) -> Fragment:
    """What is selected, as a fragment. GraphError where a node is not there."""
    graph, wanted = design.graph, set(nodes)
    missing = wanted.difference(graph.nodes)
    if missing:
        raise GraphError(f"There is no node ‘{min(missing)}’ to copy; it may have been removed already.")
    chosen = {n: node for n, node in graph.nodes.items() if n in wanted}
    called = {node.layer for node in chosen.values()}
    layers = {key: layer for key, layer in graph.layers.items() if key in called}
    wires: list[Wire] = []
    incoming: list[Incoming] = []
    for wire in graph.wires:
        if wire.target in chosen:
            if wire.source in chosen:
                wires.append(wire)
            else:
                incoming.append(Incoming(wire, len(wires)))
    used = _blocks_used(layers.values(), graph.blocks)
    blocks = {key: block for key, block in graph.blocks.items() if key in used}
    return Fragment(
        graph=Graph(Frozen(layers), Frozen(chosen), tuple(wires), Frozen(blocks)),
        places=Frozen({n: design.places.get(n, (0.0, 0.0)) for n in chosen}),
        notes=tuple(n for n in design.notes if n.id in notes),
        frames=tuple(f for f in design.frames if f.id in frames),
        incoming=tuple(incoming),
    )


def cut(
    design: Design, nodes: Iterable[NodeId] = (), notes: Collection[str] = (), frames: Collection[str] = ()
) -> tuple[Design, Fragment]:
    """The design without what is selected, and that as a fragment."""
    chosen = tuple(nodes)
    fragment = copy(design, chosen, notes, frames)
    left = replace(
        remove_nodes(design, chosen),
        notes=tuple(n for n in design.notes if n.id not in notes),
        frames=tuple(f for f in design.frames if f.id not in frames),
    )
    return left, fragment


def paste(
    design: Design,
    fragment: Fragment,
    *,
    at: Place | None = None,
    offset: Place = STEP,
    keep_incoming: bool = False,
) -> Pasted:
    """Put copies of all that is in a fragment into a design, with ids of their own and labels that nobody has.

    `at` is where the top left corner of it all comes to lie; without it everything lies `offset` from where it was.
    `keep_incoming` feeds the copies by the nodes that fed the originals, where the design still has those.
    """
    x, y = fragment.corner if at is not None else (0.0, 0.0)
    dx, dy = (at[0] - x, at[1] - y) if at is not None else offset
    blocks, called = _blocks_for(design.graph.blocks, fragment.graph.blocks)
    labels = Labels(design.graph)
    ids = {n: new_id() for n in fragment.graph.nodes}
    layers: dict[LayerId, Layer] = {}  # by the old id
    nodes: dict[NodeId, Node] = {}
    places: dict[NodeId, Place] = {}
    for old, node in fragment.graph.nodes.items():
        if node.layer not in layers:
            layer = fragment.graph.layers[node.layer]
            body = called.get(layer.block, layer.block) if layer.block is not None else None
            layers[node.layer] = replace(layer, id=new_id(), block=body)
        nodes[ids[old]] = Node(ids[old], layers[node.layer].id, labels.for_copy(node.label), node.bypassed)
        px, py = fragment.places.get(old, (0.0, 0.0))
        places[ids[old]] = (px + dx, py + dy)
    kept = fragment.incoming if keep_incoming else ()
    wires, entering = _wires(fragment.graph.wires, kept, ids, design.graph)
    notes = tuple(replace(n, id=new_id(), x=n.x + dx, y=n.y + dy) for n in fragment.notes)
    frames = tuple(replace(f, id=new_id(), x=f.x + dx, y=f.y + dy) for f in fragment.frames)
    graph = Graph(
        layers=design.graph.layers.with_items({layer.id: layer for layer in layers.values()}),
        nodes=design.graph.nodes.with_items(nodes),
        wires=design.graph.wires + wires,
        blocks=design.graph.blocks.with_items(blocks),
    )
    whole = replace(
        design,
        graph=graph if nodes else design.graph,
        places=design.places.with_items(places),
        notes=design.notes + notes,
        frames=design.frames + frames,
    )
    new_notes = {old.id: new.id for old, new in zip(fragment.notes, notes, strict=True)}
    new_frames = {old.id: new.id for old, new in zip(fragment.frames, frames, strict=True)}
    return Pasted(whole, ids, new_notes, new_frames, entering)


def duplicate(design: Design, nodes: Iterable[NodeId], offset: Place = STEP) -> tuple[Design, dict[NodeId, NodeId]]:
    """Copy nodes with the wires between them. Returns old id → new id."""
    pasted = paste(design, copy(design, nodes), offset=offset)
    return pasted.design, pasted.nodes


# -- wires and blocks ---------------------------------------------------------------------------------------------
def _wires(
    inner: tuple[Wire, ...], incoming: tuple[Incoming, ...], ids: dict[NodeId, NodeId], graph: Graph
) -> tuple[tuple[Wire, ...], tuple[Wire, ...]]:
    """All new wires in the order of the old ones, and those of them that come from outside."""
    before: dict[int, list[Wire]] = {}
    for each in incoming:
        if each.wire.source in graph.nodes:
            before.setdefault(each.position, []).append(replace(each.wire, target=ids[each.wire.target]))
    every: list[Wire] = []
    for position, wire in enumerate(inner):
        every += before.get(position, ())
        every.append(replace(wire, source=ids[wire.source], target=ids[wire.target]))
    for position in sorted(p for p in before if p >= len(inner)):
        every += before[position]
    return tuple(every), tuple(w for wires in before.values() for w in wires)


def _blocks_used(layers: Iterable[Layer], blocks: Frozen[BlockId, Block]) -> set[BlockId]:
    """The blocks that layers call, and those within them."""
    used: set[BlockId] = set()
    waiting = list(layers)
    while waiting:
        body = waiting.pop().block
        if body is not None and body in blocks and body not in used:
            used.add(body)
            waiting += blocks[body].graph.layers.values()
    return used


def _blocks_for(
    known: Frozen[BlockId, Block], wanted: Frozen[BlockId, Block]
) -> tuple[dict[BlockId, Block], dict[BlockId, BlockId]]:
    """The definitions that have to be added, and under which id each wanted block is then known.

    One whose id the design gives to something else gets a new id, and so do those that call it.
    """
    other = {key for key, block in wanted.items() if key in known and known[key] != block}
    if not other:
        return {key: block for key, block in wanted.items() if key not in known}, {key: key for key in wanted}
    grew = True
    while grew:
        holders = {k for k in wanted if k not in other and _calls(wanted[k], other)}
        other |= holders
        grew = bool(holders)
    names = {key: new_id() if key in other else key for key in wanted}
    for key in other:  # a twin of an earlier paste will do
        if not _calls(wanted[key], other):
            twin = next((k for k, b in known.items() if replace(b, id=key) == wanted[key]), None)
            names[key] = twin or names[key]
    added = {names[key]: _renamed(block, names) for key, block in wanted.items() if names[key] not in known}
    return added, names


def _calls(block: Block, others: Collection[BlockId]) -> bool:
    return any(layer.block in others for layer in block.graph.layers.values())


def _renamed(block: Block, names: dict[BlockId, BlockId]) -> Block:
    """The block under its new id, calling others under theirs."""
    moved = {
        key: replace(layer, block=names.get(layer.block, layer.block))
        for key, layer in block.graph.layers.items()
        if layer.block is not None
    }
    graph = replace(block.graph, layers=block.graph.layers.with_items(moved)) if moved else block.graph
    return replace(block, id=names[block.id], graph=graph)
