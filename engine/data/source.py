"""From a data choice to a data set: built-in names and folders, split by seed, as arrays the network can take.

No torch here. What was read is kept for a while (two sets), so that opening the same data again costs nothing.
"""

from __future__ import annotations

import functools
import os
import pathlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.data import splits
from engine.data.raw import Raw
from engine.data.sources import digits, folder, idx
from engine.data.sources.grammar import GRAMMAR
from engine.data.sources.points import CIRCLES, MOONS, SPIRALS, XOR
from engine.data.sources.sequences import ADDING, SEQUENCES
from engine.data.sources.shapes import SHAPES
from engine.data.sources.strokes import STROKES
from engine.data.spec import DataSpec, FieldSpec, SourceInfo
from engine.errors import DataError, StrataError, UnknownName, nearest
from engine.graph.design import DataChoice

Array = np.ndarray[Any, Any]


CLOSE = 0.65  # to be taken for a built-in set: ‘mnsit’ is no ‘moons’, ‘xro’ is ‘xor’

_DRAWN = (STROKES, SHAPES, MOONS, CIRCLES, SPIRALS, XOR, GRAMMAR, SEQUENCES, ADDING)
_BUILT_IN: dict[str, tuple[Callable[[], Raw], SourceInfo]] = {
    digits.NAME: (digits.read, SourceInfo(digits.NAME, digits.TITLE, digits.SUMMARY, digits.TEACHES)),
    **{drawn.info.name: (drawn.read, drawn.info) for drawn in _DRAWN},
}


def available() -> tuple[SourceInfo, ...]:
    """The built-in sets, in the order they are offered. Nothing is read or drawn for this."""
    return tuple(info for _, info in _BUILT_IN.values())


class Dataset:
    """An opened data set. Immutable; any thread may use it. `problem` says why its parts cannot be learned from (empty
    where they can): its samples can be looked at all the same."""

    def __init__(self, raw: Raw, choice: DataChoice):
        self._raw = raw
        self._parts = splits.split(raw, choice)
        self.problem = splits.problem(raw, choice, self._parts)
        self.choice = choice
        self.spec = DataSpec(
            name=raw.name,
            title=raw.title,
            inputs=tuple(_bounded(f, raw.arrays[f.name]) for f in raw.inputs),
            targets=raw.targets,
            train=len(self._parts["train"]),
            validation=len(self._parts["validation"]),
            test=len(self._parts["test"]),
            provenance=raw.provenance,
            official_test=raw.official_test > 0,
            synthetic=raw.synthetic,
            fingerprint=raw.fingerprint,
            warnings=raw.warnings,
        )

    def arrays(self, split: str, first: int | None = None) -> Mapping[str, Array]:
        """Every field of one part (‘train’, ‘validation’, ‘test’), as the network receives it; of its first samples
        only where `first` is given. A field is made when it is asked for, anew each time: it is the caller's, and what
        nobody asks for (masks, where only names are learned) takes no memory."""
        if split not in self._parts:
            raise UnknownName("part of a data set", split, splits.PARTS)
        indices = self._parts[split][:first]
        return _Made(
            {f.name: functools.partial(self._field, f, indices) for f in (*self._raw.inputs, *self._raw.targets)}
        )

    def _field(self, field: FieldSpec, indices: Array) -> Array:
        values = self._raw.arrays[field.name][indices].astype(field.dtype, order="C")
        divisor = self._raw.divisors.get(field.name, 1.0)
        if divisor != 1.0:
            values /= np.asarray(divisor, values.dtype)
        return values


class _Made(Mapping[str, Array]):
    """Arrays by field, each made when it is asked for."""

    def __init__(self, makers: dict[str, Callable[[], Array]]):
        self._makers = makers

    def __getitem__(self, name: str) -> Array:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers  # a Mapping's own way would make the array

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _bounded(field: FieldSpec, values: Array) -> FieldSpec:
    """With the bound of its whole numbers, be they tokens or categories."""
    if field.below or not field.dtype.startswith("int") or not values.size:
        return field
    return replace(field, below=max(int(values.max()) + 1, 0))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the data that a design names. `spec` has their fields, and with them all shapes, also where they
    cannot be split as they should, or were read once, if only by whoever saved the project, and cannot be read now
    (then `dataset` is None). `problem` says why nothing can be trained on them."""

    spec: DataSpec | None
    dataset: Dataset | None
    problem: str = ""


def known(choice: DataChoice) -> Known:
    """For whatever does not train: what can be told of the data, be they fit to be learned from or not."""
    try:
        dataset = _dataset(choice)
    except StrataError as error:
        return Known(last_known(choice), None, str(error))
    return Known(dataset.spec, dataset, dataset.problem)


def last_known(choice: DataChoice) -> DataSpec | None:
    """The data as they were when they were last read, without counts: here, or by whoever saved the project."""
    return _last.get(choice.source) or _told.get(choice.source)


def remember(choice: DataChoice, spec: DataSpec | None) -> None:
    """What the project that is now opened tells of its data. It counts until they are read."""
    _told.clear()
    if spec is not None and choice.source:
        _told[choice.source] = spec


def open_data(choice: DataChoice) -> Dataset:
    """The data set that a design names, to learn from. DataError or UnknownName, one sentence each, where that cannot
    be."""
    dataset = _dataset(choice)
    if dataset.problem:
        raise DataError(dataset.problem)
    return dataset


def _dataset(choice: DataChoice) -> Dataset:
    dataset = Dataset(_raw(choice.source), choice)
    _last[choice.source] = replace(dataset.spec, train=0, validation=0, test=0)
    return dataset


_KEPT = 2
_kept: OrderedDict[tuple[object, ...], Raw] = OrderedDict()
_lock = threading.Lock()
_last: dict[str, DataSpec] = {}  # of each source, as it was when it was last read: its fields, no samples
_told: dict[str, DataSpec] = {}  # the same, of the project that was opened last


def _raw(source: str) -> Raw:
    if not source.strip():
        raise DataError("No data are chosen. Choose a built-in set such as ‘digits’, or a folder of idx files.")
    if source in _BUILT_IN:
        key, read = (source,), _BUILT_IN[source][0]
    else:
        place = _place(source)
        key = _state(place)

        def read() -> Raw:
            return folder.read(place)

    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    raw = read()  # outside the lock: it may take seconds
    with _lock:
        _kept[key] = raw
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return raw


def _place(source: str) -> pathlib.Path:
    """The folder that a source names; relative paths are taken from where the program was started."""
    path = pathlib.Path(os.path.abspath(os.path.expanduser(source)))
    if path.is_dir():
        return path
    if os.path.lexists(path):
        _require_reachable(path)
        raise DataError(f"{path} is not a folder. Give the folder that holds the idx files.")
    looks_like_path = any(sign in source for sign in ("/", "\\", "~")) or source.startswith(".")
    if looks_like_path and nearest(source, _BUILT_IN) is None:
        beside = folder.within(path.parent)
        close = nearest(path.name, beside)
        hint = f" Did you mean {path.parent / close}?" if close else ""
        raise DataError(
            f"There is no folder {path} to read the project's data from.{hint} Choose the folder again in the Data "
            "panel, or name it on the command line with --data FOLDER."
        )
    raise UnknownName(
        "data set or folder", source, _BUILT_IN, or_else="a folder of idx files such as MNIST's", least=CLOSE
    )


def _require_reachable(path: pathlib.Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as error:
        raise DataError(f"{path} is a link to {os.readlink(path)}, which is not there.") from error
    except OSError as error:
        raise idx.unreadable(path, error) from error


def _state(place: pathlib.Path) -> tuple[object, ...]:
    """What tells whether the files are still those that were read: their names, sizes and times."""
    state = []
    for path in sorted(folder.find(place).values()):
        try:
            told = path.stat()
        except OSError as error:
            raise idx.unreadable(path, error) from error
        state.append((path.name, told.st_size, told.st_mtime_ns))
    return (str(place), *state)
