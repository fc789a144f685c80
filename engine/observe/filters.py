"""Weights as pictures, where they are weights of pixels: convolutions with one input channel, and the first layer."""

from __future__ import annotations

import numpy as np
import torch

from engine.observe.feature_maps import MAX_SIDE, rounded_up, shrunk
from engine.observe.picture import Picture, View

CONVOLUTIONS = ("Conv1d", "Conv2d")


def sees_through(kind: str) -> bool:
    """Layers between the image and a Linear layer that leave each pixel what it is."""
    return kind in ("Flatten", "Dropout", "Identity", "AlphaDropout", "FeatureAlphaDropout", "Output")


def drawable(
    kind: str, label: str, weight: torch.Tensor | None, image: tuple[int, ...] | None
) -> tuple[torch.Tensor | None, str]:
    """Tiles (units, height, width) or (units, height, width, 3) of a layer's weights, or None and a sentence why not.

    `image` is the shape (channels, height, width) of the data whose pixels enter the layer unmixed, or None.
    """
    if weight is None or kind not in (*CONVOLUTIONS, "Linear"):
        return None, f"{label} has no filters: {kind} learns no weights of pixels."
    if kind == "Linear":
        return _linear(label, weight, image)
    channels = weight.shape[1]
    if channels == 1:
        return (weight[:, 0] if kind == "Conv2d" else weight), ""
    if kind == "Conv2d" and channels == 3 and image is not None and image[0] == 3:
        return weight.permute(0, 2, 3, 1), ""
    if kind == "Conv1d":
        return weight, ""
    return None, (
        f"Each filter of {label} mixes {channels} channels, so it is no picture of pixels. "
        "Its activations show what it answers to."
    )


def _linear(label: str, weight: torch.Tensor, image: tuple[int, ...] | None) -> tuple[torch.Tensor | None, str]:
    if image is None or len(image) != 3 or image[0] not in (1, 3) or weight.shape[1] != image[0] * image[1] * image[2]:
        return None, (
            f"The weights of {label} are no picture: its inputs are not the pixels of an image. "
            "Its activations show what it answers to."
        )
    shaped = weight.reshape(weight.shape[0], *image)
    return (shaped[:, 0] if image[0] == 1 else shaped.permute(0, 2, 3, 1)), ""


def draw(view: View, tiles: torch.Tensor) -> Picture:
    """All (at most `view.units`) filters in their own order, on the symmetric scale of all: up to the largest."""
    every = tiles.detach().float().cpu().numpy()
    finite = np.where(np.isfinite(every), every, 0.0)
    peaks = np.abs(finite).reshape(len(every), -1).max(axis=1, initial=0.0)
    reach = rounded_up(float(peaks.max(initial=0.0))) or 1.0
    array = every[: max(1, view.units)]
    array = shrunk(array, MAX_SIDE) if array.ndim == 3 else array.copy()
    return Picture(
        view=view,
        tiles=array,
        units=tuple(range(len(array))),
        total=int(tiles.shape[0]),
        low=-reach,
        high=reach,
        signed=True,
        peaks=tuple(peaks[: len(array)].tolist()),
    )
