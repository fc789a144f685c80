"""Where the focus is, for whoever works with keys: one ring for every control of a window and its dialogs, and the
tooltip of what was reached by a key.

The ring lies over the window rather than in each style rule: so it stands outside the control, where no border hides
it, and nothing changes its size when the focus comes.
"""

from __future__ import annotations

import functools

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QTabBar,
    QTabWidget,
    QToolTip,
    QWidget,
)

from gui.theme import theme
from gui.theme import tokens as t

_CONTROLS = (QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox, QAbstractSlider)
_ONE_STOP = (QAbstractSpinBox, QComboBox)  # the line inside them hands the focus to them
_OWN_RING = (QGraphicsView, QTabBar, QMenuBar, QMenu)  # they show what inside them has the focus
_MOVED = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
TIP = "qtooltip_label"  # the name that Qt gives its one tooltip
AFTERWARDS = "afterwards"  # property of a part that Tab reaches after its siblings, wherever it stands
_HIDES_TIP = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class FocusRing(QWidget):
    """The ring itself: over everything, in nobody's way. It holds no reference to its window: a dialog that Python owns
    would end with its ring, and then take that ring along, which is already ending."""

    def __init__(self, window: QWidget):
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setObjectName("focus-ring")
        self.hide()

    def surround(self, place: QRect) -> None:
        """Show it around `place` (in the window's pixels), as far as the window reaches."""
        outside = t.RING_WIDTH + t.RING_GAP
        window = self.parentWidget()
        assert window is not None
        self.setGeometry(place.adjusted(-outside, -outside, outside, outside) & window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), t.RING_WIDTH))
        half = t.RING_WIDTH / 2
        radius = t.BUTTON_RADIUS + t.RING_GAP
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)


class FocusGuide(QObject):
    """Owned by a window: keeps the ring at its focus, in its dialogs too, and tells tooltips to who has no mouse."""

    def __init__(self, window: QWidget):
        super().__init__(window)
        self._window = window
        self._widget: QWidget | None = None
        self._watched: list[QWidget] = []
        self._ring: FocusRing | None = None
        self._tip = QTimer(self, singleShot=True, interval=t.TOOLTIP_MS)
        self._tip.timeout.connect(self._show_tip)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    @property
    def ring(self) -> FocusRing | None:
        """The ring where it is shown."""
        return self._ring if self._ring is not None and shiboken6.isValid(self._ring) and self._alive() else None

    def _alive(self) -> bool:
        return self._widget is not None and shiboken6.isValid(self._widget)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        self._let_go()
        if new is None or not self._is_ours(new) or isinstance(new, _OWN_RING) or new.isWindow():
            return
        self._widget = new
        widget: QWidget | None = new
        while widget is not None:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = None if widget.isWindow() else widget.parentWidget()
        if self._ring is None or not shiboken6.isValid(self._ring) or self._ring.parentWidget() is not new.window():
            if self._ring is not None and shiboken6.isValid(self._ring):
                self._ring.deleteLater()
            self._ring = FocusRing(new.window())
        self._place()
        by_key = QApplication.mouseButtons() == Qt.MouseButton.NoButton and old is not None
        if by_key and isinstance(new, _CONTROLS):
            self._tip.start()

    def _let_go(self) -> None:
        self._tip.stop()
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched, self._widget = [], None
        if self._ring is not None and shiboken6.isValid(self._ring):
            self._ring.hide()

    def _is_ours(self, widget: QWidget) -> bool:
        part: QWidget | None = widget
        while part is not None and part is not self._window:
            part = part.parentWidget()
        return part is not None

    def _place(self) -> None:
        """Around what can be seen of the control: it may be scrolled away in part."""
        ring, widget = self.ring, self._widget
        if ring is None or widget is None:
            return
        window = widget.window()
        shown = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        for ancestor in self._watched[1:]:
            shown &= QRect(ancestor.mapTo(window, QPoint(0, 0)), ancestor.size())
        if widget.isVisible() and not shown.isEmpty():
            ring.surround(shown)
        else:
            ring.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _MOVED:
            self._place()
        elif watched is self._widget and kind in _HIDES_TIP:
            self._tip.stop()
            QToolTip.hideText()
        return False

    def _show_tip(self) -> None:
        """As though the mouse rested on it: a widget may have its own way of saying more. One that has nothing to say
        would have its parent asked, and what lies below a list is no help on the list."""
        if not self._alive() or self._widget is None or not self._widget.toolTip():
            return
        if self._widget.hasFocus() and self._widget.isActiveWindow():
            widget = self._widget
            below = QPoint(0, widget.height() + t.RING_WIDTH + t.RING_GAP)
            spot = QPoint(widget.width() // 2, widget.height() // 2)
            QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, spot, widget.mapToGlobal(below)))
            _clear(widget)


def _clear(widget: QWidget) -> None:
    """At the screen's lower edge Qt turns a tooltip upwards, over the control that it speaks of: it goes above it."""
    tip = next((w for w in QApplication.topLevelWidgets() if w.objectName() == TIP and w.isVisible()), None)
    place = QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
    if tip is not None and tip.geometry().intersects(place):
        gap = t.RING_WIDTH + t.RING_GAP
        tip.move(tip.x(), max(widget.screen().geometry().top(), place.top() - gap - tip.height()))


def stops(pane: QWidget) -> list[QWidget]:
    """What Tab stops at in a pane, in reading order: itself, then its parts from top to bottom, side by side from the
    left, each with all that is in it. What is marked AFTERWARDS comes last: a button that acts on the field beside it.

    Qt's own chain is not asked: it follows the order in which widgets were made, and PySide takes what
    `nextInFocusChain` and `focusProxy` return for a child of the widget asked: half of the window died with a form's
    field, or a scrolled page when Python next collected its garbage. So what has a proxy is known by its kind.
    """
    parts = [part for part in pane.findChildren(QWidget, options=_DIRECT) if part.isVisible() and not part.isWindow()]
    found = [pane] if _takes_tab(pane) and not _hands_on(pane) else []
    if isinstance(pane, _ONE_STOP):
        return found
    parts.sort(key=functools.cmp_to_key(_reading_order))
    for part in sorted(parts, key=lambda part: bool(part.property(AFTERWARDS))):
        found += stops(part)
    return found


def _hands_on(widget: QWidget) -> bool:
    """Whether what holds it, or is in it, takes the focus in its place."""
    holder = widget.parentWidget()
    return isinstance(widget, QTabWidget) or (isinstance(holder, QAbstractScrollArea) and holder.viewport() is widget)


def _reading_order(one: QWidget, other: QWidget) -> int:
    """Negative where `one` is read before `other`: it ends above its middle, or stands beside it to the left."""
    a, b = one.geometry(), other.geometry()
    if a.bottom() < b.center().y() and a.center().y() < b.top():
        return -1
    if b.bottom() < a.center().y() and b.center().y() < a.top():
        return 1
    return (a.left() - b.left()) or (a.top() - b.top())


def _takes_tab(widget: QWidget) -> bool:
    tab = Qt.FocusPolicy.TabFocus
    return (widget.focusPolicy() & tab) == tab and widget.isVisible() and widget.isEnabled()
