"""The commands as a person types them: what they print, what they write, how they end."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time

import pytest

from engine import cli
from engine.project import templates

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*words: object, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, str(ROOT / "main.py"), *map(str, words)], capture_output=True, text=True)
    assert expect is None or done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


def call(capsys: pytest.CaptureFixture[str], *words: object, expect: int = 0) -> tuple[str, str]:
    """The same in this process: quicker where no process of its own is needed."""
    status = cli.main([str(w) for w in words])
    out, err = capsys.readouterr()
    assert status == expect, f"exit {status}\n{out}\n{err}"
    return out, err


@pytest.fixture
def project(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> pathlib.Path:
    path = tmp_path / "p.strata"
    call(capsys, "new", "mlp-digits", "-o", path)
    return path


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def losses(lines: list[dict]) -> list[float]:
    return [loss for e in lines if e["event"] == "losses" for loss in e["losses"]]


def test_help_lists_every_command(capsys):
    out, _ = call(capsys, "--help")
    for name in cli.COMMANDS:
        assert name in out


def test_help_names_every_built_in_set():
    from engine.cli.parser import DATA_HELP
    from engine.data.source import available

    assert f"({', '.join(info.name for info in available())})" in DATA_HELP


def test_templates(capsys):
    rows = json.loads(call(capsys, "templates", "--json")[0])
    assert {"lenet", "cnn-digits", "mlp-digits", "blank"} <= {row["name"] for row in rows}


def test_a_fresh_project_checks_and_describes(project, capsys):
    assert json.loads(call(capsys, "check", project, "--json")[0])["trainable"] is True
    body = json.loads(call(capsys, "describe", project, "--json")[0])
    assert body["parameters"] > 0 and body["depth"] >= 2 and body["history"] == []


def test_blocks_and_shared_layers_are_described_with_what_they_cost(tmp_path, capsys):
    from engine.check import bypass
    from engine.graph import edits
    from engine.graph.design import Design
    from engine.graph.model import Block, Wire
    from engine.project import store
    from engine.project.project import Project

    inner, ends = Design(), []
    for kind, label in (("Input", "x"), ("Linear", "fc"), ("Output", "y")):
        inner, node = edits.add_node(
            inner, kind, (0, 0), label=label, parameters={"out_features": 6} if kind == "Linear" else {}
        )
        ends.append(node)
    inner = edits.connect(edits.connect(inner, Wire(ends[0], ends[1])), Wire(ends[1], ends[2]))
    design, source = edits.add_node(Design(), "Input", (0, 0), parameters={"shape": (6,)})
    design = edits.define_block(design, Block("blk", "Unit", inner.graph))
    design, block = edits.add_block_node(design, "blk", (0, 0), label="unit", repeat=3)
    design = edits.connect(design, Wire(source, block, ends[0]))
    design, first = edits.add_node(design, "Linear", (0, 0), label="one", parameters={"out_features": 6})
    design, second = edits.add_node(design, "Linear", (0, 0), label="two", layer=design.graph.nodes[first].layer)
    design = edits.connect(edits.connect(design, Wire(block, first, "input", ends[2])), Wire(first, second))
    store.save(Project(design=design), tmp_path / "b.strata")
    body = json.loads(call(capsys, "describe", tmp_path / "b.strata", "--json")[0])
    rows = {row["name"]: row for row in body["nodes"]}
    assert (rows["unit"]["weights"], rows["unit"]["repeat"]) == (3 * 42, 3)
    assert rows["two"]["shares_with"] == ["one"]
    assert sum(row["weights"] for row in rows.values()) == body["parameters"]
    text = call(capsys, "describe", tmp_path / "b.strata")[0]
    assert "Unit ×3" in text and "126 parameters" in text and "shared with one" in text
    store.save(Project(design=bypass.set_bypassed(design, [block])), tmp_path / "b.strata")
    text = call(capsys, "describe", tmp_path / "b.strata")[0]
    assert next(line for line in text.splitlines() if line.startswith("unit")).endswith("bypassed")
    rows = {r["name"]: r for r in json.loads(call(capsys, "describe", tmp_path / "b.strata", "--json")[0])["nodes"]}
    assert rows["unit"]["bypassed"] and not rows["one"]["bypassed"] and rows["unit"]["weights"] == 0


def test_a_blank_project_has_problems(tmp_path, capsys):
    call(capsys, "new", "blank", "-o", tmp_path / "b.strata")
    out, _ = call(capsys, "check", tmp_path / "b.strata", "--json", expect=1)
    assert json.loads(out)["problems"]
    out, _ = call(capsys, "describe", tmp_path / "b.strata")
    assert "1 problem;" in out and "Not trained yet" in out and "Trained for" not in out
    _, err = call(capsys, "train", tmp_path / "b.strata", expect=1)
    assert err.count("\n") == 1


def test_check_and_train_say_the_same_of_a_project_without_data(project, capsys):
    from dataclasses import replace

    from engine.project import store

    kept = store.load(project).project
    store.save(replace(kept, design=replace(kept.design, data=replace(kept.design.data, source=""))), project)
    body = json.loads(call(capsys, "check", project, "--json", expect=1)[0])
    assert body["trainable"] is False
    (found,) = [p for p in body["problems"] if p["code"] == "no-data"]
    assert found["severity"] == "error"
    assert call(capsys, "train", project, expect=1)[1] == f"strata: {found['sentence']}\n"


def test_a_split_without_samples_leaves_the_shapes(project, capsys):
    from dataclasses import replace

    from engine.project import store

    sound = json.loads(call(capsys, "check", project, "--json")[0])
    kept = store.load(project).project
    data = replace(kept.design.data, validation=0.0001)
    store.save(replace(kept, design=replace(kept.design, data=data)), project)
    body = json.loads(call(capsys, "check", project, "--json", expect=1)[0])
    assert [p["code"] for p in body["problems"]] == ["data"] and "rounds to 0" in body["problems"][0]["sentence"]
    assert (body["parameters"], body["multiply_adds"]) == (sound["parameters"], sound["multiply_adds"])
    assert "rounds to 0" in call(capsys, "train", project, expect=1)[1]


def test_train_evaluate_describe_and_go_on(project, tmp_path, capsys):
    whole = tmp_path / "whole.strata"
    lines = events(call(capsys, "train", project, "--epochs", 4, "--json", "-o", whole, "--seed", 3)[0])
    last = lines[-1]
    assert last["event"] == "finished" and last["epoch"] == 4
    assert set(last) >= {"steps", "cpu_seconds", "wall_seconds", "train", "validation", "test"}
    assert 0.5 < last["test"]["accuracy"] <= 1
    measured = json.loads(call(capsys, "evaluate", whole, "--json")[0])
    assert measured["accuracy"] == last["test"]["accuracy"]
    assert json.loads(call(capsys, "describe", whole, "--json")[0])["epoch"] == 4

    first = events(call(capsys, "train", project, "--epochs", 2, "--json", "--seed", 3)[0])
    done = run("train", project, "--epochs", 4, "--json")  # a new process goes on from the file
    second = events(done.stdout)
    assert losses(first) + losses(second) == losses(lines)
    assert second[-1]["test"] == last["test"]
    assert len(json.loads(call(capsys, "describe", project, "--json")[0])["history"]) == 4


def test_another_seed_on_a_begun_project_is_refused(project, capsys):
    call(capsys, "train", project, "--epochs", 1, "--seed", 1)
    _, err = call(capsys, "train", project, "--epochs", 2, "--seed", 2, expect=2)
    assert "seed 1" in err


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_saves_and_says_130(project, capsys):
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "train", str(project), "--epochs", "100000", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line)["event"] == "epoch":
            break
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert json.loads(call(capsys, "describe", project, "--json")[0])["steps"] > 0


def kill_at_a_checkpoint(project: pathlib.Path, *words: str) -> None:
    """Train, and kill -9 as soon as there is a recovery file beside the project."""
    from engine.project import recovery

    options = ["--epochs", "100000", "--json", "--checkpoint-every", "0.2", *words]
    child = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "train", project, *options], stdout=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    before = recovery.files(project)
    while recovery.files(project) == before and time.monotonic() < end:
        time.sleep(0.05)
    child.kill()
    child.communicate()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_kill_9_loses_nothing_past_the_last_checkpoint(project, tmp_path, capsys):
    from engine.project import recovery

    options = ["--epochs", "100000", "--json", "--checkpoint-every", "0.2"]
    child = subprocess.Popen(
        [sys.executable, ROOT / "main.py", "train", project, *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    before = project.read_bytes()
    end = time.monotonic() + 60
    while not recovery.files(project) and time.monotonic() < end:
        time.sleep(0.05)
    child.kill()
    child.communicate()
    assert project.read_bytes() == before, "the person's file was touched before its time"
    out, err = call(capsys, "train", project, "--epochs", 1, "--json")
    assert "Going on from step" in err
    assert events(out)[-1]["steps"] > 0


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_run_with_a_seed_is_taken_up_whatever_the_options(project, capsys):
    kill_at_a_checkpoint(project, "--seed", "3", "--data", "digits")
    _, err = call(capsys, "train", project, "--epochs", 1, "--seed", 5, expect=2)
    assert "seed 3" in err and "--fresh" in err and "unsaved" not in err
    for words in (["--seed", 3], []):
        out, err = call(capsys, "train", project, "--epochs", 1, "--json", *words, "-o", f"{project}{len(words)}")
        assert "Going on from step" in err and events(out)[0]["step"] > 0 and events(out)[0]["seed"] == 3
        if words:
            kill_at_a_checkpoint(project, "--seed", "3")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_fresh_drops_what_a_killed_run_left(project, capsys):
    from engine.project import recovery

    kill_at_a_checkpoint(project, "--seed", "3")
    out, _ = call(capsys, "train", project, "--epochs", 1, "--json", "--seed", 5, "--fresh")
    assert events(out)[0]["step"] == 0 and events(out)[0]["seed"] == 5
    assert not recovery.files(project)


def test_unsaved_edits_are_neither_taken_up_nor_dropped(project, capsys):
    from dataclasses import replace

    from engine.project import recovery, store

    kept = store.load(project).project
    edited = replace(kept, design=replace(kept.design, recipe=replace(kept.design.recipe, batch_size=7)))
    place = recovery.write(edited, project)
    other = place.with_name(place.name.rpartition("-")[0] + "-4999999")  # of a process that is gone
    place.rename(other)
    for words in ([], ["--fresh"]):
        _, err = call(capsys, "train", project, "--epochs", 1 + len(words), *words)
        assert "unsaved edits" in err and other.exists()


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (["tarin"], 2, "train"),
        (["new", "lenett", "-o", "x.strata"], 1, "lenet"),
        (["new", "mlp-digits", "-o", "x.strata", "--data", "digit"], 1, "digits"),
        (["train", "absent.strata"], 1, "absent.strata"),
        (["train", "absent.strata", "--epochs", "-3"], 2, "-3"),
        (["train", "absent.strata", "--epochs", "many"], 2, "many"),
        (["evaluate"], 2, "P.strata"),
        (["check", ""], 2, "empty"),
        (["new", "blank", "-o", "b.strata", "--dta", "digits"], 2, "Did you mean --data?"),
        (["train", "p.strata", "--epoch=3"], 2, "Did you mean --epochs?"),
        (["check", "a", "b"], 2, "unrecognized arguments: b"),
        (["new", "blank", "-o", ""], 2, "empty"),
        (["check", "."], 1, "folder"),
        (["new", "blank", "-o", "."], 1, "folder"),
        (["--nonsense"], 2, "--nonsense"),
    ],
)
def test_wrong_words_get_one_clear_sentence(words, status, hint, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == status
    out, err = capsys.readouterr()
    assert hint in err and out == ""


def test_describe_tells_the_recipe_in_words(tmp_path, capsys):
    path = tmp_path / "p.strata"
    assert cli.main(["new", "mlp-digits", "-o", str(path)]) == 0
    assert cli.main(["describe", str(path)]) == 0
    out = capsys.readouterr().out
    assert "Recipe: Adam, " in out and f"{templates.load('mlp-digits').recipe.epochs} epochs" in out


def test_the_help_tells_a_name_that_does_not_exist_from_wrong_usage(capsys):
    assert cli.main(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "1 a problem with the design, data or file (a template, data set or file of that name that does not" in told
    assert "2 wrong usage (an unknown command, option or device)" in told


def test_a_project_that_was_moved_without_its_data_keeps_its_shapes(tmp_path, capsys):
    path, data = tmp_path / "p.strata", tmp_path / "images"
    data.mkdir()
    for part, count in (("train", 60), ("t10k", 20)):
        sizes = (count, 28, 28)
        head = struct.pack(">HBB", 0, 8, 3) + struct.pack(">3I", *sizes)
        (data / f"{part}-images-idx3-ubyte").write_bytes(head + bytes(i % 251 for i in range(count * 28 * 28)))
        head = struct.pack(">HBB", 0, 8, 1) + struct.pack(">I", count)
        (data / f"{part}-labels-idx1-ubyte").write_bytes(head + bytes(i % 10 for i in range(count)))
    call(capsys, "new", "lenet", "-o", path, "--data", data)
    data.rename(tmp_path / "elsewhere")
    done = run("check", path, expect=1)
    (line,) = done.stdout.splitlines()
    assert "no folder" in line and str(data) in line
    rows = {row["name"]: row for row in json.loads(run("describe", path, "--json").stdout)["nodes"]}
    assert rows["conv1"]["shapes"]["output"] == [6, 28, 28] and rows["logits"]["weights"] == 850


def test_foreign_and_truncated_files_are_refused(project, tmp_path, capsys):
    whole = project.read_bytes()
    for name, content in [("cut", whole[: len(whole) // 2]), ("text", b"hello"), ("empty", b"")]:
        path = tmp_path / f"{name}.strata"
        path.write_bytes(content)
        for command in ("check", "describe", "train", "evaluate"):
            _, err = call(capsys, command, path, expect=1)
            assert name in err and err.count("\n") == 1
        assert path.read_bytes() == content


def test_new_does_not_replace_a_file_unasked(project, capsys):
    before = project.read_bytes()
    _, err = call(capsys, "new", "blank", "-o", project, expect=1)
    assert "--force" in err and project.read_bytes() == before


def test_an_unwritable_target_is_told_before_training(project, tmp_path, capsys):
    _, err = call(capsys, "train", project, "--epochs", 1, "-o", tmp_path / "none" / "q.strata", expect=1)
    assert "none" in err


def test_an_unknown_device_is_refused(project, capsys):
    """A name that no torch knows is wrong usage, as an unknown command is; a device that is missing here is not."""
    _, err = call(capsys, "train", project, "--device", "gpuu", expect=2)
    assert "gpuu" in err and err.count("\n") == 1
    _, err = call(capsys, "train", project, "--device", "xpu:7", expect=1)
    assert "cannot train on xpu:7" in err and "cpu." in err


def test_the_result_never_replaces_a_file_of_another_kind(project, tmp_path, capsys):
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("important")
    _, err = call(capsys, "train", project, "--epochs", 1, "-o", thesis, expect=1)
    assert "thesis.txt" in err and thesis.read_text() == "important"


@pytest.mark.skipif(os.name == "nt", reason="POSIX paths")
@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("/proc/x.strata", "‘/proc’ takes no new files"),
        ("none/x.strata", "none’ does not exist"),
        ("thesis.txt/x.strata", "thesis.txt’ is a file, not a folder"),
        ("thesis.txt/deeper/x.strata", "thesis.txt’ is a file, not a folder"),
        ("/dev/null", "no ordinary file"),
        ("x" * 300 + ".strata", "name is too long"),
        ("y" * 300 + "/x.strata", "name is too long"),
    ],
)
def test_where_no_file_can_be_made_is_told_truly(place, hint, tmp_path, monkeypatch, capsys):
    """Some of these file systems tell of no room for anything; their disk is not full."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thesis.txt").write_text("important")
    if place.startswith("/") and not pathlib.Path(place).parent.exists():
        pytest.skip("no such file system here")
    for words in (["new", "blank", "-o", place], ["new", "blank", "-o", place, "--force"]):
        _, err = call(capsys, *words, expect=1)
        assert hint in err and "full" not in err and err.count("\n") == 1


def test_long_names_of_large_letters_are_no_trouble(tmp_path, capsys):
    """240 bytes of name are allowed; the files that stand beside it for a while have room too."""
    path = tmp_path / f"{'🧠' * 57}.strata"
    call(capsys, "new", "mlp-digits", "-o", path)
    call(capsys, "train", path, "--epochs", 1, "--checkpoint-every", 0.05)
    assert list(tmp_path.iterdir()) == [path]
