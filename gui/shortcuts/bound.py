"""The commands as QActions: enabled where they are of use, with the keys in force, each connected to its handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.action_row import REASONS, ActionRow, Context
from gui.actions import ACTIONS, MENUS, ROWS
from gui.shortcuts import in_force
from gui.theme import theme
from gui.widgets.buttons import tooltip

Handlers = Mapping[str, Callable[[], object]]
_ROLES = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}


class Actions(QObject):
    """The QActions of the table, for one window: `actions["train"].trigger()`."""

    def __init__(self, window: QWidget):
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._told: dict[str, str] = {}  # what is said of an action now, in place of its row's help
        for row in ACTIONS:
            self._actions[row.id] = self._make(row)
        in_force.changed.connect(self.take_keys)
        self.take_keys()

    def _make(self, row: ActionRow) -> QAction:
        action = QAction(row.text, self._window)
        action.setObjectName(row.id)
        action.setShortcutVisibleInContextMenu(True)
        action.setAutoRepeat(row.repeats)
        if row.icon:
            action.setIcon(theme.icon(row.icon))
        action.setIconVisibleInMenu(False)
        action.setCheckable(row.checkable or bool(row.group))
        if row.group:
            self._groups.setdefault(row.group, QActionGroup(self._window)).addAction(action)
        action.setMenuRole(_ROLES.get(row.id, QAction.MenuRole.NoRole))
        if row.scope in ("canvas", "graph"):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # not of the fields that stand on it
        return action

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def bind(self, handlers: Handlers) -> None:
        """Let commands do what `handlers` says, by their ids."""
        for name, handler in handlers.items():
            self._actions[name].triggered.connect(lambda _checked=False, handler=handler: handler())

    def install(self, window: QWidget, canvas: QWidget, outline: QWidget | None = None) -> None:
        """Give each action to the widgets within which its keys act."""
        for row in ACTIONS:
            on_graph = row.scope in ("canvas", "graph")
            (canvas if on_graph else window).addAction(self._actions[row.id])
            if outline is not None and row.scope == "graph":
                outline.addAction(self._actions[row.id])

    # -- keys -----------------------------------------------------------------------------------
    def take_keys(self) -> None:
        """Bring all to the keys in force. Spare keys are no shortcuts: see `press_spare`."""
        keymap = in_force.keymap()
        for row in ACTIONS:
            keys = () if row.scope == "spare" else keymap.keys(row.id)
            self._actions[row.id].setShortcuts([QKeySequence(key) for key in keys])
            self._tell(row)

    def press_spare(self, key: str) -> bool:
        """A key that nothing with the focus wanted; whether it means anything."""
        action = in_force.keymap().action_of(key, "spare")
        if action is not None:
            self._actions[action].trigger()
        return action is not None

    # -- menus ----------------------------------------------------------------------------------
    def fill_menus(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus; gives them by path, so that the window can add what changes (‘Open recent’)."""
        menus: dict[str, QMenu] = {}
        for name in MENUS:
            menus[name] = _named(bar.addMenu(f"&{name}"), name)
        for row in ACTIONS:
            top, _, sub = row.menu.partition("/")
            if row.separator and row.menu not in menus:
                menus[top].addSeparator()
            if row.menu not in menus:
                menus[row.menu] = _named(menus[top].addMenu(sub), sub)
            elif row.separator:
                menus[row.menu].addSeparator()
            menus[row.menu].addAction(self._actions[row.id])
        return menus

    def context_menu(self, context: Context, parent: QWidget) -> QMenu:
        """What can be done now with what lies there: the rows that stand in this menu and are of use."""
        menu = _named(QMenu(parent), "Canvas menu")
        subs: dict[str, QMenu] = {}
        before = ""
        for row in ACTIONS:
            action = self._actions[row.id]
            if context not in row.context or not action.isEnabled():
                continue
            top, _, sub = row.menu.partition("/")
            if (row.separator and not sub) or (before and top != before):
                menu.addSeparator()
            if sub and sub not in subs:
                subs[sub] = _named(menu.addMenu(sub), sub)
            (subs[sub] if sub else menu).addAction(action)
            before = top
        return menu

    # -- what they say --------------------------------------------------------------------------
    def update(self, holds: Mapping[str, bool]) -> None:
        """Enable what is of use; `holds` says of each When whether it is so. What becomes of use comes first: a button
        that loses the focus with its use may then hand it on."""
        rows = [(holds.get(row.when, False), row) for row in ACTIONS if row.when != "always"]
        for useful, row in sorted(rows, key=lambda each: not each[0]):
            if self._actions[row.id].isEnabled() != useful:
                self._actions[row.id].setEnabled(useful)
                self._tell(row)

    def name(self, action: str, text: str = "", told: str = "") -> None:
        """Another text for the moment (‘Undo add Conv2d’), and another help; empty: those of the row."""
        row = ROWS[action]
        self._told[action] = told
        self._actions[action].setText(text or row.text)
        self._tell(row)

    def told(self, action: str) -> str:
        """What it does, or why it cannot be done now."""
        row, told = ROWS[action], self._told.get(action, "")
        if self._actions[action].isEnabled():
            return told or row.help
        return f"{told}\n{REASONS[row.when]}".strip()

    def _tell(self, row: ActionRow) -> None:
        action = self._actions[row.id]
        name = action.text().replace("&", "").rstrip("…")
        keys = in_force.keymap().keys(row.id)
        action.setToolTip(f"{tooltip(name, keys[0] if keys else '')}\n{self.told(row.id)}".strip())


def _named(menu: QMenu, name: str) -> QMenu:
    menu.setAccessibleName(name)
    menu.setToolTipsVisible(True)
    return menu
