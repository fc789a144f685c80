"""An immutable mapping that keeps order, compares by value, hashes, copies and pickles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Frozen(Mapping[K, V]):
    """A read-only dict. `with_item` and `without` return new mappings that share the untouched values."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()):
        self._items: dict[K, V] = dict(items)
        self._hash: int | None = None

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Frozen):
            return self._items == other._items  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __repr__(self) -> str:
        return f"Frozen({self._items!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Frozen, (dict(self._items),))

    def with_item(self, key: K, value: V) -> Frozen[K, V]:
        return Frozen({**self._items, key: value})

    def with_items(self, items: Mapping[K, V]) -> Frozen[K, V]:
        return Frozen({**self._items, **items}) if items else self

    def without(self, *keys: K) -> Frozen[K, V]:
        gone = set(keys)
        return Frozen({k: v for k, v in self._items.items() if k not in gone})
