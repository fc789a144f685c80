"""The command `features`: all channels of a layer on the fixed probe samples, as one PNG picture."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.check.report import NodePath
from engine.check.words import counted, listed
from engine.cli.projects import open_data, open_project, say, with_data
from engine.data.source import Dataset
from engine.data.spec import DataSpec
from engine.errors import DesignError, ProjectFileError, UnknownName
from engine.graph.frozen import Frozen
from engine.graph.labels import told_apart
from engine.graph.model import BLOCK, Block, BlockId, Graph
from engine.numbers import thousands
from engine.project import store
from engine.project.project import Project
from engine.project.resume import begun_run

if TYPE_CHECKING:
    from engine.compile.compiled import Compiled
    from engine.observe.looker import Looker
    from engine.observe.picture import Picture
    from engine.observe.sheet import Row

MOST_CHANNELS = 4096
MOST_LISTED = 5
TYPED = "/"  # between a block and what stands in it; sentences have ‘ › ’ there


def features(arguments: argparse.Namespace) -> int:
    project = open_project(arguments.project)
    target = pathlib.Path(arguments.output)
    refuse_to_replace(target)
    project = replace(project, design=replace(project.design, data=with_data(project.design.data, arguments.data)))
    path = layer_path(project.design.graph, arguments.layer)
    dataset = open_data(project.design.data)
    if begun_run(project) is None:
        say("This project has not been trained: the picture shows what its first, random weights make of the data.")
    store.write(picture_of(project, dataset, path, arguments.layer, arguments.probes), target)
    print(f"Wrote {target}")
    return 0


def refuse_to_replace(target: pathlib.Path) -> None:
    """An earlier picture may be replaced; anything else would be lost. Better told before anything is computed."""
    from engine.observe.png import SIGNATURE

    store.check_writable(target)
    if not target.exists():
        return
    with target.open("rb") as stream:
        if stream.read(len(SIGNATURE)) != SIGNATURE:
            raise ProjectFileError(
                f"{target} is no PNG picture and would be lost. Choose another name for the picture."
            )


# -- which layer ------------------------------------------------------------------------------------------------------
def layer_path(graph: Graph, name: str) -> NodePath:
    """The node that a person calls `name`: its label, of one in a block ‘block/conv1’, of one of several with the same
    label ‘fc (2nd of 2)’. UnknownName with the nearest where there is none."""
    wanted = TYPED.join(part.strip() for part in name.replace("›", TYPED).split(TYPED))
    known = dict(_named(graph, graph.blocks))
    if name in known or wanted in known:
        return known.get(name) or known[wanted]
    alike = [node.label for node in graph.nodes.values()].count(name)
    if alike:
        apart = told_apart(graph)
        names = [f"‘{apart[node.id]}’" for node in graph.nodes.values() if node.label == name]
        which = listed(sorted(names)[:MOST_LISTED])
        raise DesignError(f"{counted(alike, 'layer')} are called ‘{name}’. Say which of them: {which}.")
    raise UnknownName("layer", name, known)


def _named(graph: Graph, blocks: Frozen[BlockId, Block], before: str = "") -> Iterator[tuple[str, NodePath]]:
    names = told_apart(graph)
    for node in graph.nodes.values():
        name = before + names[node.id]
        yield name, (node.id,)
        layer = graph.layers[node.layer]
        block = blocks.get(layer.block or "") if layer.kind == BLOCK else None
        if block is None:
            continue
        for repetition in range(layer.repeat):
            number = f" {repetition + 1}" if layer.repeat > 1 else ""
            for inner, path in _named(block.graph, blocks, f"{name}{number}{TYPED}"):
                yield inner, (node.id, str(repetition), *path)


# -- the picture ------------------------------------------------------------------------------------------------------
def picture_of(project: Project, dataset: Dataset, path: NodePath, name: str, probes: int) -> bytes:
    """The PNG file. DesignError with a sentence where the layer has nothing to be shown. Imports torch."""
    from engine.check import checker
    from engine.compile import compiler
    from engine.observe import png, sheet
    from engine.observe.looker import Looker

    run = begun_run(project)
    state = run.state if run is not None else None
    design = project.design
    compiled = compiler.compile_graph(design, checker.check(design, dataset.spec), dataset.spec)
    if state is not None:
        from engine.compile import keys

        keys.load(compiled, state.weights)
    looker = Looker(compiled, dataset, design.graph)
    rows = list(_rows(looker, compiled, path, min(probes, len(looker.probes)), dataset.spec))
    low, high = sheet.shared_scale([row.answer for row in rows])
    step, epoch = (state.step, state.epoch) if state is not None else (0, 0)
    when = f"step {thousands(step)}, epoch {epoch}" if state is not None else "not trained: first, random weights"
    method = (
        f"{_told(rows[0].answer, path in [at for at, _ in compiled.inputs])}; validation samples of "
        f"{dataset.spec.name}; one scale for all, {low:.3g} to {high:.3g} (99.7th percentile)"
    )
    texts = {"Title": name, "Step": when, "Scale": f"{low:.6g} to {high:.6g}", "Method": method, "Software": "Strata"}
    return png.encode(sheet.drawn(name, (when, method), rows), texts)


def _told(picture: Picture, of_input: bool) -> str:
    what = picture.method.partition(", probe ")[0]
    if of_input:
        return f"{what}, as the network receives it"
    shown = len(picture.units) if len(picture.units) > 1 else picture.total
    share = "all" if shown == picture.total else f"{thousands(shown)} of"
    return f"{what}, {share} {counted(picture.total, 'channel')} by their number"


def _rows(looker: Looker, compiled: Compiled, path: NodePath, count: int, spec: DataSpec) -> Iterator[Row]:
    from engine.observe.picture import Request, View
    from engine.observe.sheet import Row

    inputs = [at for at, _field in compiled.inputs]
    view = View(path, units=1 if path in inputs else MOST_CHANNELS)
    images = [at for at, field in compiled.inputs if looker.probes.fields[field].ndim == 4]
    samples = () if path in inputs else tuple(View(at, units=1) for at in images[:1])
    if not count:
        raise DesignError("The data have no samples to look at.")
    for probe in range(count):
        look = looker.answer(compiled, Request((view, *samples), (probe,)))
        answer, *rest = look.pictures
        if answer.problem:
            raise DesignError(answer.problem)
        field = spec.field("", target=True)
        name = field.classes[look.targets[0]] if look.targets and field is not None and field.classes else ""
        caption = f"sample {thousands(look.samples[0])}{f': {name}' if name else ''}"
        yield Row(caption, next((p for p in rest if not p.problem and p.tiles.size), None), answer)
