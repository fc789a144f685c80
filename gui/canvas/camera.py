"""What part of the canvas is shown: zoom, scroll, fit. A QGraphicsView without gestures or contents."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from gui.canvas.graph_layer import EXTENT
from gui.theme import motion

SMALLEST, LARGEST = 0.02, 4.0
STEP = 1.2  # one notch of the wheel, one press of Ctrl+=
FIT_MARGIN = 48.0  # pixels
FIT_LARGEST = 1.0  # fitting never enlarges


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
        self._fit_when_shown: QRectF | None = None
        self._glide = QVariantAnimation(self, startValue=0.0, endValue=1.0)
        self._glide.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._glide.valueChanged.connect(self._on_glide)
        self._glide_from = self._glide_to = (1.0, 0.0, 0.0)

    # -- where ----------------------------------------------------------------------------
    @property
    def zoom(self) -> float:
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
        self.view_changed.emit()

    # -- zoom -----------------------------------------------------------------------------
    def set_zoom(self, zoom: float, around: QPointF | None = None) -> None:
        """Zoom so that what lies at `around` (viewport pixels; the middle by default) stays there."""
        zoom = min(LARGEST, max(SMALLEST, zoom))
        if abs(zoom - 1) < 0.02:
            zoom = 1.0
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
        self.set_zoom(1.0)

    def centre(self, point: QPointF) -> None:
        now = self.viewportTransform().map(point)
        middle = QPointF(self.viewport().rect().center())
        self.scroll_by(round(now.x() - middle.x()), round(now.y() - middle.y()))

    def fit_rect(self, rect: QRectF, largest: float = FIT_LARGEST) -> None:
        """Show all of a rectangle, no larger than `largest`; as soon as the view has its size."""
        room = self.viewport().rect()
        if not self.isVisible() and room.width() < 120:
            self._fit_when_shown = rect
            return
        width, height = max(room.width() - 2 * FIT_MARGIN, 40), max(room.height() - 2 * FIT_MARGIN, 40)
        zoom = min(width / max(rect.width(), 1), height / max(rect.height(), 1), largest)
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
        self._glide.stop()

    def _on_glide(self, share: float) -> None:
        (zoom, x, y), (last, to_x, to_y) = self._glide_from, self._glide_to
        now = zoom * (last / zoom) ** share
        # What is seen of the distance is what the zoom leaves of it: the point moves evenly on the screen.
        way = (1 / zoom - 1 / now) / (1 / zoom - 1 / last) if abs(last / zoom - 1) > 1e-3 else share
        self._show_state((now, x + (to_x - x) * way, y + (to_y - y) * way))

    def _show_state(self, state: tuple[float, float, float]) -> None:
        self.set_zoom(state[0])
        self.centre(QPointF(state[1], state[2]))

    def fit_start(self, rect: QRectF, smallest: float) -> None:
        """Show all of a rectangle, or, where it would be smaller than `smallest`, its top left part at that zoom."""
        self.fit_rect(rect)
        if self.zoom >= smallest:
            return
        self.set_zoom(smallest)
        room = self.viewport().rect()
        width, height = (room.width() / 2 - FIT_MARGIN) / smallest, (room.height() / 2 - FIT_MARGIN) / smallest
        middle = rect.center()
        self.centre(QPointF(min(middle.x(), rect.left() + width), min(middle.y(), rect.top() + height)))

    # -- remembered in the project ---------------------------------------------------------
    def view_state(self) -> tuple[float, float, float]:
        """(zoom, x, y) with the point in the middle."""
        middle = self.visible_rect().center()
        return (self.zoom, middle.x(), middle.y())

    def set_view_state(self, state: tuple[float, float, float]) -> None:
        self.stop_gliding()
        self._show_state(state)
