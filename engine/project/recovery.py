"""What would be lost if the program died now: a copy of the project beside the person's file, never in it.

The copy is hidden (‘.lenet.strata-recovery.OWNER’ beside lenet.strata) and belongs to the process that wrote it. While
that process lives nobody else is offered it; once it is gone, whoever opens the project next is. Projects without a
file, and those in folders that cannot be written to, have theirs in the state folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import ProjectFileError
from engine.project import atomic, owners, store
from engine.project.project import Project

UNTITLED = "untitled"
_offered: set[pathlib.Path] = set()  # what `find` has given out in this process
_OWNER = re.compile(r"[0-9a-f]{8}-\d+")
_UNTITLED = re.compile(UNTITLED + r"(-\d+)?\.strata-recovery")


@dataclass(frozen=True, slots=True)
class RecoveryInfo:
    """A recovery file: open it with `store.load(info.path)`.

    `written` is when (seconds since 1970); `newer` whether it is younger than the project's own file, or that file is
    gone. `project` is the person's file, None for a project that was never saved.
    """

    path: pathlib.Path
    written: float
    newer: bool
    project: pathlib.Path | None


def write(project: Project, path: str | os.PathLike[str] | None, window: int = 1) -> pathlib.Path:
    """Keep the project as it is now; `path` is the person's file, or None, and then `window` tells this process's
    untitled projects apart. Gives the recovery file's path."""
    failure: ProjectFileError | None = None
    for folder, name in _homes(path, window):
        place = folder / f"{name}.{owners.me()}"
        try:
            if folder.is_relative_to(owners.state_folder()):
                folder.mkdir(parents=True, exist_ok=True)
            store.save(project, place, private=True)
            return place
        except (OSError, ProjectFileError) as error:
            failure = error if isinstance(error, ProjectFileError) else ProjectFileError(f"‘{place}’: {error}.")
    assert failure is not None
    raise failure


def find(path: str | os.PathLike[str] | None) -> RecoveryInfo | None:
    """The newest recovery file that this process may take: its own, or one whose owner is gone. None if there is none.

    Temporary files that dead processes left behind are removed on the way.
    """
    for folder, _ in _homes(path):
        atomic.sweep(folder)
    project = None if path is None else pathlib.Path(path)
    newest: RecoveryInfo | None = None
    for found in files(path):
        with contextlib.suppress(OSError):
            written = found.stat().st_mtime
            if _is_ours(found) and (newest is None or written > newest.written):
                newest = RecoveryInfo(found, written, _is_newer(found, project), project)
    if newest is not None:
        _offered.add(newest.path)
    return newest


def discard(path: str | os.PathLike[str] | None, window: int = 1) -> None:
    """Remove this process's own recovery file and those that `find` gave out: after a save, or when a person does not
    want them. What another window left that nobody has looked at yet stays, and the next `find` offers it."""
    own = {f"{name}.{owners.me()}" for _, name in _homes(path, window)}
    for found in files(path):
        with contextlib.suppress(OSError):
            if found.name in own or (found in _offered and _is_ours(found)):
                found.unlink()
                _offered.discard(found)


def keep(info: RecoveryInfo) -> None:
    """Nobody decided about it: `discard` leaves it alone, unless it is found again."""
    _offered.discard(info.path)


def files(path: str | os.PathLike[str] | None) -> list[pathlib.Path]:
    """Every recovery file of the project, whoever owns it."""
    untitled = path is None  # of any window
    return [found for folder, name in _homes(path) for found in _matching(folder, name, untitled)]


def _homes(path: str | os.PathLike[str] | None, window: int = 1) -> list[tuple[pathlib.Path, str]]:
    """(folder, name without owner) of the places where recovery files may be, best first."""
    fallback = owners.state_folder() / "recovery"
    if path is None:
        name = UNTITLED if window == 1 else f"{UNTITLED}-{window}"
        return [(fallback, f"{name}.strata-recovery")]
    real = pathlib.Path(os.path.realpath(path))
    tag = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    stem = real.name if len(os.fsencode(real.name)) <= 60 else f"{real.name[:40]}~{tag}"
    name = f".{stem}-recovery"
    return [(real.parent, name), (fallback, f"{tag}.strata-recovery")]


def _matching(folder: pathlib.Path, name: str, untitled: bool) -> Iterator[pathlib.Path]:
    with contextlib.suppress(OSError):
        for found in sorted(folder.iterdir()):
            known = found.name.rpartition(".")[0]
            fits = _UNTITLED.fullmatch(known) if untitled else known == name
            if fits and _OWNER.fullmatch(_owner_of(found)) and found.is_file():
                yield found


def _owner_of(path: pathlib.Path) -> str:
    return path.name.rpartition(".")[2]


def _is_ours(found: pathlib.Path) -> bool:
    """Written by this process, or by one that is gone."""
    owner = _owner_of(found)
    return owner == owners.me() or not owners.alive(owner, found.stat().st_mtime)


def _is_newer(found: pathlib.Path, project: pathlib.Path | None) -> bool:
    try:
        return project is None or found.stat().st_mtime_ns > project.stat().st_mtime_ns
    except FileNotFoundError:
        return True
