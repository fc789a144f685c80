"""Any sequence of commands and gestures in the whole window, whatever is selected meanwhile: canvas, Outline and design
always tell the same; undo all gives the first design again, and redo all the last.

Played is every row of the table but those that tests.gui.action_player leaves out with a reason, and what the mouse and
the fields of Outline and Inspector do. STRATA_TABLE_STEPS says how many steps are made in all (1,500 where it is not
set: a window takes thrice the time of the canvas and the Outline of test_all_actions.py); the count is printed.
tests/bench/bench_actions.py plays as many as one likes.
"""

from __future__ import annotations

import os
import pathlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from gui.actions import ROWS
from tests.gui.action_player import COMMANDS, DEAR, GESTURES, LENGTH, NOT_PLAYED, STEPS, Player, Step

COUNT = int(os.environ.get("STRATA_TABLE_STEPS", "1500"))


def test_all_commands_are_played_but_those_left_out_with_a_reason() -> None:
    assert set(COMMANDS) | set(NOT_PLAYED) == set(ROWS), "a row that is gone is still left out"
    assert not set(COMMANDS) & set(NOT_PLAYED) and all(NOT_PLAYED.values())
    assert set(STEPS) == {*COMMANDS, *GESTURES}


@pytest.mark.timeout(900)
def test_any_sequence_can_be_undone_and_is_shown_as_it_is(qtbot, capsys, tmp_path: pathlib.Path) -> None:
    player = Player(tmp_path)
    QApplication.clipboard().setText("nothing that could be pasted")
    numbers = st.integers(0, 2_000)
    steps = st.lists(st.tuples(st.sampled_from(STEPS), numbers, numbers), min_size=LENGTH, max_size=LENGTH + 10)
    started, cpu = time.monotonic(), time.process_time()

    @settings(
        max_examples=max(1, COUNT // LENGTH),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 3), steps)
    def played(start: int, chosen: list[Step]) -> None:
        player.play(start, chosen)

    try:
        played()
    finally:
        player.close()
    total, unused = player.played.total(), {*COMMANDS, *GESTURES} - set(player.played) - DEAR
    with capsys.disabled():
        took, cpu = time.monotonic() - started, time.process_time() - cpu
        print(f"\n{total:,} steps of {len(player.played)} kinds, undone and redone, {took:.0f} s, {cpu:.0f} s of CPU")
    assert total >= COUNT and (COUNT < 4_000 or not unused), unused
