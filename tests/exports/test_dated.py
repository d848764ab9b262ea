"""Without a survey no page speaks of a wave, nor of what people answered."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sample_story
from pages_read import read_page

from segment.exports.dated import wave_told
from segment.exports.guide import render_guide
from segment.exports.method import render_method
from segment.exports.report import render_report
from segment.exports.sheets import sheets_of
from segment.exports.slides import slides_of
from segment.exports.story import Story
from segment.locale import own_languages, say
from segment.vocabulary import UNDATED

LANGUAGES = own_languages()
WORD = {"nl": r"(?i)\bmeting\b", "en": r"(?i)\bwaves?\b"}


def hr_only(wave: str) -> Story:
    return replace(sample_story.hr_only(), wave=wave, watched_until="2025-12-31" if wave != UNDATED else "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wave", ["2025-12-31", UNDATED])
def test_without_a_survey_no_page_is_of_a_wave(language: str, wave: str) -> None:
    """The head said 'Wave 2025-12-31', and 'Meting all' where nothing was dated."""
    story = hr_only(wave)
    day = {"nl": "31 december 2025", "en": "31 December 2025"}[language]
    for render in (render_report, render_method, render_guide):
        head = read_page(render(story, language)).text[:300]
        assert not re.search(WORD[language], head) and "all" not in head.split()
        assert (day in head) == (wave != UNDATED)
    assert wave_told(story, language) in " ".join(slides_of(story, language)[0].lines)
    words = " ".join(word for sheet in sheets_of(story, language) for word in sheet.words)
    assert words and not re.search(WORD[language], words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_survey_is_called_its_wave_in_every_head(language: str) -> None:
    told = say("report.wave", language, wave=sample_story.full_story().wave)
    assert told in read_page(render_report(sample_story.full_story(), language)).text[:300]


@pytest.mark.parametrize(("language", "answered"), [("nl", "invulde"), ("en", "they answered")])
def test_the_guide_of_a_study_without_a_survey_does_not_speak_of_answers(language: str, answered: str) -> None:
    assert answered in render_guide(sample_story.full_story(), language)
    assert answered not in render_guide(hr_only("2025-12-31"), language)
