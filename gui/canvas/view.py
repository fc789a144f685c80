"""The canvas: the document's graph, and every way of editing it with mouse and keys.

What the mouse does is told in gui.canvas.pointing; keys come as the actions of the window (gui.actions).
"""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from engine.check.report import TensorSpec
from engine.graph.design import Design, Place
from engine.graph.model import NodeId, Wire
from engine.observe.history import History
from gui import adding
from gui.canvas import backdrop, editing, menu, tips
from gui.canvas import geometry as g
from gui.canvas.content import counted
from gui.canvas.empty import EmptyCanvas
from gui.canvas.find_bar import FindBar
from gui.canvas.minimap import Minimap
from gui.canvas.pointing import Pointing
from gui.canvas.popups import Popups
from gui.canvas.stage import Stage
from gui.canvas.wanted import WantedPictures
from gui.document import Document
from gui.shortcuts.bound import Actions
from gui.theme import theme
from gui.widgets.numbers import thousands

RING = 2  # the focus ring lies in a margin around the viewport, so that scrolling never smears it
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
HANDED_ON = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.OtherFocusReason)  # of what was closed, most by a key
MOST_PARTS = 32  # of a frame that are looked at one by one


class CanvasView(Stage):
    """Shows and edits the graph of a Document.

    views_wanted(tuple of View)   the pictures that the visible nodes can show; again whenever those are others
    templates_requested()         the button of the empty canvas
    preview_wanted(Graph, Wire)     what would come of a wire that is being drawn? `show_preview` takes the answer
    probe_requested(int)          another probe sample is wanted
    add_by_name_requested(QPointF)  the panel for adding by name was opened for this place
    """

    views_wanted = Signal(object)
    templates_requested = Signal()
    probe_requested = Signal(int)
    preview_wanted = Signal(object, object)
    add_by_name_requested = Signal(QPointF)

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(document, parent)
        self.pointing = Pointing(self)
        self._ring = False
        self._pictures = WantedPictures(self)
        self._make_widgets()
        self._connect()
        self._describe()

    def _make_widgets(self) -> None:
        for part in (self, self.viewport()):  # Qt says of both that they have the focus
            part.setAccessibleName("Canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setViewportMargins(RING, RING, RING, RING)
        self.empty = EmptyCanvas(self.viewport())
        self.popups = Popups(self)
        self.find_bar = FindBar(self)
        self.minimap = Minimap(self)
        self.commands: Actions | None = None  # of the window; the context menu is made of them
        self.asked_at: QPointF | None = None  # where on the canvas that menu was asked for

    def _connect(self) -> None:
        document = self.document
        document.design_changed.connect(self._on_design_changed)
        document.problems_changed.connect(self._describe)
        document.selection_changed.connect(self._on_selection_changed)
        document.nodes_inserted.connect(self._on_nodes_inserted)
        self.watcher.shown_changed.connect(self._pictures.look_soon)
        self.view_changed.connect(self._on_view_changed)
        self.empty.templates_requested.connect(self.templates_requested)
        theme.changed.connect(self.viewport().update)

    # -- what others ask -----------------------------------------------------------------------
    def show_history(self, history: History | None) -> None:
        """The losses so far, for the loss's node."""
        self.watcher.show_history(history)

    def delete_selection(self) -> None:
        editing.delete_selection(self)

    def select_all(self) -> None:
        self.document.select(frozenset(self.document.design.graph.nodes))

    def rename_selected(self) -> None:
        if len(self.document.selection) == 1:
            self.rename(next(iter(self.document.selection)))

    def rename(self, node: NodeId) -> None:
        """Edit a node's name where it stands."""
        self.popups.rename(node)

    def edit_parameter(self, node: NodeId) -> None:
        """Edit a node's main parameter where it stands."""
        self.popups.edit_parameter(node)

    def edit_selected_parameter(self) -> None:
        if len(self.document.selection) == 1:
            self.edit_parameter(next(iter(self.document.selection)))

    def open_add_by_name(
        self,
        pos: QPointF | None = None,
        wire_from: tuple[NodeId, str] | None = None,
        wire_to: tuple[NodeId, str] | None = None,
        moved: Wire | None = None,
    ) -> None:
        """Let a layer be chosen by its name. It goes to `pos` (canvas units), or after the one selected node. `moved`
        is a wire whose end goes to it."""
        self.add_by_name_requested.emit(self.popups.open_add_by_name(pos, wire_from, wire_to, moved))

    def add_layer(self, kind: str, **where: Any) -> NodeId:
        """gui.adding.add_layer, and scroll to the new node."""
        node = adding.add_layer(self.document, kind, **where)
        self.reveal(node)
        return node

    def apply_fix(self, node: NodeId) -> None:
        """The remedy whose button stands on the node."""
        fix = self.layer.describer.fix_of(node)
        if fix is not None:
            self.document.apply_fix(fix)

    def counted(self, verb: str, count: int, node: NodeId) -> str:
        return editing.counted(self, verb, count, node)

    def show_preview(self, wire: Wire, outcome: TensorSpec | str | None) -> None:
        """What would come of a wire that is being drawn: the answer to `preview_wanted`."""
        self.pointing.show_preview(wire, outcome)

    # -- mouse: see gui.canvas.pointing ---------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.popups.take()
        self._show_ring(False)
        self.pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointing.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointing.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.pointing.wheel(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointing.leave()

    def cancel_gesture(self) -> bool:
        """Whether there was one."""
        return self.pointing.cancel()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            if self.viewport().childAt(event.pos()) is not None:
                return True  # over a list or the minimap, which passed it on: what lies below is not meant
            text = tips.tip(self, self.hit(self.mapToScene(event.pos())))
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self.zoom * (1 + event.value()), event.position())
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.pointing.busy:
            by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
            menu.open_menu(self, event.globalPos(), None if by_key else self.mapToScene(event.pos()))

    def forget_place(self) -> None:
        self.asked_at = None

    def asked_place(self) -> Place | None:
        """Where something new goes: where the menu was asked for, or where the mouse is while the canvas has the focus;
        None where neither is on the canvas."""
        point = self.asked_at
        if point is None and self.pointing.over and self.hasFocus():
            point = self.viewportTransform().inverted()[0].map(self.pointing.pointer)
        return (g.snap(point.x()), g.snap(point.y())) if point is not None else None

    def add_where_asked(self) -> None:
        """Add a layer by name where the context menu was asked for, else after the selected one."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.open_add_by_name(self.asked_at)

    def open_menu(self) -> None:
        """The context menu of the selection, beside it."""
        menu.open_menu(self, self.mapToGlobal(QPoint(40, 40)), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.pointing.drag_enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.pointing.drag_move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.pointing.cancel()

    def dropEvent(self, event: QDropEvent) -> None:
        self.pointing.drop(event)

    # -- keys -----------------------------------------------------------------------------------------
    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab adds a layer by name; Shift+Tab and F6 leave the canvas."""
        return False if following else super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.pointing.hold_space(True)
            event.accept()
        else:
            event.ignore()  # commands have come as shortcuts before; what is left is for the window

    def _is_command(self, event: QKeyEvent) -> bool:
        """Whether the key is that of a command, of the canvas or of the window."""
        pressed = QKeySequence(event.keyCombination())
        known = (*self.actions(), *self.window().actions())
        return any(pressed in action.shortcuts() for action in known)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.pointing.hold_space(False)
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        handed_on = event.reason() in HANDED_ON and QApplication.mouseButtons() == Qt.MouseButton.NoButton
        self._show_ring(event.reason() in BY_KEY or handed_on)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointing.hold_space(False)
        self.update()

    def _show_ring(self, shown: bool) -> None:
        """The focus ring is for who uses the keys; a click on the canvas puts it away."""
        if shown != self._ring:
            self._ring = shown
            self.update()

    # -- looks ------------------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_command(event):
            self._show_ring(True)
        if event.type() == QEvent.Type.Paint:
            backdrop.paint_ring(self, self._ring and self.hasFocus())
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the layer the parts that changed: their bounding rectangle may hold many nodes that did not."""
        region = event.region()
        few = 1 < region.rectCount() <= MOST_PARTS
        back = self.viewportTransform().inverted()[0]
        self.layer.exposed = [back.mapRect(QRectF(part)) for part in cast(Any, region)] if few else []
        super().paintEvent(event)
        self.layer.exposed = []

    def drawBackground(self, painter: QPainter, rect: QRectF | Any) -> None:
        backdrop.paint_dots(painter, QRectF(rect))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.empty.centre()
        self.find_bar.place()

    def _on_view_changed(self) -> None:
        self.popups.take()
        if self.empty.isVisible():
            self.empty.centre()
        self._pictures.look_soon()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._pictures.look_soon()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._pictures.look_soon()

    # -- the document --------------------------------------------------------------------------------------
    def _on_design_changed(self, before: Design, after: Design) -> None:
        self.pointing.forget()
        self._describe()
        self._pictures.look_soon()

    def _on_selection_changed(self, nodes: frozenset[NodeId]) -> None:
        if nodes:
            self.select_wires(frozenset())
        self._describe()

    def _on_nodes_inserted(self, nodes: frozenset[NodeId]) -> None:
        for node in nodes:
            self.reveal(node)

    def _describe(self) -> None:
        """Counts for screen readers; the Outline tells the graph itself."""
        graph = self.document.design.graph
        errors = len(self.document.report.errors)
        parts = [
            counted(len(graph.nodes), "layer"),
            counted(len(graph.wires), "wire"),
            *([counted(len(self.drawn.notes), "note")] if self.drawn.notes else []),
            *([counted(len(self.drawn.frames), "frame")] if self.drawn.frames else []),
            f"{thousands(len(self.document.selection))} selected",
            counted(errors, "error") if errors else "no errors",
        ]
        self.setAccessibleDescription(", ".join(parts))
        self.empty.setVisible(not graph.nodes and self.drawn.bounds() is None)
        if self.empty.isVisible():
            self.empty.centre()
