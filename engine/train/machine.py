"""What a run needs of the machine: threads, the allocator, random numbers; all put back as they were at its end."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import sys
import threading
from collections.abc import Iterator

import torch

MOST_THREADS = 8


def usual_threads() -> int:
    """How many threads a run takes unless told otherwise: one core is left to the window, never more than torch would
    take by itself (physical cores, or OMP_NUM_THREADS), and not more than networks of this size can use."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores - 1, torch.get_num_threads(), MOST_THREADS))


@contextlib.contextmanager
def taken(threads: int) -> Iterator[None]:
    """Threads belong to the run in between. The number of threads is a property of the calling
    thread and of those it starts, so this must be entered by the thread that trains."""
    threads_before = torch.get_num_threads()
    keep_freed_memory()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(threads_before)


@functools.cache
def keep_freed_memory() -> None:
    """Tell glibc not to hand back to the system what the next step needs again: else every step pays for fresh pages
    (a third of a step of LeNet). Nothing happens elsewhere."""
    trim_threshold, mmap_threshold = -1, -3  # of mallopt(3)
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, 2**31 - 1)


def derived_seed(purpose: str, *numbers: int) -> int:
    """A seed of 63 bits from a purpose and numbers such as the recipe's seed and the step: unlike `seed + step`, two
    runs with neighbouring seeds share nothing."""
    text = " ".join((purpose, *map(str, numbers)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


_TURN = threading.RLock()


@contextlib.contextmanager
def drawing(seed: int, device: torch.device) -> Iterator[None]:
    """Layers such as Dropout draw from the generators of the program, which all its trainings share: in between they
    are seeded, and belong to the calling thread alone. The CPU's is put back as it was (microseconds in all)."""
    with _TURN:
        before = torch.get_rng_state()
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.init()
            index = torch.cuda.current_device() if device.index is None else device.index
            torch.cuda.default_generators[index].manual_seed(seed)
        elif device.type == "mps":
            torch.mps.manual_seed(seed)
        try:
            yield
        finally:
            torch.set_rng_state(before)
