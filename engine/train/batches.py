"""The samples of one part, resident on the device, and the batches drawn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from engine.errors import DataError
from engine.train.machine import derived_seed

Array = np.ndarray[Any, Any]


class Resident:
    """One tensor for each field that the network takes; `arrange` puts them in the order of the module's arguments."""

    def __init__(self, arrays: Mapping[str, Array], fields: Sequence[str], device: torch.device):
        missing = next((name for name in fields if name not in arrays), None)
        if missing is not None:
            raise DataError(f"The data have no field called ‘{missing}’; there are {', '.join(arrays)}.")
        names = list(dict.fromkeys(fields))  # a field that several inputs take is gathered once
        self._tensors = [torch.from_numpy(arrays[name]).to(device) for name in names]
        order = [names.index(name) for name in fields]
        self._order = None if order == list(range(len(names))) else order
        self.samples = len(self._tensors[0])

    def gather(self, indices: torch.Tensor) -> list[torch.Tensor]:
        return self._arranged([tensor.index_select(0, indices) for tensor in self._tensors])

    def slice(self, start: int, end: int) -> list[torch.Tensor]:
        return self._arranged([tensor[start:end] for tensor in self._tensors])

    def _arranged(self, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        return tensors if self._order is None else [tensors[i] for i in self._order]


class Shuffled:
    """Batches in an order drawn from (seed, epoch) alone, so that a position is all that must be remembered.

    The last batch of an epoch may be smaller. One of a single sample is left out (batch norm cannot take it); as the
    order changes, it is another sample in each epoch.
    """

    def __init__(self, data: Resident, batch_size: int, seed: int, device: torch.device):
        self.data = data
        self.size = min(batch_size, data.samples)
        whole, rest = divmod(data.samples, self.size)
        self.steps_per_epoch = whole + (rest > 1)
        self._seed, self._device = seed, device
        self._epoch = -1
        self._order = torch.zeros(0, dtype=torch.int64)

    def batch(self, epoch: int, number: int) -> list[torch.Tensor]:
        """The arguments of the module for batch `number` of `epoch`, each samples × the field's shape."""
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(derived_seed("order", self._seed, epoch))
            self._order = torch.randperm(self.data.samples, generator=generator).to(self._device)
            self._epoch = epoch
        return self.data.gather(self._order[number * self.size : (number + 1) * self.size])
