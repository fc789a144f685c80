"""Whether a stored state fits the run that would go on from it; asked before anything of it is taken up.

A file may be hostile with all its digests in order, and torch believes what it is handed: a fused optimiser writes past
a state that is smaller than its parameter. So every part is held against what this run would have by itself.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import numpy as np
import torch

from engine.compile import keys
from engine.errors import TrainingError
from engine.numbers import sizes, thousands
from engine.train import checkpoint
from engine.train.events import TrainingState
from engine.train.optimizers import build_optimizer, set_rates

if TYPE_CHECKING:
    from engine.train.loop import Training

Parts = dict[str, checkpoint.Array]

ANEW = "this file cannot be trained on; start over with fresh weights."
MOST = 2**62  # steps, epochs, samples: beyond it no count is one


def most_threads() -> int:
    return max(64, (os.cpu_count() or 1) * 4)


def require_threads(threads: int) -> None:
    if not 1 <= threads <= most_threads():
        raise TrainingError(f"This run asks for {_told(threads)} threads; this computer gives 1 to {most_threads()}.")


def require(training: Training, state: TrainingState) -> None:
    """TrainingError or DesignError, one sentence, where `training` cannot go on from `state`. Nothing is changed."""
    _require_seed_and_place(training, state)
    _require_sums(training, state)
    keys.require_fitting(training.compiled, state.weights)
    require_finite(training, state)
    _require_optimizer(training, state)


def _require_seed_and_place(training: Training, state: TrainingState) -> None:
    seed, data = training.recipe.seed, training.data
    if state.seed != seed:
        raise TrainingError(
            f"This run began with seed {_short(state.seed)}; it cannot go on with seed {seed}. Set the seed back, or "
            "train anew."
        )
    counts = (state.step, state.epoch, state.batch)
    sound = all(0 <= count <= MOST for count in counts) and state.batch < data.steps_per_epoch
    samples = min(state.batch * data.size, data.data.samples) if sound else 0
    same_batches = state.batch == 0 or state.partial.get("samples", samples) == samples
    if not sound or state.step != state.epoch * data.steps_per_epoch + state.batch or not same_batches:
        raise TrainingError(
            f"This run stands at step {_told(state.step)}, which is no place in epochs of "
            f"{_told(data.steps_per_epoch)} steps: the data or the batch size are not those it began with. Set them "
            "back, or train anew."
        )


def _require_sums(training: Training, state: TrainingState) -> None:
    """Counts of samples that are counts, and a sum for each loss or for none."""
    counts = [state.partial.get(name, 0) for name in ("samples", "correct", "judged")]
    losses = {name for name in state.partial if name.startswith("loss/")}
    every = {f"loss/{number}" for number in range(len(training.compiled.losses))}
    if not all(math.isfinite(count) and 0 <= count <= MOST for count in counts) or (losses and losses != every):
        raise TrainingError(f"The stored sums of the epoch are not those of this run: {ANEW}")


def require_finite(training: Training, state: TrainingState) -> None:
    for key, parameter in zip(training.keys, training.parameters, strict=True):
        if not torch.from_numpy(np.array(state.weights[key])).to(parameter.dtype).isfinite().all():
            raise TrainingError(
                f"The stored weights of {_layer(training, key)} ({key}) hold numbers that are not finite: {ANEW}"
            )


# -- the optimiser ---------------------------------------------------------------------------------------------------
def _require_optimizer(training: Training, state: TrainingState) -> None:
    stored: dict[str, Parts] = {name: {} for name in training.keys}
    for key, value in state.optimizer.items():
        name, _, part = key.rpartition("/")
        if name not in stored:
            raise TrainingError(
                f"The optimiser's state is of another network: it holds {name[:60]}, which is not here: {ANEW}"
            )
        stored[name][part] = value
    known: dict[object, tuple[Parts, bool]] = {}
    missing: list[str] = []
    for name, parameter in zip(training.keys, training.parameters, strict=True):
        kind = (tuple(parameter.shape), parameter.dtype)
        if kind not in known:
            known[kind] = _own_parts(training, parameter)
        own, from_the_start = known[kind]
        if stored[name]:
            _require_parts(training, name, stored[name], own, state.step)
        elif own and from_the_start:
            raise _refusal(training, name, "it is missing")
        elif own and state.step > 0:
            missing.append(name)
    if missing:  # right where no gradient ever reached that parameter
        reached = _reached(training, state, missing)
        if reached:
            raise _refusal(training, reached[0], "it is missing")


def _own_parts(training: Training, parameter: torch.nn.Parameter) -> tuple[Parts, bool]:
    """What this run's optimiser remembers of such a parameter after a step, and whether it does so before the first."""
    twin = torch.nn.Parameter(torch.zeros_like(parameter))
    optimizer = build_optimizer(training.recipe, [twin])
    from_the_start = bool(optimizer.state.get(twin))
    set_rates(optimizer, training.rates.at(0))
    twin.grad = torch.zeros_like(twin)
    optimizer.step()
    own = checkpoint.optimizer_state(optimizer, ["twin"])
    return {key.rpartition("/")[2]: value for key, value in own.items()}, from_the_start


def _require_parts(training: Training, name: str, stored: Parts, own: Parts, step: int) -> None:
    for part in sorted(set(own) | set(stored)):
        if part not in stored:
            raise _refusal(training, name, f"it lacks {part}")
        if part not in own:
            raise _refusal(training, name, f"this optimiser keeps no {part[:60]}")
        there, needed = stored[part], own[part]
        if there.shape != needed.shape:
            found, wanted = sizes(there.shape) or "a single number", sizes(needed.shape) or "a single number"
            raise _refusal(training, name, f"{part} has the shape {found}, needed is {wanted}")
        if there.dtype != needed.dtype:
            raise _refusal(training, name, f"{part} is of type {there.dtype}, needed is {needed.dtype}")
    if "step" in stored and not 0 <= float(stored["step"]) <= step:
        raise _refusal(training, name, f"it stands at step {float(stored['step']):g} of {step}")


def _reached(training: Training, state: TrainingState, names: list[str]) -> list[str]:
    """Those of the parameters that the last step of the state had a gradient for."""
    steps = training.data.steps_per_epoch
    epoch, batch = (state.epoch, state.batch - 1) if state.batch else (state.epoch - 1, steps - 1)
    parameters = [training.parameters[training.keys.index(name)] for name in names]
    before = {key: tensor.clone() for key, tensor in keys.state(training.compiled).items()}
    try:
        total, _, _ = training.forward(*training.data.batch(epoch, batch))
        gradients = torch.autograd.grad(total, parameters, allow_unused=True)
    finally:  # batch norm keeps statistics
        with torch.no_grad():
            for key, tensor in keys.state(training.compiled).items():
                tensor.copy_(before[key])
    return [name for name, gradient in zip(names, gradients, strict=True) if gradient is not None]


def _refusal(training: Training, name: str, why: str) -> TrainingError:
    layer = _layer(training, name)
    return TrainingError(f"The stored optimiser state of {layer} does not fit {name} ({why}): {ANEW}")


def _layer(training: Training, key: str) -> str:
    return training.compiled.names[key.partition(".")[0]]


def _told(number: int) -> str:
    """Short whatever it is: a file may hold a number of 300 digits."""
    return thousands(number) if abs(number) <= MOST else f"{float(number):.0e}"


def _short(seed: int) -> str:
    """As it is typed, where a person can have typed it."""
    return f"{seed}" if abs(seed) <= 2 * MOST else _told(seed)
