"""What the compiler hands over: the module, and what its inputs, outputs and submodules mean."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from engine.check.report import NodePath
from engine.graph.design import Design

Tap = tuple[NodePath, str]


@dataclass(frozen=True)
class LossTerm:
    """One loss of the sum. `prediction` is the index of the tensor it judges among the module's predictions, `target`
    the index of the target it judges by (None where that is no Target node). No two terms have one `label`: it is the
    node's, with a number where an earlier loss has the same."""

    path: NodePath
    label: str
    kind: str
    weight: float
    prediction: int
    target: int | None


@dataclass(frozen=True)
class Compiled:
    """`module(*inputs, *targets) -> (total, (loss, …), (prediction, …, output, …))`; all batches first.

    `inputs` and `targets` are (path of the node, data field) in the order of the arguments. `outputs` are the Output
    nodes, whose tensors follow the predictions. `names` maps each layer path (‘n12’, ‘nblock/0/nconv’) to its
    submodule, `taps` each (node path, port) to the name of the fx node that computes it, `paths` each fx node's
    name to its node path. `stochastic` says whether some layer draws random numbers in training.
    """

    design: Design
    module: torch.fx.GraphModule
    inputs: tuple[tuple[NodePath, str], ...]
    targets: tuple[tuple[NodePath, str], ...]
    losses: tuple[LossTerm, ...]
    outputs: tuple[tuple[NodePath, str], ...]
    names: dict[str, str] = field(default_factory=dict)
    taps: dict[Tap, str] = field(default_factory=dict)
    paths: dict[str, NodePath] = field(default_factory=dict)
    stochastic: bool = False
