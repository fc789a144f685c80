"""What is known of a project's data (their fields, not their samples) as plain JSON values and back.

It stands in for data that cannot be read, so that a project still has its shapes on another machine. Reading refuses
what no data of this program can be; what is too large to be read again is not written.
"""

from __future__ import annotations

import math
from typing import Any, get_args

from engine.data.spec import DataSpec, FieldKind, FieldSpec
from engine.errors import ProjectFileError
from engine.project.plain import Cursor, Plain

VERSION = "1.0"
MAJOR = 1
MAX_FIELDS = 100
MAX_AXES = 8
MAX_SIZE = 2**31 - 1  # of one axis, and of all together
MAX_CLASSES = 100_000
MAX_WARNINGS = 100
MAX_BELOW = 2**63
KINDS: tuple[str, ...] = get_args(FieldKind)
DTYPES = ("float32", "int64")


def spec_to_plain(spec: DataSpec) -> dict[str, Plain]:
    """The data set without its counts: they follow from the samples and the split."""
    return {
        "type": "data",
        "version": VERSION,
        "name": spec.name,
        "title": spec.title,
        "inputs": [_field_to_plain(field) for field in spec.inputs],
        "targets": [_field_to_plain(field) for field in spec.targets],
        "provenance": spec.provenance,
        "official_test": spec.official_test,
        "synthetic": spec.synthetic,
        "fingerprint": spec.fingerprint,
        "warnings": list(spec.warnings),
    }


def _field_to_plain(field: FieldSpec) -> dict[str, Plain]:
    return {
        "name": field.name,
        "kind": field.kind,
        "shape": list(field.shape),
        "dtype": field.dtype,
        "classes": list(field.classes),
        "scale": field.scale,
        "below": field.below,
    }


def can_be_kept(spec: DataSpec) -> bool:
    """Whether a file may hold it: data beyond its bounds are not described in it."""
    try:
        plain_to_spec(spec_to_plain(spec))
    except ProjectFileError:
        return False
    return True


def plain_to_spec(plain: Any, where: str = "what is known of the data") -> DataSpec:
    """The data set, with counts of zero. ProjectFileError, beginning with `where`, for anything else."""
    top = Cursor(plain, where)
    top.head("data", MAJOR)
    return DataSpec(
        name=top["name"].text(),
        title=top["title"].text(),
        inputs=_fields(top["inputs"]),
        targets=_fields(top["targets"]),
        train=0,
        validation=0,
        test=0,
        provenance=top["provenance"].text() if "provenance" in top else "",
        official_test=top["official_test"].boolean() if "official_test" in top else False,
        synthetic=top["synthetic"].boolean() if "synthetic" in top else False,
        fingerprint=top["fingerprint"].text() if "fingerprint" in top else "",
        warnings=_texts(top["warnings"], MAX_WARNINGS) if "warnings" in top else (),
    )


def _fields(at: Cursor) -> tuple[FieldSpec, ...]:
    found: dict[str, FieldSpec] = {}
    for item in at.items(MAX_FIELDS):
        field = _field(item)
        if field.name in found:
            item["name"].refuse("a name that stands once")
        found[field.name] = field
    return tuple(found.values())


def _field(at: Cursor) -> FieldSpec:
    shape = tuple(item.integer(1, MAX_SIZE) for item in at["shape"].items(MAX_AXES))
    if math.prod(shape) > MAX_SIZE:
        at["shape"].refuse("the shape of a sample that fits in memory")
    return FieldSpec(
        name=at["name"].text(),
        kind=at["kind"].choice(KINDS),
        shape=shape,
        dtype=at["dtype"].choice(DTYPES),
        classes=_texts(at["classes"], MAX_CLASSES) if "classes" in at else (),
        scale=at["scale"].text() if "scale" in at else "",
        below=at["below"].integer(0, MAX_BELOW) if "below" in at else 0,
    )


def _texts(at: Cursor, limit: int) -> tuple[str, ...]:
    return tuple(item.text() for item in at.items(limit))
