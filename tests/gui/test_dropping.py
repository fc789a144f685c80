"""Files dragged onto the window: what they become, what is said, and that nothing is lost."""

from __future__ import annotations

import gzip
import pathlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.project import store, templates
from engine.project.project import Project
from gui import dropping
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme

LEFT, NONE, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


@pytest.fixture
def window(qapp: QApplication, qtbot, tmp_path: pathlib.Path):
    theme.apply(qapp, "dark")
    window = MainWindow(Settings(tmp_path / "strata.ini"))
    window.files.show_design(templates.load("cnn-digits"))
    window.resize(1400, 900)
    window.show()
    qtbot.waitUntil(lambda: window._painted)
    yield window
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Questions:
    def __init__(self, answer: str):
        self.answer, self.asked = answer, []

    def ask(self, what: str, *_rest: object) -> str:
        self.asked.append(what)
        return self.answer


def idx_folder(folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir()
    with gzip.open(folder / "train-images-idx3-ubyte.gz", "wb") as file:
        file.write(struct.pack(">HBBIII", 0, 8, 3, 20, 2, 2) + bytes(range(80)))
    with gzip.open(folder / "train-labels-idx1-ubyte.gz", "wb") as file:
        file.write(struct.pack(">HBBI", 0, 8, 1, 20) + bytes([0, 1] * 10))
    return folder


def hold(window: MainWindow, paths: list[pathlib.Path], over: QWidget) -> QMimeData:
    """The platform tells the window's handle what comes, as with a real file manager."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(str(path) for path in paths))  # file managers give both
    spot = over.mapTo(window, over.rect().center())
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(spot, COPY, data, LEFT, NONE)
        QApplication.sendEvent(window.windowHandle(), event)
        assert event.isAccepted()
    return data


def drop(window: MainWindow, paths: list[pathlib.Path], over: QWidget | None = None) -> None:
    over = over or window.canvas
    data = hold(window, paths, over)
    spot = QPointF(over.mapTo(window, over.rect().center()))
    QApplication.sendEvent(window.windowHandle(), QDropEvent(spot, COPY, data, LEFT, NONE))
    assert window.drops.hint.isHidden()
    QApplication.processEvents()
    QApplication.processEvents()


def project(path: pathlib.Path) -> pathlib.Path:
    store.save(Project(design=templates.load("blank")), path)
    return path


@pytest.mark.parametrize("place", ["canvas", "palette_", "inspector", "bottom", "toolbar"])
def test_a_project_opens_wherever_it_is_dropped(window: MainWindow, tmp_path: pathlib.Path, place: str) -> None:
    path = project(tmp_path / "one.strata")
    drop(window, [path], getattr(window, place))
    assert window.document.path == path and not window.document.design.graph.nodes


def test_a_search_field_does_not_take_the_files_name(window: MainWindow, tmp_path: pathlib.Path) -> None:
    from PySide6.QtWidgets import QLineEdit

    field = window.palette_.findChild(QLineEdit)
    drop(window, [project(tmp_path / "one.strata")], field)
    assert field.text() == "" and window.document.title == "one"


@pytest.mark.parametrize(("answer", "opens"), [("cancel", False), ("discard", True)])
def test_unsaved_work_is_asked_about_as_open_does(
    window: MainWindow, tmp_path: pathlib.Path, answer: str, opens: bool
) -> None:
    window.files.dialogs = questions = Questions(answer)  # type: ignore[assignment]
    window.document.edit(lambda design: templates.load("blank"), "Clear")
    path = project(tmp_path / "one.strata")
    drop(window, [path])
    assert len(questions.asked) == 1 and (window.document.path == path) == opens


def test_data_become_the_choice_in_one_undo_step(window: MainWindow, tmp_path: pathlib.Path) -> None:
    folder = idx_folder(tmp_path / "mine")
    before = window.document.design
    drop(window, [folder])
    assert window.document.design.data.source == str(folder)
    window.document.undo_stack.undo()
    assert window.document.design == before
    drop(window, [folder / "train-labels-idx1-ubyte.gz", folder / "train-images-idx3-ubyte.gz"])
    assert window.document.design.data.source == str(folder) and "left out" not in window.toast.text()


def test_on_the_welcome_page_too(window: MainWindow, tmp_path: pathlib.Path) -> None:
    window.show_welcome()
    drop(window, [idx_folder(tmp_path / "mine")], window.welcome)
    assert window.welcome is not None and window.welcome.isHidden()


def test_what_cannot_be_used_gets_one_sentence(window: MainWindow, tmp_path: pathlib.Path) -> None:
    design = window.document.design
    (tmp_path / "empty").mkdir()
    for name in ("<b>photo.png", "notes.txt", "Ünï\u202eçødé 🙂.webp"):
        (tmp_path / name).write_bytes(b"x")
        drop(window, [tmp_path / name])
        assert window.toast.isVisible() and name in window.toast.text()
    drop(window, [tmp_path / "empty"])
    assert "no idx files" in window.toast.text()
    drop(window, [tmp_path / "gone.csv"])
    assert "not there any more" in window.toast.text()
    drop(window, [])
    assert window.document.design is design


def test_of_several_the_first_project_opens_and_the_others_are_told(window: MainWindow, tmp_path: pathlib.Path) -> None:
    first, second = project(tmp_path / "a.strata"), project(tmp_path / "b.strata")
    drop(window, [tmp_path / "x.png", first, second])
    assert window.document.path == first
    assert window.toast.text().startswith("x.png and 1 more were left out")


def test_the_hint_says_what_would_come_and_goes_with_the_files(window: MainWindow, tmp_path: pathlib.Path) -> None:
    hint = window.drops.hint
    hold(window, [project(tmp_path / "a.strata")], window.inspector)
    assert hint.isVisible() and hint.size() == window.size() and hint.accessibleDescription() == "Open a.strata"
    assert not hint.grab().isNull()
    QApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())
    assert hint.isHidden()


def test_layers_of_the_palette_are_left_to_the_canvas(window: MainWindow) -> None:
    data = QMimeData()
    data.setData("application/x-strata-layer", b"Linear")
    QApplication.sendEvent(window.windowHandle(), QDragEnterEvent(QPoint(9, 9), COPY, data, LEFT, NONE))
    assert window.drops.hint.isHidden()
    QApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/"), min_size=1), max_size=4))
def test_any_names_lead_to_something_to_do_or_to_say(names: list[str]) -> None:
    paths = [pathlib.Path("/nowhere") / name for name in names]
    dropped = dropping.sort_out(paths)
    assert dropped.project is not None or dropped.data is not None or dropped.sentence
    assert dropped.promise
    assert dropped.project is None or dropped.project == next(p for p in paths if p.suffix.lower() == ".strata")
