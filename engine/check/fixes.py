"""Remedies made real: a Fix of the report applied to the design it speaks of. Each is one undo step.

A fix names what it changes by ids, so it may be stale: then a GraphError says what is no longer there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.catalog import catalog
from engine.check import bypass
from engine.check.report import Fix
from engine.check.swapping import swap_kind
from engine.errors import GraphError
from engine.graph import edits
from engine.graph.design import Design, Place
from engine.graph.model import INPUT, OUTPUT, TARGET, NodeId, Value, Wire

COLUMN, ROW, WIDTH, HEIGHT = 214.0, 190.0, 152.0, 152.0
BELOW = 134.0  # a target stands so far under what it belongs to

Remedy = Callable[[Design, "_Arguments"], Design]


def apply(fix: Fix, design: Design) -> Design:
    """The design with the remedy applied. A fix inside a block changes the block's definition."""
    remedy = _REMEDIES.get(fix.kind)
    if remedy is None:
        raise GraphError(f"There is no remedy called ‘{fix.kind}’ in this version of Strata.")
    arguments = _Arguments(fix)
    block_id = fix.arguments.get("block")
    if block_id is None:
        return remedy(design, arguments)
    block = design.graph.blocks.get(str(block_id))
    if block is None:
        raise GraphError(f"The block ‘{block_id}’ is no longer defined.")
    inside = replace(design, graph=replace(block.graph, blocks=design.graph.blocks), places=design.places)
    mended = replace(remedy(inside, arguments).graph, blocks=block.graph.blocks)
    return edits.define_block(design, replace(block, graph=mended))


class _Arguments:
    """The arguments of a fix, read by type."""

    def __init__(self, fix: Fix):
        self._fix = fix

    @property
    def label(self) -> str:
        return self._fix.label

    def value(self, name: str) -> Value:
        if name not in self._fix.arguments:
            raise GraphError(f"The remedy ‘{self._fix.label}’ does not say its {name}.")
        return self._fix.arguments[name]

    def optional(self, name: str) -> Value:
        return self._fix.arguments.get(name)

    def text(self, name: str) -> str:
        return str(self.value(name))

    def wire(self, design: Design) -> Wire:
        """The wire of the design that the fix names."""
        wire = Wire(self.text("source"), self.text("target"), self.text("target_port"), self.text("source_port"))
        if wire not in design.graph.wires:
            raise GraphError(f"‘{self._fix.label}’ speaks of a wire that is no longer there.")
        return wire

    def wires(self, design: Design) -> list[Wire]:
        """Several wires, each as (source, source port, target, target port)."""
        found = [Wire(source, target, into, out) for source, out, target, into in self.rows("wires")]
        if not found or any(wire not in design.graph.wires for wire in found):
            raise GraphError(f"‘{self._fix.label}’ speaks of a wire that is no longer there.")
        return found

    def rows(self, name: str) -> list[tuple[str, ...]]:
        value = self.optional(name)
        rows = value if isinstance(value, tuple) else ()
        return [tuple(str(item) for item in row) if isinstance(row, tuple) else (str(row),) for row in rows]

    def node(self, design: Design, name: str = "node") -> NodeId:
        node = self.text(name)
        if node not in design.graph.nodes:
            raise GraphError(f"‘{self._fix.label}’ speaks of a layer that is no longer there.")
        return node


# -- wires --------------------------------------------------------------------------------------------------------
def _remove_wire(design: Design, given: _Arguments) -> Design:
    return edits.disconnect(design, [given.wire(design)])


def _remove_wires(design: Design, given: _Arguments) -> Design:
    return edits.disconnect(design, given.wires(design))


def _connect(design: Design, given: _Arguments) -> Design:
    source, target = given.node(design, "source"), given.node(design, "target")
    return edits.connect(design, Wire(source, target, given.text("target_port"), given.text("source_port")))


def _remove_extra_wires(design: Design, given: _Arguments) -> Design:
    kept = given.wire(design)
    others = [w for w in design.graph.wires_into(kept.target, kept.target_port) if w != kept]
    return edits.disconnect(design, others)


def _connect_target(design: Design, given: _Arguments) -> Design:
    """Wire a Target to a loss: one that is not used yet, else the only one, else a new one."""
    loss, port = given.node(design), given.text("port")
    targets = [n.id for n in design.graph.nodes_of_kind(TARGET)]
    unused = [n for n in targets if not design.graph.wires_from(n)]
    if unused:
        target = unused[0]
    elif len(targets) == 1:
        target = targets[0]
    else:
        x, y = design.places.get(loss, (COLUMN, 0.0))
        design, target = edits.add_node(design, TARGET, _free(design, (x - COLUMN, y + BELOW)))
    return edits.connect(design, Wire(target, loss, port))


# -- layers put into a wire ---------------------------------------------------------------------------------------
def _insert(design: Design, wire: Wire, kind: str, **parameters: Value) -> Design:
    """A new node in a wire, where its target stood; what stood there and right of it moves on by one column."""
    x, y = design.places.get(wire.target, (0.0, 0.0))
    left = design.places.get(wire.source, (x - COLUMN, y))[0]
    between = (x + left) / 2
    if x - left >= 2 * COLUMN - 1 and _is_free(design, (between, y)):
        place = (between, y)
    else:
        place = (x, y)
        moved = {
            node: (px + COLUMN, py)
            for node, (px, py) in design.places.items()
            if node in design.graph.nodes and px > x - WIDTH / 2 and abs(py - y) < HEIGHT
        }
        design = edits.move(design, moved)
    design, node = edits.add_node(design, kind, place, parameters=parameters)
    return edits.insert_on_wire(design, wire, node)


def _insert_flatten(design: Design, given: _Arguments) -> Design:
    return _insert(design, given.wire(design), "Flatten")


def _insert_reshape(design: Design, given: _Arguments) -> Design:
    return _insert(design, given.wire(design), "Reshape", shape=given.value("shape"))


def _insert_embedding(design: Design, given: _Arguments) -> Design:
    return _insert(design, given.wire(design), "Embedding")


def _insert_linear(design: Design, given: _Arguments) -> Design:
    wire = given.wire(design)
    design = _insert(design, wire, "Linear", out_features=given.value("out_features"))
    shape = given.optional("shape")
    if shape is None:
        return design
    (behind,) = design.graph.wires_into(wire.target, wire.target_port)
    return _insert(design, behind, "Reshape", shape=shape)


# -- what a design lacks ------------------------------------------------------------------------------------------
def _add_input(design: Design, given: _Arguments) -> Design:
    """An Input left of everything, wired to the first open input in the order of the graph."""
    del given
    places = [design.places[n] for n in design.graph.nodes if n in design.places]
    x, y = min(places, key=lambda p: (p[1], p[0])) if places else (COLUMN, 0.0)
    open_port = _first_open(design)
    design, node = edits.add_node(design, INPUT, _free(design, (x - COLUMN, y)))
    return edits.connect(design, Wire(node, *open_port)) if open_port else design


def _feed(design: Design, given: _Arguments) -> Design:
    """An Input left of a node, wired to it."""
    fed = given.node(design)
    x, y = design.places.get(fed, (COLUMN, 0.0))
    design, node = edits.add_node(design, INPUT, _free(design, (x - COLUMN, y)))
    return edits.connect(design, Wire(node, fed, given.text("port")))


def _add_output(design: Design, given: _Arguments) -> Design:
    node = given.node(design)
    x, y = design.places.get(node, (0.0, 0.0))
    design, output = edits.add_node(design, OUTPUT, _free(design, (x + COLUMN, y)))
    return edits.connect(design, Wire(node, output, "input", given.text("port")))


def _first_open(design: Design) -> tuple[NodeId, str] | None:
    """The first node (no loss) that needs an input and has none."""
    graph = design.graph
    for node in graph.nodes:
        kind = graph.layer_of(node).kind
        known = catalog.load().layers.get(kind)
        if known is None or known.is_loss:
            continue
        for port in known.inputs:
            if not port.optional and not graph.wires_into(node, port.name):
                return node, port.name
    return None


def _add_loss(design: Design, given: _Arguments) -> Design:
    """A loss behind the layer that is named, else behind the last one that leads nowhere; with its target."""
    graph, named = design.graph, given.optional("node")
    end = str(named) if named in design.graph.nodes else _prediction(design)
    x, y = design.places.get(end, (0.0, 0.0)) if end else (0.0, 0.0)
    design, loss = edits.add_node(design, given.text("loss"), _free(design, (x + COLUMN, y)))
    if end:
        design = edits.connect(design, Wire(end, loss, "input", _first_output(design, end)))
    unused = [n.id for n in graph.nodes_of_kind(TARGET) if not graph.wires_from(n.id)]
    if unused:
        target = unused[0]
    else:
        design, target = edits.add_node(design, TARGET, _free(design, (x, y + BELOW)))
    return edits.connect(design, Wire(target, loss, "target"))


def _prediction(design: Design) -> NodeId | None:
    """What a loss would judge: the last layer that leads nowhere, or to an Output only; else an Input."""
    graph = design.graph
    shown = {w.source for w in graph.wires if graph.layer_of(w.target).kind == OUTPUT}
    ends = [n for n in graph.nodes if (n in shown or not graph.wires_from(n)) and _gives_prediction(design, n)]
    layers = [n for n in ends if graph.layer_of(n).kind != INPUT]
    return (layers or ends or [None])[-1]


def _gives_prediction(design: Design, node: NodeId) -> bool:
    layer = design.graph.layer_of(node)
    if layer.block is not None:
        return True
    known = catalog.load().layers.get(layer.kind)
    return known is not None and layer.kind != TARGET and not known.is_loss and bool(known.outputs)


def _first_output(design: Design, node: NodeId) -> str:
    _, outputs = catalog.ports(design.graph, design.graph.layer_of(node))
    return outputs[0].name if outputs else "output"


# -- parameters and kinds -----------------------------------------------------------------------------------------
def _set_parameter(design: Design, given: _Arguments) -> Design:
    return edits.set_parameter(design, given.node(design), given.text("name"), given.value("value"))


def _reset_parameter(design: Design, given: _Arguments) -> Design:
    return edits.reset_parameter(design, given.node(design), given.text("name"))


def _set_repeat(design: Design, given: _Arguments) -> Design:
    repeat = given.value("repeat")
    if not isinstance(repeat, int):
        raise GraphError(f"A block cannot be repeated {repeat} times.")
    return edits.set_repeat(design, given.node(design), repeat)


def _set_recipe(design: Design, given: _Arguments) -> Design:
    """A value of the recipe itself (`part` is empty), or of its optimiser or schedule."""
    part, name, value = given.text("part"), given.text("name"), given.value("value")
    recipe = design.recipe
    if not part and name in ("kind", "epochs", "batch_size", "seed", "precision"):
        changes: dict[str, Any] = {name: value}
        return replace(design, recipe=replace(recipe, **changes))
    named = {"optimizer": recipe.optimizer, "schedule": recipe.schedule}.get(part)
    known = catalog.load()
    rows = known.optimizers if part == "optimizer" else known.schedules
    if named is None or named.name not in rows or rows[named.name].parameter(name) is None:
        raise GraphError(f"‘{given.label}’ speaks of a value of the recipe that is no longer there.")
    changes = {part: replace(named, parameters=named.parameters.with_item(name, value))}
    return replace(design, recipe=replace(recipe, **changes))


def _choose_data(design: Design, given: _Arguments) -> Design:
    return replace(design, data=replace(design.data, source=given.text("source"), fingerprint=""))


def _change_kind(design: Design, given: _Arguments) -> Design:
    """Another kind at the same place."""
    return swap_kind(design, given.node(design), given.text("to")).design


def _set_bypassed(design: Design, given: _Arguments) -> Design:
    return bypass.set_bypassed(design, [given.node(design)], bool(given.value("bypassed")))


def _remove_node(design: Design, given: _Arguments) -> Design:
    return edits.remove_nodes(design, [given.node(design)])


def _remove_nodes(design: Design, given: _Arguments) -> Design:
    nodes = [node for (node,) in given.rows("nodes")]
    if not nodes or any(node not in design.graph.nodes for node in nodes):
        raise GraphError("A layer that was to be removed is no longer there.")
    return edits.remove_nodes(design, nodes)


def _remove_keeping_wire(design: Design, given: _Arguments) -> Design:
    """Take a node out of the chain: what fed it feeds what it fed."""
    node = given.node(design)
    entering, leaving = design.graph.wires_into(node), design.graph.wires_from(node)
    design = edits.remove_nodes(design, [node])
    for wire in leaving if len(entering) == 1 else ():
        design = edits.connect(design, replace(wire, source=entering[0].source, source_port=entering[0].source_port))
    return design


# -- places -------------------------------------------------------------------------------------------------------
def _is_free(design: Design, place: Place) -> bool:
    """Whether a small node would stand there without touching another."""
    x, y = place
    here = (design.places[n] for n in design.graph.nodes if n in design.places)
    return all(abs(px - x) >= WIDTH + 8 or abs(py - y) >= BELOW - 10 for px, py in here)


def _free(design: Design, place: Place) -> Place:
    """`place`, or the nearest free one below it."""
    x, y = place
    while not _is_free(design, (x, y)):
        y += ROW - BELOW
    return x, y


_REMEDIES: dict[str, Remedy] = {
    "connect": _connect,
    "remove_wire": _remove_wire,
    "remove_wires": _remove_wires,
    "remove_extra_wires": _remove_extra_wires,
    "connect_target": _connect_target,
    "insert_flatten": _insert_flatten,
    "insert_reshape": _insert_reshape,
    "insert_embedding": _insert_embedding,
    "insert_linear": _insert_linear,
    "add_input": _add_input,
    "feed": _feed,
    "add_output": _add_output,
    "add_loss": _add_loss,
    "set_parameter": _set_parameter,
    "reset_parameter": _reset_parameter,
    "set_repeat": _set_repeat,
    "set_recipe": _set_recipe,
    "choose_data": _choose_data,
    "change_kind": _change_kind,
    "set_bypassed": _set_bypassed,
    "remove_node": _remove_node,
    "remove_nodes": _remove_nodes,
    "remove_keeping_wire": _remove_keeping_wire,
}


def kinds() -> frozenset[str]:
    return frozenset(_REMEDIES)
