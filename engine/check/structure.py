"""What can be told from the wiring alone, before any shape is known and without torch: rings, empty and crowded ports,
unknown kinds and parameters, blocks that cannot be unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from engine.check.expect import axes_wanted
from engine.check.parts import Call, Part, Site, ends, fix, judge
from engine.check.report import Fix, Problem
from engine.check.rings import wires_to_cut
from engine.check.words import counted, listed
from engine.graph.frozen import Frozen
from engine.graph.model import MOST_REPEATS, OUTPUT, TARGET, Block, BlockId, Graph, Layer, Wire
from engine.numbers import thousands

MOST_NESTED = 50  # blocks within blocks: what a project file holds
MOST_NODES = 100_000  # after all blocks are unfolded
UNCOUNTED = 10**12  # nodes: what is more is not counted further


def problems_of(part: Part, site: Site, blocks: Frozen[BlockId, Block]) -> Iterator[Problem]:
    """Problems of one part (bodies of the blocks that it calls are looked at apart). Marks broken nodes in `part`."""
    rings = [(cycle, wires_to_cut(part, cycle)) for cycle in part.topology.cycles()]
    cut = frozenset(wire for _, wires in rings for wire in wires)
    for call in part.calls.values():
        found = [*_kind(call, site), *_bypass(call, site), *_parameters(call, site), *_block(call, site, blocks)]
        found += _ports(part, call, site, cut)
        if site.prefix:
            found += _in_block(call, site)
        if any(p.severity == "error" for p in found):
            part.broken.add(call.node.id)
        yield from found
    yield from _too_many(part, site, blocks)
    for cycle, wires in rings:
        first, last = part.calls[cycle.nodes[0]], part.calls[cycle.nodes[-1]]
        names = [site.trail + part.graph.nodes[n].label for n in cycle.nodes]
        if len(names) == 1:
            what, why = f"{names[0]} feeds itself.", "Values cannot flow: it waits for its own result."
        else:
            what = f"{listed(names)} feed each other in a ring."
            why = f"Values cannot flow: {site.name(first)} waits for {site.name(last)}, which waits for it."
        remedy = _cut(part, wires)
        part.broken.update(cycle.nodes)
        yield site.problem("cycle", "error", first, what, why, fixes=(remedy,))


def _cut(part: Part, wires: list[Wire]) -> Fix:
    """Wires taken away; a single one is named by its ends."""
    if len(wires) == 1:
        label = f"Remove the wire from {part.source(wires[0]).node.label} to {part.calls[wires[0].target].node.label}"
        return fix("remove_wire", label, **ends(wires[0]))
    rows = tuple((w.source, w.source_port, w.target, w.target_port) for w in wires)
    return fix("remove_wires", f"Remove the {counted(len(wires), 'wire')} that are too many", wires=rows)


def _kind(call: Call, site: Site) -> Iterator[Problem]:
    if call.is_block or call.spec is not None:
        return
    fixes = (fix("remove_node", f"Remove {call.node.label}", node=call.node.id),)
    if call.settings.close:
        fixes = (
            fix("change_kind", f"Make it a {call.settings.close}", node=call.node.id, to=call.settings.close),
            *fixes,
        )
    what = f"{site.name(call)} is of a kind that Strata does not know."
    yield site.problem("unknown-kind", "error", call, what, call.settings.why, fixes=fixes)


def _bypass(call: Call, site: Site) -> Iterator[Problem]:
    """A node that is bypassed and has nothing to pass on, or nowhere to."""
    if call.node.bypassed and not call.passes and (call.inputs or call.outputs):
        why = f"{call.title} is where tensors {'end' if call.inputs else 'begin'}, so it passes nothing through."
        remedy = fix("set_bypassed", f"Use {call.node.label} again", node=call.node.id, bypassed=False)
        yield site.problem("bypass", "error", call, f"{site.name(call)} cannot be bypassed.", why, fixes=(remedy,))


def _parameters(call: Call, site: Site) -> Iterator[Problem]:
    for fault in call.settings.faults:
        remedy = fix("reset_parameter", f"Reset {fault.title}", node=call.node.id, name=fault.parameter)
        if fault.unknown:
            what = f"{site.name(call)} has a parameter that {call.title} does not take."
        else:
            what = f"{site.name(call)} cannot use its {fault.title}."
        code = "unknown-parameter" if fault.unknown else "bad-parameter"
        yield site.problem(code, "error", call, what, fault.why, parameter=fault.parameter, fixes=(remedy,))


def _block(call: Call, site: Site, blocks: Frozen[BlockId, Block]) -> Iterator[Problem]:
    if not call.is_block and call.layer.repeat != 1:
        why = f"It is set to {thousands(call.layer.repeat)} copies, but only a block can be repeated: put it into one."
        remedy = fix("set_repeat", "Use one copy", node=call.node.id, repeat=1)
        yield site.problem(
            "layer-repeat", "error", call, f"{site.name(call)} cannot be repeated.", why, fixes=(remedy,)
        )
    if not call.is_block:
        return
    layer, name = call.layer, site.name(call)
    block = blocks.get(layer.block) if layer.block is not None else None
    if block is None:
        why = f"The design defines no block ‘{layer.block}’; remove {name} or define the block."
        yield site.problem("unknown-block", "error", call, f"{name} calls a block that does not exist.", why)
        return
    if nesting(block.id, blocks) > MOST_NESTED:
        why = f"Blocks stand within blocks more than {MOST_NESTED} deep inside it. Take some of them out."
        remedy = fix("remove_node", f"Remove {call.node.label}", node=call.node.id)
        yield site.problem("block-nesting", "error", call, f"{name} is nested too deeply.", why, fixes=(remedy,))
        return
    if unfolded_size(block.id, blocks) is None:
        why = f"Somewhere inside {block.label} stands {block.label} again; it could never be unfolded."
        remedy = fix("remove_node", f"Remove {call.node.label}", node=call.node.id)
        yield site.problem("block-recursion", "error", call, f"{name} contains itself.", why, fixes=(remedy,))
        return
    if not call.outputs:
        why = f"Its block {block.label} has no Output, so nothing comes out of it. Add one inside the block."
        yield site.problem("block-ports", "error", call, f"{name} gives no result.", why)
    yield from _repeat(call, site)
    for promoted, (inner, parameter) in block.promoted.items():
        if inner not in block.graph.layers:
            what = f"{name} offers a parameter ‘{promoted}’ that leads nowhere."
            why = f"The layer inside {block.label} that it set, and its {parameter}, are no longer there."
            yield site.problem("promoted-missing", "error", call, what, why, parameter=promoted)
    yield from _block_parameters(call, site, block, blocks)


def _too_many(part: Part, site: Site, blocks: Frozen[BlockId, Block]) -> Iterator[Problem]:
    """Blocks that would make the part larger than can be unfolded, together with those before them."""
    room = MOST_NODES
    for call in part.calls.values():
        size = unfolded(call.layer, blocks)
        if size is None or size <= room:
            room -= size or 0
            continue
        part.broken.add(call.node.id)
        least = " or more" if size >= UNCOUNTED else ""
        others = ", besides those of the other blocks" if size <= MOST_NODES else ""
        most = f"at most {counted(MOST_NODES, 'node')} are possible. Repeat it less often, or take some of it out."
        why = f"It unfolds to {counted(size, 'node')}{least}{others}; {most}"
        yield site.problem("block-size", "error", call, f"{site.name(call)} is too large.", why)


def _repeat(call: Call, site: Site) -> Iterator[Problem]:
    repeat, name = call.layer.repeat, site.name(call)
    if 1 <= repeat <= MOST_REPEATS:
        if repeat > 1 and len(call.inputs) < len(call.outputs):
            ins, outs = counted(len(call.inputs), "input"), counted(len(call.outputs), "output")
            why = f"Each copy feeds the next, but the block has {ins} and {outs}; some would be lost."
            remedy = fix("set_repeat", "Use one copy", node=call.node.id, repeat=1)
            yield site.problem("block-repeat", "error", call, f"{name} cannot be repeated.", why, fixes=(remedy,))
        return
    why = f"It is set to {thousands(repeat)} copies; the number has to lie between 1 and {thousands(MOST_REPEATS)}."
    wanted = max(1, min(repeat, MOST_REPEATS))
    remedy = fix("set_repeat", f"Use {counted(wanted, 'copy', 'copies')}", node=call.node.id, repeat=wanted)
    yield site.problem("block-repeat", "error", call, f"{name} cannot be repeated so often.", why, fixes=(remedy,))


def _block_parameters(call: Call, site: Site, block: Block, blocks: Frozen[BlockId, Block]) -> Iterator[Problem]:
    """What the block's node sets of its promoted parameters."""
    from engine.catalog import catalog

    if any(inner not in block.graph.layers for inner, _ in block.promoted.values()):
        return
    rows = catalog.parameter_specs(Graph(blocks=blocks), call.layer)
    known = {row.name for row in rows}
    for promoted, (_, parameter) in block.promoted.items():
        if promoted not in known:
            what = f"{site.name(call)} offers a parameter ‘{promoted}’ that leads nowhere."
            why = f"The layer inside {block.label} has no parameter ‘{parameter}’."
            yield site.problem("promoted-missing", "error", call, what, why, parameter=promoted)
    _values, faults = judge(rows, call.layer.parameters, block.label)
    for fault in faults:
        remedy = fix("reset_parameter", f"Reset {fault.title}", node=call.node.id, name=fault.parameter)
        what = f"{site.name(call)} cannot use its {fault.title}."
        code = "unknown-parameter" if fault.unknown else "bad-parameter"
        yield site.problem(code, "error", call, what, fault.why, parameter=fault.parameter, fixes=(remedy,))


def _in_block(call: Call, site: Site) -> Iterator[Problem]:
    """What may stand at the top only."""
    kind = call.layer.kind
    if kind == TARGET or call.is_loss:
        noun = "A target" if kind == TARGET else "A loss"
        what = f"{site.name(call)} cannot stand inside a block."
        why = f"{noun} belongs to the design as a whole; put it outside and lead a wire out of the block."
        remedy = fix("remove_node", f"Remove {call.node.label}", node=call.node.id)
        yield site.problem("loss-in-block", "error", call, what, why, fixes=(remedy,))


def _ports(part: Part, call: Call, site: Site, cut: frozenset[Wire]) -> Iterator[Problem]:
    """`cut` are the wires that close rings: they are no crowd, for the remedy of the ring takes them away."""
    name = site.name(call)
    if not call.is_block and call.spec is None:
        return
    yield from _stray_wires(part, call, site)
    for port in call.inputs:
        wires = call.wires.get(port.name, [])
        where = "its input" if len(call.inputs) == 1 else f"its input ‘{port.title}’"
        if not wires and not port.optional:
            yield _missing(call, site, port.name, where)
        elif port.variadic and len(wires) == 1:
            why = f"{call.title} joins at least two tensors; only {site.name(part.source(wires[0]))} sends one."
            yield site.problem("too-few-wires", "error", call, f"{name} has a single input.", why, port=port.name)
        elif not port.variadic and len(wires := [w for w in wires if w not in cut]) > 1:
            senders = [site.name(part.source(w)) for w in wires]
            kept = part.source(wires[-1]).node.label
            remedy = fix("remove_extra_wires", f"Keep only the wire from {kept}", **ends(wires[-1]))
            what = f"{name} has {len(wires)} wires on {where}."
            why = f"An input takes one tensor, but {listed(senders)} each send one."
            yield site.problem("too-many-wires", "error", call, what, why, port=port.name, fixes=(remedy,))


def _missing(call: Call, site: Site, port: str, where: str) -> Problem:
    name = site.name(call)
    if call.is_loss and port == "target":
        remedy = fix("connect_target", "Connect the target", node=call.node.id, port=port)
        why = f"{call.title} compares a prediction with what is right; nothing arrives at its target."
        return site.problem("missing-wire", "error", call, f"{name} has no target.", why, port=port, fixes=(remedy,))
    if call.passes:
        why = "It is bypassed and would pass on what arrives; nothing does. Draw a wire to it from the layer before."
        return site.problem("missing-wire", "error", call, f"{name} has nothing on {where}.", why, port=port)
    wanted = axes_wanted(call.spec, call.settings.values) if call.spec is not None else None
    if call.is_loss:
        needs = "needs a prediction to judge"
    elif call.layer.kind == OUTPUT:
        needs = "shows what a layer gives"
    else:
        needs = f"needs {wanted[1]}" if wanted is not None else "works on a tensor"
    why = f"{call.title} {needs}; nothing arrives. Draw a wire to it from the layer before."
    return site.problem("missing-wire", "error", call, f"{name} has nothing on {where}.", why, port=port)


def _stray_wires(part: Part, call: Call, site: Site) -> Iterator[Problem]:
    """Wires that end, or begin, at a port that is not there."""
    known = {port.name for port in call.inputs}
    for port, wires in call.wires.items():
        if port not in known:
            what = f"{site.name(call)} has no place for a wire that ends at it."
            why = f"{call.title} has no input ‘{port}’."
            yield site.problem("unknown-port", "error", call, what, why, port=port, fixes=(_cut(part, wires),))
            continue
        stray = [wire for wire in wires if _leaves_nowhere(part, wire)]
        if stray:
            source = part.source(stray[0])
            what = f"{site.name(call)} waits for a wire that leaves {site.name(source)} nowhere."
            why = f"{source.title} has no output ‘{stray[0].source_port}’."
            yield site.problem("unknown-port", "error", call, what, why, port=port, fixes=(_cut(part, stray),))


def _leaves_nowhere(part: Part, wire: Wire) -> bool:
    source = part.source(wire)
    known = source.is_block or source.spec is not None
    return known and wire.source_port not in {port.name for port in source.outputs}


# -- blocks within blocks -----------------------------------------------------------------------------------------
def unfolded(layer: Layer, blocks: Frozen[BlockId, Block]) -> int | None:
    """How many nodes a call of a block becomes, at most UNCOUNTED; None where it is no block that can be unfolded."""
    if layer.block is None or layer.block not in blocks or nesting(layer.block, blocks) > MOST_NESTED:
        return None
    size = unfolded_size(layer.block, blocks)
    return None if size is None else min(size * max(layer.repeat, 1), UNCOUNTED)


@lru_cache(maxsize=256)
def unfolded_size(block: BlockId, blocks: Frozen[BlockId, Block]) -> int | None:
    """How many nodes one copy of the block becomes (at most UNCOUNTED); None where it contains itself and could never
    be unfolded. Only for blocks that are not nested too deeply."""
    sizes: dict[BlockId, int | None] = {}

    def size(name: BlockId) -> int | None:
        if name in sizes:
            return sizes[name]  # None also while it is being unfolded: then it contains itself
        sizes[name] = None
        total = 0
        graph = blocks[name].graph
        for node in graph.nodes.values():
            layer = graph.layers[node.layer]
            inner = 1
            if layer.block is not None and layer.block in blocks:
                found = size(layer.block)
                if found is None:
                    return None
                inner = found * max(layer.repeat, 1)
            total += inner
        sizes[name] = min(total, UNCOUNTED)
        return sizes[name]

    return size(block) if block in blocks else 0


@lru_cache(maxsize=256)
def nesting(block: BlockId, blocks: Frozen[BlockId, Block]) -> int:
    """How many blocks stand within each other, this one counted, and no further than beyond MOST_NESTED; blocks that
    contain themselves are asked apart."""
    depths: dict[BlockId, int] = {}

    def depth(name: BlockId, around: int) -> int:
        if around > MOST_NESTED:
            return 0
        if name not in depths:
            depths[name] = 0  # while it is looked into
            bodies = [x.block for x in blocks[name].graph.layers.values() if x.block is not None and x.block in blocks]
            depths[name] = 1 + max((depth(body, around + 1) for body in bodies), default=0)
        return depths[name]

    return depth(block, 0)
