"""Checks, data and training runs as they reach the window: on its thread, the newest first, nothing left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QThread

from engine.check.report import Report
from engine.data.preview import Tiles
from engine.data.source import open_data
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph
from engine.graph.recipe import Named
from engine.observe.picture import Request, View
from engine.project import templates
from engine.project.project import Project
from engine.train.events import Finished, TrainingState
from gui.document import Document
from gui.looking import Wishes
from gui.resting import AtRest
from gui.runner import Runner
from gui.session import Session
from gui.starting import new_record, way_back, why_anew
from gui.tasks import LookTask


def small(epochs: int = 2) -> Design:
    design = templates.load("mlp-digits")
    return replace(design, recipe=replace(design.recipe, epochs=epochs))


def labelled(design: Design, label: str) -> str:
    return next(n.id for n in design.graph.nodes.values() if n.label == label)


def linear(design: Design) -> str:
    return next(n for n in design.graph.nodes if design.graph.layer_of(n).kind == "Linear")


@pytest.fixture
def document() -> Document:
    return Document(Project(design=small()))


@pytest.fixture
def runner(qtbot, document: Document) -> Iterator[Runner]:
    runner = Runner(document)
    yield runner
    runner.shutdown()


@pytest.fixture
def ready(qtbot, runner: Runner) -> Runner:
    runner.start_warm_up()
    qtbot.waitUntil(lambda: known(runner), timeout=30_000)
    return runner


def known(runner: Runner) -> bool:
    return runner.ready and runner.document.reported_design is runner.document.design


def idle(runner: Runner) -> Callable[[], bool]:
    return lambda: runner.state == "idle"


def test_nothing_runs_before_it_is_asked_to(runner: Runner):
    assert runner.state == "preparing"
    assert runner.plan.kind == "blocked"
    assert not [t for t in threading.enumerate() if t.name.startswith("strata")]


def test_warming_up_brings_data_and_report(ready: Runner):
    document = ready.document
    assert ready.state == "idle" and "cpu" in ready.devices
    assert document.data_spec is not None and document.data_spec.train > 1000
    assert isinstance(document.data_samples, Tiles) and document.data_samples.images.shape == (24, 8, 8, 3)
    assert document.report.trainable, document.report.problems
    assert ready.plan.kind == "new" and ready.run_number == 0


def test_the_timer_rests_when_nothing_is_under_way(qtbot, ready: Runner):
    qtbot.waitUntil(lambda: not ready._timer.isActive(), timeout=3000)


def test_an_edit_is_checked_and_the_newest_wins(qtbot, ready: Runner):
    document = ready.document
    node = linear(document.design)
    reports: list[object] = []
    document.report_changed.connect(reports.append)
    for units in range(10, 40):
        document.edit(lambda d, units=units: edits.set_parameter(d, node, "out_features", units), "Set units", "units")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    output = document.report.output(node)
    assert output is not None and output.shape[-1] == 39
    assert len(reports) < 30
    assert document.undo_stack.count() == 1


def test_new_shapes_come_at_once(qtbot, ready: Runner):
    """From a keystroke to the shapes it leads to: 50 ms, and 2 ms for each layer whose input changes."""
    document = ready.document
    node = linear(document.design)
    times: list[float] = []
    for units in range(50, 60):
        started = time.perf_counter()
        document.edit(lambda d, units=units: edits.set_parameter(d, node, "out_features", units), "Set units")
        while document.reported_design is not document.design:
            QCoreApplication.processEvents()
        times.append(time.perf_counter() - started)
    assert min(times) < 0.050 + 0.002 * len(document.design.graph.nodes), times


def test_signals_come_on_the_windows_thread(qtbot, ready: Runner):
    threads: list[QThread] = []
    document = ready.document
    document.report_changed.connect(lambda _report: threads.append(QThread.currentThread()))
    ready.history_changed.connect(lambda _history: threads.append(QThread.currentThread()))
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    node = linear(document.design)
    document.edit(lambda d: edits.set_parameter(d, node, "out_features", 20), "Set units")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert threads and set(threads) == {ready.thread()}


def test_other_data_are_opened_and_bad_ones_are_told(qtbot, ready: Runner, tmp_path):
    document = ready.document
    missing = tmp_path / "nothing"
    document.edit(lambda d: replace(d, data=replace(d.data, source=str(missing))), "Choose data")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.data_spec is None and str(missing) in document.data_problem
    assert not document.report.trainable
    assert any(document.data_problem == p.why for p in document.problems)
    ready.train()
    assert ready.state == "idle"
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.data_spec is not None and document.data_problem == ""


def test_a_split_without_samples_hides_neither_shapes_nor_pictures(qtbot, ready: Runner):
    document = ready.document
    node = linear(document.design)
    ready.request_look("test", (View((node,), "feature_maps"),))
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)
    outputs, before = document.report.outputs, document.look
    document.edit(lambda d: replace(d, data=replace(d.data, validation=0.0001)), "Set validation")
    qtbot.waitUntil(lambda: known(ready) and document.look is not None and document.look is not before, timeout=10_000)
    assert document.report.outputs == outputs and document.data_spec is not None
    assert [p.why for p in document.problems if p.severity == "error"] == [document.data_problem]
    assert "rounds to 0" in document.data_problem
    ready.train()
    assert ready.state == "idle"


def test_data_that_are_gone_hide_no_shapes(qtbot, ready: Runner, tmp_path):
    document, place = ready.document, tmp_path / "set"
    _write_idx(place)
    document.edit(lambda d: replace(d, data=replace(d.data, source=str(place))), "Choose data")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    outputs = document.report.outputs
    assert document.report.trainable and outputs
    place.rename(tmp_path / "elsewhere")
    document.edit(lambda d: replace(d, data=replace(d.data, seed=7)), "Set seed")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.report.outputs == outputs
    assert not document.report.trainable and "no folder" in document.data_problem


def _write_idx(place):
    """Twenty images of 8×8 and their ten classes."""
    place.mkdir()
    images, labels = np.zeros((20, 8, 8), np.uint8), np.arange(20, dtype=np.uint8) % 10
    for name, array in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)):
        head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
        (place / name).write_bytes(head + array.tobytes())


def test_a_run_finishes_and_its_record_is_kept(qtbot, ready: Runner):
    document = ready.document
    states: list[str] = []
    ready.state_changed.connect(states.append)
    with qtbot.waitSignal(ready.run_ended, timeout=60_000) as ended:
        ready.train()
        assert document.running_design is not None
        assert ready.run_number == 1, "also before the project holds it"
    record = ended.args[0]
    run = document.project.run
    assert run is record and run.status == "finished"
    assert run.state is not None and run.state.epoch == 2
    assert len(run.history.loss) == run.state.step
    assert run.test is not None and run.test.accuracy is not None and run.test.accuracy > 0.5
    assert states[0] == "running" and states[-1] == "idle"
    assert document.running_design is None and document.dirty
    assert document.undo_stack.count() == 0
    assert document.project.design.data.fingerprint == document.data_spec.fingerprint != ""
    assert ready.plan.kind == "new"  # no epochs are left


def test_pause_resume_and_stop(qtbot, document: Document, ready: Runner):
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=2000)), "Set epochs")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > 0, timeout=30_000)
    ready.pause()
    assert ready.state == "pausing"
    qtbot.waitUntil(lambda: ready.state == "paused", timeout=10_000)
    assert document.project.run is not None and document.project.run.state is not None
    step = ready.progress.step
    qtbot.wait(150)
    assert ready.progress.step == step
    assert ready.plan.kind == "resume"
    ready.train()
    qtbot.waitUntil(lambda: ready.progress.step > step, timeout=10_000)
    ready.stop()
    assert ready.state == "stopping"
    qtbot.waitUntil(idle(ready), timeout=20_000)
    run = document.project.run
    assert run.status == "stopped" and run.state.step > step
    assert ready.plan.kind == "continue"
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > run.state.step, timeout=20_000)
    ready.stop()
    qtbot.waitUntil(idle(ready), timeout=20_000)
    assert len(document.project.runs) == 1
    ready.start_over()
    qtbot.waitUntil(lambda: len(ready.history.loss) > 0 and ready.progress is not None, timeout=20_000)
    ready.stop()
    qtbot.waitUntil(idle(ready), timeout=20_000)
    assert len(document.project.runs) == 2


def test_an_interrupted_run_gives_the_same_losses(qtbot, document: Document, ready: Runner):
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > 0, timeout=30_000)
    ready.stop()
    qtbot.waitUntil(idle(ready), timeout=20_000)
    if document.project.run.state.epoch < 2:
        ready.train()
        qtbot.waitUntil(idle(ready), timeout=30_000)
    interrupted = document.project.run.history.loss
    ready.start_over()
    qtbot.waitUntil(idle(ready), timeout=30_000)
    assert np.array_equal(interrupted, document.project.run.history.loss)


def test_the_graph_may_be_edited_during_a_run(qtbot, document: Document, ready: Runner):
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=2000)), "Set epochs")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    assert document.changed_since_start == frozenset()
    node = linear(document.design)
    document.edit(lambda d: edits.set_parameter(d, node, "out_features", 21), "Set units")
    assert node in document.changed_since_start
    document.edit(lambda d: edits.rename(d, node, "other"), "Rename")
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.changed_since_start == frozenset()
    ready.stop()
    qtbot.waitUntil(idle(ready), timeout=20_000)


def test_a_failure_becomes_a_problem_and_keeps_the_state(qtbot, document: Document, ready: Runner):
    far = Named("SGD", Frozen({"lr": 1e6, "momentum": 0.9, "weight_decay": 1.0}))
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, schedule=None, optimizer=far)), "Set rate")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=30_000)
    assert document.run_problems and document.run_problems[0].severity == "error"
    assert document.run_problems[0].node in document.design.graph.nodes
    assert document.problems[0] is document.run_problems[0]
    assert document.project.run is not None and document.project.run.status == "failed"


def far(design: Design, rate: float) -> Design:
    optimizer = Named("SGD", Frozen({"lr": rate, "momentum": 0.9, "weight_decay": 1.0}))
    return replace(design, recipe=replace(design.recipe, schedule=None, optimizer=optimizer))


def test_a_diverged_training_goes_back_with_half_the_rate(qtbot, document: Document, ready: Runner):
    document.edit(lambda d: far(d, 1e6), "Set rate")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    met: list[object] = []
    ready.problem_met.connect(met.append)
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=30_000)
    failed = document.project.run
    assert failed is not None and failed.state is not None
    (problem,) = document.run_problems
    assert met == [problem]
    (fix,) = problem.fixes
    assert fix.label.endswith("halve the learning rate") or fix.label.endswith("half the learning rate")
    assert all(np.isfinite(weights).all() for weights in failed.state.weights.values())
    step, edits_before = failed.state.step, document.undo_stack.count()
    began: list[object] = []
    ready._checking.begin = lambda start: began.append(start)  # type: ignore[method-assign]
    document.apply_fix(fix)
    assert document.design.recipe.optimizer.parameters["lr"] == 5e5
    assert document.undo_stack.count() == edits_before + 1
    qtbot.waitUntil(lambda: bool(began), timeout=5000)
    start = began[0]
    assert start.state is failed.state and start.design.recipe == document.design.recipe  # type: ignore[attr-defined]
    session = ready._training.session
    assert session is not None and session.record.id == failed.id
    ready._training.drop()
    ready._set_state("idle")
    document.undo_stack.undo()
    assert document.design.recipe.optimizer.parameters["lr"] == 1e6
    assert step == failed.state.step


def test_going_back_trains_on_from_that_step(qtbot, document: Document, ready: Runner):
    """The same run, its history whole up to the step and going on from there; a design that has changed is refused."""
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    done = document.project.run
    assert done is not None and done.state is not None
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=3)), "Set epochs")
    (fix,) = way_back(done)
    node = linear(document.design)
    document.edit(lambda d: edits.set_parameter(d, node, "out_features", 21), "Set units")
    messages: list[str] = []
    document.message_shown.connect(lambda text, _severity: messages.append(text))
    document.apply_fix(fix)
    assert not ready.alive and messages[-1].startswith("The design has changed since that training")
    document.undo_stack.undo()
    document.apply_fix(fix)
    qtbot.waitUntil(lambda: ready.alive, timeout=5000)
    qtbot.waitUntil(idle(ready), timeout=60_000)
    run = document.project.run
    assert len(document.project.runs) == 1 and run is not None and run.state is not None
    assert run.state.epoch == 3 and run.status == "finished"
    assert np.array_equal(run.history.loss[: done.state.step], done.history.loss)
    assert run.history.rate[done.state.step] < done.history.rate[done.state.step - 1] or run.design != done.design


def test_how_a_run_ended_is_said_as_a_person_reads_it(document: Document):
    record = new_record(document, document.design)
    for event, said in (
        (Finished(1, 4469, True, None, None, None, 1.0, 1.0), "Stopped after step 4\u202f469."),
        (Finished(1, 20, False, None, None, None, 1.0, 1.0), "Finished 1 epoch."),
    ):
        session = Session(document, record, document.design)
        session.take(event)
        assert session.message == said


def test_train_says_why_it_begins_anew(qtbot, document: Document, ready: Runner):
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    messages: list[str] = []
    document.message_shown.connect(lambda text, _severity: messages.append(text))
    assert "All 2 epochs were done: training starts anew." in why_anew(document)
    assert ready.plan.text == f"Start a new run of 2 epochs. {why_anew(document)}"
    node = linear(document.design)
    document.edit(lambda d: edits.set_parameter(d, node, "out_features", 21), "Set units")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    label = document.design.graph.nodes[node].label
    expected = f"{label} changed since the last training: training starts anew. The earlier run stays in the project."
    assert messages[0] == expected and ready.run_number == 2
    qtbot.waitUntil(idle(ready), timeout=60_000)
    assert len(document.project.runs) == 2
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, seed=9, batch_size=16)), "Set seed")
    assert why_anew(document).startswith("The batch size and the seed changed since the last training")


def test_another_state_is_looked_at_anew(ready: Runner):
    """A freed state's address may be another one's: what was built for the first must not answer for the second."""
    dataset = open_data(small().data)
    task = LookTask(small(), Report(), Request((), (0,), 1), None, dataset)
    looker = object.__new__(AtRest)
    looker._graph, looker._seed, looker._state = task.design.graph, task.design.recipe.seed, None
    looker._dataset = dataset
    assert looker.fits(task)
    assert not looker.fits(replace(task, dataset=open_data(small().data)))  # opened anew: the files may have changed
    state = TrainingState(1, 0, 1, 0, 1, "cpu", Frozen(), Frozen())
    looker._state = state
    assert looker.fits(replace(task, state=state))
    assert not looker.fits(replace(task, state=replace(state)))  # equal, yet another: its weights may differ
    assert looker._state is state  # held, so that its address stays its own


def test_a_fresh_state_is_there_before_saving(qtbot, document: Document, ready: Runner):
    called: list[int] = []
    ready.with_fresh_state(lambda: called.append(0))
    assert called == [0]
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=2000)), "Set epochs")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > 0, timeout=30_000)
    before = ready.progress.step
    ready.with_fresh_state(lambda: called.append(document.project.run.state.step))
    qtbot.waitUntil(lambda: len(called) == 2, timeout=10_000)
    assert called[1] >= before
    ready.stop()
    qtbot.waitUntil(idle(ready), timeout=20_000)


def test_opening_another_project_ends_the_run(qtbot, document: Document, ready: Runner):
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=2000)), "Set epochs")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > 0, timeout=30_000)
    document.set_project(Project(design=small(3)), None)
    assert ready.state == "idle" and not ready.alive and len(ready.history.loss) == 0
    qtbot.waitUntil(lambda: known(ready) and not ready._training.busy, timeout=10_000)
    assert document.project.runs == () and not document.dirty


def test_shutdown_keeps_what_was_learned(qtbot, document: Document, ready: Runner):
    document.edit(lambda d: replace(d, recipe=replace(d.recipe, epochs=2000)), "Set epochs")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    qtbot.waitUntil(lambda: ready.progress is not None and ready.progress.step > 0, timeout=30_000)
    ready.shutdown(save_state=True)
    assert document.project.run is not None and document.project.run.state is not None
    assert document.project.run.state.step > 0


def test_looks_at_rest_and_live(qtbot, document: Document, ready: Runner):
    node = linear(document.design)
    ready.request_look("canvas", (View((node,)),))
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)
    assert document.look.step == 0 and document.picture_for((node,)) is not None
    document.show_probe(3)
    qtbot.waitUntil(lambda: document.look.request.probes == (3,), timeout=10_000)
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    assert document.look.step > 0
    ready.request_look("canvas", (View((node,), units=2),))
    ready.request_look("canvas", ())


def test_what_is_sound_of_a_design_is_shown_before_it_can_be_trained(qtbot, document: Document, ready: Runner):
    """Also while a network is being drawn, long before it has a loss."""
    nodes = {node.label: id_ for id_, node in document.design.graph.nodes.items()}
    sound, broken = nodes["fc1"], nodes["logits"]
    loss = next(n for n in nodes.values() if document.design.graph.layer_of(n).kind == "CrossEntropyLoss")
    wire = next(w for w in document.design.graph.wires if w.target == broken)
    document.edit(lambda d: edits.disconnect(edits.remove_nodes(d, {loss}), [wire]), "Take apart")
    ready.request_look("canvas", (View((sound,)), View((broken,))))
    qtbot.waitUntil(lambda: document.look is not None and document.picture_for((sound,)) is not None, timeout=10_000)
    assert not document.report.trainable
    shown, nothing = (document.picture_for((n,)) for n in (sound, broken))
    assert shown is not None and shown.tiles.size and not shown.problem
    assert nothing is None or nothing.problem


def test_pictures_of_other_data_or_of_no_network_are_dropped(qtbot, document: Document, ready: Runner, tmp_path):
    node = linear(document.design)
    ready.request_look("canvas", (View((node,)),))
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)
    document.edit(lambda d: replace(d, data=replace(d.data, source=str(tmp_path / "nothing"))), "Choose data")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.look is None
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)
    document.edit(lambda d: replace(d, graph=Graph(), places=Frozen()), "Delete all")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.look is None


def test_pictures_of_a_run_go_with_its_network(qtbot, document: Document, ready: Runner):
    """Where nobody looks any more they would otherwise stay for good, under the step of a network that is gone."""
    node = linear(document.design)
    ready.request_look("canvas", (View((node,)),))
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    assert document.look is not None and document.look.step > 0
    ready.request_look("canvas", ())
    document.edit(lambda d: edits.set_parameter(d, node, "out_features", 77), "Set units")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    assert document.look is None


def test_a_run_that_ended_shows_its_newest_state(qtbot, document: Document, ready: Runner):
    """Also where nothing is looked at closely any more, and where a project with such a run is opened."""
    node = linear(document.design)
    ready.request_look("canvas", (View((node,)),))
    qtbot.waitUntil(lambda: document.look is not None, timeout=10_000)
    early = document.look
    ready.request_look("canvas", ())
    ready.train()
    qtbot.waitUntil(idle(ready), timeout=60_000)
    run = document.project.run
    assert run is not None and run.state is not None
    qtbot.waitUntil(lambda: document.look is not None and document.look.step == run.state.step, timeout=10_000)
    project = document.project
    stale = replace(project, runs=(replace(run, look=replace(early, step=3)),))
    document.set_project(stale, None)
    assert document.look.step == 3
    qtbot.waitUntil(lambda: document.look is not None and document.look.step == run.state.step, timeout=10_000)


def test_wishes_become_one_request():
    wishes = Wishes()
    a, b = View(("a",), units=8), View(("b",), units=8)
    assert wishes.set("canvas", (a, b), None)
    assert not wishes.set("canvas", (a, b), None)
    assert wishes.set("features", (replace(a, units=64),), None)
    request = wishes.request(5)
    assert request is not None and request.probes == (5,)
    assert {(v.path, v.units) for v in request.views} == {(("a",), 64), (("b",), 8)}
    wishes.set("canvas", (), None)
    wishes.set("features", (), None)
    assert wishes.request(5) is None


def test_a_graph_that_cannot_be_trained_says_why(qtbot, document: Document, ready: Runner):
    messages: list[str] = []
    document.message_shown.connect(lambda text, _severity: messages.append(text))
    document.edit(lambda d: replace(d, graph=Graph(), places=type(d.places)()), "Delete all")
    qtbot.waitUntil(lambda: known(ready), timeout=5000)
    ready.train()
    assert ready.state == "idle" and messages and messages[-1].startswith("This design cannot be trained yet.")
    assert ready.plan.kind == "blocked"


def test_recovery_is_written_and_removed(qtbot, document: Document, ready: Runner, tmp_path):
    from engine.project import recovery

    document.path = tmp_path / "digits.strata"
    node = linear(document.design)
    document.edit(lambda d: edits.rename(d, node, "renamed"), "Rename")
    ready.autosave.write_now()
    qtbot.waitUntil(lambda: bool(list(tmp_path.iterdir())), timeout=10_000)
    document.mark_saved(document.path)
    qtbot.waitUntil(lambda: not list(tmp_path.iterdir()), timeout=10_000)
    assert recovery.find(document.path) is None
