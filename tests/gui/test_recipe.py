"""Recipe and data: every edit is an undo step, and what is shown is what the design says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit

from engine.check.report import Report
from engine.data import source
from engine.data.preview import preview
from engine.graph.design import DataChoice
from engine.graph.recipe import Named
from engine.project import templates
from engine.project.project import Project
from engine.train import recipe as recipes
from gui.document import Document
from gui.panels.data import DataPanel, FolderDialog
from gui.panels.recipe import RecipePanel


@pytest.fixture
def document() -> Document:
    design = templates.load("mlp-digits")
    recipe = replace(design.recipe, optimizer=Named("Adam"), schedule=None)
    return Document(Project(design=replace(design, recipe=recipe)))


@pytest.fixture
def recipe(qtbot, document: Document) -> RecipePanel:
    panel = RecipePanel(document)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def choose(combo, name: str) -> None:
    index = combo.findData(name)
    assert index >= 0
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def write(row, text: str) -> None:
    field = row.editor.field()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_epochs_batch_size_and_seed(document: Document, recipe: RecipePanel):
    for name, text in (("epochs", "12"), ("batch_size", "48"), ("seed", "7")):
        write(recipe._general.rows[name], text)
    made = document.design.recipe
    assert (made.epochs, made.batch_size, made.seed) == (12, 48, 7)
    assert [document.undo_stack.text(k) for k in range(document.undo_stack.count())] == [
        "Set epochs", "Set batch size", "Set seed"
    ]  # fmt: skip
    write(recipe._general.rows["epochs"], "0")
    assert recipe._general.rows["epochs"].sentence and document.design.recipe.epochs == 12


def test_another_optimizer_keeps_what_means_the_same(document: Document, recipe: RecipePanel):
    write(recipe._optimizer_form.rows["lr"], "5e-3")
    assert document.design.recipe.optimizer.parameters["lr"] == 5e-3
    choose(recipe._optimizer.combo, "SGD")
    assert document.design.recipe.optimizer.name == "SGD"
    assert document.design.recipe.optimizer.parameters["lr"] == 5e-3
    assert "momentum" in recipe._optimizer_form.rows and "betas" not in recipe._optimizer_form.rows
    document.undo_stack.undo()
    assert recipe._optimizer.combo.currentData() == "Adam" and "betas" in recipe._optimizer_form.rows
    recipe._optimizer_form.rows["lr"]._reset.click()
    assert "lr" not in document.design.recipe.optimizer.parameters


def test_a_schedule_can_be_chosen_and_left(document: Document, recipe: RecipePanel):
    choose(recipe._schedule.combo, "StepLR")
    assert document.design.recipe.schedule == Named("StepLR")
    write(recipe._schedule_form.rows["gamma"], "0.5")
    assert document.design.recipe.schedule.parameters["gamma"] == 0.5
    choose(recipe._schedule.combo, "")
    assert document.design.recipe.schedule is None and not recipe._schedule_form.rows


def test_what_follows_from_the_run_is_not_asked_for(document: Document, recipe: RecipePanel):
    choose(recipe._schedule.combo, "OneCycleLR")
    assert "total_steps" not in recipe._schedule_form.rows and "optimizer" not in recipe._schedule_form.rows
    assert recipe._summary.text() == "The learning rate: up, then down to nearly nothing."
    choose(recipe._schedule.combo, "")
    assert recipe._summary.text() == "The learning rate: always the same."


def test_the_form_follows_undo(document: Document, recipe: RecipePanel):
    field = recipe._general.rows["epochs"].editor.field()
    before = field.text()
    write(recipe._general.rows["epochs"], "99")
    document.undo_stack.undo()
    assert field.text() == before


def test_a_folder_of_data_is_chosen(qtbot, document: Document, tmp_path):
    asked: list[object] = []

    def ask(parent: object) -> str:
        asked.append(parent)
        return str(tmp_path)

    panel = DataPanel(document, ask_folder=ask)
    qtbot.addWidget(panel)
    panel._folder.click()
    assert asked and document.design.data.source == str(tmp_path)
    assert panel._source.combo.currentData() == str(tmp_path)
    document.undo_stack.undo()
    assert panel._source.combo.currentData() == "digits"


def test_what_the_data_are_is_shown(qtbot, document: Document):
    panel = DataPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    dataset = source.open_data(DataChoice("digits"))
    document.set_data(dataset.spec, "", preview(dataset))
    assert "scikit-learn" in panel._provenance.text()
    assert panel._facts["Target"].value.text() == "10 classes"
    assert panel._strip.isVisible()
    assert panel._facts["Samples"].isVisible()
    document.set_data(replace(dataset.spec, train=0, validation=0, test=0), "The folder /nowhere does not exist.")
    assert panel._facts["Input"].isVisible() and panel._facts["Target"].isVisible()  # what is known of them still
    assert not any(panel._facts[name].isVisible() for name in ("Samples", "Train", "Kept aside"))
    document.set_data(None, "The folder /nowhere does not exist.")
    assert panel._problem.isVisible() and "/nowhere" in panel._problem.text()
    assert not panel._strip.isVisible()


def test_the_split_is_set(qtbot, document: Document):
    panel = DataPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    write(panel._form.rows["validation"], "0.25")
    assert document.design.data.validation == 0.25
    write(panel._form.rows["validation"], "1.5")
    assert panel._form.rows["validation"].sentence and document.design.data.validation == 0.25
    assert document.undo_stack.count() == 1


def test_the_full_title_of_the_data_is_in_the_tooltip(qtbot, document: Document):
    panel = DataPanel(document)
    qtbot.addWidget(panel)
    combo = panel._source.combo
    assert combo.currentText() in combo.toolTip() and "digits" in combo.toolTip()
    document.change(replace(document.design, data=DataChoice("/data/elsewhere")), "Choose data")
    assert combo.toolTip() == "elsewhere\n/data/elsewhere"


def test_a_new_source_forgets_the_fingerprint(qtbot, document: Document):
    data = replace(document.design.data, fingerprint="abc", source="/elsewhere")
    document.change(replace(document.design, data=data), "Choose data")
    panel = DataPanel(document)
    qtbot.addWidget(panel)
    choose(panel._source.combo, "digits")
    assert document.design.data.fingerprint == ""


def test_what_the_schedule_sets_is_dimmed_and_says_what_counts(document: Document, recipe: RecipePanel):
    choose(recipe._schedule.combo, "OneCycleLR")
    rate = recipe._optimizer_form.rows["lr"]
    assert rate.editor.isEnabled() and rate.sentence == ""  # none: the highest rate is the optimiser's own
    recipe._schedule_form.rows["max_lr"].editor._none.click()
    assert not rate.editor.isEnabled()
    assert rate.sentence == "OneCycleLR sets the rate: its highest rate counts instead of this."
    choose(recipe._optimizer.combo, "SGD")
    assert "momentum between 0.85 and 0.95" in recipe._optimizer_form.rows["momentum"].sentence
    assert not recipe._optimizer_form.rows["lr"].editor.isEnabled()
    choose(recipe._schedule.combo, "")
    assert recipe._optimizer_form.rows["lr"].editor.isEnabled()
    assert not recipe._optimizer_form.rows["momentum"].sentence


def test_what_is_odd_about_a_value_is_said_under_it(document: Document, recipe: RecipePanel):
    rate = recipe._optimizer_form.rows["lr"]
    write(rate, "0")
    document.set_report(document.design, Report(problems=recipes.problems(document.design.recipe)))
    assert "nothing is learned" in rate.sentence and not rate.editor.field().property("problem")
    write(rate, "0.01")
    document.set_report(document.design, Report(problems=recipes.problems(document.design.recipe)))
    assert rate.sentence == ""


def test_another_project_finds_no_text_of_the_one_before(document: Document, recipe: RecipePanel):
    rate = recipe._optimizer_form.rows["lr"]
    write(rate, "x")
    document.set_project(Project(design=document.design), None)
    rate = recipe._optimizer_form.rows["lr"]
    assert rate.sentence == "" and rate.editor.field().text() == "0.001"  # type: ignore[attr-defined]


def test_a_file_stands_for_its_folder(qtbot, tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    dialog = FolderDialog()
    qtbot.addWidget(dialog)
    dialog.setDirectory(str(tmp_path))
    dialog.show()
    line, buttons = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
    line.clear()
    QTest.keyClicks(line, "train-images-idx3-ubyte")
    assert buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()
    QTest.mouseClick(buttons.button(QDialogButtonBox.StandardButton.Open), Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted and dialog.chosen == str(tmp_path)
