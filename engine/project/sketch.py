"""Designs written down as rows: a layer, where it stands, and what it follows.

Ids are made from labels, so that one seed gives the same initial weights each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.graph import edits, labels
from engine.graph.design import Design, Place
from engine.graph.model import Value, Wire

# Nodes are 152 wide and up to 152 high; rows wrap as text does.
COLUMN, ROW, COLUMNS = 214.0, 190.0, 4
BELOW_A_VECTOR = 134.0  # where a small node finds room under a node of 118
BELOW_A_FIELD = 172.0  # the nodes of a network of two inputs are taller: they show fields

# One layer of a chain: kind, label, parameters.
Step = tuple[str, str, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Part:
    """One node. `after` holds the labels of the nodes that enter its input, in order; ‘gru.hidden’ is another port than
    the first."""

    kind: str
    label: str
    place: Place
    after: tuple[str, ...] = ()
    parameters: dict[str, Value] = field(default_factory=dict[str, Value])


def built(parts: list[Part]) -> Design:
    """The design of these nodes and the wires between them."""
    design = Design()
    for part in parts:
        design = _add(design, part.kind, part.label, part.place, part.parameters)
        for source in part.after:
            label, _, port = source.partition(".")
            wire = Wire(f"node_{label}", f"node_{part.label}", source_port=port or "output")
            design = edits.connect(design, wire)
    return design


def judged(
    design: Design,
    scores: str,
    place: Place,
    *,
    field: str = "",
    loss: str = "CrossEntropyLoss",
    below: float = BELOW_A_VECTOR,
) -> Design:
    """With a loss for what the node `scores` gives, and its target so far `below` that node, as a second entry of the
    loss."""
    label = labels.label_base(loss)
    design = _add(design, loss, label, place, {})
    design = edits.connect(design, Wire(f"node_{scores}", f"node_{label}"))
    column, row = design.places[f"node_{scores}"]
    parameters: dict[str, Value] = {"field": field} if field else {}
    design = _add(design, "Target", "target", (column, row + below), parameters)
    return edits.connect(design, Wire("node_target", f"node_{label}", "target"))


def place_of(index: int) -> Place:
    """Where the node number `index` of a chain stands."""
    return at(index % COLUMNS, index // COLUMNS)


def at(column: float, row: float) -> Place:
    return column * COLUMN, row * ROW


def chain(
    steps: list[Step], *, field: str = "", loss: str = "CrossEntropyLoss", below: float = BELOW_A_VECTOR
) -> Design:
    """From the data's input through one layer after another to the loss; the last step gives the scores."""
    parts, before = list[Part](), tuple[str, ...]()
    for index, (kind, label, parameters) in enumerate(steps):
        parts.append(Part(kind, label, place_of(index), before, parameters))
        before = (label,)
    return judged(built(parts), steps[-1][1], place_of(len(steps)), field=field, loss=loss, below=below)


def _add(design: Design, kind: str, label: str, place: Place, parameters: dict[str, Value]) -> Design:
    added, _node = edits.add_node(
        design, kind, place, label=label, parameters=parameters, node_id=f"node_{label}", layer_id=f"layer_{label}"
    )
    return added
