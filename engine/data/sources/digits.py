"""The 1,797 handwritten digits that come with scikit-learn: real, small, no download.

scikit-learn's file is read directly: importing scikit-learn itself takes a second.
"""

from __future__ import annotations

import gzip
import importlib.util
import pathlib

import numpy as np

from engine.data.raw import Raw, class_names, fingerprint
from engine.data.spec import FieldSpec
from engine.errors import DataError
from engine.graph.frozen import Frozen
from engine.numbers import thousands

NAME = "digits"
TITLE = "Handwritten digits 8×8"
SUMMARY = f"{thousands(1797)} real digits of 13 writers, 8×8 grey, 10 classes; comes with scikit-learn."
TEACHES = "The first steps on real data: small enough to be learned in seconds, and every pixel can be seen."
PROVENANCE = (
    f"Optical Recognition of Handwritten Digits, test part, {thousands(1797)} samples; E. Alpaydin and C. Kaynak, "
    "Boğaziçi University, 1998; UCI Machine Learning Repository, CC BY 4.0; the copy that scikit-learn ships."
)
_BRIGHTEST = 16  # each pixel counts the set bits of a 4×4 block


def read() -> Raw:
    """Samples in the order of the file."""
    table = _table()
    images = table[:, :64].astype(np.uint8).reshape(-1, 1, 8, 8)
    labels = table[:, 64].astype(np.int64)
    arrays = {"image": images, "label": labels}
    return Raw(
        name=NAME,
        title=TITLE,
        inputs=(FieldSpec("image", "image", (1, 8, 8), "float32", scale="grey, 0–16 scaled to 0–1"),),
        targets=(FieldSpec("label", "class", (), "int64", classes=class_names(labels)),),
        arrays=Frozen(arrays),
        divisors=Frozen({"image": float(_BRIGHTEST)}),
        official_test=0,
        provenance=PROVENANCE,
        fingerprint=fingerprint(arrays, 0),
    )


def _table() -> np.ndarray:
    path = _path()
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.float32, ndmin=2)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(
            f"{path}, which belongs to scikit-learn, cannot be read: {error}. Reinstall scikit-learn."
        ) from error
    good = table.ndim == 2 and table.shape[1] == 65 and len(table) > 0
    if not good or table.min() < 0 or table[:, :64].max() > _BRIGHTEST or table[:, 64].max() > 9:
        raise DataError(f"{path}, which belongs to scikit-learn, does not hold 8×8 digits. Reinstall scikit-learn.")
    return table


def _path() -> pathlib.Path:
    found = importlib.util.find_spec("sklearn")  # finds the package without importing it
    for place in found.submodule_search_locations or () if found else ():
        path = pathlib.Path(place) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            return path
    raise DataError(
        "The digits come with scikit-learn, which is not installed here: python -m pip install scikit-learn."
    )
