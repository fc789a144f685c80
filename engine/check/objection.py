"""What a rule says against the tensors that arrive at a node; the checker makes a Problem of it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.check.report import Fix, Severity


@dataclass(frozen=True, slots=True)
class Objection:
    """`what` and `why` are sentences; `port` and `parameter` say where it shows."""

    code: str
    what: str
    why: str
    port: str | None = None
    parameter: str | None = None
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
