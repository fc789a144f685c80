"""The steps of the tour, as values: where to look, one sentence, and how it is known that the person has done it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.graph import edits
from engine.graph.design import Design
from engine.graph.model import NodeId, Wire
from engine.project import templates
from gui.document import Document
from gui.runner import Runner
from gui.shortcuts import in_force

Place = Literal["layers", "node", "train", "project"]
CONVOLUTION = "Conv"


class Facts(Protocol):
    """What steps watch."""

    document: Document
    runner: Runner


@dataclass(frozen=True, slots=True)
class Step:
    """`verb` and `icon` stand for it in the banner; `place` is what the callout points at, `node` which layer that is.
    `done(facts, began)` is asked after every change; `began` is the design with which the step began."""

    id: str
    verb: str
    icon: str
    place: Place
    text: Callable[[], str]
    done: Callable[[Facts, Design], bool]
    node: Callable[[Facts], NodeId | None] = lambda _facts: None


def unfinished() -> Design:
    """What the tour begins with: a network for the digits that lacks a ReLU, and the Flatten before its first Linear
    layer, without which it cannot be trained."""
    design = templates.load("cnn-digits")
    by_label = {node.label: node.id for node in design.graph.nodes.values()}
    design = edits.remove_nodes(design, [by_label["relu2"], by_label["flatten"]])
    design = edits.connect(design, Wire(by_label["conv2"], by_label["pool1"]))
    return edits.connect(design, Wire(by_label["pool1"], by_label["fc1"]))


# -- where to look ----------------------------------------------------------------------------
def _faulty(facts: Facts) -> NodeId | None:
    """The first layer that keeps the design from being trained."""
    return next((p.node for p in facts.document.report.blocking if p.node is not None), None)


def _convolution(facts: Facts) -> NodeId | None:
    graph = facts.document.design.graph
    return next((node for node in graph.nodes if graph.layer_of(node).kind.startswith(CONVOLUTION)), None)


# -- whether it is done -------------------------------------------------------------------------
def _added(facts: Facts, began: Design) -> bool:
    return bool(facts.document.design.graph.nodes.keys() - began.graph.nodes.keys())


def _mended(facts: Facts, _began: Design) -> bool:
    document = facts.document
    checked = document.reported_design is document.design
    return checked and bool(document.design.graph.nodes) and not document.report.blocking


def _trained(facts: Facts, _began: Design) -> bool:
    return bool(len(facts.runner.history.epochs.get("epoch", ())))


def _looked(facts: Facts, _began: Design) -> bool:
    document = facts.document
    chosen = [node for node in document.selection if node in document.design.graph.nodes]
    return len(chosen) == 1 and document.design.graph.layer_of(chosen[0]).kind.startswith(CONVOLUTION)


def _saved(facts: Facts, _began: Design) -> bool:
    return facts.document.path is not None


# -- what is said -------------------------------------------------------------------------------
def _with_key(text: str, command: str, how: str) -> str:
    """`text`, and `how` to do it with the command's key, where it has one."""
    key = in_force.hint(command)
    return f"{text}{how.format(key=key)}." if key else f"{text}."


def _add_text() -> str:
    how = "; or select conv2, press {key} and type its name"
    return _with_key("Search this list for ReLU and drag it onto the wire behind conv2", "add_layer", how)


def _mend_text() -> str:
    return _with_key("This layer cannot take what arrives: press the button on it", "fix", ", or {key}, to mend that")


def _train_text() -> str:
    return _with_key("Press Train", "train", " or {key}") + " What each layer answers is shown on it while it learns."


def _look_text() -> str:
    return "Select this convolution: its features stand at the right, one tile for each filter."


def _save_text() -> str:
    return _with_key("Save the project", "save", " with {key}") + " The design, the weights and the curves are in it."


STEPS: tuple[Step, ...] = (
    Step("add", "Add", "plus-circle", "layers", _add_text, _added),
    Step("mend", "Mend", "wrench", "node", _mend_text, _mended, _faulty),
    Step("train", "Train", "play-circle", "train", _train_text, _trained),
    Step("look", "Look", "eye", "node", _look_text, _looked, _convolution),
    Step("save", "Save", "floppy-disk", "project", _save_text, _saved),
)
