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
from sample_story import full_story, with_rows

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


def test_where_a_larger_group_has_the_name_a_need_that_weighs_about_as_much_gives_one() -> None:
    story = full_story()
    first, second = story.segments[:2]
    rows = story.released["profiles"].frame.copy()
    score = rows["measure"] == "score"
    for column, values in (("mean", (1.0, 0.9, 0.88)), ("low", (0.8, 0.7, 0.68)), ("high", (1.2, 1.1, 1.08))):
        for need, value in zip(NEEDS, values, strict=False):
            rows.loc[score & rows["segment"].isin([first, second]) & (rows["need"] == need), column] = value
    own = score & rows["segment"].isin([first, second])
    rows.loc[own & ~rows["need"].isin(NEEDS[:3]), ["mean", "low", "high"]] = [-0.5, -0.6, -0.4]
    order = {need: at for at, need in enumerate(NEEDS, start=1)}
    rows.loc[own, "place"] = rows.loc[own, "need"].map(order).astype(float)
    rows.loc[own, "about_as_much"] = (rows.loc[own, "need"] == "SEC").astype(float)
    story = with_rows(story, "profiles", rows)
    told = remembered_names(replace(story, remembered=read_remembered(SHIPPED)), "en")
    assert (told[first], told[second]) == ("Firm ground", read_remembered(SHIPPED)[frozenset({"PAY", "SOC"})]["en"])
