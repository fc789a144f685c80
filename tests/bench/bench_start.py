"""First paint: from the start of the process to the first painted frame, with torch not yet imported.

    python tests/bench/bench_start.py [starts]

Two starts are measured in turn, that which shows the welcome page and that which shows the canvas. Prints the median of
warm starts of each (one more is made first and not counted) and whether torch was there. Runs on whatever screen there
is (QT_QPA_PLATFORM=offscreen without one).
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from gui.settings import Settings

ROOT = pathlib.Path(__file__).resolve().parents[2]

CHILD = """
import json, os, sys, time
sys.path.insert(0, os.environ["STRATA_ROOT"])
started = float(os.environ["STRATA_STARTED"])
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

class Watch(QObject):
    def eventFilter(self, thing, event):
        names = {type(thing).__name__, type(thing.parent()).__name__}
        if event.type() == QEvent.Type.Paint and os.environ["STRATA_SHOWS"] in names and not self.seen:
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


PAGES = {"welcome page": "WelcomePage", "canvas": "CanvasView"}


def first_paint(home: str, page: str) -> dict[str, object]:
    """Seconds to the first frame with this page in a window, in a home folder whose settings ask for that page."""
    env = dict(os.environ, STRATA_ROOT=str(ROOT), STRATA_SHOWS=PAGES[page], HOME=home)
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        env[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    settings = pathlib.Path(env["XDG_CONFIG_HOME"]) / "strata" / "strata.ini"
    settings.parent.mkdir(parents=True, exist_ok=True)
    store = Settings(settings)
    store.welcome_at_start = page == "welcome page"
    store.sync()
    env["STRATA_STARTED"] = str(time.monotonic())
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, env=env, timeout=60)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"no paint was seen:\n{done.stdout}\n{done.stderr}")
    return json.loads(lines[-1])


def main() -> None:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with contextlib.ExitStack() as stack:
        homes = {page: stack.enter_context(tempfile.TemporaryDirectory()) for page in PAGES}
        for page, home in homes.items():
            first_paint(home, page)
        found = {page: [] for page in PAGES}
        for _ in range(starts):
            for page, home in homes.items():
                found[page].append(first_paint(home, page))
    for page, starts_made in found.items():
        seconds = [float(str(f["seconds"])) for f in starts_made]
        torch_there = any(f["torch"] for f in starts_made)
        print(f"first paint of the {page}: median {statistics.median(seconds):.2f} s of {starts} warm starts")
        print(f"    from {min(seconds):.2f} to {max(seconds):.2f} s; torch imported: {torch_there}")


if __name__ == "__main__":
    main()
