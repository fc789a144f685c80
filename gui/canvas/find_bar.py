"""Find in the graph: what is typed marks all layers that fit, on the canvas and in the Outline, at every letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget

from engine.graph.design import Design
from engine.graph.find import find
from engine.graph.model import NodeId
from gui.theme import theme
from gui.widgets.buttons import IconButton
from gui.widgets.containers import SearchField
from gui.widgets.labels import label
from gui.widgets.numbers import plural, thousands

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

INSET, WIDTH = 12, 340


class FindBar(QFrame):
    """In the canvas's upper right corner while something is looked for. Enter goes to the next one, Esc closes."""

    def __init__(self, view: CanvasView):
        super().__init__(view)
        self._view, self._document = view, view.document
        self._before: QWidget | None = None
        self.results: tuple[NodeId, ...] = ()  # the best first
        self._at = -1  # which of them was gone to last
        self.setProperty("role", "popup")
        self.setAccessibleName("Find in graph")
        self.query = SearchField("Find in graph")
        self.count = label("", "caption")
        self._previous = IconButton("caret-up", "Previous one found")
        self._next = IconButton("caret-down", "Next one found")
        self._close = IconButton("x", "Close the search")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.query, 1)
        for part in (self.count, self._previous, self._next, self._close):
            layout.addWidget(part)
        self.query.textChanged.connect(self._search)
        self.query.installEventFilter(self)
        self._previous.clicked.connect(lambda: self.go(-1))
        self._next.clicked.connect(lambda: self.go(1))
        self._close.clicked.connect(self.close_it)
        self._document.design_changed.connect(self._on_design_changed)
        self._document.project_opened.connect(self.close_it)
        self.hide()

    def open(self) -> None:
        """Show it, ready to type; what was typed before is found again."""
        if self.isHidden():
            self._before = QApplication.focusWidget()
        self.show()
        self.place()
        self.raise_()
        self.query.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.query.selectAll()
        self._search(self.query.text())

    def place(self) -> None:
        room = self._view.rect()
        self.resize(min(round(WIDTH * theme.scale), max(120, room.width() - 2 * INSET)), self.sizeHint().height())
        self.move(room.right() - self.width() - INSET, INSET)

    def close_it(self) -> None:
        if self.isHidden():
            return
        self.hide()
        self._take(())
        before, self._before = self._before, None
        (before if before is not None and before.isVisible() else self._view).setFocus(Qt.FocusReason.PopupFocusReason)

    # -- what fits ------------------------------------------------------------------------------------
    def _search(self, text: str) -> None:
        if not self.isHidden():
            self._take(find(self._document.design.graph, text) if text.strip() else ())
            if self.results:
                self._view.reveal(self.results[0])

    def _on_design_changed(self, before: Design, after: Design) -> None:
        if not self.isHidden() and before.graph is not after.graph and self.query.text().strip():
            self._take(find(after.graph, self.query.text()))

    def _take(self, results: tuple[NodeId, ...]) -> None:
        self.results, self._at = results, -1
        self._document.show_found(frozenset(results))
        self._tell()

    def _tell(self) -> None:
        typed, count = self.query.text().strip(), len(self.results)
        place = f"{thousands(self._at + 1)} of {thousands(count)}" if self._at >= 0 else thousands(count)
        self.count.setText(place if typed else "")
        told = plural(count, "layer") + " found" if count else f"Nothing in the graph fits ‘{typed}’" if typed else ""
        if self._at >= 0:
            label = self._document.design.graph.nodes[self.results[self._at]].label
            told = f"{label}, {place} found"
        self.query.setAccessibleDescription(told)
        self.setToolTip(told)
        for button in (self._previous, self._next):
            button.setEnabled(count > 0)

    def go(self, step: int) -> None:
        """Select the next of what was found (1) or the one before (-1), and bring it into sight."""
        if not self.results:
            return
        self._at = (self._at + step) % len(self.results) if self._at >= 0 else min(step, 0) % len(self.results)
        node = self.results[self._at]
        self._document.select(frozenset({node}))
        self._view.centre_on(node)
        self._tell()

    # -- keys -----------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.query or event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.go(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_it()
        else:
            return False
        return True
