"""What one file says of a figure, a group or an action, the others say too: page one, slides, one-pagers, workbook."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
import sample_story
from sample_story import with_rows

from segment.exports.cells import HIDDEN
from segment.exports.first_actions import first_actions
from segment.exports.near_ties import Name, in_words
from segment.exports.onepager import render_onepager
from segment.exports.page_one import points
from segment.exports.registry_tables import table_grids
from segment.exports.report import key_figures, render_report
from segment.exports.sheets import sheets_of
from segment.exports.slides import slides_of
from segment.exports.story import Story
from segment.locale import say

LANGUAGES = ("nl", "en")


def _lacking(story: Story, language: str) -> tuple[str, str, str]:
    """What the report's row, the one-pager and the workbook's row of the first segment say that it lacks."""
    report, page = render_report(story, language), render_onepager(story, 0, language)
    label = say("report.card.lacks", language)
    row = report.split(f'data-about="{label}">', 1)[1].split("</td>", 1)[0]
    fact = page.split(f"<dt>{label}</dt><dd>", 1)[1].split("</dd>", 1)[0]
    sheet = next(one for one in sheets_of(story, language) if one.name == say("workbook.sheet.segments", language))
    at = [column.heading for column in sheet.columns].index(say("workbook.column.lacks", language))
    return row, fact, str(sheet.rows[0][at])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", ["hidden", "nothing", "not measured"])
def test_a_segment_of_which_no_lack_is_told_says_why_in_every_file(case: str, language: str) -> None:
    story = sample_story.full_story()
    frame = story.released["shortfalls"].frame
    own = frame["segment"] == 0
    if case == "hidden":
        figures = frame.assign(shortfall=frame["shortfall"].where(~own), status=frame["status"].mask(own, "hidden"))
        story = with_rows(story, "shortfalls", figures)
    elif case == "nothing":
        story = with_rows(story, "shortfalls", frame.assign(shortfall=frame["shortfall"].mask(own, 0.0)))
    else:
        gone = {"shortfalls", "profiles"}
        story = replace(story, released={name: one for name, one in story.released.items() if name not in gone})
    words = {"hidden": "report.hidden", "nothing": "report.card.lacks.none", "not measured": "report.not_measured"}
    assert set(_lacking(story, language)) == {say(words[case], language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_begun_is_gone_on_with_and_not_done_first(language: str) -> None:
    story = sample_story.full_story()
    new, begun = say("page.do.question", language), say("page.do.question.begun", language)
    plan = first_actions(story, language, most=1)[0]
    for known, asked in (({}, new), ({(plan.segment, plan.code): "2025-03-01"}, begun)):
        told = replace(story, begun=known)
        assert [one.asked for one in points(told, language) if one.asked in (new, begun)] == [asked]
        assert [one.title for one in slides_of(told, language) if one.title.startswith((new, begun))] == [
            f"{asked}: {plan.title}"
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_groups_that_are_made_are_called_so_on_tile_and_slide(language: str) -> None:
    made, found = sample_story.made_groups(), sample_story.full_story()
    for story in (made, found):
        tile = next(one for one in key_figures(story, None, language) if one.figure == str(story.n_segments))
        slide = slides_of(story, language)[1]
        assert (say("report.key.made", language) == tile.about) is story.made
        assert (say("made.groups", language) in slide.lines) is story.made
    assert made.made and not found.made


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_grouping_that_explains_nothing_has_the_same_words_in_the_chart_and_in_the_report(language: str) -> None:
    story = sample_story.full_story()
    frame = story.released["verdict"].frame
    less = frame["grouping"] == frame["grouping"].iloc[-1]
    figures = frame.assign(**{name: np.where(less, -0.01, frame[name]) for name in ("explained", "low", "high")})
    chart = slides_of(with_rows(story, "verdict", figures), language)[2].chart
    assert chart is not None
    nothing = say("display.verdict.nothing", language)
    assert nothing in render_report(with_rows(story, "verdict", figures), language)
    labelled = dict(zip(chart.names, chart.series[0].labels, strict=True))
    assert list(labelled.values()).count(nothing) == 1
    assert all(label.endswith("%") for label in labelled.values() if label != nothing)


def test_a_name_stands_once_where_likeness_runs_in_a_chain() -> None:
    """Growth is about as much as Meaning, Meaning as Autonomy, and Growth is more than Autonomy."""
    chain = [Name("Growth", 1), Name("Meaning", 1), Name("Autonomy", 0), Name("Pay", 0)]
    assert in_words(chain, "en") == "Growth, Meaning and Autonomy (each about as much as the next); Pay"
    assert in_words(chain[2:], "en") == "Autonomy, Pay"
    both = [Name("Growth", 1), Name("Meaning", 0), Name("Autonomy", 1), Name("Pay", 0)]
    assert in_words(both, "nl") == "Growth en Meaning (ongeveer evenveel); Autonomy en Pay (ongeveer evenveel)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_about_as_much_stands_on_the_slide_as_on_page_one(language: str) -> None:
    story = sample_story.full_story()
    for name, at in (("shortfalls", 3), ("promises", 4)):
        frame = story.released[name].frame
        tied = with_rows(story, name, frame.assign(about_as_much=1, about_as_much_of_all=1))
        plain = with_rows(story, name, frame.assign(about_as_much=0, about_as_much_of_all=0))
        said = say("report.alike.sentence", language, names="").strip(" .")
        assert any(said in line for line in slides_of(tied, language)[at].lines), name
        assert not any(said in line for line in slides_of(plain, language)[at].lines), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_measure_of_the_seven_rs_is_called_the_same_in_report_and_workbook(language: str) -> None:
    story = sample_story.full_story()
    page = unescape(render_report(story, language))
    name = say("workbook.sheet.scorecard", language)
    [sheet] = [one for one in sheets_of(story, language) if one.name == name]
    called = {str(row[1]) for row in sheet.rows}
    assert len(called) > 3 and all(one in page for one in called)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_effect_that_there_can_be_none_of_is_not_called_hidden(language: str) -> None:
    """An action after the last wave has no figure that anybody hid; another one's group may be too small to show."""
    story, name = sample_story.full_story(), "action_effects"
    row = {"action": "x", "need": "GRO", "role": "target", "about": "GRO", "begun": "1 (2)", "n": "0", "alongside": 0.0,
           "result": "", "status": "hidden", **dict.fromkeys(_FIGURES, np.nan)}  # fmt: skip
    frame = pd.DataFrame([{**row, "reason": "later"}, {**row, "reason": "", "about": "PAY"}])
    known = with_rows(replace(story, released={**story.released, name: story.released["plans"]}), name, frame)
    sheet = next(one for one in sheets_of(known, language) if one.name == say(f"workbook.sheet.{name}", language))
    assert [HIDDEN in cells for cells in sheet.rows] == [False, True]
    (grid,) = table_grids(known, name, language)
    hidden, unmeasured = say("report.hidden", language), say("report.not_measured", language)
    assert [(hidden in cells, unmeasured in cells) for cells in grid.rows] == [(False, True), (True, False)]
    assert say("action.reason.later", language) in sheet.rows[0]


_FIGURES = ("before", "before_share", "effect", "effect_low", "effect_high", "waiting")
