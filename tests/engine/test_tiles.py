"""Tiles packed into one image: every pixel where `place` says, holes where numbers are no numbers."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.observe import tiles
from engine.observe.picture import Picture, View

LUT = np.stack([np.arange(256)] * 3 + [np.full(256, 255)], axis=1).astype(np.uint8)


def picture(values: np.ndarray[Any, Any], low: float = 0.0, high: float = 1.0, signed: bool = False) -> Picture:
    return Picture(View(("n",)), values.astype(np.float32), tuple(range(len(values))), len(values), low, high, signed)


@given(
    st.integers(1, 9), st.integers(1, 5), st.integers(1, 5), st.integers(1, 12), st.integers(0, 3), st.integers(0, 99)
)
def test_each_tile_is_where_place_says(count: int, height: int, width: int, columns: int, gap: int, seed: int):
    values = np.random.default_rng(seed).random((count, height, width))
    shown = picture(values)
    image = tiles.mosaic(shown, LUT, columns, gap, background=(1, 2, 3, 4))
    assert image.dtype == np.uint8 and image.shape[2] == 4
    covered = np.zeros(image.shape[:2], bool)
    for index in range(tiles.count(shown)):
        x, y, w, h = tiles.place(index, shown, columns, gap)
        expected = tiles.levels(shown.tiles.reshape(-1, h, w)[index], 0.0, 1.0)
        assert (image[y : y + h, x : x + w, 0] == expected).all()
        covered[y : y + h, x : x + w] = True
    assert (image[~covered] == (1, 2, 3, 4)).all()


def test_what_is_no_number_leaves_a_hole_and_infinity_is_the_end_of_the_scale():
    image = tiles.mosaic(picture(np.array([[[0.0, 1.0, np.nan, np.inf, -np.inf]]])), LUT, 5, 0, (9, 9, 9, 0))
    assert image[0, :, 0].tolist() == [0, 255, 9, 255, 0]
    assert image[0, :, 3].tolist() == [255, 255, 0, 255, 255]


def test_zero_is_the_middle_of_a_signed_scale():
    image = tiles.mosaic(picture(np.array([[[-2.0, 0.0], [2.0, 9.0]]]), -2.0, 2.0, True), LUT, 1)
    assert image[..., 0].tolist() == [[0, 128], [255, 255]]


def test_each_tile_on_its_own_scale():
    values = np.array([[[0.0, 1.0]], [[0.0, 8.0]]])
    shared = tiles.mosaic(picture(values, 0.0, 8.0), LUT, 1, 0)
    own = tiles.mosaic(picture(values, 0.0, 8.0), LUT, 1, 0, per_tile=True)
    assert shared[:, 1, 0].tolist() == [32, 255]
    assert own[:, 1, 0].tolist() == [255, 255]


def test_colour_tiles_use_no_map():
    values = np.zeros((2, 3, 4, 3), np.float32)
    values[0, 0, 0] = (1.0, 0.0, -1.0)
    image = tiles.mosaic(picture(values, -1.0, 1.0, True), LUT, 2)
    assert image.shape == (3, 10, 4)
    assert image[0, 0].tolist() == [255, 128, 0, 255]


def test_nothing_to_show_is_an_empty_image():
    empty = Picture(View(("n",)), np.zeros((0, 0, 0), np.float32), (), 0, 0.0, 1.0, False, problem="No.")
    assert tiles.mosaic(empty, LUT, 4).shape == (0, 0, 4)
    assert tiles.count(empty) == 0


def test_a_scale_of_no_extent_breaks_nothing():
    assert tiles.mosaic(picture(np.full((1, 2, 2), 5.0), 0.0, 0.0), LUT, 1).shape == (2, 2, 4)


def test_a_vector_becomes_a_grid():
    grid = tiles.grid(np.arange(10))
    assert grid.shape == (2, 5)
    assert np.isnan(tiles.grid(np.arange(9), 4)[2, 1:]).all()


def test_columns_fill_the_room():
    assert tiles.columns_for(8, 124, 64) == 4
    assert tiles.columns_for(1, 100, 100) == 1


def test_a_thousand_tiles_in_milliseconds():
    shown = picture(np.random.default_rng(0).random((1024, 28, 28)))
    best = min(_seconds(lambda: tiles.mosaic(shown, LUT, 32)) for _ in range(5))
    assert best < 0.05


def _seconds(call: Any) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
