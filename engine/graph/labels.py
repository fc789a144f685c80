"""Labels that are made: what they start with follows from the kind, and a number makes them unique."""

from __future__ import annotations

import re

from engine.graph.model import Graph

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
