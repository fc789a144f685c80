"""A project out of a file: opened read-only, guarded, read whole, closed. Store names the file in the errors."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import h5py
from h5py import h5d, h5g, h5o  # pyright: ignore[reportAttributeAccessIssue]

from engine.errors import ProjectFileError
from engine.project import elements, hdf, sections
from engine.project.elements import Element
from engine.project.guard import FAULTS, Guard, check_attributes, check_file
from engine.project.plain import UPDATE, Cursor, major_version
from engine.project.project import Loaded

FILE_TYPE = "strata-project"
MAX_SECTIONS = 100_000


@contextmanager
def faults_as_sentences() -> Iterator[None]:
    """Whatever the HDF5 library throws at a damaged file becomes a ProjectFileError."""
    try:
        yield
    except MemoryError:
        raise ProjectFileError("There is not enough memory to read it.") from None
    except PermissionError:
        raise ProjectFileError("You may not read it: the file's permissions forbid it.") from None
    except FAULTS as error:
        raise ProjectFileError(
            "The file is damaged: what tells where its parts are cannot be read, so none of them can. It was left as "
            "it is; open an earlier copy of it."
        ) from error


def read(path: pathlib.Path) -> tuple[Loaded, str]:
    """The project and the file's digest."""
    with faults_as_sentences():
        size = check_file(path)
        with h5py.File(path, "r", locking="best-effort") as file:
            digest = _check_head(file)
            guard = Guard(size)
            guard.walk(file)
            parts = _parts(file, guard, digest)
            return sections.project_from(parts), digest


def _check_head(file: h5py.File) -> str:
    """The root's digest, if this is a project of a version that this program reads."""
    root = file["/"].id
    try:
        check_attributes(root)
        head = hdf.read_attributes(root)
    except ProjectFileError:
        head = {}
    if head.get("type") != FILE_TYPE:
        raise ProjectFileError("It is an HDF5 file of another program, not a Strata project.")
    version = head.get("version", "")
    if major_version(version) > elements.MAJOR:
        raise ProjectFileError(
            f"It was written by a newer Strata (format {version}); this one reads format 1. {UPDATE}"
        )
    return head.get("digest", "")


def _parts(file: h5py.File, guard: Guard, digest: str) -> sections.Parts:
    """The sections that the manifest lists, each checked when it is asked for."""
    manifest = _element(file, guard, "manifest", {})
    if elements.digest(manifest) != digest:
        raise _damaged("manifest", "its digest does not fit its contents", {})
    at = Cursor(elements.read_json(manifest, sections.title("manifest")), sections.title("manifest"))
    at.head("manifest", elements.MAJOR)
    digests: dict[str, str] = {}
    required: dict[str, bool] = {}
    for item in at["sections"].items(MAX_SECTIONS):
        path = item["path"].text()
        if path in digests:
            item["path"].refuse("a path that stands once")
        digests[path], required[path] = item["digest"].text(), item["required"].boolean()

    def get(path: str) -> Element:
        with faults_as_sentences():
            element = _element(file, guard, path, required)
            if elements.digest(element) != digests[path]:
                raise _damaged(path, "its digest does not fit its contents", required)
            return element

    return sections.Parts(required, get)


def _damaged(path: str, reason: str, required: Mapping[str, bool]) -> ProjectFileError:
    """Which part is damaged and what can be done; of an optional part whoever leaves it out says that."""
    if not required.get(path, True):
        return ProjectFileError(f"The section ‘{path}’ is damaged: {reason}.")
    return ProjectFileError(
        f"The section ‘{path}’ is damaged, {sections.title(path)}: {reason}. A project is not opened without it. The "
        "file was left as it is; open an earlier copy of it."
    )


def _element(file: h5py.File, guard: Guard, path: str, required: Mapping[str, bool]) -> Element:
    """The element at a path of plain names; each group on the way must be there itself."""
    if guard.damaged_within(path):
        raise _damaged(path, "its bytes were changed by a disk or another program", required)
    at: h5g.GroupID | h5d.DatasetID = file["/"].id
    for name in path.split("/"):
        if name in ("", ".", "..") or not isinstance(at, h5g.GroupID) or name.encode() not in at:
            raise sections.missing(path)
        at = h5o.open(at, name.encode())
    try:
        return hdf.read(at)
    except MemoryError:
        raise
    except FAULTS as error:
        raise _damaged(path, "its bytes were changed by a disk or another program", required) from error
