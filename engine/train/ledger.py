"""What steps leave behind on the device (losses, answers) until somebody reads it: nothing in a step waits for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from engine.train.metrics import Judge, Sums, is_comparable

ANSWERS_KEPT = 1 << 24  # bytes of predictions and targets that wait to be counted


@dataclass(frozen=True, slots=True)
class Read:
    """The losses and rates of the steps since the last reading. `finite` is False where the step after the last of
    these had a loss that is not finite."""

    values: tuple[float, ...]
    rates: tuple[float, ...]
    samples: int
    finite: bool
    worst: float = 0.0  # that loss


class Ledger:
    def __init__(self, judge: Judge | None, several: bool):
        self._judge, self._several = judge, several
        self.room = 1 << 30  # steps that may be noted before reading; known once the size of an answer is
        self.forget()

    def forget(self) -> None:
        self._totals: list[torch.Tensor] = []
        self._parts: list[torch.Tensor] = []
        self._predictions: list[torch.Tensor] = []
        self._targets: list[torch.Tensor] = []
        self._sizes: list[int] = []
        self._rates: list[float] = []

    def note(
        self,
        total: torch.Tensor,
        losses: Sequence[torch.Tensor],
        predictions: Sequence[torch.Tensor],
        targets: Sequence[torch.Tensor],
        rate: float,
    ) -> None:
        """Called once a step: keeps references, computes and reads nothing."""
        self._totals.append(total.detach())
        self._sizes.append(len(targets[0]))
        self._rates.append(rate)
        if self._several:
            self._parts.extend([loss.detach() for loss in losses])
        if self._judge is not None:
            prediction, target = predictions[self._judge.prediction].detach(), targets[self._judge.target]
            if len(self._predictions) == 0:
                self._first(prediction, target)
            if self._judge is not None:
                self._predictions.append(prediction)
                self._targets.append(target)

    def _first(self, prediction: torch.Tensor, target: torch.Tensor) -> None:
        if self._judge is not None and not is_comparable(self._judge, prediction, target):
            self._judge = None
            return
        self.room = max(1, ANSWERS_KEPT // max(1, prediction.nbytes + target.nbytes))

    def read(self, sums: Sums, past_bad: bool = False) -> Read:
        """Wait for the device, add to `sums`, forget. Steps from the first loss that is not finite on do not count,
        unless `past_bad`."""
        if not self._totals:
            return Read((), (), 0, True)
        values = torch.stack(self._totals).tolist()
        parts = torch.stack(self._parts).view(len(values), -1).tolist() if self._parts else [()] * len(values)
        bad = (i for i, value in enumerate(values) if not math.isfinite(value) and not past_bad)
        good = next(bad, len(values))
        for size, value, losses in zip(self._sizes[:good], values[:good], parts[:good], strict=True):
            sums.add(size, value, tuple(losses))
        if self._judge is not None and good:
            predictions, targets = torch.cat(self._predictions[:good]), torch.cat(self._targets[:good])
            sums.correct += int(self._judge.correct(predictions, targets))
            sums.judged += targets.numel()
        result = Read(
            tuple(values[:good]),
            tuple(self._rates[:good]),
            sum(self._sizes[:good]),
            good == len(values),
            values[good] if good < len(values) else 0.0,
        )
        self.forget()
        return result
