"""The installed product: a wheel in an empty folder, without the repository, and models that carry their own code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.live import QUICK

ROOT = Path(__file__).resolve().parents[1]
PACKED = ("src", "pipelines", "configs", "pyproject.toml", "setup.py", "README.md")
#: Where the dependencies lie; this project is not importable from there.
DEPENDENCIES = Path(np.__file__).resolve().parents[1]

#: Loads a logged model where nothing of this project is installed, scores a row, and tells what was imported.
SERVE = """
import sys
sys.path.insert(0, sys.argv[2])
import importlib.metadata as metadata
import mlflow, pandas as pd
assert "segment" not in sys.modules
model = mlflow.pyfunc.load_model(sys.argv[1])
import segment
print(segment.__file__)
scorer = model.unwrap_python_model()._scorer
codes = scorer.selector.reading_.codes if hasattr(scorer, "selector") else []
asked = {code: [3.0 if code in codes else None] for code in getattr(scorer, "columns", [])}
print(len(model.predict(pd.DataFrame(asked, dtype=float))) if codes else type(scorer).__name__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves its traces beside the sources."""
    folder = tmp_path_factory.mktemp("build")
    for name in PACKED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / name, folder / name)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder / "dist")], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (made,) = (folder / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder beside an environment that has the wheel, and the dependencies from elsewhere."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{DEPENDENCIES}\n")
    command = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run([*command, str(wheel)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "empty").mkdir()
    yield folder


def command(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed product in the empty folder, and nothing of this process's paths."""
    own = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "PREFECT_", "MLFLOW_", "SEGMENT_LEDGER"))}
    return subprocess.run(
        [str(place / "venv" / "bin" / arguments[0]), *arguments[1:]], cwd=place / "empty",
        env=own | {"SEGMENT_LEDGER": str(place / "ledger")}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_wheel_holds_every_setting_once_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    configs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "configs").rglob("*") if path.is_file()}
    assert {name.removeprefix("segment/") for name in names if name.startswith("segment/configs/")} == configs
    data = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src" / "segment").rglob("*") if p.is_file()}
    assert {name for name in data if "__pycache__" not in name} <= set(names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {
        "segment", "pipelines", "needs_based_segmentation"
    }  # fmt: skip


def test_the_library_looks_for_nothing_outside_its_own_folder() -> None:
    outside = [p.name for p in (ROOT / "src").rglob("*.py") if re.search(r"parents\[[3-9]\]", p.read_text("utf-8"))]
    assert outside == ["bill.py"]  # the lock file, where there is one


def test_a_whole_study_in_an_empty_folder(place: Path) -> None:
    assert command(place, "segment", "--version").stdout.startswith("segment ")
    made = command(place, "segment", "simulate", "org", "--people", "300", "--seed", "3", "--waves", "1")
    assert made.returncode == 0, made.stderr
    assert "segment run" in made.stdout
    checked = command(place, "segment", "check", "org/study.yaml")
    assert checked.returncode == 0, checked.stderr
    options = [part for setting in QUICK for part in ("--set", setting)]
    ran = command(place, "segment", "run", "org/study.yaml", *options)
    assert ran.returncode == 0, ran.stderr[-3000:]
    workspace = place / "empty" / "org" / "var" / "org"
    assert list((workspace / "exports").rglob("report.nl.html"))
    (bill,) = (workspace / "exports").rglob("sbom.cdx.json")
    parts = {part["name"] for part in json.loads(bill.read_text())["components"]}
    assert {"pandas", "mlflow"} <= parts
    assert not {name for name in parts if "segment" in name}
    where = command(place, "python", "-c", "import segment, pipelines; print(segment.__file__, pipelines.__file__)")
    assert str(ROOT) not in where.stdout
    assert where.stdout.count(str(place)) == 2
    assert [path.name for path in (place / "empty").iterdir()] == ["org"]


def test_a_logged_model_serves_where_nothing_of_the_project_is_installed(place: Path, tmp_path: Path) -> None:
    models = sorted((place / "empty" / "org" / "var" / "org" / "mlartifacts").rglob("MLmodel"))
    answers: list[str] = []
    for model in models:
        required = (model.parent / "requirements.txt").read_text()
        assert "segment" not in required
        assert all("==" in line for line in required.split())
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", SERVE, str(model.parent), str(DEPENDENCIES)],
            cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        came_from, answer = done.stdout.split()[-2:]
        assert came_from.startswith(str(model.parent))
        answers.append(answer)
    assert sorted(answers) == ["1", "RetentionScorer"]
