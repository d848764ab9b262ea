"""Who says they intend to leave has not left: no file for HR calls an intention leaving, an exit or who goes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import sample_dossier
import sample_story
from languages_read import LANGUAGES, strings_of
from sample_comparison import compared

from segment.exports.comparison import comparison_lines, render_comparison
from segment.exports.dossier import render_dossier
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.writing import make_exports

#: What is said of an intention, and of other things: the last days of working life, a slide that stays.
ALLOWED = {
    "en": r"inten\w+ to (stay or )?leave|from applying to leaving|leave this slide|on the left|left out",
    "nl": r"voornemen om te gaan|wil(len)? (weg)?gaan",
}
LEAVING = {
    "en": r"\bleav(e|es|ing|ers?)\b|\bleft\b|\bexits?\b|\bwho goes\b",
    "nl": r"vertrek|vertrok|\bwie er gaat\b|naar verwachting gaan|blijven en gaan",
}
#: What documents say of every study: limits, promises to people and the rules of release.
OF_ANY_STUDY = {
    "en": r"They leave only added up|[Ss]ay(ing)? why somebody leaves|What goes together with leaving is no proof"
    r"|whether you might leave|curve over time: exits",
    "nl": r"Zeggen waarom iemand vertrekt|Wat samengaat met vertrek is geen bewijs|verloop in de tijd: vertrekken",
}
#: What a study of intentions releases (a model of the intention included) beside the tables of its sample.
FURTHER = ("what_if", "group_results", "attractiveness", "exemplars", "verdict", "shortfalls", "plans", "journey")
NOTES = (
    ("finding.FO004", {"subject": "any", "value": 0.51, "low": 0.47, "high": 0.54, "number": 100, "of": 100}),
    ("publish.note.one_moment", {}),
)


def asked() -> Story:
    story, full = sample_story.intention(), sample_story.full_story()
    found = {
        "code": ["FO004", "RT009", "DQ068", "DQ078"],
        "severity": "warning",
        "subject": "any",
        "where": "people not learned from",
    }
    numbers = {"count": 100, "of": 100, "value": 0.51, "low": 0.47, "high": 0.54, "explanation": "", "advice": ""}
    released = {name: full.released[name] for name in FURTHER} | dict(story.released)
    return replace(
        story, released=released, notes=NOTES, findings=pd.DataFrame(found | numbers), actions=sample_story.ACTIONS
    )


def wrong(text: str, language: str) -> list[str]:
    """The words of a text that call an intention leaving.

    >>> wrong("who leaves", "en"), wrong("who intends to leave", "en")
    (['leaves'], [])
    """
    bare = re.sub(ALLOWED[language], "", text, flags=re.I)
    return [one.group() for one in re.finditer(LEAVING[language], bare, re.I)]


@cache
def told(folder: Path) -> dict[str, list[str]]:
    """File -> everything that stands in it, of a study with segments and of one without."""
    kinds = {"segments": asked(), "none": replace(asked(), status="none", segment_names={})}
    return {
        f"{kind}, {name}": list(strings_of(folder / kind / name))
        for kind, story in kinds.items()
        for name in make_exports(story, folder / kind)
        if name.endswith((".html", ".xlsx", ".pptx"))
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_file_calls_an_intention_leaving(language: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    files = {name: texts for name, texts in told(tmp_path_factory.getbasetemp()).items() if f".{language}." in name}
    assert len(files) >= 8 and all(files.values())
    found = {name: [text for text in texts if wrong(text, language)] for name, texts in files.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}
    said = {"en": "intends to leave no better than a coin", "nl": "Wie wil gaan, wijst het model"}[language]
    assert {kind for name, texts in files.items() for kind in ("report", "method", "xlsx")
            if kind in name and any(said in text for text in texts)} == {"report", "method", "xlsx"}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_are_looked_for_are_those_of_a_study_of_exits(language: str) -> None:
    """The same law finds them wherever people were seen to leave, so that it does not hold for want of words."""
    seen = replace(asked(), meaning="exit", outcome_kind="spells")
    assert wrong(re.sub("<[^>]+>", " ", render_report(seen, language)), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_document_of_the_dossier_calls_an_intention_leaving(language: str, tmp_path: Path) -> None:
    story = replace(
        sample_dossier.governed(), meaning="intention", outcome_kind="horizon", notes=NOTES, released=asked().released
    )
    facts = sample_dossier.facts()
    models = tuple(replace(one, method="horizon") if one.name == "retention" else one for one in facts.models)
    known = replace(facts, models=models, window=None, causes=("left",), fixed=("relation", "start_date"))
    pages = {name: page for name, page in render_dossier(story, known).items() if f".{language}." in name}
    found: dict[str, list[str]] = {}
    for name, page in pages.items():
        path = tmp_path / Path(name).name
        path.write_text(page, encoding="utf-8")
        found[name] = [one for one in strings_of(path) if wrong(re.sub(OF_ANY_STUDY[language], "", one), language)]
    assert len(pages) >= 8 and {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sure", [1, 0, -1])
@pytest.mark.parametrize("alone", [True, False])
def test_a_comparison_has_the_words_of_the_report(language: str, sure: int, alone: bool) -> None:
    """Of an intention nobody leaves; and a flag has no tenure, so that its simplest peer gives everyone one chance."""
    tenure = {"en": "tenure", "nl": "diensttijd"}[language]
    for kinds in ([], ["horizon"], ["intention", "horizon"]):
        facts = compared(kinds, sure, alone=alone)
        page = re.sub("<[^>]+>", " ", render_comparison(facts, language).split("<main")[1])
        text = " ".join((page, *comparison_lines(facts, language)))
        assert bool(wrong(text, language)) == ("intention" not in kinds), wrong(text, language)
        assert (tenure in text) == (not kinds)
