"""The tour: it watches the document and goes on when the person has done what the callout says. Nothing is done for
anybody, and whoever leaves comes back to the same step."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtWidgets import QWidget

from engine.graph.design import Design
from gui.canvas.view import CanvasView
from gui.document import Document
from gui.files import Files
from gui.runner import Runner
from gui.settings import Settings
from gui.toolbar import ToolBar
from gui.welcome.callout import Callout
from gui.welcome.page import DONE
from gui.welcome.steps import STEPS, Step, unfinished
from gui.widgets.docks import TabbedDock

FINISHED = "You have built, trained, looked into and saved a network. The tour stays in the Help menu."


class Parts(Protocol):
    """The parts of the window that the tour watches and points at."""

    document: Document
    runner: Runner
    settings: Settings
    files: Files
    canvas: CanvasView
    toolbar: ToolBar
    left: TabbedDock


class Tour(QObject):
    def __init__(self, parts: Parts, window: QWidget):
        super().__init__(window)
        self._parts, self._window = parts, window
        self._began: Design = parts.document.design
        self.callout = Callout(window)
        self.callout.left.connect(self.leave)
        self.callout.passed_over.connect(self.pass_over)
        self._soon = QTimer(self, singleShot=True, interval=0)  # many things change at once: they are looked at once
        self._soon.timeout.connect(self._follow)
        document, runner, canvas = parts.document, parts.runner, parts.canvas
        for signal in (document.report_changed, document.selection_changed, runner.epoch_ended, runner.run_ended):
            signal.connect(lambda _value: self._look_soon())
        document.design_changed.connect(lambda _before, _after: self._look_soon())
        document.project_changed.connect(self._look_soon)
        document.project_opened.connect(self._on_project_opened)
        for bar in (canvas.horizontalScrollBar(), canvas.verticalScrollBar()):
            bar.valueChanged.connect(lambda _value: self._look_soon())

    # -- beginning and leaving -------------------------------------------------------------------
    @property
    def step(self) -> Step | None:
        """The step that waits for the person; None where the tour is not under way."""
        return self._step if self.under_way else None

    @property
    def under_way(self) -> bool:
        return not self.callout.isHidden()

    @property
    def _step(self) -> Step:
        return next((step for step in STEPS if step.id == self._parts.settings.tour), STEPS[0])

    def begin(self) -> bool:
        """Go on where it was left; from the first step with a network of its own. False where the person would rather
        keep what is open."""
        if self.under_way:
            return True
        if self._step is STEPS[0] and not self._parts.files.start_on(unfinished()):
            return False
        self._parts.settings.tour = self._step.id
        self._began = self._parts.document.design
        self.callout.show()
        self._follow()
        self._look_soon()  # once more when the window has its parts where they belong
        return True

    def leave(self) -> None:
        """Put it away; what is remembered is the step that comes next."""
        if self.under_way:
            self.callout.put_away()
            self._parts.canvas.setFocus()

    def pass_over(self) -> None:
        """Go on as if the step were done."""
        self._go_on()
        self._look_soon()

    # -- following -----------------------------------------------------------------------------
    def look(self) -> None:
        """The window has changed: the callout may have to move."""
        self._look_soon()

    def _look_soon(self) -> None:
        if self.under_way:
            self._soon.start()

    def _on_project_opened(self) -> None:
        self._began = self._parts.document.design
        self._look_soon()

    def _follow(self) -> None:
        while self.under_way and self._step.done(self._parts, self._began):
            self._go_on()
        if self.under_way:
            step = self._step
            self.callout.say(f"Step {STEPS.index(step) + 1} of {len(STEPS)}", step.text())
            self.callout.point_at(self._target(step))

    def _go_on(self) -> None:
        number = STEPS.index(self._step) + 1
        if number < len(STEPS):
            self._parts.settings.tour = STEPS[number].id
            self._began = self._parts.document.design
            return
        self._parts.settings.tour = DONE
        self.leave()
        self._parts.document.message_shown.emit(FINISHED, "done")

    def _target(self, step: Step) -> QRect:
        """What the step points at, in the window's coordinates."""
        parts = self._parts
        if step.place == "node":
            return self._node_rect(step)
        widgets = {"layers": parts.left, "train": parts.toolbar.train, "project": parts.toolbar.project}
        widget = widgets[step.place]
        widget = widget if widget.isVisible() else parts.canvas
        return QRect(widget.mapTo(self._window, widget.rect().topLeft()), widget.size())

    def _node_rect(self, step: Step) -> QRect:
        """Where the step's layer is; the whole canvas where it is out of sight."""
        canvas, view = self._parts.canvas, self._parts.canvas.viewport()
        whole = QRect(view.mapTo(self._window, view.rect().topLeft()), view.size())
        row = canvas.arrays.row.get(step.node(self._parts) or "")
        if row is None:
            return whole
        shown = canvas.mapFromScene(*canvas.arrays.rects[row].tolist()).boundingRect()
        shown = shown.translated(whole.topLeft()).intersected(whole)
        return shown if shown.width() > 20 and shown.height() > 20 else whole
