"""The picture of a layer as a file: its pixels, its texts, its letters; and which layer a name stands for."""

from __future__ import annotations

import pathlib
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from project_values import full_project

from engine import cli
from engine.cli import demo
from engine.cli.features import _named, layer_path
from engine.errors import DesignError, UnknownName
from engine.graph import labels
from engine.graph.edits import rename
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node
from engine.observe import lettering, png, sheet
from engine.observe.paths import spot
from engine.observe.picture import Picture, View
from engine.project import store, templates
from engine.project.project import Project
from gui.theme import tokens


def call(capsys: pytest.CaptureFixture[str], *words: object, expect: int = 0) -> tuple[str, str]:
    status = cli.main([str(w) for w in words])
    out, err = capsys.readouterr()
    assert status == expect, f"exit {status}\n{out}\n{err}"
    return out, err


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("features") / "p.strata"
    design = templates.load("cnn-digits")
    store.save(Project(replace(design, recipe=replace(design.recipe, epochs=1))), path)
    assert cli.main(["train", str(path)]) == 0
    return path


# -- the command ------------------------------------------------------------------------------------------------------
def test_all_channels_of_a_layer_become_one_picture(trained, tmp_path, capsys):
    out = tmp_path / "f.png"
    told, _ = call(capsys, "features", trained, "--layer", "conv2", "-o", out)
    assert str(out) in told
    data = out.read_bytes()
    texts = png.texts_of(data)
    assert texts["Title"] == "conv2" and texts["Step"] == "step 41, epoch 1"
    assert "all 32 channels" in texts["Method"] and "feature maps after Conv2d" in texts["Method"]
    assert texts["Scale"].startswith("-")
    call(capsys, "features", trained, "--layer", "conv2", "-o", out)  # an earlier picture may be replaced
    assert out.read_bytes() == data


def test_more_samples_make_a_taller_picture(trained, tmp_path, capsys):
    heights = []
    for count in (1, 3):
        call(capsys, "features", trained, "--layer", "logits", "-o", tmp_path / "f.png", "--probes", count)
        heights.append(pixels_of((tmp_path / "f.png").read_bytes()).shape[0])
    assert heights[1] > heights[0] + 2 * sheet.SAMPLE


def test_an_untrained_project_is_said_to_be_one(tmp_path, capsys):
    path, out = tmp_path / "p.strata", tmp_path / "f.png"
    store.save(Project(templates.load("mlp-digits")), path)
    _, err = call(capsys, "features", path, "--layer", "input", "-o", out)
    assert "has not been trained" in err
    assert "not trained" in png.texts_of(out.read_bytes())["Step"]


@pytest.mark.parametrize(
    ("layer", "out", "words"),
    [
        ("conv9", "f.png", "Did you mean conv1"),
        ("cross_entropy", "f.png", "one number"),
        ("target", "f.png", "no features"),
        ("conv1", "nowhere/f.png", "does not exist"),
        ("conv1", ".", "folder"),
        ("conv1", "note.txt", "would be lost"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(trained, layer, out, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("mine")
    _, err = call(capsys, "features", trained, "--layer", layer, "-o", out, expect=1)
    assert words in err and "Traceback" not in err
    assert (tmp_path / "note.txt").read_text() == "mine" and not (tmp_path / "f.png").exists()


def test_the_demonstration_without_a_display_trains_and_draws_here(tmp_path, monkeypatch, capsys):
    """As a person types it: `main.py demo` says why there is no window, trains with progress and names its files."""
    import main

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.chdir(tmp_path)
    assert main.main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert "no display" in err and "Epoch 20" in err and "main.py train" not in err
    assert "accuracy" in out and "Wrote strata-demo.png" in out
    texts = png.texts_of((tmp_path / "strata-demo.png").read_bytes())
    assert texts["Step"] == "step 820, epoch 20" and "all 32 channels" in texts["Method"]
    run = store.load(tmp_path / "strata-demo.strata").project.run
    assert run is not None and run.test is not None and (run.test.accuracy or 0.0) > 0.97
    assert demo._free(tmp_path) == tmp_path / "strata-demo-2.strata"  # nothing is ever replaced


def test_the_demonstration_says_where_it_cannot_write(tmp_path, capsys):
    _, err = call(capsys, "demo", "-o", tmp_path / "gone", expect=1)
    assert "gone" in err and "does not exist" in err


# -- names ------------------------------------------------------------------------------------------------------------
def test_a_layer_within_a_block_and_one_of_several_alike():
    graph = full_project().design.graph
    named = dict(_named(graph, graph.blocks))
    assert any("/" in name for name in named) and len(named) == len(list(_named(graph, graph.blocks)))
    for name, path in named.items():
        assert layer_path(graph, name) == layer_path(graph, name.replace("/", " › ")) == path
        assert spot(graph, path) is not None
    design = templates.load("mlp-digits")
    twins = [node.id for node in design.graph.nodes.values() if design.graph.layer_of(node.id).kind == "ReLU"]
    for node in twins:
        design = rename(design, node, "relu")
    graph = design.graph
    assert len(twins) == 2
    with pytest.raises(DesignError, match=r"2 layers are called ‘relu’.*1st of 2.*2nd of 2"):
        layer_path(graph, "relu")
    assert [layer_path(graph, f"relu ({which} of 2)") for which in ("1st", "2nd")] == [(node,) for node in twins]
    with pytest.raises(UnknownName):
        layer_path(graph, "relu (3rd of 2)")


@given(st.lists(st.sampled_from(["fc", "fc (1st of 2)", "fc (2nd of 2)", "conv", "雪", ""]), max_size=8))
def test_no_two_nodes_are_spoken_of_alike(given_labels: list[str]):
    layer = Layer("l", "ReLU")
    nodes = [Node(f"n{number}", "l", label) for number, label in enumerate(given_labels)]
    graph = Graph(layers=Frozen({"l": layer}), nodes=Frozen((node.id, node) for node in nodes))
    names = labels.told_apart(graph)
    assert set(names) == set(graph.nodes) and len(set(names.values())) == len(names)
    alone = [node for node in graph.nodes.values() if given_labels.count(node.label) == 1]
    assert all(names[node.id] == node.label for node in alone)
    apart = labels.with_names(graph)
    assert {node.id: node.label for node in apart.nodes.values()} == names and apart.wires == graph.wires


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
                         (21, "21st"), (112, "112th")]
)  # fmt: skip
def test_ordinals(number: int, text: str):
    assert labels.ordinal(number) == text


# -- pixels -----------------------------------------------------------------------------------------------------------
def pixels_of(data: bytes) -> np.ndarray[Any, Any]:
    """Read by the letter of the standard: one filter byte a row, and that is 0."""
    chunks = dict(png._chunks(data))
    width, height = (int.from_bytes(chunks[b"IHDR"][at : at + 4], "big") for at in (0, 4))
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert chunks[b"IHDR"][8:] == bytes((8, 2, 0, 0, 0)) and not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


@given(
    npst.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
def test_a_png_file_holds_its_pixels_and_texts(pixels, text):
    data = png.encode(pixels, {"Title": text, "Step": "plain"})
    assert np.array_equal(pixels_of(data), pixels)
    assert png.texts_of(data) == {"Title": text, "Step": "plain"}
    assert png.encode(pixels, {"Title": text, "Step": "plain"}) == data
    if pixels.size:
        with pytest.raises(ValueError, match="damaged"):
            png.texts_of(data[:20] + bytes([data[20] ^ 1]) + data[21:])


@pytest.mark.parametrize("pixels", [np.zeros((2, 2), np.uint8), np.zeros((0, 2, 3), np.uint8), np.zeros((2, 2, 3))])
def test_what_is_no_picture_is_no_png(pixels):
    with pytest.raises(ValueError, match="no RGB picture"):
        png.encode(pixels, {})


def test_letters_differ_and_what_is_not_there_is_a_box():
    ascii_ = [chr(code) for code in range(32, 127)]
    shapes = {letter: lettering.written(letter).tobytes() for letter in ascii_}
    assert len(set(shapes.values())) == len(ascii_)
    box = lettering.written("雪")
    assert box.any() and box.tobytes() not in shapes.values()
    assert np.array_equal(lettering.written("é"), lettering.written("e"))
    assert np.array_equal(lettering.written("3×4"), lettering.written("3x4"))
    assert lettering.written("ab", 3).shape == (3 * lettering.HEIGHT, 6 * lettering.WIDTH)
    assert lettering.written("").shape == (lettering.HEIGHT, 0)


def _maps(values: np.ndarray[Any, Any], units: tuple[int, ...], low: float, high: float) -> Picture:
    return Picture(View(("n",)), values.astype(np.float32), units, len(units), low, high, low < 0, (0.0,) * len(units))


def test_all_rows_share_one_scale_and_the_order_of_the_channels():
    values = np.stack([np.full((2, 2), number) for number in (2.0, 0.0, 1.0)])
    first, second = _maps(values, (2, 0, 1), 0.0, 2.0), _maps(values[[1, 2, 0]], (0, 1, 2), 0.0, 4.0)
    assert sheet.shared_scale([first, second]) == (0.0, 4.0)
    assert sheet.shared_scale([first, _maps(values, (0, 1, 2), -6.0, 3.0)]) == (-6.0, 6.0)
    assert np.array_equal(sheet.in_order(first).tiles, sheet.in_order(second).tiles)
    assert sheet.in_order(first).units == (0, 1, 2)
    low, high = (sheet.drawn("t", (), [sheet.Row("", None, p)]) for p in (first, second))
    assert low.dtype == np.uint8 and low.shape == high.shape and not np.array_equal(low, high)
    table = sheet.ramp(sheet.FROM_ZERO)
    assert (low == table[255]).all(axis=2).sum() > (high == table[255]).all(axis=2).sum()


def test_a_sheet_is_large_and_colours_have_no_scale():
    sheet_ = replace(_maps(np.zeros((1, 30, 40)), (0,), -1.0, 1.0), total=30, view=View(("n",), units=99))
    assert sheet.drawn("t", (), [sheet.Row("", None, sheet_)]).shape[0] > 12 * 30
    map_ = _maps(np.zeros((1, 30, 40)), (0,), -1.0, 1.0)
    plain = sheet.drawn("t", (), [sheet.Row("", None, map_)])
    assert plain.shape[0] < 200
    colour = replace(map_, tiles=np.zeros((1, 30, 40, 3), np.float32))
    bare = sheet.drawn("t", (), [sheet.Row("", None, colour)])
    assert bare.shape[0] == plain.shape[0] - sheet.HEIGHT * sheet.LETTERS - sheet.MARGIN // 2


@pytest.mark.parametrize(
    ("template", "layer"), [("char-lstm", "lstm"), ("mlp-spirals", "tanh1"), ("resnet-8", "input")]
)
def test_layers_of_any_kind_of_data_are_drawn(template, layer, tmp_path, capsys):
    path = tmp_path / "p.strata"
    store.save(Project(templates.load(template)), path)
    call(capsys, "features", path, "--layer", layer, "-o", tmp_path / "f.png", "--probes", 2)
    drawn = pixels_of((tmp_path / "f.png").read_bytes())
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 10 and max(drawn.shape) < 1400


def test_the_colours_are_those_of_the_window():
    def stops(names: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(bytes.fromhex(name[1:])) for name in names)

    assert stops(tokens.ACTIVATION_STOPS) == sheet.FROM_ZERO
    assert stops(tokens.DARK.signed_stops) == sheet.AROUND_ZERO
    assert stops(tokens.GREY_STOPS) == sheet.GREY
