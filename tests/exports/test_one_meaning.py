"""What a page says of leaving is true of the figure beside it: whose it is, of which cause, and by which measure."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sample_story

from segment import exports
from segment.displays.column_text import heading
from segment.exports.confidence import sureness
from segment.exports.finding_words import note_words
from segment.exports.leaving_words import leaving_told
from segment.exports.method import render_method
from segment.exports.method_sections import privacy_section
from segment.exports.registry_tables import table_grids
from segment.exports.report import key_figures, render_report
from segment.exports.shared_sheets import SHARED
from segment.exports.sheets import OWN_SHEETS
from segment.exports.story import Story
from segment.exports.weighting import weighed
from segment.tables.registry import shown_tables

LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])
CHOICE = {"nl": "zelf vertrokken", "en": "left by choice"}


def without(story: Story, *tables: str) -> Story:
    return replace(story, released={name: one for name, one in story.released.items() if name not in tables})


def note(code: str, subject: str) -> tuple[str, dict[str, object]]:
    return f"finding.{code}", {"subject": subject, "value": 0.77, "low": 0.6, "high": 0.99, "number": 45, "of": 45}


@LANGUAGES
@pytest.mark.parametrize("code", ["FO004", "FO005", "FO006", "RT005"])
def test_what_was_judged_for_one_cause_names_it(code: str, language: str) -> None:
    labels = sample_story.full_story().labels(language)
    assert CHOICE[language] in note_words(*note(code, "voluntary"), labels)
    assert "‘" not in note_words(*note(code, "any"), labels) or code == "RT005"


@LANGUAGES
def test_the_method_file_says_what_was_found_once(language: str) -> None:
    found = (("publish.note.simulated", {}), note("RT005", "voluntary"), note("FO004", "any"))
    story = replace(sample_story.full_story(), notes=found, findings=None)
    page, labels = html.unescape(render_method(story, language)), story.labels(language)
    assert [page.count(note_words(key, values, labels)) for key, values in found] == [1, 1, 1]


@LANGUAGES
def test_every_cause_that_hardly_occurred_is_told(language: str) -> None:
    notes = (note("RT005", "voluntary"), note("RT005", "involuntary"))
    told = sureness(replace(sample_story.full_story(), notes=notes), language)[-2:]
    assert told[0] != told[1]
    assert CHOICE[language] in told[0]


@LANGUAGES
def test_the_order_of_two_people_and_the_error_of_chances_are_not_one_measure(language: str) -> None:
    """Tenure may order people better while the model's chances are closer to what happened."""
    story = replace(sample_story.full_story(), notes=(note("FO005", "any"),))
    *_, gain, order = sureness(story, language)
    assert "Brier" in gain
    assert {"nl": "van twee mensen", "en": "of two people"}[language] in order.lower()


@LANGUAGES
def test_two_figures_of_everyone_say_why_they_differ(language: str) -> None:
    story, page = sample_story.full_story(), {"nl": "pagina één", "en": "age one"}[language]
    later = {"nl": "hetzelfde niveau", "en": "the same level"}[language]
    begins = {"nl": "van wie begint", "en": "of those who start"}[language]
    (risk,), (curve,) = (table_grids(one, "what_if", language) for one in (story, without(story, "leaving")))
    assert page in risk.note and later in risk.note
    assert page in curve.note and begins in curve.note
    assert later not in curve.note


@LANGUAGES
def test_first_years_stand_under_the_attribute_that_they_are_by(language: str) -> None:
    (grid,) = table_grids(replace(sample_story.full_story(), hires_by="department"), "first_year", language)
    by = {"nl": "afdeling", "en": "department"}[language]
    assert grid.columns[0] == by.capitalize()
    assert f"‘{by}’" in grid.note
    (usual,) = table_grids(sample_story.full_story(), "first_year", language)
    assert usual.columns[0] == {"nl": "Wervingsbron", "en": "Hiring source"}[language]


@LANGUAGES
def test_first_years_of_everyone_alone_name_no_attribute(language: str) -> None:
    story, alone = sample_story.full_story(), {"first_year": sample_story.first_year(grouped=False)}
    (grid,) = table_grids(replace(story, released={**story.released, **alone}), "first_year", language)
    assert grid.columns[0] == {"nl": "Wie", "en": "Who"}[language] and len(grid.rows) == 1
    assert {"nl": "wervingsbron", "en": "hiring source"}[language] not in grid.note


@LANGUAGES
def test_nothing_that_was_watched_is_called_not_measured(language: str) -> None:
    bare = without(sample_story.full_story(), "leaving", "curves")
    denied = {"nl": "niet gemeten", "en": "not measured"}[language]
    assert denied not in " ".join(leaving_told(bare, language))
    assert denied not in " ".join(leaving_told(replace(bare, meaning="intention", outcome_kind="horizon"), language))
    assert denied in " ".join(leaving_told(replace(bare, outcome_kind=None), language))


@LANGUAGES
def test_who_has_left_is_not_expected_to(language: str) -> None:
    told = leaving_told(replace(sample_story.full_story(), outcome_kind="horizon", meaning="exit"), language)[0]
    assert {"nl": "naar verwachting", "en": "expected"}[language] not in told
    assert {"nl": "vertrok 13%", "en": "13% of everyone"}[language] in told


@LANGUAGES
def test_without_segments_no_figure_is_weighted_by_segment(language: str) -> None:
    story = replace(sample_story.full_story(), status="none", weighing={"leaving": "segments"})
    assert "segment" not in weighed(story, ["leaving"], language)
    shown = privacy_section(story, language, ()).blocks[0]
    assert {"nl": "kansen van iedereen samen", "en": "chances of everyone together"}[language] in str(shown)


@LANGUAGES
def test_where_no_segment_has_a_figure_none_is_weighted_by_segment(language: str) -> None:
    tables = {**sample_story.full_story().released, "curves": sample_story.curves(everyone_only=True)}
    story = replace(sample_story.full_story(), released=tables, weighing={"leaving": "segments", "curves": "segments"})
    by_segment = {"nl": "Per segment gewogen", "en": "Weighted by segment"}[language]
    assert by_segment in weighed(story, ["leaving"], language)
    assert by_segment not in weighed(story, ["curves"], language)


@LANGUAGES
def test_nobody_is_said_to_be_followed_from_a_moment_that_is_not_known(language: str) -> None:
    story = sample_story.without_segments()
    story = replace(story, released={**story.released, "curves": sample_story.curves(everyone_only=True)})
    since = {"nl": "vanaf het moment dat z", "en": "from the moment they"}[language]
    known, unknown = (
        render_report(replace(story, outcome_kind="duration", entries_known=so), language) for so in (True, False)
    )
    assert since in known and since not in unknown
    key = "dossier.ai_act.elements.2"
    told = [replace(story, entries_known=so).labels(language).for_study(key) for so in (True, False)]
    assert told == [key, f"{key}.unfollowed"]


@LANGUAGES
def test_the_rule_of_bands_is_of_counted_people_and_a_curve_may_lie_outside(language: str) -> None:
    curve = without(sample_story.full_story(), "leaving")
    text = " ".join(privacy_section(curve, language, ()).paragraphs)
    assert {"nl": "aandelen van getelde mensen", "en": "shares of counted people"}[language] in text
    assert {"nl": "verlopen in de tijd", "en": "curves over time"}[language] in text
    assert key_figures(curve, None, language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_number_of_people_stands_under_a_word_that_who_verifies_knows(language: str) -> None:
    """``verify.py`` finds counts by their headings; a table that calls them otherwise is taken for a forged one."""
    known = json.loads(Path(exports.__file__).with_name("rules.json").read_text(encoding="utf-8"))["allowed"]["counted"]
    labels = sample_story.full_story().labels(language)
    heads = {
        (name, told.column): heading(name, told, labels)
        for name, shown in shown_tables().items()
        for told in shown.columns
        if shown.sheet not in ("", *OWN_SHEETS, *SHARED) and told.kind == "people" and told.column == "n"
    }
    assert heads and {key: head for key, head in heads.items() if not re.fullmatch(known, head, re.I)} == {}
