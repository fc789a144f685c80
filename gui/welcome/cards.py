"""The templates as cards: a figure of the graph, the title, one sentence, and what it learns from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from engine.data import source
from engine.graph.design import Design
from engine.project import templates
from engine.project.templates import TemplateInfo
from gui.theme import theme
from gui.theme import tokens as t
from gui.welcome import figure, paint
from gui.widgets.numbers import plural

PICTURE, TEXT, GAP = 118, 122, 18  # heights at 100 %, and what is between two cards
LEAST_WIDTH, MOST_COLUMNS = 236, 4
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class TemplateCard(QAbstractButton):
    """One template; a click, Space or Enter chooses it. Its figure comes later: `draw` makes it."""

    def __init__(self, info: TemplateInfo, parent: QWidget | None = None):
        super().__init__(parent)
        self.info = info
        self._design: Design | None = None
        self._chips: tuple[str, ...] = ()
        self._picture: QPixmap | None = None
        self.setAccessibleName(f"Template {info.title}")
        self.setAccessibleDescription(info.summary)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self._picture = None
        self.setFixedHeight(PICTURE + round(TEXT * theme.scale))
        self.update()

    @property
    def drawn(self) -> bool:
        return self._design is not None

    def draw(self) -> None:
        """Load the template and show its figure."""
        self._design = templates.load(self.info.name)
        self._chips = chips(self._design)
        self.setAccessibleDescription(f"{self.info.summary} {', '.join(self._chips)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.height())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in _ARROWS:
            event.ignore()  # the grid knows where the other cards are; a button by itself goes to whatever is nearest
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.hasFocus() or self.underMouse()
        width = 2.0 if marked else 1.0
        outline = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(outline, t.CARD_RADIUS, t.CARD_RADIUS)
        top = QRect(0, 0, self.width(), PICTURE)
        painter.save()
        painter.setClipRect(top)
        painter.setBrush(theme.colour("canvas"))
        painter.drawRoundedRect(outline, t.CARD_RADIUS, t.CARD_RADIUS)
        painter.restore()
        self._paint_picture(painter, top.size())
        painter.fillRect(QRect(1, PICTURE, self.width() - 2, 1), theme.colour("line"))
        self._paint_text(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = painter.pen()
        pen.setColor(theme.colour("accent" if marked else "line"))
        pen.setWidthF(width)
        painter.setPen(pen)
        painter.drawRoundedRect(outline, t.CARD_RADIUS, t.CARD_RADIUS)

    def _paint_picture(self, painter: QPainter, size: QSize) -> None:
        if self._design is None:
            return
        if self._picture is None or self._picture.deviceIndependentSize().toSize() != size:
            self._picture = paint.pixmap(figure.figure(self._design), size, self.devicePixelRatioF())
        painter.drawPixmap(0, 0, self._picture)

    def _paint_text(self, painter: QPainter) -> None:
        left, right = 12, self.width() - 12
        y = PICTURE + round(11 * theme.scale)
        title = theme.font(t.NAME, 600)
        painter.setFont(title)
        painter.setPen(theme.colour("text"))
        line = QFontMetrics(title).height()
        name = QFontMetrics(title).elidedText(self.info.title, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, y, right - left, line), Qt.AlignmentFlag.AlignVCenter, name)
        chip_height = round(18 * theme.scale)
        chip_top = self.height() - chip_height - 11
        painter.setFont(theme.font(t.SMALL))
        painter.setPen(theme.colour("text2"))
        body = QRect(left, y + line + 3, right - left, chip_top - y - line - 6)
        painter.drawText(body, Qt.TextFlag.TextWordWrap, self.info.summary)
        self._paint_chips(painter, left, chip_top, right, chip_height)

    def _paint_chips(self, painter: QPainter, left: int, top: int, right: int, height: int) -> None:
        font = theme.font(t.AXIS)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        for chip in self._chips:
            width = metrics.horizontalAdvance(chip) + 10
            if left + width > right:
                break
            box = QRectF(left, top, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.colour("text2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, chip)
            left += width + 5


class CardGrid(QWidget):
    """All templates, as many beside each other as fit. Arrow keys go from card to card. `chosen(name)`."""

    chosen = Signal(str)

    def __init__(self, infos: Sequence[TemplateInfo], parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Templates")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._columns = 0
        self.cards = [TemplateCard(info, self) for info in infos]
        for card in self.cards:
            card.clicked.connect(lambda _checked=False, name=card.info.name: self.chosen.emit(name))
        self._drawing = QTimer(self, interval=0)
        self._drawing.timeout.connect(self._draw_next)
        self._arrange()

    def start_drawing(self) -> None:
        """One figure after the other, whenever there is nothing else to do."""
        self._drawing.start()

    def _draw_next(self) -> None:
        card = next((card for card in self.cards if not card.drawn), None)
        if card is None:
            self._drawing.stop()
        else:
            card.draw()

    def filter(self, text: str) -> int:
        """Show those that have every word of `text`; how many there are."""
        words = text.lower().split()
        for card in self.cards:
            told = f"{card.info.title} {card.info.summary} {card.info.name} {card.accessibleDescription()}".lower()
            card.setVisible(all(word in told for word in words))
        self._columns = 0
        self._arrange()
        return len(self._shown())

    def _shown(self) -> list[TemplateCard]:
        return [card for card in self.cards if not card.isHidden()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        least = round(LEAST_WIDTH * max(1.0, theme.scale))
        columns = max(1, min(MOST_COLUMNS, (self.width() + GAP) // (least + GAP)))
        if columns == self._columns:
            return
        self._columns = columns
        for card in self.cards:
            self._grid.removeWidget(card)
        for number, card in enumerate(self._shown()):
            self._grid.addWidget(card, number // columns, number % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a card has left alone."""
        steps: dict[int, int] = dict(zip(_ARROWS, (-1, 1, -self._columns, self._columns), strict=True))
        shown = self._shown()
        here = next((number for number, card in enumerate(shown) if card.hasFocus()), None)
        step = steps.get(event.key())
        if step is None or here is None:
            super().keyPressEvent(event)
        elif 0 <= here + step < len(shown):
            shown[here + step].setFocus(Qt.FocusReason.TabFocusReason)


def chips(design: Design) -> tuple[str, ...]:
    """What it learns from, how many layers it has and for how long it trains, each in a word or two."""
    titles = {info.name: info.title for info in source.available()}
    data = titles.get(design.data.source, design.data.source)
    layers = len(design.graph.nodes)
    return tuple(
        text
        for text in (
            data,
            plural(layers, "node") if layers else "",
            plural(design.recipe.epochs, "epoch") if layers and design.recipe.epochs else "",
        )
        if text
    )
