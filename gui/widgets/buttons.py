"""Buttons: icon-only ones that always have a name, chips, the switch, and a row of segments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QHelpEvent, QIcon, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QToolTip,
    QWidget,
)

from gui.theme import theme
from gui.theme import tokens as t

ICON_GAP = 4  # between a push button's icon and its text, as Qt's style has it
SHORTEST = 8  # characters that are left of a text that gives way


def tooltip(name: str, shortcut: str | QKeySequence = "") -> str:
    """‘Name (shortcut)’."""
    keys = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{name} ({keys})" if keys else name


def fill(button: QPushButton, filled: bool) -> bool:
    """Fill a button with the accent, or no longer; whether that is new."""
    role = "primary" if filled else ""
    if button.property("role") == role:
        return False
    button.setProperty("role", role)
    button.style().unpolish(button)
    button.style().polish(button)
    return True


class IconButton(QToolButton):
    """A button of one icon. `name` is its tooltip and what a screen reader says."""

    def __init__(self, icon: str, name: str, shortcut: str = "", *, size: int = 28, parent: QWidget | None = None):
        super().__init__(parent)
        self.setIcon(theme.icon(icon, on_token="text"))
        self.setIconSize(QSize(16, 16) if size >= 28 else QSize(14, 14))
        self.setFixedSize(size, size)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(tooltip(name, shortcut))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return does what space does, as on buttons with a text; one that has a menu opens it."""
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            if self.popupMode() == QToolButton.ToolButtonPopupMode.InstantPopup and self.menu() is not None:
                self.showMenu()
            else:
                self.click()
            return
        super().keyPressEvent(event)

    @classmethod
    def for_action(cls, action: QAction, *, size: int = 28, parent: QWidget | None = None) -> IconButton:
        """A button that does what `action` does and is enabled when it is."""
        button = cls("circle", action.text(), parent=parent, size=size)
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        name = action.text().replace("&", "").rstrip("…")
        button.setAccessibleName(name)
        if action.toolTip() == name:  # it says no more about itself
            action.setToolTip(tooltip(name, action.shortcut()))
        return button


class ElidedButton(QPushButton):
    """A button whose text ends in … where there is no room; the whole text stands first in the tooltip then."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, shortest: int = SHORTEST):
        """`shortest` is how many characters stay at least."""
        super().__init__(text, parent)
        self._shortest = shortest
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _room(self) -> int:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        icon = 0 if option.icon.isNull() else self.iconSize().width() + ICON_GAP  # type: ignore[attr-defined]
        contents = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        return contents.width() - icon

    def shown_text(self) -> str:
        """What is painted of the text."""
        whole = self.text()
        if self.fontMetrics().horizontalAdvance(whole) <= self._room():
            return whole
        return self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, self._room())

    def minimumSizeHint(self) -> QSize:
        hint, text = self.sizeHint(), self.fontMetrics().horizontalAdvance(self.text())
        return QSize(
            hint.width() - text + min(text, self._shortest * self.fontMetrics().averageCharWidth()), hint.height()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown_text()  # type: ignore[attr-defined]
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.shown_text() != self.text():
            QToolTip.showText(event.globalPos(), "\n".join(filter(None, (self.text(), self.toolTip()))), self)
            return True
        return super().event(event)


class Chip(QPushButton):
    """A small button with an icon, a strong word, a faint word and, with a menu, a caret: ‘cuda:0 idle ⌄’. Where it
    `yields` and there is no room the faint word goes, then the strong one ends in …: the tooltip has to hold both."""

    def __init__(self, icon: str = "", name: str = "", parent: QWidget | None = None, *, yields: bool = False):
        super().__init__(parent)
        self._icon_name, self._strong, self._faint = icon, "", ""
        self._name, self._yields = name, yields
        self.setProperty("role", "chip")
        self.setAccessibleName(name)
        width = QSizePolicy.Policy.Maximum if yields else QSizePolicy.Policy.Fixed
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_texts(self, strong: str, faint: str = "") -> None:
        if (strong, faint) == (self._strong, self._faint):
            return
        self._strong, self._faint = strong, faint
        self.setAccessibleName(f"{self._name}: {strong} {faint}".strip(": "))
        self.updateGeometry()
        self.update()

    def texts(self) -> tuple[str, str]:
        return self._strong, self._faint

    def _widths(self) -> tuple[int, int]:
        strong = QFontMetrics(theme.font(t.SMALL, 500)).horizontalAdvance(self._strong)
        faint = QFontMetrics(theme.font(t.SMALL)).horizontalAdvance(self._faint)
        return strong, faint

    def _around(self) -> int:
        """The width of all but the words."""
        return 18 + (20 if self._icon_name else 0) + (17 if self.menu() else 0)

    def sizeHint(self) -> QSize:
        strong, faint = self._widths()
        width = self._around() + strong + (faint + 6 if faint else 0)
        return QSize(width, round(24 * max(1.0, theme.scale)))

    def minimumSizeHint(self) -> QSize:
        hint, least = self.sizeHint(), SHORTEST * QFontMetrics(theme.font(t.SMALL, 500)).averageCharWidth()
        return QSize(min(hint.width(), self._around() + least), hint.height()) if self._yields else hint

    def shown_texts(self) -> tuple[str, str]:
        """What is painted of the two words."""
        strong, faint = self._widths()
        room = self.width() - self._around()
        if self._faint and strong + 6 + faint <= room:
            return self._strong, self._faint
        metrics = QFontMetrics(theme.font(t.SMALL, 500))
        return metrics.elidedText(self._strong, Qt.TextElideMode.ElideRight, max(0, room)), ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        x, height = 8, self.height()
        enabled = self.isEnabled()
        if self._icon_name:
            mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
            theme.icon(self._icon_name).paint(painter, x, (height - 14) // 2, 14, 14, mode=mode)
            x += 20
        words = zip(self.shown_texts(), (theme.font(t.SMALL, 500), theme.font(t.SMALL)), ("text", "text3"), strict=True)
        for number, (word, font, token) in enumerate(words):
            if not word:
                continue
            x += 6 if number else 0
            width = QFontMetrics(font).horizontalAdvance(word)
            painter.setFont(font)
            painter.setPen(theme.colour(token if enabled else "disabled"))
            painter.drawText(x, 0, width + 2, height, Qt.AlignmentFlag.AlignVCenter, word)
            x += width
        if self.menu():
            theme.icon("caret-down", "text3").paint(painter, x + 6, (height - 11) // 2, 11, 11)


class Switch(QCheckBox):
    """A yes or no, drawn as a switch; says ‘on’ or ‘off’ beside it, or `mixed` where it stands for several that differ
    (partially checked)."""

    def __init__(self, on: str = "on", off: str = "off", mixed: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self._on, self._off, self._mixed = on, off, mixed
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font())
        text = max(metrics.horizontalAdvance(each) for each in (self._on, self._off, self._mixed))
        return QSize(30 + 8 + text + 4, max(24, round(24 * theme.scale)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return self.rect().contains(pos)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - 16) / 2
        track = QRectF(1, top, 28, 16)
        mixed = self.checkState() == Qt.CheckState.PartiallyChecked
        checked, enabled = self.isChecked() and not mixed, self.isEnabled()
        painter.setPen(theme.colour("accent_fill" if checked and enabled else "control"))
        painter.setBrush(theme.colour(("accent_fill" if enabled else "disabled") if checked else "input"))
        painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), 7.5, 7.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent" if checked else "control"))
        painter.drawEllipse(QRectF(15 if checked else 9.5 if mixed else 4, top + 3, 10, 10))
        painter.setFont(theme.font())
        painter.setPen(theme.colour("text" if enabled else "disabled"))
        text = self._on if checked else self._mixed if mixed else self._off
        painter.drawText(QRectF(37, 0, self.width() - 37, self.height()), Qt.AlignmentFlag.AlignVCenter, text)


class Segments(QFrame):
    """One of a few, side by side. `changed(key)` when a person chooses."""

    changed = Signal(str)

    def __init__(self, items: Sequence[tuple[str, str]], name: str = "", parent: QWidget | None = None):
        super().__init__(parent)
        self.setProperty("role", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for key, title in items:
            button = QToolButton(self)
            button.setText(title)
            button.setCheckable(True)
            button.setAccessibleName(title)
            button.setMinimumHeight(24)
            button.clicked.connect(lambda _checked, key=key: self.changed.emit(key))
            self._group.addButton(button)
            self._buttons[key] = button
            layout.addWidget(button)
        next(iter(self._buttons.values())).setChecked(True)

    def current(self) -> str:
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def set_current(self, key: str) -> None:
        """Show `key` as chosen, without a signal."""
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> QToolButton:
        return self._buttons[key]
