"""The tour: it goes on when the person has done what it says, and remembers where it was left."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication

from engine.check import checker, fixes
from engine.check.report import Report
from engine.data import source
from engine.graph import edits
from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.project import templates
from engine.project.project import Project, RunRecord
from engine.train.events import EpochEnded, Metrics
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme
from gui.welcome.callout import beside
from gui.welcome.page import DONE
from gui.welcome.steps import STEPS, unfinished
from gui.welcome.tour import Tour


@pytest.fixture
def window(qapp: QApplication, qtbot, tmp_path: pathlib.Path):
    theme.apply(qapp, "dark")
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    window.files.show_design(templates.load("blank"))
    window.resize(1600, 1000)
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    yield window
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def begun(window: MainWindow, qtbot) -> Tour:
    window.actions_["tour"].trigger()
    assert window.tour is not None
    qtbot.waitUntil(window.tour.callout.isVisible)
    return window.tour


def test_the_tours_network_lacks_what_the_tour_puts_in() -> None:
    design = unfinished()
    data = source.open_data(design.data).spec
    report = checker.check(design, data)
    assert report.blocking and report.blocking[0].fixes
    mended = fixes.apply(report.blocking[0].fixes[0], design)
    assert not checker.check(mended, data).blocking


def test_each_step_waits_for_the_person(window: MainWindow, qtbot, tmp_path: pathlib.Path) -> None:
    tour, document = begun(window, qtbot), window.document
    assert tour.step is STEPS[0] and document.design == unfinished()

    def at(name: str) -> None:
        qtbot.waitUntil(lambda: tour.step is not None and tour.step.id == name, timeout=2000)
        qtbot.waitUntil(lambda: tour.callout.text.text() == tour.step.text())  # type: ignore[union-attr]

    qtbot.wait(30)
    at("add")
    document.change(edits.add_node(document.design, "ReLU", place=(0, 0))[0], "Add ReLU")
    at("mend")
    document.set_report(document.design, Report())
    at("train")
    history = History(epochs=Frozen({"epoch": np.array([1.0])}))
    document.record_run(RunRecord("r1", "2026-01-01T00:00:00", document.design, history))
    window.runner.epoch_ended.emit(EpochEnded(1, 9, Metrics(1.0), None, 0.1, 1.0))
    at("look")
    conv = next(n for n in document.design.graph.nodes if document.design.graph.layer_of(n).kind == "Conv2d")
    document.select(frozenset({conv}))
    at("save")
    document.mark_saved(tmp_path / "first.strata")
    qtbot.waitUntil(lambda: not tour.under_way)
    assert window.settings.tour == DONE


def test_it_is_left_by_esc_and_taken_up_again(window: MainWindow, qtbot) -> None:
    tour = begun(window, qtbot)
    tour.callout.skip.click()
    qtbot.waitUntil(lambda: tour.step is STEPS[1])
    design = window.document.design
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not tour.under_way and not tour.callout.ring.isVisible()
    assert window.settings.tour == STEPS[1].id
    window.document.change(replace(design, recipe=replace(design.recipe, epochs=3)), "Change epochs")
    begun(window, qtbot)
    assert tour.step is STEPS[1] and window.document.design.recipe.epochs == 3, "what was done stays"
    tour.callout.leave.setFocus()
    qtbot.keyClick(tour.callout.leave, Qt.Key.Key_Escape)
    assert not tour.under_way


def test_a_callout_has_words_for_a_screen_reader_and_takes_no_focus(window: MainWindow, qtbot) -> None:
    window.canvas.setFocus()
    tour = begun(window, qtbot)
    assert window.canvas.hasFocus()
    assert tour.callout.accessibleName() == "Tour, Step 1 of 5"
    assert tour.callout.accessibleDescription() == STEPS[0].text()
    assert tour.callout.leave.accessibleName() and tour.callout.skip.accessibleName()


@given(
    st.tuples(st.integers(0, 1500), st.integers(0, 900), st.integers(1, 1600), st.integers(1, 1000)),
    st.tuples(st.integers(100, 330), st.integers(60, 200)),
)
def test_a_callout_lies_within_the_window(target: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    room = QRect(0, 0, 1600, 1000)
    rect = QRect(*target).intersected(room)
    corner = beside(rect, QSize(*size), room)
    assert isinstance(corner, QPoint) and corner.x() >= 0 and corner.y() >= 0
    assert room.contains(QRect(corner, QSize(*size)))
