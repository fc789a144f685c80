"""Digits written with a thick pen, 28×28 grey, as MNIST's are: glyphs, bent and warped anew for every sample.

Each shape is a chain of pen points; a pixel's ink follows from its distance to the nearest of them.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from engine.data.drawn import Drawn, described
from engine.data.exact import Draws, cosine, sine, to_bytes
from engine.data.sources.glyphs import GLYPHS, Glyph, Stroke
from engine.data.spec import FieldSpec
from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]

TRAIN, TEST = 12_000, 2_000
SIZE = 28
PEN_POINTS = 72
_CHUNK = 200
_MOST_CONTROLS = 1 + max(sum(len(s) for s in glyph) for glyphs in GLYPHS for glyph in glyphs)


def draw() -> dict[str, Array]:
    """Samples of all digits in turn; each digit's shapes are drawn by chance."""
    label = np.arange(TRAIN + TEST, dtype=np.int64) % 10
    images = np.empty((len(label), 1, SIZE, SIZE), np.uint8)
    for start in range(0, len(label), _CHUNK):
        part = slice(start, start + _CHUNK)
        images[part, 0] = _images(Draws(f"strokes {start}"), label[part])
    return {"image": images, "label": label}


def _images(draws: Draws, label: Array) -> Array:
    count = len(label)
    which = draws.uniform(0.0, 1.0, count)
    shake = 0.032 * draws.noise(count, _MOST_CONTROLS, 2)
    points = np.empty((count, PEN_POINTS, 2))
    for digit, glyphs in enumerate(GLYPHS):
        for number, glyph in enumerate(glyphs):
            chosen = np.flatnonzero((label == digit) & (np.floor(which * len(glyphs)) == number))
            points[chosen] = _written(glyph, shake[chosen])
    points = _warped(draws, points)
    radius = draws.uniform(0.85, 1.75, count)
    wave = sine(
        draws.uniform(0.0, 1.0, count, 1) + np.linspace(0.0, 1.0, PEN_POINTS) * draws.uniform(0.3, 1.5, count, 1)
    )
    pressure = 1.0 + draws.uniform(0.0, 0.28, count, 1) * wave
    ink = _inked(points, radius, pressure, draws.uniform(0.9, 1.6, count))
    ink = ink * draws.uniform(0.7, 1.0, count)[:, None, None]
    grain = draws.uniform(0.0, 0.09, count)[:, None, None]
    return to_bytes(ink + grain * draws.noise(count, SIZE, SIZE) * (0.25 + ink))


# -- the pen's way ------------------------------------------------------------------------------------------------
def _written(glyph: Glyph, shake: Array) -> Array:
    """Pen points of a glyph, samples × PEN_POINTS × 2, within the unit square; `shake` moves its control points."""
    found, used = list[Array](), 0
    for stroke, count in zip(glyph, _shares(glyph), strict=True):
        controls = np.array(stroke) + shake[:, used : used + len(stroke)]
        for index in range(1, len(stroke)):
            if stroke[index] == stroke[index - 1]:
                controls[:, index] = controls[:, index - 1]  # a corner stays one
        used += len(stroke)
        found.append(_curve(controls, _places(stroke, count)))
    return np.concatenate(found, axis=1)


@functools.cache
def _shares(glyph: Glyph) -> list[int]:
    """How many pen points each stroke gets: by its length, PEN_POINTS together."""
    lengths = [_lengths(stroke)[-1] for stroke in glyph]
    counts = [int(PEN_POINTS * length / sum(lengths)) for length in lengths]
    counts[0] += PEN_POINTS - sum(counts)
    return counts


def _lengths(stroke: Stroke) -> list[float]:
    """How far along the stroke each control point lies."""
    far = [0.0]
    for (x, y), (u, v) in itertools.pairwise(stroke):
        far.append(far[-1] + float(np.sqrt((u - x) * (u - x) + (v - y) * (v - y))))
    return far


@functools.cache
def _places(stroke: Stroke, count: int) -> tuple[float, ...]:
    """Evenly spaced places along a stroke: the number of a control point plus the part of the way to the next."""
    far, found, segment = _lengths(stroke), list[float](), 0
    for number in range(count):
        wanted = far[-1] * number / (count - 1)
        while segment < len(far) - 2 and far[segment + 1] <= wanted:
            segment += 1
        step = far[segment + 1] - far[segment]
        found.append(segment + (min((wanted - far[segment]) / step, 1.0) if step else 0.0))
    return tuple(found)


def _curve(controls: Array, places: tuple[float, ...]) -> Array:
    """Points of the uniform Catmull–Rom spline through `controls`, samples × points × 2 (Catmull and Rom, 1974)."""
    last = controls.shape[1] - 1
    segment = np.minimum(np.floor(places), last - 1).astype(np.int64)
    t = (np.array(places) - segment)[:, None]
    before, after = np.maximum(segment - 1, 0), np.minimum(segment + 2, last)
    a, b, c, d = (controls[:, i] for i in (before, segment, segment + 1, after))
    cubic = ((3.0 * (b - c) + d - a) * t + (2.0 * a - 5.0 * b + 4.0 * c - d)) * t + (c - a)
    return b + 0.5 * t * cubic


def _warped(draws: Draws, points: Array) -> Array:
    """From the unit square to pixels: leaned, turned, stretched, moved, and bent by slow waves (elastic)."""
    count = len(points)

    def each(low: float, high: float) -> Array:
        return draws.uniform(low, high, count, 1)

    x, y = points[..., 0] - 0.5, points[..., 1] - 0.5
    bend = [(each(-0.055, 0.055), each(0.4, 1.1), each(0.0, 1.0)) for _ in range(4)]
    waves = [far * sine(pace * along + start) for (far, pace, start), along in zip(bend, (x, y, y, x), strict=True)]
    x, y = x + (waves[0] + waves[1]), y + (waves[2] + waves[3])
    x = x * each(0.75, 1.2) - y * each(-0.2, 0.45)
    turn, tall = each(-0.045, 0.045), each(0.78, 1.04)
    y = y * tall
    across, down = cosine(turn) * x - sine(turn) * y, sine(turn) * x + cosine(turn) * y
    scale, middle = 22.0, (SIZE - 1) / 2
    return np.stack([across * scale + middle + each(-2.0, 2.0), down * scale + middle + each(-1.8, 1.8)], axis=2)


def _inked(points: Array, radius: Array, pressure: Array, soft: Array) -> Array:
    """Ink of 0–1 in each pixel, samples × height × width. `radius` of the pen in pixels, `pressure` its part at each
    pen point, `soft` the width of the edge."""
    thick = (radius[:, None] * pressure).astype(np.float32)
    pixels = np.arange(SIZE, dtype=np.float32)
    placed = points.astype(np.float32)
    across = (pixels - placed[:, :, 0, None]) / thick[..., None]  # in pen radii: samples × pen points × width
    down = (pixels - placed[:, :, 1, None]) / thick[..., None]
    across, down = across * across, down * down
    nearest = np.full((len(points), SIZE, SIZE), np.inf, np.float32)
    for number in range(points.shape[1]):
        np.minimum(nearest, down[:, number, :, None] + across[:, number, None, :], out=nearest)
    edge = (1.0 - np.sqrt(nearest).astype(np.float64)) * (radius / soft)[:, None, None] + 0.5
    return np.clip(edge, 0.0, 1.0)


STROKES = Drawn(
    described(
        "strokes",
        "Stroke digits 28×28",
        "12\u202f000 digits and 2\u202f000 for the test, 28×28 grey, 10 classes, drawn with a thick pen.",
        "What a convolution is good for: the first layer finds strokes and their directions, the next corners, ends "
        "and loops. Each digit is written in three or four ways.",
    ),
    inputs=(FieldSpec("image", "image", (1, SIZE, SIZE), "float32", scale="grey, 0–255 scaled to 0–1"),),
    targets=(FieldSpec("label", "class", (), "int64", classes=tuple("0123456789")),),
    draw=draw,
    digest="06051e555a569a1c9415256341d699d7",
    official_test=TEST,
    divisors=Frozen({"image": 255.0}),
)
