"""What differs between two designs, so that the canvas and the Outline redraw only that."""

from __future__ import annotations

from dataclasses import dataclass

from engine.graph.design import Design
from engine.graph.model import BLOCK, BlockId, Graph, NodeId, Wire


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two designs.

    `nodes_changed` are nodes in both whose label, bypass or layer (kind, parameters, repeat, or the block's body)
    differs; `labels_changed` are those of them with a new label. `wires_reordered` says that the wires in both stand in
    another order (which matters to Concat).
    """

    nodes_added: frozenset[NodeId] = frozenset()
    nodes_removed: frozenset[NodeId] = frozenset()
    nodes_changed: frozenset[NodeId] = frozenset()
    nodes_moved: frozenset[NodeId] = frozenset()
    labels_changed: frozenset[NodeId] = frozenset()
    wires_added: tuple[Wire, ...] = ()
    wires_removed: tuple[Wire, ...] = ()
    wires_reordered: bool = False
    blocks_changed: frozenset[BlockId] = frozenset()
    notes_changed: bool = False
    frames_changed: bool = False
    recipe_changed: bool = False
    data_changed: bool = False
    flow_changed: bool = False

    @property
    def graph_changed(self) -> bool:
        """Whether anything but places, notes and frames of the drawing differs."""
        return bool(
            self.nodes_added
            or self.nodes_removed
            or self.nodes_changed
            or self.wires_added
            or self.wires_removed
            or self.wires_reordered
            or self.blocks_changed
        )

    @property
    def empty(self) -> bool:
        drawing = self.nodes_moved or self.notes_changed or self.frames_changed or self.flow_changed
        return not (self.graph_changed or drawing or self.recipe_changed or self.data_changed)


def diff(before: Design, after: Design) -> Change:
    """From `before` to `after`. Parts that are the same object are not looked at, so a small edit costs little."""
    old, new = before.graph, after.graph
    added: frozenset[NodeId] = frozenset()
    removed: frozenset[NodeId] = frozenset()
    changed: frozenset[NodeId] = frozenset()
    labels: frozenset[NodeId] = frozenset()
    blocks: frozenset[BlockId] = frozenset()
    wires_added: tuple[Wire, ...] = ()
    wires_removed: tuple[Wire, ...] = ()
    reordered = False
    if old is not new:
        if old.nodes is not new.nodes:
            added = frozenset(n for n in new.nodes if n not in old.nodes)
            removed = frozenset(n for n in old.nodes if n not in new.nodes)
            labels = frozenset(n for n, v in new.nodes.items() if n in old.nodes and old.nodes[n].label != v.label)
        blocks = _changed_blocks(old, new)
        changed = labels | _changed_calls(old, new, blocks)
        wires_added, wires_removed, reordered = _changed_wires(old.wires, new.wires)
    return Change(
        nodes_added=added,
        nodes_removed=removed,
        nodes_changed=changed,
        nodes_moved=_moved(before, after),
        labels_changed=labels,
        wires_added=wires_added,
        wires_removed=wires_removed,
        wires_reordered=reordered,
        blocks_changed=blocks,
        notes_changed=before.notes != after.notes,
        frames_changed=before.frames != after.frames,
        recipe_changed=before.recipe != after.recipe,
        data_changed=before.data != after.data,
        flow_changed=before.flow != after.flow,
    )


def _moved(before: Design, after: Design) -> frozenset[NodeId]:
    """Nodes in both designs that stand elsewhere."""
    if before.places is after.places:
        return frozenset()
    return frozenset(
        node
        for node in after.graph.nodes
        if node in before.graph.nodes and before.places.get(node) != after.places.get(node)
    )


def _changed_calls(old: Graph, new: Graph, blocks: frozenset[BlockId]) -> frozenset[NodeId]:
    """Nodes in both graphs that call another layer, or one that has changed, or whose block's body has; and those that
    are bypassed in one of them only."""
    if old.layers is new.layers and old.nodes is new.nodes and not blocks:
        return frozenset()
    found: list[NodeId] = []
    for node, value in new.nodes.items():
        if node not in old.nodes:
            continue
        before = old.nodes[node]
        layer, previous = new.layers[value.layer], old.layers[before.layer]
        same = (layer is previous or layer == previous) and before.bypassed == value.bypassed
        if not same or (layer.kind == BLOCK and layer.block in blocks):
            found.append(node)
    return frozenset(found)


def _changed_blocks(old: Graph, new: Graph) -> frozenset[BlockId]:
    """Blocks defined, removed or changed, and those that contain such a block."""
    if old.blocks is new.blocks:
        return frozenset()
    names = {**old.blocks, **new.blocks}
    changed = {b for b in names if old.blocks.get(b) != new.blocks.get(b)}
    grew = bool(changed)
    while grew:
        holders = {
            b
            for b, block in new.blocks.items()
            if b not in changed and any(layer.block in changed for layer in block.graph.layers.values())
        }
        changed |= holders
        grew = bool(holders)
    return frozenset(changed)


def _changed_wires(old: tuple[Wire, ...], new: tuple[Wire, ...]) -> tuple[tuple[Wire, ...], tuple[Wire, ...], bool]:
    """Added, removed, and whether the wires in both changed their order. What both begin with is skipped."""
    if old is new:
        return (), (), False
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and (old[start] is new[start] or old[start] == new[start]):
        start += 1
    old, new = old[start:], new[start:]
    old_set, new_set = set(old), set(new)
    added = tuple(w for w in new if w not in old_set)
    removed = tuple(w for w in old if w not in new_set)
    reordered = [w for w in old if w in new_set] != [w for w in new if w in old_set]
    return added, removed, reordered
