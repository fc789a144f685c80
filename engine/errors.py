"""The page of named errors. Each says where it happened, why, and what to do; none carries a traceback to a person.

A `StrataError` is a user's mistake or a fault of the world (a file, a disk, a device). Anything else that is raised
is a fault of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

NEAR = 0.5  # of 1: how alike two names are where the one may be the other misspelt


class StrataError(Exception):
    """Something a person can put right. `str(error)` is one or more whole sentences without a traceback."""


class UsageError(StrataError):
    """The command line was used wrongly (exit status 2)."""


class GraphError(StrataError):
    """An edit that cannot be made: a node, wire, port or parameter that does not exist or may not be."""


class UnknownName(StrataError):
    """A layer kind, template, data set, optimiser or file section that is not in its registry."""

    def __init__(self, what: str, name: str, known: Iterable[str], *, or_else: str = "", least: float = NEAR):
        """`or_else` is what may be given besides the `known`; `least` how near a name has to be to be suggested."""
        known = list(known)
        close = nearest(name, known, least)
        hint = f" Did you mean {close}?" if close else ""
        if not hint and 0 < len(known) <= 12:
            hint = f" Known: {', '.join(known)}{f', or {or_else}' if or_else else ''}."
        super().__init__(f"There is no {what} called ‘{name}’.{hint}")
        self.what, self.name, self.close = what, name, close


class ParameterError(StrataError):
    """A parameter's value is of the wrong type or out of range."""


class DesignError(StrataError):
    """The design has problems that keep it from being compiled or trained. `problems` holds them."""

    def __init__(self, message: str, problems: tuple[object, ...] = ()):
        super().__init__(message)
        self.problems = problems


class DataError(StrataError):
    """A data file is missing, truncated, foreign or does not fit the others; the message names the file."""


class ProjectFileError(StrataError):
    """A project file is damaged, foreign, unsafe or newer than this program; or it could not be written."""


class TrainingError(StrataError):
    """Training could not start or go on (device, memory, a number that is not finite)."""


class Told(TrainingError):
    """Raised where the run's own events have told of it already."""


def nearest(name: str, known: Iterable[str], least: float = NEAR) -> str | None:
    """The known name closest to `name`, ignoring case, or None where nothing is near; of equally near ones the first,
    for lists begin with what is used most."""
    matcher = difflib.SequenceMatcher(b=name.lower())
    best, closest = least, None
    for item in known:
        matcher.set_seq1(item.lower())
        if matcher.quick_ratio() >= best and ((ratio := matcher.ratio()) > best or (closest is None and ratio == best)):
            best, closest = ratio, item
    return closest
