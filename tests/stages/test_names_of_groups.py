"""What an organisation calls its groups is its own: cost centres and ages leave, the number of a person does not."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from segment.disclosure.presentation import PLAIN_NAME
from segment.exports.verify import verify
from segment.stages import OpenStudy

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from truths import sameness

CALLED = {"IT": "12345 Finance", "Operations": "K1234", "Care": "<b>Care</b>", "Sales": "0.8 fte or more"}
#: Somebody's own number, typed where a department belongs.
OWN = "E9002335"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenStudy, Path]:
    """A study whose departments have odd names, and one person's is a number; published, with its folder."""
    file = sameness.small_study(tmp_path_factory.mktemp("names") / "study", "none", people=500)
    for name in ("people.csv", "units.csv"):
        table = pd.read_csv(file.with_name(name), dtype=str).replace({"department": CALLED})
        if name == "people.csv":
            first = table["person_id"] == table["person_id"].iloc[0]
            table.loc[first, "department"] = OWN
        table.to_csv(file.with_name(name), index=False)
    opened = sameness.walk(file)
    return opened, opened.workspace / "exports" / "firstwave"


def test_odd_names_of_groups_leave_and_the_release_verifies(released: tuple[OpenStudy, Path]) -> None:
    _, folder = released
    data = json.loads((folder / "released.json").read_text("utf-8"))["response"]
    told = {cell for row in data["data"] for cell in row if isinstance(cell, str)}
    assert set(CALLED.values()) <= told
    assert verify(folder)[0].found == []


def test_a_number_that_one_person_has_is_in_no_file_and_is_told_when_data_are_read(
    released: tuple[OpenStudy, Path],
) -> None:
    opened, folder = released
    assert not any(OWN in path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file())
    findings = opened.store.read("findings")
    assert findings.loc[findings["code"] == "DQ098", "where"].str.contains("column department").any()
    assert not opened.store.read("people")["department"].eq(OWN).any()


def test_a_name_that_was_put_in_afterwards_is_refused(released: tuple[OpenStudy, Path], tmp_path: Path) -> None:
    """Only names that the release itself vouches for."""
    _, folder = released
    text = (folder / "released.json").read_text("utf-8")
    (tmp_path / "released.json").write_text(text.replace("12345 Finance", "54321 Finance"), "utf-8")
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "released.json":
            (tmp_path / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path.relative_to(folder)).write_bytes(path.read_bytes())
    assert any("response" in point and "figure" in point for point in map(str, verify(tmp_path)[0].found))


def test_the_rule_for_plain_names_is_that_of_the_verifier() -> None:
    rules = json.loads((Path(sys.modules["segment.exports.verify"].__file__ or "").with_name("rules.json")).read_text())
    assert rules["allowed"]["label"] == PLAIN_NAME.pattern and re.fullmatch(PLAIN_NAME, "Finance")
