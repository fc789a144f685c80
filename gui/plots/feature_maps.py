"""The Features page: all channels of the selected layer on one probe sample, its filters, and one unit enlarged.

While it can be seen it asks the Runner for pictures; the answers come through the document, at whatever pace the
training's time budget allows. It never touches the engine's network itself.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.graph.model import INPUT, Graph, NodeId
from engine.observe import tiles
from engine.observe.picture import Look, Picture, PictureKind, View
from engine.observe.plane import is_plane
from gui.document import Document
from gui.plots import telling
from gui.plots.mosaic import MosaicScroll, MosaicView, to_image
from gui.plots.probe_row import THUMB, ProbeRow
from gui.plots.tabled import Tabled
from gui.plots.unit_card import ScaleBar, UnitCard
from gui.plots.unit_table import UnitTable
from gui.theme import theme
from gui.widgets.buttons import IconButton, Segments
from gui.widgets.calm import Calm
from gui.widgets.containers import EmptyState
from gui.widgets.labels import ElidedLabel, label
from gui.widgets.numbers import plural, thousands
from gui.widgets.plane import ClassLegend, lut_for

ALL_UNITS = 4096
WITH_FILTERS = ("Conv1d", "Conv2d", "Linear")
SELECT, RUN_ONE = (
    "Select a layer to see its parameters and features.",
    "No activations yet. Run one batch to see what this layer does.",
)


class FeaturesRunner(Protocol):
    """What the page needs of the Runner."""

    ready_changed: Any
    state_changed: Any
    state: Any

    def request_look(self, requester: str, views: tuple[View, ...], probes: tuple[int, ...] | None = None) -> None: ...


class FeaturesPanel(QWidget):
    def __init__(self, document: Document, runner: FeaturesRunner, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName("Features")
        self._document, self._runner = document, runner
        self._asked = False  # a person asked for a first picture of an untrained network
        self._unit: int | None = None  # the chosen unit's number; it stays chosen when tiles are ordered anew
        self._build_widgets()
        self._build_layout()
        document.selection_changed.connect(self._on_selection_changed)
        document.look_arrived.connect(self._on_look_arrived)
        document.report_changed.connect(lambda _report: self._on_data_changed())
        document.data_changed.connect(self._on_data_changed)
        document.project_opened.connect(self._on_project_opened)
        runner.state_changed.connect(self._on_state_changed)
        runner.ready_changed.connect(lambda _ready: self._show())
        theme.changed.connect(self._show)
        self.kinds.button("field").hide()
        self.kinds.set_current("feature_maps")
        self._settle_kinds()
        self._show()

    def _build_widgets(self) -> None:
        kinds = (("field", "Fields"), ("feature_maps", "Activations"), ("filters", "Filters"))
        self.kinds = Segments(kinds, "What is shown")
        self.kinds.button("field").setToolTip("What each unit answers over the plane of the two inputs")
        self.kinds.changed.connect(lambda _kind: self._on_kind_changed())
        self.options = IconButton("sliders-horizontal", "How tiles are shown", size=24)
        self.options.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.options)
        self.per_tile = QAction("Scale each tile", menu, checkable=True)
        self.smooth = QAction("Smooth", menu, checkable=True, checked=True)
        self.samples = QAction("Samples over fields", menu, checkable=True, checked=True)
        for action in (self.per_tile, self.smooth, self.samples):
            action.toggled.connect(lambda _on: self._show())
            menu.addAction(action)
        self.options.setMenu(menu)
        self.probe_row = ProbeRow(self._document)
        self.count = label("", "small")
        self.caption = ElidedLabel("", "caption")
        self.when = label("", "caption")
        self.live = label("", "ok")
        self.mosaic = MosaicView()
        self.mosaic.unit_chosen.connect(self._on_unit_chosen)
        self.table = UnitTable()
        self.table.hide()
        self.table.unit_chosen.connect(self._choose_unit)
        self.tabled = Tabled((self.mosaic,), self.table, self._fill_table, self)
        self.tabled.changed.connect(self._show)
        self._calm = Calm(self._describe, self)
        self.scale = ScaleBar()
        self.legend = ClassLegend()
        self.unit_card = UnitCard()
        self.empty = EmptyState("image", SELECT, "Run one batch")
        self.empty.clicked.connect(self._on_run_one)

    def _build_layout(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.kinds)
        top.addStretch(1)
        top.addWidget(self.tabled.button)
        top.addWidget(self.options)
        captions = QHBoxLayout()
        captions.setSpacing(6)
        captions.addWidget(self.count)
        captions.addWidget(self.caption, 1)
        self._scroll = MosaicScroll(self.mosaic)
        moment = QHBoxLayout()
        moment.addWidget(self.when)
        moment.addStretch(1)
        moment.addWidget(self.live)
        shown = QWidget()
        layout = QVBoxLayout(shown)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(captions)
        layout.addWidget(self._scroll, 1000)
        layout.addWidget(self.table, 1000)
        layout.addWidget(self.scale)
        layout.addWidget(self.legend)
        layout.addLayout(moment)
        layout.addWidget(self.unit_card)
        layout.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addLayout(top)
        head.addWidget(self.probe_row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 10, 12, 10)
        outer.setSpacing(8)
        outer.addWidget(self._head)
        outer.addWidget(self._stack, 1)

    # -- for the window's actions ---------------------------------------------------------
    def next_probe(self) -> None:
        self.probe_row.step(1)

    def previous_probe(self) -> None:
        self.probe_row.step(-1)

    def pin_probe(self) -> None:
        """Pin the sample that is shown, or let it go."""
        self.probe_row.toggle_pin()

    # -- asking -----------------------------------------------------------------------------
    @property
    def node(self) -> NodeId | None:
        """The selected node, where exactly one is."""
        nodes = self._document.selection
        return next(iter(nodes)) if len(nodes) == 1 else None

    @property
    def kind(self) -> PictureKind:
        return cast(PictureKind, self.kinds.current())

    def views(self) -> tuple[View, ...]:
        """What the page wants to see now. Filters are asked for one by one until they are looked at: so the answer
        tells whether the layer has any."""
        node, graph = self.node, self._document.design.graph
        if node is None or node not in graph.nodes:
            return ()
        views = []
        if self.kind != "filters":
            views.append(View((node,), self.kind, ALL_UNITS))
        if graph.layer_of(node).kind in WITH_FILTERS:
            views.append(View((node,), "filters", ALL_UNITS if self.kind == "filters" else 1))
        source = _image_source(graph)
        if source is not None and source != node and not self._plane():
            views.append(View((source,), "feature_maps", 1))
        return tuple(views)

    def _plane(self) -> bool:
        """Whether the network's inputs are the two coordinates of a plane."""
        return is_plane(self._document.design.graph, self._document.data_spec)

    def _settle_kinds(self) -> None:
        """Fields can be chosen where there are any, and come first there."""
        able, button = self._plane(), self.kinds.button("field")
        if able == button.isHidden():
            button.setVisible(able)
            self.kinds.set_current("field" if able else "feature_maps")

    def _ask(self) -> None:
        """Tell the Runner what is looked at: nothing while the page cannot be seen."""
        wanted = self.isVisible() and (self._asked or self._known())
        self._runner.request_look("features", self.views() if wanted else ())

    def _known(self) -> bool:
        """Whether there is anything learned to look at, or pictures are made anyway."""
        document = self._document
        return document.look is not None or document.project.run is not None or self._runner.state != "idle"

    def _on_run_one(self) -> None:
        report = self._document.report
        if report.blocking:
            self.empty.set_sentence(f"This design cannot be run yet. {report.blocking[0].sentence()}")
            return
        self._asked = True
        self._ask()

    # -- news -------------------------------------------------------------------------------
    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._show()
        self._ask()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._ask()

    def _on_selection_changed(self, _nodes: object) -> None:
        self._unit = None
        look, node = self._document.look, self.node
        filters = look.picture((node,), "filters") if look is not None and node is not None else None
        if self.kind == "filters" and (filters is None or filters.problem):
            self.kinds.set_current("field" if self._plane() else "feature_maps")
        self._ask()
        self._show()

    def _on_data_changed(self) -> None:
        before = self.kind
        self._settle_kinds()
        self._ask()
        if self.kind != before:
            self._show()

    def _on_kind_changed(self) -> None:
        self._unit = None
        self._ask()
        self._show()

    def _on_project_opened(self) -> None:
        self._asked, self._unit = False, None

    def _on_look_arrived(self, _look: object) -> None:
        if self.isVisible():
            self._show()

    def _on_state_changed(self, _state: str) -> None:
        self._ask()
        self._show_live()

    def _on_unit_chosen(self, index: int) -> None:
        picture = self.mosaic.picture
        if picture is None:
            return
        if self._shows_samples(picture) and picture.view.path == (self.node,):
            self._document.show_probe(picture.units[index])
            return
        self._choose_unit(picture.units[index] if index < len(picture.units) else index)

    def _choose_unit(self, unit: int) -> None:
        if self.mosaic.picture is not None and not self._shows_samples(self.mosaic.picture):
            self._unit = unit
            self._show_unit(self.mosaic.picture)

    # -- showing ----------------------------------------------------------------------------
    def _is_input(self) -> bool:
        node, graph = self.node, self._document.design.graph
        return node in graph.nodes and node is not None and graph.layer_of(node).kind == INPUT

    def _show(self) -> None:
        node, look = self.node, self._document.look
        self._head.setVisible(node is not None)
        if node is None:
            self._show_sentence(SELECT, False)
            return
        self.probe_row.show_look(look, self._thumb(look))
        self.probe_row.setVisible(self.kind != "field")  # a field is of no one sample
        picture = look.picture((node,), self.kind) if look is not None else None
        self._show_filters_button(look, node)
        if picture is None:
            self._show_sentence(RUN_ONE, True)
        elif picture.problem:
            self._show_sentence(picture.problem, False)
        elif look is not None:
            self._show_picture(picture, look)
        self._show_live()

    def _show_sentence(self, sentence: str, button: bool) -> None:
        self.empty.set_sentence(sentence)
        self.empty.button.setVisible(button)
        self.mosaic.show_picture(None)
        self._calm.tell(sentence, lambda: sentence)
        self._stack.setCurrentIndex(0)

    def _show_picture(self, picture: Picture, look: Look) -> None:
        is_input, filters = self._shows_samples(picture), picture.view.kind == "filters"
        noun, names = self._noun(picture), self._class_names()
        smooth = self.smooth.isChecked() and not filters
        self.mosaic.set_options(per_tile=self.per_tile.isChecked(), smooth=smooth, samples=self.samples.isChecked())
        self.mosaic.show_picture(picture, image=is_input, noun=noun, names=names)
        self.count.setText(plural(picture.total, "probe sample" if is_input else noun))
        self.caption.setText(
            "" if is_input else telling.caption(picture, telling.after(self._document.design.graph, self.node), names)
        )
        self.when.setText(f"epoch {look.epoch:.3g} · step {thousands(look.step)}")
        note = "each tile on its own scale" if self.per_tile.isChecked() else ""
        self.scale.show_scale(picture.low, picture.high, lut_for(picture, is_input), note)
        self.scale.setToolTip(picture.method)
        self.scale.setVisible(picture.classes <= 2)
        self.legend.show_plane(picture.plane if self.mosaic.shows_samples or picture.classes else None, names)
        if self.tabled.on:
            self._fill_table()
        self.table.setVisible(self.tabled.on)
        self._scroll.setVisible(not self.tabled.on)
        sample = look.samples[0] if look.samples and not (filters or self._is_input()) else None
        of, own = telling.of(self._document.design.graph, self.node, picture, sample), self.per_tile.isChecked()
        about = (picture.view, of, own, self._runner.state)
        self._calm.tell(about, lambda: telling.summary(picture, noun, of, own))
        self._scroll.fit()
        self._show_unit(picture)
        self._stack.setCurrentIndex(1)

    def _fill_table(self) -> None:
        picture = self.mosaic.picture
        if picture is not None:
            self.table.show_picture(picture, self._noun(picture), self._class_names())

    def _describe(self, summary: str) -> None:
        for widget in (self.mosaic, self.table):
            widget.setAccessibleDescription(summary)
        when = f"; {self.when.text()}" if self.mosaic.picture is not None else ""
        self.setAccessibleDescription(summary + when)

    def _shows_samples(self, picture: Picture) -> bool:
        """Whether the tiles are the data themselves."""
        return self._is_input() and picture.view.kind == "feature_maps"

    def _noun(self, picture: Picture) -> str:
        filters = picture.view.kind == "filters"
        return "probe" if self._shows_samples(picture) else "filter" if filters else telling.noun(picture)

    def _class_names(self) -> tuple[str, ...]:
        spec = self._document.data_spec
        return spec.targets[0].classes if spec is not None and spec.targets else ()

    def _show_unit(self, picture: Picture) -> None:
        if picture.classes:
            self.unit_card.hide()
            return
        if self._shows_samples(picture):
            shown = self._document.probe
            self.mosaic.choose(picture.units.index(shown) if shown in picture.units else -1)
            self.unit_card.hide()
            return
        index = picture.units.index(self._unit) if self._unit in picture.units else -1
        self.mosaic.choose(index)
        self.unit_card.show_unit(picture, index, self.mosaic.tile(index), self._noun(picture))

    def _show_filters_button(self, look: Look | None, node: NodeId) -> None:
        """Filters can be chosen where the layer has some that are pictures; else the tooltip says why not."""
        picture = look.picture((node,), "filters") if look is not None else None
        button = self.kinds.button("filters")
        can = picture is not None and not picture.problem
        button.setEnabled(can or self.kind == "filters")
        button.setToolTip(picture.problem if picture is not None else "")

    def _show_live(self) -> None:
        running = self._runner.state in ("running", "pausing")
        self.live.setText("live" if running else "")

    def _thumb(self, look: Look | None) -> QPixmap | None:
        """The sample itself, from the picture of the network's first input."""
        source = _image_source(self._document.design.graph)
        picture = look.picture((source,)) if look is not None and source is not None else None
        if picture is None or picture.problem or tiles.is_cells(picture) or not len(picture.tiles):
            return None
        image = to_image(tiles.mosaic(picture, theme.lut("grey"), 1, 0)[: picture.tiles.shape[1]])
        ratio = self.devicePixelRatioF()
        side = round(THUMB * ratio)
        mode = Qt.TransformationMode.SmoothTransformation
        return QPixmap.fromImage(image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode))


def _image_source(graph: Graph) -> NodeId | None:
    inputs = graph.nodes_of_kind(INPUT)
    return inputs[0].id if inputs else None
