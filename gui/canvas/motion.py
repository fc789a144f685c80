"""Nodes that come and go fade in and out: only they are painted apart, and nothing runs when they have arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPixmap, QTransform

from engine.graph.design import Design
from engine.graph.model import NodeId
from gui.canvas.wires import wire_bounds
from gui.theme import motion

if TYPE_CHECKING:
    from gui.canvas.stage import Stage

Array = np.ndarray[Any, Any]

MOST = 24  # nodes at a time: more than these come and go at once
MARGIN = 12.0


class Fading(QObject):
    """One animation for what an edit has put in and taken out. The next edit ends it."""

    def __init__(self, stage: Stage):
        super().__init__(stage)
        self._stage = stage
        self._gone: tuple[QPixmap, QRectF] | None = None  # a picture of the removed nodes, and its place on the canvas
        self._arriving: list[NodeId] = []
        self.area = QRectF()  # what each step repaints: the nodes with all of their wires
        self._animation = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_step)
        self._animation.finished.connect(self.end)

    @property
    def active(self) -> bool:
        return self._gone is not None or bool(self._arriving)

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return float(self._animation.currentValue() or 0.0)

    def leave(self, before: Design, after: Design) -> None:
        """To be called before the arrays know of `after`: keeps a picture of the nodes that go."""
        self.end()
        length = motion.milliseconds(motion.NODE)
        old, new = before.graph.nodes, after.graph.nodes
        # Most edits are no coming or going; a project that is opened shares nothing with the one before.
        if not length or old is new or not self._stage.isVisible() or not old or old.keys().isdisjoint(new):
            return
        gone = old.keys() - new.keys()
        come = new.keys() - old.keys()
        rows = self._seen([self._stage.arrays.row[n] for n in gone if n in self._stage.arrays.row])
        if rows is not None:
            self._gone = self._picture(rows)
        if len(come) <= MOST:
            self._arriving = list(come)

    def start(self) -> None:
        """To be called when the arrays show the design that `leave` was told of."""
        stage = self._stage
        if not self.active:
            return
        rows = self._seen([stage.arrays.row[n] for n in self._arriving if n in stage.arrays.row])
        if rows is None:
            self._arriving = []
        else:
            stage.layer.lifted = stage.arrays.mask(rows)
            bounds = stage.arrays.bounds(rows)
            assert bounds is not None
            self.area = QRectF(QPointF(*bounds[:2]), QPointF(*bounds[2:]))
            self.area |= wire_bounds(stage.arrays, stage.arrays.wires_of(rows))
        if self._gone is not None:
            self.area |= self._gone[1]
        if not self.active:
            return
        self._animation.setDuration(motion.milliseconds(motion.NODE))
        self._animation.start()

    def end(self) -> None:
        """At once; also when it has run out."""
        if not self.active:
            return
        self._animation.stop()
        if self._arriving:
            self._stage.layer.lifted = None
        self._gone, self._arriving = None, []
        self._stage.layer.update()

    def _on_step(self) -> None:
        self._stage.overlay.update(self.area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    def _seen(self, rows: list[int]) -> Array | None:
        """Those of a few rows that are in sight; None where there are none, or too many."""
        found = np.intersect1d(np.array(rows, np.intp), self._stage.visible_rows())
        return found if 0 < len(found) <= MOST else None

    def _picture(self, rows: Array) -> tuple[QPixmap, QRectF] | None:
        stage = self._stage
        bounds = stage.arrays.bounds(rows)
        assert bounds is not None
        area = QRectF(QPointF(*bounds[:2]), QPointF(*bounds[2:])).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        area &= stage.visible_rect()
        zoom, dpr = stage.zoom, stage.devicePixelRatioF()
        if area.isEmpty():
            return None
        picture = QPixmap((area.size() * zoom * dpr).toSize())
        picture.setDevicePixelRatio(dpr)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setTransform(QTransform(zoom, 0, 0, zoom, -area.left() * zoom, -area.top() * zoom))
        stage.layer.faces.begin_frame()
        stage.layer.paint_graph(painter, rows, np.zeros(0, np.intp), painter.worldTransform(), dpr)
        painter.end()
        return picture, area

    def paint_gone(self, painter: QPainter) -> None:
        if self._gone is not None:
            painter.setOpacity(1.0 - self.share)
            painter.drawPixmap(self._gone[1], self._gone[0], QRectF(self._gone[0].rect()))
            painter.setOpacity(1.0)
