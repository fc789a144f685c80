"""Edits that the canvas makes by key or menu, each one undo step; and the selection moved along wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.catalog import catalog
from engine.errors import StrataError
from engine.graph import edits, fragments
from engine.graph.model import NodeId
from gui import removing
from gui.canvas.content import main_parameters, parameter_value
from gui.widgets import reading
from gui.widgets.numbers import thousands

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

NUDGE = 20.0


def counted(view: CanvasView, verb: str, count: int, node: NodeId) -> str:
    """‘Move conv1’, ‘Move 3 layers’."""
    if count != 1:
        return f"{verb} {thousands(count)} layers"
    return f"{verb} {view.document.design.graph.nodes[node].label}"


def delete_selection(view: CanvasView) -> None:
    """Selected nodes and wires go (gui.removing)."""
    wires = view.arrays.selected_wires
    if removing.remove(view.document, wires):
        view.select_wires(frozenset())


def nudge(view: CanvasView, dx: float, dy: float) -> None:
    """Move the selection by a step; steps in quick succession are one undo step."""
    document = view.document
    chosen = [n for n in document.design.graph.nodes if n in document.selection]
    if not chosen:
        return
    places = document.design.places
    moved = {n: (places.get(n, (0.0, 0.0))[0] + dx, places.get(n, (0.0, 0.0))[1] + dy) for n in chosen}
    label = counted(view, "Move", len(chosen), chosen[0])
    document.change(edits.move(document.design, moved), label, merge_key="nudge " + " ".join(sorted(chosen)))


def duplicate_selection(view: CanvasView) -> None:
    document = view.document
    chosen = [n for n in document.design.graph.nodes if n in document.selection]
    if not chosen:
        return
    label = counted(view, "Duplicate", len(chosen), chosen[0])
    design, copies = fragments.duplicate(document.design, chosen)
    document.change(design, label)
    document.select(frozenset(copies.values()))


def rename(view: CanvasView, node: NodeId, label: str) -> None:
    document = view.document
    if node not in document.design.graph.nodes or label == document.design.graph.nodes[node].label:
        return
    try:
        design = edits.rename(document.design, node, label)
    except StrataError as error:
        document.message_shown.emit(str(error), "warning")
        return
    document.change(design, f"Rename to {label.strip()}")
    if taken := edits.namesake(design.graph, node):
        document.message_shown.emit(taken, "info")


def set_parameter(view: CanvasView, node: NodeId, name: str, text: str) -> None:
    """Set a parameter to what was typed; where that means nothing, say why and leave the old value."""
    document = view.document
    if node not in document.design.graph.nodes:
        return
    layer = document.design.graph.layer_of(node)
    spec = next((p for p in main_parameters(layer) if p.name == name), None)
    if spec is None:
        return
    old = parameter_value(layer, spec)
    try:
        value = catalog.validate(spec, reading.read(spec, text, linked=not isinstance(old, tuple)))
        if reading.same(value, old):
            return
        design = edits.set_parameter(document.design, node, name, value)
    except StrataError as error:
        document.message_shown.emit(str(error), "warning")
        return
    document.change(design, f"Set {spec.title.lower()} of {document.design.graph.nodes[node].label}")


def let_go(view: CanvasView) -> None:
    """End the gesture; where there is none, let go of the selection."""
    if not view.cancel_gesture():
        view.select_wires(frozenset())
        view.document.select(frozenset())


def next_probe(view: CanvasView) -> None:
    """The next of the fixed probe samples, on every node."""
    look = view.document.look
    if look is not None and look.probe_count > 1:
        view.probe_requested.emit((view.document.probe + 1) % look.probe_count)


def pin_probe(view: CanvasView) -> None:
    """Keep the probe sample that is shown at hand, or let it go."""
    document = view.document
    document.pin_probe(document.probe, document.probe not in document.pinned_probes)


def fix_selected(view: CanvasView) -> None:
    """Apply the remedy of the one selected node."""
    if len(view.document.selection) == 1:
        view.apply_fix(next(iter(view.document.selection)))


def select_along(view: CanvasView, direction: str) -> None:
    """The node that this one feeds (right), is fed by (left), or that lies above or below."""
    document, arrays = view.document, view.arrays
    current = next((n for n in reversed(arrays.ids) if n in document.selection), None)
    if current is None:
        if arrays.ids:
            order = arrays.rects[:, 1] * 1e6 + arrays.rects[:, 0]
            document.select(frozenset({arrays.ids[int(order.argmin())]}))
    else:
        following = view.hits.neighbour(current, direction)
        if following is None:
            return
        document.select(frozenset({following}))
    view.reveal(next(iter(document.selection), None))
