"""Speed and remaining time of a run."""

from __future__ import annotations

from gui.progress import Pace, Progress, duration_text


def test_pace_is_the_median_of_the_last_seconds():
    pace = Pace()
    for second in range(40):
        pace.add(second * 100, now=float(second))
    pace.add(4100, now=60.0)  # a long gap counts once
    assert pace.steps_per_second is not None
    assert 90 < pace.steps_per_second < 110


def test_a_pause_does_not_count():
    pace = Pace()
    for second in range(10):
        pace.add(second * 100, now=float(second))
    pace.pause()
    pace.add(900, now=1000.0)
    pace.add(1000, now=1001.0)
    assert pace.steps_per_second == 100


def test_durations_are_rounded_as_they_are_uncertain():
    assert [duration_text(s) for s in (0.2, 7.4, 34, 240, 4800)] == ["1 s", "7 s", "35 s", "4 min", "1 h 20 min"]


def test_progress_tells_what_is_left():
    progress = Progress(1, 4, 25, 100, 1.0, 1000.0, 33.0)
    assert progress.done == 0.25
    assert progress.left_text == "about 35 s left"
    assert Progress(1, 4, 25, 100, 1.0).left_text == ""
