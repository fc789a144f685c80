"""The hostile corpus: project files that attack whoever opens them, each by one means. Generated, never stored.

`CASES` maps a name to (maker, words that the refusal must hold). A maker gets the path of a valid project and spoils
it; where the attack lies in what the file says it signs the file anew, as an attacker would.
`python tests/hostile/make.py FOLDER` writes all of them.
"""

from __future__ import annotations

import pathlib
import sys

sys.path[:0] = [p for p in (str(pathlib.Path(__file__).resolve().parent),) if p not in sys.path]

import hostile_content  # noqa: E402, F401
import hostile_storage  # noqa: E402, F401
from hostile_tools import CASES, make  # noqa: E402


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/hostile/make.py FOLDER")
    for name in CASES:
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        make(name, folder / "hostile.strata")
    print(f"{len(CASES)} hostile files in {sys.argv[1]}")


if __name__ == "__main__":
    main()
