"""What the person edits: the one mutable object of the window. Widgets show it and ask it for changes.

Everything here runs on the window's thread. The design is a value: an edit replaces it and is one undo step. What is
true of it (the Report), the data's spec and the run's news arrive later, through the Runner.
"""

from __future__ import annotations

import pathlib

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.check.report import Fix, NodePath, Report
from engine.data.spec import DataSpec
from engine.graph.design import Design
from engine.graph.model import NodeId
from engine.observe.picture import Look
from engine.project.project import Project
from gui.commands import ChangeDesign


class Document(QObject):
    """Holds the project, the undo history, the selection and what is known about the design.

    Signals, all emitted on the window's thread:
    design_changed(before, after)   after every edit, undo and redo, and once when a project is opened
    report_changed(Report)          the newest check; `report` may be one edit old until then
    data_changed()                  `data_spec` or `data_problem` is new
    selection_changed(frozenset)    ids of the selected nodes
    look_arrived(Look)              new pictures
    probe_changed(int)              another probe sample is shown, everywhere (also when the pinned ones changed)
    project_changed()               another file, name or saved state
    message_shown(text, severity)   for the toast and the Log (severity: info, warning, error)
    """

    design_changed = Signal(object, object)
    report_changed = Signal(object)
    data_changed = Signal()
    selection_changed = Signal(object)
    look_arrived = Signal(object)
    probe_changed = Signal(int)
    project_changed = Signal()
    message_shown = Signal(str, str)

    def __init__(self, project: Project | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(0)
        self._project = project or Project()
        self._design = self._project.design
        self.report = Report()
        self.reported_design: Design | None = None  # the design that `report` speaks of
        self.data_spec: DataSpec | None = None
        self.data_problem = ""
        self.look: Look | None = None
        self.selection: frozenset[NodeId] = frozenset()
        self.probe = 0  # which of the fixed probe samples is shown, by every view
        self.pinned_probes: tuple[int, ...] = ()
        self.path: pathlib.Path | None = None
        self._run_dirty = False  # a run has gone on since the last save
        self.undo_stack.cleanChanged.connect(lambda _clean: self.project_changed.emit())

    # -- the design ---------------------------------------------------------------
    @property
    def design(self) -> Design:
        return self._design

    def change(self, after: Design, label: str, merge_key: str | None = None) -> None:
        """Make an edit: one undo step called `label`. Edits with the same `merge_key` in quick succession merge."""
        if after == self._design:
            return
        self.undo_stack.push(ChangeDesign(self._design, after, label, self._set_design, merge_key))

    def apply_fix(self, fix: Fix) -> None:
        """Apply a remedy of the report; one undo step."""
        from engine.check import fixes

        self.change(fixes.apply(fix, self._design), fix.label)

    def _set_design(self, design: Design) -> None:
        before, self._design = self._design, design
        kept = frozenset(n for n in self.selection if n in design.graph.nodes)
        self.design_changed.emit(before, design)
        if kept != self.selection:
            self.select(kept)

    # -- selection ----------------------------------------------------------------
    def select(self, nodes: frozenset[NodeId]) -> None:
        if nodes != self.selection:
            self.selection = nodes
            self.selection_changed.emit(nodes)

    # -- what is known (called by the Runner) ---------------------------------------
    def set_report(self, design: Design, report: Report) -> None:
        self.report, self.reported_design = report, design
        self.report_changed.emit(report)

    def set_data(self, spec: DataSpec | None, problem: str = "") -> None:
        self.data_spec, self.data_problem = spec, problem
        self.data_changed.emit()

    def set_look(self, look: Look | None) -> None:
        self.look = look
        self.look_arrived.emit(look)

    def show_probe(self, probe: int) -> None:
        """Show another of the fixed probe samples, on the canvas and in the panels."""
        if probe != self.probe:
            self.probe = probe
            self.probe_changed.emit(probe)

    def pin_probe(self, probe: int, pinned: bool) -> None:
        """Keep a probe sample at hand, or let it go."""
        kept = tuple(p for p in self.pinned_probes if p != probe)
        self.pinned_probes = (*kept, probe) if pinned else kept
        self.probe_changed.emit(self.probe)

    def picture_for(self, path: NodePath, kind: str = "feature_maps"):
        return self.look.picture(path, kind) if self.look else None  # type: ignore[arg-type]

    # -- the project ----------------------------------------------------------------
    @property
    def project(self) -> Project:
        """The project as it would be saved, with the design as it stands."""
        from dataclasses import replace

        return replace(self._project, design=self._design)

    def set_project(self, project: Project, path: pathlib.Path | None) -> None:
        """Open another project: the history of edits starts anew."""
        before = self._design
        self._project, self._design, self.path = project, project.design, path
        self.selection, self.report, self.reported_design = frozenset(), Report(), None
        self.probe, self.pinned_probes = 0, ()
        self.look = project.run.look if project.run else None
        self._run_dirty = False
        self.undo_stack.clear()
        self.design_changed.emit(before, self._design)
        self.selection_changed.emit(self.selection)
        self.look_arrived.emit(self.look)
        self.project_changed.emit()

    def update_run(self, project: Project) -> None:
        """The runs have gone on (new history or state); the design and its undo history stay as they are."""
        self._project = project
        if not self._run_dirty:
            self._run_dirty = True
            self.project_changed.emit()

    def mark_saved(self, path: pathlib.Path) -> None:
        self.path, self._run_dirty = path, False
        self.undo_stack.setClean()
        self.project_changed.emit()

    @property
    def dirty(self) -> bool:
        return self._run_dirty or not self.undo_stack.isClean()

    @property
    def title(self) -> str:
        return self.path.stem if self.path else "Untitled"
