"""What a command of the window is, as a value: one row of the table in gui.actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What an action needs to be of use, and what is said where it is not; the window tells which of them hold.
When = Literal[
    "always",
    "nodes",
    "selected",
    "selection",
    "things",
    "several",
    "three",
    "wired",
    "ordered",
    "noted",
    "found",
    "one",
    "parameter",
    "remedy",
    "undo",
    "redo",
    "steps",
    "startable",
    "running",
    "stoppable",
    "problems",
    "fixable",
    "probes",
    "shown",
]
REASONS: dict[When, str] = {
    "nodes": "The canvas is empty: add a layer first.",
    "selected": "Select a layer, a wire, a note or a frame first.",
    "selection": "Select a layer first.",
    "things": "Select a layer, a note or a frame first.",
    "several": "Select at least two layers first.",
    "three": "Select at least three layers first.",
    "wired": "Select a wire, or a layer that has one, first.",
    "ordered": "Select a wire, or a layer, that enters a Concat or another layer of several inputs first.",
    "found": "Nothing is looked for: find something in the graph first.",
    "noted": "Select one note or frame first.",
    "one": "Select one layer first.",
    "parameter": "Select one layer that has parameters first.",
    "remedy": "The selected layer has no problem with a remedy.",
    "undo": "There is nothing to undo.",
    "redo": "There is nothing to redo.",
    "steps": "Nothing has been changed yet.",
    "startable": "PyTorch is still being loaded, or a run is under way.",
    "running": "Nothing is training.",
    "stoppable": "Nothing is training.",
    "problems": "There are no problems.",
    "fixable": "No problem has a remedy that can be applied.",
    "probes": "There are no probe samples to choose from yet.",
    "shown": "No probe sample is shown yet.",
}

# Where its keys act: in the whole window; while the canvas has the focus, so that single letters never meet a text
# field; on the canvas and in the Outline, where letters are left to its search; or wherever nothing that has the focus
# wants the key for itself.
Scope = Literal["window", "canvas", "graph", "spare"]
# The context menus of the canvas: on layers, on wires (or notes and frames), on none of these.
Context = Literal["node", "wire", "empty"]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One command. `menu` is its path (‘View/Theme’), `help` one sentence on what it does, `keys` are Strata's own.

    Rows of one `group` exclude each other and can be checked. `repeats`: again and again while its key is held.
    """

    id: str
    text: str
    help: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    when: When = "always"
    scope: Scope = "window"
    context: tuple[Context, ...] = ()
    group: str = ""
    checkable: bool = False
    separator: bool = False  # a line above it in its menu
    repeats: bool = False

    @property
    def title(self) -> str:
        """Its name where it stands alone: ‘Theme: Dark’."""
        name = self.text.rstrip("…")
        sub = self.menu.partition("/")[2]
        return f"{sub}: {name}" if sub else name
