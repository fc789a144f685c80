"""What is not saved yet goes to a recovery file, in the background: half a minute after an edit and at every checkpoint
of a run. The person's own file is never touched."""

from __future__ import annotations

import itertools
import pathlib
import threading

from PySide6.QtCore import QObject, QTimer

from engine.errors import StrataError
from engine.project.project import Project
from gui.document import Document

DELAY_MS = 30_000
_windows = itertools.count(1)  # each has a recovery file of its own for what has no name yet

Place = pathlib.Path | None


class Autosave(QObject):
    """Writes and removes recovery files. Files are written by a thread that lives only while there is something to
    write; of several projects that wait only the newest is written."""

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self._document, self._window = document, next(_windows)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.write_now)
        self._lock = threading.Lock()
        self._waiting: dict[Place, Project | None] = {}  # None: remove the file
        self._thread: threading.Thread | None = None
        self._written: set[Place] = set()
        self._problem = ""
        self._told = False
        self._ended = False
        document.design_changed.connect(self._on_design_changed)
        document.project_changed.connect(self._on_project_changed)

    def write_now(self) -> None:
        """Write the project as it stands, if it holds anything that is not saved."""
        self._timer.stop()
        if self._ended or not self._document.dirty:
            return
        place = self._document.path
        self._written.add(place)
        self._hand_over(place, self._document.project)
        if self._problem and not self._told:
            self._told = True
            self._document.message_shown.emit(f"Unsaved work cannot be kept safe: {self._problem}", "warning")

    def took_up(self, place: Place) -> None:
        """What another process had left for `place` is shown now: it goes once this window's project is saved."""
        self._written.add(place)

    def shutdown(self, timeout: float = 20.0) -> None:
        """The window closes in good order: what was to be saved is saved, so the recovery files go."""
        self._timer.stop()
        self._ended = True
        for place in self._written:
            self._hand_over(place, None)
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _on_design_changed(self, _before: object, _after: object) -> None:
        if self._document.dirty and not self._timer.isActive() and not self._ended:
            self._timer.start()

    def _on_project_changed(self) -> None:
        """Saved, or another project: what was kept for the one before is of no more use."""
        if self._document.dirty:
            return
        self._timer.stop()
        for place in self._written:
            self._hand_over(place, None)
        self._written.clear()

    def _hand_over(self, place: Place, project: Project | None) -> None:
        with self._lock:
            self._waiting[place] = project
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="strata-autosave", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        from engine.project import recovery

        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                place, project = self._waiting.popitem()
            try:
                if project is None:
                    recovery.discard(place, self._window)
                else:
                    recovery.write(project, place, self._window)
            except (StrataError, OSError) as error:
                self._problem = str(error)
