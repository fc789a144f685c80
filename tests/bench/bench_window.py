"""Training with the window shown at 1600×1000, features and curves on: `python -m tests.bench.bench_window`.

Against the best loop by hand, with the window idle. The same networks, data, batch and optimiser as bench_loop, in one
process, in turns: Strata's run goes on for a while with the window alive and a layer's features shown, pauses; then the
loop by hand takes about as many steps in a thread of its own while the window shows the paused run. CPU time is that of
the training thread, wall time that of the turn. Also printed: pictures a second, and how late the window's event loop
was (a 10 ms heartbeat, in ten more turns).
"""

from __future__ import annotations

import argparse
import os
import pathlib
import platform
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

SECONDS = 1.0  # one turn


def _pump(until: Callable[[], bool] | None, seconds: float) -> None:
    """Let the window live: a real event loop that sleeps while nothing happens, until something is so or time is up."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop, loop.quit)
    asking = QTimer()
    asking.setInterval(20)
    if until is not None:
        asking.timeout.connect(lambda: until() and loop.quit())
        asking.start()
    loop.exec()
    asking.stop()


def _cpu_clock() -> int:
    """The CPU clock of the thread that trains."""
    thread = next(t for t in threading.enumerate() if t.name == "strata-run" and t.is_alive())
    assert thread.ident is not None
    return time.pthread_getcpuclockid(thread.ident)


class Bench:
    def __init__(self, name: str, folder: pathlib.Path):
        from PySide6.QtCore import QTimer

        from engine.data.source import open_data
        from engine.graph.design import DataChoice
        from engine.project.project import Project
        from gui.main_window import MainWindow
        from tests.bench import bench_loop

        self.name, self.loop = name, bench_loop
        choice = DataChoice(str(folder), validation=0.001)
        design = bench_loop.designed(bench_loop.MLP if name == "mlp" else bench_loop.LENET)
        places = {node: (60.0 + 214 * (i % 4), 60.0 + 190 * (i // 4)) for i, node in enumerate(design.graph.nodes)}
        recipe = replace(design.recipe, epochs=100_000)
        design = replace(design, data=choice, recipe=recipe, places=type(design.places)(places))
        self.data = open_data(choice)
        self.window = MainWindow()
        self.window.document.set_project(Project(design=design), None)
        self.window.resize(1600, 1000)
        self.window.show()
        self.runner = self.window.runner
        self.runner.start_warm_up()
        _pump(lambda: self.runner.state == "idle" and self.window.document.report.trainable, 60)
        self._show_features(design)
        self.looks = 0
        self.window.document.look_arrived.connect(self._on_look)
        self.late: list[float] = []
        self._expected = 0.0
        self.beat = QTimer(self.window)
        self.beat.setInterval(10)
        self.beat.timeout.connect(self._on_beat)

    def _show_features(self, design) -> None:
        hidden = next(n for n in design.graph.nodes if design.graph.layer_of(n).kind in ("Conv2d", "Linear"))
        self.window.document.select(frozenset({hidden}))
        self.window.inspector.show_features()
        self.window.canvas.fit()

    def _on_look(self, _look: object) -> None:
        self.looks += 1

    def _on_beat(self) -> None:
        now = time.perf_counter()
        if self._expected:
            self.late.append(max(0.0, now - self._expected))
        self._expected = now + 0.010

    def strata(self) -> tuple[int, float, float]:
        """(steps, CPU seconds, wall seconds) of one turn."""
        steps, cpu, wall = self._steps(), time.clock_gettime(self.clock), time.perf_counter()
        self.runner.resume()
        _pump(None, SECONDS)
        self.runner.pause()
        _pump(lambda: self.runner.state == "paused", 30)
        taken = self._steps() - steps
        return taken, time.clock_gettime(self.clock) - cpu, time.perf_counter() - wall

    def _steps(self) -> int:
        return self.runner.history.loss.size

    def hand(self, side, taken: list) -> tuple[float, float]:
        """CPU and wall seconds of one turn by hand, in a thread, while the window idles."""
        thread = threading.Thread(target=lambda: taken.append(self.loop.turn(side)), name="by-hand")
        thread.start()
        _pump(lambda: not thread.is_alive(), 60)
        thread.join()
        return taken[-1].cpu, taken[-1].wall

    def run(self, pairs: int) -> list[str]:
        import torch

        torch.set_num_threads(1)
        self.runner.train()
        _pump(lambda: self._steps() > 0, 60)
        self.clock = _cpu_clock()
        self.runner.pause()
        _pump(lambda: self.runner.state == "paused", 30)
        steps = max(20, self.strata()[0])
        side = self.loop.by_hand(self.name, self.data, steps)
        next(side)
        taken: list = []
        self.hand(side, taken)
        self.looks, self.late = 0, []
        cpu, wall, seconds, ours, theirs = [], [], 0.0, [], []
        for _ in range(pairs):
            count, c, w = self.strata()
            hc, hw = self.hand(side, taken)
            cpu.append((count / c) / (steps / hc))
            wall.append((count / w) / (steps / hw))
            ours.append(count / w)
            theirs.append(steps / hw)
            seconds += w
        rows = []
        for clock, ratios in (("cpu", cpu), ("wall", wall)):
            ratio, low, high = self.loop.interval(ratios)
            rows.append(
                f"| {self.name} | {clock} | {pairs} | {np.median(ours):,.0f} | {np.median(theirs):,.0f} "
                f"| **{ratio:.3f}** | {low:.3f} to {high:.3f} |"
            )
        pictures = self.looks / seconds
        self.beat.start()
        for _ in range(10):
            self._expected = 0.0
            self.strata()
        self.beat.stop()
        late = np.array(self.late) * 1000
        rows.append(
            f"{self.name}: {pictures:.1f} pictures a second; event loop late by "
            f"{np.median(late):.1f} ms (median), {np.percentile(late, 99):.1f} ms (p99), {late.max():.1f} ms (most)"
        )
        return rows

    def close(self) -> None:
        self.runner.shutdown(save_state=False)
        self.window.document.mark_saved(pathlib.Path("bench.strata"))
        self.window.hide()
        self.window.deleteLater()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--networks", nargs="*", default=["mlp", "lenet"], choices=["mlp", "lenet"])
    options = parser.parse_args()
    folder = pathlib.Path(os.environ.get("STRATA_TEST_DATA", "")) / "mnist"
    if not folder.is_dir():
        raise SystemExit("Set STRATA_TEST_DATA to the folder that holds mnist/.")
    home = tempfile.mkdtemp()
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    from PySide6.QtWidgets import QApplication

    from gui.theme import theme

    app = QApplication([])
    theme.apply(app, "dark")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {app.platformName()}\n")
    print("| network | clock | pairs | Strata steps/s | by hand steps/s | ratio | 95 % interval |")
    print("|---|---|---|---|---|---|---|")
    for name in options.networks:
        bench = Bench(name, folder)
        print("\n".join(bench.run(options.pairs)), flush=True)
        bench.close()


if __name__ == "__main__":
    main()
