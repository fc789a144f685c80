"""What a screen reader is told unasked. A person who listens can take in one thing at a time: news of one topic come at
most every so often, and the newest is what is told."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

Telling = Callable[[], str]  # asked when its time has come; an empty text: there is nothing to tell any more


def announce(widget: QWidget, text: str) -> None:
    """Tell a screen reader `text`, politely: it comes after what is being said."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class Announcer(QObject):
    """`clock` gives seconds (a test gives its own)."""

    def __init__(self, window: QWidget, clock: Callable[[], float] = time.monotonic):
        super().__init__(window)
        self._window, self._clock = window, clock
        self._told: dict[str, float] = {}  # when something was told last, by topic
        self._waiting: dict[str, Telling] = {}

    def say(self, topic: str, telling: Telling, pause: float = 0.0) -> None:
        """Tell it at once, or `pause` seconds after the last of its topic, where nothing newer has come by then."""
        left = self._told[topic] + pause - self._clock() if topic in self._told else 0.0
        if left <= 0:
            self._waiting.pop(topic, None)
            self._tell(topic, telling)
            return
        if topic not in self._waiting:
            QTimer.singleShot(round(1000 * left) + 1, self, lambda: self.release(topic))
        self._waiting[topic] = telling

    def release(self, topic: str) -> None:
        """Tell what waits of a topic."""
        telling = self._waiting.pop(topic, None)
        if telling is not None:
            self._tell(topic, telling)

    def _tell(self, topic: str, telling: Telling) -> None:
        text = telling()
        if text:
            self._told[topic] = self._clock()
            announce(self._window, text)
