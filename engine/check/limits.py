"""What no machine at hand could hold: absurd sizes are told before anything of that size is made.

What is free changes from moment to moment, so it only warns; what keeps a design from being trained is judged by the
memory that the machine has.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.check.parts import Call, Part, Site, fix
from engine.check.report import Cost, Fix, NodePath, Problem, Report, Severity, TensorSpec
from engine.check.words import counted
from engine.graph.model import NodeId
from engine.numbers import sizes, thousands

BYTES = 4  # of a float32
COPIES = 4  # a weight, its gradient, and the two moments that Adam keeps
KEPT = 2  # a number that a layer gives is kept for the way back, where its gradient comes to stand beside it
MARGIN = 1.5  # for what layers and torch need besides
USABLE = 0.8  # of the machine's memory
TRIFLE = 64 * 2**20  # below it nobody asks what is free
_WIDTHS = ("out_features", "out_channels", "hidden_size", "embedding_dim", "num_embeddings", "dim_feedforward")


@lru_cache(maxsize=1)
def memory() -> int:
    """Bytes of memory of this machine; 64 GiB where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 64 * 2**30


def available() -> int:
    """Bytes that are free now (Linux tells), else all there are."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return min(int(line.split()[1]) * 1024, memory())
    except (OSError, ValueError, IndexError):
        pass
    return memory()


@dataclass(slots=True)
class _Share:
    """What one top-level node needs: bytes for its weights, for the numbers of one sample, and for what no batch
    changes; `largest` is the largest tensor that it gives."""

    parameters: int = 0
    sample: float = 0.0
    fixed: float = 0.0
    largest: TensorSpec | None = None

    @property
    def weights(self) -> float:
        return self.parameters * BYTES * COPIES * MARGIN

    def needs(self, batch: int) -> float:
        return self.weights + self.fixed + self.sample * batch


def problems_of(
    part: Part,
    costs: Mapping[NodePath, Cost],
    outputs: Mapping[tuple[NodePath, str], TensorSpec],
    batch: int,
    taking_part: frozenset[NodeId],
) -> Iterator[Problem]:
    """What is too large for this machine. `batch` is how many samples a step takes, `taking_part` are the top-level
    nodes that a run would compute."""
    room, batch, told = memory(), max(batch, 1), set[NodeId]()
    shares = _shares(costs, outputs, taking_part)
    total = sum(share.needs(batch) for share in shares.values())
    usable = room * USABLE
    for path, cost in costs.items():
        if cost.parameters * BYTES > room and path[0] not in told:
            told.add(path[0])
            call = part.calls[path[0]]
            remedy = _smaller(call, shares.get(path[0], _Share()).needs(batch), total, usable)
            needed = _size(cost.parameters * BYTES)
            why = f"Its weights alone need {needed}; this machine has {_size(room)}. Make it smaller."
            yield Site().problem("too-large", "error", call, f"{call.node.label} is too large.", why, fixes=remedy)
    for (path, _port), spec in outputs.items():
        needed = math.prod(spec.shape) * BYTES
        if needed > room and path[0] not in told:
            told.add(path[0])
            call = part.calls[path[0]]
            remedy = _smaller(call, shares.get(path[0], _Share()).needs(batch), total, usable)
            why = f"One sample of its output needs {_size(needed)}; this machine has {_size(room)}. Make it smaller."
            yield Site().problem("too-large", "error", call, f"{call.node.label} gives too much.", why, fixes=remedy)
    if told or total < TRIFLE or not shares:
        return
    free = available()
    if total > usable:
        yield _memory(part, shares, batch, "error", usable, f"this machine can give {_size(usable)}")
    elif total > free:
        yield _memory(part, shares, batch, "warning", free, f"{_size(free)} are free")


def can_be_shown(report: Report) -> bool:
    """Whether what is sound of a design may be built to be looked at, beside all else that the machine does."""
    told = any(p.code in ("memory", "too-large") for p in report.errors)
    return not told and report.parameters * BYTES < available() * USABLE / 2


def _shares(
    costs: Mapping[NodePath, Cost], outputs: Mapping[tuple[NodePath, str], TensorSpec], among: frozenset[NodeId]
) -> dict[NodeId, _Share]:
    shares = {node: _Share() for node in among}
    for path, cost in costs.items():
        if cost.parameters and path[0] in shares:
            shares[path[0]].parameters += cost.parameters
    for (path, _port), spec in outputs.items():
        share = shares.get(path[0])
        if share is None:
            continue
        numbers = math.prod(spec.shape)
        if spec.batch_axis is None:
            share.fixed += numbers * BYTES * KEPT * MARGIN
        else:
            share.sample += numbers * BYTES * KEPT * MARGIN
        if share.largest is None or numbers > math.prod(share.largest.shape):
            share.largest = spec
    return shares


def _memory(
    part: Part, shares: Mapping[NodeId, _Share], batch: int, severity: Severity, room: float, there: str
) -> Problem:
    """The node with the largest share, and a batch or a size with which all would find room."""
    node = max((n for n in part.calls if n in shares), key=lambda n: shares[n].needs(batch))
    call, share = part.calls[node], shares[node]
    total = sum(each.needs(batch) for each in shares.values())
    per_sample = sum(each.sample for each in shares.values())
    aim = min(room, available(), memory() * USABLE)
    fitting = _power_of_two((aim - (total - per_sample * batch)) / per_sample) if per_sample else None
    if fitting is not None and fitting < batch:
        label, advice = f"Use batch {thousands(fitting)}", "Use a smaller batch."
        fixes = (fix("set_recipe", label, part="", name="batch_size", value=fitting),)
    else:
        fixes = _smaller(call, share.needs(batch), total, min(room, available()))
        advice = f"Make {call.node.label} smaller."
    if share.weights > share.sample * batch or share.largest is None:
        made = f"Its {counted(share.parameters, 'weight')}, with their gradients and averages,"
        why = f"{made} make training need about {_size(total)} in all; {there}. {advice}"
    else:
        shape = sizes(share.largest.shape) or "1"
        what = f"A batch of {thousands(batch)} with {shape} numbers a sample"
        why = f"{what} needs about {_size(total)} in all; {there}. {advice}"
    more = "needs" if severity == "error" else "may need"
    what = f"{call.node.label} {more} more memory than there is{'' if severity == 'error' else ' now'}."
    return Site().problem("memory", severity, call, what, why, fixes=fixes)


def _smaller(call: Call, share: float, total: float, room: float) -> tuple[Fix, ...]:
    """The parameter that makes a node large, lowered until its share takes half of what the others leave."""
    rest = total - share
    goal = (room - rest) / 2 if rest < room else room * share / total / 2 if total else 0.0
    factor = min(goal / share, 0.5) if share else 0.5
    if call.is_block:
        repeat = call.layer.repeat
        if repeat < 2:
            return ()
        fewer = _rounded(repeat * factor)
        label = f"Use {counted(fewer, 'copy', 'copies')}"
        return (fix("set_repeat", label, node=call.node.id, repeat=fewer),)
    for name in _WIDTHS:
        row, value = call.spec.parameter(name) if call.spec else None, call.settings.values.get(name)
        if row is not None and not row.filled and isinstance(value, int) and value > 1:
            wanted = _rounded(value * factor)
            label = f"Set {row.title} to {thousands(wanted)}"
            return (fix("set_parameter", label, node=call.node.id, name=name, value=wanted),)
    return ()


def _rounded(value: float) -> int:
    """Down to one digit and zeros: 1234 is 1000."""
    whole = max(int(value), 1)
    unit = 10 ** (len(str(whole)) - 1)
    return whole // unit * unit


def _power_of_two(value: float) -> int | None:
    return None if not value >= 1 else 2 ** min(int(math.log2(value)), 30)


def _size(count: float) -> str:
    """‘9.1 GB’."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} PB"
