"""Tables about segments, as HR reads them: imagined people, neighbours of the choice, and where to begin."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample_story

from segment.exports.method_sections import method_section
from segment.exports.segment_tables import attractiveness_grid, exemplars_grid, neighbours_grid


def test_an_imagined_person_says_first_what_stands_out_most() -> None:
    (grid,) = exemplars_grid(sample_story.full_story(), "nl")
    assert len(grid.rows) == 12
    assert grid.rows[0][1:] == (
        "functie", "meer", "4,4", "3,3",
    )  # fmt: skip
    assert grid.rows[0][0] == sample_story.SEGMENTS[0]["nl"] and grid.rows[1][0] == ""
    assert "niemand van hen bestaat" in grid.note


def test_neighbours_are_named_in_words() -> None:
    (grid,) = neighbours_grid(sample_story.full_story(), "en")
    names = [sample_story.SEGMENTS[k]["en"] for k in range(4)]
    assert [row[0] for row in grid.rows] == names
    assert grid.rows[1][1] == f"becomes one with {names[3]}" and grid.rows[0][1] == "stays a segment of its own"
    assert grid.rows[0][2] == "falls into 2 parts" and grid.rows[1][2] == "stays whole"


def test_where_acting_promises_most_stands_first_and_a_segment_that_is_not_shown_is_not_rated() -> None:
    (grid,) = attractiveness_grid(sample_story.full_story(), "en")
    assert grid.columns == ("Segment", "Size", "Expected leaving", "Together")
    assert [row[0] for row in grid.rows] == [sample_story.SEGMENTS[k]["en"] for k in (2, 1, 0)]
    assert grid.rows[0][1:] == ("4.0", "8.0", "6.0")


@pytest.mark.parametrize(("language", "said"), [("nl", "zou 94% van de mensen"), ("en", "94% of the people")])
def test_what_wishes_add_is_told_in_the_method(language: str, said: str) -> None:
    section = method_section(sample_story.full_story(), language)
    assert any(said in paragraph for paragraph in section.paragraphs)


def test_without_segments_none_of_these_is_there() -> None:
    story = replace(sample_story.full_story(), released={})
    assert exemplars_grid(story, "nl") == neighbours_grid(story, "nl") == attractiveness_grid(story, "nl") == ()
