"""Names that HR gives to segments: in every file, in both languages, for that segment and no other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from segment.errors import InvalidInput
from segment.exports.verify import verify
from segment.segments.names import name_rows, names_in
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.audit import audit_log, audit_study
from segment.stages.given_names import GivenName, checked_name, named
from segment.stages.naming import name_segment
from segment.stages.release.plans import names_now

if TYPE_CHECKING:
    from conftest import Walk

NAMES = {"nl": "De bouwers", "en": "The builders"}
TABLE = name_rows({0: {"nl": "Groei", "en": "Growth"}, 1: {"nl": "Rust", "en": "Rest"}})


def give(walked: Walk, opened: OpenStudy, segment: str, names: dict[str, str] = NAMES) -> str:
    overrides = [*walked.overrides, f"workspace={opened.workspace}", f"study={opened.config.study}"]
    return name_segment(walked.file, segment=segment, names=names, by="HR", overrides=overrides)


def in_english(rows: pd.DataFrame) -> list[str]:
    """What segments are called in English, in the order of the rows."""
    return rows.loc[rows["language"] == "en", "called"].tolist()


def exports(opened: OpenStudy) -> Path:
    return next(path for path in sorted((opened.workspace / "exports").iterdir()) if path.is_dir())


def test_a_name_stands_in_every_file_from_the_next_release_on(walked: Walk, copied: OpenStudy) -> None:
    before = (exports(copied) / "report.en.html").read_text(encoding="utf-8")
    neutral = names_in(names_now(copied))[0]["en"]
    said = give(walked, copied, neutral.upper())
    assert "'The builders' (en)" in said and "Segment 1" in said
    assert NAMES["en"] not in before
    receipt = run_stage(STAGES_IN_ORDER["publish"], copied)
    assert not receipt.skipped
    folder = exports(copied)
    for language, name in NAMES.items():
        for file in (f"report.{language}.html", f"segment_1.{language}.html"):
            assert name in (folder / file).read_text(encoding="utf-8"), file
        rows = CalamineWorkbook.from_path(folder / f"segments.{language}.xlsx").get_sheet_by_index(1).to_python()
        assert name in [cell for row in rows for cell in row]
    assert NAMES["nl"] in (folder / "actions.csv").read_text(encoding="utf-8-sig")
    handed = pd.read_parquet(copied.workspace / "handover" / folder.name / "segments.parquet")
    assert set(handed.loc[handed["segment"] == 1, "segment_name"]) == {NAMES["en"]}
    assert verify(folder)[0].found == []
    overrides = [*walked.overrides, f"workspace={copied.workspace}"]
    audit_study(walked.file, overrides=overrides)
    audit_log(walked.file, overrides=overrides)
    assert run_stage(STAGES_IN_ORDER["publish"], copied).skipped, "nothing changed since"


def test_the_last_name_counts_and_every_one_stays_in_the_book(walked: Walk, copied: OpenStudy) -> None:
    give(walked, copied, "1")
    give(walked, copied, "1", {"nl": "De planners", "en": "The planners"})
    assert names_in(names_now(copied))[0] == {"nl": "De planners", "en": "The planners"}
    assert [one.names["en"] for one in copied.given_names] == ["The builders", "The planners"]


@pytest.mark.parametrize("asked", ["9", "0", "1.5", "nobody"])
def test_a_segment_that_is_not_there_is_refused_with_those_that_are(
    walked: Walk, copied: OpenStudy, asked: str
) -> None:
    with pytest.raises(InvalidInput, match="no such segment"):
        give(walked, copied, asked)
    assert copied.given_names == []


def test_a_misspelt_name_is_refused_with_the_nearest(walked: Walk, copied: OpenStudy) -> None:
    neutral = names_in(names_now(copied))[0]["en"]
    with pytest.raises(InvalidInput, match=f"did you mean '{neutral}'"):
        give(walked, copied, neutral[:-1] + "x")


def test_a_name_of_another_segment_is_refused(walked: Walk, copied: OpenStudy) -> None:
    give(walked, copied, "1")
    with pytest.raises(InvalidInput, match="Another segment is called this already"):
        give(walked, copied, "2", {"nl": "Anders", "en": "THE builders"})


@pytest.mark.parametrize(
    "text",
    ["=1+1", "<b>x</b>", "{{ 7 }}", "a", "x" * 41, "Team 7", "a\x00b", "@me", "-dash", "it’s;", ""],
)
def test_a_name_that_is_not_safe_in_every_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be called this"):
        checked_name(text, language="en")


def test_a_name_follows_its_segment_and_goes_to_no_other() -> None:
    given = [GivenName(0, "Growth", NAMES)]
    moved = TABLE.assign(segment=1 - TABLE["segment"])
    assert in_english(named(moved, given)) == ["The builders", "Rest"], "found by what it is"
    other = TABLE.replace({"called": {"Growth": "Pay"}})
    assert in_english(named(other, given)) == ["Pay", "Rest"], "its number alone is not enough"
    assert in_english(named(other, given, kept={0})) == ["The builders", "Rest"], "the decided model goes on"
