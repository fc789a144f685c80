"""Removing layers, the same way from the canvas and the Outline: the chain they leave is closed, one undo step."""

from __future__ import annotations

from collections.abc import Iterable

from engine.check import healing
from engine.graph.model import NodeId, Wire
from gui.document import Document
from gui.widgets.numbers import plural


def remove(document: Document, wires: Iterable[Wire] = ()) -> bool:
    """The selected layers and these wires go; whether there was anything. What one wire fed through the layers that go
    is fed by its source directly, where its ports and the shape that arrives there allow it."""
    graph = document.design.graph
    nodes: list[NodeId] = [n for n in graph.nodes if n in document.selection]
    cut = [w for w in wires if w in graph.wires]
    if not nodes and not cut:
        return False
    if nodes:
        what = graph.nodes[nodes[0]].label if len(nodes) == 1 else plural(len(nodes), "layer")
    else:
        what = plural(len(cut), "wire") if len(cut) > 1 else "wire"
    document.change(healing.remove(document.design, document.report, nodes, cut), f"Delete {what}")
    return True
