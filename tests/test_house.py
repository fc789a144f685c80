"""The walls of the house: who may import whom, and what must not be imported before the first paint."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from engine.numbers import thousands

ROOT = pathlib.Path(__file__).resolve().parent.parent

WITHOUT_TORCH = [
    "engine.graph.edits",
    "engine.graph.diff",
    "engine.graph.topology",
    "engine.graph.tidy",
    "engine.graph.guides",
    "engine.catalog.spec",
    "engine.catalog.table",
    "engine.catalog.catalog",
    "engine.check.checker",
    "engine.check.fixes",
    "engine.check.healing",
    "engine.check.swapping",
    "engine.train.recipe",
    "engine.train.events",
    "engine.train.recorder",
    "engine.observe.history",
    "engine.observe.picture",
    "engine.observe.tiles",
    "engine.project.store",
    "engine.project.fragment",
    "engine.project.templates",
    "engine.data.source",
    "engine.cli",
]


def _imported(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


def test_these_modules_need_no_torch():
    modules = _imported("; ".join(f"import {name}" for name in WITHOUT_TORCH))
    assert "torch" not in modules


def test_the_engine_needs_no_qt():
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "engine").rglob("*.py"))
    ]
    names = [n for n in names if not n.endswith("__main__")]
    modules = _imported("; ".join(f"import {name}" for name in names))
    assert not modules & {"PySide6", "pyqtgraph", "gui", "shiboken6"}


def test_the_window_needs_no_torch_to_be_built():
    modules = _imported("import os; os.environ.setdefault('QT_QPA_PLATFORM','offscreen'); import gui.main_window")
    assert not modules & {"torch", "h5py", "networkx", "pyqtgraph", "sklearn"}


LINT = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"


@pytest.fixture
def copied_house(tmp_path: pathlib.Path) -> pathlib.Path:
    if importlib.util.find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed")
    for name in ("engine", "gui", "resources"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, env=env, capture_output=True, text=True)


def test_the_contracts_are_kept(copied_house: pathlib.Path):
    done = _lint(copied_house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("engine/graph/planted.py", "import gui.document"),
        ("engine/graph/planted.py", "import engine.train.events"),
        ("gui/widgets/planted.py", "import gui.document"),
        ("gui/panels/planted.py", "import torch"),
        ("gui/canvas/planted.py", "import gui.panels.inspector"),
        ("gui/nowhere.py", "import gui.document"),
    ],
)
def test_a_planted_violation_is_found(copied_house: pathlib.Path, module: str, line: str):
    (copied_house / module).write_text(f'"""Planted."""\n\n{line}\n')
    done = _lint(copied_house)
    assert done.returncode != 0 and "BROKEN" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["engine", "gui"])
def test_the_map_names_every_file(package: str):
    """The README of a package has one line for each of its files, and none for a file that is gone."""
    base = ROOT / package
    files = {path.name for path in base.rglob("*.py") if path.name != "__init__.py"}
    lines = [
        line
        for line in (base / "README.md").read_text("utf-8").splitlines()
        if line.startswith("- `") and ".py`: " in line
    ]
    named = {line.split("`")[1] for line in lines}
    assert named == files
    assert len(lines) == sum(1 for path in base.rglob("*.py") if path.name != "__init__.py")


def test_thousands_stand_apart_by_thin_spaces():
    """One function writes them, for the terminal and the window; commas are for other decimals elsewhere."""
    own = {"numbers.py", "generate.py", "catalog.py"}  # the last one for limits such as 1e-12
    files = [path for package in ("engine", "gui") for path in (ROOT / package).rglob("*.py") if path.name not in own]
    assert files and not [str(path) for path in files if re.search(r":,[.\w]*}", path.read_text("utf-8"))]
    from engine.data.sources import digits

    assert thousands(1797) == "1\u202f797" and thousands(1797) in digits.SUMMARY and "1,797" not in digits.PROVENANCE


def test_a_large_size_is_grouped_wherever_it_stands():
    from engine.check.report import TensorSpec
    from engine.check.words import sizes, tensor
    from engine.numbers import ungrouped

    spec = TensorSpec((1_000_000, 8, 8))
    grouped = f"{thousands(1_000_000)}×8×8"
    assert spec.text() == sizes(spec.shape) == tensor(spec) == grouped and ungrouped(grouped) == "1000000×8×8"
    assert tensor(TensorSpec((4096,))) == f"{thousands(4096)} numbers per sample"
    assert thousands(1234.56, 1) == f"{thousands(1234)}.6" and thousands(10**30).count("000") == 10
