"""Who has no figure of their own is told so in the same words everywhere; without segments nothing speaks of any."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sample_story

from segment.displays.retention import draw_curves
from segment.exports.answers import leaving_of
from segment.exports.blocks import Picture, pictures
from segment.exports.cells import HIDDEN
from segment.exports.leaving_words import leaving_told
from segment.exports.left_out import with_left_out
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.sheets import leaving_cells
from segment.exports.story import Story
from segment.locale import say

LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])
WORD = {"nl": "verborgen", "en": "hidden"}
APART = {"nl": "alleen bij iedereen samen", "en": "with everyone together only"}


def hiding(story: Story, name: str, *segments: int) -> Story:
    """The story as if the release had hidden a table's rows of these segments."""
    frame = story.released[name].frame
    gone = frame["segment"].astype(float).isin([float(one) for one in segments])
    frame.loc[gone, "status"] = "hidden"
    frame.loc[gone, list({"value", "low", "high", "survival"} & set(frame))] = float("nan")
    return sample_story.with_rows(story, name, frame)


@LANGUAGES
def test_what_is_hidden_is_called_hidden_on_every_page(language: str) -> None:
    story = hiding(sample_story.full_story(), "leaving", 1)
    name = story.labels(language).segment(1)
    (said,) = [one for one in leaving_told(story, language) if WORD[language] in one]
    assert name in said
    assert leaving_cells(leaving_of(story), 1, language)[0] is HIDDEN
    page = render_onepager(story, 1, language)
    assert WORD[language] in page
    assert APART[language] not in page


@LANGUAGES
def test_what_there_is_not_is_not_called_hidden(language: str) -> None:
    story = sample_story.full_story()
    frame = story.released["leaving"].frame
    bare = sample_story.with_rows(story, "leaving", frame[frame["segment"].astype(float) != 1].reset_index(drop=True))
    assert not any(WORD[language] in one for one in leaving_told(bare, language))
    assert APART[language] in render_onepager(bare, 1, language)


@LANGUAGES
def test_a_caption_speaks_of_the_curves_that_are_drawn_and_names_those_that_are_not(language: str) -> None:
    story = hiding(sample_story.full_story(), "curves", 2)
    frame = story.released["curves"].frame
    late = frame[~((frame["segment"].astype(float) == 2) & (frame["month"] < 20))].reset_index(drop=True)
    story, labels = sample_story.with_rows(story, "curves", late), story.labels(language)
    drawn = pictures(draw_curves(story.released["curves"], labels, prefix="curv"))
    text = " ".join(
        one.display.description if isinstance(one, Picture) else " ".join(one.paragraphs)
        for one in with_left_out(story, "curves", drawn, language)
    )
    assert text.count(labels.segment(2)) == 1
    assert WORD[language] in text.lower()
    assert {"nl": "van wie er na", "en": "of those still there after"}[language] not in text


@LANGUAGES
def test_a_study_of_durations_says_why_no_segment_has_a_figure(language: str) -> None:
    story = sample_story.full_story()
    tables = {name: one for name, one in story.released.items() if name != "leaving"}
    tables["curves"] = sample_story.curves(everyone_only=True)
    told = " ".join(leaving_told(replace(story, outcome_kind="duration", released=tables, n_people=900), language))
    assert {"nl": "alleen hoe lang mensen bleven", "en": "only how long people stayed"}[language] in told
    assert {"nl": "2.607 mensen", "en": "2,607 people"}[language] in told


@LANGUAGES
@pytest.mark.parametrize("k", [1, 4])
def test_only_where_divisions_were_tried_it_says_so(language: str, k: int) -> None:
    story = sample_story.without_segments()
    tried = pd.DataFrame({"family": ["k_means"], "k": [k], "chosen": [False], "failed": ["agreement"]})
    page = render_method(replace(story, status="too few" if k == 1 else "none", tried=tried), language)
    assert ({"nl": "met elke methode geprobeerd", "en": "was tried with every method"}[language] in page) == (k > 1)
    assert {"nl": "De segmenten rusten op", "en": "The segments rest on"}[language] not in page
    assert {"nl": "tekort in het segment", "en": "shortfall in the segment"}[language] not in page


def test_no_action_tells_everyone_to_ask_their_segment() -> None:
    words = Path(__file__).parents[2].joinpath("configs", "catalogues", "actions.yaml").read_text(encoding="utf-8")
    assert not re.findall(r"(?:dit|this) segment", words)


@LANGUAGES
def test_where_there_is_no_figure_of_their_own_the_months_it_is_about_are_named(language: str) -> None:
    """At another horizon the workbook may have one."""
    story = sample_story.full_story()
    frame = story.released["leaving"].frame
    bare = sample_story.with_rows(story, "leaving", frame[frame["segment"].astype(float) != 1].reset_index(drop=True))
    ahead = say("report.answer.leave.ahead", language, months=12)
    for told in (leaving_told(bare, language), leaving_told(hiding(story, "leaving", 1), language)):
        assert any(ahead in one and story.labels(language).segment(1) in one for one in told)


@LANGUAGES
def test_who_has_a_figure_of_leaving_and_no_place_on_page_one_is_said(language: str) -> None:
    """The first page showed 2 of 4 segments, and a chart had 'Segment 3' and 'Segment 4' without a word."""
    story = sample_story.full_story()
    beyond = {"nl": "niet op pagina één", "en": "not on page one"}[language]
    assert not any(beyond in one for one in leaving_told(story, language))
    (said,) = [one for one in leaving_told(hiding(story, "segments", 1), language) if beyond in one]
    assert story.labels(language).segment(1) in said
    both = [one for one in leaving_told(hiding(story, "segments", 1, 2), language) if beyond in one]
    assert len(both) == 1 and {"nl": " staan ", "en": " are "}[language] in both[0]


@LANGUAGES
def test_no_page_denies_a_figure_of_leaving_that_stands_among_the_seven_rs(language: str) -> None:
    """'No figure at 12 months is firm enough' stood above 'voluntary exits in twelve months: at most 5 %'."""
    story = sample_story.full_story()
    bare = {name: table for name, table in story.released.items() if name not in ("leaving", "curves", "evaluation")}
    rows = bare["scorecard"].frame.assign(share=float("nan"))
    gone = {
        "r": "Retentie",
        "measure": "voluntary_exits",
        "segment": None,
        "n": "960",
        "share": 0.05,
        "status": "banded",
    }
    rows.loc[len(rows)] = pd.Series(gone).reindex(rows.columns)
    with_exits = sample_story.with_rows(replace(story, released=bare), "scorecard", rows)
    told = " ".join(leaving_told(with_exits, language))
    assert {"nl": "bij de zeven R'en", "en": "among the seven Rs"}[language] in told
    without = {name: table for name, table in bare.items() if name != "scorecard"}
    told = " ".join(leaving_told(replace(story, released=without), language))
    assert {"nl": "zeven R'en", "en": "seven Rs"}[language] not in told
    assert {"nl": "mag niet worden getoond", "en": "may not be shown"}[language] in told
