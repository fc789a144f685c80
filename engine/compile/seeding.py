"""First weights from a seed of their own, without touching the program's random state."""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_DRAWING = frozenset(
    {
        torch.Tensor.uniform_,
        torch.Tensor.normal_,
        torch.Tensor.bernoulli_,
        torch.Tensor.random_,
        torch.Tensor.exponential_,
        torch.rand,
        torch.randn,
        torch.randint,
        torch.randperm,
        torch.normal,
        torch.bernoulli,
    }
)


class OwnRandom(TorchFunctionMode):
    """Within `with OwnRandom(seed):` all that this thread draws comes from one generator.

    Other threads, and the generator that dropout draws from, see nothing of it: a network may be built while another
    one trains. (fork_rng would lend the shared generator away in the middle of their step.)
    """

    def __init__(self, seed: int):
        super().__init__()
        self._generator = torch.Generator().manual_seed(seed)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        if _draws(func) and named.get("generator") is None:
            named["generator"] = self._generator
        return func(*args, **named)


@functools.cache
def _draws(func: Callable[..., Any]) -> bool:
    """The functions of nn.init are asked too: what they call inside is not seen by the mode."""
    if getattr(func, "__module__", "") == "torch.nn.init":
        return "generator" in inspect.signature(func).parameters
    return func in _DRAWING


def seed_of(*parts: object) -> int:
    """A 63-bit seed from anything printable: the same parts, the same seed, on every machine."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
