"""Starts the window: asks whether one can be opened, dresses it, shows it, and only then lets torch be loaded."""

from __future__ import annotations

import gc
import logging
import os
import pathlib
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from gui import preflight

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

_signal_sockets: list[socket.socket] = []  # open for the program's life


def run(argv: list[str]) -> int:
    """Open the window on the project that `argv` names, if any. The exit status: 0, or 2 where there is no display."""
    begun = time.perf_counter()
    gc.disable()  # all that is made until the first paint stays: looking for garbage in it only delays it
    obstacle = preflight.obstacle()
    if obstacle:
        print(obstacle, file=sys.stderr)
        return 2
    try:
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        print(preflight.import_problem(error), file=sys.stderr)
        return 2
    from gui import faults
    from gui.main_window import MainWindow
    from gui.settings import Settings
    from gui.theme import icons, motion, theme

    faults.install()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([sys.argv[0]])
    app.setApplicationName("strata")
    app.setApplicationDisplayName("Strata")
    app.setDesktopFileName("strata")
    app.setWindowIcon(icons.application_icon())
    settings = Settings()
    theme.apply(app, settings.theme, settings.text_size)
    motion.choose(settings.motion)
    named = pathlib.Path(argv[0]) if argv else None
    last = settings.last if settings.reopen_last else None
    with theme.undressed(app):
        window = MainWindow(settings)
        if named is None and last is None:
            _show_example(window)
    window.first_painted.connect(lambda: _on_first_painted(window, named, last, begun))
    window.show()
    _end_on_signals(app, window)
    return app.exec()


def _show_example(window: MainWindow) -> None:
    """A design that can be trained at once, untitled."""
    from engine.project import templates
    from gui.files import FIRST_TEMPLATE

    window.files.show_design(templates.load(FIRST_TEMPLATE))


def _on_first_painted(window: MainWindow, named: pathlib.Path | None, last: pathlib.Path | None, begun: float) -> None:
    """Load torch in the background, and show the project that was asked for, left unsaved, or open last."""
    from gui import faults

    seconds = time.perf_counter() - begun
    faults.log.info("First paint after %.3f s; torch loaded by then: %s", seconds, "torch" in sys.modules)
    window.runner.start_warm_up()
    if named is not None:
        opened = window.files.read(named)
    else:
        opened = window.files.offer_recovery(None) or (last is not None and window.files.read(last))
    if not opened and (named is not None or last is not None):
        _show_example(window)  # it could not be read: something to work with is shown in its place


def _end_on_signals(app: QApplication, window: MainWindow) -> None:
    """Ctrl-C in the terminal and a shutdown of the machine: unsaved work goes to the recovery file, then the end."""
    if sys.platform == "win32":
        return
    from PySide6.QtCore import QSocketNotifier

    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)  # the wake-up below does the work
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, app)

    def on_signal() -> None:
        number = reader.recv(64)[-1]
        if window.end_at_once():
            logging.shutdown()
            os._exit(128 + number)  # closing in good order would remove the recovery file
        app.exit(128 + number)

    notifier.activated.connect(on_signal)
    _signal_sockets.extend((reader, writer))
