"""How a run begins, what it hears and what it tells: values, without a window, a timer or a thread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.check.report import Report
from engine.data.spec import DataSpec
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.observe.picture import Look, Request
from engine.project import templates
from engine.project.project import Project, RunRecord
from engine.train.events import Checkpoint, Event, Looked, Started, TrainingState
from gui.document import Document
from gui.training import OTHER_DATA, Beginning, Declined, Training, beginning

STARTED = Started(0, 0, 41, 10, 1294, 32, "cpu", 1, 0)


class SpokenTo:
    """A run that notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.alive = True
        self.told: list[Event] = []

    def __getattr__(self, name: str):
        if name not in ("pause", "resume", "stop", "ask_checkpoint"):
            raise AttributeError(name)
        return lambda: self.heard.append(name)

    def drain(self) -> list[Event]:
        told, self.told = self.told, []
        return told

    def join(self, _seconds: float) -> bool:
        return not self.alive


@pytest.fixture
def document(qapp) -> Document:
    design = templates.load("mlp-digits")
    document = Document(Project(design=design))
    document.set_data(DataSpec("digits", "Digits", (), (), 10, 2, 2, fingerprint="now"))
    document.set_report(design, Report())
    return document


def trained(design: Design, fingerprint: str) -> RunRecord:
    data = replace(design.data, fingerprint=fingerprint)
    state = TrainingState(41, 1, 0, 0, 1, "cpu", Frozen(), Frozen())
    return RunRecord(id="r1", started="", design=replace(design, data=data), status="stopped", state=state)


def begun(document: Document) -> tuple[Training, Beginning]:
    """A training that was asked for, before its run has begun."""
    asked = beginning(document, "continue", None, "auto")
    assert isinstance(asked, Beginning)
    training = Training(document)
    training.begin(asked)
    return training, asked


def test_a_run_begins_with_the_state_that_fits_or_anew(document):
    fresh = beginning(document, "continue", None, "cpu")
    assert isinstance(fresh, Beginning) and fresh.start.state is None and not fresh.why
    assert fresh.start.device == "cpu" and fresh.start.design.data.fingerprint == "now"
    record = trained(document.design, "now")
    document.record_run(record)
    on = beginning(document, "continue", None, "cpu")
    assert isinstance(on, Beginning) and on.record is record and on.start.state is record.state
    over = beginning(document, "new", None, "cpu")
    assert isinstance(over, Beginning) and over.record.id != record.id and over.start.state is None and not over.why


def test_what_cannot_be_trained_says_why(document):
    document.record_run(trained(document.design, "other"))
    assert beginning(document, "continue", None, "auto") == Declined(OTHER_DATA)
    gone = beginning(document, "back", None, "auto")
    assert isinstance(gone, Declined) and gone.why.startswith("The design has changed since that training")
    document.set_data(None, "There is no folder ‘x’.")
    refused = beginning(document, "new", None, "auto")
    assert refused == Declined("This design cannot be trained yet. There is no folder ‘x’.")


def test_a_run_hears_when_it_begins_what_was_wished_before(document):
    training, asked = begun(document)
    training.pause()
    training.ask_checkpoint()
    training.stop()
    run = SpokenTo()
    assert training.follow(run, asked.start)  # type: ignore[arg-type]
    assert run.heard == ["pause", "ask_checkpoint", "stop"]
    training.resume()
    assert run.heard[-1] == "resume"


def test_wishes_of_one_training_are_not_heard_by_the_next(document):
    training, _ = begun(document)
    training.stop()
    training.drop()
    training.stop()
    again = beginning(document, "new", None, "auto")
    assert isinstance(again, Beginning)
    training.begin(again)
    run = SpokenTo()
    assert training.follow(run, again.start) and run.heard == []  # type: ignore[arg-type]


def test_what_was_told_comes_as_a_value_and_the_end_is_kept(document):
    training, asked = begun(document)
    assert training.drain() is None and not training.busy
    run = SpokenTo()
    training.follow(run, asked.start)  # type: ignore[arg-type]
    state = TrainingState(1, 0, 1, 0, 1, "cpu", Frozen(), Frozen())
    look = Look(Request((), (0,), 1), 1, 0.1)
    run.told = [STARTED, Looked(look), Checkpoint(state)]
    told = training.drain()
    assert told is not None and told.events == (STARTED, Checkpoint(state)) and told.look is look and not told.ended
    assert document.project.run is not None and document.project.run.state is state
    run.alive = False
    told = training.drain()
    assert told is not None and told.events == () and told.ended and training.busy
    training.end(told.session)
    assert training.session is None and not training.busy and training.drain() is None
    assert told.session.problem is not None and "without a word" in told.session.problem.what
    assert document.project.run.status == "failed" and training.history == document.project.run.history


def test_the_run_of_a_closed_project_is_stopped_and_waited_for_in_silence(document):
    training, asked = begun(document)
    run, late = SpokenTo(), SpokenTo()
    training.follow(run, asked.start)  # type: ignore[arg-type]
    training.drop()
    assert not training.follow(late, asked.start)  # type: ignore[arg-type]
    assert run.heard == late.heard == ["stop"] and training.busy
    run.told = [STARTED]
    assert training.drain() is None and training.busy
    run.alive = late.alive = False
    assert training.drain() is None and not training.busy
