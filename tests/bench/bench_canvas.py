"""Milliseconds a frame of the canvas with many nodes: pan, zoom and drag in software rendering; and of single edits and
searches, the Outline beside the canvas, until all is painted.

    QT_QPA_PLATFORM=offscreen python tests/bench/bench_canvas.py [nodes] [--json]

Each frame is what the window's thread spends from the change to the painted viewport (thread CPU time beside wall).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.check.report import Cost, Report, TensorSpec
from engine.graph import find
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.graph.model import Graph, Layer, Node, Wire
from engine.project.project import Project
from gui.canvas import arranging, clipboard
from gui.canvas.view import CanvasView
from gui.command_palette.entries import of_nodes
from gui.command_palette.rows import Rows
from gui.document import Document
from gui.panels.outline import Outline
from gui.theme import theme

LIMIT = 16.0
LIMITS = {"paste of 1,000": 1000.0, "tidy all": 1000.0, "search, a letter": 50.0, "find, a letter": 50.0}  # once each
SIZE = (1200, 800)
WORDS = ("conv2d417", "relu 12", "xyz", "maxpool")  # typed letter by letter
KINDS = ("Conv2d", "ReLU", "MaxPool2d", "Linear", "Flatten", "Add")


def large_design(count: int) -> tuple[Design, Report]:
    """Rows of a hundred nodes, each wired to the next, every seventh also to a node in the row below."""
    layers, nodes, places = {}, {}, {}
    wires: list[Wire] = []
    columns = 100
    for index in range(count):
        name, kind = f"n{index}", KINDS[index % len(KINDS)]
        layers[name] = Layer(name, kind, Frozen({"out_channels": 16} if kind == "Conv2d" else {}))
        nodes[name] = Node(name, name, f"{kind.lower()}{index}")
        places[name] = ((index % columns) * 214.0, (index // columns) * 192.0)
        if index:
            wires.append(Wire(f"n{index - 1}", name))
        if index % 7 == 0 and index >= columns:
            wires.append(Wire(f"n{index - columns + 3}", name))
    design = Design(graph=Graph(Frozen(layers), Frozen(nodes), tuple(wires)), places=Frozen(places))
    outputs = Frozen({((name,), "output"): TensorSpec((16, 28, 28)) for name in nodes})
    costs = Frozen({(name,): Cost(index * 17) for index, name in enumerate(nodes)})
    return design, Report(outputs=outputs, costs=costs, trained=frozenset(nodes))


class Bench:
    def __init__(self, count: int):
        self.app = QApplication.instance() or QApplication([])
        theme.apply(self.app, "dark")
        design, report = large_design(count)
        start = time.perf_counter()
        self.document = Document(Project(design=design))
        self.document.set_report(design, report)
        self.view = CanvasView(self.document)
        self.view.resize(*SIZE)
        self.view.show()
        self.outline = Outline(self.document)
        self.outline.resize(320, SIZE[1])
        self.outline.show()
        self.settle()
        self.build = time.perf_counter() - start

    def settle(self) -> None:
        """Until nothing is left to paint."""
        for _ in range(200):
            self.app.processEvents()
            if not self.view.layer.pending:
                break
        self.app.processEvents()

    def frames(self, steps, settle: bool = False) -> dict[str, float]:
        """Run each step and the painting that follows it."""
        wall, cpu = [], []
        for step in steps:
            t, c = time.perf_counter(), time.thread_time()
            step()
            self.app.processEvents()
            wall.append((time.perf_counter() - t) * 1e3)
            cpu.append((time.thread_time() - c) * 1e3)
            if settle:
                self.settle()
        return {
            "median": float(np.median(wall)),
            "p95": float(np.percentile(wall, 95)),
            "worst": max(wall),
            "worst_cpu": max(cpu),
        }

    # -- the three movements ----------------------------------------------------------------------
    def at(self, zoom: float | None) -> None:
        self.view.fit()
        if zoom is not None:
            self.view.set_zoom(zoom)
        self.settle()

    def pan(self, zoom: float | None) -> dict[str, float]:
        self.at(zoom)
        rng = np.random.default_rng(0)
        moves = rng.integers(-40, 41, (60, 2)).tolist()
        return self.frames([lambda x=x, y=y: self.view.scroll_by(x, y) for x, y in moves])

    def zoom(self, first: float, last: float, steps: int = 60) -> dict[str, float]:
        self.at(first)
        return self.frames([lambda z=z: self.view.set_zoom(z) for z in np.geomspace(first, last, steps)])

    def drag(self, zoom: float | None, everything: bool = False) -> dict[str, float]:
        """A real drag by the mouse: the node in the middle of the viewport, or all of them."""
        self.at(zoom)
        view, rows = self.view, self.view.visible_rows()
        row = int(rows[len(rows) // 2])
        x, y, width, height = view.arrays.rects[row].tolist()
        self.document.select(
            frozenset(self.document.design.graph.nodes) if everything else frozenset({view.arrays.ids[row]})
        )
        self.settle()
        start = QPointF(view.mapFromScene(QPointF(x + width / 2, y + height * 0.8)))
        self.mouse(QEvent.Type.MouseButtonPress, start)
        steps = [lambda k=k: self.mouse(QEvent.Type.MouseMove, start + QPointF(k * 3, k * 2)) for k in range(1, 41)]
        result = self.frames(steps)
        view.cancel_gesture()
        self.settle()
        return result

    # -- edits and searches ---------------------------------------------------------------------------
    def once(self, act) -> tuple[float, float]:
        """Milliseconds of an edit and of all that is painted after it: wall, and CPU of this thread."""
        start, cpu = time.perf_counter(), time.thread_time()
        act()
        self.settle()
        return (time.perf_counter() - start) * 1e3, (time.thread_time() - cpu) * 1e3

    def repeated(self, act, times: int = 3) -> dict[str, float]:
        """Each time on the same design: what was done is undone, unmeasured."""
        taken = []
        for _ in range(times):
            taken.append(self.once(act))
            self.document.undo_stack.undo()
            self.settle()
        wall, cpu = zip(*taken, strict=True)
        return {"median": float(np.median(wall)), "worst": max(wall), "worst_cpu": max(cpu)}

    def paste(self, count: int) -> dict[str, float]:
        self.at(None)
        nodes = list(self.document.design.graph.nodes)
        self.document.select(frozenset(nodes[:count]))
        clipboard.copy(self.view)
        return self.repeated(lambda: clipboard.paste(self.view))

    def tidy(self) -> dict[str, float]:
        self.at(None)
        return self.repeated(lambda: arranging.tidy_all(self.view))

    def search(self, words: tuple[str, ...]) -> dict[str, float]:
        """Every letter typed in the command palette, which lists all nodes."""
        rows = Rows()
        rows.set_entries(of_nodes(self.document.design.graph, lambda _node: None), [])
        return self.typed(words, rows.search)

    def find(self, words: tuple[str, ...]) -> dict[str, float]:
        graph = self.document.design.graph
        return self.typed(words, lambda text: find.find(graph, text))

    @staticmethod
    def typed(words: tuple[str, ...], search) -> dict[str, float]:
        taken = []
        for word in words:
            for end in range(1, len(word) + 1):
                start = time.perf_counter()
                search(word[:end])
                taken.append((time.perf_counter() - start) * 1e3)
        return {"median": float(np.median(taken)), "p95": float(np.percentile(taken, 95)), "worst": max(taken)}

    def rubber_band(self, zoom: float | None) -> dict[str, float]:
        self.at(zoom)
        self.document.select(frozenset())
        start = QPointF(2, 2)
        self.mouse(QEvent.Type.MouseButtonPress, start)
        steps = [lambda k=k: self.mouse(QEvent.Type.MouseMove, start + QPointF(k * 28, k * 18)) for k in range(1, 41)]
        result = self.frames(steps)
        self.view.cancel_gesture()
        return result

    def mouse(self, kind: QEvent.Type, point: QPointF) -> None:
        button = Qt.MouseButton.LeftButton
        buttons = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        where = self.view.viewport().mapToGlobal(QPoint(0, 0)).toPointF() + point
        event = QMouseEvent(kind, point, where, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.view.viewport(), event)


def run(count: int) -> dict[str, dict[str, float]]:
    bench = Bench(count)
    bench.at(None)
    fit = bench.view.zoom
    return {
        "build": {"median": bench.build * 1e3},
        "pan at 100 %": bench.pan(1.0),
        "pan at 60 %": bench.pan(0.6),
        "pan at 30 %": bench.pan(0.3),
        "pan at fit": bench.pan(None),
        "zoom, fit to 25 %": bench.zoom(fit, 0.25),
        "zoom, 25 % to 100 %": bench.zoom(0.25, 1.0),
        "zoom, 100 % to 400 %": bench.zoom(1.0, 4.0),
        "zoom, 100 % to fit": bench.zoom(1.0, fit),
        "drag one at 100 %": bench.drag(1.0),
        "drag one at 30 %": bench.drag(0.3),
        "drag one at fit": bench.drag(None),
        "drag all at 100 %": bench.drag(1.0, everything=True),
        "drag all at fit": bench.drag(None, everything=True),
        "rubber band at 30 %": bench.rubber_band(0.3),
        "rubber band at fit": bench.rubber_band(None),
        "paste of 1,000": bench.paste(1000),
        "tidy all": bench.tidy(),
        "search, a letter": bench.search(WORDS),
        "find, a letter": bench.find(WORDS),
    }


def main(arguments: list[str]) -> int:
    counts = [int(a) for a in arguments if a.isdigit()] or [10_000]
    for count in counts:
        table = run(count)
        if "--json" in arguments:
            print(json.dumps({"nodes": count, "ms": table}))
            continue
        print(f"{count} nodes, {SIZE[0]}×{SIZE[1]}, ms a frame")
        print(f"{'':24}{'median':>9}{'p95':>9}{'worst':>9}{'worst CPU':>11}")
        for name, row in table.items():
            cells = [f"{row[key]:9.2f}" if key in row else " " * 9 for key in ("median", "p95", "worst")]
            limit = LIMITS.get(name, LIMIT)
            late = f"   over {limit:.0f} ms" if row.get("worst", 0.0) > limit else ""
            print(f"{name:24}{''.join(cells)}{row.get('worst_cpu', 0.0):11.2f}{late}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
