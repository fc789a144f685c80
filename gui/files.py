"""New, open, save and close: what happens to files, and what is asked before anything could be lost."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import StrataError
from engine.graph.design import Design
from engine.project import templates
from engine.project.mark import Mark
from engine.project.project import Loaded, Project
from gui.background import in_background, wait_until
from gui.dialogs import SUFFIX, Dialogs
from gui.document import Document
from gui.runner import Runner
from gui.settings import Settings

if TYPE_CHECKING:
    from engine.project.recovery import RecoveryInfo

STOP_SECONDS = 30.0

# Where a project is open in another window: what brings that one forward; else None.
Elsewhere = Callable[[pathlib.Path], Callable[[], None] | None]


def _nowhere(_path: pathlib.Path) -> None:
    return None


class Files(QObject):
    """`opened()` after another project is shown. `view` gives the canvas's view to store, (zoom, x, y) or None."""

    opened = Signal()

    def __init__(
        self,
        document: Document,
        runner: Runner,
        settings: Settings,
        dialogs: Dialogs,
        view: Callable[[], tuple[float, float, float] | None],
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._document, self._runner, self._settings, self.dialogs = document, runner, settings, dialogs
        self._view = view
        self.elsewhere: Elsewhere = _nowhere  # asked before a project is opened here or saved under another name
        self._busy = False  # a file is being read or written
        self._mark: Mark | None = None  # of the project's file, as this window read or wrote it last

    # -- new and open ----------------------------------------------------------------
    def new(self, template: str = "blank") -> bool:
        """Start on a template, untitled."""
        try:
            design = templates.load(template)
        except StrataError as error:
            self._document.message_shown.emit(str(error), "error")
            return False
        return self.start_on(design)

    def start_on(self, design: Design) -> bool:
        """Show a design, untitled, in place of what is open; False where the person would rather keep that."""
        if not self.may_leave():
            return False
        self.show_design(design)
        return True

    def show_design(self, design: Design) -> None:
        self._document.set_project(Project(design=design), None)
        self.opened.emit()

    def open(self, path: pathlib.Path | None = None) -> bool:
        """Open a project; asks which where no path is given."""
        if self._busy or (path is not None and self._go_to(path)) or not self.may_leave():
            return False
        if path is None:
            path = self.dialogs.open_path(self._settings.folder)
            if path is None:
                return False
        return self.read(path)

    def _go_to(self, path: pathlib.Path) -> bool:
        """One project is edited in one window: where another one has it, that one comes forward. True where it does."""
        come_forward = self.elsewhere(path)
        if come_forward is not None:
            come_forward()
        return come_forward is not None

    def read(self, path: pathlib.Path) -> bool:
        """Show the project in `path`, or a newer recovery of it where the person wants that."""
        path = path.absolute()
        if self._go_to(path):
            return False
        try:
            loaded, mark = self._load(path)
        except StrataError as error:
            return self._on_unreadable(path, str(error))
        self._document.set_project(loaded.project, path)
        self._mark = mark
        self._settings.add_recent(path)
        self._settings.last = path
        self.opened.emit()
        for note in loaded.notes:
            self._document.message_shown.emit(note, "warning")
        self.offer_recovery(path)
        return True

    def _load(self, path: pathlib.Path) -> tuple[Loaded, Mark | None]:
        def load() -> tuple[Loaded, Mark | None]:
            from engine.project import store  # brings h5py, so it is imported where it does not hold up the window

            mark = Mark.of(path)  # before: what is written while it is read counts as changed
            return store.load(path, sandbox=True), mark

        self._busy = True
        try:
            return in_background(load, name="strata-open")
        finally:
            self._busy = False

    def _on_unreadable(self, path: pathlib.Path, sentence: str) -> bool:
        what = f"{path.name} could not be opened."
        why = sentence.removeprefix(f"‘{path}’ could not be opened. ")
        choice = self.dialogs.ask(what, why, (("other", "Open another…"), ("cancel", "Close")))
        self._document.message_shown.emit(f"{what} {why}", "error")  # for the Log; not while the dialog says the same
        return self.open() if choice == "other" else False

    # -- recovery ----------------------------------------------------------------------
    def offer_recovery(self, path: pathlib.Path | None) -> bool:
        """Where work was left unsaved (the program or the machine went down), offer it. True where it was taken."""
        info = in_background(lambda: _find_recovery(path), name="strata-recovery")
        if info is None or not info.newer:
            return False
        what = f"{path.name} has unsaved work" if path else "An untitled project has unsaved work"
        where = str(path) if path else "it"
        choice = self.dialogs.ask(
            f"{what} from {_when(info.written)}.",
            f"Strata ended before {where} was saved. Recover it to go on from there; no file changes until you save.",
            (("recover", "Recover"), ("discard", "Discard"), ("cancel", "Later")),
        )
        if choice == "discard":
            in_background(lambda: _discard_recovery(path), name="strata-recovery")
        elif choice != "recover":
            _keep_recovery(info)
        if choice != "recover":
            return False
        try:
            project = self._load(info.path)[0].project
        except StrataError as error:
            self._document.message_shown.emit(f"The unsaved work could not be read. {error}", "error")
            return False
        self._document.set_project(project, path)
        self._document.undo_stack.resetClean()  # it differs from what is saved
        self._runner.autosave.took_up(path)
        self.opened.emit()
        self._document.message_shown.emit("Recovered. Save to keep it.", "info")
        return True

    # -- saving ------------------------------------------------------------------------
    def save(self) -> bool:
        """Save; asks where to on the first time. True once it is on the disk."""
        path = self._document.path
        if path is None:
            return self.save_as()
        choice = self._asked_about(path)
        if choice == "other":
            return self.save_as()
        return self._write(path) if choice == "replace" else False

    def _asked_about(self, path: pathlib.Path) -> str:
        """‘replace’; or what the person wants, where another program or window has written the file since."""
        mark = self._mark
        if self._busy or mark is None or mark.path != path or not in_background(mark.changed, name="strata-digest"):
            return "replace"
        return self.dialogs.ask(
            f"{path.name} was changed by another program.",
            "It is no longer the file that was opened or saved here. To save would replace what it holds now.",
            (("other", "Save as…"), ("replace", "Replace"), ("cancel", "Cancel")),
        )

    def save_as(self) -> bool:
        document = self._document
        suggestion = document.path or self._settings.folder / f"{document.title}{SUFFIX}"
        path = self.dialogs.save_path(suggestion)
        if path is not None and self.elsewhere(path) is not None:
            text = f"{path.name} is open in another window. Close it there, or save this project under another name."
            document.message_shown.emit(text, "warning")
            return False
        return self._write(path) if path is not None else False

    def _write(self, path: pathlib.Path) -> bool:
        if self._busy:
            return False
        self._busy = True
        try:
            self._await_fresh_state()
            document = self._document
            project = replace(document.project, view=self._view())
            design = document.design

            def save() -> Mark | None:
                from engine.project import store

                store.save(project, path)
                return Mark.of(path)

            try:
                self._mark = in_background(save, take_input=True, name="strata-save")
            except StrataError as error:
                problem = str(error)
            else:
                self._on_written(path, design)
                return True
        finally:
            self._busy = False
        return self._on_unwritable(path, problem)

    def _await_fresh_state(self) -> None:
        """A run under way gives its newest state first, so that the file goes on from here."""
        fresh: list[bool] = []
        self._runner.with_fresh_state(lambda: fresh.append(True))
        wait_until(lambda: bool(fresh), take_input=True, seconds=STOP_SECONDS)

    def _on_written(self, path: pathlib.Path, design: Design) -> None:
        document = self._document
        if document.design is design:
            document.mark_saved(path)
        else:  # edited while the file was being written
            document.path = path
            document.project_changed.emit()
        self._settings.add_recent(path)
        self._settings.last = path
        document.message_shown.emit(f"Saved {path.name}.", "info")

    def _on_unwritable(self, path: pathlib.Path, sentence: str) -> bool:
        what = f"{path.name} could not be saved."
        why = sentence.removeprefix(f"‘{path}’ could not be saved. ")
        choice = self.dialogs.ask(
            what,
            f"{why} Nothing is lost: the project is still open here, and the file is as it was.",
            (("other", "Save as…"), ("again", "Try again"), ("cancel", "Cancel")),
        )
        self._document.message_shown.emit(f"{what} {why}", "error")  # for the Log; not while the dialog says the same
        if choice == "other":
            return self.save_as()
        return self._write(path) if choice == "again" else False

    # -- leaving -------------------------------------------------------------------------
    def may_leave(self, closing: bool = False) -> bool:
        """Before another project takes this one's place: stop a run and save what is unsaved, as the person wants."""
        if self._busy:
            return False
        if self._runner.alive and not self._leave_run(closing):
            return False
        if not self._document.dirty:
            return True
        choice = self.dialogs.ask(
            f"Save the changes to {self._document.title}?",
            "Without saving, what you changed and trained since the last save is lost.",
            (("save", "Save"), ("discard", "Don't save"), ("cancel", "Cancel")),
        )
        return self.save() if choice == "save" else choice == "discard"

    def _leave_run(self, closing: bool) -> bool:
        keep = "Keep training" if closing else "Cancel"
        choices = (("cancel", keep), ("stop", "Stop and save"))
        if closing:
            choices = (("minimise", "Keep training"), ("stop", "Stop and save"), ("cancel", "Cancel"))
        choice = self.dialogs.ask(
            "Training is under way.",
            "Strata can go on training in the background, or stop after this batch and save what was learned.",
            choices,
        )
        if choice == "minimise":
            parent = self.parent()
            if parent is not None and parent.isWidgetType():
                parent.showMinimized()  # type: ignore[attr-defined]
        if choice != "stop":
            return False
        self._runner.stop()
        if not wait_until(lambda: not self._runner.alive, seconds=STOP_SECONDS):
            self._document.message_shown.emit("Training has not stopped yet. Try again in a moment.", "warning")
            return False
        return self.save()


def _find_recovery(path: pathlib.Path | None) -> RecoveryInfo | None:
    from engine.project import recovery  # brings h5py

    return recovery.find(path)


def _discard_recovery(path: pathlib.Path | None) -> None:
    from engine.project import recovery

    recovery.discard(path)


def _keep_recovery(info: RecoveryInfo) -> None:
    """A save of what is open now must not remove it."""
    from engine.project import recovery

    recovery.keep(info)


def _when(seconds: float) -> str:
    """‘21 March, 14:05’, local time."""
    moment = datetime.datetime.fromtimestamp(seconds)
    return f"{moment.day} {moment:%B, %H:%M}"
