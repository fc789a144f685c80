"""The fixed probe samples: a few of the validation part, the same at every step, so that pictures can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from engine.graph.frozen import Frozen
from engine.observe.picture import Plane
from engine.observe.plane import planes

Array = np.ndarray[Any, Any]
COUNT = 64


class Arrays(Protocol):
    """What is needed of a data set."""

    def arrays(self, split: str) -> Mapping[str, Array]: ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Probes:
    """`fields` holds inputs and targets of the probe samples; `numbers` where they stand in the validation part.
    `planes`: for each field of two numbers a sample the plane that they lie in, with more samples of both parts."""

    fields: Frozen[str, Array]
    numbers: tuple[int, ...]
    planes: Frozen[str, Plane] = field(default_factory=lambda: Frozen[str, Plane]())

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def classes(self) -> Array | None:
        """The class of each probe: the first field that is one whole number a sample, or None."""
        for values in self.fields.values():
            if values.ndim == 1 and np.issubdtype(values.dtype, np.integer):
                return values
        return None


def probe_samples(dataset: Arrays, n: int = COUNT) -> Probes:
    """Samples of the validation part (without one, of another that has some), of each class in turn where there are
    classes (so that stepping through them shows every class), else evenly spaced. The same data set and split always
    give the same samples."""
    fields, size = dict[str, Array](), 0
    for part in ("validation", "train", "test"):
        if size == 0:
            fields = dict(dataset.arrays(part))
            size = min((len(values) for values in fields.values()), default=0)
    whole = Probes(Frozen(fields), tuple(range(size)))
    chosen = _in_turn(whole.classes[:size], n) if whole.classes is not None else None
    if chosen is None:
        chosen = np.unique(np.linspace(0, max(0, size - 1), min(n, size)).round().astype(np.int64))
    found = planes({}, fields)
    if found:  # read only where it is needed: all samples of a large set take a while
        found = planes(dataset.arrays("train"), dataset.arrays("validation"))
    shown = Frozen({name: values[chosen] for name, values in fields.items()})
    return Probes(shown, tuple(chosen.tolist()), Frozen(found))


def _in_turn(classes: Array, n: int) -> Array | None:
    """Positions of the first sample of each class, then the second of each, … ; None where there are too many classes
    for that to mean anything (token ids)."""
    names, inverse = np.unique(classes, return_inverse=True)
    if not 1 < len(names) <= max(2, len(classes) // 2):
        return None
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(len(names)))
    turn = np.empty(len(classes), np.int64)
    turn[order] = np.arange(len(classes)) - starts[inverse[order]]
    return np.lexsort((inverse, turn))[:n]


def as_probes(given: Probes | Mapping[str, Array] | Arrays) -> Probes:
    """Probes from probes, from plain arrays (all of them are taken), or from a data set."""
    if isinstance(given, Probes):
        return given
    if isinstance(given, Mapping):
        size = min((len(values) for values in given.values()), default=0)
        return Probes(Frozen(given), tuple(range(size)), Frozen(planes({}, given)))
    return probe_samples(given)
