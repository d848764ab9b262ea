"""Names that people remember: a reviewed list in both languages, each once, by the two needs that weigh most."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from segment.errors import InvalidStudy
from segment.exports.answers import remembered_names, segment_answers, strongest_needs
from segment.personalisation.remembered import read_remembered
from segment.stages.given_names import checked_name

sys.path.append(str(Path(__file__).parent / "exports"))
from sample_story import full_story

SHIPPED = Path(__file__).parents[1] / "configs" / "catalogues" / "names.yaml"
NEEDS = ("PAY", "SEC", "SOC", "GRO", "AUT", "MEA", "REC", "EAS")


def test_every_pair_of_the_usual_needs_has_a_name_of_its_own_that_is_safe_in_every_file() -> None:
    names = read_remembered(SHIPPED)
    assert {frozenset(pair) for pair in combinations(NEEDS, 2)} <= set(names)
    for language in ("nl", "en"):
        told = [name[language] for name in names.values()]
        assert len({one.lower() for one in told}) == len(told)
        assert all(checked_name(one, language=language) == one and len(one) <= 24 for one in told)


def test_a_name_goes_by_the_two_needs_that_weigh_most_and_stands_once_in_a_study() -> None:
    story = full_story()
    pairs = {
        segment: frozenset(need.code for need in strongest_needs(story, story.labels("en"), segment)[:2])
        for segment in story.segments
    }
    every = {pair: {"nl": f"Naam {at}", "en": f"Name {at}"} for at, pair in enumerate(dict.fromkeys(pairs.values()))}
    told = remembered_names(replace(story, remembered=every), "en")
    assert len(set(told.values())) == len(told) == len(every)
    assert all(told[segment] == every[pairs[segment]]["en"] for segment in told)
    alike = {pair: {"nl": "Eén", "en": "One"} for pair in pairs.values()}
    same = remembered_names(replace(story, remembered=alike), "nl")
    assert same == {story.segments[0]: "Eén"}


def test_a_group_that_hr_named_or_of_which_importance_was_not_asked_has_none() -> None:
    story = full_story()
    every = {
        frozenset(need.code for need in strongest_needs(story, story.labels("en"), one)[:2]): {"en": f"Name {one}"}
        for one in story.segments
    }
    named = replace(story, remembered=every)
    first = story.segments[0]
    assert first not in remembered_names(replace(named, renamed=frozenset({first})), "en")
    assert remembered_names(replace(named, basis=("experience",)), "en") == {}
    assert any(one.remembered for one in segment_answers(named, "en"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lists: []\n", "expected a list under 'names'"),
        ("names:\n  - {needs: [A], nl: Een, en: One}\n", "the codes of two needs"),
        ("names:\n  - {needs: [A, B], nl: Een}\n", "a name in 'en' is missing"),
        (
            "names:\n  - {needs: [A, B], nl: Een, en: One}\n  - {needs: [B, A], nl: Twee, en: Two}\n",
            "stands here before",
        ),
        (
            "names:\n  - {needs: [A, B], nl: Een, en: One}\n  - {needs: [C, A], nl: een, en: Two}\n",
            "stands here before",
        ),
    ],
)
def test_every_mistake_of_a_list_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "names.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidStudy) as told:
        read_remembered(file)
    assert said in str(told.value) and "names.yaml:" in str(told.value)
