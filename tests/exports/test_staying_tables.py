"""What goes together with leaving, first years, sensitivity, worth and groups, as HR reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample_story

from segment.disclosure.release import release
from segment.exports.blocks import Grid
from segment.exports.cells import HIDDEN, is_missing
from segment.exports.registry_tables import blocks_of, shown_sheet, table_grids
from segment.exports.shared_sheets import SHARED, shared_sheet
from segment.exports.story import Story
from segment.tables.registry import shown_tables


def cell(grid: Grid, row: str, column: int) -> str:
    return next(line[column] for line in grid.rows if line[0] == row)


def test_segments_stand_beside_each_other_the_strongest_feature_first() -> None:
    (grid,) = table_grids(sample_story.full_story(), "segment_effects", "nl")
    assert grid.columns[1:] == tuple(sample_story.SEGMENTS[k]["nl"] for k in range(4))
    assert grid.rows[0][0] == "Groei (tekort)" and grid.rows[0][1].startswith("+12% (")
    assert all(" tot " in told for told in grid.rows[0][1:] if told not in ("–", "verborgen"))
    assert "oorzaak" in grid.note


def test_sensitivity_says_that_it_is_not_what_would_happen() -> None:
    (grid,) = table_grids(sample_story.full_story(), "what_if", "en")
    assert cell(grid, "years of service", 1) == "15.0%" and cell(grid, "years of service", 3) == "−5.2"
    assert "not what would happen" in grid.note


def test_the_first_year_hides_a_source_with_few_people_and_what_would_give_it_away() -> None:
    (grid,) = table_grids(sample_story.full_story(), "first_year", "nl")
    assert cell(grid, "Iedereen", 4) == "29% (26%–32%)"
    assert cell(grid, "rehire", 4) == cell(grid, "rehire", 1) == "verborgen"
    assert [line[4] for line in grid.rows].count("verborgen") == 2
    agency = next(line for line in grid.rows if line[0] == "agency" or ("verborgen" in line and line[0] != "rehire"))
    assert "–" not in agency[2:], "a group that is hidden says so in every cell, though it says no month"


def test_intentions_have_no_first_year() -> None:
    assert blocks_of(replace(sample_story.full_story(), meaning="intention"), "first_year", "nl") == ()
    asked = shared_sheet(replace(sample_story.full_story(), meaning="intention"), "staying", "nl")
    assert asked.rows and not any("nieuw" in row[0] for row in asked.rows)


def test_worth_stands_beside_what_is_at_risk() -> None:
    (grid,) = table_grids(sample_story.full_story(), "lifetime_value", "nl")
    assert cell(grid, "Iedereen", 2) == "20.000" and cell(grid, "Iedereen", 4) == "1.800"


def test_learners_are_compared_with_floor_and_best() -> None:
    (grid,) = table_grids(sample_story.full_story(), "competition", "en")
    floor, linear, boosting = grid.rows
    assert floor[1].startswith("floor") and floor[2] == "–"
    assert linear[2] == "+0.5% (+0.1% to +0.9%)" and boosting[4] == "yes"


@pytest.mark.parametrize(("language", "said"), [("en", "set beforehand"), ("nl", "vooraf vastgelegd")])
@pytest.mark.parametrize("named", [("linear", 0.5, "yes"), ("boosting", 0.1, "yes")])
def test_a_method_that_the_study_file_named_is_not_said_to_have_won(named, language, said) -> None:
    story = sample_story.full_story()
    others = sample_story.LEARNERS[: 1 if named[0] == "linear" else 2]
    table = sample_story.competition(learners=(*others, named))
    changed = replace(story, released={**story.released, "competition": table})
    (grid,) = table_grids(changed, "competition", language)
    assert [line[4] for line in grid.rows].count(said) == 1 and grid.rows[-1][4] == said
    assert "surely better" not in grid.note and "zeker beter" not in grid.note
    (won,) = table_grids(story, "competition", language)
    assert said not in {line[4] for line in won.rows}
    assert "surely better" in won.note or "zeker beter" in won.note
    least = {"nl": "ten minste 95%", "en": "at least 95%"}[language]  # taken wide: it does not hold exactly 95 of 100
    assert least in grid.note and least in won.note


def test_groups_are_told_with_intervals_spread_and_proxies() -> None:
    checked, spread, proxies = table_grids(sample_story.full_story(), "group_results", "en")
    everyone = checked.rows[0]
    assert everyone[1] == "Everyone" and everyone[5] == "88% (76%–100%)" and everyone[6] == "38% (35%–41%)"
    assert spread.rows[1][1] == "female" and spread.rows[1][4].startswith("10%")
    assert proxies.rows[2][3].startswith("53%")


def test_sheets_hold_numbers() -> None:
    story = sample_story.full_story()
    rows = shared_sheet(story, "associations", "en").rows
    growth = [row for row in rows if row[1].startswith("Growth") and row[2] == sample_story.SEGMENTS[0]["en"]]
    assert growth[0][3:] == ("982", 12.0, 8.0, 16.0, "left by choice")
    assert {row[0] for row in rows} >= {"expected if all were low", "expected if all were high"}
    worth = shared_sheet(story, "value", "en").rows
    assert worth[0][2:] == ("982", 20_000.0, 9_000.0, 31_000.0)
    assert any("value per month at 120%" in row[0] and row[3] == 49_894 for row in worth)
    groups = shown_sheet(story, "group_results", shown_tables()["group_results"], "en")
    ratio = [row for row in groups.rows if row[1] == "female" and "relative" in row[2]]
    assert is_missing(ratio[0][4]) and ratio[0][7:] == (88.0, 76.0, 100.0)
    gone = shared_sheet(story, "staying", "en").rows
    assert [row[3:] for row in gone if row[0].endswith("rehire")] == [(HIDDEN,) * 4]


def test_a_study_without_them_says_nothing() -> None:
    story: Story = replace(sample_story.full_story(), released={})
    for name in ("segment_effects", "what_if", "first_year", "competition", "group_results", "lifetime_value"):
        assert not blocks_of(story, name, "nl")
    for sheet in SHARED:
        assert not shared_sheet(story, sheet, "nl").rows and shared_sheet(story, sheet, "nl").words


@pytest.mark.parametrize("language", ["nl", "en"])
def test_value_past_what_was_watched_is_marked_in_report_and_workbook(language: str) -> None:
    story = sample_story.full_story()
    frame = sample_story.lifetime_value().frame.drop(columns="status").assign(past=34.2)
    frame["n"] = [*sample_story.SIZES, sum(sample_story.SIZES)]
    means = ["value", "low", "high", "at_risk", "at_risk_low", "at_risk_high", "past"]
    table = release("lifetime_value", frame, groups=["segment"], count="n", means=means, kind="driver")
    marked = replace(story, released={**story.released, "lifetime_value": table})
    (grid,) = table_grids(marked, "lifetime_value", language)
    assert {row[-1] for row in grid.rows} == {"34,2%" if language == "nl" else "34.2%"}
    assert ("doorgetrokken" if language == "nl" else "drawn on") in grid.note
    assert sum(row[3] == 34.2 for row in shared_sheet(marked, "value", language).rows) == len(frame)
    (plain,) = table_grids(story, "lifetime_value", language)
    assert len(plain.columns) == len(grid.columns) - 1
