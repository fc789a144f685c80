"""The thread that works behind the window: it loads and warms torch, opens data, checks designs and starts runs. Of
checks only the newest counts. Looks at rest have a thread of their own beside it (`Resting`), so that no check waits
for one.

Everything public is called on the window's thread; `take` gives what has come of it.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from dataclasses import replace

from engine.check.report import Problem, Report
from engine.errors import StrataError
from engine.graph.design import DataChoice, Design
from gui import opening
from gui.opening import Opened
from gui.resting import Resting
from gui.tasks import Began, Checked, LookTask, Previewed, PreviewTask, Refused, Result, Start, Task, Warmed


class Checking:
    """A plain thread and its mailbox: one slot for each kind of task, newest wins. It owns the thread of the looks."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._design: Design | None = None
        self._start: Start | None = None
        self._preview: PreviewTask | None = None
        self._ended = False
        self._working = ""  # what is being done now: "", "warm", "check", "start" or "preview"
        self._results: deque[Result] = deque()
        self._thread: threading.Thread | None = None
        self._looks = Resting(self._results.append)
        self._opened: Opened | None = None  # of the thread alone

    # -- the window's side ----------------------------------------------------------
    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="strata-check", daemon=True)
            self._thread.start()

    def check(self, design: Design) -> None:
        """Also abandons the look under way: it speaks of an older design."""
        self._looks.postpone()
        with self._condition:
            self._design = design
            self._condition.notify()

    def look(self, task: LookTask | None) -> None:
        """Look at this, once it has been quiet; None: at nothing more."""
        self._looks.ask(task)

    def begin(self, start: Start) -> None:
        self._looks.clear()
        with self._condition:
            self._start = start
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
        return self.urgent or self._looks.busy or bool(self._working) or bool(self._results)

    def shutdown(self, timeout: float = 10.0) -> None:
        """End both threads after what they are doing now. A run that was just started is stopped."""
        self._looks.end()
        with self._condition:
            self._ended = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(timeout)
        self._looks.join(timeout)
        for result in self.take():
            if isinstance(result, Began):
                result.run.stop()
                result.run.join(timeout)

    # -- the thread -----------------------------------------------------------------
    def _live(self) -> None:
        self._working = "warm"
        self._results.append(_warm_up())
        self._looks.start()  # not before: two threads must not import torch at once
        while True:
            task = self._next()
            if task is None:
                return
            try:
                if isinstance(task, Design):
                    self._check(task)
                elif isinstance(task, Start):
                    self._begin(task)
                else:
                    self._foresee(task)
            except Exception as error:
                self._results.append(self._unexpected(task, error))

    def _next(self) -> Task | None:
        """Wait for something to do: checks first, then starts, then previews; None to end."""
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
                self._condition.wait()
        return None

    def _check(self, design: Design) -> None:
        from engine.check import checker, needs
        from engine.train import recipe

        started = time.perf_counter()
        opened = self._open(design.data)
        report = checker.check(design, opened.spec)
        learned = None if opened.problem else opened.spec
        more = (*opening.problems(opened, report), *recipe.problems(design.recipe, learned))
        report = replace(report, problems=needs.causes((*report.problems, *more)))
        self._results.append(Checked(design, report, opened, time.perf_counter() - started))

    def _foresee(self, task: PreviewTask) -> None:
        from engine.check import preview

        self._results.append(Previewed(task.wire, preview.outcome(task.graph, task.report, task.wire)))

    def _open(self, choice: DataChoice) -> Opened:
        """The data of `choice`, opened at most once. What looks hold of other data is given back."""
        found = opening.opened(choice, self._opened)
        if found is not self._opened:
            self._opened = found
            self._looks.clear()
        return found

    def _begin(self, start: Start) -> None:
        from engine.run import Run

        opened = self._open(start.design.data)
        if opened.dataset is None or opened.problem:
            self._results.append(Refused(opened.problem or "No data are chosen. Choose data to learn from."))
            return
        run = Run(start.design, opened.dataset, device=start.device, state=start.state)
        run.start()
        self._results.append(Began(run, start))

    def _unexpected(self, task: Task, error: Exception) -> Result:
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
            return Checked(task, Report(problems=(problem,), order=tuple(task.graph.nodes)), self._opened, 0.0)
        if isinstance(task, PreviewTask):
            return Previewed(task.wire, None)
        return Refused(str(error) or type(error).__name__, "" if isinstance(error, StrataError) else details)


def _warm_up() -> Warmed:
    """Load torch and pay once for what its first use costs: an optimiser step and a meta check."""
    try:
        from engine.run import devices
        from engine.warm import warm_up

        warm_up()
        return Warmed(tuple(devices()))
    except Exception as error:
        return Warmed((), f"PyTorch cannot be used: {error}. Install it again (see README) and start Strata anew.")
