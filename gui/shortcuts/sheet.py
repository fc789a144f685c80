"""The cheat-sheet: all commands and their keys by menu, as text or as a page that can be printed."""

from __future__ import annotations

import html
from collections.abc import Iterator

from gui.action_row import ActionRow
from gui.actions import ACTIONS, MENUS
from gui.shortcuts.keymap import KeyMap, native
from gui.shortcuts.presets import TITLES

SCOPES = {"window": "", "canvas": "on the canvas", "graph": "on the graph", "spare": "anywhere else"}
NOTE = (
    "Keys marked ‘on the canvas’ act while the canvas has the focus; Esc goes there. Those marked ‘on the graph’ act "
    "in the Outline too, except letters, which search there."
)


def key_text(keymap: KeyMap, action: str) -> str:
    """‘Del or Backspace’; empty where it has no key."""
    return " or ".join(native(key) for key in keymap.keys(action))


def in_menus() -> Iterator[tuple[str, list[ActionRow]]]:
    """The rows by the menu in which they stand."""
    for menu in MENUS:
        yield menu, [row for row in ACTIONS if row.menu.partition("/")[0] == menu]


def _with_keys(keymap: KeyMap) -> Iterator[tuple[str, list[tuple[str, str, str, str]]]]:
    """By menu: title, keys, where they act, help."""
    for menu, rows in in_menus():
        lines = [(row.title, key_text(keymap, row.id), SCOPES[row.scope], row.help) for row in rows]
        lines = [line for line in lines if line[1]]
        if lines:
            yield menu, lines


def as_text(keymap: KeyMap) -> str:
    parts = [f"Strata: keys of {TITLES[keymap.preset]}\n"]
    for menu, lines in _with_keys(keymap):
        wide, keys_wide = max(len(line[0]) for line in lines), max(len(line[1]) for line in lines)
        parts.append(menu)
        parts += [f"  {title:<{wide}}  {keys:<{keys_wide}}  {where}".rstrip() for title, keys, where, _ in lines]
        parts.append("")
    return "\n".join([*parts, NOTE, ""])


def as_html(keymap: KeyMap) -> str:
    """A page of its own, black on white: for a browser, and for paper."""
    esc = html.escape
    tables = []
    for menu, lines in _with_keys(keymap):
        rows = "".join(
            f"<tr><td>{esc(title)}</td><td><kbd>{esc(keys)}</kbd></td><td>{esc(where)}</td><td>{esc(told)}</td></tr>\n"
            for title, keys, where, told in lines
        )
        tables.append(f"<h2>{esc(menu)}</h2>\n<table>\n{rows}</table>\n")
    style = (
        "body{font:14px/1.4 Inter,sans-serif;max-width:60em;margin:2em auto} td{padding:2px 1em 2px 0;"
        "vertical-align:top} kbd{font-family:monospace;white-space:nowrap} h2{font-size:15px;margin:1.2em 0 .3em}"
    )
    return (
        f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>Strata: keys</title>"
        f"<style>{style}</style></head><body>\n<h1>Strata: keys of {esc(TITLES[keymap.preset])}</h1>\n"
        f"{''.join(tables)}<p>{esc(NOTE)}</p>\n</body></html>\n"
    )
