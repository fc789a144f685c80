"""The commands `train` and `evaluate`."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import pathlib
from dataclasses import asdict, replace
from typing import Any

from engine.check.words import counted
from engine.cli.beginning import START_OVER, events, require_same_data
from engine.cli.designs import examine
from engine.cli.interrupts import Interrupts
from engine.cli.progress import Progress, metrics_text
from engine.cli.projects import open_data, open_project, say, strict_json, told_of, with_data
from engine.cli.streams import line
from engine.cli.taking_up import take_up
from engine.data import source
from engine.data.source import Dataset
from engine.errors import (
    DataError,
    DesignError,
    ProjectFileError,
    StrataError,
    Told,
    UnknownName,
    UsageError,
)
from engine.graph.design import Design
from engine.numbers import thousands
from engine.project import recovery, store
from engine.project.guard import SIGNATURE
from engine.project.mark import Mark, beside
from engine.project.project import Project, RunRecord
from engine.project.resume import begun_run, same_computation
from engine.train.control import Control
from engine.train.events import (
    Checkpoint,
    EpochEnded,
    Event,
    Failed,
    Finished,
    Losses,
    Metrics,
    Started,
    TrainingState,
)


def train(arguments: argparse.Namespace) -> int:
    path = pathlib.Path(arguments.project)
    target = pathlib.Path(arguments.output) if arguments.output else path
    project = open_project(arguments.project)
    store.check_writable(target)  # better told now than after an hour
    if target != path and not arguments.force:
        _refuse_to_replace(target, project)
    before = Mark.of(target)
    device = _device(arguments.device)
    project = take_up(project, path, arguments.fresh)
    run = None if arguments.fresh else begun_run(project)
    project = _with_options(project, run, arguments)
    dataset = open_data(project.design.data)
    require_same_data(run, dataset)
    project = _with_fingerprint(project, dataset)
    _, problems = examine(project.design)
    errors = tuple(p for p in problems if p.severity == "error" and p.blocking)
    if errors:
        on = f" on {told_of(dataset)}" if arguments.data else ""
        raise DesignError(f"This design cannot be trained{on}. " + " ".join(p.sentence() for p in errors), errors)

    with Interrupts(arguments.interrupted) as interrupts:
        session = _Session(project, run, path, arguments.json, interrupts.control)
        for event in events(
            project,
            run,
            dataset,
            interrupts.control,
            device=device,
            epochs=arguments.epochs,
            checkpoint_every=arguments.checkpoint_every,
        ):
            session.take(event)
        if session.began and session.learned:  # else the file stays what it is, and so does what was recovered
            _save(session.project, path, target, before)
    session.close()
    return interrupts.status


def _save(project: Project, path: pathlib.Path, target: pathlib.Path, before: Mark | None) -> None:
    """`before` is the target as it was when training began: what another program has written since stays."""
    others = target.exists() if before is None else before.changed()
    place = beside(target) if others else target
    try:
        store.save(project, place)
    except ProjectFileError as error:
        kept = recovery.write(project, path)
        remedy = "train again to go on" if path.exists() else "a whole project, to be copied to a place of your choice"
        raise ProjectFileError(f"{error} What was learned is kept in {kept}: {remedy}.") from error
    recovery.discard(path)
    if others:
        raise ProjectFileError(
            f"‘{target}’ was written by another program while this training ran, and stays as it is. "
            f"What was learned here is saved as ‘{place}’."
        )


def _device(name: str) -> str:
    """A name that stands for no device anywhere is wrong usage; one that this machine lacks is not. Imports torch."""
    from engine.run import pick_device

    try:
        return pick_device(name)
    except UnknownName as error:
        raise UsageError(str(error)) from error


def _refuse_to_replace(target: pathlib.Path, project: Project) -> None:
    """OUT may be a new file or an earlier result of the same training; anything else would be lost."""
    if not target.exists():
        return
    with target.open("rb") as stream:
        start = stream.read(len(SIGNATURE))
    if start != SIGNATURE:
        raise ProjectFileError(f"{target} is no Strata project and would be lost. Choose another name for the result.")
    there = store.load(target, sandbox=True).project
    if not same_computation(there.design, project.design):
        raise ProjectFileError(
            f"{target} holds another project, which would be lost. Choose another name for the result, or replace it "
            "with --force."
        )


def _refuse_unfitting(project: Project, design: Design, dataset: Dataset) -> None:
    """Data that the trained network was not made for are told as such, before its weights are blamed; beside them
    those that it was trained on, where they are at hand."""
    run = begun_run(project)
    if run is None or run.state is None or design.data == project.design.data:
        return
    (now, _), (before, _) = examine(design), examine(project.design)
    if not now.blocking and now.fills == before.fills:
        return
    own = "other data"
    with contextlib.suppress(StrataError):
        own = told_of(open_data(project.design.data))
    raise DataError(
        f"{told_of(dataset)} does not fit this network: it was trained on {own}. Name data of that kind with --data, "
        "or make a new project for these."
    )


def _with_options(project: Project, run: RunRecord | None, arguments: argparse.Namespace) -> Project:
    """--data and --seed are edits of the design; a run that goes on keeps its seed."""
    design = project.design
    if arguments.seed is not None and run and run.state and arguments.seed != run.state.seed:
        raise UsageError(
            f"This project has been trained with seed {run.state.seed}; going on with seed {arguments.seed} would be "
            f"neither. Leave --seed out. {START_OVER}"
        )
    recipe = design.recipe if arguments.seed is None else replace(design.recipe, seed=arguments.seed)
    return replace(project, design=replace(design, recipe=recipe, data=with_data(design.data, arguments.data)))


def _with_fingerprint(project: Project, dataset: Dataset) -> Project:
    """Note what the data are now, so that going on with others is noticed, and shapes are known without them."""
    data = replace(project.design.data, fingerprint=dataset.spec.fingerprint)
    return replace(project, design=replace(project.design, data=data), data=source.last_known(data))


class _Session:
    """Takes a run's events: shows them, records them, and keeps the project that will be saved."""

    def __init__(self, project: Project, run: RunRecord | None, path: pathlib.Path, as_json: bool, control: Control):
        from engine.train.recorder import Recorder

        self._went_on = run is not None
        if run is None:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            run = RunRecord(id=f"r{len(project.runs) + 1}", started=now, design=project.design)
            project = replace(project, runs=(*project.runs, run))
        self._project, self._path, self._json = project, path, as_json
        self._run = replace(run, design=project.design, status="running")
        self._recorder = Recorder(run.history)
        self._progress, self._control = Progress(), control
        self._idle = False  # nothing is left to train
        self._lost: OSError | None = None  # why nothing can be told any more
        self.began = False
        self._failed: Failed | None = None
        self._finished: Finished | None = None

    @property
    def learned(self) -> bool:
        """Whether there is anything to be saved: a run that was cut short before its first step is none."""
        return self._run.state is not None and self._run.state.step > 0

    @property
    def project(self) -> Project:
        run = replace(self._run, history=self._recorder.history())
        return replace(self._project, runs=(*self._project.runs[:-1], run))

    def take(self, event: Event) -> None:
        self._recorder.add(event)
        if isinstance(event, Started):
            self.began = True
            self._run = replace(self._run, device=event.device)
        elif isinstance(event, Checkpoint):
            self._keep(event.state)
        elif isinstance(event, Failed):
            self._failed, self._run = event, replace(self._run, status="failed")
        elif isinstance(event, Finished):
            status = "stopped" if event.stopped else "finished"
            self._finished, self._run = event, replace(self._run, status=status, test=event.test)
        self._tell(event)

    def _tell(self, event: Event) -> None:
        """Where nobody takes what is told (`| head` has read enough), there is no one to go on for: stop and save."""
        try:
            if self._lost is not None:
                return
            if isinstance(event, Started) and event.epoch >= event.epochs:
                self._idle = True
                say(
                    f"Nothing is left to train: this project has done {counted(event.epoch, 'epoch')} already, and "
                    f"--epochs counts from the beginning. To go on: --epochs {event.epoch + 1} or more."
                )
            if self._json:
                self._print(event)
            elif isinstance(event, Started | Losses | EpochEnded) and not self._idle:
                self._progress.show(event)
        except OSError as error:
            self._lost = error
            self._control.stop()

    def _keep(self, state: TrainingState) -> None:
        self._run = replace(self._run, state=state)
        with contextlib.suppress(StrataError):  # training goes on where a checkpoint cannot be written
            recovery.write(self.project, self._path)

    def _print(self, event: Event) -> None:
        body = _plain(event)
        if body:
            line(strict_json(body))

    def close(self) -> None:
        """Say how it ended; raises where that was by an error, or where nobody listens any more."""
        if self._failed:
            told = _sentences(self._failed)
            if self._went_on and not self.began:
                told = f"{told} {START_OVER}"
            raise Told(f"{told} What was learned before is saved." if self.began and self.learned else told)
        if self._lost is not None:
            raise self._lost
        done = self._finished
        if done and not self._json and not self._idle:
            ended = "Stopped" if done.stopped else "Finished"
            where = f"epoch {thousands(done.epoch)}, step {thousands(done.step)}"
            line(f"{ended} after {where}; {done.wall_seconds:.1f} s")
            for name, metrics in (("train", done.train), ("validation", done.validation), ("test", done.test)):
                if metrics:
                    line(f"{name:10} {metrics_text(metrics)}")


def _metrics(metrics: Metrics | None) -> dict[str, Any] | None:
    if metrics is None:
        return None
    return {"loss": metrics.loss, "accuracy": metrics.accuracy, "samples": metrics.samples}


def _sentences(event: Failed) -> str:
    return f"{event.what} {event.why}".strip()


def _plain(event: Event) -> dict[str, Any]:
    """An event as one JSON object; empty for those that only the window needs."""
    if isinstance(event, Started):
        return {"event": "started", **asdict(event)}
    if isinstance(event, Losses):
        return {
            "event": "losses",
            "step": event.last,
            "loss": event.values[-1],
            "losses": list(event.values),
            "rate": event.rate,
            "samples_per_second": event.samples_per_second,
        }
    if isinstance(event, EpochEnded):
        train, validation = _metrics(event.train), _metrics(event.validation)
        return {
            "event": "epoch",
            "epoch": event.epoch,
            "step": event.step,
            "train": train,
            "validation": validation,
            "rate": event.rate,
            "seconds": event.seconds,
        }
    if isinstance(event, Failed):
        return {
            "event": "failed",
            "what": event.what,
            "why": event.why,
            "step": event.step,
            "message": _sentences(event),
        }
    if isinstance(event, Finished):
        return {
            "event": "finished",
            "epoch": event.epoch,
            "steps": event.step,
            "stopped": event.stopped,
            "cpu_seconds": event.cpu_seconds,
            "wall_seconds": event.wall_seconds,
            "train": _metrics(event.train),
            "validation": _metrics(event.validation),
            "test": _metrics(event.test),
        }
    return {}


def evaluate(arguments: argparse.Namespace) -> int:
    from engine.check import checker
    from engine.compile import compiler, keys
    from engine.train.loop import evaluate as measure

    project = open_project(arguments.project)
    design: Design = replace(project.design, data=with_data(project.design.data, arguments.data))
    dataset = open_data(design.data)
    _refuse_unfitting(project, design, dataset)
    run = begun_run(project)
    compiled = compiler.compile_graph(design, checker.check(design, dataset.spec), dataset.spec)
    if run and run.state:
        keys.load(compiled, run.state.weights)
    else:
        say("This project has not been trained: these are the figures of its first, random weights.")
    metrics = measure(compiled, dataset.arrays("test"), "cpu")
    if arguments.json:
        line(strict_json(_metrics(metrics)))
    else:
        line(f"test: {metrics_text(metrics)}, {counted(metrics.samples, 'sample')}")
    return 0
