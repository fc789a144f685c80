"""The data of a choice, opened: what is known of them, a few samples to be shown, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.check.report import Problem, Report
from engine.data.preview import Preview, preview
from engine.data.spec import DataSpec
from engine.graph.design import DataChoice

if TYPE_CHECKING:
    from engine.data.source import Dataset


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of the data of a choice, and why they cannot be trained on (`dataset` is there all the same where
    they can be read). `samples` are a few of the training part, to be shown."""

    choice: DataChoice
    spec: DataSpec | None = None
    dataset: Dataset | None = None
    problem: str = ""
    samples: Preview | None = None


def identity(choice: DataChoice) -> DataChoice:
    """What makes data other data: all but the fingerprint, which is only known once they are open."""
    return replace(choice, fingerprint="")


def opened(choice: DataChoice, before: Opened | None) -> Opened:
    """The data of `choice`: `before` itself where that holds them and nothing more is known of them by now. Reading
    them may take seconds."""
    from engine.data import source

    choice = identity(choice)
    if before is not None and before.choice == choice:
        told_anew = before.dataset is None and before.spec != source.last_known(choice)
        if not told_anew:
            return before
    known = source.known(choice) if choice.source else source.Known(None, None)
    samples = _samples(known.dataset) if known.dataset is not None else None
    return Opened(choice, known.spec, known.dataset, known.problem, samples)


def problems(opened: Opened, report: Report) -> tuple[Problem, ...]:
    """A problem that says why data could not be read; and one for missing data where the check has not told."""
    if opened.problem:
        from engine.check import needs

        return (needs.unusable(opened.problem),)
    if opened.dataset is None and not any(p.code.startswith(("data", "no-data")) for p in report.problems):
        what, why = "No data are chosen.", "A network learns from examples: choose a data set."
        return (Problem("data-missing", "error", what, why),)
    return ()


def _samples(dataset: Dataset) -> Preview | None:
    """A few samples of the training part, to be shown; None where nothing can be."""
    return preview(dataset) if dataset.spec.train else None
