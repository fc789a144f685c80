"""What the hostile corpus is made with: the table of cases, and tools that spoil a valid project and sign it anew."""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [p for p in (str(HERE.parent.parent), str(HERE.parent)) if p not in sys.path]

from project_values import full_project  # noqa: E402

from engine.project import elements, hdf, store  # noqa: E402

SECRET = "a secret of this computer"
WEIGHTS = "runs/1/weights"
Maker = Callable[[pathlib.Path], None]
CASES: dict[str, tuple[Maker, str]] = {}


def case(words: str) -> Callable[[Maker], Maker]:
    def add(maker: Maker) -> Maker:
        CASES[maker.__name__] = (maker, words)
        return maker

    return add


def valid(path: pathlib.Path) -> None:
    store.save(full_project(), path)


def make(name: str, path: pathlib.Path) -> None:
    """Write the hostile file `name` to `path`; files that it wants to reach lie beside it."""
    (path.parent / "secret.txt").write_text(SECRET * 10)
    valid(path)
    CASES[name][0](path)


# -- tools -----------------------------------------------------------------------------------------------------------
def attributes(target: Any, kind: str = "array", version: str = "1.0") -> None:
    hdf.write_attributes(target.id, {"type": kind, "version": version})


def sign(file: h5py.File, extra: list[dict[str, Any]] | None = None, without: tuple[str, ...] = ()) -> None:
    """Make all digests fit again. `extra` are more rows of the manifest, `without` paths to leave out of it."""
    rows = json.loads(bytes(file["manifest"][()]))["sections"]
    rows = [row for row in rows if row["path"] not in without] + (extra or [])
    for row in rows:
        if not row["digest"]:
            row["digest"] = elements.digest(hdf.read(file[row["path"]].id))
    put_json(file, "manifest", {"type": "manifest", "version": "1.0", "sections": rows})
    total = elements.digest(hdf.read(file["manifest"].id))
    del file.attrs["digest"]
    hdf.write_attributes(file["/"].id, {"digest": total})


def put_json(file: h5py.File, path: str, plain: Any) -> None:
    put_bytes(file, path, plain if isinstance(plain, bytes) else json.dumps(plain).encode())


def put_bytes(file: h5py.File, path: str, data: bytes) -> None:
    del file[path]
    element = elements.Data(elements.head("json"), np.frombuffer(data, np.uint8))
    parent, _, name = path.rpartition("/")
    hdf.write(file[parent] if parent else file, name, element)


def resigned(path: pathlib.Path, section: str, data: Any) -> None:
    """Replace a JSON section and make the digests fit."""
    with h5py.File(path, "r+") as file:
        put_json(file, section, data)
        redigest(file, section)


def redigest(file: h5py.File, section: str) -> None:
    rows = json.loads(bytes(file["manifest"][()]))["sections"]
    row = next(row for row in rows if row["path"] == section)
    sign(file, [{**row, "digest": ""}], without=(section,))


def design(path: pathlib.Path, change: Callable[[dict[str, Any]], None]) -> None:
    with h5py.File(path) as file:
        plain = json.loads(bytes(file["design"][()]))
    change(plain)
    resigned(path, "design", plain)


def dataset(path: pathlib.Path, **options: Any) -> None:
    """A new array among the weights, made by h5py with the given options."""
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        attributes(file[WEIGHTS].create_dataset("x", **options))
