"""Writes resources/catalog.json from torch's own signatures: `python -m engine.catalog.generate`."""

from __future__ import annotations

import json
import pathlib
from dataclasses import MISSING, fields
from typing import Any

import torch

from engine.catalog import introspect


def _plain(row: Any) -> dict[str, Any]:
    """A row without the fields that hold their defaults: the file stays readable."""
    found: dict[str, Any] = {}
    for f in fields(row):
        value = getattr(row, f.name)
        if f.default is not MISSING and value == f.default and type(value) is type(f.default):
            continue
        if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
            value = [_plain(v) for v in value]
        found[f.name] = value
    return found


def catalog_text() -> str:
    plain = {
        "torch": torch.__version__.split("+")[0],
        "layers": [_plain(row) for row in introspect.layer_specs()],
        "optimizers": [_plain(row) for row in introspect.optimizer_specs()],
        "schedules": [_plain(row) for row in introspect.schedule_specs()],
    }
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    target = pathlib.Path(__file__).resolve().parents[2] / "resources" / "catalog.json"
    target.write_text(catalog_text(), "utf-8")
    print(f"Wrote {target}")


if __name__ == "__main__":
    main()
