"""Points in the plane, of two classes: small enough that a network's decision can be seen as a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.data.drawn import Drawn, described
from engine.data.exact import Draws, cosine, sine
from engine.data.spec import FieldSpec

Array = np.ndarray[Any, Any]

SAMPLES = 4000
CLASSES = ("orange", "blue")


def _moons(draws: Draws, label: Array) -> Array:
    """Two half circles that reach into each other."""
    turn = draws.uniform(0.0, 0.5, SAMPLES)
    x = np.where(label == 0, cosine(turn) - 0.5, 0.5 - cosine(turn))
    y = np.where(label == 0, sine(turn) - 0.25, 0.25 - sine(turn))
    return 0.66 * _plane(x, y) + 0.09 * draws.noise(SAMPLES, 2)


def _circles(draws: Draws, label: Array) -> Array:
    """A circle around another."""
    turn, radius = draws.uniform(0.0, 1.0, SAMPLES), np.where(label == 0, 0.85, 0.42)
    return _plane(radius * cosine(turn), radius * sine(turn)) + 0.07 * draws.noise(SAMPLES, 2)


def _spirals(draws: Draws, label: Array) -> Array:
    """Two arms of one and three quarter turns, evenly filled along the way (radius √t)."""
    far = np.sqrt(draws.uniform(0.02, 1.0, SAMPLES))
    turn = 1.75 * far + 0.5 * label
    return 0.95 * _plane(far * cosine(turn), far * sine(turn)) + 0.022 * draws.noise(SAMPLES, 2)


def _xor(draws: Draws, label: Array) -> Array:
    """Four squares; the class is whether both coordinates have the same sign."""
    x, y = draws.uniform(0.06, 1.0, SAMPLES), draws.uniform(0.06, 1.0, SAMPLES)
    side = np.where(draws.uniform(0.0, 1.0, SAMPLES) < 0.5, -1.0, 1.0)
    return _plane(side * x, np.where(label == 0, -side, side) * y) + 0.04 * draws.noise(SAMPLES, 2)


def _plane(x: Array, y: Array) -> Array:
    return np.stack([x, y], axis=1)


def _set(name: str, title: str, place: Callable[[Draws, Array], Array], teaches: str, digest: str) -> Drawn:
    def draw() -> dict[str, Array]:
        label = np.arange(SAMPLES, dtype=np.int64) % 2
        return {"point": place(Draws(name), label).astype(np.float32), "label": label}

    return Drawn(
        described(name, title, "4\u202f000 points in the plane, 2 classes, some noise.", teaches),
        inputs=(FieldSpec("point", "vector", (2,), "float32", scale="x and y, about −1 to 1"),),
        targets=(FieldSpec("label", "class", (), "int64", classes=CLASSES),),
        draw=draw,
        digest=digest,
    )


MOONS = _set(
    "moons",
    "Two moons",
    _moons,
    "A straight line is not enough, a bent one is: see a few hidden units bend the boundary.",
    "1cf87059b9a930bd5a214dc4353aad0e",
)
CIRCLES = _set(
    "circles",
    "Circles",
    _circles,
    "No line parts the inside from the outside: see how hidden units fence it in, one side each.",
    "6a1f7cfa0e53298720f05cd0ea8cab2a",
)
SPIRALS = _set(
    "spirals",
    "Two spirals",
    _spirals,
    "The hardest of the plane: each layer bends the picture further until two wound arms can be parted. Width, depth "
    "and patience show at once.",
    "c20fb6677b853933b2a2c8e2fe9d6fdd",
)
XOR = _set(
    "xor",
    "Exclusive or",
    _xor,
    "What a network without a hidden layer cannot learn (Minsky and Papert, 1969) and one with a hidden layer can.",
    "44ecfbb2657c0e103ac64c95258d9c91",
)
