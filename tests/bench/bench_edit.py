"""From a parameter's edit to the new shapes in the window: `python -m tests.bench.bench_edit`.

The padding of a convolution, in LeNet and in a chain of 100: the size of all that follows changes. Each value
is new, so nothing is remembered from an earlier check. The aim: 50 ms and 2 ms for each layer whose input changed.
‘While it is looked at’: each edit comes at another moment of the look at rest that follows the edit before. ‘Just
opened’: the edits follow each other from the moment the window is ready.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable

import numpy as np

EDITS = 20
WHILE_LOOKED_AT = ", while it is looked at"
LOOK_SECONDS = 0.04  # about as long as a look at LeNet takes


def _chain(count: int):
    from engine.graph import edits
    from engine.graph.design import DataChoice, Design
    from engine.graph.model import Wire

    made, before = edits.add_node(Design(data=DataChoice("digits")), "Input", (0, 0))
    ids = []
    layers = [("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 1})] * count
    for index, (kind, parameters) in enumerate([*layers, ("Flatten", {}), ("Linear", {"out_features": 10})]):
        made, node = edits.add_node(made, kind, (214.0 * (index % 20), 190.0 * (index // 20)), parameters=parameters)
        made, before = edits.connect(made, Wire(before, node)), node
        ids.append(node)
    made, loss = edits.add_node(made, "CrossEntropyLoss", (0, 0))
    made, target = edits.add_node(made, "Target", (0, 0))
    return edits.connect(edits.connect(made, Wire(before, loss)), Wire(target, loss, "target")), ids


def looks_begun() -> threading.Event:
    """Set whenever a look at rest begins: it builds the network anew after each edit."""
    from engine.compile import compiler

    begun, build = threading.Event(), compiler.compile_graph

    def told(*arguments, **named):
        begun.set()
        return build(*arguments, **named)

    compiler.compile_graph = told
    return begun


def measure(
    document, node: str, parameter: str, values: range, wait: Callable[[int], None] = lambda _number: None
) -> list[float]:
    """Milliseconds of each edit; before each, `wait` is called with its number."""
    from engine.graph import edits
    from tests.bench.bench_window import _pump

    taken = []
    for number, value in enumerate(values):
        wait(number)
        arrived: list[float] = []
        connection = document.report_changed.connect(lambda _r, a=arrived: a.append(time.perf_counter()))
        began = time.perf_counter()
        document.change(edits.set_parameter(document.design, node, parameter, value), "Change", None)
        _pump(lambda: document.reported_design is document.design, 10)
        document.report_changed.disconnect(connection)
        taken.append(1000 * (arrived[-1] - began))
    return taken


def main() -> None:
    home = tempfile.mkdtemp()
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    from PySide6.QtWidgets import QApplication

    from engine.project import templates
    from engine.project.project import Project
    from gui.main_window import MainWindow
    from gui.theme import theme
    from tests.bench.bench_window import _pump

    app = QApplication([])
    theme.apply(app, "dark")
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    document = window.document
    window.runner.start_warm_up()
    lenet = templates.load("lenet")
    chain, ids = _chain(100)
    first = next(n.id for n in lenet.graph.nodes.values() if n.label == "conv1")
    cases = [(f"LeNet, conv1{when}", lenet, first, 11) for when in (", just opened", WHILE_LOOKED_AT, "")]
    cases += [(f"100 layers, {w}", chain, ids[i], 102 - i) for w, i in (("first", 0), ("middle", 50), ("last", 99))]
    begun = looks_begun()

    def amid_a_look(number: int) -> None:
        if number == 0:  # as it was opened, it may have been looked at before: its network is kept then
            return
        begun.clear()
        deadline = time.monotonic() + 10
        while not begun.wait(0.002):
            app.processEvents()
            assert time.monotonic() < deadline, "nothing was looked at"
        time.sleep(LOOK_SECONDS * (number % 10) / 10)

    print("| design | layers whose input changed | median ms | worst ms | aim ms |")
    print("|---|---|---|---|---|")
    for index, (title, design, node, behind) in enumerate(cases):
        document.set_project(Project(design=design), None)
        _pump(lambda: window.runner.state == "idle" and document.reported_design is document.design, 60)
        values = range(3 + 25 * index, 3 + 25 * index + EDITS)
        taken = measure(document, node, "padding", values, *([amid_a_look] if WHILE_LOOKED_AT in title else []))
        print(f"| {title} | {behind} | {np.median(taken):.0f} | {max(taken):.0f} | {50 + 2 * behind} |", flush=True)
    window.runner.shutdown(save_state=False)
    document.set_project(Project(), None)
    window.hide()


if __name__ == "__main__":
    main()
