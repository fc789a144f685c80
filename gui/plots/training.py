"""The Training page: loss and accuracy as they come, with smoothing, a log axis, and the values at the cursor."""

from __future__ import annotations

import math
import time
from typing import Any, Protocol

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from engine.observe.history import History
from engine.train.events import EpochEnded, Metrics
from gui.document import Document
from gui.plots.curves import CurvePlot
from gui.plots.epoch_table import EpochTable
from gui.plots.lines import DASHED, SOLID, LineKey
from gui.plots.series import Curves, Series, axis_end, in_words, number_text
from gui.plots.tabled import Tabled
from gui.settings import Settings
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import fill
from gui.widgets.calm import Calm
from gui.widgets.containers import EmptyState
from gui.widgets.fields import Combo, indent
from gui.widgets.labels import label

REDRAW_MS = 100
NOTHING = "Nothing trained yet."
SPACIOUS, ROOMY = 820, 640  # widths at 100 % text size from which the legend, and words in the fields, have room


class TrainingRunner(Protocol):
    """What the page needs of the Runner."""

    history_changed: Any
    epoch_ended: Any

    @property
    def progress(self) -> Any: ...


class TrainingPanel(QWidget):
    """`controls` (legend, smoothing, scale) may be taken into the dock's title bar; else they stand on top. What is set
    there is remembered in `settings`. `train` is the command that the button of the empty page stands for."""

    def __init__(
        self,
        document: Document,
        runner: TrainingRunner,
        settings: Settings,
        train: QAction,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self.setAccessibleName("Training")
        self.setProperty("role", "panel")
        self._document, self._runner, self._settings = document, runner, settings
        self._series = Series(settings.smoothing)
        self._drawn_at = 0.0
        self._stale = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._draw)
        self._ended: EpochEnded | None = None  # the last epoch of the run under way
        self._calm = Calm(self._describe, self)

        self.loss_plot = CurvePlot("Loss")
        self.accuracy_plot = CurvePlot("Accuracy", " %")
        self._train = train
        self.empty = EmptyState("chart-line", NOTHING, train)
        self.table = EpochTable()
        self.tabled = Tabled((self.loss_plot, self.accuracy_plot), self.table, self._fill_table, self)
        self.tabled.changed.connect(self._draw)
        self.controls = self._build_controls()
        self._build_layout()

        for plot in (self.loss_plot, self.accuracy_plot):
            plot.cursor_moved.connect(self._on_cursor_moved)
        runner.history_changed.connect(self._on_history_changed)
        runner.epoch_ended.connect(self._on_epoch_ended)
        train.changed.connect(self._on_train_changed)
        document.project_opened.connect(self._show_stored)
        document.running_changed.connect(self._on_running_changed)
        self._on_train_changed()
        self._show_stored()

    def _build_controls(self) -> QWidget:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(6)
        self._legend = QWidget(bar)
        legend = QHBoxLayout(self._legend)
        legend.setContentsMargins(0, 0, 4, 0)
        legend.setSpacing(6)
        for text, token, dash in (("train", "train", SOLID), ("validation", "val", DASHED)):
            legend.addWidget(LineKey(token, dash))
            legend.addWidget(label(text, "small"))
        row.addWidget(self._legend)
        self.test = label("", "small")
        self.test.setContentsMargins(0, 0, 6, 0)
        self.test.setToolTip("Measured once, after the last epoch, on samples that nothing was chosen by")
        self.test.hide()
        row.addWidget(self.test)
        self.smoothing = QDoubleSpinBox(bar)
        indent(self.smoothing)
        self.smoothing.setRange(0.0, 0.99)
        self.smoothing.setSingleStep(0.05)
        self.smoothing.setDecimals(2)
        self.smoothing.setValue(self._series.smoothing)
        self.smoothing.setAccessibleName("Smoothing of the training loss")
        self.smoothing.setToolTip("Smoothing: each point is the mean over about 1 ÷ (1 − value) steps")
        self.smoothing.valueChanged.connect(self._on_smoothing_changed)
        row.addWidget(self.smoothing)
        self.scale = Combo(bar)
        self.scale.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToContents)
        self.scale.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.scale.addItem("linear", False)
        self.scale.addItem("logarithmic", True)
        self.scale.setAccessibleName("Scale of the loss axis")
        self.scale.setToolTip("Scale of the loss axis")
        self.scale.currentIndexChanged.connect(self._on_scale_changed)
        self.scale.setCurrentIndex(self.scale.findData(self._settings.logarithmic))
        row.addWidget(self.scale)
        row.addWidget(self.tabled.button)
        self._dress()
        theme.changed.connect(self._dress)
        return bar

    def _dress(self) -> None:
        """The fields stand in a row of text: smaller than those of a form."""
        size = f"font-size: {theme.points(t.SMALL):.2f}pt; min-height: 20px; border-radius: 5px;"
        self.smoothing.setStyleSheet(f"QAbstractSpinBox {{ {size} padding: 0 18px 0 7px; }}")
        self.scale.setStyleSheet(f"QComboBox {{ {size} padding: 0 20px 0 7px; }}")
        for field in (self.smoothing, self.scale):
            field.setFixedHeight(round(24 * max(1.0, theme.scale)))
        self._shorten()

    def _shorten(self) -> None:
        """In a narrow dock the legend stands in the plots, then the longer words give way; no field is cut off."""
        room = self.width() / theme.scale
        self._legend.setVisible(room >= SPACIOUS)
        for plot in (self.loss_plot, self.accuracy_plot):
            plot.set_named(room < SPACIOUS)
        self.smoothing.setPrefix("smooth " if room >= ROOMY else "")
        self.scale.setItemText(1, "logarithmic" if room >= ROOMY else "log")
        for field in (self.smoothing, self.scale):
            field.setMinimumWidth(0)
            field.setMinimumWidth(field.sizeHint().width())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._shorten()

    def _build_layout(self) -> None:
        plots = QWidget(self)
        row = QHBoxLayout(plots)
        row.setContentsMargins(12, 4, 12, 6)
        row.setSpacing(16)
        row.addWidget(self.loss_plot, 1)
        row.addWidget(self.accuracy_plot, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(plots)
        self._stack.addWidget(self.table)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 6, 0)
        top.addStretch(1)
        top.addWidget(self.controls)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)

    # -- news ---------------------------------------------------------------------------
    def _show_stored(self) -> None:
        run, self._ended = self._document.project.run, None
        self._on_history_changed(run.history if run else History())

    def _on_history_changed(self, history: History) -> None:
        progress = self._runner.progress
        per_epoch = progress.steps / max(1, progress.epochs) if progress is not None else 0.0
        self._series.update(history, per_epoch)
        self._stale = True
        self._draw_soon()

    def _on_running_changed(self) -> None:
        """What was measured on the test part belongs to the run before, or is known only now."""
        self._stale, self._ended = True, None
        self._draw_soon()

    @property
    def _tested(self) -> Metrics | None:
        """On the test part, by the run that is shown; None while it goes on."""
        run = self._document.project.run
        return run.test if run is not None and self._document.running_design is None else None

    def _draw_soon(self) -> None:
        """At most ten times a second, and only where it can be seen."""
        if not self.isVisible() or self._timer.isActive():
            return
        wait = REDRAW_MS - (time.monotonic() - self._drawn_at) * 1000
        if wait > 1:
            self._timer.start(math.ceil(wait))
        else:
            self._draw()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self._stale:
            self._draw()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._timer.stop()

    def _draw(self) -> None:
        self._drawn_at, self._stale = time.monotonic(), False
        series = self._series
        self._stack.setCurrentIndex(0 if series.empty else 2 if self.tabled.on else 1)
        test = None if series.empty else self._tested
        self.test.setText(f"test {_result(test)}" if test is not None else "")
        self.test.setVisible(test is not None)
        self._tell()
        if series.empty:
            return
        if self.tabled.on:
            self._fill_table()
        accuracy = series.accuracy()
        ended = float(series.history.epochs["epoch"][-1]) if series.history.epochs else 0.0
        end = axis_end(max(series.epochs_done, ended))
        self.loss_plot.set_curves(series.loss(), end)
        self.accuracy_plot.setVisible(accuracy is not None)
        if accuracy is not None:
            self.accuracy_plot.set_curves(accuracy, end)

    def _fill_table(self) -> None:
        self.table.show_history(self._series.history, None if self._series.empty else self._tested)

    def _on_cursor_moved(self, epoch: float) -> None:
        for plot in (self.loss_plot, self.accuracy_plot):
            plot.set_cursor(epoch)

    def _on_smoothing_changed(self, factor: float) -> None:
        self._settings.smoothing = factor
        self._series.set_smoothing(factor)
        self._draw_soon()

    def _on_scale_changed(self, _index: int) -> None:
        self._settings.logarithmic = self.scale.currentData()
        self.loss_plot.set_logarithmic(self.scale.currentData())

    def _on_train_changed(self) -> None:
        """Its button says and does what the command does everywhere."""
        button, train = self.empty.button, self._train
        if button.hasFocus() and not train.isEnabled():
            self.setFocus()  # else Qt gives it to whatever comes next, and Space would press that
        button.setText(train.text())
        button.setAccessibleName(train.text())
        button.setToolTip(train.toolTip())
        button.setAccessibleDescription(train.toolTip())
        button.setEnabled(train.isEnabled())

    def set_trainable(self, trainable: bool) -> None:
        """Its button is filled where it would train; else a click leads to what stands in the way."""
        fill(self.empty.button, trainable)

    # -- in words -----------------------------------------------------------------------
    def _on_epoch_ended(self, ended: EpochEnded) -> None:
        self._ended = ended
        self._tell()

    def _tell(self) -> None:
        """At once when a run begins or ends; while it goes on, no oftener than can be listened to."""
        about = (self._series.empty, self._ended is None, self._document.running_design is None, self._tested)
        self._calm.tell(about, lambda: self.summary(self._ended))

    def _describe(self, summary: str) -> None:
        series, accuracy = self._series, self._series.accuracy()
        for widget in (self, self.table):
            widget.setAccessibleDescription(summary)
        self.loss_plot.setAccessibleDescription(in_words("Loss", series.loss(), series.epochs_done))
        said = in_words("Accuracy", accuracy or Curves(), series.epochs_done, " %", "highest")
        self.accuracy_plot.setAccessibleDescription(said)

    def summary(self, ended: EpochEnded | None = None) -> str:
        """The curves in a sentence, for screen readers."""
        if ended is not None:
            parts = [_metrics("training", ended.train.loss, ended.train.accuracy)]
            if ended.validation is not None:
                parts.append(_metrics("validation", ended.validation.loss, ended.validation.accuracy))
            return f"After epoch {ended.epoch}: {'; '.join(parts)}."
        if self._series.empty:
            return NOTHING
        loss, accuracy = self._series.loss(), self._series.accuracy()
        shares = (accuracy.train.last, accuracy.validation.last) if accuracy else (None, None)
        parts = []
        for name, curve, share in (("training", loss.train, shares[0]), ("validation", loss.validation, shares[1])):
            if curve.last is not None:
                parts.append(_metrics(name, curve.last, share / 100 if share is not None else None))
        if self._tested is not None:
            parts.append(_metrics("test", self._tested.loss, self._tested.accuracy))
        return f"After {number_text(self._series.epochs_done)} epochs: {'; '.join(parts)}."


def _result(test: Metrics) -> str:
    """‘98.9 %’; the loss where the targets are no classes."""
    return f"loss {number_text(test.loss)}" if test.accuracy is None else f"{100 * test.accuracy:.2f} %"


def _metrics(name: str, loss: float, accuracy: float | None) -> str:
    share = "" if accuracy is None else f", accuracy {100 * accuracy:.1f} %"
    return f"{name} loss {number_text(loss)}{share}"
