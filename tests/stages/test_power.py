"""`segment power` as somebody who plans a survey uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.stages.sample_size import hope_of

RUN = CliRunner()
SMALL = ["power", "--people", "200", "--needs", "3", "--items", "4", "--segments", "3", "--worlds", "12"]


def _say(*arguments: str) -> str:
    told = RUN.invoke(app, list(arguments))
    assert told.exit_code == 0, told.output
    return told.output


def test_it_tells_the_limit_and_draws_the_curve_the_same_on_one_core_and_two(tmp_path: Path) -> None:
    out = tmp_path / "curve.svg"
    told = _say(*SMALL, "--out", str(out))
    assert "200 people, 3 needs, 4 questions for each" in told
    assert "Detection limit: " in told and "is 4 wide (roughly " in told
    assert "agreement with what was planted" in told
    drawn = out.read_text(encoding="utf-8")
    assert drawn.startswith("<svg") and "Chance to find groups that are there" in drawn
    assert _say(*SMALL, "--jobs", "2", "--out", str(tmp_path / "again.svg")).splitlines()[:-1] == told.splitlines()[:-1]
    assert (tmp_path / "again.svg").read_text(encoding="utf-8") == drawn


@pytest.mark.parametrize(
    ("arguments", "expected", "came"),
    [
        (["--people", "200"], "--people N --needs K --items I, or a study file", "no --needs, no --items"),
        (["--people", "20", "--needs", "4", "--items", "4"], "100 to 1,000,000", "20"),
        (["--people", "200", "--needs", "3", "--items", "4", "--segments", "5"], "2 to 3 groups", "5"),
        (["--people", "200", "--needs", "3", "--items", "4", "--difference", "9"], "at most 4", "9"),
        (["--people", "200", "--needs", "3", "--items", "4", "--shares", "a,b"], "40,30,20,10", "'a,b'"),
        (["--people", "200", "--needs", "3", "--items", "4", "--segments", "2", "--shares", "1,1,1"], "2 shares", "3"),
        (["--people", "200", "--needs", "3", "--items", "4", "--out", "curve.gif"], ".png or .svg", "curve.gif"),
        (["--people", "200", "--needs", "3", "--items", "4", "--worlds", "3"], "12 to 2,000", "3"),
        (["--people", "200", "--needs", "3", "--items", "4", "--jobs", "0"], "-1 for all cores", "0"),
    ],
)
def test_what_no_survey_has_is_refused_with_what_was_expected(arguments: list[str], expected: str, came: str) -> None:
    told = RUN.invoke(app, ["power", *arguments])
    assert told.exit_code == 1
    assert expected in told.output and came in told.output
    assert "Traceback" not in told.output


def test_two_groups_on_one_line_are_told_to_be_beyond_the_search_and_why() -> None:
    two = ["--people", "150", "--needs", "2", "--items", "3", "--segments", "2", "--worlds", "12"]
    told = " ".join(_say("power", *two).split())
    assert "Detection limit: none; " in told
    assert "With two needs everyone lies on one line" in told and "three needs or more" in told


def test_a_study_is_measured_on_its_own_answers_and_more_people_may_be_asked(
    organisation: Path, tmp_path: Path
) -> None:
    study, few = str(organisation / "study.yaml"), ["--segments", "3", "--worlds", "12", "--people", "150"]
    told = _say("power", study, *few)
    assert "150 people, " in told
    assert ": reliability, style, gaps and scale are this survey's own." in told
    assert "Detection limit: " in told
    refused = RUN.invoke(app, ["power", study, "--needs", "3"])
    assert refused.exit_code == 1 and "A study knows its own needs and questions." in refused.output


def test_check_tells_what_a_survey_of_this_size_can_hope_for() -> None:
    assert "no groups" in hope_of(40)
    assert "two or three may be made" in hope_of(80)
    told = [float(hope_of(people).split(" points")[0].split()[-1]) for people in (250, 400, 600, 1000)]
    assert told == sorted(told, reverse=True) and told[0] > told[-1]
    assert "more than 1.7 points" in hope_of(120) and "at most 1.5 points" in hope_of(20_000)
    assert all("rule of thumb" in hope_of(people) for people in (120, 20_000))
