"""Saving and loading: nothing is lost, nothing is half done, every failure is a sentence that names the file."""

from __future__ import annotations

import errno
import os
import pathlib
import random
import shutil
import stat
import subprocess
import sys
from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from project_values import differences, full_project, projects

from engine.errors import ProjectFileError
from engine.graph.frozen import Frozen
from engine.project import atomic, sandbox, store, trust, writing
from engine.project.project import Project, RunRecord
from engine.train.events import TrainingState

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
ROOT = GOLDEN.parent.parent


def leftovers(folder: pathlib.Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(atomic.SUFFIX)]


# -- round trips -------------------------------------------------------------------------------------------------------
def test_everything_comes_back(tmp_path):
    path = tmp_path / "full.strata"
    store.save(full_project(), path)
    loaded = store.load(path)
    assert not differences(loaded.project, full_project())
    assert loaded.notes == ()
    assert not leftovers(tmp_path)


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


# -- what may go wrong while saving ------------------------------------------------------------------------------------
def refused(call, *words: str) -> str:
    with pytest.raises(ProjectFileError) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message
    assert "\n" not in message and "Traceback" not in message
    return message


def test_places_that_cannot_be_saved_to(tmp_path):
    project = Project()
    refused(lambda: store.save(project, tmp_path), str(tmp_path), "folder")
    refused(lambda: store.save(project, tmp_path / "gone" / "a.strata"), "a.strata", "does not exist")
    refused(lambda: store.save(project, tmp_path / "zero\0byte"), "could not be saved")
    refused(lambda: store.save(project, tmp_path / ("x" * 300 + ".strata")), "too long")
    refused(lambda: store.check_writable(tmp_path), "folder")
    store.check_writable(tmp_path / "new.strata")
    (tmp_path / "kept.strata").write_bytes(b"old")
    (tmp_path / "kept.strata").chmod(0o444)
    refused(lambda: store.save(project, tmp_path / "kept.strata"), "kept.strata", "read-only")
    refused(lambda: store.check_writable(tmp_path / "kept.strata"), "read-only")
    assert (tmp_path / "kept.strata").read_bytes() == b"old"
    assert not leftovers(tmp_path)


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(0o555)
    try:
        refused(lambda: store.save(Project(), tmp_path / "a.strata"), "permission")
        refused(lambda: store.check_writable(tmp_path / "a.strata"), "permission")
    finally:
        tmp_path.chmod(0o755)


def test_what_cannot_be_saved_is_told(tmp_path):
    for array in (np.array(["text"]), np.array([object()]), np.zeros(2, np.complex64)):
        state = TrainingState(1, 0, 1, 0, 1, "cpu", Frozen({"w": array}), Frozen())
        project = Project(runs=(RunRecord("r", "", Project().design, state=state),))
        refused(lambda project=project: store.save(project, tmp_path / "a.strata"), "cannot be saved")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_seen_before_it_is_full(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    before = path.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 5000))  # type: ignore[attr-defined]
    refused(lambda: store.save(full_project(), path), "a.strata", "disk is full", "needed")
    assert path.read_bytes() == before and not leftovers(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="no limits of file size")
def test_a_disk_that_fills_up_in_the_midst(tmp_path):
    """In a process of its own, since the limit cannot be lifted again; the process must also end in peace."""
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    before = path.read_bytes()
    code = f"""
import resource, signal, sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from project_values import full_project
from engine.errors import ProjectFileError
from engine.project import store
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    store.save(full_project(3000), {str(path)!r})
except ProjectFileError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    assert "a.strata" in done.stdout and "larger than the system allows" in done.stdout
    assert path.read_bytes() == before and not leftovers(tmp_path)


# -- crash points ------------------------------------------------------------------------------------------------------
class Recorder:
    """Stands before the temporary file and notes every write, so that the disk after each can be rebuilt."""

    def __init__(self, file):
        self._file, self.writes = file, []

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        self.writes.append((self._file.tell(), bytes(data)))
        return self._file.write(data)


def test_after_a_crash_at_any_write_the_old_file_is_whole(tmp_path, monkeypatch):
    """Every prefix of the writes is a crash. What stands beside the old file then opens only if it is all there."""
    path, old, new = tmp_path / "a.strata", replace(full_project(), view=None), full_project()
    store.save(old, path)
    recorders: list[Recorder] = []
    written = writing.write
    monkeypatch.setattr(
        writing, "write", lambda project, file: written(project, recorders.append(Recorder(file)) or recorders[-1])
    )
    store.save(new, path)
    monkeypatch.undo()
    assert not differences(store.load(path).project, new)
    writes = recorders[0].writes
    assert len(writes) > 50
    store.save(old, path)
    stale = tmp_path / f".a.strata.{'0' * 8}-1.0{atomic.SUFFIX}"
    image, whole = bytearray(), 0
    for offset, data in writes:
        image[len(image) : offset] = bytes(max(0, offset - len(image)))
        image[offset : offset + len(data)] = data
        stale.write_bytes(image)
        try:
            assert not differences(store.load(stale).project, new)
            whole += 1
        except ProjectFileError:
            pass
    assert 1 <= whole <= 3, "a file that is not finished must not open"
    assert not differences(store.load(path).project, old)


@pytest.mark.parametrize("name", ["open", "fsync", "replace", "chmod"])
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES])
def test_an_operation_that_fails_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, name, code):
    path, old, new = tmp_path / "a.strata", Project(), full_project()
    outcomes = set()
    for k in range(1, 4):
        store.save(old, path)
        real, calls = getattr(os, name), 0

        def failing(*arguments, _real=real, _k=k, **named):
            nonlocal calls
            calls += 1
            if calls == _k:
                raise OSError(code, os.strerror(code))
            return _real(*arguments, **named)

        with monkeypatch.context() as patch:
            patch.setattr(os, name, failing)
            try:
                store.save(new, path)
                expected = new
            except ProjectFileError as error:
                assert "a.strata" in str(error)
                expected = old
        assert not differences(store.load(path).project, expected)
        assert not leftovers(tmp_path)
        outcomes.add(expected is new)
    assert True in outcomes


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path, old, new = tmp_path / "a.strata", Project(), full_project()
    store.save(old, path)

    class Failing(Recorder):
        def write(self, data):
            super().write(data)
            if len(self.writes) == fail_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return len(data)

    written = writing.write
    fail_at = 1
    while True:
        with monkeypatch.context() as patch:
            patch.setattr(writing, "write", lambda project, file: written(project, Failing(file)))
            try:
                store.save(new, path)
                break
            except ProjectFileError as error:
                assert "disk is full" in str(error)
        assert not differences(store.load(path).project, old) and not leftovers(tmp_path)
        fail_at += 1 + fail_at // 8
    assert fail_at > 50
    assert not differences(store.load(path).project, new)


def test_what_is_read_back_wrong_is_not_put_in_place(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    before = path.read_bytes()
    real = atomic._write

    def torn(temporary, fill, mode):
        real(temporary, fill, mode)
        with temporary.open("r+b") as file:
            file.seek(temporary.stat().st_size // 2)
            file.write(b"\0" * 64)

    monkeypatch.setattr(atomic, "_write", torn)
    refused(lambda: store.save(full_project(), path), "a.strata")
    assert path.read_bytes() == before and not leftovers(tmp_path)


def test_temporary_files_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path):
    from engine.project import owners

    host = owners.me().split("-")[0]
    dead = tmp_path / f".a.strata.{host}-999999999.0{atomic.SUFFIX}"
    mine = tmp_path / f".a.strata.{owners.me()}.77{atomic.SUFFIX}"
    other = tmp_path / f".a.strata.{'0' * 8}-1.0{atomic.SUFFIX}"
    for path in (dead, mine, other):
        path.write_bytes(b"x")
    store.save(Project(), tmp_path / "a.strata")
    assert not dead.exists() and mine.exists() and other.exists()
    os.utime(other, (0, 0))
    store.save(Project(), tmp_path / "a.strata")
    assert not other.exists()


# -- what the old file was ---------------------------------------------------------------------------------------------
@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_permissions_stay(tmp_path):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    fresh = tmp_path / "fresh"
    fresh.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(fresh.stat().st_mode)
    path.chmod(0o640)
    store.save(full_project(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.strata"
    link.symlink_to(tmp_path / "real" / "a.strata")
    store.save(full_project(), link)
    assert link.is_symlink() and not differences(store.load(tmp_path / "real" / "a.strata").project, full_project())
    assert not leftovers(tmp_path) and not leftovers(tmp_path / "real")


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
