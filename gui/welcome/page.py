"""The welcome page: templates, recent projects and the tour. It stands in the window in place of canvas and panels."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.project import templates
from gui.settings import Settings
from gui.shortcuts import in_force
from gui.shortcuts.bound import Actions
from gui.theme import icons, theme
from gui.theme import tokens as t
from gui.welcome.cards import CardGrid
from gui.welcome.recents import Recents
from gui.welcome.steps import STEPS
from gui.widgets.buttons import IconButton, Switch
from gui.widgets.containers import EmptyState, SearchField
from gui.widgets.labels import label, rule

SIDE, MARGIN, MOST_WIDTH = 312, 36, 1420
SIDES, BETWEEN = 22, 28  # of the banner: left and right of what stands in it, and between
DONE, DECLINED = "done", "declined"  # of the tour
LOCAL = "Every template trains on data that come with Strata. Nothing is downloaded, nothing leaves this computer."


class WideButton(QPushButton):
    """A command over the whole width: icon and name at the left, its key at the right."""

    def __init__(self, action: QAction, icon: str, text: str, primary: bool = False, parent: QWidget | None = None):
        super().__init__(text, parent)
        self._id, self._primary = action.objectName(), primary
        self.setProperty("role", "primary" if primary else "")
        self.setIcon(theme.icon(icon, "on_accent" if primary else "text"))
        self.setIconSize(QSize(26, 16))
        self.setAccessibleName(text)
        self.setToolTip(action.toolTip())
        self.clicked.connect(action.trigger)
        self._key = label("", "mono", self)
        self._key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.addStretch(1)
        row.addWidget(self._key)
        theme.changed.connect(self._dress)
        in_force.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(round(36 * max(1.0, theme.scale)))
        self.setStyleSheet("text-align: left; padding-left: 8px;")
        self._key.setText(in_force.hint(self._id))
        colour = theme.tokens().on_accent if self._primary else theme.tokens().text3
        self._key.setStyleSheet(f"color: {colour}; font-size: {theme.points(t.SMALL):.1f}pt;")


class TourBanner(QFrame):
    """What the tour is, with a button that begins it; `declined()` puts it away for good (it stays in Help)."""

    declined = Signal()

    def __init__(self, tour: QAction, parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Tour")
        text = "Take a network that lacks a layer, mend it, train it, and look at what its filters have learned. "
        self.start = QPushButton("Start the tour", self)
        self.start.setProperty("role", "primary")
        self.start.setIcon(theme.icon("play", "on_accent"))
        self.start.setIconSize(QSize(19, 15))
        self.start.setAccessibleName("Start the tour")
        self.start.clicked.connect(tour.trigger)
        not_now = QPushButton("Not now", self)
        not_now.setProperty("role", "ghost")
        not_now.setAccessibleName("Not now: hide the tour")
        not_now.clicked.connect(self.declined)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(label("Train your first network in 60 seconds", "welcome", self, wrap=True))
        words.addWidget(label(text + "You do every step yourself.", "secondary", self, wrap=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.start)
        buttons.addWidget(not_now)
        buttons.addStretch(1)
        words.addSpacing(4)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDES, 16, SIDES, 16)
        row.setSpacing(BETWEEN)
        row.addLayout(words, 1)
        self._pictures: list[tuple[QLabel, str]] = []
        self._words, self._stages = words, QWidget(self)
        stages = QHBoxLayout(self._stages)
        stages.setContentsMargins(0, 0, 0, 0)
        stages.setSpacing(row.spacing())
        for number, step in enumerate(STEPS):
            stages.addLayout(self._stage(number, step.icon, step.verb))
        row.addWidget(self._stages)
        theme.changed.connect(self._dress)
        self._dress()

    def _stage(self, number: int, icon: str, verb: str) -> QVBoxLayout:
        picture = QLabel(self)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pictures.append((picture, icon))
        caption = label(f"{number + 1}  {verb}", "caption", self)
        caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(picture)
        column.addWidget(caption)
        column.addStretch(1)
        return column

    def minimumSizeHint(self) -> QSize:
        """Without the stages: they give way where the window is narrow and its text large."""
        return QSize(self._least, super().minimumSizeHint().height())

    @property
    def _least(self) -> int:
        return self._words.minimumSize().width() + 2 * SIDES

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stages.setVisible(self.width() >= self._least + BETWEEN + self._stages.sizeHint().width())

    def _dress(self) -> None:
        for picture, icon in self._pictures:
            picture.setPixmap(theme.icon_pixmap(icon, 30, self.devicePixelRatioF(), "accent"))


class WelcomePage(QWidget):
    """`template_chosen(name)`, `project_chosen(path)`, `left()` by Esc or its close button."""

    template_chosen = Signal(str)
    project_chosen = Signal(object)
    left = Signal()

    def __init__(self, settings: Settings, actions: Actions, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Welcome")
        self._settings, self._actions = settings, actions
        self.recents = Recents(settings, self)
        self.grid = CardGrid(templates.names(), self)
        self.search = SearchField("Search templates", parent=self)
        self.banner = TourBanner(actions["tour"], self)
        self.at_start = Switch("Show this page at start", "Show this page at start", parent=self)
        self._nothing = EmptyState("magnifying-glass", "", parent=self)
        self._nothing.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side())
        row.addWidget(rule(vertical=True, parent=self))
        row.addWidget(self._main(), 1)
        self.grid.chosen.connect(self.template_chosen)
        self.recents.opened.connect(self.project_chosen)
        self.search.textChanged.connect(self._on_search)
        self.banner.declined.connect(self._on_declined)
        self.at_start.setAccessibleName("Show this page at start")
        self.at_start.clicked.connect(actions["welcome_at_start"].trigger)
        actions["welcome_at_start"].toggled.connect(self.at_start.setChecked)

    # -- parts -----------------------------------------------------------------------------
    def _side(self) -> QWidget:
        side = QWidget(self)
        side.setProperty("role", "panel")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setAccessibleName("Projects")
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(24, 24, 16, 14)
        column.setSpacing(8)
        column.addLayout(_brand(side))
        column.addSpacing(14)
        self.new = WideButton(self._actions["new"], "plus", "New blank graph", True, side)
        for button in (self.new, WideButton(self._actions["open"], "folder-open", "Open project…", parent=side)):
            button.setContentsMargins(0, 0, 8, 0)
            column.addWidget(button)
        column.addSpacing(16)
        column.addWidget(label("Recent", "name", side))
        scroll = _scrolled(self.recents, side)
        scroll.setAccessibleName("Recent projects")
        column.addWidget(scroll, 1)
        column.addWidget(rule(parent=side))
        foot = QHBoxLayout()
        foot.setSpacing(0)
        for name, icon, text in (("shortcuts", "keyboard", "Shortcuts"), ("about", "info", "About")):
            button = QPushButton(theme.icon(icon), text, side)
            button.setProperty("role", "ghost")
            button.setAccessibleName(text)
            button.clicked.connect(self._actions[name].trigger)
            foot.addWidget(button)
        foot.addStretch(1)
        column.addLayout(foot)
        return side

    def _main(self) -> QWidget:
        content = QWidget(self)
        content.setMaximumWidth(MOST_WIDTH)
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN, 24, MARGIN, 20)
        column.setSpacing(16)
        column.addWidget(self.banner)
        head = QHBoxLayout()
        head.addWidget(label("Start from a template", "title", content))
        head.addStretch(1)
        self.search.setMaximumWidth(240)
        head.addWidget(self.search, 1)
        close = IconButton("x", "Close the welcome page", "Esc", parent=content)
        close.clicked.connect(self.left)
        head.addWidget(close)
        column.addLayout(head)
        column.addWidget(self.grid)
        column.addWidget(self._nothing)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(label(LOCAL, "caption", content, wrap=True), 1)
        foot.addWidget(self.at_start)
        column.addLayout(foot)
        return _scrolled(content, self)

    # -- what happens ------------------------------------------------------------------------
    def refresh(self) -> None:
        """Bring the list of projects and the banner to what is remembered now."""
        self.recents.refresh()
        self.banner.setVisible(self._settings.tour not in (DONE, DECLINED))
        self.banner.start.setText("Go on with the tour" if self._settings.tour else "Start the tour")
        self.at_start.setChecked(self._settings.welcome_at_start)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.grid, self.grid.start_drawing)  # the page itself is painted first
        self.grid.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.search.text():
            self.search.clear()
        else:
            self.left.emit()

    def _on_search(self, text: str) -> None:
        found = self.grid.filter(text)
        self._nothing.set_sentence(f"No template has ‘{text.strip()}’ in its name or description.")
        self._nothing.setVisible(not found)

    def _on_declined(self) -> None:
        self._settings.tour = DECLINED
        self.banner.hide()
        self.grid.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)


def _brand(parent: QWidget) -> QHBoxLayout:
    mark = QLabel(parent)
    mark.setPixmap(icons.svg_pixmap("strata", 44, parent.devicePixelRatioF()))
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label("Strata", "welcome", parent))
    words.addWidget(label("See every layer", "secondary", parent))
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(mark)
    row.addLayout(words)
    row.addStretch(1)
    return row


def _scrolled(content: QWidget, parent: QWidget) -> QScrollArea:
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
