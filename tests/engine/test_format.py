"""A second reader, written from FORMAT.md alone with h5py and hashlib: does the text say what the program does?"""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
from dataclasses import replace
from urllib.parse import quote

import h5py
import numpy as np
import pytest
from project_values import full_data, full_project

from engine.project import store

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "format-1.0.strata"
FORMAT = pathlib.Path(store.__file__).with_name("FORMAT.md")


def canonical(value) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(element) -> str:
    parts = {"": element}
    if isinstance(element, h5py.Group):
        element.visititems(lambda path, part: parts.__setitem__(path, part))
    total = hashlib.sha256()
    for path in sorted(parts, key=str.encode):
        part = parts[path]
        told = {"attributes": {name: text.decode() for name, text in part.attrs.items()}, "path": path}
        if isinstance(part, h5py.Dataset):
            told |= {"dtype": part.dtype.str, "shape": list(part.shape)}
        total.update(canonical(told) + b"\n")
        if isinstance(part, h5py.Dataset):
            total.update(part[()].tobytes())
    return total.hexdigest()


@pytest.fixture
def file():
    with h5py.File(GOLDEN, "r") as file:
        yield file


def test_the_container(file):
    raw = GOLDEN.read_bytes()
    assert raw[:8] == b"\x89HDF\r\n\x1a\n" and raw[8] in (2, 3)
    found = []
    file.visititems(lambda path, part: found.append((path, part)))
    for path, part in found:
        assert part.attrs["version"] == b"1.0" and part.attrs["type"], path
        assert isinstance(file.get(path, getlink=True), h5py.HardLink)
        if isinstance(part, h5py.Dataset):
            assert part.chunks and part.fletcher32 and part.compression is None and not part.shuffle
            assert part.dtype.kind in "fiu" and part.ndim >= 1
            chunks = np.prod([-(-n // step) for n, step in zip(part.shape, part.chunks, strict=True)])
            assert part.id.get_storage_size() == chunks * (np.prod(part.chunks) * part.dtype.itemsize + 4)


def test_every_digest_can_be_recomputed(file):
    assert file.attrs["type"] == b"strata-project"
    assert digest(file["manifest"]) == file.attrs["digest"].decode()
    rows = json.loads(bytes(file["manifest"][()]))["sections"]
    assert len(rows) == 12
    for row in rows:
        assert digest(file[row["path"]]) == row["digest"], row["path"]


def test_the_json_is_canonical_and_tells_its_type(file):
    found = []
    file.visititems(lambda path, part: found.append(part) if part.attrs["type"] == b"json" else None)
    assert len(found) == 8
    for part in found:
        plain = json.loads(bytes(part[()]))
        assert canonical(plain) == bytes(part[()])
        assert plain["version"] == "1.0" and plain["type"]


def test_keys_are_encoded_as_described(file):
    run = full_project().runs[1]
    assert run.state is not None
    names = {quote(key, safe="_.-~!$&()*+,:;=@[] ") for key in run.state.weights}
    assert set(file["runs/1/weights"]) == names
    for key, array in run.state.weights.items():
        stored = file["runs/1/weights"][quote(key, safe="_.-~!$&()*+,:;=@[] ")][()]
        assert stored.tobytes() == array.tobytes(), key


def test_the_text_names_every_key_that_is_written(file):
    text = FORMAT.read_text(encoding="utf-8")
    keys: set[str] = set()

    def collect(value) -> None:
        if isinstance(value, dict):
            keys.update(value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    for part in ("manifest", "view", "runs/1/record", "runs/1/look/look"):
        collect(json.loads(bytes(file[part][()])))
    design = json.loads(bytes(file["design"][()]))
    collect({key: value for key, value in design.items() if key not in ("graph", "places")})
    collect({key: [{k: None for k in row} for row in rows] for key, rows in design["graph"].items()})
    missing = {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", text)}
    assert missing <= {"lr", "momentum", "nesterov", "max_lr", "correct", "worst"}  # names within the example


def test_what_is_known_of_the_data_is_written_as_described(tmp_path):
    path = tmp_path / "known.strata"
    store.save(replace(full_project(), data=full_data()), path)
    with h5py.File(path, "r") as file:
        plain = json.loads(bytes(file["data"][()]))
        (row,) = (r for r in json.loads(bytes(file["manifest"][()]))["sections"] if r["path"] == "data")
        assert row == {"path": "data", "digest": digest(file["data"]), "required": False}
        assert canonical(plain) == bytes(file["data"][()])
    keys = {*plain, *(key for field in plain["inputs"] for key in field)}
    text = FORMAT.read_text(encoding="utf-8")
    assert not {key for key in keys if not re.search(rf"\b{re.escape(key)}\b", text)}
