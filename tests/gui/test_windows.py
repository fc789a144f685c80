"""Several windows in one process: each with its own project, run and history; the same project only once."""

from __future__ import annotations

import pathlib
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from engine.project import recovery, store, templates
from engine.project.project import Project
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme
from gui.windows import Windows


class Answers:
    """Stands in for a window's dialogs: one answer to everything, and a list of what was asked."""

    def __init__(self, answer: str = "cancel", path: pathlib.Path | None = None) -> None:
        self.answer, self.path = answer, path
        self.asked: list[str] = []

    def ask(self, title: str, text: str, choices, cancel: str = "cancel", details: str = "") -> str:
        self.asked.append(title)
        return self.answer

    def open_path(self, _folder: pathlib.Path) -> pathlib.Path | None:
        return self.path

    def save_path(self, _suggestion: pathlib.Path) -> pathlib.Path | None:
        return self.path


@pytest.fixture
def windows(qapp: QApplication, qtbot, tmp_path: pathlib.Path, monkeypatch):
    theme.apply(qapp, "dark")
    settings = Settings(tmp_path / "strata.ini")
    settings.welcome_at_start = False
    made = MainWindow.__init__

    def quietly(self, *arguments) -> None:
        made(self, *arguments)
        self.dialogs = self.files.dialogs = Answers()  # type: ignore[assignment]
        self.runner.start_warm_up = lambda: None

    monkeypatch.setattr(MainWindow, "__init__", quietly)
    windows = Windows(settings, qapp)
    yield windows
    for window in windows:
        window.document.set_project(Project(), None)
        assert window.close()
        window.deleteLater()
    windows.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def shown(window: MainWindow, qtbot) -> MainWindow:
    qtbot.waitUntil(lambda: window._painted)
    qtbot.wait(20)
    return window


def edit(window: MainWindow, epochs: int = 7) -> None:
    recipe = replace(window.document.design.recipe, epochs=epochs)
    window.document.change(replace(window.document.design, recipe=recipe), "Change epochs")


def project(path: pathlib.Path, template: str = "mlp-digits") -> pathlib.Path:
    store.save(Project(templates.load(template)), path)
    return path


def test_each_window_has_its_own_project_and_history(windows: Windows, qtbot) -> None:
    first = shown(windows.start(None), qtbot)
    first.actions_["new_window"].trigger()
    second = shown(list(windows)[1], qtbot)
    edit(first)
    assert first.document.dirty and not second.document.dirty
    assert not second.actions_["undo"].isEnabled() and first.actions_["undo"].isEnabled()
    assert first.runner is not second.runner and first.settings is second.settings


def test_the_demonstration_trains_the_example_as_soon_as_it_can(
    windows: Windows, qtbot, tmp_path: pathlib.Path
) -> None:
    windows._settings.welcome_at_start = True
    windows._settings.last = project(tmp_path / "mine.strata")
    window = shown(windows.start(None, demo=True), qtbot)
    assert window.welcome is None and window.document.path is None
    assert window.document.design == templates.load(templates.FIRST)
    assert not window.runner.alive
    type(window.runner).start_warm_up(window.runner)
    qtbot.waitUntil(lambda: window.runner.state == "running" and window.runner.history.loss.size > 0, timeout=60_000)
    window.runner.stop()
    qtbot.waitUntil(lambda: not window.runner.alive, timeout=30_000)


def test_a_project_is_open_in_one_window_only(windows: Windows, qtbot, tmp_path: pathlib.Path) -> None:
    path = project(tmp_path / "mine.strata")
    first = shown(windows.start(path), qtbot)
    qtbot.waitUntil(lambda: first.document.path == path)
    assert windows.open(path) is first and len(windows) == 1
    second = shown(windows.open(), qtbot)
    link = tmp_path / "link.strata"
    link.symlink_to(path)
    for name in (path, link):
        assert not second.files.open(name) and second.document.path is None
    edit(second)
    second.files.dialogs.path = path  # type: ignore[attr-defined]
    assert not second.files.save_as() and "open in another window" in second.toast.text()
    assert first.files.open(path), "its own project may be read anew"


def test_quitting_asks_each_window_and_closes_none_where_one_says_no(windows: Windows, qtbot) -> None:
    first, second = shown(windows.start(None), qtbot), shown(windows.open(), qtbot)
    edit(first)
    edit(second)
    first.files.dialogs.answer = "discard"  # type: ignore[attr-defined]
    assert not windows.quit()
    assert first.isVisible() and second.isVisible() and len(windows) == 2
    assert first.files.dialogs.asked and second.files.dialogs.asked  # type: ignore[attr-defined]
    second.files.dialogs.answer = "discard"  # type: ignore[attr-defined]
    assert windows.quit() and len(windows) == 0
    assert len(first.files.dialogs.asked) == 2, "asked once each time"  # type: ignore[attr-defined]


def test_an_edit_after_the_answer_is_asked_about_again(windows: Windows, qtbot) -> None:
    window = shown(windows.start(None), qtbot)
    edit(window)
    window.files.dialogs.answer = "discard"  # type: ignore[attr-defined]
    assert window.agree_to_close()
    edit(window, 9)
    window.files.dialogs.answer = "cancel"  # type: ignore[attr-defined]
    assert not window.close()


def test_a_closed_window_leaves_nothing_behind(windows: Windows, qtbot) -> None:
    from PySide6.QtCore import QObject
    from shiboken6 import isValid

    first, second = shown(windows.start(None), qtbot), shown(windows.open(), qtbot)
    del second.runner.start_warm_up  # type: ignore[attr-defined]
    second.runner.start_warm_up()
    qtbot.waitUntil(lambda: second.runner.ready, timeout=60_000)
    threads = set(threading.enumerate())
    parts: list[QObject] = second.findChildren(QObject)
    assert second.close()
    qtbot.waitUntil(lambda: not isValid(second))
    assert not any(isValid(part) for part in parts)
    gone = [t for t in threads if t.name.startswith("strata") and t.is_alive()]
    assert not gone and first.isVisible()
    theme.apply(QApplication.instance(), "light")  # type: ignore[arg-type]
    edit(first)


def test_untitled_work_of_two_windows_is_kept_apart(windows: Windows, qtbot) -> None:
    first, second = shown(windows.start(None), qtbot), shown(windows.open(), qtbot)
    for window, epochs in ((first, 11), (second, 12)):
        edit(window, epochs)
        window.runner.autosave.write_now()
    qtbot.waitUntil(lambda: len(recovery.files(None)) == 2)
    qtbot.waitUntil(lambda: not any(t.name == "strata-autosave" for t in threading.enumerate()))
    kept = {store.load(path).project.design.recipe.epochs for path in recovery.files(None)}
    assert kept == {11, 12}
    first.document.set_project(Project(), None)  # saved, or left
    qtbot.waitUntil(lambda: len(recovery.files(None)) == 1)
    assert store.load(recovery.files(None)[0]).project.design.recipe.epochs == 12


def test_theme_and_ticks_are_shared(windows: Windows, qtbot) -> None:
    first, second = shown(windows.start(None), qtbot), shown(windows.open(), qtbot)
    first.actions_["theme_light"].trigger()
    assert second.actions_["theme_light"].isChecked()
    first.actions_["welcome_at_start"].trigger()
    second._show_choices()
    assert second.actions_["welcome_at_start"].isChecked()
