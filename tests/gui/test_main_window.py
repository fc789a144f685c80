"""The window: its parts, names, shortcuts, what it remembers, and what it asks before anything could be lost."""

from __future__ import annotations

import os
import pathlib
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from engine.catalog import catalog
from engine.check.report import Fix, Problem, Report, TensorSpec
from engine.data import source
from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Layer
from engine.graph.recipe import Named
from engine.observe.picture import Look, Request
from engine.project import templates
from engine.project.project import Loaded, Project
from gui import faults, files, starting
from gui.actions import ACTIONS
from gui.dialogs import AboutDialog, LayerHelpDialog
from gui.main_window import MainWindow
from gui.panels.outline_model import KIND, NAME, OUTPUT, SIZE, SOURCES, STATE
from gui.progress import Progress
from gui.settings import Settings
from gui.shortcuts.dialog import ShortcutsDialog
from gui.theme import motion, theme
from gui.toolbar import recipe_text


class Answers:
    """Stands in for the dialogs: answers by title, and keeps what was asked."""

    def __init__(self) -> None:
        self.answer = "cancel"
        self.asked: list[str] = []
        self.texts: list[str] = []
        self.path: pathlib.Path | None = None

    def ask(self, title: str, text: str, choices, cancel: str = "cancel", details: str = "") -> str:
        assert self.answer in [key for key, _ in choices] or self.answer == cancel, choices
        self.asked.append(title)
        self.texts.append(text)
        return self.answer

    def open_path(self, _folder: pathlib.Path) -> pathlib.Path | None:
        return self.path

    def save_path(self, _suggestion: pathlib.Path) -> pathlib.Path | None:
        return self.path


@pytest.fixture
def window(qapp: QApplication, qtbot, tmp_path: pathlib.Path):
    theme.apply(qapp, "dark")
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    window.files.dialogs = Answers()  # type: ignore[assignment]
    window.files.show_design(templates.load("cnn-digits"))
    window.resize(1600, 1000)
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    yield window
    end(window)


def end(window: MainWindow) -> None:
    """Close it and give its widgets back, so that later tests have not to restyle them."""
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def answers(window: MainWindow) -> Answers:
    return window.files.dialogs  # type: ignore[return-value]


def edit(window: MainWindow) -> None:
    recipe = replace(window.document.design.recipe, epochs=7)
    window.document.change(replace(window.document.design, recipe=recipe), "Change epochs")


# -- look and names ---------------------------------------------------------------------------
def test_the_window_opens_without_torch() -> None:
    import subprocess

    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from gui.main_window import MainWindow; w = MainWindow(); w.show(); app.processEvents();"
        "sys.exit('torch' in sys.modules or 'h5py' in sys.modules or 'qtawesome' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, capture_output=True).returncode == 0


def test_every_control_has_a_name(window: MainWindow) -> None:
    nameless = [
        f"{type(button).__name__} in {type(button.parent()).__name__}"
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and not (button.accessibleName() or button.text())
    ]
    assert not nameless
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and not button.text() and not button.icon().isNull():
            assert button.toolTip(), button.accessibleName()
    for part in (window.canvas, window.palette_, window.outline, window.inspector, window.problems, window.toolbar):
        assert part.accessibleName(), type(part)


def test_the_palette_shrinks_to_icons_in_a_narrow_window(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: window.left.width() >= 180)
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.left.width() == 52)
    window.left.show_page(1)
    qtbot.waitUntil(lambda: window.left.width() >= 180)
    window.left.show_page(0)
    window.resize(1500, 900)
    qtbot.waitUntil(lambda: window.left.width() >= 180)
    assert window.minimumSize().toTuple() == (1180, 720)


@pytest.mark.parametrize("width", [1100, 1280, 1600])
def test_what_was_looked_at_stays_in_sight_beside_the_outline(window: MainWindow, qtbot, width: int) -> None:
    window.resize(width, 800)
    QApplication.processEvents()
    canvas = window.canvas
    for zoom in (1.0, 2.0):
        window.left.show_page(0)
        QApplication.processEvents()
        canvas.set_zoom(zoom)
        left, top, right, bottom = canvas.arrays.bounds() or (0.0, 0.0, 0.0, 0.0)
        canvas.centre(QPointF((left + right) / 2, (top + bottom) / 2))
        shown = canvas.shown_part()
        if canvas.shows_all or shown.isEmpty():
            continue
        window.left.show_page(1)
        QApplication.processEvents()
        assert canvas.visible_rect().contains(shown)
        assert canvas.zoom <= zoom


def test_the_outline_has_room_and_the_graph_stays_in_sight(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: window.left.width() >= 180)
    palette = window.left.width()
    window.left.show_page(1)
    qtbot.waitUntil(lambda: window.left.width() >= 350)
    shown = [c for c in range(6) if not window.outline.view.isColumnHidden(c)]
    below = window.outline.delegate.folded  # what has no column stands on the second line of each row
    assert {*shown, *below} == {NAME, KIND, SIZE, OUTPUT, STATE, SOURCES} and {NAME, OUTPUT, STATE} <= {*shown}
    assert window.canvas.width() >= 880
    window.left.show_page(0)
    qtbot.waitUntil(lambda: window.left.width() == palette)
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.left.width() == 52)
    motion.choose("reduced")
    window.canvas.fit()
    assert window.canvas.shows_all
    window.left.show_page(1)
    qtbot.waitUntil(lambda: 200 <= window.left.width() <= 260)
    assert window.canvas.shows_all, "what was fitted is fitted anew"
    window.canvas.set_zoom(3.0)
    window.left.show_page(0)
    window.left.show_page(1)
    assert window.canvas.zoom == 3.0, "a view that a person chose is left alone"


def test_the_theme_switches_while_running_and_is_remembered(window: MainWindow) -> None:
    before = window.grab().toImage().pixelColor(5, 200).lightness()
    window.actions_["theme_light"].trigger()
    assert window.grab().toImage().pixelColor(5, 200).lightness() > 200 > before
    assert window.settings.theme == "light" and window.actions_["theme_light"].isChecked()
    window.toolbar.theme.click()
    assert theme.choice() == "dark" and window.actions_["theme_dark"].isChecked()
    window.actions_["text_130"].trigger()
    assert window.settings.text_size == 1.3 and theme.scale == 1.3
    window.actions_["text_100"].trigger()


def test_layout_is_remembered(window: MainWindow, qapp: QApplication, tmp_path: pathlib.Path, qtbot) -> None:
    window.bottom.hide()
    window.close()
    other = MainWindow(Settings(tmp_path / "strata.ini"))
    other.show()
    qtbot.waitUntil(lambda: other._painted)
    hidden = not other.bottom.isVisible()
    other.actions_["reset_layout"].trigger()
    shown = other.bottom.isVisible()
    end(other)
    assert hidden and shown and not Settings(tmp_path / "strata.ini").geometry.isEmpty()


# -- actions ------------------------------------------------------------------------------------
def test_menus_show_what_exists(window: MainWindow) -> None:
    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert titles == ["File", "Edit", "View", "Graph", "Train", "Data", "Window", "Help"]
    entries = [action.text() for action in window.menus["File"].actions() if not action.isSeparator()]
    assert entries[:3] == ["New", "New from template", "Open…"] and "Open recent" in entries


def test_actions_are_enabled_when_they_are_of_use(window: MainWindow) -> None:
    actions, document = window.actions_, window.document
    assert not actions["undo"].isEnabled() and not actions["delete"].isEnabled() and not actions["train"].isEnabled()
    edit(window)
    assert actions["undo"].isEnabled() and actions["undo"].text() == "Undo change epochs"
    actions["undo"].trigger()
    assert document.design.recipe.epochs != 7 and actions["redo"].isEnabled()
    document.select(frozenset({next(iter(document.design.graph.nodes))}))
    assert actions["delete"].isEnabled() and actions["rename"].isEnabled()


def test_single_keys_act_on_the_canvas_only(window: MainWindow, qtbot) -> None:
    window.palette_.search.setFocus()
    before = window.document.design
    qtbot.keyClicks(window.palette_.search, "f/")
    assert window.palette_.search.text() == "f/" and window.document.design is before
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Slash)
    assert window.palette_.search.hasFocus()
    qtbot.keyClick(window.palette_.search, Qt.Key.Key_Escape)
    qtbot.keyClick(window.palette_.search, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus(), "Esc comes back to the canvas"


def test_f6_goes_through_the_panes(window: MainWindow) -> None:
    window.canvas.setFocus()
    seen: list[QWidget] = []
    for _ in range(7):
        window.actions_["next_pane"].trigger()
        seen.append(QApplication.focusWidget())
    assert len({id(widget) for widget in seen}) >= 5 and window.canvas in seen


def test_the_focus_stays_with_what_a_run_needs(window: MainWindow, qtbot) -> None:
    """What Space would press next is never something unrelated."""
    bar, runner = window.toolbar, window.runner
    runner.ready = True
    ways = [
        (bar.train, "idle", "running", bar.pause),
        (bar.pause, "running", "pausing", bar),
        (bar, "pausing", "paused", bar.train),
        (bar.stop, "running", "stopping", bar),
        (bar, "stopping", "idle", bar.train),
        (bar.pause, "running", "idle", bar.train),
        (window.canvas, "running", "idle", window.canvas),
    ]
    for holder, before, after, heir in ways:
        runner._set_state(before)  # type: ignore[arg-type]
        holder.setFocus()
        runner._set_state(after)  # type: ignore[arg-type]
        assert QApplication.focusWidget() is heir, (before, after)
    runner._set_state("idle")


def test_help_on_the_selection(window: MainWindow, qtbot) -> None:
    nodes = window.document.design.graph.nodes_of_kind("Conv2d")
    window.document.select(frozenset({nodes[0].id}))
    window.actions_["help"].trigger()
    dialog = window.findChild(LayerHelpDialog)
    assert dialog is not None and dialog.windowTitle() == "Conv2d"
    text = dialog.text.toPlainText()
    assert catalog.spec("Conv2d").help in text
    assert "Kernel size" in text and "kernel_size" in text and "in_channels" not in text
    dialog.shortcuts.click()
    assert window.findChild(ShortcutsDialog) is not None and not dialog.isVisible()
    window.findChild(ShortcutsDialog).close()
    window.document.select(frozenset())
    window.actions_["help"].trigger()
    assert any(each.isVisible() for each in window.findChildren(ShortcutsDialog))


def test_about_shows_itself(window: MainWindow, qtbot) -> None:
    about = AboutDialog(window)
    qtbot.addWidget(about)
    assert not about.grab().isNull()


# -- what is shown --------------------------------------------------------------------------------
def test_status_bar_and_badge_follow_the_report(window: MainWindow) -> None:
    node = next(iter(window.document.design.graph.nodes))
    fix = Fix("insert_flatten", "Insert Flatten", Frozen({}))
    problem = Problem("shape-mismatch", "error", "fc1 cannot accept its input.", "Why.", node=node, fixes=(fix,))
    report = Report(problems=(problem,), depth=4, parameters=38282, multiply_adds=338000)
    window.document.set_report(window.document.design, report)
    texts = [label.text() for label in window.status.findChildren(QWidget) if hasattr(label, "text")]
    assert "4" in texts and "38\u202f282" in texts and "1 error" in texts
    assert window.bottom.bar.count_of(1) == 1
    window.status._problems.click()
    assert window.bottom.page() == 1
    window.actions_["next_problem"].trigger()
    assert window.document.selection == {node}
    window.document.set_report(window.document.design, Report())
    assert window.bottom.bar.count_of(1) == 0


def test_toolbar_shows_recipe_progress_and_devices(window: MainWindow, qtbot) -> None:
    recipe = templates.load("cnn-digits").recipe
    assert recipe_text(recipe) in window.toolbar.recipe.text() and recipe_text(recipe).startswith(
        f"{recipe.epochs} epochs · "
    )
    schedule = Named("OneCycleLR", Frozen({"max_lr": 0.003}))
    window.toolbar.set_recipe(replace(recipe, schedule=schedule))
    assert window.toolbar.recipe.text().endswith("Adam up to 3e-3")
    assert "OneCycleLR (rate up to 0.003)" in window.toolbar.recipe.toolTip()
    window.toolbar.progress.set_progress(Progress(7, 20, 4886, 15000, 0.4, 18412.0, 35.0))
    said = window.toolbar.progress.accessibleDescription()
    assert said == "Epoch 7 of 20, step 4886 of 15000 about 35 s left"
    window.runner.devices = ("auto", "cpu")
    window.runner.device_changed.emit("auto")
    menu = window.toolbar.device.menu()
    assert [action.text() for action in menu.actions()] == ["auto", "cpu"]
    with qtbot.waitSignal(window.runner.device_changed):
        menu.actions()[1].trigger()
    assert window.runner.device == "cpu" and menu.actions()[1].isChecked()


def test_a_fault_of_the_program_is_shown_and_the_window_goes_on(window: MainWindow, qtbot) -> None:
    try:
        raise ZeroDivisionError("planted")
    except ZeroDivisionError as error:
        faults.report(type(error), error, error.__traceback__)
    qtbot.waitUntil(window.error_bar.isVisible)
    assert "planted" in window.error_bar.report() and "Your work is kept" in window.error_bar._text.text()


# -- files ----------------------------------------------------------------------------------------
def test_save_and_open_again(window: MainWindow, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "digits.strata"
    edit(window)
    window.canvas.set_view_state((0.75, 10.0, 20.0))
    answers(window).path = path
    window.actions_["save"].trigger()
    assert path.exists() and not window.document.dirty and window.toast.text() == "Saved digits.strata."
    assert window.settings.recent == [path] and "digits" in window.windowTitle()
    saved = window.document.design
    window.actions_["undo"].trigger()
    assert window.document.dirty, "saving never loses the history"
    window.actions_["redo"].trigger()
    assert window.files.new("mlp-digits") and window.document.path is None
    window.menus_.recent.aboutToShow.emit()
    window.menus_.recent.actions()[0].trigger()
    assert window.document.path == path and window.document.design == saved
    assert window.canvas.view_state()[0] == pytest.approx(0.75)


def test_unsaved_changes_are_asked_about(window: MainWindow, tmp_path: pathlib.Path) -> None:
    edit(window)
    design = window.document.design
    answers(window).answer = "cancel"
    assert not window.files.new() and window.document.design is design
    assert not window.close() and window.isVisible()
    answers(window).answer = "save"
    answers(window).path = None
    assert not window.files.new() and window.document.design is design, "no path was given: nothing is left"
    answers(window).path = tmp_path / "kept.strata"
    assert window.files.new() and (tmp_path / "kept.strata").exists()
    edit(window)
    answers(window).answer = "discard"
    assert window.files.new("mlp-digits") and not window.document.dirty
    assert len(answers(window).asked) == 5


def test_a_file_that_cannot_be_read_is_said_with_a_way_out(window: MainWindow, tmp_path: pathlib.Path) -> None:
    foreign = tmp_path / "foreign.strata"
    foreign.write_bytes(b"this is no project")
    design = window.document.design
    assert not window.files.read(foreign) and window.document.design is design
    assert answers(window).asked == ["foreign.strata could not be opened."]
    assert window.toast.text().startswith("foreign.strata could not be opened. ")
    assert (window.toast.text() + answers(window).texts[0]).count("could not be opened") == 1, "said once"
    assert not window.files.read(tmp_path), "a folder is no project either"
    os.mkfifo(tmp_path / "pipe.strata")
    assert not window.files.read(tmp_path / "pipe.strata"), "reading a pipe would never end"


def test_a_file_that_cannot_be_written_loses_nothing(window: MainWindow, tmp_path, monkeypatch) -> None:
    from engine.project import store

    def full(_project: Project, _path: pathlib.Path) -> None:
        raise ProjectFileError(f"‘{_path}’ could not be saved. The disk is full.")

    monkeypatch.setattr(store, "save", full)
    edit(window)
    answers(window).path = tmp_path / "a.strata"
    assert not window.files.save() and window.document.dirty
    assert answers(window).asked == ["a.strata could not be saved."]
    assert answers(window).texts[0].startswith("The disk is full. Nothing is lost:")
    assert window.toast.text() == "a.strata could not be saved. The disk is full."


def test_notes_about_what_was_left_out_are_told(window: MainWindow, tmp_path, monkeypatch) -> None:
    from engine.project import store

    loaded = Loaded(Project(templates.load("mlp-digits")), ("The history was damaged and is left out.",))
    monkeypatch.setattr(store, "load", lambda _path, sandbox=False: loaded)
    path = tmp_path / "b.strata"
    path.touch()
    assert window.files.read(path) and window.toast.text() == "The history was damaged and is left out."


def test_unsaved_work_is_offered_again(window: MainWindow, monkeypatch) -> None:
    from engine.project import recovery

    kept = Project(templates.load("mlp-digits"))
    recovery.write(kept, None)
    answers(window).answer = "cancel"
    assert not window.files.offer_recovery(None)
    answers(window).answer = "recover"
    assert window.files.offer_recovery(None)
    assert window.document.design == kept.design and window.document.dirty and window.document.path is None
    window.document.set_project(Project(), None)
    answers(window).answer = "discard"
    files._discard_recovery(None)
    assert recovery.find(None) is None


def test_work_that_is_left_for_later_outlives_a_save(window: MainWindow, tmp_path: pathlib.Path) -> None:
    """The offer names the project and the time; ‘Later’ is no leave to remove it with the next save."""
    from engine.project import recovery, store

    path = tmp_path / "mine.strata"
    store.save(Project(templates.load("mlp-digits")), path)
    kept = recovery.write(Project(templates.load("cnn-digits")), path)
    gone = kept.with_name(kept.name.rpartition("-")[0] + "-999999999")  # of a process that ended
    kept.rename(gone)
    answers(window).answer = "cancel"
    assert window.files.read(path)
    assert answers(window).asked[-1].startswith("mine.strata has unsaved work from ")
    assert str(path) in answers(window).texts[-1]
    edit(window)
    assert window.files.save() and gone.exists()


def test_work_that_was_recovered_and_saved_is_not_kept_twice(window: MainWindow, qtbot, tmp_path: pathlib.Path) -> None:
    from engine.project import recovery, store

    path = tmp_path / "mine.strata"
    store.save(Project(templates.load("mlp-digits")), path)
    kept = recovery.write(Project(templates.load("cnn-digits")), path)
    gone = kept.rename(kept.with_name(kept.name.rpartition("-")[0] + "-999999999"))  # of a process that ended
    answers(window).answer = "recover"
    assert window.files.read(path) and gone.exists()
    assert window.files.save()
    qtbot.waitUntil(lambda: not gone.exists())


def test_a_file_that_another_program_has_written_is_not_replaced_unasked(window: MainWindow, tmp_path) -> None:
    from engine.project import store

    path = tmp_path / "shared.strata"
    answers(window).path = path
    assert window.files.save() and not answers(window).asked
    edit(window)
    assert window.files.save() and not answers(window).asked, "what this window wrote is no surprise"
    other = Project(templates.load("mlp-digits"))
    store.save(other, path)
    theirs = path.read_bytes()
    answers(window).answer = "cancel"
    assert not window.files.save() and path.read_bytes() == theirs
    assert answers(window).asked == ["shared.strata was changed by another program."]
    answers(window).answer, answers(window).path = "other", tmp_path / "copy.strata"
    assert window.files.save() and path.read_bytes() == theirs and window.document.path == tmp_path / "copy.strata"
    assert window.files.read(path)
    store.save(Project(templates.load("cnn-digits")), path)
    answers(window).answer = "replace"
    assert window.files.save() and store.load(path).project.design == window.document.design
    path.unlink()
    assert window.files.save() and path.exists() and len(answers(window).asked) == 3


def test_a_name_without_an_ending_is_asked_about_with_it(window: MainWindow, tmp_path: pathlib.Path) -> None:
    """The ending was added after the file dialog had looked: the file of that name was replaced without a word."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QFileDialog

    qapp = QApplication.instance()
    assert isinstance(qapp, QApplication)
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    seen: list[str] = []

    def type_name() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        seen.append(dialog.defaultSuffix())
        dialog.selectFile(str(tmp_path / "plain"))
        dialog.done(QFileDialog.DialogCode.Accepted)

    QTimer.singleShot(0, type_name)
    try:
        path = window.dialogs.save_path(tmp_path / "start.strata")
    finally:
        qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, False)
    assert seen == ["strata"] and path == tmp_path / "plain.strata"


def test_places_that_may_not_be_looked_at_are_no_recent_projects(tmp_path: pathlib.Path, monkeypatch) -> None:
    """A folder that has lost its permission, or a dead network drive, raised before the window was there."""

    settings = Settings(tmp_path / "other.ini")
    path = tmp_path / "a.strata"
    path.touch()
    settings.add_recent(path)
    settings.last = path
    real = os.stat

    def refused(target, *args, **kwargs):
        if str(target).startswith(str(tmp_path)):
            raise PermissionError(13, "Permission denied", str(target))
        return real(target, *args, **kwargs)

    monkeypatch.setattr(os, "stat", refused)
    assert settings.recent == [] and settings.last is None and settings.folder == pathlib.Path.home()


def test_train_leads_to_what_keeps_the_design_from_it(window: MainWindow) -> None:
    document = window.document
    node = list(document.design.graph.nodes)[2]
    hint = Problem("a", "warning", "Odd.", "One.", next(iter(document.design.graph.nodes)))
    document.set_report(document.design, Report(problems=(hint, Problem("b", "error", "conv1 fails.", "Two.", node))))
    window.runner.ready = True
    window.runner._set_state("idle")
    window.bottom.hide()
    window.toolbar.train.click()
    assert window.bottom.isVisible() and window.bottom.page() == 1
    assert document.selection == {node}
    assert window.toast.text() == "This design cannot be trained yet. conv1 fails. Two."


def test_an_edit_while_the_file_is_written_stays_unsaved(window: MainWindow, tmp_path, monkeypatch, qtbot) -> None:
    import threading

    from PySide6.QtCore import QTimer

    from engine.project import store

    gate, real = threading.Event(), store.save

    def slowly(project: Project, path: pathlib.Path) -> None:
        gate.wait(5)
        real(project, path)

    monkeypatch.setattr(store, "save", slowly)
    answers(window).path = tmp_path / "c.strata"
    QTimer.singleShot(100, lambda: (edit(window), gate.set()))
    assert window.files.save()
    assert window.document.path == tmp_path / "c.strata" and window.document.dirty


def test_closing_while_training_asks_and_keeps_what_was_learned(window: MainWindow, tmp_path, qtbot) -> None:
    recipe = replace(window.document.design.recipe, epochs=5000)
    window.document.change(replace(window.document.design, recipe=recipe), "Change epochs")
    window.runner.start_warm_up()
    qtbot.waitUntil(lambda: window.actions_["train"].isEnabled(), timeout=60_000)
    window.toolbar.train.click()
    qtbot.waitUntil(lambda: window.runner.progress is not None and window.runner.progress.step > 20, timeout=60_000)
    assert window.actions_["pause"].isEnabled() and not window.toolbar.train.isEnabled()
    answers(window).answer = "cancel"
    assert not window.close() and window.runner.alive
    path = tmp_path / "trained.strata"
    answers(window).path = path
    answers(window).answer = "save"
    window.actions_["save"].trigger()  # while it trains
    assert path.exists() and window.runner.alive
    answers(window).answer = "stop"
    assert window.close() and not window.runner.alive
    assert answers(window).asked == ["Training is under way."] * 2
    from engine.project import store

    run = store.load(path).project.run
    assert run is not None and run.state is not None and run.state.step > 20 and len(run.history.loss) == run.state.step
    assert window.settings.last == path


def test_actions_keep_their_names(window: MainWindow) -> None:
    for row in ACTIONS:
        assert isinstance(window.actions_[row.id], QAction) and window.actions_[row.id].objectName() == row.id


def test_train_is_unfilled_and_says_why_while_the_design_cannot_be_trained(window: MainWindow) -> None:
    document, train = window.document, window.toolbar.train
    first = Problem("a", "error", "conv1 does not fit.", "One.", "node_conv1")
    last = Problem("b", "error", "linear1 does not fit.", "Two.", None)
    document.set_report(document.design, Report(problems=(first, last)))
    window.runner.ready = True
    window._chrome._on_state_changed()
    assert train.property("role") == "" and "conv1 does not fit." in train.toolTip()
    document.set_report(document.design, Report())
    assert train.property("role") == "primary" and "conv1" not in train.toolTip()


def test_all_of_a_runs_progress_is_readable_in_a_small_window(window: MainWindow, qtbot) -> None:
    """At 1280 pixels the step's number was missing beside empty space."""
    from gui.toolbar import RunProgress

    window.resize(1280, 720)
    bar = window.toolbar
    bar.show_progress(True)
    bar.progress.set_progress(Progress(7, 20, 4886, 15000, 0.4, 18412.0, 35.0))
    qtbot.waitUntil(lambda: bar.progress.width() > 400)
    parts = (bar.progress._epoch, bar.progress._step, bar.progress._speed, bar.progress._left)
    qtbot.waitUntil(lambda: all(part.width() >= part.sizeHint().width() for part in parts), timeout=2000)
    assert all(part.isVisible() for part in parts)
    assert parts[-1].mapTo(bar, parts[-1].rect().topRight()).x() < bar.device.mapTo(bar, QPoint(0, 0)).x()
    tight = RunProgress()
    qtbot.addWidget(tight)
    tight.set_progress(Progress(7, 20, 4886, 15000, 0.4, 18412.0, 35.0))
    tight.resize(200, 40)
    tight.show()
    assert not tight._step.isVisibleTo(tight) and "step 4\u202f886 of 15\u202f000" in tight.toolTip()


def test_the_device_chip_says_what_there_is(window: MainWindow) -> None:
    window.runner.devices = ("auto", "cuda", "cpu")
    window._chrome._on_state_changed()
    assert window.toolbar.device.texts() == ("cuda", "auto")
    assert window.toolbar.device.toolTip() == "Device to train on. This machine has: cuda, cpu."
    window.runner.devices = ("auto", "cpu")
    window.runner.set_device("cpu")
    assert window.toolbar.device.texts() == ("cpu", "idle")


def odd_designs() -> dict[str, Design]:
    """What a file may hold and a check refuses."""
    base = templates.load("cnn-digits")
    layer = base.graph.layer_of(next(n for n, node in base.graph.nodes.items() if node.label == "conv1"))

    def with_layer(other: Layer) -> Design:
        return replace(base, graph=replace(base.graph, layers=base.graph.layers.with_item(layer.id, other)))

    def with_recipe(**odd: object) -> Design:
        return replace(base, recipe=replace(base.recipe, **odd))  # type: ignore[arg-type]

    return {
        "kind": with_layer(Layer(layer.id, "Conv9d", layer.parameters)),
        "parameter": with_layer(layer.with_parameter("kernel_size", (3, (1, 2)))),
        "block": with_layer(Layer(layer.id, BLOCK, Frozen(), "gone")),
        "batch": with_recipe(batch_size=3.5),
        "counts": with_recipe(batch_size="x", epochs=None, seed=-1.5),
        "optimizer": with_recipe(optimizer=Named("Nope", Frozen({"lr": "x"}))),
        "rate": with_recipe(optimizer=Named("Adam", Frozen({"lr": "x", "betas": 3}))),
        "schedule": with_recipe(schedule=Named("Nope", Frozen({"a": (1, 2)}))),
    }


@pytest.mark.parametrize("name", ["kind", "parameter", "block", "batch", "counts", "optimizer", "rate", "schedule"])
def test_a_design_with_any_mistake_can_be_shown(window: MainWindow, qtbot, name: str) -> None:
    design = odd_designs()[name]
    window.document.set_project(Project(design=design), None)
    for node in list(design.graph.nodes)[:3]:
        window.document.select(frozenset({node}))
        qtbot.wait(20)
    window.document.select(frozenset())
    window.runner.train()
    qtbot.wait(20)
    assert window.document.design == design and starting.plan(window.document).text


def test_the_rate_that_is_shown_is_the_one_that_counts() -> None:
    recipe = templates.load("cnn-digits").recipe
    assert recipe.schedule is not None and "max_lr" in recipe.schedule.parameters
    useless = replace(recipe, optimizer=Named("Adam", Frozen({"lr": 7.0})))  # the schedule sets it
    assert recipe_text(useless) == recipe_text(recipe)
    assert recipe_text(replace(useless, schedule=None)).endswith("Adam 7")


def test_what_is_not_known_is_not_counted_as_nothing(window: MainWindow) -> None:
    outputs = Frozen({(("n",), "output"): TensorSpec((3,))})
    window.status.set_report(Report(outputs=outputs, parameters=12))
    assert window.status._parameters._value.text() == "12"
    window.status.set_report(Report())
    assert window.status._parameters._value.text() == "–"


def test_stored_pictures_of_data_that_are_not_there_are_told_from_new_ones(window: MainWindow):
    window.document.set_look(Look(Request((), (0,), 1), 1200, 3.0, ()))
    features = window.workspace._features
    assert "stored" not in features.text() and not features.toolTip()
    spec = source.open_data(window.document.design.data).spec
    window.document.set_data(replace(spec, train=0, validation=0, test=0), "There is no folder /left/behind.")
    assert features.text().startswith("Features from step") and "stored: the data are not there" in features.text()
    assert features.toolTip()
    window.document.set_data(spec, "The test part has no samples.")
    assert "stored" not in features.text() and not features.toolTip()


def test_a_project_without_its_data_has_the_shapes_that_it_remembers(qtbot, window: MainWindow, tmp_path):
    runner, document = window.runner, window.document

    def checked() -> bool:
        return runner.ready and document.reported_design is document.design

    runner.start_warm_up()
    qtbot.waitUntil(checked, timeout=30_000)
    assert document.data_spec is not None
    spec = replace(document.data_spec, train=0, validation=0, test=0)
    design = replace(document.design, data=replace(document.design.data, source=str(tmp_path / "left behind")))
    for known_data in (None, spec, None):  # each as it is opened, though the choice of data is the same
        document.set_project(Project(design=design, data=known_data), None)
        qtbot.waitUntil(checked, timeout=5000)
        assert document.data_spec == known_data and "left behind" in document.data_problem
        assert bool(document.report.outputs) == (known_data is not None) and not document.report.trainable
        assert document.project.data == known_data and not document.dirty
    document.set_project(Project(design=design, data=spec), None)
    document.edit(lambda d: replace(d, data=replace(d.data, source="digits")), "Choose data")
    qtbot.waitUntil(checked, timeout=5000)
    assert document.project.data is not None and document.project.data.fingerprint == spec.fingerprint
    document.undo_stack.undo()
    assert document.project.data == spec  # undo goes back to those data: they are known still


def test_the_training_pages_own_button_does_what_train_does(window: MainWindow, qtbot):
    """Where a problem stands in the way both lead to it; neither is grey."""
    button, train = window.training.empty.button, window.toolbar.train
    window.runner.state_changed.emit(window.runner.state)
    for blocking in (False, True):
        problem = Problem("broken", "error", "This design cannot be trained.", "Because.")
        window.document.set_report(window.document.design, Report(problems=(problem,) if blocking else ()))
        window.actions_["train"].setEnabled(True)
        assert button.isEnabled() and train.isEnabled()
        assert button.property("role") == train.property("role") == ("" if blocking else "primary")
        assert button.toolTip() == train.toolTip()
    window.bottom.show_page(0)
    button.click()
    assert window.bottom.page() == 1
    window.actions_["train"].setEnabled(False)
    assert not button.isEnabled() and not train.isEnabled()


def test_curves_and_features_as_tables_by_command_button_and_context_menu(window, qtbot):
    for command, page in (("curves_table", window.training), ("features_table", window.features)):
        action = window.actions_[command]
        tabled = page.tabled
        action.trigger()
        assert tabled.on and tabled.button.isChecked() and page.isVisible()
        tabled.button.click()
        assert not action.isChecked()
        for widget in (*tabled._pictures, page.table):
            assert widget.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
            assert [each.text() for each in widget.actions()] == [action.text(), "Copy as table"]
