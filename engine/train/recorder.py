"""Gathers a run's events into its History: every step's loss and rate, every epoch's metrics. No torch here."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.train.events import EpochEnded, Event, Losses, Metrics, Started

Array = np.ndarray[Any, Any]


class _Column:
    """A float64 array that grows: appending is cheap, and what was given out is never written to again."""

    def __init__(self, values: Array):
        self._room = np.array(values, np.float64)
        self._room.setflags(write=False)
        self.count = len(self._room)

    def put(self, first: int, values: Array) -> None:
        """Let `values` stand from index `first` on, and nothing after them; a gap before them becomes NaN."""
        end = first + len(values)
        if first < self.count or end > len(self._room) or not self._room.flags.writeable:
            kept = min(first, self.count)  # views given out show the old room, which is left as it is
            room = np.full(max(1024, 2 * end), np.nan)
            room[:kept] = self._room[:kept]
            self._room = room
        self._room[first:end] = values
        self.count = end

    def cut(self, count: int) -> None:
        if count < self.count:
            self.put(count, np.zeros(0))

    def array(self) -> Array:
        view = self._room[: self.count]
        view.flags.writeable = False
        return view


class Recorder:
    """`add` every event, take the `history` whenever it is wanted: both cost about what is new."""

    def __init__(self, history: History | None = None):
        history = history or History()
        self._loss = _Column(history.loss)
        self._rate = _Column(history.rate)
        self._epochs: dict[str, list[float]] = {name: list(map(float, c)) for name, c in history.epochs.items()}
        self._epoch_arrays: Frozen[str, Array] | None = history.epochs

    def add(self, event: Event) -> None:
        """Scalars are kept, other events pass. A run that goes on from an earlier step replaces what came after it."""
        if isinstance(event, Started):
            self._loss.cut(event.step)
            self._rate.cut(event.step)
            self._cut_epochs(event.step)
        elif isinstance(event, Losses):
            values = np.asarray(event.values, np.float64)
            self._loss.put(event.first - 1, values)
            rates = event.rates or (event.rate,) * len(values)
            self._rate.put(event.first - 1, np.asarray(rates, np.float64))
        elif isinstance(event, EpochEnded):
            self._add_epoch(event)

    def history(self) -> History:
        if self._epoch_arrays is None:
            self._epoch_arrays = Frozen({name: _frozen(values) for name, values in self._epochs.items()})
        return History(self._loss.array(), self._rate.array(), self._epoch_arrays)

    def _add_epoch(self, event: EpochEnded) -> None:
        self._cut_epochs(event.step - 1)
        row = {"epoch": event.epoch, "step": event.step, "seconds": event.seconds, "rate": event.rate}
        row.update(_row("train", event.train))
        row.update(_row("validation", event.validation))
        count = len(self._epochs.get("epoch", ()))
        for name in row.keys() - self._epochs.keys():
            self._epochs[name] = [float("nan")] * count
        for name, column in self._epochs.items():
            column.append(float(row.get(name, float("nan"))))
        self._epoch_arrays = None

    def _cut_epochs(self, step: int) -> None:
        """Forget the epochs that ended after `step`."""
        kept = sum(s <= step for s in self._epochs.get("step", ()))
        if kept < len(self._epochs.get("step", ())):
            self._epochs = {name: column[:kept] for name, column in self._epochs.items()}
            self._epoch_arrays = None


def _row(part: str, metrics: Metrics | None) -> dict[str, float]:
    if metrics is None:
        return {}
    row = {f"{part}/loss": metrics.loss}
    if metrics.accuracy is not None:
        row[f"{part}/accuracy"] = metrics.accuracy
    if len(metrics.losses) > 1:
        row.update({f"{part}/loss/{label}": value for label, value in metrics.losses})
    return row


def _frozen(values: list[float]) -> Array:
    array = np.asarray(values, np.float64)
    array.flags.writeable = False
    return array
