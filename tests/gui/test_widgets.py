"""The widgets of the house: what they say, to the eye and to a screen reader."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QToolTip, QWidget

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import Chip, ElidedButton, IconButton, Segments, Switch
from gui.widgets.containers import EmptyState, SearchField, Section, Tabs
from gui.widgets.docks import TabbedDock
from gui.widgets.fields import Combo
from gui.widgets.labels import ElidedLabel, TitleColumn
from gui.widgets.messages import ErrorBar, Toast
from gui.widgets.numbers import THIN, plural, short, thousands
from gui.widgets.progress import EpochBar
from gui.widgets.tab_bar import TabBar


def test_numbers() -> None:
    assert thousands(54314) == f"54{THIN}314" and thousands(999) == "999"
    assert short(627_200) == f"0.627{THIN}M" and short(62_700) == f"62.7{THIN}k"
    assert short(5400) == f"5{THIN}400" and short(1.2e9) == f"1.2{THIN}G"
    assert plural(1, "problem") == "1 problem" and plural(2, "branch", "branches") == "2 branches"


@pytest.mark.parametrize("mono", [False, True])
def test_no_line_ends_within_a_number(qtbot, mono: bool) -> None:
    """The bundled fonts draw the space between thousands, in the figures' own font or in the other one."""
    layout = QTextLayout(thousands(1797) + " samples", theme.font(mono=mono))
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(1.0)
    layout.endLayout()
    assert line.textLength() == len(thousands(1797)) + 1
    runs = {run.rawFont().familyName(): run.glyphIndexes() for run in layout.glyphRuns()}
    assert set(runs) <= {t.UI_FAMILY, t.MONO_FAMILIES[0]} and all(all(glyphs) for glyphs in runs.values())


def test_an_icon_button_has_a_name_and_its_keys(qtbot) -> None:
    button = IconButton("play", "Train", "Ctrl+Return")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Train" and button.toolTip().startswith("Train (")
    action = QAction("Fit all")
    action.setShortcut("F")
    other = IconButton.for_action(action)
    qtbot.addWidget(other)
    assert other.accessibleName() == "Fit all" and other.toolTip() == "Fit all (F)"
    assert other.width() >= 24 and other.height() >= 24


def test_a_chip_grows_with_its_words(qtbot) -> None:
    chip = Chip("cpu", "Device")
    qtbot.addWidget(chip)
    chip.set_texts("cpu")
    narrow = chip.sizeHint().width()
    chip.set_texts("cuda:0", "idle")
    assert chip.sizeHint().width() > narrow and chip.accessibleName() == "Device: cuda:0 idle"
    assert not chip.grab().isNull()


def test_switch_and_segments(qtbot) -> None:
    switch = Switch()
    qtbot.addWidget(switch)
    switch.show()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.isChecked()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not switch.isChecked() and not switch.grab().isNull()
    segments = Segments([("a", "Activations"), ("f", "Filters")], "Pictures")
    qtbot.addWidget(segments)
    with qtbot.waitSignal(segments.changed) as told:
        qtbot.mouseClick(segments.button("f"), Qt.MouseButton.LeftButton)
    assert told.args == ["f"] and segments.current() == "f"
    segments.set_current("a")
    assert segments.current() == "a"


def test_a_section_folds(qtbot) -> None:
    section = Section("Layer")
    qtbot.addWidget(section)
    section.body.addWidget(QLabel("inside"))
    section.show()
    section.set_open(False)
    assert not section.content.isVisible()
    section.set_open(True)
    assert section.content.isVisible() and section.is_open()


def test_elided_text_is_whole_in_the_tooltip(qtbot) -> None:
    label = ElidedLabel("a very long name of a project that does not fit")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.text().endswith("…") and label.toolTip() == label.full_text() == label.accessibleName()
    label.resize(900, 20)
    assert label.text() == label.full_text() and not label.toolTip()


def test_counts_on_tabs(qtbot) -> None:
    bar = TabBar("Bottom")
    qtbot.addWidget(bar)
    bar.add("Training", "chart-line")
    bar.add("Problems", "warning-circle")
    plain = bar.tabSizeHint(1).width()
    bar.set_count(1, 3)
    assert bar.tabSizeHint(1).width() > plain and bar.accessibleTabName(1) == "Problems, 3"
    bar.set_count(1, 0)
    assert bar.tabSizeHint(1).width() == plain and bar.accessibleTabName(1) == "Problems"
    bar.set_compact(True)
    assert bar.tabSizeHint(0).width() < 30 and bar.tabToolTip(0) == "Training"
    tabs = Tabs("Inspector")
    qtbot.addWidget(tabs)
    tabs.add(QWidget(), "Parameters")
    tabs.add(QWidget(), "Features", "stack")
    tabs.show()
    assert tabs.tabText(1) == "Features" and not tabs.grab().isNull()


def test_a_dock_with_pages(qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = TabbedDock("Training", window)
    corner = QLabel("legend")
    dock.add(QLabel("one"), "One", "stack", corner)
    dock.add(QLabel("two"), "Two", "stack")
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.show()
    dock.show_page(1)
    assert dock.stack.currentIndex() == 1 and not corner.isVisible()
    dock.hide()
    dock.show_page(0)
    assert dock.isVisible() and corner.isVisible() and dock.objectName() == "training"


def test_the_toast_says_the_newest_and_stays_while_the_pointer_is_on_it(qtbot) -> None:
    window = QWidget()
    window.resize(800, 400)
    qtbot.addWidget(window)
    toast = Toast(window)
    window.show()
    done = []
    toast.show_message("Saved a.strata.", "info")
    toast.show_message("Saved b.strata.", "done", "Undo", lambda: done.append(True))
    assert toast.isVisible() and toast.text() == "Saved b.strata." and toast.accessibleDescription() == toast.text()
    assert window.rect().contains(toast.geometry())
    window.resize(700, 300)
    assert window.rect().contains(toast.geometry())
    qtbot.mouseClick(toast._button, Qt.MouseButton.LeftButton)
    assert done and not toast.isVisible()
    toast._timer.stop()


def test_the_error_bar_counts_and_keeps_the_reports(qtbot) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    bar.show_fault("First.", "trace one")
    bar.show_fault("Second.", "trace two")
    assert "trace one" in bar.report() and "trace two" in bar.report() and bar.isVisible()
    bar._on_close()
    assert not bar.isVisible() and not bar.report()


def test_empty_state_search_and_progress(qtbot) -> None:
    empty = EmptyState("chart-line", "Nothing trained yet.", "Train")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.clicked):
        empty.button.click()
    field = SearchField("Search 84 layers", "/")
    qtbot.addWidget(field)
    assert field.accessibleName() == "Search 84 layers"
    bar = EpochBar()
    qtbot.addWidget(bar)
    bar.set_progress(3, 10, 0.5)
    assert bar.accessibleDescription() == "35 %"
    theme.changed.emit()
    for widget in (empty, field, bar):
        assert not widget.grab().isNull()


def test_a_choice_that_has_no_room_ends_in_an_ellipsis(qtbot) -> None:
    combo = Combo()
    qtbot.addWidget(combo)
    combo.addItem("Handwritten digits 8×8")
    combo.resize(400, 28)
    assert combo.shown_text() == "Handwritten digits 8×8"
    combo.resize(100, 28)
    assert combo.shown_text().endswith("…") and combo.shown_text().startswith("Hand")
    combo.setToolTip("Real digits")
    combo.show()
    QApplication.sendEvent(combo, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), combo.mapToGlobal(QPoint(5, 5))))
    assert QToolTip.text() == "Handwritten digits 8×8\nReal digits"
    QToolTip.hideText()


def test_titles_of_rows_have_more_room_with_larger_text(qapp: QApplication, qtbot) -> None:
    theme.apply(qapp, "dark", 1.0)
    column = TitleColumn()
    qtbot.addWidget(column)
    before = column.width()
    theme.apply(qapp, "dark", 1.5)
    try:
        assert column.width() == 1.5 * before
    finally:
        theme.apply(qapp, "dark", 1.0)


def test_a_chip_that_yields_loses_its_faint_word_first(qtbot) -> None:
    chip = Chip("database", "Data", yields=True)
    qtbot.addWidget(chip)
    chip.set_texts("Handwritten digits 8×8", "1294 / 144")
    whole = chip.sizeHint().width()
    chip.resize(whole, 24)
    assert chip.shown_texts() == chip.texts()
    chip.resize(whole - 4, 24)
    assert chip.shown_texts() == ("Handwritten digits 8×8", "")
    chip.resize(chip.minimumSizeHint().width(), 24)
    shown, faint = chip.shown_texts()
    assert shown.startswith("Hand") and shown.endswith("…") and not faint
    assert chip.accessibleName() == "Data: Handwritten digits 8×8 1294 / 144" and not chip.grab().isNull()


def test_a_button_that_has_no_room_ends_in_an_ellipsis(qtbot) -> None:
    button = ElidedButton("Go back to step 400 and halve the learning rate")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    assert button.shown_text() == button.text()
    button.resize(button.minimumSizeHint())
    assert button.width() < 0.5 * button.sizeHint().width()
    assert button.shown_text().startswith("Go b") and button.shown_text().endswith("…")
    assert button.text().endswith("learning rate"), "a screen reader has all of it"
