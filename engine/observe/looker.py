"""The one who answers: request and weights in, Look out. It has its own copy of the network and touches nothing else.

Whoever owns a Looker calls it from one thread at a time: the training loop between two steps, or a worker when no run
is under way. A network as it learns and a stored snapshot are answered alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from engine.compile.compiled import Compiled
from engine.graph.model import BLOCK, INPUT, TARGET, Graph
from engine.numbers import thousands
from engine.observe import feature_maps, filters, wording
from engine.observe.feature_maps import Arranged, Quiet
from engine.observe.fields import Fields
from engine.observe.paths import Spot, Tap, output_tap, resolved, sources, spot
from engine.observe.picture import Cancelled, Look, Picture, Request, Snapshot, View
from engine.observe.probe import Array, Arrays, Probes, as_probes
from engine.observe.shadow import Shadow

STATISTICS_DUTY = 0.1  # passes over all probes take at most this share of the time between them
STATISTICS_PAUSE = 1.0  # and come at most this often (seconds)
STATISTICS_NUMBERS = 1 << 24  # so many activations at once
KEPT_ORDERS = 4096

CLASS_LOSSES = ("CrossEntropyLoss", "NLLLoss")
FEATURES_LAST = ("Embedding", "Linear", "Bilinear", "LayerNorm", "RMSNorm")


class Looker:
    """`probes` is a data set (its validation part is looked at), its probe samples, or plain arrays by field. `graph`
    is the one that `compiled` was made of, where it is not that of its design."""

    def __init__(self, compiled: Compiled, probes: Probes | Mapping[str, Array] | Arrays, graph: Graph | None = None):
        self.probes = as_probes(probes)
        self._graph = graph if graph is not None else compiled.design.graph
        self._shadow = Shadow(compiled)
        device = self._shadow.device
        self._inputs = [torch.from_numpy(np.array(self._field(name))).to(device) for _, name in compiled.inputs]
        self._input_fields = dict(compiled.inputs)
        self._orders: dict[tuple[Tap, tuple[int, ...]], tuple[int, ...]] = {}
        self._signed: set[Tap] = set()
        self._quiet: dict[Tap, Quiet] = {}
        self._quiet_due = 0.0
        self._reachable: dict[Tap, bool] = {}
        self._prediction = self._find_prediction()
        self._fields = Fields(
            self._shadow, self._graph, self._input_fields, self.probes, self._prediction, self._reachable_of
        )

    def rerank(self) -> None:
        """Order units anew at the next look. Until then they stay where they are, so that tiles never jump about."""
        self._orders.clear()
        self._signed.clear()
        self._quiet_due = 0.0
        self._fields.rerank()

    def answer(
        self,
        weights: Compiled | Snapshot | Mapping[str, np.ndarray[Any, Any]],
        request: Request,
        *,
        step: int = 0,
        epoch: float = 0.0,
        cancelled: Callable[[], bool] = bool,
    ) -> Look:
        """Pictures for every view of `request`, all from `weights` as they are now. `step` and `epoch` say when that
        is; a Snapshot knows them itself. A view that cannot be drawn gets a picture with a sentence in `problem`.
        `cancelled` is asked between passes and between pictures (any thread may set what it tells): where it says yes,
        Cancelled is raised; another look may be asked for at once."""
        began = time.perf_counter()
        if isinstance(weights, Snapshot):
            step, epoch = weights.step, weights.epoch
        count = len(self.probes)
        probes = tuple(p % count for p in request.probes or (0,)) if count else ()
        unless(cancelled)
        self._shadow.fill(weights)
        taps = self._taps(request)
        unless(cancelled)
        tensors, failure = self._run(taps, probes)
        viewed = {output_tap(self._graph, v.path, v.port) for v in request.views if v.kind == "feature_maps"}
        self._refresh_quiet([tap for tap in taps if tap in viewed], tensors, cancelled)
        unless(cancelled)
        fields = self._fields.answer([view for view in request.views if view.kind == "field"], step, epoch)
        pictures: list[Picture] = []
        for view in request.views:
            unless(cancelled)
            drawn = fields[view] if view in fields else self._picture(view, tensors, failure, probes, epoch)
            pictures.append(drawn)
        classes = self.probes.classes
        return Look(
            request=request,
            step=step,
            epoch=epoch,
            pictures=tuple(pictures),
            predictions=self._predictions(tensors),
            seconds=time.perf_counter() - began,
            targets=tuple(int(classes[p]) for p in probes) if classes is not None else (),
            samples=tuple(self.probes.numbers[p] for p in probes),
            probe_count=count,
        )

    # -- running ---------------------------------------------------------------------
    def _field(self, name: str) -> Array:
        fields = self.probes.fields
        return fields[name] if name in fields else next(iter(fields.values()))

    def _taps(self, request: Request) -> list[Tap]:
        """What must be computed: every feature map asked for that can be, and what the network predicts."""
        views = [v for v in request.views if v.kind == "feature_maps" and v.path not in self._input_fields]
        taps = [output_tap(self._graph, v.path, v.port) for v in views]
        wanted = self._reachable_of(list(dict.fromkeys(taps)))
        if self._prediction is not None and self._prediction not in wanted:
            wanted.append(self._prediction)
        return sorted(wanted)

    def _reachable_of(self, taps: list[Tap]) -> list[Tap]:
        new = [tap for tap in taps if tap not in self._reachable]
        asked: list[Tap] = []
        for tap in new:
            found = spot(self._graph, tap[0])
            self._reachable[tap] = False
            if found is not None and found.layer.kind != TARGET and not wording.is_loss(found):
                asked.append(tap)
        self._reachable.update(self._shadow.reachable(asked))
        return [tap for tap in taps if self._reachable[tap]]

    def _run(self, taps: list[Tap], probes: tuple[int, ...]) -> tuple[dict[Tap, torch.Tensor], str]:
        if not taps or not probes:
            return {}, "" if probes else "There are no validation samples to look at."
        index = torch.tensor(probes, device=self._shadow.device)
        try:
            values = self._shadow.run(taps, [batch.index_select(0, index) for batch in self._inputs])
        except (RuntimeError, ValueError, IndexError) as error:
            first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
            return {}, f"The network could not be run on the probe samples: {first_line}"
        of_each = zip(taps, values, strict=True)
        return {tap: feature_maps.batch_first(tap[1], value, len(probes)) for tap, value in of_each}, ""

    def _refresh_quiet(self, taps: list[Tap], tensors: dict[Tap, torch.Tensor], cancelled: Callable[[], bool]) -> None:
        """Silent units and zeros over all probes: a larger pass, made seldom enough not to matter."""
        now = time.perf_counter()
        missing = [tap for tap in taps if tap in tensors and tap not in self._quiet]
        if not missing and now < self._quiet_due:
            return
        taps = [tap for tap in taps if tap in tensors]
        if not taps:
            return
        share = max(sum(tensors[tap].numel() for tap in taps) // max(1, len(tensors[taps[0]])), 1)
        chunk = min(len(self.probes), STATISTICS_NUMBERS // share)
        if chunk < 1:  # images so large that all probes would take seconds: the shown ones must do
            self._quiet.update(self._counted(taps, [tensors]))
            return
        batches = (
            dict(zip(taps, values, strict=True))
            for start in range(0, len(self.probes), chunk)
            if unless(cancelled) is None
            for values in [self._shadow.run(taps, [batch[start : start + chunk] for batch in self._inputs])]
        )
        try:
            self._quiet.update(self._counted(taps, batches))
        except RuntimeError:  # not enough memory for all of them
            self._quiet.update(self._counted(taps, [tensors]))
        cost = time.perf_counter() - now
        self._quiet_due = now + max(STATISTICS_PAUSE, cost / STATISTICS_DUTY)

    def _counted(self, taps: list[Tap], batches: Any) -> dict[Tap, Quiet]:
        silent: dict[Tap, np.ndarray[Any, Any]] = {}
        zeros = dict.fromkeys(taps, 0)
        numbers = dict.fromkeys(taps, 0)
        for tensors in batches:
            for tap in taps:
                values = feature_maps.batch_first(tap[1], tensors[tap], 0)
                mask, zero = feature_maps.quiet(self._arranged(tap, values))
                silent[tap] = mask & silent[tap] if tap in silent else mask
                zeros[tap] += zero
                numbers[tap] += values.numel()
        return {tap: Quiet(silent[tap], zeros[tap] / max(1, numbers[tap])) for tap in taps}

    # -- drawing ---------------------------------------------------------------------
    def _picture(
        self, view: View, tensors: dict[Tap, torch.Tensor], failure: str, probes: tuple[int, ...], epoch: float
    ) -> Picture:
        found = spot(self._graph, view.path)
        if found is None:
            return wording.problem(view, wording.GONE)
        if view.kind == "filters":
            return self._filters(view, found, epoch)
        if view.path in self._input_fields and probes:
            return self._samples(view, found, probes)
        tap = output_tap(self._graph, view.path, view.port)
        if tap not in tensors:
            return wording.problem(view, failure or wording.why_nothing(found))
        if tensors[tap].numel() == 0:
            return wording.problem(view, f"{found.node.label} has an empty output: there is nothing to show.")
        arranged = self._arranged(tap, tensors[tap])
        values = feature_maps.on_host(arranged)
        if tap not in self._signed and feature_maps.is_signed(values):
            self._signed.add(tap)
        peaks = feature_maps.unit_peaks(values)
        order = self._order(tap, probes, peaks)
        signed, quiet = tap in self._signed, self._quiet.get(tap)
        picture = feature_maps.draw(view, arranged.form, values, peaks, order, signed, quiet)
        what = {"maps": "feature maps", "cells": "activations", "sheet": "activations"}[arranged.form]
        note = f", {arranged.note}" if arranged.note else ""
        if arranged.form == "cells" and len(picture.units) < arranged.total:
            note = f", the first {thousands(len(picture.units))} of {thousands(arranged.total)}"
        probe = f"probe {thousands(probes[0])}"
        method = f"{what} after {wording.title(found)}{note}, {probe}, epoch {epoch:.3g}, {wording.scale_text(picture)}"
        return replace(picture, method=method, axes=arranged.axes)

    def _order(self, tap: Tap, probes: tuple[int, ...], peaks: Array) -> tuple[int, ...]:
        order = self._orders.get((tap, probes))
        if order is None or len(order) != len(peaks):
            if len(self._orders) >= KEPT_ORDERS:
                self._orders.pop(next(iter(self._orders)))
            order = self._orders[tap, probes] = feature_maps.ranking(peaks)
        return order

    def _arranged(self, tap: Tap, values: torch.Tensor) -> Arranged:
        return feature_maps.arrange(values, features_last=values.dim() == 3 and self._features_last(tap))

    def _features_last(self, tap: Tap, depth: int = 0) -> bool:
        """Whether a two-axis output is (time, features): told by the nearest layer upstream that decides it."""
        found = spot(self._graph, tap[0])
        if found is None or tap[1] == "weights" or depth > 64:
            return False
        kind, spec = found.layer.kind, wording.row_of(found)
        if kind in FEATURES_LAST or kind == INPUT or (spec and spec.family in ("Recurrent", "Attention")):
            return True
        if spec and spec.family not in ("Activation", "Regularisation", "Merge", "Blocks"):
            return False
        before = resolved(self._graph, tap) if kind == BLOCK else sources(self._graph, tap[0])
        return bool(before) and self._features_last(before[0], depth + 1)

    def _samples(self, view: View, found: Spot, probes: tuple[int, ...]) -> Picture:
        """The probe sample itself; of images also the ones that follow it, `units` in all."""
        values = self._field(self._input_fields[view.path])
        count = len(self.probes)
        image = values.ndim == 4 and values.shape[1] in (1, 3)
        number = min(count, max(1, view.units)) if image else 1
        shown = tuple((probes[0] + offset) % count for offset in range(number))
        chosen = values[list(shown)].astype(np.float32)
        signed = feature_maps.is_signed(chosen)
        if not image:
            features_last = chosen.ndim == 3
            arranged = feature_maps.arrange(torch.from_numpy(chosen), features_last=features_last)
            only = feature_maps.on_host(arranged)
            peaks = feature_maps.unit_peaks(only)
            order = feature_maps.ranking(peaks)
            picture = feature_maps.draw(view, arranged.form, only, peaks, order, signed, None)
            return replace(picture, method=f"{found.node.label}, probe {probes[0]}", axes=arranged.axes)
        low, high = feature_maps.scale(chosen, signed=False)
        low = float(np.fmin.reduce(chosen, axis=None)) if signed else low
        small = feature_maps.shrunk(chosen.reshape(-1, *chosen.shape[2:]), feature_maps.MAX_SIDE)
        small = small.reshape(number, chosen.shape[1], *small.shape[1:])
        tiles = small[:, 0] if chosen.shape[1] == 1 else np.ascontiguousarray(small.transpose(0, 2, 3, 1))
        rest = f" and the {number - 1} after it" if number > 1 else ""
        method = f"{found.node.label}, probe {thousands(probes[0])}{rest}"
        strengths = tuple(feature_maps.unit_peaks(chosen).tolist())
        return Picture(view, tiles, shown, count, low, high, False, strengths, method=method)

    def _filters(self, view: View, found: Spot, epoch: float) -> Picture:
        weight = self._shadow.weight(f"{found.key}.weight")
        tiles, why = filters.drawable(found.layer.kind, found.node.label, weight, self._image_into(view))
        if tiles is None:
            return wording.problem(view, why)
        picture = filters.draw(view, tiles)
        method = f"weights of {found.node.label}, epoch {epoch:.3g}, {wording.scale_text(picture, 'the largest')}"
        return replace(picture, method=method)

    def _image_into(self, view: View) -> tuple[int, ...] | None:
        """(channels, height, width) of the data whose pixels enter a layer unmixed, or None."""
        path = view.path
        for _ in range(64):
            before = sources(self._graph, path)
            if len(before) != 1:
                return None
            path = before[0][0]
            if path in self._input_fields:
                shape = self._field(self._input_fields[path]).shape[1:]
                return tuple(shape) if len(shape) == 3 else None
            found = spot(self._graph, path)
            if found is None or not filters.sees_through(found.layer.kind):
                return None
        return None

    # -- predictions -----------------------------------------------------------------
    def _find_prediction(self) -> Tap | None:
        """The tap whose tensor enters the first loss over classes."""
        for term in self._shadow.compiled.losses:
            if term.kind not in CLASS_LOSSES:
                continue
            found = spot(self._graph, term.path)
            spec = wording.row_of(found) if found is not None else None
            for wire in self._graph.wires_into(term.path[-1], spec.inputs[0].name if spec is not None else None)[:1]:
                tap = ((wire.source,), wire.source_port)
                if tap[0] not in self._input_fields and self._reachable_of([tap]):
                    return tap
        return None

    def _predictions(self, tensors: dict[Tap, torch.Tensor]) -> tuple[tuple[int, float], ...]:
        scores = tensors.get(self._prediction) if self._prediction is not None else None
        if scores is None or scores.dim() != 2 or scores.shape[1] < 2:
            return ()
        best = torch.softmax(scores.float(), dim=1).max(dim=1)
        return tuple((int(c), float(p)) for c, p in zip(best.indices.tolist(), best.values.tolist(), strict=True))


def unless(cancelled: Callable[[], bool]) -> None:
    """A boundary of a look: go on, or raise Cancelled."""
    if cancelled():
        raise Cancelled
