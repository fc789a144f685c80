"""All keys as one table: search it, change keys, take over those of another program, keep it as a cheat-sheet."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from gui.action_row import ActionRow
from gui.settings import Settings
from gui.shortcuts import in_force, sheet
from gui.shortcuts.keymap import KeyMap, native, why_not
from gui.shortcuts.model import COMMAND, KEYS, MENU, ShortcutFilter, ShortcutTable, clashes
from gui.shortcuts.presets import TITLES
from gui.shortcuts.recorder import KeyRecorder
from gui.theme import theme
from gui.widgets.containers import SearchField
from gui.widgets.labels import label, rule

WIDTHS = {MENU: 76, COMMAND: 256, KEYS: 200}  # at 100 % text size; the last column takes the rest
_KINDS = "Page for a browser (*.html);;Text (*.txt)"


class ShortcutsDialog(QDialog):
    """Changes are in force at once and kept in the settings; a reset takes them back."""

    def __init__(self, settings: Settings, parent: QWidget):
        super().__init__(parent)
        self._settings = settings
        self._asked = ""  # the key that another command has, until the person has said whether to take it
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(round(720 * max(1.0, theme.scale)), 620)
        self.table = ShortcutTable(self)
        self.filter = ShortcutFilter(self.table, self)
        self._make_parts()
        self._lay_out()
        self.search.textChanged.connect(self._on_searched)
        self.search.returnPressed.connect(self.view.setFocus)
        self.preset.activated.connect(self._on_preset_chosen)
        self.view.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_row())
        self.recorder.recorded.connect(self._on_recorded)
        in_force.changed.connect(self._show_row)
        self.view.setCurrentIndex(self.filter.index(0, COMMAND))
        self.search.setFocus()

    # -- parts ----------------------------------------------------------------------------------
    def _make_parts(self) -> None:
        self.search = SearchField("Search commands and keys", parent=self)
        self.preset = QComboBox(self)
        self.preset.setAccessibleName("Keys of")
        for name, title in TITLES.items():
            self.preset.addItem(title, name)
        self.preset.setCurrentIndex(self.preset.findData(in_force.keymap().preset))
        self.view = QTreeView(self)
        self.view.setAccessibleName("Keyboard shortcuts")
        self.view.setModel(self.filter)
        self.view.setRootIsDecorated(False)
        self.view.setUniformRowHeights(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.header().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, width in WIDTHS.items():
            self.view.setColumnWidth(column, round(width * max(1.0, theme.scale)))
        self.view.activated.connect(lambda _index: self.recorder.click())
        self.name, self.told = label("", "name", self), label("", "secondary", self, wrap=True)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("role", "warning")
        self.recorder = KeyRecorder("Add a key…", self)
        self.remove = _button("Remove keys", self, self._on_removed)
        self.reset = _button("Reset", self, self._on_reset)
        self.take = _button("Take it", self, self._on_taken)
        self.cancel = _button("Cancel", self, self._on_cancelled)
        self.reset_all = _button("Reset all", self, self._on_reset_all)
        self.save = _button("Save as…", self, self._on_save)
        self.close_ = _button("Close", self, self.close)

    def _lay_out(self) -> None:
        top, change, ask, foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(label("Keys of", "secondary"))
        top.addWidget(self.preset)
        for row, parts in (
            (change, (self.name, None, self.recorder, self.remove, self.reset)),
            (foot, (self.reset_all, self.save, None, self.close_)),
        ):
            for part in parts:
                row.addStretch(1) if part is None else row.addWidget(part)
        ask.addWidget(self.note, 1)
        ask.addWidget(self.take)
        ask.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addLayout(change)
        layout.addWidget(self.told)
        room = self.take.sizeHint().height()  # kept free, so that nothing moves when something is asked
        ask.addStrut(room)
        layout.addLayout(ask)
        layout.addWidget(rule(parent=self))
        layout.addLayout(foot)

    # -- the table ------------------------------------------------------------------------------
    def _row(self) -> ActionRow | None:
        index = self.filter.mapToSource(self.view.currentIndex())
        return self.table.rows[index.row()] if index.isValid() else None

    def _on_searched(self, text: str) -> None:
        self.filter.search(text)
        if not self.view.currentIndex().isValid() and self.filter.rowCount():
            self.view.setCurrentIndex(self.filter.index(0, COMMAND))
        self._show_row()

    def show_action(self, action: str) -> None:
        """Go to the row of a command."""
        row = next(i for i, each in enumerate(self.table.rows) if each.id == action)
        index: QModelIndex = self.filter.mapFromSource(self.table.index(row, COMMAND))
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)

    def _show_row(self) -> None:
        row, keymap = self._row(), in_force.keymap()
        self._asked = ""
        self.preset.setCurrentIndex(self.preset.findData(keymap.preset))
        for part in (self.recorder, self.remove, self.reset):
            part.setEnabled(row is not None)
        self.reset_all.setEnabled(bool(keymap.own))
        self.take.hide()
        self.cancel.hide()
        if row is None:
            self.name.setText("No command is called so")
            self.told.setText("")
            self.note.setText("")
            return
        keys = sheet.key_text(keymap, row.id)
        self.name.setText(f"{row.title}: {keys or 'no key'}")
        self.told.setText(row.help)
        self.note.setText(" ".join(clashes(row.id)))
        self.recorder.setAccessibleName(f"Add a key for {row.title}")
        self.remove.setEnabled(bool(keys))
        self.reset.setEnabled(row.id in keymap.own)

    def reject(self) -> None:
        """Esc answers the question first, where one is asked."""
        if self._asked:
            self._on_cancelled()
        else:
            super().reject()

    # -- changes --------------------------------------------------------------------------------
    def _use(self, keymap: KeyMap) -> None:
        self._settings.key_preset = keymap.preset
        self._settings.own_keys = {action: list(keys) for action, keys in keymap.own.items()}
        in_force.use(keymap)

    def _change_keys(self, keys: tuple[str, ...]) -> None:
        row = self._row()
        if row is not None:
            self._use(in_force.keymap().give(row.id, keys))

    def _on_removed(self) -> None:
        self._change_keys(())

    def _on_recorded(self, key: str) -> None:
        """A key that is free is added at once; one that another command has is asked about."""
        row, keymap = self._row(), in_force.keymap()
        if row is None:
            return
        self._show_row()
        reason = why_not(row, key)
        holder = keymap.holder(key, row.id)
        if reason:
            self.note.setText(reason)
        elif key in keymap.keys(row.id):
            self.note.setText(f"{native(key)} belongs to {row.title} already.")
        elif holder is None:
            self._change_keys((*keymap.keys(row.id), key))
        else:
            self._asked = key
            self.note.setText(f"{native(key)} belongs to {holder.title}.")
            self.take.setText(f"Take it from {holder.title}")
            self.take.setAccessibleName(self.take.text())
            self.take.show()
            self.cancel.show()
            self.take.setFocus(Qt.FocusReason.OtherFocusReason)
        self.recorder.setAccessibleDescription(self.note.text())

    def _on_taken(self) -> None:
        row, key = self._row(), self._asked
        if row is not None and key:
            self.recorder.setFocus(Qt.FocusReason.OtherFocusReason)
            self._change_keys((*in_force.keymap().keys(row.id), key))

    def _on_cancelled(self) -> None:
        self.recorder.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_row()

    def _on_reset(self) -> None:
        row = self._row()
        if row is not None:
            self._use(in_force.keymap().reset(row.id))

    def _on_reset_all(self) -> None:
        self._use(in_force.keymap().reset_all())

    def _on_preset_chosen(self, index: int) -> None:
        self._use(in_force.keymap().with_preset(self.preset.itemData(index)))

    # -- the cheat-sheet ------------------------------------------------------------------------
    def _on_save(self) -> None:
        folder = self._settings.folder
        name, _ = QFileDialog.getSaveFileName(self, "Save the cheat-sheet", str(folder / "strata-keys.html"), _KINDS)
        if name:
            self.write_sheet(pathlib.Path(name))

    def write_sheet(self, path: pathlib.Path) -> None:
        """Text where the file's name ends in .txt, else a page."""
        make = sheet.as_text if path.suffix.lower() == ".txt" else sheet.as_html
        try:
            path.write_text(make(in_force.keymap()), encoding="utf-8")
        except OSError as error:
            self.note.setText(f"{path.name} could not be written: {error.strerror or error}. Choose another folder.")
        else:
            self.note.setText(f"Written to {path}.")


def _button(text: str, parent: QWidget, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    button.clicked.connect(act)
    return button
