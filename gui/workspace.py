"""The row over the canvas: workspaces, whence the pictures on the nodes are, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.observe.picture import Look
from gui.shortcuts.bound import Actions
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.labels import Dot, label
from gui.widgets.numbers import thousands
from gui.widgets.tab_bar import TabBar

STORED = "These pictures were saved with the project. New ones need its data, and they cannot be read."


class WorkspaceRow(QWidget):
    def __init__(self, actions: Actions, parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "titlebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = TabBar("Workspaces", self)
        self.tabs.add("Graph", "tree-structure")
        self._dot, self._features = Dot("text3", self), label("", "small", self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 8, 0)
        layout.setSpacing(6)
        layout.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addStretch(1)
        layout.addWidget(self._dot)
        layout.addWidget(self._features)
        layout.addSpacing(8)
        for name in ("zoom_out", "zoom_in", "fit"):
            layout.addWidget(IconButton.for_action(actions[name], size=24, parent=self))
        theme.changed.connect(self._set_height)
        self._set_height()

    def _set_height(self) -> None:
        self.setFixedHeight(round(t.TAB_HEIGHT * max(1.0, theme.scale)))

    def show_look(self, look: Look | None, live: bool, stored: bool = False) -> None:
        """Say from which step the pictures are. `stored`: they came with the project, and its data are not there."""
        self._dot.setVisible(look is not None)
        self._dot.set_token("ok" if live else "warn" if stored else "text3")
        if look is None:
            text = ""
        elif live:
            text = "Features live"
        else:
            text = f"Features from step {thousands(look.step)}" if look.step else "Features of untrained weights"
            text = f"{text}, stored: the data are not there" if stored else text
        self._features.setToolTip(STORED if stored and text else "")
        if text != self._features.text():
            self._features.setText(text)
