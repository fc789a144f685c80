"""All of it without a screen: `python main.py COMMAND …`. Words go to stdout, troubles to stderr in one sentence.

Exit status: 0 done, 1 a problem with the design, data or file, 2 wrong usage, 130 interrupted (and saved).
torch is imported by the commands that need it, not by this module.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from engine.cli.parser import COMMANDS, make_parser
from engine.errors import StrataError, UsageError, nearest

__all__ = ["COMMANDS", "main", "wants_terminal"]


def wants_terminal(argv: list[str]) -> bool:
    """Whether the arguments name a command (or ask for help or the version) rather than a project for the window."""
    if not argv:
        return False
    first = argv[0]
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return True
    if first.startswith("-"):
        return True  # no option opens the window: argparse says which exist
    looks_like_a_file = first.endswith(".strata") or os.sep in first or os.path.exists(first)
    return not looks_like_a_file


def main(argv: list[str]) -> int:
    """Run one command; every expected trouble becomes one sentence on stderr and an exit status."""
    parser = make_parser()
    if argv and argv[0] not in (*COMMANDS, "-h", "--help", "--version"):
        what = "option" if argv[0].startswith("-") else "command or file"
        close = nearest(argv[0], COMMANDS)
        hint = f" Did you mean {close}?" if close else ""
        print(f"strata: there is no {what} called ‘{argv[0]}’.{hint} See: python main.py --help", file=sys.stderr)
        return 2
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as leaving:  # argparse has already spoken
        return int(leaving.code or 0)
    return _guarded(arguments)


def _guarded(arguments: argparse.Namespace) -> int:
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        print(f"strata: {error}", file=sys.stderr)
        return 2
    except StrataError as error:
        print(f"strata: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("strata: interrupted.", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): not a fault; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        print("strata: this machine ran out of memory. Use a smaller batch or network.", file=sys.stderr)
        return 1
