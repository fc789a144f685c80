"""Which pictures the canvas can show now: those of the nodes on the screen, asked for once it has come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.graph.model import NodeId
from engine.observe.picture import PictureKind, View

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

REST = 120  # milliseconds without a scroll, zoom or edit
MOST = 48  # nodes at a time
UNITS = 16


class WantedPictures(QObject):
    """Emits the view's `views_wanted` whenever they are others than before."""

    def __init__(self, view: CanvasView):
        super().__init__(view)
        self._view = view
        self._views: tuple[View, ...] = ()
        self._timer = QTimer(self, singleShot=True, interval=REST)
        self._timer.timeout.connect(self._on_rest)

    def look_soon(self) -> None:
        self._timer.start()

    def _on_rest(self) -> None:
        nodes = [node for node in self._view.visible_nodes()[:MOST] if self._has_room(node)]
        kind: PictureKind = "field" if self._view.watcher.plane else "feature_maps"
        views = tuple(View((node,), kind, UNITS) for node in nodes)
        if views != self._views:
            self._views = views
            self._view.views_wanted.emit(views)

    def _has_room(self, node: NodeId) -> bool:
        content = self._view.layer.describer.content(node)
        return not content.bare and content.error is None and content.family != "Loss"
