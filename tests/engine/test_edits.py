"""Edits of a design: pure, shared where untouched, and refused with a sentence where they cannot be made."""

from __future__ import annotations

import pytest

from engine.errors import GraphError
from engine.graph import edits, fragments, labels
from engine.graph.design import Design
from engine.graph.diff import diff
from engine.graph.frozen import Frozen
from engine.graph.model import Block, Graph, Layer, Node, Wire


def small() -> Design:
    """input → fc1 → relu1, ids a, b, c."""
    design, _ = edits.add_node(Design(), "Input", (0, 0), node_id="a")
    design, _ = edits.add_node(design, "Linear", (214, 0), node_id="b", parameters={"out_features": 5})
    design, _ = edits.add_node(design, "ReLU", (428, 0), node_id="c")
    design = edits.connect(design, Wire("a", "b"))
    return edits.connect(design, Wire("b", "c"))


def test_labels_are_made_from_the_kind_and_counted():
    design = small()
    assert [n.label for n in design.graph.nodes.values()] == ["input", "fc1", "relu1"]
    design, node = edits.add_node(design, "Conv2d", (0, 0))
    design, other = edits.add_node(design, "Conv2d", (0, 0))
    assert design.graph.nodes[node].label == "conv1"
    assert design.graph.nodes[other].label == "conv2"
    assert labels.unique_label(design.graph, "input") == "input2"
    assert labels.unique_label(design.graph, "my1") == "my1_1"
    assert labels.label_base("CrossEntropyLoss") == "cross_entropy"
    assert labels.label_base("BatchNorm2d") == "batch_norm"
    assert labels.label_base("LeakyReLU") == "leaky_relu"
    assert labels.label_base("LSTM") == "lstm"


def test_a_node_may_share_a_layer_and_a_layer_goes_with_its_last_node():
    design = small()
    layer = design.graph.nodes["b"].layer
    design, shared = edits.add_node(design, "Linear", (0, 0), layer=layer)
    assert design.graph.nodes_calling(layer) == (design.graph.nodes["b"], design.graph.nodes[shared])
    design = edits.remove_nodes(design, ["b"])
    assert layer in design.graph.layers
    assert design.graph.wires == ()
    design = edits.remove_nodes(design, [shared])
    assert layer not in design.graph.layers
    assert set(design.places) == {"a", "c"}


def test_one_wire_a_port_but_several_into_add():
    design = small()
    design, again = edits.add_node(design, "Input", (0, 0))
    replaced = edits.connect(design, Wire(again, "b"))
    assert replaced.graph.wires_into("b") == (Wire(again, "b"),)
    both = edits.connect(design, Wire(again, "b"), replace=False)
    assert len(both.graph.wires_into("b")) == 2
    design, add = edits.add_node(design, "Add", (0, 0))
    design = edits.connect(edits.connect(design, Wire("b", add)), Wire("c", add))
    assert len(design.graph.wires_into(add)) == 2
    assert edits.connect(design, Wire("c", add)) is design


def test_inserting_into_a_wire_keeps_the_order_of_wires():
    design = small()
    design, add = edits.add_node(design, "Concat", (0, 0))
    design = edits.connect(edits.connect(design, Wire("a", add)), Wire("b", add))
    design, relu = edits.add_node(design, "ReLU", (0, 0))
    design = edits.insert_on_wire(design, Wire("a", add), relu)
    assert [w.source for w in design.graph.wires_into(add)] == [relu, "b"]
    assert design.graph.wires_into(relu) == (Wire("a", relu),)


def test_parameters_are_set_reset_and_kept_plain():
    design = small()
    design = edits.set_parameter(design, "b", "bias", False)
    assert design.graph.layer_of("b").parameters == Frozen({"out_features": 5, "bias": False})
    design = edits.reset_parameter(design, "b", "bias")
    assert "bias" not in design.graph.layer_of("b").parameters
    assert edits.reset_parameter(design, "b", "bias") is design
    design = edits.set_parameter(design, "b", "sizes", [1, [2, 3]])  # type: ignore[list-item]
    assert design.graph.layer_of("b").parameters["sizes"] == (1, (2, 3))
    with pytest.raises(GraphError, match="cannot hold a dict"):
        edits.set_parameter(design, "b", "sizes", {})  # type: ignore[arg-type]


def test_moving_leaves_the_graph_the_same_object():
    design = small()
    moved = edits.move(design, {"a": (1, 2)})
    assert moved.graph is design.graph
    assert moved.places["a"] == (1.0, 2.0)
    change = diff(design, moved)
    assert change.nodes_moved == {"a"}
    assert not change.graph_changed
    assert not change.empty


def test_copies_have_layers_of_their_own_and_keep_what_they_shared():
    design = small()
    design, shared = edits.add_node(design, "Linear", (0, 0), layer=design.graph.nodes["b"].layer)
    design, copies = fragments.duplicate(design, ["b", "c", shared])
    graph = design.graph
    assert graph.nodes[copies["b"]].layer == graph.nodes[copies[shared]].layer != graph.nodes["b"].layer
    assert graph.layer_of(copies["b"]).parameters["out_features"] == 5
    assert Wire(copies["b"], copies["c"]) in graph.wires
    assert graph.nodes[copies["b"]].label == "fc3"


def test_blocks_are_defined_placed_and_repeated():
    inner = Graph(
        layers=Frozen({"i": Layer("i", "Input"), "o": Layer("o", "Output")}),
        nodes=Frozen({"in": Node("in", "i", "in"), "out": Node("out", "o", "out")}),
        wires=(Wire("in", "out"),),
    )
    design = edits.define_block(small(), Block("k", "residual", inner))
    design, node = edits.add_block_node(design, "k", (0, 0), repeat=3)
    assert design.graph.nodes[node].label == "residual1"
    assert design.graph.layer_of(node).repeat == 3
    assert edits.set_repeat(design, node, 2).graph.layer_of(node).repeat == 2
    changed = edits.define_block(design, Block("k", "residual", inner, Frozen({"size": ("i", "shape")})))
    assert diff(design, changed).nodes_changed == {node}
    with pytest.raises(GraphError, match="only a block"):
        edits.set_repeat(design, "b", 2)
    with pytest.raises(GraphError, match="no block"):
        edits.add_block_node(design, "nope", (0, 0))


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: edits.remove_nodes(d, ["nope"]),
        lambda d: edits.connect(d, Wire("a", "nope")),
        lambda d: edits.disconnect(d, [Wire("c", "a")]),
        lambda d: edits.rename(d, "a", "  "),
        lambda d: edits.set_parameter(d, "nope", "x", 1),
        lambda d: edits.move(d, {"nope": (0, 0)}),
        lambda d: edits.add_node(d, "Linear", (0, 0), node_id="a"),
        lambda d: edits.add_node(d, "Conv2d", (0, 0), layer=d.graph.nodes["b"].layer),
        lambda d: edits.add_node(d, "Conv2d", (0, 0), layer="nope"),
        lambda d: edits.insert_on_wire(d, Wire("a", "c"), "b"),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(edit):
    with pytest.raises(GraphError) as refusal:
        edit(small())
    assert str(refusal.value).endswith(".")


def test_diff_tells_wires_labels_and_order():
    design = small()
    design, add = edits.add_node(design, "Concat", (0, 0))
    design = edits.connect(edits.connect(design, Wire("b", add)), Wire("c", add))
    renamed = edits.rename(design, "b", "first")
    change = diff(design, renamed)
    assert change.labels_changed == change.nodes_changed == {"b"}
    cut = edits.disconnect(renamed, [Wire("b", "c")])
    assert diff(renamed, cut).wires_removed == (Wire("b", "c"),)
    assert diff(cut, renamed).wires_added == (Wire("b", "c"),)
    turned = edits.connect(edits.disconnect(design, [Wire("b", add)]), Wire("b", add))
    assert diff(design, turned).wires_reordered
    assert diff(design, design).empty
