"""What can be chosen in the command palette: all that stands in the menus, layers to add, and what can be gone to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from engine.catalog import catalog
from engine.graph.design import Design
from engine.graph.model import Graph, NodeId
from gui.actions import ROWS
from gui.shortcuts import in_force
from gui.shortcuts.bound import Actions

MOST_READ, MOST_SHOWN = 400, 60  # characters of a note that are read out, and that stand in its row


@dataclass(frozen=True, slots=True)
class Entry:
    """`said` is its help, or why it cannot be done now where it is not `enabled`. Its icon: `family`'s or `icon`."""

    id: str
    title: str
    place: str
    act: Callable[[], object]
    keys: str = ""
    said: str = ""
    enabled: bool = True
    icon: str = ""
    family: str = ""


def of_menus(bar: QMenuBar, actions: Actions) -> list[Entry]:
    """Every entry of the menus; those that cannot be used now come last, with the reason."""
    found = [
        _of_action(action, path, actions)
        for top in bar.actions()
        if isinstance(menu := top.menu(), QMenu)
        for action, path in _walk(menu, (menu.title().replace("&", ""),))
    ]
    known = [entry for entry in found if entry is not None]
    return [entry for entry in known if entry.enabled] + [entry for entry in known if not entry.enabled]


def _walk(menu: QMenu, path: tuple[str, ...]) -> Iterator[tuple[QAction, tuple[str, ...]]]:
    if len(path) > 1:
        menu.aboutToShow.emit()  # some are filled only when they are opened
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _walk(inner, (*path, inner.title().replace("&", "")))
        elif not action.isSeparator():
            yield action, path


def _of_action(action: QAction, path: tuple[str, ...], actions: Actions) -> Entry | None:
    row, name = ROWS.get(action.objectName()), action.text().replace("&", "").rstrip("…")
    title = name if len(path) == 1 else f"{path[-1]}: {name}"
    if row is None:
        if not action.isEnabled():
            return None  # a note, as ‘No recent projects’
        return Entry("/".join((*path, name)), title, path[0], action.trigger, said=action.toolTip())
    said = actions.told(row.id)
    keys = in_force.hint(row.id)
    return Entry(row.id, title, path[0], action.trigger, keys, said, action.isEnabled(), row.icon)


def of_layers(add: Callable[[str], object]) -> list[Entry]:
    """Every kind of layer, to be added."""
    return [
        Entry(f"add {spec.kind}", f"Add {spec.title}", spec.family, partial(add, spec.kind), "", spec.summary, True, "",
              spec.family)
        for spec in catalog.load().layers.values()
    ]  # fmt: skip


def of_nodes(graph: Graph, go_to: Callable[[NodeId], object]) -> list[Entry]:
    """Every node of the graph, to be gone to."""
    known, layers = catalog.load().layers, graph.layers
    found = []
    for node in graph.nodes.values():
        spec = known.get(layers[node.layer].kind)
        title, family = (spec.title, spec.family) if spec is not None else (layers[node.layer].kind, "Blocks")
        act = partial(go_to, node.id)
        found.append(Entry(f"node {node.id}", f"Go to {node.label}", title, act, "", "", True, "", family))
    return found


def of_drawn(design: Design, go_to: Callable[[str], object]) -> list[Entry]:
    """Every note and frame, to be gone to: with keys, and by who cannot see them."""
    notes = [("note", note.id, " ".join(note.text[:MOST_READ].split())) for note in design.notes]
    frames = [("frame", frame.id, frame.title) for frame in design.frames]
    return [
        Entry(f"{what} {drawn}", f"Go to {what}: {text[:MOST_SHOWN] or 'empty'}", f"{what.capitalize()}s",
              partial(go_to, drawn), "", text, True, "note" if what == "note" else "frame-corners")
        for what, drawn, text in (*notes, *frames)
    ]  # fmt: skip
