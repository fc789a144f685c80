"""The commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import engine
from engine.errors import nearest


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"‘{text}’ is no whole number") from None
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is out of range; give a whole number from 1 to 1000000")
    return number


def _seed(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"‘{text}’ is no whole number") from None
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is out of range; a seed is a whole number from 0 to 2^63 - 1")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"‘{text}’ is no number") from None
    if not 0.05 <= number <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is out of range; give seconds from 0.05 to 86400")
    return number


def _path(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the name of a file is needed; this one is empty")
    return text


def _later(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """Import a command's code only when it is called: `--help` stays instant."""

    def run(arguments: argparse.Namespace) -> int:
        import importlib

        return getattr(importlib.import_module(module), name)(arguments)

    return run


_EPILOG = """\
Without a command the window opens: python main.py [PROJECT.strata]
Exit status: 0 done; 1 a problem with the design, data or file (a template, data set or file of that name that does not
exist is one, too); 2 wrong usage (an unknown command, option or device); 130 interrupted by Ctrl-C, 143 by
a kill, 129 by a terminal that closed, 141 because nobody reads what is printed; a training that ends so is saved if a
step was made.
"""

DATA_HELP = """\
a built-in set (digits, strokes, shapes, moons, circles, spirals, xor, grammar, sequences, adding)
or a folder of idx or idx.gz files"""


class _Parser(argparse.ArgumentParser):
    """Tells the nearest option where one is misspelt, below the usage of the command it was given to."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        found, rest = super().parse_known_args(args, namespace)
        wrong = next((word.partition("=")[0] for word in rest if word.startswith("-")), None)
        if wrong is not None:
            close = nearest(wrong, self._option_string_actions)
            self.error(f"there is no option called ‘{wrong}’.{f' Did you mean {close}?' if close else ''}")
        return found, rest


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python main.py",
        description="Strata: build, train and look inside deep networks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"strata {engine.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, help_: str, module: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".", allow_abbrev=False)
        made.set_defaults(run=_later(f"engine.cli.{module}", name), events=name == "train")
        return made

    def json_option(made: argparse.ArgumentParser, help_: str = "print JSON instead of text") -> None:
        made.add_argument("--json", action="store_true", help=help_)

    made = command("templates", "list the designs that a project can start from", "designs")
    json_option(made)

    made = command("new", "make a project from a template", "designs")
    made.add_argument("template", metavar="TEMPLATE")
    made.add_argument("-o", "--output", metavar="P.strata", type=_path, required=True)
    made.add_argument("--data", metavar="SPEC", help=DATA_HELP)
    made.add_argument("--force", action="store_true", help="replace a project that is already there")

    made = command("check", "say what is wrong with a project's design; exit 1 if it cannot be trained", "designs")
    made.add_argument("project", metavar="P.strata", type=_path)
    json_option(made)

    made = command("train", "train a project, or go on with its training, and save it", "training")
    made.add_argument("project", metavar="P.strata", type=_path)
    made.add_argument("--epochs", metavar="N", type=_positive, help="where to stop, in epochs since the beginning")
    made.add_argument("--device", metavar="D", default="auto", help="auto, cpu, cuda, cuda:1, mps …")
    made.add_argument("--seed", metavar="S", type=_seed, help="of weights, order and dropout")
    made.add_argument("--data", metavar="SPEC", help=DATA_HELP)
    made.add_argument("-o", "--output", metavar="OUT.strata", type=_path, help="save there and leave P.strata as it is")
    made.add_argument("--force", action="store_true", help="replace another project that is there already (with -o)")
    made.add_argument(
        "--fresh",
        action="store_true",
        help="start over with fresh weights: earlier runs stay in the history, what a killed training left is dropped",
    )
    made.add_argument(
        "--checkpoint-every",
        metavar="SECONDS",
        type=_seconds,
        default=30.0,
        help="how often the recovery file beside the project is written (30)",
    )
    json_option(
        made,
        "print one JSON object a line, each with an “event”; the last is “finished”, or “failed” or “interrupted” with "
        "a “message”",
    )

    made = command("evaluate", "measure a trained project on the test part of its data", "training")
    made.add_argument("project", metavar="P.strata", type=_path)
    made.add_argument("--data", metavar="SPEC", help=DATA_HELP)
    json_option(made)

    made = command("describe", "show a project's layers, shapes, parameters and history", "designs")
    made.add_argument("project", metavar="P.strata", type=_path)
    json_option(made)

    made = command("features", "draw all channels of a layer on fixed samples into one PNG picture", "features")
    made.add_argument("project", metavar="P.strata", type=_path)
    made.add_argument("--layer", metavar="NAME", required=True, help="its name; in a block as in block/conv1")
    made.add_argument("-o", "--output", metavar="OUT.png", type=_path, required=True)
    made.add_argument("--probes", metavar="N", type=_positive, default=4, help="on how many samples (4)")
    made.add_argument("--data", metavar="SPEC", help=DATA_HELP)

    told = "train the digits network at once: in the window, or without a display (or with -o) here in the terminal"
    made = command("demo", told, "demo")
    made.add_argument("-o", "--output", metavar="FOLDER", type=_path, default=".", help="where its files are written")
    return parser


COMMANDS = ("templates", "new", "check", "train", "evaluate", "describe", "features", "demo")
