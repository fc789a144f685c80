"""Attacks by what HDF5 can do: reach other files, go in circles, fill the memory, hold more than numbers."""

from __future__ import annotations

import pathlib
import pickle
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t  # pyright: ignore[reportAttributeAccessIssue]
from hostile_tools import WEIGHTS, attributes, case, dataset, valid

from engine.project import hdf


# -- reaching other files --------------------------------------------------------------------------------------------
@case("external storage")
def external_storage(path: pathlib.Path) -> None:
    dataset(path, shape=(100,), dtype="u1", external=[(str(path.parent / "secret.txt"), 0, 100)])


@case("link to another file")
def external_link(path: pathlib.Path) -> None:
    with h5py.File(path.parent / "other.h5", "w") as other:
        other["x"] = np.arange(3)
    with h5py.File(path, "r+") as file:
        file[WEIGHTS]["x"] = h5py.ExternalLink(str(path.parent / "other.h5"), "/x")


@case("link to another file")
def external_link_to_a_section(path: pathlib.Path) -> None:
    valid(path.parent / "other.strata")
    with h5py.File(path, "r+") as file:
        del file["design"]
        file["design"] = h5py.ExternalLink(str(path.parent / "other.strata"), "/design")


@case("virtual")
def virtual_dataset(path: pathlib.Path) -> None:
    with h5py.File(path.parent / "other.h5", "w") as other:
        other["x"] = np.arange(3)
    layout = h5py.VirtualLayout((3,), "i8")
    layout[:] = h5py.VirtualSource(str(path.parent / "other.h5"), "x", (3,))
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        attributes(file[WEIGHTS].create_virtual_dataset("x", layout))


# -- going in circles ------------------------------------------------------------------------------------------------
@case("soft link")
def soft_link(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file[WEIGHTS]["x"] = h5py.SoftLink("/design")


@case("soft link")
def soft_link_loop(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file["a"], file["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/a")


@case("two ways")
def hard_link_cycle(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file[f"{WEIGHTS}/loop"] = file["runs"]


@case("two ways")
def hard_link_to_the_root(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file["runs/loop"] = file["/"]


@case("two ways")
def one_array_under_two_names(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file[f"{WEIGHTS}/twin"] = file[f"{WEIGHTS}/half"]


@case("levels")
def groups_without_end(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        file.create_group("/".join("a" * 5000))


# -- filling the memory ----------------------------------------------------------------------------------------------
@case("declare more bytes")
def shape_bomb(path: pathlib.Path) -> None:
    dataset(path, shape=(2**38,), dtype="f4", chunks=(1000,), fletcher32=True)


@case("declare more bytes")
def shape_bomb_of_many_axes(path: pathlib.Path) -> None:
    dataset(path, shape=(2**15,) * 4, dtype="f8", chunks=(1, 1, 10, 10), fletcher32=True)


@case("not hold as many bytes")
def declared_and_not_stored(path: pathlib.Path) -> None:
    dataset(path, shape=(1000,), dtype="f4", chunks=(1000,), fletcher32=True)


@case("chunks that are too large")
def chunk_bomb(path: pathlib.Path) -> None:
    dataset(path, shape=(1,), maxshape=(None,), dtype="f4", chunks=(2**28,), fletcher32=True)


@case("compressed")
def gzip_bomb(path: pathlib.Path) -> None:
    dataset(path, data=np.zeros(2**22, np.uint8), chunks=(2**22,), compression="gzip", fletcher32=True)


@case("compressed")
def shuffled(path: pathlib.Path) -> None:
    dataset(path, data=np.arange(100), chunks=(100,), shuffle=True, fletcher32=True)


@case("unknown filter")
def unknown_filter(path: pathlib.Path) -> None:
    """A filter that HDF5 would look for as a library on the disk, and load."""
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_chunk((10,))
    properties.set_filter(32015, 1, (3,))  # 1: may be missing
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        made = h5d.create(file[WEIGHTS].id, b"x", h5t.IEEE_F32LE, h5s.create_simple((10,)), properties)
        attributes(h5py.Dataset(made))


# -- types that are no numbers ---------------------------------------------------------------------------------------
PLAIN = "other than plain numbers"
CHUNKED: dict[str, Any] = {"chunks": (3,), "fletcher32": True}


@case(PLAIN)
def object_references(path: pathlib.Path) -> None:
    dataset(path, shape=(3,), dtype=h5py.ref_dtype, **CHUNKED)


@case(PLAIN)
def region_references(path: pathlib.Path) -> None:
    dataset(path, shape=(3,), dtype=h5py.regionref_dtype, **CHUNKED)


@case(PLAIN)
def texts_of_any_length(path: pathlib.Path) -> None:
    dataset(path, shape=(3,), dtype=h5py.string_dtype(), chunks=(3,))


@case(PLAIN)
def rows_of_any_length(path: pathlib.Path) -> None:
    dataset(path, shape=(3,), dtype=h5py.vlen_dtype(np.int32), chunks=(3,))


@case(PLAIN)
def compound(path: pathlib.Path) -> None:
    dataset(path, data=np.zeros(3, [("a", "f4"), ("b", "i4")]), **CHUNKED)


@case(PLAIN)
def opaque_pickle(path: pathlib.Path) -> None:
    data = np.void(pickle.dumps(print))
    dataset(path, data=np.array([data] * 3), **CHUNKED)


@case(PLAIN)
def enumeration(path: pathlib.Path) -> None:
    dataset(path, data=np.array([True, False, True]), **CHUNKED)


@case(PLAIN)
def array_type(path: pathlib.Path) -> None:
    dataset(path, shape=(3,), dtype=np.dtype("(2,)f4"), **CHUNKED)


@case("unknown type")
def other_byte_order(path: pathlib.Path) -> None:
    dataset(path, data=np.arange(3, dtype=">f4"), **CHUNKED)


@case("unknown type")
def odd_float(path: pathlib.Path) -> None:
    kind = h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_chunk((10,))
    properties.set_fletcher32()
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        made = h5d.create(file[WEIGHTS].id, b"x", kind, h5s.create_simple((10,)), properties)
        attributes(h5py.Dataset(made))


@case("neither a group nor an array")
def named_type(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file["x"] = np.dtype("f4")
        attributes(file["x"])


@case("not stored in chunks")
def contiguous(path: pathlib.Path) -> None:
    dataset(path, data=np.arange(3))


@case("lacks its checksum")
def no_checksum(path: pathlib.Path) -> None:
    dataset(path, data=np.arange(3), chunks=(3,))


@case("no axes, or too many")
def twenty_axes(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        made = h5d.create(file[WEIGHTS].id, b"x", h5t.IEEE_F32LE, h5s.create_simple((2,) * 20), _chunks_of(20))
        attributes(h5py.Dataset(made))


def _chunks_of(axes: int) -> Any:
    properties = h5p.create(h5p.DATASET_CREATE)
    properties.set_chunk((1,) * axes)
    properties.set_fletcher32()
    return properties


# -- attributes ------------------------------------------------------------------------------------------------------
@case("longer than")
def huge_attribute(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        file[WEIGHTS].attrs.create("x", np.bytes_(b"a" * 2**22))


@case("more than one text")
def attribute_array(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        file[WEIGHTS].attrs.create("x", np.array([b"abc"] * 2**18))


@case("attributes")
def many_attributes(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        for number in range(300):
            file[WEIGHTS].attrs.create(f"x{number}", np.bytes_(b"a"))


@case("fixed length")
def attribute_of_any_length(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        file[WEIGHTS].attrs["x"] = "text"


@case("fixed length")
def attribute_number(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        file[WEIGHTS].attrs["x"] = 3
