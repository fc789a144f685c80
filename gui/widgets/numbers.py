"""Numbers as a person reads them: thin spaces between thousands, at most three or four significant digits."""

from __future__ import annotations

from engine.numbers import THIN, thousands

__all__ = ["THIN", "plural", "short", "thousands"]


def short(number: float) -> str:
    """‘0.83 M’, ‘62.7 k’, ‘5 400’: for numbers whose size matters more than their digits."""
    for unit, one in (("T", 1e12), ("G", 1e9), ("M", 1e6)):
        if number >= one / 2:
            return f"{number / one:.3g}{THIN}{unit}"
    return f"{number / 1e3:.3g}{THIN}k" if number >= 1e4 else thousands(round(number))


def plural(count: int, one: str, many: str = "") -> str:
    """‘1 problem’, ‘3 problems’."""
    return f"{thousands(count)} {one if count == 1 else many or one + 's'}"
