"""A run as elements of a project file and back: its record, state, history and last look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import ProjectFileError
from engine.graph.design import Design
from engine.graph.frozen import Frozen
from engine.observe.history import History
from engine.observe.picture import Look, Picture, Request, View
from engine.project.elements import (
    VERSION,
    Array,
    Element,
    Group,
    array_element,
    arrays_element,
    child,
    head,
    json_element,
    read_array,
    read_arrays,
    read_group,
    read_json,
)
from engine.project.plain import Cursor, Plain, number_to_plain
from engine.project.project import RunRecord
from engine.train.events import Metrics, TrainingState

MAJOR = 1
STATUSES = ("running", "paused", "stopped", "finished", "failed")
PICTURE_KINDS = ("feature_maps", "filters")  # those that are stored
MAX_COUNT = 2**62
MAX_THREADS = 4096  # of any machine; what this one can give is asked when training goes on


# -- the record: everything about a run that is neither design nor array ----------------------------------------------
def record_to_plain(run: RunRecord) -> dict[str, Plain]:
    state: Plain = None
    if run.state is not None:
        state = {
            "step": int(run.state.step),
            "epoch": int(run.state.epoch),
            "batch": int(run.state.batch),
            "seed": int(run.state.seed),
            "threads": int(run.state.threads),
            "device": run.state.device,
            "partial": {name: number_to_plain(value) for name, value in run.state.partial.items()},
        }
    return {
        "type": "run",
        "version": VERSION,
        "id": run.id,
        "started": run.started,
        "device": run.device,
        "status": run.status,
        "test": None if run.test is None else _metrics_to_plain(run.test),
        "state": state,
    }


def plain_to_run(
    plain: Any,
    design: Design,
    arrays: Mapping[str, Mapping[str, Array]],
    history: History,
    look: Look | None,
    where: str,
) -> RunRecord:
    """`arrays` holds ‘weights’, ‘optimizer’ and ‘random’ where the run has a state."""
    at = Cursor(plain, where)
    at.head("run", MAJOR)
    state, test = at.get("state"), at.get("test")
    return RunRecord(
        id=at["id"].identifier(),
        started=at["started"].text(),
        design=design,
        history=history,
        state=None if state is None else _state(state, arrays),
        look=look,
        test=None if test is None else _metrics(test),
        device=at["device"].text(),
        status=at["status"].choice(STATUSES),
    )


def has_state(plain: Any) -> bool:
    return isinstance(plain, dict) and plain.get("state") is not None


def _state(at: Cursor, arrays: Mapping[str, Mapping[str, Array]]) -> TrainingState:
    return TrainingState(
        step=at["step"].integer(0, MAX_COUNT),
        epoch=at["epoch"].integer(0, MAX_COUNT),
        batch=at["batch"].integer(0, MAX_COUNT),
        seed=at["seed"].integer(),
        threads=at["threads"].integer(1, MAX_THREADS),
        device=at["device"].text(),
        weights=Frozen(arrays["weights"]),
        optimizer=Frozen(arrays["optimizer"]),
        random=Frozen(arrays["random"]),
        partial=Frozen((name, item.number()) for name, item in at["partial"].entries()),
    )


def _metrics_to_plain(metrics: Metrics) -> dict[str, Plain]:
    return {
        "loss": number_to_plain(metrics.loss),
        "accuracy": None if metrics.accuracy is None else number_to_plain(metrics.accuracy),
        "samples": int(metrics.samples),
        "losses": [{"label": label, "loss": number_to_plain(loss)} for label, loss in metrics.losses],
    }


def _metrics(at: Cursor) -> Metrics:
    accuracy = at.get("accuracy")
    return Metrics(
        loss=at["loss"].number(),
        accuracy=None if accuracy is None else accuracy.number(),
        samples=at["samples"].integer(0, MAX_COUNT),
        losses=tuple((item["label"].text(), item["loss"].number()) for item in at["losses"].items()),
    )


# -- history ----------------------------------------------------------------------------------------------------------
def history_to_element(history: History) -> Group:
    return Group(
        head("history"),
        {
            "loss": array_element(history.loss),
            "rate": array_element(history.rate),
            "epochs": arrays_element(history.epochs),
        },
    )


def element_to_history(element: Element, where: str) -> History:
    group = read_group(element, "history", where)
    loss, rate = (read_array(child(group, name, where), f"{where}, {name}") for name in ("loss", "rate"))
    epochs = read_arrays(child(group, "epochs", where), f"{where}, epochs")
    lengths = {column.shape for column in epochs.values()}
    if loss.ndim != 1 or loss.shape != rate.shape or len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
        raise ProjectFileError(f"The columns of {where} are not of one length.")
    return History(loss, rate, Frozen(epochs))


# -- the last look ----------------------------------------------------------------------------------------------------
def look_to_element(look: Look) -> Group:
    """Fields are left out: they are many numbers, and are drawn anew from the weights when the project is open."""
    stored = [picture for picture in look.pictures if picture.view.kind in PICTURE_KINDS]
    views = [view for view in look.request.views if view.kind in PICTURE_KINDS]
    pictures: list[Plain] = []
    tiles: dict[str, Array] = {}
    for number, picture in enumerate(stored):
        tiles[str(number)] = picture.tiles
        pictures.append(
            {
                "view": _view_to_plain(picture.view),
                "tiles": str(number),
                "units": [int(unit) for unit in picture.units],
                "total": int(picture.total),
                "low": number_to_plain(picture.low),
                "high": number_to_plain(picture.high),
                "signed": bool(picture.signed),
                "peaks": [number_to_plain(peak) for peak in picture.peaks],
                "silent": int(picture.silent),
                "zero": number_to_plain(picture.zero),
                "method": picture.method,
                "problem": picture.problem,
                "silent_units": [int(unit) for unit in picture.silent_units],
                "axes": list(picture.axes),
            }
        )
    plain: dict[str, Plain] = {
        "type": "look",
        "version": VERSION,
        "request": {
            "views": [_view_to_plain(view) for view in views],
            "probes": [int(probe) for probe in look.request.probes],
            "number": int(look.request.number),
        },
        "step": int(look.step),
        "epoch": number_to_plain(look.epoch),
        "pictures": pictures,
        "predictions": [[int(kind), number_to_plain(share)] for kind, share in look.predictions],
        "seconds": number_to_plain(look.seconds),
        "targets": [int(target) for target in look.targets],
        "samples": [int(sample) for sample in look.samples],
        "probe_count": int(look.probe_count),
    }
    return Group(head("look"), {"look": json_element(plain), "tiles": arrays_element(tiles)})


def element_to_look(element: Element, where: str) -> Look:
    group = read_group(element, "look", where)
    at = Cursor(read_json(child(group, "look", where), f"{where}, look"), where)
    at.head("look", MAJOR)
    tiles = read_arrays(child(group, "tiles", where), f"{where}, tiles")
    predictions: list[tuple[int, float]] = []
    for item in at["predictions"].items():
        pair = list(item.items(2))
        if len(pair) != 2:
            item.refuse("a class and a probability")
        predictions.append((pair[0].integer(-MAX_COUNT, MAX_COUNT), pair[1].number()))
    return Look(
        request=Request(
            views=tuple(_view(item) for item in at["request"]["views"].items()),
            probes=_integers(at["request"]["probes"]),
            number=at["request"]["number"].integer(-MAX_COUNT, MAX_COUNT),
        ),
        step=at["step"].integer(-MAX_COUNT, MAX_COUNT),
        epoch=at["epoch"].number(),
        pictures=tuple(_picture(item, tiles) for item in at["pictures"].items()),
        predictions=tuple(predictions),
        seconds=at["seconds"].number(),
        targets=_integers(at["targets"]),
        samples=_integers(at["samples"]),
        probe_count=at["probe_count"].integer(0, MAX_COUNT),
    )


def _integers(at: Cursor) -> tuple[int, ...]:
    return tuple(item.integer(-MAX_COUNT, MAX_COUNT) for item in at.items())


def _view_to_plain(view: View) -> dict[str, Plain]:
    return {"path": list(view.path), "kind": view.kind, "units": int(view.units), "port": view.port}


def _view(at: Cursor) -> View:
    path = tuple(item.text() for item in at["path"].items(1000))
    return View(path, at["kind"].choice(PICTURE_KINDS), at["units"].integer(-MAX_COUNT, MAX_COUNT), at["port"].text())


def _picture(at: Cursor, tiles: Mapping[str, Array]) -> Picture:
    name = at["tiles"].text()
    if name not in tiles or not np.issubdtype(tiles[name].dtype, np.floating):
        at["tiles"].refuse("the name of a stored array of floats")
    return Picture(
        view=_view(at["view"]),
        tiles=tiles[name],
        units=_integers(at["units"]),
        total=at["total"].integer(-MAX_COUNT, MAX_COUNT),
        low=at["low"].number(),
        high=at["high"].number(),
        signed=at["signed"].boolean(),
        peaks=tuple(item.number() for item in at["peaks"].items()),
        silent=at["silent"].integer(-MAX_COUNT, MAX_COUNT),
        zero=at["zero"].number(),
        method=at["method"].text(),
        problem=at["problem"].text(),
        silent_units=_integers(at["silent_units"]),
        axes=_axes(at.get("axes")),
    )


def _axes(at: Cursor | None) -> tuple[str, str]:
    """What lies down and across a picture; the first files did not say."""
    names = [item.text() for item in at.items(2)] if at is not None else ["row", "column"]
    if at is not None and len(names) != 2:
        at.refuse("two names")
    return names[0], names[1]
