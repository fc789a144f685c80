"""Which samples are trained on, which validate and which test: seeded, and the same on every machine for ever."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.raw import Raw
from engine.graph.design import DataChoice
from engine.graph.recipe import HIGHEST_SEED
from engine.numbers import thousands

Array = np.ndarray[Any, Any]

PARTS = ("train", "validation", "test")


def split(raw: Raw, choice: DataChoice) -> dict[str, Array]:
    """Indices of each part into the raw samples; of a fraction that is none, no samples. Parts may be empty: `problem`
    says whether they can be learned from.

    An official test part stays what it is. Otherwise the test part is drawn first, so that asking for more or fewer
    validation samples does not move a sample into or out of it.
    """
    order = _permutation(raw.samples - raw.official_test, choice.seed)
    if raw.official_test:
        test, rest = np.arange(raw.samples - raw.official_test, raw.samples), order
    else:
        count = round(_fraction(choice.test) * raw.samples)
        test, rest = order[:count], order[count:]
    count = round(_fraction(choice.validation) * len(rest))
    return {"train": rest[count:], "validation": rest[:count], "test": test}


def problem(raw: Raw, choice: DataChoice, parts: Mapping[str, Array]) -> str:
    """Why these parts cannot be learned from, as a sentence; empty where they can."""
    empty = next((name for name in PARTS if len(parts[name]) == 0), None)
    seed: object = choice.seed
    if not isinstance(seed, int) or not 0 <= seed <= HIGHEST_SEED:
        return f"The seed of the split is {seed}. It must be a whole number from 0 to 2⁶³ − 1."
    return _fractions_problem(raw, choice) or (_empty(raw, choice, empty) if empty is not None else "")


def _permutation(count: int, seed: int) -> Array:
    """RandomState, not Generator: numpy promises that its stream never changes. Any whole number will do as a seed."""
    words = np.frombuffer(hashlib.blake2b(f"split {seed}".encode(), digest_size=16).digest(), "<u4")
    return np.random.RandomState(words).permutation(count)


def _fraction(value: float) -> float:
    return value if _is_fraction(value) else 0.0


def _is_fraction(value: float) -> bool:
    return math.isfinite(value) and 0 <= value < 1


def _fractions_problem(raw: Raw, choice: DataChoice) -> str:
    fractions = {"validation": choice.validation}
    if not raw.official_test:
        fractions["test"] = choice.test
    for name, value in fractions.items():
        if not _is_fraction(value):
            return f"The {name} part is {value:g} of {raw.title}; it must be a fraction between 0 and 1, such as 0.1."
    if not raw.official_test and choice.validation + choice.test >= 1:
        return (
            f"The validation part ({choice.validation:g}) and the test part ({choice.test:g}) together leave nothing "
            f"of {raw.title} to train on. Make them smaller."
        )
    return ""


def _empty(raw: Raw, choice: DataChoice, part: str) -> str:
    fraction = {"validation": choice.validation, "test": choice.test}.get(part)
    if fraction is None:
        too_few = f"{thousands(raw.samples)} are too few for these fractions"
        return f"The training part of {raw.title} has no samples: {too_few}."
    return (
        f"The {part} part of {raw.title} has no samples: {fraction:g} of {thousands(raw.samples)} rounds to 0. "
        f"Make the {part} fraction larger."
    )
