"""What a data set is, without its samples: fields, shapes, classes, split sizes. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldKind = Literal["image", "mask", "vector", "class", "number", "tokens", "sequence"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a sample. `shape` is without the batch axis (an image: channels, height, width; a mask, one class
    for each pixel: height, width; a sequence: time, features; tokens: time; a class: empty).

    `dtype` is what the network receives (‘float32’ or ‘int64’); `classes` names what its whole numbers stand for: the
    classes of a `class` or `mask` field, the vocabulary of a `tokens` field.
    `scale` says in words how the numbers were made from the stored ones (‘grey, scaled 0–1’). Whole numbers are all
    less than `below` (0: not known).
    """

    name: str
    kind: FieldKind
    shape: tuple[int, ...]
    dtype: str
    classes: tuple[str, ...] = ()
    scale: str = ""
    below: int = 0


@dataclass(frozen=True, slots=True)
class DataSpec:
    """A data set as a design sees it. `inputs` may be chosen by Input nodes, `targets` by Target nodes.

    `splits` are the sizes of train, validation and test. `provenance` says where the data are from and under which
    licence; `official_test` whether the test part was given with the set; `synthetic` whether the samples were drawn by
    a program. `fingerprint` is a digest of the samples.
    """

    name: str
    title: str
    inputs: tuple[FieldSpec, ...]
    targets: tuple[FieldSpec, ...]
    train: int
    validation: int
    test: int
    provenance: str = ""
    official_test: bool = False
    synthetic: bool = False
    fingerprint: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def samples(self) -> int:
        """Of all parts; 0 where only the fields are known, as of data that cannot be read any more."""
        return self.train + self.validation + self.test

    def field(self, name: str, *, target: bool = False) -> FieldSpec | None:
        """The field called `name`, or the first one where `name` is empty; None where there is none."""
        fields = self.targets if target else self.inputs
        if not name:
            return fields[0] if fields else None
        return next((f for f in fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A data set that comes with the program. `teaches` says in a sentence or two what can be learned by training on
    it; `synthetic` is as in DataSpec."""

    name: str
    title: str
    summary: str
    teaches: str = ""
    synthetic: bool = False
