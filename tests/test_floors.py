"""A floor is written once: changed in its one place, it is another number in settings, documentation and dossier."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segment.floors import Floors

ROOT = Path(__file__).resolve().parents[1]

#: What is run in the changed tree: the pages are made anew, and a dossier is told with the floors of a plain study.
_REMADE = """
import sys
from types import SimpleNamespace
sys.path[:0] = ["docs", "tests/exports"]
import make_reference, pin_rules, sample_dossier
from segment.config import PrivacyConfig
from segment.exports.dossier import render_dossier
from segment.stages.release.plans import rules_of
make_reference.main([])
pin_rules.main()
study = SimpleNamespace(config=SimpleNamespace(privacy=PrivacyConfig()))
facts = sample_dossier.facts(floors=rules_of(study).as_dict())
print(render_dossier(sample_dossier.governed(), facts)["dossier/notice.en.html"])
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the project in which shares need 13 people, its pages made anew, and a dossier of it."""
    root = tmp_path_factory.mktemp("changed")
    for folder in ("src", "docs", "configs", "tests/exports"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", root)
    place = root / "src" / "segment" / "floors.py"
    text, times = re.subn(r"min_rate_group: int = \d+", "min_rate_group: int = 13", place.read_text(encoding="utf-8"))
    assert times == 1
    place.write_text(text, encoding="utf-8")
    surroundings = {**os.environ, "PYTHONPATH": str(root / "src")}
    ran = subprocess.run(
        [sys.executable, "-c", _REMADE], cwd=root, env=surroundings, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return root, ran.stdout


def test_settings_and_documentation_have_the_new_number(changed: tuple[Path, str]) -> None:
    docs = changed[0] / "docs"
    assert "| `min_rate_group` | whole number | `13` |" in (docs / "reference" / "settings.md").read_text("utf-8")
    assert "| share, rate, distribution, text | 13 |" in (docs / "privacy.md").read_text("utf-8")
    assert "min_rate_group=13" in (docs / "reference" / "library" / "privacy.md").read_text("utf-8")


def test_the_dossier_and_whoever_verifies_have_it_too(changed: tuple[Path, str]) -> None:
    root, dossier = changed
    rules = json.loads((root / "src" / "segment" / "exports" / "rules.json").read_text("utf-8"))
    assert rules["least"]["min_rate_group"] == 13
    assert "from 13 people on" in dossier


def test_no_floor_is_written_a_second_time() -> None:
    names = {field.name for field in dataclasses.fields(Floors)}
    again = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        if path.name != "floors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name, value in _given(node)
        if name in names and any(isinstance(one, ast.Constant) and one.value is not None for one in ast.walk(value))
    ]
    assert again == [], "take it from segment.floors"


def _given(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Names that are given a value here, as a variable, a field or a default."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.target.id, node.value)]
    if isinstance(node, ast.Assign):
        return [(one.id, node.value) for one in node.targets if isinstance(one, ast.Name)]
    if isinstance(node, ast.arguments):
        plain, keyword = [*node.posonlyargs, *node.args], node.kwonlyargs
        given = list(zip(plain[len(plain) - len(node.defaults) :], node.defaults, strict=True))
        given += [(name, value) for name, value in zip(keyword, node.kw_defaults, strict=True) if value is not None]
        return [(name.arg, value) for name, value in given]
    return []
