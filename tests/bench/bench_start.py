"""First paint: from the start of the process to the first painted frame of the canvas, with torch not yet imported.

    python tests/bench/bench_start.py [starts]

Prints the median of warm starts (one more is made first and not counted) and whether torch was there. Runs on whatever
screen there is (QT_QPA_PLATFORM=offscreen without one).
"""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

CHILD = """
import json, os, sys, time
sys.path.insert(0, os.environ["STRATA_ROOT"])
started = float(os.environ["STRATA_STARTED"])
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

class Watch(QObject):
    def eventFilter(self, thing, event):
        if event.type() == QEvent.Type.Paint and type(thing.parent()).__name__ == "CanvasView" and not self.seen:
            self.seen, self.torch = True, "torch" in sys.modules
            QTimer.singleShot(0, self.tell)
        return False

    seen = False

    def tell(self):
        print(json.dumps({"seconds": time.monotonic() - started, "torch": self.torch}), flush=True)
        os._exit(0)

watch = Watch()
real = QApplication.exec
QApplication.exec = staticmethod(lambda *a: (QApplication.instance().installEventFilter(watch), real())[1])
import main
sys.exit(main.main([]))
"""


def first_paint(home: str) -> dict[str, object]:
    env = dict(os.environ, STRATA_ROOT=str(ROOT), STRATA_STARTED=str(time.monotonic()), HOME=home)
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        env[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, env=env, timeout=60)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"no paint was seen:\n{done.stdout}\n{done.stderr}")
    return json.loads(lines[-1])


def main() -> None:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as home:
        first_paint(home)
        found = [first_paint(home) for _ in range(starts)]
    seconds = [float(str(f["seconds"])) for f in found]
    print(f"first paint: median {statistics.median(seconds):.2f} s of {starts} warm starts")
    torch_there = any(f["torch"] for f in found)
    print(f"             from {min(seconds):.2f} to {max(seconds):.2f} s; torch imported: {torch_there}")


if __name__ == "__main__":
    main()
