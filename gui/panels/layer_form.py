"""The form of one layer, or of several of one kind: name, parameters, and what they lead to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.catalog import catalog
from engine.catalog.spec import ParameterSpec
from engine.check.report import Problem
from engine.errors import StrataError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import BLOCK, MOST_REPEATS, NodeId, Value
from gui.document import Document
from gui.panels import describing
from gui.panels.forms import ParameterForm
from gui.panels.remedy import FixButton
from gui.panels.rows import FactRow, NameRow
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets import reading
from gui.widgets.containers import Section
from gui.widgets.labels import label, rule
from gui.widgets.numbers import thousands

REPEAT = ParameterSpec(
    "repeat", "int", "Copies", 1, minimum=1, maximum=MOST_REPEATS,
    help="How many copies stand one after the other, each with weights of its own.",
)  # fmt: skip
NOTHING_TO_SET = "This layer has no parameters to set."
NOTHING_PROMOTED = "None of the parameters inside this block are promoted, so there are none to set here."
FACTS = ("Input", "Output", "Parameters", "Multiply-adds per sample")


class ProblemNote(QFrame):
    """What is wrong with the layer, and the button that mends it."""

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "error-bar")
        self._what, self._why = label("", "error", self, wrap=True), label("", "small", self, wrap=True)
        self._button = FixButton(document, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(4)
        for part in (self._what, self._why, self._button):
            layout.addWidget(part)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        self.setVisible(problem is not None)
        if problem is None:
            return
        self._what.setText(problem.what)
        self._why.setText(problem.why)
        self._button.show_fix(problem.fixes[0] if problem.fixes else None)
        self._button.setVisible(bool(problem.fixes))


class LayerForm(QWidget):
    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Parameters")
        self._document = document
        self._nodes: tuple[NodeId, ...] = ()
        self._note = ProblemNote(document, self)
        self._summary = label("", "caption", self, wrap=True)
        self._sharing = label("", "caption", self, wrap=True)
        self._name = NameRow(self)
        self.repeat, self.parameters = ParameterForm(self), ParameterForm(self)
        self._nothing = label("", "caption", self, wrap=True)
        self._reset = QPushButton(theme.icon("arrow-counter-clockwise"), "Reset to defaults", self)
        self._reset.setAccessibleName("Reset to defaults")
        self._layer = Section("Layer", self)
        for part in (self._name, self.repeat, self.parameters, self._nothing):
            self._layer.body.addWidget(part)
        self._changes = Section("What this changes", self)
        self._facts = {title: FactRow(title, self) for title in FACTS}
        for fact in self._facts.values():
            self._changes.body.addWidget(fact)
        buttons = QHBoxLayout()
        buttons.addWidget(self._reset)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(t.DOCK_PADDING, 8, t.DOCK_PADDING, 12)
        layout.setSpacing(6)
        for part in (self._note, self._summary, self._sharing, self._layer, rule(), self._changes):
            layout.addWidget(part)
        layout.addLayout(buttons)
        layout.addStretch(1)

        self._name.edited.connect(self._on_renamed)
        self.parameters.edited.connect(self._on_edited)
        self.repeat.edited.connect(lambda _name, value: self._on_repeated(value))
        self.repeat.reset_asked.connect(lambda _name: self._on_repeated(REPEAT.default))
        for rows in (self._name, self.repeat, self.parameters):
            rows.unread.connect(self._on_unread)
        self.parameters.reset_asked.connect(self._on_reset)
        self._reset.clicked.connect(self._on_reset_all)
        document.report_changed.connect(lambda _report: self._show_known())
        document.problems_changed.connect(self._show_known)

    def show_nodes(self, nodes: tuple[NodeId, ...]) -> None:
        """Show these nodes, which are all of one kind."""
        another = nodes != self._nodes
        self._nodes = nodes
        graph = self._document.design.graph
        layers = [graph.layer_of(node) for node in nodes]
        specs = self._specs()
        if another:
            self._name.show_mixed()
            self.repeat.clear()
            self.parameters.clear()  # what was typed for another layer does not belong here
        self.parameters.show_several(specs, tuple(layer.parameters for layer in layers))
        repeats = tuple({REPEAT.name: layer.repeat} for layer in layers)
        self.repeat.show_several((REPEAT,) if layers[0].kind == BLOCK else (), repeats)
        summary, sharing = describing.summary(graph, layers[0]), describing.sharing(graph, nodes[0])
        self._summary.setText(summary)
        self._summary.setVisible(bool(summary))
        self._sharing.setText(sharing)
        self._sharing.setVisible(bool(sharing) and len(nodes) == 1)
        self._nothing.setText(NOTHING_PROMOTED if layers[0].kind == BLOCK else NOTHING_TO_SET)
        self._name.setVisible(len(nodes) == 1)
        self._nothing.setVisible(not specs)
        self._reset.setVisible(self.parameters.changed() or self.repeat.changed())
        if len(nodes) == 1:
            self._name.show_value(graph.nodes[nodes[0]].label)
            self._name.set_problem(edits.namesake(graph, nodes[0]), "hint")
        self._show_known()

    def _specs(self) -> tuple[ParameterSpec, ...]:
        graph = self._document.design.graph
        try:
            specs = catalog.parameter_specs(graph, graph.layer_of(self._nodes[0]))
        except StrataError:
            return ()
        return tuple(spec for spec in specs if not spec.filled)

    # -- what is known of it ------------------------------------------------------------
    def _show_known(self) -> None:
        document = self._document
        nodes = tuple(n for n in self._nodes if n in document.design.graph.nodes)
        if not nodes or nodes != self._nodes:
            return
        found = [problem for node in nodes for problem in document.problems_of(node)]
        rows = self.parameters.rows
        self.parameters.set_problems({p.parameter: p for p in reversed(found) if p.parameter in rows})
        errors = [p for p in found if p.severity == "error" and p.parameter not in rows]
        self._note.show_problem(errors[0] if errors and len(nodes) == 1 else None)
        costs = [document.report.cost((node,)) for node in nodes]
        known = [cost for cost in costs if cost is not None]
        self._facts["Input"].setVisible(len(nodes) == 1)
        self._facts["Output"].setVisible(len(nodes) == 1)
        if len(nodes) == 1:
            self._facts["Input"].set_text(self._input_text(nodes[0]))
            output = describing.output_of(document.report, nodes[0])
            self._facts["Output"].set_text(describing.shape_text(output, reading.TIMES) or "–")
        self._facts["Parameters"].set_text(thousands(sum(c.parameters for c in known)) if known else "–")
        self._facts["Multiply-adds per sample"].set_text(
            thousands(sum(c.multiply_adds for c in known)) if known else "–"
        )

    def _input_text(self, node: NodeId) -> str:
        report = self._document.report
        wires = self._document.design.graph.wires_into(node)
        shapes = [report.output(wire.source, wire.source_port) for wire in wires]
        return ", ".join(describing.shape_text(shape, reading.TIMES) or "–" for shape in shapes) or "–"

    # -- editing --------------------------------------------------------------------------
    def _on_renamed(self, text: str) -> None:
        node = self._nodes[0]
        self._edit(lambda design: edits.rename(design, node, text), f"Rename {self._subject()}", f"{node}.label")

    def _on_edited(self, name: str, value: Value) -> None:
        nodes = self._nodes
        spec = next(spec for spec in self._specs() if spec.name == name)

        def change(design: Design) -> Design:
            for node in nodes:
                if value == spec.default and type(value) is type(spec.default) and not spec.required:
                    design = edits.reset_parameter(design, node, name)
                else:
                    design = edits.set_parameter(design, node, name, value)
            return design

        self._edit(change, f"Set {spec.title.lower()} of {self._subject()}", f"{'+'.join(nodes)}.{name}")

    def _on_repeated(self, value: Value) -> None:
        nodes = self._nodes
        assert isinstance(value, int)

        def change(design: Design) -> Design:
            for node in nodes:
                design = edits.set_repeat(design, node, value)
            return design

        self._edit(change, f"Set copies of {self._subject()}", f"{'+'.join(nodes)}.repeat")

    def _on_reset(self, name: str) -> None:
        nodes, title = self._nodes, self.parameters.rows[name].spec.title

        def change(design: Design) -> Design:
            for node in nodes:
                design = edits.reset_parameter(design, node, name)
            return design

        self._edit(change, f"Reset {title.lower()} of {self._subject()}")

    def _on_reset_all(self) -> None:
        nodes = self._nodes
        names = tuple(spec.name for spec in self._specs())

        def change(design: Design) -> Design:
            for node in nodes:
                for name in names:
                    if name in design.graph.layer_of(node).parameters:
                        design = edits.reset_parameter(design, node, name)
                if design.graph.layer_of(node).kind == BLOCK:
                    design = edits.set_repeat(design, node, 1)
            return design

        self._edit(change, f"Reset {self._subject()} to defaults")

    def _edit(self, change: Callable[[Design], Design], text: str, merge_key: str | None = None) -> None:
        try:
            self._document.edit(change, text, merge_key)
        except StrataError as error:
            self._document.message_shown.emit(str(error), "warning")

    def _on_unread(self, sentence: str) -> None:
        self._document.message_shown.emit(sentence, "warning")

    def _subject(self) -> str:
        if len(self._nodes) == 1:
            return self._document.design.graph.nodes[self._nodes[0]].label
        return f"{len(self._nodes)} layers"
