"""Losses and accuracy on samples that are not learned from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from engine.compile import keys
from engine.compile.compiler import Compiled
from engine.errors import DataError, TrainingError
from engine.train import machine
from engine.train.batches import Resident
from engine.train.events import Metrics
from engine.train.ledger import Ledger
from engine.train.metrics import Sums, judge

BATCH = 256


def evaluate(
    compiled: Compiled, arrays: Mapping[str, np.ndarray[Any, Any]], device: str = "cpu", batch_size: int = BATCH
) -> Metrics:
    """Over all samples of `arrays`, in their order. The network, its mode and the random state stay as they are.
    TrainingError where its weights are not finite: there is nothing to be measured about them."""
    for key, parameter in keys.parameters(compiled).items():
        if not parameter.detach().isfinite().all():
            layer = compiled.names[key.partition(".")[0]]
            raise TrainingError(
                f"The weights of {layer} ({key}) hold numbers that are not finite: this network answers nothing. "
                "Start over with fresh weights."
            )
    return measure(compiled, Resident(arrays, fields(compiled), torch.device(device)), batch_size)


def fields(compiled: Compiled) -> list[str]:
    """The field of each argument of the module: inputs, then targets."""
    return [name for _, name in (*compiled.inputs, *compiled.targets)]


def labels(compiled: Compiled) -> tuple[str, ...]:
    return tuple(term.label for term in compiled.losses)


def _edges(samples: int, batch_size: int) -> list[int]:
    """Where batches begin, and the end. A single sample left over goes with the batch before it: some normalisations
    cannot tell one value from its mean."""
    edges = [*range(0, samples, batch_size), samples]
    if len(edges) > 2 and edges[-1] - edges[-2] == 1:
        del edges[-2]
    return edges


def measure(compiled: Compiled, data: Resident, batch_size: int = BATCH) -> Metrics:
    if not compiled.losses:
        raise TrainingError("This design has no loss, so there is nothing to measure. Add a loss and its target.")
    module, sums = compiled.module, Sums()
    ledger = Ledger(judge(compiled), len(compiled.losses) > 1)
    mode, device = module.training, next((p.device for p in module.parameters()), torch.device("cpu"))
    module.eval()
    try:
        with torch.no_grad():
            for start, end in pairwise(_edges(data.samples, batch_size)):
                arguments = data.slice(start, end)
                if compiled.stochastic:  # some pooling layers draw numbers here too: the same ones each time
                    with machine.drawing(machine.derived_seed("measure", start), device):
                        total, losses, predictions = module.forward(*arguments)
                else:
                    total, losses, predictions = module.forward(*arguments)
                ledger.note(total, losses, predictions, arguments[len(compiled.inputs) :], 0.0)
                ledger.read(sums, past_bad=True)
    finally:
        module.train(mode)
    metrics = sums.metrics(labels(compiled))
    if metrics is None:
        raise DataError("There are no samples to measure on.")
    return metrics
