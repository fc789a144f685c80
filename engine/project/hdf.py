"""Elements into an HDF5 file and out of it. The only module, beside the guard, that speaks HDF5.

Everything is written chunked with a checksum and without compression: so what a file declares can never be more than
what it holds, and a reader may refuse whatever claims otherwise.
"""

from __future__ import annotations

import math

import h5py
import numpy as np
from h5py import h5a, h5d, h5o, h5p, h5s, h5t  # pyright: ignore[reportAttributeAccessIssue]

from engine.project.elements import Array, Data, Element, Group

LIBRARY_VERSIONS = ("v110", "v110")  # superblock 3: every piece of HDF5's own metadata has a checksum
CHUNK_BYTES = 4 * 2**20


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """At most CHUNK_BYTES; whole trailing axes where they fit, the first axis that does not is cut evenly."""
    budget = max(1, CHUNK_BYTES // itemsize)
    chunk: list[int] = []
    for size in reversed(shape):
        pieces = math.ceil(size / budget) if size else 1
        chunk.append(max(1, math.ceil(size / pieces)))
        budget = max(1, budget // max(1, size))
    return tuple(reversed(chunk))


# -- writing ------------------------------------------------------------------------------------------------------
def write(parent: h5py.Group, name: str, element: Element) -> None:
    """Put an element under `name`; groups on the way are made by the caller."""
    if isinstance(element, Group):
        group = parent.create_group(name)
        write_attributes(group.id, element.attributes)
        for key in sorted(element.children):
            write(group, key, element.children[key])
        return
    stored = element.stored
    kind = h5t.py_create(stored.dtype)
    limits = tuple(h5s.UNLIMITED if size == 0 else size for size in stored.shape)  # an axis of 0 cannot be chunked else
    space = h5s.create_simple(stored.shape, limits)
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_chunk(chunk_shape(stored.shape, stored.dtype.itemsize))
    properties.set_fletcher32()
    properties.set_obj_track_times(False)
    properties.set_fill_time(h5d.FILL_TIME_NEVER)
    dataset = h5d.create(parent.id, name.encode(), kind, space, properties)
    write_attributes(dataset, element.attributes)
    _write_slabs(h5py.Dataset(dataset), stored)


def _write_slabs(dataset: h5py.Dataset, stored: Array) -> None:
    if stored.nbytes <= CHUNK_BYTES:
        if stored.size:
            dataset.id.write(h5s.ALL, h5s.ALL, stored)
        return
    for part in dataset.iter_chunks():  # piece by piece, so that other threads get their turn
        dataset[part] = stored[part]


def write_attributes(target: h5py.h5g.GroupID | h5d.DatasetID, attributes: dict[str, str]) -> None:
    for name, text in attributes.items():
        data = text.encode("ascii")
        kind = h5t.C_S1.copy()
        kind.set_size(len(data))
        kind.set_strpad(h5t.STR_NULLPAD)
        attribute = h5a.create(target, name.encode("ascii"), kind, h5s.create(h5s.SCALAR))
        attribute.write(np.array(data, f"S{len(data)}"))


# -- reading ------------------------------------------------------------------------------------------------------
def read(at: h5py.h5g.GroupID | h5d.DatasetID) -> Element:
    """The element with all within it. Only of a file that the guard has let through."""
    if isinstance(at, h5d.DatasetID):
        return Data(read_attributes(at), _read_data(at))
    children: dict[str, Element] = {}
    for name in list(at):
        found = h5o.open(at, name)
        children[name.decode("utf-8")] = read(found)  # type: ignore[arg-type]  # the guard has seen its type
    return Group(read_attributes(at), children)


def _read_data(dataset: h5d.DatasetID) -> Array:
    stored = np.empty(dataset.shape, dataset.dtype)
    if stored.nbytes <= CHUNK_BYTES:
        if stored.size:
            dataset.read(h5s.ALL, h5s.ALL, stored)
        return stored
    wrapped = h5py.Dataset(dataset)
    for part in wrapped.iter_chunks():
        stored[part] = wrapped[part]
    return stored


def read_attributes(at: h5py.h5g.GroupID | h5d.DatasetID) -> dict[str, str]:
    found: dict[str, str] = {}
    for index in range(h5a.get_num_attrs(at)):
        attribute = h5a.open(at, index=index)
        value = np.empty((), attribute.dtype)
        attribute.read(value)
        found[attribute.name.decode("ascii")] = bytes(value[()]).decode("ascii")
    return found
