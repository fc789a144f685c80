"""The pictures of the window, live or at rest: what all views want to see is asked of the run under way, and of the
look thread where nothing trains. Pictures that no longer belong to the design as it stands are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.graph.design import Design
from engine.observe.picture import Look, Request, View
from engine.project.resume import begun_run, same_computation
from gui.checking import Checking
from gui.document import Document
from gui.looking import Wishes
from gui.opening import identity
from gui.tasks import LookTask, Seen

if TYPE_CHECKING:
    from engine.data.source import Dataset
    from engine.run import Run


class Pictures(QObject):
    """Owned by the Runner, on the window's thread. `resting` tells whether torch is loaded and nothing trains,
    `dataset` what the document's data are where they could be opened.

    asked()   the look thread was given something to look at: its answer has to be fetched
    """

    asked = Signal()

    def __init__(self, document: Document, checking: Checking, parent: QObject):
        super().__init__(parent)
        self._document, self._checking = document, checking
        self.resting = False
        self.dataset: Dataset | None = None
        self._wishes = Wishes()
        self._request: Request | None = None
        self._run: Run | None = None
        self._shown_design = self._stored_design()  # what the document's look shows
        document.project_opened.connect(self._on_project_opened)
        document.probe_changed.connect(self._on_probe_changed)

    # -- what is wanted ---------------------------------------------------------------
    def want(self, requester: str, views: tuple[View, ...], probes: tuple[int, ...] | None = None) -> None:
        if self._wishes.set(requester, tuple(views), probes):
            self._ask()

    def follow(self, run: Run | None) -> None:
        """From now on `run` answers; None where it has ended, or is about to: nothing more is asked of it."""
        self._run = run
        if run is not None:
            run.look(self._request)

    def stop(self) -> None:
        """Nobody looks any more."""
        self._request = None

    def _on_probe_changed(self, _probe: int) -> None:
        if self._request is not None:
            self._ask()

    def _ask(self) -> None:
        self._request = self._wishes.request(self._document.probe)
        if self._run is not None:
            self._run.look(self._request)
        else:
            self._look_at_rest()

    # -- what is shown ------------------------------------------------------------------
    def show(self, look: Look, design: Design) -> None:
        """A picture has come; `design` is what it shows."""
        self._shown_design = design
        self._document.set_look(look)

    def show_rest(self, seen: Seen) -> None:
        """An answer of the look thread: it counts where nothing has changed or begun since."""
        design = self._document.design
        if self.resting and seen.look is not None and seen.design is design:
            self.show(seen.look, design)

    def refresh(self) -> None:
        """The design was checked, or a run has ended: take away what is stale and look anew."""
        self._drop_stale()
        self._look_at_rest()

    def _look_at_rest(self) -> None:
        """Have the other thread answer the request, from the last state or, where the design has changed since, from
        freshly drawn weights; of a design that cannot be trained as far as it is sound."""
        document = self._document
        if not self.resting:
            return
        run = begun_run(document.project)
        state = run.state if run else None
        request = self._request
        if request is None and state is not None and document.look is not None and document.look.step != state.step:
            request = document.look.request  # nobody looks closely, yet what is shown must not stay behind the state
        unknown = document.reported_design is not document.design
        if request is None or unknown or self.dataset is None or not document.design.graph.nodes:
            self._checking.look(None)
            return
        self._checking.look(LookTask(document.design, document.report, request, state, self.dataset))
        self.asked.emit()

    def _drop_stale(self) -> None:
        """Pictures of other data, or of weights that the design as it stands does not have, are shown no longer."""
        document, shown = self._document, self._shown_design
        if document.look is None or not self.resting:
            return
        design = document.design
        same_data = shown is not None and identity(shown.data) == identity(design.data)
        untrained = document.look.step == 0
        if not (shown and same_data and design.graph.nodes and (untrained or same_computation(shown, design))):
            document.set_look(None)

    def _on_project_opened(self) -> None:
        self._run, self._shown_design = None, self._stored_design()

    def _stored_design(self) -> Design | None:
        run = self._document.project.run
        return run.design if run else None
