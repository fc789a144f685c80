"""What each loss shows of the run that was trained: a curve of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.graph.design import Design
from engine.graph.edits import distinct_labels
from engine.graph.model import NodeId
from engine.observe.history import History
from gui.canvas import ports

Array = np.ndarray[Any, Any]

POINTS = 64
FIRST_EPOCH = "known after an epoch"


@dataclass(frozen=True, slots=True, eq=False)
class LossCurve:
    """`values` in their order; where there are none, `waiting` says why. `by_epoch`: else a value is a step's."""

    values: Array
    waiting: str = ""
    by_epoch: bool = False

    def same(self, other: LossCurve | None) -> bool:
        return (
            other is not None
            and (self.waiting, self.by_epoch) == (other.waiting, other.by_epoch)
            and np.array_equal(self.values, other.values, equal_nan=True)
        )


def losses_of(design: Design) -> dict[NodeId, str]:
    """The labels of a design's losses, in the order of its nodes."""
    graph = design.graph
    return {n.id: n.label for n in graph.nodes.values() if ports.family(graph.layers[n.layer]) == "Loss"}


def loss_curves(history: History, losses: dict[NodeId, str], trained: Collection[NodeId]) -> dict[NodeId, LossCurve]:
    """For each of the `losses` of the design that a run learned with. A single one has every step's value; of several
    the steps have only the sum, so each has its mean over every epoch. `trained`: what takes part in a run."""
    if not len(history.loss):
        return {}
    taking_part = [node for node in losses if node in trained] or list(losses)
    if len(taking_part) == 1:
        return {taking_part[0]: LossCurve(thinned(history.loss))}
    curves = dict[NodeId, LossCurve]()
    for node, label in distinct_labels({node: losses[node] for node in taking_part}).items():
        values = history.epochs.get(f"train/loss/{label}", np.zeros(0))
        values = values[~np.isnan(values)]  # epochs before there were several
        curves[node] = LossCurve(thinned(values), "" if len(values) else FIRST_EPOCH, True)
    return curves


def thinned(loss: Array) -> Array:
    """At most POINTS values, each the mean of its stretch; the last one the mean of the newest steps."""
    if len(loss) <= POINTS:
        return np.array(loss)
    edges = np.linspace(0, len(loss), POINTS + 1).astype(np.intp)
    return np.add.reduceat(loss, edges[:-1]) / np.diff(edges)
