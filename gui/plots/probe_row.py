"""Which probe sample is shown: its image, its class, what the network says; stepping, pinning, the pinned ones."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.observe.picture import Look
from engine.observe.probe import COUNT
from gui.document import Document
from gui.shortcuts import in_force
from gui.widgets.buttons import IconButton, tooltip
from gui.widgets.labels import ElidedLabel, label
from gui.widgets.numbers import thousands

THUMB = 32


class ProbeRow(QWidget):
    """Changes `document.probe`; everything that shows samples follows it."""

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Probe sample")
        self._document = document
        self._count = COUNT
        self._pixmaps: dict[int, QPixmap] = {}  # of the samples seen so far
        self._pins: dict[int, QToolButton] = {}
        self.thumb = QLabel()
        self.thumb.setFixedSize(THUMB, THUMB)
        self.thumb.setScaledContents(True)
        self.title = ElidedLabel("Probe sample 0")
        self.caption = ElidedLabel("", "caption")
        self.previous = IconButton("caret-left", "Previous probe image", size=24)
        self.next = IconButton("caret-right", "Next probe image", size=24)
        self.pin = IconButton("push-pin", "Pin probe image", size=24)
        self.pin.setCheckable(True)
        self._build_layout()
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.pin.clicked.connect(self.toggle_pin)
        document.probe_changed.connect(self._on_probe_changed)
        in_force.changed.connect(self._tell_keys)
        self._on_probe_changed(document.probe)

    def _tell_keys(self) -> None:
        """Names and the keys in force."""
        self.next.setToolTip(tooltip(self.next.accessibleName(), in_force.hint("next_probe")))
        self.pin.setToolTip(tooltip(self.pin.accessibleName(), in_force.hint("pin_probe")))

    def _build_layout(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        row = QHBoxLayout(card)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(8)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.caption)
        row.addWidget(self.thumb)
        row.addLayout(texts, 1)
        for button in (self.previous, self.next, self.pin):
            row.addWidget(button)
        self._pinned = QWidget()
        self._pinned_row = QHBoxLayout(self._pinned)
        self._pinned_row.setContentsMargins(0, 0, 0, 0)
        self._pinned_row.setSpacing(4)
        self._pinned_row.addWidget(label("Pinned", "caption"))
        self._pinned_row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(card)
        layout.addWidget(self._pinned)

    # -- what a person does -----------------------------------------------------------------
    def step(self, by: int) -> None:
        self._document.show_probe((self._document.probe + by) % max(1, self._count))

    def toggle_pin(self) -> None:
        probe = self._document.probe
        self._document.pin_probe(probe, probe not in self._document.pinned_probes)

    # -- what is shown ----------------------------------------------------------------------
    def show_look(self, look: Look | None, thumb: QPixmap | None) -> None:
        """The newest answer; one for another sample is ignored until the right one comes."""
        if look is None or not look.request.probes or look.request.probes[0] != self._document.probe:
            return
        self._count = look.probe_count or self._count
        probe = self._document.probe
        if thumb is not None:
            self._pixmaps[probe] = thumb
            if probe in self._pins:
                self._dress_pin(self._pins[probe], probe)
        self.thumb.setVisible(thumb is not None)
        if thumb is not None:
            self.thumb.setPixmap(thumb)
        noun = "image" if thumb is not None else "sample"
        number = look.samples[0] if look.samples else probe
        self.title.setText(f"Probe {noun} {thousands(number)}")
        caption = self._caption(look)
        self.caption.setText(caption)
        self.setAccessibleDescription(f"Probe {noun} {number}, {caption}")

    def _caption(self, look: Look) -> str:
        spec = self._document.data_spec
        target = spec.field("", target=True) if spec is not None else None
        classes = target.classes if target is not None else ()

        def name(index: int) -> str:
            return classes[index] if 0 <= index < len(classes) else str(index)

        parts = []
        if look.targets:
            parts.append(f"label {name(look.targets[0])}")
        if look.predictions:
            chosen, probability = look.predictions[0]
            parts.append(f"predicts {name(chosen)}, {100 * probability:.0f} %")
        return " · ".join(parts)

    def _on_probe_changed(self, probe: int) -> None:
        self.pin.setChecked(probe in self._document.pinned_probes)
        name = "Let go of probe image" if self.pin.isChecked() else "Pin probe image"
        self.pin.setAccessibleName(name)
        self._tell_keys()
        for gone in [p for p in self._pins if p not in self._document.pinned_probes]:
            button = self._pins.pop(gone)
            self._pinned_row.removeWidget(button)
            button.deleteLater()
        for pinned in self._document.pinned_probes:
            if pinned not in self._pins:
                self._pins[pinned] = self._pin_button(pinned)
        for pinned, button in self._pins.items():
            button.setChecked(pinned == probe)
        self._pinned.setVisible(bool(self._pins))

    def _pin_button(self, probe: int) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setFixedSize(28, 28)
        button.setIconSize(QSize(22, 22))
        button.setAccessibleName(f"Pinned probe {probe}")
        button.setToolTip(f"Pinned probe {probe}: click to show it; while it is shown, the pin lets it go")
        self._dress_pin(button, probe)
        button.clicked.connect(lambda: self._on_pin_clicked(probe))
        self._pinned_row.insertWidget(self._pinned_row.count() - 1, button)
        return button

    def _dress_pin(self, button: QToolButton, probe: int) -> None:
        """Its image once that has been seen, its number until then."""
        pixmap = self._pixmaps.get(probe)
        button.setText(str(probe))
        button.setIcon(QIcon(pixmap) if pixmap is not None else QIcon())
        style = Qt.ToolButtonStyle.ToolButtonTextOnly if pixmap is None else Qt.ToolButtonStyle.ToolButtonIconOnly
        button.setToolButtonStyle(style)

    def _on_pin_clicked(self, probe: int) -> None:
        self._document.show_probe(probe)
        self._on_probe_changed(self._document.probe)
