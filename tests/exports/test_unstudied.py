"""Where nobody's leaving was studied no file speaks of it: no column without a figure, no model that is not there."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sample_story
from pages_read import read_page
from sample_dossier import facts, governed

from segment.exports.dossier import render_dossier
from segment.exports.guide import render_guide
from segment.exports.report import render_report
from segment.exports.sheets import sheets_of
from segment.exports.story import Story
from segment.locale import own_languages, say

LANGUAGES = own_languages()
OF_LEAVING = ("leaving", "curves", "evaluation", "calibration", "effects", "group_results", "lifetime_value", "what_if",
              "segment_effects", "first_year", "competition")  # fmt: skip
#: Said of a model or a figure of leaving as if there were one.
CLAIMED = {
    "nl": ("kansen op vertrek", "een model van blijven en vertrekken", "het model van blijven en vertrekken leert",
           "hoe lang mensen blijven", "of u misschien weggaat", "vertrek wordt geleerd", "naar verwachting gaan",
           "samengaat met vertrek"),
    "en": ("chances of leaving", "a model of staying and leaving", "model of staying and leaving learns",
           "how long people stay", "nor whether you might leave", "leaving is learned", "are expected to leave",
           "goes together with leaving"),
}  # fmt: skip


def unstudied(story: Story) -> Story:
    told = {name: table for name, table in story.released.items() if name not in OF_LEAVING}
    return replace(story, outcome_kind=None, released=told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_and_the_documents_claim_no_model_of_leaving(language: str) -> None:
    """The works council was asked for consent to chances of leaving per person in a study of a survey alone."""
    story = unstudied(governed())
    pages = render_dossier(story, facts())
    own = [pages[f"dossier/{name}.{language}.html"] for name in ("works_council", "dpia", "notice", "ai_act")]
    for page in (*own, render_guide(story, language)):
        text = read_page(page).text.lower()
        assert [claim for claim in CLAIMED[language] if claim in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_it_was_studied_they_do(language: str) -> None:
    council = read_page(render_dossier(governed(), facts())[f"dossier/works_council.{language}.html"]).text.lower()
    assert CLAIMED[language][0] in council and CLAIMED[language][2] in council


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_column_of_leaving_stands_without_one_figure(language: str) -> None:
    """Page one had a column 'Leaves within 12 months' with a dash for every segment, and the workbook four."""
    full, bare = sample_story.full_story(), unstudied(sample_story.full_story())
    heading = say("report.card.leaving", language, months=12)
    assert heading in read_page(render_report(full, language)).text
    assert heading not in read_page(render_report(bare, language)).text
    sheet = say("workbook.sheet.segments", language)
    wide, narrow = (next(one for one in sheets_of(story, language) if one.name == sheet) for story in (full, bare))
    assert len(wide.columns) - len(narrow.columns) == 4
    assert all(len(row) == len(narrow.columns) for row in narrow.rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_names_the_hr_system_only_where_its_data_are_read(language: str) -> None:
    survey = unstudied(replace(governed(), response_rate=None, outside={}))
    source = {"nl": r"van uw werkgever \(", "en": r"from your employer \("}[language]
    for story, named in ((governed(), True), (survey, False)):
        letter = read_page(render_dossier(story, facts())[f"dossier/notice.{language}.html"]).text
        assert bool(re.search(source, letter)) is named


@pytest.mark.parametrize("language", LANGUAGES)
def test_nor_where_too_few_left_for_any(language: str) -> None:
    full = sample_story.full_story()
    few = replace(full, released={name: table for name, table in full.released.items() if name not in OF_LEAVING})
    assert say("report.card.leaving", language, months=12) not in read_page(render_report(few, language)).text
    sheet = say("workbook.sheet.segments", language)
    assert len(next(one for one in sheets_of(few, language) if one.name == sheet).columns) == 8
