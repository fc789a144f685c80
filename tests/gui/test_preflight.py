"""Whether a window can be opened is asked before Qt is touched, and said in a sentence with the remedy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gui import preflight

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux needs asking")


def everything(_name: str) -> bool:
    return True


def nothing(_name: str) -> bool:
    return False


def test_no_display_is_one_sentence_with_the_remedy() -> None:
    said = preflight.obstacle({}, loads=everything, answers=everything)
    assert said and "no display" in said and "xvfb-run" in said and "main.py train PROJECT.strata" in said


@pytest.mark.parametrize(
    "environment",
    [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_QPA_PLATFORM": "vnc:size=800x600"}, {"DISPLAY": ":5"}],
    ids=str,
)
def test_nothing_stands_in_the_way(environment: dict[str, str]) -> None:
    assert preflight.obstacle(environment, loads=everything, answers=everything) is None


def test_a_display_where_no_server_answers() -> None:
    said = preflight.obstacle({"DISPLAY": ":5"}, loads=everything, answers=nothing)
    assert said and "DISPLAY=:5" in said


def test_missing_libraries_are_named_with_their_packages() -> None:
    gone = {"libEGL.so.1", "libxcb-cursor.so.0"}
    said = preflight.obstacle({"DISPLAY": ":5"}, loads=lambda name: name not in gone, answers=everything)
    assert said and "apt-get install libegl1 libxcb-cursor0" in said
    assert (
        preflight.obstacle(
            {"QT_QPA_PLATFORM": "offscreen"}, loads=lambda name: name != "libxcb-cursor.so.0", answers=everything
        )
        is None
    ), "offscreen needs no X"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("libEGL.so.1: cannot open shared object file: No such file or directory", "libegl1"),
        ("libodd.so.3: cannot open shared object file: No such file or directory", "apt-file search libodd.so.3"),
        ("No module named 'PySide6'", "pip install -r requirements.txt"),
    ],
)
def test_an_import_that_fails(text: str, expected: str) -> None:
    assert expected in preflight.import_problem(ImportError(text))


def test_the_program_ends_with_2_and_without_an_abort() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    code = "import sys; from gui import app; sys.exit(app.run([]))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "no display" in done.stderr
    environment["DISPLAY"] = ":4711"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and ("DISPLAY=:4711" in done.stderr or "apt-get install" in done.stderr)


def test_a_server_that_is_only_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr(preflight, "_connects", lambda xcb, display: next(answers))
    monkeypatch.setattr(preflight.ctypes, "CDLL", lambda name: object())
    assert preflight.obstacle({"DISPLAY": ":5"}, loads=everything) is None
    monkeypatch.setattr(preflight, "_connects", lambda xcb, display: False)
    monkeypatch.setattr(preflight, "PATIENCE_FOR_THE_SERVER", 0.2)
    assert "no X server answers" in (preflight.obstacle({"DISPLAY": ":5"}, loads=everything) or "")
