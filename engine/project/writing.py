"""A project into an open binary file, as HDF5. Where the bytes go and how they replace the old file is store's part."""

from __future__ import annotations

import io
import os
from typing import IO, Any

import h5py

from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.project import hdf
from engine.project.elements import VERSION, Element, digest, head, json_element
from engine.project.project import Project, RunRecord
from engine.project.reading import FILE_TYPE
from engine.project.sections import sections_of

OVERHEAD_BYTES = 2**20  # what HDF5 adds, at least
ELEMENT_BYTES = 1000  # for a small array with its attributes; also more than a layer, node or wire takes


class Sink(io.RawIOBase):
    """Stands between HDF5 and the file. HDF5 must never see a failed write: after one, closing fails for ever and the
    process dies at its end. So the first error is kept, what follows is dropped, and the writer asks for `error`."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self.error: OSError | None = None

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any, /) -> int:
        length = memoryview(data).nbytes
        self._attempt(lambda: _write_all(self._file, data))
        return length

    def truncate(self, size: int | None = None, /) -> int:
        size = self.tell() if size is None else size
        self._attempt(lambda: self._file.truncate(size))
        return size

    def flush(self) -> None:
        pass

    def _attempt(self, act: Any) -> None:
        if self.error is None:
            try:
                act()
            except OSError as error:
                self.error = error

    def check(self) -> None:
        if self.error is not None:
            raise self.error


def _write_all(file: IO[bytes], data: Any) -> None:
    """An unbuffered file may take less than it is given."""
    view = memoryview(data).cast("B")
    while view.nbytes:
        view = view[file.write(view) :]


def write(project: Project, file: IO[bytes]) -> str:
    """Write the whole project into an empty file opened for reading and writing; gives the file's digest.

    OSError where the disk refuses; ProjectFileError where a value cannot be saved.
    """
    sink = Sink(file)
    try:
        with h5py.File(sink, "w", libver=hdf.LIBRARY_VERSIONS) as target:
            listed: list[dict[str, Any]] = []
            for section in sections_of(project):
                _put(target, section.path, section.element)
                listed.append({"path": section.path, "digest": digest(section.element), "required": section.required})
                sink.check()
            manifest = json_element({"type": "manifest", "version": VERSION, "sections": listed})
            hdf.write(target, "manifest", manifest)
            total = digest(manifest)
            hdf.write_attributes(target["/"].id, {**head(FILE_TYPE), "digest": total})
    except (RuntimeError, OSError) as error:
        if sink.error is None:
            raise ProjectFileError(f"It could not be built ({error}).") from error
    sink.check()
    return total  # pyright: ignore[reportPossiblyUnboundVariable]  # check() raised otherwise


def _put(target: h5py.File, path: str, element: Element) -> None:
    """Write a section, with the groups that lead to it: ‘runs’ and ‘runs/0’."""
    steps = path.split("/")
    parent: h5py.Group = target
    for name, kind in zip(steps[:-1], ("runs", "run"), strict=False):
        if name not in parent:
            hdf.write_attributes(parent.create_group(name).id, head(kind))
        parent = parent[name]  # type: ignore[assignment]
    hdf.write(parent, steps[-1], element)


def size_of(project: Project) -> int:
    """About how many bytes the file will have (for the check that the disk has room)."""
    return OVERHEAD_BYTES + _design_bytes(project.design) + sum(map(_run_bytes, project.runs))


def _run_bytes(run: RunRecord) -> int:
    arrays = [run.history.loss, run.history.rate, *run.history.epochs.values()]
    if run.state is not None:
        arrays += [*run.state.weights.values(), *run.state.optimizer.values(), *run.state.random.values()]
    if run.look is not None:
        arrays += [picture.tiles for picture in run.look.pictures]
    return _design_bytes(run.design) + sum(int(array.nbytes * 1.02) + ELEMENT_BYTES for array in arrays)


def _design_bytes(design: Design) -> int:
    graphs = [design.graph, *(block.graph for block in design.graph.blocks.values())]
    things = sum(len(graph.layers) + len(graph.nodes) + len(graph.wires) for graph in graphs)
    return ELEMENT_BYTES * (1 + things) + sum(len(note.text) for note in design.notes)
