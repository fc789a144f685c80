"""Which layer says how many scores arrive at a loss: back through layers that keep their number, into blocks and out of
them again. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.check.parts import Call, Part, Site, fix, lay_open
from engine.check.report import Fix, NodePath, TensorSpec
from engine.check.words import counted
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, Block, BlockId, NodeId, Wire

WIDTHS = ("out_features", "out_channels")

Outputs = Mapping[tuple[NodePath, str], TensorSpec]


@dataclass(frozen=True, slots=True)
class Place:
    """A part on the way back, and the block call that holds it, if any."""

    part: Part
    site: Site
    call: Call | None = None
    around: Place | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The node, and its parameter, that decides on the number."""

    place: Place
    call: Call
    parameter: str

    def setting(self, number: int) -> Fix:
        label = f"Set {self.place.site.name(self.call)} to {counted(number, 'output')}"
        return self.place.site.placed(
            fix("set_parameter", label, node=self.call.node.id, name=self.parameter, value=number)
        )

    @property
    def layer(self) -> tuple[BlockId | None, str, str]:
        """What is set: two origins with the same one cannot be given two numbers."""
        return self.place.site.block, self.call.layer.id, self.parameter


def origin(part: Part, wire: Wire, outputs: Outputs, blocks: Frozen[BlockId, Block]) -> Origin | None:
    """None where several tensors are mixed on the way, or where others call the same layer or block: they would
    change too."""
    place = Place(part, Site())
    seen: set[NodePath] = set()
    while place.site.path(wire.source) not in seen:
        seen.add(place.site.path(wire.source))
        call = place.part.calls[wire.source]
        if call.is_block:
            entered = _enter(place, call, wire.source_port, blocks)
            if entered is None:
                return None
            place, wire = entered
            continue
        if call.layer.kind == INPUT and place.around is not None and place.call is not None:
            outside = place.call.wires.get(call.node.id, [])
            if len(outside) != 1 or place.call.layer.repeat > 1:
                return None
            place, wire = place.around, outside[0]
            continue
        if call.spec is None:
            return None
        for name in WIDTHS:
            if call.spec.parameter(name) is not None:
                given = outputs.get((place.site.path(wire.source), wire.source_port))
                if name == "out_features" and (given is None or len(given.shape) != 1):
                    return None  # of a sequence it sets the last axis, not that of the scores
                return _promoted(Origin(place, call, name), blocks)
        entering = [w for wires in call.wires.values() for w in wires]
        if len(entering) != 1 or not _keeps(place, call.node.id, wire, entering[0], outputs):
            return None
        wire = entering[0]
    return None


def _enter(place: Place, call: Call, port: str, blocks: Frozen[BlockId, Block]) -> tuple[Place, Wire] | None:
    """The body of a block in its last repetition, and the wire to the Output that stands for the port."""
    block = blocks.get(call.layer.block or "")
    if block is None:
        return None
    body = lay_open(block.graph, blocks)
    entering = body.topology.into.get(port, [])
    inside = Place(body, place.site.inside(call, call.layer.repeat - 1), call, place)
    return (inside, entering[0]) if len(entering) == 1 else None


def _keeps(place: Place, node: NodeId, leaving: Wire, entering: Wire, outputs: Outputs) -> bool:
    after = outputs.get((place.site.path(node), leaving.source_port))
    before = outputs.get((place.site.path(entering.source), entering.source_port))
    return bool(before and after and before.shape and after.shape and before.shape[0] == after.shape[0])


def _promoted(found: Origin, blocks: Frozen[BlockId, Block]) -> Origin | None:
    """A parameter that the block offers outside is set there; any other is the block's own, for all that call it."""
    if len(found.place.part.graph.nodes_calling(found.call.layer.id)) > 1:
        return None
    place = found.place
    if place.call is None or place.around is None:
        return found
    block = blocks[place.call.layer.block or ""]
    name = next((n for n, to in block.promoted.items() if to == (found.call.layer.id, found.parameter)), None)
    if name is not None:
        return _promoted(Origin(place.around, place.call, name), blocks)
    return found if _callers(place, block.id, blocks) == 1 else None


def _callers(place: Place, block: BlockId, blocks: Frozen[BlockId, Block]) -> int:
    """How many nodes of the whole design call the block."""
    top = place
    while top.around is not None:
        top = top.around
    graphs = [top.part.graph, *(b.graph for b in blocks.values())]
    return sum(g.layer_of(n).block == block for g in graphs for n in g.nodes)
