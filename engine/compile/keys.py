"""Weights by stable keys: ‘layer path . name in the layer’, whatever the labels and the device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from engine.compile.compiled import Compiled
from engine.errors import DesignError
from engine.numbers import sizes


def state(compiled: Compiled) -> dict[str, torch.Tensor]:
    """Parameters and buffers, detached, sharing storage with the module, in the order of the layers."""
    found: dict[str, torch.Tensor] = {}
    for path, name in compiled.names.items():
        for inner, tensor in compiled.module.get_submodule(name).state_dict().items():
            found[f"{path}.{inner}"] = tensor
    return found


def parameters(compiled: Compiled) -> dict[str, torch.nn.Parameter]:
    """The learned ones only, under the same keys."""
    found: dict[str, torch.nn.Parameter] = {}
    for path, name in compiled.names.items():
        for inner, parameter in compiled.module.get_submodule(name).named_parameters():
            found[f"{path}.{inner}"] = parameter
    return found


def arrays(compiled: Compiled) -> dict[str, np.ndarray[Any, Any]]:
    """A copy of the state as numpy arrays: nothing that happens to the module later changes it."""
    return {key: tensor.to("cpu", copy=True).numpy() for key, tensor in state(compiled).items()}


def load(compiled: Compiled, weights: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Fill the module. DesignError, with nothing changed, where `weights` do not fit."""
    require_fitting(compiled, weights)
    with torch.no_grad():
        for key, tensor in state(compiled).items():
            tensor.copy_(torch.from_numpy(np.array(weights[key])))


def require_fitting(compiled: Compiled, weights: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """DesignError where a tensor is missing, left over, of another shape or of another kind of number."""
    own = state(compiled)
    for key, tensor in own.items():
        layer = compiled.names[key.partition(".")[0]]
        if key not in weights:
            raise DesignError(f"The stored weights hold nothing for {layer} ({key}): they belong to another design.")
        if tuple(weights[key].shape) != tuple(tensor.shape):
            raise DesignError(
                f"The stored weights of {layer} ({key}) have the shape {sizes(weights[key].shape)}, but the design "
                f"needs {sizes(tensor.shape)}: they belong to another design."
            )
        kinds = "f" if tensor.is_floating_point() else "b" if tensor.dtype == torch.bool else "iu"
        if weights[key].dtype.kind not in kinds:
            raise DesignError(
                f"The stored weights of {layer} ({key}) are numbers of type {weights[key].dtype}, but the design needs "
                f"{str(tensor.dtype).removeprefix('torch.')}: they belong to another design."
            )
    left = sorted(set(weights) - set(own))
    if left:
        raise DesignError(f"The stored weights hold {left[0]}, which the design lacks: they belong to another design.")
