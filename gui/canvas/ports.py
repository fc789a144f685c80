"""Which ports a node shows and in which family it is: the catalogue's row, read once per kind."""

from __future__ import annotations

import functools

from engine.catalog import catalog
from engine.catalog.spec import FAMILIES, LayerSpec, PortSpec
from engine.errors import UnknownName
from engine.graph.model import BLOCK, Graph, Layer

Names = tuple[str, ...]
FAMILY_INDEX = {family: index for index, family in enumerate(FAMILIES)}
_BLOCKS = "Blocks"


@functools.lru_cache(maxsize=1024)
def row(kind: str) -> LayerSpec | None:
    """The catalogue's row of a kind; None where it has none (blocks)."""
    try:
        return catalog.spec(kind)
    except UnknownName:
        return None


def family(layer: Layer) -> str:
    spec = None if layer.kind == BLOCK else row(layer.kind)
    return spec.family if spec else _BLOCKS


def port_specs(graph: Graph, layer: Layer) -> tuple[tuple[PortSpec, ...], tuple[PortSpec, ...]]:
    """Inputs and outputs of a layer, in the order in which they stand on its node."""
    if layer.kind == BLOCK:
        return catalog.ports(graph, layer)
    spec = row(layer.kind)
    return (spec.inputs, spec.outputs) if spec else ((), ())


def port_names(graph: Graph, layer: Layer) -> tuple[Names, Names]:
    if layer.kind != BLOCK:
        return _plain_names(layer.kind)
    inputs, outputs = port_specs(graph, layer)
    return tuple(p.name for p in inputs), tuple(p.name for p in outputs)


@functools.lru_cache(maxsize=1024)
def _plain_names(kind: str) -> tuple[Names, Names]:
    spec = row(kind)
    if spec is None:
        return (), ()
    return tuple(p.name for p in spec.inputs), tuple(p.name for p in spec.outputs)
