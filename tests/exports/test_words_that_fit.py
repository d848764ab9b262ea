"""What the words say is what the figures say: why there are no segments, what is called important, no minus zero."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import sample_story
from pages_read import read_page

from segment.exports.card import CardContent, CardLine, render_card
from segment.exports.refusal import GATES, nearest, refusal
from segment.exports.report import render_report
from segment.locale import catalogue, number, percent

LANGUAGES = ("nl", "en")


def tried(**failed: str) -> pd.DataFrame:
    """One candidate per number of segments (``k2``, ``k3``), with the gates it did not pass; all came back well."""
    rows = [{"family": "needs_mixture", "k": int(k[1:]), "chosen": False, "failed": why, "agreement": 0.93}
            for k, why in failed.items()]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", [gate for gate in GATES if gate not in ("outdone", "likelihood")])
def test_the_sentence_follows_the_gate_that_failed(gate: str, language: str) -> None:
    story = replace(sample_story.without_segments(), tried=tried(k2="agreement, chance, style, size", k4=gate))
    page = read_page(render_report(story, language)).text
    own = catalogue()[f"report.refusal.{gate}"][language].format(k=4)
    assert own in page
    others = {other: catalogue()[f"report.refusal.{other}"][language].format(k=4) for other in GATES
              if other != gate and f"report.refusal.{other}" in catalogue()}  # fmt: skip
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
