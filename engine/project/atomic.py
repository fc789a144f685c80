"""A file replaced as a whole or not at all: written beside it, checked, forced to disk, then put in its place.

Until the last step the old file is not touched; whatever fails, the temporary file goes and the old one stays.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import pathlib
import re
import shutil
import stat
import time
from collections.abc import Callable
from typing import IO

from engine.errors import ProjectFileError
from engine.numbers import thousands
from engine.project import owners

SUFFIX = ".strata-temp"
_TEMPORARY = re.compile(r"\.(?P<name>.*)\.(?P<owner>[0-9a-f]{8}-\d+)\.\d+" + re.escape(SUFFIX))
_numbers = itertools.count()
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds; on Windows a virus scanner may hold the old file for a moment


def replace(
    path: pathlib.Path,
    need: int,
    fill: Callable[[IO[bytes]], None],
    verify: Callable[[pathlib.Path], None],
    *,
    private: bool = False,
) -> None:
    """Put a new file at `path`. `fill` writes it, `verify` reads it again and raises where it is not what was meant.

    `need` is about how many bytes it will have. OSError and ProjectFileError leave the old file as it was.
    """
    target = _target(path)
    old = _check_target(target)
    sweep(target.parent)
    temporary = _temporary(target)

    def fill_if_there_is_room(file: IO[bytes]) -> None:
        """Asked once the file is made: file systems that take none, as /proc, have no room to tell of either."""
        free = shutil.disk_usage(target.parent).free
        if free < need:
            raise OSError(errno.ENOSPC, f"about {_megabytes(need)} are needed and {_megabytes(free)} are free")
        fill(file)

    try:
        _write(temporary, fill_if_there_is_room, 0o600 if private or old is not None else 0o666)
        verify(temporary)
        if old is not None and not private:
            _take_over(temporary, old)
        _swap(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)


def check(path: pathlib.Path) -> None:
    """Raise what `replace` would raise for this path, as far as an empty file beside it tells: permissions alone do not
    (root may write everywhere, and yet there are file systems that take no file)."""
    target = _target(path)
    _check_target(target)
    probe = _temporary(target)
    os.close(_create(probe, 0o600))
    probe.unlink()


def _temporary(target: pathlib.Path) -> pathlib.Path:
    """A name beside `target` that nothing has yet, and that `sweep` knows."""
    return target.parent / f".{target.name[:40]}.{owners.me()}.{next(_numbers)}{SUFFIX}"


def _target(path: pathlib.Path) -> pathlib.Path:
    """Where the bytes really go: a link stays a link and its target is replaced."""
    try:
        return pathlib.Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise ProjectFileError(f"It is no usable file name ({error}).") from None


def _check_target(target: pathlib.Path) -> os.stat_result | None:
    """The old file's state, or None; refuses what must not be replaced."""
    if not target.name:
        raise ProjectFileError("It is a folder; give the name of a file.")
    _require_folder(target.parent)
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(old.st_mode):
        raise ProjectFileError("It is a folder; give the name of a file.")
    if not stat.S_ISREG(old.st_mode):
        raise ProjectFileError("It is no ordinary file and is not replaced.")
    if not old.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise ProjectFileError("The file is read-only. Save under another name, or allow writing to it.")
    return old


def _require_folder(folder: pathlib.Path) -> None:
    if folder.is_dir():
        return
    there = next((part for part in (folder, *folder.parents) if os.path.lexists(part)), folder)
    if there.exists() and not there.is_dir():
        raise ProjectFileError(f"‘{there}’ is a file, not a folder.")
    raise ProjectFileError(f"The folder ‘{folder}’ does not exist.")


def _create(place: pathlib.Path, mode: int) -> int:
    """Open a new file in a folder that is there: where the system finds or allows none, it is the folder that takes
    none, as /proc."""
    try:
        return os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except FileNotFoundError as error:
        raise ProjectFileError(f"The folder ‘{place.parent}’ takes no new files.") from error
    except PermissionError as error:
        raise ProjectFileError(f"You have no permission to make files in the folder ‘{place.parent}’.") from error


def _write(temporary: pathlib.Path, fill: Callable[[IO[bytes]], None], mode: int) -> None:
    with os.fdopen(_create(temporary, mode), "r+b", buffering=0) as file:
        fill(file)
        os.fsync(file.fileno())


def _take_over(temporary: pathlib.Path, old: os.stat_result) -> None:
    """The permissions, and where it may be the owner, of the file that is replaced."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            new = temporary.stat()
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                os.chown(temporary, old.st_uid, old.st_gid)
    with contextlib.suppress(OSError):
        os.chmod(temporary, stat.S_IMODE(old.st_mode))


def _swap(temporary: pathlib.Path, target: pathlib.Path) -> None:
    for wait in _WAITS if os.name == "nt" else ():
        try:
            os.replace(temporary, target)
            return
        except PermissionError:
            time.sleep(wait)
    try:
        os.replace(temporary, target)
    except PermissionError as error:
        if os.name != "nt":
            raise
        raise ProjectFileError(
            "Another program has the file open. Close it there, or save under another name."
        ) from error


def _sync_folder(folder: pathlib.Path) -> None:
    """Make the new name last a power cut. The new file stands already, so a refusal here is no failure."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: pathlib.Path) -> None:
    """Remove temporary files whose process is gone."""
    with contextlib.suppress(OSError):
        for found in folder.iterdir():
            parts = _TEMPORARY.fullmatch(found.name)
            if parts and not owners.alive(parts["owner"], found.stat().st_mtime):
                found.unlink(missing_ok=True)


def _megabytes(count: int) -> str:
    return f"{thousands(count / 2**20, 1)} MB"
