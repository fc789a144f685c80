"""A few samples of a data set as values that a window can paint: pictures, points, letters or curves.

What a set shows follows from the kind of its first input; where nothing can be shown there is no preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.data.spec import DataSpec, FieldSpec

Array = np.ndarray[Any, Any]

COUNT = {"image": 24, "vector": 600, "tokens": 6, "sequence": 8}  # samples that tell enough and are quickly painted


class Arrays(Protocol):
    """What is needed of a data set."""

    @property
    def spec(self) -> DataSpec: ...  # pragma: no cover

    def arrays(self, split: str, first: int | None = None) -> Mapping[str, Array]: ...  # pragma: no cover


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """`images`: samples × height × width × 3, bytes; `captions`: one a sample (its class), or none. `masks`: samples ×
    height × width, class numbers, where the set has them."""

    images: Array
    captions: tuple[str, ...] = ()
    masks: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """`points`: samples × 2 (x to the right, y up); `classes`: the class number of each, and `names` of all classes."""

    points: Array
    classes: Array | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """One text for each sample."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """`values`: samples × time × features; `captions`: one a sample (its class or number), or none."""

    values: Array
    captions: tuple[str, ...] = ()


Preview = Tiles | Scatter | Letters | Curves


def preview(data: Arrays, count: int | None = None) -> Preview | None:
    """The first samples of the training part (at most `count`); None for kinds that cannot be painted."""
    field = data.spec.field("")
    if field is None or field.kind not in COUNT or 0 in field.shape:
        return None
    fields = data.arrays("train", first=COUNT[field.kind] if count is None else count)
    values, target = fields[field.name], data.spec.field("", target=True)
    if field.kind == "image" and len(field.shape) == 3:
        mask = next((fields[f.name] for f in data.spec.targets if f.kind == "mask"), None)
        return Tiles(_coloured(values), _captions(target, fields), mask)
    if field.kind == "vector" and field.shape == (2,):
        classes = fields[target.name] if target is not None and target.kind == "class" else None
        return Scatter(values, classes, target.classes if target is not None and classes is not None else ())
    if field.kind == "tokens" and field.classes:
        return Letters(tuple("".join(field.classes[i] for i in row) for row in values.tolist()))
    if field.kind == "sequence" and len(field.shape) == 2:
        return Curves(values, _captions(target, fields))
    return None


def _coloured(images: Array) -> Array:
    """Samples × channels × height × width of any range, as red, green and blue bytes; one channel, or two, as grey."""
    channels = images[:, :3] if images.shape[1] >= 3 else np.repeat(images[:, :1], 3, axis=1)
    low, high = (float(np.min(channels)), float(np.max(channels))) if channels.size else (0.0, 1.0)
    low, high = min(low, 0.0), max(high, 1.0)  # within 0–1 pictures stay as bright as they are
    scaled = (channels - low) * (255.0 / (high - low))
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8).transpose(0, 2, 3, 1))


def _captions(target: FieldSpec | None, fields: Mapping[str, Array]) -> tuple[str, ...]:
    """What each sample's answer is, where that is one class or one number."""
    if target is None:
        return ()
    values = fields[target.name]
    if target.kind == "class" and target.classes:
        return tuple(target.classes[i] for i in values.tolist())
    if target.kind == "number" and values[:1].size == 1:
        return tuple(f"{value:.3g}" for value in values.reshape(-1).tolist())
    return ()
