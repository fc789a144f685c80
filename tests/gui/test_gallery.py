"""The gallery of data sets: every set with a picture, a word and its kind; by mouse, by key and in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from engine.data import source
from engine.data.preview import Curves, Letters, Preview, Scatter, Tiles, preview
from engine.graph.design import DataChoice
from gui.document import Document
from gui.navigation import stops
from gui.panels import gallery as module
from gui.panels.data import DataPanel
from gui.panels.gallery import SAMPLES, Drawing, Gallery
from gui.theme import theme
from gui.widgets.samples import PreviewStrip, paint_preview, told

EXAMPLES: dict[str, Preview] = {
    "tiles": Tiles(np.full((5, 8, 8, 3), 200, np.uint8), ("3", "1", "4", "1", "5")),
    "scatter": Scatter(np.array([[-1, 1], [1, -1]], np.float32), np.array([0, 1]), ("orange", "blue")),
    "letters": Letters(("the dog runs", "the cats see")),
    "curves": Curves(np.sin(np.arange(40, dtype=np.float32)).reshape(2, 10, 2), ("sine", "square")),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sets whose samples are there at once; which threads have drawn them."""
    by: list[str] = []

    def drawn(dataset: Any) -> Preview | None:
        by.append(threading.current_thread().name)
        return EXAMPLES["letters"]

    monkeypatch.setattr(module, "preview", drawn)
    monkeypatch.setattr(module.source, "open_data", lambda choice: choice)
    return by


@pytest.fixture
def panel(qtbot: Any, quick: list[str]) -> Iterator[DataPanel]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    document = Document()
    document.change(replace(document.design, data=DataChoice("moons", fingerprint="abc")), "Choose")
    panel = DataPanel(document, window)
    panel.setGeometry(660, 40, 320, 600)
    window.show()
    qtbot.waitExposed(window)
    yield panel
    window.close()
    wait_for_threads()


def opened(qtbot: Any, panel: DataPanel) -> Gallery:
    qtbot.mouseClick(panel._browse, Qt.MouseButton.LeftButton)
    assert panel._gallery is not None and panel._gallery.isVisible()
    return panel._gallery


def settle(qtbot: Any, gallery: Gallery) -> None:
    qtbot.waitUntil(lambda: not gallery.sets.missing() and not gallery._poll.isActive(), timeout=5000)


def test_every_set_stands_there_with_what_it_teaches(qtbot: Any, panel: DataPanel, quick: list[str]):
    gallery = opened(qtbot, panel)
    settle(qtbot, gallery)
    sets = gallery.sets
    assert [info.name for info in sets.infos] == [info.name for info in source.available()]
    assert set(quick) == {"strata-gallery"}  # never in the window's thread
    for row, info in enumerate(sets.infos):
        said = str(sets.data(sets.index(row), Qt.ItemDataRole.AccessibleTextRole))
        assert info.title in said and info.summary.rstrip(".") in said and info.teaches.rstrip(".") in said
        assert ("synthetic" in said) is info.synthetic and ("(real)" in said) is not info.synthetic
        assert "Shown: 2 texts" in said and (", chosen" in said) is (info.name == "moons")
        assert sets.data(sets.index(row), SAMPLES) is EXAMPLES["letters"]
    gallery.close_it()


def test_a_set_is_chosen_by_keys_and_is_one_undo_step(qtbot: Any, panel: DataPanel):
    document = panel._document
    gallery = opened(qtbot, panel)
    assert gallery.list.hasFocus() and gallery.list.currentIndex().row() == gallery.sets.row_of("moons")
    qtbot.keyClick(gallery.list, Qt.Key.Key_Down)
    qtbot.keyClick(gallery.list, Qt.Key.Key_Return)
    assert not gallery.isVisible() and document.design.data == DataChoice("circles")
    document.undo_stack.undo()
    assert document.design.data.source == "moons"
    gallery = opened(qtbot, panel)
    assert gallery.list.currentIndex().row() == gallery.sets.row_of("moons")
    qtbot.keyClick(gallery.list, Qt.Key.Key_Escape)
    assert not gallery.isVisible() and document.design.data.source == "moons"
    wait_for_threads()


def test_a_click_chooses_and_the_same_set_again_changes_nothing(qtbot: Any, panel: DataPanel):
    document = panel._document
    gallery = opened(qtbot, panel)
    settle(qtbot, gallery)
    for name, steps in (("moons", 0), ("xor", 1)):
        before = document.undo_stack.index()
        index = gallery.sets.index(gallery.sets.row_of(name))
        gallery.list.scrollTo(index)
        place = gallery.list.visualRect(index).center()
        qtbot.mouseClick(gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert not gallery.isVisible() and document.undo_stack.index() - before == steps
        assert document.design.data.source == name
        gallery.open(panel, name)
    gallery.close_it()


def test_tab_comes_to_its_button_after_the_list_of_names(panel: DataPanel):
    found = stops(panel)
    assert found.index(panel._browse) == found.index(panel._source.combo) + 1
    assert panel._browse.accessibleName() == "Browse data sets" and panel._browse.accessibleDescription()


def test_it_stands_within_the_window(qtbot: Any, panel: DataPanel):
    window = panel.window()
    for width, height in ((1000, 700), (500, 300)):
        window.resize(width, height)
        gallery = opened(qtbot, panel)
        assert window.rect().contains(gallery.geometry())
        gallery.close_it()
    wait_for_threads()


def test_rows_are_painted_in_both_themes(qtbot: Any, qapp: Any, panel: DataPanel):
    gallery = opened(qtbot, panel)
    before = gallery.list.grab().toImage()
    settle(qtbot, gallery)
    drawn = gallery.list.grab().toImage()
    assert drawn != before  # ‘drawing…’ gave way to the samples
    theme.apply(qapp, "light")
    assert gallery.list.grab().toImage() != drawn
    theme.apply(qapp, "dark")
    gallery.close_it()


def wait_for_threads() -> None:
    end = time.monotonic() + 10
    while any(thread.name == "strata-gallery" for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)


def test_a_set_that_cannot_be_drawn_stops_no_other(monkeypatch: pytest.MonkeyPatch):
    def opens(choice: DataChoice) -> DataChoice:
        if choice.source == "bad":
            raise OSError("no room")
        return choice

    monkeypatch.setattr(module.source, "open_data", opens)
    monkeypatch.setattr(module, "preview", lambda _dataset: EXAMPLES["curves"])
    drawing = Drawing(["bad", "good"])
    wait_for_threads()
    assert drawing.take() == [("bad", None), ("good", EXAMPLES["curves"])]
    assert not drawing.busy


def test_drawing_ends_where_nobody_looks_any_more(monkeypatch: pytest.MonkeyPatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(choice: DataChoice) -> DataChoice:
        begun.set()
        go_on.wait(10)
        return choice

    monkeypatch.setattr(module.source, "open_data", slow)
    monkeypatch.setattr(module, "preview", lambda _dataset: None)
    drawing = Drawing(["first", "second"])
    assert begun.wait(10)
    drawing.stop()
    go_on.set()
    wait_for_threads()
    assert [name for name, _ in drawing.take()] == ["first"]


# -- samples painted -------------------------------------------------------------------------
def painted(shown: Preview) -> QImage:
    image = QImage(120, 80, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0))
    painter = QPainter(image)
    paint_preview(painter, QRectF(10, 10, 100, 60), shown)
    painter.end()
    return image


@pytest.mark.parametrize("kind", EXAMPLES)
def test_samples_are_painted_within_their_room(qapp: Any, kind: str):
    image = painted(EXAMPLES[kind])
    black = QColor(0, 0, 0)
    marked = {(x, y) for x in range(120) for y in range(80) if image.pixelColor(x, y) != black}
    assert len(marked) > 8
    assert all(9 <= x <= 110 and 9 <= y <= 70 for x, y in marked)


def test_points_stand_where_they_are(qapp: Any):
    image = painted(EXAMPLES["scatter"])  # (−1, 1) up and left, (1, −1) down and right, in the middle square
    left = QRectF(30, 10, 20, 20)
    colours = {
        image.pixelColor(x, y).name()
        for x in range(int(left.left()), int(left.right()))
        for y in range(int(left.top()), int(left.bottom()))
    }
    orange = [colour for colour in map(QColor, colours) if colour.red() > colour.blue() + 20]
    blue = [colour for colour in map(QColor, colours) if colour.blue() > colour.red() + 20]
    assert orange and not blue


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("tiles", "5 images: 3, 1, 4, 5"),
        ("scatter", "2 points in the plane: orange, blue"),
        ("letters", "2 texts: ‘the dog runs’, ‘the cats see’"),
        ("curves", "2 series: sine, square"),
    ],
)
def test_samples_are_told_in_words(qtbot: Any, kind: str, said: str):
    assert told(EXAMPLES[kind]) == said
    strip = PreviewStrip()
    qtbot.addWidget(strip)
    strip.show_samples(EXAMPLES[kind])
    assert strip.accessibleDescription() == f"{said}; of the training part" and not strip.isHidden()
    assert strip.sizeHint().height() > 20
    strip.show_samples(None)
    assert strip.isHidden()


@pytest.mark.parametrize("name", ["digits", "moons", "circles", "spirals", "xor", "grammar", "sequences", "adding"])
def test_the_sets_have_samples_to_show(qapp: Any, name: str):
    shown = preview(source.open_data(DataChoice(name)))
    assert shown is not None
    image = painted(shown)
    assert len({image.pixelColor(x, y).name() for x in range(10, 110) for y in range(10, 70)}) > 3
