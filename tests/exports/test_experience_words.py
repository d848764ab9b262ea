"""What is said where people were asked how work is, not what matters: nothing that a mean beside it denies."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from sample_story import full_story

from segment.displays.column_text import name_of
from segment.exports.guide import render_guide
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.tables.columns import ShownColumn


def story() -> Story:
    return replace(full_story(), basis=("experience",))


def pages(language: str) -> dict[str, str]:
    told = story()
    found = {
        "report": render_report(told, language), "method": render_method(told, language),
        "guide": render_guide(told, language), "one": render_onepager(told, told.segments[0], language),
    }  # fmt: skip
    return {name: unescape(text) for name, text in found.items()}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_stands_out_of_a_persons_own_answers_is_not_called_experienced_best(language: str) -> None:
    """Of 61,174 federal employees the group that 'experiences best: being able to work well' answered 3.5 there, and
    everyone 3.6: scores are held against a person's other answers, so only 'relatively' is true of them.
    """
    bare = {
        "nl": ("Ervaart het best", "Het best ervaren:", "hoe beter dit wordt ervaren", "lijn wordt beter ervaren"),
        "en": ("Experiences best", "Experienced best:", "the better this is", "line is experienced better"),
    }[language]
    relative = {"nl": "naar verhouding", "en": "relatively"}[language]
    for name, text in pages(language).items():
        assert [one for one in bare if one in text] == [], name
        assert relative in text.lower(), name
    assert ("kan toch lager zijn", "may still be lower")[language == "en"] in pages(language)["report"]
    measured = name_of(ShownColumn("measure", "measure"), "score", story().labels(language))
    assert relative in measured


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_not_asked_is_no_part_of_what_is_lacking(language: str) -> None:
    """'Important and yet not experienced enough' stood under 'importance was not asked'."""
    asked = {
        "nl": (
            "elangrijk en toch",
            "meer gewild",
            "verschillen in wat mensen nodig",
            "zwaar weegt",
            "belangrijk is en",
        ),
        "en": ("mportant and yet", "more wanted", "differences in what people need", "what weighs", "when it matters"),
    }[language]
    for name, text in pages(language).items():
        assert [one for one in asked if one in text] == [], name


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_largest_shortfall_is_said_once_on_page_one(language: str) -> None:
    """Without promises its box and, under it, its question had the same sentence."""
    bare = full_story()
    bare = replace(bare, released={name: table for name, table in bare.released.items() if name != "promises"})
    said = {"nl": "Het grootste tekort ligt bij", "en": "The largest shortfall is in"}[language]
    page = unescape(render_report(bare, language))
    assert page.count(said) == 1 and unescape(render_report(full_story(), language)).count(said) == 1
