"""Every hostile file is refused: with a sentence that names the file and the reason, soon, and without reaching out."""

from __future__ import annotations

import json
import pathlib
import time
import tracemalloc
from dataclasses import replace

import h5py
import hostile_content
import hostile_storage  # noqa: F401
import hostile_tools as corpus
import pytest
from project_values import differences, full_data, full_project

from engine.cli.designs import examine
from engine.errors import ProjectFileError
from engine.project import elements, fields, guard, hdf, store
from engine.project.project import Project


@pytest.mark.parametrize("name", sorted(corpus.CASES))
def test_it_is_refused(tmp_path, name):
    path = tmp_path / "hostile.strata"
    corpus.make(name, path)
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(ProjectFileError) as caught:
        store.load(path)
    seconds = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    message = str(caught.value)
    assert str(path) in message and corpus.CASES[name][1] in message
    assert corpus.SECRET not in message and "\n" not in message and len(message) < 1000
    assert seconds < 5 and peak < 100 * 2**20


@pytest.mark.parametrize("name", ["external_storage", "shape_bomb", "json_nested_too_deeply", "wire_to_nowhere"])
def test_the_sandbox_refuses_it_with_the_same_words(tmp_path, name):
    path = tmp_path / "hostile.strata"
    corpus.make(name, path)
    with pytest.raises(ProjectFileError) as caught:
        store.load(path, sandbox=True)
    assert str(path) in str(caught.value) and corpus.CASES[name][1] in str(caught.value)


@pytest.mark.parametrize("name", sorted(hostile_content.MISTAKES))
def test_a_design_that_nobody_could_train_opens_and_check_refuses_it(tmp_path, name):
    change, code = hostile_content.MISTAKES[name]
    path = tmp_path / "hostile.strata"
    corpus.valid(path)
    hostile_content.design(path, change)
    examine(full_project().design)  # torch is loaded beforehand
    tracemalloc.start()
    begun = time.perf_counter()
    design = store.load(path, sandbox=True).project.design
    _report, problems = examine(design)
    store.save(Project(design), tmp_path / "again.strata")
    assert store.load(tmp_path / "again.strata").project.design == design
    seconds = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [p for p in problems if p.code == code and p.severity == "error" and p.what and p.why]
    assert seconds < 15 and peak < 100 * 2**20


def test_too_many_elements(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    monkeypatch.setattr(guard, "MAX_OBJECTS", 20)
    with pytest.raises(ProjectFileError, match="more than 20 elements"):
        store.load(path)


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    monkeypatch.setattr(guard, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ProjectFileError, match="larger than"):
        store.load(path)


def test_an_unknown_section_that_is_not_required_is_ignored(tmp_path):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    with h5py.File(path, "r+", libver=hdf.LIBRARY_VERSIONS) as file:
        hdf.write(file, "thumbnail", elements.json_element([1, 2]))
        corpus.sign(file, [{"path": "thumbnail", "digest": "", "required": False}])
        del file.attrs["version"]
        hdf.write_attributes(file["/"].id, {"version": "1.3"})
    loaded = store.load(path)
    assert loaded.notes == () and not differences(loaded.project, full_project())


@pytest.mark.parametrize("shape", [[2**40], [2**31 - 1] * 8, [-3], "28", None, [1] * 1000])
def test_absurd_sizes_of_the_data_are_left_out_with_a_sentence(tmp_path, shape):
    path = tmp_path / "a.strata"
    store.save(replace(full_project(), data=full_data()), path)
    plain = fields.spec_to_plain(full_data())
    plain["inputs"][0]["shape"] = shape  # type: ignore[index, call-overload]
    corpus.resigned(path, "data", plain)
    loaded = store.load(path)
    assert len(loaded.notes) == 1 and "data could not be read and was left out" in loaded.notes[0]
    assert not differences(loaded.project, full_project())


def _flip_in(path: pathlib.Path, part: str) -> None:
    """Damage the stored bytes of an array as a bad disk would, beneath HDF5."""
    with h5py.File(path) as file:
        place = file[part].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[place + 2] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("runs/1/history/loss", "history"),
        ("runs/1/history/epochs/epoch", "history"),
        ("runs/1/look/look", "pictures"),
        ("runs/1/look/tiles/0", "pictures"),
        ("view", "canvas"),
    ],
)
def test_a_damaged_optional_section_is_left_out_with_a_sentence(tmp_path, part, word):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    _flip_in(path, part)
    loaded = store.load(path)
    assert len(loaded.notes) == 1 and word in loaded.notes[0] and "left out" in loaded.notes[0]
    section = part if part == "view" else "/".join(part.split("/")[:3])
    assert f"The section ‘{section}’ is damaged: " in loaded.notes[0]
    assert "earlier copy" not in loaded.notes[0] and "Error" not in loaded.notes[0] and "HDF5" not in loaded.notes[0]
    found = differences(loaded.project, full_project())
    assert found and all(f".{part.split('/')[min(2, part.count('/'))]}" in text for text in found)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("design", "the design: "),
        ("manifest", "the list of contents: "),
        ("runs/0/design", "the design of run 1: "),
        ("runs/1/record", "the record of run 2: "),
        ("runs/1/weights/half", "the weights of run 2: "),
        ("runs/1/random/cpu", "the random state of run 2: "),
    ],
)
def test_a_damaged_required_section_is_named_and_never_left_out(tmp_path, part, words):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    _flip_in(path, part)
    with pytest.raises(ProjectFileError, match="damaged") as caught:
        store.load(path)
    assert words in str(caught.value) and "open an earlier copy" in str(caught.value)
    assert "Error" not in str(caught.value) and "HDF5" not in str(caught.value)


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("runs/1/record", {"state": {"step": -1}}, "In the record of run 2, state.step should be a whole number"),
        ("runs/0/design", {"version": "2.0"}, "The design of run 1 has version 2.0, which is newer"),
        ("design", {"graph": {"layers": 7}}, "In the design, graph.layers should be a list"),
    ],
)
def test_what_is_not_as_it_should_be_is_named_as_a_person_calls_it(tmp_path, section, change, words):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    with h5py.File(path) as file:
        plain = json.loads(file[section][()].tobytes())
    for key, value in change.items():
        plain[key] = {**plain[key], **value} if isinstance(value, dict) else value
    corpus.resigned(path, section, plain)
    with pytest.raises(ProjectFileError) as caught:
        store.load(path)
    assert words in str(caught.value) and "runs/" not in str(caught.value)
    assert ("newer" in words) == ("Update Strata." in str(caught.value))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"type":"design",', "The design is no valid JSON: it ends too early."),
        (b'{"type":"design" "a"}', "The design is no valid JSON: character 18 is not expected."),
        (b'{"type":"\xff"}', "The design is no valid JSON: byte 10 is no UTF-8."),
    ],
)
def test_json_that_is_none_is_told_in_plain_words(tmp_path, data, words):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    corpus.resigned(path, "design", data)
    with pytest.raises(ProjectFileError) as caught:
        store.load(path)
    assert words in str(caught.value)


def test_a_missing_optional_section_is_told(tmp_path):
    path = tmp_path / "a.strata"
    corpus.valid(path)
    with h5py.File(path, "r+") as file:
        del file["runs/1/history"]
    assert "missing" in store.load(path).notes[0]
