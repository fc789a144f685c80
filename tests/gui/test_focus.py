"""Where the focus is and where it goes: the ring, the order of Tab and F6, tooltips without a mouse."""

from __future__ import annotations

import gc
import itertools

import pytest
import shiboken6
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QScrollArea, QToolTip, QWidget
from test_main_window import window  # noqa: F401 (a fixture)

from gui.main_window import MainWindow
from gui.panels.data import FolderDialog
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.focus import FocusGuide, stops

OUTSIDE = t.RING_WIDTH + t.RING_GAP


@pytest.fixture
def room(qapp: QApplication, qtbot):
    """A window with two buttons, one of them in a scroll area that shows half of it."""
    theme.apply(qapp, "dark")
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(300, 200)
    plain = QPushButton("plain", room)
    plain.setGeometry(20, 20, 80, 28)
    area = QScrollArea(room)
    area.setGeometry(20, 100, 200, 60)
    inner = QWidget()
    inner.resize(180, 300)
    deep = QPushButton("deep", inner)
    deep.setGeometry(10, 40, 80, 40)
    area.setWidget(inner)
    room.guide = FocusGuide(room)
    room.plain, room.deep, room.area = plain, deep, area
    room.show()
    room.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is room)
    yield room


def ring_of(room) -> tuple[int, int, int, int] | None:
    ring = room.guide.ring
    return ring.geometry().getRect() if ring is not None and ring.isVisible() else None


def test_a_dialog_that_python_owns_ends_with_its_ring(room, qtbot) -> None:
    room.plain.setFocus()

    def ask() -> None:
        dialog = FolderDialog(room.plain)
        line = dialog.findChild(QLineEdit, "fileNameEdit")

        def leave() -> None:
            line.setFocus()
            rings.append(room.guide.ring is not None and room.guide.ring.window() is dialog)
            dialog.reject()

        QTimer.singleShot(200, dialog, leave)
        dialog.exec()

    rings: list[bool] = []
    for _ in range(3):
        ask()
        room.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is room)
        room.deep.setFocus()
        room.plain.setFocus()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qtbot.wait(1)
        assert ring_of(room) is not None
    assert rings == [True] * 3
    assert not room.plain.findChildren(FolderDialog), "and none is kept"


def test_the_ring_stands_outside_the_control_and_follows_it(room) -> None:
    room.plain.setFocus()
    assert ring_of(room) == (20 - OUTSIDE, 20 - OUTSIDE, 80 + 2 * OUTSIDE, 28 + 2 * OUTSIDE)
    room.plain.move(50, 50)
    assert ring_of(room)[:2] == (50 - OUTSIDE, 50 - OUTSIDE)
    room.plain.move(0, 0)
    assert ring_of(room)[:2] == (0, 0), "no part of it is cut off at the window's edge"
    accent = theme.colour("accent").rgb()
    room.plain.move(50, 50)
    image = room.grab().toImage()
    assert image.pixelColor(90, 50 - OUTSIDE).rgb() == accent and image.pixelColor(90, 50 - 1).rgb() != accent
    room.plain.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    room.deep.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    room.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    room.plain.hide()
    assert ring_of(room) is None


def test_the_ring_shows_what_can_be_seen_of_a_scrolled_control(room) -> None:
    room.deep.setFocus()
    top = room.area.viewport().mapTo(room, QPoint(0, 0)).y()
    room.area.verticalScrollBar().setValue(0)
    _x, y, _width, height = ring_of(room)
    assert (y, height) == (top + 40 - OUTSIDE, room.area.viewport().height() - 40 + 2 * OUTSIDE)
    room.area.verticalScrollBar().setValue(200)
    assert ring_of(room) is None, "it is scrolled away"
    room.area.verticalScrollBar().setValue(40)
    assert ring_of(room) is not None


def test_the_ring_goes_with_the_focus_into_dialogs_and_outlives_them(room, qtbot) -> None:
    dialog = QDialog(room)
    field = QLineEdit(dialog)
    field.setGeometry(30, 30, 80, 28)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    field.setFocus()
    assert room.guide.ring.parentWidget() is dialog
    dialog.deleteLater()
    QTest.qWait(20)
    room.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is room)
    room.plain.setFocus()
    assert room.guide.ring.parentWidget() is room and ring_of(room) is not None
    room.plain.deleteLater()
    QTest.qWait(20)
    assert room.guide.ring is None or room.guide._widget is not room.plain


def test_the_tooltip_appears_where_a_key_led(room, qtbot) -> None:
    room.plain.setToolTip("What it does")
    room.deep.setToolTip("Something else")
    room.deep.setFocus()
    QTest.qWait(20)
    QTest.keyClick(room.deep, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    room.plain.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QToolTip.isVisible() and QToolTip.text() == "What it does", timeout=3000)
    QTest.keyClick(room.plain, Qt.Key.Key_Shift)
    QTest.keyClick(room.plain, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: not QToolTip.isVisible() or not QToolTip.text(), timeout=3000)


# -- in the window ----------------------------------------------------------------------------------
def pane_of(window: MainWindow, widget: QWidget | None) -> int:  # noqa: F811
    found = [
        i for i, pane in enumerate(window.panes._panes) if widget and (pane is widget or pane.isAncestorOf(widget))
    ]
    return found[0] if found else -1


def test_tab_goes_through_the_panes_in_their_order(window: MainWindow) -> None:  # noqa: F811
    names = [type(pane).__name__ for pane in window.panes._panes]
    assert names == ["ToolBar", "WorkspaceRow", "TabbedDock", "CanvasView", "HeadedDock", "TabbedDock", "StatusBar"]
    window.document.select(frozenset({next(iter(window.document.design.graph.nodes))}))  # its form is made last
    window.panes.step(1)
    window.toolbar.theme.setFocus()
    start, seen, controls = QApplication.focusWidget(), [], set()
    for _ in range(200):
        window.focusNextPrevChild(True)  # the canvas takes the key itself to add a layer
        focus = QApplication.focusWidget()
        assert focus is not None and (focus.accessibleName() or focus.text()), focus
        controls.add(focus)
        seen.append(pane_of(window, focus))
        if focus is start:
            break
    else:
        pytest.fail("Tab never came back")
    order = [pane for pane, _group in itertools.groupby(seen)]
    first = order.index(1) if 1 in order else 0
    rotated = order[first:] + order[:first]
    assert -1 not in rotated and list(dict.fromkeys(rotated)) == sorted(set(rotated), key=lambda p: (p - 1) % 7)
    assert len(controls) > 20, "more than a few controls are reached"
    for expected in range(20):
        back = QApplication.focusWidget()
        window.focusNextPrevChild(False)
        window.focusNextPrevChild(True)
        assert QApplication.focusWidget() is back, f"Shift+Tab undoes Tab ({expected})"
        window.focusNextPrevChild(True)


def test_tab_reads_a_form_from_top_to_bottom(window: MainWindow) -> None:  # noqa: F811
    window.document.select(frozenset({next(iter(window.document.design.graph.nodes))}))
    QApplication.processEvents()
    found = stops(window.inspector.form)
    places = [widget.mapTo(window, widget.rect().center()) for widget in found]
    assert len(found) > 3
    for above, below in itertools.pairwise(zip(found, places, strict=True)):
        beside = abs(above[1].y() - below[1].y()) < max(above[0].height(), below[0].height())
        assert above[1].x() < below[1].x() if beside else above[1].y() < below[1].y()


def test_pages_that_tab_has_passed_outlive_a_collection_of_garbage(qtbot) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    for _ in range(4):
        area = QScrollArea(pane)
        area.setWidget(QLineEdit())
    del area
    pane.show()
    assert len(stops(pane)) == 4 * 2
    gc.collect()
    assert len(pane.findChildren(QScrollArea)) == 4


def test_a_control_that_tab_has_passed_takes_nothing_with_it_when_it_goes(window: MainWindow) -> None:  # noqa: F811
    def at_hand() -> int:
        parts = (window.canvas, window.canvas.viewport(), window.inspector, window.bottom, window.status)
        return sum(shiboken6.isValid(part) for part in parts)

    for node in list(window.document.design.graph.nodes)[:4]:
        window.document.select(frozenset({node}))  # another form: its rows come and go
        window.toolbar.theme.setFocus()
        for _ in range(100):
            window.focusNextPrevChild(True)
        assert at_hand() == 5
    rows = [row for row in window.inspector.form.parameters.rows.values()]
    assert rows
    for row in rows:
        row.deleteLater()
    window.inspector.form.parameters.rows.clear()
    del rows, row
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert at_hand() == 5


@settings(max_examples=6, deadline=None)
@given(steps=st.lists(st.sampled_from([1, -1]), max_size=12))
def test_f6_and_back_are_inverse(shared: MainWindow, steps: list[int]) -> None:
    shared.canvas.setFocus()
    trail = [pane_of(shared, QApplication.focusWidget())]
    for step in steps:
        shared.panes.step(step)
        trail.append(pane_of(shared, QApplication.focusWidget()))
    for before, after, step in zip(trail, trail[1:], steps, strict=False):
        assert (after - before) % 7 in ({1, 2} if step > 0 else {5, 6}), (trail, steps)


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory):
    from test_main_window import end

    from engine.project import templates
    from gui.settings import Settings

    theme.apply(qapp, "dark")
    shared = MainWindow(Settings(tmp_path_factory.mktemp("shared") / "strata.ini"))
    shared.files.show_design(templates.load("cnn-digits"))
    shared.resize(1600, 1000)
    shared.show()
    QTest.qWait(50)
    yield shared
    end(shared)
