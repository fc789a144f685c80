"""Numbers as they stand in sentences: thousands apart by a thin space at which no line breaks."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Narrow no-break space. At U+2009, the thin space proper, Qt and terminals end a line within a number.
THIN = "\u202f"
_GROUPED = re.compile(r"(?<=\d)[\u2009\u202f\xa0](?=\d{3}(?!\d))")


def thousands(number: float, decimals: int = 0) -> str:
    """‘54 314’ or ‘1 024.5’: whole numbers in full, others with as many decimals as are asked for."""
    text = f"{number:,}" if isinstance(number, int) and not decimals else f"{number:,.{decimals}f}"
    return text.replace(",", THIN)


def sizes(shape: Sequence[int], times: str = "×") -> str:
    """‘8×14×14’."""
    return times.join(thousands(size) for size in shape)


def ungrouped(text: str) -> str:
    """The same without what `thousands` put between the digits: it may have been copied from what is shown."""
    return _GROUPED.sub("", text)
