"""Problems: what, why, where, and a button that mends it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from engine.check.report import Fix, Problem, Report
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import NodeId
from engine.project import templates
from engine.project.project import Project
from gui.checking import Checked, Checking
from gui.document import Document
from gui.panels.problems import Problems
from gui.settings import Settings
from gui.theme import theme


@pytest.fixture
def document() -> Document:
    return Document(Project(design=templates.load("cnn-digits")))


@pytest.fixture
def problems(qtbot, document: Document) -> Problems:
    panel = Problems(document)
    qtbot.addWidget(panel)
    panel.resize(900, 260)
    panel.show()
    return panel


def named(design: Design, label: str) -> NodeId:
    return next(n.id for n in design.graph.nodes.values() if n.label == label)


def button(panel: Problems, name: str) -> QPushButton:
    found = [b for b in panel.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    assert len(found) == 1, [b.accessibleName() for b in panel.findChildren(QPushButton)]
    return found[0]


def mismatch(document: Document) -> Problem:
    node = named(document.design, "fc1")
    fix = Fix("set_parameter", "Give fc1 32 units", Frozen({"node": node, "name": "out_features", "value": 32}))
    return Problem("shape-mismatch", "error", "fc1 cannot accept its input.", "It gets 8×14×14.", node, fixes=(fix,))


def test_a_sound_graph_says_so(document: Document, problems: Problems):
    document.set_report(document.design, Report())
    assert problems._empty.isVisible()
    assert problems._empty.sentence.text() == "No problems. This graph is ready to train."


def test_errors_come_first_and_are_counted(qtbot, document: Document, problems: Problems):
    hint = Problem("h", "hint", "conv1 is wide.", "It has many filters.", named(document.design, "conv1"))
    whole = Problem("d", "warning", "The batch is large.", "It is.")
    with qtbot.waitSignal(problems.count_changed) as counted:
        document.set_report(document.design, Report(problems=(hint, whole, mismatch(document))))
    assert counted.args == [3, True] and problems.count == 3
    assert [row.problem.severity for row in problems._rows] == ["error", "warning", "hint"]
    names = [row.accessibleName() for row in problems._rows]
    assert names[0] == "Error: fc1 cannot accept its input."


def test_a_fix_is_one_undo_step(document: Document, problems: Problems):
    document.set_report(document.design, Report(problems=(mismatch(document),)))
    button(problems, "Give fc1 32 units").click()
    node = named(document.design, "fc1")
    assert document.design.graph.layer_of(node).parameters["out_features"] == 32
    assert document.undo_stack.undoText() == "Give fc1 32 units"


def test_the_place_leads_to_the_node(qtbot, document: Document, problems: Problems):
    document.set_report(document.design, Report(problems=(mismatch(document),)))
    with qtbot.waitSignal(problems.node_requested) as asked:
        button(problems, "Show fc1").click()
    node = named(document.design, "fc1")
    assert asked.args == [node] and document.selection == {node}


def test_rows_that_stay_are_kept(document: Document, problems: Problems):
    first = mismatch(document)
    document.set_report(document.design, Report(problems=(first,)))
    row = problems._rows[0]
    other = Problem("o", "error", "conv1 has no input.", "Nothing arrives.", named(document.design, "conv1"))
    document.set_report(document.design, Report(problems=(other, first)))
    assert row in problems._rows and len(problems._rows) == 2
    document.edit(lambda d: edits.rename(d, named(d, "fc1"), "dense"), "Rename")
    document.set_report(document.design, Report(problems=(first,)))
    assert problems._rows[0].place == "dense"


def test_the_details_of_a_failure_are_there_for_who_asks(document: Document, problems: Problems):
    problem = Problem("f", "error", "Training failed.", "An operator refused.", details="Traceback: line 1")
    document.set_run_problems((problem,))
    button(problems, "Details of Training failed.").click()
    text = problems.findChild(QPlainTextEdit)
    assert text is not None and text.isVisible() and text.toPlainText() == "Traceback: line 1"
    button(problems, "Details of Training failed.").click()
    assert not text.isVisible()


def test_many_problems_are_summed_up(document: Document, problems: Problems):
    many = tuple(Problem("m", "warning", f"Problem {k}.", "Because.") for k in range(150))
    document.set_report(document.design, Report(problems=many))
    assert len(problems._rows) == 100 and "50" in problems._more.text() and problems._more.isVisible()
    assert problems.count == 150
    document.set_report(document.design, Report())
    assert not problems._rows and problems._empty.isVisible()


def test_stepping_through_them(document: Document, problems: Problems):
    other = Problem("o", "error", "conv1 has no input.", "Nothing arrives.", named(document.design, "conv1"))
    document.set_report(document.design, Report(problems=(mismatch(document), other)))
    problems.go(1)
    assert document.selection == {named(document.design, "fc1")}
    problems.go(1)
    assert document.selection == {named(document.design, "conv1")}
    problems.go(1)
    problems.apply_first_fix()
    assert document.undo_stack.undoText() == "Give fc1 32 units"


def test_going_back_begins_with_the_last_problem(document: Document, problems: Problems):
    labels = ("fc1", "conv1", "pool1")
    found = tuple(Problem("o", "error", f"{x} is wrong.", "So.", named(document.design, x)) for x in labels)
    document.set_report(document.design, Report(problems=found))
    problems.go(-1)
    assert document.selection == {named(document.design, "pool1")}
    document.set_report(document.design, Report(problems=found[1:]))
    problems.go(-1)
    assert document.selection == {named(document.design, "conv1")}


def test_another_theme_keeps_the_problem_that_was_gone_to(document: Document, problems: Problems):
    labels = ("fc1", "conv1", "pool1")
    found = tuple(Problem("o", "error", f"{x} is wrong.", "So.", named(document.design, x)) for x in labels)
    document.set_report(document.design, Report(problems=found))
    problems.go(1)
    theme.changed.emit()
    problems.go(1)
    assert document.selection == {named(document.design, "conv1")}


def test_the_first_that_blocks_is_shown(document: Document, problems: Problems):
    aside = Problem("o", "error", "pool1 is wrong.", "So.", named(document.design, "pool1"), blocking=False)
    document.set_report(document.design, Report(problems=(aside,)))
    assert not problems.show_first_blocking() and not document.selection
    document.set_report(document.design, Report(problems=(aside, mismatch(document))))
    assert problems.show_first_blocking()
    assert document.selection == {named(document.design, "fc1")}


def test_a_button_says_beforehand_what_it_will_change(qtbot, document: Document, problems: Problems):
    document.set_report(document.design, Report(problems=(mismatch(document),)))
    mend = button(problems, "Give fc1 32 units")
    mend.setFocus()
    QCoreApplication.sendEvent(mend, QFocusEvent(QEvent.Type.FocusIn))
    assert mend.toolTip() == "Sets Units of fc1 to 32; it was 64."
    assert document.undo_stack.isClean()
    document.edit(lambda d: edits.remove_nodes(d, [named(d, "fc1")]), "Remove")
    QCoreApplication.sendEvent(mend, QFocusEvent(QEvent.Type.FocusIn))
    assert "no longer there" in mend.toolTip()


def test_a_dismissed_hint_stays_away_until_it_is_asked_for(qtbot, tmp_path, document: Document):
    settings = Settings(tmp_path / "strata.ini")
    hint = Problem("dangling", "hint", "conv1 leads nowhere.", "So.", path=("c",))
    document.set_report(document.design, Report(problems=(hint,)))
    panel = Problems(document, settings)
    qtbot.addWidget(panel)
    panel.show()
    button(panel, "Dismiss: conv1 leads nowhere.").click()
    assert document.problems == () and panel.count == 0 and panel._empty.isVisible()
    settings.sync()
    later = Document(Project(design=document.design))
    again = Problems(later, Settings(tmp_path / "strata.ini"))
    qtbot.addWidget(again)
    again.show()
    assert not again._hidden.isVisible()
    later.set_report(later.design, Report(problems=(hint, replace(hint, severity="warning"))))
    assert [p.severity for p in later.problems] == ["warning"]
    button(again, "Show 1 dismissed hint").click()
    assert [p.severity for p in later.problems] == ["warning", "hint"]
    assert not Settings(tmp_path / "strata.ini").dismissed_hints


@pytest.mark.parametrize(("source", "code"), [("", "no-data"), ("/no/such/folder", "data")])
def test_data_that_are_missing_are_the_one_problem(source: str, code: str):
    """That inputs have no shape then only follows; and nothing can be trained."""
    checking = Checking()
    design = templates.load("cnn-digits")
    checking._check(replace(design, data=replace(design.data, source=source)))
    report = next(result.report for result in checking.take() if isinstance(result, Checked))
    assert [(p.code, p.severity) for p in report.problems] == [(code, "error")] and not report.trainable


def test_a_node_that_is_gone_is_not_selected_by_a_problem_that_still_names_it(document: Document, problems: Problems):
    node = next(iter(document.design.graph.nodes))
    document.set_report(
        document.design, Report(problems=(Problem("shape-mismatch", "error", "It is wrong.", "So it is.", node=node),))
    )
    problems.node_requested.connect(lambda _node: None)
    document.change(edits.remove_nodes(document.design, {node}), "Delete")
    problems.go(1)
    document.select(frozenset({node}))
    assert document.selection == frozenset()
