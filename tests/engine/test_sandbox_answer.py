"""The answer of the process that examines a file, however quickly it comes."""

from __future__ import annotations

import pathlib
import sys

import pytest

from engine.project import sandbox


def test_an_answer_that_comes_together_with_ready_is_heard(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """A whole file was refused now and then: what stood in the buffer behind ‘ready’ was lost."""
    told = 'import sys; sys.stdout.write(\'ready\\n{"digest": "d"}\\n\')'
    monkeypatch.setattr(sandbox, "_command", lambda _path: [sys.executable, "-c", told])
    monkeypatch.setattr("engine.project.guard.check_file", lambda _path: 1)
    assert sandbox.examine(tmp_path / "any.strata") == "d"
