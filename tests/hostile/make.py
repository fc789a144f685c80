"""The hostile corpus: project files that attack whoever opens them, each by one means. Generated, never stored.

`CASES` maps a name to (maker, words that the refusal must hold). A maker gets the path of a valid project and spoils
it; where the attack lies in the JSON it signs the file anew, as an attacker would.
`python tests/hostile/make.py FOLDER` writes all of them.
"""

from __future__ import annotations

import json
import os
import pathlib
import pickle
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t  # pyright: ignore[reportAttributeAccessIssue]

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
@case("Did you mean Linear?")
def unknown_layer_kind(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["layers"][1].update(kind="Lineer"))


@case("no layer called ‘os.system’")
def layer_kind_to_import(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["layers"][1].update(kind="os.system"))


@case("no optimizer called")
def unknown_optimizer(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["recipe"]["optimizer"].update(name="__class__"))


@case("contains itself")
def block_within_itself(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["blocks"][0]["graph"]["layers"][1].update(kind="Block", block="outer"))


@case("unfold")
def repetition_bomb(path: pathlib.Path) -> None:
    def change(plain: dict[str, Any]) -> None:
        plain["graph"]["layers"][2]["repeat"] = 100_000
        plain["graph"]["blocks"][1]["graph"]["layers"][1]["repeat"] = 100_000

    design(path, change)


@case("from 1 to")
def repetition_beyond_count(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["layers"][2].update(repeat=10**18))


@case("node of the graph")
def wire_to_nowhere(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["wires"].append({"source": "n1", "target": "nowhere"}))


@case("an id")
def id_that_is_a_path(path: pathlib.Path) -> None:
    design(path, lambda plain: plain["graph"]["nodes"][0].update(id="../../etc"))


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


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/hostile/make.py FOLDER")
    for name in CASES:
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        make(name, folder / "hostile.strata")
    print(f"{len(CASES)} hostile files in {sys.argv[1]}")


if __name__ == "__main__":
    main()
