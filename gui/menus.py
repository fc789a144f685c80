"""What the menus hold besides the commands of the table: templates, recent projects, devices, docks; and the mark."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QMenu, QMenuBar, QWidget

from engine.project import templates
from gui.files import Files
from gui.runner import Runner
from gui.settings import Settings
from gui.shortcuts.bound import Actions
from gui.theme import icons
from gui.widgets.docks import HeadedDock, TabbedDock
from gui.widgets.labels import label


class Parts(Protocol):
    """The parts of the window that these menus speak of."""

    menus: dict[str, QMenu]
    actions_: Actions
    files: Files
    runner: Runner
    settings: Settings
    left: TabbedDock
    right: HeadedDock
    bottom: TabbedDock

    def open_window(self, path: pathlib.Path | None = None) -> object: ...


class MenuBar(QMenuBar):
    """While it has the focus its keys are its own. Qt would take a command's key that acts in one widget only for one
    that acts in the menu bar too, because the command stands in a menu of it."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.hasFocus():
            strong = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
            if not event.modifiers() & strong:
                event.accept()
                return True
        return super().event(event)


class Menus(QObject):
    """`templates` is the menu of what a project can start from, `recent` that of the last projects."""

    def __init__(self, parts: Parts, window: QMainWindow):
        super().__init__(window)
        self._parts = parts
        self.templates = QMenu("New from template", window)
        self.recent = QMenu("Open recent", window)
        self._beside = QMenu("Open recent in new window", window)
        self._devices = parts.menus["Train"].addMenu("Device")
        self._fill_templates()
        for menu, open_it in ((self.recent, parts.files.open), (self._beside, parts.open_window)):
            menu.setAccessibleName(menu.title())
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(partial(self._fill_recent, menu, open_it))
        self._devices.aboutToShow.connect(self._fill_devices)
        file_menu, actions = parts.menus["File"], parts.actions_
        file_menu.insertMenu(actions["open"], self.templates)
        file_menu.insertMenu(actions["save"], self.recent)
        file_menu.insertMenu(actions["save"], self._beside)
        file_menu.insertSeparator(actions["save"])
        for dock in (parts.left, parts.right, parts.bottom):
            parts.menus["Window"].insertAction(actions["next_pane"], dock.toggleViewAction())

    def _fill_templates(self) -> None:
        self.templates.setAccessibleName("New from template")
        for info in templates.names():
            action = self.templates.addAction(info.title)
            action.setObjectName(f"template_{info.name}")
            action.setToolTip(info.summary)
            action.triggered.connect(lambda _checked=False, name=info.name: self._parts.files.new(name))
        self.templates.setToolTipsVisible(True)

    def _fill_recent(self, menu: QMenu, open_it: Callable[[pathlib.Path], object]) -> None:
        menu.clear()
        for path in self._parts.settings.recent:
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: open_it(path))
        if menu.isEmpty():
            menu.addAction("No recent projects").setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction("Clear").triggered.connect(self._parts.settings.clear_recent)

    def _fill_devices(self) -> None:
        runner = self._parts.runner
        self._devices.clear()
        for name in runner.devices:
            action = self._devices.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == runner.device)
            action.triggered.connect(lambda _checked=False, name=name: runner.set_device(name))


def mark(window: QMainWindow) -> None:
    """The program's mark and name before the menus, as far as the menus stand in the window."""
    if window.menuBar().isNativeMenuBar():
        return
    mark = QLabel()
    mark.setPixmap(icons.svg_pixmap("strata", 18, window.devicePixelRatioF()))
    name = label("Strata", "dock-title")
    corner = QWidget(window.menuBar())
    row = QHBoxLayout(corner)
    row.setContentsMargins(12, 0, 10, 0)
    row.setSpacing(7)
    row.addWidget(mark)
    row.addWidget(name)
    window.menuBar().setCornerWidget(corner, Qt.Corner.TopLeftCorner)
    corner.show()
