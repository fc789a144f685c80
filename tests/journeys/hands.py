"""Hands for the journeys: mouse and keys on widgets that are shown, found by the names that a screen reader reads."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable
from typing import ClassVar, TypeVar

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QTabBar, QTreeView, QWidget

from gui.main_window import MainWindow
from gui.panels import palette_view

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton


class _Pointer(QDrag):
    """What hangs on the pointer: `exec` walks the path, enters and leaves widgets that take drops, and lets go."""

    window: QWidget
    path: ClassVar[list[QPoint]] = []

    def exec(self, actions: Qt.DropAction = Qt.DropAction.CopyAction, *_: object) -> Qt.DropAction:
        data, none = self.mimeData(), Qt.KeyboardModifier.NoModifier
        over: QWidget | None = None
        spot = QPoint()
        while self.path:
            place = self.path.pop(0)
            under = self.window.childAt(place)
            while under is not None and not under.acceptDrops():
                under = under.parentWidget()
            if under is not over:
                if over is not None:
                    QApplication.sendEvent(over, QDragLeaveEvent())
                if under is not None:
                    spot = under.mapFrom(self.window, place)
                    QApplication.sendEvent(under, QDragEnterEvent(spot, actions, data, LEFT, none))
                over = under
            if over is not None:
                spot = over.mapFrom(self.window, place)
                QApplication.sendEvent(over, QDragMoveEvent(spot, actions, data, LEFT, none))
            QTest.qWait(2)
        if over is not None:
            QApplication.sendEvent(over, QDropEvent(QPointF(spot), actions, data, LEFT, none))
        return actions


class Hands:
    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch):
        self.window = window
        monkeypatch.setattr(palette_view, "QDrag", _Pointer)

    # -- finding ----------------------------------------------------------------------
    def find(self, kind: type[W], name: str, seconds: float = 10.0) -> W:
        """The shown widget of that kind whose accessible name or text is `name`."""
        return self.until(lambda: self._shown(kind, name), seconds, f"no {kind.__name__} called {name!r} is shown")

    def _shown(self, kind: type[W], name: str) -> W | None:
        for widget in self.window.findChildren(kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if name in (widget.accessibleName(), text.replace("&", "")) and widget.isVisible():
                return widget
        return None

    def tab(self, name: str) -> None:
        """Click a tab by its text (it may carry a count behind)."""

        def shown():
            for bar in self.window.findChildren(QTabBar):
                for index in range(bar.count()):
                    if bar.isVisible() and bar.tabText(index).startswith(name):
                        return bar, index
            return None

        bar, index = self.until(shown, 10, f"no tab {name!r} is shown")
        self.click(bar, bar.tabRect(index).center())

    def until(self, thing: Callable[[], W | None], seconds: float, complaint: str) -> W:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = thing()
            if found:
                return found
            QTest.qWait(20)
        raise AssertionError(complaint)

    # -- mouse ------------------------------------------------------------------------
    def _handle(self):
        return self.window.windowHandle()

    def _in_window(self, widget: QWidget, point: QPoint | QPointF | None = None) -> QPoint:
        spot = widget.rect().center() if point is None else QPointF(point).toPoint()
        return widget.mapTo(self.window, spot)

    def click(self, widget: QWidget, point: QPoint | QPointF | None = None) -> None:
        assert widget.isVisible() and widget.isEnabled(), f"{widget.accessibleName()} cannot be clicked"
        QTest.mouseClick(self._handle(), LEFT, Qt.KeyboardModifier.NoModifier, self._in_window(widget, point))
        QTest.qWait(10)

    def drag(self, widget: QWidget, start: QPointF, end: QPointF) -> None:
        """Press, move in steps, release, all within one widget."""
        a, b = self._in_window(widget, start), self._in_window(widget, end)
        QTest.mousePress(self._handle(), LEFT, Qt.KeyboardModifier.NoModifier, a)
        for step in range(1, 11):
            QTest.mouseMove(self._handle(), a + (b - a) * step / 10)
            QTest.qWait(2)
        QTest.mouseRelease(self._handle(), LEFT, Qt.KeyboardModifier.NoModifier, b)
        QTest.qWait(20)

    def drag_and_drop(self, source: QWidget, start: QPoint, target: QWidget, end: QPointF) -> None:
        """A drag that carries data. The platform without a screen has none, so its part (to tell the widget under the
        pointer what comes) is played here; how the drag starts and what the target makes of it is the program's."""
        a, b = self._in_window(source, start), self._in_window(target, end)
        _Pointer.window, _Pointer.path = self.window, [a + (b - a) * step / 8 for step in range(1, 9)]
        QTest.mousePress(self._handle(), LEFT, Qt.KeyboardModifier.NoModifier, a)
        for step in (4, 16, 24):
            QTest.mouseMove(self._handle(), a + QPoint(step, step))
        assert not _Pointer.path, "the drag did not start"
        QTest.mouseRelease(self._handle(), LEFT, Qt.KeyboardModifier.NoModifier, b)
        QTest.qWait(20)

    # -- keys -------------------------------------------------------------------------
    def keys(self, text: str) -> None:
        QTest.keyClicks(self._focus(), text)
        QTest.qWait(10)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self._focus(), key, modifiers)
        QTest.qWait(10)

    def control(self, key: Qt.Key) -> None:
        self.key(key, Qt.KeyboardModifier.ControlModifier)

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    # -- things a person does ------------------------------------------------------------
    def place(self, kind: str, at: QPointF) -> None:
        """Drag a layer from the palette to a spot of the canvas."""
        search = self.until(lambda: self.window.palette_.findChild(QLineEdit), 5, "the palette has no search field")
        self.click(search)
        self.control(Qt.Key.Key_A)
        self.keys(kind)
        view = self.window.palette_.findChild(QTreeView)
        index = self.until(lambda: _item(view, kind), 5, f"the palette does not show {kind}")
        spot = view.viewport().mapTo(self.window, view.visualRect(index).center())
        self.drag_and_drop(self.window, spot, self.window.canvas.viewport(), at)

    def choose_file(self, path: pathlib.Path, trigger: Callable[[], None]) -> None:
        """Do what opens a file dialog, then type the path into it and press Enter."""

        def answer(left: int = 200) -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QFileDialog) and dialog.isVisible():
                field = dialog.findChild(QLineEdit, "fileNameEdit")
                if field.text() != str(path):
                    field.setFocus()
                    field.selectAll()
                    QTest.keyClicks(field, str(path))
                popup = field.completer().popup()
                if popup.isVisible():
                    QTest.keyClick(popup, Qt.Key.Key_Escape)  # it proposes names; it would take the Enter
                else:
                    QTest.keyClick(field, Qt.Key.Key_Return)
            if left and QApplication.activeModalWidget() is dialog:
                QTimer.singleShot(50, lambda: answer(left - 1))

        QTimer.singleShot(50, answer)
        trigger()
        QTest.qWait(50)
        self.window.activateWindow()  # without a window manager nobody else gives the focus back
        QTest.qWaitForWindowActive(self.window)


def _item(view: QTreeView, name: str):
    model = view.model()
    for row in range(model.rowCount()):
        family = model.index(row, 0)
        for inner in range(model.rowCount(family)):
            index = model.index(inner, 0, family)
            if index.data() == name and view.visualRect(index).height() > 0:
                return index
    return None
