"""Labels that are made: what they start with follows from the kind, and a number makes them unique. And how nodes that
share a label, as they may, are told apart wherever one is spoken of."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from engine.graph.model import Graph, NodeId
from engine.graph.topology import Topology

# Bases of labels of which a design usually has one: the first is called ‘flatten’, not ‘flatten1’.
_USUALLY_ALONE = frozenset({"input", "target", "output", "flatten", "cross_entropy", "mse", "bce_with_logits", "nll"})
_SHORT = {"Linear": "fc", "MaxPool": "pool", "AvgPool": "pool", "AdaptiveAvgPool": "pool", "AdaptiveMaxPool": "pool"}


def label_base(kind: str) -> str:
    """What labels of a kind start with: Conv2d → conv, CrossEntropyLoss → cross_entropy, BatchNorm2d → batch_norm."""
    name = re.sub(r"\d+d$", "", kind)
    if name in _SHORT:
        return _SHORT[name]
    if len(name) > 4 and name.endswith("Loss"):
        name = name.removesuffix("Loss")
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    name = name.lower().replace("re_lu", "relu")
    return name or "layer"


def stem(label: str) -> str:
    """The label without the number at its end: conv12 → conv; what is all digits stays."""
    return label.rstrip("0123456789") or label


def is_made(label: str, kind: str) -> bool:
    """Whether a label is one that is made for this kind, so that nobody would miss it."""
    return stem(label).removesuffix("_") == label_base(kind)


class Labels:
    """The labels that a graph has, and new ones besides: looked up once, however many nodes are added."""

    def __init__(self, graph: Graph):
        self._taken = {n.label for n in graph.nodes.values()}
        self._tried: dict[str, int] = {}  # by base: all numbers up to this one are taken

    def new(self, base: str) -> str:
        """conv1, conv2, …; what usually stands alone starts without a number. It counts as taken from now on."""
        alone = base in _USUALLY_ALONE
        if alone and base not in self._taken:
            self._taken.add(base)
            return base
        joint = "_" if base[-1:].isdigit() else ""
        number = self._tried.get(base, 1 if alone else 0) + 1
        while f"{base}{joint}{number}" in self._taken:
            number += 1
        self._tried[base] = number
        label = f"{base}{joint}{number}"
        self._taken.add(label)
        return label

    def for_copy(self, label: str) -> str:
        """The label itself where nobody has it, else the next number: of conv1 a copy is conv2."""
        if label not in self._taken:
            self._taken.add(label)
            return label
        return self.new(stem(label))


def unique_label(graph: Graph, base: str) -> str:
    """A label that no node of the graph has."""
    return Labels(graph).new(base)


# -- speaking of nodes ------------------------------------------------------------------------------------------------
def told_apart(graph: Graph) -> dict[NodeId, str]:
    """What each node is called in a sentence: its label, and where others have the same which of them it is, along the
    flow: ‘fc (2nd of 2)’. No two are called alike."""
    count = Counter(node.label for node in graph.nodes.values())
    names = {node.id: node.label for node in graph.nodes.values()}
    if len(count) == len(names):
        return names
    taken, met = set(count), Counter[str]()
    for node in Topology(graph).order:
        label = names[node]
        if count[label] == 1:
            continue
        met[label] += 1
        name = f"{label} ({ordinal(met[label])} of {count[label]})"
        while name in taken:  # somebody has called a node so
            name += "′"
        taken.add(name)
        names[node] = name
    return names


def with_names(graph: Graph) -> Graph:
    """The same graph with each node labelled as it is spoken of; itself where no two labels are alike."""
    names = told_apart(graph)
    nodes = graph.nodes.values()
    other = {n.id: replace(n, label=names[n.id]) for n in nodes if names[n.id] != n.label}
    return replace(graph, nodes=graph.nodes.with_items(other)) if other else graph


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number}{('th', 'st', 'nd', 'rd')[last] if last < 4 else 'th'}"
