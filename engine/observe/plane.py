"""The plane that a network of two inputs divides: which part of it is shown, on which grid, and the samples in it.

numpy only. A grid is read like a picture: its rows run from the top (the largest y) to the bottom, and each of its
points is the middle of the square that is painted for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.spec import DataSpec
from engine.graph.model import INPUT, Graph
from engine.observe.picture import Picture, Plane

Array = np.ndarray[Any, Any]

LEARNED, HELD_OUT = 400, 100  # so many samples of the training and of the validation part at most
MARGIN = 0.1  # of the samples' reach, at each side
UNEVEN = 3.0  # one axis so many times the other has a scale of its own


def is_plane(graph: Graph, spec: DataSpec | None) -> bool:
    """Whether all that the network of `graph` is given is one field of two numbers: then fields can be drawn."""
    inputs = graph.nodes_of_kind(INPUT)
    if spec is None or not inputs:
        return False
    names = (str(graph.layers[node.layer].parameters.get("field", "") or "") for node in inputs)
    fields = {field.name if field is not None else "": field for field in map(spec.field, names)}
    only = next(iter(fields.values()))
    return len(fields) == 1 and only is not None and only.shape == (2,) and only.dtype.startswith("float")


def planes(train: Mapping[str, Array], validation: Mapping[str, Array]) -> dict[str, Plane]:
    """A plane for every field of two numbers a sample, with samples of both parts spread evenly over each of them."""
    found: dict[str, Plane] = {}
    for name, values in {**train, **validation}.items():
        if values.ndim == 2 and values.shape[1] == 2 and np.issubdtype(values.dtype, np.floating):
            found[name] = _plane(name, [(train, LEARNED, False), (validation, HELD_OUT, True)])
    return found


def _plane(name: str, parts: list[tuple[Mapping[str, Array], int, bool]]) -> Plane:
    places: list[Array] = []
    classes: list[Array] = []
    held_out: list[Array] = []
    for fields, most, kept in parts:
        points = np.asarray(fields.get(name, np.zeros((0, 2))), np.float32)
        chosen = np.unique(np.linspace(0, max(0, len(points) - 1), min(most, len(points))).round().astype(np.intp))
        chosen = chosen[np.isfinite(points[chosen]).all(axis=1)]
        target = next((v for v in fields.values() if v.ndim == 1 and np.issubdtype(v.dtype, np.integer)), None)
        places.append(points[chosen])
        classes.append(np.full(len(chosen), -1, np.int64) if target is None else target[chosen].astype(np.int64))
        held_out.append(np.full(len(chosen), kept))
    points = np.concatenate(places)
    return Plane(_extent(points), points, np.concatenate(classes), np.concatenate(held_out))


def _extent(points: Array) -> tuple[float, float, float, float]:
    """Around all points with a margin; the same scale on both axes unless they differ much."""
    if not len(points):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    middle, reach = low / 2 + high / 2, (high - low) / 2
    reach[reach <= 1e-6 * np.maximum(np.abs(middle), 1e-6)] = 0.0
    largest = float(reach.max()) or max(1.0, 1e-3 * float(np.abs(middle).max()))
    reach = np.where(reach * UNEVEN >= largest, largest, np.where(reach == 0.0, largest, reach)) * (1 + 2 * MARGIN)
    left, bottom = (middle - reach).tolist()
    right, top = (middle + reach).tolist()
    return (left, right, bottom, top)


def grid(plane: Plane, side: int) -> Array:
    """The points that are asked: float32 of shape (side · side, 2), row by row from the top left."""
    left, right, bottom, top = plane.extent
    step = (np.arange(side) + 0.5) / side
    x, y = left + step * (right - left), top - step * (top - bottom)
    return np.stack([np.tile(x, side), np.repeat(y, side)], axis=1).astype(np.float32)


def place(plane: Plane, x: float, y: float) -> tuple[float, float]:
    """Where on the plane a place of the picture lies; both are shares of it, from the top left."""
    left, right, bottom, top = plane.extent
    return left + x * (right - left), top - y * (top - bottom)


def shares(plane: Plane) -> Array:
    """Where in the picture the samples lie: (samples, 2) shares of its width and height, from the top left."""
    left, right, bottom, top = plane.extent
    x = (plane.points[:, 0] - left) / (right - left)
    return np.stack([x, (top - plane.points[:, 1]) / (top - bottom)], axis=1)


def decided(probabilities: Array) -> Array:
    """What a classifier decides, as one number a sample, of its class probabilities (samples, classes).

    Of two classes p₀ − p₁, within −1 to 1. Of more: the number of the class that wins, a quarter, and half its
    certainty, which is 0 where all are equally likely and 1 where only one is possible. So numbers of two classes never
    come near each other, and rounding one to a colour cannot take a class for another.
    """
    count = probabilities.shape[1]
    if count == 2:
        return (probabilities[:, 0] - probabilities[:, 1]).astype(np.float32)
    chance = 1.0 / count
    certainty = (probabilities.max(axis=1) - chance) / (1.0 - chance)
    decision = probabilities.argmax(axis=1) + 0.25 + 0.5 * np.clip(certainty, 0.0, 1.0)
    return np.where(np.isfinite(probabilities).all(axis=1), decision, np.nan).astype(np.float32)


def winners(picture: Picture) -> Array:
    """Which class wins where, of a decision field: whole numbers (height, width), −1 where none can be told."""
    tile = picture.tiles[0]
    known = np.isfinite(tile)
    if picture.classes == 2:
        return np.where(known, (tile < 0).astype(np.int64), -1)
    return np.where(known, np.floor(np.where(known, tile, 0.0)), -1).astype(np.int64)


def chance(picture: Picture, value: float) -> tuple[int, float]:
    """Which class wins at a number of a decision field, and how likely it is; −1 where none can be told."""
    if not math.isfinite(value) or picture.classes < 2:
        return -1, math.nan
    if picture.classes == 2:
        return int(value < 0), 0.5 + 0.5 * abs(value)
    winner = math.floor(value)
    least = 1.0 / picture.classes
    return winner, least + (value - winner - 0.25) * 2.0 * (1.0 - least)


def right(picture: Picture, number: int | None = None) -> tuple[int, int]:
    """How many of the shown validation samples (of class `number`, or all) lie where their class wins, and how many
    there are. (0, 0) of what is no decision field. A sample is judged by the square of the grid that it lies in."""
    plane = picture.plane
    if plane is None or picture.classes < 2 or not picture.tiles.size:
        return 0, 0
    judged = plane.held_out & (plane.classes >= 0 if number is None else plane.classes == number)
    height, width = picture.tiles.shape[1:3]
    x, y = shares(plane)[judged].T
    columns = np.clip((x * width).astype(np.intp), 0, width - 1)
    rows = np.clip((y * height).astype(np.intp), 0, height - 1)
    return int((winners(picture)[rows, columns] == plane.classes[judged]).sum()), int(judged.sum())


def told(picture: Picture) -> str:
    """How well the field parts the samples, as a sentence without its stop; empty of what is no decision field."""
    good, of = right(picture)
    return f"{good} of {of} validation samples lie where their class wins" if of else ""


def text(plane: Plane) -> str:
    """‘x −1.2 to 1.2, y −1.2 to 1.2’."""
    left, right_end, bottom, top = (f"{end:.3g}".replace("-", "−") for end in plane.extent)
    if math.isclose(plane.extent[0], plane.extent[2]) and math.isclose(plane.extent[1], plane.extent[3]):
        return f"x and y {left} to {right_end}"
    return f"x {left} to {right_end}, y {bottom} to {top}"
