"""What one file holds, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.data.spec import DataSpec
from engine.graph.design import Design
from engine.observe.history import History
from engine.observe.picture import Look
from engine.train.events import Metrics, TrainingState


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One training: the design it ran with (its own copy), what it told, where it stands.

    `state` lets it go on; `look` is the last picture of what it had learned; `test` the metrics on the test part where
    they were measured. `started` is UTC, ISO 8601.
    """

    id: str
    started: str
    design: Design
    history: History = field(default_factory=History)
    state: TrainingState | None = None
    look: Look | None = None
    test: Metrics | None = None
    device: str = ""
    status: Literal["running", "paused", "stopped", "finished", "failed"] = "stopped"


@dataclass(frozen=True, slots=True)
class Project:
    """A design and its runs, oldest first; the last run is the one that goes on. `view` is (zoom, x, y) of the canvas
    centre, or None; it is remembered and is no edit. `data` is what the design's data were when they were last read
    (without counts), or None: it stands in where they cannot be read any more. That is remembered too, and is no edit.
    """

    design: Design = field(default_factory=Design)
    runs: tuple[RunRecord, ...] = ()
    view: tuple[float, float, float] | None = None
    data: DataSpec | None = None

    @property
    def run(self) -> RunRecord | None:
        return self.runs[-1] if self.runs else None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project read from a file, and sentences about what had to be left out (a damaged optional section)."""

    project: Project
    notes: tuple[str, ...] = ()
