"""A design as plain JSON values and back. The project file and the templates are written so (see FORMAT.md).

Reading refuses whatever a design cannot be: unknown kinds (looked up in the catalogue, never imported), ids that stand
twice, wires to nowhere, blocks within themselves. A design may still be invalid in every way that check knows of.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from engine.check.structure import MOST_NESTED as MAX_NESTING
from engine.errors import ProjectFileError, UnknownName
from engine.graph.design import DataChoice, Design, Frame, Note, Place
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, Wire
from engine.graph.recipe import Named, Recipe
from engine.project.plain import MAX_TEXT, Cursor, Plain, as_plain

VERSION = "1.0"
MAJOR = 1
MAX_REPEAT = 1_000_000  # check refuses to train far fewer, and fewer than one
MAX_EXPANDED = 1_000_000  # nodes after all blocks are unfolded


def design_to_plain(design: Design) -> dict[str, Plain]:
    """The design as JSON values. Lists keep the order of layers, nodes, wires, blocks, notes and frames."""
    return {
        "type": "design",
        "version": VERSION,
        "graph": _graph_to_plain(design.graph),
        "places": {
            node: [_finite(x, f"place of {node}"), _finite(y, f"place of {node}")]
            for node, (x, y) in design.places.items()
        },
        "notes": [{"id": n.id, "text": n.text, **_rectangle(n, "note")} for n in design.notes],
        "frames": [{"id": f.id, "title": f.title, **_rectangle(f, "frame")} for f in design.frames],
        "recipe": _recipe_to_plain(design.recipe),
        "data": {
            "source": design.data.source,
            "validation": _finite(design.data.validation, "share of validation"),
            "test": _finite(design.data.test, "share of test"),
            "seed": design.data.seed,
            "fingerprint": design.data.fingerprint,
        },
    }


def _rectangle(thing: Note | Frame, name: str) -> dict[str, Plain]:
    sides = {"x": thing.x, "y": thing.y, "width": thing.width, "height": thing.height}
    return {side: _finite(value, f"{side} of {name} {thing.id}") for side, value in sides.items()}


def _finite(number: float, what: str) -> float:
    if not math.isfinite(number):
        raise ProjectFileError(f"The {what} is {number}; a project can only hold finite numbers there.")
    return float(number)


def _graph_to_plain(graph: Graph) -> dict[str, Plain]:
    layers: list[Plain] = []
    for layer in graph.layers.values():
        plain: dict[str, Plain] = {"id": layer.id, "kind": layer.kind, "parameters": as_plain(layer.parameters)}
        if layer.block is not None or layer.repeat != 1:
            plain |= {"block": layer.block, "repeat": layer.repeat}
        layers.append(plain)
    found: dict[str, Plain] = {
        "layers": layers,
        "nodes": [{"id": n.id, "layer": n.layer, "label": n.label} for n in graph.nodes.values()],
        "wires": [
            {"source": w.source, "source_port": w.source_port, "target": w.target, "target_port": w.target_port}
            for w in graph.wires
        ],
    }
    if graph.blocks:
        found["blocks"] = [
            {
                "id": block.id,
                "label": block.label,
                "graph": _graph_to_plain(block.graph),
                "promoted": [
                    {"name": name, "layer": layer, "parameter": parameter}
                    for name, (layer, parameter) in block.promoted.items()
                ],
            }
            for block in graph.blocks.values()
        ]
    return found


def _recipe_to_plain(recipe: Recipe) -> dict[str, Plain]:
    return {
        "kind": recipe.kind,
        "optimizer": _named_to_plain(recipe.optimizer),
        "schedule": _named_to_plain(recipe.schedule) if recipe.schedule else None,
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "precision": recipe.precision,
        "seed": recipe.seed,
    }


def _named_to_plain(named: Named) -> dict[str, Plain]:
    return {"name": named.name, "parameters": as_plain(named.parameters)}


# -- reading ------------------------------------------------------------------------------------------------------
def plain_to_design(plain: Any, where: str = "design") -> Design:
    """The design that JSON values describe. ProjectFileError, beginning with `where`, for anything else.

    What has a default may be missing. Keys that are not known are ignored (a later minor version may add some).
    """
    top = Cursor(plain, where)
    top.head("design", MAJOR)
    graph = _graph(top["graph"], outermost=True)
    _check_blocks(graph, top)
    return Design(
        graph=graph,
        places=Frozen(_places(top["places"])) if "places" in top else Frozen(),
        notes=tuple(_note(item) for item in top["notes"].items()) if "notes" in top else (),
        frames=tuple(_frame(item) for item in top["frames"].items()) if "frames" in top else (),
        recipe=_recipe(top["recipe"]) if "recipe" in top else Recipe(),
        data=_data(top["data"]) if "data" in top else DataChoice(),
    )


def _graph(at: Cursor, *, outermost: bool) -> Graph:
    blocks: dict[str, Block] = {}
    if "blocks" in at:
        if not outermost:
            at["blocks"].refuse("missing: blocks are defined in the outermost graph only")
        for item in at["blocks"].items():
            _add(blocks, item, _block(item))
    layers: dict[str, Layer] = {}
    for item in at["layers"].items():
        _add(layers, item, _layer(item))
    nodes: dict[str, Node] = {}
    for item in at["nodes"].items():
        node = Node(item["id"].identifier(), item["layer"].identifier(), item["label"].text())
        if node.layer not in layers:
            item["layer"].refuse("a layer of the graph")
        _add(nodes, item, node)
    wires = tuple(_wire(item, nodes) for item in at["wires"].items())
    return Graph(Frozen(layers), Frozen(nodes), wires, Frozen(blocks))


def _add(found: dict[str, Any], at: Cursor, thing: Any) -> None:
    if thing.id in found:
        at["id"].refuse("an id that stands once")
    found[thing.id] = thing


def _layer(at: Cursor) -> Layer:
    kind = at["kind"].text()
    body = at.get("block")
    block = None if body is None else body.identifier()
    if kind == BLOCK:
        if block is None:
            at["block"].refuse("the id of a block")
    else:
        if block is not None:
            at["block"].refuse("missing: only a block has a body")
        _require_known(kind, "layer", at)
    repeat = at["repeat"].integer(-MAX_REPEAT, MAX_REPEAT) if "repeat" in at else 1
    parameters = at["parameters"].parameters() if "parameters" in at else {}
    return Layer(at["id"].identifier(), kind, Frozen(parameters), block, repeat)


def _wire(at: Cursor, nodes: dict[str, Node]) -> Wire:
    source, target = at["source"].identifier(), at["target"].identifier()
    for name, node in (("source", source), ("target", target)):
        if node not in nodes:
            at[name].refuse("a node of the graph")
    return Wire(
        source,
        target,
        target_port=at["target_port"].text() if "target_port" in at else "input",
        source_port=at["source_port"].text() if "source_port" in at else "output",
    )


def _block(at: Cursor) -> Block:
    graph = _graph(at["graph"], outermost=False)
    promoted: dict[str, tuple[str, str]] = {}
    for item in at["promoted"].items() if "promoted" in at else ():
        name, layer = item["name"].text(), item["layer"].identifier()
        if name in promoted:
            item["name"].refuse("a name that stands once")
        promoted[name] = (layer, item["parameter"].text())
    return Block(at["id"].identifier(), at["label"].text(), graph, Frozen(promoted))


def _check_blocks(graph: Graph, top: Cursor) -> None:
    """Refuse bodies that do not exist, blocks within themselves, and repetitions that unfold beyond measure."""
    sizes: dict[str, int] = {}
    under_way: set[str] = set()

    def expanded(inner: Graph) -> int:
        total = 0
        for node in inner.nodes.values():
            layer = inner.layers[node.layer]
            total += 1 if layer.block is None else max(layer.repeat, 1) * size_of(layer.block)
        if total > MAX_EXPANDED:
            raise ProjectFileError(f"The blocks of the {top.where} unfold to more than {MAX_EXPANDED} nodes.")
        return total

    def size_of(block: str) -> int:
        if block in under_way:
            raise ProjectFileError(f"Block ‘{graph.blocks[block].label}’ of the {top.where} contains itself.")
        if block not in sizes:
            if len(under_way) >= MAX_NESTING:
                raise ProjectFileError(f"The blocks of the {top.where} are nested too deeply.")
            under_way.add(block)
            sizes[block] = expanded(graph.blocks[block].graph)
            under_way.discard(block)
        return sizes[block]

    graphs = [graph, *(block.graph for block in graph.blocks.values())]
    for layer in (layer for inner in graphs for layer in inner.layers.values()):
        if layer.block is not None and layer.block not in graph.blocks:
            raise ProjectFileError(f"A layer of the {top.where} has the body ‘{layer.block}’, which does not exist.")
    for inner in graphs:
        expanded(inner)


def _places(at: Cursor) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for node, item in at.entries("a node's id"):
        pair = list(item.items(2))
        if len(pair) != 2:
            item.refuse("a pair of numbers")
        found[node] = (pair[0].finite(), pair[1].finite())
    return found


def _note(at: Cursor) -> Note:
    width = at["width"].finite() if "width" in at else 152.0
    height = at["height"].finite() if "height" in at else 96.0
    return Note(at["id"].identifier(), at["text"].text(MAX_TEXT), at["x"].finite(), at["y"].finite(), width, height)


def _frame(at: Cursor) -> Frame:
    return Frame(
        at["id"].identifier(),
        at["title"].text(),
        at["x"].finite(),
        at["y"].finite(),
        at["width"].finite(),
        at["height"].finite(),
    )


def _recipe(at: Cursor) -> Recipe:
    default = Recipe()
    schedule = at.get("schedule")
    return Recipe(
        kind=at["kind"].text() if "kind" in at else default.kind,
        optimizer=_named(at["optimizer"], "optimizer") if "optimizer" in at else default.optimizer,
        schedule=None if schedule is None else _named(schedule, "schedule"),
        epochs=at["epochs"].integer() if "epochs" in at else default.epochs,
        batch_size=at["batch_size"].integer() if "batch_size" in at else default.batch_size,
        precision=at["precision"].text() if "precision" in at else default.precision,
        seed=at["seed"].integer() if "seed" in at else default.seed,
    )


def _named(at: Cursor, what: str) -> Named:
    name = at["name"].text()
    _require_known(name, what, at)
    return Named(name, Frozen(at["parameters"].parameters() if "parameters" in at else {}))


def _data(at: Cursor) -> DataChoice:
    default = DataChoice()
    return DataChoice(
        source=at["source"].text() if "source" in at else default.source,
        validation=at["validation"].finite() if "validation" in at else default.validation,
        test=at["test"].finite() if "test" in at else default.test,
        seed=at["seed"].integer() if "seed" in at else default.seed,
        fingerprint=at["fingerprint"].text() if "fingerprint" in at else default.fingerprint,
    )


def _require_known(name: str, what: str, at: Cursor) -> None:
    """Names are looked up in the catalogue and nowhere else: nothing that a file names is ever imported."""
    known = _known(what)
    if name not in known:
        raise ProjectFileError(f"In {at.where}: {UnknownName(what, name[:100], known)}")


def _known(what: str) -> Iterable[str]:
    from engine.catalog import catalog  # reads its resource at first use

    names = catalog.load()
    return {"layer": names.layers, "optimizer": names.optimizers, "schedule": names.schedules}[what]
