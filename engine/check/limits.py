"""What no machine at hand could hold: absurd sizes are told before anything of that size is made."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache

from engine.check.parts import Part, Site
from engine.check.report import Cost, NodePath, Problem, TensorSpec
from engine.graph.model import NodeId

BYTES = 4  # of a float32
COPIES = 4  # a weight, its gradient, and the two moments that Adam keeps


@lru_cache(maxsize=1)
def memory() -> int:
    """Bytes of memory of this machine; 64 GiB where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 64 * 2**30


def problems_of(
    part: Part, costs: Mapping[NodePath, Cost], outputs: Mapping[tuple[NodePath, str], TensorSpec]
) -> Iterator[Problem]:
    room, told = memory(), set[NodeId]()
    for path, cost in costs.items():
        if cost.parameters * BYTES > room and path[0] not in told:
            told.add(path[0])
            call = part.calls[path[0]]
            why = f"Its weights alone need {_size(cost.parameters * BYTES)}; this machine has {_size(room)}."
            yield Site().problem("too-large", "error", call, f"{call.node.label} is too large.", why)
    for (path, _port), spec in outputs.items():
        needed = math.prod(spec.shape) * BYTES
        if needed > room and path[0] not in told:
            told.add(path[0])
            call = part.calls[path[0]]
            why = f"One sample of its output needs {_size(needed)}; this machine has {_size(room)}."
            yield Site().problem("too-large", "error", call, f"{call.node.label} gives too much.", why)
    total = sum(cost.parameters for cost in costs.values())
    if not told and total * BYTES * COPIES > room:
        why = f"Weights, gradients and averages need {_size(total * BYTES * COPIES)}; this machine has {_size(room)}."
        severity = "error" if total * BYTES > room else "warning"
        yield Problem("memory", severity, "Training may not fit into memory.", why)


def _size(count: int) -> str:
    """‘9.1 GB’."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} PB"
