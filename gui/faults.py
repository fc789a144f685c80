"""Faults of the program itself: logged to a rotating file, shown in a bar, never silent and never a lost project.

PySide6 prints an exception of a slot and goes on with exit status 0; so all hooks are ours.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import pathlib
import platform
import sys
import threading
import traceback
from types import TracebackType
from typing import IO

import platformdirs
from PySide6 import QtCore
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal

import engine

log = logging.getLogger("strata")


class FaultRelay(QObject):
    """Brings a fault from wherever it happened to the window's thread. `fault_happened(sentence, report)`."""

    fault_happened = Signal(str, str)


relay = FaultRelay()
_stacks: IO[str] | None = None  # faulthandler writes here; must stay open


def log_folder() -> pathlib.Path:
    return pathlib.Path(platformdirs.user_log_dir("strata", appauthor=False))


def install() -> None:
    """Set up the log file and every hook; once, at the start of the program."""
    _open_log()
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    sys.unraisablehook = _on_unraisable
    QtCore.qInstallMessageHandler(_on_qt_message)
    log.info("Strata %s, %s, Qt %s", engine.__version__, platform.platform(), QtCore.qVersion())


def _open_log() -> None:
    global _stacks
    logging.getLogger().setLevel(logging.INFO)
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "strata.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
        _stacks = open(folder / "crash-stacks.log", "a", encoding="utf-8")  # noqa: SIM115 (open for the program's life)
        faulthandler.enable(_stacks)
    except OSError as error:  # a home that cannot be written to
        logging.getLogger().addHandler(logging.StreamHandler())
        log.warning("No log file can be written: %s", error)
        if sys.stderr is not None:
            faulthandler.enable()


def report(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: str = ""
) -> None:
    """Log a fault and tell the window."""
    details = "".join(traceback.format_exception(kind, error, trace))
    log.error("Unhandled exception%s\n%s", f" in {where}" if where else "", details)
    last = f"{kind.__name__}: {error}" if str(error) else kind.__name__
    sentence = f"Something in Strata went wrong ({last[:160]}). Your work is kept; you can go on."
    head = f"Strata {engine.__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    with contextlib.suppress(RuntimeError):  # Qt may already have gone
        relay.fault_happened.emit(sentence, head + details)


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        QtCore.QCoreApplication.quit()
        return
    report(kind, error, trace)


def _on_thread_exception(arguments: threading.ExceptHookArgs) -> None:
    name = arguments.thread.name if arguments.thread else "a thread"
    if not issubclass(arguments.exc_type, SystemExit):
        report(arguments.exc_type, arguments.exc_value, arguments.exc_traceback, name)


def _on_unraisable(arguments: sys.UnraisableHookArgs) -> None:
    log.error(
        "Exception that could not be raised, in %r: %s",
        arguments.object,
        "".join(traceback.format_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)),
    )


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }.get(kind, logging.INFO)
    logging.getLogger(f"qt.{context.category or 'default'}").log(level, text)
    if kind == QtMsgType.QtFatalMsg and sys.stderr is not None:
        print(text, file=sys.stderr)  # Qt ends the process after this
