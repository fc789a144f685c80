"""What happens in the window without being looked at, told to screen readers: problems that came or went, how a run
goes, messages, and what was undone."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.check.report import Problem
from engine.train.events import EpochEnded
from gui.document import Document
from gui.runner import Runner
from gui.shortcuts.bound import Actions
from gui.widgets.announcer import Announcer
from gui.widgets.numbers import THIN, plural

EPOCH_PAUSE = 5.0  # seconds at least between two epochs that are told
PROBLEM_PAUSE = 2.0  # problems come and go while something is typed

TURNS = {  # of the runner's state: what is told where it goes from one to another
    ("idle", "running"): "Training started",
    ("preparing", "running"): "Training started",
    ("running", "paused"): "Training paused",
    ("pausing", "paused"): "Training paused",
    ("paused", "running"): "Training goes on",
}  # how a run ended is a message of its own


class Announcements(QObject):
    """`document.message_shown` brings the toasts."""

    def __init__(self, document: Document, runner: Runner, actions: Actions, window: QWidget):
        super().__init__(window)
        self._document, self._runner = document, runner
        self.announcer = Announcer(window)
        self._known: dict[str, Problem] | None = None  # the problems that were told of; None before the first check
        self._state = runner.state
        document.report_changed.connect(self._on_report_changed)
        document.project_opened.connect(self._on_project_opened)
        document.message_shown.connect(self._on_message_shown)
        runner.state_changed.connect(self._on_state_changed)
        runner.epoch_ended.connect(self._on_epoch_ended)
        actions["undo"].triggered.connect(self._on_undone)
        actions["redo"].triggered.connect(self._on_redone)

    # -- problems --------------------------------------------------------------------------
    def _on_project_opened(self) -> None:
        self._known = None

    def _on_report_changed(self, _report: object) -> None:
        if self._document.reported_design is not self._document.design:
            return  # a newer one is on its way
        if self._known is None:
            self._known = self._problems()
        else:
            self.announcer.say("problems", self._changed_problems, PROBLEM_PAUSE)

    def _problems(self) -> dict[str, Problem]:
        """By their sentences; those of the selected layers come first. What training met has a message of its own."""
        document = self._document
        found = [p for p in document.problems if p.severity != "hint" and p not in document.run_problems]
        found.sort(key=lambda problem: problem.node not in document.selection)
        return {problem.sentence(): problem for problem in found}

    def _changed_problems(self) -> str:
        before, now = self._known, self._problems()
        self._known = now
        return changed_problems(before, now) if before is not None else ""

    # -- runs ------------------------------------------------------------------------------
    def _on_state_changed(self, state: str) -> None:
        before, self._state = self._state, state
        text = TURNS.get((before, state))
        if text:
            self.announcer.say("state", lambda: text)

    def _on_epoch_ended(self, event: EpochEnded) -> None:
        text = epoch_in_words(event)
        self.announcer.say("epoch", lambda: text if self._runner.alive else "", EPOCH_PAUSE)

    # -- what the person did -----------------------------------------------------------------
    def _on_message_shown(self, text: str, _severity: str) -> None:
        self.announcer.say("message", lambda: text.replace(THIN, ""))

    def _on_undone(self) -> None:
        self._tell_edit("Undone", self._document.undo_stack.redoText())

    def _on_redone(self) -> None:
        self._tell_edit("Done again", self._document.undo_stack.undoText())

    def _tell_edit(self, verb: str, what: str) -> None:
        if what:
            self.announcer.say("edit", lambda: f"{verb}: {what}")


def epoch_in_words(event: EpochEnded) -> str:
    """‘Epoch 3 done, loss 0.12, accuracy 96.4 percent’: of the validation part, where there is one."""
    metrics = event.validation or event.train
    accuracy = f", accuracy {100 * metrics.accuracy:.1f} percent" if metrics.accuracy is not None else ""
    return f"Epoch {event.epoch} done, loss {metrics.loss:.3g}{accuracy}"


def changed_problems(before: Mapping[str, Problem], now: Mapping[str, Problem]) -> str:
    """What is to be told of problems that came or went, by their sentences; empty where none did."""
    new = [problem for sentence, problem in now.items() if sentence not in before]
    gone = len(before.keys() - now.keys())
    if new:
        first = "" if len(new) == 1 else ", the first"
        return f"{plural(len(new), 'new problem')}{first}: {new[0].what} {new[0].why}"
    if gone:
        return f"{plural(gone, 'problem')} solved, {len(now) or 'none'} left"
    return ""
