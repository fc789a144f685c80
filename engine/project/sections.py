"""Which sections a project file has, and how a project becomes sections and sections a project.

A section is an element at a path with a digest of its own. Required ones must be whole; a damaged optional one is left
out with a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from engine.data.spec import DataSpec
from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.observe.history import History
from engine.project import codec, fields, records
from engine.project.elements import VERSION, Array, Element, arrays_element, json_element, read_arrays, read_json
from engine.project.plain import UPDATE, Cursor
from engine.project.project import Loaded, Project, RunRecord

MAJOR = 1
MAX_RUNS = 10_000
STATE_PARTS = ("weights", "optimizer", "random")

T = TypeVar("T")

_TITLES = {"manifest": "the list of contents", "design": "the design", "view": "the canvas position",
           "data": "what is known of the data"}  # fmt: skip
_RUN_TITLES = {"record": "the record", "design": "the design", "weights": "the weights", "random": "the random state",
               "optimizer": "the optimiser's state", "history": "the history", "look": "the pictures"}  # fmt: skip


def title(path: str) -> str:
    """What stands at a path, as a person calls it: ‘the weights of run 2’."""
    steps = path.split("/")
    if steps[0] == "runs" and len(steps) > 2 and steps[1].isdecimal() and steps[2] in _RUN_TITLES:
        return f"{_RUN_TITLES[steps[2]]} of run {int(steps[1]) + 1}"
    return _TITLES.get(path, f"the part ‘{path[:100]}’")


def missing(path: str) -> ProjectFileError:
    return ProjectFileError(
        f"The section ‘{path[:100]}’ is missing, {title(path)}. The file was left as it is; open an earlier copy of it."
    )


@dataclass(frozen=True)
class Section:
    path: str
    element: Element
    required: bool = True


def sections_of(project: Project) -> Iterator[Section]:
    """One after the other, so that never more than one section is held beside the project itself."""
    yield Section("design", json_element(codec.design_to_plain(project.design)))
    if project.view is not None and all(math.isfinite(number) for number in project.view):
        zoom, x, y = (float(number) for number in project.view)
        plain = {"type": "view", "version": VERSION, "zoom": zoom, "x": x, "y": y}
        yield Section("view", json_element(plain), required=False)
    if project.data is not None and fields.can_be_kept(project.data):
        yield Section("data", json_element(fields.spec_to_plain(project.data)), required=False)
    for number, run in enumerate(project.runs):
        base = f"runs/{number}"
        yield Section(f"{base}/record", json_element(records.record_to_plain(run)))
        yield Section(f"{base}/design", json_element(codec.design_to_plain(run.design)))
        if run.state is not None:
            for part in STATE_PARTS:
                yield Section(f"{base}/{part}", arrays_element(getattr(run.state, part)))
        yield Section(f"{base}/history", records.history_to_element(run.history), required=False)
        if run.look is not None:
            yield Section(f"{base}/look", records.look_to_element(run.look), required=False)


# -- reading --------------------------------------------------------------------------------------------------------
class Parts:
    """What a file offers: `get(path)` gives a section's element, checked against its digest, or refuses."""

    def __init__(self, paths: dict[str, bool], get: Callable[[str], Element]):
        self.paths = paths  # path → required, as the file says
        self._get = get
        self.notes: list[str] = []

    def element(self, path: str) -> Element:
        if path not in self.paths:
            raise missing(path)
        return self._get(path)

    def optional(self, path: str, what: str, read: Callable[[Element, str], T], default: T) -> T:
        """What `read` makes of a section; `default` and a note where it is damaged, `default` where there is none."""
        if path not in self.paths:
            return default
        try:
            return read(self._get(path), title(path))
        except ProjectFileError as error:
            self.notes.append(f"{what} could not be read and was left out. {error}")
            return default


def project_from(parts: Parts) -> Loaded:
    """The project that the sections hold."""
    _check_paths(parts.paths)
    design = codec.plain_to_design(read_json(parts.element("design"), title("design")), title("design"))
    view = parts.optional("view", "The canvas position", _view, None)
    data = parts.optional("data", "What is known of the data", _data, None)
    runs = tuple(_run(parts, number) for number in range(_run_count(parts.paths)))
    return Loaded(Project(design, runs, view, data), tuple(parts.notes))


def _run(parts: Parts, number: int) -> RunRecord:
    base = f"runs/{number}"
    recorded, designed = title(f"{base}/record"), title(f"{base}/design")
    record = read_json(parts.element(f"{base}/record"), recorded)
    design: Design = codec.plain_to_design(read_json(parts.element(f"{base}/design"), designed), designed)
    arrays: dict[str, dict[str, Array]] = {}
    if records.has_state(record):
        for part in STATE_PARTS:
            arrays[part] = read_arrays(parts.element(f"{base}/{part}"), title(f"{base}/{part}"))
    history = parts.optional(
        f"{base}/history", f"The history of run {number + 1}", records.element_to_history, History()
    )
    look = parts.optional(f"{base}/look", f"The pictures of run {number + 1}", records.element_to_look, None)
    return records.plain_to_run(record, design, arrays, history, look, recorded)


def _view(element: Element, where: str) -> tuple[float, float, float]:
    at = Cursor(read_json(element, where), where)
    at.head("view", MAJOR)
    return at["zoom"].finite(), at["x"].finite(), at["y"].finite()


def _data(element: Element, where: str) -> DataSpec:
    return fields.plain_to_spec(read_json(element, where), where)


def _run_count(paths: dict[str, bool]) -> int:
    """Runs are numbered from 0 without a gap."""
    numbers = {path.split("/")[1] for path in paths if path.startswith("runs/") and path.count("/") == 2}
    if len(numbers) > MAX_RUNS or numbers != {str(number) for number in range(len(numbers))}:
        raise ProjectFileError("The runs are not numbered one after the other.")
    return len(numbers)


def _check_paths(paths: dict[str, bool]) -> None:
    """A section that must be understood and is not known comes from a newer program."""
    in_run = ("record", "design", *STATE_PARTS, "history", "look")
    for path, required in paths.items():
        steps = path.split("/")
        known = path in ("design", "view", "data") or (len(steps) == 3 and steps[0] == "runs" and steps[2] in in_run)
        if required and not known:
            raise ProjectFileError(f"It needs the section ‘{path[:100]}’, which this program does not know. {UPDATE}")
