"""Takes up what a killed training left beside the project's file, where only the training had gone on."""

from __future__ import annotations

import pathlib
from dataclasses import replace

from engine.cli.projects import say
from engine.errors import StrataError
from engine.graph.design import Design
from engine.numbers import thousands
from engine.project import recovery, store
from engine.project.project import Project
from engine.project.recovery import RecoveryInfo
from engine.project.resume import begun_run


def take_up(project: Project, path: pathlib.Path, fresh: bool = False) -> Project:
    """The project as the killed training left it, or `project` where there is nothing to go on from. With `fresh` what
    killed trainings left is removed instead; a person's unsaved edits stay in any case."""
    while (found := recovery.find(path)) is not None:
        kept = _read(found)
        if kept is None or not _only_trained(kept, project):
            recovery.keep(found)
            if kept is not None:
                say(f"{found.path} holds unsaved edits of this project; open it in the window to keep or drop them.")
            return project
        if not fresh:
            return _gone_on(kept, project, found)
        recovery.discard(path)
        if found.path.exists():  # it cannot be removed: leave it rather than try for ever
            return project
    return project


def _read(found: RecoveryInfo) -> Project | None:
    try:
        return store.load(found.path, sandbox=True).project
    except StrataError as error:
        say(f"The recovery file {found.path} is of no use: {error}")
        return None


def _gone_on(kept: Project, project: Project, found: RecoveryInfo) -> Project:
    run, older = begun_run(kept), begun_run(project)
    if run is None or run.state is None:
        return project
    if older and older.state and older.id == run.id and older.state.step >= run.state.step:
        return project
    say(
        f"Going on from step {thousands(run.state.step)} with seed {run.state.seed}, which an interrupted training "
        f"left in {found.path}. To start over with fresh weights: --fresh."
    )
    if found.newer:
        return kept
    recipe = replace(kept.design.recipe, epochs=project.design.recipe.epochs)  # the person may have moved it since
    return replace(kept, design=replace(kept.design, recipe=recipe))


def _only_trained(kept: Project, project: Project) -> bool:
    """Whether nothing was edited but what the options of `train` edit: where the data lie, the seed, the epochs."""
    return _edited(kept.design) == _edited(project.design)


def _edited(design: Design) -> Design:
    data = replace(design.data, source="", fingerprint="")
    return replace(design, data=data, recipe=replace(design.recipe, seed=0, epochs=0))
