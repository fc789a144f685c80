"""The theme in force, for the whole process: ask for colours, fonts, icons and colour maps; listen to `changed`.

    from gui.theme import theme
    theme.colour("text2"), theme.font(11, 500), theme.icon("play"), theme.changed.connect(self.update)

Widgets that paint themselves read the tokens while painting and only need `update()` on `changed`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette, QPixmap, QStyleHints

from gui.theme import icons, stylesheet
from gui.theme import tokens as t
from gui.theme.tokens import Tokens

if TYPE_CHECKING:
    import numpy as np
    from PySide6.QtWidgets import QApplication

CHOICES = ("system", *t.THEMES)


class _Notifier(QObject):
    """`changed` comes after colours or text size have changed and the application has been restyled."""

    changed = Signal()


notifier = _Notifier()
changed = notifier.changed

scale: float = 1.0  # the text size factor, 0.9 to 1.5; read it as `theme.scale`, set it with `apply`
_tokens: Tokens = t.DARK
_choice: str = "dark"
_applying = False
_followed: QObject | None = None  # the style hints whose signals are connected


def tokens() -> Tokens:
    return _tokens


def choice() -> str:
    """What the person chose: ‘system’, or the name of a theme."""
    return _choice


@functools.lru_cache(maxsize=512)
def _qcolor(value: str) -> QColor:
    return QColor(value)


def colour(token: str) -> QColor:
    """The colour of a token (‘text2’) or of a family (‘Convolution’)."""
    return QColor(_qcolor(_tokens.get(token)))


# -- fonts -------------------------------------------------------------------------
@functools.cache
def load_fonts() -> None:
    """Register the bundled fonts; once. Without them Qt falls back to the system's own."""
    folder = resources.files("resources") / "fonts"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith((".otf", ".ttf")):
            QFontDatabase.addApplicationFontFromData(entry.read_bytes())


def points(px: float) -> float:
    """Points for a size in px at 100 %, text size included (QFont takes fractions only in points)."""
    screen = QGuiApplication.primaryScreen()
    dpi = screen.logicalDotsPerInch() if screen else 96.0
    return px * scale * 72.0 / dpi


def font(px: float = t.BODY, weight: int = 400, mono: bool = False) -> QFont:
    """A font at `px` × text size, with tabular figures."""
    return QFont(_font(float(px), weight, mono, scale))


@functools.lru_cache(maxsize=128)
def _font(px: float, weight: int, mono: bool, _scale: float) -> QFont:
    load_fonts()
    result = QFont([*t.MONO_FAMILIES, "monospace"] if mono else [t.UI_FAMILY, "Noto Sans", "sans-serif"])
    result.setPointSizeF(points(px))
    result.setWeight(QFont.Weight(weight))
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if mono:
        result.setStyleHint(QFont.StyleHint.Monospace)
        result.setFeature(QFont.Tag("zero"), 1)
        result.setFeature(QFont.Tag("calt"), 0)
    else:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


# -- icons -------------------------------------------------------------------------
def icon(name: str, token: str = "text2", size: int = 16, on_token: str = "") -> QIcon:
    """A Phosphor icon (‘play’, ‘caret-down’); it follows the theme by itself. `size` is a hint only."""
    return icons.phosphor_icon(name, token, on_token or token)


def icon_pixmap(name: str, size: int = 16, dpr: float = 1.0, token: str = "text2") -> QPixmap:
    return icons.phosphor_pixmap(name.removeprefix("ph."), size, dpr, _tokens.get(token))


def glyph(family: str, size: int, dpr: float = 1.0, colour: str | QColor | None = None) -> QPixmap:
    """A family's glyph in its own colour, or in `colour` (a token, a hex value or a QColor)."""
    if isinstance(colour, QColor):
        tint = colour.name()
    else:
        tint = _tokens.get(colour) if colour else _tokens.family(family)
    return icons.svg_pixmap(t.FAMILY_SLUGS.get(family, family), size, dpr, tint)


def glyph_icon(family: str, token: str = "") -> QIcon:
    """A family's glyph as an icon that follows the theme."""
    return icons.glyph_icon(family, token or next((f for f, s in t.FAMILY_SLUGS.items() if family in (f, s)), "Blocks"))


# -- colour maps -------------------------------------------------------------------
def lut(name: str) -> np.ndarray[Any, Any]:
    """A colour map as uint8 of shape (256, 4), RGBA: ‘activation’ (from zero up), ‘signed’ (around zero), ‘field’ (the
    same without its ends, which are those of the marks that lie over fields), ‘grey’."""
    signed = _tokens.signed_stops
    maps = {"activation": t.ACTIVATION_STOPS, "signed": signed, "field": signed[1:-1], "grey": t.GREY_STOPS}
    return _lut(maps[name])


def class_colour(number: int) -> QColor:
    """The colour of a class, by its number; they come again after six. Negative: of no known class."""
    marks = _tokens.class_marks
    return _qcolor(marks[number % len(marks)] if number >= 0 else _tokens.text3)


def class_lut(count: int) -> np.ndarray[Any, Any]:
    """A colour map for what is decided between `count` classes (engine.observe.plane.decided): each class from the
    neutral colour, where nothing is certain, towards its own; marks of the class stand out from it."""
    marks = _tokens.class_marks
    middle = _tokens.signed_stops[len(_tokens.signed_stops) // 2]
    return _class_lut(middle, tuple(marks[number % len(marks)] for number in range(count)))


@functools.lru_cache(maxsize=8)
def _class_lut(middle: str, marks: tuple[str, ...]) -> np.ndarray[Any, Any]:
    import numpy as np

    ends = np.array([_qcolor(mark).getRgb() for mark in marks], np.float64)
    values = np.arange(256) / 255 * len(marks)
    winners = np.minimum(values.astype(np.intp), len(marks) - 1)
    certainty = t.FULL_FIELD * np.clip((values - winners - 0.25) * 2, 0.0, 1.0)[:, np.newaxis]
    table = (np.array(_qcolor(middle).getRgb()) * (1 - certainty) + ends[winners] * certainty).round().astype(np.uint8)
    table.setflags(write=False)
    return table


@functools.lru_cache(maxsize=8)
def _lut(stops: tuple[str, ...]) -> np.ndarray[Any, Any]:
    import numpy as np

    colours = np.array([_qcolor(s).getRgb() for s in stops], np.float64)
    where = np.linspace(0, len(stops) - 1, 256)
    columns = [np.interp(where, np.arange(len(stops)), colours[:, k]) for k in range(4)]
    table = np.stack(columns, axis=1).round().astype(np.uint8)
    table.setflags(write=False)
    return table


# -- applying ----------------------------------------------------------------------
def apply(app: QApplication, new_choice: str = "system", text_size: float | None = None) -> None:
    """Dress the application. `text_size` is a factor (0.9 to 1.5); None keeps the one in force."""
    global _choice, scale, _tokens, _applying
    _choice = new_choice if new_choice in CHOICES else "system"
    if text_size is not None:
        scale = min(1.5, max(0.9, text_size))
    _applying = True
    try:
        _follow(app)
        chosen = t.THEMES.get(_choice)
        schemes = {None: Qt.ColorScheme.Unknown, True: Qt.ColorScheme.Dark, False: Qt.ColorScheme.Light}
        app.styleHints().setColorScheme(schemes[chosen and chosen.dark])  # title bars and native dialogs follow
        _tokens = _resolve(app)
        load_fonts()
        # each of these goes through every widget there is: only where something has changed
        if not app.styleSheet():
            app.setStyle("Fusion")
        if app.font() != font():
            app.setFont(font())
        app.setPalette(palette(_tokens))
        app.setStyleSheet(stylesheet.build(_tokens, points))
    finally:
        _applying = False
    changed.emit()


@contextmanager
def undressed(app: QApplication) -> Iterator[None]:
    """Widgets made inside get the style sheet once, at the end: a sheet in force is worked out anew for every widget
    that is put into another, which for the whole window takes as long as making it."""
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def _resolve(app: QApplication) -> Tokens:
    hints = app.styleHints()
    chosen = t.THEMES.get(_choice)
    dark = chosen.dark if chosen is not None else hints.colorScheme() != Qt.ColorScheme.Light
    return _theme(dark, (chosen is not None and chosen.high_contrast) or _system_wants_contrast(hints))


def _theme(dark: bool, high_contrast: bool) -> Tokens:
    return next(each for each in t.THEMES.values() if (each.dark, each.high_contrast) == (dark, high_contrast))


def opposite() -> str:
    """The choice that is light where the theme in force is dark, and the other way round, with as much contrast."""
    return _theme(not _tokens.dark, _tokens.high_contrast).name


def _system_wants_contrast(hints: QStyleHints) -> bool:
    if not hasattr(hints, "accessibility"):  # from Qt 6.10 on
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _follow(app: QApplication) -> None:
    """Restyle when the system's scheme or its wish for contrast changes; connected once."""
    global _followed
    hints = app.styleHints()
    if _followed is not None:
        return
    _followed = hints

    def refresh() -> None:
        if not _applying and _resolve(app) != _tokens:
            apply(app, _choice)

    hints.colorSchemeChanged.connect(lambda _scheme: refresh())
    if hasattr(hints, "accessibility"):
        hints.accessibility().contrastPreferenceChanged.connect(lambda _preference: refresh())


def palette(tokens: Tokens) -> QPalette:
    """QPalette for whatever the style sheet does not reach."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for target, value in (
        (role.Window, tokens.panel),
        (role.WindowText, tokens.text),
        (role.Base, tokens.input),
        (role.AlternateBase, tokens.panel),
        (role.Text, tokens.text),
        (role.Button, tokens.raised),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.err),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.text3),
        (role.Highlight, tokens.accent_soft),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Accent, tokens.accent_fill),
        (role.Light, tokens.hover),
        (role.Midlight, tokens.line),
        (role.Mid, tokens.line),
        (role.Dark, tokens.line_strong),
        (role.Shadow, tokens.canvas),
    ):
        result.setColor(target, QColor(value))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(group.Disabled, target, QColor(tokens.disabled))
    return result
