"""PNG files (W3C, Portable Network Graphics, 3rd edition), as far as pictures of features need them: 8-bit RGB, and
texts beside the pixels. The same pixels and texts give the same bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LEVEL = 6


def encode(pixels: Array, texts: Mapping[str, str]) -> bytes:
    """The file for `pixels`, uint8 (height, width, 3). `texts` become tEXt chunks by keyword (Latin letters, at most
    79), or iTXt chunks where Latin-1 has not all their letters."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"Pixels of {pixels.dtype} and shape {pixels.shape} are no RGB picture.")
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    chunks += [_text(keyword, text) for keyword, text in texts.items()]
    chunks += [_chunk(b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)), _chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def texts_of(data: bytes) -> dict[str, str]:
    """The texts that `encode` put beside the pixels. ValueError where this is no whole PNG file."""
    found: dict[str, str] = {}
    for kind, body in _chunks(data):
        keyword, _, text = body.partition(b"\0")
        if kind == b"tEXt":
            found[keyword.decode("latin-1")] = text.decode("latin-1")
        elif kind == b"iTXt":  # not compressed, language and translated keyword empty: so `encode` writes them
            found[keyword.decode("latin-1")] = text[4:].decode()
    return found


def _text(keyword: str, text: str) -> bytes:
    name = keyword.encode("latin-1")
    if not 0 < len(name) < 80:
        raise ValueError(f"‘{keyword}’ is no keyword of a PNG file.")
    text = text.replace("\0", " ")
    try:
        return _chunk(b"tEXt", name + b"\0" + text.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", name + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(SIGNATURE):
        raise ValueError("This is no PNG file.")
    at = len(SIGNATURE)
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body, check = data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if check != struct.pack(">I", zlib.crc32(kind + body)):
            raise ValueError(f"The chunk {kind!r} is damaged.")
        yield kind, body
        at += 12 + size
