"""What a sheet says above its table: from when a curve counts, what a verdict is about, and how two orders differ."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import sample_story

from segment.displays.retention import draw_curves
from segment.exports.cells import HIDDEN, Sheet
from segment.exports.changes import changes_of
from segment.exports.registry_tables import table_grids
from segment.exports.sheets import sheets_of
from segment.exports.story import Story
from segment.locale import own_languages, say

#: Headings of the sheet of changes: what a figure is about, its R, its name.
_CHANGED = ("table.changes.topic", "workbook.column.r", "table.changes.about")
LANGUAGES = pytest.mark.parametrize("language", own_languages())


def sheet(story: Story, name: str, language: str) -> Sheet:
    title = say(f"workbook.sheet.{name}", language)
    return next(one for one in sheets_of(story, language) if one.name == title)


def late(story: Story, *segments: int) -> Story:
    """The story as if too few of these segments were watched in their first months."""
    frame = story.released["curves"].frame
    early = frame["segment"].astype(float).isin(segments) & (frame["month"] < 12)
    return sample_story.with_rows(story, "curves", frame[~early].reset_index(drop=True))


@LANGUAGES
def test_a_curve_that_begins_late_says_so_in_the_same_words_as_in_the_method_file(language: str) -> None:
    story = late(sample_story.full_story(), 0, 2)
    labels, words = story.labels(language), sheet(story, "staying", language).words
    said = [say("display.curve.from", language, segment=labels.segment(one), month="12") for one in (0, 2)]
    caption = draw_curves(story.released["curves"], labels, prefix="curv").description
    assert list(words[:2]) == said and all(one in caption for one in said)
    assert say("workbook.staying.people.late", language) in words
    assert not any(labels.segment(1) in one for one in words)


@LANGUAGES
def test_a_sheet_of_curves_says_whom_it_counts(language: str) -> None:
    story = sample_story.full_story()
    assert sheet(story, "staying", language).words == (say("workbook.staying.people", language),)
    asked = replace(story, meaning="intention")
    assert not sheet(asked, "staying.intention", language).words


@LANGUAGES
def test_a_sheet_of_associations_says_whom_it_counts_where_rows_differ(language: str) -> None:
    story, said = sample_story.full_story(), say("workbook.associations.people", language)
    assert said in sheet(story, "associations", language).words
    alone = replace(story, released={k: one for k, one in story.released.items() if k != "segment_effects"})
    assert said not in sheet(alone, "associations", language).words


def moments_of_several_rs(story: Story) -> Story:
    """The story in which one measure is told of two of the seven Rs."""
    frame = story.released["changes"].frame
    seven = frame[frame["topic"] == "seven"].assign(about="moment")
    again = seven.assign(r="Relatie", direction="more")
    rows = pd.concat([frame[frame["topic"] != "seven"], seven, again], ignore_index=True)
    return sample_story.with_rows(story, "changes", rows)


@LANGUAGES
def test_figures_of_one_name_are_told_apart_by_their_r(language: str) -> None:
    story = moments_of_several_rs(sample_story.full_story())
    made = sheet(story, "changes", language)
    heads = [one.heading for one in made.columns]
    topic, r, about = (heads.index(say(key, language)) for key in _CHANGED)
    told = [(row[r], row[about]) for row in made.rows if row[topic] == say("change.topic.seven", language)]
    rs = {say(f"display.r.{one}", language) for one in ("Retentie", "Relatie")}
    assert {one for one, _ in told} == rs and len({name for _, name in told}) == 1
    needs = [row[r] for row in made.rows if row[topic] == say("change.topic.shortfall", language)]
    assert set(needs) == {""}
    (grid,) = table_grids(story, "changes", language, part="appendix")
    at = grid.columns.index(say("report.rs.r", language))
    assert rs <= {row[at] for row in grid.rows}
    names = [one.name for one in changes_of(story, language)]
    assert len(set(names)) == len(names) and {one.split(":")[0] for one in names if ":" in one} == rs


def test_without_the_seven_rs_the_report_has_no_column_for_them() -> None:
    story = sample_story.full_story()
    frame = story.released["changes"].frame
    bare = sample_story.with_rows(story, "changes", frame[frame["topic"] != "seven"].reset_index(drop=True))
    (grid,) = table_grids(bare, "changes", "en", part="appendix")
    assert say("report.rs.r", "en") not in grid.columns


def test_an_r_of_a_hidden_figure_of_a_need_is_not_called_hidden() -> None:
    story = sample_story.full_story()
    frame = story.released["changes"].frame
    frame.loc[frame["segment"].astype(float) == 3, "status"] = "hidden"
    made = sheet(sample_story.with_rows(story, "changes", frame), "changes", "en")
    r = [one.heading for one in made.columns].index(say("workbook.column.r", "en"))
    assert HIDDEN not in {row[r] for row in made.rows} and any(HIDDEN in row for row in made.rows)


@LANGUAGES
def test_a_verdict_is_said_to_be_about_all_figures_together(language: str) -> None:
    made = sheet(sample_story.full_story(), "changes", language)
    assert made.words == (say("change.judged", language),) and "Holm" in made.words[0]
    (verdict,) = [one for one in made.columns if one.heading == say("table.changes.direction", language)]
    assert "Holm" in verdict.about


@LANGUAGES
def test_associations_say_what_their_percentage_is_against(language: str) -> None:
    made = sheet(sample_story.full_story(), "associations", language)
    whom = [one.heading for one in made.columns].index(say("workbook.column.segment", language))
    everyone, own = (say(f"workbook.figure.association{end}", language) for end in ("", ".segment"))
    kinds = say("workbook.figure.association.by_level", language)
    of_all = say("display.everyone", language)
    told = {row[0]: {one[whom] for one in made.rows if one[0] == row[0]} for row in made.rows}
    assert own != everyone and of_all not in told[own] and len(told[own]) == len(sample_story.SIZES)
    assert told[everyone].isdisjoint(told[own]) and told[kinds] == told[everyone]
    (figure,) = [one for one in made.columns if one.heading == say("table.associations.percentage", language)]
    assert figure.about == say("table.associations.percentage.about", language)


def test_without_segments_associations_speak_of_none() -> None:
    story = replace(sample_story.full_story(), status="none")
    story = replace(story, released={name: story.released[name] for name in ("effects", "what_if")})
    (figure,) = [one for one in sheet(story, "associations", "en").columns if one.heading == "Percentage"]
    assert "segment" not in figure.about


@LANGUAGES
def test_where_to_begin_says_how_it_differs_from_the_first_action(language: str) -> None:
    story, said = sample_story.full_story(), say("report.attractive.first", language)
    assert sheet(story, "attractiveness", language).words == (said,)
    (grid,) = table_grids(story, "attractiveness", language, part="main")
    assert said in grid.note
    bare = replace(story, released={name: one for name, one in story.released.items() if name != "plans"})
    assert not sheet(bare, "attractiveness", language).words


@LANGUAGES
def test_groups_say_why_the_interval_of_everyone_differs_from_that_beside_the_model(language: str) -> None:
    story = replace(sample_story.full_story(), outcome_kind="spells")
    said = say("report.groups.oe.doubt", language, sure=say("report.answer.sure", language))
    checked, *others = table_grids(story, "group_results", language)
    assert said in checked.note and not any(said in one.note for one in others)
    assert sheet(story, "groups", language).words == (said,)
    flags = replace(story, outcome_kind="horizon")  # there both come from the same sum
    assert said not in table_grids(flags, "group_results", language)[0].note
    assert not sheet(flags, "groups", language).words
