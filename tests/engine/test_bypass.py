"""Bypassed nodes: what enters their first input stands at their outputs; they cost nothing and hold no weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from small_graphs import CLASS, IMAGE, SEQUENCE, VECTOR, body, chain, data

from engine.check import bypass, fixes, outcome, wiring
from engine.check.checker import check
from engine.check.report import TensorSpec
from engine.compile import keys
from engine.compile.compiled import Compiled
from engine.compile.compiler import compile_graph
from engine.errors import GraphError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.diff import diff
from engine.graph.model import Wire
from engine.observe.looker import Looker
from engine.observe.picture import Request, View
from engine.project.codec import design_to_plain, plain_to_design
from engine.project.resume import same_computation

LINEAR4 = ("Linear", {"out_features": 4})


def compiled_of(design: Design, spec) -> Compiled:
    report = check(design, spec)
    assert not report.errors, [p.sentence() for p in report.errors]
    return compile_graph(design, report, spec, seed=3)


def losses(compiled: Compiled, *values: torch.Tensor) -> torch.Tensor:
    compiled.module.eval()
    return compiled.module(*values)[0]


def test_a_bypassed_layer_is_as_if_it_were_not_there():
    with_one = chain(("Conv2d", {"out_channels": 1, "kernel_size": 3, "padding": 1}), "Flatten", LINEAR4)
    bypassed = bypass.set_bypassed(with_one, ["conv1"])
    without = edits.remove_nodes(with_one, ["conv1"])
    without = edits.connect(without, Wire("input", "flatten"))
    # first weights follow from layer ids, which are the same in both
    one, other = compiled_of(bypassed, data()), compiled_of(without, data())
    values = torch.rand(5, 1, 8, 8), torch.randint(0, 4, (5,))
    assert torch.equal(losses(one, *values), losses(other, *values))
    assert keys.state(one).keys() == keys.state(other).keys()
    report, plain = check(bypassed, data()), check(without, data())
    assert (report.parameters, report.multiply_adds, report.depth) == (
        plain.parameters,
        plain.multiply_adds,
        plain.depth,
    )
    assert report.cost(("conv1",)) is None and report.output("conv1") == TensorSpec((1, 8, 8))
    assert bypassed.graph.layer_of("conv1").parameters["kernel_size"] == 3  # all is there for when it is called again


def test_of_several_inputs_the_first_passes_and_the_others_lead_nowhere():
    design = chain(("Linear", {"out_features": 6}), "Flatten", LINEAR4)
    design, _ = edits.add_node(design, "Add", (0, 0), node_id="sum")
    design = edits.insert_on_wire(design, Wire("fc1", "flatten"), "sum")
    design, _ = edits.add_node(design, "Linear", (0, 0), node_id="side", parameters={"out_features": 6})
    design = edits.connect(edits.connect(design, Wire("input", "side")), Wire("side", "sum"))
    whole = compiled_of(design, data(VECTOR))
    passing = bypass.set_bypassed(design, ["sum"])
    report = check(passing, data(VECTOR))
    assert not report.errors and "side" not in report.trained
    assert any(p.code == "dangling" and p.node == "side" for p in report.problems)
    part = compile_graph(passing, report, data(VECTOR))
    assert len(part.names) == len(whole.names) - 2  # neither the sum nor what only it would have read
    swapped = replace(passing.graph, wires=tuple(reversed(passing.graph.wires)))  # now the other one comes first
    report = check(replace(passing, graph=swapped), data(VECTOR))
    assert "side" in report.trained and "fc1" not in report.trained


def test_a_ring_through_an_input_that_is_not_read_is_none():
    design = chain(("Linear", {"out_features": 6}), "ReLU", LINEAR4)
    design, _ = edits.add_node(design, "Add", (0, 0), node_id="sum")
    design = edits.insert_on_wire(design, Wire("input", "fc1"), "sum")
    design = edits.connect(design, Wire("relu1", "sum"))
    assert any(p.code == "cycle" for p in check(design, data(VECTOR)).errors)
    compiled = compiled_of(bypass.set_bypassed(design, ["sum"]), data(VECTOR))
    assert losses(compiled, torch.rand(3, 6), torch.zeros(3, dtype=torch.int64)).isfinite()


def test_every_output_of_a_bypassed_node_is_what_arrives():
    design = chain(("LSTM", {"hidden_size": 2}), "Flatten", LINEAR4)
    design, _ = edits.add_node(design, "Output", (0, 0), node_id="state")
    port = next(p.name for p in fixes.catalog.spec("LSTM").outputs if p.name != "output")
    design = edits.connect(design, Wire("lstm1", "state", source_port=port))
    design = bypass.set_bypassed(design, ["lstm1"])
    report = check(design, data(SEQUENCE))
    assert report.output("lstm1") == report.output("lstm1", port) == TensorSpec((7, 3))
    compiled = compiled_of(design, data(SEQUENCE))
    values = torch.rand(2, 7, 3)
    assert torch.equal(compiled.module(values, torch.zeros(2, dtype=torch.int64))[2][-1], values)


@pytest.mark.parametrize("inside", [False, True])
def test_a_block_is_bypassed_as_a_whole_or_in_part(inside: bool):
    block = body(("Linear", {"out_features": 6}), "ReLU")
    if inside:
        graph = block.graph
        node = replace(graph.nodes["0"], bypassed=True)
        block = replace(block, graph=replace(graph, nodes=graph.nodes.with_item("0", node)))
    design = edits.define_block(chain("Flatten", LINEAR4), block)
    design, _ = edits.add_block_node(design, "body", (0, 0), repeat=3, node_id="b", layer_id="lb")
    design = edits.insert_on_wire(design, Wire("flatten", "fc1"), "b", into="in", out="out")
    design = design if inside else bypass.set_bypassed(design, ["b"])
    compiled = compiled_of(design, data(VECTOR))
    assert not any("weight" in key and key.startswith("lb/") for key in keys.state(compiled))
    assert (("b",), "out") in compiled.taps
    look = Looker(compiled, {"vector": torch.rand(4, 6).numpy()}).answer(compiled, Request((View(("b",)),), (0,)))
    assert look.pictures[0].problem == "" and look.pictures[0].total == 6


def test_what_is_wrong_with_a_bypassed_layer_does_not_matter():
    design = chain(("Conv2d", {"out_channels": -3}), "Flatten", LINEAR4)
    assert check(design, data()).errors
    assert not check(bypass.set_bypassed(design, ["conv1"]), data()).errors


def test_a_bypassed_node_needs_its_input():
    design = edits.disconnect(chain("ReLU", "Flatten", LINEAR4), [Wire("input", "relu1")])
    (problem,) = check(bypass.set_bypassed(design, ["relu1"]), data()).errors
    assert problem.code == "missing-wire" and "bypassed" in problem.why


def test_a_wire_to_a_port_that_a_bypassed_layer_has_not_is_told():
    design = bypass.set_bypassed(chain("ReLU", "Flatten", LINEAR4), ["relu1"])
    wires = tuple(replace(w, target_port="nowhere") if w.target == "relu1" else w for w in design.graph.wires)
    broken = replace(design, graph=replace(design.graph, wires=wires))
    problems = check(broken, data()).errors
    assert any("nowhere" in p.sentence() for p in problems), [p.sentence() for p in problems]


@pytest.mark.parametrize("node", ["input", "target", "loss"])
def test_where_data_enter_and_end_nothing_is_bypassed(node: str):
    design = chain("Flatten", LINEAR4)
    with pytest.raises(GraphError, match=f"^{node} cannot be bypassed") as refusal:
        bypass.set_bypassed(design, [node])
    assert str(refusal.value).endswith(".")
    some = bypass.set_bypassed(design, [node, "fc1"])  # the others of a selection are
    assert [n.id for n in some.graph.nodes.values() if n.bypassed] == ["fc1"]
    changed = replace(design.graph.nodes[node], bypassed=True)  # as a file may hold it
    stored = replace(design, graph=replace(design.graph, nodes=design.graph.nodes.with_item(node, changed)))
    problem = next(p for p in check(stored, data()).errors if p.code == "bypass")
    assert problem.node == node
    assert fixes.apply(problem.fixes[0], stored) == design
    assert outcome.told(stored, design) == f"Uses {node}."


def test_bypassing_is_told_stored_and_another_computation():
    design = chain("Flatten", LINEAR4)
    other = bypass.set_bypassed(design, ["fc1"])
    assert diff(design, other).nodes_changed == {"fc1"} and not diff(design, other).labels_changed
    assert plain_to_design(design_to_plain(other)) == other
    assert not same_computation(design, other)
    assert bypass.set_bypassed(other, ["fc1"], False) == design
    assert bypass.set_bypassed(design, ["fc1"], False) is design
    with pytest.raises(GraphError, match="no longer there"):
        bypass.set_bypassed(design, ["gone"])


def test_a_target_that_passes_through_a_bypassed_node_is_known():
    design = chain("Flatten", LINEAR4)
    design, _ = edits.add_node(design, "Identity", (0, 0), node_id="way")
    design = bypass.set_bypassed(edits.insert_on_wire(design, Wire("target", "loss", "target"), "way"), ["way"])
    assert compiled_of(design, data(IMAGE, targets=(CLASS,))).losses[0].target == 0


def test_any_wire_may_enter_a_bypassed_node():
    design = chain("ReLU", "Flatten", LINEAR4)
    design, _ = edits.add_node(design, "Conv2d", (0, 0), node_id="conv", parameters={"out_channels": 2})
    report = check(design, data())
    wire = Wire("flatten", "conv")
    assert wiring.why_not(design.graph, report, wire) is not None
    assert wiring.why_not(bypass.set_bypassed(design, ["conv"]).graph, report, wire) is None
