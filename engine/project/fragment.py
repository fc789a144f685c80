"""A fragment of a design as text, for the clipboard and for other windows, and back (FORMAT.md, section 9).

What is pasted may come from anywhere, so it is read with the same care as a file; and besides, only what this program
knows is taken: a person who pastes sees at once what came, and can copy it anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog import catalog
from engine.check.structure import MOST_NODES
from engine.check.words import counted
from engine.errors import GraphError, ProjectFileError, UnknownName
from engine.graph.design import Place
from engine.graph.fragments import Fragment, Incoming
from engine.graph.frozen import Frozen
from engine.graph.model import BLOCK, Graph, NodeId
from engine.project.codec import drawing_to_plain, plain_to_drawing, plain_to_wire, wire_to_plain
from engine.project.plain import Cursor, Plain, from_json, major_version, to_json

TYPE = "strata fragment"
VERSION = "1.0"
MAJOR = 1
MIME = "application/x-strata-fragment"
MOST_BYTES = 64 * 2**20
FURTHEST = 1e7  # canvas units: nobody ever finds what lies farther out


def to_text(fragment: Fragment) -> str:
    """The fragment as one line of JSON. The same fragment gives the same text."""
    incoming: list[Plain] = [{**wire_to_plain(each.wire), "position": each.position} for each in fragment.incoming]
    plain = {"type": TYPE, "version": VERSION, **drawing_to_plain(fragment), "incoming": incoming}
    return to_json(plain).decode("ascii")


def from_text(text: str) -> Fragment:
    """The fragment that a text describes. GraphError, in whole sentences, for anything else."""
    if TYPE not in text[:MOST_BYTES] or not text.lstrip().startswith("{"):
        raise GraphError("What was copied is no part of a network. Select layers in Strata and copy them first.")
    if len(text) > MOST_BYTES:
        raise GraphError("What was copied is far too long to be part of a network. Copy fewer layers at a time.")
    try:
        top = Cursor(from_json(text.encode("utf-8", "replace"), "the text"), "the fragment")
        _require_known(top)
        fragment = _fragment(top)
    except ProjectFileError as error:
        raise GraphError(f"What was copied is damaged, so it cannot be pasted. {error} Copy it anew.") from None
    _require_sound(fragment)
    return fragment


def is_fragment(text: str) -> bool:
    """Whether a text claims to be a fragment; what a menu asks before it offers to paste. Looks at its ends only."""
    return text[:1] == "{" and (TYPE in text[:200] or TYPE in text[-200:])


def _require_known(top: Cursor) -> None:
    if top["type"].text() != TYPE:
        raise GraphError("What was copied is no part of a network. Select layers in Strata and copy them first.")
    version = top["version"].text()
    if major_version(version) > MAJOR:
        raise GraphError(
            f"What was copied comes from a newer Strata (it has version {version}, and this one knows {VERSION}). "
            "Update this one to paste it."
        )


def _fragment(top: Cursor) -> Fragment:
    graph, places, notes, frames = plain_to_drawing(top)
    _require_near(places, top["places"])
    for name, things in (("notes", notes), ("frames", frames)):
        for index, thing in enumerate(things):
            if max(abs(thing.x), abs(thing.y), abs(thing.width), abs(thing.height)) > FURTHEST:
                Cursor(index, index, top[name]).refuse(f"no farther out than {FURTHEST:.0f}")
    incoming = tuple(_incoming(top, graph)) if "incoming" in top else ()
    return Fragment(graph, places, notes, frames, incoming)


def _require_near(places: Frozen[NodeId, Place], at: Cursor) -> None:
    for node, (x, y) in places.items():
        if max(abs(x), abs(y)) > FURTHEST:
            at[node].refuse(f"no farther out than {FURTHEST:.0f}")


def _incoming(top: Cursor, graph: Graph) -> Iterator[Incoming]:
    for item in top["incoming"].items():
        wire = plain_to_wire(item)
        if wire.target not in graph.nodes:
            item["target"].refuse("a node of the graph")
        if wire.source in graph.nodes:
            item["source"].refuse("a node outside")
        most = len(graph.wires)
        yield Incoming(wire, item["position"].integer(0, most) if "position" in item else most)


def _require_sound(fragment: Fragment) -> None:
    """Refuse what could be stored but not be worked with: too many nodes, and kinds that nobody knows."""
    graphs = [fragment.graph, *(block.graph for block in fragment.graph.blocks.values())]
    count = sum(len(graph.nodes) for graph in graphs)
    if count > MOST_NODES:
        most = counted(MOST_NODES, "layer")
        raise GraphError(f"What was copied has {counted(count, 'layer')}; at most {most} can be pasted at once.")
    for kind in {layer.kind: None for graph in graphs for layer in graph.layers.values()}:
        if kind != BLOCK:
            try:
                catalog.spec(kind)
            except UnknownName as error:
                raise GraphError(f"What was copied cannot be pasted. {error}") from None
