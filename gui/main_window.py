"""The window: builds the panels, lays them out as docks and wires them to the document, the runner and the actions."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QMenu, QVBoxLayout, QWidget

from engine.check.report import Problem
from engine.project import templates
from gui import faults, handlers
from gui.background import wait_until
from gui.canvas.view import CanvasView
from gui.chrome import Chrome
from gui.command_palette.panel import CommandPalette
from gui.dialogs import Dialogs
from gui.document import Document
from gui.files import Files
from gui.layout import Layout
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
from gui.widgets.labels import label
from gui.widgets.messages import ErrorBar, Toast
from gui.workspace import WorkspaceRow


class MainWindow(QMainWindow):
    """`first_painted` comes once, after the window has been drawn for the first time."""

    first_painted = Signal()

    def __init__(self, settings: Settings | None = None):
        super().__init__()
        self.settings = settings or Settings()
        self.setObjectName("strata")
        self.setAccessibleName("Strata")
        self.setWindowIcon(icons.application_icon())
        self.setMinimumSize(*t.MINIMUM_WINDOW)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self._painted = False
        self.document = Document(parent=self)
        self.runner = Runner(self.document, self)
        self.dialogs = Dialogs(self)
        in_force.use(keymap.read(self.settings.key_preset, self.settings.own_keys))
        self.actions_ = Actions(self)
        self._make_panels()
        self.menus = self.actions_.fill_menus(self.menuBar())
        self._fill_menu_corners()
        self.toolbar = ToolBar(self.actions_, self.menus["File"], self)
        self.addToolBar(self.toolbar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self._make_centre()
        self._make_docks()
        self.files = Files(self.document, self.runner, self.settings, self.dialogs, self.canvas.view_state, self)
        self.toast = Toast(self._centre)
        self.command_palette = CommandPalette(self.document, self.canvas, self.actions_, self.settings, self)
        self.undo_history = UndoHistory(self.document, self)
        self.panes = Panes((self.toolbar, self.workspace, self.left, self.canvas, self.right, self.bottom, self.status))
        self.focus_guide = FocusGuide(self)
        self.actions_.install(self, self.canvas)
        self._fill_menus()
        self._connect_actions()
        self._chrome = Chrome(self, self)
        self.document.message_shown.connect(lambda text, severity: self.toast.show_message(text, severity))
        self.runner.problem_met.connect(self._on_problem_met)
        self.files.opened.connect(self._on_opened)
        faults.relay.fault_happened.connect(self._on_fault, Qt.ConnectionType.QueuedConnection)
        self._connect_panels()
        self._show_choices()
        self.dock_layout.restore(self.settings)

    # -- parts -------------------------------------------------------------------------
    def _make_panels(self) -> None:
        document, runner = self.document, self.runner
        self.canvas = CanvasView(document)
        self.palette_ = Palette(document)
        self.outline = Outline(document)
        self.features = FeaturesPanel(document, runner)
        self.inspector = Inspector(document, self.features)
        self.training = TrainingPanel(document, runner, self.settings)
        self.problems = Problems(document, self.settings)
        self.log = LogPanel(document)

    def _make_centre(self) -> None:
        self.workspace = WorkspaceRow(self.actions_)
        self.error_bar = ErrorBar()
        self._centre = QWidget()
        column = QVBoxLayout(self._centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.error_bar, self.workspace, self.canvas):
            column.addWidget(part)
        self.setCentralWidget(self._centre)

    def _fill_menu_corners(self) -> None:
        """The program's mark and name before the menus, as far as the menus stand in the window."""
        if self.menuBar().isNativeMenuBar():
            return
        mark = QLabel()
        mark.setPixmap(icons.svg_pixmap("strata", 18, self.devicePixelRatioF()))
        name = label("Strata", "dock-title")
        corner = QWidget(self.menuBar())
        row = QHBoxLayout(corner)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(7)
        row.addWidget(mark)
        row.addWidget(name)
        self.menuBar().setCornerWidget(corner, Qt.Corner.TopLeftCorner)
        corner.show()

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

    def _fill_menus(self) -> None:
        new = self._templates_menu = QMenu("New from template", self)
        new.setAccessibleName("New from template")
        for info in templates.names():
            action = new.addAction(info.title)
            action.setObjectName(f"template_{info.name}")
            action.setToolTip(info.summary)
            action.triggered.connect(lambda _checked=False, name=info.name: self.files.new(name))
        new.setToolTipsVisible(True)
        self._recent = QMenu("Open recent", self)
        self._recent.setAccessibleName("Open recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        file_menu = self.menus["File"]
        file_menu.insertMenu(self.actions_["open"], new)
        file_menu.insertMenu(self.actions_["save"], self._recent)
        file_menu.insertSeparator(self.actions_["save"])
        self._devices_menu = self.menus["Train"].addMenu("Device")
        self._devices_menu.aboutToShow.connect(self._fill_devices)
        window_menu = self.menus["Window"]
        for dock in (self.left, self.right, self.bottom):
            window_menu.insertAction(self.actions_["next_pane"], dock.toggleViewAction())

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self.settings.recent:
            action = self._recent.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self.files.open(path))
        if self._recent.isEmpty():
            self._recent.addAction("No recent projects").setEnabled(False)
        else:
            self._recent.addSeparator()
            self._recent.addAction("Clear").triggered.connect(self.settings.clear_recent)
        self._recent.setToolTipsVisible(True)

    def _fill_devices(self) -> None:
        self._devices_menu.clear()
        for name in self.runner.devices:
            action = self._devices_menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == self.runner.device)
            action.triggered.connect(lambda _checked=False, name=name: self.runner.set_device(name))

    # -- connections ---------------------------------------------------------------------
    def _connect_actions(self) -> None:
        self.actions_.bind(handlers.of_window(self, self))
        self.canvas.commands = self.actions_
        self.toolbar.device_chosen.connect(self.runner.set_device)
        self.status.problems_requested.connect(lambda: self.bottom.show_page(handlers.PROBLEMS_PAGE))

    def _connect_panels(self) -> None:
        """Panels are strangers to each other: what one asks of another goes through here."""
        canvas, runner, document = self.canvas, self.runner, self.document
        canvas.views_wanted.connect(lambda views: runner.request_look("canvas", views))
        canvas.preview_wanted.connect(runner.preview_wire)
        runner.wire_previewed.connect(canvas.show_preview)
        canvas.probe_requested.connect(document.show_probe)
        canvas.templates_requested.connect(lambda: self._templates_menu.popup(QCursor.pos()))
        runner.history_changed.connect(canvas.show_history)
        document.project_opened.connect(lambda: canvas.show_history(runner.history))
        self.problems.node_requested.connect(canvas.centre_on)
        self.outline.node_requested.connect(canvas.centre_on)

    def _show_choices(self) -> None:
        """Tick what is chosen in the menus."""
        self.actions_[f"theme_{theme.choice()}"].setChecked(True)
        size = min(handlers.TEXT_SIZES, key=lambda name: abs(handlers.TEXT_SIZES[name] - theme.scale))
        self.actions_[size].setChecked(True)
        self.actions_[f"motion_{motion.choice()}"].setChecked(True)
        self.actions_["reopen_last"].setChecked(self.settings.reopen_last)

    # -- what happens ----------------------------------------------------------------------
    def _on_opened(self) -> None:
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

    # -- events ------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.toolbar.fit_width()
        self.dock_layout.fit_width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._painted:  # only now are sizes known
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
        if not self.actions_.press_spare(keymap.pressed(event)):
            super().keyPressEvent(event)

    # -- the end -------------------------------------------------------------------------------
    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_leave(closing=True):
            event.ignore()
            return
        self.dock_layout.save(self.settings)
        self.settings.motion = motion.choice()
        self.settings.last = self.document.path
        self.settings.sync()
        self.hide()  # threads may need a moment to end
        self.runner.shutdown(save_state=False)
        event.accept()

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
