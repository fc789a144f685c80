"""A text that a small grammar tells, letter by letter: what language models learn, in a size for a minute.

Verbs agree in number with their subject, also across a relative clause: “the dogs that the cat sees run.”
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.drawn import Drawn, described
from engine.data.exact import Draws
from engine.data.spec import FieldSpec

Array = np.ndarray[Any, Any]

WINDOWS, TEST = 4_000, 800
TIME = 64
VOCABULARY = tuple(" .,abcdefghijklmnopqrstuvwxyz")

_NOUNS = ("cat", "dog", "bird", "child", "robot", "painter")
_MANY = {"child": "children"}
_ADJECTIVES = ("small", "old", "quiet", "red", "curious", "brave")
_ALONE = ("sleep", "sing", "run", "wait", "dream")
_WITH_OBJECT = ("see", "follow", "paint", "know", "call")
_PLACES = ("near the river", "in the garden", "under a tree", "by the sea")
_TIMES = ("today", "at night", "after the rain")


class _Teller:
    """Makes sentences; chances come from one stream of whole numbers, drawn ahead."""

    def __init__(self, draws: Draws, most: int):
        self._chances = iter(draws.whole(0, 1 << 20, most).tolist())

    def one_of(self, words: tuple[str, ...]) -> str:
        return words[next(self._chances) % len(words)]

    def maybe(self, percent: int) -> bool:
        return next(self._chances) % 100 < percent

    def sentence(self) -> str:
        many = self.maybe(50)
        words = [self.noun_phrase(many, depth=0), self.verb_phrase(many)]
        if self.maybe(25):
            words.append(self.one_of(_TIMES))
        if self.maybe(20):
            other = self.maybe(50)
            words[-1] += ","
            words += ["and", self.noun_phrase(other, depth=1), self.verb_phrase(other)]
        return " ".join(words) + ". "

    def noun_phrase(self, many: bool, depth: int) -> str:
        noun = self.one_of(_NOUNS)
        definite = many or self.maybe(60)
        words = [self.one_of(_ADJECTIVES)] if self.maybe(40) else []
        words.append(_MANY.get(noun, noun + "s") if many else noun)
        words.insert(0, "the" if definite else "an" if words[0][0] in "aeiou" else "a")
        if depth == 0 and self.maybe(40):
            words.append("that")
            if self.maybe(50):
                words.append(self.verb_phrase(many))
            else:
                other = self.maybe(50)
                words += [self.noun_phrase(other, depth=1), _verb(self.one_of(_WITH_OBJECT), other)]
        return " ".join(words)

    def verb_phrase(self, many: bool) -> str:
        if self.maybe(45):
            return f"{_verb(self.one_of(_WITH_OBJECT), many)} {self.noun_phrase(self.maybe(50), depth=1)}"
        alone = _verb(self.one_of(_ALONE), many)
        return f"{alone} {self.one_of(_PLACES)}" if self.maybe(35) else alone


def _verb(stem: str, many: bool) -> str:
    return stem if many else stem + "s"


def text(length: int) -> str:
    """The first `length` letters."""
    teller, parts, far = _Teller(Draws("grammar"), length), list[str](), 0
    while far < length:
        parts.append(teller.sentence())
        far += len(parts[-1])
    return "".join(parts)[:length]


def draw() -> dict[str, Array]:
    """Windows of the text, one after another; the answer at each letter is the letter that follows. The test part is
    what is told last."""
    code = {letter: number for number, letter in enumerate(VOCABULARY)}
    tokens = np.array([code[letter] for letter in text((WINDOWS + TEST) * TIME + 1)], np.uint8)
    return {"text": tokens[:-1].reshape(-1, TIME), "next": tokens[1:].reshape(-1, TIME)}


GRAMMAR = Drawn(
    described(
        "grammar",
        "A small grammar",
        "4\u202f000 pieces of a text, 64 letters each, and 800 for the test; 29 signs; the answer is the next letter.",
        "Spelling is learned first, then words, then that a verb agrees with its subject even across a clause: “the "
        "dogs that the cat sees run”. That needs memory.",
    ),
    inputs=(FieldSpec("text", "tokens", (TIME,), "int64", classes=VOCABULARY, scale="letters"),),
    targets=(FieldSpec("next", "tokens", (TIME,), "int64", classes=VOCABULARY, scale="the letter that follows"),),
    draw=draw,
    digest="689d20f326f7282fa2a3a54417755001",
    official_test=TEST,
)
