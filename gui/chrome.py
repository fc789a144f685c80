"""Keeps the window's frame at what the document and the runner say: title, toolbar, status bar, counts, actions."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from engine.observe.picture import Look
from gui.canvas import connecting
from gui.canvas.arrays import SELECTED
from gui.canvas.content import main_parameters
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.handlers import PROBLEMS_PAGE
from gui.plots.training import TrainingPanel
from gui.progress import Progress
from gui.runner import Runner
from gui.shortcuts.bound import Actions
from gui.status_bar import StatusBar
from gui.toolbar import ToolBar
from gui.widgets.docks import TabbedDock
from gui.workspace import WorkspaceRow

STATES = {  # of the runner: what the status bar says, and the colour of its dot
    "preparing": ("Preparing", "text3"),
    "idle": ("Ready", "text3"),
    "running": ("Training", "ok"),
    "pausing": ("Pausing after this batch…", "warn"),
    "paused": ("Paused", "warn"),
    "stopping": ("Stopping after this batch…", "warn"),
}


class Frame(Protocol):
    """The parts of the window that this file keeps up to date."""

    document: Document
    runner: Runner
    canvas: CanvasView
    actions_: Actions
    toolbar: ToolBar
    status: StatusBar
    workspace: WorkspaceRow
    bottom: TabbedDock
    training: TrainingPanel


class Chrome(QObject):
    def __init__(self, frame: Frame, window: QMainWindow):
        super().__init__(window)
        self._frame, self._window = frame, window
        self._probes = 0  # samples to choose from, when the actions were brought up to date
        self._connect()
        self.show_all()

    def _connect(self) -> None:
        document, runner = self._frame.document, self._frame.runner
        document.design_changed.connect(lambda _before, _after: self._on_design_changed())
        document.report_changed.connect(lambda _report: self._on_problems_changed())
        document.problems_changed.connect(self._on_problems_changed)
        document.selection_changed.connect(self._on_selection_changed)
        document.data_changed.connect(self._on_data_changed)
        document.found_changed.connect(self._update_actions)
        document.project_changed.connect(self._on_project_changed)
        document.look_arrived.connect(self._on_look_arrived)
        self._frame.canvas.wires_selected.connect(self._update_actions)
        stack = document.undo_stack
        for signal in (stack.canUndoChanged, stack.canRedoChanged):
            signal.connect(lambda _can: self._update_actions())
        for signal in (stack.undoTextChanged, stack.redoTextChanged):
            signal.connect(lambda _text: self._name_undo())
        for signal in (runner.state_changed, runner.ready_changed, runner.device_changed):
            signal.connect(lambda _value: self._on_state_changed())
        runner.plan_changed.connect(self._on_state_changed)
        runner.progress_changed.connect(self._on_progress_changed)

    def show_all(self) -> None:
        """Bring everything to what the document and the runner say now."""
        self._on_design_changed()
        self._on_problems_changed()
        self._on_selection_changed(self._frame.document.selection)
        self._on_data_changed()
        self._on_project_changed()
        self._on_state_changed()
        self._name_undo()

    # -- of the document -----------------------------------------------------------------
    def _on_design_changed(self) -> None:
        self._frame.toolbar.set_recipe(self._frame.document.design.recipe)
        self._on_data_changed()
        self._update_actions()

    def _on_problems_changed(self) -> None:
        document = self._frame.document
        problems, checked = document.problems, document.reported_design is not None
        self._frame.status.set_report(document.report if checked else None)
        self._frame.status.set_problems(problems, checked)
        errors = sum(problem.severity == "error" for problem in problems)
        self._frame.bottom.set_count(PROBLEMS_PAGE, errors or len(problems), urgent=bool(errors))
        self._name_train()
        self._update_actions()

    def _on_selection_changed(self, selection: frozenset[str]) -> None:
        self._frame.status.set_selection(len(selection))
        self._update_actions()

    def _on_data_changed(self) -> None:
        document = self._frame.document
        usable = None if document.data_problem else document.data_spec  # of others only the fields may be known
        self._frame.toolbar.set_data(usable, document.design.data.source, document.data_problem)
        self._on_look_arrived(document.look)

    def _on_project_changed(self) -> None:
        document = self._frame.document
        self._window.setWindowTitle(f"{document.title}[*] — Strata")
        self._window.setAccessibleName(f"{document.title} — Strata")
        self._window.setWindowModified(document.dirty)
        if document.path is None:
            state = "not saved yet"
        else:
            state = f"{document.path.name} · {'edited' if document.dirty else 'saved'}"
        self._frame.toolbar.project.set_project(document.title, state, str(document.path or ""))

    def _on_look_arrived(self, look: Look | None) -> None:
        document, runner = self._frame.document, self._frame.runner
        spec = document.data_spec
        stored = bool(document.data_problem) and (spec is None or not spec.samples)  # the data cannot be read
        self._frame.workspace.show_look(look, runner.state == "running", stored)
        count = look.probe_count if look is not None else 0
        if count != self._probes:
            self._probes = count
            self._update_actions()

    def _name_undo(self) -> None:
        """‘Undo add Conv2d’: the menu says what would be undone."""
        stack = self._frame.document.undo_stack
        for name, verb, what in (("undo", "Undo", stack.undoText()), ("redo", "Redo", stack.redoText())):
            self._frame.actions_.name(name, f"{verb} {what[0].lower()}{what[1:]}" if what else verb)
        self._update_actions()

    # -- of the runner ---------------------------------------------------------------------
    def _on_state_changed(self) -> None:
        frame, runner = self._frame, self._frame.runner
        state = runner.state
        self._name_train()
        text, token = STATES[state]
        if state == "running" and runner.alive:
            text = f"Training, run {runner.run_number}"
        frame.status.set_state(text, token)
        frame.toolbar.show_progress(runner.alive and runner.progress is not None)
        self._show_device()
        self._on_look_arrived(frame.document.look)
        self._update_actions()

    def _name_train(self) -> None:
        """What a click would do now: the plan says with which weights it would begin."""
        runner = self._frame.runner
        text = {"preparing": "Preparing…", "paused": "Resume"}.get(runner.state, "Train")
        self._frame.actions_.name("train", text, runner.plan.text)
        trainable = not self._frame.document.report.blocking or runner.alive
        self._frame.toolbar.set_trainable(trainable)
        self._frame.training.set_trainable(trainable)

    def _show_device(self) -> None:
        """While something trains, where it really computes; else what was chosen, and what ‘auto’ would take."""
        runner = self._frame.runner
        shown = (runner.device_in_use if runner.alive else "") or runner.device
        state = "in use" if runner.alive else "idle"
        if shown == "auto" and len(runner.devices) > 1:
            shown, state = runner.devices[1], "auto"
        self._frame.toolbar.set_devices(list(runner.devices), runner.device, shown, state)

    def _on_progress_changed(self, progress: Progress | None) -> None:
        if progress is not None:
            self._frame.toolbar.progress.set_progress(progress)
            self._show_device()
        self._frame.toolbar.show_progress(self._frame.runner.alive and progress is not None)

    def _update_actions(self) -> None:
        document, runner, actions = self._frame.document, self._frame.runner, self._frame.actions_
        graph, stack, state, look = document.design.graph, document.undo_stack, runner.state, document.look
        one = next(iter(document.selection)) if len(document.selection) == 1 else None
        one = one if one in graph.nodes else None
        canvas = self._frame.canvas
        arrays, drawn = canvas.arrays, canvas.drawn.selected
        remedy = canvas.layer.describer.fix_of(one) if one is not None else None
        actions[f"flow_{document.design.flow}"].setChecked(True)
        actions.name("fix_layer", remedy.label if remedy is not None else "")
        actions.update(
            {
                "nodes": bool(graph.nodes),
                "selection": bool(document.selection),
                "selected": bool(document.selection or arrays.selected_wires or drawn),
                "things": bool(document.selection or drawn),
                "several": len(document.selection) > 1,
                "three": len(document.selection) > 2,
                "wired": bool((arrays.wire_state & SELECTED).any()),
                "ordered": bool(connecting.ordered(canvas)),
                "found": bool(document.found),
                "noted": len(drawn) == 1,
                "one": one is not None,
                "parameter": one is not None and bool(main_parameters(graph.layer_of(one))),
                "remedy": remedy is not None,
                "undo": stack.canUndo(),
                "redo": stack.canRedo(),
                "steps": stack.count() > 0,
                "startable": runner.ready and state in ("idle", "paused"),
                "running": state == "running",
                "stoppable": state in ("running", "pausing", "paused"),
                "problems": bool(document.problems),
                "fixable": any(problem.fixes for problem in document.problems),
                "probes": look is not None and look.probe_count > 1,
                "shown": look is not None and look.probe_count > 0,
            }
        )
