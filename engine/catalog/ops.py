"""The modules that torch.nn lacks, and those of its own whose outputs are made to fit ports.

Their signatures and docstrings are read by introspect.py just as torch's. Every tensor has the batch as its first axis.
"""

from __future__ import annotations

import functools
import operator

import torch
from torch import Tensor, nn


class Input(nn.Identity):
    """Where a field of the data enters.

    Args:
        field: Which field of the data; empty: the first.
        shape: Shape of one sample; empty: as in the data.
    """

    def __init__(self, field: str = "", shape: tuple[int, ...] = ()):
        super().__init__()


class Target(nn.Identity):
    """Where the answer that the network should give enters: the class or numbers of each sample.

    Args:
        field: Which target of the data; empty: the first.
    """

    def __init__(self, field: str = ""):
        super().__init__()


class Output(nn.Identity):
    """A result of the network that is kept under its name. Inside a block, one of its outputs."""

    def __init__(self) -> None:
        super().__init__()


class Add(nn.Module):
    """Adds its inputs, number by number. Axes of length 1 are stretched."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return functools.reduce(operator.add, inputs)


class Multiply(nn.Module):
    """Multiplies its inputs, number by number. Axes of length 1 are stretched."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return functools.reduce(operator.mul, inputs)


class Concat(nn.Module):
    """Puts its inputs one after another along an axis; in all other axes they must agree.

    Args:
        dim: The axis, counted with the batch: 1 is the channels of an image or the features of a vector.
    """

    def __init__(self, dim: int = 1):
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Reshape(nn.Module):
    """Arranges the numbers of each sample in other axes; their order stays.

    Args:
        shape: The new shape of one sample, without the batch; -1, once, takes what is left.
    """

    def __init__(self, shape: tuple[int, ...] = (-1,)):
        super().__init__()
        if any(size == 0 for size in shape) or shape.count(-1) > 1:
            raise ValueError("the sizes must be 1 or more; one of them may be -1")
        self.shape = tuple(shape)

    def forward(self, input: Tensor) -> Tensor:
        return input.reshape(-1 if -1 not in self.shape else input.shape[0], *self.shape)

    def extra_repr(self) -> str:
        return f"shape={self.shape}"


class Permute(nn.Module):
    """Puts the axes of each sample in another order; the batch stays first.

    Args:
        dims: The new order, axes counted from 1 without the batch: (2, 3, 1) puts channels last.
    """

    def __init__(self, dims: tuple[int, ...] = (2, 1)):
        super().__init__()
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(f"the order must name each axis from 1 to {max(len(dims), 1)} once")
        self.dims = tuple(dims)

    def forward(self, input: Tensor) -> Tensor:
        return input.permute(0, *self.dims)

    def extra_repr(self) -> str:
        return f"dims={self.dims}"


def _last(state: Tensor, directions: int) -> Tensor:
    """The state of the last layer, (layers · directions, batch, features) → (batch, directions · features)."""
    return state[-1] if directions == 1 else torch.cat((state[-2], state[-1]), -1)


def _batched(input: Tensor, kind: str) -> None:
    """torch takes a matrix for one sequence without a batch, and would mix the samples."""
    if input.dim() != 3:
        raise ValueError(f"{kind} needs a sequence of vectors per sample, (batch, time, features)")


class RNN(nn.RNN):
    __doc__ = nn.RNN.__doc__

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        _batched(input, "RNN")
        output, state = super().forward(input)
        return output, _last(state, 2 if self.bidirectional else 1)


class GRU(nn.GRU):
    __doc__ = nn.GRU.__doc__

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        _batched(input, "GRU")
        output, state = super().forward(input)
        return output, _last(state, 2 if self.bidirectional else 1)


class LSTM(nn.LSTM):
    __doc__ = nn.LSTM.__doc__

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        _batched(input, "LSTM")
        output, (state, cell) = super().forward(input)
        directions = 2 if self.bidirectional else 1
        return output, _last(state, directions), _last(cell, directions)


class LSTMCell(nn.LSTMCell):
    __doc__ = nn.LSTMCell.__doc__

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input: Tensor, state: Tensor | None = None, cell: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """State and cell are (batch, units); what is not given is zero, as at the beginning of a sequence."""
        if state is None and cell is None:
            return super().forward(input)
        zeros = torch.zeros_like(state if state is not None else cell)  # pyright: ignore[reportArgumentType]
        return super().forward(input, (zeros if state is None else state, zeros if cell is None else cell))


class _Unpool(nn.Module):
    """What the three have in common: the places of the maxima are found again in what was pooled, so that no pooling
    has to hand them on."""

    axes = 0

    def __init__(self, kernel_size: int | tuple[int, ...], stride: int | tuple[int, ...] | None = None,
                 padding: int | tuple[int, ...] = 0):  # fmt: skip
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Tensor, pooled: Tensor) -> Tensor:
        """`input` is as large as the pooling's result, `pooled` is what that pooling took; so large is the result."""
        pool = getattr(nn.functional, f"max_pool{self.axes}d_with_indices")
        unpool = getattr(nn.functional, f"max_unpool{self.axes}d")
        _, places = pool(pooled, self.kernel_size, self.stride, self.padding)
        if places.shape != input.shape:
            raise ValueError(f"the pooling gives {tuple(places.shape[1:])} a sample, not {tuple(input.shape[1:])}")
        if input.is_meta:  # torch reads the places, and there are none to read
            return torch.empty_like(pooled)
        return unpool(input, places, self.kernel_size, self.stride, self.padding, pooled.shape[2:])

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_Unpool):
    __doc__ = nn.MaxUnpool1d.__doc__
    axes = 1


class MaxUnpool2d(_Unpool):
    __doc__ = nn.MaxUnpool2d.__doc__
    axes = 2


class MaxUnpool3d(_Unpool):
    __doc__ = nn.MaxUnpool3d.__doc__
    axes = 3


class MultiheadAttention(nn.MultiheadAttention):
    __doc__ = nn.MultiheadAttention.__doc__

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, query: Tensor, key: Tensor | None = None, value: Tensor | None = None, need_weights: bool = True
    ) -> tuple[Tensor, Tensor | None]:
        """Without a key the query attends to itself; without a value the keys are the values. Weights cost time and
        memory: whoever does not read them says so."""
        _batched(query, "MultiheadAttention")
        key = query if key is None else key
        value = key if value is None else value
        return super().forward(query, key, value, need_weights=need_weights)


class GaussianNLLLoss(nn.GaussianNLLLoss):
    __doc__ = nn.GaussianNLLLoss.__doc__

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        if isinstance(var, Tensor) and var.is_meta:  # torch looks for negative numbers, and there are none to look at
            return ((input - target).square() / var).mean()
        return super().forward(input, target, var)
