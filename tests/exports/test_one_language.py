"""No English key or word in Dutch files, and none of Dutch in English ones; every code that can occur has its words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sample_story
from languages_read import LANGUAGES, foreign, loose_numbers, named_otherwise, strings_of

from segment.displays.labels import Labels
from segment.exports.card import CardContent, CardLine, render_card
from segment.exports.finding_words import finding_line
from segment.exports.onepager import render_onepager
from segment.exports.refusal import refusal
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.writing import make_exports
from segment.locale import catalogue
from segment.segments.families import FAMILIES
from segment.tables.registry import released_tables

#: Every gate that a candidate can fail.
GATES = (
    "likelihood", "size", "posterior", "style", "reliability", "one segment", "outdone", "agreement", "chance",
)  # fmt: skip

#: What a study has names of its own for.
NAMES = ("need_names", "moment_names", "feature_names", "offer_names")
STORIES = {
    "everything": sample_story.full_story,
    "without segments": sample_story.without_segments,
    "made groups": sample_story.made_groups,
    "records only": sample_story.hr_only,
    "intention": sample_story.intention,
}


def spoken_in(story: Story, language: str) -> Story:
    """The story with the agreements as somebody of that language would write them, and findings on known questions."""
    agreed = dict.fromkeys(sample_story.GOVERNANCE, "2026") if story.governance else None
    asked = {"I_PAY_live": {"nl": "Van mijn loon kan ik leven.", "en": "I can live on my wage."}}
    names = {"feature_names": {**story.feature_names, **asked}, "need_names": sample_story.NEEDS}
    return replace(story, governance=agreed, **names)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STORIES)
def test_every_string_is_in_the_language_of_its_file(name: str, language: str, tmp_path: Path) -> None:
    story = replace(spoken_in(STORIES[name](), language), languages=(language,))
    files = [tmp_path / name for name in make_exports(story, tmp_path) if f".{language}." in name]
    assert len(files) >= 2
    names = {code: texts for field in NAMES for code, texts in getattr(story, field).items()}
    wrong = {path.name: foreign(strings_of(path), language) for path in files}
    wrong |= {f"{path.name}, names": named_otherwise(strings_of(path), language, names) for path in files}
    assert {name: found for name, found in wrong.items() if found} == {}
    pages = [path for path in files if path.suffix == ".html"]
    assert [text for path in pages for text in loose_numbers(strings_of(path))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_so_is_every_string_of_a_card(language: str, tmp_path: Path) -> None:
    action = sample_story.ACTIONS["growth-talk"]
    need = sample_story.NEEDS["GRO"]
    lines = tuple(
        CardLine(need=need, importance=value, experience=2.0, own=action, ask=action, well=well, wished=True)
        for value in (4.5, 2.0, float("nan"))
        for well in (False, True)
    )
    card = CardContent("2025-2", lines, purpose="2025", approver="2025", expires="2026-12-31", contact="2025")
    page = tmp_path / "card.html"
    page.write_text(render_card(card, language), encoding="utf-8")
    assert foreign(strings_of(page), language) == {}


def test_everything_that_can_be_named_has_a_name_in_both_languages() -> None:
    keys = [f"report.table.{name}" for name in released_tables()]
    keys += [f"report.family.{name}" for name in FAMILIES]
    keys += [f"report.gate.{name}" for name in GATES]
    assert [key for key in keys if set(catalogue().get(key, {})) != set(LANGUAGES)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_about_a_question_names_it_by_its_words(language: str) -> None:
    asked = {"H_dream": {"nl": "Waar droom je van?", "en": "What do you dream of?"}}
    row = {"code": "DQ038", "subject": "H_dream", "count": 1, "explanation": "open answers", "where": ""}
    assert finding_line(row, Labels(language, features=asked))[1] == asked["H_dream"][language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", [*GATES, "nothing tried"])
def test_a_refusal_is_in_one_language_whichever_gate_was_not_passed(gate: str, language: str, tmp_path: Path) -> None:
    """Read whole: page one, the section on segments, the method with what was tried."""
    story = spoken_in(sample_story.without_segments(), language)
    tried = None if gate == "nothing tried" else story.tried.assign(failed=gate)
    story = replace(story, tried=tried, released={name: story.released[name] for name in ("profiles", "reliability")})
    page = tmp_path / "report.html"
    page.write_text(render_report(story, language), encoding="utf-8")
    words = list(strings_of(page))
    assert foreign(words, language) == {} and loose_numbers(words) == []
    assert refusal(story, language) in " ".join(words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lacks", ["plans", "promises", "leaving", "shortfalls", "profiles"])
def test_so_is_a_one_pager_whatever_was_not_measured(lacks: str, language: str, tmp_path: Path) -> None:
    whole = spoken_in(sample_story.full_story(), language)
    gone = {"leaving": ("leaving", "curves"), "profiles": ("profiles", "shortfalls")}.get(lacks, (lacks,))
    story = replace(whole, released={name: one for name, one in whole.released.items() if name not in gone})
    for segment in story.segments[:2]:
        page = tmp_path / f"{segment}.html"
        page.write_text(render_onepager(story, segment, language), encoding="utf-8")
        words = list(strings_of(page))
        assert foreign(words, language) == {} and loose_numbers(words) == []
        assert story.labels(language).segment(segment) in " ".join(words)
