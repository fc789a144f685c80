"""Who a temporary or recovery file belongs to: one running process, told by a token in the file's name.

A process holds a lock on a file of its own for as long as it lives; the system lets go of it however the process ends.
So a dead owner is known for certain, even where its process number is in use again after a restart.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import platform
import threading
import time
from typing import IO

import platformdirs

FOREIGN_SECONDS = 24 * 3600.0  # another computer's file that was not touched for so long is taken for left behind

_held: dict[str, IO[bytes]] = {}  # the locks of this process; never closed
_lock = threading.Lock()


def state_folder() -> pathlib.Path:
    """Where Strata keeps what is not a person's document: recovery files, locks, the list of its own files."""
    return pathlib.Path(platformdirs.user_state_dir("strata", appauthor=False))


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def me() -> str:
    """This process's token, ‘host-pid’; its lock is held from the first call on."""
    token = f"{_host()}-{os.getpid()}"
    place = state_folder() / "owners" / f"{token}.lock"
    with _lock:
        if str(place) not in _held:
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                file = place.open("ab")
                if _take(file):
                    _held[str(place)] = file
                else:
                    file.close()
            except OSError:
                pass  # without a lock others will take this process for dead; nothing is lost by that but a temp file
    return token


def alive(token: str, touched: float) -> bool:
    """Whether the owner still runs. `touched` is when its file was last written (for owners on other computers)."""
    if token == f"{_host()}-{os.getpid()}":
        return True
    if not token.startswith(_host() + "-"):
        return time.time() - touched < FOREIGN_SECONDS
    place = state_folder() / "owners" / f"{token}.lock"
    try:
        with place.open("r+b") as file:
            if not _take(file):
                return True
    except FileNotFoundError:
        return False
    except OSError:
        return True  # cannot be told: leave its files alone
    place.unlink(missing_ok=True)
    return False


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
