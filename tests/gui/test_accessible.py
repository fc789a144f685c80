"""Every state of the window is walked through as a screen reader does: what can have the focus has a name of its own
and a role, what says the same is not said twice side by side, and what is clicked is large enough to be hit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QLineEdit,
    QMenu,
    QMessageBox,
    QScrollBar,
    QTabBar,
    QWidget,
)

from engine.catalog import catalog
from engine.check.report import Fix, Problem, Report
from engine.project import templates
from engine.project.project import Project
from gui.dialogs import AboutDialog, LayerHelpDialog
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.shortcuts.dialog import ShortcutsDialog
from gui.theme import theme
from gui.theme import tokens as t

CLICKED = (QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox)
PLACES = (QAccessible.Role.Client, QAccessible.Role.NoRole)  # of what has no role of its own


def shown(root: QWidget) -> Iterator[QWidget]:
    """The widgets of a part that are on the screen and that the program made: not the inner parts of Qt's own."""
    for widget in (root, *root.findChildren(QWidget)):
        inner = isinstance(widget.parentWidget(), (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar))
        if widget.isVisible() and not inner and not isinstance(widget, (QScrollBar, QMenu)):
            yield widget


def whereabouts(widget: QWidget) -> str:
    names, above = [], widget
    while above is not None and len(names) < 4:
        names.append(f"{type(above).__name__} {above.accessibleName()!r}")
        above = above.parentWidget()
    return " in ".join(names)


def spoken(widget: QWidget) -> str:
    """What a screen reader calls it. What stands in a field is its value, never its name."""
    if isinstance(widget, (QComboBox, QLineEdit, QAbstractSpinBox)):
        return widget.accessibleName()
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip() if interface is not None else ""


def takes_focus(widget: QWidget) -> bool:
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isEnabled() and widget.focusProxy() is None


def nameless(root: QWidget) -> list[str]:
    return [whereabouts(w) for w in shown(root) if (takes_focus(w) or isinstance(w, QAbstractButton)) and not spoken(w)]


def roleless(root: QWidget) -> list[str]:
    """A bare widget that takes keys says nothing about what it is."""
    found = []
    for widget in shown(root):
        interface = QAccessible.queryAccessibleInterface(widget)
        if takes_focus(widget) and interface.role() in PLACES and not widget.accessibleDescription():
            found.append(whereabouts(widget))
    return found


def alike(root: QWidget) -> list[str]:
    """Controls of one kind that stand in the same part and are called the same."""
    named: dict[tuple[object, ...], list[QWidget]] = {}
    for widget in shown(root):
        if isinstance(widget, CLICKED) or (takes_focus(widget) and isinstance(widget, QAbstractSlider)):
            named.setdefault((widget.parentWidget(), type(widget), spoken(widget)), []).append(widget)
    return [whereabouts(several[1]) for several in named.values() if len(several) > 1]


def too_small(root: QWidget) -> list[str]:
    found = []
    for widget in shown(root):
        through = widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if isinstance(widget, CLICKED) and not through and min(widget.width(), widget.height()) < t.TARGET:
            found.append(f"{widget.width()}×{widget.height()} {whereabouts(widget)}")
    return found


def complaints(root: QWidget) -> list[str]:
    checks = (nameless, roleless, alike, too_small)
    return [f"{check.__name__}: {each}" for check in checks for each in check(root)]


# -- the checks see what they look for -------------------------------------------------------------
def test_the_walker_finds_what_is_wrong(qtbot) -> None:
    from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout

    room = QWidget()
    qtbot.addWidget(room)
    column = QVBoxLayout(room)
    small, bare = QToolButton(), QWidget()
    small.setText("Small")
    for part in (QPushButton("Same"), QPushButton("Same"), QComboBox(), small, bare):
        column.addWidget(part)
    small.setFixedSize(20, 20)
    bare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    room.show()
    assert len(alike(room)) == 1
    assert [each.split()[0] for each in nameless(room)] == ["QComboBox", "QWidget"]
    assert len(roleless(room)) == 1 and roleless(room)[0].startswith("QWidget")
    assert len([each for each in too_small(room) if each.startswith("20×20")]) == 1
    small.setEnabled(False)
    assert too_small(room), "what is disabled now will be clicked later"


# -- the window in its states ------------------------------------------------------------------------
@pytest.fixture(scope="module")
def window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory):
    theme.apply(qapp, "dark", 1.0)
    window = MainWindow(Settings(tmp_path_factory.mktemp("accessible") / "strata.ini"))
    window.files.show_design(templates.load("cnn-digits"))
    window.resize(1600, 1000)
    window.show()
    QTest.qWait(100)
    yield window
    theme.apply(qapp, "dark", 1.0)
    window.document.set_project(Project(), None)
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(params=[0.9, 1.0], ids=["90 %", "100 %"])
def text_size(request: pytest.FixtureRequest, qapp: QApplication, window: MainWindow) -> float:
    if theme.scale != request.param:
        theme.apply(qapp, "dark", request.param)
    return request.param


def settle() -> None:
    QCoreApplication.sendPostedEvents()
    QTest.qWait(30)


def no_complaints(root: QWidget, where: str = "") -> None:
    settle()
    found = complaints(root)
    assert not found, "\n".join([where, *found])


def test_the_graph_with_nothing_selected(window: MainWindow, text_size: float) -> None:
    window.document.select(frozenset())
    no_complaints(window)


def test_what_a_picture_is_shown_in_is_called_as_the_picture(window: MainWindow) -> None:
    """Qt tells a screen reader that the inner part of a scrolled picture has the focus too."""
    for view in window.findChildren(QGraphicsView):
        assert view.viewport().accessibleName() == view.accessibleName() != "", whereabouts(view)


def test_every_page_of_every_dock(window: MainWindow, text_size: float) -> None:
    for dock in (window.left, window.bottom):
        for page in range(dock.bar.count()):
            dock.show_page(page)
            no_complaints(window, f"{dock.accessibleName()} page {page}")
    window.left.show_page(0)


def test_every_kind_of_layer_selected(window: MainWindow, text_size: float) -> None:
    for name in ("cnn-digits", "resnet-8", "lenet"):
        window.files.show_design(templates.load(name))
        graph, seen = window.document.design.graph, set()
        for node in graph.nodes:
            kind = graph.layer_of(node).kind
            if kind not in seen:
                seen.add(kind)
                window.document.select(frozenset({node}))
                no_complaints(window.inspector, f"{name}: {kind}")
        window.document.select(frozenset(graph.nodes))
        no_complaints(window.inspector, "several kinds")


@pytest.mark.parametrize("page", ["recipe", "data"])
def test_the_pages_of_the_inspector(window: MainWindow, text_size: float, page: str) -> None:
    window.actions_[page].trigger()
    no_complaints(window.right)


def test_the_lists_of_problems(window: MainWindow, text_size: float) -> None:
    node, other = list(window.document.design.graph.nodes)[1:3]
    fix = Fix("insert", "Insert Flatten")
    report = Report(
        problems=(
            Problem("a", "error", "It cannot accept.", "It needs a vector.", node, fixes=(fix,), details="Traceback"),
            Problem("b", "warning", "It is slow.", "Its kernel is large.", other),
            Problem("c", "hint", "It could be wider.", "It has room."),
        )
    )
    window.document.set_report(window.document.design, report)
    window.left.show_page(1)
    window.bottom.show_page(1)
    no_complaints(window.bottom)
    window.document.set_report(window.document.design, Report())


OPENED = ("find", "add_layer", "command_palette", "undo_history", "rename", "edit_parameter", "swap", "connect")


@pytest.mark.parametrize("opened", OPENED)
def test_what_opens_over_the_canvas(window: MainWindow, text_size: float, opened: str) -> None:
    graph = window.document.design.graph
    conv = next(n for n in graph.nodes if graph.layer_of(n).kind == "Conv2d")
    window.document.select(frozenset({conv}))
    if opened == "undo_history":
        design = window.document.design
        window.document.change(design.__class__(**{f: getattr(design, f) for f in design.__dataclass_fields__}), "Edit")
    window.canvas.setFocus()
    window.actions_[opened].trigger()
    settle()
    no_complaints(window, opened)
    focus = QApplication.focusWidget()
    assert focus is None or spoken(focus) or isinstance(focus.parentWidget(), QAbstractSpinBox), opened
    QTest.keyClick(focus or window.canvas, Qt.Key.Key_Escape)
    settle()
    assert window.canvas.hasFocus(), opened


@pytest.mark.parametrize(
    "make",
    [
        lambda window: ShortcutsDialog(window.settings, window),
        AboutDialog,
        lambda window: LayerHelpDialog(catalog.spec("Conv2d"), window, bool),
    ],
    ids=["shortcuts", "about", "help"],
)
def test_every_dialog(window: MainWindow, text_size: float, make: Callable[[MainWindow], QDialog]) -> None:
    dialog = make(window)
    dialog.open()
    try:
        assert dialog.windowTitle() or dialog.accessibleName()
        no_complaints(dialog)
    finally:
        dialog.close()
        dialog.deleteLater()


def test_the_gallery_of_data_sets(window: MainWindow, text_size: float) -> None:
    window.actions_["data"].trigger()
    browse = next(w for w in window.findChildren(QAbstractButton) if w.accessibleName() == "Browse data sets")
    browse.click()
    settle()
    no_complaints(window)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Escape)
    settle()
    for thread in threading.enumerate():
        if thread.name == "strata-gallery":  # closed, it ends with the set that it is drawing
            thread.join(60)
            assert not thread.is_alive()


def test_the_welcome_page(window: MainWindow, text_size: float) -> None:
    window.show_welcome()
    assert window.welcome is not None
    no_complaints(window)
    window.leave_welcome()


def test_the_questions_that_are_asked(window: MainWindow, text_size: float, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look(box: QMessageBox) -> int:
        box.open()
        no_complaints(box)
        looked.append(box.accessibleName())
        box.close()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", look)
    choices = (("save", "Save"), ("discard", "Discard"), ("cancel", "Cancel"))
    assert window.dialogs.ask("Save the changes?", "They would be lost.", choices) == "cancel"
    assert looked == ["Save the changes?"]
