"""Between a run's tensors and a TrainingState: plain numpy arrays by layer path, which nothing writes to again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from engine.compile import keys
from engine.compile.compiler import Compiled
from engine.errors import TrainingError
from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]


def weights(compiled: Compiled) -> Frozen[str, Array]:
    """Copies of all parameters and buffers, keyed ‘layer path . name’."""
    return Frozen({key: array(tensor) for key, tensor in keys.state(compiled).items()})


def optimizer_state(optimizer: torch.optim.Optimizer, names: list[str]) -> Frozen[str, Array]:
    """Copies of what the optimiser remembers of each parameter, keyed ‘n12.weight/exp_avg’. Rates and other settings
    are not in it: they follow from the recipe and the step."""
    stored: dict[str, Array] = {}
    for name, parameter in zip(names, optimizer.param_groups[0]["params"], strict=True):
        for part, value in optimizer.state.get(parameter, {}).items():
            if value is not None:
                stored[f"{name}/{part}"] = array(torch.as_tensor(value))
    return Frozen(stored)


def load_optimizer_state(optimizer: torch.optim.Optimizer, names: list[str], stored: Mapping[str, Array]) -> None:
    """The opposite of `optimizer_state`; torch's own loading puts each part on the right device, and checks nothing:
    what comes from a file went through `engine.train.fitting` first."""
    numbers = {name: number for number, name in enumerate(names)}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in stored.items():
        name, _, part = key.rpartition("/")
        if name not in numbers:
            raise TrainingError(f"The optimiser's state is of another network: it holds {name}, which is not here.")
        state.setdefault(numbers[name], {})[part] = torch.from_numpy(np.array(value))
    whole = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})


def random_state(seed: int) -> Frozen[str, Array]:
    """Of a generator with that seed, by its name."""
    return Frozen({"cpu": array(torch.Generator().manual_seed(seed).get_state())})


def array(tensor: torch.Tensor) -> Array:
    """A copy that belongs to nobody else and cannot be written to."""
    copy = np.array(tensor.detach().cpu().numpy())
    copy.setflags(write=False)
    return copy
