"""Which wires to take out of a ring: those that leave the fewest problems behind. No torch here."""

from __future__ import annotations

from collections.abc import Mapping

from engine.check.parts import Part
from engine.graph.model import INPUT, NodeId, Wire
from engine.graph.topology import Cycle

MOST = 200  # wires of a knot that are weighed one by one; in a larger one the newest has to do


def wires_to_cut(part: Part, cycle: Cycle) -> list[Wire]:
    """The wires without which the nodes of the ring, and all that are knotted up with them, feed each other no more.

    The others are kept one after another, those first that are hardest to do without, of equal ones the older first:
    what then closes a ring is cut.
    """
    first = [cycle.nodes[0]]
    knot = part.topology.after(first) & part.topology.before(first)
    wires = [w for w in part.graph.wires if w.source in knot and w.target in knot]
    if len(wires) > MOST:
        return [cycle.closing]
    distance = _distances(part)
    kept: dict[NodeId, set[NodeId]] = {}
    cut: list[Wire] = []
    for wire in sorted(wires, key=lambda w: _loss(part, w, distance), reverse=True):
        if _leads(kept, wire.target, wire.source):
            cut.append(wire)
        else:
            kept.setdefault(wire.source, set()).add(wire.target)
    return cut


def _loss(part: Part, wire: Wire, distance: Mapping[NodeId, int]) -> tuple[int, bool, bool]:
    """What would be missed without the wire: errors at the port that it enters, an output that is then of no use, and a
    step away from the inputs (a wire that leads back is missed less)."""
    port = next((p for p in part.calls[wire.target].inputs if p.name == wire.target_port), None)
    crowd = len(part.calls[wire.target].wires.get(wire.target_port, ()))
    if port is None:
        errors = -1  # a wire to nowhere is a problem itself
    elif port.variadic:
        errors = 1 if crowd <= 2 else 0
    elif crowd > 1:
        errors = -1 if crowd == 2 else 0
    else:
        errors = 0 if port.optional else 1
    idle = len(part.topology.out[wire.source]) == 1
    onwards = distance.get(wire.target, 0) > distance.get(wire.source, 0)
    return errors, idle, onwards


def _distances(part: Part) -> dict[NodeId, int]:
    """How many wires lie between a node and the nearest Input."""
    found = {n: 0 for n, call in part.calls.items() if call.layer.kind == INPUT}
    waiting = list(found)
    for node in waiting:  # breadth first: the list grows while it is read
        for wire in part.topology.out[node]:
            if wire.target not in found:
                found[wire.target] = found[node] + 1
                waiting.append(wire.target)
    return found


def _leads(following: Mapping[NodeId, set[NodeId]], start: NodeId, goal: NodeId) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        fresh = following.get(node, set[NodeId]()) - seen
        seen |= fresh
        waiting += fresh
    return False
