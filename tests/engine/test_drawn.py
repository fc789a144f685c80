"""The data sets that Strata draws: the same everywhere for ever, balanced, split without overlap, kept on disk."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import cache, exact, source
from engine.data.drawn import ELSEWHERE, PROVENANCE, Drawn
from engine.data.exact import Draws
from engine.data.raw import fingerprint
from engine.data.source import available, open_data
from engine.data.sources import grammar, shapes, strokes
from engine.data.sources.points import MOONS, SPIRALS
from engine.errors import UnknownName
from engine.graph.design import DataChoice

DRAWN = {drawn.info.name: drawn for drawn in source._DRAWN}
LARGE = {"strokes", "shapes"}  # seconds each
SMALL = sorted(set(DRAWN) - LARGE)
PARTS = ("train", "validation", "test")

# What the first samples are, here and in any other process.
FIRST = """
import sys
from engine.data.exact import Draws
from engine.data.raw import fingerprint
from engine.data.sources import shapes, strokes
import numpy as np
images, masks = shapes._scenes(Draws("shapes 0"), np.arange(shapes._CHUNK) % len(shapes.CLASSES))
digits = strokes._images(Draws("strokes 0"), np.arange(strokes._CHUNK) % 10)
print(fingerprint({"images": images, "masks": masks}, 0), fingerprint({"digits": digits}, 0))
from engine.data import source
print(*(fingerprint(d.draw(), d.official_test) for d in source._DRAWN if d.info.name not in ("strokes", "shapes")))
"""


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier test read is not at hand."""
    source._kept.clear()


@pytest.fixture(scope="module")
def drawn_once() -> dict[str, dict[str, np.ndarray[Any, Any]]]:
    return {name: drawn.draw() for name, drawn in DRAWN.items()}


@pytest.fixture
def moons() -> tuple[Drawn, list[int]]:
    """A set that notes each time it is drawn."""
    count: list[int] = []

    def draw() -> dict[str, np.ndarray[Any, Any]]:
        count.append(1)
        return MOONS.draw()

    return replace(MOONS, draw=draw), count


# -- what they are --------------------------------------------------------------------------------------------------
def test_every_set_is_listed_at_once_and_said_to_be_synthetic():
    began = time.perf_counter()
    rows = {info.name: info for info in available()}
    assert time.perf_counter() - began < 0.05
    assert list(rows) == ["digits", *DRAWN]
    for name, info in rows.items():
        assert info.title and info.summary.endswith(".") and info.teaches.endswith(".")
        assert info.synthetic == (name in DRAWN) == ("synthetic" in info.title)


@pytest.mark.parametrize("name", SMALL)
def test_an_opened_set_says_that_it_is_drawn(name: str):
    spec = open_data(DataChoice(name)).spec
    assert spec.synthetic and "synthetic" in spec.title and spec.provenance == PROVENANCE and not spec.warnings
    assert "no real data" in spec.provenance


@pytest.mark.parametrize(("typed", "meant"), [("stroke", "strokes"), ("spiral", "spirals"), ("Shapes", "shapes")])
def test_a_slip_is_answered_with_the_nearest_name(typed: str, meant: str):
    with pytest.raises(UnknownName, match=f"Did you mean {meant}"):
        open_data(DataChoice(typed))


@pytest.mark.parametrize("name", DRAWN)
def test_the_samples_are_those_of_every_machine(name: str, drawn_once):
    """Golden: whoever changes a recipe changes the digest beside it, and everybody's figures with it."""
    drawn = DRAWN[name]
    assert fingerprint(drawn_once[name], drawn.official_test) == drawn.digest


@pytest.mark.parametrize("features", ["", "AVX512_SKX AVX512F AVX2 FMA3 F16C AVX"])
def test_another_process_and_a_simpler_processor_draw_the_same(features: str):
    """numpy's own sine differs between these."""
    env = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2", "NPY_DISABLE_CPU_FEATURES": features}
    root = pathlib.Path(__file__).parents[2]
    code = ["-W", "ignore", "-c", FIRST]
    done = subprocess.run([sys.executable, *code], capture_output=True, text=True, cwd=root, env=env, check=True)
    first, small = done.stdout.splitlines()
    assert first.split() == FIRST_DIGESTS
    assert small.split() == [DRAWN[name].digest for name in DRAWN if name not in LARGE]


FIRST_DIGESTS = ["b6fd552d7bcf2c06afc909cd8459b63c", "0881913157683cd015c4325e75bf318f"]


@pytest.mark.parametrize("name", DRAWN)
def test_fields_are_as_told(name: str, drawn_once):
    drawn, arrays = DRAWN[name], drawn_once[name]
    assert list(arrays) == [f.name for f in (*drawn.inputs, *drawn.targets)] or set(arrays) == {
        f.name for f in (*drawn.inputs, *drawn.targets)
    }
    sizes = {len(a) for a in arrays.values()}
    assert len(sizes) == 1 and sizes.pop() >= 4000
    for field in (*drawn.inputs, *drawn.targets):
        values = arrays[field.name]
        assert values.shape[1:] == field.shape and np.isfinite(values).all()
        if field.classes:
            assert (values.min() == 0 and values.max() == len(field.classes) - 1) or field.kind == "tokens"
            assert values.min() >= 0 and values.max() < len(field.classes)


@pytest.mark.parametrize("name", ["strokes", "shapes", "moons", "circles", "spirals", "xor", "sequences"])
def test_classes_are_balanced_in_all_that_is_given(name: str, drawn_once):
    drawn, target = DRAWN[name], DRAWN[name].targets[0]
    labels = drawn_once[name][target.name]
    official = drawn.official_test
    for part in (labels[: len(labels) - official], labels[len(labels) - official :]):
        if len(part):
            assert set(np.bincount(part)) == {len(part) // len(target.classes)}


@pytest.mark.parametrize("name", DRAWN)
def test_no_sample_stands_twice(name: str, drawn_once):
    """So that no test sample can have been trained on, whatever the split."""
    inputs = drawn_once[name][DRAWN[name].inputs[0].name]
    rows = {row.tobytes() for row in inputs}
    assert len(rows) == len(inputs)


@pytest.mark.parametrize("name", SMALL)
def test_parts_are_disjoint(name: str):
    data = open_data(DataChoice(name))
    key = data.spec.inputs[0].name
    parts = [{row.tobytes() for row in data.arrays(part)[key]} for part in PARTS]
    assert sum(map(len, parts)) == len(set.union(*parts)) == data.spec.train + data.spec.validation + data.spec.test
    if data.spec.official_test:
        assert data.spec.test == DRAWN[name].official_test


def test_digits_differ_and_lie_within_the_picture(drawn_once):
    images = drawn_once["strokes"]["image"][:, 0]
    ink = images.astype(np.int64).sum(axis=(1, 2)) / 255
    assert ink.min() > 12 and ink.max() < 280
    border = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    assert (border > 128).any(axis=1).mean() < 0.02


def test_a_mask_shows_the_one_shape_that_the_label_names(drawn_once):
    masks, labels = drawn_once["shapes"]["mask"], drawn_once["shapes"]["label"]
    covered = (masks > 0).mean(axis=(1, 2))
    assert covered.min() > 0.01 and covered.max() < 0.75
    assert np.array_equal(masks.reshape(len(masks), -1).max(axis=1), labels + 1)
    assert ((masks == 0) | (masks == (labels + 1)[:, None, None])).all()


def test_colour_alone_does_not_tell_a_shape(drawn_once):
    """The mean colour of a scene is that of chance: classes do not differ in it."""
    images, labels = drawn_once["shapes"]["image"], drawn_once["shapes"]["label"]
    means = np.array([images[labels == k].mean(axis=(0, 2, 3)) for k in range(len(shapes.CLASSES))])
    assert means.max() - means.min() < 8  # of 255


def test_letters_follow_each_other_and_verbs_agree(drawn_once):
    text, following = drawn_once["grammar"]["text"], drawn_once["grammar"]["next"]
    assert np.array_equal(text[:, 1:], following[:, :-1])
    told = grammar.text(60_000)
    assert "the dogs" in told and " an old " in told and " a old " not in told
    for sentence in told.split(". ")[:-1]:
        words = sentence.split()
        if words[1] in ("cats", "dogs", "birds", "children") and words[2] != "that":
            assert words[2].strip(",") in (*grammar._ALONE, *grammar._WITH_OBJECT), sentence


def test_sums_are_of_the_marked_numbers(drawn_once):
    series, total = drawn_once["adding"]["series"], drawn_once["adding"]["sum"]
    assert (series[:, :, 1].sum(axis=1) == 2).all()
    assert np.allclose((series[:, :, 0] * series[:, :, 1]).sum(axis=1), total[:, 0], atol=1e-6)


# -- numbers --------------------------------------------------------------------------------------------------------
@given(st.floats(-50, 50))
def test_the_sine_is_the_sine(turns: float):
    found = float(exact.sine(np.array([turns]))[0])
    assert abs(found - float(np.sin(2 * np.pi * turns))) < 1e-11
    assert abs(float(exact.cosine(np.array([turns]))[0]) - float(np.cos(2 * np.pi * turns))) < 1e-11


@given(st.integers(-50, 50), st.integers(1, 60), st.text(max_size=5))
def test_draws_stay_within_their_bounds(low: int, width: int, name: str):
    whole = Draws(name).whole(low, low + width, 50)
    assert whole.dtype == np.int64 and low <= whole.min() and whole.max() < low + width
    assert np.array_equal(whole, Draws(name).whole(low, low + width, 50))


def test_noise_has_mean_0_and_deviation_1():
    noise = Draws("x").noise(200_000)
    assert abs(noise.mean()) < 0.01 and abs(noise.std() - 1) < 0.01 and abs(noise).max() < 3.5
    assert not np.array_equal(noise, Draws("y").noise(200_000))


def test_value_noise_goes_through_smoothly_and_stays_between():
    grid = Draws("grid").uniform(0, 1, 3, 4, 4)
    picture = exact.smooth(grid, 64)
    assert picture.shape == (3, 64, 64) and picture.min() >= grid.min() and picture.max() <= grid.max()
    assert np.abs(np.diff(picture, axis=2)).max() < 0.12


def test_bytes_are_cut_off_and_rounded():
    assert exact.to_bytes(np.array([-1.0, 0.0, 0.5, 1.0, 7.0])).tolist() == [0, 0, 128, 255, 255]


# -- kept on disk ---------------------------------------------------------------------------------------------------
def _place() -> pathlib.Path:
    return cache.path(MOONS.info.name, MOONS.digest)


def test_a_set_is_drawn_once_and_then_read(moons: tuple[Drawn, list[int]]):
    drawn, count = moons
    first, second = drawn.read(), drawn.read()
    assert len(count) == 1 and _place().is_file()
    assert [p.name for p in _place().parent.iterdir()] == [_place().name]  # nothing half-written is left
    assert first.fingerprint == second.fingerprint == MOONS.digest
    assert all(np.array_equal(first.arrays[k], second.arrays[k]) for k in first.arrays)


def _truncate(place: pathlib.Path) -> None:
    place.write_bytes(place.read_bytes()[:-100])


def _flip(place: pathlib.Path) -> None:
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 0x10
    place.write_bytes(content)


def _replace(place: pathlib.Path) -> None:
    np.savez(place, **SPIRALS.draw())


def _pickle(place: pathlib.Path) -> None:
    np.savez(place, label=np.array([print], dtype=object))


def _pipe(place: pathlib.Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _folder(place: pathlib.Path) -> None:
    place.unlink()
    place.mkdir()


DAMAGE = [
    _truncate,
    _flip,
    _replace,
    _pickle,
    _folder,
    lambda place: place.write_bytes(b""),
    lambda place: place.write_bytes(b"PK\x03\x04" + bytes(500)),
    pathlib.Path.unlink,
    *([_pipe] if hasattr(os, "mkfifo") else []),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_made_anew(damage: Callable[[pathlib.Path], Any], moons: tuple[Drawn, list[int]]):
    drawn, count = moons
    drawn.read()
    damage(_place())
    again = drawn.read()
    assert len(count) == 2 and again.fingerprint == MOONS.digest and not again.warnings
    if damage is not _folder:  # that stands in the way, and costs only time
        drawn.read()
        assert len(count) == 2


@pytest.mark.parametrize("block", ["file", "read-only"])
def test_a_cache_that_cannot_be_written_costs_only_time(
    block: str, moons: tuple[Drawn, list[int]], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    drawn, count = moons
    if block == "file":
        (tmp_path / "cache").write_text("in the way")
        monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache" / "data")
    else:

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(cache.tempfile, "mkstemp", refuse)
    assert drawn.read().fingerprint == drawn.read().fingerprint == MOONS.digest
    assert len(count) == 2


def test_a_full_disk_leaves_nothing_behind(moons: tuple[Drawn, list[int]], monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    drawn, _ = moons
    monkeypatch.setattr(cache.np, "savez", full)
    assert drawn.read().fingerprint == MOONS.digest
    assert list(cache.folder().iterdir()) == []


def test_samples_that_differ_from_those_of_other_machines_are_not_hidden(moons: tuple[Drawn, list[int]]):
    drawn, _ = moons
    other = replace(drawn, digest="0" * 32)
    raw = other.read()
    assert raw.warnings == (ELSEWHERE,) and raw.fingerprint == MOONS.digest
    assert not cache.path(MOONS.info.name, other.digest).exists()


def test_strokes_are_drawn_in_parts_that_do_not_depend_on_each_other(drawn_once):
    label = np.arange(strokes._CHUNK) % 10
    again = strokes._images(Draws(f"strokes {strokes._CHUNK}"), label)
    assert np.array_equal(again, drawn_once["strokes"]["image"][strokes._CHUNK : 2 * strokes._CHUNK, 0])
