"""Where the docks stand: the default, what was remembered, and the palette of icons in a narrow window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from gui.panels.palette import Palette
from gui.settings import Settings
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.docks import TabbedDock

STATE_VERSION = 1  # of the saved layout; raise it when docks are added or renamed
NARROWEST = 180  # of the left dock while it is no row of icons
UNLIMITED = 16_777_215  # Qt's largest widget


class Layout:
    def __init__(self, window: QMainWindow, left: TabbedDock, right: QDockWidget, bottom: TabbedDock, palette: Palette):
        self._window, self._left, self._right, self._bottom, self._palette = window, left, right, bottom, palette
        self._compact = False
        self._left_width = 0  # before the palette became a row of icons
        area, corner = Qt.DockWidgetArea, Qt.Corner
        for where, side in (
            (corner.TopLeftCorner, area.LeftDockWidgetArea),
            (corner.BottomLeftCorner, area.LeftDockWidgetArea),
            (corner.TopRightCorner, area.RightDockWidgetArea),
            (corner.BottomRightCorner, area.RightDockWidgetArea),
        ):
            window.setCorner(where, side)
        left.setMinimumWidth(NARROWEST)
        self._put()
        left.page_changed.connect(lambda _page: self.fit_width())

    def _put(self) -> None:
        area = Qt.DockWidgetArea
        self._window.addDockWidget(area.LeftDockWidgetArea, self._left)
        self._window.addDockWidget(area.RightDockWidgetArea, self._right)
        self._window.addDockWidget(area.BottomDockWidgetArea, self._bottom)

    def _wanted_widths(self) -> tuple[int, int]:
        """Of the left and the right dock: larger text needs more room."""
        wider = 1 + 0.7 * (max(1.0, theme.scale) - 1)
        return round(t.PALETTE_WIDTH * wider), round(t.INSPECTOR_WIDTH * wider)

    def set_default(self) -> None:
        """The sizes of a first start."""
        left, right = self._wanted_widths()
        bottom = min(t.BOTTOM_HEIGHT, max(190, round(0.27 * self._window.height())))
        self._window.resizeDocks([self._left, self._right], [left, right], Qt.Orientation.Horizontal)
        self._window.resizeDocks([self._bottom], [bottom], Qt.Orientation.Vertical)

    def reset(self) -> None:
        """Everything back where it was at the first start, and shown."""
        for dock in (self._left, self._right, self._bottom):
            dock.setFloating(False)
        self._put()
        for dock in (self._left, self._right, self._bottom):
            dock.show()
        self.set_default()

    def restore(self, settings: Settings) -> None:
        """The window as it was left, as far as it fits the screen."""
        available = self._window.screen().availableGeometry()
        self._window.resize(min(1600, available.width()), min(1000, available.height()))
        if not self._window.restoreGeometry(settings.geometry):
            self._window.move(available.topLeft())
        if not settings.state.isEmpty():
            self._window.restoreState(settings.state, STATE_VERSION)

    def save(self, settings: Settings) -> None:
        settings.geometry = self._window.saveGeometry()
        settings.state = self._window.saveState(STATE_VERSION)

    def fit_width(self) -> None:
        """Below 1360 px the palette is a row of icons, unless the Outline is shown in its place."""
        compact = self._window.width() < t.COMPACT_BELOW and self._left.page() == 0
        if compact == self._compact:
            return
        self._compact = compact
        if compact:
            self._left_width = self._left.width()
        self._palette.set_compact(compact)
        self._left.set_compact(compact)
        if compact:
            self._left.setFixedWidth(t.COMPACT_PALETTE_WIDTH)
            return
        self._left.setMinimumWidth(NARROWEST)
        self._left.setMaximumWidth(UNLIMITED)
        width = self._left_width if self._left_width >= NARROWEST else self._wanted_widths()[0]
        self._window.resizeDocks([self._left], [width], Qt.Orientation.Horizontal)
