"""Which nodes wait for another."""

from __future__ import annotations

import itertools

from engine.check.report import Problem
from engine.check.waiting import waiting
from engine.graph.model import Wire


def chain(names: str) -> list[Wire]:
    return [Wire(a, b) for a, b in itertools.pairwise(names)]


def error(node: str | None, code: str = "shape-mismatch", severity: str = "error") -> Problem:
    return Problem(code, severity, "It cannot.", "So it is.", node)  # type: ignore[arg-type]


def test_what_lies_behind_waits_for_the_nearest_problem() -> None:
    found = waiting(chain("abcdef"), [error("b"), error("d")])
    assert found.on == {"b": "b", "c": "b", "d": "d", "e": "d", "f": "d"}
    assert [found.whom(node) for node in "abcdef"] == [None, None, "b", None, "d", "d"]


def test_warnings_failed_trainings_and_problems_of_the_whole_design_keep_nothing_back() -> None:
    problems = [error("a", severity="warning"), error("b", "training-failed"), error(None)]
    assert waiting(chain("abc"), problems).on == {}


def test_the_nodes_of_a_ring_wait_for_the_one_that_tells_of_it() -> None:
    wires = [*chain("abcd"), Wire("d", "b"), Wire("d", "e")]
    found = waiting(wires, [error("c", "cycle")])
    assert [found.whom(node) for node in "abcde"] == [None, "c", None, "c", "c"]
    assert found.rings == {Wire("b", "c"), Wire("c", "d"), Wire("d", "b")}
