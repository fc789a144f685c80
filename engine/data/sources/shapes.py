"""Coloured shapes among clutter, 32×32: to be named, or found pixel by pixel.

The outlines are exact: a pixel is looked at in four points, and each is told inside from outside by the rule of even
and odd crossings, or by its distance from the middle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.drawn import Drawn, described
from engine.data.exact import Draws, cosine, sine, smooth, to_bytes
from engine.data.spec import FieldSpec
from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]

TRAIN, TEST = 12_000, 2_000
SIZE = 32
FINE = 2 * SIZE  # points along a side
CLASSES = ("circle", "ring", "crescent", "square", "triangle", "star", "cross", "arrow")
_CHUNK = 100
_BEHIND, _BEFORE = 4, 1  # pieces of clutter behind the shape, and before it

_STAR = (
    (0.0, -1.0), (0.2469, -0.3399), (0.9511, -0.309), (0.3996, 0.1298), (0.5878, 0.809),
    (0.0, 0.42), (-0.5878, 0.809), (-0.3996, 0.1298), (-0.9511, -0.309), (-0.2469, -0.3399),
)  # fmt: skip
_CROSS = (
    (-0.3, -0.95), (0.3, -0.95), (0.3, -0.3), (0.95, -0.3), (0.95, 0.3), (0.3, 0.3),
    (0.3, 0.95), (-0.3, 0.95), (-0.3, 0.3), (-0.95, 0.3), (-0.95, -0.3), (-0.3, -0.3),
)  # fmt: skip
_ARROW = ((-1.0, -0.27), (0.1, -0.27), (0.1, -0.78), (1.0, 0.0), (0.1, 0.78), (0.1, 0.27), (-1.0, 0.27))
_POLYGONS = {
    "square": ((-0.76, -0.76), (0.76, -0.76), (0.76, 0.76), (-0.76, 0.76)),
    "triangle": ((0.0, -1.0), (0.9, 0.68), (-0.9, 0.68)),
    "star": _STAR,
    "cross": _CROSS,
    "arrow": _ARROW,
}


def draw() -> dict[str, Array]:
    """Samples of all shapes in turn."""
    label = np.arange(TRAIN + TEST, dtype=np.int64) % len(CLASSES)
    images = np.empty((len(label), 3, SIZE, SIZE), np.uint8)
    masks = np.empty((len(label), SIZE, SIZE), np.uint8)
    for start in range(0, len(label), _CHUNK):
        part = slice(start, start + _CHUNK)
        images[part], masks[part] = _scenes(Draws(f"shapes {start}"), label[part])
    return {"image": images, "label": label, "mask": masks}


def _scenes(draws: Draws, label: Array) -> tuple[Array, Array]:
    """Images, samples × 3 × height × width, and for each pixel the class of the shape it shows plus one, or 0."""
    count = len(label)
    ground = _uniform(draws, 0.05, 0.95, count, 2, 3)
    image = _textured(draws, ground[:, 0], ground[:, 1], 0.2)
    for _ in range(_BEHIND):
        _paint(image, _piece(draws, count, 1.6), _uniform(draws, 0.0, 1.0, count, 3, 1, 1))
    shown = _shape(draws, label)
    first = _apart(draws, ground)
    second = first + _uniform(draws, -0.2, 0.2, count, 3)
    _paint(image, shown, _textured(draws, first, second, 0.2))
    for _ in range(_BEFORE):
        piece = _piece(draws, count, 0.8)
        _paint(image, piece, _uniform(draws, 0.0, 1.0, count, 3, 1, 1))
        shown = shown * (1.0 - piece)
    grain = _uniform(draws, 0.02, 0.12, count, 1, 1, 1)
    image += grain * _uniform(draws, -0.5, 0.5, count, 3, SIZE, SIZE)
    return to_bytes(image), np.where(shown >= 0.5, label[:, None, None] + 1, 0).astype(np.uint8)


def _uniform(draws: Draws, low: float, high: float, *shape: int) -> Array:
    """In single precision, which all that follows keeps: it is as exact and twice as fast."""
    return draws.uniform(low, high, *shape).astype(np.float32)


# -- colours ------------------------------------------------------------------------------------------------------
def _apart(draws: Draws, ground: Array) -> Array:
    """A colour for each sample, samples × 3: of five drawn by chance the one that is farthest from the ground's two."""
    offered = _uniform(draws, 0.0, 1.0, len(ground), 5, 3)
    away = np.abs(offered[:, :, None] - ground[:, None])  # samples × offers × colours of the ground × channels
    away = (away[..., 0] + away[..., 1]) + away[..., 2]
    best = np.argmax(np.minimum(away[..., 0], away[..., 1]), axis=1)
    return offered[np.arange(len(ground)), best]


def _textured(draws: Draws, first: Array, second: Array, strength: float) -> Array:
    """A surface of two colours, samples × 3 × height × width: clouds between them, stripes, and a slope."""
    count = len(first)

    def each(low: float, high: float) -> Array:
        return _uniform(draws, low, high, count, 1, 1)

    clouds = smooth(_uniform(draws, 0.0, 1.0, count, 6, 6), SIZE)
    turn, pace, start = each(0.0, 1.0), each(0.06, 0.28), each(0.0, 1.0)
    along = np.arange(SIZE, dtype=np.float32)
    way = cosine(turn) * along + sine(turn) * along[:, None]
    stripes = sine(way * pace + start) * (0.5 * strength * each(0.0, 1.0))
    blend = (clouds + way * (each(-0.5, 0.5) / SIZE))[:, None]
    return first[:, :, None, None] + (second - first)[:, :, None, None] * blend + stripes[:, None]


def _paint(image: Array, cover: Array, colour: Array) -> None:
    """Paint `colour` (samples × 3 × height × width, or × 1 × 1) over the image where `cover` says, 0–1."""
    image += cover[:, None] * (colour - image)


# -- forms --------------------------------------------------------------------------------------------------------
def _piece(draws: Draws, count: int, thickest: float) -> Array:
    """Clutter: a stroke with round ends, from a dot to half the width long. Cover 0–1, samples × height × width."""

    def each(low: float, high: float) -> Array:
        return _uniform(draws, low, high, count, 1, 1)

    x, y, turn, long = each(-2.0, 34.0), each(-2.0, 34.0), each(0.0, 1.0), each(0.1, 16.0)
    thick = each(0.4, thickest)
    along = np.arange(SIZE, dtype=np.float32)
    u, v = along - x, along[:, None] - y
    dx, dy = cosine(turn), sine(turn)
    way = np.clip(u * dx + v * dy, 0.0, long)
    u, v = u - way * dx, v - way * dy
    return np.clip(thick - np.sqrt(u * u + v * v) + 0.5, 0.0, 1.0)


def _shape(draws: Draws, label: Array) -> Array:
    """The shape of each sample, leaned, stretched and moved by chance; cover 0–1, samples × height × width."""
    count = len(label)

    def each(low: float, high: float) -> Array:
        return _uniform(draws, low, high, count, 1, 1)

    radius, stretch = each(8.0, 13.0), each(0.85, 1.18)
    reach = (SIZE - 1) / 2 - 0.85 * radius
    middle = (SIZE - 1) / 2
    x, y, turn = middle + reach * each(-1.0, 1.0), middle + reach * each(-1.0, 1.0), each(-0.07, 0.07)
    points = (np.arange(FINE, dtype=np.float32) + 0.5) / 2 - 0.5
    dx, dy = cosine(turn), sine(turn)
    across, down = points - x, points[:, None] - y
    u = (across * dx + down * dy) / (radius * stretch)
    v = (down * dx - across * dy) * (stretch / radius)
    shake, vary = 0.07 * draws.noise(count, 12, 2), each(0.0, 1.0)
    inside = np.empty((count, FINE, FINE), bool)
    for number, name in enumerate(CLASSES):
        chosen = np.flatnonzero(label == number)
        if name in _POLYGONS:
            corners = np.array(_POLYGONS[name])
            corners = (corners + shake[chosen, : len(corners)]).astype(np.float32)
            inside[chosen] = _in_polygon(u[chosen], v[chosen], corners)
        else:
            inside[chosen] = _ROUND[name](u[chosen], v[chosen], vary[chosen])
    whole = inside.reshape(count, SIZE, 2, SIZE, 2).astype(np.float32)
    return 0.25 * ((whole[:, :, 0, :, 0] + whole[:, :, 0, :, 1]) + (whole[:, :, 1, :, 0] + whole[:, :, 1, :, 1]))


def _in_polygon(u: Array, v: Array, corners: Array) -> Array:
    """Even–odd: whether a ray to the right crosses the outline an odd number of times. corners: samples × n × 2."""
    inside = np.zeros(u.shape, bool)
    for index in range(corners.shape[1]):
        (x, y), (p, q) = (corners[:, index - back].T[..., None, None] for back in (1, 0))
        crosses = (y > v) != (q > v)
        slope = (p - x) / np.where(q == y, np.float32(1), q - y)
        inside ^= crosses & (u < x + slope * (v - y))
    return inside


def _circle(u: Array, v: Array, _vary: Array) -> Array:
    return u * u + v * v < 0.82


def _ring(u: Array, v: Array, vary: Array) -> Array:
    hole = 0.4 + 0.25 * vary
    far = u * u + v * v
    return (far < 0.95) & (far > hole * hole)


def _crescent(u: Array, v: Array, vary: Array) -> Array:
    """A disc without a disc that is moved aside."""
    bite = u - (0.45 + 0.15 * vary)
    return (u * u + v * v < 1.0) & (bite * bite + v * v > 0.62)


_ROUND = {"circle": _circle, "ring": _ring, "crescent": _crescent}

SHAPES = Drawn(
    described(
        "shapes",
        "Coloured shapes 32×32",
        "12\u202f000 scenes and 2\u202f000 for the test, 32×32 colour: 8 kinds of shape among clutter, with masks.",
        "Colour and texture tell nothing here, only form does: what deeper layers and residual blocks are good for. "
        "Choose the target ‘label’ to name the shape, or ‘mask’ to find its pixels (segmentation).",
    ),
    inputs=(FieldSpec("image", "image", (3, SIZE, SIZE), "float32", scale="red, green, blue, 0–255 scaled to 0–1"),),
    targets=(
        FieldSpec("label", "class", (), "int64", classes=CLASSES),
        FieldSpec("mask", "mask", (SIZE, SIZE), "int64", classes=("background", *CLASSES)),
    ),
    draw=draw,
    digest="4f3b605533d16d596c4be8fdda3c5328",
    official_test=TEST,
    divisors=Frozen({"image": 255.0}),
)
