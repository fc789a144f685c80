"""The palette: every kind is there, can be found by typing, added by key and mouse, and dragged."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QToolButton

from engine.catalog import catalog
from engine.project import templates
from engine.project.project import Project
from gui.document import Document
from gui.panels.palette import Palette
from gui.panels.palette_model import COUNT_ROLE, FAMILY_ROLE, KIND_ROLE, MIME, match


@pytest.fixture
def document() -> Document:
    return Document(Project(design=templates.load("blank")))


@pytest.fixture
def palette(qtbot, document: Document) -> Palette:
    palette = Palette(document)
    qtbot.addWidget(palette)
    palette.resize(212, 700)
    palette.show()
    qtbot.waitExposed(palette)
    return palette


def kinds(palette: Palette) -> list[str]:
    found = []
    for row in range(palette.filter.rowCount()):
        family = palette.filter.index(row, 0)
        found += [palette.filter.index(k, 0, family).data(KIND_ROLE) for k in range(palette.filter.rowCount(family))]
    return found


def placed(document: Document) -> list[str]:
    graph = document.design.graph
    return [graph.layer_of(node).kind for node in graph.nodes]


def test_every_kind_is_there(palette: Palette):
    QAbstractItemModelTester(palette.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert sorted(kinds(palette)) == sorted(catalog.load().layers)
    assert palette.search.placeholderText() == f"Search {len(catalog.load().layers)} layers"


def test_an_item_is_called_as_its_kind(palette: Palette):
    index = palette._index_of("Conv2d")
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == catalog.spec("Conv2d").title
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert index.parent().data(FAMILY_ROLE) == "Convolution"


def test_typing_finds(palette: Palette):
    QTest.keyClicks(palette.search, "conv2")
    assert palette.view.currentIndex().data(KIND_ROLE) == "Conv2d"
    assert {"Conv2d", "ConvTranspose2d"} >= {k for k in kinds(palette) if "conv2" in k.lower()}
    palette.search.clear()
    assert len(kinds(palette)) == len(catalog.load().layers)


def test_a_family_counts_what_was_found_in_it(palette: Palette):
    def counts() -> dict[str, int]:
        rows = [palette.filter.index(row, 0) for row in range(palette.filter.rowCount())]
        return {index.data(FAMILY_ROLE): index.data(COUNT_ROLE) for index in rows}

    everything = counts()
    QTest.keyClicks(palette.search, "Conv2d")
    assert counts()["Convolution"] == 1 < everything["Convolution"]
    family = palette.filter.index(0, 0)
    assert family.data(Qt.ItemDataRole.AccessibleTextRole) == "Convolution, 1 layer"
    palette.search.clear()
    assert counts() == everything


def test_enter_in_the_search_adds(document: Document, palette: Palette):
    QTest.keyClicks(palette.search, "relu")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert placed(document) == ["ReLU"]
    assert len(document.selection) == 1
    assert palette._recent == ["ReLU"]


def test_arrows_move_in_what_was_found(document: Document, palette: Palette):
    QTest.keyClicks(palette.search, "pool2d")
    first = palette.view.currentIndex().data(KIND_ROLE)
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    second = palette.view.currentIndex().data(KIND_ROLE)
    assert second and second != first
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert placed(document) == [second]


def test_what_is_not_there_names_the_nearest(document: Document, palette: Palette):
    QTest.keyClicks(palette.search, "convx")
    assert palette._nothing.isVisible()
    assert palette._nothing.sentence.text() == "No layer called ‘convx’. Did you mean Conv2d?"
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert placed(document) == []
    palette._nothing.button.click()
    assert placed(document) == ["Conv2d"] and palette.search.text() == ""


def test_a_layer_is_added_after_the_selected_one_and_wired(document: Document, palette: Palette):
    palette.add("Input")
    palette.add("Flatten")
    graph = document.design.graph
    assert [(graph.layer_of(w.source).kind, graph.layer_of(w.target).kind) for w in graph.wires] == [
        ("Input", "Flatten")
    ]
    assert document.undo_stack.count() == 2


def test_double_click_adds(document: Document, palette: Palette):
    index = palette._index_of("Linear")
    palette.view.scrollTo(index)
    place = palette.view.visualRect(index).center()
    QTest.mouseClick(palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert placed(document) == ["Linear"]


def test_a_click_on_a_family_folds_it(palette: Palette):
    index = palette.filter.index(0, 0)
    before = palette.view.isExpanded(index)
    place = palette.view.visualRect(index).center()
    QTest.mouseClick(palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert palette.view.isExpanded(index) is not before


def test_a_drag_carries_the_kind(palette: Palette):
    index = palette._index_of("Conv2d")
    data = palette.filter.mimeData([index])
    assert data.hasFormat(MIME) and bytes(data.data(MIME).data()) == b"Conv2d"
    assert palette.filter.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
    assert not palette.filter.flags(index.parent()) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_narrow_window_shows_icons_with_menus(document: Document, palette: Palette):
    palette.set_compact(True)
    assert not palette.search.isVisible()
    buttons = {b.accessibleName(): b for b in palette._compact.findChildren(QToolButton)}
    menu = buttons["Convolution"].menu()
    next(a for a in menu.actions() if a.text() == catalog.spec("Conv2d").title).trigger()
    assert placed(document) == ["Conv2d"]
    palette.set_compact(False)
    assert palette.search.isVisible()


def test_better_matches_come_first():
    row = catalog.spec("Conv2d")
    assert match(row, "conv2d") > match(row, "conv") > match(row, "2d") > match(row, "convolution") > match(row, "xyz")
