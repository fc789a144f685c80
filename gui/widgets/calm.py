"""Descriptions for screen readers at a calm pace: what changes many times a second is told every few seconds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

CALM_MS = 5000  # a screen reader is given time to read a sentence to its end


class Calm(QObject):
    """Gives `say` what was told last: at once where it is about something else than before, else when `pace` ms have
    passed since it last said something. The last telling always arrives."""

    def __init__(self, say: Callable[[str], None], parent: QObject, pace: int = CALM_MS):
        super().__init__(parent)
        self._say, self._pace = say, pace
        self._about: object = None
        self._waiting: Callable[[], str] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)

    def tell(self, about: object, words: Callable[[], str]) -> None:
        """`words` is asked only when it is said: what takes time to put in words takes none in between."""
        self._waiting = words
        if about != self._about or not self._timer.isActive():
            self._about = about
            self._on_timeout()

    def _on_timeout(self) -> None:
        words, self._waiting = self._waiting, None
        if words is not None:
            self._timer.start(self._pace)
            self._say(words())
