"""A line that says how training goes and how long it will still take; on a terminal only."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections import deque
from typing import TextIO

from engine.check.words import counted
from engine.numbers import thousands
from engine.train.events import EpochEnded, Losses, Metrics, Started

WINDOW_SECONDS = 30.0  # the time left is told from the median speed of this long


def time_left(seconds: float) -> str:
    """‘about 35 s left’, rounded so that it does not flicker."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 100:
        return f"about {round(seconds / 5) * 5} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def metrics_text(metrics: Metrics | None) -> str:
    if metrics is None:
        return "none"
    accuracy = "" if metrics.accuracy is None else f", accuracy {100 * metrics.accuracy:.2f} %"
    return f"loss {metrics.loss:.4f}{accuracy}"


class Progress:
    """Shows Started, Losses and EpochEnded events on `stream`; silent between epochs where that is no terminal."""

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self._started: Started | None = None
        self._speeds: deque[tuple[float, float]] = deque()
        self._shown = 0.0

    def show(self, event: Started | Losses | EpochEnded) -> None:
        if isinstance(event, Started):
            self._started = event
            steps = f"{counted(event.steps_per_epoch, 'step')} an epoch, batch {thousands(event.batch_size)}"
            self._line(f"Training on {event.device} ({counted(event.threads, 'thread')}), seed {event.seed}: {steps}")
        elif isinstance(event, Losses):
            self._advance(event)
        else:
            self._line(
                f"Epoch {thousands(event.epoch)}: train {metrics_text(event.train)}; "
                f"validation {metrics_text(event.validation)}; {event.seconds:.1f} s"
            )

    def _advance(self, event: Losses) -> None:
        now = time.monotonic()
        self._speeds.append((now, event.samples_per_second))
        while self._speeds and now - self._speeds[0][0] > WINDOW_SECONDS:
            self._speeds.popleft()
        if not self.live or self._started is None or now - self._shown < 0.1:
            return
        self._shown = now
        begun = self._started
        speed = statistics.median(s for _, s in self._speeds) or 1.0
        total = begun.epochs * begun.steps_per_epoch
        left = max(0, total - event.last) * begun.batch_size / speed
        done = min(1.0, event.last / max(1, total))
        epoch = min(begun.epochs, (event.last - 1) // begun.steps_per_epoch + 1)
        bar = "━" * round(20 * done) + "─" * (20 - round(20 * done))
        text = (
            f"Epoch {thousands(epoch)}/{thousands(begun.epochs)} {bar} {100 * done:3.0f} %  "
            f"loss {event.values[-1]:.4f}  {thousands(round(speed))} samples/s  {time_left(left)}"
        )
        width = shutil.get_terminal_size().columns - 1
        self.stream.write("\r\x1b[2K" + text[:width])
        self.stream.flush()

    def _line(self, text: str) -> None:
        self.stream.write(("\r\x1b[2K" if self.live else "") + text + "\n")
        self.stream.flush()
