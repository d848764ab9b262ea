"""One minus sign on every page, each need named once, other answers without needs, questions read from the left."""

from __future__ import annotations

import copy
import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sample_story
from pages_read import read_page
from sample_dossier import facts, proven

from segment.displays.base import share_ticks
from segment.displays.labels import Labels
from segment.displays.retention import draw_calibration
from segment.exports.answers import Need
from segment.exports.confidence import sureness
from segment.exports.dossier import render_dossier
from segment.exports.method_sections import _findings
from segment.exports.near_ties import listed
from segment.exports.onepager import render_onepager
from segment.exports.report import _heaviest, render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.ingest.findings import Findings, finding_lines
from segment.locale import catalogue
from segment.privacy import release
from segment.tables.registry import plan_of

LANGUAGES = ("nl", "en")
#: A hyphen before a digit that is not part of a word, a date, a range or a code.
_HYPHEN = re.compile(r"(?<![\w–)-])-\d")


def texts(story: Story, language: str) -> list[str]:
    """Every text that HR receives about a story in one language."""
    pages = [render_report(story, language), *(render_onepager(story, one, language) for one in story.segments)]
    book = pd.read_excel(io.BytesIO(render_workbook(story, language)), sheet_name=None, header=None, engine="calamine")
    cells = [str(cell) for sheet in book.values() for cell in sheet.to_numpy().ravel() if isinstance(cell, str)]
    return [*(read_page(page).text for page in pages), *cells]


def documents(story: Story, language: str) -> list[str]:
    """The dossier of a story in one language."""
    written = render_dossier(proven(story), facts())
    return [text for name, text in written.items() if name.endswith(f".{language}.html")]


def below_zero() -> Story:
    """The full story with figures below zero where there can be such."""
    return sample_story.full_story()


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_minus_sign_on_every_page(language: str) -> None:
    for story in (below_zero(), sample_story.without_segments(), sample_story.hr_only(), sample_story.intention()):
        for text in texts(story, language):
            assert not _HYPHEN.search(text), text[max(0, _HYPHEN.search(text).start() - 60) :][:140]  # type: ignore[union-attr]
    assert any("−" in text for text in texts(below_zero(), language))
    for document in documents(below_zero(), language):
        assert not _HYPHEN.search(read_page(document).text)
    for key, said in catalogue().items():
        assert not _HYPHEN.search(said[language]), key


def need(name: str, alike: int) -> Need:
    return Need(name[:3].upper(), name, 0.5, alike=alike)


@pytest.mark.parametrize("best", ["", ".experience"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("alike", [(0, 0), (0, 2, 1, 0), (1, 0), (3, 2, 1, 0)])
def test_each_need_is_named_once(alike: tuple[int, ...], language: str, best: str) -> None:
    top = [need(name, one) for name, one in zip(("Security", "Wages", "Freedom", "Growth"), alike, strict=False)]
    said = _heaviest(top, language, best)
    assert [said.count(one.name) for one in top] == [1] * len(top)
    assert sorted(said.index(one.name) for one in top) == [said.index(one.name) for one in top]


def answered(*, enps: bool) -> Story:
    """People answered a survey, no need among it; with eNPS where that was asked."""
    story = sample_story.hr_only()
    rows = pd.DataFrame({"segment": [np.nan], "r": "Recommendation", "measure": "enps", "n": 106, "value": -24.0})
    card = release("scorecard", rows, groups=["segment"], count="n", lines=["r", "measure"], means=["value"])
    return replace(
        story, status="no survey", n_respondents=53, n_answered=106,
        released={**story.released, **({"scorecard": card} if enps else {})},
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_answers_are_told_where_no_need_was_answered(language: str) -> None:
    page = read_page(render_report(answered(enps=True), language)).text
    assert {"nl": "wat wel is beantwoord", "en": "what was answered"}[language] in page
    assert {"nl": "De zeven R'en", "en": "The seven Rs"}[language] in page
    assert "−24" in page
    bare = read_page(render_report(answered(enps=False), language)).text
    assert {"nl": "alleen over blijven en gaan", "en": "about staying and leaving only"}[language] in bare
    assert "enps" not in bare.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_denies_a_survey_that_was_held(language: str) -> None:
    story = answered(enps=True)
    denial = {"nl": "Er is geen vragenlijst", "en": "No survey was held"}[language]
    for text in (*texts(story, language), *(read_page(one).text for one in documents(story, language))):
        assert denial not in text
    assert denial in read_page(render_report(sample_story.hr_only(), language)).text


def test_an_axis_fits_the_chances_it_shows() -> None:
    assert [round(100 * at) for at in share_ticks(np.array([0.17, 0.21]))] == [17, 18, 19, 20, 21]
    assert share_ticks(np.array([0.2, 0.2]))[-1] > share_ticks(np.array([0.2, 0.2]))[0]
    assert [round(100 * at) for at in share_ticks(np.array([0.0, 1.0]))] == [0, 20, 40, 60, 80, 100]
    rows = pd.DataFrame(
        {"bin": range(1, 11), "n": 100, "horizon": 12, "predicted": np.linspace(0.17, 0.21, 10),
         "observed": np.linspace(0.1, 0.3, 10), "low": np.linspace(0.06, 0.2, 10), "high": np.linspace(0.2, 0.42, 10)}
    )  # fmt: skip
    plan = plan_of("calibration")
    columns = [name for name in (*plan.shares, *plan.means) if name in rows]
    table = release("calibration", rows, groups=["bin"], count="n", shares=columns, lines=["horizon"])
    drawn = draw_calibration(table, Labels("en"), prefix="c", months=12)
    assert drawn is not None
    assert "not at 0% and 100%" in drawn.description
    assert {"17%", "21%"} <= set(re.findall(r">(\d+%)<", drawn.panels[0].svg))


def test_one_finding_names_all_items_it_holds_for() -> None:
    found = Findings()
    for column in ("A", "B", "C"):
        found.add("DQ031", "x.csv", column=column, rows=[2, 3], advice=f"write values: {{{column}: 1}}")
    found.add("DQ031", "x.csv", column="D", rows=[9], advice="another")
    lines = finding_lines(found.table())
    assert lines[0].startswith("DQ031 x.csv, columns A, B, C, rows 2, 3: not a number")
    assert lines[0].endswith("write values: {A: 1} (and likewise for the other 2)")
    assert len(lines) == 2
    assert "column D, row 9" in lines[1]


def test_the_report_has_one_line_for_findings_that_differ_in_their_question_alone() -> None:
    found = Findings()
    for column in ("Q1", "Q2", "Q3"):
        found.add("DQ036", "x.csv", column=column, count=106)
    grid = _findings(replace(sample_story.full_story(), findings=found.table()), "en")[0]
    assert grid.rows == (("DQ036", "Q1, Q2, Q3", "100–199", "Nobody answered this question."),)  # type: ignore[union-attr]


def test_a_column_that_no_survey_has_is_told_once() -> None:
    found = Findings()
    found.add("DQ035", "x.csv", count=2, names=("A", "B"))
    found.add("DQ035", "y.csv", count=1, names=("A",))
    found.leave_out("DQ035", ["A"])
    assert [(item.file, item.names, item.count) for item in found.items] == [("x.csv", ("B",), 1)]


def test_questions_stand_to_the_left_and_small_tables_stay_whole() -> None:
    page = render_report(sample_story.full_story(), "en")
    assert '<div class="scroll whole"' in page
    assert ".whole{break-inside:avoid}" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slope_that_may_be_anything_is_not_called_right(language: str) -> None:
    story = sample_story.full_story()
    table = story.released["evaluation"]
    own = (table.frame["metric"].str.startswith("calibration_slope")) & (table.frame["model"] == "model")
    assert own.any()
    frame = table.frame.copy()
    frame.loc[own, ["value", "low", "high"]] = [-5.35, -21.0, 10.3]
    wide = copy.copy(table)
    object.__setattr__(wide, "_frame", frame)
    said = " ".join(sureness(replace(story, released={**story.released, "evaluation": wide}), language))
    assert {"nl": "zo onzeker", "en": "so uncertain"}[language] in said
    assert {"nl": "en 1 is goed", "en": "and 1 is right"}[language] not in said


def test_the_only_one_more_is_named_and_equal_certainty_is_said_once() -> None:
    assert listed([need(name, 1) for name in "ABCDE"], "en") == "A, B, C, D and E"
    assert listed([need(name, 1) for name in "ABCDEF"], "en") == "A, B, C, D and 2 more"
    story = sample_story.full_story()
    table = story.released["stability"]
    same = copy.copy(table)
    object.__setattr__(same, "_frame", table.frame.assign(value=0.95, status="banded"))
    said = " ".join(sureness(replace(story, released={**story.released, "stability": same}), "en"))
    assert "at least 95% of every segment comes back" in said
