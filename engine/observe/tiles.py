"""From a Picture to one image: its tiles side by side in one uint8 RGBA array. numpy only.

Numbers that are not finite leave a hole (the background shows), so that a broken layer looks broken.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.observe.picture import Picture

Array = np.ndarray[Any, Any]
Colour = tuple[int, int, int, int]

CLEAR: Colour = (0, 0, 0, 0)


def is_cells(picture: Picture) -> bool:
    """Whether the picture is a vector: one row of cells rather than tiles."""
    return picture.tiles.ndim == 3 and picture.tiles.shape[0] == 1 and picture.tiles.shape[1] == 1


def is_sheet(picture: Picture) -> bool:
    """Whether one tile shows all units, as rows or columns of it. Of a single unit asked for it is that unit's map."""
    return not is_cells(picture) and len(picture.units) == 1 and picture.total > 1 and picture.view.units > 1


def count(picture: Picture) -> int:
    """How many tiles (or cells of a vector) the picture has."""
    if picture.tiles.ndim < 3:
        return 0
    return picture.tiles.shape[2] if is_cells(picture) else picture.tiles.shape[0]


def columns_for(number: int, width: float, height: float, tile_width: int = 1, tile_height: int = 1) -> int:
    """How many columns make `number` tiles fill a `width` × `height` rectangle best."""
    if number <= 1 or width <= 0 or height <= 0:
        return 1
    ideal = math.sqrt(number * (width / tile_width) / (height / tile_height))
    best, best_scale = 1, 0.0
    for columns in {max(1, math.floor(ideal)), max(1, math.ceil(ideal)), min(number, math.ceil(ideal) + 1)}:
        columns = min(columns, number)
        scale = min(width / (columns * tile_width), height / (math.ceil(number / columns) * tile_height))
        if scale > best_scale:
            best, best_scale = columns, scale
    return best


def grid(vector: Array, columns: int | None = None) -> Array:
    """A vector as rows of cells, about twice as wide as high; what is left of the last row is NaN."""
    flat = np.asarray(vector, np.float32).reshape(-1)
    columns = columns or max(1, math.ceil(math.sqrt(2 * flat.size)))
    rows = max(1, math.ceil(flat.size / columns))
    out = np.full(rows * columns, np.nan, np.float32)
    out[: flat.size] = flat
    return out.reshape(rows, columns)


def levels(values: Array, low: float, high: float) -> Array:
    """uint8 positions of `values` between `low` and `high`, clipped. NaN becomes 0; see `mosaic` for the hole."""
    span = high - low
    factor = 255.0 / span if math.isfinite(span) and span > 0 else 0.0
    with np.errstate(all="ignore"):
        scaled = np.nan_to_num((values - np.float32(low)) * np.float32(factor) + np.float32(0.5), nan=0.0)
        return np.clip(scaled, 0.0, 255.0, out=scaled).astype(np.uint8)


def mosaic(
    picture: Picture,
    lut: Array,
    columns: int,
    gap: int = 2,
    background: Colour = CLEAR,
    per_tile: bool = False,
) -> Array:
    """All tiles of `picture` in rows of `columns`, `gap` pixels apart: uint8 of shape (height, width, 4), RGBA.

    `lut` is uint8 (256, 3 or 4). Colour tiles use no lut: they are scaled between low and high. With `per_tile` every
    tile has its own scale (a vector is one tile). A vector's cells are one pixel each.
    """
    tiles = picture.tiles
    if tiles.ndim < 3 or tiles.size == 0:
        return np.zeros((0, 0, 4), np.uint8)
    low, high = picture.low, picture.high
    colour = tiles.ndim == 4
    if is_cells(picture):
        tiles = tiles.reshape(-1, 1, 1)
        if per_tile:
            low, high = _own_scale(tiles.reshape(1, -1), picture.signed)
            low, high = float(low[0]), float(high[0])
    if per_tile and not is_cells(picture):
        lows, highs = _own_scale(tiles.reshape(len(tiles), -1), picture.signed)
        spans = np.where(highs > lows, highs - lows, np.float32(1.0))
        shape = (-1,) + (1,) * (tiles.ndim - 1)
        tiles, low, high = (tiles - lows.reshape(shape)) / spans.reshape(shape), 0.0, 1.0
    pixels = _packed(levels(tiles, low, high), lut, colour)
    holes = ~np.isfinite(tiles) if not colour else ~np.isfinite(tiles).all(axis=3)
    paint = np.array(background, np.uint8).view(np.uint32)[0]
    if holes.any():
        pixels[holes & ~_infinite(tiles, colour)] = paint
    return _arranged(pixels, columns, gap, paint)


def _infinite(tiles: Array, colour: bool) -> Array:
    """Where a value is infinite (clipped to the end of the scale rather than left out)."""
    infinite: Array = np.isinf(tiles)
    return np.asarray(infinite.any(axis=3)) if colour else infinite


def _own_scale(flat: Array, signed: bool) -> tuple[Array, Array]:
    finite = np.where(np.isfinite(flat), flat, np.float32(0.0))
    if signed:
        reach = np.abs(finite).max(axis=1)
        return -reach, reach
    return np.minimum(finite.min(axis=1), 0.0), finite.max(axis=1)


def _packed(positions: Array, lut: Array, colour: bool) -> Array:
    """Each pixel as one uint32 in the byte order R, G, B, A: a quarter of the work of handling four bytes."""
    if colour:
        rgba = np.full((*positions.shape[:3], 4), 255, np.uint8)
        rgba[..., :3] = positions
        return rgba.view(np.uint32)[..., 0]
    table = np.full((256, 4), 255, np.uint8)
    table[:, : lut.shape[1]] = lut
    return table.view(np.uint32)[:, 0][positions]


def _arranged(pixels: Array, columns: int, gap: int, paint: np.uint32) -> Array:
    number, height, width = pixels.shape
    columns = max(1, min(columns, number))
    rows = -(-number // columns)
    out = np.full((rows * (height + gap), columns * (width + gap)), paint, np.uint32)
    cells = out.reshape(rows, height + gap, columns, width + gap)[:, :height, :, :width]
    whole = number // columns
    cells[:whole] = pixels[: whole * columns].reshape(whole, columns, height, width).swapaxes(1, 2)
    if whole < rows:
        cells[whole, :, : number - whole * columns] = pixels[whole * columns :].swapaxes(0, 1)
    trimmed = np.ascontiguousarray(out[: rows * (height + gap) - gap, : columns * (width + gap) - gap])
    return trimmed.view(np.uint8).reshape(*trimmed.shape, 4)


def place(index: int, picture: Picture, columns: int, gap: int = 2) -> tuple[int, int, int, int]:
    """Where tile `index` lies in the mosaic: x, y, width, height in its pixels."""
    height, width = (1, 1) if is_cells(picture) else picture.tiles.shape[1:3]
    columns = max(1, min(columns, count(picture)))
    row, column = divmod(index, columns)
    return column * (width + gap), row * (height + gap), width, height
