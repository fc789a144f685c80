"""Things that hold other things: a section that folds, an empty state, a search field, tabs with counts."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.labels import label
from gui.widgets.tab_bar import TabBar


class Section(QWidget):
    """A titled part of a panel that folds. Put widgets into `body`."""

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None, *, open_: bool = True):
        super().__init__(parent)
        self._header = QToolButton(self)
        self._header.setText(title)
        self._header.setAccessibleName(title)
        self._header.setCheckable(True)
        self._header.setAutoRaise(True)
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setIconSize(QSize(12, 12))
        self._header.setMinimumHeight(t.TARGET)
        self._header.setStyleSheet("QToolButton, QToolButton:checked { background: transparent; border: 0; }")
        self._set_font()
        self.content = QWidget(self)
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 0, 0, 4)
        self.body.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(2)
        layout.addWidget(self._header)
        layout.addWidget(self.content)
        self._header.toggled.connect(self._on_toggled)
        theme.changed.connect(self._set_font)
        self._header.setChecked(open_)
        self._on_toggled(open_)

    def _set_font(self) -> None:
        self._header.setFont(theme.font(t.SMALL, 600))

    def _on_toggled(self, is_open: bool) -> None:
        self._header.setIcon(theme.icon("caret-down" if is_open else "caret-right", "text3"))
        self._header.setAccessibleDescription("expanded" if is_open else "collapsed")
        self.content.setVisible(is_open)
        self.toggled.emit(is_open)

    @property
    def header(self) -> QToolButton:
        """The button that folds and unfolds it."""
        return self._header

    def set_open(self, is_open: bool) -> None:
        self._header.setChecked(is_open)

    def is_open(self) -> bool:
        return self._header.isChecked()


class EmptyState(QWidget):
    """Icon, one sentence, at most one action."""

    def __init__(self, icon: str, sentence: str, action: str | QAction = "", parent: QWidget | None = None):
        super().__init__(parent)
        self._icon_name = icon
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = label(sentence, "secondary", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(self)
        if isinstance(action, QAction):
            self.button.setText(action.text().replace("&", ""))
            self.button.clicked.connect(action.trigger)
        else:
            self.button.setText(action)
        self.button.setVisible(bool(self.button.text()))
        self.clicked = self.button.clicked
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(self._icon)
        layout.addWidget(self.sentence)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def set_sentence(self, text: str) -> None:
        self.sentence.setText(text)

    def _draw_icon(self) -> None:
        self._icon.setPixmap(theme.icon_pixmap(self._icon_name, 32, self.devicePixelRatioF(), "text3"))


class SearchField(QLineEdit):
    """A search box with a lens; `hint` is the key that focuses it, shown while it is empty."""

    def __init__(self, placeholder: str, hint: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        lens = self.addAction(theme.icon("magnifying-glass", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        lens.setText("Search")
        lens.triggered.connect(lambda _checked=False: self.setFocus())
        self.setClearButtonEnabled(True)
        for button, name in zip(self.findChildren(QToolButton), ("Search", "Clear search"), strict=False):
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._hint = label(hint, "key", self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._show_hint()
        self.textChanged.connect(self._show_hint)

    def set_hint(self, hint: str) -> None:
        """Another key that focuses it."""
        self._hint.setText(hint)
        self._show_hint()
        self._place_hint()

    def _show_hint(self, _text: str = "") -> None:
        self._hint.setVisible(bool(self._hint.text()) and not self.text())

    def set_placeholder(self, text: str) -> None:
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._place_hint()

    def _place_hint(self) -> None:
        size = self._hint.sizeHint()
        self._hint.setGeometry(self.width() - size.width() - 8, (self.height() - size.height()) // 2, *size.toTuple())  # type: ignore[arg-type]


class Tabs(QTabWidget):
    """Pages under tabs with icons and counts. `add_corner` puts a control at the right end of the row."""

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName(name)
        self._bar = TabBar(name, self)
        self.setTabBar(self._bar)
        self.setDocumentMode(True)
        self._corner = QWidget(self)
        self._corner_row = QHBoxLayout(self._corner)
        self._corner_row.setContentsMargins(0, 0, 10, 0)
        self._corner_row.setSpacing(8)
        self._corner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCornerWidget(self._corner, Qt.Corner.TopRightCorner)

    def add(self, widget: QWidget, title: str, icon: str = "") -> int:
        self._bar.expect_icon(icon)
        return self.addTab(widget, title)

    def add_corner(self, widget: QWidget) -> None:
        self._corner_row.addWidget(widget)

    def set_count(self, index: int, count: int, urgent: bool = True) -> None:
        """Show a count beside a tab's title; zero shows none."""
        self._bar.set_count(index, count, urgent)
