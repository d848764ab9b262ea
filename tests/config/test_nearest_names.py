"""A setting that names something is refused with the nearest of the names that there are, its file, place and key."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from segment.config import load_study
from segment.errors import InvalidStudy, nearest

SOURCES = """study: pilot
title: {nl: Proef, en: Pilot}
sources:
  people:
    file: people.csv
    attributes:
      department: {purpose: profile}
      salary: {purpose: model, type: number}
      sex: {purpose: audit, sensitivity: protected}
"""
WINDOW = "window: {start: 2020-01-01, end: 2024-12-31}"
VALUE = "everyone: {value_per_month: 5, source: finance, exit_cost: {"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "retention:\n  first_year_by: departement\n",
            "study.yaml:11:3: 'retention.first_year_by': there is no attribute 'departement'; "
            "did you mean 'department'?",
        ),
        (
            "retention:\n  first_year_by: sex\n",
            "study.yaml:11:3: 'retention.first_year_by': attribute 'sex' is for the audit only; "
            "known: salary, department",
        ),
        (
            "retention:\n  value:\n    by: departmnt\n    " + VALUE + "}}\n",
            "study.yaml:12:5: 'retention.value.by': there is no attribute 'departmnt'; did you mean 'department'?",
        ),
        (
            "retention:\n  value:\n    " + VALUE + "volontary: 3}}\n",
            "study.yaml:12:65: 'retention.value.everyone.exit_cost.volontary': there is no cause 'volontary'; "
            "did you mean 'voluntary'?",
        ),
        (
            f"outcome:\n  kind: spells\n  causes: [volontary, involuntary]\n  {WINDOW}\n",
            "study.yaml:12:3: 'outcome.causes': there is no cause 'volontary'; did you mean 'voluntary'?",
        ),
        (
            "languages: [nl, em]\n",
            "study.yaml:10:17: languages.1: there is no catalogue in 'em'; known: nl, en",
        ),
        (
            "retention:\n  learner: boostng\n",
            "study.yaml:11:3: 'retention.learner': input should be 'auto', 'linear', 'boosting' or 'average'; "
            "did you mean 'boosting'?",
        ),
        (
            "segmentation:\n  basis: [importence]\n",
            "study.yaml:11:11: 'segmentation.basis.0': input should be",
        ),
    ],
)  # fmt: skip
def test_a_wrong_name_is_refused_with_the_nearest(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(SOURCES + text, encoding="utf-8")
    with pytest.raises(InvalidStudy) as refused:
        load_study(file)
    (came,) = [one.removeprefix(f"{tmp_path}/") for one in refused.value.problems]
    assert came.startswith(line.split(":")[0])
    assert came == line or (came.startswith(line) and came.endswith("; did you mean 'importance'?"))


def test_a_time_zone_is_refused_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(SOURCES + "    time_zone: Europe/Amsterdm\n", encoding="utf-8")
    with pytest.raises(InvalidStudy, match=r"sources.people.time_zone.*did you mean 'Europe/Amsterdam'\?"):
        load_study(file)


def test_every_mistaken_name_comes_at_once(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    more = "retention:\n  first_year_by: departement\n  value:\n    by: salry\n    " + VALUE + "quit: 1}}\n"
    file.write_text(SOURCES + more, encoding="utf-8")
    with pytest.raises(InvalidStudy, match="3 mistakes"):
        load_study(file)


def test_the_nearest_name_is_looked_for_whatever_its_case_and_else_the_names_are_listed() -> None:
    assert nearest("PAYY", ["pay", "growth"]) == "did you mean 'pay'?"
    assert nearest("xyz", ["pay", "growth"]) == "known: pay, growth"
    assert nearest("xyz", []) == ""
    assert nearest("xyz", ["pay"], listed=False) == ""
    assert nearest("zzz", [f"name{n}" for n in range(40)]).endswith("name11 and 28 more")
    assert nearest("p" * 5_000, ["pay"]) == "known: pay"


def test_nothing_else_looks_for_the_nearest_name() -> None:
    sources = Path(__file__).parents[2] / "src"
    found = {
        str(file.relative_to(sources))
        for file in sources.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "difflib" in [getattr(node, "module", None), *(one.name for one in node.names)]
    }
    assert found == {"segment/errors.py", "segment/ingest/labels.py"}  # the other one reads answers, no names
