"""In the smallest usual window with the largest text: no text is cut without an ellipsis."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QToolButton,
    QWidget,
)

from engine.check.report import Fix, Problem, Report
from engine.data.spec import DataSpec
from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.project import templates
from engine.project.project import Project
from gui.main_window import MainWindow
from gui.plots.epoch_table import EpochTable
from gui.settings import Settings
from gui.theme import motion, theme
from gui.widgets.buttons import Chip, ElidedButton
from gui.widgets.fields import Combo
from gui.widgets.labels import ElidedLabel

DATA = DataSpec("digits", "Handwritten digits 8×8", (), (), 1294, 144, 359, "UCI Machine Learning Repository")


@pytest.fixture(params=["dark", "light"])
def window(request, qapp: QApplication, qtbot, tmp_path: pathlib.Path) -> Iterator[MainWindow]:
    """1280 × 720; the text is enlarged while it is shown, as from the menu."""
    theme.apply(qapp, request.param, 1.0)
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    motion.choose("reduced")
    window.files.show_design(templates.load("cnn-digits"))
    window.resize(1280, 720)
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    window.document.set_data(DATA)
    window.actions_["text_150"].trigger()
    yield window
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp, "dark", 1.0)


def history() -> History:
    numbers = np.arange(1.0, 13.0)
    shares = 1 - 0.7**numbers
    columns = {"epoch": numbers, "step": 41 * numbers, "train/loss": 1 / numbers, "validation/loss": 1.1 / numbers}
    columns |= {"train/accuracy": shares, "validation/accuracy": shares}
    return History(np.linspace(2.3, 0.1, 492), np.full(492, 1e-3), Frozen(columns))


def cut(window: MainWindow) -> list[str]:
    """The texts that can be seen and are cut off, each with what it needs and has."""
    found = []
    for widget in window.findChildren(QWidget):
        if widget.isVisible():
            found += [f"{type(widget).__name__}: {line}" for line in _cut(widget)]
    return found


def _cut(widget: QWidget) -> list[str]:
    if isinstance(widget, QTabBar):
        rects = [(widget.tabText(i), widget.tabRect(i).right()) for i in range(widget.count())]
        return [f"tab {text} ends at {end} of {widget.width()}" for text, end in rects if end > widget.width()]
    if isinstance(widget, QHeaderView):
        return _cut_titles(widget)
    metrics = widget.fontMetrics()
    text, room = _text_and_room(widget)
    if not text:
        return []
    words = text.split() if isinstance(widget, QLabel) and widget.wordWrap() else text.split("\n")
    needed = max(map(metrics.horizontalAdvance, words))
    lines = []
    if needed > room:
        lines.append(f"{text!r} needs {needed} of {room}")
    if isinstance(widget, QLabel) and widget.wordWrap() and widget.heightForWidth(widget.width()) > widget.height():
        lines.append(f"{text!r} needs {widget.heightForWidth(widget.width())} of {widget.height()} in height")
    if metrics.height() - 2 > widget.height():
        lines.append(f"{text!r} is lower than its letters")
    if (beyond := _beyond(widget)) > 0:
        lines.append(f"{text!r} stands {beyond} out of sight")
    return lines


def _text_and_room(widget: QWidget) -> tuple[str, int]:
    """What is painted, and how wide it may be. What ends in an ellipsis fits, if the whole of it can be had."""
    if isinstance(widget, ElidedLabel):
        assert widget.text() == widget.full_text() or widget.toolTip() == widget.full_text() == widget.accessibleName()
        return widget.text(), widget.contentsRect().width()
    if isinstance(widget, Chip):
        shown, whole = widget.shown_texts(), widget.texts()
        assert all(text in widget.accessibleName() for text in whole)
        assert shown == whole or whole[0] in widget.toolTip()
        return shown[0], widget.width()
    if isinstance(widget, ElidedButton):
        return widget.shown_text(), widget._room()
    if isinstance(widget, QLabel):
        plain = widget.textFormat() == Qt.TextFormat.PlainText
        text = widget.text() if plain else QTextDocumentFragment.fromHtml(widget.text()).toPlainText()
        return text, widget.contentsRect().width()
    if isinstance(widget, QComboBox):
        assert isinstance(widget, Combo), "no other kind ends in an ellipsis"
        return widget.shown_text(), widget.width()
    if isinstance(widget, QAbstractSpinBox):
        line = widget.lineEdit()
        return line.text(), line.rect().marginsRemoved(line.textMargins()).width()
    if isinstance(widget, QPushButton):
        option = QStyleOptionButton()
        widget.initStyleOption(option)
        icon = 0 if widget.icon().isNull() else widget.iconSize().width() + 4
        rect = widget.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, widget)
        return widget.text().replace("&", ""), rect.width() - icon
    if isinstance(widget, QToolButton) and widget.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly:
        return widget.text(), widget.width()
    return "", 0


def _cut_titles(header: QHeaderView) -> list[str]:
    """Titles stand in one line, or in one line a word."""
    if header.orientation() == Qt.Orientation.Vertical:
        return []
    lines = []
    for section in range(header.count()):
        title = str(header.model().headerData(section, Qt.Orientation.Horizontal))
        parts = title.split() if isinstance(header.parent(), EpochTable) else [title]
        needed = max(map(header.fontMetrics().horizontalAdvance, parts)) if title else 0
        if not header.isSectionHidden(section) and needed > header.sectionSize(section):
            lines.append(f"title {title} needs {needed} of {header.sectionSize(section)}")
    return lines


def _beyond(widget: QWidget) -> int:
    """How far it stands out of what it is in, sideways."""
    most, x, part = 0, 0, widget
    while part.parentWidget() is not None and not isinstance(part.parent(), QAbstractScrollArea):
        x += part.x()
        part = part.parentWidget()
        most = max(most, -x, x + widget.width() - part.width())
        if part.isWindow():
            break
    return most


def test_no_text_is_cut_in_any_panel(window: MainWindow, qtbot) -> None:
    document = window.document
    window.training._on_history_changed(history())
    graph = document.design.graph
    conv = next(n for n in graph.nodes if graph.layer_of(n).kind == "Conv2d")
    fixes = (Fix("reset_parameter", "Go back to step 400 and halve the learning rate", Frozen({})),)
    problem = Problem("a", "error", "conv1 cannot accept its input.", "Conv2d needs images.", conv, fixes=fixes)
    document.set_report(document.design, Report(problems=(problem,)))
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        qtbot.wait(50)
        for _ in range(20):  # rows are laid out anew in a few turns of the event loop
            found[state] = cut(window)
            if not found[state]:
                break
            qtbot.wait(50)

    look("the network, curves")
    window.left.show_page(1)
    window.bottom.show_page(1)
    look("outline, problems")
    window.bottom.show_page(2)
    document.message_shown.emit("Saved.", "info")
    look("log")
    window.left.show_page(0)
    window.bottom.show_page(0)
    window.training.tabled.button.setChecked(True)
    for node in graph.nodes:
        document.select(frozenset({node}))
        look(f"table, {graph.nodes[node].label}")
    window.inspector.show_features()
    look("features")
    assert not {state: lines for state, lines in found.items() if lines}


def test_the_inspector_keeps_its_width_whatever_is_opened(window: MainWindow, qtbot) -> None:
    window.training._on_history_changed(history())
    qtbot.wait(100)
    before = window.right.width()
    for page in (1, 0, 1, 0):
        window.left.show_page(page)
        qtbot.wait(50)
        assert window.right.width() == before


def test_the_welcome_page_is_no_wider_than_the_window(window: MainWindow) -> None:
    window.show_welcome()
    QApplication.processEvents()
    page = window.welcome
    assert page is not None
    for width in (1280, 1600, window.minimumWidth(), 1280):
        window.resize(width, 720)
        QApplication.processEvents()
        for area in page.findChildren(QScrollArea):
            content = area.widget()
            assert content is not None and content.width() <= area.viewport().width(), (width, content)
    assert not cut(window)


def test_a_message_lies_within_the_narrowest_canvas(window: MainWindow) -> None:
    said = "The GPU ran out of memory. Batch 512 needs about 9.1 GB, 6.4 GB are free."
    window.toast.show_message(said, "error", "Use batch 256", lambda: None)
    for page in (0, 1):
        window.left.show_page(page)
        QApplication.processEvents()
        around = window.toast.parentWidget()
        assert around is not None and around.rect().contains(window.toast.geometry())
