"""The look: contrast of every pair that is read or told apart, fonts, icons, colour maps, switching."""

from __future__ import annotations

import itertools
import pathlib
import re

import numpy as np
import pytest
from PySide6.QtGui import QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from engine.catalog.spec import FAMILIES
from gui.settings import THEMES, Settings
from gui.theme import icons, stylesheet, theme
from gui.theme import tokens as t

each_theme = pytest.mark.parametrize("tokens", t.THEMES.values(), ids=t.THEMES)
contrast_themes = pytest.mark.parametrize("tokens", [t.DARK_CONTRAST, t.LIGHT_CONTRAST], ids=lambda tokens: tokens.name)

SURFACES = ("canvas", "window", "panel", "raised", "hover", "input", "node", "node_head", "accent_soft", "err_soft")


def luminance(colour: str) -> float:
    """WCAG 2: relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@each_theme
def test_text_is_legible_on_every_surface_it_stands_on(tokens: t.Tokens) -> None:
    for text, surface in itertools.product(("text", "text2", "text3"), SURFACES[:8]):
        assert contrast(tokens.get(text), tokens.get(surface)) >= 4.5, (text, surface)
    for text, surface in itertools.product(("text", "text2"), ("accent_soft", "err_soft", "warn_soft", "ok_soft")):
        assert contrast(tokens.get(text), tokens.get(surface)) >= 4.5, (text, surface)
    for state, surface in itertools.product(
        ("ok", "warn", "err", "accent"), ("panel", "window", "node", "accent_soft")
    ):
        assert contrast(tokens.get(state), tokens.get(surface)) >= 4.5, (state, surface)
    assert contrast(tokens.err, tokens.err_soft) >= 4.5
    for fill in ("accent_fill", "err_fill"):
        assert contrast(tokens.on_accent, tokens.get(fill)) >= 4.5, fill


@each_theme
def test_marks_controls_and_wires_stand_out(tokens: t.Tokens) -> None:
    for family, surface in itertools.product(FAMILIES, ("node", "node_head", "panel")):
        assert contrast(tokens.family(family), tokens.get(surface)) >= 3.0, (family, surface)
    for surface in ("panel", "raised", "input"):
        assert contrast(tokens.control, tokens.get(surface)) >= 3.0, surface
    for mark in ("wire", "sel", "train", "val", "err", "accent"):
        assert contrast(tokens.get(mark), tokens.canvas) >= 3.0, mark
    for mark in ("train", "val"):
        assert contrast(tokens.get(mark), tokens.panel) >= 3.0, mark


@each_theme
def test_captions_are_legible_on_selected_rows(tokens: t.Tokens) -> None:
    """The second line of a row of the Outline or of a list is a caption, selected or not."""
    for surface in ("accent_soft", "hover", "raised", "panel"):
        assert contrast(tokens.text3, tokens.get(surface)) >= 4.5, surface


def rules() -> list[tuple[str, dict[str, str]]]:
    """(selector, {property: value}) of each rule of the style sheet that sets its text's colour and what is behind."""
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", stylesheet._SHEET):
        declared = dict(part.strip().split(":", 1) for part in body.split(";") if ":" in part)
        values = {name.strip(): value.strip().removeprefix("$") for name, value in declared.items()}
        if {"color", "background"} <= values.keys():
            found.append((selector.strip(), values))
    return found


@each_theme
def test_every_rule_that_sets_text_and_background_is_legible(tokens: t.Tokens) -> None:
    checked = 0
    for selector, values in rules():
        behind, text = values["background"], values["color"]
        if "disabled" in selector or behind == "transparent":
            continue
        behind = {"segment_on": "hover" if tokens.dark else "raised"}.get(behind, behind)
        assert contrast(tokens.get(text), tokens.get(behind)) >= 4.5, selector
        checked += 1
    assert checked >= 5, "the sheet has such rules"


@each_theme
def test_icons_states_and_the_focus_ring_stand_out_where_they_are_drawn(tokens: t.Tokens) -> None:
    for surface in (*SURFACES[:9], "warn_soft", "ok_soft"):
        for mark in ("text2", "text3", "ok", "warn", "err", "accent"):  # icons, marks of health, the ring
            assert contrast(tokens.get(mark), tokens.get(surface)) >= 3.0, (mark, surface)
    for mark in ("err", "accent", "text2"):
        assert contrast(tokens.get(mark), tokens.err_soft) >= 3.0, mark


@each_theme
def test_wires_and_ports_stand_out(tokens: t.Tokens) -> None:
    """A port lies on the edge of its node, a wire may pass over one; far away nodes are rectangles of their family."""
    for mark, surface in itertools.product(("wire", "sel", "accent", "err"), ("canvas", "node", "node_head")):
        assert contrast(tokens.get(mark), tokens.get(surface)) >= 3.0, (mark, surface)
    for family in FAMILIES:
        assert contrast(tokens.family(family), tokens.canvas) >= 3.0, family


@contrast_themes
def test_high_contrast_is_more_than_the_plain_theme_has(tokens: t.Tokens) -> None:
    plain = t.DARK if tokens.dark else t.LIGHT
    for text, surface in itertools.product(("text", "text2", "text3"), SURFACES[:8]):
        assert contrast(tokens.get(text), tokens.get(surface)) >= 7.0, (text, surface)
    for edge, surface in itertools.product(("line", "line_strong", "control"), ("canvas", "window", "panel", "input")):
        assert contrast(tokens.get(edge), tokens.get(surface)) >= 3.0, (edge, surface)
    for token in ("text2", "text3", "wire", "sel", "control", "line", "ok", "warn", "err"):
        before, now = (contrast(theme_.get(token), theme_.panel) for theme_ in (plain, tokens))
        assert now > before, token


def test_the_systems_wish_for_contrast_is_followed(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "_system_wants_contrast", lambda _hints: True)
    for choice, tokens in (("dark", t.DARK_CONTRAST), ("light", t.LIGHT_CONTRAST)):
        theme.apply(qapp, choice)
        assert theme.tokens() is tokens and theme.choice() == choice
    monkeypatch.undo()
    assert isinstance(theme._system_wants_contrast(qapp.styleHints()), bool)
    assert not theme._system_wants_contrast(object()), "older Qt says nothing about it"  # type: ignore[arg-type]
    theme.apply(qapp, "dark")


def test_high_contrast_can_be_chosen_and_kept_while_switching(qapp: QApplication) -> None:
    theme.apply(qapp, "light_contrast")
    assert theme.tokens() is t.LIGHT_CONTRAST and theme.opposite() == "dark_contrast"
    theme.apply(qapp, theme.opposite())
    assert theme.tokens() is t.DARK_CONTRAST and theme.opposite() == "light_contrast"
    theme.apply(qapp, "dark")
    assert theme.opposite() == "light"


def test_every_choice_is_remembered(tmp_path: pathlib.Path) -> None:
    assert theme.CHOICES == THEMES
    for choice in theme.CHOICES:
        remembered = Settings(tmp_path / "strata.ini")
        remembered.theme = choice
        remembered.sync()
        assert Settings(tmp_path / "strata.ini").theme == choice


@each_theme
def test_every_family_has_a_colour_and_a_glyph(tokens: t.Tokens, qapp: QApplication) -> None:
    assert tuple(t.FAMILY_SLUGS) == FAMILIES
    assert {slug for slug, _ in tokens.families} == set(t.FAMILY_SLUGS.values())
    for family in FAMILIES:
        image = theme.glyph(family, 16, 2.0, tokens.family(family)).toImage()
        assert (image.width(), image.devicePixelRatio()) == (32, 2.0)
        assert any(image.pixelColor(x, y).alpha() > 128 for x in range(32) for y in range(32)), family


def test_the_bundled_fonts_are_used(qapp: QApplication) -> None:
    assert QFontInfo(theme.font(12)).family() == "Inter"
    assert QFontInfo(theme.font(12, 600)).weight() == 600
    mono = QFontInfo(theme.font(10.5, mono=True))
    assert mono.family() == "JetBrains Mono" and mono.fixedPitch()


def test_text_size_multiplies_every_font(qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 1.0)
    plain = theme.font(12).pointSizeF()
    theme.apply(qapp, "dark", 1.5)
    try:
        assert theme.font(12).pointSizeF() == pytest.approx(1.5 * plain, abs=0.02)
        assert qapp.font().pointSizeF() == pytest.approx(1.5 * plain, abs=0.02)
    finally:
        theme.apply(qapp, "dark", 1.0)


def test_an_icon_takes_the_colours_of_the_theme_in_force(qapp: QApplication) -> None:
    icon = theme.icon("play", "text")

    def darkest() -> int:
        image = icon.pixmap(32, 32).toImage()
        seen = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        return next(c.lightness() for c in sorted(seen, key=lambda c: -c.alpha()))

    theme.apply(qapp, "dark")
    in_dark = darkest()
    theme.apply(qapp, "light")
    assert in_dark > 200 > 100 > darkest()
    theme.apply(qapp, "dark")
    assert not icon.pixmap(16, 16, QIcon.Mode.Disabled).isNull()


def test_an_unknown_icon_is_told_at_once(qapp: QApplication) -> None:
    with pytest.raises(KeyError, match="no icon called nonsense"):
        theme.icon("nonsense")
    assert icons.phosphor_icon("ph.play", "text", "text")


def test_colour_maps(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    activation = theme.lut("activation")
    assert activation.shape == (256, 4) and activation.dtype == np.uint8
    lightness = [luminance("#" + bytes(row[:3].tolist()).hex()) for row in activation]
    assert all(later >= earlier - 1e-3 for earlier, later in itertools.pairwise(lightness)), "reads in grey too"
    signed = theme.lut("signed").astype(int)
    assert signed[40][2] > signed[40][0] and signed[215][0] > signed[215][2], "blue below zero, orange above"
    assert bytes(signed[128][:3].astype(np.uint8)).hex() in ("1c222c", "1d222c", "1e232b", "1d222b")
    theme.apply(qapp, "light")
    assert theme.lut("signed")[128].min() > 240
    theme.apply(qapp, "dark")
    assert (theme.lut("grey")[255] == 255).all()


def test_switching_tells_and_restyles(qapp: QApplication, qtbot) -> None:
    theme.apply(qapp, "dark")
    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, "light")
    assert theme.tokens() is t.LIGHT and qapp.palette().window().color().name() == t.LIGHT.panel
    theme.apply(qapp, "nonsense")
    assert theme.choice() == "system"
    theme.apply(qapp, "dark")


def test_the_style_sheet_uses_tokens_only(qapp: QApplication, qtbot) -> None:
    sheet = stylesheet._SHEET
    assert "#" not in sheet.replace("#{", ""), "a colour stands in the style sheet instead of in the tokens"
    built = stylesheet.build(t.DARK, theme.points)
    assert "$" not in built
    label, button = QLabel("x"), QPushButton("y")
    qtbot.addWidget(label)
    qtbot.addWidget(button)
    label.setProperty("role", "name")
    theme.apply(qapp, "dark")
    label.ensurePolished()
    assert label.fontInfo().weight() == 600
