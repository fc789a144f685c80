"""Attacks by what the file says, with digests that fit; and files that are no projects at all."""

from __future__ import annotations

import os
import pathlib
import pickle
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from hostile_tools import CASES, WEIGHTS, case, design, redigest, resigned, sign

from engine.project import elements, hdf


# -- digests and versions --------------------------------------------------------------------------------------------
@case("digest")
def wrong_digest_of_the_design(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        data = bytes(file["design"][()]).replace(b"conv1", b"conv2")
        file["design"][...] = np.frombuffer(data, np.uint8)


@case("digest")
def wrong_digest_of_the_weights(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file[f"{WEIGHTS}/half"][0] = 42


@case("digest")
def array_renamed(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file.move(f"{WEIGHTS}/half", f"{WEIGHTS}/other")


@case("digest")
def type_changed(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file[f"{WEIGHTS}/bytes"].attrs["type"]
        hdf.write_attributes(file[f"{WEIGHTS}/bytes"].id, {"type": "booleans"})


@case("digest")
def wrong_digest_of_all(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["digest"]
        hdf.write_attributes(file["/"].id, {"digest": "0" * 64})


@case("digest")
def no_digest(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["digest"]


def _version(path: pathlib.Path, version: str) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["version"]
        hdf.write_attributes(file["/"].id, {"version": version})


@case("newer Strata")
def newer_version(path: pathlib.Path) -> None:
    _version(path, "2.0")


@case("no version number")
def odd_version(path: pathlib.Path) -> None:
    _version(path, "-1.0")


@case("another program")
def other_root_type(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file.attrs["type"]
        hdf.write_attributes(file["/"].id, {"type": "strata-projekt"})


@case("newer than this program")
def newer_design(path: pathlib.Path) -> None:
    design(path, lambda plain: plain.update(version="2.0"))


@case("newer than this program")
def newer_array(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file[f"{WEIGHTS}/half"].attrs["version"]
        hdf.write_attributes(file[f"{WEIGHTS}/half"].id, {"version": "2.0"})
        redigest(file, WEIGHTS)


@case("of type ‘tensor’")
def unknown_type(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file[f"{WEIGHTS}/half"].attrs["type"]
        hdf.write_attributes(file[f"{WEIGHTS}/half"].id, {"type": "tensor"})
        redigest(file, WEIGHTS)


@case("does not know")
def unknown_section_that_is_required(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        hdf.write(file, "code", elements.json_element({"type": "code", "version": "1.0"}))
        sign(file, [{"path": "code", "digest": "", "required": True}])


# -- the manifest ----------------------------------------------------------------------------------------------------
@case("missing")
def no_manifest(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["manifest"]


@case("missing")
def weights_missing(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        del file[WEIGHTS]


@case("missing")
def weights_not_listed(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        sign(file, without=(WEIGHTS,))


@case("missing")
def design_not_listed(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        sign(file, without=("design",))


@case("one after the other")
def a_run_left_out(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        sign(file, without=tuple(f"runs/0/{part}" for part in ("record", "design", "history")))


@case("does not know")
def path_out_of_the_file(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        sign(file, [{"path": "../secret.txt", "digest": "0", "required": True}])


@case("stands once")
def section_twice(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        sign(file, [{"path": "design", "digest": "0" * 64, "required": True}])


@case("encoded")
def array_name_that_is_not_encoded(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file.move(f"{WEIGHTS}/half", f"{WEIGHTS}/%68alf")
        redigest(file, WEIGHTS)


@case("only 0 and 1")
def booleans_that_are_none(path: pathlib.Path) -> None:
    with h5py.File(path, "r+") as file:
        file[f"{WEIGHTS}/mask"][0, 0] = 7
        redigest(file, WEIGHTS)


# -- JSON ------------------------------------------------------------------------------------------------------------
def _json_case(name: str, data: bytes, words: str) -> None:
    def maker(path: pathlib.Path) -> None:
        resigned(path, "design", data)

    CASES[name] = (maker, words)


_json_case("json_nested_too_deeply", b"[" * 200_000, "nested")
_json_case("json_objects_nested_too_deeply", b'{"type":' * 200_000, "nested")
_json_case("json_huge_integer", b'{"type":"design","version":"1.0","graph":' + b"9" * 1_000_000 + b"}", "digits")
_json_case("json_not_a_number", b'{"type":"design","version":"1.0","x":NaN}', "NaN")
_json_case("json_infinity", b'{"type":"design","version":"1.0","x":-Infinity}', "Infinity")
_json_case("json_overflow", b'{"type":"design","version":"1.0","x":1e999}', "too large")
_json_case("json_key_twice", b'{"type":"design","type":"design","version":"1.0"}', "twice")
_json_case("json_not_utf8", b'{"type":"\xff\xfe"}', "JSON")
_json_case("json_cut", b'{"type":"design","version":', "JSON")
_json_case("json_empty", b"", "JSON")
_json_case("json_list", b"[]", "object")
_json_case("json_pickle", pickle.dumps(print), "JSON")


@case("row of bytes")
def json_as_floats(path: pathlib.Path) -> None:
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        del file["design"]
        hdf.write(file, "design", elements.Data(elements.head("json"), np.zeros((2, 2), np.float32)))
        redigest(file, "design")


# -- the design ------------------------------------------------------------------------------------------------------
@case("a whole number")
def repetition_without_an_end(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["layers"][2].update(repeat=1e300))


@case("only a block has a body")
def layer_with_a_body(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["layers"][1].update(block="outer"))


@case("node of the graph")
def wire_to_nowhere(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["wires"].append({"source": "n1", "target": "nowhere"}))


@case("an id")
def id_that_is_a_path(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["nodes"][0].update(id="../../etc"))


# Designs that open, for a person may have made such a mistake, and that check refuses to train: a change of what the
# file says, and the code of the problem. Nothing that they name is imported, nothing of their size is made.
Change = Callable[[dict[str, Any]], Any]
MISTAKES: dict[str, tuple[Change, str]] = {
    "unknown kind": (lambda plain: plain["graph"]["layers"][1].update(kind="Lineer"), "unknown-kind"),
    "kind to import": (lambda plain: plain["graph"]["layers"][1].update(kind="os.system"), "unknown-kind"),
    "optimiser to look up": (
        lambda plain: plain["recipe"]["optimizer"].update(name="__class__"),
        "recipe-optimizer",
    ),
    "block within itself": (
        lambda plain: plain["graph"]["blocks"][0]["graph"]["layers"][1].update(kind="Block", block="outer"),
        "block-recursion",
    ),
    "repetitions of repetitions": (
        lambda plain: (
            plain["graph"]["layers"][2].update(repeat=10**290),
            plain["graph"]["blocks"][1]["graph"]["layers"][1].update(repeat=10**290),
        ),
        "block-size",
    ),
    "no such block": (lambda plain: plain["graph"].update(blocks=[]), "unknown-block"),
    "batches of a word": (lambda plain: plain["recipe"].update(batch_size="many"), "recipe-batch-size"),
}


# -- files of other kinds --------------------------------------------------------------------------------------------
def _foreign_case(name: str, data: bytes, words: str) -> None:
    def maker(path: pathlib.Path) -> None:
        path.write_bytes(data)

    CASES[name] = (maker, words)


_foreign_case("empty_file", b"", "empty")
_foreign_case("text_file", b"Hello, world.\n" * 100, "a text file")
_foreign_case("png_picture", b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture")
_foreign_case("pickle_file", pickle.dumps({"a": print}), "another kind")
_foreign_case("zeros", bytes(5000), "another kind")
_foreign_case("signature_only", b"\x89HDF\r\n\x1a\n", "cut short")
_foreign_case("signature_and_noise", b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 20, "another program")
_foreign_case("superblock_and_noise", b"\x89HDF\r\n\x1a\n\x03\x08\x08\x00" + bytes(2000), "damaged")


@case("a ZIP archive")
def zip_archive(path: pathlib.Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b")


@case("another program")
def hdf5_of_another_program(path: pathlib.Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(10)


@case("another program")
def new_hdf5_of_another_program(path: pathlib.Path) -> None:
    with h5py.File(path, "w", libver=hdf.LIBRARY_VERSIONS) as file:
        file["x"] = np.arange(10)


@case("another kind")
def user_block_before_it(path: pathlib.Path) -> None:
    path.write_bytes(bytes(512) + path.read_bytes())


@case("cut short")
def cut_in_half(path: pathlib.Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@case("cut short")
def last_byte_missing(path: pathlib.Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@case("folder")
def a_folder(path: pathlib.Path) -> None:
    path.unlink()
    path.mkdir()


if hasattr(os, "mkfifo"):

    @case("ordinary file")
    def a_pipe(path: pathlib.Path) -> None:
        path.unlink()
        os.mkfifo(path)
