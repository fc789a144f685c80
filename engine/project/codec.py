"""A design as plain JSON values and back. The project file and the templates are written so (see FORMAT.md).

Reading refuses whatever a design cannot be: values of another type, ids that stand twice, wires to nowhere, blocks
nested beyond measure. A design may be invalid in every way that check knows of (kinds, blocks and methods that nobody
knows, blocks within themselves, numbers out of range): it is edited, saved and opened all the same. The names of kinds
and methods are looked up in the catalogue by check, and never imported.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, cast

from engine.check.structure import MOST_NESTED as MAX_NESTING
from engine.errors import ProjectFileError
from engine.graph.design import FLOWS, DataChoice, Design, Frame, Note, Place
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Block, Graph, Layer, Node, NodeId, Wire
from engine.graph.recipe import Named, Recipe
from engine.project.plain import MAX_TEXT, Cursor, Plain, as_plain, value_to_plain

VERSION = "1.1"  # 1.1: bypassed nodes and the flow
MAJOR = 1


def design_to_plain(design: Design) -> dict[str, Plain]:
    """The design as JSON values. Lists keep the order of layers, nodes, wires, blocks, notes and frames."""
    return {
        "type": "design",
        "version": VERSION,
        **drawing_to_plain(design),
        "recipe": _recipe_to_plain(design.recipe),
        "data": {
            "source": design.data.source,
            "validation": _finite(design.data.validation, "share of validation"),
            "test": _finite(design.data.test, "share of test"),
            "seed": design.data.seed,
            "fingerprint": design.data.fingerprint,
        },
        "flow": design.flow,
    }


class Drawing(Protocol):
    """What is on the canvas: of a whole design, or of a part of one."""

    @property
    def graph(self) -> Graph: ...
    @property
    def places(self) -> Frozen[NodeId, Place]: ...
    @property
    def notes(self) -> tuple[Note, ...]: ...
    @property
    def frames(self) -> tuple[Frame, ...]: ...


def drawing_to_plain(drawing: Drawing) -> dict[str, Plain]:
    return {
        "graph": _graph_to_plain(drawing.graph),
        "places": {
            node: [_finite(x, f"place of {node}"), _finite(y, f"place of {node}")]
            for node, (x, y) in drawing.places.items()
        },
        "notes": [{"id": n.id, "text": n.text, **_rectangle(n, "note")} for n in drawing.notes],
        "frames": [{"id": f.id, "title": f.title, **_rectangle(f, "frame")} for f in drawing.frames],
    }


def wire_to_plain(wire: Wire) -> dict[str, Plain]:
    return {
        "source": wire.source,
        "source_port": wire.source_port,
        "target": wire.target,
        "target_port": wire.target_port,
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
            plain |= {"block": layer.block, "repeat": value_to_plain(layer.repeat)}
        layers.append(plain)
    found: dict[str, Plain] = {
        "layers": layers,
        "nodes": [
            {"id": n.id, "layer": n.layer, "label": n.label, "bypassed": n.bypassed} for n in graph.nodes.values()
        ],
        "wires": [wire_to_plain(w) for w in graph.wires],
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
        "epochs": value_to_plain(recipe.epochs),
        "batch_size": value_to_plain(recipe.batch_size),
        "precision": recipe.precision,
        "seed": value_to_plain(recipe.seed),
    }


def _named_to_plain(named: Named) -> dict[str, Plain]:
    return {"name": named.name, "parameters": as_plain(named.parameters)}


# -- reading ------------------------------------------------------------------------------------------------------
def plain_to_design(plain: Any, where: str = "the design") -> Design:
    """The design that JSON values describe. ProjectFileError, beginning with `where`, for anything else.

    What has a default may be missing. Keys that are not known are ignored (a later minor version may add some).
    """
    top = Cursor(plain, where)
    top.head("design", MAJOR)
    graph, places, notes, frames = plain_to_drawing(top)
    return Design(
        graph=graph,
        places=places,
        notes=notes,
        frames=frames,
        recipe=_recipe(top["recipe"]) if "recipe" in top else Recipe(),
        data=_data(top["data"]) if "data" in top else DataChoice(),
        flow=top["flow"].choice(FLOWS) if "flow" in top else Design().flow,
    )


def plain_to_drawing(top: Cursor) -> tuple[Graph, Frozen[NodeId, Place], tuple[Note, ...], tuple[Frame, ...]]:
    """Graph, places, notes and frames of what `drawing_to_plain` has written."""
    graph = _graph(top["graph"], outermost=True)
    _require_shallow(graph, top)
    return (
        graph,
        Frozen(_places(top["places"])) if "places" in top else Frozen(),
        tuple(_note(item) for item in top["notes"].items()) if "notes" in top else (),
        tuple(_frame(item) for item in top["frames"].items()) if "frames" in top else (),
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
        bypassed = item["bypassed"].boolean() if "bypassed" in item else False
        node = Node(item["id"].identifier(), item["layer"].identifier(), item["label"].text(), bypassed)
        if node.layer not in layers:
            item["layer"].refuse("a layer of the graph")
        _add(nodes, item, node)
    wires = tuple(_inner_wire(item, nodes) for item in at["wires"].items())
    return Graph(Frozen(layers), Frozen(nodes), wires, Frozen(blocks))


def _add(found: dict[str, Any], at: Cursor, thing: Any) -> None:
    if thing.id in found:
        at["id"].refuse("an id that stands once")
    found[thing.id] = thing


def _layer(at: Cursor) -> Layer:
    kind = at["kind"].text()
    body = at.get("block")
    block = None if body is None else body.identifier()
    if block is not None and kind != BLOCK:
        at["block"].refuse("missing: only a block has a body")
    repeat = at["repeat"].integer() if "repeat" in at else 1
    parameters = at["parameters"].parameters() if "parameters" in at else {}
    return Layer(at["id"].identifier(), kind, Frozen(parameters), block, repeat)


def _inner_wire(at: Cursor, nodes: dict[str, Node]) -> Wire:
    wire = plain_to_wire(at)
    for name, node in (("source", wire.source), ("target", wire.target)):
        if node not in nodes:
            at[name].refuse("a node of the graph")
    return wire


def plain_to_wire(at: Cursor) -> Wire:
    return Wire(
        at["source"].identifier(),
        at["target"].identifier(),
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


def _require_shallow(graph: Graph, top: Cursor) -> None:
    """Refuse blocks that stand within each other too deeply, also in a ring: whoever unfolds them would run out of
    stack. What unfolds to too many nodes is only a mistake, for nothing is unfolded before check has counted them."""
    depths: dict[str, int] = {}
    under_way: set[str] = set()

    def depth(name: str) -> int:
        if name in under_way:
            return 0  # it contains itself: check says so
        if name not in depths:
            under_way.add(name)
            if len(under_way) > MAX_NESTING:
                raise ProjectFileError(f"{top.where} has blocks that are nested too deeply.")
            bodies = [layer.block for layer in graph.blocks[name].graph.layers.values() if layer.block is not None]
            depths[name] = 1 + max((depth(body) for body in bodies if body in graph.blocks), default=0)
            under_way.discard(name)
            if depths[name] > MAX_NESTING:
                raise ProjectFileError(f"{top.where} has blocks that are nested too deeply.")
        return depths[name]

    for name in graph.blocks:
        depth(name)


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
        optimizer=_named(at["optimizer"]) if "optimizer" in at else default.optimizer,
        schedule=None if schedule is None else _named(schedule),
        epochs=_number(at, "epochs", default.epochs),
        batch_size=_number(at, "batch_size", default.batch_size),
        precision=at["precision"].text() if "precision" in at else default.precision,
        seed=_number(at, "seed", default.seed),
    )


def _number(at: Cursor, name: str, default: int) -> int:
    """A count of the recipe. A person may have got it wrong in kind too (3.5, a word): check tells, so it is kept."""
    return cast(int, at[name].parameter()) if name in at else default


def _named(at: Cursor) -> Named:
    return Named(at["name"].text(), Frozen(at["parameters"].parameters() if "parameters" in at else {}))


def _data(at: Cursor) -> DataChoice:
    default = DataChoice()
    return DataChoice(
        source=at["source"].text() if "source" in at else default.source,
        validation=at["validation"].finite() if "validation" in at else default.validation,
        test=at["test"].finite() if "test" in at else default.test,
        seed=at["seed"].integer() if "seed" in at else default.seed,
        fingerprint=at["fingerprint"].text() if "fingerprint" in at else default.fingerprint,
    )
