"""Ctrl-C, a polite kill and a terminal that closes: they stop a training after its step, and what was learned is saved.

Nothing sent a second time cuts the saving short; only kill -9 does, and that leaves the last checkpoint.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from typing import Any

from engine.train.control import Control

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

_WORDS = ("stopping after this step and saving.", "still saving what was learned; please wait.")


class Interrupts:
    """While this context lasts, a signal stops the run through `control`; `status` is then what to exit with, else 0.

    It is to last until what was learned is on the disk. `earlier`: the signals that have come before. Each of them
    raised KeyboardInterrupt, which a library that was just being loaded may have swallowed: then it counts now.
    """

    def __init__(self, earlier: Sequence[int] = ()) -> None:
        self._earlier = earlier
        self.control = Control()
        self.status = self._signals = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in SIGNALS:
            if number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup
            with contextlib.suppress(ValueError):  # not in the main thread: nobody can interrupt us there
                self._before[number] = signal.signal(number, self._on_signal)
        if self._earlier:
            self.__exit__()
            raise KeyboardInterrupt(self._earlier[0])
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            ending = number == signal.SIGINT and self.status  # one more Ctrl-C must not break into the program's end
            signal.signal(number, signal.SIG_IGN if ending else handler)

    def _on_signal(self, number: int, _frame: object) -> None:
        self._signals += 1
        self.status = self.status or 128 + number
        self.control.stop()
        if self._signals <= len(_WORDS):
            _say(_WORDS[self._signals - 1])


def _say(sentence: str) -> None:
    """Past Python's buffers, in whose midst the signal may have come."""
    with contextlib.suppress(OSError):
        os.write(2, f"\nstrata: {sentence}\n".encode())
