"""Writes the golden file of the present format, once: `python tests/golden/make.py`. Never write one anew: a file of a
released format must open as it is, for ever."""

from __future__ import annotations

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent)]


def main() -> None:
    from project_values import full_project

    from engine.project import store
    from engine.project.elements import VERSION

    path = HERE / f"format-{VERSION}.strata"
    if path.exists():
        sys.exit(f"{path} is there already.")
    store.save(full_project(), path)
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
