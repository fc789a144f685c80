"""Which samples are trained on, which validate and which test: seeded, and the same on every machine for ever."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np

from engine.data.raw import Raw
from engine.errors import DataError
from engine.graph.design import DataChoice
from engine.numbers import thousands

Array = np.ndarray[Any, Any]

PARTS = ("train", "validation", "test")


def split(raw: Raw, choice: DataChoice) -> dict[str, Array]:
    """Indices of each part into the raw samples.

    An official test part stays what it is. Otherwise the test part is drawn first, so that asking for more or fewer
    validation samples does not move a sample into or out of it.
    """
    _require_fractions(raw, choice)
    order = _permutation(raw.samples - raw.official_test, choice.seed)
    if raw.official_test:
        test, rest = np.arange(raw.samples - raw.official_test, raw.samples), order
    else:
        count = round(choice.test * raw.samples)
        test, rest = order[:count], order[count:]
    count = round(choice.validation * len(rest))
    parts = {"train": rest[count:], "validation": rest[:count], "test": test}
    for name in PARTS:
        if len(parts[name]) == 0:
            raise DataError(_empty(raw, choice, name))
    return parts


def _permutation(count: int, seed: int) -> Array:
    """RandomState, not Generator: numpy promises that its stream never changes. Any whole number will do as a seed."""
    words = np.frombuffer(hashlib.blake2b(f"split {seed}".encode(), digest_size=16).digest(), "<u4")
    return np.random.RandomState(words).permutation(count)


def _require_fractions(raw: Raw, choice: DataChoice) -> None:
    fractions = {"validation": choice.validation}
    if not raw.official_test:
        fractions["test"] = choice.test
    for name, value in fractions.items():
        if not math.isfinite(value) or not 0 <= value < 1:
            raise DataError(
                f"The {name} part is {value:g} of {raw.title}; it must be a fraction between 0 and 1, such as 0.1."
            )
    if not raw.official_test and choice.validation + choice.test >= 1:
        raise DataError(
            f"The validation part ({choice.validation:g}) and the test part ({choice.test:g}) together leave nothing "
            f"of {raw.title} to train on. Make them smaller."
        )


def _empty(raw: Raw, choice: DataChoice, part: str) -> str:
    fraction = {"validation": choice.validation, "test": choice.test}.get(part)
    if fraction is None:
        too_few = f"{thousands(raw.samples)} are too few for these fractions"
        return f"The training part of {raw.title} has no samples: {too_few}."
    return (
        f"The {part} part of {raw.title} has no samples: {fraction:g} of {thousands(raw.samples)} rounds to 0. "
        f"Make the {part} fraction larger."
    )
