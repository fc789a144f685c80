"""Which names fit what was typed: those that begin so first, then those with a word that does, then any that hold the
letters in their order. Thousands of names are looked through within a frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

FEW = 400  # loose matches up to this number are sorted by how near their letters stand


def folded(name: str) -> str:
    """A name as it is compared."""
    return " ".join(name.casefold().split())


def ranked(query: str, names: Sequence[str], first: Iterable[int] = ()) -> list[int]:
    """Indices of the folded `names` that fit, the best first. Of equally good ones those in `first` come before."""
    wanted = folded(query)
    order = list(dict.fromkeys([*first, *range(len(names))]))
    if not wanted:
        return order
    begins: list[int] = []
    words: list[int] = []
    inside: list[int] = []
    rest: list[int] = []
    for index in order:
        name = names[index]
        at = name.find(wanted)
        if at < 0:
            rest.append(index)
        elif at == 0:
            begins.append(index)
        elif f" {wanted}" in name:
            words.append(index)
        else:
            inside.append(index)
    return begins + words + inside + _loose(wanted, names, rest)


def _loose(wanted: str, names: Sequence[str], order: list[int]) -> list[int]:
    """Those that hold the letters in their order, with anything between them."""
    pattern = re.compile(".*?".join(map(re.escape, wanted.replace(" ", ""))), re.DOTALL).search
    hits = [(match.end() - match.start(), index) for index in order if (match := pattern(names[index]))]
    if len(hits) <= FEW:
        hits.sort(key=lambda hit: hit[0])
    return [index for _, index in hits]
