"""One picture of a whole layer: all its channels on several probe samples, with the scale and what they are written in.

From Pictures of one layer to RGB pixels; numpy only. All samples share one scale, so that they can be compared.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.observe import tiles
from engine.observe.lettering import HEIGHT, WIDTH, written
from engine.observe.picture import Picture

Array = np.ndarray[Any, Any]
Colour = tuple[int, int, int]

# For a file that is seen on its own: a dark page, and the window's colour maps on it (a test holds them alike).
PAGE, INK, FAINT = (18, 20, 26), (226, 229, 236), (148, 155, 170)
FROM_ZERO = ((11, 13, 20), (36, 27, 51), (55, 48, 95), (61, 79, 139), (56, 113, 156),
             (52, 145, 168), (60, 178, 173), (104, 207, 173), (174, 227, 192), (230, 246, 234))  # fmt: skip
AROUND_ZERO = ((140, 184, 255), (74, 134, 234), (42, 74, 128), (28, 34, 44), (122, 74, 30), (224, 138, 53),
               (255, 200, 138))  # fmt: skip
GREY = ((5, 7, 10), (255, 255, 255))

ACROSS = 960  # pixels that the tiles of one sample may take side by side; a tile that is wider stays whole
TILE, CELL, SAMPLE, SHEET = 48, 20, 96, 480  # about how large a map, a unit of a vector and the sample itself are shown
GAP, MARGIN, LETTERS = 2, 16, 2


@dataclass(frozen=True, slots=True)
class Row:
    """What a layer answers to one probe: the sample itself (None where it is no picture), a word on it, the answer."""

    caption: str
    sample: Picture | None
    answer: Picture


def drawn(title: str, lines: Sequence[str], rows: Sequence[Row]) -> Array:
    """uint8 (height, width, 3): a title, lines below it, the rows, and the scale that they share."""
    low, high = shared_scale([row.answer for row in rows])
    signed = any(row.answer.signed for row in rows)
    table = ramp(AROUND_ZERO if signed else FROM_ZERO)
    bodies = [_row(row, low, high, table) for row in rows]
    width = max(640, *(body.shape[1] for body in bodies))
    parts = [_lettered(title, width, INK), *(_lettered(line, width, FAINT) for line in lines)]
    for row, body in zip(rows, bodies, strict=True):
        parts += [_lettered(row.caption, width, INK), body]
    if any(row.answer.tiles.ndim < 4 for row in rows):  # colours stand for themselves
        parts += [_scale(low, high, table)]
    widest = max(part.shape[1] for part in parts)
    page = [np.full((MARGIN, widest + 2 * MARGIN, 3), PAGE, np.uint8)]
    for part in parts:
        page += [_placed(part, widest), page[0][: MARGIN // 2]]
    return np.concatenate([*page, page[0][: MARGIN // 2]])


def shared_scale(pictures: Sequence[Picture]) -> tuple[float, float]:
    """The widest of their scales, around zero where one of them is."""
    low, high = min(p.low for p in pictures), max(p.high for p in pictures)
    if any(p.signed for p in pictures):
        high = max(high, -low)
        low = -high
    return low, high


def ramp(stops: Sequence[Colour]) -> Array:
    """A colour map through `stops` at equal distances: uint8 (256, 3)."""
    where = np.linspace(0, len(stops) - 1, 256)
    table = [np.interp(where, np.arange(len(stops)), channel) for channel in zip(*stops, strict=True)]
    return np.stack(table, axis=1).round().astype(np.uint8)


def in_order(picture: Picture) -> Picture:
    """The tiles by the number of their channel, not by their strength: the same place in every row."""
    if tiles.is_cells(picture) or len(picture.units) != len(picture.tiles):
        return picture
    order = np.argsort(picture.units)
    units = tuple(picture.units[at] for at in order)
    return replace(picture, tiles=picture.tiles[order], units=units, peaks=tuple(picture.peaks[at] for at in order))


def _row(row: Row, low: float, high: float, table: Array) -> Array:
    answer = _mosaic(replace(in_order(row.answer), low=low, high=high), table, TILE)
    if row.sample is None:
        return answer
    sample = _mosaic(row.sample, ramp(GREY), SAMPLE)
    height = max(len(sample), len(answer))
    gap = np.full((height, MARGIN, 3), PAGE, np.uint8)
    return np.concatenate([_raised(sample, height), gap, _raised(answer, height)], axis=1)


def _mosaic(picture: Picture, table: Array, side: int) -> Array:
    """The tiles enlarged by a whole number, so that each point is a square."""
    shown = picture.tiles
    if tiles.is_cells(picture):
        shown, side = shown.reshape(-1, 1, 1), CELL
    elif len(picture.units) == 1 and picture.total > 1:
        side = SHEET  # one tile shows all units
    factor = max(1, round(side / max(shown.shape[1:3])))
    shown = shown.repeat(factor, axis=1).repeat(factor, axis=2)
    most = max(1, (ACROSS + GAP) // (shown.shape[2] + GAP))
    columns = -(-len(shown) // -(-len(shown) // most))  # rows of one length
    return tiles.mosaic(replace(picture, tiles=shown), table, columns, GAP, (*PAGE, 255))[:, :, :3]


def _scale(low: float, high: float, table: Array) -> Array:
    """A strip from the lowest to the highest colour between the two numbers."""
    strip = np.broadcast_to(table, (HEIGHT * LETTERS, 256, 3))
    ends = [_line(f"{low:.3g}", INK), _line(f"{high:.3g}", INK)]
    gap = np.full((HEIGHT * LETTERS, WIDTH, 3), PAGE, np.uint8)
    return np.concatenate([ends[0], gap, strip, gap, gap, ends[1]], axis=1)


def _lettered(text: str, width: int, colour: Colour) -> Array:
    lines = textwrap.wrap(text, max(20, width // (WIDTH * LETTERS))) or [" "]
    made = [_line(line, colour) for line in lines]
    widest = max(line.shape[1] for line in made)
    return np.concatenate([_placed(line, widest, 0) for line in made])


def _line(text: str, colour: Colour) -> Array:
    ink = written(text, LETTERS)
    return np.where(ink[..., np.newaxis], np.array(colour, np.uint8), np.array(PAGE, np.uint8))


def _placed(part: Array, width: int, margin: int = MARGIN) -> Array:
    page = np.full((len(part), width + 2 * margin, 3), PAGE, np.uint8)
    page[:, margin : margin + part.shape[1]] = part
    return page


def _raised(part: Array, height: int) -> Array:
    page = np.full((height, part.shape[1], 3), PAGE, np.uint8)
    page[: len(part)] = part
    return page
