"""Whether a project's last training can go on with the design as it stands."""

from __future__ import annotations

from dataclasses import replace

from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph
from engine.project.project import Project, RunRecord


def begun_run(project: Project) -> RunRecord | None:
    """The last run, where it has a state and the design still computes what that state belongs to; else None."""
    run = project.run
    if run is None or run.state is None or not same_computation(run.design, project.design):
        return None
    return run


def same_computation(a: Design, b: Design) -> bool:
    """Whether two designs would train the same network in the same way.

    Names, places, notes, the number of epochs and where the data lie do not count; how they are split does.
    """
    return _essence(a) == _essence(b)


def _essence(design: Design) -> tuple[object, ...]:
    recipe = replace(design.recipe, epochs=0)
    data = replace(design.data, source="", fingerprint="")
    return _unlabelled(design.graph), recipe, data


def _unlabelled(graph: Graph) -> tuple[object, ...]:
    blocks = Frozen({id_: (_unlabelled(block.graph), block.promoted) for id_, block in graph.blocks.items()})
    nodes = Frozen({id_: (node.layer, node.bypassed) for id_, node in graph.nodes.items()})
    return graph.layers, nodes, graph.wires, blocks
