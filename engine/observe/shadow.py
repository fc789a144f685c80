"""A copy of a compiled network that may be looked at while the real one learns.

The training module is only read (one copy of its numbers), never run, hooked or switched to eval. The shadow draws
nothing from the program's random state: the layers that draw even in eval get their own numbers.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from engine.compile.compiled import Compiled
from engine.compile.compiler import tapped
from engine.compile.keys import state
from engine.errors import DesignError, StrataError
from engine.numbers import sizes
from engine.observe.paths import Tap
from engine.observe.picture import Snapshot

KEPT_TAPS = 8  # cut-down networks kept for the latest sets of views


class Shadow:
    """Not thread-safe: whoever owns it calls it from one thread at a time."""

    def __init__(self, compiled: Compiled):
        module = copy.deepcopy(compiled.module).eval()
        for parameter in module.parameters():
            parameter.requires_grad_(False)
        for layer in module.modules():
            if isinstance(layer, (torch.nn.FractionalMaxPool2d, torch.nn.FractionalMaxPool3d)):
                layer.register_forward_pre_hook(_own_samples)
        self.compiled: Compiled = replace(compiled, module=module)
        self._own: dict[str, torch.Tensor] = state(self.compiled)
        self._tapped: OrderedDict[tuple[Tap, ...], torch.nn.Module] = OrderedDict()

    @property
    def device(self) -> torch.device:
        return next((t.device for t in self._own.values()), torch.device("cpu"))

    @torch.no_grad()
    def fill(self, weights: Compiled | Snapshot | Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Take over the numbers of a live network (call it between two steps, on the thread that trains) or of a
        snapshot."""
        if isinstance(weights, Snapshot):
            self._fill_from_arrays(weights.arrays)
        elif isinstance(weights, Mapping):
            self._fill_from_arrays(weights)
        else:
            live = state(weights)
            if self._own:
                mine, theirs = list(self._own.values()), [live[key] for key in self._own]
                torch._foreach_copy_(mine, theirs)  # pyright: ignore[reportPrivateImportUsage]

    def _fill_from_arrays(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        for key, own in self._own.items():
            array = arrays.get(key)
            if array is None or tuple(array.shape) != tuple(own.shape):
                found = "none are stored" if array is None else f"those stored have the shape {sizes(array.shape)}"
                raise DesignError(
                    f"The weights ‘{key}’ do not fit this design: it needs the shape {sizes(own.shape)}, {found}. "
                    "Train the design as it is now to see its features."
                )
            own.copy_(torch.tensor(array))

    def weight(self, key: str) -> torch.Tensor | None:
        """A parameter or buffer by its key (‘n12.weight’)."""
        return self._own.get(key)

    @torch.no_grad()
    def run(self, taps: Sequence[Tap], inputs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """One forward pass over a batch; the tensors at `taps`. A tap that cannot be reached raises StrataError."""
        if not taps:
            return ()
        return tuple(self._cut(tuple(taps))(*inputs))

    def reachable(self, taps: Sequence[Tap]) -> dict[Tap, bool]:
        """Which outputs can be computed from the inputs alone (a loss cannot, nor a node outside the run). All are
        tried at once first: cutting a large network costs milliseconds."""
        if not taps:
            return {}
        try:
            tapped(self.compiled, list(taps))
        except (StrataError, KeyError, ValueError):
            if len(taps) == 1:
                return {taps[0]: False}
            half = len(taps) // 2
            return {**self.reachable(taps[:half]), **self.reachable(taps[half:])}
        return dict.fromkeys(taps, True)

    def _cut(self, taps: tuple[Tap, ...]) -> torch.nn.Module:
        """The network cut down to what leads to `taps`; it shares the shadow's layers."""
        module = self._tapped.get(taps)
        if module is None:
            module = tapped(self.compiled, list(taps)).eval()
            self._tapped[taps] = module
            if len(self._tapped) > KEPT_TAPS:
                self._tapped.popitem(last=False)
        self._tapped.move_to_end(taps)
        return module


def _own_samples(layer: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
    """Fractional pooling draws its regions at every call: give it fixed ones instead of the program's random state."""
    values = arguments[0]
    axes = 2 if isinstance(layer, torch.nn.FractionalMaxPool2d) else 3
    batched = values if values.dim() == axes + 2 else values.unsqueeze(0)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.rand(1, batched.shape[1], axes, generator=generator, dtype=torch.float32)
    samples = drawn.to(device=values.device, dtype=values.dtype).expand(batched.shape[0], -1, -1)
    layer._random_samples = samples.contiguous()  # pyright: ignore[reportAttributeAccessIssue]
