"""How far a run is and how long it will take, from what it tells. No Qt here."""

from __future__ import annotations

import statistics
import time
from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 30.0  # the remaining time follows the median speed of this long


@dataclass(frozen=True, slots=True)
class Progress:
    """`epoch` counts from 1 (the one under way), `fraction` is how much of it is done. `steps` is the number of steps
    of the whole run, those of earlier sessions included. `samples_per_second` and `seconds_left` are None until known.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    fraction: float
    samples_per_second: float | None = None
    seconds_left: float | None = None

    @property
    def done(self) -> float:
        """How much of the whole run is done, 0 to 1."""
        return min(1.0, self.step / self.steps) if self.steps else 0.0

    @property
    def left_text(self) -> str:
        """‘about 35 s left’, rounded as coarsely as the figure is uncertain."""
        return "" if self.seconds_left is None else f"about {duration_text(self.seconds_left)} left"


def duration_text(seconds: float) -> str:
    """‘5 s’, ‘35 s’, ‘4 min’, ‘1 h 20 min’."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60 // 5 * 5} min" if minutes < 600 else f"{round(minutes / 60)} h"


class Pace:
    """The speed of a run: the median over the last 30 s of its steps per second, each taken over about a second."""

    def __init__(self) -> None:
        self._speeds: deque[tuple[float, float]] = deque()  # (when, steps per second)
        self._mark: tuple[float, int] | None = None

    def add(self, step: int, now: float | None = None) -> None:
        """The run has come to `step`."""
        now = time.monotonic() if now is None else now
        if self._mark is None:
            self._mark = (now, step)
            return
        then, before = self._mark
        soon = 0.2 if len(self._speeds) < 3 else 1.0  # a first figure comes quickly
        if now - then < soon or step <= before:
            return
        self._speeds.append((now, (step - before) / (now - then)))
        self._mark = (now, step)
        while self._speeds and now - self._speeds[0][0] > WINDOW_SECONDS:
            self._speeds.popleft()

    def pause(self) -> None:
        """The time until the next step does not count."""
        self._mark = None

    @property
    def steps_per_second(self) -> float | None:
        return statistics.median(speed for _, speed in self._speeds) if self._speeds else None
