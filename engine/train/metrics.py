"""Losses and accuracy over many batches: sums that do not depend on when they are looked at.

Losses are means over a batch, so they are weighted by the number of samples. Sums are made in the order of the steps,
in double precision: whoever stops in the middle of an epoch and goes on gets the same figures to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from engine.compile.compiler import Compiled
from engine.graph.frozen import Frozen
from engine.train.events import Metrics

CLASSES = ("CrossEntropyLoss", "NLLLoss")  # predictions: a score for each class along axis 1; targets: class indices
YES_OR_NO = {"BCEWithLogitsLoss": 0.0, "BCELoss": 0.5}  # predictions above this are a yes


@dataclass(frozen=True, slots=True)
class Judge:
    """Which prediction is held against which target, and how. Of several losses over classes the first one counts."""

    prediction: int  # its number among the module's predictions
    target: int  # its number among the module's targets
    kind: str

    def correct(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """How many are right, as a tensor of one number (reading it would wait for the device)."""
        if self.kind in CLASSES:
            return (prediction.argmax(1) == target).sum()
        return ((prediction > YES_OR_NO[self.kind]) == (target > 0.5)).sum()


def judge(compiled: Compiled) -> Judge | None:
    """How this network's answers are told right from wrong, or None where no loss is one over classes."""
    for term in compiled.losses:
        if term.target is not None and (term.kind in CLASSES or term.kind in YES_OR_NO):
            return Judge(term.prediction, term.target, term.kind)
    return None


def is_comparable(judge: Judge, prediction: torch.Tensor, target: torch.Tensor) -> bool:
    """Whether shapes and types allow to count: CrossEntropyLoss also takes probabilities as targets."""
    if judge.kind in CLASSES:
        indices = not target.is_floating_point()
        return indices and prediction.dim() > 1 and prediction.shape[:1] + prediction.shape[2:] == target.shape
    return prediction.shape == target.shape


@dataclass
class Sums:
    """What is known of an epoch so far. `losses` are the sums of each loss, where there are several."""

    samples: int = 0
    loss: float = 0.0
    correct: int = 0
    judged: int = 0
    losses: list[float] = field(default_factory=list[float])

    def add(self, samples: int, loss: float, losses: tuple[float, ...] = ()) -> None:
        self.samples += samples
        self.loss += loss * samples
        if losses:
            self.losses = self.losses or [0.0] * len(losses)
            self.losses = [total + value * samples for total, value in zip(self.losses, losses, strict=True)]

    def metrics(self, labels: tuple[str, ...]) -> Metrics | None:
        """Means over samples, or None where there were none. `labels` are those of the losses."""
        if not self.samples:
            return None
        parts = self.losses or [self.loss] * (len(labels) == 1)
        return Metrics(
            loss=self.loss / self.samples,
            accuracy=self.correct / self.judged if self.judged else None,
            samples=self.samples,
            losses=tuple((label, value / self.samples) for label, value in zip(labels, parts, strict=False)),
        )

    def stored(self) -> Frozen[str, float]:
        """For the training state; `restored` is its opposite."""
        named = {"samples": self.samples, "loss": self.loss, "correct": self.correct, "judged": self.judged}
        return Frozen({**named, **{f"loss/{i}": value for i, value in enumerate(self.losses)}})

    @staticmethod
    def restored(stored: Mapping[str, float]) -> Sums:
        losses = [stored[f"loss/{i}"] for i in range(sum(name.startswith("loss/") for name in stored))]
        return Sums(
            int(stored.get("samples", 0)),
            float(stored.get("loss", 0.0)),
            int(stored.get("correct", 0)),
            int(stored.get("judged", 0)),
            losses,
        )
