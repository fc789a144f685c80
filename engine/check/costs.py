"""Counts multiply-adds while a layer runs on the meta device. Imports torch: only engine.check.shapes imports this.

torch's FlopCounterMode would do, but it hooks every module of the process while it counts, also those that another
thread is training. Its table of formulas needs no hooks.
"""

from __future__ import annotations

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class Counter(TorchDispatchMode):
    """`with Counter() as counter: module(x)`; then `counter.multiply_adds` is what matrix products and convolutions in
    it cost (element-wise work is not counted, as is usual)."""

    def __init__(self) -> None:
        super().__init__()
        self._operations = 0

    @property
    def multiply_adds(self) -> int:
        return self._operations // 2  # the table counts a multiply-add as two operations

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self._operations += int(formula(*args, **(kwargs or {}), out_val=result))
        return result
