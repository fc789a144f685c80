"""The table of commands: each has a handler, a help sentence and keys that act where they should; menus come of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu

from engine.check.report import Fix, Problem, Report
from engine.observe.picture import Look, Request
from gui import handlers
from gui.action_row import REASONS
from gui.actions import ACTIONS, MENUS, ROWS
from gui.canvas.menu import build
from gui.main_window import MainWindow
from gui.shortcuts import in_force
from gui.shortcuts.keymap import KeyMap, native
from gui.theme import motion, theme
from tests.gui.test_main_window import answers, window  # noqa: F401

NONE, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture(autouse=True)
def own_keys():
    yield
    in_force.use(KeyMap())


def node(window: MainWindow, label: str) -> str:  # noqa: F811
    return next(n.id for n in window.document.design.graph.nodes.values() if n.label == label)


def choose(window: MainWindow, *labels: str) -> None:  # noqa: F811
    window.document.select(frozenset(node(window, label) for label in labels))


# -- the table ------------------------------------------------------------------------------------
def test_rows_are_sound() -> None:
    assert len(ROWS) == len(ACTIONS)
    for row in ACTIONS:
        assert row.menu.partition("/")[0] in MENUS and row.help.endswith("."), row.id
        assert row.when in REASONS or row.when == "always", row.id
        assert not row.context or row.scope in ("canvas", "graph"), f"{row.id} stands in a menu of the canvas"


def test_each_row_has_a_handler_and_each_handler_a_row(window: MainWindow) -> None:  # noqa: F811
    assert set(handlers.of_window(window, window)) == set(ROWS)
    for row in ACTIONS:
        assert window.actions_[row.id].receivers("2triggered(bool)") > 0, row.id


def test_keys_that_type_text_act_only_on_the_canvas() -> None:
    from gui.shortcuts.keymap import types_text

    for row in ACTIONS:
        assert row.scope != "window" or not any(types_text(key) for key in row.keys), row.id


def state(window: MainWindow) -> tuple:  # noqa: F811
    """Whatever a command might change."""
    canvas, document = window.canvas, window.document
    shown = [w for w in (*QApplication.topLevelWidgets(), *window.findChildren(QDialog)) if w.isVisible()]
    popups = (window.command_palette, window.undo_history, canvas.popups.editor, canvas.popups.add_by_name)
    popups += (canvas.popups.chooser, canvas.popups.note, canvas.popups.title)
    docks = [(d.isVisible(), d.width()) for d in (window.left, window.right, window.bottom)]
    return (
        document.design, document.selection, document.probe, document.pinned_probes, canvas.zoom,
        canvas.visible_rect().getRect(), QApplication.focusWidget(), len(shown), [p.isVisible() for p in popups], docks,
        window.inspector.grab().toImage().size(), theme.choice(), theme.scale, motion.choice(),
        window.settings.welcome_at_start, answers(window).asked[:], document.path, document.undo_stack.index(),
        canvas.minimap.isVisible(), QApplication.clipboard().text(),
        window.training.tabled.on, window.features.tabled.on,
    )  # fmt: skip


def put_back(window: MainWindow) -> None:  # noqa: F811
    for widget in (*QApplication.topLevelWidgets(), *window.findChildren(QDialog)):
        if isinstance(widget, (QDialog, QMenu)):
            widget.close()
    for popup in (window.command_palette, window.undo_history):
        popup.close_it()
    window.canvas.popups.add_by_name.close_it()
    window.canvas.popups.editor.leave()
    window.canvas.popups.chooser.close_it()
    window.leave_welcome()
    if window.tour is not None:
        window.tour.leave()
    window.canvas.setFocus()
    QApplication.processEvents()
    # what is to be deleted later is, which only a running event loop does: else every look is applied to it too
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def usual_looks(window: MainWindow):  # noqa: F811
    """As it was, also where the test fails: text size and theme are the program's, not the window's."""
    yield
    for choice in ("text_100", "theme_dark", "motion_system"):
        window.actions_[choice].trigger()


def test_each_command_does_something_or_says_why_not(
    window: MainWindow,  # noqa: F811
    monkeypatch,
    usual_looks,
) -> None:
    """With one layer selected, something to undo and to redo, pictures, and a problem with a remedy."""
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    ran: list[str] = []
    for name in ("train", "pause", "stop"):
        monkeypatch.setattr(window.runner, name, lambda name=name: ran.append(name))
    motion.choose("reduced")
    document, design = window.document, window.document.design
    window.runner.ready = True
    seen = set()
    for row in ACTIONS:
        if row.id in ("quit", "new", "open", "save", "save_as", "start_over"):
            continue  # tested with files and runs
        if row.id in ("new_window", "close_window", "open_in_window"):
            continue  # tested with windows
        window.files.show_design(design)
        choose(window, "relu1")
        window.actions_["nudge_right"].trigger()
        window.actions_["copy"].trigger()
        if row.id == "copy":
            QApplication.clipboard().setText("something else")
        window.actions_["duplicate"].trigger()
        document.undo_stack.undo()
        choose(window, "pool1")
        document.set_look(Look(Request(()), 1, 0.1, probe_count=3))
        fix = Fix("disconnect", "Take the wire away")
        problem = Problem("odd", "error", "pool1 is odd.", "So.", node(window, "pool1"), fixes=(fix,))
        others = [Problem("odd", "error", f"{name} is odd.", "So.", node(window, name)) for name in ("relu1", "conv1")]
        document.set_report(document.design, Report(problems=(others[0], problem, others[1])))
        monkeypatch.setattr(document, "apply_fix", lambda _fix: ran.append("fix"))
        window.canvas.set_zoom(1.3)
        window.canvas.setFocus()
        if row.id == "to_canvas":
            window.palette_.focus_search()
        window.canvas.scroll_by(3000, 0)  # so that who goes to the layer moves the view
        window._chrome.show_all()
        action = window.actions_[row.id]
        if not action.isEnabled():
            assert REASONS[row.when] in action.toolTip(), row.id
            continue
        assert row.help in action.toolTip() or row.id in ("train",), row.id
        if action.isChecked() and row.group:
            continue  # it is so already
        before, count = state(window), len(ran) + len(opened)
        action.trigger()
        QApplication.processEvents()
        if row.id not in ("recipe", "data", "graph", "reset_layout"):
            assert state(window) != before or len(ran) + len(opened) > count, f"{row.id} does nothing"
        seen.add(row.id)
        put_back(window)
    assert len(seen) > 45 and {"select_right", "nudge_up", "delete", "fix_layer", "undo_history"} <= seen


# -- keys where they act ----------------------------------------------------------------------------
def test_keys_of_the_canvas_leave_text_fields_alone(window: MainWindow, qtbot) -> None:  # noqa: F811
    choose(window, "relu1")
    design = window.document.design
    search = window.palette_.search
    search.setFocus()
    QTest.keyClicks(search, "fnp")
    QTest.keyClick(search, Qt.Key.Key_Backspace)
    QTest.keyClick(search, Qt.Key.Key_Home)
    QTest.keyClick(search, Qt.Key.Key_Delete)
    QTest.keyClick(search, Qt.Key.Key_D, CONTROL)
    assert search.text() == "n" and window.document.design == design
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_F2)
    name = window.canvas.popups.editor
    assert name.isVisible()
    name.clear()
    QTest.keyClicks(name, "fp/n")
    QTest.keyClick(name, Qt.Key.Key_Left)
    QTest.keyClick(name, Qt.Key.Key_Delete)
    assert name.text() == "fp/" and window.document.design == design
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus() and window.document.selection


def test_tab_adds_a_layer_and_arrows_walk_on_the_canvas(window: MainWindow) -> None:  # noqa: F811
    choose(window, "conv1")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Right)
    assert window.document.selection == {node(window, "relu1")}
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert window.canvas.popups.add_by_name.isVisible()
    query = window.canvas.popups.add_by_name.findChild(QLineEdit)
    QTest.keyClicks(query, "tanh")
    QTest.keyClick(query, Qt.Key.Key_Return)
    assert "tanh1" in {n.label for n in window.document.design.graph.nodes.values()}


def test_escape_lets_go_and_leads_back_to_the_canvas(window: MainWindow) -> None:  # noqa: F811
    choose(window, "conv1")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.document.selection
    window.workspace.tabs.setFocus()
    QTest.keyClick(window.workspace.tabs, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus()
    in_force.use(KeyMap().give("to_canvas", ("F9",)))
    window.workspace.tabs.setFocus()
    QTest.keyClick(window.workspace.tabs, Qt.Key.Key_Escape)
    assert not window.canvas.hasFocus()
    QTest.keyClick(window.workspace.tabs, Qt.Key.Key_F9)
    assert window.canvas.hasFocus()


def test_the_ring_is_shown_for_the_canvas_own_keys_only(window: MainWindow) -> None:  # noqa: F811
    canvas = window.canvas
    canvas._show_ring(False)
    for key, held, ring in ((Qt.Key.Key_Control, CONTROL, False), (Qt.Key.Key_A, CONTROL, True)):
        QApplication.sendEvent(canvas, QKeyEvent(QEvent.Type.ShortcutOverride, key, held))
        assert canvas._ring == ring


def test_other_keys_are_in_force_at_once_everywhere(window: MainWindow) -> None:  # noqa: F811
    in_force.use(KeyMap("blender"))
    choose(window, "relu1")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_X)
    assert "relu1" not in {n.label for n in window.document.design.graph.nodes.values()}
    assert window.actions_["duplicate"].shortcut() == QKeySequence("Shift+D")
    assert native("Shift+D") in window.actions_["duplicate"].toolTip()
    assert "Shift+A" in window.palette_._hint.text() and "Shift+A" in window.canvas.empty._sentence.text()
    in_force.use(KeyMap().give("add_layer", ()).give("find_layer", ()))
    assert "press" not in window.palette_._hint.text() and not window.palette_.search._hint.text()


def test_keys_kept_in_the_settings_are_in_force_in_a_new_window(window: MainWindow) -> None:  # noqa: F811
    window.settings.key_preset, window.settings.own_keys = "nuke", {"save": ["F9"], "gone": ["F10"]}
    other = MainWindow(window.settings)
    assert other.actions_["save"].shortcut() == QKeySequence("F9")
    assert window.actions_["rename"].shortcut() == QKeySequence("N")
    other.deleteLater()


# -- menus --------------------------------------------------------------------------------------------
DRAWN = {row.id for row in ACTIONS if row.when in ("things", "noted")}
ORDERED = {row.id for row in ACTIONS if row.when == "ordered"}
SEVERAL = {row.id for row in ACTIONS if row.when in ("several", "three")}


def texts(menu: QMenu) -> list[str]:
    found = []
    for action in menu.actions():
        if action.menu() is not None:
            found += texts(action.menu())
        elif not action.isSeparator():
            found.append(action.objectName())
    return found


def test_menus_of_the_canvas_are_made_of_rows(window: MainWindow) -> None:  # noqa: F811
    canvas = window.canvas
    expected = {
        "node": {row.id for row in ACTIONS if "node" in row.context} - {"fix_layer", *SEVERAL, *ORDERED},
        "wire": {row.id for row in ACTIONS if "wire" in row.context} - {*ORDERED, *DRAWN},
        "empty": {row.id for row in ACTIONS if "empty" in row.context},
    }
    assert {"cut", "copy", "paste", "bypass", "duplicate", "delete", "add_frame"} <= expected["node"]
    choose(window, "conv1")
    assert set(texts(build(canvas, None))) == expected["node"]
    choose(window, "conv1", "conv2")
    assert "rename" not in texts(build(canvas, None)), "what is of no use is left out"
    assert "align_left" in texts(build(canvas, None)) and "distribute_vertically" not in texts(build(canvas, None))
    choose(window)
    canvas.select_wires(frozenset(window.document.design.graph.wires[:1]))
    assert set(texts(build(canvas, None))) == expected["wire"] and window.actions_["delete"].isEnabled()
    canvas.select_wires(frozenset())
    assert set(texts(build(canvas, None))) == expected["empty"] and not window.actions_["delete"].isEnabled()


def test_a_layer_is_added_where_the_menu_was_asked_for(window: MainWindow) -> None:  # noqa: F811
    canvas = window.canvas
    place = canvas.visible_rect().center() + QPointF(0, 40)
    choose(window)
    asked: list[QPointF] = []
    canvas.add_by_name_requested.connect(asked.append)
    menu = build(canvas, place)
    next(action for action in menu.actions() if action.objectName() == "add_layer").trigger()
    assert asked == [place]
    menu.aboutToHide.emit()
    QApplication.processEvents()
    assert canvas.asked_at is None


def test_the_remedy_of_a_layer_stands_in_its_menu_by_name(window: MainWindow, monkeypatch) -> None:  # noqa: F811
    document = window.document
    fix = Fix("disconnect", "Take the wire away")
    problem = Problem("odd", "error", "conv2 is odd.", "So.", node(window, "conv2"), fixes=(fix,))
    document.set_report(document.design, Report(problems=(problem,)))
    choose(window, "conv2")
    done: list[Fix] = []
    monkeypatch.setattr(document, "apply_fix", done.append)
    menu = build(window.canvas, None)
    first = menu.actions()[0] if not menu.actions()[0].isSeparator() else menu.actions()[1]
    assert first.text() == "Take the wire away"
    first.trigger()
    assert done == [fix]


def test_every_menu_shows_the_keys_in_force_and_tells_more(window: MainWindow) -> None:  # noqa: F811
    for menu in window.menus.values():
        assert menu.toolTipsVisible()
    listed = {action.objectName() for menu in window.menus.values() for action in menu.actions()}
    assert set(ROWS) <= listed
    assert window.actions_["train"].toolTip().count("\n") >= 1
