"""The version moves when the public names do, and the changelog has a section for every version."""

from __future__ import annotations

import tomllib
from pathlib import Path

import contract
import pytest
from typer.testing import CliRunner

import segment
from segment.cli import app

ROOT = Path(__file__).resolve().parents[1]


def test_this_version_may_be_called_so() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert contract.what_is_wrong(segment.__version__, contract.digest(), contract.released(), changelog) == ""


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == segment.__version__
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output.strip()) == (0, f"segment {segment.__version__}")


def test_the_names_of_every_kind_are_in_it() -> None:
    found = set(contract.names())
    wanted = {"segment run --only", "segment promote --reason", "setting segmentation.families"}
    assert wanted | {"codebook column reverse", "item kind importance"} <= found
    assert any(one.startswith("segment.segments.SegmentSelector.predict(self, items") for one in found)
    assert any(one.startswith("segment.retention.HazardModel.fit(self, X, spells") for one in found)


@pytest.mark.parametrize(("version", "now", "changelog", "why"), [
    ("1.0.0", "other", "## 1.0.0\n", "move the version"),
    ("1.1.0", "other", "## 1.0.0\n", "no section for 1.1.0"),
    ("1.1.0", "other", "## 1.0.0\n## 1.1.0\n", "begins with 1.0.0"),
    ("0.9.0", "other", "## 1.0.0\n## 0.9.0\n", "older than a released version"),
])  # fmt: skip
def test_what_a_version_may_not_be_called(version: str, now: str, changelog: str, why: str) -> None:
    assert why in contract.what_is_wrong(version, now, {"1.0.0": "names"}, changelog)


@pytest.mark.parametrize(("version", "now"), [("1.0.0", "names"), ("1.1.0", "other"), ("1.0.1", "names")])
def test_a_version_that_moved_is_right(version: str, now: str) -> None:
    changelog = f"## {version} (2026)\n## 1.0.0\n" if version != "1.0.0" else "## 1.0.0\n"
    assert contract.what_is_wrong(version, now, {"1.0.0": "names"}, changelog) == ""
