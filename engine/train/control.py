"""How the outside speaks to a run: flags and one-slot mailboxes that the loop reads between two steps."""

from __future__ import annotations

import threading

from engine.observe.picture import Request


class Control:
    """Given to a training generator beside its job. Any thread may call it; only the loop reads it.

    Plain attribute reads and writes are atomic in CPython, so the loop takes no lock in a step.
    """

    def __init__(self) -> None:
        self.stop_asked = False
        self.pause_asked = False
        self.checkpoint_asked = False
        self.request: Request | None = None  # the latest thing to look at; kept until replaced or cleared
        self.wake = threading.Event()  # set whenever something changed, for a loop that waits while paused

    def stop(self) -> None:
        self.stop_asked = True
        self.wake.set()

    def pause(self) -> None:
        self.pause_asked = True
        self.wake.set()

    def resume(self) -> None:
        self.pause_asked = False
        self.wake.set()

    def ask_checkpoint(self) -> None:
        self.checkpoint_asked = True
        self.wake.set()

    def look(self, request: Request | None) -> None:
        """Ask for pictures until told otherwise: the latest request wins; None asks for no more."""
        self.request = request
        self.wake.set()
