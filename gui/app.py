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

    from gui.windows import Windows

_signal_sockets: list[socket.socket] = []  # open for the program's life


def run(argv: list[str], *, demo: bool = False) -> int:
    """Open the window on the project that `argv` names, if any, or as a demonstration. The exit status: 0, or 2 where
    there is no display."""
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
    from gui.settings import Settings
    from gui.theme import icons, motion, theme
    from gui.windows import Windows

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
    windows = Windows(settings, app)
    windows.first_painted.connect(lambda: _log_first_paint(begun))
    windows.start(pathlib.Path(argv[0]) if argv else None, demo=demo)
    _end_on_signals(app, windows)
    return app.exec()


def _log_first_paint(begun: float) -> None:
    from gui import faults

    seconds = time.perf_counter() - begun
    faults.log.info("First paint after %.3f s; torch loaded by then: %s", seconds, "torch" in sys.modules)


def _end_on_signals(app: QApplication, windows: Windows) -> None:
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
        if windows.end_at_once():
            logging.shutdown()
            os._exit(128 + number)  # closing in good order would remove the recovery file
        app.exit(128 + number)

    notifier.activated.connect(on_signal)
    _signal_sockets.extend((reader, writer))
