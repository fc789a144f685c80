"""Work that may take longer than a frame, away from the window's thread, for callers that need the result to go on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication

Result = TypeVar("Result")
SOON_SECONDS = 0.05  # what is done by then is never noticed


def in_background(work: Callable[[], Result], *, take_input: bool = False, name: str = "strata-work") -> Result:
    """Run `work` in a thread and give its result or raise its exception. The window keeps painting meanwhile under a
    busy cursor; it takes input only with `take_input` (then the caller must be ready for edits)."""
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(SOON_SECONDS)
    if thread.is_alive():
        wait_until(lambda: not thread.is_alive(), take_input=take_input)
        thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def wait_until(holds: Callable[[], bool], *, take_input: bool = False, seconds: float = 0.0) -> bool:
    """Let the window live under a busy cursor until `holds()`, for at most `seconds` (0: as long as it takes)."""
    if holds():
        return True
    loop = QEventLoop()
    poll = QTimer(loop, interval=10)
    poll.timeout.connect(lambda: loop.quit() if holds() else None)
    poll.start()
    if seconds:
        QTimer.singleShot(round(seconds * 1000), loop, loop.quit)
    QGuiApplication.setOverrideCursor(Qt.CursorShape.BusyCursor)
    try:
        flags = QEventLoop.ProcessEventsFlag
        loop.exec(flags.AllEvents if take_input else flags.ExcludeUserInputEvents)
    finally:
        QGuiApplication.restoreOverrideCursor()
    return holds()
