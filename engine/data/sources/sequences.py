"""Series of numbers for recurrent networks: waves to be told apart and continued, and sums over a distance."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.drawn import Drawn, described
from engine.data.exact import Draws, sine
from engine.data.spec import FieldSpec

Array = np.ndarray[Any, Any]

SAMPLES = 6000
TIME = 48
WAVES = ("sine", "triangle", "square", "sawtooth")
DISTANCE = 24  # how long the series to be added are


def _waves() -> dict[str, Array]:
    """Noisy pieces of four kinds of wave; the value that follows is without noise."""
    draws = Draws("sequences")
    kind = np.arange(SAMPLES, dtype=np.int64) % len(WAVES)

    def each(low: float, high: float) -> Array:
        return draws.uniform(low, high, SAMPLES, 1)

    turns = each(0.0, 1.0) + np.arange(TIME + 1) * each(1.5 / TIME, 5.0 / TIME)
    part = turns - np.floor(turns)  # of a period
    triangle = 1.0 - 4.0 * np.abs(part - 0.5)
    square = np.where(part < 0.5, 1.0, -1.0)
    forms = np.stack([sine(turns), triangle, square, 2.0 * part - 1.0])
    clean = each(-0.3, 0.3) + each(0.6, 1.2) * forms[kind, np.arange(SAMPLES)]
    series = clean[:, :TIME] + each(0.02, 0.2) * draws.noise(SAMPLES, TIME)
    return {
        "series": series[..., None].astype(np.float32),
        "wave": kind,
        "next": clean[:, TIME:].astype(np.float32),
    }


def _sums() -> dict[str, Array]:
    """The adding problem of Hochreiter and Schmidhuber (Long short-term memory, 1997, section 5.4): beside each number
    a mark; the answer is the sum of the two numbers that are marked, one in each half."""
    draws = Draws("adding")
    values = draws.uniform(0.0, 1.0, SAMPLES, DISTANCE)
    marks = np.zeros((SAMPLES, DISTANCE))
    rows, half = np.arange(SAMPLES), DISTANCE // 2
    first, second = draws.whole(0, half, SAMPLES), draws.whole(half, DISTANCE, SAMPLES)
    marks[rows, first] = marks[rows, second] = 1.0
    total = values[rows, first] + values[rows, second]
    return {"series": np.stack([values, marks], axis=2).astype(np.float32), "sum": total[:, None].astype(np.float32)}


SEQUENCES = Drawn(
    described(
        "sequences",
        "Noisy waves",
        "6\u202f000 series of 48 numbers: sine, triangle, square and sawtooth waves with noise, 4 classes.",
        "No single value tells the kind of a wave: a recurrent layer has to gather it over time. Choose the target "
        "‘wave’ to name it, or ‘next’ to say how it goes on.",
    ),
    inputs=(FieldSpec("series", "sequence", (TIME, 1), "float32", scale="about −2 to 2"),),
    targets=(
        FieldSpec("wave", "class", (), "int64", classes=WAVES),
        FieldSpec("next", "number", (1,), "float32"),
    ),
    draw=_waves,
    digest="97fa3071be623e265e19827e05c2bcc3",
)
ADDING = Drawn(
    described(
        "adding",
        "Adding at a distance",
        "6\u202f000 series of 24 numbers, two of them marked; the answer is their sum.",
        "Memory: what matters was said long ago, and the rest must be ignored. A plain RNN struggles; gates (GRU, "
        "LSTM) make it easy. Always guessing 1 gives a squared error of 0.17.",
    ),
    inputs=(FieldSpec("series", "sequence", (DISTANCE, 2), "float32", scale="numbers of 0–1, and marks"),),
    targets=(FieldSpec("sum", "number", (1,), "float32"),),
    draw=_sums,
    digest="2ca54f98d39b8deca077289d645f75d4",
)
