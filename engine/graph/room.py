"""A node put between others: it keeps clear of those before it, and those behind it make room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.graph.arrange import Rectangles, rectangles
from engine.graph.design import Design
from engine.graph.drawing import Sizes
from engine.graph.edits import move
from engine.graph.layering import GAP_ACROSS, GAP_ALONG
from engine.graph.model import NodeId, Wire
from engine.graph.tidy import refitted

NEAR = 12.0  # canvas units: nodes that are closer than this in both directions want room


def make_room(design: Design, node: NodeId, wire: Wire, sizes: Sizes) -> Design:
    """The design, in which `node` was just put into `wire`, with room around it. `sizes` in canvas units.

    Where the wire runs with the flow, the node and those behind it go along the flow, each as far as it is in the way.
    Where it runs back to the row below, that row and all below it go down together, so that rows stay rows. Nodes that
    are not in the way stay; frames go around what they held.
    """
    ids = tuple(design.graph.nodes)
    row = {each: index for index, each in enumerate(ids)}
    found = rectangles(design, ids, sizes)
    along = 0 if design.flow == "right" else 1
    source, target, new = row[wire.source], row[wire.target], row[node]
    back = found[target, along] < found[source, along] + found[source, along + 2]
    axis = 1 - along if back else along
    gap = GAP_ACROSS if back else GAP_ALONG
    start = found[:, axis].copy()
    order = np.lexsort((np.arange(len(ids)) != new, start))  # of those that begin together, the new one comes first
    place = int(np.flatnonzero(order == new)[0])
    for other in order[:place][_near(found, new, order[:place])].tolist():
        found[new, axis] = max(found[new, axis], found[other, axis] + found[other, axis + 2] + gap)
    if back:
        _push_together(found, order[place:], axis, gap)
    else:
        _push_in_turn(found, order[place:], axis, gap)
    places = {each: (x, y) for each, (x, y) in zip(ids, np.round(found[:, :2]).tolist(), strict=True)}
    moved = {each: at for each, at in places.items() if found[row[each], axis] != start[row[each]]}
    if not moved:
        return design
    after = move(design, moved)
    return replace(after, frames=refitted(design, after, sizes, moved)) if design.frames else after


def _push_together(found: Rectangles, order: NDArray[np.intp], axis: int, gap: float) -> None:
    """All that begin no earlier than the first in the way go as far as the one that has to go farthest."""
    near = order[1:][_near(found, order[0], order[1:])]
    if len(near):
        end = found[order[0], axis] + found[order[0], axis + 2] + gap
        first = found[near, axis].min()
        rest = order[1:][found[order[1:], axis] >= first]
        found[rest, axis] += max(0.0, float(end - first))


def _push_in_turn(found: Rectangles, order: NDArray[np.intp], axis: int, gap: float) -> None:
    """From the first on, each node that was moved pushes those behind it that it has come too near to."""
    moved = np.zeros(len(order), bool)
    moved[0] = True
    for index in range(len(order)):
        if moved[index]:
            one, behind = order[index], order[index + 1 :]
            near = _near(found, one, behind)
            end = found[one, axis] + found[one, axis + 2] + gap
            found[behind[near], axis] = np.maximum(found[behind[near], axis], end)
            moved[index + 1 :] |= near


def _near(found: Rectangles, one: int, others: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of the others are too near to a node."""
    corners = found[others, :2]
    ends = corners + found[others, 2:]
    near = (found[one, :2] - ends < NEAR) & (corners - found[one, :2] - found[one, 2:] < NEAR)
    return near[:, 0] & near[:, 1]
