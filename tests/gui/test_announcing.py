"""What a screen reader is told unasked: that it is told, how often, and in which words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from test_main_window import edit, window  # noqa: F401

from engine.check.report import Problem, Report
from engine.train.events import EpochEnded, Metrics
from gui import announcing
from gui.announcing import changed_problems
from gui.main_window import MainWindow
from gui.widgets import announcer
from gui.widgets.announcer import Announcer, announce
from gui.widgets.numbers import thousands


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    monkeypatch.setattr(announcer, "announce", lambda _widget, text: texts.append(text))
    return texts


def test_announcing_is_qts_event(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[QAccessibleAnnouncementEvent] = []
    monkeypatch.setattr(
        announcer, "QAccessible", type("Heard", (), {"updateAccessibility": staticmethod(events.append)})
    )
    widget = QWidget()
    qtbot.addWidget(widget)
    announce(widget, "Epoch 1 done")
    (event,) = events
    assert event.message() == "Epoch 1 done" and event.object() is widget
    assert event.type() == QAccessible.Event.Announcement
    assert event.politeness() == QAccessible.AnnouncementPoliteness.Polite


# -- how often -----------------------------------------------------------------------------------------
class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_newest_of_a_topic_is_told_when_the_pause_is_over(qtbot, told: list[str]) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    teller = Announcer(widget)
    for number in range(5):
        teller.say("epoch", lambda number=number: f"epoch {number}", 0.2)
    teller.say("other", lambda: "other", 0.2)
    assert told == ["epoch 0", "other"]
    QTest.qWait(120)
    assert told == ["epoch 0", "other"]
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told[-1] == "epoch 4"
    QTest.qWait(300)
    assert len(told) == 3


def test_what_is_no_news_any_more_is_not_told_and_makes_nobody_wait(qtbot, told: list[str]) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    teller = Announcer(widget, Clock())
    teller.say("problems", lambda: "", 2.0)
    teller.say("problems", lambda: "one", 2.0)
    assert told == ["one"]


@given(steps=st.lists(st.tuples(st.sampled_from("ab"), st.floats(0.0, 4.0)), max_size=30))
def test_two_of_a_topic_are_never_nearer_than_the_pause(steps: list[tuple[str, float]]) -> None:
    widget, clock, when = QWidget(), Clock(), dict[str, list[float]]()
    teller = Announcer(widget, clock)
    for topic, wait in steps:
        clock.now += wait
        teller.say(topic, lambda topic=topic: when.setdefault(topic, []).append(clock.now) or "x", 3.0)
    for times in when.values():
        assert all(later - earlier >= 3.0 - 1e-9 for earlier, later in itertools.pairwise(times))
    widget.deleteLater()


# -- problems --------------------------------------------------------------------------------------------
def problem(what: str, node: str | None = None) -> Problem:
    return Problem("odd", "error", what, "So.", node)


def test_problems_in_words() -> None:
    one, two = {"a": problem("A is odd.")}, {"a": problem("A is odd."), "b": problem("B is odd.")}
    assert changed_problems(one, one) == ""
    assert changed_problems({}, one) == "1 new problem: A is odd. So."
    assert changed_problems({}, two) == "2 new problems, the first: A is odd. So."
    assert changed_problems(two, one) == "1 problem solved, 1 left"
    assert changed_problems(two, {}) == "2 problems solved, none left"


def test_problems_that_come_and_go_are_told(
    window: MainWindow,  # noqa: F811
    told: list[str],
    qtbot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(announcing, "PROBLEM_PAUSE", 0.2)
    document, (first, second) = window.document, list(window.document.design.graph.nodes)[:2]
    document.set_report(document.design, Report())
    assert told == [], "what was there when it was opened is no news"
    document.select(frozenset({second}))
    report = Report(problems=(problem("First is odd.", first), problem("Second is odd.", second)))
    document.set_report(document.design, report)
    assert told == ["2 new problems, the first: Second is odd. So."], "the selected layer's comes first"
    document.set_report(document.design, Report())
    document.set_report(document.design, report)
    QTest.qWait(300)
    assert len(told) == 1, "they are as they were told"
    document.set_report(document.design, Report())
    assert told[-1] == "2 problems solved, none left"
    edit(window)
    document.set_report(document.design.__class__(), report)
    assert len(told) == 2, "a report on another design says nothing of this one"


# -- runs, messages, edits -------------------------------------------------------------------------------
def test_a_run_is_told_from_its_start_to_its_end(
    window: MainWindow,  # noqa: F811
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = window.runner
    monkeypatch.setattr(announcing, "EPOCH_PAUSE", 60.0)
    with monkeypatch.context() as patch:
        patch.setattr(type(runner), "alive", property(lambda _self: True))
        for state in ("idle", "running", "pausing", "paused", "running"):
            runner.state_changed.emit(state)
        assert told == ["Training started", "Training paused", "Training goes on"]
        for epoch in (1, 2, 3):
            runner.epoch_ended.emit(EpochEnded(epoch, 10 * epoch, Metrics(0.5, 0.9), None, 1e-3, 1.0))
        assert told[3:] == ["Epoch 1 done, loss 0.5, accuracy 90.0 percent"]
    window.document.message_shown.emit(f"Finished after {thousands(3000)} steps.", "info")
    assert told[-1] == "Finished after 3000 steps."
    window.announcements.announcer.release("epoch")
    assert len(told) == 5, "the run has ended: its epochs are no news"


def test_what_was_undone_is_told(window: MainWindow, told: list[str]) -> None:  # noqa: F811
    edit(window)
    window.actions_["undo"].trigger()
    window.actions_["redo"].trigger()
    assert told == ["Undone: Change epochs", "Done again: Change epochs"]
