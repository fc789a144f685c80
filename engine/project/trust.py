"""The files that this installation wrote, told by the digest of their bytes: these need no sandbox to be opened."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib

from engine.project.owners import state_folder

MAX_ENTRIES = 2000


def _list() -> pathlib.Path:
    return state_folder() / "written"


def remember(path: pathlib.Path) -> None:
    """Add a file just written. To fail here costs only a slower opening."""
    with contextlib.suppress(OSError):
        place = _list()
        place.parent.mkdir(parents=True, exist_ok=True)
        entries = place.read_text("ascii").split() if place.exists() else []
        if len(entries) >= MAX_ENTRIES:
            _write(place, entries[-MAX_ENTRIES // 2 :])
        with place.open("a", encoding="ascii") as file:
            file.write(digest(path) + "\n")


def known(path: pathlib.Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        if _list().exists() and path.is_file():
            return digest(path) in _list().read_text("ascii").split()
    return False


def _write(place: pathlib.Path, entries: list[str]) -> None:
    fresh = place.with_name(f"written.{os.getpid()}")
    fresh.write_text("".join(entry + "\n" for entry in entries), "ascii")
    os.replace(fresh, place)


def digest(path: pathlib.Path) -> str:
    """Of a file's bytes. OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
