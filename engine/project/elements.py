"""What a project file is made of: JSON texts, arrays and groups of them; and their digest.

An element is a value in memory; `engine.project.hdf` puts it into an HDF5 file and gets it out. The digest is taken
over what the element means (type, version, shape, bytes), not over how HDF5 lays it out: a copy by any tool keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from engine.errors import ProjectFileError
from engine.project.plain import UPDATE, capital, from_json, major_version, to_json

Array = np.ndarray[Any, Any]

VERSION = "1.0"  # of the file and of every element in it
MAJOR = 1
STORED = ("<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8")
MAX_AXES = 16
MAX_KEY = 1000

# Element types of arrays. HDF5 has no booleans (they are stored as 0 and 1), and a single number has no axis to chunk.
ARRAY, SCALAR, BOOLEANS, BOOLEAN = "array", "scalar", "booleans", "boolean"
JSON, ARRAYS = "json", "arrays"


@dataclass(frozen=True)
class Data:
    """An element with content: `stored` is little-endian, with at least one axis, of a dtype in STORED."""

    attributes: dict[str, str]
    stored: Array


@dataclass(frozen=True)
class Group:
    """An element that holds others by name."""

    attributes: dict[str, str]
    children: dict[str, Element] = field(default_factory=dict)


Element = Data | Group


def head(kind: str) -> dict[str, str]:
    return {"type": kind, "version": VERSION}


# -- making elements --------------------------------------------------------------------------------------------
def json_element(plain: Any) -> Data:
    return Data(head(JSON), np.frombuffer(to_json(plain), np.uint8))


def array_element(array: Array) -> Data:
    """Any numeric or boolean numpy array, also empty ones and single numbers."""
    array = np.asarray(array)
    kind = SCALAR if array.ndim == 0 else ARRAY
    if array.dtype == np.bool_:
        kind = BOOLEAN if array.ndim == 0 else BOOLEANS
        array = array.view(np.uint8)
    stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))  # gives a single number one axis
    if stored.dtype.str not in STORED or stored.ndim > MAX_AXES:
        raise ProjectFileError(f"An array of {array.dtype} with {array.ndim} axes cannot be saved.")
    return Data(head(kind), stored)


def arrays_element(arrays: Mapping[str, Array]) -> Group:
    return Group(head(ARRAYS), {link_name(key): array_element(array) for key, array in arrays.items()})


def link_name(key: str) -> str:
    """The name of a link: the key with ‘/’ and whatever is not plain ASCII percent-encoded."""
    if not key or len(key) > MAX_KEY:
        raise ProjectFileError(f"‘{key[:60]}’ cannot be the name of an array in a project file.")
    return quote(key, safe=" !$&()*+,:;=@[]", errors="surrogatepass") if key.strip(".") else "%2E" * len(key)


def key_of(name: str) -> str:
    key = unquote(name, errors="surrogatepass")
    if link_name(key) != name:
        raise ProjectFileError(f"‘{name[:60]}’ is not encoded as the name of an array should be.")
    return key


# -- reading elements -------------------------------------------------------------------------------------------
def _expect(element: Element, kinds: tuple[str, ...], where: str) -> str:
    kind = element.attributes.get("type", "")
    if kind not in kinds:
        raise ProjectFileError(f"{capital(where)} should be of type {kinds[0]}, but is of type ‘{kind}’.")
    if major_version(element.attributes.get("version", "")) > MAJOR:
        raise ProjectFileError(f"{capital(where)} is of a version that is newer than this program knows. {UPDATE}")
    return kind


def read_json(element: Element, where: str) -> Any:
    _expect(element, (JSON,), where)
    if not isinstance(element, Data) or element.stored.dtype != np.uint8 or element.stored.ndim != 1:
        raise ProjectFileError(f"{capital(where)} should be a row of bytes.")
    return from_json(element.stored.tobytes(), where)


def read_array(element: Element, where: str) -> Array:
    """The array; its memory belongs to nobody else."""
    kind = _expect(element, (ARRAY, SCALAR, BOOLEANS, BOOLEAN), where)
    if not isinstance(element, Data):
        raise ProjectFileError(f"{capital(where)} should be an array.")
    array = element.stored
    if kind in (SCALAR, BOOLEAN):
        if array.shape != (1,):
            raise ProjectFileError(f"{capital(where)} should hold one number.")
        array = array.reshape(())
    if kind in (BOOLEANS, BOOLEAN):
        if array.dtype != np.uint8 or (array.size and array.max() > 1):
            raise ProjectFileError(f"{capital(where)} should hold only 0 and 1.")
        array = array.view(np.bool_)
    return array


def read_arrays(element: Element, where: str) -> dict[str, Array]:
    group = read_group(element, ARRAYS, where)
    return {key_of(name): read_array(child, f"{where}, ‘{name}’") for name, child in group.children.items()}


def read_group(element: Element, kind: str, where: str) -> Group:
    _expect(element, (kind,), where)
    if not isinstance(element, Group):
        raise ProjectFileError(f"{capital(where)} should be a group.")
    return element


def child(group: Group, name: str, where: str) -> Element:
    if name not in group.children:
        raise ProjectFileError(f"{capital(where)} lacks its part ‘{name}’.")
    return group.children[name]


# -- the digest ---------------------------------------------------------------------------------------------------
def digest(element: Element) -> str:
    """SHA-256, in hexadecimal, over the element and all within it (FORMAT.md, ‘Digests’)."""
    total = hashlib.sha256()
    for path, part in sorted(_walk("", element), key=lambda pair: pair[0].encode()):
        told: dict[str, Any] = {"attributes": part.attributes, "path": path}
        if isinstance(part, Data):
            told |= {"dtype": part.stored.dtype.str, "shape": list(part.stored.shape)}
        total.update(to_json(told) + b"\n")
        if isinstance(part, Data) and part.stored.size:
            total.update(part.stored.reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def _walk(path: str, element: Element) -> Iterator[tuple[str, Element]]:
    yield path, element
    if isinstance(element, Group):
        for name, part in element.children.items():
            yield from _walk(f"{path}/{name}" if path else name, part)
