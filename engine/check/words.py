"""Phrases that messages share: shapes, lists of names, counts."""

from __future__ import annotations

from collections.abc import Iterable

from engine.check.report import TensorSpec
from engine.graph.model import Graph, NodeId
from engine.numbers import sizes, thousands

__all__ = ["counted", "listed", "shared", "sizes", "tensor"]


def listed(names: Iterable[str], most: int = 5, joint: str = "and") -> str:
    """‘a, b and c’; a long list is cut: ‘a, b, c, d and 9 more’."""
    items = list(names)
    if len(items) > most:
        items = [*items[: most - 1], f"{thousands(len(items) - most + 1)} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def shared(graph: Graph, node: NodeId) -> str:
    """‘shared with fc_a’: whose layer a node calls too; empty where its layer is its own."""
    others = graph.sharing_with(node)
    return f"shared with {listed((other.label for other in others), 2)}" if others else ""


def tensor(spec: TensorSpec) -> str:
    """What a wire carries, in a sentence: ‘8×14×14’, ‘64 numbers’, ‘one class index per sample’."""
    if spec.batch_axis is None:
        return "one number for the whole batch" if not spec.shape else f"{sizes(spec.shape)} for the whole batch"
    if spec.dtype.startswith("int"):
        return f"{sizes(spec.shape)} indices ({spec.dtype})" if spec.shape else f"one index per sample ({spec.dtype})"
    if not spec.shape:
        return "a single number per sample"
    if len(spec.shape) == 1:
        return f"{thousands(spec.shape[0])} numbers per sample" if spec.shape[0] != 1 else "one number per sample"
    return sizes(spec.shape)


def counted(number: int, noun: str, plural: str = "") -> str:
    """‘1 channel’, ‘3 channels’, with thin spaces between thousands."""
    return f"{thousands(number)} {noun if number == 1 else plural or noun + 's'}"
