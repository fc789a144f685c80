"""What part of the canvas is shown: zoom, scroll, fit. A QGraphicsView without gestures or contents.

100 % is as many pixels a canvas unit as the text size says, so all that is written on the canvas grows with it while
nodes stay where a person put them.
"""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from gui.canvas.graph_layer import EXTENT
from gui.theme import motion, theme

SMALLEST, LARGEST = 0.02, 4.0  # of 100 %, as FIT_LARGEST
STEP = 1.2  # one notch of the wheel, one press of Ctrl+=
FIT_MARGIN = 48.0  # pixels
LEAST_MARGIN = 8.0  # where that much makes the difference between all of the graph and a part of it
FIT_LARGEST = 1.0  # fitting never enlarges
SETTLING = 300  # milliseconds that the panels around take for another text size


class Camera(QGraphicsView):
    """Raster viewport, repainting only what has changed. `view_changed` comes after each scroll, zoom and resize."""

    zoom_changed = Signal(float)
    view_changed = Signal()

    def __init__(self, scene: QGraphicsScene, parent: QWidget | None = None):
        super().__init__(scene, parent)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        scene.setSceneRect(-EXTENT, -EXTENT, 2 * EXTENT, 2 * EXTENT)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._text_size = theme.scale  # that the zoom in force was made for
        self._kept: tuple[float, float, float] | None = None  # what is shown while the panels around find their sizes
        self.setTransform(QTransform.fromScale(theme.scale, theme.scale))
        theme.changed.connect(self._on_theme_changed)
        self._fit_when_shown: QRectF | None = None
        self._glide = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._on_glide)
        self._glide_from = self._glide_to = (1.0, 0.0, 0.0)

    # -- where ----------------------------------------------------------------------------
    @property
    def zoom(self) -> float:
        """Pixels on the screen for one canvas unit; `theme.scale` at 100 %."""
        return self.transform().m11()

    def visible_rect(self) -> QRectF:
        """The part of the canvas that the viewport shows."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def scroll_position(self) -> tuple[int, int]:
        return self.horizontalScrollBar().value(), self.verticalScrollBar().value()

    def scroll_by(self, dx: int, dy: int) -> None:
        """Move the window over the canvas by pixels."""
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() + dx)
        vertical.setValue(vertical.value() + dy)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.view_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit_when_shown is not None and self.isVisible():
            rect, self._fit_when_shown = self._fit_when_shown, None
            self.fit_rect(rect)
        elif self._kept is not None:
            self._show_state(self._kept)
        self.view_changed.emit()

    def _on_theme_changed(self) -> None:
        """Another text size: the same share of 100 % around the same middle."""
        if theme.scale == self._text_size:
            return
        self._kept = self._glide_to if self.gliding else self.view_state()
        self._glide.stop()
        self._text_size = theme.scale
        self._show_state(self._kept)
        QTimer.singleShot(SETTLING, self, self._let_go)

    def _let_go(self) -> None:
        self._kept = None

    # -- zoom -----------------------------------------------------------------------------
    def set_zoom(self, zoom: float, around: QPointF | None = None) -> None:
        """Zoom so that what lies at `around` (viewport pixels; the middle by default) stays there."""
        whole = theme.scale
        zoom = min(LARGEST * whole, max(SMALLEST * whole, zoom))
        if abs(zoom / whole - 1) < 0.02:
            zoom = whole
        if zoom == self.zoom:
            return
        around = around if around is not None else QPointF(self.viewport().rect().center())
        fixed = self.viewportTransform().inverted()[0].map(around)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        now = self.viewportTransform().map(fixed)
        self.scroll_by(round(now.x() - around.x()), round(now.y() - around.y()))
        self.zoom_changed.emit(zoom)
        self.view_changed.emit()

    def zoom_in(self) -> None:
        self.stop_gliding()
        self.set_zoom(self.zoom * STEP)

    def zoom_out(self) -> None:
        self.stop_gliding()
        self.set_zoom(self.zoom / STEP)

    def zoom_reset(self) -> None:
        """To 100 %."""
        self.stop_gliding()
        self.set_zoom(theme.scale)

    def centre(self, point: QPointF) -> None:
        now = self.viewportTransform().map(point)
        middle = QPointF(self.viewport().rect().center())
        self.scroll_by(round(now.x() - middle.x()), round(now.y() - middle.y()))

    def fit_rect(self, rect: QRectF, largest: float = FIT_LARGEST) -> None:
        """Show all of a rectangle, no larger than `largest` of 100 %; as soon as the view has its size."""
        room = self.viewport().rect()
        if not self.isVisible() and room.width() < 120:
            self._fit_when_shown = rect
            return
        width, height = max(room.width() - 2 * FIT_MARGIN, 40), max(room.height() - 2 * FIT_MARGIN, 40)
        zoom = min(width / max(rect.width(), 1), height / max(rect.height(), 1), largest * theme.scale)
        self.stop_gliding()
        self.set_zoom(zoom)
        self.centre(rect.center())

    def glide_to(self, rect: QRectF, largest: float = FIT_LARGEST) -> None:
        """`fit_rect`, on a way that the eye can follow; whatever else moves the camera ends it."""
        start = self.view_state()
        self.fit_rect(rect, largest)
        length = motion.milliseconds(motion.FIT)
        if not length or not self.isVisible():
            return
        self._glide_from, self._glide_to = start, self.view_state()
        self._show_state(start)
        self._glide.setDuration(length)
        self._glide.start()

    @property
    def gliding(self) -> bool:
        return self._glide.state() == QVariantAnimation.State.Running

    def stop_gliding(self) -> None:
        """Stay here."""
        self._kept = None
        self._glide.stop()

    def _on_glide(self, share: float) -> None:
        (zoom, x, y), (last, to_x, to_y) = self._glide_from, self._glide_to
        now = zoom * (last / zoom) ** share
        # What is seen of the distance is what the zoom leaves of it: the point moves evenly on the screen.
        way = (1 / zoom - 1 / now) / (1 / zoom - 1 / last) if abs(last / zoom - 1) > 1e-3 else share
        self._show_state((now, x + (to_x - x) * way, y + (to_y - y) * way))

    def _show_state(self, state: tuple[float, float, float]) -> None:
        self.set_zoom(state[0] * theme.scale)
        self.centre(QPointF(state[1], state[2]))

    def fit_start(self, rect: QRectF, smallest: float) -> None:
        """Show all of a rectangle, or, where it would be below `smallest` of 100 %, its top left part at that."""
        self.fit_rect(rect)
        smallest *= theme.scale
        if self.zoom >= smallest:
            return
        self.set_zoom(smallest)
        room = self.viewport().rect()
        x = _start(rect.left(), rect.width(), room.width() / smallest, smallest)
        y = _start(rect.top(), rect.height(), room.height() / smallest, smallest)
        self.centre(QPointF(x, y))

    # -- remembered in the project ---------------------------------------------------------
    def view_state(self) -> tuple[float, float, float]:
        """(share of 100 %, x, y) with the point in the middle."""
        middle = (
            self.viewportTransform().inverted()[0].map(QPointF(self.viewport().rect().center()))
        )  # as `centre` does
        return (self.zoom / self._text_size, middle.x(), middle.y())

    def set_view_state(self, state: tuple[float, float, float]) -> None:
        self.stop_gliding()
        self._show_state(state)


def _start(first: float, length: float, room: float, zoom: float) -> float:
    """What stands in the middle of `room` (all in canvas units): the middle where the whole length fits, else what
    leaves its start in sight."""
    whole = length <= room - 2 * LEAST_MARGIN / zoom
    return first + (length / 2 if whole else min(length / 2, room / 2 - FIT_MARGIN / zoom))
