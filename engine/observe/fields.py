"""Decision fields: what every unit answers over the plane of a network's two inputs, and what is decided there.

The whole grid is one batch through the shadow, so it leaves no more trace than any other look. As TensorFlow Playground
shows it (Smilkov, Carter, Sculley, Viégas and Wattenberg, "Direct-Manipulation Visualization of Deep Networks", 2017).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from engine.check.report import NodePath
from engine.graph.model import Graph
from engine.numbers import thousands
from engine.observe import feature_maps, plane, wording
from engine.observe.feature_maps import Quiet
from engine.observe.paths import Tap, output_tap, spot
from engine.observe.picture import Picture, Plane, View
from engine.observe.probe import Probes
from engine.observe.shadow import Shadow

Array = np.ndarray[Any, Any]

BUDGET = 0.03  # seconds; a network that takes longer over its grid gets a coarser one
SMALLEST = 12  # points along each axis
NO_PLANE = "A field needs data of two numbers a sample, and nothing else that the network is given."


@dataclass(frozen=True, slots=True)
class Field:
    """What a tap gives over the grid: float32 (units, side, side), rows from the top. `classes`: it is what the network
    decides between so many, as one unit; else 0."""

    values: Array
    classes: int = 0


class Fields:
    """Answers to views of kind ‘field’. Owned by a Looker and called from its thread.

    `inputs`: which field each input node reads, by its path. `prediction`: the tap of class scores that a loss judges,
    or None. `reachable` tells which taps can be computed.
    """

    def __init__(
        self,
        shadow: Shadow,
        graph: Graph,
        inputs: Mapping[NodePath, str],
        probes: Probes,
        prediction: Tap | None,
        reachable: Callable[[list[Tap]], list[Tap]],
    ):
        self._shadow, self._graph, self._inputs = shadow, graph, inputs
        self._prediction, self._reachable = prediction, reachable
        names = set(inputs.values())
        self.plane: Plane | None = probes.planes.get(names.pop()) if len(names) == 1 else None
        self._orders: dict[Tap, tuple[int, ...]] = {}
        self._signed: set[Tap] = set()
        self._seconds: dict[tuple[Tap, ...], float] = {}  # for one point of the grid, at best

    def rerank(self) -> None:
        """Order units anew at the next look."""
        self._orders.clear()
        self._signed.clear()

    def answer(self, views: Sequence[View], step: int, epoch: float) -> dict[View, Picture]:
        """A picture for each of the views, of the weights that the shadow holds."""
        drawn = self.plane
        if not views or drawn is None:
            return {view: wording.problem(view, NO_PLANE) for view in views}
        taps = {view: output_tap(self._graph, view.path, view.port) for view in views}
        wanted = [tap for tap in dict.fromkeys(taps.values()) if tap[0] not in self._inputs]
        asked = tuple(sorted(self._reachable(wanted)))
        side = self._side(asked, max(view.side for view in views))
        points = plane.grid(drawn, side)
        began = time.perf_counter()
        fields, failure = self._run(asked, points)
        if fields:
            took = (time.perf_counter() - began) / len(points)
            self._seconds[asked] = min(took, self._seconds.get(asked, took))
        coordinates = Field(np.ascontiguousarray(points.T).reshape(2, side, side))
        fields.update({tap: coordinates for tap in taps.values() if tap[0] in self._inputs})
        moment = f"{plane.text(drawn)} ({side} × {side} points), epoch {epoch:.3g}, step {thousands(step)}"
        return {view: self._picture(view, tap, fields.get(tap), failure, moment) for view, tap in taps.items()}

    def _side(self, taps: tuple[Tap, ...], wanted: int) -> int:
        """As fine as is wanted, or as can be afforded."""
        wanted, cost = max(SMALLEST, wanted), self._seconds.get(taps)
        return wanted if cost is None else max(SMALLEST, min(wanted, math.isqrt(int(BUDGET / max(cost, 1e-9)))))

    def _run(self, taps: tuple[Tap, ...], points: Array) -> tuple[dict[Tap, Field], str]:
        batch = torch.from_numpy(points).to(self._shadow.device)
        try:
            tensors = self._shadow.run(taps, [batch] * len(self._inputs))
        except (RuntimeError, ValueError, IndexError) as error:
            first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
            return {}, f"The network could not be run on the plane: {first_line}"
        fields: dict[Tap, Field] = {}
        for tap, tensor in zip(taps, tensors, strict=True):
            tensor = feature_maps.batch_first(tap[1], tensor, 0)
            if tensor.dim() and tensor.shape[0] == len(points):  # else it mixes the samples of a batch
                fields[tap] = self._field(tap, tensor, math.isqrt(len(points)))
        return fields, ""

    def _field(self, tap: Tap, tensor: torch.Tensor, side: int) -> Field:
        """Of the scores of classes what is decided, else every number of the output as a unit."""
        if tap == self._prediction and tensor.dim() == 2 and tensor.shape[1] >= 2:
            chances = torch.softmax(tensor.float(), dim=1).cpu().numpy()
            return Field(plane.decided(chances).reshape(1, side, side), tensor.shape[1])
        units = tensor.float().reshape(side * side, -1).T.reshape(-1, side, side)
        return Field(units.contiguous().cpu().numpy())

    def _picture(self, view: View, tap: Tap, field: Field | None, failure: str, moment: str) -> Picture:
        found = spot(self._graph, view.path)
        if found is None:
            return wording.problem(view, wording.GONE)
        if field is None:
            return wording.problem(view, failure or wording.why_nothing(found))
        if not field.values.size:
            return wording.problem(view, f"{found.node.label} has an empty output: there is nothing to show.")
        if field.classes:
            high = 1.0 if field.classes == 2 else float(field.classes)
            low = -1.0 if field.classes == 2 else 0.0
            peak = (float(np.nan_to_num(np.abs(field.values)).max()),)
            how = "the first class’s probability less the second’s" if field.classes == 2 else "the class that wins"
            method = f"what the network decides after {wording.title(found)}, {how}, over {moment}"
            picture = Picture(view, field.values, (0,), 1, low, high, field.classes == 2, peak, method=method)
        else:
            picture = self._units(view, tap, field.values)
            method = f"fields after {wording.title(found)} over {moment}, {wording.scale_text(picture)}"
        return replace(picture, method=method, plane=self.plane, classes=field.classes)

    def _units(self, view: View, tap: Tap, values: Array) -> Picture:
        if feature_maps.is_signed(values):
            self._signed.add(tap)
        peaks, order = feature_maps.unit_peaks(values), self._orders.get(tap)
        if order is None or len(order) != len(peaks):
            order = feature_maps.ranking(peaks) if tap[0] not in self._inputs else (0, 1)
            self._orders[tap] = order
        zeros = values == 0
        quiet = Quiet(zeros.all(axis=(1, 2)), float(zeros.mean()))
        return feature_maps.draw(view, "maps", values, peaks, order, tap in self._signed, quiet)
