"""What the units of one layer answer to one probe sample: tensor in, Picture out.

A tensor is first arranged into one of three forms (the batch axis always first): `maps` (batch, units, height, width),
`cells` (batch, units) and `sheet` (batch, rows, columns), a heat map such as features over time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from engine.observe.picture import Picture, View

Array = np.ndarray[Any, Any]
Form = Literal["maps", "cells", "sheet"]

PERCENTILE = 0.997
SAMPLED = 1 << 14  # at most that many numbers decide the scale
MAX_SIDE = 128  # larger tiles are made smaller
MAX_PIXELS = 1 << 22  # of all tiles of a picture together; larger ones are thinned before anything is computed
MAX_CELLS = 4096
MAX_SHEET = 256


@dataclass(frozen=True, slots=True)
class Arranged:
    """`values` in one of the forms, of `total` units; `note` says what was done to get there."""

    form: Form
    values: torch.Tensor
    total: int
    note: str = ""
    axes: tuple[str, str] = ("row", "column")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Over all probes: which units are zero, and the share of zeros among all numbers."""

    silent: Array
    zero: float


def batch_first(port: str, values: torch.Tensor, samples: int) -> torch.Tensor:
    """The state of a recurrent layer is (layers, batch, features): put the batch first."""
    if port in ("hidden", "cell") and values.dim() == 3:
        return values.transpose(0, 1)
    if samples and values.dim() and values.shape[0] != samples:
        return values.unsqueeze(0) if values.dim() == 0 else values[:samples]
    return values


def arrange(values: torch.Tensor, *, features_last: bool = False) -> Arranged:
    """The form of a layer's output. `features_last`: a tensor of two axes a sample is (time, features)."""
    if values.dim() == 1:
        values = values.unsqueeze(1)
    if values.dim() > 2 and math.prod(values.shape[2:]) == 1:
        values = values.flatten(1)
    if values.dim() == 2:
        return Arranged("cells", values, values.shape[1])
    if values.dim() == 3:
        if features_last:
            values = values.transpose(1, 2)
            return Arranged("sheet", values, values.shape[1], "features down, time across", ("feature", "time"))
        return Arranged("sheet", values, values.shape[1], "one row a channel", ("channel", "position"))
    note = ""
    while values.dim() > 4:
        middle = values.shape[2] // 2
        note = f"slice {middle + 1} of {values.shape[2]}"
        values = values[:, :, middle]
    return Arranged("maps", values, values.shape[1], note)


def quiet(arranged: Arranged) -> tuple[Array, int]:
    """Which units are zero for every sample, and how many numbers are zero."""
    zeros = arranged.values == 0
    silent = zeros.flatten(2).all(dim=2).all(dim=0) if zeros.dim() > 2 else zeros.all(dim=0)
    return silent.cpu().numpy(), int(torch.count_nonzero(zeros))


def on_host(arranged: Arranged, sample: int = 0) -> Array:
    """One sample as float32 on the CPU, (units, height, width), (units,) or (rows, columns). Not a copy where it need
    not be: only to be read, and before the network runs again."""
    return arranged.values[sample].detach().float().cpu().numpy()


def unit_peaks(values: Array) -> Array:
    """The largest absolute value of each unit (first axis); a value that is no number counts 0."""
    if values.ndim == 1:
        peaks = np.abs(values)
    else:
        axes = tuple(range(1, values.ndim))
        values = thinned(values)
        peaks = np.maximum(values.max(axis=axes), -values.min(axis=axes))  # no array of absolute values is made
        if np.isnan(peaks).any():
            peaks = np.nanmax(np.where(np.isnan(values), 0.0, np.abs(values)), axis=axes)
    return np.nan_to_num(peaks.astype(np.float32), nan=0.0)


def ranking(peaks: Array) -> tuple[int, ...]:
    """Units by their peak, strongest first; equal ones in their own order."""
    return tuple(np.argsort(-peaks, kind="stable").tolist())


def scale(values: Array, signed: bool) -> tuple[float, float]:
    """(low, high) shared by the layer: the 99.7th percentile of the (absolute) values, rounded up to two digits."""
    flat = values.reshape(-1)
    flat = flat[:: max(1, flat.size // SAMPLED)]
    flat = np.abs(flat) if signed else flat
    if not math.isfinite(float(flat.sum(dtype=np.float64))):
        flat = flat[np.isfinite(flat)]
    high = 0.0
    if flat.size:
        rank = math.ceil(PERCENTILE * (flat.size - 1))
        high = float(np.partition(flat, rank)[rank])
        if high <= 0.0:
            high = float(flat.max())
    high = rounded_up(high) if high > 0.0 else 1.0
    return (-high, high) if signed else (0.0, high)


def rounded_up(value: float) -> float:
    """To two significant digits, so that a scale can be read and does not tremble."""
    if not math.isfinite(value) or value <= 0.0:
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step - 1e-6) * step:.6g}") if step > 0.0 else value


def is_signed(values: Array) -> bool:
    return values.size > 0 and float(np.fmin.reduce(values, axis=None)) < 0.0


def draw(
    view: View, form: Form, values: Array, peaks: Array, order: tuple[int, ...], signed: bool, overall: Quiet | None
) -> Picture:
    """The picture of one sample's `values`. `method` is left to the caller, who knows layer and step."""
    low, high = scale(thinned(values), signed)
    total = len(values)
    if form == "maps":
        shown = order[: max(1, view.units)]
        tiles = shrunk(values[list(shown)], _side_limit(len(shown)))
        strengths = peaks[list(shown)]
    elif form == "cells":
        shown = tuple(range(min(total, MAX_CELLS)))
        tiles, strengths = values[: len(shown)].reshape(1, 1, -1).copy(), peaks[: len(shown)]
    else:
        shown = (0,)
        tiles, strengths = shrunk(values[np.newaxis], MAX_SHEET), peaks.max(keepdims=True)
    silent: tuple[int, ...] = ()
    if overall is not None and form != "sheet":
        silent = tuple(unit for unit in shown if overall.silent[unit])
    return Picture(
        view=view,
        tiles=tiles,
        units=shown,
        total=total,
        low=low,
        high=high,
        signed=signed,
        peaks=tuple(strengths.tolist()),
        silent=int(overall.silent.sum()) if overall is not None else 0,
        zero=overall.zero if overall is not None else 0.0,
        silent_units=silent,
    )


def thinned(values: Array) -> Array:
    """Every n-th row and column of maps that hold more than MAX_PIXELS numbers."""
    if values.size <= MAX_PIXELS or values.ndim < 2:
        return values
    step = math.ceil(math.sqrt(values.size / MAX_PIXELS))
    return values[..., ::step, ::step]


def shrunk(tiles: Array, limit: int) -> Array:
    """A float32 copy of (units, height, width) with no side above `limit`, by means over squares."""
    tiles = thinned(tiles)
    factor = math.ceil(max(tiles.shape[1:]) / limit)
    if factor <= 1:
        return np.array(tiles, np.float32)
    units, height, width = tiles.shape
    rows, columns = min(factor, height), min(factor, width)
    tiles = tiles[:, : height // rows * rows, : width // columns * columns]
    return tiles.reshape(units, height // rows, rows, width // columns, columns).mean(axis=(2, 4), dtype=np.float32)


def _side_limit(units: int) -> int:
    return max(8, min(MAX_SIDE, int(math.sqrt(MAX_PIXELS / max(1, units)))))
