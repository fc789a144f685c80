"""How a design learns, as a value. What the names mean (torch.optim, its signatures) is told in engine.train.recipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.graph.frozen import Frozen
from engine.graph.model import Value

HIGHEST_SEED = 2**63 - 1  # the lowest is 0
SUPERVISED = "supervised"


@dataclass(frozen=True, slots=True)
class Named:
    """A class chosen by name with the arguments a person set; the rest are the defaults of its signature."""

    name: str
    parameters: Frozen[str, Value] = field(default_factory=Frozen[str, Value])


@dataclass(frozen=True, slots=True)
class Recipe:
    """Kind of learning, optimiser, schedule and its horizon, batch size, precision, seed.

    `epochs` is the horizon: where training stops by itself and over how many epochs the schedule stretches; beyond it
    the schedule's last rate holds. `optimizer` names a class of torch.optim, `schedule` one of
    torch.optim.lr_scheduler (None: a constant rate). The losses are nodes of the graph; their weights are
    parameters of those nodes.
    """

    kind: str = SUPERVISED
    optimizer: Named = field(default_factory=lambda: Named("Adam", Frozen({"lr": 1e-3})))
    schedule: Named | None = None
    epochs: int = 10
    batch_size: int = 64
    precision: str = "float32"
    seed: int = 0
