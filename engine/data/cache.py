"""Arrays that took a while to make, kept on disk in the person's cache folder.

A file counts only where the digest of its arrays is the one that is asked for: what is damaged, stale or another's is
never used. Nothing here fails: a cache that cannot be read or written costs only time.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
from typing import Any

import numpy as np
import platformdirs

from engine.data.raw import fingerprint

Array = np.ndarray[Any, Any]


def folder() -> pathlib.Path:
    return pathlib.Path(platformdirs.user_cache_dir("strata", appauthor=False)) / "data"


def path(name: str, digest: str) -> pathlib.Path:
    return folder() / f"{name}-{digest[:16]}.npz"


def load(name: str, digest: str, official_test: int) -> dict[str, Array] | None:
    """The arrays whose fingerprint is `digest`, or None where they are not there whole."""
    place = path(name, digest)
    try:
        if not place.is_file():  # a pipe would be waited for
            return None
        with np.load(place, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        return arrays if fingerprint(arrays, official_test) == digest else None
    except Exception:  # a damaged file may end in any error; the arrays are then made anew
        return None


def store(name: str, digest: str, arrays: dict[str, Array]) -> None:
    """Put the arrays in place as a whole, or not at all. Several programs may do so at once."""
    place = path(name, digest)
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=f".{name}-", suffix=".part", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            os.replace(fresh, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(fresh)
            raise
