"""Questions before work is lost, faults of files, help on a layer and About. Nothing else asks by dialog."""

from __future__ import annotations

import pathlib
import platform
from collections.abc import Callable

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

import engine
from engine.catalog import catalog
from engine.catalog.spec import LayerSpec
from gui.document import Document
from gui.panels.editor import help_text
from gui.theme import icons, theme
from gui.widgets.labels import label

SUFFIX = ".strata"
_FILTER = f"Strata projects (*{SUFFIX});;All files (*)"

Choices = tuple[tuple[str, str], ...]  # (key, text of the button); the first is the default


class Dialogs:
    """What the program asks of a person. Tests put their own answers in its place."""

    def __init__(self, parent: QWidget):
        self._parent = parent

    def ask(self, title: str, text: str, choices: Choices, cancel: str = "cancel", details: str = "") -> str:
        """One question with named buttons; gives the key of the button, `cancel` where the dialog was closed."""
        box = QMessageBox(self._parent)
        box.setWindowTitle("Strata")
        box.setAccessibleName(title)
        box.setText(f"<span style='font-size:{theme.points(15):.1f}pt;font-weight:600'>{_escaped(title)}</span>")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setInformativeText(_escaped(text))
        box.setIcon(QMessageBox.Icon.NoIcon)
        if details:
            box.setDetailedText(details)
        buttons = {}
        for key, name in choices:
            kind = QMessageBox.ButtonRole.RejectRole if key == cancel else QMessageBox.ButtonRole.ActionRole
            button = box.addButton(name, kind)
            button.setAccessibleName(name)
            buttons[button] = key
            if key == cancel:
                box.setEscapeButton(button)
        box.setDefaultButton(next(iter(buttons)))  # type: ignore[arg-type]
        box.exec()
        return buttons.get(box.clickedButton(), cancel)  # type: ignore[call-overload]

    def open_path(self, folder: pathlib.Path) -> pathlib.Path | None:
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open project", str(folder), _FILTER)
        return pathlib.Path(name) if name else None

    def save_path(self, suggestion: pathlib.Path) -> pathlib.Path | None:
        """Asks before a file is replaced; the ending is added before it looks whether there is one."""
        dialog = QFileDialog(self._parent, "Save project as", str(suggestion.parent), _FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(suggestion.name)
        chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
        names = dialog.selectedFiles() if chosen else []
        dialog.deleteLater()
        return pathlib.Path(names[0]) if names else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")


class AboutDialog(QDialog):
    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setWindowTitle("About Strata")
        logo = QLabel()
        logo.setPixmap(icons.svg_pixmap("strata", 56, self.devicePixelRatioF()))
        logo.setAccessibleName("Strata's mark")
        lines = (
            ("welcome", "Strata"),
            ("secondary", "Build, train and look inside deep networks: see every layer."),
            ("secondary", f"Version {engine.__version__} · Python {platform.python_version()} · Qt {qVersion()}"),
            ("caption", "MIT licence. Typefaces Inter and JetBrains Mono: SIL Open Font License."),
            ("caption", "Icons: Phosphor, MIT licence. Qt: LGPL."),
        )
        column = QVBoxLayout()
        column.setSpacing(6)
        for role, text in lines:
            line = label(text, role)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(logo, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addWidget(close)


class LayerHelpDialog(QDialog):
    """What a kind of layer does, and each of its parameters; `shortcuts` leads to the list of keys."""

    def __init__(self, spec: LayerSpec, parent: QWidget, show_shortcuts: Callable[[], object]):
        super().__init__(parent)
        self._show = show_shortcuts
        self.setWindowTitle(spec.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 560)
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(f"Help on {spec.title}")
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.document().setDefaultFont(theme.font(13))
        self.text.setHtml(_layer_html(spec))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.shortcuts = close.addButton("Keyboard shortcuts", QDialogButtonBox.ButtonRole.HelpRole)
        close.rejected.connect(self.reject)
        self.shortcuts.clicked.connect(self._show_shortcuts)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(close)

    def _show_shortcuts(self) -> None:
        self._show()
        self.close()


def help_dialog(parent: QWidget, document: Document, show_shortcuts: Callable[[], object]) -> QDialog | None:
    """Help on the kind of the selected layer; None where none of the catalogue is selected."""
    graph, known = document.design.graph, catalog.load().layers
    kinds = (graph.layer_of(node).kind for node in graph.nodes if node in document.selection)
    spec = next((known[kind] for kind in kinds if kind in known), None)
    return LayerHelpDialog(spec, parent, show_shortcuts) if spec is not None else None


def _layer_html(spec: LayerSpec) -> str:
    """Title, summary and help; then the parameters that a person sets, with their names in PyTorch and defaults."""
    faint = theme.tokens().text2
    lines = [f"<h2>{_escaped(spec.title)}</h2>", f"<p style='color:{faint}'>{_escaped(spec.summary)}</p>"]
    lines += [f"<p>{_escaped(spec.help)}</p>"] if spec.help else []
    for parameter in spec.parameters:
        if not parameter.filled:
            lines.append(f"<p><b>{_escaped(parameter.title)}</b><br>{_escaped(help_text(parameter))}</p>")
    return "".join(lines)
