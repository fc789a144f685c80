"""Opening and saving projects for the commands, and the data they choose."""

from __future__ import annotations

import json
import math
import os
import pathlib
import sys
from collections.abc import Mapping
from dataclasses import replace

from engine.check.words import counted, sizes
from engine.cli import streams
from engine.data import source
from engine.errors import DataError
from engine.graph.design import DataChoice, Design
from engine.project import store
from engine.project.project import Loaded, Project

NO_DATA = "No data are chosen for this project. Name a built-in set or a folder: --data digits."


def say(sentence: str) -> None:
    """A word beside the result: on stderr, so that stdout stays what was asked for."""
    streams.line(f"strata: {sentence}", sys.stderr)


def strict_json(value: object) -> str:
    """JSON that every reader takes: a number that is not finite becomes null; ASCII, whatever the stream's encoding."""

    def plain(item: object) -> object:
        if isinstance(item, float) and not math.isfinite(item):
            return None
        if isinstance(item, Mapping):
            return {str(k): plain(v) for k, v in item.items()}
        return [plain(v) for v in item] if isinstance(item, list | tuple) else item

    return json.dumps(plain(value), allow_nan=False)


def open_project(path: str) -> Project:
    """Read a project; sentences about what was left out go to stderr. What it tells of its data is remembered."""
    loaded: Loaded = store.load(pathlib.Path(path), sandbox=True)
    for note in loaded.notes:
        say(note)
    source.remember(loaded.project.design.data, loaded.project.data)
    return loaded.project


def with_data(choice: DataChoice, spec: str | None) -> DataChoice:
    """The choice with its source replaced by SPEC. A folder is kept as an absolute path, so that the project can be
    opened from anywhere."""
    if spec is None:
        return choice
    known = {info.name for info in source.available()}
    place = spec if spec in known or not os.path.exists(spec) else os.path.abspath(spec)
    return replace(choice, source=place)


def open_data(choice: DataChoice) -> source.Dataset:
    """The data set; DataError where none is chosen or it cannot be read."""
    if not choice.source:
        raise DataError(NO_DATA)
    return source.open_data(choice)


def told_of(dataset: source.Dataset) -> str:
    """‘mnist (image 1×28×28, label of 10 classes)’."""
    spec = dataset.spec
    inputs = [f"{field.name} {sizes(field.shape)}" for field in spec.inputs]
    targets = [
        f"{field.name} of {counted(len(field.classes), 'class', 'classes')}" if field.classes else field.name
        for field in spec.targets
    ]
    return f"{spec.name} ({', '.join((*inputs, *targets))})"


def known_data(design: Design) -> source.Known:
    """What is known of the data: no spec where none are chosen, or nobody ever read them; nothing said against none."""
    return source.known(design.data) if design.data.source else source.Known(None, None)
