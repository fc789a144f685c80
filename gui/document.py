"""What the person edits: the one mutable object of the window. Widgets show it and ask it for changes.

Everything here runs on the window's thread. The design is a value: an edit replaces it and is one undo step. What is
true of it (the Report), the data's spec and the run's news arrive later, through the Runner.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.check.report import Fix, NodePath, Problem, Report
from engine.data import source
from engine.data.preview import Preview
from engine.data.spec import DataSpec
from engine.errors import StrataError
from engine.graph.design import DataChoice, Design
from engine.graph.model import Graph, NodeId, Wire
from engine.observe.picture import Look, Picture, PictureKind
from engine.project.project import Project, RunRecord
from gui.commands import ChangeDesign

Foretell = Callable[["Document", Fix], str]  # what a remedy will do, as a sentence


class Document(QObject):
    """Holds the project, the undo history, the selection and what is known about the design.

    Signals, all emitted on the window's thread:
    design_changed(before, after)   after every edit, undo and redo, and once when a project is opened
    report_changed(Report)          the newest check; `report` may be one edit old until then
    data_changed()                  `data_spec` or `data_problem` is new
    selection_changed(frozenset)    ids of the selected nodes
    look_arrived(Look)              new pictures
    problems_changed()              `problems` is new: the check's, or what went wrong in training
    running_changed()               a run has begun or ended: `running_design` is new
    project_opened()                another project is shown; sent before `project_changed`
    probe_changed(int)              another probe sample is shown, everywhere (also when the pinned ones changed)
    nodes_inserted(frozenset)       ids of the nodes that a remedy has put in: they should be seen
    touched_changed(nodes, wires)   what the remedy that somebody points at would work on; empty when it is none
    found_changed()                 `found` is new: the nodes that fit what somebody looks for
    remedy_asked(Fix)               a remedy of one of the kinds in `remedies` is wanted
    project_changed()               another file, name or saved state
    message_shown(text, severity)   for the toast and the Log (severity: info, warning, error)
    """

    design_changed = Signal(object, object)
    report_changed = Signal(object)
    data_changed = Signal()
    selection_changed = Signal(object)
    look_arrived = Signal(object)
    problems_changed = Signal()
    running_changed = Signal()
    project_opened = Signal()
    probe_changed = Signal(int)
    nodes_inserted = Signal(object)
    project_changed = Signal()
    touched_changed = Signal(object, object)
    found_changed = Signal()
    remedy_asked = Signal(object)
    message_shown = Signal(str, str)

    def __init__(self, project: Project | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(0)
        self._project = project or Project()
        self._design = self._project.design
        source.remember(self._design.data, self._project.data)
        self.report = Report()
        self.reported_design: Design | None = None  # the design that `report` speaks of
        self.data_spec: DataSpec | None = None
        self.data_problem = ""
        self.data_samples: Preview | None = None
        self.look: Look | None = None
        self.selection: frozenset[NodeId] = frozenset()
        self.found: frozenset[NodeId] = frozenset()
        self.probe = 0  # which of the fixed probe samples is shown, by every view
        self.pinned_probes: tuple[int, ...] = ()
        self.path: pathlib.Path | None = None
        self.remedies: dict[str, Foretell] = {}  # kinds of fix that do more than change the design; see `remedy_asked`
        self.run_problems: tuple[Problem, ...] = ()  # what went wrong in the last training
        self.dismissed: frozenset[str] = frozenset()  # keys of hints that are not to be shown
        self.running_design: Design | None = None  # the copy that the run under way learns with
        self._run_dirty = False  # a run has gone on since the last save
        self._fingerprints: dict[DataChoice, str] = {}  # what the data were when they were last trained with
        self._passing, self._arrived = False, self._design  # on the way to a step of the history, and how far
        self._pointed: Fix | None = None  # the remedy that somebody points at
        self._ahead: tuple[Design | None, Design, frozenset[NodeId]] | None = None
        self.undo_stack.cleanChanged.connect(self._on_clean_changed)
        stack = self.undo_stack
        self.destroyed.connect(lambda: stack.blockSignals(True))  # its destructor clears it, and would tell of that

    # -- the design ---------------------------------------------------------------
    @property
    def design(self) -> Design:
        return self._design

    def change(self, after: Design, label: str, merge_key: str | None = None) -> None:
        """Make an edit: one undo step called `label`. Edits with the same `merge_key` in quick succession merge."""
        if after == self._design:
            return
        self.undo_stack.push(ChangeDesign(self._design, after, label, self._set_design, merge_key))

    def edit(self, make: Callable[[Design], Design], label: str, merge_key: str | None = None) -> None:
        """`change`, with the new design made from the one that stands."""
        self.change(make(self._design), label, merge_key)

    def apply_fix(self, fix: Fix) -> None:
        """Apply a remedy; one undo step. Those of the report change the design, others do what `remedies` says."""
        from engine.check import fixes

        if fix.kind in self.remedies:
            self.remedy_asked.emit(fix)
            return
        before = self._design.graph.nodes
        try:
            self.change(fixes.apply(fix, self._design), fix.label)
        except StrataError as error:  # the remedy of an older report no longer fits
            self.message_shown.emit(str(error), "warning")
        if inserted := frozenset(self._design.graph.nodes) - frozenset(before):
            self.nodes_inserted.emit(inserted)

    def foretold(self, fix: Fix) -> str:
        """What a remedy would change, as a sentence; why it cannot, where it is of an older report."""
        from engine.check import fixes, outcome

        if (foretell := self.remedies.get(fix.kind)) is not None:
            return foretell(self, fix)
        try:
            return outcome.told(self._design, fixes.apply(fix, self._design))
        except StrataError as error:
            return str(error)

    def go_to_step(self, step: int) -> None:
        """Undo or redo until `step` edits are done. What lies between is passed over: it is shown to nobody."""
        self._passing, self._arrived = True, self._design
        try:
            self.undo_stack.setIndex(step)
        finally:
            self._passing = False
        if self._arrived != self._design:
            self._set_design(self._arrived)

    def point_at(self, fix: Fix | None) -> None:
        """A person looks at a remedy, and at none any more: what it would work on is told by `touched_changed`."""
        if fix == self._pointed:
            return
        self._pointed = fix
        self.touched_changed.emit(*self._touched_by(fix))

    def _touched_by(self, fix: Fix | None) -> tuple[frozenset[NodeId], frozenset[Wire]]:
        if fix is not None and fix.kind not in self.remedies:
            from engine.check import fixes, outcome

            with suppress(StrataError):  # of an older report
                return outcome.touched(self._design, fixes.apply(fix, self._design))
        return frozenset(), frozenset()

    def _on_clean_changed(self, _clean: bool) -> None:
        self.project_changed.emit()

    def _set_design(self, design: Design) -> None:
        if self._passing:
            self._arrived = design
            return
        self.point_at(None)
        before, self._design = self._design, design
        kept = frozenset(n for n in self.selection if n in design.graph.nodes)
        self.design_changed.emit(before, design)
        if kept != self.selection:
            self.select(kept)

    # -- selection ----------------------------------------------------------------
    def select(self, nodes: frozenset[NodeId]) -> None:
        """Only nodes that are there: a problem, say, is shown until the next check, its node may be gone before."""
        nodes = frozenset(node for node in nodes if node in self._design.graph.nodes)
        if nodes != self.selection:
            self.selection = nodes
            self.selection_changed.emit(nodes)

    def show_found(self, nodes: frozenset[NodeId]) -> None:
        """Mark the nodes that fit what somebody looks for, on the canvas and in the Outline."""
        if nodes != self.found:
            self.found = nodes
            self.found_changed.emit()

    # -- what is known (called by the Runner) ---------------------------------------
    def set_report(self, design: Design, report: Report) -> None:
        self.report, self.reported_design = report, design
        self.report_changed.emit(report)
        self.problems_changed.emit()

    def set_data(self, spec: DataSpec | None, problem: str = "", samples: Preview | None = None) -> None:
        """`samples` are a few of the training part, to be shown."""
        self.data_spec, self.data_problem, self.data_samples = spec, problem, samples
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

    def picture_for(self, path: NodePath, kind: PictureKind = "feature_maps") -> Picture | None:
        return self.look.picture(path, kind) if self.look else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What training met, then what the check found; what keeps it from being trained first. None of a node that is
        gone, and no dismissed hint."""
        return tuple(sorted((p for p in self._found() if not self._hidden(p)), key=lambda problem: problem.urgency))

    @property
    def hidden_hints(self) -> int:
        """How many of the hints that hold now were dismissed."""
        return sum(map(self._hidden, self._found()))

    def set_dismissed(self, keys: frozenset[str]) -> None:
        if keys != self.dismissed:
            self.dismissed = keys
            self.problems_changed.emit()

    def _found(self) -> list[Problem]:
        nodes = self._design.graph.nodes
        return [p for p in (*self.run_problems, *self.report.problems) if p.node is None or p.node in nodes]

    def _hidden(self, problem: Problem) -> bool:
        return problem.severity == "hint" and problem.key in self.dismissed

    def problems_of(self, node: NodeId) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.node == node)

    # -- the run --------------------------------------------------------------------
    def set_run_problems(self, problems: tuple[Problem, ...]) -> None:
        if problems != self.run_problems:
            self.run_problems = problems
            self.problems_changed.emit()

    def set_running(self, design: Design | None) -> None:
        """The copy of the design that a run has begun with; None when it has ended."""
        if design is not self.running_design:
            self.running_design = design
            self.running_changed.emit()

    @property
    def changed_since_start(self) -> frozenset[NodeId]:
        """The nodes that the run under way does not know as they now stand: they apply to the next run."""
        if self.running_design is None:
            return frozenset()
        if self._ahead is None or self._ahead[0] is not self.running_design or self._ahead[1] is not self._design:
            nodes = changed_nodes(self.running_design.graph, self._design.graph)
            self._ahead = (self.running_design, self._design, nodes)
        return self._ahead[2]

    def record_run(self, record: RunRecord) -> None:
        """Keep what a run has told: in place of the record with its id, or as the newest."""
        runs = self._project.runs
        if any(run.id == record.id for run in runs):
            runs = tuple(record if run.id == record.id else run for run in runs)
        else:
            runs = (*runs, record)
        self.update_run(replace(self._project, runs=runs))

    def note_fingerprint(self, choice: DataChoice, fingerprint: str) -> None:
        """Remember what the data were that were trained with. It is written into the file with the design and is no
        edit: undo never takes it back."""
        self._fingerprints[replace(choice, fingerprint="")] = fingerprint

    # -- the project ----------------------------------------------------------------
    @property
    def project(self) -> Project:
        """The project as it would be saved, with the design as it stands and its data as they were last read."""
        design, choice = self._design, self._design.data
        known = self._fingerprints.get(replace(choice, fingerprint=""))
        if known is not None and known != choice.fingerprint:
            design = replace(design, data=replace(choice, fingerprint=known))
        return replace(self._project, design=design, data=source.last_known(choice))

    def set_project(self, project: Project, path: pathlib.Path | None) -> None:
        """Open another project: the history of edits starts anew."""
        self.point_at(None)
        before = self._design
        self._project, self._design, self.path = project, project.design, path
        source.remember(project.design.data, project.data)
        self.selection, self.report, self.reported_design = frozenset(), Report(), None
        self.probe, self.pinned_probes = 0, ()
        self.look = project.run.look if project.run else None
        self.run_problems, self.running_design, self._run_dirty = (), None, False
        self._fingerprints = {}
        self.undo_stack.clear()
        self.project_opened.emit()
        self.design_changed.emit(before, self._design)
        self.selection_changed.emit(self.selection)
        self.look_arrived.emit(self.look)
        self.running_changed.emit()
        self.problems_changed.emit()
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


def changed_nodes(before: Graph, after: Graph) -> frozenset[NodeId]:
    """The nodes of `after` that are new, call a layer that differs, or take their inputs from elsewhere."""
    changed = set[NodeId]()
    for node in after.nodes.values():
        old = before.nodes.get(node.id)
        if old is None or before.layers[old.layer] != after.layers[node.layer]:
            changed.add(node.id)
    if before.wires != after.wires:
        inputs_before, inputs_after = _inputs(before), _inputs(after)
        changed |= {n for n in after.nodes if inputs_before.get(n) != inputs_after.get(n)}
    if before.blocks != after.blocks:
        different = {b for b, block in after.blocks.items() if before.blocks.get(b) != block}
        changed |= {n.id for n in after.nodes.values() if after.layers[n.layer].block in different}
    return frozenset(changed)


def _inputs(graph: Graph) -> dict[NodeId, list[Wire]]:
    inputs: dict[NodeId, list[Wire]] = {}
    for wire in graph.wires:
        inputs.setdefault(wire.target, []).append(wire)
    return inputs
