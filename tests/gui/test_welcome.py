"""The welcome page: what it offers, how it comes and goes, and that every template has a figure of its own."""

from __future__ import annotations

import pathlib

import pytest
from hypothesis import given
from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from engine.project import store, templates
from engine.project.project import Project
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme
from gui.welcome import figure, paint
from gui.welcome.page import DECLINED, WelcomePage
from gui.welcome.recents import ago
from tests.strategies import designs


@pytest.fixture
def window(qapp: QApplication, qtbot, tmp_path: pathlib.Path):
    theme.apply(qapp, "light")
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    window.files.show_design(templates.load("cnn-digits"))
    window.resize(1600, 1000)
    yield window
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def page(window: MainWindow, qtbot) -> WelcomePage:
    window.show_welcome()
    window.show()
    shown = window.welcome
    assert shown is not None
    qtbot.waitUntil(lambda: window._painted and all(card.drawn for card in shown.grid.cards))
    return shown


# -- figures --------------------------------------------------------------------------------------
def forms(name: str) -> list[str]:
    return [mark.form for mark in figure.figure(templates.load(name)).marks]


def test_a_figure_shows_what_the_template_has() -> None:
    assert forms("lenet") == ["square", "stack", "stack", "stack", "stack", "bar", "bar", "dots"]
    assert forms("blank") == [] and forms("char-lstm").count("loop") == 1
    residual = figure.figure(templates.load("resnet-8"))
    assert [mark.form for mark in residual.marks].count("ring") == 3
    assert any(link.over for link in residual.links), "a skip is seen as one"


def test_pooling_makes_pictures_smaller_and_linear_layers_are_as_high_as_they_are_large() -> None:
    marks = figure.figure(templates.load("lenet")).marks
    stacks = [mark.width - 5 * (mark.count - 1) for mark in marks if mark.form == "stack"]
    assert stacks == sorted(stacks, reverse=True) and stacks[0] > stacks[-1]
    bars = [mark.height for mark in marks if mark.form == "bar"]
    assert bars[0] > bars[1]


@given(designs())
def test_any_design_has_a_figure(design) -> None:
    drawn = figure.figure(design)
    count = len(drawn.marks)
    assert count <= len(design.graph.nodes)
    assert all(0 <= link.source < count and 0 <= link.target < count for link in drawn.links)
    if drawn.marks:
        left, top, right, bottom = drawn.bounds
        assert left < right and top < bottom


@pytest.mark.parametrize("info", templates.names(), ids=lambda info: info.name)
def test_each_template_is_painted_within_its_card(qapp: QApplication, info) -> None:
    image = paint.pixmap(figure.figure(templates.load(info.name)), QSize(240, 118), 2.0).toImage()
    assert image.size() == QSize(480, 236)
    inked = [(x, y) for x in range(480) for y in range(236) if image.pixelColor(x, y).alpha()]
    assert len(inked) > 300
    assert min(x for x, _ in inked) > 4 and max(x for x, _ in inked) < 475
    assert min(y for _, y in inked) > 4 and max(y for _, y in inked) < 231


# -- the page ---------------------------------------------------------------------------------------
def test_the_page_has_the_window_to_itself_and_gives_it_back(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    behind = (window.toolbar, window.left, window.right, window.bottom, window.canvas, window.workspace)
    assert shown.isVisible() and not any(part.isVisible() for part in behind)
    nameless = [
        button
        for button in shown.findChildren(QAbstractButton)
        if button.isVisible() and not (button.accessibleName() or button.text())
    ]
    assert not nameless
    qtbot.keyClick(shown.grid.cards[0], Qt.Key.Key_Escape)
    assert not shown.isVisible() and all(part.isVisible() for part in behind)
    qtbot.waitUntil(lambda: abs(window.right.width() - 332) < 8)
    assert window.canvas.hasFocus()


def test_the_status_bar_tells_of_no_design_that_is_not_in_sight(window: MainWindow, qtbot) -> None:
    page(window, qtbot)
    told = [each for each in window.status.findChildren(QWidget) if each.accessibleName() and each.isVisible()]
    assert [each.accessibleName() for each in told] == [window.status._state.accessibleName()]
    window.leave_welcome()
    assert window.status._parameters.isVisible() and window.status._problems.isVisible()


def test_a_template_is_opened_by_keyboard(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    cards = shown.grid.cards
    cards[0].setFocus()
    qtbot.keyClick(cards[0], Qt.Key.Key_Right)
    assert cards[1].hasFocus()
    qtbot.keyClick(cards[1], Qt.Key.Key_Left)
    qtbot.keyClick(cards[0], Qt.Key.Key_Left)
    assert cards[0].hasFocus()
    qtbot.keyClick(cards[0], Qt.Key.Key_Return)
    assert window.document.design == templates.load(cards[0].info.name) and not shown.isVisible()


def test_search_leaves_what_fits(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    shown.search.setText("lstm")
    assert [card.info.name for card in shown.grid._shown()] == ["char-lstm"]
    shown.search.setText("no such thing")
    assert shown.grid._shown() == [] and "‘no such thing’" in shown._nothing.sentence.text()
    qtbot.keyClick(shown.search, Qt.Key.Key_Escape)
    assert shown.isVisible() and len(shown.grid._shown()) == len(templates.names())


def test_recent_projects_open_and_missing_ones_can_be_removed(window: MainWindow, qtbot, tmp_path) -> None:
    here, gone = tmp_path / "here.strata", tmp_path / "gone.strata"
    store.save(Project(templates.load("mlp-digits")), here)
    for path in (here, gone):
        window.settings.add_recent(path)
    shown = page(window, qtbot)
    missing, present = shown.recents.rows
    assert missing.missing and not missing.button.isEnabled() and "Not found" in missing._when.full_text()
    missing.forget.click()
    assert window.settings.remembered == [here] and [row.path for row in shown.recents.rows] == [here]
    shown.recents.rows[0].button.click()
    qtbot.waitUntil(lambda: window.document.path == here)
    assert not shown.isVisible() and present is not None


def test_commands_on_the_graph_bring_it_into_sight(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    window.actions_["data"].trigger()
    assert not shown.isVisible() and window.right.isVisible()
    window.actions_["welcome"].trigger()
    assert shown.isVisible()
    window.actions_["theme_dark"].trigger()
    assert shown.isVisible()


def test_the_layout_is_not_lost_to_the_page(window: MainWindow, qtbot, tmp_path: pathlib.Path) -> None:
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    window.bottom.hide()
    page(window, qtbot)
    window.dock_layout.save(window.settings)
    window.leave_welcome()
    assert window.left.isVisible() and not window.bottom.isVisible()
    window.bottom.show()
    window.dock_layout.restore(window.settings)
    assert window.left.isVisible() and not window.bottom.isVisible()


def test_whether_it_shows_at_start_is_remembered(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    assert window.settings.welcome_at_start and shown.at_start.isChecked()
    shown.at_start.click()
    assert not window.settings.welcome_at_start and not window.actions_["welcome_at_start"].isChecked()
    window.actions_["welcome_at_start"].trigger()
    assert shown.at_start.isChecked() and window.settings.welcome_at_start


def test_the_tour_can_be_put_away(window: MainWindow, qtbot) -> None:
    shown = page(window, qtbot)
    next(b for b in shown.banner.findChildren(QAbstractButton) if b.text() == "Not now").click()
    assert not shown.banner.isVisible() and window.settings.tour == DECLINED
    shown.refresh()
    assert not shown.banner.isVisible() and window.actions_["tour"].isEnabled()


def test_how_long_ago_in_words() -> None:
    day = 86400.0
    assert [ago(s, 0.0) for s in (5, 125, 7300, 1.5 * day, 3 * day)] == [
        "just now",
        "2 min ago",
        "2 h ago",
        "yesterday",
        "3 days ago",
    ]
    assert "1970" in ago(400 * day, 43200.0)
