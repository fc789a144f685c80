"""Numbers as they stand in sentences: thin spaces between thousands."""

from __future__ import annotations

THIN = "\u2009"


def thousands(number: int) -> str:
    """‘54 314’, with thin spaces."""
    return f"{number:,}".replace(",", THIN)
