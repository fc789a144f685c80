"""Reads a file of unknown origin in a process of its own first: a hang, a crash or a flood of memory ends there.

It costs the start of a Python with HDF5 (about a second) and reading the file twice; torch and Qt are not loaded.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from engine.errors import ProjectFileError

START_SECONDS = 60.0  # to begin at all, on a slow or busy computer
READ_SECONDS = 10.0  # for the reading itself
BYTES_PER_SECOND = 30e6  # what is added to that for large files
READY = b"ready\n"


def examine(path: pathlib.Path) -> str:
    """The file's digest where a process with limits could read it; ProjectFileError where it could not."""
    from engine.project.guard import check_file

    size = check_file(path)
    if getattr(sys, "frozen", False):
        return _in_process(path)  # there is no Python to start
    with (
        tempfile.TemporaryDirectory(prefix="strata-") as empty,
        subprocess.Popen(
            _command(path),
            cwd=empty,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a buffer would keep an answer that came together with ‘ready’: communicate reads past it
        ) as process,
    ):
        try:
            return _await(process, READ_SECONDS + size / BYTES_PER_SECOND)
        finally:
            process.kill()


def _command(path: pathlib.Path) -> list[str]:
    return [sys.executable, "-B", "-m", "engine.project.verify", str(path.absolute())]


def _await(process: subprocess.Popen[bytes], seconds: float) -> str:
    assert process.stdout is not None
    starting = threading.Timer(START_SECONDS, process.kill)
    starting.start()
    try:
        ready = process.stdout.readline() == READY
    finally:
        starting.cancel()
        starting.join()
    if not ready:
        raise ProjectFileError("It could not be examined safely: the process for that did not start.")
    try:
        answer, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ProjectFileError(f"It was refused: reading it took longer than {seconds:.0f} seconds.") from None
    if process.returncode not in (0, 1) or not answer:
        raise ProjectFileError(f"It was refused: reading it broke the process that examined it ({process.returncode}).")
    told = json.loads(answer)
    if "problem" in told:
        raise ProjectFileError(told["problem"])
    return told["digest"]


def _environment() -> dict[str, str]:
    """Strata importable, HDF5's plugins switched off."""
    root = str(pathlib.Path(__file__).resolve().parents[2])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HDF5_")}
    known = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([root, known] if known else [root])
    environment["HDF5_PLUGIN_PRELOAD"] = "::"
    return environment


def _in_process(path: pathlib.Path) -> str:
    from engine.project import reading

    return reading.read(path)[1]
