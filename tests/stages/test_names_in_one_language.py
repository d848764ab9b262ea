"""Every file of a walked study is in one language: its own names too, and nothing stands by its code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "exports"))
from languages_read import LANGUAGES, named_otherwise, strings_of

from segment.displays.column_text import group_name
from segment.displays.labels import Labels
from segment.errors import InvalidStudy
from segment.locale import catalogue
from segment.segments.families import DIVISIONS, FAMILIES
from segment.stages.codebooks import codebook_of
from segment.stages.report_context import attribute_names, question_names, value_names


@pytest.fixture(scope="module")
def own(walked: Any) -> dict[str, dict[str, str]]:
    """What the study calls its roles, needs and questions, per language."""
    opened = walked.open()
    codebook = codebook_of(opened)
    offers = opened.store.read("offers").to_dict("records")
    needs = {need: {language: codebook.need_name(need, language) for language in LANGUAGES} for need in codebook.needs}
    roles = {row["offer"]: {language: row[language] for language in LANGUAGES} for row in offers}
    assert len(roles) > 5
    values = value_names(opened)
    assert values["female"] == {"nl": "vrouw", "en": "female"}
    return {**needs, **question_names(codebook), **roles, **values}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_of_the_study_stands_in_another_language(walked: Any, own: Any, language: str) -> None:
    opened = walked.open()
    folder = next(iter(sorted((opened.workspace / "exports").iterdir())))
    files = [path for path in sorted(folder.rglob(f"*.{language}.*")) if path.suffix in (".html", ".xlsx", ".pptx")]
    assert len(files) > 5
    wrong = {path.name: named_otherwise(strings_of(path), language, own) for path in files}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_an_attribute_is_called_what_the_study_says_in_each_language(walked: Any) -> None:
    """'federal tenure' and 'marital status' stood in Dutch reports: a study could not say what readers call them."""
    told = "sources.people.attributes.contract.name={nl: soort contract, en: kind of contract}"
    names = attribute_names(walked.open(told))
    called = [Labels(language, features=names).feature("contract") for language in ("nl", "en")]
    assert called == ["soort contract", "kind of contract"] and set(names) == {"contract"}
    assert attribute_names(walked.open()) == {}


def test_a_value_is_called_what_the_study_says_and_known_by_its_english_word(walked: Any) -> None:
    """'female' and 'divorced' stood in Dutch workbooks: values had one name for all languages."""
    told = "sources.people.values.contract={permanent: {nl: vast, en: permanent}, temporary: temporary}"
    people = walked.open(told).config.sources.people
    assert (
        people.value_names["permanent"] == {"nl": "vast", "en": "permanent"} and "temporary" not in people.value_names
    )
    assert people.our_values["contract"] == {"permanent": "permanent", "temporary": "temporary"}
    labels = [Labels(language, groups=people.value_names) for language in LANGUAGES]
    assert [group_name("permanent", one) for one in labels] == ["vast", "permanent"]
    assert [group_name("fixed_term", one) for one in labels] == ["fixed term"] * 2


def test_one_value_has_one_name_in_a_language(walked: Any) -> None:
    twice = "sources.people.values.function={Care: {nl: Verpleging, en: Care}}"
    with pytest.raises(InvalidStudy, match="'Care' is called two things in one language"):
        walked.open(twice)


@pytest.mark.parametrize(
    ("words", "told"),
    [("{nl: vast}", "'sources.people.values.contract.permanent.en' is missing"),
     ("{nl: vast, en: permanent, xx: p}", "'xx' is not a known setting"),
     ("[vast]", "sources.people.values.contract.permanent: expected a text")],
)  # fmt: skip
def test_a_mistake_in_the_name_of_a_value_is_one_line_in_the_words_of_the_study(
    walked: Any, words: str, told: str
) -> None:
    with pytest.raises(InvalidStudy, match=re.escape(told)) as refused:
        walked.open(f"sources.people.values.contract={{permanent: {words}}}")
    assert str(refused.value).startswith("The study has 1 mistake.")


def test_every_way_to_make_segments_has_words() -> None:
    """A Dutch model card said 'strongest need' where groups were made."""
    ways = {*FAMILIES, *DIVISIONS}
    assert {f"report.family.{way}" for way in ways} <= set(catalogue())
