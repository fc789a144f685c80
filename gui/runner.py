"""Everything that happens behind the window, brought to it: checks, data, pictures at rest and training runs.

Two threads work (`Checking`, and the run's own); neither ever touches Qt. One timer on the window's thread fetches what
they have to tell and emits signals: about every 8 ms while a check is awaited, at most 30 times a second while
something trains, not at all when nothing is under way.

What Train does: a paused run goes on. Where the last run has a state and the design still computes the same (names,
places and the number of epochs may differ), and epochs are left, it goes on from that state. Otherwise a new run begins
with fresh weights, and the earlier one stays in the project. `start_over` always begins a new run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.check.report import Fix, Problem
from engine.graph.design import Design
from engine.graph.model import Graph, Wire
from engine.observe.history import History
from engine.observe.picture import Look, View
from engine.project.project import RunRecord
from engine.train.events import Checkpoint, EpochEnded, Event, Failed, Looked, Paused, Resumed, Started
from gui.autosave import Autosave
from gui.checking import (
    Began,
    Checked,
    Checking,
    Opened,
    Previewed,
    PreviewTask,
    Refused,
    Result,
    Seen,
    Start,
    Warmed,
)
from gui.document import Document
from gui.pictures import Pictures
from gui.progress import Progress
from gui.session import Session
from gui.starting import GO_BACK, GONE, Plan, continuable, foretold, halved, new_record, plan, reached, why_anew

if TYPE_CHECKING:
    from engine.data.source import Dataset
    from engine.run import Run

AWAITING_MS, RUNNING_MS = 8, 33
REPORT_SECONDS = 0.4  # between two `history_changed` or `progress_changed`, where no picture comes meanwhile

State = Literal["preparing", "idle", "running", "pausing", "paused", "stopping"]
How = Literal["continue", "new", "back"]  # back: with the last state, at other rates


class Runner(QObject):
    """Owned by the window. All methods are called on its thread, all signals are emitted there.

    ready_changed(bool)          torch is loaded (or cannot be: then it stays False and a message is shown)
    state_changed(str)           one of State
    progress_changed(Progress)   two to four times a second; None when another project is shown
    history_changed(History)     two to four times a second
    epoch_ended(EpochEnded)      after each epoch
    run_ended(RunRecord)         a run has finished, was stopped or failed
    device_changed(str)          the chosen device; `device_in_use` is where the run under way really is
    plan_changed()               `plan` may have changed
    problem_met(Problem)         a training failed or could not start; its remedies are to be offered
    """

    ready_changed = Signal(bool)
    state_changed = Signal(str)
    progress_changed = Signal(object)
    history_changed = Signal(object)
    epoch_ended = Signal(object)
    run_ended = Signal(object)
    device_changed = Signal(str)
    plan_changed = Signal()
    problem_met = Signal(object)
    wire_previewed = Signal(object, object)

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self.document = document
        self.state: State = "preparing"
        self.ready = False
        self.devices: tuple[str, ...] = ("auto",)
        self.device = "auto"
        self.device_in_use = ""
        self.dataset: Dataset | None = None  # of the newest opened choice
        self.progress: Progress | None = None
        self.check_seconds = 0.0  # what the last check took
        self.autosave = Autosave(document, self)

        self._checking = Checking()
        self._pictures = Pictures(document, self._checking, self)
        self._asked: How | None = None  # Train was pressed before the check had come
        self._back: Fix | None = None  # the remedy that was asked for last
        self._session: Session | None = None  # from the wish to train until the run has ended
        self._run: Run | None = None
        self._left: list[Run] = []  # runs of projects that were closed; they end on their own
        self._waiting: list[Callable[[], None]] = []  # who waits for a fresh state
        self._told_at = 0.0
        self._news = False  # history or progress has changed since `_told_at`

        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.setObjectName("runner")
        self._timer.timeout.connect(self._tick)
        document.remedies[GO_BACK] = foretold
        document.remedy_asked.connect(self._on_remedy_asked)
        document.design_changed.connect(self._on_design_changed)
        document.project_opened.connect(self._on_project_opened)
        self._pictures.asked.connect(self._set_pace)

    # -- preparing --------------------------------------------------------------------
    def start_warm_up(self) -> None:
        """To be called after the first paint: torch is loaded in the background, then the design is checked."""
        self._checking.check(self.document.design)
        self._checking.start()
        self._set_pace()

    def _on_design_changed(self, _before: object, after: object) -> None:
        assert isinstance(after, Design)
        self._checking.check(after)
        self._set_pace()

    def _on_project_opened(self) -> None:
        """The run under way belongs to the project before: it is stopped and no longer listened to."""
        if self._run is not None:
            self._run.stop()
            self._left.append(self._run)
        self._run = self._session = self._asked = self.progress = None
        self._waiting = []
        self._set_state("idle" if self.ready else "preparing")
        self.history_changed.emit(self.history)
        self.progress_changed.emit(None)
        self.plan_changed.emit()

    # -- training -----------------------------------------------------------------------
    @property
    def alive(self) -> bool:
        """Whether a run is under way, paused ones included."""
        return self._session is not None

    @property
    def run_number(self) -> int:
        """Which of the project's runs is under way, counted from one; 0 where none is."""
        return self._session.number if self._session is not None else 0

    @property
    def history(self) -> History:
        """Of the run under way, or of the project's last one."""
        if self._session is not None:
            return self._session.history
        run = self.document.project.run
        return run.history if run else History()

    @property
    def plan(self) -> Plan:
        """What Train would do now."""
        if self.state == "paused":
            return Plan("resume", "Go on")
        if self.alive:
            return Plan("blocked", "Training is under way")
        if not self.ready:
            return Plan("blocked", "Preparing: PyTorch is being loaded")
        return plan(self.document)

    def train(self) -> None:
        """Go on with a paused or stopped run, or begin a new one (see above)."""
        if self.state == "paused":
            self.resume()
        else:
            self._ask("continue")

    def start_over(self) -> None:
        """Begin a new run with fresh weights; earlier runs stay in the project."""
        self._ask("new")

    def _on_remedy_asked(self, fix: Fix) -> None:
        if fix.kind == GO_BACK:
            self.go_back(fix)

    def go_back(self, fix: Fix) -> None:
        """After a loss that was not finite: take the last sound state, halve the rate (one undo step) and train on."""
        run = reached(self.document, fix)
        if self.alive or not self.ready:
            self._ask("back")
        elif run is None:
            self.document.message_shown.emit(GONE, "warning")
        else:
            self._back = fix
            self.document.change(halved(run, self.document.design), "Halve the learning rate")
            self._ask("back")

    def _ask(self, how: How) -> None:
        if self.alive:
            self.document.message_shown.emit("Training is under way. Stop it first to begin anew.", "info")
        elif not self.ready:
            self.document.message_shown.emit("Strata is still loading PyTorch. Train again in a moment.", "info")
        elif self.document.reported_design is not self.document.design:
            self._asked = how  # the check is on its way
        else:
            self._begin(how)

    def _begin(self, how: How) -> None:
        """Ask the other thread to start a run with a copy of the design; `Began` or `Refused` comes back."""
        document, self._asked = self.document, None
        spec, errors = document.data_spec, document.report.blocking
        if errors or spec is None:
            why = errors[0].sentence() if errors else document.data_problem
            document.message_shown.emit(f"This design cannot be trained yet. {why}".strip(), "warning")
            return
        record = self._record_for(how)
        if how == "back" and record is None:
            document.message_shown.emit(GONE, "warning")
            return
        if record is not None and record.design.data.fingerprint not in ("", spec.fingerprint):
            text = "The data are no longer those that this run was trained on. Choose those again, or start over."
            document.message_shown.emit(text, "warning")
            return
        if how == "continue" and record is None and (why := why_anew(document)):
            document.message_shown.emit(why, "info")
        document.note_fingerprint(document.design.data, spec.fingerprint)
        data = replace(document.design.data, fingerprint=spec.fingerprint)
        design = replace(document.design, data=data)
        self._session = Session(document, record or new_record(document, design), design)
        self.progress = None
        document.set_run_problems(())
        self._checking.begin(Start(design, self.device, record.state if record else None))
        document.set_running(design)
        self._set_state("running")
        self._set_pace()

    def _record_for(self, how: How) -> RunRecord | None:
        """The run that goes on; None where a new one is to begin."""
        if how == "back":
            return reached(self.document, self._back) if self._back is not None else None
        return continuable(self.document) if how == "continue" else None

    def _on_began(self, run: Run, start: Start) -> None:
        if self._session is None or start.design is not self._session.record.design:
            run.stop()  # another project was opened meanwhile
            self._left.append(run)
            return
        self._run = run
        self._pictures.follow(run)
        if self._waiting:
            run.ask_checkpoint()
        if self.state == "stopping":
            run.stop()
        elif self.state == "pausing":
            run.pause()

    def _on_refused(self, refused: Refused) -> None:
        problem = Problem("run-refused", "error", "Training could not start.", refused.problem, details=refused.details)
        self._session = None
        self.document.set_running(None)
        self._set_state("idle")
        self._report(problem)
        self._call_back()

    def pause(self) -> None:
        """Acts after the batch under way; `state` is ‘pausing’ until then."""
        if self.state == "running":
            if self._run is not None:
                self._run.pause()
            self._set_state("pausing")

    def resume(self) -> None:
        if self.state in ("paused", "pausing"):
            if self._run is not None:
                self._run.resume()
            if self._session is not None:
                self._session.resumed()
            self._set_state("running")

    def stop(self) -> None:
        """End the run after the batch under way. What it has learned is kept, and Train goes on from there."""
        if self.state in ("running", "pausing", "paused"):
            if self._run is not None:
                self._run.stop()
            self._set_state("stopping")

    def set_device(self, device: str) -> None:
        """Where the next run computes: ‘auto’ or one of `devices`."""
        if device != self.device:
            self.device = device
            self.device_changed.emit(device)

    def with_fresh_state(self, callback: Callable[[], None]) -> None:
        """Call back once the project holds the newest state of the run: at once where none is under way. For saving."""
        if self._session is None or self.state == "paused":
            callback()
            return
        self._waiting.append(callback)
        if self._run is not None:
            self._run.ask_checkpoint()

    def _call_back(self) -> None:
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    # -- looking --------------------------------------------------------------------------
    def request_look(self, requester: str, views: tuple[View, ...], probes: tuple[int, ...] | None = None) -> None:
        """Say what `requester` shows now (nothing: an empty tuple). The wishes of all become one request; it is
        answered again and again while something trains, and once where nothing does. Without `probes` the sample is
        shown that the document says."""
        self._pictures.want(requester, views, probes)

    def preview_wire(self, graph: Graph, wire: Wire) -> None:
        """Ask what would come of a wire that is being drawn (see engine.check.preview); of several only the newest is
        answered, by `wire_previewed`."""
        self._checking.preview(PreviewTask(graph, self.document.report, wire))
        self._set_pace()

    # -- what comes back ------------------------------------------------------------------
    def _tick(self) -> None:
        for result in self._checking.take():
            self._on_result(result)
        if self._run is not None:
            self._drain(self._run)
        self._left = [run for run in self._left if run.alive]
        self._set_pace()

    def _set_pace(self) -> None:
        """The timer runs only while something is under way."""
        if self._checking.urgent and self.ready:
            interval = AWAITING_MS
        elif self._run is not None or self._left or self._checking.busy:
            interval = RUNNING_MS
        else:
            self._timer.stop()
            return
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _on_result(self, result: Result) -> None:
        document = self.document
        if isinstance(result, Warmed):
            self._on_warmed(result)
        elif isinstance(result, Opened):
            if result.choice == replace(document.design.data, fingerprint=""):
                self._on_opened(result)
        elif isinstance(result, Checked):
            self._on_checked(result)
        elif isinstance(result, Seen):
            self._pictures.show_rest(result)
        elif isinstance(result, Previewed):
            self.wire_previewed.emit(result.wire, result.outcome)
        elif isinstance(result, Began):
            self._on_began(result.run, result.start)
        elif self._session is not None:
            self._on_refused(result)

    def _on_warmed(self, warmed: Warmed) -> None:
        if warmed.problem:
            self.document.message_shown.emit(warmed.problem, "error")
            return
        self.ready = True
        self.devices = ("auto", *warmed.devices)
        self.ready_changed.emit(True)
        self._set_state("idle")

    def _on_opened(self, opened: Opened) -> None:
        self.dataset = opened.dataset
        self.document.set_data(opened.spec, opened.problem, opened.samples)
        known = self.document.design.data.fingerprint
        if opened.spec is not None and known and opened.spec.fingerprint not in ("", known):
            text = "The data differ from those that this project was last trained on."
            self.document.message_shown.emit(text, "warning")

    def _on_checked(self, checked: Checked) -> None:
        self.check_seconds = checked.seconds
        self.document.set_report(checked.design, checked.report)
        self.plan_changed.emit()
        if checked.design is self.document.design:
            if self._asked is not None:
                self._begin(self._asked)
            self._pictures.refresh()

    def _drain(self, run: Run) -> None:
        session = self._session
        assert session is not None
        alive = run.alive  # asked before draining: what a run says before it ends is not missed
        look: Look | None = None
        for event in run.drain():
            session.take(event)
            if isinstance(event, Looked):
                look = event.look
            else:
                self._on_event(event)
        self.progress = session.progress
        if look is not None:
            self._tell(at_once=True)  # before it: what numbers, curves and pictures change is painted together
            self._pictures.show(look, session.record.design)
        if not alive:
            self._on_ended(session)
        else:
            self._tell()

    def _on_event(self, event: Event) -> None:
        self._news = True
        if isinstance(event, Started):
            self.device_in_use = event.device
        elif isinstance(event, EpochEnded):
            self.epoch_ended.emit(event)
        elif isinstance(event, Checkpoint):
            self._call_back()
            self.autosave.write_now()
        elif isinstance(event, Paused) and self.state in ("running", "pausing"):
            self._set_state("paused")
        elif isinstance(event, Resumed) and self.state == "paused":
            self._set_state("running")

    def _on_ended(self, session: Session) -> None:
        """The run's thread is gone: its record is kept, and pictures come from the worker again."""
        if not session.over:
            session.take(Failed("Training ended without a word.", "This is a fault of Strata's.", 0))
        if session.begun:
            session.keep()
            self.autosave.write_now()
        self._tell(at_once=True)
        self._run = self._session = None
        self._pictures.follow(None)
        self.document.set_running(None)
        self._set_state("idle")
        if session.problem is not None:
            self._report(session.problem)
        else:
            self.document.message_shown.emit(session.message, "info")
        self._call_back()
        self.plan_changed.emit()
        self.run_ended.emit(session.record)
        self._pictures.refresh()

    def _report(self, problem: Problem) -> None:
        """What went wrong in training: on its node, in Problems, and as a message."""
        self.document.set_run_problems((problem,))
        self.document.message_shown.emit(problem.sentence(), "error")
        self.problem_met.emit(problem)

    def _tell(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._news and (at_once or now - self._told_at >= REPORT_SECONDS):
            self._news, self._told_at = False, now
            self.progress_changed.emit(self.progress)
            self.history_changed.emit(self.history)

    def _set_state(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._pictures.resting = state == "idle"
            self.state_changed.emit(state)
            self.plan_changed.emit()

    # -- the end --------------------------------------------------------------------------
    def shutdown(self, save_state: bool = True, timeout: float = 20.0) -> None:
        """Stop the run and the threads and wait for them, for at most about `timeout` seconds. With `save_state` the
        run's last state is in `document.project` afterwards (this does not write the file)."""
        deadline = time.monotonic() + timeout

        def left() -> float:
            return max(0.5, deadline - time.monotonic())

        self._pictures.stop()
        if self._run is not None:
            self._run.stop()
            self._run.join(left())
            if save_state and not self._run.alive:
                self._drain(self._run)
        for run in self._left:
            run.join(left())
        self._checking.shutdown(left())
        self._timer.stop()
        self.autosave.shutdown(left())
