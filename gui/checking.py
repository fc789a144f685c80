"""The one thread that works behind the window: it loads and warms torch, opens data, checks designs, answers looks
while nothing trains, and starts runs. Of checks and looks only the newest counts.

Everything public is called on the window's thread; `take` gives what has come of it. Starting runs here, and not on the
window's thread, keeps a look at rest (which builds modules) from ever coinciding with the start of a training.
"""

from __future__ import annotations

import importlib
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.check.limits import can_be_shown
from engine.check.report import Problem, Report, TensorSpec
from engine.data.spec import DataSpec
from engine.errors import StrataError
from engine.graph.design import DataChoice, Design
from engine.graph.model import Graph, Wire
from engine.observe.picture import Look, Request
from engine.train.events import TrainingState

if TYPE_CHECKING:
    from engine.data.source import Dataset
    from engine.run import Run

QUIET_SECONDS = 0.3  # a look at rest waits this long after the last check, so that it never delays the next keystroke
SAMPLES_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Warmed:
    """torch is loaded and warmed, or (with a sentence) it cannot be."""

    devices: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of the data of a choice, and why they cannot be trained on (`dataset` is there all the same where
    they can be read). `samples` are a few of the training part, to be shown."""

    choice: DataChoice
    spec: DataSpec | None = None
    dataset: Dataset | None = None
    problem: str = ""
    samples: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    design: Design
    report: Report
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


Result = Warmed | Opened | Checked | Seen | Began | Refused | Previewed


@dataclass(frozen=True, slots=True)
class LookTask:
    """A look at a design that is not being trained, at `state`'s weights or (None) freshly drawn ones."""

    design: Design
    report: Report
    request: Request
    state: TrainingState | None


@dataclass(frozen=True, slots=True)
class PreviewTask:
    """What would this wire bring? `report` is that of the graph, which is without the wire."""

    graph: Graph
    report: Report
    wire: Wire


@dataclass(frozen=True, slots=True)
class LoadPlots:
    """Import what draws the curves: half a second of Python that must not fall to the window's thread later. Nothing of
    Qt that belongs to a thread is made by it."""


Task = Design | Start | LookTask | PreviewTask | LoadPlots


class Checking:
    """A plain thread and its mailbox: one slot for each kind of task, newest wins."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._design: Design | None = None
        self._look: LookTask | None = None
        self._start: Start | None = None
        self._preview: PreviewTask | None = None
        self._ended = False
        self._working = ""  # what is being done now: "", "warm", "check", "look", "start", "preview" or "plots"
        self._last_check = 0.0
        self._results: deque[Result] = deque()
        self._thread: threading.Thread | None = None
        # Of the thread alone:
        self._opened: Opened | None = None
        self._looker: _AtRest | None = None
        self._plots_loaded = False

    # -- the window's side ----------------------------------------------------------
    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="strata-check", daemon=True)
            self._thread.start()

    def check(self, design: Design) -> None:
        with self._condition:
            self._design = design
            self._look = None  # it speaks of an older design
            self._last_check = time.monotonic()
            self._condition.notify()

    def look(self, task: LookTask | None) -> None:
        with self._condition:
            self._look = task
            self._condition.notify()

    def begin(self, start: Start) -> None:
        with self._condition:
            self._start, self._look = start, None
            self._condition.notify()

    def preview(self, task: PreviewTask) -> None:
        with self._condition:
            self._preview = task
            self._condition.notify()

    def take(self) -> list[Result]:
        """What has come since the last call, oldest first."""
        taken: list[Result] = []
        while self._results:
            taken.append(self._results.popleft())
        return taken

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for an answer: a check, a start or a preview."""
        asked = self._design is not None or self._start is not None or self._preview is not None
        return asked or self._working in ("check", "start", "preview")

    @property
    def busy(self) -> bool:
        return self.urgent or self._look is not None or bool(self._working) or bool(self._results)

    def shutdown(self, timeout: float = 10.0) -> None:
        """End the thread after what it is doing now. A run that it had just started is stopped."""
        with self._condition:
            self._ended = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(timeout)
        for result in self.take():
            if isinstance(result, Began):
                result.run.stop()
                result.run.join(timeout)

    # -- the thread -----------------------------------------------------------------
    def _live(self) -> None:
        self._working = "warm"
        self._results.append(_warm_up())
        while True:
            task = self._next()
            if task is None:
                return
            try:
                if isinstance(task, Design):
                    self._check(task)
                elif isinstance(task, Start):
                    self._begin(task)
                elif isinstance(task, LookTask):
                    self._answer(task)
                elif isinstance(task, PreviewTask):
                    self._foresee(task)
                else:
                    self._load_plots()
            except Exception as error:
                self._results.append(_unexpected(task, error))

    def _next(self) -> Task | None:
        """Wait for something to do: checks first, then starts, then previews, then looks, once it has been quiet; None
        to end."""
        with self._condition:
            self._working = ""
            while not self._ended:
                if self._design is not None:
                    self._working, task, self._design = "check", self._design, None
                    return task
                if self._start is not None:
                    self._working, start, self._start = "start", self._start, None
                    return start
                if self._preview is not None:
                    self._working, preview, self._preview = "preview", self._preview, None
                    return preview
                wait = None
                if self._look is not None:
                    wait = self._last_check + QUIET_SECONDS - time.monotonic()
                    if wait <= 0:
                        self._working, look, self._look = "look", self._look, None
                        return look
                elif not self._plots_loaded:
                    self._working, self._plots_loaded = "plots", True
                    return LoadPlots()
                self._condition.wait(wait)
        return None

    def _load_plots(self) -> None:
        importlib.import_module("pyqtgraph")

    def _check(self, design: Design) -> None:
        from engine.check import checker, needs
        from engine.train import recipe

        started = time.perf_counter()
        opened = self._open(design.data)
        report = checker.check(design, opened.spec)
        learned = None if opened.problem else opened.spec
        more = (*_data_problems(opened, report), *recipe.problems(design.recipe, learned))
        report = replace(report, problems=needs.causes((*report.problems, *more)))
        self._results.append(Checked(design, report, time.perf_counter() - started))

    def _foresee(self, task: PreviewTask) -> None:
        from engine.check import preview

        self._results.append(Previewed(task.wire, preview.outcome(task.graph, task.report, task.wire)))

    def _open(self, choice: DataChoice) -> Opened:
        """The data of `choice`, opened at most once; says so where they are other data than before."""
        from engine.data import source

        choice = replace(choice, fingerprint="")
        opened = self._opened
        told_anew = opened is not None and opened.dataset is None and opened.spec != source.last_known(choice)
        if opened is None or opened.choice != choice or told_anew:
            self._looker = None
            known = source.known(choice) if choice.source else source.Known(None, None)
            samples = _samples(known.dataset) if known.dataset is not None else None
            opened = self._opened = Opened(choice, known.spec, known.dataset, known.problem, samples)
            self._results.append(opened)
        return opened

    def _begin(self, start: Start) -> None:
        from engine.run import Run

        opened = self._open(start.design.data)
        if opened.dataset is None or opened.problem:
            self._results.append(Refused(opened.problem or "No data are chosen. Choose data to learn from."))
            return
        self._looker = None
        run = Run(start.design, opened.dataset, device=start.device, state=start.state)
        run.start()
        self._results.append(Began(run, start))

    def _answer(self, task: LookTask) -> None:
        opened = self._open(task.design.data)
        if opened.dataset is None or not can_be_shown(task.report):
            return
        if self._looker is None or not self._looker.fits(task):
            self._looker = _AtRest(task, opened.dataset)
        look = self._looker.answer(task.request)
        self._results.append(Seen(look, design=task.design))


def _warm_up() -> Warmed:
    """Load torch and pay once for what its first use costs: an optimiser step and a meta check."""
    try:
        from engine.run import devices
        from engine.warm import warm_up

        warm_up()
        return Warmed(tuple(devices()))
    except Exception as error:
        return Warmed((), f"PyTorch cannot be used: {error}. Install it again (see README) and start Strata anew.")


def _unexpected(task: Task, error: Exception) -> Result:
    """A fault of ours (or a design that cannot be built) must not end the thread."""
    details = "".join(traceback.format_exception(error))
    if isinstance(task, Design):
        problem = Problem(
            "check-failed",
            "error",
            "This design could not be checked.",
            f"{error or type(error).__name__}. Undo the last edit; your work is not lost.",
            details=details,
        )
        return Checked(task, Report(problems=(problem,), order=tuple(task.graph.nodes)), 0.0)
    if isinstance(task, PreviewTask):
        return Previewed(task.wire, None)
    if isinstance(task, Start):
        return Refused(str(error) or type(error).__name__, "" if isinstance(error, StrataError) else details)
    return Seen(None, str(error) or type(error).__name__)


def _data_problems(opened: Opened, report: Report) -> tuple[Problem, ...]:
    """A problem that says why data could not be read; and one for missing data where the check has not told."""
    if opened.problem:
        from engine.check import needs

        return (needs.unusable(opened.problem),)
    if opened.dataset is None and not any(p.code.startswith(("data", "no-data")) for p in report.problems):
        what, why = "No data are chosen.", "A network learns from examples: choose a data set."
        return (Problem("data-missing", "error", what, why),)
    return ()


def _samples(dataset: Dataset) -> np.ndarray[Any, Any] | None:
    """A few samples of the first image field, to be shown: (number, height, width) within 0–1."""
    field = next((f for f in dataset.spec.inputs if f.kind == "image"), None)
    if field is None or not dataset.spec.train:
        return None
    images = dataset.arrays("train", first=SAMPLES_SHOWN)[field.name]
    return np.asarray(images, np.float32).mean(axis=1)


class _AtRest:
    """What answers looks at one design and state. Built once for both: it compiles the design.

    It holds the state itself: the address alone might come again, for another state, once this one is freed.
    """

    def __init__(self, task: LookTask, dataset: Dataset):
        from engine.compile import compiler, keys
        from engine.observe.looker import Looker
        from engine.observe.probe import probe_samples

        self._graph, self._seed, self._state = task.design.graph, task.design.recipe.seed, task.state
        as_far_as_it_is_sound = not task.report.trainable
        self._module = compiler.compile_graph(
            task.design, task.report, dataset.spec, seed=self._seed, forward_only=as_far_as_it_is_sound
        )
        self._step, self._epoch = 0, 0.0
        if task.state is not None:
            keys.load(self._module, task.state.weights)
            self._step = task.state.step
            steps = max(1, -(-dataset.spec.train // task.design.recipe.batch_size))
            self._epoch = task.state.epoch + task.state.batch / steps
        self._looker = Looker(self._module, probe_samples(dataset))

    def fits(self, task: LookTask) -> bool:
        same = self._graph == task.design.graph and self._seed == task.design.recipe.seed
        return same and self._state is task.state

    def answer(self, request: Request) -> Look:
        return self._looker.answer(self._module, request, step=self._step, epoch=self._epoch)
