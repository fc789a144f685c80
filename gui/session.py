"""One training as the window follows it: from the events that its run tells to a record that the project keeps."""

from __future__ import annotations

import time
from dataclasses import replace

from engine.check.report import Problem
from engine.graph.design import Design
from engine.observe.history import History
from engine.project.project import RunRecord
from engine.train.events import Checkpoint, EpochEnded, Event, Failed, Finished, Losses, Paused, Started
from engine.train.recorder import Recorder
from gui.document import Document
from gui.progress import Pace, Progress
from gui.starting import way_back
from gui.widgets.numbers import plural, thousands


class Session:
    """Takes a run's events in order. What was learned goes into the document at every checkpoint and at the end; what
    went wrong becomes a problem of the node where it began."""

    def __init__(self, document: Document, record: RunRecord, design: Design):
        self._document = document
        self.record = replace(record, design=design, status="running", test=None)
        known = [run.id for run in document.project.runs]
        self.number = (known.index(record.id) if record.id in known else len(known)) + 1  # among the project's runs
        self.recorder = Recorder(record.history)
        self.started: Started | None = None
        self.progress: Progress | None = None
        self.problem: Problem | None = None
        self.message = ""  # how it ended
        self._pace = Pace()

    @property
    def history(self) -> History:
        return self.recorder.history()

    @property
    def begun(self) -> bool:
        """Whether it came as far as its first step; one that did not leaves nothing behind."""
        return self.started is not None

    def take(self, event: Event) -> None:
        self.recorder.add(event)
        if isinstance(event, Started):
            self.started = event
            self.record = replace(self.record, device=event.device)
            self._follow(event.step)
        elif isinstance(event, Losses):
            self._follow(event.last)
        elif isinstance(event, EpochEnded):
            self._follow(event.step)
        elif isinstance(event, Checkpoint):
            self.record = replace(self.record, state=event.state)
            self.keep()
        elif isinstance(event, Paused):
            self._pace.pause()
        elif isinstance(event, Failed):
            self._on_failed(event)
        elif isinstance(event, Finished):
            self._on_finished(event)

    def keep(self) -> None:
        """Put the record, as it stands, into the project."""
        self.record = replace(self.record, history=self.history, look=self._document.look)
        self._document.record_run(self.record)

    def resumed(self) -> None:
        """The time that it stood still does not count."""
        self._pace.pause()

    @property
    def over(self) -> bool:
        """Whether the run has told its end."""
        return self.record.status != "running"

    def _on_failed(self, event: Failed) -> None:
        self.record = replace(self.record, status="failed")
        node = event.path[0] if event.path else None
        self.problem = Problem(
            "training-failed",
            "error",
            event.what,
            event.why,
            node=node,
            path=event.path,
            fixes=way_back(self.record) if event.diverged else (),
            blocking=False,  # it tells of a training that was; Train may be pressed again
            details=event.details,
        )

    def _on_finished(self, event: Finished) -> None:
        status = "stopped" if event.stopped else "finished"
        self.record = replace(self.record, status=status, test=event.test)
        stopped, finished = f"Stopped after step {thousands(event.step)}.", f"Finished {plural(event.epoch, 'epoch')}."
        self.message = stopped if event.stopped else finished
        if event.test is not None and event.test.accuracy is not None:
            self.message += f" {100 * event.test.accuracy:.1f} % of the test part is right."

    def _follow(self, step: int, now: float | None = None) -> None:
        """The run has come to `step`."""
        begun = self.started
        if begun is None:
            return
        self._pace.add(step, time.monotonic() if now is None else now)
        per_epoch = max(1, begun.steps_per_epoch)
        steps = per_epoch * begun.epochs
        epoch = max(1, min(begun.epochs, -(-step // per_epoch)))  # its last step still belongs to an epoch
        speed = self._pace.steps_per_second
        self.progress = Progress(
            epoch=epoch,
            epochs=begun.epochs,
            step=step,
            steps=steps,
            fraction=min(1.0, max(0.0, (step - (epoch - 1) * per_epoch) / per_epoch)),
            samples_per_second=speed * begun.samples / per_epoch if speed else None,
            seconds_left=max(0, steps - step) / speed if speed else None,
        )
