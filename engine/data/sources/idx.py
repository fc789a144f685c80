"""One idx file, plain or gzip-compressed: the format of MNIST and its kin. Files may be damaged or hostile.

The format: two zero bytes, a type, the number of axes n, n sizes (4 bytes each, big-endian), then the numbers. Nothing
is believed before it is checked: what the header declares is capped, and never more than that is decompressed.
"""

from __future__ import annotations

import errno
import gzip
import io
import math
import os
import pathlib
import stat
import struct
import zlib
from typing import Any, BinaryIO

import numpy as np

from engine.errors import DataError
from engine.numbers import sizes, thousands

Array = np.ndarray[Any, Any]

LARGEST = 2 << 30  # bytes of numbers in one file
_AXES = 4
_CHUNK = 1 << 20
_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read(path: pathlib.Path) -> Array:
    """The numbers of one file, in native byte order; DataError (naming the file) for anything that is not sound."""
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            raise DataError(f"{path} is a folder; an idx file is expected under this name.")
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for ever
            raise DataError(f"{path} is not a regular file.")
        with open(path, "rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not compressed:
                return _parse(file, path, os.fstat(file.fileno()).st_size)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _parse(io.BufferedReader(unpacked, _CHUNK), path, None)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is damaged: its gzip compression is not sound ({error}).") from error
    except EOFError as error:
        raise DataError(f"{path} is truncated: it ends in the middle of its gzip compression.") from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: pathlib.Path, error: OSError) -> DataError:
    """What the system said, as a sentence."""
    if error.errno == errno.ELOOP:
        return DataError(f"{path} is a link that leads back to itself: there is nothing behind it.")
    return DataError(f"{path} cannot be read: {error.strerror or error}.")


def _parse(file: BinaryIO, path: pathlib.Path, size: int | None) -> Array:
    dtype, shape = _header(file, path)
    declared = math.prod(shape) * dtype.itemsize
    told = sizes(shape)
    if declared > LARGEST:
        raise DataError(
            f"{path} declares {told} numbers, {thousands(declared / 2**30, 1)} GiB; more than {LARGEST >> 30} GiB in "
            "one file is not read."
        )
    if declared == 0:
        raise DataError(f"{path} holds no samples: its header declares {told}.")
    start = 4 + 4 * len(shape)
    if size is not None and size < start + declared:
        raise DataError(_short(path, told, declared, size - start))
    content = bytearray()
    while len(content) < declared:  # grows with what is really there, not with what is declared
        chunk = file.read(min(_CHUNK, declared - len(content)))
        if not chunk:
            raise DataError(_short(path, told, declared, len(content)))
        content += chunk
    if file.read(1):  # reading past the end also makes gzip verify its checksum
        raise DataError(
            f"{path} does not fit its header: it declares {told}, {thousands(declared)} bytes, but more follow."
        )
    array = np.frombuffer(content, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _short(path: pathlib.Path, told: str, declared: int, there: int) -> str:
    declares = f"{told}, {thousands(declared)} bytes"
    return f"{path} is truncated: its header declares {declares}, but only {thousands(there)} follow."


def _header(file: BinaryIO, path: pathlib.Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4:
        raise DataError(f"{path} is truncated: it ends within the first four bytes.")
    zeros, kind, axes = magic[:2], magic[2], magic[3]
    if zeros != b"\0\0" or kind not in _TYPES:
        raise DataError(
            f"{path} is not an idx file: it begins with {magic.hex(' ')}; idx files begin with 00 00, a type and the "
            "number of axes."
        )
    if not 1 <= axes <= _AXES:
        raise DataError(f"{path} declares {axes} axes; 1 to {_AXES} can be read.")
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise DataError(f"{path} is truncated: it ends within its header.")
    return np.dtype(_TYPES[kind]), struct.unpack(f">{axes}I", sizes)
