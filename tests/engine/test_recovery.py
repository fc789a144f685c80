"""Recovery files: found after a crash, left alone while their owner lives, never in the person's own file."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import pytest
from project_values import differences, full_project

from engine.errors import ProjectFileError
from engine.project import atomic, owners, recovery, store
from engine.project.project import Project

ROOT = pathlib.Path(__file__).resolve().parents[2]


def other_process(code: str) -> subprocess.Popen[str]:
    """A process that does `code` with a project called ‘project’, says so, and waits to be killed."""
    code = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from project_values import full_project
from engine.project import recovery, store
project = full_project()
{code}
print("done", flush=True)
sys.stdin.read()
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "done\n"
    return child


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


@pytest.mark.parametrize("saved", [True, False])
def test_what_was_written_is_found_and_discarded(tmp_path, saved):
    path = tmp_path / "lenet.strata" if saved else None
    edited = replace(full_project(), view=(2.0, 0.0, 0.0))
    if path:
        store.save(full_project(), path)
    assert recovery.find(path) is None
    written = recovery.write(edited, path)
    found = recovery.find(path)
    assert found is not None and found.path == written and found.project == path and found.newer
    assert not differences(store.load(found.path, sandbox=True).project, edited)
    if path:
        assert written.parent == tmp_path and written.name.startswith(".lenet.strata-recovery")
        assert not differences(store.load(path).project, full_project())
    recovery.write(full_project(), path)
    assert recovery.files(path) == [written], "one file for each owner"
    recovery.discard(path)
    assert recovery.find(path) is None and not written.exists()


def test_a_recovery_file_older_than_the_project_says_so(tmp_path):
    path = tmp_path / "a.strata"
    written = recovery.write(Project(), path)
    assert recovery.find(path).newer, "the project itself is missing"
    os.utime(written, (1_000_000, 1_000_000))
    store.save(Project(), path)
    assert not recovery.find(path).newer


def test_names_that_are_alike_do_not_meet(tmp_path):
    paths = [tmp_path / name for name in ("a.strata", "a", "a.strata.strata", "b.strata", ".a.strata")]
    written = {recovery.write(Project(), path) for path in paths}
    assert len(written) == len(paths)
    for path in paths:
        assert len(recovery.files(path)) == 1
    recovery.discard(paths[0])
    assert [bool(recovery.files(path)) for path in paths] == [False, True, True, True, True]


def test_what_another_window_keeps_is_not_touched_until_it_is_gone(tmp_path):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    child = other_process(f"recovery.write(project, {str(path)!r})")
    try:
        assert len(recovery.files(path)) == 1
        assert recovery.find(path) is None
        recovery.discard(path)
        mine = recovery.write(Project(), path)
        assert len(recovery.files(path)) == 2
        assert recovery.find(path).path == mine
        recovery.discard(path)
        assert len(recovery.files(path)) == 1, "the other window's is still there"
    finally:
        end(child)
    found = recovery.find(path)
    assert found is not None and found.newer
    assert not differences(store.load(found.path).project, full_project())
    recovery.discard(path)
    assert recovery.files(path) == []


def test_an_unsaved_project_of_a_killed_process_is_found(tmp_path):
    child = other_process("recovery.write(project, None)")
    assert recovery.find(None) is None
    end(child)
    assert len(list((owners.state_folder() / "owners").iterdir())) == 2, "its lock and ours"
    found = recovery.find(None)
    assert found is not None and found.project is None and found.newer
    assert not differences(store.load(found.path).project, full_project())


def test_of_two_lost_projects_none_is_discarded_unseen(tmp_path):
    for number in (1.0, 2.0):
        end(
            other_process(
                f"import dataclasses\nrecovery.write(dataclasses.replace(project, view=({number}, 0.0, 0.0)), None)"
            )
        )
    seen = []
    while (found := recovery.find(None)) is not None:
        view = store.load(found.path).project.view
        assert view is not None
        seen.append(view[0])
        recovery.discard(None)
    assert seen == [2.0, 1.0]


def test_what_nobody_decided_about_is_kept(tmp_path):
    path = tmp_path / "a.strata"
    end(other_process(f"recovery.write(project, {str(path)!r})"))
    found = recovery.find(path)
    assert found is not None
    recovery.keep(found)
    mine = recovery.write(Project(), path)
    recovery.discard(path)
    assert not mine.exists() and found.path.exists()
    again = recovery.find(path)
    assert again is not None and again.path == found.path


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_kill_9_in_the_midst_of_saving_and_keeping(tmp_path):
    """Whatever moment it hits: the person's file is whole, what was kept opens, no temporary file stays."""
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    for wait in (0.0, 0.004, 0.011, 0.02, 0.03):
        child = subprocess.Popen(
            [sys.executable, "-c", f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from project_values import full_project
from engine.project import recovery, store
project = full_project(20_000)
recovery.write(project, {str(path)!r})
print("go", flush=True)
while True:
    store.save(project, {str(path)!r})
    recovery.write(project, {str(path)!r})
"""],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert child.stdout is not None and child.stdout.readline() == "go\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(wait)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        project = store.load(path).project
        assert project == Project() or not differences(project, full_project(20_000))
        found = recovery.find(path)
        assert found is not None and not differences(store.load(found.path).project, full_project(20_000))
        assert [p.name for p in tmp_path.iterdir() if p.name.endswith(atomic.SUFFIX)] == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_may_read_it(tmp_path):
    written = recovery.write(Project(), tmp_path / "a.strata")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_where_the_folder_refuses_the_state_folder_takes_it(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    real = os.open

    def refusing(name, *arguments, **named):
        if pathlib.Path(name).parent == tmp_path:
            raise PermissionError(13, "Permission denied")
        return real(name, *arguments, **named)

    monkeypatch.setattr(os, "open", refusing)
    written = recovery.write(full_project(), path)
    assert written.is_relative_to(owners.state_folder())
    found = recovery.find(path)
    assert found is not None and found.path == written
    recovery.discard(path)
    assert not written.exists()


def test_where_nothing_can_be_written_it_says_so(tmp_path, monkeypatch):
    def refusing(*_arguments, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "replace", refusing)
    with pytest.raises(ProjectFileError, match="disk is full"):
        recovery.write(Project(), tmp_path / "a.strata")


def test_another_computers_file_counts_as_left_behind_after_a_day(tmp_path):
    path = tmp_path / "a.strata"
    store.save(Project(), path)
    foreign = tmp_path / ".a.strata-recovery.00000000-12"
    foreign.write_bytes(path.read_bytes())
    assert recovery.find(path) is None
    os.utime(foreign, (0, 0))
    assert recovery.find(path).path == foreign


def test_these_modules_are_cheap_to_import():
    code = "import engine.project.store, engine.project.recovery, sys; print({'h5py', 'torch'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
