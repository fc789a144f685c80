"""Loading gives back what was saved, or a sentence that names the file: never something else."""

from __future__ import annotations

import pathlib
import random
import subprocess
import sys
from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from project_values import differences, full_data, full_project, projects, refused

from engine.data.spec import FieldSpec
from engine.errors import ProjectFileError
from engine.graph.frozen import Frozen
from engine.project import sandbox, store, trust
from engine.project.project import Project, RunRecord
from engine.train.events import TrainingState

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
ROOT = GOLDEN.parent.parent


# -- round trips -------------------------------------------------------------------------------------------------------
def test_everything_comes_back(tmp_path):
    path = tmp_path / "full.strata"
    store.save(full_project(), path)
    loaded = store.load(path)
    assert not differences(loaded.project, full_project())
    assert loaded.notes == ()
    assert [found.name for found in tmp_path.iterdir()] == ["full.strata"]


def test_what_is_known_of_the_data_comes_back(tmp_path):
    path, project = tmp_path / "known.strata", replace(full_project(), data=full_data())
    store.save(project, path)
    loaded = store.load(path)
    assert loaded.notes == () and not differences(loaded.project, project)


def test_data_beyond_the_bounds_of_the_file_keep_nobody_from_saving(tmp_path):
    path = tmp_path / "large.strata"
    vast = FieldSpec("x", "vector", (2**20, 2**20), "float32")
    store.save(Project(data=replace(full_data(), inputs=(vast,))), path)
    assert store.load(path).project.data is None and store.load(path).notes == ()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(project=projects())
def test_any_project_comes_back(tmp_path, project: Project):
    path = tmp_path / "any.strata"
    store.save(project, path)
    assert not differences(store.load(path).project, project)


def test_arrays_of_many_chunks_and_odd_memory_layouts(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "long": rng.standard_normal(3_000_001).astype(np.float32),
        "wide": rng.standard_normal((3, 700_001), np.float32),
        "deep": rng.integers(0, 255, (130, 7, 90, 101), np.uint8),
        "fortran": np.asfortranarray(rng.standard_normal((50, 60))),
        "strided": rng.standard_normal((40, 40))[::2, ::-3],
        "read only": np.broadcast_to(np.float32(3), (4, 5)),
    }
    state = TrainingState(1, 0, 1, 0, 1, "cpu", Frozen(arrays), Frozen())
    store.save(Project(runs=(RunRecord("r", "", Project().design, state=state),)), tmp_path / "a.strata")
    back = store.load(tmp_path / "a.strata").project.runs[0].state
    assert back is not None
    for name, array in arrays.items():
        assert np.array_equal(back.weights[name], array) and back.weights[name].dtype == array.dtype
        assert back.weights[name].flags.owndata or back.weights[name].base is None


def test_the_same_project_gives_the_same_digest(tmp_path):
    for name in ("a", "b"):
        store.save(full_project(), tmp_path / name)
    digests = [h5py.File(tmp_path / name).attrs["digest"] for name in ("a", "b")]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.strata")), ids=lambda path: path.stem)
def test_files_of_released_formats_open(path):
    loaded = store.load(path)
    assert loaded.notes == ()
    assert not differences(loaded.project, full_project())


def test_there_is_a_file_of_this_format():
    assert (GOLDEN / "format-1.0.strata").exists()


# -- damage ------------------------------------------------------------------------------------------------------------
def mutants(data: bytes, count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        mutant = bytearray(data)
        start = rng.randrange(len(data))
        for step in range(rng.choice((1, 1, 2, 4, 16))):
            mutant[(start + step) % len(data)] ^= rng.randrange(1, 256)
        yield bytes(mutant)


def fuzz(tmp_path: pathlib.Path, count: int, seed: int) -> dict[str, int]:
    path = tmp_path / "a.strata"
    project = full_project()
    store.save(project, path)
    told = {"refused": 0, "same": 0, "left out": 0, "silently changed": 0}
    for mutant in mutants(path.read_bytes(), count, seed):
        path.write_bytes(mutant)
        try:
            loaded = store.load(path)
        except ProjectFileError as error:
            assert "a.strata" in str(error)
            told["refused"] += 1
            continue
        found = differences(loaded.project, project)
        if not found:
            told["same"] += 1
        elif loaded.notes and all(any(part in text for part in (".history", ".look", ".view")) for text in found):
            told["left out"] += 1
        else:
            told["silently changed"] += 1
    return told


def test_damaged_bytes_are_noticed(tmp_path):
    told = fuzz(tmp_path, 200, seed=1)
    assert told["silently changed"] == 0, told
    assert told["refused"] > 20 and told["left out"] > 5, told


@pytest.mark.slow
def test_many_damaged_bytes_are_noticed(tmp_path):
    told = fuzz(tmp_path, 2000, seed=2)
    print(told)
    assert told["silently changed"] == 0, told


def test_every_cut_is_noticed(tmp_path):
    path = tmp_path / "a.strata"
    store.save(full_project(), path)
    data = path.read_bytes()
    for length in [0, 1, 7, 8, 40, 47, 48, 100, *range(200, len(data), 997), len(data) - 1]:
        path.write_bytes(data[:length])
        refused(lambda: store.load(path), "a.strata")


def test_a_file_that_is_not_there(tmp_path):
    refused(lambda: store.load(tmp_path / "gone.strata"), "gone.strata", "no such file")
    refused(lambda: store.load(tmp_path), str(tmp_path), "folder")


# -- the sandbox -------------------------------------------------------------------------------------------------------
def test_a_file_of_ours_needs_no_sandbox_and_a_changed_one_does(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    store.save(full_project(), path)
    asked = []
    real = sandbox.examine
    monkeypatch.setattr(sandbox, "examine", lambda found: asked.append(found) or real(found))
    assert not differences(store.load(path, sandbox=True).project, full_project())
    assert asked == []
    path.write_bytes(path.read_bytes() + b"\0")  # the same project, but not as it was written
    assert not trust.known(path)
    assert not differences(store.load(path, sandbox=True).project, full_project())
    assert asked == [path]
    path.write_bytes(b"nothing")
    refused(lambda: store.load(path, sandbox=True), "a.strata", "text file")


def test_the_sandbox_tells_what_is_wrong(tmp_path):
    path = tmp_path / "a.strata"
    store.save(full_project(), path)
    with h5py.File(path, "r+") as file:
        file["design"][3] ^= 1
    refused(lambda: store.load(path, sandbox=True), "a.strata", "‘design’ is damaged")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('ready', flush=True); import time; time.sleep(60)", "took longer"),
        ("print('ready', flush=True); import os; os.abort()", "broke the process"),
        ("raise SystemExit(3)", "did not start"),
    ],
)
def test_a_file_that_breaks_its_reader_breaks_nothing_else(tmp_path, monkeypatch, code, words):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    monkeypatch.setattr(sandbox, "READ_SECONDS", 0.5)
    monkeypatch.setattr(sandbox, "_command", lambda _: [sys.executable, "-c", code])
    with pytest.raises(ProjectFileError, match=words):
        sandbox.examine(path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are Linux's")
def test_the_sandbox_has_little_memory_and_may_not_write(tmp_path):
    path = tmp_path / "a.strata"
    path.write_bytes(b"x")
    code = f"""
import pathlib, sys
sys.path.insert(0, {str(ROOT)!r})
from engine.project import verify
verify.limit(pathlib.Path({str(path)!r}))
try:
    bytearray(8 * 2**30)
except MemoryError:
    print("no memory")
try:
    pathlib.Path({str(tmp_path / "out")!r}).write_bytes(b"x" * 100)
except OSError:
    print("no writing")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["no memory", "no writing"], done.stderr


def test_the_list_of_own_files_stays_short(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "MAX_ENTRIES", 6)
    for number in range(20):
        path = tmp_path / "x"
        path.write_bytes(b"%d" % number)
        trust.remember(path)
    assert trust.known(path)
    assert len(trust._list().read_text().split()) <= 7


def test_a_picture_keeps_the_names_of_its_axes(tmp_path: pathlib.Path):
    project = full_project()
    run = next(run for run in project.runs if run.look is not None)
    assert run.look is not None
    named = replace(run.look.pictures[0], axes=("feature", "time"))
    look = replace(run.look, pictures=(named, *run.look.pictures[1:]))
    store.save(replace(project, runs=(replace(run, look=look),)), tmp_path / "p.strata")
    opened = store.load(tmp_path / "p.strata").project.runs[0].look
    assert opened is not None and opened.pictures[0].axes == ("feature", "time")
    assert all(picture.axes == ("row", "column") for picture in opened.pictures[1:])
