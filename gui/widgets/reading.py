"""Parameter values to and from what a person types. No Qt here."""

from __future__ import annotations

import re

from engine.catalog.spec import ParameterSpec
from engine.errors import ParameterError
from engine.graph.model import Value
from engine.numbers import ungrouped

TIMES = " × "
_SEPARATORS = re.compile(r"\s*[×xX*,;]\s*|\s+")


def write(value: Value, between: str = TIMES) -> str:
    """As it stands in a field: ‘5 × 5’, ‘0.001’, ‘none’."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return between.join(write(item, between) for item in value)
    return repr(value) if isinstance(value, float) else str(value)


def written(spec: ParameterSpec, value: Value) -> str:
    """`write`, with what stands between the numbers of this parameter: × in sizes, commas in lists."""
    if spec.type in ("float", "optional_float") and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    sizes = spec.type == "ints" or (spec.type == "shape" and spec.name == "shape")
    return write(value, TIMES if sizes else ", ")


def read(spec: ParameterSpec, text: str, linked: bool = False) -> Value:
    """The value that a text means for `spec`; ParameterError, one sentence, where it means none. Whether the value is
    allowed is for `catalog.validate` to say."""
    text = ungrouped(text.strip())
    optional = spec.type in ("optional_int", "optional_float") or (spec.type == "ints" and spec.default is None)
    if optional and text.lower() in ("none", ""):
        return None
    if spec.type in ("int", "optional_int"):
        return _whole(spec, text)
    if spec.type in ("float", "optional_float"):
        return _number(spec, text)
    if spec.type == "ints":
        return _several(spec, text, linked)
    if spec.type == "floats":
        return tuple(_number(spec, part) for part in re.split(r"\s*[,;]\s*|\s+", text.strip("()[] ")) if part)
    if spec.type == "shape":
        inner = text.strip("()[] ")
        return tuple(_whole(spec, part) for part in _SEPARATORS.split(inner) if part) if inner else ()
    return text


def _whole(spec: ParameterSpec, text: str) -> int:
    if not text:
        raise ParameterError(f"{spec.title} needs a whole number.")
    try:
        return int(text.replace("_", ""))
    except ValueError:
        raise ParameterError(f"{spec.title} needs a whole number; ‘{text}’ is none.") from None


def _number(spec: ParameterSpec, text: str) -> float:
    if not text:
        raise ParameterError(f"{spec.title} needs a number.")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ParameterError(f"{spec.title} needs a number, such as 0.5 or 1e-3; ‘{text}’ is none.") from None


def _several(spec: ParameterSpec, text: str, linked: bool) -> Value:
    """One whole number for all axes, or one for each."""
    for choice in spec.choices:
        if isinstance(choice, str) and text.lower() == choice.lower():
            return choice
    inner = text.strip("()[] ")
    numbers = tuple(_whole(spec, part) for part in _SEPARATORS.split(inner) if part)
    if len(numbers) == 1 and (linked or spec.axes == 1):
        return numbers[0]
    if len(numbers) == spec.axes:
        return numbers
    if not numbers:
        raise ParameterError(f"{spec.title} needs a whole number.")
    form = TIMES.join("3" for _ in range(spec.axes))
    raise ParameterError(f"{spec.title} needs {spec.axes} numbers, such as {form}, or one for all.")


def same(a: Value, b: Value) -> bool:
    """Whether two values mean the same: 5 and (5, 5) do; 1 and True do not."""
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    if isinstance(a, tuple) and not isinstance(b, tuple):
        return bool(a) and all(same(item, b) for item in a)
    if isinstance(b, tuple) and not isinstance(a, tuple):
        return same(b, a)
    return a == b


class Nothing:
    """Stands for ‘no value is shown’, which None cannot: None is a value."""
