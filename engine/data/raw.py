"""A data set as it was stored, before it is split and scaled: what every source hands to engine.data.source."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.spec import FieldSpec
from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """`arrays` holds the samples of each field, in stored order and stored dtype; where the set was given with an
    official test part, its samples stand last and `official_test` is their number. `divisors` are what the stored
    numbers are divided by on the way to the network (absent: 1)."""

    name: str
    title: str
    inputs: tuple[FieldSpec, ...]
    targets: tuple[FieldSpec, ...]
    arrays: Frozen[str, Array]
    divisors: Frozen[str, float]
    official_test: int
    provenance: str
    fingerprint: str
    warnings: tuple[str, ...] = ()
    synthetic: bool = False

    @property
    def samples(self) -> int:
        return len(self.arrays[self.inputs[0].name])


def fingerprint(arrays: dict[str, Array], official_test: int) -> str:
    """A digest of the samples themselves: the same whether the files were compressed or not, wherever they lie."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} {official_test};".encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def class_names(labels: Array) -> tuple[str, ...]:
    """‘0’, ‘1’, … up to the largest label."""
    return tuple(str(i) for i in range(int(labels.max()) + 1))
