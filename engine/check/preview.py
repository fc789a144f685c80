"""What a node would give if a wire were drawn: its output's shape, or why there would be none, in words.

Only the target is checked, with Inputs in place of what feeds it, so that the answer costs the same in a large graph.
It runs the layer on the meta device and so loads torch: ask from a thread that may wait.
"""

from __future__ import annotations

from engine.catalog import catalog
from engine.check import checker
from engine.check.report import Report, TensorSpec
from engine.data.spec import DataSpec, FieldSpec
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import INPUT, Graph, Layer, Node, NodeId, Wire

SAMPLES = 10_000  # enough for any batch: rules about small data have nothing to say of a wire


def outcome(graph: Graph, report: Report, wire: Wire) -> TensorSpec | str | None:
    """The tensor at the first output of `wire`'s target, a sentence why it would refuse, or None where neither can be
    told (another input is still open, nothing is known of what arrives, or the target is a loss).

    `report` is that of the graph before the wire; what enters the same port is thought to be replaced, as connect does.
    """
    node = graph.nodes.get(wire.target)
    if node is None or wire.source not in graph.nodes:
        return None
    layer = graph.layer_of(node.id)
    inputs, outputs = catalog.ports(graph, layer)
    port = next((p for p in inputs if p.name == wire.target_port), None)
    if port is None or not outputs:
        return None
    others = [w for w in graph.wires if w.target == node.id and w != wire]
    entering = [w for w in others if w.target_port != port.name or port.variadic]
    design, data = _alone(graph, report, node, [*entering, wire])
    if design is None:
        return None
    found = checker.check(design, data)
    tensor = found.output(node.id, outputs[0].name)
    if tensor is not None:
        return tensor
    open_inputs = {p.name for p in inputs if not p.optional} - {w.target_port for w in (*entering, wire)}
    if open_inputs:
        return None
    return next((p.why for p in found.problems if p.node == node.id and p.severity == "error"), None)


def _alone(graph: Graph, report: Report, node: Node, wires: list[Wire]) -> tuple[Design | None, DataSpec | None]:
    """The node with an Input for each wire, and data in which each has its field; None where one cannot be so given."""
    nodes: dict[NodeId, Node] = {node.id: node}
    layers = {node.layer: graph.layers[node.layer]}
    fields, fed = list[FieldSpec](), list[Wire]()
    for index, wire in enumerate(wires):
        spec = report.output(wire.source, wire.source_port)
        if spec is None or spec.batch_axis != 0:
            return None, None
        name = f"{node.id} {index}"  # an id that no other node can have
        nodes[name] = Node(name, name, graph.nodes[wire.source].label)
        layers[name] = Layer(name, INPUT, Frozen({"field": name}))
        fields.append(FieldSpec(name, "vector", spec.shape, spec.dtype))
        fed.append(Wire(name, node.id, wire.target_port))
    alone = Graph(Frozen(layers), Frozen(nodes), tuple(fed), graph.blocks)
    return Design(graph=alone), DataSpec("", "", tuple(fields), (), SAMPLES, 0, 0)
