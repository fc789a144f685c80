"""Copy, cut and paste: a part of a design goes into the same one or another, as it was; foreign text is refused."""

from __future__ import annotations

import itertools
import json
import pickle
import time
from dataclasses import replace

import project_values
import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_graphs import body, chain
from test_properties_graph import whole

from engine.errors import GraphError
from engine.graph import edits, fragments
from engine.graph.design import Design, Frame, Note
from engine.graph.fragments import Fragment, Pasted
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, Wire
from engine.project import fragment as text

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def same_up_to_ids(fragment: Fragment, pasted: Pasted, into: Design) -> bool:
    """Whether what was pasted is what was copied: kinds, parameters, sharing, wires in their order, places."""
    graph, made, layers = fragment.graph, pasted.design.graph, {}
    for old, new in pasted.nodes.items():
        one, other = graph.layer_of(old), made.layer_of(new)
        if layers.setdefault(one.id, other.id) != other.id:
            return False
        if replace(one, id="", block=None) != replace(other, id="", block=None):
            return False
        if one.block is not None and (one.block in graph.blocks) != (other.block in made.blocks):
            return False
        if graph.nodes[old].bypassed != made.nodes[new].bypassed or new in into.graph.nodes:
            return False
    wires = [replace(w, source=pasted.nodes[w.source], target=pasted.nodes[w.target]) for w in graph.wires]
    inner = [w for w in made.wires[len(into.graph.wires) :] if w not in pasted.wires]
    return len(set(layers.values())) == len(layers) and inner == wires


@given(strategies.designs(), st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_a_fragment_comes_back_as_it_was(design: Design, draw: st.DataObject):
    chosen = draw.draw(st.sets(st.sampled_from(list(design.graph.nodes))))
    stored = pickle.dumps(design)
    fragment = fragments.copy(design, chosen)
    assert text.from_text(text.to_text(fragment)) == fragment
    pasted = fragments.paste(Design(), fragment, at=fragment.corner)
    assert same_up_to_ids(fragment, pasted, Design())
    made = pasted.design
    assert whole(made) and made.graph.blocks == fragment.graph.blocks
    assert {n: made.places[new] for n, new in pasted.nodes.items()} == {n: design.places[n] for n in chosen}
    labels = [n.label for n in made.graph.nodes.values()]
    assert len(set(labels)) == len(labels)
    kept = dict.fromkeys(fragment.graph.nodes[n].label for n in pasted.nodes)
    assert set(kept) <= set(labels)  # a label is kept, and only its further copies get another
    again = fragments.paste(design, fragment, keep_incoming=True)
    assert whole(again.design) and same_up_to_ids(fragment, again, design)
    assert len(again.wires) == len(fragment.incoming)  # all sources are there
    assert again.design.graph.blocks == design.graph.blocks
    left, taken = fragments.cut(design, chosen)
    assert taken == fragment and whole(left) and not chosen & set(left.graph.nodes)
    assert pickle.dumps(design) == stored


@given(project_values.designs(), project_values.designs())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_any_design_goes_into_any_other(one: Design, other: Design):
    fragment = fragments.copy(one, one.graph.nodes, [n.id for n in one.notes], [f.id for f in one.frames])
    pasted = fragments.paste(other, fragment, keep_incoming=True)
    made = pasted.design
    assert same_up_to_ids(fragment, pasted, other)
    assert set(other.graph.nodes.items()) <= set(made.graph.nodes.items())
    assert set(other.graph.blocks.items()) <= set(made.graph.blocks.items())
    assert len(made.notes) == len(other.notes) + len(one.notes)
    assert len(made.frames) == len(other.frames) + len(one.frames)
    for old, new in pasted.nodes.items():  # the same block, however it is called now
        source, target = one.graph.layer_of(old).block, made.graph.layer_of(new).block
        if source is not None:
            assert len(one.graph.blocks[source].graph.nodes) == len(made.graph.blocks[target].graph.nodes)
    assert (made.recipe, made.data, made.flow) == (other.recipe, other.data, other.flow)


def test_incoming_wires_are_kept_where_their_sources_are_and_in_their_order():
    design = chain("ReLU", "Tanh", loss=None)
    design, _ = edits.add_node(design, "Concat", (600, 100), node_id="cat")
    for source in ("tanh1", "input", "relu1"):
        design = edits.connect(design, Wire(source, "cat"))
    fragment = fragments.copy(design, ["cat", "relu1"])
    pasted = fragments.paste(design, fragment, keep_incoming=True)
    cat, relu = pasted.nodes["cat"], pasted.nodes["relu1"]
    assert [w.source for w in pasted.design.graph.wires_into(cat)] == ["tanh1", "input", relu]
    assert [w.source for w in pasted.design.graph.wires_into(relu)] == ["input"]
    left = edits.remove_nodes(design, ["tanh1"])
    pasted = fragments.paste(left, text.from_text(text.to_text(fragment)), keep_incoming=True)
    assert [w.source for w in pasted.design.graph.wires_into(pasted.nodes["cat"])] == ["input", pasted.nodes["relu1"]]
    without = fragments.paste(design, fragment)
    assert without.wires == () and len(without.design.graph.wires_into(without.nodes["cat"])) == 1


def test_a_fragment_lies_where_it_was_asked_to():
    design = chain("ReLU", loss=None)
    design = replace(
        design, notes=(Note("n", "text", -10.0, 50.0),), frames=(Frame("f", "title", 5.0, -20.0, 400.0, 200.0),)
    )
    fragment = fragments.copy(design, ["relu1"], ["n"], ["f"])
    assert fragment.corner == (-10.0, -20.0)
    pasted = fragments.paste(design, fragment, at=(1000.0, 0.0))
    assert pasted.design.places[pasted.nodes["relu1"]] == (1224.0, 20.0)
    note, frame = pasted.design.notes[-1], pasted.design.frames[-1]
    assert (note.id, note.x, note.y) == (pasted.notes["n"], 1000.0, 70.0)
    assert (frame.id, frame.x, frame.y, frame.width) == (pasted.frames["f"], 1015.0, 0.0, 400.0)
    left, taken = fragments.cut(design, ["relu1"], ["n"], ["f"])
    assert taken == fragment and not left.notes and not left.frames and "relu1" not in left.graph.nodes
    assert fragments.copy(design).empty and fragments.paste(design, fragments.copy(design)).design == design


def test_a_block_is_defined_once_however_often_it_is_pasted():
    outer = replace(body("ReLU", block="outer"), label="outer")
    layers = outer.graph.layers.with_item("0", Layer("0", "Block", block="body"))
    outer = replace(outer, graph=replace(outer.graph, layers=layers))
    design = edits.define_block(edits.define_block(Design(), body("Tanh")), outer)
    design, node = edits.add_block_node(design, "outer", (0, 0), repeat=2)
    fragment = fragments.copy(design, [node])
    assert set(fragment.graph.blocks) == {"outer", "body"}
    empty = fragments.paste(Design(), fragment).design
    twice = fragments.paste(empty, fragment).design
    assert dict(twice.graph.blocks) == dict(design.graph.blocks)
    # another design has something else under the id of the inner one
    other = edits.define_block(Design(), body("Sigmoid"))
    pasted = fragments.paste(other, fragment)
    called = pasted.design.graph.layer_of(pasted.nodes[node])
    assert called.block not in (None, "outer", "body") and called.repeat == 2
    within = pasted.design.graph.blocks[called.block].graph.layers["0"].block
    assert pasted.design.graph.blocks[within].graph.layers["0"].kind == "Tanh"
    assert pasted.design.graph.blocks["body"] == other.graph.blocks["body"]
    again = fragments.paste(other, fragments.copy(edits.define_block(design, body("Tanh")), [node]))
    assert len(again.design.graph.blocks) == 3


def plain() -> dict:
    design = edits.define_block(chain("ReLU", ("Linear", {"out_features": 3})), body("Tanh"))
    design, _ = edits.add_block_node(design, "body", (0, 0), node_id="b")
    design = edits.connect(design, Wire("relu1", "b", "in"))
    design = replace(design, notes=(Note("n", "", 0, 0),), frames=(Frame("f", "", 0, 0, 1, 1),))
    return json.loads(text.to_text(fragments.copy(design, ["relu1", "fc1", "b"], ["n"], ["f"])))


def spoiled(*path, value) -> str:
    top = plain()
    at = top
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(top)


def nested(depth: int) -> str:
    return '{"type":"strata fragment","version":"1.0","graph":' + "[" * depth


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "no part of a network"),
        ("hello", "no part of a network"),
        ("{}", "no part of a network"),
        ('{"type":"design","version":"1.0"}', "no part of a network"),
        ('{"kind":"strata fragment"}', "damaged"),
        ("strata fragment", "no part of a network"),
        ('{"type":"strata fragment"', "damaged"),
        ('{"type":"strata fragment","version":"2.0"}', "newer Strata"),
        ('{"type":"strata fragment","version":"99999999999.0"}', "no version number"),
        ('{"type":"strata fragment","version":[]}', "damaged"),
        ('{"type":"strata fragment","type":"strata fragment"}', "twice"),
        ('{"type":"strata fragment","version":"1.0"}', "graph should be"),
        ('{"type":"strata fragment","version":"1.0","graph":"\ud800"}', "graph should be"),
        (nested(200_000), "nested too deeply"),
        (nested(5), "damaged"),
        (spoiled("graph", "nodes", 0, "layer", value="gone"), "a layer of the graph"),
        (spoiled("graph", "nodes", 0, "id", value=7), "should be text"),
        (spoiled("graph", "nodes", 0, "bypassed", value="no"), "true or false"),
        (spoiled("graph", "wires", 0, "target", value="gone"), "a node of the graph"),
        (spoiled("graph", "layers", 0, "kind", value="os.system"), "no kind of layer called ‘os.system’"),
        (spoiled("graph", "layers", 0, "kind", value="x" * 100_000), "at most"),
        (spoiled("graph", "layers", 0, "parameters", value={"a": [[[[[[[[[[1]]]]]]]]]]}), "nested at most"),
        (spoiled("graph", "blocks", 0, "graph", "layers", 1, "kind", value="Evil"), "no kind of layer"),
        (spoiled("graph", "blocks", 0, "graph", value=None), "damaged"),
        (spoiled("incoming", 0, "target", value="gone"), "a node of the graph"),
        (spoiled("incoming", 0, "source", value="relu1"), "a node outside"),
        (spoiled("incoming", 0, "position", value=-1), "whole number"),
        (spoiled("places", "relu1", value=[1e300, 0]), "no farther out"),
        (spoiled("places", "relu1", value=[0]), "a pair of numbers"),
        (spoiled("places", "relu1", 0, value=float("nan")), "not allowed"),
        (spoiled("notes", 0, "width", value=1e200), "no farther out"),
        (spoiled("frames", 0, "x", value="left"), "a number"),
        (spoiled("notes", 0, "text", value="x" * 1_000_001), "at most"),
        ('{"type":"strata fragment","version":"1.0","x":' + "9" * 1_000_000 + "}", "digits"),
        ('{"type":"strata fragment","x":"' + "x" * text.MOST_BYTES + '"}', "too long"),
    ],
    ids=lambda value: value[-40:],
)
def test_text_that_is_no_fragment_is_refused_with_a_sentence(pasted: str, words: str):
    with pytest.raises(GraphError) as refusal:
        text.from_text(pasted)
    assert words in str(refusal.value)
    assert str(refusal.value).endswith((".", "?")) and "Traceback" not in str(refusal.value)


def test_too_many_layers_are_refused(monkeypatch):
    fragment = fragments.copy(chain("ReLU", "ReLU"), ["relu1", "relu2"])
    monkeypatch.setattr(text, "MOST_NODES", 1)
    with pytest.raises(GraphError, match="has 2 layers; at most 1 layer can be pasted"):
        text.from_text(text.to_text(fragment))


@given(st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_no_spoiled_text_raises_anything_else(draw: st.DataObject):
    good = json.dumps(plain())
    start = draw.draw(st.integers(0, len(good) - 1))
    length = draw.draw(st.integers(0, 40))
    put = draw.draw(st.text(max_size=5) | st.sampled_from(["null", "[", "{", '"', "-1", "1e400", "true", "[[]]"]))
    try:
        fragment = text.from_text(good[:start] + put + good[start + length :])
    except GraphError:
        return
    whole(fragments.paste(Design(), fragment).design)


def test_a_layer_that_no_node_calls_is_not_pasted():
    fragment = Fragment(Graph(Frozen({"l": Layer("l", "ReLU")})))
    assert fragments.paste(Design(), fragment).design.graph == Graph()


def test_what_is_copied_is_known_from_its_ends():
    written = text.to_text(fragments.copy(chain("ReLU"), ["relu1"]))
    assert text.is_fragment(written)
    assert not text.is_fragment("") and not text.is_fragment('{"type":"design"}')


def large(count: int) -> Design:
    ids = [f"n{i}" for i in range(count)]
    graph = Graph(
        Frozen({n: Layer(n, "Linear", Frozen({"out_features": 5})) for n in ids}),
        Frozen({n: Node(n, n, f"fc{i + 1}") for i, n in enumerate(ids)}),
        tuple(Wire(a, b) for a, b in itertools.pairwise(ids)),
    )
    return Design(graph, Frozen({n: (214.0 * (i % 100), 190.0 * (i // 100)) for i, n in enumerate(ids)}))


def test_a_thousand_nodes_are_pasted_into_ten_thousand_at_once():
    design = large(10_000)
    copied = text.to_text(fragments.copy(design, [f"n{i}" for i in range(4000, 5000)]))
    began = time.process_time()
    pasted = fragments.paste(design, text.from_text(copied), keep_incoming=True)
    taken = time.process_time() - began
    print(f"paste of 1,000 into 10,000: {taken * 1000:.0f} ms")
    assert len(pasted.design.graph.nodes) == 11_000 and len(pasted.wires) == 1
    assert taken < 0.3
