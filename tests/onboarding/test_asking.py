"""What only a person can decide, asked on a terminal before anything is written."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app, studies
from segment.stages.check import check_study


@pytest.fixture(autouse=True)
def _at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "is_terminal", lambda: True)
    monkeypatch.setenv("SEGMENT_PSEUDONYM_KEY", secrets.token_hex(32))


def desk(folder: Path) -> list[str]:
    """A survey that tells little of itself, and an HR export."""
    draw = np.random.default_rng(0)
    n = 150
    table = pd.DataFrame(draw.integers(1, 6, (n, 6)), columns=[f"v{number}" for number in range(1, 7)])
    table.insert(0, "EmployeeID", [f"p{number:05d}" for number in range(n)])
    table.to_csv(folder / "survey.csv", index=False)
    hr = pd.DataFrame({
        "EmployeeID": table["EmployeeID"], "hire_date": "2015-03-25", "end_date": "", "hours": draw.integers(20, 40, n),
        "department": draw.choice(["Care", "Office"], n), "sex": draw.choice(["m", "f"], n),
    })  # fmt: skip
    hr.loc[:14, "end_date"] = "2023-06-13"
    hr.loc[::2, "hire_date"] = "2017-09-01"
    hr.to_csv(folder / "hr.csv", index=False)
    return ["init", str(folder / "study"), "--survey", str(folder / "survey.csv"), "--people", str(folder / "hr.csv")]


def typed(words: list[str], lines: list[str]) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "--ask"], input="".join(f"{line}\n" for line in lines))
    return result.exit_code, result.output


def files(folder: Path) -> dict[str, str]:
    return {one.name: one.read_text(encoding="utf-8") for one in sorted((folder / "study").iterdir())}


def test_empty_lines_write_what_is_written_without_questions(tmp_path: Path) -> None:
    for name in ("asked", "silent"):
        (tmp_path / name).mkdir()
    code, said = typed(desk(tmp_path / "asked"), [""] * 10)
    assert code == 0, said
    assert CliRunner().invoke(app, desk(tmp_path / "silent")).exit_code == 0
    assert files(tmp_path / "asked") == files(tmp_path / "silent")
    numbers = [line for line in said.splitlines() if " of " in line and line[:1].isdigit()]
    assert 3 <= len(numbers) <= 10


def test_answers_are_written_and_no_longer_open_and_the_study_passes(tmp_path: Path) -> None:
    """One answer for each question by its words, whatever their order; what is no answer is asked again."""
    words = desk(tmp_path)
    told = typed(words, [""] * 10)[1]
    for one in (tmp_path / "study").iterdir():
        one.unlink()
    answers = {
        "What do the questions ask": ["v99", "v1, v2"], "Which need is each": ["v1", "v1=PAY, v2=PAY"],
        "From when to when": ["2023", "2022-01-01 to 2023-12-31"],
        "What may each attribute": ["sex=model", "hours=audit"],
        "When was survey.csv answered": ["2999-01-01", "2023-03-31"],
    }  # fmt: skip
    questions = [line for line in told.splitlines() if line[:1].isdigit() and " of " in line]
    lines = [line for one in questions for line in next((said for key, said in answers.items() if key in one), [""])]
    code, said = typed(words, lines)
    assert code == 0, said
    assert "no such column" in said.lower() and "still to come" in said
    settings = YAML(typ="safe").load(tmp_path / "study" / "study.yaml")
    rows = pd.read_csv(tmp_path / "study" / "codebook.csv", dtype=str, keep_default_na=False).set_index("code")
    assert rows.loc[["v1", "v2"], "kind"].eq("importance").all() and rows.loc["v3", "kind"] == "experience"
    assert rows.loc[["v1", "v2"], "driver"].eq("PAY").all() and "PAY" in settings["codebook"]["needs"]
    assert "segmentation" not in settings
    assert settings["sources"]["people"]["attributes"]["hours"]["purpose"] == "audit"
    assert settings["sources"]["people"]["attributes"]["sex"]["purpose"] == "audit"
    assert str(settings["outcome"]["window"]["start"]) == "2022-01-01"
    assert str(settings["sources"]["responses"][0]["date"]) == "2023-03-31"
    start = (tmp_path / "study" / "START.md").read_text(encoding="utf-8")
    open_, decided = start.split("## What was decided")
    assert "When was survey.csv answered" not in open_ and "You said: 2023-03-31" in decided
    checked = check_study(tmp_path / "study" / "study.yaml", overrides=[f"workspace={tmp_path / 'work'}"])
    assert "none of them an error" in "\n".join(checked)


def test_an_end_of_input_writes_nothing(tmp_path: Path) -> None:
    code, said = typed(desk(tmp_path), [""])
    assert code == 1 and "nothing was written" in said
    assert not (tmp_path / "study").exists()


def test_without_a_terminal_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    code, said = typed(desk(tmp_path), [""] * 10)
    assert code == 1 and "no terminal" in said and "START.md" in said
    assert not (tmp_path / "study").exists()
