"""Everything that happens behind the window, brought to it: checks, data, pictures at rest and training runs.

Three threads work (`Checking`, its `Resting`, and the run's own); none ever touches Qt. One timer on the window's
thread fetches what they have to tell and emits signals: about every 8 ms while a check is awaited, at most 30 times a
second while something trains, not at all when nothing is under way. What Train does is said, and decided, in
gui.training.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.check.report import Fix, Problem
from engine.graph.design import Design
from engine.graph.model import Graph, Wire
from engine.observe.history import History
from engine.observe.picture import View
from engine.train.events import Checkpoint, EpochEnded, Event, Paused, Resumed, Started
from gui.autosave import Autosave
from gui.checking import Checking
from gui.document import Document
from gui.opening import Opened, identity
from gui.pictures import Pictures
from gui.progress import Progress
from gui.session import Session
from gui.starting import GO_BACK, GONE, Plan, foretold, halved, plan, reached
from gui.tasks import Began, Checked, Previewed, PreviewTask, Refused, Result, Seen, Warmed
from gui.training import Declined, How, Training, beginning

AWAITING_MS, RUNNING_MS = 8, 33
REPORT_SECONDS = 0.4  # between two `history_changed` or `progress_changed`, where no picture comes meanwhile

State = Literal["preparing", "idle", "running", "pausing", "paused", "stopping"]


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
        self.progress: Progress | None = None
        self.autosave = Autosave(document, self)

        self._checking = Checking()
        self._pictures = Pictures(document, self._checking, self)
        self._opened: Opened | None = None  # what the document was told of its data
        self._asked: How | None = None  # Train was pressed before the check had come
        self._back: Fix | None = None  # the remedy that was asked for last
        self._training = Training(document)
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
        self._training.drop()
        self._asked = self.progress = None
        self._waiting = []
        self._set_state("idle" if self.ready else "preparing")
        self.history_changed.emit(self.history)
        self.progress_changed.emit(None)
        self.plan_changed.emit()

    # -- training -----------------------------------------------------------------------
    @property
    def alive(self) -> bool:
        """Whether a run is under way, paused ones included."""
        return self._training.session is not None

    @property
    def run_number(self) -> int:
        """Which of the project's runs is under way, counted from one; 0 where none is."""
        return self._training.session.number if self._training.session is not None else 0

    @property
    def history(self) -> History:
        """Of the run under way, or of the project's last one."""
        return self._training.history

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
        """Go on with a paused or stopped run, or begin a new one (see gui.training)."""
        if self.state == "paused":
            self.resume()
        else:
            self._ask("continue")

    def train_when_ready(self) -> None:
        """Train as soon as torch is loaded and the design was checked; a person need not wait for it."""
        if self.ready:
            self.train()
        else:
            self._asked = "continue"

    def start_over(self) -> None:
        """Begin a new run with fresh weights; earlier runs stay in the project."""
        self._ask("new")

    def _on_remedy_asked(self, fix: Fix) -> None:
        """After a loss that was not finite: take the last sound state, halve the rate (one undo step) and train on."""
        if fix.kind != GO_BACK:
            return
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
        begun = beginning(document, how, self._back, self.device)
        if isinstance(begun, Declined):
            document.message_shown.emit(begun.why, "warning")
            return
        if begun.why:
            document.message_shown.emit(begun.why, "info")
        design = begun.start.design
        document.note_fingerprint(document.design.data, design.data.fingerprint)
        self._training.begin(begun)
        self.progress = None
        document.set_run_problems(())
        self._checking.begin(begun.start)
        document.set_running(design)
        self._set_state("running")
        self._set_pace()

    def _on_refused(self, refused: Refused) -> None:
        problem = Problem("run-refused", "error", "Training could not start.", refused.problem, details=refused.details)
        self._training.drop()
        self.document.set_running(None)
        self._set_state("idle")
        self._report(problem)
        self._call_back()

    def pause(self) -> None:
        """Acts after the batch under way; `state` is ‘pausing’ until then."""
        if self.state == "running":
            self._training.pause()
            self._set_state("pausing")

    def resume(self) -> None:
        if self.state in ("paused", "pausing"):
            self._training.resume()
            self._set_state("running")

    def stop(self) -> None:
        """End the run after the batch under way. What it has learned is kept, and Train goes on from there."""
        if self.state in ("running", "pausing", "paused"):
            self._training.stop()
            self._set_state("stopping")

    def set_device(self, device: str) -> None:
        """Where the next run computes: ‘auto’ or one of `devices`."""
        if device != self.device:
            self.device = device
            self.device_changed.emit(device)

    def with_fresh_state(self, callback: Callable[[], None]) -> None:
        """Call back once the project holds the newest state of the run: at once where none is under way. For saving."""
        if not self.alive or self.state == "paused":
            callback()
            return
        self._waiting.append(callback)
        self._training.ask_checkpoint()

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
        self._drain()
        self._set_pace()

    def _set_pace(self) -> None:
        """The timer runs only while something is under way."""
        if self._checking.urgent and self.ready:
            interval = AWAITING_MS
        elif self._training.busy or self._checking.busy:
            interval = RUNNING_MS
        else:
            self._timer.stop()
            return
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _on_result(self, result: Result) -> None:
        if isinstance(result, Warmed):
            self._on_warmed(result)
        elif isinstance(result, Checked):
            self._on_checked(result)
        elif isinstance(result, Seen):
            self._pictures.show_rest(result)
        elif isinstance(result, Previewed):
            self.wire_previewed.emit(result.wire, result.outcome)
        elif isinstance(result, Began):
            if self._training.follow(result.run, result.start):
                self._pictures.follow(result.run)
        elif self.alive:
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
        self._opened = opened
        self._pictures.dataset = opened.dataset
        self.document.set_data(opened.spec, opened.problem, opened.samples)
        known = self.document.design.data.fingerprint
        if opened.spec is not None and known and opened.spec.fingerprint not in ("", known):
            text = "The data differ from those that this project was last trained on."
            self.document.message_shown.emit(text, "warning")

    def _on_checked(self, checked: Checked) -> None:
        opened = checked.opened
        if opened is not None and opened is not self._opened and opened.choice == identity(self.document.design.data):
            self._on_opened(opened)
        self.document.set_report(checked.design, checked.report)
        self.plan_changed.emit()
        if checked.design is self.document.design:
            if self._asked is not None and self.ready:
                self._begin(self._asked)
            self._pictures.refresh()

    def _drain(self) -> None:
        told = self._training.drain()
        if told is None:
            return
        for event in told.events:
            self._on_event(event)
        self.progress = told.session.progress
        if told.look is not None:
            self._tell(at_once=True)  # before it: what numbers, curves and pictures change is painted together
            self._pictures.show(told.look, told.session.record.design)
        if told.ended:
            self._on_ended(told.session)
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
        self._tell(at_once=True)
        self._training.end(session)
        if session.begun:
            self.autosave.write_now()
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
        self._training.stop()
        if self._training.join(left) and save_state:
            self._drain()
        self._checking.shutdown(left())
        self._timer.stop()
        self.autosave.shutdown(left())
