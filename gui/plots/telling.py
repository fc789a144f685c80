"""A picture of the Features page in words: what one tile is, the line above the tiles, and all of it in a sentence."""

from __future__ import annotations

from engine.graph.model import BLOCK, Graph, NodeId
from engine.observe import plane
from engine.observe.picture import Picture
from gui.plots.mosaic import form_of
from gui.widgets.numbers import plural, thousands
from gui.widgets.plane import between


def noun(picture: Picture) -> str:
    if picture.plane is not None:
        return "decision field" if picture.classes else "unit"
    return {"cells": "unit", "sheet": picture.axes[0], "maps": "channel"}[form_of(picture)]


def after(graph: Graph, node: NodeId | None) -> str:
    """Which layer the tiles come from: ‘after Conv2d’."""
    layer = graph.layer_of(node) if node is not None and node in graph.nodes else None
    return f"after {layer.kind}" if layer is not None and layer.kind != BLOCK else "after the block"


def of(graph: Graph, node: NodeId | None, picture: Picture, sample: int | None) -> str:
    """‘of conv2 on probe 1 042’: whose tiles these are, and of which `sample` or over which plane."""
    whose = f" of {graph.nodes[node].label}" if node is not None and node in graph.nodes else ""
    if picture.plane is not None:
        return f"{whose} over {plane.text(picture.plane)}"
    return whose if sample is None else f"{whose} on probe {thousands(sample)}"


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


def summary(picture: Picture, noun: str, of: str, own_scales: bool = False) -> str:
    """The mosaic in a sentence: ‘16 channels of conv2 on probe 1 042: strongest 4, 0, 13; 2 silent: 3, 7; activations
    after ReLU, probe 1 042, epoch 2, scale 0 to 3.2’. `own_scales`: each tile is shown on its own."""
    parts = []
    if noun != "probe" and len(picture.peaks) == len(picture.units) > 1:
        strongest = sorted(zip(picture.peaks, picture.units, strict=True), key=lambda each: -each[0])[:3]
        parts.append(f"strongest {', '.join(str(unit) for _peak, unit in strongest)}")
    if picture.silent:
        parts.append(f"{picture.silent} silent{_listed(picture.silent_units)}")
    if noun != "probe" and (constant := constants(picture)):
        parts.append(f"{len(constant)} constant{_listed(constant)}")
    if said := plane.told(picture):
        parts.append(said)
    if own_scales and not picture.classes:  # a decision has no scale
        parts.append("each tile on its own scale")
    if picture.method:
        parts.append(picture.method)
    return f"{plural(picture.total, 'probe sample' if noun == 'probe' else noun)}{of}" + (
        f": {'; '.join(parts)}" if parts else ""
    )


def constants(picture: Picture) -> tuple[int, ...]:
    """Units that are not silent and yet have one value all over their map: they tell nothing of where."""
    tiles = picture.tiles
    if form_of(picture) != "maps" or picture.classes or not tiles.size or tiles[0].size < 2:
        return ()
    values = tiles.reshape(len(tiles), -1)
    same, silent = values.max(axis=1) == values.min(axis=1), set(picture.silent_units)
    return tuple(unit for unit, flat in zip(picture.units, same, strict=True) if flat and unit not in silent)


def _listed(units: tuple[int, ...], most: int = 4) -> str:
    """‘: 3, 7’; the first few of many."""
    more = f" and {len(units) - most} more" if len(units) > most else ""
    return f": {', '.join(map(str, units[:most]))}{more}" if units else ""
