"""Save and load a project file. This module is cheap to import: HDF5 comes with the first save or load.

`save` replaces the file as a whole after verifying the new one; `load` reads it whole and closes it. All errors are
ProjectFileErrors that begin with the file's name. Both may run on any thread.
"""

from __future__ import annotations

import errno
import os
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.project import atomic
from engine.project.codec import design_to_plain
from engine.project.plain import to_json
from engine.project.project import Loaded, Project

SUFFIX = ".strata"

_REASONS = {
    "ENOSPC": "The disk is full",
    "EDQUOT": "Your share of the disk is used up",
    "EFBIG": "The file would be larger than the system allows",
    "EACCES": "You have no permission to do so",
    "EPERM": "You have no permission to do so",
    "EROFS": "The disk is read-only",
    "ENOENT": "There is no such folder",
    "ENOTDIR": "A part of the path is a file, not a folder",
    "EISDIR": "It is a folder",
    "EBUSY": "Another program has it in use",
    "ENAMETOOLONG": "The name is too long",
    "EIO": "The disk reported an error",
}


def save(project: Project, path: str | os.PathLike[str], *, private: bool = False) -> None:
    """Write the project to `path`. On any failure the file that was there stays as it was.

    A new file gets the permissions that files get here; with `private` only the person themself may read it.
    """
    from engine.project import trust, writing

    path = pathlib.Path(path)
    written: list[str] = []

    def fill(file: IO[bytes]) -> None:
        written.append(writing.write(project, file))

    def verify(temporary: pathlib.Path) -> None:
        _verify(project, temporary, written[0])
        if not private:
            trust.remember(temporary)

    with _named(path, "could not be saved"):
        atomic.replace(path, writing.size_of(project), fill, verify, private=private)


def load(path: str | os.PathLike[str], sandbox: bool = False) -> Loaded:
    """Read the project at `path`.

    With `sandbox` a file that was not written by this installation is first read by a process of its own, with little
    memory and time, so that a hostile one cannot hang or fill this process. The window and the commands ask for it.
    """
    from engine.project import reading, trust
    from engine.project.sandbox import examine

    path = pathlib.Path(path)
    with _named(path, "could not be opened"):
        expected = None
        if sandbox and not trust.known(path):
            expected = examine(path)
        loaded, digest = reading.read(path)
        if expected is not None and digest != expected:
            raise ProjectFileError("The file changed while it was being opened. Try again.")
        return loaded


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse now what `save` would refuse later: a folder, a missing folder, a read-only file or folder."""
    path = pathlib.Path(path)
    with _named(path, "could not be saved"):
        atomic.check(path)


def write(data: bytes, path: str | os.PathLike[str]) -> None:
    """Any other file that is made here, a picture say: put in its place as a whole or not at all."""
    path = pathlib.Path(path)

    def fill(file: IO[bytes]) -> None:
        file.write(data)

    def verify(temporary: pathlib.Path) -> None:
        if temporary.read_bytes() != data:
            raise ProjectFileError("The new file was not written correctly.")

    with _named(path, "could not be saved"):
        atomic.replace(path, len(data), fill, verify)


def _verify(project: Project, temporary: pathlib.Path, digest: str) -> None:
    """Read the new file as anyone would; what it holds must be what was meant. Arrays are compared by digest."""
    from engine.project import reading

    loaded, found = reading.read(temporary)
    meant, got = ([p.design, *(run.design for run in p.runs)] for p in (project, loaded.project))
    same = found == digest and not loaded.notes and len(meant) == len(got) and all(map(_equal, meant, got))
    if not same:
        notes = " ".join(loaded.notes) or "The file read back differs from the project."
        raise ProjectFileError(f"The new file was not written correctly. {notes}")


def _equal(one: Design, other: Design) -> bool:
    """NaN equals NaN and a list a tuple: what matters is that both are written alike."""
    return one == other or to_json(design_to_plain(one)) == to_json(design_to_plain(other))


@contextmanager
def _named(path: pathlib.Path, what: str) -> Iterator[None]:
    """Put the file's name before every error, and turn the system's errors into sentences."""
    try:
        yield
    except ProjectFileError as error:
        raise ProjectFileError(f"‘{path}’ {what}. {error}") from error
    except OSError as error:
        reason = _REASONS.get(errno.errorcode.get(error.errno or 0, ""), error.strerror or "The system refused")
        detail = f": {error.strerror}" if error.errno == errno.ENOSPC and "needed" in (error.strerror or "") else ""
        raise ProjectFileError(f"‘{path}’ {what}. {reason}{detail}.") from error
    except (ValueError, MemoryError) as error:  # a name with a zero byte; arrays too large to read back
        raise ProjectFileError(f"‘{path}’ {what}. {error or 'There is not enough memory'}.") from error
