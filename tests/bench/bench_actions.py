"""Many sequences of commands and gestures, without end in sight: `python -m tests.bench.bench_actions STEPS [SEED]`.

The property of tests/gui/test_whole_table.py, played by numbers of one seed: each sequence is undone and made again,
and canvas, Outline and design are compared after each step. A sequence that fails is printed with its own seed, which
plays it again: `python -m tests.bench.bench_actions 50 SEED`; the rest goes on.
"""

from __future__ import annotations

import os
import pathlib
import random
import sys
import tempfile
import time
import traceback

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main(count: int, seed: int) -> int:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(["strata"])
    from tests.gui.action_player import LENGTH, STEPS, Player

    folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-actions-"))
    player = Player(folder)
    QApplication.clipboard().setText("nothing that could be pasted")
    raised: list[str] = []
    sys.excepthook = lambda kind, error, trace: raised.append("".join(traceback.format_exception(kind, error, trace)))
    failures, told, started = 0, 0.0, time.monotonic()
    while player.played.total() < count:
        numbers = random.Random(seed)
        steps = [
            (numbers.choice(STEPS), numbers.randrange(2_001), numbers.randrange(2_001))
            for _ in range(LENGTH + numbers.randrange(11))
        ]
        try:
            player.play(numbers.randrange(4), steps)
            assert not raised, raised[0]
        except Exception:
            failures += 1
            print(f"seed {seed} fails after {player.played.total():,} steps:\n{traceback.format_exc()}", flush=True)
            raised.clear()
            player.close()
            player = _like(player, Player(folder))
        app.processEvents()
        seed += 1
        if time.monotonic() - told > 20:
            told = time.monotonic()
            took = time.process_time()
            print(
                f"{player.played.total():,} steps, next seed {seed}, {failures} failed, {took:.0f} s of CPU", flush=True
            )
    wall, cpu, kinds = time.monotonic() - started, time.process_time(), len(player.played)
    print(f"{player.played.total():,} steps of {kinds} kinds, {failures} failed, {wall:.0f} s, {cpu:.0f} s of CPU")
    player.close()
    return 1 if failures else 0


def _like(before, player):
    player.played = before.played
    return player


if __name__ == "__main__":
    numbers = [int(argument.replace(",", "").replace("_", "")) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [1_000_000, 1][len(numbers) :])))
