"""Nodes by what somebody types: first those whose label is or begins with it, at last those that merely hold its
letters in that order."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.graph.model import Graph, LayerId, NodeId

LONGEST = 200  # characters of a question that are looked at
_BORDERS = " _-.:/"  # before a new word within a label
_FAR = 1 << 14  # places in a text, and lengths, are told apart up to here (a label has at most 10,000 characters)


def find(graph: Graph, text: str, limit: int | None = None) -> tuple[NodeId, ...]:
    """The nodes that fit, the best first, of equal ones those with the shorter label and then in the order of the
    graph; all of them where nothing is asked.

    Each word of the text has to fit the label, the kind (of a block its name) or the id. Case does not count.
    """
    ranks = [_ranker(word) for word in text[:LONGEST].casefold().split()]
    ids = list(graph.nodes)
    if not ranks:
        return tuple(ids[:limit])
    kinds: dict[LayerId, str] = {}
    for layer in graph.layers.values():
        body = graph.blocks.get(layer.block or "")
        kinds[layer.id] = (layer.kind if body is None else body.label).casefold()
    found: list[int] = []  # all that counts in one number each: ten thousand tuples would cost more than the search
    for place, node in enumerate(graph.nodes.values()):
        label, total = node.label.casefold(), 0
        for rank in ranks:
            fit = rank(label, kinds[node.layer], node.id)
            if fit is None:
                break
            total = total * 16 * _FAR + fit
        else:
            found.append((total * _FAR + min(len(label), _FAR - 1)) * len(ids) + place)
    found.sort()
    return tuple(ids[number % len(ids)] for number in found[:limit])


def _ranker(word: str) -> Callable[[str, str, str], int | None]:
    """How well a label, a kind and an id fit a word: lower is better, below 16 · _FAR; None where they do not."""
    # Each piece runs up to the next letter and cannot run past it, so that a search is one pass and never backtracks.
    scattered = re.compile("".join(f"[^{re.escape(c)}]*{re.escape(c)}" for c in word)).match

    def rank(label: str, kind: str, node: NodeId) -> int | None:
        at = label.find(word)
        if at == 0:
            return 0 if label == word else _FAR
        if at > 0:
            return (2 if label[at - 1] in _BORDERS else 3) * _FAR + min(at, _FAR - 1)
        at = kind.find(word)
        if at >= 0:
            return (4 if at == 0 else 5) * _FAR + min(at, _FAR - 1)
        if word in node.casefold():
            return 6 * _FAR
        for level, text in ((7, label), (8, kind)):
            letters = scattered(text)
            if letters is not None:
                return level * _FAR + min(letters.end(), _FAR - 1)
        return None

    return rank
