"""The selected layer: its parameters as a form made from its signature, what they lead to, and its features. Where
nothing is selected: the recipe and the data."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.check import words
from engine.graph.model import NodeId
from gui.document import Document
from gui.panels import describing
from gui.panels.data import DataPanel
from gui.panels.layer_form import LayerForm
from gui.panels.recipe import RecipePanel
from gui.theme import theme
from gui.theme import tokens as t
from gui.widgets.buttons import IconButton
from gui.widgets.containers import Section, Tabs
from gui.widgets.focus import stops
from gui.widgets.labels import ElidedLabel, label, rule
from gui.widgets.numbers import plural, thousands


class Header(QWidget):
    """Glyph, name, and one line of what it is."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._family = ""
        self._glyph = QLabel(self)
        self._glyph.setFixedSize(32, 32)
        self._glyph.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name, self.caption = ElidedLabel("", "name", self), ElidedLabel("", "caption", self)
        self.back = IconButton("arrow-left", "Back to the layer", parent=self)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(self.name)
        column.addWidget(self.caption)
        row = QHBoxLayout(self)
        row.setContentsMargins(t.DOCK_PADDING, 10, t.DOCK_PADDING, 8)
        row.setSpacing(10)
        row.addWidget(self._glyph)
        row.addLayout(column, 1)
        row.addWidget(self.back)
        theme.changed.connect(self._draw)

    def show_texts(self, family: str, name: str, caption: str) -> None:
        self.name.setText(name)
        self.caption.setText(caption)
        self._family = family
        self._draw()

    def _draw(self) -> None:
        self._glyph.setStyleSheet(
            f"background: {theme.tokens().raised}; border: 1px solid {theme.tokens().line}; border-radius: 6px;"
        )
        if self._family.startswith("ph."):
            pixmap = theme.icon_pixmap(self._family[3:], 18, self.devicePixelRatioF(), "text2")
        else:
            pixmap = theme.glyph(self._family or "Blocks", 18, self.devicePixelRatioF())
        self._glyph.setPixmap(pixmap)


class Inspector(QWidget):
    """`features` is the Features panel, which follows the document by itself."""

    def __init__(self, document: Document, features: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Inspector")
        self._document = document
        self._asked = False  # the recipe or the data are shown although a layer is selected
        self.header = Header(self)
        self.tabs = Tabs("Inspector", self)
        self.form = LayerForm(document, self)
        self.recipe, self.data = RecipePanel(document), DataPanel(document)
        self._recipe_section, self._data_section = Section("Recipe"), Section("Data")
        self._recipe_section.body.addWidget(self.recipe)
        self._data_section.body.addWidget(self.data)
        self._several = label("", "secondary", wrap=True)
        self._pages = QStackedWidget(self)
        self._scroll = _scrolling(self.form)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(_scrolling(_column(self._data_section, rule(), self._recipe_section)))
        self._pages.addWidget(_scrolling(_column(self._several)))
        self.tabs.add(self._pages, "Parameters")
        self.tabs.add(features, "Features")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.tabs, 1)

        self.header.back.clicked.connect(self._on_back)
        document.selection_changed.connect(self._on_selection_changed)
        document.design_changed.connect(self._on_design_changed)
        document.report_changed.connect(lambda _report: self._show_header())
        self._show()

    # -- what the toolbar asks for --------------------------------------------------------
    def show_recipe(self) -> None:
        """Bring the recipe to the front, whatever is selected."""
        self._show_network(self._recipe_section, self.recipe)

    def show_data(self) -> None:
        """Bring the data to the front, whatever is selected."""
        self._show_network(self._data_section, self.data)

    def show_parameters(self) -> None:
        self.tabs.setCurrentIndex(0)

    def show_features(self) -> None:
        self.tabs.setCurrentIndex(1)

    def _show_network(self, section: Section, panel: QWidget) -> None:
        self._asked = True
        self.tabs.setCurrentIndex(0)
        self._show()
        section.set_open(True)
        area = self._pages.currentWidget()
        assert isinstance(area, QScrollArea)
        page = area.widget()
        if page is None:
            return
        page.resize(page.width(), page.sizeHint().height())
        QApplication.sendPostedEvents(page, QEvent.Type.LayoutRequest)  # so that the section's place is known
        area.ensureWidgetVisible(section, 0, 0)
        area.verticalScrollBar().setValue(section.y() - 4)
        for first in stops(panel)[:1]:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_back(self) -> None:
        self._asked = False
        self._show()

    # -- following the document -----------------------------------------------------------
    def _on_selection_changed(self, _nodes: object) -> None:
        self._asked = False
        self._show()

    def _on_design_changed(self, _before: object, _after: object) -> None:
        self._show()

    def _show(self) -> None:
        nodes = tuple(n for n in self._document.design.graph.nodes if n in self._document.selection)
        kinds = {self._document.design.graph.layer_of(n).kind for n in nodes}
        if not nodes or self._asked:
            self._pages.setCurrentIndex(1)
        elif len(kinds) > 1:
            self._pages.setCurrentIndex(2)
            self._several.setText(
                f"{len(nodes)} layers of {len(kinds)} kinds are selected. Select layers of one kind to change their "
                "parameters together."
            )
        else:
            self._pages.setCurrentIndex(0)
            self.form.show_nodes(nodes)
        self.header.back.setVisible(self._asked and bool(nodes))
        self._show_header()

    def _show_header(self) -> None:
        document = self._document
        graph, report = document.design.graph, document.report
        nodes = [n for n in graph.nodes if n in document.selection]
        if not nodes or self._asked:
            caption = "Data and recipe" if nodes else "Select a layer to see its parameters."
            self.header.show_texts("ph.sliders-horizontal", "How this network learns", caption)
        elif len(nodes) > 1:
            parts = [plural(sum(_parameters(document, n) for n in nodes), "parameter")]
            self.header.show_texts("Blocks", plural(len(nodes), "layer"), f"selected · {parts[0]}")
        else:
            layer = graph.layer_of(nodes[0])
            parts = [describing.kind_title(graph, layer)]
            output = describing.shape_text(describing.output_of(report, nodes[0]))
            parts += [f"{output} out"] if output else []
            count = _parameters(document, nodes[0])
            parts.append(f"{thousands(count)} params" if count else words.shared(graph, nodes[0]) or "no params")
            self.header.show_texts(describing.family(layer), graph.nodes[nodes[0]].label, " · ".join(parts))


def _parameters(document: Document, node: NodeId) -> int:
    cost = document.report.cost((node,))
    return cost.parameters if cost else 0


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(t.DOCK_PADDING, 6, t.DOCK_PADDING, 12)
    layout.setSpacing(4)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return page


def _scrolling(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
