"""How the lines of plots are told apart: colours, dashes, and the short piece of line of a legend."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import theme

Dash = tuple[float, ...]
SOLID: Dash = ()
DASHED: Dash = (5.0, 2.5)
STYLES = (SOLID, DASHED, (1.5, 2.5), (5.0, 2.0, 1.5, 2.0))
PART_TOKENS = ("Convolution", "Recurrent", "Activation", "Normalisation", "Shape", "Loss")


def part_style(number: int) -> tuple[str, Dash]:
    """Colour and dash of the `number`th part: six colours, then the same ones in another dash."""
    return PART_TOKENS[number % len(PART_TOKENS)], STYLES[number // len(PART_TOKENS) % len(STYLES)]


def line_pen(token: str, dash: Dash, width: int = 1, ratio: float = 1.0) -> QPen:
    """A pen for a curve. The dash is in pixels, whatever the width; the pen is cosmetic, as all of plots are: `ratio`
    says how many of the screen's pixels one of the window's is, lest lines be half as wide on a fine screen."""
    pen = QPen(theme.colour(token), width * ratio)
    pen.setCosmetic(True)
    if dash:
        pen.setDashPattern([length / width for length in dash])
    return pen


def faint(token: str, share: float = 0.25) -> QColor:
    """A colour as it looks at `share` opacity on the panel, but opaque: where a line runs over itself, as a noisy one
    of many steps does in every column of pixels, a transparent one would add up to the full colour."""
    over, under = theme.colour(token), theme.colour("panel")
    parts = ((over.redF(), under.redF()), (over.greenF(), under.greenF()), (over.blueF(), under.blueF()))
    return QColor.fromRgbF(*(share * a + (1 - share) * b for a, b in parts))


class LineKey(QWidget):
    """The short piece of line of a legend: solid for training, dashed for validation."""

    WIDTH = 16

    def __init__(self, token: str, dash: Dash, width: int = 2, parent: QWidget | None = None):
        super().__init__(parent)
        self._token, self._dash, self._width = token, dash, width
        self.setFixedSize(self.WIDTH, 14)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(line_pen(self._token, self._dash, self._width, self.devicePixelRatioF()))
        painter.drawLine(0, 7, self.WIDTH, 7)
