"""How a training begins or goes on: its events, and in advance why a project's stored run could not go on."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.report import Problem
from engine.cli.projects import told_of
from engine.data.source import Dataset
from engine.errors import StrataError, TrainingError
from engine.project.project import Project, RunRecord
from engine.project.resume import begun_run
from engine.train.control import Control
from engine.train.events import Event, Failed

START_OVER = "To start over with fresh weights: train --fresh."


def events(
    project: Project,
    run: RunRecord | None,
    dataset: Dataset,
    control: Control,
    *,
    device: str = "cpu",
    epochs: int | None = None,
    checkpoint_every: float = 30.0,
) -> Iterator[Event]:
    """Those of going on with `run`, or of a new one. DesignError where the design cannot be compiled."""
    from engine.check import checker
    from engine.compile import compiler
    from engine.train.loop import Job, train

    report = checker.check(project.design, dataset.spec)
    compiled = compiler.compile_graph(project.design, report, dataset.spec, device=device)
    job = Job(
        project.design,
        compiled,
        dataset,
        device=device,
        epochs=epochs or project.design.recipe.epochs,
        state=run.state if run else None,
        checkpoint_every=checkpoint_every,
    )
    return train(job, control)


def require_same_data(run: RunRecord | None, dataset: Dataset) -> None:
    before = run.design.data.fingerprint if run else ""
    if before and before != dataset.spec.fingerprint:
        raise TrainingError(
            f"This project was trained on other data than {told_of(dataset)}. "
            f"Choose the data it was trained on (--data). {START_OVER}"
        )


def stored_run_problem(project: Project, dataset: Dataset) -> Problem | None:
    """What `train` would refuse of the run that the project holds, where its design can be trained."""
    run = begun_run(project)
    if run is None:
        return None
    why = ""
    try:
        require_same_data(run, dataset)
        begun = events(project, run, dataset, Control())
        for event in begun:
            why = f"{event.why} {START_OVER}" if isinstance(event, Failed) else ""
            break
        begun.close()  # type: ignore[attr-defined]  # a generator: what it took of the machine is given back
    except StrataError as error:
        why = str(error)
    return Problem("stored-run", "warning", "The training that this project holds cannot go on.", why) if why else None
