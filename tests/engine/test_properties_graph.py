"""Properties that hold for any graph: edits are values, shapes are those of a real forward pass, wires that the canvas
accepts are accepted by check, and check has a sentence for everything."""

from __future__ import annotations

import pickle

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import Edit, designs, designs_with_data, edits, samples

from engine.check import fixes, wiring
from engine.check.checker import check
from engine.compile.compiler import compile_graph
from engine.errors import GraphError
from engine.graph import edits as edit
from engine.graph.design import Design
from engine.graph.diff import diff
from engine.graph.model import NodeId, Wire

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]
# What speaks of the layer rather than of the wire, or of wires that are still missing.
NOT_OF_THE_WIRE = frozenset({"class-count", "too-few-wires", "missing-wire", "bad-parameter", "bad-parameters"})


def whole(design: Design) -> bool:
    """Wires name nodes, nodes name layers, every node has a place, and no layer is left over."""
    graph = design.graph
    ends = {w.source for w in graph.wires} | {w.target for w in graph.wires}
    called = {n.layer for n in graph.nodes.values()}
    return (
        ends <= set(graph.nodes)
        and called == set(graph.layers)
        and set(design.places) == set(graph.nodes)
        and len(set(graph.wires)) == len(graph.wires)
    )


@given(designs(), st.lists(edits(), max_size=12))
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_edits_are_undone_by_value(design: Design, steps: list[Edit]):
    states = [design]
    stored = [pickle.dumps(design)]
    for step in steps:
        states.append(step.apply(states[-1]))
        stored.append(pickle.dumps(states[-1]))
    for state, bytes_then in zip(reversed(states), reversed(stored), strict=True):  # back through the history
        assert whole(state)
        then = pickle.loads(bytes_then)
        assert set(then.graph.wires) == set(state.graph.wires)
        assert pickle.dumps(state) == bytes_then  # nothing that came later has touched it


@given(designs(), st.lists(edits(), max_size=6))
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_a_diff_leads_from_the_one_design_to_the_other(design: Design, steps: list[Edit]):
    after = design
    for step in steps:
        after = step.apply(after)
    change = diff(design, after)
    nodes = (set(design.graph.nodes) - change.nodes_removed) | change.nodes_added
    assert nodes == set(after.graph.nodes)
    wires = (set(design.graph.wires) - set(change.wires_removed)) | set(change.wires_added)
    assert wires == set(after.graph.wires)
    kept: list[NodeId] = [n for n in after.graph.nodes if n in design.graph.nodes]
    for node in kept:
        same = design.graph.nodes[node] == after.graph.nodes[node]
        same = same and design.graph.layer_of(node) == after.graph.layer_of(node)
        assert same or node in change.nodes_changed
        assert (design.places[node] == after.places[node]) == (node not in change.nodes_moved)
    assert diff(after, after).empty
    assert change.empty == (design == after)


@given(designs_with_data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_inferred_shapes_are_those_of_a_real_forward_pass(pair):
    design, data = pair
    report = check(design, data)
    assert report.trainable, [p.sentence() for p in report.problems]
    assert not report.errors
    compiled = compile_graph(design, report, data, seed=0)
    batch = samples(data, 3)
    values = [torch.from_numpy(batch[field]) for _, field in (*compiled.inputs, *compiled.targets)]
    recorder = _Recorder(compiled.module)
    recorder.run(*values)
    for (path, port), name in compiled.taps.items():
        inferred = report.outputs[path, port]
        real = recorder.found[name]
        if real is None:
            assert port == "weights"  # attention weights are computed only for who reads them
            continue
        full = inferred.shape
        if inferred.batch_axis is not None:
            full = (*full[: inferred.batch_axis], 3, *full[inferred.batch_axis :])
        assert tuple(real.shape) == full, (path, port)
        assert str(real.dtype) == f"torch.{inferred.dtype}"
    if all(path[0] in report.trained for path in report.costs):  # nothing is left out of the run
        assert sum(p.numel() for p in compiled.module.parameters()) == report.parameters


class _Recorder(torch.fx.Interpreter):
    """Runs a module and keeps what every line gives."""

    def __init__(self, module: torch.fx.GraphModule):
        super().__init__(module, garbage_collect_values=False)
        self.found: dict[str, torch.Tensor] = {}

    def run_node(self, n: torch.fx.Node):
        result = super().run_node(n)
        self.found[n.name] = result
        return result


@given(designs_with_data(), st.lists(edits(), max_size=3), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_a_wire_that_the_canvas_accepts_is_accepted_by_check(pair, steps: list[Edit], draw: st.DataObject):
    design, data = pair
    for step in steps:
        design = step.apply(design)
    report = check(design, data)
    for _ in range(6 if design.graph.nodes else 0):
        wire = draw.draw(_wires(design))
        reason = wiring.why_not(design.graph, report, wire)
        if reason is not None:
            assert reason.endswith(".") and len(reason.split()) > 2
            continue
        after = check(edit.connect(design, wire), data)
        before = {(p.code, p.path, p.parameter) for p in report.errors}
        new = [
            p
            for p in after.errors
            if p.path == (wire.target,)
            and (p.code, p.path, p.parameter) not in before
            and p.code not in NOT_OF_THE_WIRE
        ]
        assert not new, [p.sentence() for p in new]


@st.composite
def _wires(draw, design: Design) -> Wire:
    nodes = list(design.graph.nodes)  # not sorted: ids of copies are random
    source, target = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
    outputs = wiring._ports(design.graph, design.graph.layer_of(source))[1]
    inputs = wiring._ports(design.graph, design.graph.layer_of(target))[0]
    start = draw(st.sampled_from([p.name for p in outputs] or ["output"]))
    end = draw(st.sampled_from([p.name for p in inputs] or ["input"]))
    return Wire(source, target, end, start)


@given(designs_with_data(), st.lists(edits(), min_size=1, max_size=10))
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_whatever_a_person_draws_check_has_a_sentence_for_it(pair, steps: list[Edit]):
    design, data = pair
    for step in steps:
        design = step.apply(design)
    report = check(design, data)
    assert set(report.order) == set(design.graph.nodes)
    assert report.trained <= set(design.graph.nodes)
    assert all(p.node is None or p.node in design.graph.nodes for p in report.problems)
    for problem in report.problems:
        assert problem.what.endswith(".") and problem.why
        for remedy in problem.fixes:
            try:
                mended = fixes.apply(remedy, design)
            except GraphError as error:
                raise AssertionError(f"{problem.sentence()} → {error}") from error
            check(mended, data)
    check(design, None)
    if report.trainable:
        compile_graph(design, report, data, seed=0)
