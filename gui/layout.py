"""Where the docks stand: the default, what was remembered, and the palette of icons in a narrow window."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar

from gui.canvas.stage import Stage
from gui.panels.palette import Palette
from gui.settings import Settings
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.docks import TabbedDock

STATE_VERSION = 1  # of the saved layout; raise it when docks are added or renamed
NARROWEST = 180  # of the left dock while it is no row of icons
PALETTE_PAGE = 0  # of the left dock; the other one is the Outline
UNLIMITED = 16_777_215  # Qt's largest widget


class Layout:
    def __init__(
        self,
        window: QMainWindow,
        canvas: Stage,
        left: TabbedDock,
        right: QDockWidget,
        bottom: TabbedDock,
        palette: Palette,
    ):
        self._window, self._canvas, self._palette = window, canvas, palette
        self._left, self._right, self._bottom = left, right, bottom
        self._page, self._compact = left.page(), False
        self._stowed: QByteArray | None = None  # how everything stood when it was put out of sight
        self._default_due = False  # the sizes of a first start are to be set once the docks are shown
        self._widths: dict[int, int] = {}  # of the left dock, by the page that was shown; not of a row of icons
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
        left.page_changed.connect(lambda _page: self._on_page_changed())

    def _put(self) -> None:
        area = Qt.DockWidgetArea
        self._window.addDockWidget(area.LeftDockWidgetArea, self._left)
        self._window.addDockWidget(area.RightDockWidgetArea, self._right)
        self._window.addDockWidget(area.BottomDockWidgetArea, self._bottom)

    def _wanted_widths(self, scale: float | None = None) -> tuple[int, int]:
        """Of the left and the right dock: larger text needs more room. `scale` is its size, else that in force."""
        wider = 1 + 0.7 * (max(1.0, theme.scale if scale is None else scale) - 1)
        return round(t.PALETTE_WIDTH * wider), round(t.INSPECTOR_WIDTH * wider)

    def set_default(self) -> None:
        """The sizes of a first start."""
        if self._stowed is not None:
            self._default_due = True
            return
        left, right = self._wanted_widths()
        bottom = min(t.BOTTOM_HEIGHT, max(190, round(0.27 * self._window.height())))
        self._window.resizeDocks([self._left, self._right], [left, right], Qt.Orientation.Horizontal)
        self._window.resizeDocks([self._bottom], [bottom], Qt.Orientation.Vertical)

    def follow_text(self, before: float) -> None:
        """The text has another size, after `before`: the side docks keep their part of what is written in them."""
        left, right = self._wanted_widths(before)
        wide_left, wide_right = self._wanted_widths()
        self._widths = {page: round(width * wide_left / left) for page, width in self._widths.items()}
        docks, widths = [self._right], [round(self._right.width() * wide_right / right)]
        if not self._compact:
            docks.append(self._left)
            widths.append(round(self._left.width() * wide_left / left))
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

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
        if not self._default_due:
            settings.state = self._window.saveState(STATE_VERSION) if self._stowed is None else self._stowed

    @property
    def stowed(self) -> bool:
        return self._stowed is not None

    def stow(self) -> None:
        """Put docks and toolbar out of sight, for a page that has the whole window."""
        if self._stowed is None:
            self._stowed = self._window.saveState(STATE_VERSION)
            for part in self._bars():
                part.hide()
                part.toggleViewAction().setEnabled(False)

    def unstow(self) -> None:
        """All as it stood before."""
        if self._stowed is None:
            return
        state, self._stowed = self._stowed, None
        for part in self._bars():
            part.toggleViewAction().setEnabled(True)
        self._window.restoreState(state, STATE_VERSION)
        self.fit_width()
        if self._default_due:
            self._default_due = False
            self.set_default()

    def _bars(self) -> list[QDockWidget | QToolBar]:
        return [self._left, self._right, self._bottom, *self._window.findChildren(QToolBar)]

    def fit_width(self) -> None:
        """Below 1360 px the palette is a row of icons, unless the Outline is shown in its place. Each page has the
        width that it was left with."""
        page = self._left.page()
        compact = self._window.width() < t.COMPACT_BELOW and page == PALETTE_PAGE
        if (page, compact) == (self._page, self._compact):
            return
        if not self._compact and self._left.width() >= NARROWEST:
            self._widths[self._page] = self._left.width()
        self._page, self._compact = page, compact
        self._palette.set_compact(compact)
        self._left.set_compact(compact)
        if compact:
            self._left.setFixedWidth(t.COMPACT_PALETTE_WIDTH)
            return
        self._left.setMinimumWidth(NARROWEST)
        self._left.setMaximumWidth(UNLIMITED)
        widths = [self._left_width(page), self._right.width()]  # the canvas gives way, not the inspector
        self._window.resizeDocks([self._left, self._right], widths, Qt.Orientation.Horizontal)

    def _left_width(self, page: int) -> int:
        """What the page was left with, or would like; the Outline leaves the canvas its part of the window."""
        palette, right = self._wanted_widths()
        if page == PALETTE_PAGE:
            return self._widths.get(page, palette)
        right = self._right.width() if self._right.isVisible() and not self._right.isFloating() else right
        room = self._window.width() - right - t.CANVAS_LEAST
        return max(palette, min(self._widths.get(page, round(t.OUTLINE_WIDTH * theme.scale)), room))

    def _on_page_changed(self) -> None:
        """What was in sight still is, however wide the page is: the whole graph, or the part that was looked at."""
        canvas = self._canvas
        whole, shown = canvas.shows_all, canvas.shown_part()
        self.fit_width()
        layout = self._window.layout()
        if layout is not None:
            layout.activate()
        if whole and not canvas.shows_all:
            canvas.fit()
        elif not whole:
            canvas.keep_in_sight(shown)
