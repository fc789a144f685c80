"""Training as the window asks for it, without Qt: how a run begins, what is wished of it, and what it tells, as values.

What Train does: a paused run goes on. Where the last run has a state and the design still computes the same (names,
places and the number of epochs may differ), and epochs are left, it goes on from that state. Otherwise a new run begins
with fresh weights, and the earlier one stays in the project. Starting over always begins a new run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from engine.check.report import Fix
from engine.observe.history import History
from engine.observe.picture import Look
from engine.project.project import RunRecord
from engine.train.events import Event, Failed, Looked
from gui.document import Document
from gui.session import Session
from gui.starting import GONE, continuable, new_record, reached, why_anew
from gui.tasks import Start

if TYPE_CHECKING:
    from engine.run import Run

OTHER_DATA = "The data are no longer those that this run was trained on. Choose those again, or start over."

How = Literal["continue", "new", "back"]  # back: with the last state, at other rates


# -- how a run begins ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Beginning:
    """The record that goes on or is new, and what the run is to start with; `why` it begins anew, where a person who
    pressed Train expected it to go on."""

    record: RunRecord
    start: Start
    why: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing can be trained now; why, as a sentence."""

    why: str


def beginning(document: Document, how: How, back: Fix | None, device: str) -> Beginning | Declined:
    """What asking for a training leads to, with its own copy of the design; `back` is the remedy that ‘back’ is for."""
    spec, errors = document.data_spec, document.report.blocking
    if errors or spec is None:
        why = errors[0].sentence() if errors else document.data_problem
        return Declined(f"This design cannot be trained yet. {why}".strip())
    record = _going_on(document, how, back)
    if record is None and how == "back":
        return Declined(GONE)
    if record is not None and record.design.data.fingerprint not in ("", spec.fingerprint):
        return Declined(OTHER_DATA)
    why = why_anew(document) if record is None and how == "continue" else ""
    design = replace(document.design, data=replace(document.design.data, fingerprint=spec.fingerprint))
    record = record or new_record(document, design)
    return Beginning(record, Start(design, device, record.state), why)


def _going_on(document: Document, how: How, back: Fix | None) -> RunRecord | None:
    """The run that goes on; None where a new one is to begin."""
    if how == "back":
        return reached(document, back) if back is not None else None
    return continuable(document) if how == "continue" else None


# -- the run under way ---------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Told:
    """What the run under way has told since it was last asked: events in order, of pictures only the newest. Where it
    has `ended`, nothing more will come."""

    session: Session
    events: tuple[Event, ...]
    look: Look | None
    ended: bool


class Training:
    """One training at a time, from the wish to train until its end was told, and the runs of projects that were closed,
    which end on their own. All on the window's thread. What is wished of a run before it has begun, it hears then."""

    def __init__(self, document: Document):
        self._document = document
        self.session: Session | None = None  # from the wish to train until the run has ended
        self._run: Run | None = None
        self._closed: list[Run] = []
        self._wishes: list[Callable[[Run], None]] = []  # of a run that has not begun yet

    @property
    def busy(self) -> bool:
        """Whether there is anything to fetch, or to wait for."""
        return self._run is not None or bool(self._closed)

    @property
    def history(self) -> History:
        """Of the run under way, or of the project's last one."""
        if self.session is not None:
            return self.session.history
        run = self._document.project.run
        return run.history if run else History()

    def begin(self, beginning: Beginning) -> None:
        self.session = Session(self._document, beginning.record, beginning.start.design)

    def follow(self, run: Run, start: Start) -> bool:
        """The run has begun. False where another project was opened meanwhile: it is stopped then."""
        if self.session is None or start.design is not self.session.record.design:
            self._leave(run)
            return False
        self._run = run
        for wish in self._wishes:
            wish(run)
        self._wishes = []
        return True

    def pause(self) -> None:
        self._wish(lambda run: run.pause())

    def resume(self) -> None:
        self._wish(lambda run: run.resume())
        if self.session is not None:
            self.session.resumed()

    def stop(self) -> None:
        self._wish(lambda run: run.stop())

    def ask_checkpoint(self) -> None:
        self._wish(lambda run: run.ask_checkpoint())

    def drain(self) -> Told | None:
        """What the run under way has told; None where none has begun. The end is to be answered by `end`."""
        self._closed = [run for run in self._closed if run.alive]
        run, session = self._run, self.session
        if run is None or session is None:
            return None
        alive = run.alive  # asked before draining: what a run says before it ends is not missed
        told = run.drain()
        for event in told:
            session.take(event)
        look = next((event.look for event in told if isinstance(event, Looked)), None)
        return Told(session, tuple(e for e in told if not isinstance(e, Looked)), look, not alive)

    def end(self, session: Session) -> None:
        """The run's thread is gone: what it came to is kept in the project, and another may begin."""
        if not session.over:
            session.take(Failed("Training ended without a word.", "This is a fault of Strata's.", 0))
        if session.begun:
            session.keep()
        self.session = self._run = None

    def drop(self) -> None:
        """The training could not start, or its project is no longer shown: it is stopped and not listened to."""
        if self._run is not None:
            self._leave(self._run)
        self.session = self._run = None
        self._wishes = []

    def join(self, seconds_left: Callable[[], float]) -> bool:
        """Wait for all runs, for each as long as is left then; whether the one under way has ended."""
        ended = self._run is None or self._run.join(seconds_left())
        for run in self._closed:
            run.join(seconds_left())
        return ended

    def _wish(self, wish: Callable[[Run], None]) -> None:
        if self._run is not None:
            wish(self._run)
        elif self.session is not None:
            self._wishes.append(wish)

    def _leave(self, run: Run) -> None:
        run.stop()
        self._closed.append(run)
