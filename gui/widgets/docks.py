"""Docks in the house's look: a 32 px title bar that holds the dock's name or the tabs of its pages."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QStackedWidget, QWidget

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.tab_bar import TabBar


class _TitleBar(QWidget):
    """Dragging its empty part moves the dock: Qt sees the presses that its children leave alone."""

    def __init__(self, dock: QDockWidget):
        super().__init__(dock)
        self.setProperty("role", "titlebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(6, 0, 6, 0)
        self.row.setSpacing(4)
        self._set_height()
        theme.changed.connect(self._set_height)

    def _set_height(self) -> None:
        self.setFixedHeight(round(t.DOCK_TITLE_HEIGHT * max(1.0, theme.scale)))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())


class HeadedDock(QDockWidget):
    """A dock whose content brings its own heading: dragging that moves the dock."""

    def __init__(self, name: str, heading: QWidget, widget: QWidget, parent: QWidget):
        super().__init__(name, parent)
        self.setObjectName(name.lower())
        self.setAccessibleName(name)
        for part in (heading, widget):
            part.setProperty("role", "panel")
            part.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setTitleBarWidget(heading)
        self.setWidget(widget)


class TabbedDock(QDockWidget):
    """A dock with pages. Their tabs, with counts, stand in its title bar; each page may put controls beside them."""

    page_changed = Signal(int)

    def __init__(self, name: str, parent: QWidget):
        super().__init__(name, parent)
        self.setObjectName(name.lower())
        self.setAccessibleName(name)
        self._corners: dict[int, QWidget] = {}
        self._compact = False
        self.bar = TabBar(name, self)
        self.stack = QStackedWidget(self)
        self.stack.setProperty("role", "panel")
        self._title_bar = _TitleBar(self)
        self._title_bar.row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignBottom)
        self._title_bar.row.addStretch(1)
        self._close = IconButton("x", f"Close {name}", size=24, parent=self._title_bar)
        self._close.clicked.connect(self.close)
        self._title_bar.row.addWidget(self._close)
        self.setTitleBarWidget(self._title_bar)
        self.setWidget(self.stack)
        self.bar.currentChanged.connect(self._on_current_changed)

    def add(self, widget: QWidget, title: str, icon: str, corner: QWidget | None = None) -> int:
        """Add a page; `corner` is shown in the title bar while the page is."""
        widget.setProperty("role", "panel")
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        index = self.stack.addWidget(widget)
        if corner is not None:
            self._corners[index] = corner
            self._title_bar.row.insertWidget(self._title_bar.row.count() - 1, corner)
            corner.hide()
        self.bar.add(title, icon)
        return index

    def show_page(self, index: int) -> None:
        """Bring the dock and its page to the front."""
        self.show()
        self.raise_()
        self.bar.setCurrentIndex(index)

    def page(self) -> int:
        return self.bar.currentIndex()

    def set_count(self, index: int, count: int, urgent: bool = True) -> None:
        """A count beside a tab's title; zero shows none."""
        self.bar.set_count(index, count, urgent)

    def set_compact(self, compact: bool) -> None:
        """Tabs as icons only, without a close button, for a narrow dock."""
        if compact == self._compact:
            return
        self._compact = compact
        self.bar.set_compact(compact)
        self._close.setVisible(not compact)
        margin = 0 if compact else 6
        self._title_bar.row.setContentsMargins(margin, 0, margin, 0)

    def _on_current_changed(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        for page, corner in self._corners.items():
            corner.setVisible(page == index)
        self.page_changed.emit(index)
