"""Paying in advance for the first use of torch: loading it takes seconds, its first optimiser step and its first meta
tensor tenths of one. The window does this in the background after its first paint."""

from __future__ import annotations

import threading

_WARMING = threading.Lock()  # two windows may open at once, and two threads must not import torch at once


def warm_up() -> None:
    """Load torch, take one optimiser step on a tiny module and build one layer on the meta device.

    The global random state is as it was before. Any thread may call it, also while another one trains.
    """
    with _WARMING:
        _warm_up()


def _warm_up() -> None:
    import torch

    from engine.train import machine

    with machine.drawing(0, torch.device("cpu")):
        module = torch.nn.Linear(2, 2)
        optimizer = torch.optim.Adam(module.parameters(), fused=True)
        module(torch.zeros(1, 2)).sum().backward()
        optimizer.step()
    with torch.device("meta"):
        torch.nn.Conv2d(1, 1, 3)(torch.empty(2, 1, 8, 8))
