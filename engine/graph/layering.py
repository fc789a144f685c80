"""The layered layout of a graph: nodes in columns by how far they are from the start, few crossings, straight chains.

Sugiyama, Tagawa and Toda, “Methods for visual understanding of hierarchical system structures” (1981), in the steps of
Gansner et al., “A technique for drawing directed graphs” (1993): longest-path layers, dummy nodes where an edge passes
a layer, barycentre sweeps for the order, and then for the places the nearest to the neighbours' that keep distances.

Nodes are numbers here. Layers of a deep network hold few nodes each, where plain lists are faster than arrays.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SWEEPS = 4  # for the order
SETTLINGS = 3  # for the places
GAP_ALONG = 62.0  # between layers
GAP_ACROSS = 38.0  # between nodes of a layer
GAP_DUMMY = 20.0  # beside a wire that passes
HEAVY = 50.0  # wires that pass move less than nodes: they are drawn straight, so the chain they pass has to make way
MOST_DUMMIES = 20_000  # beyond it the longest edges are led straight through

Edges = list[tuple[int, int]]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Layered:
    """Nodes and dummies (from `count` on) by layers; edges lead from a layer to the next one. Layers of one part of the
    graph follow each other, `parts` says of which each is."""

    count: int
    layers: list[list[int]]
    parts: list[int]
    before: list[list[int]]
    after: list[list[int]]


def lay_out(sizes: Floats, edges: Edges) -> Floats:
    """The top left corners (n, 2) of n nodes of these sizes (n, 2), the flow along the first axis. Parts that nothing
    joins lie side by side. The same arguments give the same places; no two nodes overlap."""
    count = len(sizes)
    if not count:
        return np.zeros((0, 2))
    forward, order = _acyclic(count, edges)
    following, preceding = _neighbours(count, forward)
    ranks = _ranks(order, following, preceding)
    layered = _layered(count, ranks, _parts(count, following, preceding), forward)
    _order(layered)
    along, across = _places(layered, sizes)
    corners = np.stack([along, across], axis=1) - sizes / 2
    parts = np.empty(count, dtype=np.int64)
    for part, layer in zip(layered.parts, layered.layers, strict=True):
        for node in layer:
            if node < count:
                parts[node] = part
    return _packed(corners, sizes, parts)


# -- layers ---------------------------------------------------------------------------------------------------------
def _neighbours(count: int, edges: Edges) -> tuple[list[list[int]], list[list[int]]]:
    after, before = _lists(count), _lists(count)
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    return after, before


def _lists(count: int) -> list[list[int]]:
    return [[] for _ in range(count)]


def _acyclic(count: int, edges: Edges) -> tuple[Edges, list[int]]:
    """The edges, each once and those that close rings turned around, and a topological order."""
    edges = list(dict.fromkeys((s, t) for s, t in edges if s != t))
    order = _topological(count, edges)
    if len(order) < count:
        backward = _backward(count, _neighbours(count, edges)[0])
        edges = list(dict.fromkeys((t, s) if (s, t) in backward else (s, t) for s, t in edges))
        order = _topological(count, edges)
    return edges, order


def _topological(count: int, edges: Edges) -> list[int]:
    """As many nodes as have an order."""
    after, before = _neighbours(count, edges)
    missing = [len(nodes) for nodes in before]
    order = [node for node in range(count) if not missing[node]]
    for node in order:  # grows while it is read
        for other in after[node]:
            missing[other] -= 1
            if not missing[other]:
                order.append(other)
    return order


def _backward(count: int, after: list[list[int]]) -> set[tuple[int, int]]:
    """The edges that lead back to where a search in depth came from."""
    found: set[tuple[int, int]] = set()
    state = [0] * count  # 1: on the way here, 2: done
    for start in range(count):
        if state[start]:
            continue
        state[start] = 1
        way = [(start, iter(after[start]))]
        while way:
            node, others = way[-1]
            following = next(others, None)
            if following is None:
                state[node] = 2
                way.pop()
            elif state[following] == 1:
                found.add((node, following))
            elif state[following] == 0:
                state[following] = 1
                way.append((following, iter(after[following])))
    return found


def _ranks(order: list[int], after: list[list[int]], before: list[list[int]]) -> list[int]:
    """How many edges lie before each node, on the longest path. What feeds more than it is fed by stands right before
    what it feeds: a target lies beside its loss, not at the start."""
    ranks = [0] * len(order)
    for node in order:
        for other in after[node]:
            ranks[other] = max(ranks[other], ranks[node] + 1)
    for node in reversed(order):
        if len(after[node]) > len(before[node]):
            ranks[node] = min(ranks[other] for other in after[node]) - 1
    return ranks


def _parts(count: int, after: list[list[int]], before: list[list[int]]) -> list[int]:
    """A number for each node: the same for those that edges join, rising with their first nodes."""
    parts = [-1] * count
    number = 0
    for start in range(count):
        if parts[start] >= 0:
            continue
        parts[start] = number
        waiting = [start]
        while waiting:
            node = waiting.pop()
            for other in itertools.chain(after[node], before[node]):
                if parts[other] < 0:
                    parts[other] = number
                    waiting.append(other)
        number += 1
    return parts


def _layered(count: int, ranks: list[int], parts: list[int], edges: Edges) -> _Layered:
    """Nodes by layers, with dummies where an edge passes a layer. All edges from one node share theirs."""
    lowest, highest = [len(ranks)] * (max(parts) + 1), [0] * (max(parts) + 1)
    for rank, part in zip(ranks, parts, strict=True):
        lowest[part], highest[part] = min(lowest[part], rank), max(highest[part], rank)
    lengths = [high - low + 1 for low, high in zip(lowest, highest, strict=True)]
    starts = list(itertools.accumulate(lengths, initial=0))
    number = [starts[part] + rank - lowest[part] for rank, part in zip(ranks, parts, strict=True)]
    passing = _passing(number, edges)
    first: dict[int, int] = {}  # the first dummy of a node
    total = count
    for node, length in passing.items():
        first[node] = total
        total += length
    layered = _Layered(count, _lists(starts[-1]), [], _lists(total), _lists(total))
    for part, length in enumerate(lengths):
        layered.parts += [part] * length
    joined = [(node, node) for node in range(count)]  # (where it came from, itself): the order to begin with
    for node, length in passing.items():
        dummies = range(first[node], first[node] + length)
        joined += [(node, dummy) for dummy in dummies]
        for one, other in itertools.pairwise((node, *dummies)):
            _join(layered, one, other)
    layer_of = number + [number[node] + 1 + step for node, length in passing.items() for step in range(length)]
    for _, node in sorted(joined):
        layered.layers[layer_of[node]].append(node)
    for source, target in edges:
        span = number[target] - number[source]
        if span == 1:
            _join(layered, source, target)
        elif source in first:
            _join(layered, first[source] + span - 2, target)
    return layered


def _passing(number: list[int], edges: Edges) -> dict[int, int]:
    """By node, how many layers its longest edge passes; without the longest where those would be too many in all."""
    longest: dict[int, int] = {}
    for source, target in edges:
        span = number[target] - number[source] - 1
        if span > longest.get(source, 0):
            longest[source] = span
    if sum(longest.values()) <= MOST_DUMMIES:
        return longest
    room, kept = MOST_DUMMIES, dict[int, int]()
    for node in sorted(longest, key=longest.__getitem__):
        if longest[node] > room:
            break
        room -= longest[node]
        kept[node] = longest[node]
    return kept


def _join(layered: _Layered, source: int, target: int) -> None:
    layered.after[source].append(target)
    layered.before[target].append(source)


# -- order within a layer -------------------------------------------------------------------------------------------
def _order(layered: _Layered) -> None:
    """Sort each layer by the means of where the neighbours stand, forth and back in turns."""
    at = [0.0] * len(layered.before)
    for layer in layered.layers:
        _number(layer, at)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        neighbours = layered.before if forth else layered.after
        for layer in layered.layers if forth else reversed(layered.layers):
            if len(layer) > 1:
                wanted = {node: _mean(neighbours[node], at) if neighbours[node] else at[node] for node in layer}
                layer.sort(key=wanted.__getitem__)
                _number(layer, at)


def _number(layer: list[int], at: list[float]) -> None:
    """Places from the middle of the layer, so that layers of unlike length compare."""
    middle = (len(layer) - 1) / 2
    for place, node in enumerate(layer):
        at[node] = place - middle


def _mean(nodes: list[int], at: list[float]) -> float:
    return at[nodes[0]] if len(nodes) == 1 else sum(map(at.__getitem__, nodes)) / len(nodes)


# -- places ---------------------------------------------------------------------------------------------------------
def _places(layered: _Layered, sizes: Floats) -> tuple[Floats, Floats]:
    """The middles of all nodes along and across the flow, of each part from 0 on."""
    count = layered.count
    lengths, halves = sizes[:, 0].tolist(), (sizes[:, 1] / 2).tolist()
    halves += [0.0] * (len(layered.before) - count)  # dummies are wires
    along = np.zeros(count)
    end, previous = 0.0, -1
    for part, layer in zip(layered.parts, layered.layers, strict=True):
        real = [node for node in layer if node < count]
        length = max((lengths[node] for node in real), default=0.0)
        end = 0.0 if part != previous else end + GAP_ALONG
        along[real] = end + length / 2
        end, previous = end + length, part
    return along, np.array(_across(layered, halves)[:count])


def _across(layered: _Layered, halves: list[float]) -> list[float]:
    """The middles of nodes and dummies across the flow: each as near to its neighbours' as distances allow, first to
    those before it, then to those behind it, and again. `halves` are half their sizes."""
    at = [0.0] * len(layered.before)
    weights = [1.0 if node < layered.count else HEAVY for node in range(len(at))]
    rows = [(layer, _offsets(layer, halves, layered.count)) for layer in layered.layers]
    for layer, offsets in rows:
        _spread(layer, offsets, [0.0] * len(layer), weights, at)
    for sweep in range(SETTLINGS):
        forth = sweep % 2 == 0
        neighbours = layered.before if forth else layered.after
        for layer, offsets in rows if forth else reversed(rows):
            wanted: list[float] = []
            for node in layer:
                others = neighbours[node]
                if len(others) == 1:
                    wanted.append(at[others[0]])
                elif others:
                    wanted.append(sum([weights[n] * at[n] for n in others]) / sum([weights[n] for n in others]))
                else:
                    wanted.append(at[node])
            _spread(layer, offsets, wanted, weights, at)
    return at


def _offsets(layer: list[int], halves: list[float], count: int) -> list[float]:
    """How far the nodes of a layer lie at least from its first one."""
    found = [0.0]
    for one, other in itertools.pairwise(layer):
        gap = GAP_ACROSS if one < count and other < count else GAP_DUMMY
        found.append(found[-1] + halves[one] + halves[other] + gap)
    return found


def _spread(layer: list[int], offsets: list[float], wanted: list[float], weights: list[float], at: list[float]) -> None:
    """Put the nodes of a layer as near as can be to where they are wanted, in their order and at their distances: least
    squares by pooling adjacent violators (Barlow et al., “Statistical inference under order restrictions”, 1972)."""
    if len(layer) == 1:
        at[layer[0]] = wanted[0]
        return
    pools: list[tuple[float, float, int]] = []  # mean, weight and number of nodes that stand at their least distances
    for node, place, offset in zip(layer, wanted, offsets, strict=True):
        mean, weight, number = place - offset, weights[node], 1
        while pools and pools[-1][0] > mean:
            other, more, others = pools.pop()
            mean = (mean * weight + other * more) / (weight + more)
            weight, number = weight + more, number + others
        pools.append((mean, weight, number))
    first = 0
    for mean, _, number in pools:
        for place in range(first, first + number):
            at[layer[place]] = mean + offsets[place]
        first += number


def _packed(corners: Floats, sizes: Floats, parts: NDArray[np.int64]) -> Floats:
    """Parts in rows along the flow, each row as long as the longest part or as makes the whole about square."""
    number = int(parts.max()) + 1
    low, high = np.full((number, 2), np.inf), np.full((number, 2), -np.inf)
    np.minimum.at(low, parts, corners)
    np.maximum.at(high, parts, corners + sizes)
    extent = high - low
    gaps = np.array([GAP_ALONG, 2 * GAP_ACROSS])
    room = max(float(extent[:, 0].max()), float(np.sqrt((extent + gaps).prod(axis=1).sum())))
    shift = np.zeros((number, 2))
    along = across = deepest = 0.0
    for part, (length, depth) in enumerate(extent.tolist()):
        if along and along + length > room:
            along, across, deepest = 0.0, across + deepest + float(gaps[1]), 0.0
        shift[part] = along, across
        along, deepest = along + length + float(gaps[0]), max(deepest, depth)
    return corners - low[parts] + shift[parts]
