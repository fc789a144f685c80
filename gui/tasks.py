"""What the window asks of the threads behind it, and what they answer. Values only; no torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.check.report import Report, TensorSpec
from engine.graph.design import Design
from engine.graph.model import Graph, Wire
from engine.observe.picture import Look, Request
from engine.train.events import TrainingState
from gui.opening import Opened

if TYPE_CHECKING:
    from engine.data.source import Dataset
    from engine.run import Run


@dataclass(frozen=True, slots=True)
class Warmed:
    """torch is loaded and warmed, or (with a sentence) it cannot be."""

    devices: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and the data it was made on: the same object as long as they are not opened anew."""

    design: Design
    report: Report
    opened: Opened | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer to a look at rest, and the design that it shows; with a sentence where it could not be made."""

    look: Look | None
    problem: str = ""
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A run to be started: its own copy of the design, the device, and the state to go on from."""

    design: Design
    device: str
    state: TrainingState | None


@dataclass(frozen=True, slots=True)
class Began:
    run: Run
    start: Start


@dataclass(frozen=True, slots=True)
class Refused:
    """A run could not be started."""

    problem: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What engine.check.preview says of a wire that is being drawn."""

    wire: Wire
    outcome: TensorSpec | str | None


Result = Warmed | Checked | Seen | Began | Refused | Previewed


@dataclass(frozen=True, slots=True)
class LookTask:
    """A look at a design that is not being trained, on samples of `dataset`, at `state`'s weights or (None) freshly
    drawn ones."""

    design: Design
    report: Report
    request: Request
    state: TrainingState | None
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class PreviewTask:
    """What would this wire bring? `report` is that of the graph, which is without the wire."""

    graph: Graph
    report: Report
    wire: Wire


Task = Design | Start | PreviewTask
