"""Interface icons (Phosphor) and the layer glyphs, painted on demand in the colours of the theme in force.

Phosphor comes with QtAwesome. Importing that package costs about 0.2 s (it loads QtOpenGL and a compatibility layer),
so its font and character map are read as files and painted here. Icons look up their colour when they are painted:
nobody has to set them again after a change of theme.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import pathlib
from importlib import resources

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme import tokens as t


@functools.cache
def _phosphor_folder() -> pathlib.Path:
    spec = importlib.util.find_spec("qtawesome")  # finds the package without running it
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("QtAwesome is not installed; python -m pip install QtAwesome")
    return pathlib.Path(spec.submodule_search_locations[0]) / "fonts"


@functools.cache
def _phosphor_characters() -> dict[str, str]:
    path = max(_phosphor_folder().glob("phosphor-charmap-*.json"))
    return {name: chr(int(code, 16)) for name, code in json.loads(path.read_text(encoding="utf-8")).items()}


@functools.cache
def _phosphor_family() -> str:
    number = QFontDatabase.addApplicationFont(str(max(_phosphor_folder().glob("phosphor-*.ttf"))))
    families = QFontDatabase.applicationFontFamilies(number)
    return families[0] if families else ""


def paint_phosphor(painter: QPainter, rect: QRect, name: str, colour: QColor) -> None:
    """Draw one Phosphor icon centred in `rect`."""
    font = QFont(_phosphor_family())
    font.setPixelSize(max(1, min(rect.width(), rect.height())))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _phosphor_characters()[name.removeprefix("ph.")])
    painter.restore()


@functools.cache
def _svg(slug: str) -> str:
    return (resources.files("resources") / "icons" / f"{slug}.svg").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=256)
def svg_pixmap(slug: str, size: int, dpr: float, colour: str = "") -> QPixmap:
    """A bundled SVG (a family's slug, or ‘strata’), `size` logical pixels, tinted where a colour is given."""
    source = _svg(slug).replace("currentColor", colour) if colour else _svg(slug)
    pixels = max(1, round(size * dpr))
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(dpr)
    return pixmap


@functools.lru_cache(maxsize=512)
def phosphor_pixmap(name: str, size: int, dpr: float, colour: str) -> QPixmap:
    """A Phosphor icon (‘play’, ‘caret-down’, ‘pause-fill’), `size` logical pixels."""
    pixels = max(1, round(size * dpr))
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_phosphor(painter, pixmap.rect(), name, QColor(colour))
    painter.end()
    pixmap.setDevicePixelRatio(dpr)
    return pixmap


class ThemedIconEngine(QIconEngine):
    """Paints a Phosphor icon or a glyph in the colour that `token` has at that moment."""

    def __init__(self, name: str, token: str, on_token: str, svg: bool = False):
        super().__init__()
        self._name, self._token, self._on_token, self._svg = name, token, on_token, svg

    def clone(self) -> QIconEngine:
        return ThemedIconEngine(self._name, self._token, self._on_token, self._svg)

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        from gui.theme import theme  # the theme in force; theme imports this module

        if mode == QIcon.Mode.Disabled:
            return theme.tokens().disabled
        return theme.tokens().get(self._on_token if state == QIcon.State.On else self._token)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixels = max(1, min(size.width(), size.height()))
        draw = svg_pixmap if self._svg else phosphor_pixmap
        return draw(self._name, pixels, 1.0, self._colour(mode, state))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        dpr = painter.device().devicePixelRatioF()
        size = min(rect.width(), rect.height())
        draw = svg_pixmap if self._svg else phosphor_pixmap
        pixmap = draw(self._name, size, dpr, self._colour(mode, state))
        corner = rect.topLeft() + QPoint((rect.width() - size) // 2, (rect.height() - size) // 2)
        painter.drawPixmap(corner, pixmap)


def phosphor_icon(name: str, token: str, on_token: str) -> QIcon:
    name = name.removeprefix("ph.")
    if name not in _phosphor_characters():
        raise KeyError(f"Phosphor has no icon called {name}")
    return QIcon(ThemedIconEngine(name, token, on_token))


def glyph_icon(family: str, token: str) -> QIcon:
    return QIcon(ThemedIconEngine(t.FAMILY_SLUGS.get(family, family), token, token, svg=True))


def application_icon() -> QIcon:
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(svg_pixmap("strata", size, 1.0))
    return icon
