"""What a run has told so far, as arrays: every step's loss and rate, every epoch's metrics. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.graph.frozen import Frozen

Array = np.ndarray[Any, Any]


def _empty() -> Array:
    return np.zeros(0, np.float64)


@dataclass(frozen=True, slots=True)
class History:
    """`loss[i]` and `rate[i]` belong to step i + 1. `epochs` holds one column for each metric (‘epoch’, ‘step’,
    ‘seconds’, ‘rate’, ‘train/loss’, ‘train/accuracy’, ‘validation/loss’, …), all of one length; NaN where a metric
    does not exist. The arrays are never written to."""

    loss: Array = field(default_factory=_empty)
    rate: Array = field(default_factory=_empty)
    epochs: Frozen[str, Array] = field(default_factory=Frozen[str, Array])
