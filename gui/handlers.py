"""What each action does: the one place where the ids of gui.actions meet the code that acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from engine.graph.arrange import EDGES
from engine.graph.design import FLOWS
from gui import faults
from gui.canvas import arranging, clipboard, connecting, editing, kinds
from gui.canvas.view import CanvasView
from gui.command_palette.panel import CommandPalette
from gui.dialogs import AboutDialog, help_dialog
from gui.document import Document
from gui.files import Files
from gui.layout import PALETTE_PAGE, Layout
from gui.navigation import Panes
from gui.panels.inspector import Inspector
from gui.panels.outline import Outline
from gui.panels.palette import Palette
from gui.panels.problems import Problems
from gui.plots.feature_maps import FeaturesPanel
from gui.plots.training import TrainingPanel
from gui.runner import Runner
from gui.settings import Settings
from gui.shortcuts.bound import Actions
from gui.shortcuts.dialog import ShortcutsDialog
from gui.theme import motion, theme
from gui.undo_history import UndoHistory
from gui.widgets.docks import HeadedDock, TabbedDock

Handlers = dict[str, Callable[[], object]]

TRAINING_PAGE, PROBLEMS_PAGE, LOG_PAGE = 0, 1, 2  # of the bottom dock
TEXT_SIZES = {"text_90": 0.9, "text_100": 1.0, "text_115": 1.15, "text_130": 1.3, "text_150": 1.5}


class Parts(Protocol):
    """The parts of the window that actions act on."""

    document: Document
    runner: Runner
    settings: Settings
    actions_: Actions
    files: Files
    canvas: CanvasView
    palette_: Palette
    inspector: Inspector
    outline: Outline
    problems: Problems
    training: TrainingPanel
    features: FeaturesPanel
    left: TabbedDock
    right: HeadedDock
    bottom: TabbedDock
    panes: Panes
    dock_layout: Layout
    command_palette: CommandPalette
    undo_history: UndoHistory

    def open_window(self) -> object: ...
    def open_in_window(self) -> object: ...
    def show_welcome(self) -> object: ...
    def choose_start(self, welcome: bool) -> object: ...
    def take_tour(self) -> object: ...
    def quit(self) -> object: ...


def of_window(parts: Parts, window: QWidget) -> Handlers:
    """A handler for every row of the table."""
    return {
        **of_canvas(parts.canvas),
        **_of_files(parts, window),
        **_of_training(parts),
        **_of_looks(parts),
        **_of_panes(parts, window),
        "rename": lambda: _where_asked(parts).rename_selected(),
        "context_menu": lambda: _where_asked(parts).open_menu(),
    }


def _where_asked(parts: Parts) -> Outline | CanvasView:
    """Where the person is: in the Outline, or on the canvas."""
    return parts.outline if parts.outline.view.hasFocus() else parts.canvas


def of_canvas(canvas: CanvasView) -> Handlers:
    """What acts on the canvas alone."""
    ways = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
    step = editing.NUDGE
    return {
        "fix_layer": lambda: editing.fix_selected(canvas),
        "rename": canvas.rename_selected,
        "edit_parameter": canvas.edit_selected_parameter,
        **_of_edits(canvas),
        "delete": canvas.delete_selection,
        "select_all": canvas.select_all,
        "let_go": lambda: editing.let_go(canvas),
        "fit": canvas.fit,
        "fit_selection": canvas.fit_selection,
        "zoom_reset": canvas.zoom_reset,
        "zoom_in": canvas.zoom_in,
        "zoom_out": canvas.zoom_out,
        "add_note": lambda: editing.add_note(canvas),
        "add_frame": lambda: editing.add_frame(canvas),
        "minimap": canvas.minimap.toggle,
        "add_layer": canvas.add_where_asked,
        "context_menu": canvas.open_menu,
        "next_probe": lambda: editing.next_probe(canvas),
        "pin_probe": lambda: editing.pin_probe(canvas),
        "graph": lambda: canvas.setFocus(Qt.FocusReason.ShortcutFocusReason),
        "to_canvas": lambda: canvas.setFocus(Qt.FocusReason.ShortcutFocusReason),
        **{f"select_{way}": lambda way=way: editing.select_along(canvas, way) for way in ways},
        **{f"nudge_{way}": lambda x=x, y=y: editing.nudge(canvas, x * step, y * step) for way, (x, y) in ways.items()},
    }


def _of_edits(canvas: CanvasView) -> Handlers:
    """Edits of what is selected, wherever they are asked for."""
    return {
        "cut": lambda: clipboard.cut(canvas),
        "copy": lambda: clipboard.copy(canvas),
        "paste": lambda: clipboard.paste(canvas),
        "paste_wired": lambda: clipboard.paste(canvas, keep_incoming=True),
        "duplicate": lambda: clipboard.duplicate(canvas),
        "find": canvas.find_bar.open,
        "find_next": lambda: canvas.find_bar.go(1),
        "find_previous": lambda: canvas.find_bar.go(-1),
        "swap": lambda: kinds.swap(canvas),
        "connect": lambda: connecting.connect(canvas),
        "connect_from": lambda: connecting.connect(canvas, outgoing=False),
        "disconnect": lambda: connecting.disconnect(canvas),
        "earlier_input": lambda: connecting.reorder(canvas, -1),
        "later_input": lambda: connecting.reorder(canvas, 1),
        "bypass": lambda: editing.bypass_selection(canvas),
        **{f"align_{edge}": lambda edge=edge: arranging.align(canvas, edge) for edge in EDGES},
        "distribute_horizontally": lambda: arranging.distribute(canvas, "horizontally"),
        "distribute_vertically": lambda: arranging.distribute(canvas, "vertically"),
        "tidy_selection": lambda: arranging.tidy_selection(canvas),
        "tidy_all": lambda: arranging.tidy_all(canvas),
        **{f"flow_{flow}": lambda flow=flow: arranging.set_flow(canvas, flow) for flow in FLOWS},
        "write": lambda: editing.write_selected(canvas),
    }


def _of_files(parts: Parts, window: QWidget) -> Handlers:
    files, stack = parts.files, parts.document.undo_stack
    return {
        "new": lambda: files.new("blank"),
        "open": lambda: files.open(),
        "save": files.save,
        "save_as": files.save_as,
        "open_in_window": parts.open_in_window,
        "welcome": parts.show_welcome,
        "welcome_at_start": lambda: parts.choose_start(parts.actions_["welcome_at_start"].isChecked()),
        "new_window": parts.open_window,
        "close_window": window.close,
        "quit": parts.quit,
        "undo": stack.undo,
        "redo": stack.redo,
        "undo_history": parts.undo_history.open,
        "command_palette": parts.command_palette.open,
    }


def _of_training(parts: Parts) -> Handlers:
    def train() -> None:
        bottom, runner = parts.bottom, parts.runner
        if parts.document.report.blocking and not runner.alive:
            bottom.show()
            bottom.show_page(PROBLEMS_PAGE)
            parts.problems.show_first_blocking()
        elif bottom.isVisible():
            bottom.show_page(TRAINING_PAGE)
        runner.train()

    def walk(step: int) -> None:
        parts.bottom.show_page(PROBLEMS_PAGE)
        parts.problems.go(step)

    def show(page: Callable[[], object]) -> None:
        parts.right.show()
        page()

    return {
        "next_problem": lambda: walk(1),
        "previous_problem": lambda: walk(-1),
        "fix": parts.problems.apply_first_fix,
        "train": train,
        "start_over": parts.runner.start_over,
        "pause": parts.runner.pause,
        "stop": parts.runner.stop,
        "recipe": lambda: show(parts.inspector.show_recipe),
        "data": lambda: show(parts.inspector.show_data),
    }


def _of_looks(parts: Parts) -> Handlers:
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    def dress(choice: str) -> None:
        parts.settings.theme = choice
        theme.apply(app, choice)
        parts.actions_[f"theme_{choice}"].setChecked(True)

    def enlarge(size: float) -> None:
        parts.settings.text_size, before = size, theme.scale
        theme.apply(app, theme.choice(), size)
        parts.dock_layout.follow_text(before)

    return {
        "theme_switch": lambda: dress(theme.opposite()),
        **{f"theme_{choice}": lambda choice=choice: dress(choice) for choice in theme.CHOICES},
        **{name: lambda size=size: enlarge(size) for name, size in TEXT_SIZES.items()},
        **{f"motion_{choice}": lambda choice=choice: motion.choose(choice) for choice in motion.CHOICES},
    }


def _of_panes(parts: Parts, window: QWidget) -> Handlers:
    def find_layer() -> None:
        parts.left.show()
        parts.left.show_page(PALETTE_PAGE)
        if parts.palette_.has_search:
            parts.palette_.focus_search()
        else:  # a row of icons has no room for a search
            parts.canvas.add_where_asked()

    def shortcuts() -> None:
        ShortcutsDialog(parts.settings, window).open()

    def curves() -> None:
        parts.bottom.show()
        parts.bottom.show_page(TRAINING_PAGE)
        parts.training.tabled.focus()

    def features() -> None:
        parts.right.show()
        parts.inspector.show_features()
        parts.features.tabled.focus()

    return {
        "find_layer": find_layer,
        "next_pane": lambda: parts.panes.step(1),
        "previous_pane": lambda: parts.panes.step(-1),
        "reset_layout": parts.dock_layout.reset,
        "help": lambda: dialog.open() if (dialog := help_dialog(window, parts.document, shortcuts)) else shortcuts(),
        "shortcuts": shortcuts,
        "curves_table": curves,
        "features_table": features,
        "tour": parts.take_tour,
        "log_folder": lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(faults.log_folder()))),
        "about": lambda: AboutDialog(window).open(),
    }
