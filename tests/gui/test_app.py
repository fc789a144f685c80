"""The start of the program, as a process of its own: what it shows first, and how it ends when the system asks."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from engine.project import recovery, store, templates
from engine.project.project import Project
from gui.settings import Settings, config_folder

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Runs the program, tells after the first paint what is shown, and closes the window; questions are answered ‘recover’.
PROBE = """
import json, sys
from PySide6.QtCore import QTimer
from gui import app, dialogs, main_window
dialogs.Dialogs.ask = lambda self, title, text, choices, cancel="cancel", details="": (
    "recover" if any(key == "recover" for key, _ in choices) else
    "discard" if any(key == "discard" for key, _ in choices) else cancel)
made = main_window.MainWindow.__init__
def init(self, *arguments):
    made(self, *arguments)
    self.runner.start_warm_up = lambda: None
    self.first_painted.connect(lambda: QTimer.singleShot(50, lambda: tell(self)))
def tell(window):
    if not window.document.design.graph.nodes or window.files._busy:
        QTimer.singleShot(50, lambda: tell(window))
        return
    document = window.document
    print(json.dumps({"title": document.title, "dirty": document.dirty, "nodes": len(document.design.graph.nodes),
                      "torch": "torch" in sys.modules, "toast": window.toast.text(),
                      "welcome": window.welcome is not None and window.welcome.isVisible()}), flush=True)
    window.close()
main_window.MainWindow.__init__ = init
sys.exit(app.run(sys.argv[1:]))
"""


def shown(*arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_first_start_shows_a_design_that_can_be_trained() -> None:
    first = shown()
    assert first["title"] == "Untitled" and first["torch"] is False and not first["dirty"]
    assert first["nodes"] == len(templates.load("cnn-digits").graph.nodes)
    assert first["welcome"] is True


def settings() -> Settings:
    return Settings(config_folder() / "strata.ini")


def test_the_named_project_and_later_the_last_one_are_opened(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "mine.strata"
    store.save(Project(templates.load("mlp-digits")), path)
    named = shown(str(path))
    assert named["title"] == "mine" and named["welcome"] is False
    assert settings().last == path
    assert shown()["welcome"] is True
    remembered = settings()
    remembered.welcome_at_start = False
    remembered.sync()
    last = shown()
    assert last["title"] == "mine" and last["welcome"] is False
    path.unlink()
    assert shown()["title"] == "Untitled"


def test_a_project_that_cannot_be_read_leaves_something_to_work_with(tmp_path: pathlib.Path) -> None:
    foreign = tmp_path / "foreign.strata"
    foreign.write_text("no project")
    told = shown(str(foreign))
    assert told["title"] == "Untitled" and "foreign.strata could not be opened" in str(told["toast"])


def test_unsaved_work_is_offered_before_the_last_project(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "mine.strata"
    store.save(Project(templates.load("cnn-digits")), path)
    remembered = settings()
    remembered.last, remembered.welcome_at_start = path, False
    remembered.sync()
    code = (
        "from engine.project import recovery, templates; from engine.project.project import Project;"
        "recovery.write(Project(templates.load('mlp-digits')), None)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)  # a process that is gone now
    told = shown()
    assert told["title"] == "Untitled" and told["dirty"] is True
    assert told["nodes"] == len(templates.load("mlp-digits").graph.nodes)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_unsaved_work_outlives_the_end_that_the_system_asks_for() -> None:
    probe = PROBE.replace(
        "    window.close()",
        "    from dataclasses import replace\n"
        "    design = window.document.design\n"
        "    window.document.change(replace(design, recipe=replace(design.recipe, epochs=77)), 'Change epochs')\n"
        "    print('edited', flush=True)",
    )
    running = subprocess.Popen([sys.executable, "-c", probe], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        deadline = time.monotonic() + 60
        while running.stdout.readline().strip() != "edited":
            assert time.monotonic() < deadline
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait(30) == 128 + signal.SIGTERM
    finally:
        running.kill()
        running.stdout.close()
    info = recovery.find(None)
    assert info is not None and store.load(info.path).project.design.recipe.epochs == 77
