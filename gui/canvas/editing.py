"""Edits that the canvas makes by key or menu, each one undo step; and the selection moved along wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import StrataError
from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import NodeId, Wire

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

NUDGE = 20.0


def counted(view: CanvasView, verb: str, count: int, node: NodeId) -> str:
    """‘Move conv1’, ‘Move 3 layers’."""
    if count != 1:
        return f"{verb} {count} layers"
    return f"{verb} {view.document.design.graph.nodes[node].label}"


def delete_selection(view: CanvasView) -> None:
    """Selected nodes and wires go. Where a node passed its input's shape on unchanged, the wire around it is kept."""
    document = view.document
    nodes = [n for n in document.design.graph.nodes if n in document.selection]
    wires = [w for w in view.arrays.selected_wires if w in document.design.graph.wires]
    if not nodes and not wires:
        return
    design = edits.disconnect(document.design, wires) if wires else document.design
    for node in nodes:
        design = _without(view, design, node)
    if nodes:
        label = counted(view, "Delete", len(nodes), nodes[0])
    else:
        label = "Delete wire" if len(wires) == 1 else f"Delete {len(wires)} wires"
    view.select_wires(frozenset())
    document.change(design, label)


def _without(view: CanvasView, design: Design, node: NodeId) -> Design:
    into, out = design.graph.wires_into(node), design.graph.wires_from(node)
    report = view.document.report
    bridged = design
    if len(into) == 1 and out and into[0].source != node:
        arriving = report.output(into[0].source, into[0].source_port)
        leaving = report.output(node, out[0].source_port)
        if arriving is not None and arriving == leaving and all(w.target != into[0].source for w in out):
            order = tuple(
                Wire(into[0].source, w.target, w.target_port, into[0].source_port) if w in out else w
                for w in design.graph.wires
            )
            bridged = _with_wires(design, order)
    return edits.remove_nodes(bridged, [node])


def _with_wires(design: Design, wires: tuple[Wire, ...]) -> Design:
    """The wires in this order, each once."""
    from dataclasses import replace

    return replace(design, graph=replace(design.graph, wires=tuple(dict.fromkeys(wires))))


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
    design, copies = edits.duplicate(document.design, chosen)
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
