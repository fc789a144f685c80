"""From a History to what the curves show: smoothed losses, epochs on the x axis, values at one place. numpy only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.observe.history import History

Array = np.ndarray[Any, Any]
Best = Literal["lowest", "highest"]  # which value of a validation curve is the good one
LEVEL = 0.01  # a change by less than this share over an epoch is none
PART = "train/loss/"  # what the columns of single losses begin with


def nothing() -> Array:
    return np.zeros(0)


class Smoother:
    """Exponential moving average of a growing series, without the pull towards its start; only new values are worked
    on. Values that are not finite are left out (the average stands still)."""

    def __init__(self, factor: float = 0.9):
        self.factor = factor
        self._buffer = np.zeros(1024)
        self._size = 0
        self._sum = self._weight = 0.0

    @property
    def values(self) -> Array:
        return self._buffer[: self._size]

    def extend(self, new: Array) -> None:
        if not len(new):
            return
        end = self._size + len(new)
        if end > len(self._buffer):
            grown = np.zeros(max(end, 2 * len(self._buffer)))
            grown[: self._size] = self.values
            self._buffer = grown
        self._buffer[self._size : end] = self._smoothed(np.asarray(new, np.float64))
        self._size = end

    def _smoothed(self, new: Array) -> Array:
        factor = self.factor
        if factor < 1e-3:
            return new
        known = np.isfinite(new)
        values = np.where(known, new, 0.0)
        # y_k = f·y_(k-1) + (1-f)·x_k in closed form, block by block: f^-k must not overflow within one
        block = max(1, min(4096, int(23.0 / -math.log(factor))))
        out = np.empty(len(new))
        for start in range(0, len(new), block):
            part, seen = values[start : start + block], known[start : start + block]
            if seen.all():
                powers = factor ** np.arange(1, len(part) + 1)
                sums = powers * (self._sum + (1 - factor) * np.cumsum(part / powers))
                weights = powers * (self._weight - 1.0) + 1.0
            else:
                sums, weights = self._slowly(part, seen)
            self._sum, self._weight = float(sums[-1]), float(weights[-1])
            with np.errstate(invalid="ignore", divide="ignore"):
                out[start : start + len(part)] = np.where(weights > 0, sums / weights, np.nan)
        return out

    def _slowly(self, part: Array, seen: Array) -> tuple[Array, Array]:
        total, weight = self._sum, self._weight
        sums, weights = np.empty(len(part)), np.empty(len(part))
        for index, (value, known) in enumerate(zip(part.tolist(), seen.tolist(), strict=True)):
            if known:
                total = self.factor * total + (1 - self.factor) * value
                weight = self.factor * weight + (1 - self.factor)
            sums[index], weights[index] = total, weight
        return sums, weights


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of one line. Both arrays have one length; they are never written to."""

    x: Array = field(default_factory=nothing)
    y: Array = field(default_factory=nothing)

    def at(self, x: float) -> float | None:
        """The value of the last point at or before `x`, or None."""
        index = int(np.searchsorted(self.x, x + 1e-9, side="right")) - 1
        value = float(self.y[index]) if index >= 0 else math.nan
        return value if math.isfinite(value) else None

    def same(self, other: Curve) -> bool:
        """Whether both have the same points: at once where one has grown."""
        return self is other or (np.array_equal(self.x, other.x) and np.array_equal(self.y, other.y, equal_nan=True))

    @property
    def last(self) -> float | None:
        return float(self.y[-1]) if len(self.y) and math.isfinite(float(self.y[-1])) else None


@dataclass(frozen=True, slots=True)
class Curves:
    """One plot: `raw` (each step) under `train`, and `validation` at the ends of epochs. `parts` by name: what `train`
    is the weighted sum of, where that is more than one thing."""

    raw: Curve = field(default_factory=Curve)
    train: Curve = field(default_factory=Curve)
    validation: Curve = field(default_factory=Curve)
    parts: tuple[tuple[str, Curve], ...] = ()

    def lines(self) -> dict[str, Curve]:
        """Every line by its key; a part's begins with ‘part/’, whatever the part is called."""
        parts = {f"part/{name}": curve for name, curve in self.parts}
        return {"raw": self.raw, "train": self.train, "validation": self.validation, **parts}


class Series:
    """Follows one run's History. `update` is cheap for one that has grown; another run's starts anew."""

    def __init__(self, smoothing: float = 0.9):
        self.smoothing = smoothing
        self.history = History()
        self._smoother = Smoother(smoothing)
        self._first: tuple[float, ...] = ()
        self._steps_per_epoch = 0.0
        self._places = nothing()

    def set_smoothing(self, factor: float) -> None:
        self.smoothing = factor
        self._smoother = Smoother(factor)
        self._smoother.extend(self.history.loss)

    def update(self, history: History, steps_per_epoch: float = 0.0) -> None:
        """`steps_per_epoch` is known from the run while its first epoch is not over."""
        done = len(self._smoother.values)
        first = tuple(history.loss[:3].tolist())
        if len(history.loss) < done or first[: len(self._first)] != self._first:
            self._smoother, done = Smoother(self.smoothing), 0
        self.history, self._first = history, first
        self._smoother.extend(history.loss[done:])
        self._steps_per_epoch = steps_per_epoch
        self._places = self._step_epochs()

    @property
    def empty(self) -> bool:
        return not len(self.history.loss) and not len(column(self.history, "epoch"))

    @property
    def epochs_done(self) -> float:
        return float(self._places[-1]) if len(self._places) else 0.0

    def loss(self) -> Curves:
        epochs = column(self.history, "epoch")
        validation = _known(epochs, column(self.history, "validation/loss"))
        parts = tuple(
            (name.removeprefix(PART), _known(epochs, column(self.history, name)))
            for name in self.history.epochs
            if name.startswith(PART)
        )
        if len(self._places):
            train = Curve(self._places, self._smoother.values)
            return Curves(Curve(self._places, self.history.loss), train, validation, parts)
        return Curves(Curve(), _known(epochs, column(self.history, "train/loss")), validation, parts)

    def accuracy(self) -> Curves | None:
        """In per cent; None where there are no classes."""
        epochs = column(self.history, "epoch")
        train = _known(epochs, 100.0 * column(self.history, "train/accuracy"))
        validation = _known(epochs, 100.0 * column(self.history, "validation/accuracy"))
        return Curves(Curve(), train, validation) if len(train.x) or len(validation.x) else None

    def _step_epochs(self) -> Array:
        """The place of each step on the epoch axis."""
        count = len(self.history.loss)
        steps, epochs = column(self.history, "step"), column(self.history, "epoch")
        numbers = np.arange(1, count + 1, dtype=np.float64)
        if len(steps) and steps[-1] > 0:
            pace = float(epochs[-1] / steps[-1])
            if np.allclose(steps * pace, epochs, rtol=1e-9):  # as many steps in each epoch: the usual case
                numbers *= pace
                return numbers
            result = np.interp(numbers, np.concatenate(([0.0], steps)), np.concatenate(([0.0], epochs)))
            behind = numbers > steps[-1]
            result[behind] = epochs[-1] + (numbers[behind] - steps[-1]) * pace
            return result
        return numbers / (self._steps_per_epoch or max(1, count))


def column(history: History, name: str) -> Array:
    columns: Mapping[str, Array] = history.epochs
    return np.asarray(columns[name], np.float64) if name in columns else nothing()


def _known(x: Array, y: Array) -> Curve:
    if len(x) != len(y):
        return Curve()
    known = np.isfinite(y)
    return Curve(x[known], y[known])


def in_words(title: str, curves: Curves, epochs: float, unit: str = "", best: Best = "lowest") -> str:
    """A plot in a sentence: ‘Loss, 12 epochs: train 0.087, falling; validation 0.098 at epoch 12, rising; lowest
    validation 0.091 at epoch 9’."""

    def said(line: Curve, place: int) -> str:
        return f"{number_text(float(line.y[place]))}{unit} at epoch {number_text(float(line.x[place]))}"

    parts, line = [], curves.validation
    if curves.train.last is not None:
        parts.append(f"train {number_text(curves.train.last)}{unit}{_trend(curves.train)}")
    if line.last is not None:
        parts.append(f"validation {said(line, -1)}{_trend(line)}")
    if len(line.x) > 1:
        place = int(np.argmin(line.y) if best == "lowest" else np.argmax(line.y))
        parts.append(f"{best} validation {said(line, place)}")
    parts += [f"{name} {number_text(part.last)}{unit}" for name, part in curves.parts if part.last is not None]
    if not parts:
        return f"{title}: nothing yet"
    count = f"{number_text(epochs)} epoch{'' if epochs == 1 else 's'}"
    return f"{title}, {count}: {'; '.join(parts)}"


def _trend(line: Curve) -> str:
    """‘, falling’: how the last value stands to that of one epoch before, or to the first where there is none."""
    now = line.last
    if now is None or len(line.x) < 2:
        return ""
    before = line.at(float(line.x[-1]) - 1.0)
    before = float(line.y[0]) if before is None else before
    if not math.isfinite(before):
        return ""
    change = (now - before) / (max(abs(now), abs(before)) or 1.0)
    return ", level" if abs(change) < LEVEL else ", rising" if change > 0 else ", falling"


def value_range(curves: Curves, logarithmic: bool = False) -> tuple[float, float]:
    """What the y axis shows: everything but the few highest of the raw values, which are mostly the first steps."""
    train, raw = _thinned(curves.train.y), _thinned(curves.raw.y)
    parts = [train[len(train) // 50 :] if len(raw) else train, _thinned(curves.validation.y)]
    parts += [_thinned(curve.y) for _name, curve in curves.parts]
    if len(raw):
        parts.append(np.quantile(raw, (0.01, 0.98)))
    values = np.concatenate(parts)
    if logarithmic:
        values = values[values > 0]
    if not len(values):
        return (0.1, 1.0) if logarithmic else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if logarithmic:
        return low * 0.9, high * 1.1 if high > low else low * 2
    if low >= 0.0 and low < 0.5 * high:
        low = 0.0
    room = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    return (-0.06 * high if low == 0.0 else low - room), high + room  # a little below zero, so that ‘0’ has room


def axis_end(done: float) -> float:
    """Where the epoch axis ends after `done` epochs: it grows in steps of about an eighth, so that what only an epoch
    changes is not painted anew at every step for the sake of the axis."""
    if done <= 0.0:
        return 1e-3
    step = 2.0 ** (math.floor(math.log2(done)) - 3)
    return math.ceil(done / step - 1e-9) * step


def _thinned(values: Array, most: int = 20_000) -> Array:
    """At most so many of the values, all finite."""
    values = values[:: max(1, len(values) // most)]
    return values[np.isfinite(values)]


def ticks(low: float, high: float, logarithmic: bool = False, most: int = 5) -> list[tuple[float, str]]:
    """Places and texts of the y axis, at round numbers. On a log axis places and range are exponents of ten."""
    if not high > low:
        return []
    if logarithmic:
        for digits in ((1, 2, 5), (1, 3), (1,)):
            exponents = range(math.floor(low), math.ceil(high) + 1)
            values = [digit * 10.0**exponent for exponent in exponents for digit in digits]
            inside = [value for value in values if low <= math.log10(value) <= high]
            if len(inside) <= most:
                break
        inside = inside[:: max(1, math.ceil(len(inside) / most))]
        return [(math.log10(value), f"{value:.3g}") for value in inside]
    rough = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = [number * step for number in range(first, last + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if f"{step:.0e}" != f"{step:.1e}".replace(".0", ""):  # a step of 2.5
        decimals += 1
    texts = (f"{place:.{decimals}f}" if abs(place) < 1e5 else f"{place:.2g}" for place in places)
    return [(place, text.replace("-", "−")) for place, text in zip(places, texts, strict=True)]


def number_text(value: float | None) -> str:
    """At most three significant digits: ‘0.087’, ‘97.6’, ‘1.2e−05’; a dash where there is no value."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or 1e-4 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return f"{value:.1e}".replace("e-", "e−")
