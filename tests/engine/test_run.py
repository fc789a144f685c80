"""A run in its own thread: it never makes anybody wait, obeys, and always says how it ended."""

from __future__ import annotations

import itertools
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from small_jobs import PLAIN, design, events, finished, job, losses, state

from engine import run as run_module
from engine.data.source import open_data
from engine.errors import TrainingError, UnknownName
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.model import Wire
from engine.observe.picture import Request, View
from engine.run import Run, devices, pick_device
from engine.train.events import Checkpoint, Event, Failed, Finished, Looked, Losses, Paused, Resumed, Started

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONG = design(PLAIN, epochs=100_000, batch_size=64)


@pytest.fixture
def started() -> Iterator[Callable[..., Run]]:
    """Makes and starts runs; at the end of the test all are stopped."""
    runs: list[Run] = []

    def start(made: Design = LONG, **arguments: Any) -> Run:
        run = Run(made, open_data(DataChoice("digits")), **{"device": "cpu", "threads": 1, **arguments})
        runs.append(run)
        run.start()
        return run

    yield start
    for run in runs:
        run.stop()
        assert run.join(20)


def until(run: Run, kind: type[Event], told: list[Event], seconds: float = 30) -> Event:
    """Drain into `told` until an event of that kind has come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        new = run.drain()
        told += new
        found = next((event for event in new if isinstance(event, kind)), None)
        if found is not None:
            return found
        time.sleep(0.005)
    pytest.fail(f"no {kind.__name__} within {seconds} s; there were {[type(e).__name__ for e in told]}")


def test_it_trains_as_the_plain_generator_does(started: Callable[..., Run]):
    told: list[Event] = []
    run = started(design())
    until(run, Finished, told)
    assert run.join(5) and not run.alive and run.drain() == []
    plain = events(job())
    assert losses(told) == losses(plain) and isinstance(told[0], Started)
    assert finished(told).test == finished(plain).test


def test_starting_does_not_wait(started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    from engine.check import checker

    let_go = threading.Event()

    def slow(*arguments: Any) -> Any:
        let_go.wait(10)
        return real(*arguments)

    real = checker.check
    monkeypatch.setattr(checker, "check", slow)
    began = time.perf_counter()
    run = started(design())
    run.look(None)
    assert run.drain() == [] and run.alive and time.perf_counter() - began < 0.5
    let_go.set()
    until(run, Finished, [])


def test_pause_look_resume_stop(started: Callable[..., Run]):
    told: list[Event] = []
    run = started()
    run.look(Request((View(("layer1",)),)))
    until(run, Losses, told)
    run.pause()
    paused = until(run, Paused, told)
    assert isinstance(paused, Paused) and run.alive
    time.sleep(0.05)
    assert not losses(run.drain())
    run.look(Request((View(("layer3",)),), number=7))
    look = until(run, Looked, told)
    assert isinstance(look, Looked) and look.look.step == paused.step and look.look.request.number == 7
    run.resume()
    until(run, Resumed, told)
    until(run, Losses, told)
    run.stop()
    last = until(run, Finished, told)
    assert isinstance(last, Finished) and last.stopped and run.join(5)
    assert state(told).step == last.step
    steps = [e for e in told if isinstance(e, Losses)]
    assert all(a.last + 1 == b.first for a, b in itertools.pairwise(steps))


def test_a_state_is_given_when_asked_for(started: Callable[..., Run]):
    run = started()
    until(run, Losses, [])
    run.ask_checkpoint()
    kept = until(run, Checkpoint, [])
    assert isinstance(kept, Checkpoint) and kept.state.step > 0


def test_of_pictures_only_the_newest_is_kept(started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.train.loop.LOOK_OFTEN", 0.0)
    monkeypatch.setattr("engine.train.loop.LOOK_SHARE", 1e9)
    run = started()
    run.look(Request((View(("layer1",)),)))
    until(run, Looked, [])
    time.sleep(0.5)
    told = run.drain()
    assert sum(isinstance(event, Looked) for event in told) == 1 and losses(told)


def test_a_design_that_cannot_be_trained_fails_with_its_problem(started: Callable[..., Run]):
    made = edits.disconnect(design(PLAIN), [Wire("target", "loss", "target")])
    told: list[Event] = []
    run = started(made)
    failure = until(run, Failed, told)
    assert isinstance(failure, Failed) and failure.path == ("loss",) and failure.what and failure.why
    assert run.join(5) and len(told) == 1


def test_an_unknown_device_fails_with_a_sentence(started: Callable[..., Run]):
    failure = until(started(device="gpu"), Failed, [])
    assert isinstance(failure, Failed) and "no device called" in failure.why


def test_whatever_happens_in_the_thread_is_told(started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any, **__: Any) -> None:
        raise SystemExit("out of the blue")

    monkeypatch.setattr("engine.train.loop.train", broken)
    failure = until(started(), Failed, [])
    assert isinstance(failure, Failed) and "out of the blue" in failure.why and "Traceback" in failure.details


def test_the_end_always_comes_last(started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.train.loop.train", lambda *_: iter(()))
    assert isinstance(until(started(), Failed, []), Failed)


def test_it_goes_on_from_a_state(started: Callable[..., Run]):
    told: list[Event] = []
    until(started(design(), epochs=1), Finished, told)
    more: list[Event] = []
    until(started(design(), state=state(told)), Finished, more)
    assert losses(told) + losses(more) == losses(events(job()))


def test_devices():
    assert devices()[-1] == "cpu" and pick_device("auto") == devices()[0] and pick_device("cpu") == "cpu"
    with pytest.raises(UnknownName, match="Did you mean"):
        pick_device("cpuu")
    if "mps" not in devices():
        with pytest.raises(TrainingError, match="cannot train on mps"):
            pick_device("mps")


def test_importing_it_needs_no_torch():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import engine.run; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert run_module.AUTO == "auto"
