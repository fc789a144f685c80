"""All of it without a screen: `python main.py COMMAND …`. Words go to stdout, troubles to stderr in one sentence.

Exit status: 0 done, 1 a problem with the design, data or file, 2 wrong usage, 130 interrupted by Ctrl-C, 143 by a kill,
129 by a terminal that closed (what was learned is saved, if a step was made), 141 where nobody reads what is printed.
torch is imported by the commands that need it, not by this module.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence

from engine.cli import streams
from engine.cli.parser import COMMANDS, make_parser
from engine.errors import StrataError, Told, UsageError, nearest

__all__ = ["COMMANDS", "main", "wants_terminal"]

INTERRUPTED = "interrupted."
NOBODY_READS = 141  # as a shell tells of SIGPIPE (128 + 13): `| head` has read enough


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


def main(argv: list[str], interrupted: Sequence[int] = ()) -> int:
    """Run one command; every expected trouble becomes one sentence on stderr and an exit status. `interrupted` grows
    with each signal that comes before the command takes care of signals itself."""
    streams.prepare()
    try:
        return _run(argv, interrupted)
    finally:
        streams.let_go()


def _run(argv: list[str], interrupted: Sequence[int]) -> int:
    parser = make_parser()
    if argv and argv[0] not in (*COMMANDS, "-h", "--help", "--version"):
        what = "option" if argv[0].startswith("-") else "command or file"
        close = nearest(argv[0], COMMANDS)
        hint = f" Did you mean {close}?" if close else ""
        _tell(f"there is no {what} called ‘{argv[0]}’.{hint} See: python main.py --help")
        return 2
    try:
        arguments = parser.parse_args(argv, argparse.Namespace(interrupted=interrupted))
    except SystemExit as leaving:  # argparse has already spoken
        return int(leaving.code or 0)
    return _guarded(arguments)


def _guarded(arguments: argparse.Namespace) -> int:
    try:
        status = int(arguments.run(arguments))
        sys.stdout.flush()  # here, where a reader that has gone is noticed in peace
        return status
    except BrokenPipeError:
        return NOBODY_READS
    except KeyboardInterrupt as interrupt:
        _tell(INTERRUPTED)
        _last_event(arguments, "interrupted", INTERRUPTED)
        return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)
    except (StrataError, OSError, MemoryError) as error:
        sentence = _sentence(error)
        _tell(sentence)
        if not isinstance(error, Told):
            _last_event(arguments, "failed", sentence)
        return 2 if isinstance(error, UsageError) else 1


def _sentence(error: StrataError | OSError | MemoryError) -> str:
    if isinstance(error, StrataError):
        return str(error)
    if isinstance(error, OSError):
        return f"the system refused: {error.strerror or error}."
    return "this machine ran out of memory. Use a smaller batch or network."


def _tell(sentence: str) -> None:
    with contextlib.suppress(OSError):
        streams.line(f"strata: {sentence}", sys.stderr)


def _last_event(arguments: argparse.Namespace, event: str, message: str) -> None:
    """Whoever reads a training's events learns from them how it ended, also where it never began."""
    if arguments.events and arguments.json:
        with contextlib.suppress(OSError):
            streams.line(json.dumps({"event": event, "message": message}))
