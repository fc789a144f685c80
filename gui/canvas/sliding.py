"""Nodes that an edit has moved slide to their places: the design has them there at once, only what is shown is on the
way. A step is a few operations on whole arrays, however many nodes move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from engine.graph.design import Design
from engine.graph.model import NodeId
from gui.theme import motion

if TYPE_CHECKING:
    from gui.canvas.stage import Stage

Array = np.ndarray[Any, Any]


class Sliding(QObject):
    """One movement at a time: the next edit, and a hand on the canvas, end it."""

    def __init__(self, stage: Stage):
        super().__init__(stage)
        self._stage = stage
        self._nodes: list[NodeId] = []
        self._rows = np.zeros(0, np.intp)
        self._from = self._to = np.zeros((0, 2))
        self._animation = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.valueChanged.connect(self._on_step)
        self._animation.finished.connect(self.end)

    @property
    def active(self) -> bool:
        return bool(self._nodes)

    def change(self, design: Design, label: str) -> None:
        """Make an edit that moves nodes; one undo step."""
        stage, document = self._stage, self._stage.document
        self.end()
        rows_before, places = dict(stage.arrays.row), stage.arrays.rects[:, :2].copy()
        document.change(design, label)
        length = motion.milliseconds(motion.FIT)
        if not length or not stage.isVisible():
            return
        after = stage.arrays.rects[:, :2]
        before = after.copy()  # what is new is where it is
        known = np.array([rows_before.get(n, -1) for n in stage.arrays.ids], np.intp)
        before[known >= 0] = places[known[known >= 0]]
        rows = np.flatnonzero((before != after).any(axis=1))
        if not len(rows):
            return
        self._nodes = [stage.arrays.ids[row] for row in rows.tolist()]
        self._rows, self._from, self._to = rows, before[rows], after[rows].copy()
        self._animation.setDuration(length)
        self._animation.start()
        self._on_step(0.0)

    def bounds(self) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) around all nodes where the design has them; None where there are none."""
        arrays = self._stage.arrays
        if not self._nodes:
            return arrays.bounds()
        rects = arrays.rects.copy()
        rects[self._rows, :2] = self._to
        (left, top), (right, bottom) = (
            rects[:, :2].min(axis=0).tolist(),
            (rects[:, :2] + rects[:, 2:]).max(axis=0).tolist(),
        )
        return left, top, right, bottom

    def end(self) -> None:
        """Everything is shown where the design has it; also when it has run out."""
        if not self._nodes:
            return
        nodes, self._nodes = self._nodes, []
        self._animation.stop()
        self._stage.arrays.put_back(nodes)  # by id: the graph may be another by now
        self._stage.layer.update()

    def _on_step(self, share: float) -> None:
        if self._nodes:
            self._stage.arrays.put(self._rows, self._from + (self._to - self._from) * share)
            self._stage.layer.update()
