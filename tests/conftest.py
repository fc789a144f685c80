"""Conventions that are tests: no screen, one thread for torch, no Qt warning, nothing left running, no touch on the
person's own settings."""

from __future__ import annotations

import gc
import os
import pathlib
import threading
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=40, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("slow", parent=hypothesis.settings.get_profile("ci"), max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Settings, recovery files and logs go to a folder of the test."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(scope="session")
def test_data() -> pathlib.Path:
    """The folder of real data sets; tests that need it are skipped without."""
    place = os.environ.get("STRATA_TEST_DATA", "")
    if not place or not pathlib.Path(place).is_dir():
        pytest.skip("STRATA_TEST_DATA names no folder of data sets")
    return pathlib.Path(place)


@pytest.fixture(scope="session")
def mnist(test_data: pathlib.Path) -> pathlib.Path:
    folder = test_data / "mnist"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest):
    """A thread or an active timer that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        left = [t for t in threading.enumerate() if t not in before and t.is_alive() and not _belongs_to_torch(t)]
        if not left:
            break
        time.sleep(0.02)
    else:
        pytest.fail(f"threads left running: {[t.name for t in left]}")
    if "qtbot" in request.fixturenames:
        gc.collect()
        timers = _active_timers()
        assert not timers, f"timers left running: {timers}"


def _belongs_to_torch(thread: threading.Thread) -> bool:
    return thread.name.startswith(("pt_", "Dummy"))


def _active_timers() -> list[str]:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    found = []
    app = QApplication.instance()
    for widget in QApplication.topLevelWidgets() if app else []:
        if widget.isVisible():
            active = [t for t in widget.findChildren(QTimer) if t.isActive()]
            found += [f"{type(widget).__name__}: {t.objectName() or t}" for t in active]
    return found


@pytest.fixture(autouse=True)
def nothing_moves(request: pytest.FixtureRequest):
    """Whether things move belongs to the process: what a test chooses, or a started program, ends with the test."""
    yield
    if "qtbot" in request.fixturenames:
        from gui.theme import motion

        motion.choose("reduced")


@pytest.fixture(autouse=True)
def no_qt_warning(request: pytest.FixtureRequest):
    """A message of Qt's at warning level or above fails the test that caused it."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    qtlog = request.getfixturevalue("qtlog")
    yield
    harmless = ("This plugin does not support ", "QFont::setPointSize", "Populating font family aliases")
    bad = [
        r.message
        for r in qtlog.records
        if r.type.name not in ("QtDebugMsg", "QtInfoMsg") and not any(h in r.message for h in harmless)
    ]
    assert not bad, f"Qt warned: {bad}"
