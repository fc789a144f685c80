"""Every colour and size of the window; no hex value stands anywhere else. `tests/gui/test_theme.py` holds the contrast.

Surfaces are neutral on purpose: saturated colour belongs to data, curves, category marks and states.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

# Each family of layers has a colour, a glyph shape (resources/icons/<slug>.svg) and its name in words: colour is
# never the only cue.
FAMILY_SLUGS = {
    "Input / Data": "data",
    "Linear": "linear",
    "Convolution": "convolution",
    "Pooling": "pooling",
    "Normalisation": "normalisation",
    "Activation": "activation",
    "Recurrent": "recurrent",
    "Attention": "attention",
    "Shape": "shape",
    "Merge": "merge",
    "Regularisation": "regularisation",
    "Loss": "loss",
    "Blocks": "blocks",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme. Attributes are hex strings (`#rrggbb`); `families` holds a mark colour for each family's slug."""

    name: str
    dark: bool
    # surfaces
    canvas: str
    canvas_dot: str
    window: str
    panel: str
    raised: str
    hover: str
    input: str
    node: str
    node_head: str
    # edges; `line` and `line_strong` decorate and never carry meaning, `control` outlines fields
    line: str
    line_strong: str
    control: str
    # text
    text: str
    text2: str
    text3: str
    disabled: str
    # accent and states
    accent: str
    accent_fill: str
    accent_soft: str
    on_accent: str
    sel: str
    ok: str
    warn: str
    err: str
    err_fill: str
    ok_soft: str
    warn_soft: str
    err_soft: str
    # data
    train: str
    val: str
    wire: str
    shadow: str  # drawn with `shadow_alpha`
    shadow_alpha: int
    signed_stops: tuple[str, ...]  # colour map around zero: blue, neutral, orange
    families: tuple[tuple[str, str], ...]
    high_contrast: bool = False

    def family(self, name: str) -> str:
        """The mark colour of a family, by its title (‘Convolution’) or slug; unknown names get the blocks' grey."""
        slug = FAMILY_SLUGS.get(name, name)
        marks = dict(self.families)
        return marks.get(slug, marks["blocks"])

    @property
    def class_marks(self) -> tuple[str, ...]:
        """Colours of classes that are compared directly: the first two are the ends of the signed map (a decision
        between two is above zero for the first), and there are no more than six."""
        others = (self.family(name) for name in ("convolution", "recurrent", "attention", "shape"))
        return (self.signed_stops[-1], self.signed_stops[0], *others)

    def get(self, token: str) -> str:
        """A colour by the token's name (‘text2’), by a family (‘Convolution’), or the hex value itself."""
        if token.startswith("#"):
            return token
        if token in FAMILY_SLUGS:
            return self.family(token)
        return getattr(self, token)


DARK = Tokens(
    name="dark",
    dark=True,
    canvas="#121418",
    canvas_dot="#23272f",
    window="#17191e",
    panel="#1b1e24",
    raised="#242830",
    hover="#2b303a",
    input="#14161a",
    node="#20242b",
    node_head="#272c35",
    line="#2a2f38",
    line_strong="#3a414d",
    control="#6a7486",
    text="#e7eaf0",
    text2="#aab3c2",
    text3="#929cae",
    disabled="#5c6574",
    accent="#7c9cff",
    accent_fill="#3e63dd",
    accent_soft="#232c47",
    on_accent="#ffffff",
    sel="#a9bfff",
    ok="#4ac6a0",
    warn="#e8b54a",
    err="#ff7a72",
    err_fill="#c93c3c",
    ok_soft="#1b332d",
    warn_soft="#36301f",
    err_soft="#3a1f22",
    train="#6ea8ff",
    val="#f2a65a",
    wire="#7d8798",
    shadow="#000000",
    shadow_alpha=115,
    signed_stops=("#8cb8ff", "#4a86ea", "#2a4a80", "#1c222c", "#7a4a1e", "#e08a35", "#ffc88a"),
    families=(
        ("data", "#9fb0c6"),
        ("linear", "#6ea8ff"),
        ("convolution", "#3fc1b0"),
        ("pooling", "#7cc7ea"),
        ("normalisation", "#b6a6f5"),
        ("activation", "#eebb55"),
        ("recurrent", "#e38fc4"),
        ("attention", "#c889f2"),
        ("shape", "#a9b77c"),
        ("merge", "#8f9dff"),
        ("regularisation", "#cfa583"),
        ("loss", "#f09070"),
        ("blocks", "#d3d9e4"),
    ),
)

LIGHT = Tokens(
    name="light",
    dark=False,
    canvas="#eceff3",
    canvas_dot="#d3d8e0",
    window="#f1f3f6",
    panel="#fafbfc",
    raised="#ffffff",
    hover="#e9ecf1",
    input="#ffffff",
    node="#ffffff",
    node_head="#f5f7f9",
    line="#dce0e7",
    line_strong="#c2c8d2",
    control="#868f9d",
    text="#191d24",
    text2="#49525f",
    text3="#5b6574",
    disabled="#9aa2af",
    accent="#2f55d4",
    accent_fill="#3558d4",
    accent_soft="#e3e9fc",
    on_accent="#ffffff",
    sel="#3558d4",
    ok="#0f7055",
    warn="#8a5a00",
    err="#c02f2f",
    err_fill="#c02f2f",
    ok_soft="#e0f3ec",
    warn_soft="#fbf1db",
    err_soft="#fdeceb",
    train="#2563c9",
    val="#b45a08",
    wire="#7a8494",
    shadow="#1c2330",
    shadow_alpha=33,
    signed_stops=("#1f5bc4", "#6f9de8", "#cfdff7", "#f7f7f7", "#fbdcb9", "#ea9a4c", "#b45a08"),
    families=(
        ("data", "#566579"),
        ("linear", "#2563c9"),
        ("convolution", "#0b7d70"),
        ("pooling", "#20759f"),
        ("normalisation", "#6b55c9"),
        ("activation", "#946200"),
        ("recurrent", "#ab3f85"),
        ("attention", "#8c3cc0"),
        ("shape", "#5f6d2a"),
        ("merge", "#4853cf"),
        ("regularisation", "#8a5a36"),
        ("loss", "#b84a25"),
        ("blocks", "#3d4552"),
    ),
)

# Where a person or the system asks for more contrast: edges carry the layout, captions read as body text.
DARK_CONTRAST = replace(
    DARK,
    name="dark_contrast",
    high_contrast=True,
    canvas="#000000",
    window="#000000",
    panel="#08090b",
    raised="#14161a",
    input="#000000",
    node="#0d0f12",
    node_head="#171a20",
    line="#7a8494",
    line_strong="#aab3c2",
    control="#c3cad6",
    text="#ffffff",
    text2="#e7eaf0",
    text3="#d3d9e4",
    disabled="#929cae",
    accent="#a9bfff",
    sel="#d3deff",
    wire="#c3cad6",
    ok="#7be0c0",
    warn="#ffd27a",
    err="#ffaba6",
)
LIGHT_CONTRAST = replace(
    LIGHT,
    name="light_contrast",
    high_contrast=True,
    canvas="#ffffff",
    window="#ffffff",
    panel="#ffffff",
    line="#6a7486",
    line_strong="#49525f",
    control="#3d4552",
    text="#000000",
    text2="#191d24",
    text3="#2f3641",
    disabled="#5b6574",
    accent="#1c3fb4",
    sel="#1c3fb4",
    wire="#3d4552",
    ok="#0a523e",
    warn="#633f00",
    err="#8f1d1d",
)

THEMES = {each.name: each for each in (DARK, LIGHT, DARK_CONTRAST, LIGHT_CONTRAST)}

# Colour maps that are the same in all themes. Activation rises steadily in lightness, so it also reads in grey.
ACTIVATION_STOPS = (
    "#0b0d14",
    "#241b33",
    "#37305f",
    "#3d4f8b",
    "#38719c",
    "#3491a8",
    "#3cb2ad",
    "#68cfad",
    "#aee3c0",
    "#e6f6ea",
)
FULL_FIELD = 0.75  # how much of a class's colour a field shows where that class is certain
GREY_STOPS = ("#05070a", "#ffffff")

# The application's mark: three layers, top to bottom.
LOGO = ("#f0b45c", "#3fb5a6", "#5b7fe8")

# Type, px at 100 %. ‘Text size’ (90–150 %) multiplies all of them.
UI_FAMILY = "Inter"
MONO_FAMILIES = ("JetBrains Mono", UI_FAMILY)  # JetBrains Mono lacks the space that stands between thousands
AXIS, CAPTION, SMALL, BODY, NAME, DIALOG_TITLE, WELCOME = 10.5, 11.0, 11.5, 12.0, 13.0, 15.0, 20.0

# Sizes, px.
GRID = 4
DOCK_PADDING = 12
MENU_HEIGHT, TOOLBAR_HEIGHT, TAB_HEIGHT, DOCK_TITLE_HEIGHT, STATUS_HEIGHT = 28, 48, 32, 32, 26
ROW_HEIGHT, FIELD_HEIGHT, BUTTON_HEIGHT, SMALL_BUTTON_HEIGHT, TABLE_ROW_HEIGHT = 28, 28, 28, 24, 30
TILE_RADIUS, CHIP_RADIUS, BUTTON_RADIUS, PANEL_RADIUS, CARD_RADIUS = 2, 5, 6, 8, 10
PALETTE_WIDTH, INSPECTOR_WIDTH, BOTTOM_HEIGHT = 212, 332, 268
MINIMUM_WINDOW = (1180, 720)
OUTLINE_WIDTH = 360  # name, output and state; the rest on a second line
TITLE_WIDTH = 112  # of the left column of a form
CANVAS_LEAST = 690  # of the window's width, before the Outline has what it would like
COMPACT_BELOW = 1360  # narrower windows show the palette as icons
COMPACT_PALETTE_WIDTH = 52

SHADOW_BLUR, SHADOW_DROP = 22, 6  # only popups cast one
VEIL_ALPHA = 190  # of the window's colour, over what is not to be touched just now
RING_WIDTH, RING_GAP = 2, 2  # around what has the focus
TARGET = 24  # the least side of what can be clicked

# Motion, ms; ‘Reduce motion’ makes all of them 0.
HOVER_MS, PRESS_MS, POPUP_MS, NODE_MS, FIT_MS, TOAST_MS = 80, 50, 120, 160, 240, 6000
TOOLTIP_MS = 600  # from the focus that came by key to the tooltip; no motion, so it stays
