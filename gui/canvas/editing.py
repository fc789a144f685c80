"""Edits that the canvas makes by key or menu, each one undo step; and the selection moved along wires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.catalog import catalog
from engine.check import bypass, healing
from engine.errors import StrataError
from engine.graph import drawing, edits
from engine.graph.design import Design
from engine.graph.model import NodeId
from gui.canvas import geometry as g
from gui.canvas.content import main_parameters, parameter_value
from gui.widgets import reading
from gui.widgets.numbers import thousands

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

NUDGE = 20.0
NOTE_HEIGHT = 96.0  # of a new one


def counted(view: CanvasView, verb: str, count: int, node: NodeId) -> str:
    """‘Move conv1’, ‘Move 3 layers’."""
    if count != 1:
        return f"{verb} {thousands(count)} layers"
    return f"{verb} {view.document.design.graph.nodes[node].label}"


def named(view: CanvasView, nodes: Sequence[NodeId]) -> str:
    """‘conv1’, ‘3 layers’."""
    return counted(view, "", len(nodes), nodes[0]).strip()


def delete_selection(view: CanvasView) -> None:
    """Selected nodes, wires, notes and frames go. What one wire fed through the nodes that go is fed by its source
    directly, where its ports and the shape that arrives there allow it."""
    document = view.document
    nodes = [n for n in document.design.graph.nodes if n in document.selection]
    wires = [w for w in view.arrays.selected_wires if w in document.design.graph.wires]
    if view.drawn.selected:
        _delete_drawn(view)
        return
    if not nodes and not wires:
        return
    design = healing.remove(document.design, document.report, nodes, wires)
    if nodes:
        label = counted(view, "Delete", len(nodes), nodes[0])
    else:
        label = "Delete wire" if len(wires) == 1 else f"Delete {thousands(len(wires))} wires"
    view.select_wires(frozenset())
    document.change(design, label)


def _delete_drawn(view: CanvasView) -> None:
    """Selected notes and frames; what lies within a frame stays."""
    drawn = view.drawn
    notes = [i for i in drawn.notes if i in drawn.selected]
    frames = [i for i in drawn.frames if i in drawn.selected]
    what = "notes and frames" if len(notes) + len(frames) > 1 else "note" if notes else "frame"
    view.document.change(drawing.remove(view.document.design, notes, frames), f"Delete {what}")


def attempt(view: CanvasView, make: Callable[[Design], Design], label: str) -> None:
    """An edit that may be refused: then it is said why."""
    try:
        view.document.edit(make, label)
    except StrataError as error:
        view.document.message_shown.emit(str(error), "warning")


def add_note(view: CanvasView) -> None:
    """A note where the context menu was asked for, else in the middle below what is there, and its text is edited at
    once."""
    where = view.asked_at or view.visible_rect().center()
    x, y = g.snap(where.x()), g.snap(where.y())
    while view.asked_at is None and len(under := view.arrays.nodes_in(x, y, x + g.WIDTH, y + NOTE_HEIGHT)):
        y = g.snap(float((view.arrays.rects[under, 1] + view.arrays.rects[under, 3]).max()) + NUDGE)
    design, note = drawing.add_note(view.document.design, "", (x, y))
    view.document.change(design, "Add note")
    view.select_drawn(frozenset({note}))
    view.popups.edit_drawn(note)


def add_frame(view: CanvasView) -> None:
    """A frame around the selected layers, and its title is edited at once."""
    document = view.document
    chosen = [n for n in document.design.graph.nodes if n in document.selection]
    if not chosen:
        return
    design, frame = drawing.frame_around(document.design, chosen, view.sizes(), "Frame")
    document.change(design, "Add frame")
    view.select_drawn(frozenset({frame}))
    view.popups.edit_drawn(frame)


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


def bypass_selection(view: CanvasView) -> None:
    """Bypass the selected nodes; where all of them are that can be, let them call their layers again."""
    document = view.document
    nodes = document.design.graph.nodes
    chosen = [n for n in nodes if n in document.selection]
    if not chosen:
        return
    try:
        design = bypass.set_bypassed(document.design, chosen)
        if design == document.design:
            document.change(bypass.set_bypassed(design, chosen, False), f"Stop bypassing {named(view, chosen)}")
            return
    except StrataError as error:
        document.message_shown.emit(str(error), "warning")
        return
    document.change(design, counted(view, "Bypass", len(chosen), chosen[0]))


def write_selected(view: CanvasView) -> None:
    """Edit the text of the one selected note, or the title of the frame."""
    if len(view.drawn.selected) == 1:
        view.popups.edit_drawn(next(iter(view.drawn.selected)))


def rename(view: CanvasView, node: NodeId, label: str) -> None:
    document = view.document
    if node not in document.design.graph.nodes or label == document.design.graph.nodes[node].label:
        return
    try:
        design = edits.rename(document.design, node, label)
    except StrataError as error:
        document.message_shown.emit(str(error), "warning")
        return
    document.change(design, f"Rename {document.design.graph.nodes[node].label}")
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
