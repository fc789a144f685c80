"""The window: builds the panels, lays them out as docks and wires them to the document, the runner and the actions."""

from __future__ import annotations

import pathlib
import threading
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from engine.check.report import Problem
from engine.graph.design import Design
from gui import faults, handlers, menus
from gui.actions import ACTIONS
from gui.announcing import Announcements
from gui.background import wait_until
from gui.canvas.view import CanvasView
from gui.chrome import Chrome
from gui.command_palette.panel import CommandPalette
from gui.dialogs import Dialogs
from gui.document import Document
from gui.dropping import FileDrops
from gui.files import Files
from gui.layout import Layout
from gui.menus import Menus
from gui.navigation import Panes
from gui.panels.inspector import Inspector
from gui.panels.outline import Outline
from gui.panels.palette import Palette
from gui.panels.problems import Problems
from gui.plots.feature_maps import FeaturesPanel
from gui.plots.log import LogPanel
from gui.plots.training import TrainingPanel
from gui.runner import Runner
from gui.settings import Settings
from gui.shortcuts import in_force, keymap
from gui.shortcuts.bound import Actions
from gui.status_bar import StatusBar
from gui.theme import icons, motion, theme
from gui.theme import tokens as t
from gui.toolbar import ToolBar
from gui.undo_history import UndoHistory
from gui.widgets.docks import HeadedDock, TabbedDock
from gui.widgets.focus import FocusGuide
from gui.widgets.messages import ErrorBar, Toast
from gui.workspace import WorkspaceRow

if TYPE_CHECKING:
    from gui.welcome.page import WelcomePage
    from gui.welcome.tour import Tour


class Siblings(Protocol):
    """All windows of the program (see gui.windows)."""

    def open(self, path: pathlib.Path | None = None) -> object: ...
    def quit(self) -> object: ...


class MainWindow(QMainWindow):
    """`first_painted` comes once, after the window has been drawn for the first time; `closed` when it has closed."""

    first_painted = Signal()
    closed = Signal()

    def __init__(self, settings: Settings | None = None):
        super().__init__()
        self.settings = settings or Settings()
        self.setObjectName("strata")
        self.setAccessibleName("Strata")
        self.setWindowIcon(icons.application_icon())
        self.setMinimumSize(*t.MINIMUM_WINDOW)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self._painted = False
        self._agreed: Design | None = None  # the design with which the person agreed to close
        self.siblings: Siblings | None = None
        self.welcome: WelcomePage | None = None  # these two are made when they are first wanted
        self.tour: Tour | None = None
        self.document = Document(parent=self)
        self.runner = Runner(self.document, self)
        self.dialogs = Dialogs(self)
        in_force.use(keymap.read(self.settings.key_preset, self.settings.own_keys))
        self.actions_ = Actions(self)
        self._make_panels()
        self.setMenuBar(menus.MenuBar(self))
        self.menus = self.actions_.fill_menus(self.menuBar())
        menus.mark(self)
        self.toolbar = ToolBar(self.actions_, self.menus["File"], self)
        self.addToolBar(self.toolbar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self._make_centre()
        self._make_docks()
        self.files = Files(self.document, self.runner, self.settings, self.dialogs, self.canvas.view_state, self)
        self.toast = Toast(self._centre)
        self.drops = FileDrops(self, self.document, self.files, self.leave_welcome)
        self.command_palette = CommandPalette(self.document, self.canvas, self.actions_, self.settings, self)
        self.undo_history = UndoHistory(self.document, self)
        self.panes = Panes((self.toolbar, self.workspace, self.left, self.canvas, self.right, self.bottom, self.status))
        self.focus_guide = FocusGuide(self)
        self.actions_.install(self, self.canvas, self.outline.view)
        self.menus_ = Menus(self, self)
        self._leave_welcome_on_work()
        self._connect_actions()
        self._chrome = Chrome(self, self)
        self.announcements = Announcements(self.document, self.runner, self.actions_, self)
        self.document.message_shown.connect(lambda text, severity: self.toast.show_message(text, severity))
        self.runner.problem_met.connect(self._on_problem_met)
        self.files.opened.connect(self._on_opened)
        faults.relay.fault_happened.connect(self._on_fault, Qt.ConnectionType.QueuedConnection)
        self._connect_panels()
        theme.changed.connect(self._show_choices)
        self._show_choices()
        self.dock_layout.restore(self.settings)

    # -- parts -------------------------------------------------------------------------
    def _make_panels(self) -> None:
        document, runner = self.document, self.runner
        self.canvas = CanvasView(document)
        self.canvas.minimap.want(self.settings.minimap)
        self.canvas.minimap.decided.connect(self._on_minimap_decided)
        self.palette_ = Palette(document)
        self.outline = Outline(document)
        self.features = FeaturesPanel(document, runner)
        self.inspector = Inspector(document, self.features)
        self.training = TrainingPanel(document, runner, self.settings, self.actions_["train"])
        self.problems = Problems(document, self.settings)
        self.log = LogPanel(document)

    def _make_centre(self) -> None:
        self.workspace = WorkspaceRow(self.actions_)
        self.error_bar = ErrorBar()
        self._centre = QWidget()
        column = self._column = QVBoxLayout(self._centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.error_bar, self.workspace, self.canvas):
            column.addWidget(part)
        self.setCentralWidget(self._centre)

    def _make_docks(self) -> None:
        self.left = TabbedDock("Layers", self)
        self.left.add(self.palette_, "Layers", "stack")
        self.left.add(self.outline, "Outline", "list-dashes")
        self.right = HeadedDock("Inspector", self.inspector.header, self.inspector, self)
        self.bottom = TabbedDock("Training", self)
        self.bottom.add(self.training, "Training", "chart-line", self.training.controls)
        self.bottom.add(self.problems, "Problems", "warning-circle")
        self.bottom.add(self.log, "Log", "terminal-window", self.log.controls)
        self.dock_layout = Layout(self, self.canvas, self.left, self.right, self.bottom, self.palette_)

    # -- connections ---------------------------------------------------------------------
    def _connect_actions(self) -> None:
        self.actions_.bind(handlers.of_window(self, self))
        self.canvas.commands = self.outline.commands = self.actions_
        self.training.tabled.offer(self.actions_["curves_table"])
        self.features.tabled.offer(self.actions_["features_table"])
        self.toolbar.device_chosen.connect(self.runner.set_device)
        self.status.problems_requested.connect(lambda: self.bottom.show_page(handlers.PROBLEMS_PAGE))

    def _connect_panels(self) -> None:
        """Panels are strangers to each other: what one asks of another goes through here."""
        canvas, runner, document = self.canvas, self.runner, self.document
        canvas.views_wanted.connect(lambda views: runner.request_look("canvas", views))
        canvas.preview_wanted.connect(runner.preview_wire)
        runner.wire_previewed.connect(canvas.show_preview)
        canvas.probe_requested.connect(document.show_probe)
        canvas.templates_requested.connect(lambda: self.menus_.templates.popup(QCursor.pos()))
        runner.history_changed.connect(canvas.show_history)
        document.project_opened.connect(lambda: canvas.show_history(runner.history))
        self.problems.node_requested.connect(canvas.centre_on)
        self.outline.node_requested.connect(canvas.centre_on)

    def _show_choices(self) -> None:
        """Tick what is chosen in the menus; another window may have chosen."""
        self.actions_[f"theme_{theme.choice()}"].setChecked(True)
        size = min(handlers.TEXT_SIZES, key=lambda name: abs(handlers.TEXT_SIZES[name] - theme.scale))
        self.actions_[size].setChecked(True)
        self.actions_[f"motion_{motion.choice()}"].setChecked(True)
        self.actions_["welcome_at_start"].setChecked(self.settings.welcome_at_start)

    # -- what happens ----------------------------------------------------------------------
    def _on_opened(self) -> None:
        self.leave_welcome()
        view = self.document.project.view
        if view is not None:
            self.canvas.set_view_state(view)
        else:
            self.canvas.show_graph()
        self.canvas.setFocus()

    def _on_problem_met(self, problem: Problem) -> None:
        """Training failed: what can be done about it is one click away."""
        for fix in problem.fixes[:1]:
            text = f"{problem.what} {problem.why}"
            self.toast.show_message(text, "error", fix.label, lambda fix=fix: self.document.apply_fix(fix))

    def _on_fault(self, sentence: str, report: str) -> None:
        self.error_bar.show_fault(sentence, report)
        self.runner.autosave.write_now()

    # -- first steps -------------------------------------------------------------------------
    def show_welcome(self) -> None:
        """The page takes the place of canvas, docks and toolbar until something is chosen."""
        from gui.welcome.page import WelcomePage

        if self.welcome is None:
            self.welcome = page = WelcomePage(self.settings, self.actions_)
            page.template_chosen.connect(self.files.new)
            page.project_chosen.connect(self.files.open)
            page.left.connect(self.leave_welcome)
            self._column.addWidget(page)
            self.panes.add(page)
        if self.tour is not None:
            self.tour.leave()
        self.welcome.refresh()
        self.dock_layout.stow()
        for part in (self.workspace, self.canvas):
            part.hide()
        self.status.show_design(False)
        self.welcome.show()

    def leave_welcome(self) -> None:
        if self.welcome is None or self.welcome.isHidden():
            return
        self.welcome.hide()
        for part in (self.workspace, self.canvas):
            part.show()
        self.status.show_design(True)
        self.dock_layout.unstow()
        if self._painted:
            self._activate_layout()
            self.canvas.show_graph()
        self.canvas.setFocus()

    def _leave_welcome_on_work(self) -> None:
        """Commands on what lies behind the page bring it into sight; connected before what they do."""
        for row in ACTIONS:
            if row.menu.partition("/")[0] in ("Edit", "Graph", "Train", "Data", "Window"):
                self.actions_[row.id].triggered.connect(self.leave_welcome)
        self.actions_["let_go"].triggered.connect(self._on_esc)

    def _on_esc(self) -> None:
        """Esc on the canvas: where it lets go of nothing, it ends the tour."""
        if self.tour is not None and not self.document.selection and not self.canvas.pointing.busy:
            self.tour.leave()

    def choose_start(self, welcome: bool) -> None:
        self.settings.welcome_at_start = welcome

    def take_tour(self) -> None:
        """Begin the tour, or go on with it."""
        from gui.welcome.tour import Tour

        if self.tour is None:
            self.tour = Tour(self, self)
            self.panes.add(self.tour.callout)
        if self.tour.begin():
            self.leave_welcome()

    # -- events ------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.toolbar.fit_width()
        self.dock_layout.fit_width()
        if self.tour is not None:
            self.tour.look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._painted:  # only now are sizes known
            self.drops.watch()
            self._activate_layout()
            if self.settings.state.isEmpty():
                self.dock_layout.set_default()
                self._activate_layout()
            self.canvas.show_graph()

    def _activate_layout(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.activate()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.first_painted.emit)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        return self.panes.tab(forwards) or super().focusNextPrevChild(forwards)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What no part with the focus wanted."""
        if event.key() == Qt.Key.Key_Escape and self.tour is not None and self.tour.under_way:
            self.tour.leave()
        elif not self.actions_.press_spare(keymap.pressed(event)):
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._show_choices()

    # -- other windows ---------------------------------------------------------------------------
    def open_window(self, path: pathlib.Path | None = None) -> None:
        if self.siblings is not None:
            self.siblings.open(path)

    def open_in_window(self) -> None:
        path = self.files.dialogs.open_path(self.settings.folder)
        if path is not None:
            self.open_window(path)

    def come_forward(self) -> None:
        if self.isMinimized():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    # -- the end -------------------------------------------------------------------------------
    def quit(self) -> None:
        """End the program: every window is asked."""
        if self.siblings is not None:
            self.siblings.quit()
        else:
            self.close()

    def agree_to_close(self) -> bool:
        """Ask what is to be asked before it closes. `close` asks no more, unless something has changed since."""
        if self.document.dirty or self.runner.alive:
            self.come_forward()
        self._agreed = self.document.design if self.files.may_leave(closing=True) else None
        return self._agreed is not None

    def _on_minimap_decided(self, shown: bool | None) -> None:
        self.settings.minimap = shown

    def closeEvent(self, event: QCloseEvent) -> None:
        agreed = self._agreed is self.document.design and not self.runner.alive
        self._agreed = None
        if not agreed and not self.files.may_leave(closing=True):
            event.ignore()
            return
        self.dock_layout.save(self.settings)
        self.settings.motion = motion.choice()
        if self.welcome is None or self.welcome.isHidden():  # what lies behind the page was not chosen by anybody
            self.settings.last = self.document.path
        self.settings.sync()
        self.hide()  # threads may need a moment to end
        self.runner.shutdown(save_state=False)
        event.accept()
        self.closed.emit()

    def end_at_once(self) -> bool:
        """The system asks for an end: no questions; what is unsaved goes to the recovery file. True where there was
        something to keep (the caller then ends the process, so that the recovery file stays)."""
        if self.runner.alive:
            fresh: list[bool] = []
            self.runner.with_fresh_state(lambda: fresh.append(True))
            wait_until(lambda: bool(fresh), seconds=5.0)
        kept = self.document.dirty
        self.settings.sync()
        if kept:
            self.runner.autosave.write_now()
            for thread in threading.enumerate():
                if thread.name == "strata-autosave":
                    thread.join(10.0)
        else:
            self.runner.shutdown(save_state=False)
        return kept
