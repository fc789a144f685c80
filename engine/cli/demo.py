"""The command `demo` without a display: the digits network trains in the terminal, and a layer of it is drawn.

With a display main.py opens the window in its stead. Everything is done by the commands that a person would type.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib

from engine.cli.projects import say
from engine.project import store, templates
from engine.project.project import Project

NAME = "strata-demo"
LAYER = "conv2"  # the last of the template's convolutions: 32 channels


def demo(arguments: argparse.Namespace) -> int:
    project = _free(pathlib.Path(arguments.output))
    picture = project.with_suffix(".png")
    store.check_writable(picture)
    say(f"The network ‘{templates.FIRST}’ learns the built-in handwritten digits; it is kept in {project}.")
    store.save(Project(design=templates.load(templates.FIRST)), project)
    trained = _command(arguments, "train", project)
    return trained or _command(arguments, "features", project, "--layer", LAYER, "-o", picture)


def _free(folder: pathlib.Path) -> pathlib.Path:
    """The first name in the folder that neither a project nor a picture has."""
    names = itertools.chain([NAME], (f"{NAME}-{number}" for number in itertools.count(2)))
    places = (folder / f"{name}{store.SUFFIX}" for name in names)
    return next(place for place in places if not place.exists() and not place.with_suffix(".png").exists())


def _command(whole: argparse.Namespace, *words: object) -> int:
    from engine.cli.parser import make_parser

    begun = argparse.Namespace(interrupted=whole.interrupted)
    arguments = make_parser().parse_args([str(word) for word in words], begun)
    return int(arguments.run(arguments))
