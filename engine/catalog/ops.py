"""The modules that torch.nn lacks. They call torch functions only, so that the compiled code can trace, copy and pickle
them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Input(nn.Module):
    """What the network is given: a field of the data.

    Args:
        field: name of the data field; empty: the first one
        shape: the shape of one sample where no data tell it, such as 1, 28, 28
    """

    def __init__(self, field: str = "", shape: tuple[int, ...] = ()):
        super().__init__()


class Target(nn.Module):
    """What the network should answer: a field of the data that losses compare with.

    Args:
        field: name of the data field; empty: the first one
    """

    def __init__(self, field: str = ""):
        super().__init__()


class Output(nn.Module):
    """Marks an answer of the network. Inside a block it is an output port."""

    def forward(self, input: Tensor) -> Tensor:
        return input


class Add(nn.Module):
    """The sum of its inputs, which are of one shape or broadcast to one."""

    def forward(self, *inputs: Tensor) -> Tensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = total + other
        return total


class Multiply(nn.Module):
    """The product of its inputs, which are of one shape or broadcast to one."""

    def forward(self, *inputs: Tensor) -> Tensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = total * other
        return total


class Concat(nn.Module):
    """Its inputs side by side along one axis; all other axes are equal.

    Args:
        dim: the axis along which they stand, counted with the batch axis: 1 is the channels
    """

    def __init__(self, dim: int = 1):
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, self.dim)


class Reshape(nn.Module):
    """Another shape of the same size.

    Args:
        shape: the new shape of one sample, without the batch axis; one entry may be -1: what is left
    """

    def __init__(self, shape: Sequence[int] = (-1,)):
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, input: Tensor) -> Tensor:
        return input.reshape(input.shape[0], *self.shape)


class Permute(nn.Module):
    """The axes in another order.

    Args:
        dims: the new order of the axes after the batch axis, counted from 1: 2, 3, 1 puts the channels last
    """

    def __init__(self, dims: Sequence[int] = (2, 1)):
        super().__init__()
        self.dims = tuple(dims)

    def forward(self, input: Tensor) -> Tensor:
        return input.permute(0, *self.dims)
