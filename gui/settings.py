"""What is remembered between sessions: look, curves, hints, keys, window, projects. An ini file of the user's."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

THEMES = ("system", "dark", "light", "dark_contrast", "light_contrast")
MOST_RECENT = 10
MOST_COMMANDS = 20


def config_folder() -> pathlib.Path:
    return pathlib.Path(platformdirs.user_config_dir("strata", appauthor=False))


class Settings:
    """Typed access to the ini file. Damaged or missing values read as their defaults."""

    def __init__(self, path: pathlib.Path | None = None):
        self._store = QSettings(str(path or config_folder() / "strata.ini"), QSettings.Format.IniFormat)

    def sync(self) -> None:
        self._store.sync()

    # -- look ----------------------------------------------------------------------
    @property
    def theme(self) -> str:
        value = str(self._store.value("look/theme", "system"))
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("look/theme", value)

    @property
    def text_size(self) -> float:
        """A factor, 0.9 to 1.5."""
        try:
            return min(1.5, max(0.9, float(str(self._store.value("look/text_size", 1.0)))))
        except ValueError:
            return 1.0

    @text_size.setter
    def text_size(self, value: float) -> None:
        self._store.setValue("look/text_size", value)

    @property
    def smoothing(self) -> float:
        """Of the curves, 0 to 0.99."""
        try:
            value = float(str(self._store.value("curves/smoothing", 0.9)))
        except ValueError:
            return 0.9
        return value if 0.0 <= value <= 0.99 else 0.9

    @smoothing.setter
    def smoothing(self, value: float) -> None:
        self._store.setValue("curves/smoothing", value)

    @property
    def logarithmic(self) -> bool:
        """Whether the loss axis is."""
        return str(self._store.value("curves/logarithmic", "false")).lower() == "true"

    @logarithmic.setter
    def logarithmic(self, value: bool) -> None:
        self._store.setValue("curves/logarithmic", "true" if value else "false")

    @property
    def minimap(self) -> bool | None:
        """Whether it is shown; None where nobody has decided."""
        return {"shown": True, "hidden": False}.get(str(self._store.value("look/minimap", "")))

    @minimap.setter
    def minimap(self, value: bool | None) -> None:
        self._store.setValue("look/minimap", "" if value is None else "shown" if value else "hidden")

    @property
    def motion(self) -> str:
        value = str(self._store.value("look/motion", "system"))
        return value if value in ("system", "full", "reduced") else "system"

    @motion.setter
    def motion(self, value: str) -> None:
        self._store.setValue("look/motion", value)

    # -- hints -----------------------------------------------------------------------
    @property
    def dismissed_hints(self) -> frozenset[str]:
        """The keys of hints that are not to be shown."""
        value = self._store.value("hints/dismissed", [])
        texts = value if isinstance(value, list) else [value]
        return frozenset(str(text) for text in texts if text)

    @dismissed_hints.setter
    def dismissed_hints(self, value: frozenset[str]) -> None:
        self._store.setValue("hints/dismissed", sorted(value))

    # -- keys ------------------------------------------------------------------------
    @property
    def key_preset(self) -> str:
        return str(self._store.value("keys/preset", "strata"))

    @key_preset.setter
    def key_preset(self, value: str) -> None:
        self._store.setValue("keys/preset", value)

    @property
    def own_keys(self) -> dict[str, object]:
        """By the ids of actions, what the person has changed; whether it means anything is for gui.shortcuts to say."""
        try:
            value = json.loads(str(self._store.value("keys/own", "{}")))
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @own_keys.setter
    def own_keys(self, value: Mapping[str, object]) -> None:
        self._store.setValue("keys/own", json.dumps(dict(value)))

    @property
    def recent_commands(self) -> list[str]:
        """What was chosen in the command palette, newest first."""
        value = self._store.value("palette/recent", [])
        texts = value if isinstance(value, list) else [value]
        return [str(text) for text in texts if text][:MOST_COMMANDS]

    @recent_commands.setter
    def recent_commands(self, value: list[str]) -> None:
        self._store.setValue("palette/recent", value[:MOST_COMMANDS])

    # -- window ----------------------------------------------------------------------
    @property
    def geometry(self) -> QByteArray:
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def state(self) -> QByteArray:
        return self._bytes("window/state")

    @state.setter
    def state(self, value: QByteArray) -> None:
        self._store.setValue("window/state", value)

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    # -- projects --------------------------------------------------------------------
    @property
    def recent(self) -> list[pathlib.Path]:
        """Newest first; those that are gone are left out."""
        return [path for path in self.remembered if os.path.isfile(path)]

    @property
    def remembered(self) -> list[pathlib.Path]:
        """Newest first, whether they are still there or not: nothing on the disk is looked at."""
        value = self._store.value("projects/recent", [])
        texts = value if isinstance(value, list) else [value]
        return [pathlib.Path(str(text)) for text in texts if text]

    def add_recent(self, path: pathlib.Path) -> None:
        path = path.resolve()
        self._remember([path, *(other for other in self.remembered if other != path)])
        self.folder = path.parent

    def forget_recent(self, path: pathlib.Path) -> None:
        self._remember([other for other in self.remembered if other != path])

    def _remember(self, paths: list[pathlib.Path]) -> None:
        self._store.setValue("projects/recent", [str(path) for path in paths[:MOST_RECENT]])

    def clear_recent(self) -> None:
        self._store.setValue("projects/recent", [])

    @property
    def folder(self) -> pathlib.Path:
        folder = pathlib.Path(str(self._store.value("projects/folder", "")) or ".")
        return folder if folder.is_absolute() and os.path.isdir(folder) else pathlib.Path.home()

    @folder.setter
    def folder(self, value: pathlib.Path) -> None:
        self._store.setValue("projects/folder", str(value))

    @property
    def welcome_at_start(self) -> bool:
        """Whether a start without a path shows the welcome page; else the project that was open last is opened."""
        return str(self._store.value("welcome/at_start", "true")).lower() == "true"

    @welcome_at_start.setter
    def welcome_at_start(self, value: bool) -> None:
        self._store.setValue("welcome/at_start", "true" if value else "false")

    @property
    def tour(self) -> str:
        """How far the tour was gone: the name of its next step, ‘done’, ‘declined’, or nothing where it never began."""
        return str(self._store.value("welcome/tour", ""))

    @tour.setter
    def tour(self, value: str) -> None:
        self._store.setValue("welcome/tour", value)

    @property
    def last(self) -> pathlib.Path | None:
        """The project that was open when the window closed, if it is still there."""
        text = str(self._store.value("projects/last", ""))
        path = pathlib.Path(text) if text else None
        return path if path and os.path.isfile(path) else None

    @last.setter
    def last(self, value: pathlib.Path | None) -> None:
        self._store.setValue("projects/last", str(value) if value else "")
