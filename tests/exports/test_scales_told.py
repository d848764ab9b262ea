"""No figure stands on a scale that nobody answered on without a word of it: on axes, in captions, tables and sheets."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample_story

from segment.displays.experience import draw_journey, draw_promises
from segment.displays.segments import draw_profiles
from segment.exports.onepager import render_onepager
from segment.exports.registry_tables import table_grids
from segment.exports.sheets import sheets_of
from segment.exports.story import Story
from segment.locale import say

LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])
WORD = {"nl": "omgerekend", "en": "converted"}
KINDS = ("importance", "experience", "promised", "kept", "moment", "engagement")


def asked(high: float) -> Story:
    """The story as if every question had been asked on 1 to ``high``."""
    story = sample_story.full_story()
    items = set(story.released["exemplars"].frame["item"])
    scales = {kind: (kind, 1.0, high) for kind in KINDS} | {str(item): ("importance", 1.0, high) for item in items}
    return replace(story, asked_on=scales)


@LANGUAGES
@pytest.mark.parametrize("high", [5.0, 7.0])
def test_captions_and_axes_name_the_scale_that_was_asked_on(language: str, high: float) -> None:
    story = asked(high)
    labels, released = story.labels(language), story.released
    drawn = (
        draw_profiles(released["profiles"], labels, prefix="a", measure="importance"),
        draw_promises(released["promises"], labels, prefix="b"),
        draw_journey(released["journey"], labels, prefix="c"),
    )
    for one in drawn:
        assert (WORD[language] in one.description and "1–7" in one.description) == (high > 5)
    (word,) = {labels.axis("x", kind) for kind in KINDS}
    assert (WORD[language] in word) == (high > 5)


@LANGUAGES
@pytest.mark.parametrize("high", [5.0, 7.0])
def test_tables_one_pagers_and_sheets_say_it_as_well(language: str, high: float) -> None:
    story = asked(high)
    (rs,) = table_grids(story, "scorecard", language)
    assert (WORD[language] in rs.note) == (high > 5)
    assert (WORD[language] in render_onepager(story, 1, language)) == (high > 5)
    titles = {say(f"workbook.sheet.{name}", language) for name in ("profiles", "promises", "scorecard", "journey")}
    sheets = [sheet for sheet in sheets_of(story, language) if sheet.name in titles]
    assert len(sheets) == 4
    for sheet in sheets:
        assert (WORD[language] in " ".join((sheet.note, *sheet.words))) == (high > 5), sheet.name


@LANGUAGES
def test_imagined_people_answer_on_the_scale_that_was_asked_and_it_is_named(language: str) -> None:
    (grid,) = table_grids(asked(7.0), "exemplars", language)
    assert all("(1–7)" in row[1] for row in grid.rows)
