"""All windows of the program: one process, one theme, one set of keys and settings; each window has a project, a
history and a run of its own. What a window shows first is said here."""

from __future__ import annotations

import gc
import os
import pathlib
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from engine.project import templates
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme

STEP = 32  # pixels by which a window lies beside the one before


class Windows(QObject):
    """`first_painted()` once the first window has been drawn."""

    first_painted = Signal()

    def __init__(self, settings: Settings, app: QApplication):
        super().__init__(app)
        self._settings, self._app = settings, app
        self._open: list[MainWindow] = []
        self._quitting = False

    def __iter__(self):
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    # -- opening -----------------------------------------------------------------------
    def start(self, path: pathlib.Path | None, *, demo: bool = False) -> MainWindow:
        """The first window: on the project that was named; else the welcome page, or what was open last. As a
        demonstration it trains the example at once, and touches nothing that is left of earlier work."""
        welcome = self._settings.welcome_at_start and not demo
        last = None if welcome or demo else self._settings.last
        with theme.undressed(self._app):
            window = self._made()
            if path is None and last is None:
                _show_example(window)
            if path is None and welcome:
                window.show_welcome()

        def begin() -> None:
            self.first_painted.emit()
            window.runner.start_warm_up()
            if demo:
                window.runner.train_when_ready()
                return
            if path is not None:
                opened = window.files.read(path)
            else:
                opened = window.files.offer_recovery(None) or (last is not None and window.files.read(last))
            if not opened and (path is not None or last is not None):
                _show_example(window)  # it could not be read: something to work with is shown in its place

        window.first_painted.connect(begin)
        window.show()
        return window

    def open(self, path: pathlib.Path | None = None) -> MainWindow:
        """Another window, on the project in `path`; where a window has that already it comes forward instead."""
        holder = self.holding(path) if path is not None else None
        if holder is not None:
            holder.come_forward()
            return holder
        window = self._made()
        if len(self._open) > 1:
            window.move(self._open[-2].pos().x() + STEP, self._open[-2].pos().y() + STEP)
        if path is None and self._settings.welcome_at_start:
            window.show_welcome()

        def begin() -> None:
            window.runner.start_warm_up()
            if path is not None:
                window.files.read(path)

        window.first_painted.connect(begin)
        window.show()
        return window

    def _made(self) -> MainWindow:
        window = MainWindow(self._settings)
        window.siblings = self
        window.files.elsewhere = lambda path: self._elsewhere(path, window)
        window.closed.connect(lambda: self._on_closed(window))
        self._open.append(window)
        return window

    # -- one project, one window -----------------------------------------------------------
    def holding(self, path: pathlib.Path) -> MainWindow | None:
        """The window that has the project in this file, by whatever name the file is called."""
        wanted = os.path.realpath(path)
        paths = ((window, window.document.path) for window in self._open)
        return next((w for w, held in paths if held is not None and os.path.realpath(held) == wanted), None)

    def _elsewhere(self, path: pathlib.Path, asking: MainWindow) -> Callable[[], None] | None:
        holder = self.holding(path)
        return holder.come_forward if holder is not None and holder is not asking else None

    # -- the end -----------------------------------------------------------------------------
    def quit(self) -> bool:
        """Close all windows, once each with unsaved work or a run has agreed; where one does not, none closes."""
        if self._quitting:
            return False
        self._quitting = True
        try:
            return all(w.agree_to_close() for w in self) and all(window.close() for window in self)
        finally:
            self._quitting = False

    def end_at_once(self) -> bool:
        """The system asks for an end, without questions. True where something was kept in recovery files."""
        return any([window.end_at_once() for window in self])

    def _on_closed(self, window: MainWindow) -> None:
        if window in self._open:
            self._open.remove(window)
        if self._open:  # the program goes on: what the window held is freed, on this thread and no other
            window.deleteLater()
            QTimer.singleShot(0, self, gc.collect)


def _show_example(window: MainWindow) -> None:
    window.files.show_design(templates.load(templates.FIRST))
