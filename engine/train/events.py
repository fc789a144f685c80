"""What a run says. Frozen, picklable, without torch. Scalars append; of looks only the latest counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.check.report import NodePath
from engine.graph.frozen import Frozen
from engine.observe.picture import Look

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Over one split. `loss` is the weighted sum of the losses, a mean over samples; `accuracy` a fraction, None where
    the targets are no classes; `losses` each loss by its node's label."""

    loss: float
    accuracy: float | None = None
    samples: int = 0
    losses: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingState:
    """All that a run needs to go on as if it had never stopped (to the bit, on one device and thread count).

    Samples are ordered by a permutation drawn from (seed, epoch), and the random numbers of a step are drawn from
    (seed, step): so the position alone is the random state, and nothing outside the run can disturb it; `random` keeps
    the generator's own state besides. `weights` and `optimizer` are keyed by layer path and parameter name
    (‘n12.weight’; ‘n12.weight/exp_avg’). `partial` holds the sums of the epoch under way.
    """

    step: int
    epoch: int  # whole epochs done
    batch: int  # batches done in the epoch under way
    seed: int
    threads: int
    device: str
    weights: Frozen[str, Array]
    optimizer: Frozen[str, Array]
    random: Frozen[str, Array] = field(default_factory=Frozen[str, Array])
    partial: Frozen[str, float] = field(default_factory=Frozen[str, float])


@dataclass(frozen=True, slots=True)
class Started:
    step: int
    epoch: int
    steps_per_epoch: int
    epochs: int  # where this run stops
    samples: int
    batch_size: int
    device: str
    threads: int
    seed: int


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses of consecutive steps: `values[0]` belongs to step `first` (the first step of all is 1)."""

    first: int
    values: tuple[float, ...]
    rate: float  # the learning rate of the last of these steps
    samples_per_second: float
    rates: tuple[float, ...] = ()  # the rate of each of these steps; empty where it was the same in all

    @property
    def last(self) -> int:
        return self.first + len(self.values) - 1


@dataclass(frozen=True, slots=True)
class EpochEnded:
    epoch: int  # epochs done
    step: int
    train: Metrics  # mean over the epoch's own steps
    validation: Metrics | None
    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture of what the network sees, made between two steps."""

    look: Look


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state after `state.step` steps; given at the times `Control` asks for, when paused, and at every end."""

    state: TrainingState


@dataclass(frozen=True, slots=True)
class Paused:
    step: int


@dataclass(frozen=True, slots=True)
class Resumed:
    step: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended by an error. A Checkpoint with the last good state came before it where there was one."""

    what: str
    why: str
    step: int
    path: NodePath = ()
    details: str = ""  # the traceback, for whoever asks
    diverged: bool = False  # the network's own numbers grew beyond bounds: smaller steps from that state may help


@dataclass(frozen=True, slots=True)
class Finished:
    """The run ended: `stopped` by a person, or because the last epoch was done."""

    epoch: int
    step: int
    stopped: bool
    train: Metrics | None
    validation: Metrics | None
    test: Metrics | None
    cpu_seconds: float
    wall_seconds: float


Event = Started | Losses | EpochEnded | Looked | Checkpoint | Paused | Resumed | Failed | Finished
