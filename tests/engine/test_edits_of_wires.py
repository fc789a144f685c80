"""Edits that lead wires elsewhere: a moved end, a node put in or taken out, another kind in the same place."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_graphs import VECTOR, body, chain, data
from strategies import KINDS, designs, designs_with_data
from test_properties_graph import whole

from engine.check import bypass, healing
from engine.check.checker import check
from engine.check.report import Report
from engine.check.swapping import swap_kind
from engine.errors import GraphError, StrataError, UnknownName
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, Wire

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]
LINEAR4 = ("Linear", {"out_features": 4})


# -- moved ends -----------------------------------------------------------------------------------------------------
def merging() -> Design:
    """input → relu1, tanh1 → cat, and sigmoid1 that nothing feeds."""
    design = chain("ReLU", loss=None)
    for kind, name in (("Tanh", "tanh1"), ("Concat", "cat"), ("Sigmoid", "sigmoid1")):
        design, _ = edits.add_node(design, kind, (0, 0), node_id=name)
    for wire in (Wire("input", "tanh1"), Wire("relu1", "cat"), Wire("tanh1", "cat")):
        design = edits.connect(design, wire)
    return design


def test_a_moved_source_keeps_its_place_among_the_wires():
    design = edits.rewire(merging(), Wire("relu1", "cat"), Wire("sigmoid1", "cat"))
    assert [w.source for w in design.graph.wires_into("cat")] == ["sigmoid1", "tanh1"]
    onto_itself = edits.rewire(design, Wire("sigmoid1", "cat"), Wire("tanh1", "cat"))
    assert [w.source for w in onto_itself.graph.wires_into("cat")] == ["tanh1"]
    assert edits.rewire(design, Wire("tanh1", "cat"), Wire("tanh1", "cat")) is design


def test_a_moved_target_comes_last_and_takes_a_port_for_itself():
    design = edits.rewire(merging(), Wire("input", "tanh1"), Wire("input", "cat"))
    assert [w.source for w in design.graph.wires_into("cat")] == ["relu1", "tanh1", "input"]
    design = edits.rewire(merging(), Wire("tanh1", "cat"), Wire("tanh1", "relu1"))
    assert design.graph.wires_into("relu1") == (Wire("tanh1", "relu1"),)
    crowd = edits.rewire(merging(), Wire("tanh1", "cat"), Wire("tanh1", "relu1"), replace=False)
    assert len(crowd.graph.wires_into("relu1")) == 2
    for old, new in ((Wire("cat", "relu1"), Wire("cat", "tanh1")), (Wire("input", "tanh1"), Wire("gone", "tanh1"))):
        with pytest.raises(GraphError) as refusal:
            edits.rewire(merging(), old, new)
        assert str(refusal.value).endswith(".")


@given(designs(), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_a_wire_may_be_moved_anywhere_and_back(design: Design, draw: st.DataObject):
    if not design.graph.wires:
        return
    nodes = list(design.graph.nodes)
    wire = draw.draw(st.sampled_from(design.graph.wires))
    moved = replace(wire, source=draw.draw(st.sampled_from(nodes)))
    after = edits.rewire(design, wire, moved, replace=False)
    assert whole(after) and moved in after.graph.wires
    if moved not in design.graph.wires:
        assert edits.rewire(after, moved, wire, replace=False) == design
    elsewhere = edits.rewire(design, wire, replace(wire, target=draw.draw(st.sampled_from(nodes))))
    assert whole(elsewhere) and len(elsewhere.graph.wires) <= len(design.graph.wires)


@given(designs(), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_a_node_put_into_a_wire_is_between_its_ends(design: Design, draw: st.DataObject):
    if not design.graph.wires:
        return
    wire = draw.draw(st.sampled_from(design.graph.wires))
    others = [n for n in design.graph.nodes if n not in (wire.source, wire.target)]
    if not others:
        return
    node = draw.draw(st.sampled_from(others))
    after = edits.insert_on_wire(design, wire, node)
    assert whole(after) and wire not in after.graph.wires
    first, second = Wire(wire.source, node, "input", wire.source_port), replace(wire, source=node, source_port="output")
    assert first in after.graph.wires and second in after.graph.wires
    fed = [w for w in design.graph.wires_into(wire.target) if w != second]
    now = [wire if w == second else w for w in after.graph.wires_into(wire.target)]
    assert now == fed  # the others at the target are as they were, in their order


# -- healing --------------------------------------------------------------------------------------------------------
def test_what_fed_a_node_feeds_what_it_fed():
    design = chain("ReLU", "Tanh", "Flatten", LINEAR4)
    after = healing.remove(design, check(design, data()), ["relu1", "tanh1"])
    assert Wire("input", "flatten") in after.graph.wires and whole(after)
    assert not check(after, data()).errors
    # an image does not fit where a vector is wanted
    report = check(design, data())
    assert healing.remove(design, report, ["flatten"]).graph.wires_into("fc1") == ()


def test_wires_of_the_selection_go_without_being_healed():
    design = chain("ReLU", "Tanh", LINEAR4)
    report = check(design, data(VECTOR))
    after = healing.remove(design, report, ["relu1"], [Wire("input", "relu1")])
    assert after.graph.wires_into("tanh1") == ()
    assert healing.remove(design, report, [], [Wire("input", "relu1")]) == edits.disconnect(
        design, [Wire("input", "relu1")]
    )
    assert healing.remove(design, report, []) is design
    with pytest.raises(GraphError):
        healing.remove(design, report, ["gone"])


def test_healing_keeps_the_order_of_a_merge_and_looks_through_what_is_bypassed():
    design = chain("ReLU", loss=None)
    for kind, name in (("Tanh", "tanh1"), ("Sigmoid", "sigmoid1"), ("Add", "sum"), ("Concat", "cat")):
        design, _ = edits.add_node(design, kind, (0, 0), node_id=name)
    wires = [("input", "tanh1"), ("relu1", "sigmoid1"), ("sigmoid1", "cat"), ("tanh1", "cat")]
    for source, target in [*wires, ("tanh1", "sum"), ("relu1", "sum"), ("sum", "cat")]:
        design = edits.connect(design, Wire(source, target))
    report = check(design, data())
    after = healing.remove(design, report, ["sigmoid1"])
    assert [w.source for w in after.graph.wires_into("cat")] == ["relu1", "tanh1", "sum"]
    assert [w.source for w in healing.remove(design, report, ["sum"]).graph.wires_into("cat")] == ["sigmoid1", "tanh1"]
    passing = bypass.set_bypassed(edits.disconnect(design, [Wire("tanh1", "cat")]), ["sum"])
    after = healing.remove(passing, check(passing, data()), ["sum"])
    assert [w.source for w in after.graph.wires_into("cat")] == ["sigmoid1", "tanh1"]


@given(designs_with_data(), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_healing_adds_no_problem(pair, draw: st.DataObject):
    design, spec = pair
    chosen = draw.draw(st.sets(st.sampled_from(list(design.graph.nodes)), max_size=4))
    report = check(design, spec)
    after = healing.remove(design, report, chosen)
    plain = edits.remove_nodes(design, chosen) if chosen else design
    assert whole(after) and set(plain.graph.wires) <= set(after.graph.wires)
    assert after.graph.nodes == plain.graph.nodes and after.places == plain.places
    assert [w for w in after.graph.wires if w in set(plain.graph.wires)] == list(plain.graph.wires)
    loose = healing.detach(design, report, chosen)  # the same wires around what stays, wired to nothing
    assert loose.graph.wires == after.graph.wires and loose.graph.nodes == design.graph.nodes
    made = {w.target for w in after.graph.wires if w not in design.graph.wires}
    crowds = {p.node for p in check(after, spec).errors if p.code in ("too-many-wires", "unknown-port", "cycle")}
    assert not made & crowds


def test_thousands_are_taken_out_at_once():
    ids = [f"n{i}" for i in range(10_000)]
    wires = [Wire(a, b) for a, b in itertools.pairwise(ids)] + [Wire("n4998", f"n{i}") for i in range(5001, 10_000)]
    layers = Frozen({n: Layer(n, "Add") for n in ids})
    design = Design(Graph(layers, Frozen({n: Node(n, n, n) for n in ids}), tuple(wires)))
    began = time.process_time()
    after = healing.remove(design, Report(), [f"n{i}" for i in range(1, 5000)])
    taken = time.process_time() - began
    print(f"5,000 nodes taken out of 10,000: {taken * 1000:.0f} ms")
    assert len(after.graph.wires_from("n0")) == 5000 and taken < 3


# -- another kind ---------------------------------------------------------------------------------------------------
def test_another_kind_keeps_wires_place_and_what_it_knows():
    conv = {"out_channels": 4, "kernel_size": 3, "bias": False}
    design = chain(("Conv2d", conv), "Flatten", LINEAR4)
    swapped = swap_kind(design, "conv1", "ConvTranspose2d")
    graph = swapped.design.graph
    assert graph.layer_of("conv1").parameters == Frozen(conv) and graph.wires == design.graph.wires
    assert graph.nodes["conv1"].label == "conv_transpose1" and swapped.design.places == design.places
    assert graph.nodes["conv1"].layer == design.graph.nodes["conv1"].layer
    assert (swapped.wires, swapped.parameters, swapped.told) == ((), (), "")
    pool = swap_kind(design, "conv1", "MaxPool2d")
    assert pool.design.graph.layer_of("conv1").parameters == Frozen({"kernel_size": 3})
    assert pool.parameters == ("out_channels", "bias") and pool.told == "pool1 does not take out_channels and bias."
    assert not check(pool.design, data()).errors
    own = edits.rename(design, "conv1", "eyes")
    assert swap_kind(own, "conv1", "ReLU").design.graph.nodes["conv1"].label == "eyes"
    assert swap_kind(design, "conv1", "Conv2d").design is design


def test_wires_without_a_port_go_and_are_told():
    design = chain("MultiheadAttention", "Flatten", LINEAR4)
    for port in ("key", "value"):
        design = edits.connect(design, Wire("input", "multihead_attention1", port))
    swapped = swap_kind(design, "multihead_attention1", "ReLU")
    assert swapped.design.graph.wires_into("multihead_attention1") == (Wire("input", "multihead_attention1"),)
    assert [w.target_port for w in swapped.wires] == ["key", "value"]
    assert swapped.told.startswith("The wires from input to ") and "found no port." in swapped.told
    back = swap_kind(swapped.design, "multihead_attention1", "MultiheadAttention").design
    assert [w.target_port for w in back.graph.wires_into("multihead_attention1")] == ["query"]
    loss = swap_kind(design, "fc1", "MSELoss")
    assert Wire("fc1", "loss") in loss.wires and loss.design.graph.wires_into("fc1")


def test_of_several_wires_the_first_stays_where_one_is_taken():
    design = chain("ReLU", "Tanh", loss=None)
    design, _ = edits.add_node(design, "Add", (0, 0), node_id="sum")
    for source in ("tanh1", "relu1", "input"):
        design = edits.connect(design, Wire(source, "sum"))
    swapped = swap_kind(design, "sum", "GELU")
    assert swapped.design.graph.wires_into("sum") == (Wire("tanh1", "sum"),) and len(swapped.wires) == 2
    assert len(swap_kind(design, "sum", "Concat").design.graph.wires_into("sum")) == 3


def test_a_shared_layer_changes_for_all_and_a_block_comes_and_goes():
    design = chain(("Linear", {"out_features": 6}), LINEAR4)
    design, other = edits.add_node(design, "Linear", (0, 0), layer=design.graph.nodes["fc1"].layer)
    swapped = swap_kind(design, "fc1", "ReLU").design
    assert {swapped.graph.layer_of(n).kind for n in ("fc1", other)} == {"ReLU"} and whole(swapped)
    assert {swapped.graph.nodes[n].label for n in ("fc1", other)} == {"relu1", "relu2"}
    design = edits.define_block(design, body("Tanh", "ReLU"))
    block = swap_kind(design, "fc1", "Block", "body").design
    assert block.graph.layer_of("fc1").block == "body" and block.graph.nodes["fc1"].label == "body1"
    assert (
        Wire("input", "fc1", "in") in block.graph.wires and Wire("fc1", "fc2", source_port="out") in block.graph.wires
    )
    assert not [p for p in check(block, data(VECTOR)).errors if p.node == "fc1"]
    assert Wire("input", "fc1") in swap_kind(block, "fc1", "Linear").design.graph.wires
    with pytest.raises(GraphError, match="no block"):
        swap_kind(design, "fc1", "Block", "gone")
    with pytest.raises(UnknownName, match="Did you mean"):
        swap_kind(design, "fc1", "Linearr")
    with pytest.raises(GraphError, match="no longer there"):
        swap_kind(design, "gone", "ReLU")


def test_what_cannot_be_bypassed_is_so_no_more():
    design = bypass.set_bypassed(chain("ReLU", LINEAR4), ["relu1"])
    assert swap_kind(design, "relu1", "Tanh").design.graph.nodes["relu1"].bypassed
    assert not swap_kind(design, "relu1", "Input").design.graph.nodes["relu1"].bypassed


@given(designs_with_data(), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_any_node_may_become_any_kind(pair, draw: st.DataObject):
    design, spec = pair
    node = draw.draw(st.sampled_from(list(design.graph.nodes)))
    kind = draw.draw(st.sampled_from([*KINDS, "LSTM", "MultiheadAttention", "Bilinear"]))
    try:
        swapped = swap_kind(design, node, kind)
    except StrataError as error:
        assert str(error).endswith((".", "?"))
        return
    after = swapped.design
    assert whole(after) and after.places == design.places
    assert len(after.graph.wires) + len(swapped.wires) == len(design.graph.wires)
    sharing = {n.id for n in design.graph.nodes_calling(design.graph.nodes[node].layer)}
    strays = {p.node for p in check(after, spec).errors if p.code in ("unknown-port", "too-many-wires")}
    assert not strays & sharing
    assert bool(swapped.told) == bool(swapped.wires or swapped.parameters)
