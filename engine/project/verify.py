"""`python -m engine.project.verify FILE`: read a project under limits and tell in one JSON line whether it is whole.

The sandbox runs it. Prints ‘ready’ once everything is imported, then {"digest": …} and exits 0, or {"problem": …} and
exits 1.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys

from engine.errors import ProjectFileError

MEMORY_BYTES = 2 * 2**30  # beside the file's own size


def limit(path: pathlib.Path) -> None:
    """Bound memory and processor time, and forbid writing files. Only where the system knows how (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    size = path.stat().st_size if path.exists() else 0
    for name, bound in (
        ("RLIMIT_AS", MEMORY_BYTES + 3 * size),
        ("RLIMIT_CPU", 60 + size // 10_000_000),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # macOS knows no bound of address space
            resource.setrlimit(getattr(resource, name), (bound, bound))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m engine.project.verify FILE", file=sys.stderr)
        return 2
    from engine.catalog import catalog
    from engine.project import reading

    catalog.load()
    path = pathlib.Path(arguments[0])
    print("ready", flush=True)
    limit(path)
    try:
        _, digest = reading.read(path)
    except ProjectFileError as error:
        print(json.dumps({"problem": str(error)}))
        return 1
    except OSError as error:
        print(json.dumps({"problem": f"The system refused to read it ({error.strerror})."}))
        return 1
    print(json.dumps({"digest": digest}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
