"""Looks at rest have a thread of their own: no check waits for one, and of looks only the newest counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

from engine.check import checker
from engine.data.source import open_data
from engine.graph import edits
from engine.observe.picture import Cancelled, Look, Request, View
from engine.project import templates
from engine.project.project import Project
from gui import resting
from gui.checking import Checking
from gui.document import Document
from gui.resting import AtRest, Resting
from gui.runner import Runner
from gui.tasks import LookTask, Seen

DESIGN = templates.load("mlp-digits")


def linear(document: Document) -> str:
    return next(n for n in document.design.graph.nodes if document.design.graph.layer_of(n).kind == "Linear")


def known(runner: Runner) -> bool:
    return runner.ready and runner.document.reported_design is runner.document.design


class Slow:
    """Looks that last until they are let go or abandoned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.abandoned, self.go_on = threading.Event(), threading.Event(), threading.Event()
        answer = AtRest.answer

        def slow(network: AtRest, task: LookTask, cancelled: Callable[[], bool]) -> Look:
            self.begun.set()
            while not self.go_on.wait(0.005):
                if cancelled():
                    self.abandoned.set()
                    raise Cancelled
            return answer(network, task, cancelled)

        monkeypatch.setattr(AtRest, "answer", slow)


@pytest.fixture
def runner(qtbot) -> Iterator[Runner]:
    runner = Runner(Document(Project(design=DESIGN)))
    runner.start_warm_up()
    qtbot.waitUntil(lambda: known(runner), timeout=30_000)
    yield runner
    runner.shutdown()


def test_an_edit_does_not_wait_for_the_look_under_way(qtbot, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    slow, document = Slow(monkeypatch), runner.document
    monkeypatch.setattr(AtRest, "answer", _deaf(AtRest.answer))
    runner.request_look("canvas", (View((linear(document),)),))
    qtbot.waitUntil(slow.begun.is_set, timeout=10_000)
    document.edit(lambda d: edits.set_parameter(d, linear(document), "out_features", 21), "Set units")
    qtbot.waitUntil(lambda: known(runner), timeout=2000)
    output = document.report.output(linear(document))
    assert output is not None and output.shape[-1] == 21
    assert document.look is None and not slow.go_on.is_set(), "the look is still under way"
    slow.go_on.set()
    qtbot.waitUntil(lambda: document.look is not None, timeout=5000)
    picture = document.picture_for((linear(document),))
    assert picture is not None and picture.total == 21, "of the newest design, never of the older one"


def _deaf(answer: Callable[..., Look]) -> Callable[..., Look]:
    """A look that comes to no boundary."""
    return lambda network, task, _cancelled: answer(network, task, bool)


def test_new_shapes_come_at_once_while_something_is_looked_at(qtbot, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    """From a keystroke to the shapes it leads to: 50 ms, and 2 ms for each layer whose input changes."""
    slow, document = Slow(monkeypatch), runner.document
    runner.request_look("canvas", (View((linear(document),)),))
    times: list[float] = []
    for units in range(50, 55):
        slow.begun.clear()
        qtbot.waitUntil(slow.begun.is_set, timeout=5000)
        started = time.perf_counter()
        document.edit(
            lambda d, units=units: edits.set_parameter(d, linear(document), "out_features", units), "Set units"
        )
        while not known(runner):
            QCoreApplication.processEvents()
        times.append(time.perf_counter() - started)
    assert min(times) < 0.050 + 0.002 * len(document.design.graph.nodes), times


def test_a_change_of_the_design_abandons_the_look_under_way(qtbot, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    slow, document = Slow(monkeypatch), runner.document
    runner.request_look("canvas", (View((linear(document),)),))
    qtbot.waitUntil(slow.begun.is_set, timeout=10_000)
    document.edit(lambda d: edits.set_parameter(d, linear(document), "out_features", 22), "Set units")
    assert slow.abandoned.wait(2), "it went on for a design that is gone"


def test_train_and_the_end_wait_for_no_look(qtbot, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    slow, document = Slow(monkeypatch), runner.document
    runner.request_look("canvas", (View((linear(document),)),))
    qtbot.waitUntil(slow.begun.is_set, timeout=10_000)
    runner.train()
    assert slow.abandoned.wait(2)
    qtbot.waitUntil(lambda: runner.state == "running" and runner.progress is not None, timeout=10_000)
    runner.stop()
    slow.begun.clear()
    qtbot.waitUntil(slow.begun.is_set, timeout=10_000)  # the run has ended: its state is looked at
    slow.abandoned.clear()
    runner.shutdown()
    assert slow.abandoned.is_set()
    assert not [t for t in threading.enumerate() if t.name in ("strata-check", "strata-look")]


def test_two_windows_look_and_check_at_once(qtbot, runner: Runner):
    other = Runner(Document(Project(design=templates.load("cnn-digits"))))
    try:
        other.start_warm_up()
        qtbot.waitUntil(lambda: known(other), timeout=30_000)
        for one, units in ((runner, 31), (other, 32)):
            document = one.document
            one.request_look("canvas", (View((linear(document),)),))
            node = linear(document)
            document.edit(
                lambda d, node=node, units=units: edits.set_parameter(d, node, "out_features", units), "Set units"
            )
        for one, units in ((runner, 31), (other, 32)):
            document = one.document
            qtbot.waitUntil(lambda document=document: document.look is not None, timeout=10_000)
            picture = document.picture_for((linear(document),))
            assert picture is not None and picture.total == units
    finally:
        other.shutdown()


def test_a_look_that_cannot_be_made_ends_nothing(qtbot, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    document, answer = runner.document, AtRest.answer
    broken = threading.Event()

    def breaking(network: AtRest, task: LookTask, cancelled: Callable[[], bool]) -> Look:
        if broken.is_set():
            return answer(network, task, cancelled)
        broken.set()
        raise RuntimeError("planted")

    monkeypatch.setattr(AtRest, "answer", breaking)
    runner.request_look("canvas", (View((linear(document),)),))
    qtbot.waitUntil(broken.is_set, timeout=10_000)
    document.show_probe(2)
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)


def test_the_look_thread_never_begins_once_it_was_ended():
    told: list[Seen] = []
    looks = Resting(told.append)
    looks.end()
    looks.start()
    looks.join(1)
    assert not [t for t in threading.enumerate() if t.name == "strata-look"]


def test_nothing_looks_before_torch_is_warm(monkeypatch: pytest.MonkeyPatch):
    """Two threads that import torch at once may crash."""
    from gui import checking

    warm, seen = threading.Event(), list[bool]()
    monkeypatch.setattr(checking, "_warm_up", lambda: warm.wait(5))
    monkeypatch.setattr(Resting, "start", lambda _self: seen.append(warm.is_set()))
    behind = Checking()
    behind.start()
    time.sleep(0.05)
    assert not seen
    warm.set()
    behind.shutdown()
    assert seen == [True]


# -- any order of wishes ----------------------------------------------------------------
DATASET = open_data(DESIGN.data)
REPORT = checker.check(DESIGN, DATASET.spec)


@given(
    st.lists(
        st.one_of(st.integers(0, 9), st.sampled_from(["edit", "clear", "nothing", "wait"])), min_size=1, max_size=12
    )
)
@settings(max_examples=60)
def test_what_is_told_is_the_newest_wish_and_none_that_was_taken_back(wishes: list[int | str]):
    told: list[Seen] = []
    before = resting.QUIET_SECONDS, resting.AtRest
    resting.QUIET_SECONDS, resting.AtRest = 0.001, Instant  # type: ignore[assignment, misc]
    looks, last, allowed = Resting(told.append), None, set[int]()
    try:
        looks.start()
        for number, wish in enumerate(wishes):
            if isinstance(wish, int):
                last = LookTask(DESIGN, REPORT, Request((), (wish,), number), None, DATASET)
                allowed.add(number)
                looks.ask(last)
            elif wish == "wait":
                time.sleep(0.003)
            else:
                last = None
                {"edit": looks.postpone, "clear": looks.clear, "nothing": lambda: looks.ask(None)}[wish]()
        deadline = time.monotonic() + 5
        while looks.busy and time.monotonic() < deadline:
            time.sleep(0.001)
        assert not looks.busy
        numbers = [seen.look.request.number for seen in told if seen.look is not None]
        assert numbers == sorted(set(numbers)) and set(numbers) <= allowed and len(numbers) == len(told)
        if last is not None:
            assert numbers[-1] == last.request.number
    finally:
        looks.end()
        looks.join(5)
        resting.QUIET_SECONDS, resting.AtRest = before  # type: ignore[misc]


class Instant:
    """Stands in for a network: it answers after a millisecond with two boundaries."""

    def __init__(self, task: LookTask, cancelled: Callable[[], bool]):
        if cancelled():
            raise Cancelled

    def fits(self, _task: Any) -> bool:
        return True

    def answer(self, task: LookTask, cancelled: Callable[[], bool]) -> Look:
        time.sleep(0.001)
        if cancelled():
            raise Cancelled
        return Look(task.request, 0, 0.0, ())


def test_the_same_network_answers_until_something_else_is_wanted():
    made: list[LookTask] = []
    looks = Resting(lambda _seen: None)
    task = LookTask(DESIGN, REPORT, Request((View((next(iter(DESIGN.graph.nodes)),)),), (0,)), None, DATASET)

    class Counted(AtRest):
        def __init__(self, task: LookTask, cancelled: Callable[[], bool]):
            made.append(task)
            super().__init__(task, cancelled)

    before, resting.AtRest = resting.AtRest, Counted  # type: ignore[misc]
    try:
        for wish in (task, replace(task, request=replace(task.request, probes=(1,)))):
            looks._answer(wish, threading.Event())
        assert len(made) == 1
        looks.postpone()  # an edit that leaves the network as it is, such as a moved node
        looks._answer(task, threading.Event())
        assert len(made) == 1
        looks._answer(replace(task, dataset=open_data(DESIGN.data)), threading.Event())
        looks.clear()
        looks._answer(task, threading.Event())
        assert len(made) == 3
    finally:
        resting.AtRest = before  # type: ignore[misc]
