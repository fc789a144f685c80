"""One training under way in one background thread: start, pause, resume, stop, look, drain.

Nobody waits here: the design is checked and compiled in that thread too, what it tells lands in a mailbox, and the
window empties the mailbox when it likes. torch is imported by the thread, not by this module.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Iterator

from engine.data.source import Dataset
from engine.errors import DesignError, StrataError, TrainingError, UnknownName
from engine.graph.design import Design
from engine.observe.picture import Request
from engine.train.control import Control
from engine.train.events import Event, Failed, Finished, Looked, TrainingState

AUTO = "auto"


class Run:
    """Give it a design and its data; `start`, then `drain` until it holds a Finished or a Failed: one of them always
    comes, and is the last. The design is a value, so it may be edited on while this trains."""

    def __init__(
        self,
        design: Design,
        data: Dataset,
        *,
        device: str = AUTO,
        epochs: int | None = None,
        state: TrainingState | None = None,
        threads: int | None = None,
    ):
        self.design, self.data = design, data
        self._device, self._epochs, self._state, self._threads = device, epochs, state, threads
        self._control = Control()
        self._events: deque[Event] = deque()
        self._thread = threading.Thread(target=self._work, name="strata-run", daemon=True)

    # -- from the window's thread ------------------------------------------------------
    def start(self) -> None:
        self._thread.start()

    def pause(self) -> None:
        """After the step under way; a Paused tells when."""
        self._control.pause()

    def resume(self) -> None:
        self._control.resume()

    def stop(self) -> None:
        """After the step under way; what was learned comes as a Checkpoint before the Finished."""
        self._control.stop()

    def look(self, request: Request | None) -> None:
        """Go on answering this until told otherwise; None asks for nothing more."""
        self._control.look(request)

    def ask_checkpoint(self) -> None:
        self._control.ask_checkpoint()

    def drain(self) -> list[Event]:
        """What happened since the last call, in order; of pictures only the newest."""
        events: list[Event] = []
        while self._events:
            events.append(self._events.popleft())
        newest = max((i for i, event in enumerate(events) if isinstance(event, Looked)), default=-1)
        return [e for i, e in enumerate(events) if i == newest or not isinstance(e, Looked)]

    @property
    def alive(self) -> bool:
        """Whether the thread still works. What it said last may be still in the mailbox after that."""
        return self._thread.is_alive()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it came in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self.alive

    # -- in its own thread -------------------------------------------------------------
    def _work(self) -> None:
        ended = False
        try:
            for event in self._trained():
                self._put(event)
                ended = ended or isinstance(event, Finished | Failed)
        except DesignError as error:
            self._put(_refused(error))
            ended = True
        except StrataError as error:
            self._put(Failed("Training could not begin.", str(error), 0))
            ended = True
        except BaseException as error:  # whatever it was, the window must learn that nothing more will come
            what = f"Training broke off by an error in Strata: {type(error).__name__}."
            self._put(Failed(what, str(error), 0, details=traceback.format_exc()))
            ended = True
        if not ended:
            self._put(Failed("Training broke off.", "It gave no reason.", 0))

    def _trained(self) -> Iterator[Event]:
        from engine.check import checker
        from engine.compile import compiler
        from engine.train.loop import Job, train

        device = pick_device(self._device)
        report = checker.check(self.design, self.data.spec)
        compiled = compiler.compile_graph(
            self.design, report, self.data.spec, device=device, seed=self.design.recipe.seed
        )
        job = Job(
            self.design,
            compiled,
            self.data,
            device=device,
            epochs=self._epochs,
            state=self._state,
            threads=self._threads,
        )
        return train(job, self._control)

    def _put(self, event: Event) -> None:
        """A deque is safe between two threads. Where nobody drains, pictures must not pile up: they are large."""
        if isinstance(event, Looked) and self._events and isinstance(self._events[-1], Looked):
            self._events[-1] = event
        else:
            self._events.append(event)


def _refused(error: DesignError) -> Failed:
    from engine.check.report import Problem

    problem = next((p for p in error.problems if isinstance(p, Problem)), None)
    if problem is None:
        return Failed("This design cannot be trained.", str(error), 0)
    path = problem.path or ((problem.node,) if problem.node else ())
    return Failed(problem.what, problem.why, 0, path)


def devices() -> list[str]:
    """The devices this machine can train on, the best first; ‘cpu’ is always among them."""
    import torch

    found = [f"cuda:{i}" if torch.cuda.device_count() > 1 else "cuda" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def pick_device(name: str = AUTO) -> str:
    """The device of that name, or the best one for ‘auto’; a sentence where this machine has it not (TrainingError)
    or no machine has (UnknownName)."""
    import torch

    known = devices()
    if name == AUTO:
        return known[0]
    if name in known or (name == "cuda:0" and "cuda" in known) or (name == "cuda" and "cuda:0" in known):
        return name
    try:
        asked = torch.device(name)
        if asked.type in ("cpu", "mps") and asked.index:
            raise RuntimeError("there is one of each")
    except RuntimeError:
        raise UnknownName("device", name, dict.fromkeys([AUTO, *known, "cuda", "mps"])) from None
    raise TrainingError(f"This machine cannot train on {name}. It has: {', '.join(known)}.")
