"""Tables about segments, as HR reads them: imagined people, neighbours of the choice, and where to begin."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import sample_story

from segment.disclosure.release import ReleasedTable, release
from segment.exports.confidence import sureness
from segment.exports.method import reviewed_section
from segment.exports.registry_tables import blocks_of, table_grids
from segment.exports.reported_metrics import evaluation_summary
from segment.stages.release.aggregation import shaped
from segment.tables.registry import plan_of


def test_an_imagined_person_says_first_what_stands_out_most() -> None:
    (grid,) = table_grids(sample_story.full_story(), "exemplars", "nl")
    assert len(grid.rows) == 12
    assert grid.rows[0][1:] == (
        "functie", "naar verhouding meer", "4,4", "3,3",
    )  # fmt: skip
    assert grid.rows[0][0] == sample_story.SEGMENTS[0]["nl"] and grid.rows[1][0] == ""
    assert "niemand van hen bestaat" in grid.note


def test_neighbours_are_named_in_words() -> None:
    (grid,) = table_grids(sample_story.full_story(), "neighbours", "en")
    names = [sample_story.SEGMENTS[k]["en"] for k in range(4)]
    assert [row[0] for row in grid.rows] == names
    assert grid.rows[1][1] == f"becomes one with {names[3]}" and grid.rows[0][1] == "stays a segment of its own"
    assert grid.rows[0][2] == "falls into 2 parts" and grid.rows[1][2] == "stays whole"


def test_where_acting_promises_most_stands_first_and_a_segment_that_is_not_shown_is_not_rated() -> None:
    (grid,) = table_grids(sample_story.full_story(), "attractiveness", "en")
    assert grid.columns == ("Segment", "Size", "Expected leaving", "Together")
    assert [row[0] for row in grid.rows] == [sample_story.SEGMENTS[k]["en"] for k in (2, 1, 0)]
    assert grid.rows[0][1:] == ("4.0", "8.0", "6.0")


@pytest.mark.parametrize(("language", "said"), [("nl", "zou 94% van de mensen"), ("en", "94% of the people")])
def test_what_wishes_add_is_told_in_the_method(language: str, said: str) -> None:
    section = reviewed_section(sample_story.full_story(), "method", language)
    assert any(said in paragraph for paragraph in section.paragraphs)


def test_without_segments_none_of_these_is_there() -> None:
    story = replace(sample_story.full_story(), released={})
    assert [blocks_of(story, name, "nl") for name in ("exemplars", "neighbours", "attractiveness")] == [()] * 3


def two_answers() -> ReleasedTable:
    """A question with two answers and one with five, as the stages hand them over."""
    rows = [
        {"segment": k, "item": item, "n": n, "mean": mean, "low": mean - 0.05, "high": mean + 0.05, "overall": mean}
        | {"unit": unit, "p_value": 0.2}
        for k, n in enumerate((400, 300))
        for item, mean, unit in (("F_ref", 0.37, "share"), ("O_energy", 3.48, "mean"))
    ]
    frame = shaped({"segment_outcomes": pd.DataFrame(rows)}, None)["segment_outcomes"]
    plan = plan_of("segment_outcomes")
    return release(
        "segment_outcomes", frame, groups=["segment"], count="n", lines=["item"], means=plan.means,
        shares=plan.shares, texts=plan.texts,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "mean"), [("nl", "3,5"), ("en", "3.5")])
def test_what_was_asked_with_two_answers_is_a_percentage_there_too(language: str, mean: str) -> None:
    story = sample_story.full_story()
    story = replace(story, released={**story.released, "segment_outcomes": two_answers()})
    (grid,) = table_grids(story, "segment_outcomes", language)
    assert [row[1:4] for row in grid.rows] == [("37%",) * 3, (mean,) * 3]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_comes_back_of_a_segment_has_one_format(language: str) -> None:
    story = sample_story.full_story()
    (drawn,) = blocks_of(story, "stability", language)
    assert [row[1] for row in drawn.display.rows] == ["88%", "84%", "80%", "76%"]
    assert any("76%" in sentence for sentence in sureness(story, language))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_how_often_the_model_points_right_has_one_format(language: str) -> None:
    story = sample_story.full_story()
    _, lines = evaluation_summary(story, language)
    assert {cell.split(" ")[0] for line in lines for cell in line[1:]} >= {"74%", "76%"}
    assert any("76%" in sentence for sentence in sureness(story, language))


@pytest.mark.parametrize(
    ("language", "gradual", "higher"),
    [("nl", "geleidelijk verloopt", "hoger dan wat"), ("en", "runs gradually", "higher than what")],
)
def test_a_share_between_segments_is_told_beside_why_it_is_no_policy(language: str, gradual: str, higher: str) -> None:
    """'Per person' stood beside 84 % between segments, and page one said that the groups explain 15 %."""
    (grid,) = table_grids(sample_story.full_story(), "ladder", language)
    assert gradual in grid.note and higher in grid.note
