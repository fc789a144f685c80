"""How commands end that are cut short: Ctrl-C again and again, a polite kill, a reader that has gone, a full disk."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from engine.project import store

ROOT = pathlib.Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    from dataclasses import replace

    from engine.project import templates
    from engine.project.project import Project

    path = tmp_path / "p.strata"
    store.save(replace(Project(), design=templates.load("cnn-digits")), path)
    return path


def begin(*words: object) -> subprocess.Popen[str]:
    """Ctrl-C reaches it, also where the tests themselves run in the background of a shell that ignores it."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def until_it_learns(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line)["event"] == "epoch":
            return


def steps_of(path: pathlib.Path) -> int:
    run = store.load(path).project.run
    return run.state.step if run and run.state else 0


@pytest.mark.parametrize("pause", [0.02, 0.1])
def test_ctrl_c_again_and_again_does_not_cut_the_saving_short(project, pause):
    child = begin("train", project, "--epochs", 100_000, "--json")
    until_it_learns(child)
    while child.poll() is None:
        child.send_signal(signal.SIGINT)
        time.sleep(pause)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and "Traceback" not in err and "saving" in err
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "finished" and last["steps"] == steps_of(project) > 0


def kept_in(err: str) -> pathlib.Path:
    return pathlib.Path(err.partition("What was learned is kept in ")[2].partition(": ")[0])


@pytest.mark.parametrize("in_its_place", [None, "a file"])
def test_a_result_whose_folder_went_away_is_kept_beside_the_project(project, tmp_path, in_its_place):
    out = tmp_path / "out"
    out.mkdir()
    child = begin("train", project, "-o", out / "r.strata", "--epochs", 100_000, "--json")
    until_it_learns(child)
    out.rmdir()
    if in_its_place:
        out.write_text(in_its_place)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 1 and "r.strata’ could not be saved" in err and "train again to go on" in err
    assert steps_of(project) == 0 and steps_of(kept_in(err)) > 0
    again = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "train", str(project), "--epochs", "1"], capture_output=True, text=True
    )
    assert again.returncode == 0 and "Going on from step" in again.stderr


def test_where_the_project_went_away_too_what_was_learned_is_a_project_somewhere_else(project, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    project = project.rename(folder / "p.strata")
    child = begin("train", project, "--epochs", 100_000, "--json")
    until_it_learns(child)
    shutil.rmtree(folder)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    kept = kept_in(err)
    assert child.returncode == 1 and "to be copied to a place of your choice" in err and "train again" not in err
    copied = tmp_path / "copied.strata"
    shutil.copy(kept, copied)
    kept.unlink()
    assert steps_of(copied) > 0


@pytest.mark.parametrize("module", ["engine.cli.streams", "engine.data.raw", "torch", "torch.fx"])
def test_ctrl_c_before_anything_has_begun_is_no_traceback(project, module):
    """It comes at the moment when `module` is about to be loaded, wherever the program is then."""
    code = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Now:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Now())
import main
sys.exit(main.main(["train", {str(project)!r}, "--epochs", "1"]))
"""
    before = project.read_bytes()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (130, "strata: interrupted.\n")
    assert project.read_bytes() == before and [p.name for p in project.parent.iterdir()] == [project.name]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_saves_too(project, number):
    child = begin("train", project, "--epochs", 100_000, "--json")
    until_it_learns(child)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 128 + number, err
    assert steps_of(project) > 0


@pytest.mark.parametrize("words", [("--json",), ()])
def test_training_whose_reader_has_gone_stops_and_saves(project, words):
    child = begin("train", project, "--epochs", 100_000, *words)
    stream = child.stdout if words else child.stderr
    assert stream is not None
    stream.readline()
    stream.close()
    left = child.stderr if words else child.stdout
    assert left is not None
    assert left.read() == ""
    assert child.wait(timeout=60) == 141
    assert steps_of(project) > 0


@pytest.mark.parametrize("words", [("templates",), ("describe", "--json"), ("check",), ("--help",)])
def test_a_reader_that_has_gone_is_met_in_silence(project, words):
    words = (*words, project) if words[0] in ("describe", "check") else words
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as stream:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *map(str, words)], stdout=stream, stderr=subprocess.PIPE, text=True
        )
    assert done.stderr == ""
    assert done.returncode == (0 if words == ("--help",) else 141)


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="no device that is always full")
def test_output_that_finds_no_room_is_told(project):
    with open("/dev/full", "w") as stream:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), "describe", str(project)],
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == "strata: the system refused: No space left on device.\n"


def test_closed_streams_and_poor_alphabets_are_no_trouble(project):
    command = f"{sys.executable} {ROOT / 'main.py'} "
    assert subprocess.run(f"{command} templates >&-", shell=True, capture_output=True, text=True).stderr == ""
    assert subprocess.run(f"{command} tarin 2>&-", shell=True).returncode == 2
    poor = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(f"{command} describe {project}", shell=True, capture_output=True, text=True, env=poor)
    assert done.returncode == 0 and done.stderr == ""
    assert "?" not in done.stdout and "1x8x8" in done.stdout and "38 282 parameters" in done.stdout
    done = subprocess.run(f"{command} describe {project} --json", shell=True, capture_output=True, env=poor)
    assert json.loads(done.stdout.decode("ascii"))["parameters"] == 38282


def test_nothing_is_said_to_be_saved_where_nothing_was_learned(project, capsys, monkeypatch):
    from engine import cli
    from engine.train.loop import Training

    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Training, "burst", broken)
    assert cli.main(["train", str(project), "--epochs", "1"]) == 1
    assert "What was learned" not in capsys.readouterr().err


def test_epochs_that_are_done_already_are_told(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--epochs", "2"]) == 0
    capsys.readouterr()
    assert cli.main(["train", str(project), "--epochs", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "2 epochs already" in err and "--epochs 3" in err
    assert json.loads(out.splitlines()[-1])["event"] == "finished"
    assert cli.main(["train", str(project), "--epochs", "1"]) == 0
    out, err = capsys.readouterr()
    assert err.count("\n") == 1 and out == "", "nothing was trained, so nothing is told of it"


def test_a_run_that_reached_its_goal_has_finished(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--epochs", "1"]) == 0
    out, _ = capsys.readouterr()
    assert "Finished after epoch 1," in out and "Stopped" not in out


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no file system at hand that takes no file")
def test_a_folder_that_takes_no_file_is_told_before_training(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--epochs", "1", "--json", "-o", "/proc/x.strata"]) == 1
    out, err = capsys.readouterr()
    assert last(out)["event"] == "failed" and "/proc/x.strata" in err and "full" not in err


def test_what_cannot_be_opened_is_not_said_to_be_unsaved(tmp_path, capsys):
    from engine import cli

    assert cli.main(["train", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert "opened" in err and "saved" not in err


# -- what must not be lost ---------------------------------------------------------------------------------------------
def test_what_another_program_wrote_meanwhile_stays(project, capsys, monkeypatch):
    """Two trainings of one project, or the window beside one: the last to end has a name of its own."""
    from engine.cli import main, training
    from engine.project.project import Project

    events = training.events

    def beside(*arguments, **options):
        yield from events(*arguments, **options)
        store.save(Project(), project)

    monkeypatch.setattr(training, "events", beside)
    assert main(["train", str(project), "--epochs", "1"]) == 1
    assert "another program" in capsys.readouterr().err
    assert not store.load(project).project.runs
    assert steps_of(project.with_name("p-2.strata")) == 41


def test_another_project_is_no_place_for_a_result(project, tmp_path, capsys):
    from engine.cli import main

    other = tmp_path / "other.strata"
    assert main(["new", "mlp-digits", "-o", str(other)]) == 0
    kept = other.read_bytes()
    assert main(["train", str(project), "--epochs", "1", "-o", str(other)]) == 1
    assert "holds another project" in capsys.readouterr().err and other.read_bytes() == kept
    assert main(["train", str(project), "--epochs", "1", "-o", str(other), "--force"]) == 0
    assert main(["train", str(project), "--epochs", "2", "-o", str(other)]) == 0  # an earlier result of the same
    assert steps_of(other) == 82


def test_data_that_do_not_fit_are_told_as_such(project, tmp_path, capsys):
    import gzip

    import numpy as np

    from engine.cli import main

    folder = tmp_path / "large"
    folder.mkdir()
    for part, count in (("train", 40), ("t10k", 20)):
        images, labels = np.zeros((count, 12, 12), np.uint8), np.arange(count, dtype=np.uint8) % 10
        for name, kind, array in (("images-idx3", 3, images), ("labels-idx1", 1, labels)):
            head = bytes((0, 0, 8, kind)) + b"".join(size.to_bytes(4, "big") for size in array.shape)
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    lenet = tmp_path / "lenet.strata"
    assert main(["new", "lenet", "-o", str(lenet)]) == 0
    assert main(["train", str(lenet), "--data", str(folder)]) == 1
    assert "trained on large (image 1×12×12" in capsys.readouterr().err
    assert main(["train", str(project), "--epochs", "1"]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(project), "--data", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "image 1×12×12" in told and "trained on digits (image 1×8×8" in told and "weights" not in told


def test_a_run_without_a_step_is_not_kept(project, capsys, monkeypatch):
    """It would only pin the seed of a network that has learned nothing."""
    from engine.cli import main, training

    events = training.events

    def stopped(*arguments, **options):
        arguments[-1].stop()
        return events(*arguments, **options)

    kept = project.read_bytes()
    monkeypatch.setattr(training, "events", stopped)
    main(["train", str(project), "--seed", "3"])
    assert project.read_bytes() == kept


def last(out: str) -> dict:
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_interrupts_before_training_begins_is_one_sentence(project, number):
    begun, tries = time.monotonic(), 0
    for pause in (0.1, 0.2, 0.4, 0.8):  # Python itself, our imports, torch's
        child = begin("train", project, "--epochs", 100_000, "--json")
        time.sleep(pause)
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
        if child.returncode == -number:
            continue  # Python had not come to our first line
        tries += 1
        assert child.returncode == 128 + number, err
        assert "Traceback" not in err and err.count("strata:") == 1
        assert not out or last(out)["event"] in ("interrupted", "finished")
    assert tries >= 2 and time.monotonic() - begun < 240


def test_an_interruption_that_a_library_swallowed_while_it_was_loaded_counts_when_training_begins(project, capsys):
    from engine.cli import main

    kept = project.read_bytes()
    assert main(["train", str(project), "--json"], [signal.SIGTERM]) == 128 + signal.SIGTERM
    out, err = capsys.readouterr()
    assert last(out)["event"] == "interrupted" and err == "strata: interrupted.\n" and project.read_bytes() == kept


def test_a_training_that_cannot_begin_says_so_in_its_last_event(project, tmp_path, capsys):
    from engine.cli import main

    empty = tmp_path / "empty.strata"
    assert main(["new", "blank", "-o", str(empty)]) == 0
    for words, status in (
        (["train", str(empty), "--json"], 1),
        (["train", str(tmp_path / "none.strata"), "--json"], 1),
        (["train", str(project), "--json", "--device", "nonsense"], 2),
    ):
        capsys.readouterr()
        assert main(words) == status
        out, err = capsys.readouterr()
        assert last(out) == {"event": "failed", "message": err.removeprefix("strata: ").strip()}
    assert main(["check", str(tmp_path / "none.strata"), "--json"]) == 1
    assert capsys.readouterr().out == ""


def test_a_training_that_fails_says_so_once(project, capsys, monkeypatch):
    from engine.cli import main
    from engine.train.loop import Training

    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Training, "burst", broken)
    assert main(["train", str(project), "--epochs", "1", "--json"]) == 1
    out, _ = capsys.readouterr()
    assert last(out)["event"] == "failed" and "boom" in last(out)["message"]
    assert out.count('"failed"') == 1


def test_a_result_that_cannot_be_saved_is_the_last_event(project, capsys, monkeypatch):
    from engine import cli
    from engine.cli import training

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training, "_save", full)
    assert cli.main(["train", str(project), "--epochs", "1", "--json"]) == 1
    told = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert told[-2:] == ["finished", "failed"]


def test_an_interruption_between_two_lines_is_an_event_too(project, capsys, monkeypatch):
    from engine import cli
    from engine.cli import training

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt(signal.SIGTERM)

    monkeypatch.setattr(training, "open_project", interrupted)
    assert cli.main(["train", str(project), "--json"]) == 143
    assert last(capsys.readouterr().out) == {"event": "interrupted", "message": "interrupted."}


def test_control_characters_of_a_file_are_shown_not_obeyed(project, capsys):
    from dataclasses import replace

    from engine import cli

    design = store.load(project).project.design
    node = next(iter(design.graph.nodes.values()))
    wild = replace(node, label="a\nb\x1b[31m\u202e\u2028c 名 👩\u200d💻")
    design = replace(design, graph=replace(design.graph, nodes=design.graph.nodes.with_item(node.id, wild)))
    design = replace(design, data=replace(design.data, source="x\ny\x1b[2J"))
    store.save(replace(store.load(project).project, design=design), project)
    for words in (["describe"], ["check"], ["train"], ["evaluate"]):
        cli.main([*words, str(project)])
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err and "\u202e" not in out + err
        assert all(line.startswith("strata: ") for line in err.splitlines())
        if words == ["describe"]:
            assert "a\ufffdb\ufffd[31m\ufffd\ufffdc 名 👩\u200d💻" in out
        else:
            assert "‘x\\ny\\x1b[2J’" in out + err
            assert all(line.startswith(("strata: ", "error: ")) for line in (out + err).splitlines())


def test_check_tells_what_train_would_refuse_of_a_stored_run_and_fresh_starts_over(project, capsys):
    from dataclasses import replace

    from engine import cli

    assert cli.main(["train", str(project), "--epochs", "1"]) == 0
    begun = store.load(project).project
    assert begun.run and begun.run.state
    capsys.readouterr()
    assert cli.main(["check", str(project)]) == 0
    assert capsys.readouterr().out == "This graph is ready to train.\n"
    state = begun.run.state
    some = next(iter(state.weights))
    for spoiled in (
        replace(state, weights=state.weights.without(some)),
        replace(state, optimizer=state.optimizer.without(next(iter(state.optimizer)))),
        replace(state, batch=10**5),
        replace(state, threads=4096),
    ):
        store.save(replace(begun, runs=(replace(begun.run, state=spoiled),)), project)
        assert cli.main(["check", str(project)]) == 0
        told = capsys.readouterr().out.splitlines()
        assert told[0].startswith("warning: The training that this project holds cannot go on. ")
        assert "train --fresh" in told[0] and told[1:] == ["It can be trained."]
        assert cli.main(["train", str(project), "--epochs", "2"]) == 1
        assert "train --fresh" in capsys.readouterr().err
    assert cli.main(["train", str(project), "--epochs", "1", "--fresh", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["step"] == 0
    runs = store.load(project).project.runs
    assert [run.id for run in runs] == ["r1", "r2"]
    assert runs[1].state and all((runs[1].state.weights[key] == state.weights[key]).all() for key in state.weights)


def test_fresh_takes_another_seed_and_other_data(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--epochs", "1", "--seed", "1"]) == 0
    capsys.readouterr()
    assert cli.main(["train", str(project), "--epochs", "1", "--seed", "2"]) == 2
    assert "train --fresh" in capsys.readouterr().err
    assert cli.main(["train", str(project), "--epochs", "1", "--seed", "2", "--fresh"]) == 0
    first, second = store.load(project).project.runs
    assert first.state and second.state and (first.state.seed, second.state.seed) == (1, 2)


def test_a_folder_of_data_that_is_gone_says_what_to_do(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--data", "/nowhere/images"]) == 1
    told = capsys.readouterr().err
    assert "There is no folder /nowhere/images" in told and "--data FOLDER" in told and "Data panel" in told
    assert cli.main(["new", "lenet", "-o", f"{project}2", "--data", "mnsit"]) == 1
    told = capsys.readouterr().err
    assert "moons?" not in told and "or a folder of idx files such as MNIST's" in told
    assert cli.main(["new", "lenet", "-o", f"{project}2", "--data", "stroks"]) == 1
    assert "Did you mean strokes?" in capsys.readouterr().err


def test_check_tells_of_values_that_the_format_forbids(project, capsys):
    from dataclasses import replace

    from engine import cli

    whole = store.load(project).project
    design = whole.design
    name, layer = next((i, one) for i, one in design.graph.layers.items() if one.kind == "Conv2d")
    repeated = design.graph.layers.with_item(name, replace(layer, repeat=10**9))
    for wrong, words in (
        (replace(design, graph=replace(design.graph, layers=repeated)), "only a block can be repeated"),
        (replace(design, data=replace(design.data, seed=-4)), "from 0 to 2⁶³ − 1"),
        (replace(design, recipe=replace(design.recipe, seed=-1)), "from 0 to 2⁶³ − 1"),
        (replace(design, recipe=replace(design.recipe, seed=1.5)), "from 0 to 2⁶³ − 1"),  # type: ignore[arg-type]
        (replace(design, recipe=replace(design.recipe, kind="superviced")), "To fix it: use supervised."),
    ):
        store.save(replace(whole, design=wrong), project)
        assert cli.main(["check", str(project)]) == 1
        assert words in capsys.readouterr().out


def test_a_second_processor_is_wrong_usage(project, capsys):
    from engine import cli

    assert cli.main(["train", str(project), "--device", "cpu:7"]) == 2
    assert "no device called ‘cpu:7’" in capsys.readouterr().err


def test_ctrl_c_while_python_loads_what_would_catch_it_ends_without_a_traceback(project):
    """`signal` itself is written in Python: what it needs is loaded before any handler can stand."""
    code = f"""
import os, runpy, sys, _signal
_signal.signal(_signal.SIGINT, _signal.default_int_handler)
for name in ("signal", "enum"):
    sys.modules.pop(name, None)
class Now:
    def find_spec(self, name, path=None, target=None):
        if name == "signal":
            os.kill(os.getpid(), _signal.SIGINT)
sys.meta_path.insert(0, Now())
sys.argv = ["main.py", "train", {str(project)!r}, "--epochs", "1"]
runpy.run_path("main.py", run_name="__main__")
"""
    before = project.read_bytes()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
    assert project.read_bytes() == before
