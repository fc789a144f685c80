"""All that a person edits, as one value: graph, places, notes, frames, recipe, data choice. All of it is undoable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.graph import naming
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, NodeId
from engine.graph.recipe import Recipe


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Which data to learn from, by reference, and how to split them.

    `source` is a built-in name (‘digits’) or a path of a folder; empty where none is chosen. `validation` and `test`
    are fractions: `test` is used only where the set has no official test part; validation always comes from the
    training part. `seed` draws the split. `fingerprint` is what the data were when the project was last trained
    (empty: not yet known).
    """

    source: str = ""
    validation: float = 0.1
    test: float = 0.2
    seed: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A text on the canvas. `x`, `y`, `width`, `height` in canvas units (pixels at 100 %)."""

    id: str
    text: str
    x: float
    y: float
    width: float = 152.0
    height: float = 96.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A titled rectangle around nodes."""

    id: str
    title: str
    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", naming.show(self.title))


Place = tuple[float, float]

Flow = Literal["right", "down"]
FLOWS: tuple[Flow, ...] = ("right", "down")


@dataclass(frozen=True, slots=True)
class Design:
    """Graph plus everything around it. `places` holds the top left corner of each node in canvas units; `flow` is the
    way that wires run: inputs left and outputs right of a node, or inputs above and outputs below it."""

    graph: Graph = field(default_factory=Graph)
    places: Frozen[NodeId, Place] = field(default_factory=Frozen[NodeId, Place])
    notes: tuple[Note, ...] = ()
    frames: tuple[Frame, ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    data: DataChoice = field(default_factory=DataChoice)
    flow: Flow = "right"
