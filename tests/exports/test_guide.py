"""The guide for HR: beside the report in both languages, as inert as it, easy to read, and without figures."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sample_story
from dutch_prose import LONGEST, douma, sentences, words

from segment.exports.actions_list import has_actions
from segment.exports.guide import guide_in_markdown, parts, render_guide
from segment.exports.report import render_report, sections_in
from segment.exports.story import Story
from segment.exports.verify import page_of
from segment.exports.writing import verifier
from segment.locale import languages, own_languages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("language", own_languages())
def test_the_report_leads_to_it_and_it_leads_back(language: str) -> None:
    story = sample_story.full_story()
    assert render_report(story, language).count(f'href="guide.{language}.html"') == 2
    assert f'href="report.{language}.html"' in render_guide(story, language)


@pytest.mark.parametrize("language", languages())
def test_it_tells_of_every_page_of_five_things_not_to_do_and_of_a_talk_in_a_team(language: str) -> None:
    told = {part.anchor: part.told for part in parts(language)}
    assert len(told["not"]) == 5 and len(told["talk"]) == 5 and len(told["pages"]) == 9
    for named in ("pages", "words", "not", "talk"):
        assert all(name and text for name, text in told[named])


def test_its_dutch_has_short_sentences_and_reads_easily() -> None:
    said = [one for part in parts("nl") for _, text in part.told for one in sentences(text)]
    assert max(len(words(one)) for one in said) <= min(LONGEST, 20)
    assert douma(said) >= 70


def test_nothing_in_it_runs_or_calls_out_and_it_has_no_figure_of_the_study() -> None:
    allowed = json.loads(verifier()["rules.json"])["allowed"]
    story = sample_story.full_story()
    for language in own_languages():
        page = render_guide(story, language)
        assert not page_of(page, allowed)[0]
        text = html.unescape(re.sub(r"<[^>]*>", " ", page.split("<main")[1].split("<footer")[0]))
        assert set(re.findall(r"\d+", text)) <= {"0", "1", "5", "95"}


@pytest.mark.parametrize("language", own_languages())
@pytest.mark.parametrize("make", [sample_story.full_story, sample_story.hr_only, sample_story.intention])
def test_it_tells_of_the_parts_that_the_report_has(make: Callable[[], Story], language: str) -> None:
    """Where nobody was asked there are no needs, promises or journey to read; with nothing planned no list of it."""
    story, every = make(), dict(enumerate(parts(language)[1].told, start=1))
    here = {section.anchor for section in sections_in(story, language)[0]} - {"actions"}
    here |= {"actions"} if has_actions(story) else set()
    page = html.unescape(render_guide(story, language))
    for at, section in {4: "promises", 5: "seven-rs", 6: "journey", 7: "changes", 9: "actions"}.items():
        assert (every[at][1] in page) == (section in here)


@pytest.mark.parametrize("language", own_languages())
def test_the_text_in_the_docs_is_the_same(language: str) -> None:
    assert guide_in_markdown(language) in (DOCS / f"hr-guide.{language}.md").read_text(encoding="utf-8")
