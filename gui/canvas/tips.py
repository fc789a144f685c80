"""Tooltips on the canvas: problems in full, all that was set, the shapes at both ends of a wire."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from engine.check import words
from engine.graph.model import NodeId, Wire
from engine.observe import plane
from gui.canvas import ports
from gui.canvas.content import in_words, parameter_value
from gui.canvas.hit_test import Hit, Port

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView


def tip(view: CanvasView, hit: Hit) -> str:
    if hit.port is not None:
        return _paragraphs(_port_lines(view, hit.port))
    if hit.node is not None:
        return _paragraphs(_node_lines(view, hit.node))
    if hit.wire is not None:
        return _paragraphs(_wire_lines(view, hit.wire))
    return ""


def _paragraphs(lines: list[str]) -> str:
    """Rich text, so that long sentences wrap."""
    return "".join(f"<p style='margin:2px'>{escape(line)}</p>" for line in lines if line)


def _node_lines(view: CanvasView, node: NodeId) -> list[str]:
    graph = view.document.design.graph
    content = view.layer.describer.content(node)
    lines = [f"{content.label} · {content.kind}"]
    problems = view.document.problems_of(node)
    if problems:
        return [*lines, *(problem.sentence() for problem in problems), content.fix]
    if content.waits:
        lines.append(f"Waits for {content.waits}: no values reach it before the problem there is solved.")
    layer = graph.layer_of(node)
    spec = ports.row(layer.kind)
    if spec is not None:
        shown = [p for p in spec.parameters if not p.filled]
        lines += [f"{p.title}: {in_words(p, parameter_value(layer, p)) or 'off'}" for p in shown if p.name][:12]
    body = view.layer.bodies.get(node)
    if body is not None and body.picture is not None and body.picture.method:
        lines.append(f"Shown: {body.picture.method}.")
        lines += [f"{said}." for said in (plane.told(body.picture),) if said]
    shared = words.shared(graph, node)
    if shared:
        lines.append(f"This layer is {shared}: the same weights, and a change applies to all of them.")
    if node in view.document.changed_since_start:
        lines.append("Changed since the run began: applies to the next run.")
    return lines


def _port_lines(view: CanvasView, port: Port) -> list[str]:
    graph, report = view.document.design.graph, view.document.report
    inputs, outputs = ports.port_specs(graph, graph.layer_of(port.node))
    spec = next((p for p in (outputs if port.output else inputs) if p.name == port.name), None)
    title = spec.title if spec is not None else port.name
    if port.output:
        tensor = report.output(port.node, port.name)
        return [f"{title}: {tensor.text()}" if tensor is not None else title]
    optional = " (may stay empty)" if spec is not None and spec.optional else ""
    return [f"{title}{optional}"]


def _wire_lines(view: CanvasView, wire: Wire) -> list[str]:
    graph, report = view.document.design.graph, view.document.report
    tensor = report.output(wire.source, wire.source_port)
    ends = f"{graph.nodes[wire.source].label} → {graph.nodes[wire.target].label}"
    lines = [f"{ends}: {tensor.text()}" if tensor is not None else ends]
    for problem in view.document.problems_of(wire.target):
        if problem.port == wire.target_port:
            lines.append(problem.sentence())
    return lines
