"""Every command of the window as one table. Menus, toolbar, shortcuts and the list in Help derive from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.theme import theme

# What an action needs to be of use; the window tells which of them hold.
When = Literal["always", "nodes", "selection", "one", "undo", "redo", "startable", "running", "stoppable", "problems"]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One command. `menu` is its path (‘View/Theme’), ‘-’ before the id starts a new group in that menu.

    Actions of the canvas act only while the canvas has the focus, so that single letters never meet a text field.
    Rows of one `group` exclude each other and can be checked.
    """

    id: str
    text: str
    menu: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    when: When = "always"
    canvas: bool = False
    group: str = ""
    checkable: bool = False
    separator: bool = False  # a line above it in its menu


MENUS = ("File", "Edit", "View", "Graph", "Train", "Data", "Window", "Help")

ACTIONS: tuple[ActionRow, ...] = (
    ActionRow("new", "New", "File", ("Ctrl+N",), "file-plus"),
    # ‘New from template’ and ‘Open recent’ are submenus that the window fills
    ActionRow("open", "Open…", "File", ("Ctrl+O",), "folder-open", separator=True),
    ActionRow("save", "Save", "File", ("Ctrl+S",), "floppy-disk", separator=True),
    ActionRow("save_as", "Save as…", "File", ("Ctrl+Shift+S",)),
    ActionRow("reopen_last", "Reopen the last project at start", "File", checkable=True, separator=True),
    ActionRow("quit", "Quit", "File", ("Ctrl+Q",), separator=True),
    ActionRow("undo", "Undo", "Edit", ("Ctrl+Z",), "arrow-u-up-left", when="undo"),
    ActionRow("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right", when="redo"),
    ActionRow("rename", "Rename", "Edit", ("F2",), when="one", canvas=True, separator=True),
    ActionRow("edit_parameter", "Edit main parameter", "Edit", ("Return",), when="one", canvas=True),
    ActionRow("delete", "Delete", "Edit", ("Delete", "Backspace"), "trash", when="selection", canvas=True),
    ActionRow("duplicate", "Duplicate", "Edit", ("Ctrl+D",), "copy", when="selection", canvas=True),
    ActionRow("select_all", "Select all", "Edit", ("Ctrl+A",), when="nodes", canvas=True),
    ActionRow("fit", "Fit all", "View", ("F",), "corners-out", when="nodes", canvas=True),
    ActionRow("fit_selection", "Fit selection", "View", ("Shift+F",), when="selection", canvas=True),
    ActionRow("zoom_reset", "Zoom to 100 %", "View", ("Ctrl+0",)),
    ActionRow("zoom_in", "Zoom in", "View", ("Ctrl+=", "Ctrl++"), "magnifying-glass-plus"),
    ActionRow("zoom_out", "Zoom out", "View", ("Ctrl+-",), "magnifying-glass-minus"),
    ActionRow("theme_system", "Follow the system", "View/Theme", group="theme", separator=True),
    ActionRow("theme_dark", "Dark", "View/Theme", group="theme"),
    ActionRow("theme_light", "Light", "View/Theme", group="theme"),
    ActionRow("text_90", "90 %", "View/Text size", group="text"),
    ActionRow("text_100", "100 %", "View/Text size", group="text"),
    ActionRow("text_115", "115 %", "View/Text size", group="text"),
    ActionRow("text_130", "130 %", "View/Text size", group="text"),
    ActionRow("text_150", "150 %", "View/Text size", group="text"),
    ActionRow("motion_system", "Follow the system", "View/Motion", group="motion"),
    ActionRow("motion_full", "Full", "View/Motion", group="motion"),
    ActionRow("motion_reduced", "Reduced", "View/Motion", group="motion"),
    ActionRow("add_layer", "Add layer by name…", "Graph", ("Tab", "Shift+A"), "plus", canvas=True),
    ActionRow("find_layer", "Search layers", "Graph", ("/",), "magnifying-glass", canvas=True),
    ActionRow("next_problem", "Next problem", "Graph", ("F8",), when="problems", separator=True),
    ActionRow("previous_problem", "Previous problem", "Graph", ("Shift+F8",), when="problems"),
    ActionRow("fix", "Apply first fix", "Graph", ("Alt+Return",), "wrench", when="problems"),
    ActionRow("train", "Train", "Train", ("Ctrl+Return",), "play", when="startable"),
    ActionRow("pause", "Pause", "Train", ("Ctrl+.",), "pause", when="running"),
    ActionRow("stop", "Stop", "Train", ("Ctrl+Shift+.",), "stop", when="stoppable"),
    ActionRow("start_over", "Start over with fresh weights", "Train", when="startable"),
    ActionRow("recipe", "Recipe…", "Train", (), "sliders-horizontal", separator=True),
    ActionRow("data", "Choose data…", "Data", (), "database"),
    ActionRow("graph", "Graph", "Window", ("Ctrl+1",), "tree-structure"),
    ActionRow("next_pane", "Next pane", "Window", ("F6",), separator=True),
    ActionRow("previous_pane", "Previous pane", "Window", ("Shift+F6",)),
    ActionRow("reset_layout", "Reset layout", "Window", separator=True),
    ActionRow("help", "Help on the selection", "Help", ("F1",), "question"),
    ActionRow("shortcuts", "Keyboard shortcuts", "Help", ("Ctrl+/",), "keyboard"),
    ActionRow("log_folder", "Open the log folder", "Help", (), "folder-open"),
    ActionRow("about", "About Strata", "Help", (), "info", separator=True),
)


class Actions:
    """The QActions of the table. `actions["train"].triggered.connect(…)`."""

    def __init__(self, window: QWidget):
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for row in ACTIONS:
            self._actions[row.id] = self._make(row, window)

    def _make(self, row: ActionRow, window: QWidget) -> QAction:
        action = QAction(row.text, window)
        action.setObjectName(row.id)
        action.setShortcuts([QKeySequence(keys) for keys in row.shortcuts])
        action.setShortcutVisibleInContextMenu(True)
        if row.icon:
            action.setIcon(theme.icon(row.icon))
        action.setIconVisibleInMenu(False)
        action.setCheckable(row.checkable or bool(row.group))
        if row.group:
            group = self._groups.setdefault(row.group, QActionGroup(window))
            group.addAction(action)
        if row.id == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        elif row.id == "about":
            action.setMenuRole(QAction.MenuRole.AboutRole)
        else:
            action.setMenuRole(QAction.MenuRole.NoRole)
        return action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def install(self, window: QWidget, canvas: QWidget) -> None:
        """Give each action to the widget within which its shortcut acts."""
        for row in ACTIONS:
            action = self._actions[row.id]
            if row.canvas:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                canvas.addAction(action)
            else:
                window.addAction(action)

    def fill_menus(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus; gives them by path, so that the window can add what changes (‘Open recent’)."""
        menus: dict[str, QMenu] = {}
        for name in MENUS:
            menus[name] = bar.addMenu(f"&{name}")
            menus[name].setAccessibleName(name)
        for row in ACTIONS:
            top, _, sub = row.menu.partition("/")
            if row.separator and row.menu not in menus:
                menus[top].addSeparator()
            if row.menu not in menus:
                menus[row.menu] = menus[top].addMenu(sub)
                menus[row.menu].setAccessibleName(sub)
            elif row.separator:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._actions[row.id])
        return menus

    def update(self, holds: Mapping[str, bool]) -> None:
        """Enable what is of use; `holds` says of each When whether it is so. What becomes of use comes first: a button
        that loses the focus with its use may then hand it on."""
        rows = [(holds.get(row.when, False), row) for row in ACTIONS if row.when != "always"]
        for useful, row in sorted(rows, key=lambda each: not each[0]):
            self._actions[row.id].setEnabled(useful)


def shortcut_rows() -> list[tuple[str, str, str]]:
    """(menu, action, keys) of every action that has keys, for the list in Help."""
    rows = []
    for row in ACTIONS:
        if row.shortcuts:
            keys = " or ".join(QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in row.shortcuts)
            where = "canvas" if row.canvas else ""
            rows.append((row.menu.partition("/")[0], row.text.rstrip("…"), f"{keys}{f' ({where})' if where else ''}"))
    return rows


def action_of(sender: QObject) -> str:
    """The id of the action that a signal came from."""
    return sender.objectName()
