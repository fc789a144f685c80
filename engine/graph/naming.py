"""What may stand in a name. Any letters of any script may; what cannot be seen, or turns the text around it, may not:
two names would look alike, and a sentence that speaks of a layer would say something else than it holds.

A person who types such a name is told. A file that holds one is opened all the same, with marks in its place: nodes,
blocks and frames take no name but through `show`.
"""

from __future__ import annotations

import re
import unicodedata

from engine.errors import GraphError
from engine.numbers import thousands

LONGEST_NAME = 10_000  # characters of a label, a title, a port's or a parameter's name
REPLACEMENT = "\ufffd"  # what Unicode has for a character that cannot be shown; one stands for one, so lengths stay
# Embeddings, overrides and isolates: they reach beyond the name into the sentence around it. The marks for a single
# place (U+200E, U+200F, U+061C) and the joiners, without which Persian and many emoji cannot be written, do not.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")  # a pasted line break is meant as a space
# Letters and marks by their category, of which nothing is seen: fillers, the empty braille cell, selectors of variants
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def accept(text: str, what: str = "A name") -> str:
    """What a person typed as a name, as it is kept: without blanks around it, line breaks as spaces; perhaps empty.
    GraphError where it is too long, shows nothing, or holds a character that no name may hold."""
    text = _BREAKS.sub(" ", text).strip()
    if len(text) > LONGEST_NAME:
        most = thousands(LONGEST_NAME)
        raise GraphError(f"{what} has at most {most} characters; this one has {thousands(len(text))}. Shorten it.")
    for letter in text:
        if letter in _TURNING:
            known = f"U+{ord(letter):04X} ({unicodedata.name(letter).lower()})"
            raise GraphError(f"{what} cannot hold {known}: it turns the order of the text around it. Leave it out.")
        if _is_control(letter):
            raise GraphError(f"{what} cannot hold the control character U+{ord(letter):04X}. Leave it out.")
    if text and not _is_seen(text):
        raise GraphError(f"{what} needs a character that can be seen; these cannot. Type a letter or a figure.")
    return text


def show(text: str) -> str:
    """A name of any origin, so that it can be shown anywhere: itself, or with marks for what no name may hold.
    What `accept` gives stays as it is, and the length always does."""
    if text.isascii() and text.isprintable() and not text.isspace():
        return text  # nearly all are: thousands of nodes are made at once
    shown = "".join(REPLACEMENT if letter in _TURNING or _is_control(letter) else letter for letter in text)
    return shown if not shown or _is_seen(shown) else REPLACEMENT * len(shown)


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")


def _is_seen(text: str) -> bool:
    return any(unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp") for each in _BLANK.sub("", text))
