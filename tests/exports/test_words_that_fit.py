"""What the words say is what the figures say: why there are no segments, what is called important, no minus zero."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sample_story
from pages_read import read_page

from segment.displays.experience import draw_journey, draw_promises
from segment.exports.card import CardContent, CardLine, render_card
from segment.exports.guide import parts
from segment.exports.leaving_words import leaving_told
from segment.exports.refusal import GATES, nearest, refusal
from segment.exports.registry_tables import table_grids
from segment.exports.report import render_report
from segment.exports.sheets import sheets_of
from segment.exports.slides import slides_of
from segment.locale import catalogue, number, percent, say
from segment.retention.foresight import ABOUT_RIGHT
from segment.vocabulary import Weighing

LANGUAGES = ("nl", "en")


def tried(**failed: str) -> pd.DataFrame:
    """One candidate per number of segments (``k2``, ``k3``), with the gates it did not pass; all came back well."""
    rows = [{"family": "needs_mixture", "k": int(k[1:]), "chosen": False, "failed": why, "agreement": 0.93}
            for k, why in failed.items()]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", GATES)
def test_the_sentence_follows_the_gate_that_failed(gate: str, language: str) -> None:
    story = replace(sample_story.without_segments(), tried=tried(k2="agreement, chance, style, size", k4=gate))
    page = read_page(render_report(story, language)).text
    own = catalogue()[f"report.refusal.{gate}"][language].format(k=4)
    assert own in page
    others = {other: catalogue()[f"report.refusal.{other}"][language].format(k=4) for other in GATES if other != gate}
    assert [other for other, text in others.items() if text in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_division_that_came_back_is_not_called_one_that_does_not(language: str) -> None:
    """With 275 answers the agreement was .93, and the report said that no segments come back."""
    story = replace(sample_story.without_segments(), tried=tried(k2="agreement, chance", k4="size"))
    text = refusal(story, language)
    assert {"nl": "0,93", "en": "0.93"}[language] in text
    assert nearest(story.tried) is not None
    assert "herhaling terug" not in text
    assert "repeated" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_without_segments_never_speaks_of_them_as_if_they_were_there(language: str) -> None:
    story = replace(sample_story.without_segments(), basis=("experience",))
    text = read_page(render_report(story, language)).text
    for phrase in ({"nl": ("Deze segmenten", "Segment 1"), "en": ("These segments", "Segment 1")})[language]:
        assert phrase not in text


CARD = CardContent("2025", (), purpose="own card", approver="HR director", expires="2026-12-31")


def card_with(importance: float, *, well: bool, language: str) -> str:
    line = CardLine(need={"nl": "Groei", "en": "Growth"}, importance=importance, experience=2.0, well=well)
    return read_page(render_card(replace(CARD, lines=(line,)), language)).text


@pytest.mark.parametrize("well", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_calls_important_only_what_its_reader_did(language: str, well: bool) -> None:
    claims = {
        "nl": ("Je vindt dit belangrijk", "Dit telt voor jou het meest"),
        "en": ("You find this important", "This matters most to you"),
    }[language]
    for importance, expected in ((4.0, True), (3.0, True), (2.9, False), (float("nan"), False)):
        page = card_with(importance, well=well, language=language)
        assert (claims[well] in page) is expected


def test_a_bar_says_where_its_scale_begins_and_ends() -> None:
    line = CardLine(need={"nl": "Groei", "en": "Growth"}, importance=4.0, experience=1.0)
    page = render_card(replace(CARD, lines=(line,)), "en")
    bars = [part.split("</p>")[0] for part in page.split('<p class="ends"')[1:]]
    assert len(bars) == 2
    assert all(bar.index("<span>1</span>") < bar.index("<svg") < bar.index("<span>5</span>") for bar in bars)
    assert '<rect width="75" ' in bars[0]
    assert '<rect width="0" ' in bars[1]


@pytest.mark.parametrize("value", [-0.0, -0.004, -1e-12])
def test_nothing_is_less_than_zero_by_rounding(value: float) -> None:
    assert (number(value, "nl", digits=2), percent(value / 100, "en")) == ("0,00", "0%")
    assert number(-0.006, "nl", digits=2) == "−0,01"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_beside_a_refusal_speak_of_no_groups(language: str) -> None:
    story = sample_story.without_segments()
    guide = " ".join(text for part in parts(language, story.labels(language)) for _, text in part.told)
    every = " ".join(text for part in parts(language) for _, text in part.told)
    for words in {"nl": ("per groep", "in een groep"), "en": ("each group", "the groups", "anyone in a group")}[
        language
    ]:
        assert words in every.lower() and words not in guide.lower()
    sheets = {sheet.name: sheet for sheet in sheets_of(story, language)}
    (why,) = sheets[say("workbook.sheet.segments", language)].words
    assert why == refusal(story, language)
    for sheet in sheets.values():
        assert "Segment" not in [column.heading for column in sheet.columns]
    for draw, name in ((draw_promises, "promises"), (draw_journey, "journey")):
        drawn = draw(story.released[name], story.labels(language), prefix="x")
        assert drawn is not None and drawn.columns[0] == say("display.column.whom", language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_where_nobody_left_every_reader_says_so(language: str) -> None:
    nobody = pd.DataFrame([{"code": "RT001", "severity": "note", "file": "", "column": "", "count": 0, "message": ""}])
    story = replace(sample_story.without_segments(), findings=nobody)
    story = replace(story, released={k: v for k, v in story.released.items() if k not in ("curves", "leaving")})
    said = say("finding.RT001", language)
    assert leaving_told(story, language)[0] == said
    assert said in [line for slide in slides_of(story, language) for line in slide.lines]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_slide_calls_unweighted_only_what_is(language: str) -> None:
    plain = sample_story.full_story()
    story = replace(plain, weighing={"leaving": Weighing.SEGMENTS})
    title = say("report.answer.leave", language)
    (chart,) = [slide.chart for slide in slides_of(story, language) if slide.title == title]
    assert chart is not None
    word = say("weighed.one", language, what="").strip()
    assert word not in chart.series[0].name and word in chart.names[-1]
    assert not any(word in name for name in chart.names[:-1])


#: A verb for many behind or before "n of m", where the first number can be one.
MANY = {
    "en": re.compile(
        r"\{\w+\} of (the )?\{\w+\} [^.:;,]*\b(are|have|were)\b|\bof the \{\w+\} [^.:;,]*\{\w+\} are\b", re.I
    ),
    "nl": re.compile(
        r"\{\w+\} van de \{\w+\} [^.:;,]*\b(zijn|waren|werden)\b"
        r"|\b(veranderden|zijn|mogen|worden)( er)? \{\w+\} (van de \{|langer|worden)",
        re.I,
    ),
}
#: Counts of people in bands, never one, and a verb that is about the people.
FITTING = {"finding.LK005", "finding.LK006", "finding.RT006", "finding.RT006.made"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_of_many_is_told_in_words_that_fit_one(language: str) -> None:
    """Page one said that 1 of 45 compared figures have surely changed."""
    told = {key for key, texts in catalogue().items() if MANY[language].search(texts[language])} - FITTING
    assert told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_percentage_has_its_sign_against_it_as_every_figure_has(language: str) -> None:
    assert [key for key, texts in catalogue().items() if re.search(r"[\d}][  ]%", texts[language])] == []


def test_pages_for_hr_say_u_and_only_those_for_oneself_say_je() -> None:
    """The sheet about a group said 'zo gebruik je dit blad', in the folder of a report that says 'u'."""
    rooms = ("onepager.", "report.", "page.", "workbook.", "slides.", "display.", "change.")
    own = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.I)
    told = [key for key, texts in catalogue().items() if key.startswith(rooms) and own.search(texts["nl"])]
    assert told == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_no_moment_that_nobody_was_asked_about(language: str) -> None:
    """A study asks about the moments it likes; leaving is seldom among them."""
    ends = {"nl": ("afscheid", "sollicitatie"), "en": ("applying", "from applying to leaving")}[language]
    told = catalogue()["guide.pages.6"][language]
    assert not any(word in told for word in ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dash_among_the_coefficients_of_reliability_says_what_it_stands_for(language: str) -> None:
    """Eight needs of one question each: sixteen rows of dashes under 'how reliable the questions are together'."""
    story = sample_story.full_story()
    said = say("report.method.reliability.without", language)
    (known,) = table_grids(story, "reliability", language)
    assert said not in known.note
    frame = story.released["reliability"].frame
    (dashes,) = table_grids(
        sample_story.with_rows(story, "reliability", frame.assign(alpha=np.nan, omega=np.nan)), "reliability", language
    )
    assert said in dashes.note


@pytest.mark.parametrize("language", LANGUAGES)
def test_clearly_more_or_less_than_expected_says_from_where_on(language: str) -> None:
    """'3 of 5 groups' stood above a table in which four intervals left out 100%."""
    told = catalogue()["finding.FA002"][language]
    assert ABOUT_RIGHT == (0.8, 1.25), "a fifth less, a quarter more"
    words = {"nl": ("kwart vaker", "vijfde minder", "100%"), "en": ("quarter more", "fifth less", "100%")}[language]
    assert all(word in told for word in words)
