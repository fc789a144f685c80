"""Wires drawn, taken away and put in order by keys: the other end is chosen from a list, what fits first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF

from engine.check.choices import Connections
from engine.graph import edits
from engine.graph.model import Graph, NodeId, Wire
from gui.canvas import ports
from gui.widgets.chooser import Choice
from gui.widgets.numbers import plural

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

LOOKING = 0.15  # seconds in which the nearest are asked whether they fit; of the others it is asked when they are seen


def beside(view: CanvasView, node: NodeId) -> QPoint:
    """Right of a node, in the viewport's pixels."""
    view.reveal(node)
    x, y, width, _ = view.arrays.rects[view.arrays.row[node]].tolist()
    return view.mapFromScene(QPointF(x + width + 12, y))


def connect(view: CanvasView, outgoing: bool = True) -> None:
    """Wire the one selected node to another, or another to it (`outgoing` False)."""
    document = view.document
    if len(document.selection) != 1:
        return
    node = next(iter(document.selection))
    graph = document.design.graph
    found = Connections(graph, document.report, node, outgoing)
    wires, reasons = _in_order(view, found, node, outgoing)
    label = graph.nodes[node].label

    def ask(index: int) -> str | None:
        wire = wires[index]
        if wire not in reasons:
            reasons[wire] = found.why_not(wire)
        return reasons[wire]

    def take(index: int) -> None:
        wire, now = wires[index], document.design.graph
        if wire.source in now.nodes and wire.target in now.nodes:
            ends = f"{now.nodes[wire.source].label} to {now.nodes[wire.target].label}"
            document.change(edits.connect(document.design, wire), f"Connect {ends}")

    choices = [_choice(graph, wire, outgoing) for wire in wires]
    name = f"Connect {label} to" if outgoing else f"Feed {label} by"
    empty = f"There is nothing that {label} could {'feed' if outgoing else 'be fed by'} and is not wired to yet."
    view.popups.chooser.open(name, choices, ask, take, beside(view, node), empty)


def _in_order(
    view: CanvasView, found: Connections, node: NodeId, outgoing: bool
) -> tuple[list[Wire], dict[Wire, str | None]]:
    """The nearest first; among those that there was time to ask, what fits before what does not."""
    arrays = view.arrays
    x, y, width, _ = arrays.rects[arrays.row[node]].tolist()
    others = [arrays.row[wire.target if outgoing else wire.source] for wire in found.wires]
    rects = arrays.rects[np.array(others, np.intp)]
    ahead = rects[:, 0] - (x + width) if outgoing else x - (rects[:, 0] + rects[:, 2])
    # What lies behind counts as four times as far: wires run forwards.
    away = np.where(ahead >= -width, np.abs(ahead), 4 * np.abs(ahead)) + np.abs(rects[:, 1] - y)
    wires = [found.wires[i] for i in np.argsort(away, kind="stable").tolist()]
    reasons: dict[Wire, str | None] = {}
    until = time.monotonic() + LOOKING
    for wire in wires:
        if time.monotonic() > until:
            break
        reasons[wire] = found.why_not(wire)
    known = sorted(reasons, key=lambda wire: reasons[wire] is not None)
    return known + wires[len(known) :], reasons


def _choice(graph: Graph, wire: Wire, outgoing: bool) -> Choice:
    other = wire.target if outgoing else wire.source
    layer = graph.layer_of(other)
    mine, theirs = (wire.source_port, wire.target_port) if outgoing else (wire.target_port, wire.source_port)
    known = ports.port_specs(graph, layer)[0 if outgoing else 1]
    body = graph.blocks.get(layer.block or "")
    asides = [body.label if body is not None else layer.kind]
    if len(known) > 1:
        asides.append(next((p.title or p.name for p in known if p.name == theirs), theirs).lower())
    if mine not in ("input", "output"):
        asides.append(f"{'from' if outgoing else 'into'} {mine}")
    return Choice(graph.nodes[other].label, ", ".join(asides), ports.family(layer))


def disconnect(view: CanvasView) -> None:
    """The selected wires go; else the wire of the selected nodes: one of several is chosen."""
    document = view.document
    graph, chosen, nodes = document.design.graph, view.arrays.selected_wires, document.selection
    wires = [w for w in graph.wires if w in chosen]
    if wires:
        _take_away(view, wires)
        return
    wires = [w for w in graph.wires if w.source in nodes or w.target in nodes]
    if len(wires) < 2:
        _take_away(view, wires)
        return
    choices = [Choice(_ends(graph, wire), "" if wire.target_port == "input" else wire.target_port) for wire in wires]
    choices.append(Choice(f"All {plural(len(wires), 'wire')}"))

    def take(index: int) -> None:
        there = set(document.design.graph.wires)
        asked = wires if index == len(wires) else [wires[index]]
        _take_away(view, [wire for wire in asked if wire in there])

    first = next(n for n in graph.nodes if n in nodes)
    view.popups.chooser.open("Disconnect", choices, lambda _index: None, take, beside(view, first), "")


def _take_away(view: CanvasView, wires: list[Wire]) -> None:
    if wires:
        graph = view.document.design.graph
        what = _ends(graph, wires[0]) if len(wires) == 1 else plural(len(wires), "wire")
        view.select_wires(frozenset())
        view.document.change(edits.disconnect(view.document.design, wires), f"Disconnect {what}")


def _ends(graph: Graph, wire: Wire) -> str:
    return f"{graph.nodes[wire.source].label} from {graph.nodes[wire.target].label}"


def ordered(view: CanvasView) -> list[Wire]:
    """The wires that could enter their port earlier or later: the selected ones, else those of the selected nodes."""
    graph, chosen, nodes = view.document.design.graph, view.arrays.selected_wires, view.document.selection
    if not chosen and not nodes:
        return []
    mine = [w for w in graph.wires if (w in chosen if chosen else w.source in nodes)]
    return [w for w in mine if edits.takes_several(graph, w.target, w.target_port)]


def reorder(view: CanvasView, step: int) -> None:
    """Let what is selected enter a Concat, or another layer of several inputs, earlier or later by one."""
    wires = ordered(view)
    design = view.document.design
    for wire in wires if step < 0 else reversed(wires):
        design = edits.reorder(design, wire, step)
    if wires:
        label = design.graph.nodes[wires[0].target].label
        view.document.change(design, f"Order the inputs of {label}")
