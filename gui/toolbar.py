"""The toolbar: project, undo, training, its progress or the recipe, data, device, theme, help."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.data.spec import DataSpec
from engine.graph.recipe import Recipe
from engine.train.recipe import describe
from gui.progress import Progress
from gui.shortcuts.bound import Actions
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import Chip, ElidedButton, IconButton, fill
from gui.widgets.labels import ElidedLabel, label, rule
from gui.widgets.numbers import THIN, short, thousands
from gui.widgets.progress import EpochBar


class ProjectButton(QToolButton):
    """Name and file state of the project; opens the File menu's commands."""

    def __init__(self, menu: QMenu, parent: QWidget | None = None):
        super().__init__(parent)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name, self._state = ElidedLabel("", "name"), ElidedLabel("", "caption")
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._name)
        column.addWidget(self._state)
        column.addStretch(1)
        caret = IconButton("caret-down", "Project menu", size=16, parent=self)
        caret.setIconSize(QSize(12, 12))
        caret.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for child in (self._name, self._state, caret):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.addLayout(column, 1)
        row.addWidget(caret)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(188, round(38 * max(1.0, theme.scale)))

    def set_project(self, name: str, state: str, path: str) -> None:
        self._name.setText(name)
        self._state.setText(state)
        self.setAccessibleName(f"Project {name}")
        self.setAccessibleDescription(state)
        self.setToolTip("\n".join((name, path or state)))


class _Pages(QStackedWidget):
    """Needs no more room than the page that is shown."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown is not None else super().minimumSizeHint()


class RunProgress(QWidget):
    """‘Epoch 7 / 20   step 4 886 / 15 000   18 400 samples/s   about 35 s left’ over the bar."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Run")
        self._epoch, self._step = label("", "secondary"), label("", "secondary")
        self._speed, self._left = label("", "secondary"), label("", "secondary")
        self.bar = EpochBar(self)
        texts = QHBoxLayout()
        texts.setSpacing(16)
        for index, part in enumerate((self._epoch, self._step, self._speed, self._left)):
            part.setTextFormat(Qt.TextFormat.RichText)
            part.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # never cut off
            texts.addWidget(part)
            if index == 1:
                texts.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(4)
        column.addLayout(texts)
        column.addWidget(self.bar)

    def set_progress(self, progress: Progress) -> None:
        strong = f"color:{theme.tokens().text};font-weight:500"
        faint = f"color:{theme.tokens().text3}"
        epochs = f"<span style='{faint}'>/ {thousands(progress.epochs)}</span>"
        self._epoch.setText(f"<span style='{strong};font-weight:600'>Epoch {thousands(progress.epoch)}</span> {epochs}")
        steps = f"<span style='{faint}'>/ {thousands(progress.steps)}</span>"
        self._step.setText(f"step <span style='{strong}'>{thousands(progress.step)}</span> {steps}")
        speed, left = progress.samples_per_second, progress.left_text
        self._speed.setText("" if speed is None else f"<span style='{strong}'>{_rounded(speed)}</span> samples/s")
        self._left.setText(left)
        self.bar.set_progress(max(0, progress.epoch - 1), progress.epochs, progress.fraction)
        step, steps = thousands(progress.step), thousands(progress.steps)
        told = f"Epoch {thousands(progress.epoch)} of {thousands(progress.epochs)}, step {step} of {steps} {left}"
        self.setAccessibleDescription(told.strip().replace(THIN, ""))
        self.setToolTip(told.strip() + ("" if speed is None else f"\n{_rounded(speed)} samples/s"))
        self._fit()

    def _fit(self) -> None:
        """The step's number gives way where large text leaves no room for it; the tooltip has it always."""
        shown = [part for part in (self._epoch, self._step, self._speed, self._left) if part.text()]
        needed = sum(part.sizeHint().width() for part in shown) + 16 * len(shown) + 16
        self._step.setVisible(needed <= self.width())

    def minimumSizeHint(self) -> QSize:
        """Without the step's number."""
        hint = super().minimumSizeHint()
        without = self._step.minimumSizeHint().width() + 16 if self._step.isVisibleTo(self) else 0
        return QSize(hint.width() - without, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _rounded(number: float) -> str:
    """Three significant digits, thousands apart: a speed is never known better."""
    return thousands(round(float(f"{number:.3g}"))) if number >= 100 else f"{number:.3g}"


def recipe_text(recipe: Recipe) -> str:
    """‘10 epochs · Adam 1e-3’; ‘Adam up to 3e-3’ where a schedule sets the highest rate."""
    rate = recipe.optimizer.parameters.get("lr")
    highest = recipe.schedule.parameters.get("max_lr") if recipe.schedule is not None else None
    if highest is not None:
        rate = highest
    shown = f" {rate:g}" if isinstance(rate, (int, float)) and not isinstance(rate, bool) else ""
    if isinstance(rate, float) and 0 < rate < 0.01:
        mantissa, _, power = f"{rate:.3e}".partition("e")
        shown = f" {float(mantissa):g}e{int(power)}"
    if shown and highest is not None:
        shown = f" up to{shown}"
    return f"{recipe.epochs} {'epoch' if recipe.epochs == 1 else 'epochs'} · {recipe.optimizer.name}{shown}"


class ToolBar(QToolBar):
    """Made of actions; `device_chosen` says what a person has chosen of what is no action."""

    device_chosen = Signal(str)

    def __init__(self, actions: Actions, file_menu: QMenu, parent: QWidget):
        super().__init__("Toolbar", parent)
        self.setObjectName("toolbar")
        self.setAccessibleName("Toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(16, 16))
        self.setFloatable(False)
        self.toggleViewAction().setVisible(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions = actions
        self.project = ProjectButton(file_menu, self)
        self.train = _push(actions["train"], "primary", self)
        self.pause = _push(actions["pause"], "", self)
        self.stop = _push(actions["stop"], "", self, text=False)
        self.recipe = ElidedButton(parent=self, shortest=24)  # a usual one whole: the data give way first
        self.recipe.setProperty("role", "ghost")
        self.recipe.setIcon(theme.icon("sliders-horizontal"))
        self.recipe.setIconSize(QSize(20, 15))
        self.recipe.clicked.connect(actions["recipe"].trigger)
        self.progress = RunProgress(self)
        self._middle = _Pages(self)
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.recipe)
        row.addStretch(1)
        self._middle.addWidget(holder)
        self._middle.addWidget(self.progress)
        self._middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._middle.setMaximumWidth(560)
        self.data = Chip("database", "Data", self, yields=True)
        self.data.setToolTip("Choose what to learn from")
        self.data.clicked.connect(actions["data"].trigger)
        self.device = Chip("cpu", "Device", self)
        self.device.setToolTip("Device to train on")
        self.device.setMenu(QMenu(self.device))
        self.theme = IconButton.for_action(actions["theme_switch"], parent=self)
        self.help = IconButton.for_action(actions["help"], parent=self)
        self.help.setIcon(theme.icon("question"))
        self._lay_out()
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _lay_out(self) -> None:
        # one widget with a layout of its own: QToolBar's puts everything at the upper edge
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        undo, redo = (IconButton.for_action(self._actions[name], parent=holder) for name in ("undo", "redo"))
        self.history = IconButton.for_action(self._actions["undo_history"], size=24, parent=holder)
        parts = (self.project, _divider(), undo, redo, self.history, _divider(), self.train, self.pause, self.stop)
        for part in parts:
            row.addWidget(part)
        row.addWidget(self._middle, 100)  # as wide as it may be, before there is empty space
        row.addStretch(1)
        for part in (self.data, self.device, _divider(), self.theme, self.help):
            row.addWidget(part)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.addWidget(holder)

    def _on_theme_changed(self) -> None:
        self.setFixedHeight(round(t.TOOLBAR_HEIGHT * max(1.0, theme.scale)))
        self._actions["theme_switch"].setIcon(theme.icon("sun" if theme.tokens().dark else "moon"))

    def pass_focus_on(self) -> None:
        """Qt would give the focus of a button that is of no more use to whatever comes next, and Space would press it.
        Train and Pause have it in turn; while a run is about to pause or to end the toolbar keeps it for them."""
        pair = {"pause": self.pause, "train": self.train}
        heir = next((button for name, button in pair.items() if self._actions[name].isEnabled()), self)
        heir.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what is shown -------------------------------------------------------------
    def set_trainable(self, trainable: bool) -> None:
        """Train is filled where it would train; else a click leads to what stands in the way."""
        if fill(self.train, trainable):
            self.train.setIcon(theme.icon("play", "on_accent" if trainable else "text"))

    def show_progress(self, shown: bool) -> None:
        """Progress while a run is under way, else the recipe."""
        self._middle.setCurrentIndex(1 if shown else 0)
        self.data.setVisible(not shown or self.width() >= 1500)

    def fit_width(self) -> None:
        """The window has another width."""
        self.show_progress(self._middle.currentIndex() == 1)

    def set_recipe(self, recipe: Recipe) -> None:
        text = recipe_text(recipe)
        self.recipe.setText(text)
        self.recipe.setAccessibleName(f"Recipe: {text}")
        self.recipe.setToolTip(f"Recipe: {describe(recipe)}")

    def set_data(self, spec: DataSpec | None, source: str, problem: str) -> None:
        if spec is not None:
            self.data.set_texts(spec.title or spec.name, f"{short(spec.train)} / {short(spec.validation)}")
            sizes = {"train": spec.train, "validation": spec.validation, "test": spec.test}
            parts = [f"{thousands(size)} {name}" for name, size in sizes.items()]
            whole = f"{spec.title}: {', '.join(parts)} samples"
            self.data.setToolTip(f"{whole}\n{spec.provenance}".strip())
        else:
            self.data.set_texts(source or "No data", "cannot be used" if problem else "")
            self.data.setToolTip(problem or "Choose what to learn from")

    def set_devices(self, devices: list[str], chosen: str, shown: str, state: str) -> None:
        """`chosen` is ticked in the menu; `shown` is where a run under way really computes, or the next one will."""
        self.device.set_texts(shown, state)
        known = [name for name in devices if name != "auto"]
        has = f"This machine has: {', '.join(known)}." if known else "Which there are is known once PyTorch is loaded."
        self.device.setToolTip(f"Device to train on. {has}")
        menu = self.device.menu()
        if [action.text() for action in menu.actions()] != devices:
            menu.clear()
            group = QActionGroup(menu)
            for name in devices:
                action = QAction(name, menu)
                action.setCheckable(True)
                action.triggered.connect(lambda _checked=False, name=name: self.device_chosen.emit(name))
                group.addAction(action)
                menu.addAction(action)
        for action in menu.actions():
            action.setChecked(action.text() == chosen)


def _divider() -> QFrame:
    line = rule(vertical=True)
    line.setFixedHeight(20)
    line.setContentsMargins(6, 0, 6, 0)
    return line


def _push(action: QAction, role: str, bar: ToolBar, text: bool = True) -> QPushButton:
    """A push button for an action: QToolButton can't be the filled kind with text and focus ring alike."""
    button = QPushButton(bar)
    if role:
        button.setProperty("role", role)
    button.clicked.connect(action.trigger)
    button.setIconSize(QSize(19, 15) if text else QSize(15, 15))  # wider than the icon: room before the text

    def refresh() -> None:
        name = action.text()
        button.setText(name if text else "")
        button.setAccessibleName(name)
        button.setToolTip(action.toolTip())
        useful = action.isEnabled()
        if button.hasFocus() and not useful:
            bar.pass_focus_on()
        button.setEnabled(useful)
        if bar.hasFocus() and useful:
            bar.pass_focus_on()

    icon = {"train": "play", "pause": "pause", "stop": "stop"}[action.objectName()]
    button.setIcon(theme.icon(icon, "on_accent" if role == "primary" else "text"))
    if not text:
        button.setFixedSize(28, 28)
        button.setStyleSheet("padding: 0;")
    action.changed.connect(refresh)
    refresh()
    return button
