"""The commands that do not train: templates, new, check, describe."""

from __future__ import annotations

import argparse
import math
import pathlib
from dataclasses import replace
from typing import Any

from engine.check.report import Problem, Report
from engine.check.words import counted, listed, sizes
from engine.cli.beginning import stored_run_problem
from engine.cli.projects import NO_DATA, known_data, open_data, open_project, strict_json, with_data
from engine.cli.streams import line
from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.graph.labels import told_apart
from engine.numbers import thousands
from engine.observe.history import History
from engine.project.project import Project


def templates(arguments: argparse.Namespace) -> int:
    from engine.project import templates as known

    rows = known.names()
    if arguments.json:
        line(strict_json([{"name": t.name, "title": t.title, "summary": t.summary} for t in rows]))
    else:
        width = max(len(t.name) for t in rows)
        for t in rows:
            line(f"{t.name:{width}}  {t.summary}")
    return 0


def new(arguments: argparse.Namespace) -> int:
    from engine.data import source
    from engine.project import store
    from engine.project import templates as known

    design = known.load(arguments.template)
    target = pathlib.Path(arguments.output)
    store.check_writable(target)
    if target.exists() and not arguments.force:
        raise ProjectFileError(f"{target} is already there. Choose another name, or replace it with --force.")
    choice = with_data(design.data, arguments.data)
    if arguments.data is not None:
        source.open_data(choice)  # a wrong name or a damaged file is told now, not when training starts
    store.save(Project(design=replace(design, data=choice), data=source.last_known(choice)), target)
    line(f"Wrote {target}")
    return 0


def _problem(problem: Problem, design: Design) -> dict[str, Any]:
    names = told_apart(design.graph)
    return {
        "code": problem.code,
        "severity": problem.severity,
        "node": names.get(problem.node) if problem.node else None,
        "what": problem.what,
        "why": problem.why,
        "fixes": [fix.label for fix in problem.fixes],
        "sentence": problem.sentence(),
    }


def examine(design: Design) -> tuple[Report, tuple[Problem, ...]]:
    """The report, and all problems: those of the design, its data and its recipe."""
    from engine.check import checker, needs
    from engine.train import recipe

    data = known_data(design)
    report = checker.check(design, data.spec)
    problems = [_as_an_error(p) if p.code == "no-data" else p for p in report.problems]
    if data.problem:
        problems.insert(0, needs.unusable(data.problem))
    problems += recipe.problems(design.recipe, None if data.problem else data.spec)
    return report, tuple(problems)


def _as_an_error(problem: Problem) -> Problem:
    """Without data nothing can be trained from here: told as `train` tells it."""
    what, _, why = NO_DATA.partition(". ")
    return replace(problem, severity="error", blocking=True, what=f"{what}.", why=why, fixes=())


def check(arguments: argparse.Namespace) -> int:
    project = open_project(arguments.project)
    design = project.design
    report, problems = examine(design)
    trainable = not any(p.severity == "error" and p.blocking for p in problems)
    if trainable and project.run is not None:
        stored = stored_run_problem(project, open_data(design.data))
        problems = (*problems, stored) if stored else problems
    if arguments.json:
        body = {
            "trainable": trainable,
            "problems": [_problem(p, design) for p in problems],
            "depth": report.depth,
            "parameters": report.parameters,
            "multiply_adds": report.multiply_adds,
        }
        line(strict_json(body))
    else:
        for problem in problems:
            line(f"{problem.severity}: {problem.sentence()}")
        if trainable:
            line("This graph is ready to train." if not problems else "It can be trained.")
    return 1 if any(p.severity == "error" for p in problems) else 0


def _history(history: History) -> list[dict[str, float | None]]:
    columns = {name: column.tolist() for name, column in history.epochs.items()}
    count = max((len(c) for c in columns.values()), default=0)
    return [
        {name: (None if math.isnan(column[i]) else column[i]) for name, column in columns.items()} for i in range(count)
    ]


def _nodes(design: Design, report: Report) -> list[dict[str, Any]]:
    rows, names = [], told_apart(design.graph)
    for node_id in report.order:
        node, layer = design.graph.nodes[node_id], design.graph.layer_of(node_id)
        body = design.graph.blocks.get(layer.block or "")
        cost = report.cost((node_id,))
        shapes = {port: spec for (path, port), spec in report.outputs.items() if path == (node_id,)}
        rows.append(
            {
                "name": names[node_id],
                "kind": body.label if body is not None else layer.kind,
                "parameters": {name: value for name, value in layer.parameters.items()},
                "shapes": {port: list(spec.shape) for port, spec in shapes.items()},
                "dtypes": {port: spec.dtype for port, spec in shapes.items()},
                "repeat": layer.repeat,
                "bypassed": node.bypassed,
                "weights": cost.parameters if cost is not None else 0,
                "shares_with": [names[other.id] for other in design.graph.sharing_with(node_id)],
                "inputs": [names[w.source] for w in design.graph.wires_into(node_id)],
            }
        )
    return rows


def describe(arguments: argparse.Namespace) -> int:
    project = open_project(arguments.project)
    from engine.train import recipe

    design, run = project.design, project.run
    report, problems = examine(design)
    rows, epochs = _nodes(design, report), _history(run.history) if run else []
    body = {
        "nodes": rows,
        "parameters": report.parameters,
        "multiply_adds": report.multiply_adds,
        "depth": report.depth,
        "problems": len(problems),
        "data": {"source": design.data.source, "seed": design.data.seed},
        "recipe": {
            "summary": recipe.describe(design.recipe),
            "optimizer": design.recipe.optimizer.name,
            "schedule": design.recipe.schedule.name if design.recipe.schedule else None,
            "epochs": design.recipe.epochs,
            "batch_size": design.recipe.batch_size,
            "seed": run.state.seed if run and run.state else design.recipe.seed,
        },
        "epoch": run.state.epoch if run and run.state else 0,
        "steps": run.state.step if run and run.state else 0,
        "history": epochs,
    }
    if arguments.json:
        line(strict_json(body))
        return 0
    _print_description(body)
    return 0


def _print_description(body: dict[str, Any]) -> None:
    names = [r["name"] for r in body["nodes"]] or [""]
    kinds = [f"{r['kind']} ×{r['repeat']}" if r["repeat"] > 1 else r["kind"] for r in body["nodes"]] or [""]
    a, b = max(map(len, names)), max(map(len, kinds))
    for row, kind in zip(body["nodes"], kinds, strict=False):
        shape = next((sizes(s) or row["dtypes"][port] for port, s in row["shapes"].items()), "shape unknown")
        weights = counted(row["weights"], "parameter") if row["weights"] else ""
        weights = weights or (f"shared with {listed(row['shares_with'])}" if row["shares_with"] else "")
        weights = "bypassed" if row["bypassed"] else weights
        line(f"{row['name']:{a}}  {kind:{b}}  {shape:>12}  {weights}".rstrip())
    total = counted(body["parameters"], "parameter")
    work = counted(body["multiply_adds"], "multiply-add")
    line(f"Depth {body['depth']} · {total} · {work} a sample")
    if body["problems"]:
        line(f"{counted(body['problems'], 'problem')}; ‘check’ tells of them")
    line(f"Recipe: {body['recipe']['summary']}")
    trained = f"Trained for {counted(body['epoch'], 'epoch')}, {counted(body['steps'], 'step')}"
    line(trained if body["steps"] else "Not trained yet")
    for row in body["history"]:
        figures = [f"{k} {v:.4g}" for k, v in row.items() if "/" in k and v is not None]
        line(f"  epoch {thousands(int(row.get('epoch') or 0))}: " + ", ".join(figures))
