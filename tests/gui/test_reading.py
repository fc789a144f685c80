"""What a person types into a parameter, and how a value is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.numbers import thousands
from gui.panels.number_editors import stepped
from gui.widgets import reading

PAIR = ParameterSpec("kernel_size", "ints", "Kernel size", 3, axes=2)
WHOLE = ParameterSpec("out_channels", "int", "Filters", 8)
RATE = ParameterSpec("lr", "float", "Learning rate", 1e-3)
MAYBE = ParameterSpec("padding_idx", "optional_int", "Padding index", None)
SHAPE = ParameterSpec("shape", "shape", "Shape", ())
PADDING = ParameterSpec("padding", "ints", "Padding", 0, axes=2, choices=("same", "valid"))
STRIDE = ParameterSpec("stride", "ints", "Stride", None, axes=2)


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (WHOLE, " 16 ", 16),
        (RATE, "1e-3", 1e-3),
        (RATE, "0,5", 0.5),
        (MAYBE, "none", None),
        (MAYBE, "", None),
        (MAYBE, "3", 3),
        (PAIR, "5×5", (5, 5)),
        (PAIR, "5 x 3", (5, 3)),
        (PAIR, "5, 3", (5, 3)),
        (PAIR, "(5, 3)", (5, 3)),
        (SHAPE, "16×7×7", (16, 7, 7)),
        (SHAPE, "", ()),
        (PADDING, "Same", "same"),
        (PADDING, "1 2", (1, 2)),
        (STRIDE, "", None),
        (WHOLE, f"{thousands(1_000_000)}", 1_000_000),
        (SHAPE, f"{thousands(1024)}×8×8", (1024, 8, 8)),
        (PAIR, "1\u2009024 x 3", (1024, 3)),
    ],
)
def test_texts_that_mean_something(spec: ParameterSpec, text: str, value: object):
    assert reading.read(spec, text) == value


@pytest.mark.parametrize(
    ("spec", "text", "sentence"),
    [
        (WHOLE, "", "Filters needs a whole number."),
        (WHOLE, "1.5", "Filters needs a whole number; ‘1.5’ is none."),
        (RATE, "fast", "Learning rate needs a number, such as 0.5 or 1e-3; ‘fast’ is none."),
        (PAIR, "5", "Kernel size needs 2 numbers, such as 3 × 3, or one for all."),
        (PAIR, "5×5×5", "Kernel size needs 2 numbers, such as 3 × 3, or one for all."),
        (PAIR, "", "Kernel size needs a whole number."),
    ],
)
def test_texts_that_mean_nothing_are_told_in_a_sentence(spec: ParameterSpec, text: str, sentence: str):
    with pytest.raises(ParameterError) as caught:
        reading.read(spec, text)
    assert str(caught.value) == sentence


def test_one_number_stands_for_all_axes_where_they_are_linked():
    assert reading.read(PAIR, "5", linked=True) == 5


@given(st.tuples(st.integers(-9, 9999), st.integers(-9, 9999)))
def test_a_written_pair_is_read_back(value: tuple[int, int]):
    assert reading.read(PAIR, reading.write(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_read_back(value: float):
    assert reading.read(RATE, reading.write(value)) == value


def test_values_that_mean_the_same():
    assert reading.same(5, (5, 5)) and reading.same((5, 5), 5)
    assert not reading.same((5, 3), 5)
    assert not reading.same(1, True)
    assert not reading.same((), 0)


@pytest.mark.parametrize(
    ("value", "steps", "expected"),
    [(0.001, 1, 0.002), (0.001, -1, 0.0009), (0.5, 1, 0.6), (1.0, -1, 0.9), (0.0, 1, 0.1), (0.9, 1, 1.0)],
)
def test_arrows_step_the_digit_that_counts(value: float, steps: int, expected: float):
    assert stepped(value, steps) == pytest.approx(expected, rel=1e-12)
