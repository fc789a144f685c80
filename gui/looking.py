"""What all views together want to see, as one request. No Qt here."""

from __future__ import annotations

from typing import Any

from engine.observe.picture import Request, View

Wish = tuple[tuple[View, ...], tuple[int, ...] | None]


class Wishes:
    """What each requester (canvas, Features panel …) shows now. One request is made of them: of two wishes for the
    same picture the larger, of the probes the latest that was named, else those that everything shows."""

    def __init__(self) -> None:
        self._wishes: dict[str, Wish] = {}
        self._number = 0

    def set(self, requester: str, views: tuple[View, ...], probes: tuple[int, ...] | None) -> bool:
        """Whether that changes anything."""
        if self._wishes.get(requester, ((), None)) == (views, probes if views else None):
            return False
        self._wishes.pop(requester, None)
        if views:
            self._wishes[requester] = (views, probes)
        return True

    def request(self, probe: int) -> Request | None:
        """All wishes as one new request; None where nobody looks at anything."""
        merged: dict[tuple[Any, ...], View] = {}
        chosen: tuple[int, ...] = (probe,)
        for views, probes in self._wishes.values():
            chosen = probes or chosen
            for view in views:
                key = (view.path, view.kind, view.port)
                if key not in merged or merged[key].units < view.units:
                    merged[key] = view
        if not merged:
            return None
        self._number += 1
        return Request(tuple(merged.values()), chosen, self._number)
