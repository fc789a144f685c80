"""What a data set shows of itself: pictures, points, letters, curves."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.data.preview import COUNT, Curves, Letters, Scatter, Tiles, preview
from engine.data.source import open_data
from engine.data.spec import DataSpec, FieldSpec
from engine.graph.design import DataChoice

DATA = {"digits": Tiles, "spirals": Scatter, "grammar": Letters, "sequences": Curves, "adding": Curves}


@dataclass
class Given:
    """A data set of one input, and a target where there is one."""

    inputs: FieldSpec
    values: np.ndarray[Any, Any]
    targets: tuple[FieldSpec, ...] = ()
    more: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    @property
    def spec(self) -> DataSpec:
        return DataSpec("x", "x", (self.inputs,), self.targets, len(self.values), 1, 1)

    def arrays(self, split: str, first: int | None = None) -> dict[str, np.ndarray[Any, Any]]:
        assert split == "train"
        return {name: array[:first] for name, array in {self.inputs.name: self.values, **self.more}.items()}


@pytest.mark.parametrize("name", DATA)
def test_each_kind_of_data_has_its_own(name: str):
    data = open_data(DataChoice(name))
    shown = preview(data)
    assert type(shown) is DATA[name]
    assert type(pickle.loads(pickle.dumps(shown))) is DATA[name]


def test_images_are_bytes_with_their_class():
    data = open_data(DataChoice("digits"))
    shown = preview(data, 5)
    assert isinstance(shown, Tiles) and shown.images.shape == (5, 8, 8, 3) and shown.images.dtype == np.uint8
    given = data.arrays("train", first=5)
    assert shown.captions == tuple(str(label) for label in given["label"])
    assert np.abs(shown.images[..., 0] / 255 - given["image"][:, 0]).max() < 0.003
    assert shown.masks is None


def test_points_have_their_class_and_its_name():
    shown = preview(open_data(DataChoice("xor")))
    assert isinstance(shown, Scatter) and shown.points.shape == (COUNT["vector"], 2) and shown.classes is not None
    assert shown.names == ("orange", "blue")
    signs = shown.points[:, 0] * shown.points[:, 1] > 0
    assert (signs == (shown.classes == 1)).mean() in (pytest.approx(0, abs=0.05), pytest.approx(1, abs=0.05))


def test_letters_are_those_of_the_text():
    from engine.data.sources import grammar

    shown = preview(open_data(DataChoice("grammar")))
    assert isinstance(shown, Letters)
    told = grammar.text((grammar.WINDOWS + grammar.TEST) * grammar.TIME)
    assert all(len(line) == grammar.TIME and line in told for line in shown.lines)


def test_curves_have_their_kind():
    shown = preview(open_data(DataChoice("sequences")), 3)
    assert isinstance(shown, Curves) and shown.values.shape == (3, 48, 1)
    assert set(shown.captions) <= {"sine", "triangle", "square", "sawtooth"}
    sums = preview(open_data(DataChoice("adding")), 3)
    assert isinstance(sums, Curves) and all(0 <= float(text) <= 2 for text in sums.captions)


def test_masks_come_along():
    image, mask = FieldSpec("image", "image", (3, 4, 4), "float32"), FieldSpec("mask", "mask", (4, 4), "int64")
    masks = np.ones((6, 4, 4), np.int64)
    shown = preview(Given(image, np.zeros((6, 3, 4, 4), np.float32), (mask,), {"mask": masks}), 2)
    assert isinstance(shown, Tiles) and shown.masks is not None and shown.masks.shape == (2, 4, 4)


@given(npst.arrays(np.float32, (3, 2, 2, 2), elements=st.floats(-(2.0**100), 2.0**100, width=32)), st.integers(1, 5))
def test_images_of_any_range_and_number_of_channels_become_bytes(values: np.ndarray[Any, Any], channels: int):
    values = np.repeat(values[:, :1], channels, axis=1)
    shown = preview(Given(FieldSpec("image", "image", (channels, 2, 2), "float32"), values))
    assert isinstance(shown, Tiles) and shown.images.shape == (3, 2, 2, 3)


@pytest.mark.parametrize(
    "spec",
    [
        FieldSpec("x", "vector", (3,), "float32"),
        FieldSpec("x", "number", (1,), "float32"),
        FieldSpec("x", "tokens", (3,), "int64"),
        FieldSpec("x", "image", (0, 2, 2), "float32"),
    ],
)
def test_what_cannot_be_painted_has_no_preview(spec: FieldSpec):
    assert preview(Given(spec, np.zeros((4, *spec.shape)))) is None
    assert preview(open_data(DataChoice("spirals")), 0) is not None
