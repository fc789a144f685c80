"""JSON made strict: canonical bytes out, and on the way in a cursor that says where a value is not what it should be.

Nothing read from a file is used before it went through a `Cursor`: type, range and length are checked at every step.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from engine.errors import ProjectFileError
from engine.graph.model import LONGEST_TEXT, Value
from engine.graph.naming import LONGEST_NAME
from engine.numbers import thousands

MAX_JSON_BYTES = 256 * 2**20
MAX_DIGITS = 300  # of an integer; far beyond anything that means something
MAX_DEPTH = 8  # of tuples within a parameter's value
MAX_TEXT = LONGEST_TEXT
MAX_NAME = LONGEST_NAME
MAX_ID = 200
MAX_ITEMS = 1_000_000  # in any one list or object
MAX_INTEGER = 10**MAX_DIGITS

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

UPDATE = "Update Strata."

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_json(plain: Any) -> bytes:
    """Canonical: keys sorted, no spaces, ASCII only, numbers finite. The same value gives the same bytes."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def from_json(data: bytes, where: str) -> Any:
    """Strict: UTF-8, no NaN or Infinity, no key twice, no number of thousands of digits, no bottomless nesting."""
    if len(data) > MAX_JSON_BYTES:
        raise ProjectFileError(f"{capital(where)} is larger than a project's may be.")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object_without_doubles,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
    except RecursionError:
        raise ProjectFileError(f"{capital(where)} is nested too deeply.") from None
    except _NotStrict as error:
        raise ProjectFileError(f"{capital(where)} is no valid JSON: {error}.") from None
    except UnicodeDecodeError as error:
        raise ProjectFileError(f"{capital(where)} is no valid JSON: byte {error.start + 1} is no UTF-8.") from None
    except json.JSONDecodeError as error:
        reason = "it ends too early" if error.pos >= len(error.doc) else f"character {error.pos + 1} is not expected"
        raise ProjectFileError(f"{capital(where)} is no valid JSON: {reason}.") from None


def capital(where: str) -> str:
    """At the beginning of a sentence."""
    return where[:1].upper() + where[1:]


class _NotStrict(ValueError):
    """JSON that Python would take."""


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotStrict("a key stands twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _NotStrict(f"{name} is not allowed")


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS + 1:  # one for the sign
        raise _NotStrict("an integer has too many digits")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NotStrict("a number is too large")
    return number


def number_to_plain(number: float) -> Plain:
    """A float; what is not finite becomes {"float": "nan" | "inf" | "-inf"}, since JSON has no word for it."""
    number = float(number)
    if math.isfinite(number):
        return number
    return {"float": "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"}


def value_to_plain(value: Any) -> Plain:
    """A parameter's value. Tuples become lists; 1 and 1.0 stay apart (the float is written with a point)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) >= MAX_INTEGER:
            raise ProjectFileError("A number in the design has too many digits to be saved.")
        return int(value)
    if isinstance(value, float):
        return number_to_plain(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [value_to_plain(item) for item in value]
    raise ProjectFileError(f"A parameter's value of type {type(value).__name__} cannot be saved.")


class Cursor:
    """A value read from JSON and the way that led to it. Every method gives a checked Python value or refuses."""

    __slots__ = ("_key", "_parent", "value")

    def __init__(self, value: Any, key: str | int, parent: Cursor | None = None):
        self.value = value
        self._key = key
        self._parent = parent

    @property
    def where(self) -> str:
        """‘The design’; below it ‘In the design, graph.nodes[3].label’."""
        if self._parent is None:
            return capital(str(self._key))
        at, steps = self, ""
        while at._parent is not None:
            steps = (f"[{at._key}]" if isinstance(at._key, int) else f".{at._key}") + steps
            at = at._parent
        return f"In {at._key}, {steps.removeprefix('.')}"

    def refuse(self, expected: str) -> NoReturn:
        found = "nothing" if self.value is _MISSING else type(self.value).__name__
        if isinstance(self.value, (bool, int, float, str)) and len(repr(self.value)) < 60:
            found = repr(self.value)
        raise ProjectFileError(f"{self.where} should be {expected}, but is {found}.")

    def get(self, key: str) -> Cursor | None:
        """The value under `key`, or None where it is missing or null."""
        value = self.object().get(key)
        return None if value is None else Cursor(value, key, self)

    # -- into objects and lists -----------------------------------------------------
    def object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            self.refuse("an object")
        if len(self.value) > MAX_ITEMS:
            self.refuse(f"an object of at most {thousands(MAX_ITEMS)} entries")
        return self.value

    def __getitem__(self, key: str) -> Cursor:
        """The value under `key`; a missing one is refused when it is used."""
        return Cursor(self.object().get(key, _MISSING), key, self)

    def __contains__(self, key: str) -> bool:
        return key in self.object()

    def items(self, limit: int = MAX_ITEMS) -> Iterator[Cursor]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self.refuse("a list")
        if len(self.value) > limit:
            self.refuse(f"a list of at most {thousands(limit)} entries")
        return (Cursor(item, index, self) for index, item in enumerate(self.value))

    def entries(self, name: str = "a name") -> Iterator[tuple[str, Cursor]]:
        """The pairs of an object, each key checked as a name."""
        for key, item in self.object().items():
            if not key or len(key) > MAX_NAME:
                self.refuse(f"an object whose keys are {name} each")
            yield key, Cursor(item, key, self)

    # -- leaves -----------------------------------------------------------------------
    def text(self, limit: int = MAX_NAME) -> str:
        if not isinstance(self.value, str):
            self.refuse("text")
        if len(self.value) > limit:
            self.refuse(f"text of at most {thousands(limit)} characters")
        return self.value

    def identifier(self) -> str:
        """An id: stands in paths, so neither empty nor with a slash or a control character."""
        text = self.text(MAX_ID)
        if not text or "/" in text or not text.isprintable():
            self.refuse("an id")
        return text

    def choice(self, known: tuple[str, ...]) -> Any:
        text = self.text()
        if text not in known:
            self.refuse(f"one of {', '.join(known)}")
        return text

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse("true or false")
        return self.value

    def integer(self, minimum: int = -MAX_INTEGER, maximum: int = MAX_INTEGER) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.refuse("a whole number")
        if not minimum <= self.value <= maximum:
            self.refuse(f"a whole number from {minimum} to {maximum}")
        return self.value

    def number(self) -> float:
        """A float, perhaps not finite."""
        if isinstance(self.value, dict) and set(self.value) == {"float"}:
            word = self.value["float"]
            if isinstance(word, str) and word in _NOT_FINITE:
                return _NOT_FINITE[word]
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.refuse("a number")
        return float(self.value)

    def finite(self) -> float:
        number = self.number()
        if not math.isfinite(number):
            self.refuse("a finite number")
        return number

    def parameter(self, depth: int = 0) -> Value:
        """A parameter's value: null, a boolean, a number, text, or a list of these."""
        value = self.value
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return self.text(MAX_TEXT)
        if isinstance(value, dict):
            return self.number()
        if depth == MAX_DEPTH:
            self.refuse(f"nested at most {MAX_DEPTH} deep")
        return tuple(item.parameter(depth + 1) for item in self.items(MAX_NAME))

    def parameters(self) -> dict[str, Value]:
        return {name: item.parameter() for name, item in self.entries("a parameter's name")}

    def head(self, kind: str, major: int) -> None:
        """Refuse what is not an element of type `kind` in a version that this program knows."""
        if self["type"].text() != kind:
            self["type"].refuse(f"‘{kind}’")
        if major_version(self["version"].text()) > major:
            raise ProjectFileError(
                f"{self.where} has version {self['version'].value}, which is newer than this program knows. {UPDATE}"
            )


def major_version(version: str) -> int:
    """The number before the point of ‘1.0’."""
    major, point, minor = version.partition(".")
    if not (version.isascii() and point and major.isdigit() and minor.isdigit() and len(version) < 12):
        raise ProjectFileError(f"‘{version[:40]}’ is no version number.")
    return int(major)


def as_plain(mapping: Mapping[str, Any]) -> dict[str, Plain]:
    return {str(key): value_to_plain(value) for key, value in mapping.items()}


_MISSING = object()
