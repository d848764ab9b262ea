"""One-pagers and cards: one page about a group for a manager, one about a person for that person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import sample_story
from pages_read import read_page

from segment.errors import RefusedRelease
from segment.exports.card import CardContent, CardLine, card_contents, render_card
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.privacy import EventLog, grant

ACTIONS = sample_story.ACTIONS


@dataclass(frozen=True)
class _Agreed:
    works_council: str = "OR-1"
    dpia: str = "DPIA-1"
    data_protection_officer: str = "fg@voorbeeld.nl"
    legal_basis: str = "request"
    purpose: str = "own card"
    approver: str = "HR director"
    expires: dt.date = dt.date(2031, 12, 31)


def test_a_segment_is_numbered_from_one_and_told_in_words() -> None:
    page = read_page(render_onepager(sample_story.full_story(), 1, "nl"))
    for said in (
        "Segment 2: Groei en autonomie", "741 mensen, 28% van iedereen in de segmenten", "Groei en Autonomie", "19%",
        "0,37",
        "Een groeigesprek met vervolg", "Dit blad gaat over een groep, niet over een mens",
    ):  # fmt: skip
        assert said in page.text, said
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.ids) == len(set(page.ids))


def test_a_segment_that_was_not_released_has_no_page() -> None:
    story = sample_story.full_story()
    tables = dict(story.released) | {"segments": sample_story.segments((982, 741, 566, 20))}
    with pytest.raises(RefusedRelease, match="a segment that may be named") as refusal:
        render_onepager(replace(story, released=tables), 3, "nl")
    assert "segment 4" in str(refusal.value)


def test_a_page_says_what_was_not_measured() -> None:
    story = sample_story.full_story()
    page = read_page(render_onepager(replace(story, released={"segments": story.released["segments"]}), 0, "en"))
    assert page.text.count("not measured") >= 3


def test_an_intention_page_never_says_exit() -> None:
    for language in ("nl", "en"):
        html = render_onepager(sample_story.intention(), 0, language).lower()
        assert "exit" not in html
        assert "vertrek" not in html


def card(**changes: object) -> CardContent:
    need, own, ask = sample_story.NEEDS["GRO"], ACTIONS["growth-talk"], ACTIONS["thanks"]
    line = CardLine(need, 4.6, 2.25, own=own, ask=ask, wished=True)
    whole = CardContent("2025-2", (line,), purpose="own card", approver="HR director", expires="2031-12-31")
    return replace(whole, contact="fg@voorbeeld.nl", legal_basis="request", **changes)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_card_speaks_to_the_person_and_says_who_sees_it(language: str) -> None:
    page = read_page(render_card(card(), language))
    said = {
        "nl": ("Jouw kaart", "4,6 van 5", "Wat je zelf kunt doen", "Waar je om kunt vragen", "en niemand anders"),
        "en": ("Your card", "4.6 out of 5", "What you could do", "What you can ask for", "and nobody else"),
    }
    for words in (*said[language], "own card", "HR director", "2031-12-31", "fg@voorbeeld.nl", "2025-2"):
        assert words in page.text, words
    assert not {"u", "uw"} & set(page.text.lower().split()) if language == "nl" else True
    levels = [level for level, _ in page.headings]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_card_holds_no_segment_and_no_chance_of_leaving() -> None:
    text = read_page(render_card(card(), "nl")).text.lower()
    assert "segment" not in text
    assert "vertrek" not in text


def test_who_lacks_nothing_reads_good_news() -> None:
    well = card(lines=(CardLine(sample_story.NEEDS["MEA"], 4.8, 4.9, well=True),))
    assert "goed nieuws" in read_page(render_card(well, "nl")).text
    assert "goed nieuws" not in read_page(render_card(card(), "nl")).text


def test_unknown_answers_are_left_out_of_a_card() -> None:
    page = read_page(render_card(card(lines=(CardLine(sample_story.NEEDS["PAY"]),)), "en"))
    assert "out of 5" not in page.text


def test_cards_come_from_granted_rows_only(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "person": ["k2", "k1", "k1"], "wave": "2025-2", "rank": [1, 2, 1], "need": ["PAY", "REC", "GRO"],
            "action": ["pay-open", None, "growth-talk"], "ask": [None, "thanks", None], "importance": [4.0, 4.1, 4.6],
            "experience": [2.0, 3.0, 2.2], "kind": "shortfall", "wished": [False, False, True],
        }
    )  # fmt: skip
    with pytest.raises(RefusedRelease, match="granted rows"):
        card_contents(rows, need_names=sample_story.NEEDS, actions=ACTIONS)
    granted = grant("cards", rows, governance=_Agreed(), purpose="own card", events=EventLog(tmp_path / "events.db"))
    cards = card_contents(granted, need_names=sample_story.NEEDS, actions=ACTIONS, contact="fg@voorbeeld.nl")
    assert list(cards) == ["k1", "k2"]
    assert [line.need["en"] for line in cards["k1"].lines] == ["Growth", "Recognition"]
    assert cards["k1"].lines[1].ask == ACTIONS["thanks"]
    assert cards["k1"].lines[1].own == {}
    page = render_card(cards["k1"], "nl")
    assert "k1" not in read_page(page).text
    assert "2031-12-31" in page


def test_agreements_are_told_in_the_words_of_each_language_where_there_are_such() -> None:
    words = {"nl": {"approver": "de directeur personeel", "legal_basis": "toestemming"}}
    story = replace(sample_story.full_story(), translations=words)
    dutch, english = (render_method(story, language) for language in ("nl", "en"))
    assert "de directeur personeel" in dutch and "de directeur personeel" in render_report(story, "nl")
    assert "de directeur personeel" not in english and sample_story.GOVERNANCE["approver"] in english
    own = card(translations={"nl": {"purpose": "jouw kaart tonen", "contact": "de functionaris"}})
    assert "jouw kaart tonen" in render_card(own, "nl") and "de functionaris" in render_card(own, "nl")
    assert "own card" in render_card(own, "en") and "jouw kaart tonen" not in render_card(own, "en")
