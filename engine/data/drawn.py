"""Data sets that Strata draws itself: said to be synthetic wherever their title is, and made only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.data import cache
from engine.data.raw import Raw, fingerprint
from engine.data.spec import FieldSpec, SourceInfo
from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]

PROVENANCE = "Drawn by Strata itself; no real data. Free to use for anything (CC0)."
ELSEWHERE = (
    "These samples differ from those that Strata draws on other machines: results cannot be compared with theirs."
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a drawn set is, and `draw`, which gives its arrays: one for each field, always the same.

    `digest` is the fingerprint that the arrays have on every machine. `divisors` and `official_test` as in Raw.
    """

    info: SourceInfo
    inputs: tuple[FieldSpec, ...]
    targets: tuple[FieldSpec, ...]
    draw: Callable[[], dict[str, Array]]
    digest: str
    official_test: int = 0
    divisors: Frozen[str, float] = field(default_factory=Frozen[str, float])

    def read(self) -> Raw:
        """The set, from the cache or drawn anew."""
        arrays = cache.load(self.info.name, self.digest, self.official_test)
        warnings: tuple[str, ...] = ()
        found = self.digest
        if arrays is None:
            arrays = self.draw()
            found = fingerprint(arrays, self.official_test)
            if found == self.digest:
                cache.store(self.info.name, found, arrays)
            else:
                warnings = (ELSEWHERE,)
        return Raw(
            name=self.info.name,
            title=self.info.title,
            inputs=self.inputs,
            targets=self.targets,
            arrays=Frozen(arrays),
            divisors=self.divisors,
            official_test=self.official_test,
            provenance=PROVENANCE,
            fingerprint=found,
            warnings=warnings,
            synthetic=True,
        )


def described(name: str, title: str, summary: str, teaches: str) -> SourceInfo:
    """The row of a drawn set in the catalogue; its title says that it is synthetic."""
    return SourceInfo(name, f"{title} (synthetic)", summary, teaches, synthetic=True)
