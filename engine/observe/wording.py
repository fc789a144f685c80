"""What is said of pictures: what they show, in which scale, and why there is none."""

from __future__ import annotations

import numpy as np

from engine.catalog import catalog
from engine.catalog.spec import LayerSpec
from engine.errors import UnknownName
from engine.graph.model import BLOCK, TARGET
from engine.observe.paths import Spot
from engine.observe.picture import Picture, View

GONE = "This layer is not in the network that is shown; it was added or removed since."
NOTHING = np.zeros((0, 0, 0), np.float32)


def row_of(found: Spot) -> LayerSpec | None:
    """The catalogue's row of a layer; None of a block, or of a kind that is not known."""
    try:
        return catalog.spec(found.layer.kind)
    except UnknownName:
        return None


def is_loss(found: Spot) -> bool:
    row = row_of(found)
    return row is not None and row.is_loss


def title(found: Spot) -> str:
    return found.layer.kind if found.layer.kind != BLOCK else found.node.label


def why_nothing(found: Spot) -> str:
    label = found.node.label
    if is_loss(found):
        return f"{label} is one number; its curve stands under Training."
    if found.layer.kind == TARGET:
        return f"{label} gives what the network should answer; it has no features."
    return f"Nothing is computed for {label}: it takes no part in the network, or depends on what the target says."


def problem(view: View, sentence: str) -> Picture:
    """A picture that says why there is nothing to show."""
    return Picture(view, NOTHING, (), 0, 0.0, 1.0, False, problem=sentence)


def scale_text(picture: Picture, how: str = "99.7th percentile") -> str:
    return f"shared scale {picture.low:.3g}–{picture.high:.3g} ({how})".replace("-", "−")
