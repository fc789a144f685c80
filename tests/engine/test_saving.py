"""Saving: whatever fails, and whenever, the old file or the new one stands whole, and a sentence says what happened."""

from __future__ import annotations

import errno
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from project_values import differences, full_project, refused

from engine.errors import ProjectFileError
from engine.graph.frozen import Frozen
from engine.project import atomic, owners, store, writing
from engine.project.project import Project, RunRecord
from engine.train.events import TrainingState

ROOT = pathlib.Path(__file__).resolve().parents[2]


def leftovers(folder: pathlib.Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith(atomic.SUFFIX)]


# -- what may go wrong while saving ------------------------------------------------------------------------------------
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
    mine = tmp_path / f".a.strata.{owners.me()}.{10**9}{atomic.SUFFIX}"
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


def test_a_file_of_a_living_process_is_left_alone_whatever_its_state_folder(tmp_path, monkeypatch):
    """Two people in one folder, or two containers: whoever saved took away the temporary file of the other."""
    owners.me()
    monkeypatch.setattr(owners, "state_folder", lambda: tmp_path / "another")
    assert owners.alive(f"{owners.me().rpartition('-')[0]}-{os.getppid()}", time.time())
    assert not owners.alive(f"{owners.me().rpartition('-')[0]}-999999999", time.time())
