"""Notes and frames: what lies on the canvas beside the graph. Pure functions, as all edits.

A frame holds what lies within it, told from where things are and stored nowhere: a node dragged out of it is out of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from engine.errors import GraphError
from engine.graph import naming
from engine.graph.design import Design, Frame, Note, Place
from engine.graph.model import LONGEST_TEXT, NodeId, new_id

Size = tuple[float, float]
Sizes = Mapping[NodeId, Size]
Rectangle = tuple[float, float, float, float]  # x and y of the top left corner, width, height

SMALLEST: Size = (40.0, 24.0)
MARGIN = 24.0  # between a frame and what it is put around
TITLE = 28.0  # the height of a frame's title, above what it holds


@dataclass(frozen=True, slots=True)
class Held:
    """What lies within a frame."""

    nodes: frozenset[NodeId]
    notes: frozenset[str]
    frames: frozenset[str]


# -- notes --------------------------------------------------------------------------------------------------------
def add_note(design: Design, text: str, place: Place, size: Size | None = None) -> tuple[Design, str]:
    """A note with its top left corner at `place`. Returns its id too."""
    note = Note(new_id(), _text(text), *place)
    x, y, width, height = _at_least((*place, *(size or (note.width, note.height))))
    note = replace(note, x=x, y=y, width=width, height=height)
    return replace(design, notes=(*design.notes, note)), note.id


def write_note(design: Design, note: str, text: str) -> Design:
    return _with_note(design, replace(_note(design, note), text=_text(text)))


def resize_note(design: Design, note: str, rectangle: Rectangle) -> Design:
    """Put a note's corners elsewhere; it stays large enough to be seen."""
    x, y, width, height = _at_least(rectangle)
    return _with_note(design, replace(_note(design, note), x=x, y=y, width=width, height=height))


# -- frames -------------------------------------------------------------------------------------------------------
def add_frame(design: Design, title: str, rectangle: Rectangle) -> tuple[Design, str]:
    """A frame; returns its id too."""
    frame = Frame(new_id(), _title(title), *_at_least(rectangle))
    return replace(design, frames=(*design.frames, frame)), frame.id


def frame_around(
    design: Design, nodes: Iterable[NodeId], sizes: Sizes, title: str = "", notes: Collection[str] = ()
) -> tuple[Design, str]:
    """A frame around nodes and notes, with room for its title. GraphError where there is nothing to put it around."""
    rectangles = [_rectangle_of(design, n, sizes) for n in nodes]
    rectangles += [(n.x, n.y, n.width, n.height) for n in design.notes if n.id in notes]
    if not rectangles:
        raise GraphError("There is nothing to put a frame around. Select at least one layer or note.")
    return add_frame(design, title, around(rectangles))


def title_frame(design: Design, frame: str, title: str) -> Design:
    return _with_frame(design, replace(_frame(design, frame), title=_title(title)))


def resize_frame(design: Design, frame: str, rectangle: Rectangle) -> Design:
    """Put a frame's corners elsewhere; what it holds stays where it is."""
    x, y, width, height = _at_least(rectangle)
    return _with_frame(design, replace(_frame(design, frame), x=x, y=y, width=width, height=height))


def around(rectangles: Collection[Rectangle]) -> Rectangle:
    """The frame that has room for all of these (at least one)."""
    left, top = min(r[0] for r in rectangles) - MARGIN, min(r[1] for r in rectangles) - MARGIN - TITLE
    right = max(x + width for x, _, width, _ in rectangles) + MARGIN
    bottom = max(y + height for _, y, _, height in rectangles) + MARGIN
    return left, top, right - left, bottom - top


def held(design: Design, frame: str, sizes: Sizes) -> Held:
    """What lies within a frame: nodes and notes whose middle does, and frames that do as a whole."""
    outer = _frame(design, frame)

    def middle_within(x: float, y: float, width: float, height: float) -> bool:
        across = outer.x <= x + width / 2 <= outer.x + outer.width
        return across and outer.y <= y + height / 2 <= outer.y + outer.height

    def whole_within(inner: Frame) -> bool:
        across = outer.x <= inner.x and inner.x + inner.width <= outer.x + outer.width
        down = outer.y <= inner.y and inner.y + inner.height <= outer.y + outer.height
        same = (inner.x, inner.y, inner.width, inner.height) == (outer.x, outer.y, outer.width, outer.height)
        return across and down and not same

    return Held(
        frozenset(n for n in design.graph.nodes if middle_within(*_rectangle_of(design, n, sizes))),
        frozenset(n.id for n in design.notes if middle_within(n.x, n.y, n.width, n.height)),
        frozenset(f.id for f in design.frames if whole_within(f)),
    )


# -- all of it ----------------------------------------------------------------------------------------------------
def move(
    design: Design,
    by: Place,
    sizes: Sizes,
    nodes: Iterable[NodeId] = (),
    notes: Collection[str] = (),
    frames: Collection[str] = (),
) -> Design:
    """Move things by a step. A frame takes along what lies within it; nothing moves twice. Who drags asks this of the
    design before the drag: what the frame passes over is then not picked up."""
    _require_finite(*by)
    dx, dy = by
    moving, moving_notes, moving_frames = set(nodes), set(notes), set(frames)
    for frame in frames:
        inside = held(design, frame, sizes)
        moving |= inside.nodes
        moving_notes |= inside.notes
        moving_frames |= inside.frames
    missing = moving.difference(design.graph.nodes)
    if missing:
        raise GraphError(f"There is no node ‘{min(missing)}’ to move; it may have been removed already.")
    for note in notes:
        _note(design, note)
    places: dict[NodeId, Place] = {}
    for node in moving:
        x, y = design.places.get(node, (0.0, 0.0))
        places[node] = (x + dx, y + dy)
    return replace(
        design,
        places=design.places.with_items(places),
        notes=tuple(replace(n, x=n.x + dx, y=n.y + dy) if n.id in moving_notes else n for n in design.notes),
        frames=tuple(replace(f, x=f.x + dx, y=f.y + dy) if f.id in moving_frames else f for f in design.frames),
    )


def remove(design: Design, notes: Iterable[str] = (), frames: Iterable[str] = ()) -> Design:
    """Take notes and frames away; what lies within a frame stays."""
    gone_notes, gone_frames = set(notes), set(frames)
    for note in gone_notes:
        _note(design, note)
    for frame in gone_frames:
        _frame(design, frame)
    return replace(
        design,
        notes=tuple(n for n in design.notes if n.id not in gone_notes),
        frames=tuple(f for f in design.frames if f.id not in gone_frames),
    )


# -- inside -------------------------------------------------------------------------------------------------------
def _note(design: Design, note: str) -> Note:
    found = next((n for n in design.notes if n.id == note), None)
    if found is None:
        raise GraphError("The note is no longer there; it may have been removed already.")
    return found


def _frame(design: Design, frame: str) -> Frame:
    found = next((f for f in design.frames if f.id == frame), None)
    if found is None:
        raise GraphError("The frame is no longer there; it may have been removed already.")
    return found


def _with_note(design: Design, note: Note) -> Design:
    return replace(design, notes=tuple(note if n.id == note.id else n for n in design.notes))


def _with_frame(design: Design, frame: Frame) -> Design:
    return replace(design, frames=tuple(frame if f.id == frame.id else f for f in design.frames))


def _rectangle_of(design: Design, node: NodeId, sizes: Sizes) -> Rectangle:
    if node not in design.graph.nodes:
        raise GraphError(f"There is no node ‘{node}’ in the graph; it may have been removed already.")
    return (*design.places.get(node, (0.0, 0.0)), *sizes.get(node, (0.0, 0.0)))


def _at_least(rectangle: Rectangle) -> Rectangle:
    _require_finite(*rectangle)
    x, y, width, height = rectangle
    return x, y, max(width, SMALLEST[0]), max(height, SMALLEST[1])


def _require_finite(*numbers: float) -> None:
    if not all(math.isfinite(n) for n in numbers):
        raise GraphError("Nothing can lie infinitely far away. Give a place and a size in ordinary numbers.")


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise GraphError(f"A note holds at most {LONGEST_TEXT} characters; this text has {len(text)}. Shorten it.")
    return text


def _title(title: str) -> str:
    return " ".join(naming.accept(title, "A title").split())
