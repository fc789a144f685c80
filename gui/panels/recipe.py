"""How the design learns: optimiser, schedule, epochs, batch size, seed. Every edit is an undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.catalog import catalog
from engine.catalog.spec import MethodSpec, ParameterSpec
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Value
from engine.graph.recipe import Named, Recipe
from engine.train.recipe import set_by_schedule
from gui.document import Document
from gui.panels.forms import ParameterForm
from gui.widgets.fields import Combo
from gui.widgets.labels import TitleColumn, label

CONSTANT = "Constant rate"
GENERAL = (
    ParameterSpec(
        "epochs", "int", "Epochs", 10, minimum=1, maximum=1_000_000,
        help="How often every training sample is seen. The schedule stretches over this long.",
    ),
    ParameterSpec(
        "batch_size", "int", "Batch size", 64, minimum=1, maximum=1_000_000_000,
        help="Samples per step. Small batches learn more from each sample, large ones use the device better.",
    ),
    ParameterSpec(
        "seed", "int", "Seed", 0, minimum=0, maximum=2**63 - 1,
        help="The same seed gives the same initial weights, the same order of samples and the same losses.",
    ),
)  # fmt: skip


class ChoiceRow(QWidget):
    """A title and a combo box, laid out as the rows of a form."""

    def __init__(self, title: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.combo = Combo(self)
        self.combo.setAccessibleName(title)
        title_label = label(title, "secondary", self)
        title_label.setBuddy(self.combo)
        head = TitleColumn(self)
        head.row.addWidget(title_label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(head)
        row.addWidget(self.combo, 1)

    def add(self, button: QWidget) -> None:
        """Another control at the end of the row."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)


class RecipePanel(QWidget):
    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Recipe")
        self._document = document
        rows = catalog.load()
        self._optimizers: Mapping[str, MethodSpec] = rows.optimizers
        self._schedules: Mapping[str, MethodSpec] = rows.schedules

        self._general = ParameterForm(self)
        self._optimizer, self._schedule = ChoiceRow("Optimizer", self), ChoiceRow("Schedule", self)
        self._optimizer_form = ParameterForm(self, more="More of the optimizer")
        self._schedule_form = ParameterForm(self, more="More of the schedule")
        self._forms = (self._general, self._optimizer_form, self._schedule_form)
        self._summary = label("", "caption", self, wrap=True)
        _fill(self._optimizer, self._optimizers)
        self._schedule.combo.addItem(CONSTANT, "")
        _fill(self._schedule, self._schedules)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self._general, self._optimizer, self._optimizer_form, self._schedule, self._schedule_form):
            layout.addWidget(part)
        layout.addWidget(self._summary)

        for form in self._forms:
            form.unread.connect(self._on_unread)
        self._general.edited.connect(self._on_general)
        self._general.reset_asked.connect(lambda name: self._on_general(name, _default(GENERAL, name)))
        self._optimizer.combo.activated.connect(self._on_optimizer)
        self._schedule.combo.activated.connect(self._on_schedule)
        self._optimizer_form.edited.connect(lambda name, value: self._on_method("optimizer", name, value))
        self._optimizer_form.reset_asked.connect(lambda name: self._on_method_reset("optimizer", name))
        self._schedule_form.edited.connect(lambda name, value: self._on_method("schedule", name, value))
        self._schedule_form.reset_asked.connect(lambda name: self._on_method_reset("schedule", name))
        document.design_changed.connect(self._on_design_changed)
        document.problems_changed.connect(self._show_problems)
        document.project_opened.connect(self._on_project_opened)
        self._show(document.design.recipe)

    # -- showing ----------------------------------------------------------------------
    def _on_design_changed(self, before: object, after: object) -> None:
        assert isinstance(before, Design) and isinstance(after, Design)
        if before.recipe is not after.recipe:
            self._show(after.recipe)

    def _show(self, recipe: Recipe) -> None:
        general: dict[str, Value] = {
            "epochs": recipe.epochs, "batch_size": recipe.batch_size, "seed": recipe.seed
        }  # fmt: skip
        self._general.show_parameters(GENERAL, general)
        self._show_method(self._optimizer, self._optimizer_form, self._optimizers, recipe.optimizer)
        self._show_method(self._schedule, self._schedule_form, self._schedules, recipe.schedule)
        self._optimizer_form.set_aside(set_by_schedule(recipe))
        self._show_problems()

    def _show_problems(self) -> None:
        """What is said of a value stands under it too."""
        found = {p.parameter: p for p in reversed(self._document.problems) if p.node is None and p.parameter}
        for form in self._forms:
            form.set_problems(found)

    def _on_project_opened(self) -> None:
        for form in self._forms:
            form.clear()  # what was typed for another project does not belong here
        self._show(self._document.design.recipe)

    def _show_method(
        self, row: ChoiceRow, form: ParameterForm, specs: Mapping[str, MethodSpec], named: Named | None
    ) -> None:
        name = named.name if named else ""
        with QSignalBlocker(row.combo):
            row.combo.setCurrentIndex(row.combo.findData(name))
        spec = specs.get(name)
        if spec is None or named is None:
            form.clear()
        else:
            row.combo.setToolTip(spec.summary)
            form.show_parameters(_asked(spec), named.parameters)
        if row is self._schedule:
            self._summary.setText(f"The learning rate: {spec.summary if spec is not None else 'always the same'}.")

    # -- editing ----------------------------------------------------------------------
    def _change(self, make: Callable[[Recipe], Recipe], text: str, merge_key: str | None = None) -> None:
        self._document.edit(lambda design: replace(design, recipe=make(design.recipe)), text, merge_key)

    def _on_unread(self, sentence: str) -> None:
        self._document.message_shown.emit(sentence, "warning")

    def _on_general(self, name: str, value: Value) -> None:
        title = next(spec.title for spec in GENERAL if spec.name == name)
        self._change(lambda recipe: replace(recipe, **{name: value}), f"Set {title.lower()}", f"recipe.{name}")  # type: ignore[arg-type]

    def _on_optimizer(self, index: int) -> None:
        name = self._optimizer.combo.itemData(index)
        self._change(
            lambda recipe: replace(recipe, optimizer=_named(self._optimizers[name], recipe.optimizer)),
            f"Use {name}",
        )

    def _on_schedule(self, index: int) -> None:
        name = self._schedule.combo.itemData(index)
        chosen = _named(self._schedules[name], None) if name else None
        self._change(lambda recipe: replace(recipe, schedule=chosen), f"Use {name}" if name else "Use a constant rate")

    def _on_method(self, which: str, name: str, value: Value) -> None:
        """A parameter of the optimiser or the schedule."""

        def change(recipe: Recipe) -> Recipe:
            named: Named = getattr(recipe, which)
            return replace(recipe, **{which: replace(named, parameters=named.parameters.with_item(name, value))})

        self._change(change, f"Set {which}’s {name}", f"recipe.{which}.{name}")

    def _on_method_reset(self, which: str, name: str) -> None:
        def change(recipe: Recipe) -> Recipe:
            named: Named = getattr(recipe, which)
            return replace(recipe, **{which: replace(named, parameters=named.parameters.without(name))})

        self._change(change, f"Reset {which}’s {name}")


def _fill(row: ChoiceRow, specs: Mapping[str, MethodSpec]) -> None:
    for name, spec in specs.items():
        row.combo.addItem(name, name)
        row.combo.setItemData(row.combo.count() - 1, spec.summary, Qt.ItemDataRole.ToolTipRole)


def _asked(spec: MethodSpec) -> tuple[ParameterSpec, ...]:
    """The parameters that a person is asked for: not those that follow from the run."""
    return tuple(p for p in spec.parameters if not p.filled)


def _named(spec: MethodSpec, before: Named | None) -> Named:
    """Another method, with what was set for the one before where it means the same there (lr, weight_decay)."""
    kept: dict[str, Value] = {}
    for parameter in _asked(spec):
        if before is not None and parameter.name in before.parameters:
            kept[parameter.name] = before.parameters[parameter.name]
    return Named(spec.name, Frozen(kept))


def _default(specs: tuple[ParameterSpec, ...], name: str) -> Value:
    return next(spec.default for spec in specs if spec.name == name)
