"""A design as JSON values and back, and what the way back refuses."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from project_values import designs, differences, full_data, full_design

from engine.check.checker import check
from engine.data.spec import DataSpec, FieldSpec
from engine.errors import ProjectFileError
from engine.graph.design import DataChoice, Design, Frame, Note
from engine.graph.frozen import Frozen
from engine.graph.model import Block, Graph, Layer, Node, Wire
from engine.graph.recipe import Named, Recipe
from engine.observe.history import History
from engine.observe.picture import Look, Picture, Request, View
from engine.project.codec import design_to_plain, plain_to_design
from engine.project.fields import plain_to_spec, spec_to_plain
from engine.project.plain import from_json, to_json
from engine.project.project import Project, RunRecord
from engine.train.events import Metrics, TrainingState


@given(designs())
def test_a_design_comes_back_as_it_was(design: Design):
    data = to_json(design_to_plain(design))
    back = plain_to_design(from_json(data, "design"))
    assert not differences(back, design)
    assert list(back.graph.layers) == list(design.graph.layers)
    assert list(back.graph.nodes) == list(design.graph.nodes)
    assert to_json(design_to_plain(back)) == data


def test_the_full_design_comes_back():
    design = full_design()
    assert plain_to_design(json.loads(to_json(design_to_plain(design)))) == design


def test_half_a_character_in_a_text_comes_back():
    design = Design(notes=(Note("n", "a \ud800 b", 0.0, 0.0),))
    assert plain_to_design(json.loads(to_json(design_to_plain(design)))) == design


def test_whole_and_broken_numbers_stay_apart():
    layer = Layer(
        "l", "ReLU", Frozen({"a": 1, "b": 1.0, "c": True, "d": (1, (2.0, None)), "e": float("inf"), "f": "inf"})
    )
    design = Design(Graph(Frozen({"l": layer})))
    back = plain_to_design(from_json(to_json(design_to_plain(design)), "design")).graph.layers["l"].parameters
    assert [type(value) for value in back.values()] == [type(value) for value in layer.parameters.values()]
    assert back == layer.parameters


def test_what_has_a_default_may_be_missing():
    plain = {"type": "design", "version": "1.0", "graph": {"layers": [], "nodes": [], "wires": []}}
    assert plain_to_design(plain) == Design()


def test_unknown_additions_are_ignored():
    plain = design_to_plain(full_design()) | {"colour": "blue", "version": "1.7"}
    plain["graph"]["nodes"][0]["halo"] = [1]  # type: ignore[index, call-overload]
    assert plain_to_design(plain) == full_design()


def _minimal(**changes):
    layers = [{"id": "a", "kind": "Input"}, {"id": "b", "kind": "Linear", "parameters": {"out_features": 3}}]
    nodes = [{"id": "a", "layer": "a", "label": "in"}, {"id": "b", "layer": "b", "label": "fc"}]
    graph = {"layers": layers, "nodes": nodes, "wires": [{"source": "a", "target": "b"}]}
    return {"type": "design", "version": "1.0", "graph": graph | changes}


def _block(graph):
    return {"id": "x", "label": "X", "graph": graph}


EMPTY = {"layers": [], "nodes": [], "wires": []}


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (None, "object"),
        ([], "object"),
        ({}, "type"),
        ({"type": "run", "version": "1.0"}, "‘design’"),
        ({"type": "design", "version": "2.0"}, "newer"),
        ({"type": "design", "version": "one"}, "version"),
        ({"type": "design", "version": "1.0"}, "graph should be an object"),
        (_minimal(layers={}), "layers should be a list"),
        (_minimal(layers=[{"id": "a", "kind": "Block", "block": "x"}]), "layer of the graph"),
        (_minimal(layers=[{"id": "a", "kind": "Input"}] * 2), "stands once"),
        (_minimal(layers=[{"id": "a/b", "kind": "Input"}]), "an id"),
        (_minimal(layers=[{"id": "", "kind": "Input"}]), "an id"),
        (_minimal(layers=[{"id": "a" * 300, "kind": "Input"}]), "at most"),
        (_minimal(layers=[{"id": 3, "kind": "Input"}]), "text"),
        (_minimal(nodes=[{"id": "a", "layer": "gone", "label": ""}]), "layer of the graph"),
        (_minimal(nodes=[{"id": "a", "layer": "a"}]), "label should be text, but is nothing"),
        (_minimal(wires=[{"source": "a", "target": "gone"}]), "node of the graph"),
        (_minimal(wires=[["a", "b"]]), "object"),
        (_minimal(blocks=[_block(EMPTY | {"blocks": []})]), "outermost"),
        (_minimal(blocks=[_block(EMPTY)] * 2), "stands once"),
        (_minimal() | {"places": {"a": [1]}}, "pair"),
        (_minimal() | {"places": {"a": [1, {"float": "nan"}]}}, "finite"),
        (_minimal() | {"notes": [{"id": "n", "text": "x" * 2_000_000, "x": 0, "y": 0}]}, "at most"),
        (_minimal() | {"recipe": {"epochs": {"much": 1}}}, "a number"),
        (_minimal() | {"recipe": {"optimizer": {"name": 5}}}, "text"),
        (_minimal(layers=[{"id": "a", "kind": "Input", "block": "x"}]), "only a block"),
        (_minimal() | {"data": {"source": 5}}, "text"),
        (_minimal() | {"flow": "up"}, "one of right, down"),
        (_minimal(nodes=[{"id": "a", "layer": "a", "label": "", "bypassed": 1}], wires=[]), "true or false"),
    ],
)
def test_what_no_design_can_be_is_refused(plain, words):
    with pytest.raises(ProjectFileError, match=words.replace("?", r"\?")):
        plain_to_design(plain)


def _field(**changes):
    return {"name": "x", "kind": "image", "shape": [1, 8, 8], "dtype": "float32"} | changes


def _known(*inputs, **changes):
    head = {"type": "data", "version": "1.0", "name": "d", "title": "D"}
    return head | {"inputs": [*inputs], "targets": []} | changes


def test_what_is_known_of_the_data_may_be_short():
    assert plain_to_spec(_known(_field())).inputs == (FieldSpec("x", "image", (1, 8, 8), "float32"),)
    assert plain_to_spec(from_json(to_json(spec_to_plain(full_data())), "data")) == full_data()


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (_known() | {"version": "2.0"}, "newer"),
        (_known() | {"type": "design"}, "‘data’"),
        (_known(inputs="x"), "a list"),
        (_known(_field(), _field()), "stands once"),
        (_known(*(_field(name=str(n)) for n in range(101))), "at most 100"),
        (_known(_field(shape=[1] * 9)), "at most 8"),
        (_known(_field(shape=[0])), "from 1"),
        (_known(_field(shape=[-1])), "from 1"),
        (_known(_field(shape=[2**31])), "from 1"),
        (_known(_field(shape=[10**290])), "from 1"),
        (_known(_field(shape=[2**16, 2**16])), "fits in memory"),
        (_known(_field(shape=[1.5])), "whole number"),
        (_known(_field(kind="sound")), "one of image"),
        (_known(_field(dtype="object")), "one of float32"),
        (_known(_field(classes=[1])), "text"),
        (_known(_field(classes=["c"] * 100_001)), "at most"),
        (_known(_field(below=-1)), "from 0"),
        (_known(_field(below=2**70)), "from 0"),
        (_known(title="x" * 20_000), "at most"),
        (_known(warnings=["w"] * 101), "at most 100"),
    ],
)
def test_data_that_no_program_could_read_are_refused(plain, words):
    with pytest.raises(ProjectFileError, match=words):
        plain_to_spec(plain)


def _ring(length: int) -> Design:
    """A block that stands in itself, with so many others between."""
    blocks = {
        f"b{n}": Block(f"b{n}", f"B{n}", Graph(Frozen({"l": Layer("l", "Block", Frozen(), f"b{(n + 1) % length}")}),
                                             Frozen({"n": Node("n", "l", "n")})), Frozen({"size": ("l", "size")}))
        for n in range(length)
    }  # fmt: skip
    layer = Layer("l", "Block", Frozen({"size": 3}), "b0")
    return Design(Graph(Frozen({"l": layer}), Frozen({"n": Node("n", "l", "n")}), (), Frozen(blocks)))


@pytest.mark.parametrize("length", [1, 2, 50])
def test_a_block_within_itself_is_saved_and_check_tells_it_once(length):
    design = _ring(length)
    assert plain_to_design(from_json(to_json(design_to_plain(design)), "design")) == design
    assert [p.code for p in check(design).errors if p.node == "n"] == ["block-recursion"]


def test_blocks_of_blocks_that_unfold_beyond_measure_are_saved_and_refused_by_check():
    blocks = {"b0": Block("b0", "B0", Graph(Frozen({"l": Layer("l", "ReLU")}), Frozen({"n": Node("n", "l", "n")})))}
    for n in range(1, 40):  # each calls the one before twice
        inner = Graph(Frozen({"l": Layer("l", "Block", Frozen(), f"b{n - 1}")}),
                      Frozen({"m": Node("m", "l", "m"), "n": Node("n", "l", "n")}))  # fmt: skip
        blocks[f"b{n}"] = Block(f"b{n}", f"B{n}", inner)
    nodes = Frozen({f"n{i}": Node(f"n{i}", f"l{i}", f"n{i}") for i in range(3)})
    for number, repeat, told in ((39, 1, 3), (15, 1, 0), (15, 2, 2)):  # 2 ** 15 nodes: three of them find room, not six
        layers = Frozen({f"l{i}": Layer(f"l{i}", "Block", Frozen(), f"b{number}", repeat) for i in range(3)})
        design = Design(Graph(layers, nodes, (), Frozen(blocks)))
        assert plain_to_design(from_json(to_json(design_to_plain(design)), "design")) == design
        assert [p.code for p in check(design).errors].count("block-size") == told


def _nested(depth: int) -> Design:
    """One block node whose blocks stand within each other so deep."""
    blocks: dict[str, Block] = {}
    for number in range(depth):
        inner = Layer("l", "ReLU") if number == 0 else Layer("l", "Block", block=f"b{number - 1}")
        graph = Graph(Frozen({"l": inner}), Frozen({"n": Node("n", "l", "n")}))
        blocks[f"b{number}"] = Block(f"b{number}", f"b{number}", graph)
    layer = Layer("l", "Block", block=f"b{depth - 1}")
    return Design(Graph(Frozen({"l": layer}), Frozen({"n": Node("n", "l", "n")}), (), Frozen(blocks)))


def test_what_is_nested_too_deeply_to_be_saved_is_told_before():
    for depth, said in ((50, False), (51, True), (60, True)):
        codes = [p.code for p in check(_nested(depth)).problems]
        assert ("block-nesting" in codes) == said
        if said:
            with pytest.raises(ProjectFileError, match="too deeply"):
                plain_to_design(design_to_plain(_nested(depth)))
        else:
            assert plain_to_design(design_to_plain(_nested(depth))) == _nested(depth)


@pytest.mark.parametrize("repeat", [0, -1, 1_000_000, 10**200])
def test_a_mistake_that_check_describes_is_saved_and_opened(repeat):
    design = _nested(1)
    graph = design.graph
    block = dataclasses.replace(graph.blocks["b0"], promoted=Frozen({"size": ("gone", "out_features")}))
    layers = graph.layers.with_item("l", dataclasses.replace(graph.layers["l"], repeat=repeat))
    design = Design(dataclasses.replace(graph, layers=layers, blocks=Frozen({"b0": block})))
    assert plain_to_design(from_json(to_json(design_to_plain(design)), "design")) == design
    assert check(design).errors


def test_a_place_that_is_nowhere_is_refused_in_our_words():
    for design in (
        Design(places=Frozen({"a": (float("nan"), 0.0)})),
        Design(notes=(Note("n", "", 0, float("inf")),)),
        Design(frames=(Frame("f", "", 0, 0, float("nan"), 1),)),
        Design(data=DataChoice("digits", float("nan"))),
    ):
        with pytest.raises(ProjectFileError, match="finite numbers"):
            design_to_plain(design)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a":1,"a":2}',
        b"[NaN]",
        b"[Infinity]",
        b"[1e999]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b"[1] 2",
        "[1]".encode("utf-16"),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_json_that_is_no_clean_json_is_refused(data: bytes):
    with pytest.raises(ProjectFileError):
        from_json(data, "design")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Project, "design runs view data"),
        (FieldSpec, "name kind shape dtype classes scale below"),
        (
            DataSpec,
            "name title inputs targets train validation test provenance official_test synthetic fingerprint warnings",
        ),
        (RunRecord, "id started design history state look test device status"),
        (TrainingState, "step epoch batch seed threads device weights optimizer random partial"),
        (Metrics, "loss accuracy samples losses"),
        (History, "loss rate epochs"),
        (Look, "request step epoch pictures predictions seconds targets samples probe_count"),
        (
            Picture,
            "view tiles units total low high signed peaks silent zero method problem silent_units axes plane classes",
        ),
        (Request, "views probes number"),
        (View, "path kind units port side"),
        (Design, "graph places notes frames recipe data flow"),
        (Graph, "layers nodes wires blocks"),
        (Layer, "id kind parameters block repeat"),
        (Node, "id layer label bypassed"),
        (Wire, "source target target_port source_port"),
        (Block, "id label graph promoted"),
        (Recipe, "kind optimizer schedule epochs batch_size precision seed"),
        (Named, "name parameters"),
        (DataChoice, "source validation test seed fingerprint"),
        (Note, "id text x y width height"),
        (Frame, "id title x y width height"),
    ],
)
def test_a_field_that_the_file_does_not_know_is_noticed(kind, fields):
    """Who adds a field: write and read it in codec or records, fill it in `full_project`, describe it in FORMAT.md; or
    say there why it is no part of a file, as of decision fields (`side`, `plane`, `classes`)."""
    assert [field.name for field in dataclasses.fields(kind)] == fields.split()
