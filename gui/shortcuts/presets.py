"""The keys of other programs, as far as they have the command: who comes from there need not learn anew.

A preset says only what differs from Strata's own keys. A key that it gives to one command is taken from the others;
where that would leave a command of ours without any, it has one here too (‘moved aside’).

ComfyUI   src/constants/coreKeybindings.ts of Comfy-Org/ComfyUI_frontend; docs.comfy.org/interface/shortcuts
Blender   scripts/presets/keyconfig/keymap_data/blender_default.py: node editor, window, screen
Nuke      the hotkeys of the node graph and the menus in Foundry's user guide
"""

from __future__ import annotations

from collections.abc import Mapping

Keys = Mapping[str, tuple[str, ...]]

STRATA = "strata"
TITLES: Mapping[str, str] = {STRATA: "Strata", "comfyui": "ComfyUI", "blender": "Blender", "nuke": "Nuke"}

PRESETS: Mapping[str, Keys] = {
    STRATA: {},
    "comfyui": {
        "stop": ("Ctrl+Alt+Return",),  # interrupt
        "fit_selection": (".",),
        "zoom_in": ("Alt+=", "Alt++"),
        "zoom_out": ("Alt+-",),
        "find_layer": ("N", "/"),  # the node library
        "next_probe": ("Shift+N",),  # moved aside
        "shortcuts": ("Ctrl+,",),  # the settings, where the keys are
    },
    "blender": {
        "add_layer": ("Shift+A",),
        "duplicate": ("Shift+D",),
        "delete": ("X", "Delete", "Ctrl+X", "Ctrl+Delete"),  # with Ctrl it joins the wires; here it always does
        "cut": ("Shift+Delete",),  # moved aside
        "find_next": ("Ctrl+F3",),  # moved aside
        "bypass": ("M",),  # mute
        "minimap": ("Shift+M",),  # moved aside
        "connect": ("F",),  # make links
        "select_all": ("A",),
        "let_go": ("Alt+A", "Esc"),
        "fit": ("Home",),
        "fit_selection": (".",),  # of the number pad; Qt takes the other one too
        "train": ("F12",),  # render
        "command_palette": ("F3",),  # search of all commands
        "shortcuts": ("Ctrl+,",),  # the preferences, where the keys are
    },
    "nuke": {
        "add_layer": ("Tab",),
        "rename": ("N",),
        "next_probe": ("Shift+N",),  # moved aside
        "duplicate": ("Alt+C",),
        "bypass": ("D",),  # disable
        "tidy_selection": ("L",),  # autoplace
        "train": ("F5",),  # render all
    },
}
