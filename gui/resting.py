"""The thread that answers looks while nothing trains, so that no check waits for one. Of looks only the newest counts,
and one that has become of no use is abandoned at its next boundary.

The window knows it through `Checking`, which starts it once torch is warm. It works while designs are checked, and
while other windows train: nothing here draws from the program's random state (networks are built and run with their
own).
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable

from engine.check.limits import can_be_shown
from engine.observe.picture import Cancelled, Look
from gui.tasks import LookTask, Seen

QUIET_SECONDS = 0.3  # a look waits this long after the last edit: two threads share one interpreter


class Resting:
    """A plain thread and its slot for one look; `tell` takes the answers, on that thread. Everything public may be
    called by any other."""

    def __init__(self, tell: Callable[[Seen], None]):
        self._tell = tell
        self._condition = threading.Condition()
        self._task: LookTask | None = None
        self._under_way: threading.Event | None = None  # of the look under way; set: it is abandoned
        self._quiet_from = 0.0
        self._plots_loaded = False
        self._ended = False
        self._thread: threading.Thread | None = None
        self._network: AtRest | None = None  # kept for the next look
        self._cleared = False  # since the look under way began

    def start(self) -> None:
        with self._condition:
            if self._thread is None and not self._ended:
                self._wait_for_quiet()
                self._thread = threading.Thread(target=self._live, name="strata-look", daemon=True)
                self._thread.start()

    def ask(self, task: LookTask | None) -> None:
        """Look at this, once it has been quiet; None: at nothing more."""
        with self._condition:
            self._task = task
            if task is None:
                self._abandon()
            self._condition.notify()

    def postpone(self) -> None:
        """The design has changed: what was to be looked at is out of date."""
        with self._condition:
            self._abandon()
            self._wait_for_quiet()

    def clear(self) -> None:
        """Give back the network of the last look too: memory is needed for another one, or for other data."""
        with self._condition:
            self._abandon()
            self._network, self._cleared = None, True

    def end(self) -> None:
        """Let the thread end: `join` waits for it."""
        with self._condition:
            self._ended = True
            self._abandon()
            self._condition.notify()

    def join(self, timeout: float) -> None:
        if self._thread is not None:
            self._thread.join(timeout)

    @property
    def busy(self) -> bool:
        return self._task is not None or self._under_way is not None

    def _abandon(self) -> None:
        self._task = None
        if self._under_way is not None:
            self._under_way.set()

    def _wait_for_quiet(self) -> None:
        self._quiet_from = time.monotonic() + QUIET_SECONDS

    # -- the thread -----------------------------------------------------------------
    def _live(self) -> None:
        while self._wait():
            with self._condition:
                task, self._task = self._task, None
                abandoned = self._under_way = threading.Event() if task is not None else None
            if task is None or abandoned is None:
                self._load_plots()
            else:
                self._answer(task, abandoned)
            with self._condition:
                self._under_way = None

    def _wait(self) -> bool:
        """Until there is something to do and it has been quiet; False to end."""
        with self._condition:
            while not self._ended:
                wait = None
                if self._task is not None or not self._plots_loaded:
                    wait = self._quiet_from - time.monotonic()
                    if wait <= 0:
                        return True
                self._condition.wait(wait)
        return False

    def _load_plots(self) -> None:
        """What draws the curves: half a second of Python that must not fall to the window's thread later. Nothing of Qt
        that belongs to a thread is made by it."""
        self._plots_loaded = True
        importlib.import_module("pyqtgraph")

    def _answer(self, task: LookTask, abandoned: threading.Event) -> None:
        try:
            look = self._seen(task, abandoned)
        except Cancelled:
            return
        except Exception as error:  # a fault of ours (or a design that cannot be built) must not end the thread
            self._tell(Seen(None, str(error) or type(error).__name__))
            return
        if look is not None and not abandoned.is_set():
            self._tell(Seen(look, design=task.design))

    def _seen(self, task: LookTask, abandoned: threading.Event) -> Look | None:
        if not can_be_shown(task.report):
            return None
        with self._condition:
            network, self._network, self._cleared = self._network, None, False
        if network is None or not network.fits(task):
            network = None  # two need not be there at once
            network = AtRest(task, abandoned.is_set)
        try:
            return network.answer(task, abandoned.is_set)
        finally:
            with self._condition:
                if not self._cleared:
                    self._network = network


class AtRest:
    """What answers looks at one design, state and data set. Built once for all three: it compiles the design.

    It holds the state itself: the address alone might come again, for another state, once this one is freed.
    """

    def __init__(self, task: LookTask, cancelled: Callable[[], bool]):
        from engine.compile import compiler, keys
        from engine.observe.looker import Looker, unless
        from engine.observe.probe import probe_samples

        dataset = self._dataset = task.dataset
        self._graph, self._seed, self._state = task.design.graph, task.design.recipe.seed, task.state
        as_far_as_it_is_sound = not task.report.trainable
        unless(cancelled)
        self._module = compiler.compile_graph(
            task.design, task.report, dataset.spec, seed=self._seed, forward_only=as_far_as_it_is_sound
        )
        unless(cancelled)
        self._step, self._epoch = 0, 0.0
        if task.state is not None:
            keys.load(self._module, task.state.weights)
            self._step = task.state.step
            steps = max(1, -(-dataset.spec.train // task.design.recipe.batch_size))
            self._epoch = task.state.epoch + task.state.batch / steps
        probes = probe_samples(dataset)
        unless(cancelled)
        self._looker = Looker(self._module, probes)

    def fits(self, task: LookTask) -> bool:
        same = self._graph == task.design.graph and self._seed == task.design.recipe.seed
        return same and self._state is task.state and self._dataset is task.dataset

    def answer(self, task: LookTask, cancelled: Callable[[], bool]) -> Look:
        return self._looker.answer(self._module, task.request, step=self._step, epoch=self._epoch, cancelled=cancelled)
