"""Who a temporary or recovery file belongs to: one running process, told by a token in the file's name.

A process holds a lock on a file of its own for as long as it lives; the system lets go of it however the process ends.
So a dead owner is known for certain, even where its process number is in use again after a restart.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import pathlib
import platform
import threading
import time
from typing import IO

import platformdirs

FOREIGN_SECONDS = 24 * 3600.0  # another computer's file that was not touched for so long is taken for left behind

_held: tuple[pathlib.Path, IO[bytes]] | None = None  # the lock of this process, kept until it ends
_lock = threading.Lock()


def state_folder() -> pathlib.Path:
    """Where Strata keeps what is not a person's document: recovery files, locks, the list of its own files."""
    return pathlib.Path(platformdirs.user_state_dir("strata", appauthor=False))


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def me() -> str:
    """This process's token, ‘host-pid’; its lock is held from the first call on."""
    global _held
    token = f"{_host()}-{os.getpid()}"
    place = _place(token)
    with _lock:
        if _held is None or _held[0] != place:
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                file = place.open("ab")
            except OSError:
                return token  # without a lock others take this process for dead; only a moment's file is lost by that
            _take(file)
            if _held is not None:
                _held[1].close()
            _held = (place, file)
            atexit.register(_leave, place)
    return token


def _place(token: str) -> pathlib.Path:
    return state_folder() / "owners" / f"{token}.lock"


def _leave(place: pathlib.Path) -> None:
    global _held
    if _held is not None and _held[0] == place and place.name == f"{_host()}-{os.getpid()}.lock":  # not in a fork of it
        _held[1].close()
        _held = None
        with contextlib.suppress(OSError):
            place.unlink()


def alive(token: str, touched: float) -> bool:
    """Whether the owner still runs. `touched` is when its file was last written (for owners on other computers)."""
    if token == f"{_host()}-{os.getpid()}":
        return True
    if not token.startswith(_host() + "-"):
        return time.time() - touched < FOREIGN_SECONDS
    place = _place(token)
    try:
        with place.open("r+b") as file:
            if not _take(file):
                return True
    except FileNotFoundError:
        return _runs(token)  # it ended in good order, or keeps its lock in a state folder of its own
    except OSError:
        return True  # cannot be told: leave its files alone
    with contextlib.suppress(OSError):
        place.unlink()
    return False


def _runs(token: str) -> bool:
    """Whether there is a process of the token's number here; on Windows that cannot be asked without harm."""
    if os.name == "nt":
        return False
    try:
        os.kill(int(token.rpartition("-")[2]), 0)
    except PermissionError:
        return True  # another person's
    except (OSError, OverflowError, ValueError):
        return False
    return True


def _take(file: IO[bytes]) -> bool:
    """Lock the file for this process without waiting; False where another one holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
