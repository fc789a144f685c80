"""A folder of idx files: MNIST and its kin (Fashion-MNIST, KMNIST, EMNIST …), or one pair ‘images’ and ‘labels’."""

from __future__ import annotations

import os
import pathlib
import re
from typing import Any

import numpy as np

from engine.data.raw import Raw, class_names, fingerprint
from engine.data.sources import idx
from engine.data.spec import FieldSpec
from engine.errors import DataError
from engine.graph.frozen import Frozen
from engine.numbers import sizes, thousands

Array = np.ndarray[Any, Any]
Files = dict[tuple[str, str], pathlib.Path]  # (‘train’ | ‘test’, ‘images’ | ‘labels’) → file

# ‘train-images-idx3-ubyte.gz’, ‘emnist-letters-test-labels-idx1-ubyte’, ‘t10k-images.idx3-ubyte’, ‘images.idx.gz’
_NAME = re.compile(
    r"(?P<set>.*?)(?P<part>train(?:ing)?|t10k|test)?[-_.]?(?P<what>images?|labels?)"
    r"(?:[-_.](?:idx\d?|ubyte|u?int\d+|float))*(?P<gz>\.gz)?",
    re.IGNORECASE,
)
_MOST_CLASSES = 100_000
_MOST_LOOKED_INTO = 100
_IDX = {"images": "idx3", "labels": "idx1"}
_GREY = {1: "grey", 3: "red, green, blue", 4: "red, green, blue, alpha"}


def is_data_name(name: str) -> bool:
    """Whether a file of this name belongs to a set."""
    return not name.startswith(".") and _NAME.fullmatch(name) is not None


def find(folder: pathlib.Path) -> Files:
    """The files of the set in this folder, found by their names; DataError tells what is missing."""
    found = _named(folder)
    _require_complete(folder, found)
    return found


def _named(folder: pathlib.Path) -> Files:
    found: Files = {}
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise idx.unreadable(folder, error) from error
    for name in names:
        match = None if name.startswith(".") else _NAME.fullmatch(name)
        if match is None:
            continue
        part = "test" if (match["part"] or "").lower() in ("t10k", "test") else "train"
        key = part, match["what"].lower().rstrip("s") + "s"
        found[key] = _better(found[key], folder / name) if key in found else folder / name
    return found


def _better(old: pathlib.Path, new: pathlib.Path) -> pathlib.Path:
    """Of two files for the same thing: a file and its compressed copy are one, and some archives unpack to a folder
    and a file of nearly the same name. Anything else is two data sets."""
    if old.is_dir() != new.is_dir():
        return new if old.is_dir() else old
    if f"{old.name}.gz" == new.name:
        return old
    raise DataError(f"{old.parent} holds both {old.name} and {new.name}. Give each data set a folder of its own.")


def _require_complete(folder: pathlib.Path, found: Files) -> None:
    if not found:
        deeper = within(folder)
        if deeper:
            raise DataError(f"{folder} holds no idx files, but folders: did you mean {folder / deeper[0]}?")
        raise DataError(
            f"{folder} holds no idx files. Expected are train-images-idx3-ubyte, train-labels-idx1-ubyte, "
            "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without .gz."
        )
    for part in sorted({"train"} | {part for part, _ in found}, reverse=True):
        for what in ("images", "labels"):
            if (part, what) not in found:
                other = "labels" if what == "images" else "images"
                partner = found.get((part, other))
                there = (partner or next(iter(found.values()))).name
                wanted = f"{part}-{what}-{_IDX[what]}-ubyte"
                if partner and other in there:  # named after its partner
                    wanted = there.replace(other, what).replace(_IDX[other], _IDX[what])
                raise DataError(f"{folder} lacks the {part} {what}: there is {there}, but no file like {wanted}.")


def holds_data(folder: pathlib.Path) -> bool:
    """Whether a set is in this very folder, by the names of its files: images to train on, and their labels."""
    try:
        return {("train", "images"), ("train", "labels")} <= set(_named(folder))
    except DataError:  # not to be listed, or two sets in one
        return False


def within(folder: pathlib.Path) -> list[str]:
    """Names of the folders within this one that hold a set; of very many only the first are looked into."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []
    return [name for name in names[:_MOST_LOOKED_INTO] if holds_data(folder / name)]


def read(folder: pathlib.Path) -> Raw:
    files = find(folder)
    parts = {part: _part(files[part, "images"], files[part, "labels"]) for part, what in files if what == "images"}
    images, labels = parts["train"]
    official = 0
    if "test" in parts:
        test_images, test_labels = parts["test"]
        if test_images.shape[1:] != images.shape[1:] or test_images.dtype != images.dtype:
            raise DataError(
                f"{files['test', 'images']} does not fit {files['train', 'images']}: its samples are "
                f"{_size(test_images)}, those to train on {_size(images)}."
            )
        official = len(test_images)
        images, labels = np.concatenate([images, test_images]), np.concatenate([labels, test_labels])
    arrays = {"image": images, "label": labels}
    image, divisor = _image_field(images)
    label, warnings = _label_field(labels, official)
    return Raw(
        name=folder.name,
        title=folder.name,
        inputs=(image,),
        targets=(label,),
        arrays=Frozen(arrays),
        divisors=Frozen({"image": divisor}),
        official_test=official,
        provenance=f"idx files of the folder {folder}{_told_there(folder)}.",
        fingerprint=fingerprint(arrays, official),
        warnings=warnings,
    )


def _part(images_path: pathlib.Path, labels_path: pathlib.Path) -> tuple[Array, Array]:
    """Images as samples × channels × height × width (or samples × features), labels as one number a sample."""
    images, labels = idx.read(images_path), idx.read(labels_path)
    if images.ndim == 1:
        raise DataError(f"{images_path} holds one number a sample; images or vectors are expected.")
    if labels.ndim != 1:
        raise DataError(f"{labels_path} holds {_size(labels)} numbers a sample; one label is expected.")
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} and {labels_path} do not belong together: "
            f"{thousands(len(images))} images, {thousands(len(labels))} labels."
        )
    for path, array in ((images_path, images), (labels_path, labels)):
        if array.dtype.kind == "f":
            _require_finite(path, array)
    if labels.dtype.kind == "i" and labels.min() < 0:
        raise DataError(f"{labels_path} holds the label {int(labels.min())}; labels count from 0.")
    if labels.dtype.kind != "f" and labels.max() >= _MOST_CLASSES:
        raise DataError(
            f"{labels_path} holds the label {thousands(int(labels.max()))}; "
            f"at most {thousands(_MOST_CLASSES)} classes can be."
        )
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[3] in _GREY and images.shape[1] not in _GREY:
        images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))  # the channels stood last
    return images, labels.astype(np.float32)[:, None] if labels.dtype.kind == "f" else labels.astype(np.int64)


def _require_finite(path: pathlib.Path, array: Array) -> None:
    """As stored, and as the network receives them: as float32."""
    if not np.isfinite(array).all():
        raise DataError(f"{path} holds numbers that are not finite.")
    with np.errstate(over="ignore"):
        received = array.astype(np.float32, copy=False)
    if not np.isfinite(received).all():
        raise DataError(
            f"{path} holds numbers as large as {float(np.abs(array).max()):.3g}; the largest that float32 holds is "
            f"{float(np.finfo(np.float32).max):.3g}."
        )


def _image_field(images: Array) -> tuple[FieldSpec, float]:
    bytes_ = images.dtype == np.uint8
    scale = "scaled 0–1" if bytes_ else "as stored"
    shape = tuple(int(n) for n in images.shape[1:])
    if images.ndim == 2:
        return FieldSpec("image", "vector", shape, "float32", scale=scale), 255.0 if bytes_ else 1.0
    colours = _GREY.get(shape[0], f"{thousands(shape[0])} channels")
    return FieldSpec("image", "image", shape, "float32", scale=f"{colours}, {scale}"), 255.0 if bytes_ else 1.0


def _label_field(labels: Array, official: int) -> tuple[FieldSpec, tuple[str, ...]]:
    if labels.ndim == 2:
        return FieldSpec("label", "number", (1,), "float32"), ()
    trained = labels[: len(labels) - official]
    unused = sorted(set(range(int(labels.max()) + 1)) - set(np.unique(trained).tolist()))
    warnings = ()
    if unused:
        shown = ", ".join(str(n) for n in unused[:8]) + (" …" if len(unused) > 8 else "")
        warnings = (f"No sample to train on has the label {shown}.",)
    return FieldSpec("label", "class", (), "int64", classes=class_names(labels)), warnings


def _size(array: Array) -> str:
    return sizes(array.shape[1:])


def _told_there(folder: pathlib.Path) -> str:
    """What a file beside the data says about where they are from, by reference only."""
    for name in ("PROVENANCE.txt", "README.md", "README.txt", "LICENSE", "LICENSE.txt"):
        if (folder / name).is_file():
            return f"; see {name} there"
    return ""
