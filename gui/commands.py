"""Undo: one command class, because a design is one value."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from engine.graph.design import Design

MERGE_SECONDS = 1.0  # keystrokes and steps of a drag that follow each other faster become one step


class ChangeDesign(QUndoCommand):
    """From `before` to `after`. Changes with the same `merge_key` that follow each other closely become one."""

    def __init__(
        self, before: Design, after: Design, label: str, apply: Callable[[Design], None], merge_key: str | None = None
    ):
        super().__init__(label)
        self.before, self.after = before, after
        self._apply, self._merge_key = apply, merge_key
        self._time = time.monotonic()

    def id(self) -> int:
        return -1 if self._merge_key is None else hash(self._merge_key) & 0x3FFFFFFF

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChangeDesign) or other._merge_key != self._merge_key:
            return False
        if other._time - self._time > MERGE_SECONDS:
            return False
        self.after, self._time = other.after, other._time
        if self.after == self.before:
            self.setObsolete(True)
        return True

    def undo(self) -> None:
        self._apply(self.before)

    def redo(self) -> None:
        self._apply(self.after)
