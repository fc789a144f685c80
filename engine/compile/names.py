"""Labels made into names that a torch module accepts (it refuses `train`, `type`, `conv.1` and the empty name)."""

from __future__ import annotations

import keyword
import re

import torch
import torch.fx

_TAKEN = frozenset(
    [*dir(torch.nn.Module()), *dir(torch.fx.GraphModule), "graph", "code", "meta", *keyword.kwlist, *keyword.softkwlist]
)


def safe(label: str, used: set[str]) -> str:
    """A name like `label` that is an identifier, no attribute of a module and not yet in `used` (to which it is added).

    >>> safe("conv.1", set()), safe("train", set()), safe("3x3", set())
    ('conv_1', 'train_', 'layer_3x3')
    """
    name = re.sub(r"[^0-9A-Za-z_]+", "_", label).strip("_") or "layer"
    if name[0].isdigit():
        name = f"layer_{name}"
    if name in _TAKEN or name.lower() == "self":  # torch.fx makes variables of these names, in small letters
        name = f"{name}_"
    unique, number = name, 2
    while unique in used:
        unique, number = f"{name}_{number}", number + 1
    used.add(unique)
    return unique
