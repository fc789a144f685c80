"""The form of a layer: an editor for each type, one undo step for a run of keys, sentences for what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QToolTip, QWidget

from engine.catalog import catalog
from engine.check.report import Cost, Fix, Problem, Report, TensorSpec
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Block, NodeId
from engine.project import templates
from engine.project.project import Project
from gui.document import Document
from gui.panels.editor import Editor
from gui.panels.editors import BoolEditor, ChoiceEditor, make_editor
from gui.panels.inspector import Inspector
from gui.panels.number_editors import IntsEditor
from gui.panels.rows import ParameterRow


@pytest.fixture
def document() -> Document:
    return Document(Project(design=templates.load("cnn-digits")))


@pytest.fixture
def inspector(qtbot, document: Document) -> Inspector:
    inspector = Inspector(document, QLabel("features"))
    qtbot.addWidget(inspector)
    inspector.resize(332, 800)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def of_kind(design: Design, kind: str, which: int = 0) -> NodeId:
    return [n for n in design.graph.nodes if design.graph.layer_of(n).kind == kind][which]


def row(inspector: Inspector, name: str) -> ParameterRow:
    return inspector.form.parameters.rows[name]


def write(row: ParameterRow, text: str) -> None:
    """Type into a field as a person does: over what stands there."""
    field = row.editor.field()
    field.setFocus()
    field.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(field, text)


def value(document: Document, node: NodeId, name: str):
    return document.design.graph.layer_of(node).parameters.get(name)


def test_keys_that_follow_each_other_are_one_undo_step(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    before = value(document, node, "out_channels")
    document.select(frozenset({node}))
    write(row(inspector, "out_channels"), "24")
    assert value(document, node, "out_channels") == 24
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert value(document, node, "out_channels") == before
    assert row(inspector, "out_channels").editor.field().text() == str(before)


def test_what_means_nothing_stays_with_a_sentence(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    before = value(document, node, "out_channels")
    document.select(frozenset({node}))
    channels = row(inspector, "out_channels")
    write(channels, "many")
    assert "needs a whole number" in channels.sentence
    assert channels._sentence.isVisible()
    document.edit(lambda d: edits.rename(d, node, "another"), "Rename")
    assert channels.editor.field().text() == "many"
    assert value(document, node, "out_channels") == before
    write(channels, "-4")
    assert channels.sentence and value(document, node, "out_channels") == before
    write(channels, "4")
    assert channels.sentence == "" and value(document, node, "out_channels") == 4


def test_a_refused_text_leaves_nothing_of_its_beginning(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    design = document.design
    before = value(document, node, "out_channels")
    document.select(frozenset({node}))
    channels = row(inspector, "out_channels")
    write(channels, "99999999999")
    assert value(document, node, "out_channels") == before and document.design == design
    assert channels.sentence and channels.editor.field().text() == "99999999999"
    assert document.undo_stack.count() == 0  # the step has vanished
    QTest.keyClick(channels.editor.field(), Qt.Key.Key_Tab)
    assert channels.editor.field().text() == str(before)
    assert "99999999999" in channels.sentence and channels.sentence.endswith(f"It is still {before}.")


def test_a_refused_text_goes_back_to_what_was_confirmed(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    channels = row(inspector, "out_channels")
    write(channels, "24")
    QTest.keyClick(channels.editor.field(), Qt.Key.Key_Return)
    QTest.keyClick(channels.editor.field(), Qt.Key.Key_End)
    QTest.keyClicks(channels.editor.field(), "x")
    assert value(document, node, "out_channels") == 24 and channels.sentence
    QTest.keyClick(channels.editor.field(), Qt.Key.Key_Backspace)
    assert value(document, node, "out_channels") == 24 and not channels.sentence
    inspector.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    kernel = row(inspector, "kernel_size")
    size = value(document, node, "kernel_size")
    write(kernel, "7q")
    assert value(document, node, "kernel_size") == size and kernel.sentence
    inspector.header.setFocus()
    assert "‘7q’" in kernel.sentence and kernel.sentence.endswith(f"It is still {size} × {size}.")
    assert kernel.editor.field().text() == f"{size} × {size}"


def test_escape_takes_back_what_was_typed(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    filters = row(inspector, "out_channels")
    before = value(document, node, "out_channels")
    for text in ("24", "24x"):
        write(filters, text)
        QTest.keyClick(filters.editor.field(), Qt.Key.Key_Escape)
        assert value(document, node, "out_channels") == before
        assert filters.editor.field().text() == str(before)
        assert not filters.editor._refusal and not filters.sentence


def test_what_was_put_back_is_told_until_the_field_is_edited_again(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    kernel = row(inspector, "kernel_size")
    for text in ("abc", "-1"):
        write(kernel, text)
        QTest.keyClick(kernel.editor.field(), Qt.Key.Key_Tab)
        assert text in kernel.sentence and "It is still 3 × 3." in kernel.sentence
        assert kernel._sentence.isVisible() and kernel._sentence.accessibleName() == kernel.sentence
        assert kernel.editor.field().accessibleDescription() == kernel.sentence
        assert not kernel.editor.field().property("problem")  # what stands there now is well
    document.edit(lambda d: edits.rename(d, node, "another"), "Rename")
    document.set_report(document.design, Report())
    assert kernel.sentence
    write(kernel, "5")
    assert kernel.sentence == "" and not kernel._sentence.isVisible()


def test_a_sentence_under_a_row_is_brought_into_view(qtbot, document: Document, inspector: Inspector):
    inspector.resize(332, 300)
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    area = inspector.form.parentWidget().parentWidget()
    assert isinstance(area, QScrollArea)
    last = row(inspector, "groups")
    area.ensureWidgetVisible(last, 0, 0)  # as the lowest that is in sight
    write(last, "x")
    bottom = last._sentence.mapTo(area.viewport(), last._sentence.rect().bottomLeft()).y()
    assert 0 < bottom <= area.viewport().height()


def test_several_layers_stay_as_they_are_where_a_text_is_refused(document: Document, inspector: Inspector):
    nodes = [n for n in document.design.graph.nodes if document.design.graph.layer_of(n).kind == "Conv2d"]
    design = edits.set_parameter(document.design, nodes[0], "kernel_size", 5)
    document.change(design, "Set kernel size")
    document.select(frozenset(nodes))
    kernel = row(inspector, "kernel_size")
    write(kernel, "x")
    QTest.keyClick(kernel.editor.field(), Qt.Key.Key_Tab)
    assert kernel.sentence.endswith("Nothing was changed.") and document.design == design


def test_help_is_shown_to_those_who_come_by_keyboard(document: Document, inspector: Inspector):
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    field = row(inspector, "out_channels").editor.field()
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not QToolTip.isVisible()
    field.clearFocus()
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert QToolTip.text() == field.toolTip() != ""
    QTest.keyClicks(field, "2")
    QTest.qWait(400)
    assert not QToolTip.isVisible()


def test_filled_parameters_are_never_asked_for(document: Document, inspector: Inspector):
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    assert "in_channels" not in inspector.form.parameters.rows
    document.select(frozenset({of_kind(document.design, "Linear")}))
    assert "in_features" not in inspector.form.parameters.rows
    assert "out_features" in inspector.form.parameters.rows


def test_a_pair_is_linked_until_it_differs(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    kernel = row(inspector, "kernel_size")
    write(kernel, "5")
    assert value(document, node, "kernel_size") == 5
    QTest.keyClick(kernel.editor.field(), Qt.Key.Key_Return)
    assert kernel.editor.field().text() == "5 × 5"
    write(kernel, "5x3")
    assert value(document, node, "kernel_size") == (5, 3)
    assert isinstance(kernel.editor, IntsEditor) and not kernel.editor.linked
    kernel.editor._link.click()
    assert value(document, node, "kernel_size") == 5
    QTest.keyClick(kernel.editor.field(), Qt.Key.Key_Up)
    assert value(document, node, "kernel_size") == 6


def test_a_pair_that_may_be_absent_stays_empty_when_it_is_left(document: Document, inspector: Inspector):
    document.select(frozenset({of_kind(document.design, "MaxPool2d")}))
    stride = row(inspector, "stride").editor.field()
    stride.setFocus()
    QTest.keyClick(stride, Qt.Key.Key_Tab)
    assert stride.text() == "" and stride.lineEdit().placeholderText() == "none"  # type: ignore[attr-defined]


def test_several_values_stay_several_when_the_field_is_left(document: Document, inspector: Inspector):
    first = of_kind(document.design, "MaxPool2d")
    design, second = edits.add_node(document.design, "MaxPool2d", (0, 0), parameters={"stride": 3})
    document.change(design, "Add a node")
    document.select(frozenset({first, second}))
    stride = row(inspector, "stride").editor.field()
    stride.setFocus()
    QTest.keyClick(stride, Qt.Key.Key_Tab)
    assert stride.lineEdit().placeholderText() == "several values" and stride.text() == ""  # type: ignore[attr-defined]
    assert document.design == design


def test_a_switch_of_several_that_differ_says_so(document: Document, inspector: Inspector):
    nodes = [n for n in document.design.graph.nodes if document.design.graph.layer_of(n).kind == "Conv2d"]
    document.change(edits.set_parameter(document.design, nodes[0], "bias", False), "Set bias")
    document.select(frozenset(nodes))
    switch = row(inspector, "bias").editor.field()
    assert switch.checkState() == Qt.CheckState.PartiallyChecked  # type: ignore[attr-defined]
    for expected in (True, False, True):
        switch.click()  # type: ignore[attr-defined]
        specs = catalog.spec("Conv2d").parameter("bias")
        assert specs is not None
        found = {document.design.graph.layer_of(n).parameters.get("bias", specs.default) for n in nodes}
        assert found == {expected}


def test_words_may_stand_for_numbers(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    write(row(inspector, "padding"), "same")
    assert value(document, node, "padding") == "same"


def test_switch_and_choice(qtbot, document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    row(inspector, "bias").editor.field().click()
    assert value(document, node, "bias") is False
    mode = row(inspector, "padding_mode").editor
    assert isinstance(mode, ChoiceEditor)
    mode._combo.setFocus()
    QTest.keyClick(mode._combo, Qt.Key.Key_Down)
    assert value(document, node, "padding_mode") == "reflect"
    assert document.undo_stack.count() == 2


def test_a_changed_value_can_be_reset(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    groups = row(inspector, "groups")
    assert not groups._reset.isVisible() and groups.editor.field().accessibleDescription() == "default"
    write(groups, "2")
    assert groups._reset.isVisible()
    groups._reset.click()
    assert value(document, node, "groups") is None
    assert not groups._reset.isVisible() and groups.editor.field().text() == "1"


def test_the_name_is_edited_in_the_form(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    field = inspector.form._name.editor.field()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "edges")
    assert document.design.graph.nodes[node].label == "edges"
    assert document.undo_stack.count() == 1
    assert inspector.header.name.full_text() == "edges"


def test_a_name_is_never_empty_and_never_doubled_in_silence(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    before = document.design.graph.nodes[node].label
    document.select(frozenset({node}))
    name = inspector.form._name
    name.editor.field().setFocus()
    name.editor.field().selectAll()  # type: ignore[attr-defined]
    QTest.keyClick(name.editor.field(), Qt.Key.Key_Delete)
    assert name.sentence == "Name needs at least one character."
    QTest.keyClick(name.editor.field(), Qt.Key.Key_Tab)
    assert name.sentence.endswith(f"It is still {before}.") and name.editor.field().text() == before  # type: ignore[attr-defined]
    other = document.design.graph.nodes[of_kind(document.design, "Conv2d", 1)].label
    write(name, other)
    assert document.design.graph.nodes[node].label == other
    assert name.sentence == f"Another layer is called {other} too; both can keep the name."
    write(name, "edges")
    assert name.sentence == "" and not name._reset.isVisible()


def test_what_nobody_could_read_is_said_elsewhere(document: Document, inspector: Inspector):
    said: list[str] = []
    document.message_shown.connect(lambda text, _severity: said.append(text))
    node, other = of_kind(document.design, "Conv2d"), of_kind(document.design, "Linear")
    document.select(frozenset({node}))
    write(row(inspector, "kernel_size"), "abc")
    inspector.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    inspector.setFocus(Qt.FocusReason.MouseFocusReason)  # as a click on the canvas does
    document.select(frozenset({other}))
    assert len(said) == 1 and "‘abc’" in said[0] and "It is still 3 × 3." in said[0]


def test_several_layers_of_one_kind_are_set_together(document: Document, inspector: Inspector):
    nodes = frozenset(n for n in document.design.graph.nodes if document.design.graph.layer_of(n).kind == "Conv2d")
    document.select(nodes)
    write(row(inspector, "kernel_size"), "5")
    assert {value(document, node, "kernel_size") for node in nodes} == {5}
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    document.select(nodes | {of_kind(document.design, "ReLU")})
    assert "kinds are selected" in inspector._several.text() and inspector._several.isVisible()


def test_what_a_change_leads_to(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    wire = document.design.graph.wires_into(node)[0]
    report = Report(
        outputs=Frozen({
            ((wire.source,), wire.source_port): TensorSpec((1, 8, 8)), ((node,), "output"): TensorSpec((16, 8, 8))
        }),
        costs=Frozen({(node,): Cost(3216, 627200)}),
    )  # fmt: skip
    document.set_report(document.design, report)
    facts = {title: fact.value.text().replace("\u202f", " ") for title, fact in inspector.form._facts.items()}
    assert facts == {
        "Input": "1 × 8 × 8",
        "Output": "16 × 8 × 8",
        "Parameters": "3 216",
        "Multiply-adds per sample": "627 200",
    }
    assert "16×8×8 out" in inspector.header.caption.full_text()


def test_a_problem_is_told_where_it_is_and_mended(document: Document, inspector: Inspector):
    node = of_kind(document.design, "Conv2d")
    document.select(frozenset({node}))
    fix = Fix("set_parameter", "Set groups to 1", Frozen({"node": node, "name": "groups", "value": 1}))
    problem = Problem("x", "error", "conv1 cannot be built.", "1 channel in 2 groups.", node, parameter="groups")
    document.set_report(document.design, Report(problems=(problem,)))
    assert row(inspector, "groups").sentence == "1 channel in 2 groups."
    document.set_report(document.design, Report(problems=(replace(problem, parameter=None, fixes=(fix,)),)))
    assert row(inspector, "groups").sentence == ""
    assert inspector.form._note.isVisible() and inspector.form._note._button.text() == "Set groups to 1"


def test_recipe_and_data_are_there_where_nothing_is_selected(document: Document, inspector: Inspector):
    assert inspector.recipe.isVisible() and inspector.data.isVisible()
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    assert not inspector.recipe.isVisible() and inspector.form.isVisible()
    inspector.show_recipe()
    assert inspector.recipe.isVisible() and inspector.header.back.isVisible()
    inspector.header.back.click()
    assert inspector.form.isVisible()
    inspector.show_data()
    assert inspector.data.isVisible()


def test_every_kind_has_a_form(qtbot):
    """Each parameter of each kind gets an editor that shows its default and takes it back."""
    home = QWidget()
    qtbot.addWidget(home)
    specs = {spec for layer in catalog.load().layers.values() for spec in layer.parameters if not spec.filled}
    for spec in specs:
        editor: Editor = make_editor(spec, home)
        refused: list[str] = []
        editor.refused.connect(refused.append)
        editor.show_value(spec.default)
        field = editor.field()
        assert field.accessibleName() == spec.title and field.toolTip()
        if not isinstance(editor, BoolEditor | ChoiceEditor):
            editor._on_typed(field.text())  # type: ignore[attr-defined]
            assert not any(refused), (spec, refused)


def test_every_widget_that_takes_the_focus_has_a_name(document: Document, inspector: Inspector):
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    for part in inspector.findChildren(QWidget):
        own = part.isVisible() and not part.objectName().startswith("qt_")
        if own and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert part.accessibleName() or (isinstance(part, QPushButton) and part.text()), part


def test_a_block_says_what_it_holds_and_what_that_costs(document: Document, inspector: Inspector):
    inner, _ = edits.add_node(Design(), "Linear", (0, 0), label="fc_in")
    design = edits.define_block(document.design, Block("blk", "Residual", inner.graph))
    design, node = edits.add_block_node(design, "blk", (0, 0), repeat=3)
    document.change(design, "Add a block")
    inside = next(iter(inner.graph.nodes))
    costs = Frozen({(node, str(k), inside): Cost(1200, 70) for k in range(3)})
    document.set_report(design, Report(costs=costs))
    document.select(frozenset({node}))
    assert "Residual ×3" in inspector.header.caption.text()
    assert "3\u202f600 params" in inspector.header.caption.text()
    form = inspector.form
    assert form._facts["Parameters"].value.text() == "3\u202f600"
    assert form._facts["Multiply-adds per sample"].value.text() == "210"
    assert "fc_in" in form._summary.text() and "repeated 3 times" in form._summary.text()
    assert form._nothing.isVisible() and "promoted" in form._nothing.text()


def test_the_copies_of_a_block_are_set_in_its_form(document: Document, inspector: Inspector):
    inner, _ = edits.add_node(Design(), "Linear", (0, 0), label="fc_in")
    design = edits.define_block(document.design, Block("blk", "Residual", inner.graph))
    design, node = edits.add_block_node(design, "blk", (0, 0), repeat=3)
    design, other = edits.add_block_node(design, "blk", (0, 0))
    document.change(design, "Add blocks")
    document.select(frozenset({node}))
    copies = inspector.form.repeat.rows["repeat"]
    assert copies.editor.field().text() == "3" and copies._reset.isVisible()  # type: ignore[attr-defined]
    write(copies, "12")
    assert document.design.graph.layer_of(node).repeat == 12
    assert document.undo_stack.count() == 2
    write(copies, "0")
    assert "from 1 to 1" in copies.sentence and document.design.graph.layer_of(node).repeat == 12
    document.undo_stack.undo()
    assert document.design.graph.layer_of(node).repeat == 3
    copies._reset.click()
    assert document.design.graph.layer_of(node).repeat == 1
    document.undo_stack.undo()
    inspector.form._reset.click()
    assert document.design.graph.layer_of(node).repeat == 1
    document.undo_stack.undo()
    document.select(frozenset({node, other}))
    write(inspector.form.repeat.rows["repeat"], "5")
    assert {document.design.graph.layer_of(n).repeat for n in (node, other)} == {5}
    document.select(frozenset({of_kind(document.design, "Conv2d")}))
    assert not inspector.form.repeat.rows


def test_a_shared_layer_says_so_where_it_is_edited(document: Document, inspector: Inspector):
    first = of_kind(document.design, "Linear")
    design, second = edits.add_node(
        document.design, "Linear", (0, 0), label="again", layer=document.design.graph.nodes[first].layer
    )
    document.change(design, "Add a node")
    document.set_report(design, Report(costs=Frozen({(first,): Cost(650, 640), (second,): Cost(0, 640)})))
    document.select(frozenset({second}))
    label = design.graph.nodes[first].label
    assert f"shared with {label}" in inspector.header.caption.text()
    for node in (first, second):
        document.select(frozenset({node}))
        assert inspector.form._sharing.isVisible() and "applies to all of them" in inspector.form._sharing.text()
    document.select(frozenset({of_kind(design, "Conv2d")}))
    assert not inspector.form._sharing.isVisible()
