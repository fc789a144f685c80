"""Snapshot, request and picture: the one question that every view asks, and its answer. Values only; no torch here.

Who runs what: a widget makes a Request and hands it to `Run.look` or to a worker; the training loop (between two
steps, within a time budget) or the worker answers with a Look. Nothing here is changed after it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.check.report import NodePath
from engine.graph.frozen import Frozen

PictureKind = Literal["feature_maps", "filters", "field"]


class Cancelled(Exception):
    """Whoever asked for a look waits for it no longer."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Parameters and buffers at one step, keyed ‘layer path . name’ (engine.compile.keys). numpy arrays, never
    written to after they are made."""

    step: int
    epoch: float
    arrays: Frozen[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """One picture that is asked for: a node's feature maps, a layer's filters or a node's fields, at most `units` of
    them. `port`: which of its outputs; the first one of any node, a block's too, answers to ‘output’. `side`: on how
    many points along each axis a field is computed, at most."""

    path: NodePath
    kind: PictureKind = "feature_maps"
    units: int = 8
    port: str = "output"
    side: int = 48


@dataclass(frozen=True, slots=True)
class Request:
    """What a person is looking at. `probes` are the indices of the fixed probe samples (of the validation part);
    `number` rises with each request, so that an answer can be told from an older one."""

    views: tuple[View, ...]
    probes: tuple[int, ...] = (0,)
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The part of a plane that fields show, and samples in it. `extent` is (left, right, bottom, top); `points` is
    float32 (samples, 2), `classes` the class of each or −1, `held_out` whether it is of the validation part."""

    extent: tuple[float, float, float, float]
    points: np.ndarray[Any, Any]
    classes: np.ndarray[Any, Any]
    held_out: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """The answer to one View.

    `tiles` is float32 of shape (units shown, height, width) for maps and filters of one channel, (units, 1, n) cells
    for vectors, (1, rows, columns) for a sheet of all units, or (units, height, width, 3) for colour filters. `units`
    are the indices of the channels shown; `total` how many there are. `low` and `high` are the shared scale of the
    layer (99.7th percentile; symmetric about 0 where `signed`). `peaks` is the largest absolute value of each shown
    unit; `silent` the number of units that are zero on all probes, `zero` the share of zeros. `method` says in words
    how it was made; `problem` is a sentence where there is nothing to show (`tiles` is empty then).

    A field's tile is what a unit answers over `plane`, its rows from the top. Where `classes` is not 0 the one tile is
    what the network decides between so many (see engine.observe.plane.decided).
    """

    view: View
    tiles: np.ndarray[Any, Any]
    units: tuple[int, ...]
    total: int
    low: float
    high: float
    signed: bool
    peaks: tuple[float, ...] = ()
    silent: int = 0
    zero: float = 0.0
    method: str = ""
    problem: str = ""
    silent_units: tuple[int, ...] = ()  # those of `units` that are zero on all probes
    axes: tuple[str, str] = ("row", "column")  # what lies down and across a sheet: (‘feature’, ‘time’)
    plane: Plane | None = None
    classes: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The answer to a Request: one picture for each view that could be answered, all from the same step.

    `predictions` and `targets` belong to `request.probes`, one for one, and are empty where there are no classes;
    `samples` are those probes' numbers within the validation part, `probe_count` how many probe samples there are.
    """

    request: Request
    step: int
    epoch: float
    pictures: tuple[Picture, ...] = field(default=())
    predictions: tuple[tuple[int, float], ...] = ()  # (class, probability) of each probe where there are classes
    seconds: float = 0.0
    targets: tuple[int, ...] = ()
    samples: tuple[int, ...] = ()
    probe_count: int = 0

    def picture(self, path: NodePath, kind: PictureKind = "feature_maps") -> Picture | None:
        """The largest picture of that node and kind, or None."""
        found = [p for p in self.pictures if p.view.path == path and p.view.kind == kind]
        return max(found, key=lambda p: len(p.units), default=None)
