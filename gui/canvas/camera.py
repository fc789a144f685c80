"""What part of the canvas is shown: zoom, scroll, fit. A QGraphicsView without gestures or contents."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView, QWidget

from gui.canvas.graph_layer import EXTENT

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
        self.set_zoom(self.zoom * STEP)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom / STEP)

    def zoom_reset(self) -> None:
        """To 100 %."""
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
        self.set_zoom(zoom)
        self.centre(rect.center())

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
        zoom, x, y = state
        self.set_zoom(zoom)
        self.centre(QPointF(x, y))
