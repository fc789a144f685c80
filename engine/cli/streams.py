"""stdout and stderr as a terminal, a pipe or nobody takes them: no letter and no closed stream is an error."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import unicodedata
from typing import TextIO

# What the sentences here use beyond ASCII, for alphabets that lack it (an old Windows console, LC_ALL=C).
_PLAIN = {"‘": "'", "’": "'", "“": '"', "”": '"', "×": "x", "·": "-", "–": "-", "−": "-", "…": "...", "→": "->"}
_PLAIN |= {"━": "=", "─": "-"}
_JOINERS = "\u200c\u200d"  # within words and emoji


def prepare() -> None:
    """A stream that was closed (`>&-`) takes what it is given; a letter that it lacks becomes one that is near."""
    codecs.register_error("strata", _nearest_letters)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # as long as the program
        with contextlib.suppress(AttributeError):
            getattr(sys, name).reconfigure(errors="strata")


def line(text: str, stream: TextIO | None = None) -> None:
    """Print one line, on stdout unless told otherwise. What stands in a file may hold control characters (names,
    paths): they are shown, so that none moves the terminal's cursor, colours it or makes one line look like two."""
    print("".join(_shown(letter) for letter in text), file=stream or sys.stdout, flush=True)


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs":
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def let_go() -> None:
    """What a stream cannot get rid of would make Python complain at its end."""
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)


def _flush(stream: TextIO) -> None:
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _nearest_letters(error: UnicodeError) -> tuple[str, int]:
    """A space stays a space, of whatever width: a question mark would stand within every large number."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return "".join(_plain(letter) for letter in lost), error.end


def _plain(letter: str) -> str:
    return " " if unicodedata.category(letter) == "Zs" else _PLAIN.get(letter, "?")
