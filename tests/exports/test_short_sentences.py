"""No sentence of the report has more than twenty words, however long the names and however many are counted apart."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import sample_story

from segment.exports.report import render_report
from segment.exports.story import Story

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from received.measures import MOST_WORDS, sentences_in, words_of

#: A need of four words; a segment of two such needs.
NEEDS = {
    code: {"nl": f"{name['nl']} in het werk", "en": f"{name['en']} in your work"}
    for code, name in sample_story.NEEDS.items()
}
_NEEDS = list(NEEDS.values())
SEGMENTS = {
    at: {
        language: f"{_NEEDS[2 * at][language]} {word} {_NEEDS[2 * at + 1][language].lower()}"
        for language, word in (("nl", "en"), ("en", "and"))
    }
    for at in range(4)
}
EVERY_KIND = {"candidate": 120, "contractor": 90, "alumnus": 80, "employee": 60, "other": 50}
STUDIES: dict[str, Callable[[], Story]] = {
    "full": sample_story.full_story, "made": sample_story.made_groups, "none": sample_story.without_segments,
    "hr": sample_story.hr_only, "intention": sample_story.intention,
}  # fmt: skip


def with_long_names(story: Story, **outside: int) -> Story:
    asked = bool(story.n_respondents)
    return replace(
        story, need_names=NEEDS if story.need_names else {}, segment_names=SEGMENTS if story.segment_names else {},
        n_answered=story.n_respondents + 400 if asked else 0, outside=outside if asked else {},
        employed_on="2025-03-31", watched_until="2025-12-31",
    )  # fmt: skip


def paragraphs(page: str) -> list[str]:
    body = re.sub(r"<(svg|style|script|table)[ >].*?</\1>", "", page, flags=re.DOTALL)
    found = re.findall(r"<(?:p|dd|figcaption)[^>]*>(.*?)</(?:p|dd|figcaption)>", body, flags=re.DOTALL)
    return [" ".join(unescape(re.sub("<[^>]+>", " ", one)).split()) for one in found]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("study", STUDIES)
def test_no_sentence_is_longer_than_twenty_words(study: str, language: str) -> None:
    for outside in (EVERY_KIND, {"other": 9}):
        told = sentences_in(paragraphs(render_report(with_long_names(STUDIES[study](), **outside), language)))
        assert len(told) > 20
        assert [one for one in told if len(words_of(one)) > MOST_WORDS] == []
