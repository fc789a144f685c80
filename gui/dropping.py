"""Files dragged onto the window: a project opens, data become the data choice, all else gets a sentence.

What is dragged is seen before any widget sees it: a search field would take the file's name for text.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QMimeData, QMimeDatabase, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from engine.data.sources import folder
from engine.errors import StrataError
from gui.background import in_background
from gui.dialogs import SUFFIX
from gui.document import Document
from gui.files import Files
from gui.theme import theme
from gui.theme import tokens as t

WANTED = f"Strata opens projects ({SUFFIX}) and learns from folders of idx files."


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is to be done with files: open a project, or else learn from a folder; and what is said of the rest."""

    project: pathlib.Path | None = None
    data: pathlib.Path | None = None
    sentence: str = ""

    @property
    def promise(self) -> str:
        """What letting go would do, for whoever still holds the files."""
        if self.project is not None:
            return f"Open {self.project.name}"
        if self.data is not None:
            return f"Learn from the data in {self.data.name or self.data}"
        return self.sentence


def sort_out(paths: Sequence[pathlib.Path]) -> Dropped:
    """The first project, or else the first data; a sentence about all that is left out. Files are not opened."""
    if not paths:
        return Dropped(sentence=f"Only files of this computer can be dropped here. {WANTED}")
    for path in paths:
        if path.suffix.lower() == SUFFIX and not os.path.isdir(path):
            return Dropped(project=path, sentence=_left_out([other for other in paths if other != path]))
    for path in paths:
        place = _data_folder(path)
        if place is not None:
            return Dropped(data=place, sentence=_left_out([p for p in paths if _data_folder(p) != place]))
    if len(paths) > 1:
        return Dropped(sentence=f"None of these {len(paths)} files can be used. {WANTED}")
    return Dropped(sentence=_why_not(paths[0]))


def _data_folder(path: pathlib.Path) -> pathlib.Path | None:
    """The folder itself, or the one of an idx file; None for anything else."""
    if os.path.isdir(path):
        return path
    return path.parent if folder.is_data_name(path.name) and os.path.isfile(path) else None


def _left_out(rest: Sequence[pathlib.Path]) -> str:
    if not rest:
        return ""
    which = rest[0].name if len(rest) == 1 else f"{rest[0].name} and {len(rest) - 1} more"
    verb = "was" if len(rest) == 1 else "were"
    return f"{which} {verb} left out: a window takes one project or one data set at a time."


def _why_not(path: pathlib.Path) -> str:
    if not os.path.lexists(path):
        return f"{path.name} is not there any more."
    mode = QMimeDatabase.MatchMode.MatchExtension
    image = QMimeDatabase().mimeTypeForFile(path.name, mode).name().startswith("image/")
    return f"{path.name} is {'an image' if image else 'no project and no data'}. {WANTED}"


class FileDrops(QObject):
    """Watches a window for files; `on_work` is called when the design is to be seen (the data have changed)."""

    def __init__(self, window: QWidget, document: Document, files: Files, on_work: Callable[[], None]):
        super().__init__(window)
        self._document, self._files, self._on_work = document, files, on_work
        self.hint = DropHint(window)

    def watch(self) -> None:
        """Begin; only a window that was shown has a handle."""
        handle = self.hint.window().windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            self.hint.hide()
        elif isinstance(event, QDropEvent) and event.mimeData().hasUrls():  # entering and moving are of this class too
            return self._on_files(event, event.mimeData())
        return False

    def _on_files(self, event: QDropEvent, data: QMimeData) -> bool:
        if QApplication.activeModalWidget() is not None:  # a question is open: first that
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.DragMove:
            return True
        dropped = sort_out([pathlib.Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])
        if event.type() == QEvent.Type.DragEnter:
            self.hint.tell(dropped.promise)
        else:
            self.hint.hide()
            # later: questions may come, and until this returns the program that the files come from waits
            QTimer.singleShot(0, self, lambda: self.take(dropped))
        return True

    def take(self, dropped: Dropped) -> None:
        """Do what was promised."""
        if dropped.project is not None:
            self._files.open(dropped.project)
        elif dropped.data is not None and not self._learn_from(dropped.data):
            return
        if dropped.sentence:
            self._document.message_shown.emit(dropped.sentence, "warning")

    def _learn_from(self, place: pathlib.Path) -> bool:
        try:
            in_background(lambda: folder.find(place), name="strata-drop")
        except StrataError as error:
            self._document.message_shown.emit(str(error), "warning")
            return False
        self._document.edit(
            lambda design: replace(design, data=replace(design.data, source=str(place), fingerprint="")), "Choose data"
        )
        self._on_work()
        self._document.message_shown.emit(f"The design now learns from the data in {place.name}.", "info")
        return True


class DropHint(QWidget):
    """Lies over the whole window while files are held over it, and says what letting go would do."""

    def __init__(self, window: QWidget):
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Files are held over the window")
        self.hide()

    def tell(self, text: str) -> None:
        self.setAccessibleDescription(text)
        self.setGeometry(self.window().rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme.colour("window")
        veil.setAlpha(t.VEIL_ALPHA)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(theme.colour("accent"), t.RING_WIDTH))
        inset = float(t.RING_WIDTH + t.RING_GAP)
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), t.CARD_RADIUS, t.CARD_RADIUS
        )
        painter.setFont(theme.font(t.DIALOG_TITLE, 600))
        metrics, air = painter.fontMetrics(), 2 * t.DOCK_PADDING
        room = self.width() - 4 * air
        text = metrics.elidedText(self.accessibleDescription(), Qt.TextElideMode.ElideMiddle, room)
        card = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * air, metrics.height() + 2 * air)
        card.moveCenter(QRectF(self.rect()).center())
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(card, t.CARD_RADIUS, t.CARD_RADIUS)
        painter.setPen(theme.colour("text"))
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, text)
