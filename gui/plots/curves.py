"""One plot of curves: raw values faintly under the smoothed line, validation dashed with a mark at each epoch.

pyqtgraph is imported when the first plot is shown, not before: it takes a fifth of a second.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.plots.lines import DASHED, SOLID, LineKey, faint, line_pen, part_style
from gui.plots.series import Curve, Curves, number_text, ticks, value_range
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import ElidedLabel, label

LEFT, BOTTOM = 38, 18  # room for the numbers of the axes at 100 % text size
MARK = 4  # pixels, of a single epoch's point
SPACE = 5  # between what stands in the row over a plot
# What stands beside the keys of the two lines, the best first: their names, and whether their values do too.
NAMED = ((("train", "validation"), True), (("train", "val"), True), (("train", "validation"), False))


class CurvePlot(QWidget):
    """`cursor_moved(epoch)` while the pointer or the arrow keys walk over the plot; NaN when they have left it."""

    cursor_moved = Signal(float)

    def __init__(self, title: str, unit: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.title, self._unit = title, unit
        self._curves = Curves()
        self._logarithmic = False
        self._cursor = math.nan
        self._plot: Any = None
        self._items: dict[str, Any] = {}
        self._drawn: dict[str, Curve] = {}  # what each line shows: one that has not changed is let be
        self._end = 1.0
        self._y_range = (0.0, 1.0)
        self._zoomed = False
        self.setAccessibleName(f"{title} curves")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._named, self._valued, self._names = False, True, {"train": "", "validation": ""}
        self._where = label("", "caption")
        self._values = {"train": label("–", "small"), "validation": label("–", "small")}
        self._build_layout()
        theme.changed.connect(self._on_theme_changed)

    def _build_layout(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(2, 0, 6, 0)
        row.setSpacing(SPACE)
        self._heading = label(self.title)
        self._heading.setFont(theme.font(t.SMALL, 600))
        row.addWidget(self._heading)
        row.addWidget(self._where)
        row.addStretch(1)
        for key, token, dash in (("train", "train", SOLID), ("validation", "val", DASHED)):
            row.addWidget(LineKey(token, dash))
            row.addWidget(self._values[key])
            self._values[key].setAccessibleName(f"{self.title}, {key}")
        self._parts: dict[str, ElidedLabel] = {}
        self._legend = QWidget(self)
        self._legend.setAccessibleName(f"{self.title} of each part")
        self._legend_row = QHBoxLayout(self._legend)
        self._legend_row.setContentsMargins(2, 0, 6, 0)
        self._legend_row.setSpacing(5)
        self._legend.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._legend)
        self._layout = layout

    # -- building, on first show ---------------------------------------------------------
    def _build(self) -> None:
        import pyqtgraph as pg

        plot = pg.PlotWidget(parent=self, enableMenu=False)
        for part in (plot, plot.viewport()):  # Qt says of both that they can have the focus
            part.setAccessibleName(f"{self.title} plot")
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        item: Any = plot.getPlotItem()
        scene: Any = plot.scene()
        item.getViewBox().setDefaultPadding(0.0)
        item.getViewBox().disableAutoRange()
        item.layout.setContentsMargins(0, 2, 6, 0)
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0, hideOverlappingLabels=False)
            axis.enableAutoSIPrefix(False)
        plot.setLogMode(x=False, y=self._logarithmic)
        self._plot = plot
        for name in self._curves.lines():
            self._add_line(name)
        self._items["cursor"] = pg.InfiniteLine(angle=90, movable=False)
        self._items["cursor"].hide()
        item.addItem(self._items["cursor"], ignoreBounds=True)
        scene.sigMouseMoved.connect(self._on_mouse_moved)
        item.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
        item.getViewBox().sigResized.connect(self._show_range)
        item.getViewBox().sigXRangeChanged.connect(self._place_epochs)
        plot.viewport().installEventFilter(self)
        self._unit_label = label("epoch", "axis", plot)
        self._unit_label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layout.addWidget(plot, 1)
        self._place_unit()
        self._on_theme_changed()
        self._draw()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self._plot is None:
            self._build()
        else:
            self._draw()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:  # the window went to another screen
            self._on_theme_changed()
        return super().event(event)

    def _on_theme_changed(self) -> None:
        self._heading.setFont(theme.font(t.SMALL, 600))
        if self._plot is None:
            return
        import pyqtgraph as pg

        plot, item = self._plot, self._plot.getPlotItem()
        plot.setBackground(theme.colour("panel"))
        self._unit_label.setStyleSheet(f"background: {theme.colour('panel').name()}; padding-left: 6px;")
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setTickFont(theme.font(t.AXIS))
            axis.setTextPen(theme.colour("text3"))
            axis.setPen(theme.colour("line"))
            axis.setTickPen(pg.mkPen(theme.colour("line"), width=1))
        item.getAxis("left").setWidth(
            round(LEFT * max(1.0, theme.scale))
        )  # texts that do not fit are not painted at all
        item.getAxis("bottom").setHeight(round(BOTTOM * max(1.0, theme.scale)))
        item.showGrid(x=False, y=True, alpha=1.0 if theme.tokens().dark else 0.9)
        for name in self._curves.lines():
            self._dress_line(name)
        self._items["cursor"].setPen(pg.mkPen(theme.colour("text2"), width=1, style=Qt.PenStyle.DotLine))
        self._place_unit()
        self._draw()

    def _add_line(self, name: str) -> None:
        item = self._plot.plot(connect="finite")
        item.setCurveClickable(False)
        self._items[name] = item
        self._dress_line(name)

    def _dress_line(self, name: str) -> None:
        """Points of single epochs carry a mark: of one epoch alone there is no line yet."""
        token, dash = {"raw": ("train", SOLID), "train": ("train", SOLID), "validation": ("val", DASHED)}.get(
            name
        ) or part_style(list(self._parts).index(name))
        ratio = 1.0 if name == "raw" else self.devicePixelRatioF()  # wide lines of many points take long to paint
        pen, item = line_pen(token, dash, ratio=ratio), self._items[name]
        if name == "raw":
            pen.setColor(faint(token))
        item.setPen(pen)
        item.setSymbolBrush(theme.colour(token))
        item.setSymbolPen(None)
        item.setSymbolSize(MARK)

    # -- the row over the plot ------------------------------------------------------------
    def set_named(self, named: bool) -> None:
        """Whether the names of the lines stand beside their keys: where there is no other legend."""
        self._named = named
        self._fit_header()

    def _fit_header(self) -> None:
        """Where there is no other legend a line's name never gives way: first the cursor's place does, then the name
        gets shorter, then the value goes. The longest values are reckoned with, lest the row jump while it trains."""
        metrics = QFontMetrics(theme.font(t.SMALL))
        texts = ("100.0 %" if self._unit else "0.0000", *(self._text(value) for value in self.values().values()))
        value = max(map(metrics.horizontalAdvance, texts))
        room = self.width() - self._heading.sizeHint().width() - 2 * LineKey.WIDTH - 7 * SPACE
        ways, needed = NAMED if self._named else ((("", ""), True),), 0
        for names, valued in ways:
            needed = sum(metrics.horizontalAdvance(f"{name} " if valued and name else name) for name in names)
            needed += 2 * value if valued else 0
            self._names, self._valued = dict(zip(self._values, names, strict=True)), valued
            if needed <= room:
                break
        room -= needed
        caption = QFontMetrics(theme.font(t.CAPTION))
        places = () if math.isnan(self._cursor) else (f"at epoch {self._cursor:.2f}", f"at {self._cursor:.2f}")
        self._where.setText(next((text for text in places if caption.horizontalAdvance(text) <= room), ""))
        self._draw_values()

    def minimumSizeHint(self) -> QSize:
        """Without what gives way, lest it keep the room that it once had."""
        metrics = QFontMetrics(theme.font(t.SMALL))
        values = (metrics.horizontalAdvance(self._text(value)) for value in self.values().values())
        keys = sum(sorted(values)[-2:]) + 2 * LineKey.WIDTH + 7 * SPACE
        return QSize(self._heading.sizeHint().width() + keys, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_header()

    # -- what is shown --------------------------------------------------------------------
    def set_curves(self, curves: Curves, end: float) -> None:
        """`end` is where the x axis ends, in epochs."""
        if end == self._end and _same(curves, self._curves):
            return
        self._curves, self._end = curves, end
        self._show_parts()
        self._draw()

    def _show_parts(self) -> None:
        """The legend of the parts and their lines, anew where there are other parts."""
        wanted = {f"part/{name}": name for name, _curve in self._curves.parts}
        if list(wanted) == list(self._parts):
            return
        for key in self._parts:
            self._drawn.pop(key, None)
            if (item := self._items.pop(key, None)) is not None:
                self._plot.removeItem(item)
        while (place := self._legend_row.takeAt(0)) is not None:
            if (widget := place.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._parts = {key: ElidedLabel(name, "caption") for key, name in wanted.items()}
        for number, (key, shown) in enumerate(self._parts.items()):
            self._legend_row.addWidget(LineKey(*part_style(number), width=1))
            self._legend_row.addWidget(shown, 1)
            if self._plot is not None:
                self._add_line(key)
        self._legend.setVisible(bool(wanted))

    def set_logarithmic(self, logarithmic: bool) -> None:
        self._logarithmic = logarithmic
        self._drawn.clear()
        if self._plot is not None:
            self._plot.setLogMode(x=False, y=logarithmic)
        self._draw()

    def set_cursor(self, epoch: float) -> None:
        """Show the values at `epoch` (of the last ones: NaN)."""
        self._cursor = epoch
        self._draw_cursor()

    def values(self) -> dict[str, float | None]:
        """The values shown of each line but the raw one: at the cursor, or the last ones."""
        lines = self._curves.lines()
        del lines["raw"]
        here = self._cursor
        return {key: curve.last if math.isnan(here) else curve.at(here) for key, curve in lines.items()}

    def _draw(self) -> None:
        if self._plot is None or not self.isVisible():
            self._draw_values()
            return
        for name, curve in self._curves.lines().items():
            if name not in self._drawn or not curve.same(self._drawn[name]):
                self._draw_line(name, curve)
        low, high = value_range(self._curves, self._logarithmic)
        if self._logarithmic:
            low, high = math.log10(low), math.log10(high)
        self._y_range = (low, high)
        self._place_ticks()
        self._show_range()
        self._draw_cursor()

    def _show_range(self, *_: object) -> None:
        """With room for half a number at both ends of the axis, which would not be painted else, and for the last
        mark."""
        box = self._plot.getPlotItem().getViewBox()
        (low, high), end = self._y_range, max(self._end, 1e-3)
        above = (high - low) * 0.6 * t.AXIS * theme.scale / max(100.0, box.height())
        beyond = end * MARK / max(100.0, box.width())
        box.setYRange(low - above, high + above, padding=0)
        box.setLimits(xMin=0.0, xMax=end + beyond)
        if not self._zoomed:
            box.setXRange(0.0, end + beyond, padding=0)

    def _draw_line(self, name: str, curve: Curve) -> None:
        y = np.where(curve.y > 0, curve.y, np.nan) if self._logarithmic and len(curve.y) else curve.y
        marked = name == "validation" or name in self._parts
        self._items[name].setData(curve.x, y, symbol="o" if marked else None)
        self._drawn[name] = curve

    def _draw_cursor(self) -> None:
        if self._plot is not None:
            line = self._items["cursor"]
            line.setVisible(not math.isnan(self._cursor))
            if not math.isnan(self._cursor):
                line.setPos(self._cursor)
        self._fit_header()

    def _text(self, value: float | None) -> str:
        return number_text(value) + (self._unit if value is not None else "")

    def _draw_values(self) -> None:
        for key, value in self.values().items():
            text = self._text(value)
            if key in self._values:
                self._values[key].setText(f"{self._names[key]} {text if self._valued else ''}".strip())
                self._values[key].setToolTip("" if self._valued else f"{key} {text}")
            else:
                self._parts[key].setText(f"{key.removeprefix('part/')} {text}")

    # -- the cursor --------------------------------------------------------------------------
    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self._plot.getPlotItem().getViewBox()
        inside: QRectF = box.sceneBoundingRect()
        if not inside.contains(position):
            self.cursor_moved.emit(math.nan)
            return
        self.cursor_moved.emit(min(max(box.mapSceneToView(position).x(), 0.0), self._end))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place_unit()
            self._place_ticks()
        elif event.type() == QEvent.Type.Leave:
            self.cursor_moved.emit(math.nan)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.show_all()
            return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _place_ticks(self) -> None:
        most = max(2, min(6, round(self._plot.height() / (24 * max(1.0, theme.scale)))))
        self._plot.getPlotItem().getAxis("left").setTicks([ticks(*self._y_range, self._logarithmic, most)])
        self._place_epochs()

    def _place_epochs(self, *_: object) -> None:
        """Numbers that would reach under the word ‘epoch’ are left out: half a number says another one."""
        box, metrics = self._plot.getPlotItem().getViewBox(), QFontMetrics(theme.font(t.AXIS))
        (low, high), width = box.viewRange()[0], max(1.0, box.width())
        end = self._unit_label.x() - self._plot.getPlotItem().getAxis("left").width()  # of the room for numbers
        most = max(2, min(12, round(width / (48 * max(1.0, theme.scale)))))
        room = ((place, text, (place - low) / (high - low) * width) for place, text in ticks(low, high, False, most))
        shown = [(place, text) for place, text, x in room if x + metrics.horizontalAdvance(text) / 2 < end]
        self._plot.getPlotItem().getAxis("bottom").setTicks([shown])

    def _place_unit(self) -> None:
        """‘epoch’ stands at the right end of its axis, over whatever number is there."""
        size = self._unit_label.sizeHint()
        width, height = size.width() + 4, round(BOTTOM * max(1.0, theme.scale)) - 1
        self._unit_label.setGeometry(self._plot.width() - width, self._plot.height() - height, width, height)

    def _on_zoomed(self, *_: object) -> None:
        self._zoomed = True

    def show_all(self) -> None:
        """Back from a zoom to the whole run."""
        self._zoomed = False
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk over the epochs, Escape lets go."""
        step = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(event.key()))
        if step is not None:
            here = self._end if math.isnan(self._cursor) else self._cursor
            target = math.ceil(here - 1.0) if step < 0 else math.floor(here + 1.0)
            self.cursor_moved.emit(min(max(float(target), 0.0), self._end))
        elif event.key() == Qt.Key.Key_Escape and not math.isnan(self._cursor):
            self.cursor_moved.emit(math.nan)
        else:
            super().keyPressEvent(event)


def _same(a: Curves, b: Curves) -> bool:
    before, after = a.lines(), b.lines()
    return list(before) == list(after) and all(curve.same(after[name]) for name, curve in before.items())
