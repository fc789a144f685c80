"""A picture of the Features page in words: what one tile is, the line above the tiles, and all of it in a sentence."""

from __future__ import annotations

from engine.observe import plane
from engine.observe.picture import Picture
from gui.plots.mosaic import form_of
from gui.widgets.numbers import plural
from gui.widgets.plane import between


def noun(picture: Picture) -> str:
    if picture.plane is not None:
        return "decision field" if picture.classes else "unit"
    return {"cells": "unit", "sheet": picture.axes[0], "maps": "channel"}[form_of(picture)]


def caption(picture: Picture, after: str, names: tuple[str, ...]) -> str:
    """What stands beside the count. `after`: which layer the tiles come from; `names`: of the classes."""
    if picture.view.kind == "filters":
        return "weights, in their own order"
    if picture.classes:
        return between(picture.classes, names)
    if form_of(picture) == "sheet":
        down, across = picture.axes
        return f"{after}, {down}s down, {across} across"
    if form_of(picture) == "cells":
        return after
    silent = f", {picture.silent} silent" if picture.silent else ""
    return f"{after}, strongest first{silent}"


def summary(picture: Picture, noun: str, of: str) -> str:
    """The mosaic in a sentence: ‘16 channels of conv2 on probe 1 042: strongest 4, 0, 13; 2 silent’."""
    parts = []
    if noun != "probe" and len(picture.peaks) == len(picture.units) > 1:
        strongest = sorted(zip(picture.peaks, picture.units, strict=True), key=lambda each: -each[0])[:3]
        parts.append(f"strongest {', '.join(str(unit) for _peak, unit in strongest)}")
    if picture.silent:
        parts.append(f"{picture.silent} silent")
    if said := plane.told(picture):
        parts.append(said)
    return f"{plural(picture.total, 'probe sample' if noun == 'probe' else noun)}{of}" + (
        f": {'; '.join(parts)}" if parts else ""
    )
