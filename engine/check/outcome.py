"""What a remedy would change, in words, before it is applied: read off the two designs, so that it is true of any."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog import catalog
from engine.check.words import listed
from engine.errors import UnknownName
from engine.graph.design import Design
from engine.graph.labels import with_names
from engine.graph.model import Graph, Layer, NodeId, Value, Wire
from engine.graph.recipe import Recipe
from engine.numbers import thousands


def told(before: Design, after: Design) -> str:
    """‘Adds flatten between pool2 and fc1.’; empty where nothing changes that a person would see."""
    lines = [*_graph(before.graph, after.graph)]
    for block in after.graph.blocks.values():
        old = before.graph.blocks.get(block.id)
        if old is not None and old.graph != block.graph:
            lines += [
                f"In the block {block.label}: {line[0].lower()}{line[1:]}" for line in _graph(old.graph, block.graph)
            ]
    lines += _recipe(before.recipe, after.recipe)
    if before.data.source != after.data.source:
        lines.append(f"Learns from {after.data.source}")
    return " ".join(f"{line}." for line in lines)


def _recipe(before: Recipe, after: Recipe) -> Iterator[str]:
    names = {"batch_size": "batch size", "epochs": "number of epochs", "seed": "seed", "precision": "precision"}
    for name, title in names.items():
        was, new = getattr(before, name), getattr(after, name)
        if was != new:
            yield f"Sets the {title} to {_plain(new)}; it was {_plain(was)}"
    rows = catalog.load()
    for old, method, known in (
        (before.optimizer, after.optimizer, rows.optimizers),
        (before.schedule, after.schedule, rows.schedules),
    ):
        if old is None or method is None or method.name not in known:
            continue
        for parameter in known[method.name].parameters:
            was = old.parameters.get(parameter.name, parameter.default)
            new = method.parameters.get(parameter.name, parameter.default)
            if was != new:
                yield f"Sets {parameter.title} of {method.name} to {_plain(new)}; it was {_plain(was)}"


def touched(before: Design, after: Design) -> tuple[frozenset[NodeId], frozenset[Wire]]:
    """The nodes and wires of `before` that an edit works on: what it changes or takes away, and the ends of the wires
    that it draws."""
    old, new = before.graph, after.graph
    blocks = {block for block, inside in old.blocks.items() if new.blocks.get(block) != inside}
    nodes = {n for n in old.nodes if n not in new.nodes or old.layer_of(n) != new.layer_of(n)}
    nodes |= {n for n in old.nodes if blocks and old.layer_of(n).block in blocks}
    gone, drawn = set(old.wires) - set(new.wires), set(new.wires) - set(old.wires)
    nodes |= {end for wire in drawn for end in (wire.source, wire.target) if end in old.nodes}
    return frozenset(nodes), frozenset(gone)


def _graph(before: Graph, after: Graph) -> Iterator[str]:
    before, after = with_names(before), with_names(after)
    added = [n for n in after.nodes if n not in before.nodes]
    removed = [n for n in before.nodes if n not in after.nodes]
    for node in added:
        yield f"Adds {after.nodes[node].label}{_between(after, node)}"
    if removed:
        yield f"Removes {listed(before.nodes[n].label for n in removed)}"
    for wire in after.wires:
        if wire not in before.wires and wire.source not in added and wire.target not in added:
            yield f"Connects {after.nodes[wire.source].label} to {after.nodes[wire.target].label}"
    kept = set(after.wires)
    for wire in before.wires if not added else ():  # a wire that makes room for a layer is no loss
        if wire not in kept and wire.source not in removed and wire.target not in removed:
            yield f"Removes the wire from {before.nodes[wire.source].label} to {before.nodes[wire.target].label}"
    for node in before.nodes:
        if node in after.nodes and before.nodes[node].bypassed != after.nodes[node].bypassed:
            yield f"{'Bypasses' if after.nodes[node].bypassed else 'Uses'} {after.nodes[node].label}"
    told = set[str]()
    for node in before.nodes:
        if node in after.nodes and before.nodes[node].layer not in told:
            told.add(before.nodes[node].layer)
            yield from _layer(after.nodes[node].label, before.layer_of(node), after.layer_of(node), after)


def _between(graph: Graph, node: NodeId) -> str:
    senders = listed(graph.nodes[w.source].label for w in graph.wires_into(node))
    takers = listed(graph.nodes[w.target].label for w in graph.wires_from(node))
    if senders and takers:
        return f" between {senders} and {takers}"
    return f" after {senders}" if senders else f" before {takers}" if takers else ""


def _layer(label: str, before: Layer, after: Layer, graph: Graph) -> Iterator[str]:
    if before.kind != after.kind:
        yield f"Makes {label} a {after.kind}"
        return
    if before.repeat != after.repeat:
        yield f"Repeats {label} {after.repeat} times; it was {before.repeat}"
    names = [n for n in (*before.parameters, *after.parameters) if before.parameters.get(n) != after.parameters.get(n)]
    for name in dict.fromkeys(names):
        title, default = _row(graph, after, name)
        new, old = after.parameters.get(name, default), before.parameters.get(name, default)
        yield f"Sets {title} of {label} to {_plain(new)}; it was {_plain(old)}"


def _row(graph: Graph, layer: Layer, name: str) -> tuple[str, Value]:
    try:
        row = next((p for p in catalog.parameter_specs(graph, layer) if p.name == name), None)
    except UnknownName:
        row = None
    return (row.title, row.default) if row is not None else (name, None)


def _plain(value: Value) -> str:
    if isinstance(value, tuple):
        return "×".join(_plain(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return thousands(value)
    return "nothing" if value is None or value == "" else str(value)
