"""Strata: opens the window; `main.py train|check|new|…` hands over to engine.cli and needs no screen."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 done, 1 a problem with design, data or file, 2 wrong usage, 130 interrupted."""
    try:
        return _started(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # while the program itself is still being loaded; later its parts answer it
        print("strata: interrupted.", file=sys.stderr)
        return 130


def _started(argv: list[str]) -> int:
    from engine import cli

    if argv == ["demo"] and _opens_a_window():
        from gui import app

        return app.run([], demo=True)
    if cli.wants_terminal(argv):
        return cli.main(argv)
    from gui import app

    return app.run(argv)


def _opens_a_window() -> bool:
    """Whether the demonstration has a window; says why where it has not."""
    from gui import preflight

    obstacle = preflight.obstacle()
    if obstacle is not None:
        print(f"strata: {obstacle.removesuffix(preflight.HEADLESS).strip()}", file=sys.stderr)
    return obstacle is None


if __name__ == "__main__":
    sys.exit(main())
