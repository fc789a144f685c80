"""Data sets: what opens, how it is split, and how a damaged or hostile file is refused."""

from __future__ import annotations

import gzip
import os
import pathlib
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import source
from engine.data.raw import Raw
from engine.data.source import available, known, open_data
from engine.data.sources import idx
from engine.data.spec import FieldSpec
from engine.data.splits import split
from engine.errors import DataError, StrataError, UnknownName
from engine.graph.design import DataChoice
from engine.graph.frozen import Frozen
from engine.observe.probe import probe_samples

TYPES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def encoded(array: np.ndarray[Any, Any], kind: str = "u1") -> bytes:
    header = bytes([0, 0, TYPES[kind], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(kind).tobytes()


def images(count: int, *shape: int) -> np.ndarray[Any, Any]:
    return np.random.RandomState(count).randint(0, 256, (count, *(shape or (4, 5))))


def labels(count: int) -> np.ndarray[Any, Any]:
    return np.arange(count) % 3


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A small sound set with an official test part."""
    place = tmp_path / "small"
    place.mkdir()
    (place / "train-images-idx3-ubyte").write_bytes(encoded(images(30)))
    (place / "train-labels-idx1-ubyte").write_bytes(encoded(labels(30)))
    (place / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(encoded(images(12))))
    (place / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(encoded(labels(12))))
    return place


def refusal(place: pathlib.Path, **choice: Any) -> str:
    with pytest.raises(StrataError) as caught:
        open_data(DataChoice(str(place), **choice))
    return str(caught.value)


def test_digits_are_the_real_ones():
    data = open_data(DataChoice("digits"))
    sizes = data.spec.train, data.spec.validation, data.spec.test
    assert sum(sizes) == 1797 and sizes == (1294, 144, 359)
    assert "Alpaydin" in data.spec.provenance and not data.spec.official_test and not data.spec.synthetic
    every = [data.arrays(part) for part in ("train", "validation", "test")]
    pixels = np.concatenate([a["image"] for a in every])
    assert pixels.shape == (1797, 1, 8, 8) and pixels.dtype == np.float32
    assert pixels.min() == 0 and pixels.max() == 1
    counts = np.bincount(np.concatenate([a["label"] for a in every]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as published
    assert "digits" in [info.name for info in available()]


def test_a_folder_with_an_official_test_part_keeps_it(folder: pathlib.Path):
    data = open_data(DataChoice(str(folder), validation=0.2, test=0.9))
    assert (data.spec.train, data.spec.validation, data.spec.test) == (24, 6, 12)
    assert data.spec.official_test
    assert np.array_equal(data.arrays("test")["label"], labels(12))
    assert np.allclose(data.arrays("test")["image"][:, 0] * 255, images(12))
    assert data.spec.inputs[0].shape == (1, 4, 5) and data.spec.targets[0].classes == ("0", "1", "2")


def test_one_pair_of_images_and_labels(tmp_path: pathlib.Path):
    (tmp_path / "images.idx.gz").write_bytes(gzip.compress(encoded(images(40, 6, 6, 3))))
    (tmp_path / "labels.idx").write_bytes(encoded(labels(40)))
    data = open_data(DataChoice(str(tmp_path)))
    assert data.spec.inputs[0].shape == (3, 6, 6)  # channels stood last
    assert (data.spec.train, data.spec.validation, data.spec.test) == (29, 3, 8) and not data.spec.official_test


@pytest.mark.parametrize("kind", TYPES)
def test_every_number_type_is_read(tmp_path: pathlib.Path, kind: str):
    numbers = images(20) % 100
    (tmp_path / "train-images").write_bytes(encoded(numbers, kind))
    (tmp_path / "train-labels").write_bytes(encoded(labels(20), ">i4"))
    data = open_data(DataChoice(str(tmp_path)))
    top = 255 if kind == "u1" else 1
    found = np.sort(np.concatenate([data.arrays(p)["image"].reshape(-1) for p in ("train", "validation", "test")]))
    assert np.allclose(found * top, np.sort(numbers.reshape(-1)), atol=1e-4)


def test_labels_that_are_real_numbers_are_no_classes(tmp_path: pathlib.Path):
    (tmp_path / "images").write_bytes(encoded(images(20, 7)))
    (tmp_path / "labels").write_bytes(encoded(np.linspace(0, 1, 20), ">f4"))
    spec = open_data(DataChoice(str(tmp_path))).spec
    assert spec.targets[0].kind == "number" and spec.inputs[0].kind == "vector"


def test_names_of_kindred_sets_are_known(folder: pathlib.Path):
    for old in list(folder.iterdir()):
        new = old.name.replace("train", "emnist-letters-train").replace("t10k", "emnist-letters-test")
        old.rename(folder / new)
    assert open_data(DataChoice(str(folder))).spec.official_test


def test_the_fingerprint_is_of_the_samples(folder: pathlib.Path, tmp_path: pathlib.Path):
    before = open_data(DataChoice(str(folder))).spec.fingerprint
    plain = folder / "train-images-idx3-ubyte"
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    moved = folder.rename(tmp_path / "elsewhere")
    assert open_data(DataChoice(str(moved), seed=9)).spec.fingerprint == before
    (moved / "train-labels-idx1-ubyte").write_bytes(encoded(labels(30)[::-1]))
    assert open_data(DataChoice(str(moved))).spec.fingerprint != before


def test_a_folder_is_read_once(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    open_data(DataChoice(str(folder)))
    monkeypatch.setattr(idx, "read", lambda path: pytest.fail(f"{path} was read again"))
    open_data(DataChoice(str(folder), seed=4))


@given(st.integers(3, 400), st.integers(0, 40), st.floats(0.01, 0.45), st.floats(0.01, 0.45), st.integers(-9, 2**70))
def test_parts_are_disjoint_and_complete(count: int, official: int, validation: float, test: float, seed: int):
    raw = _raw(count, min(official, count - 2))
    choice = DataChoice("x", validation, test, seed)
    try:
        parts = split(raw, choice)
    except DataError as error:
        assert "no samples" in str(error)
        return
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(count))
    again = split(raw, choice)
    assert all(np.array_equal(parts[name], again[name]) for name in parts)
    if raw.official_test:
        assert np.array_equal(parts["test"], np.arange(count - raw.official_test, count))


def test_the_test_part_does_not_depend_on_the_validation_part():
    raw = _raw(100, 0)
    few, many = split(raw, DataChoice("x", 0.05)), split(raw, DataChoice("x", 0.5))
    assert np.array_equal(few["test"], many["test"])


def test_the_split_is_the_same_for_ever():
    assert split(_raw(12, 0), DataChoice("x", 0.2, 0.25, seed=3))["test"].tolist() == SPLIT_OF_SEED_3


SPLIT_OF_SEED_3 = [10, 2, 8]


def _raw(count: int, official: int) -> Raw:
    field = FieldSpec("image", "vector", (1,), "float32")
    return Raw("x", "x", (field,), (), Frozen({"image": np.zeros((count, 1))}), Frozen(), official, "", "")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"validation": 0.0}, "validation part of small has no samples"),
        ({"validation": 0.001}, "rounds to 0"),
        ({"validation": -0.5}, "must be a fraction"),
        ({"validation": float("nan")}, "must be a fraction"),
        ({"validation": 0.99}, "training part of small has no samples"),
    ],
)
def test_parts_without_samples_are_refused(folder: pathlib.Path, choice: dict[str, float], words: str):
    assert words in refusal(folder, **choice)


@pytest.mark.parametrize("choice", [{"validation": 0.0}, {"validation": float("nan")}, {"validation": 0.99}])
def test_data_that_cannot_be_split_so_are_known_all_the_same(folder: pathlib.Path, choice: dict[str, Any]):
    found, sound = known(DataChoice(str(folder), **choice)), open_data(DataChoice(str(folder)))
    assert found.spec is not None and (found.spec.inputs, found.spec.targets) == (sound.spec.inputs, sound.spec.targets)
    assert found.problem == refusal(folder, **choice)
    assert found.dataset is not None and len(probe_samples(found.dataset)) > 0


def test_of_data_that_are_gone_the_fields_are_known_that_were_read_last(folder: pathlib.Path):
    before = open_data(DataChoice(str(folder))).spec
    folder.rename(folder.with_name("elsewhere"))
    found = known(DataChoice(str(folder), seed=3))
    assert found.dataset is None and "no folder" in found.problem and found.spec is not None
    assert (found.spec.inputs, found.spec.targets, found.spec.train) == (before.inputs, before.targets, 0)
    assert known(DataChoice("/nowhere/at/all")).spec is None


def test_what_a_project_tells_of_its_data_counts_until_they_can_be_read(folder: pathlib.Path):
    choice = DataChoice(str(folder))
    told = replace(open_data(DataChoice("digits")).spec, fingerprint="other")
    source.remember(choice, told)
    assert source.last_known(choice) == told
    found = known(choice)
    assert found.spec is not None and found.spec.inputs != told.inputs
    folder.rename(folder.with_name("elsewhere"))
    assert known(choice).spec == source.last_known(choice) != told
    source.remember(DataChoice("/nowhere"), told)
    assert known(DataChoice("/nowhere")).spec == told and known(DataChoice("/nowhere")).dataset is None
    source.remember(DataChoice("/nowhere"), None)
    assert known(DataChoice("/nowhere")).spec is None


def test_whole_numbers_among_the_inputs_have_a_bound():
    raw = _raw(12, 0)
    tokens = replace(raw, inputs=(FieldSpec("t", "tokens", (2,), "int64"),), arrays=Frozen({"t": np.full((12, 2), 7)}))
    (field,) = source.Dataset(tokens, DataChoice("x")).spec.inputs
    assert field.below == 8


def test_fractions_that_leave_nothing_are_refused():
    with pytest.raises(DataError, match="leave nothing"):
        open_data(DataChoice("digits", 0.5, 0.5))


def test_only_the_fields_that_are_asked_for_are_made(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    real = source.Dataset._field
    monkeypatch.setattr(
        source.Dataset, "_field", lambda self, field, at: made.append(field.name) or real(self, field, at)
    )
    data = open_data(DataChoice("shapes"))
    arrays = data.arrays("train")
    assert list(arrays) == ["image", "label", "mask"] and "mask" in arrays and "colour" not in arrays
    assert len(arrays) == 3 and made == []
    label = arrays["label"]
    assert made == ["label"] and len(label) == data.spec.train
    label[:] = -1
    assert arrays["label"].min() >= 0  # the array was the caller's


def test_training_reads_no_field_that_the_network_does_not_take(monkeypatch: pytest.MonkeyPatch):
    import torch

    from engine.train.batches import Resident

    made: list[str] = []
    real = source.Dataset._field
    monkeypatch.setattr(
        source.Dataset, "_field", lambda self, field, at: made.append(field.name) or real(self, field, at)
    )
    Resident(open_data(DataChoice("shapes")).arrays("validation"), ["image", "label"], torch.device("cpu"))
    assert made == ["image", "label"]
    with pytest.raises(DataError, match="called ‘colour’; there are image, label, mask"):
        Resident(open_data(DataChoice("shapes")).arrays("validation"), ["colour"], torch.device("cpu"))


def test_unknown_names_and_places():
    with pytest.raises(UnknownName, match="Did you mean digits"):
        open_data(DataChoice("digts"))
    with pytest.raises(DataError, match="no folder"):
        open_data(DataChoice("/nowhere/at/all"))
    with pytest.raises(DataError, match="No data are chosen"):
        open_data(DataChoice(""))
    with pytest.raises(DataError, match="not a folder"):
        open_data(DataChoice(__file__))


def test_only_folders_that_hold_a_set_are_suggested(folder: pathlib.Path):
    """A folder with a single file called ‘labels’ (as /etc/alternatives may have) is no data set."""
    decoy = folder.parent / "above" / "alternatives"
    decoy.mkdir(parents=True)
    (decoy / "images").write_bytes(b"")
    assert "did you mean" not in refusal(decoy.parent).lower()
    (decoy.parent / "mnist").symlink_to(folder)
    assert f"did you mean {decoy.parent / 'mnist'}?" in refusal(decoy.parent)
    assert f"Did you mean {decoy.parent / 'mnist'}?" in refusal(decoy.parent / "minst")
    assert "Did you mean" not in refusal(decoy.parent / "alternative")


Damage = dict[str, bytes | None]
_SOUND = encoded(images(30))


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("train-images-idx3-ubyte", b"", "truncated"),
        ("train-images-idx3-ubyte", _SOUND[:3], "truncated"),
        ("train-images-idx3-ubyte", _SOUND[:9], "within its header"),
        ("train-images-idx3-ubyte", _SOUND[:-1], "599 follow"),
        ("train-images-idx3-ubyte", _SOUND + b"x", "more follow"),
        ("train-images-idx3-ubyte", b"\x89PNG\r\n\x1a\n", "not an idx file"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x09" + b"\0" * 40, "9 axes"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x03" + struct.pack(">3I", 0, 28, 28), "no samples"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x03" + b"\xff" * 12, "GiB"),
        ("train-images-idx3-ubyte", encoded(images(29)), "29 images, 30 labels"),
        ("train-images-idx3-ubyte", encoded(images(30, 4, 4)), "does not fit"),
        ("train-images-idx3-ubyte", encoded(labels(30)), "one number a sample"),
        ("train-images-idx3-ubyte", encoded(np.full((30, 4, 5), np.nan), ">f4"), "not finite"),
        ("train-labels-idx1-ubyte", encoded(images(30, 2)), "one label is expected"),
        ("train-labels-idx1-ubyte", encoded(labels(30) - 1, "i1"), "label -1"),
        ("train-labels-idx1-ubyte", encoded(labels(30) + 10**6, ">i4"), "1\u202f000\u202f002"),
        ("train-labels-idx1-ubyte", None, "lacks the train labels"),
        ("t10k-labels-idx1-ubyte.gz", None, "lacks the test labels"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(encoded(images(12)))[:-9], "truncated"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(_SOUND)[:40] + b"\xff" * 40, "damaged"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(encoded(images(12)))[:-6] + b"\0" * 6, "damaged"),
    ],
)
def test_a_damaged_file_is_named(folder: pathlib.Path, file: str, content: bytes | None, words: str):
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    told = refusal(folder)
    assert words in told and str(folder) in told
    if content is not None and "labels." not in words:
        assert file in told


def test_a_bomb_is_not_unpacked(folder: pathlib.Path):
    """A header of 30 small images, and behind it 200 MB of zeros in 200 kB."""
    import tracemalloc

    bomb = gzip.compress(encoded(images(30)) + bytes(200 << 20), compresslevel=9)
    (folder / "train-images-idx3-ubyte").write_bytes(bomb)
    tracemalloc.start()
    try:
        assert "more follow" in refusal(folder)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_folders_pipes_and_closed_files_under_the_name_of_a_file(folder: pathlib.Path):
    path = folder / "train-images-idx3-ubyte"
    path.unlink()
    path.mkdir()
    assert "is a folder" in refusal(folder)
    path.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        assert "not a regular file" in refusal(folder)
        path.unlink()
    path.symlink_to(folder / "nothing")
    assert "cannot be read" in refusal(folder)


@pytest.mark.parametrize("what", ["images", "labels"])
@pytest.mark.filterwarnings("error")
def test_numbers_that_overflow_on_the_way_are_refused(folder: pathlib.Path, what: str):
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        (folder / name).unlink()
    (folder / "train-images-idx3-ubyte").write_bytes(encoded(np.full((30, 4, 5), 0.5), ">f8"))
    (folder / "train-labels-idx1-ubyte").write_bytes(encoded(np.full(30, 0.5), ">f8"))
    assert open_data(DataChoice(str(folder))).arrays("train")["image"].dtype == np.float32
    kind, shape = ("idx3", (30, 4, 5)) if what == "images" else ("idx1", (30,))
    (folder / f"train-{what}-{kind}-ubyte").write_bytes(encoded(np.full(shape, -1e300), ">f8"))
    told = refusal(folder)
    assert f"train-{what}-{kind}-ubyte" in told and "1e+300" in told


@pytest.mark.parametrize(
    ("left", "there", "wanted"),
    [
        (["train-images", "t10k-images", "t10k-labels"], "train-images-idx3-ubyte", "train-labels-idx1-ubyte."),
        (["train-images", "train-labels", "t10k-images"], "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz."),
        (["train-images", "t10k-images"], "train-images-idx3-ubyte", "train-labels-idx1-ubyte."),
        (["train-labels"], "train-labels-idx1-ubyte", "train-images-idx3-ubyte."),
        (["t10k-images", "t10k-labels"], "t10k-images-idx3-ubyte.gz", "train-images-idx3-ubyte."),
    ],
)
def test_what_is_missing_is_named_after_its_partner(folder: pathlib.Path, left: list[str], there: str, wanted: str):
    for path in folder.iterdir():
        if not path.name.startswith(tuple(left)):
            path.unlink()
    assert refusal(folder).endswith(f"there is {there}, but no file like {wanted}")


def test_files_one_folder_deeper_are_pointed_at(folder: pathlib.Path):
    (folder.parent / "a").mkdir()
    assert refusal(folder.parent).endswith(f"did you mean {folder}?")


def test_a_link_that_leads_back_to_itself_has_its_sentence(folder: pathlib.Path):
    path = folder / "train-images-idx3-ubyte"
    path.unlink()
    path.symlink_to(path)
    assert "leads back to itself" in refusal(folder) and str(path) in refusal(folder)
    ring = folder.parent / "ring"
    ring.symlink_to(ring)
    assert refusal(ring) == f"{ring} is a link that leads back to itself: there is nothing behind it."
    nowhere = folder.parent / "nowhere"
    nowhere.symlink_to(folder.parent / "gone")
    assert "which is not there" in refusal(nowhere)


def test_an_unreadable_file_is_named(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    told = refusal(folder)
    assert "Permission denied" in told and "images-idx3-ubyte" in told


def test_two_sets_in_one_folder_are_refused(folder: pathlib.Path):
    (folder / "emnist-train-images-idx3-ubyte").write_bytes(_SOUND)
    assert "folder of its own" in refusal(folder)


def test_an_empty_folder_says_what_is_expected(tmp_path: pathlib.Path):
    assert "train-images-idx3-ubyte" in refusal(tmp_path)


@given(st.binary(max_size=200))
def test_no_content_ends_in_anything_but_numbers_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
):
    path = tmp_path_factory.getbasetemp() / "any-file"
    for body in (content, b"\0\0\x08" + content, gzip.compress(content)[: len(content)]):
        path.write_bytes(body)
        try:
            assert idx.read(path).size > 0
        except DataError as error:
            assert str(path) in str(error)


def test_an_unknown_part_is_named():
    with pytest.raises(UnknownName, match="validation"):
        open_data(DataChoice("digits")).arrays("validate")


def test_the_real_mnist(mnist: pathlib.Path):
    spec = open_data(DataChoice(str(mnist))).spec
    assert (spec.train, spec.validation, spec.test) == (54_000, 6_000, 10_000)
    assert spec.official_test and len(spec.targets[0].classes) == 10 and not spec.warnings


def test_kept_sets_are_few(tmp_path: pathlib.Path):
    for i in range(4):
        place = tmp_path / str(i)
        place.mkdir()
        (place / "images").write_bytes(encoded(images(20 + i)))
        (place / "labels").write_bytes(encoded(labels(20 + i)))
        open_data(DataChoice(str(place)))
    assert len(source._kept) == source._KEPT
