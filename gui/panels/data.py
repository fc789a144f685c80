"""Which data the design learns from, where they come from, how they are split, and a few samples. Undoable."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.catalog.spec import ParameterSpec
from engine.data import source
from engine.graph.design import DataChoice, Design
from engine.graph.model import Value
from engine.numbers import sizes
from gui.document import Document
from gui.panels.forms import ParameterForm
from gui.panels.gallery import Gallery
from gui.panels.recipe import ChoiceRow
from gui.panels.rows import FactRow
from gui.theme import theme
from gui.widgets.buttons import IconButton
from gui.widgets.labels import label
from gui.widgets.numbers import thousands
from gui.widgets.samples import PreviewStrip

NONE = "none"
COUNTS = ("Samples", "Train", "Kept aside")
VALIDATION = ParameterSpec(
    "validation", "float", "Validation", 0.1, minimum=0.0, maximum=0.9,
    help="The fraction of the training part that is kept aside to watch how well the network does on unseen samples.",
)  # fmt: skip
TEST = ParameterSpec(
    "test", "float", "Test", 0.2, minimum=0.0, maximum=0.9,
    help="The fraction that is kept for the final measurement. Nothing is ever chosen on it.",
)  # fmt: skip
SEED = ParameterSpec("seed", "int", "Split seed", 0, minimum=0, maximum=2**63 - 1, help="Draws the split.")


class FolderDialog(QFileDialog):
    """Asks for a folder and shows the files in it, so that a person sees that it is the right one. One of the files may
    be chosen too: it stands for its folder."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, "Choose a folder of data")
        self.setFileMode(QFileDialog.FileMode.Directory)
        self.setOption(QFileDialog.Option.ShowDirsOnly, False)
        self.chosen = ""
        line = self.findChild(QLineEdit, "fileNameEdit")  # none where the system has a dialog of its own
        if line is not None:
            line.textChanged.connect(self._on_named)

    def _on_named(self, _name: str) -> None:
        buttons = self.findChild(QDialogButtonBox)
        if buttons is not None and (named := self._named()) is not None and named.is_file():
            buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(True)

    def _named(self) -> pathlib.Path | None:
        """What stands in the dialog's line; a path that was typed comes after the folders on its way."""
        named = self.selectedFiles()
        return pathlib.Path(named[-1]) if named else None

    def accept(self) -> None:
        named = self._named()
        if named is not None and named.is_file():
            self.chosen = str(named.parent)
            self.done(QFileDialog.DialogCode.Accepted)
        else:
            super().accept()
            self.chosen = str(self._named() or "")


def ask_for_folder(parent: QWidget) -> str:
    """The folder that a person chooses; empty where they choose none."""
    dialog = FolderDialog(parent)
    return dialog.chosen if dialog.exec() else ""


class DataPanel(QWidget):
    """`ask_folder` asks the person for a folder (a test gives its own)."""

    def __init__(
        self,
        document: Document,
        parent: QWidget | None = None,
        ask_folder: Callable[[QWidget], str] = ask_for_folder,
    ):
        super().__init__(parent)
        self.setAccessibleName("Data")
        self._document, self._ask_folder = document, ask_folder
        self._source = ChoiceRow("Data set", self)
        self._browse = IconButton("squares-four", "Browse data sets", size=26, parent=self)
        self._browse.setAccessibleDescription("With a picture of each, and what it teaches")
        self._source.add(self._browse)
        self._gallery: Gallery | None = None
        self._folder = QPushButton(theme.icon("folder-open"), "Choose folder…", self)
        self._folder.setAccessibleName("Choose folder…")
        self._folder.setToolTip("A folder of idx or idx.gz files, such as MNIST’s")
        self._provenance = label("", "caption", self, wrap=True)
        self._problem = label("", "error", self, wrap=True)
        self._warning = label("", "warning", self, wrap=True)
        self._facts = {name: FactRow(name, self) for name in ("Samples", "Input", "Target", "Train", "Kept aside")}
        self._form = ParameterForm(self)
        self._strip = PreviewStrip(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self._source, self._folder, self._problem, self._warning, self._provenance, self._strip):
            layout.addWidget(part)
        layout.addWidget(self._form)
        for fact in self._facts.values():
            layout.addWidget(fact)

        self._source.combo.activated.connect(self._on_source)
        self._browse.clicked.connect(self._on_browse)
        self._folder.clicked.connect(self._on_folder)
        self._form.unread.connect(lambda sentence: document.message_shown.emit(sentence, "warning"))
        self._form.edited.connect(self._on_edited)
        self._form.reset_asked.connect(lambda name: self._on_edited(name, getattr(DataChoice(), name)))
        document.design_changed.connect(self._on_design_changed)
        document.data_changed.connect(self._show_data)
        self._show_choice()
        self._show_data()

    # -- showing ----------------------------------------------------------------------
    def _on_design_changed(self, before: object, after: object) -> None:
        assert isinstance(before, Design) and isinstance(after, Design)
        if before.data is not after.data:
            self._show_choice()

    def _show_choice(self) -> None:
        choice = self._document.design.data
        combo = self._source.combo
        with QSignalBlocker(combo):
            combo.clear()
            if not choice.source:
                combo.addItem("None chosen", NONE)
            for info in source.available():
                combo.addItem(info.title, info.name)
                combo.setItemData(combo.count() - 1, info.summary, Qt.ItemDataRole.ToolTipRole)
            if choice.source and combo.findData(choice.source) < 0:
                combo.addItem(pathlib.PurePath(choice.source).name or choice.source, choice.source)
                combo.setItemData(combo.count() - 1, choice.source, Qt.ItemDataRole.ToolTipRole)
            combo.setCurrentIndex(max(0, combo.findData(choice.source)))
        title = combo.currentText()  # the field may be narrower than the title
        combo.setToolTip(title if choice.source in ("", title) else f"{title}\n{choice.source}")
        self._show_form()

    def _show_form(self) -> None:
        choice, spec = self._document.design.data, self._document.data_spec
        own_test = spec is not None and spec.official_test
        values: dict[str, Value] = {"validation": choice.validation, "test": choice.test, "seed": choice.seed}
        self._form.show_parameters((VALIDATION, SEED) if own_test else (VALIDATION, TEST, SEED), values)

    def _show_data(self) -> None:
        document, spec = self._document, self._document.data_spec
        self._problem.setText(document.data_problem)
        self._problem.setVisible(bool(document.data_problem))
        self._warning.setText(" ".join(spec.warnings) if spec else "")
        self._warning.setVisible(bool(spec and spec.warnings))
        self._provenance.setText(spec.provenance if spec else "")
        self._provenance.setVisible(bool(spec))
        self._strip.show_samples(document.data_samples)
        counted = spec is not None and spec.samples > 0
        for name, fact in self._facts.items():
            fact.setVisible(counted if name in COUNTS else spec is not None)
        if spec is not None:
            texts = {
                "Samples": thousands(spec.samples),
                "Input": ", ".join(_field_text(f.kind, f.shape, 0) for f in spec.inputs),
                "Target": ", ".join(_field_text(f.kind, f.shape, len(f.classes)) for f in spec.targets),
                "Train": f"{thousands(spec.train)} samples",
                "Kept aside": f"{thousands(spec.validation)} validation, {thousands(spec.test)} test",
            }
            for name, text in texts.items():
                self._facts[name].set_text(text)
            self._facts["Input"].setToolTip(", ".join(f.scale for f in spec.inputs if f.scale))
        self._show_form()

    # -- editing ----------------------------------------------------------------------
    def _choose(self, name: str) -> None:
        """Other data: what was known of the ones before does not hold for them."""
        self._document.edit(
            lambda design: replace(design, data=replace(design.data, source=name, fingerprint="")), "Choose data"
        )

    def _on_source(self, index: int) -> None:
        name = self._source.combo.itemData(index)
        if name != NONE:
            self._choose(name)

    def _on_browse(self) -> None:
        if self._gallery is None:
            self._gallery = Gallery(self.window())
            self._gallery.chosen.connect(self._on_chosen)
        self._gallery.open(self, self._document.design.data.source)

    def _on_chosen(self, name: str) -> None:
        if name != self._document.design.data.source:
            self._choose(name)

    def _on_folder(self) -> None:
        folder = self._ask_folder(self)
        if folder:
            self._choose(folder)
        self._show_choice()

    def _on_edited(self, name: str, value: Value) -> None:
        title = next(spec.title for spec in (VALIDATION, TEST, SEED) if spec.name == name)
        self._document.edit(
            lambda design: replace(design, data=replace(design.data, **{name: value})),  # type: ignore[arg-type]
            f"Set {title.lower()}",
            f"data.{name}",
        )


def _field_text(kind: str, shape: tuple[int, ...], classes: int) -> str:
    """‘image 1 × 28 × 28’, ‘10 classes’."""
    if classes:
        return f"{thousands(classes)} classes"
    return " ".join((kind, sizes(shape, " × "))).strip()
