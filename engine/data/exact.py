"""Random numbers and functions that are the same to the bit on every machine and with every version of numpy.

Only what IEEE 754 fixes is used: + − × ÷, square roots and comparisons, number by number, and RandomState's stream of
doubles within 0–1, which numpy has frozen. numpy's own sin, exp, normal, sum and dot may differ in the last bit with
processor and version; whoever draws data must do without them.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_TURN = 6.283185307179586
# sin z = z (1 + c₁ z² (1 + c₂ z² (…))): Taylor's series in Horner's form, up to z¹⁷
_SINE = [-1.0 / ((2 * k) * (2 * k + 1)) for k in range(8, 0, -1)]


class Draws:
    """A stream of random numbers with a name of its own."""

    def __init__(self, name: str):
        words = np.frombuffer(hashlib.blake2b(f"draw {name}".encode(), digest_size=16).digest(), "<u4")
        self._stream = np.random.RandomState(words)

    def uniform(self, low: Any, high: Any, *shape: int) -> Array:
        """Numbers from `low` to `high` (numbers, or arrays that fit `shape`)."""
        return low + (high - low) * self._stream.random_sample(shape)

    def whole(self, low: Any, high: Any, *shape: int) -> Array:
        """Whole numbers from `low` up to, but not, `high`, as int64."""
        return np.minimum(np.floor(self.uniform(low, high, *shape)), high - 1).astype(np.int64)

    def noise(self, *shape: int) -> Array:
        """Numbers of mean 0 and deviation 1, nearly normal within ±3.5: the sum of four uniform ones (Irwin–Hall)."""
        a, b, c, d = (self._stream.random_sample(shape) for _ in range(4))
        return ((a + b) + (c + d) - 2.0) * 1.7320508075688772


def sine(turns: Array) -> Array:
    """The sine of an angle that is given in whole turns, to 12 digits (6 in single precision)."""
    folded = turns - np.floor(turns + 0.5)  # −½ … ½
    folded = np.where(np.abs(folded) > 0.25, np.copysign(0.5, folded) - folded, folded)
    angle = folded * _TURN
    square, total = angle * angle, np.ones_like(angle)
    for factor in _SINE:
        total = 1.0 + factor * square * total
    return angle * total


def cosine(turns: Array) -> Array:
    return sine(turns + 0.25)


def to_bytes(values: Array) -> Array:
    """Numbers of 0–1 as bytes 0–255, to the nearest; what lies outside is cut off."""
    return np.floor(np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def smooth(grid: Array, size: int) -> Array:
    """Value noise: numbers on a coarse grid, (…, g, g), become a smooth picture, (…, size, size) (K. Perlin's fade)."""
    cells = grid.shape[-1] - 1
    place = (np.arange(size) + 0.5) * (cells / size)
    low = np.minimum(place.astype(np.int64), cells - 1)
    part = place - low
    fade = (part * part * (3.0 - 2.0 * part)).astype(grid.dtype)
    rows = grid[..., low, :] * (1.0 - fade)[:, None] + grid[..., low + 1, :] * fade[:, None]
    return rows[..., low] * (1.0 - fade) + rows[..., low + 1] * fade
