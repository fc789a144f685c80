"""Qt's bindings must not lose references to None: PySide6 6.12.0 on Python 3.11 aborts after some thousand calls."""

from __future__ import annotations

import sys

from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication


def test_set_pen_keeps_the_references_to_none(qapp: QApplication) -> None:
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    colour = QColor("white")
    painter.setPen(colour)
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.setPen(colour)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 100, f"1,000 calls changed the count of references to None by {after - before}"
