"""Why no division was made either: the criterion that stood in the way, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from languages_read import LANGUAGES, strings_of
from sample_dossier import facts, governed
from sample_story import full_story, intention, made_groups, without_segments

from segment.exports import answers
from segment.exports.answers import Share
from segment.exports.dossier import render_dossier
from segment.exports.leaving_words import _spread
from segment.exports.made_groups import divisions_grid, why_not_made
from segment.exports.page_one import what_would_help
from segment.exports.refusal import nearest
from segment.exports.report import lead
from segment.exports.slides import slides_of
from segment.exports.story import Story
from segment.exports.writing import make_exports
from segment.locale import catalogue, say

TRIED = {
    "k": 2, "n": 400, "explained": 0.004, "explained_low": -0.01, "explained_high": 0.02, "rival": "department",
    "rival_explained": 0.03, "ahead": -0.026, "ahead_low": -0.05, "again": 0.3, "same": 0.64, "by_halves": 0.1,
    "again_low": 0.2, "again_high": 0.4, "same_low": 0.59, "same_high": 0.69, "agreement": 0.6, "agreement_low": 0.43,
    "agreement_high": 0.71, "style_share": 0.01, "spread_share": 0.01, "smallest_share": 0.4, "smallest_n": 160,
    "failed": "departments", "chosen": False,
}  # fmt: skip


def story(**changed: object) -> Story:
    return replace(without_segments(), divided=pd.DataFrame([TRIED | changed]))


@pytest.mark.parametrize(
    ("failed", "dutch", "english"),
    [
        ("departments", "wat HR al weet (afdeling)", "what HR knows already (department)"),
        ("again", "zelfde groep: 64%, 95%-interval 59% tot 69%", "same group: 64%, 95% interval 59% to 69%"),
        ("explains", "zegt te weinig", "says too little"),
        ("agreement, again", "ergens anders vallen", "fall elsewhere"),
        ("one question", "ten minste twee dingen", "at least two questions per need"),
        ("style", "hoe mensen antwoorden", "how people answer"),
        ("size", "te klein", "too small"),
    ],
)
def test_the_criterion_that_stood_in_the_way_is_told_on_page_one(failed: str, dutch: str, english: str) -> None:
    for language, told in (("nl", dutch), ("en", english)):
        assert told in " ".join(lead(story(failed=failed), language))


def test_of_several_numbers_the_one_that_came_nearest_speaks() -> None:
    rows = pd.DataFrame([TRIED | {"failed": "size, again"}, TRIED | {"k": 3, "failed": "again", "same": 0.51}])
    assert "51%" in why_not_made(replace(story(), divided=rows), "en")


def test_a_division_that_was_not_tried_has_no_table() -> None:
    assert divisions_grid(story(failed="one question", explained=np.nan), "en") == []
    [grid] = divisions_grid(story(), "nl")
    assert grid.rows[0][:2] == ("2", "nee") and grid.rows[0][-1] == "meer dan HR al weet"


def test_nothing_is_said_where_nothing_was_tried() -> None:
    assert why_not_made(replace(story(), divided=None), "en") == ""


@pytest.mark.parametrize(("language", "name"), [("nl", "beoordeling"), ("en", "appraisal")])
def test_what_comes_nearest_has_the_name_that_readers_of_the_language_know(language: str, name: str) -> None:
    """On page one of groups that are made and where none were, as in the chart: never the code of the column."""
    names = {"performance": {"nl": "beoordeling", "en": "appraisal"}}
    row = TRIED | {"rival": "performance", "failed": "", "chosen": True, "again": 0.6, "same": 0.8}
    made = replace(full_story(), divided=pd.DataFrame([row]), feature_names=names)
    none = replace(story(rival="performance"), feature_names=names)
    for told in (lead(made, language), lead(none, language)):
        assert f"({name})" in " ".join(told) and "performance" not in " ".join(told)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_lands_in_the_same_group_again_stands_beside_what_chance_does(language: str) -> None:
    """Kappa .6 and 80 % the same: by chance half, as of two groups of one size."""
    row = TRIED | {"failed": "", "chosen": True, "again": 0.6, "same": 0.8, "same_low": 0.77, "same_high": 0.83}
    made = replace(full_story(), divided=pd.DataFrame([row]))
    told, spoken = " ".join(lead(made, language)), " ".join(slides_of(made, language)[0].notes)
    between = {"nl": "77% tot 83%", "en": "77% to 83%"}[language]
    for text in (told, spoken):
        assert text.index("80%") < text.index(between) < text.index("50%")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_figure_of_a_division_stands_without_what_it_may_be(language: str) -> None:
    """In the method file: the interval, the lower end of how far it is ahead, and the range of other people's."""
    grid = divisions_grid(story(), language)[0]
    explained, ahead, same, again, agreement = grid.rows[0][2:7]
    between = {"nl": "{} tot {}", "en": "{} to {}"}[language]
    assert f"({between.format('59%', '69%')})" in same and f"({between.format('−1%', '2%')})" in explained
    ends = [("0,20", "0,40"), ("0,43", "0,71")] if language == "nl" else [("0.20", "0.40"), ("0.43", "0.71")]
    assert [between.format(*one) in told for one, told in zip(ends, (again, agreement), strict=True)] == [True, True]
    assert "−5%" in ahead


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_hr_knows_in_fewer_groups_stands_beside_what_as_few_of_ours_explain(language: str) -> None:
    """Two kinds of role explain 1 %: five groups at 11 % are no comparison 'with as many groups', two at 5 % are."""
    row = TRIED | {"k": 5, "explained": 0.11, "rival_explained": 0.01, "ahead": 0.04, "failed": "", "chosen": True}
    made = replace(full_story(), divided=pd.DataFrame([row]))
    pays = lead(made, language)[2]
    assert ("as many groups", "evenveel groepen")[language == "nl"] in pays
    assert pays.index("11%") < pays.index("1%", pays.index("11%") + 3) < pays.index("5%")
    alike = replace(made, divided=pd.DataFrame([row | {"ahead": 0.10}]))
    assert "5%" not in lead(alike, language)[2]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("gate", "people"), [("agreement", 1), ("chance", 1), ("posterior", 0), ("reliability", 0), ("style", 0)]
)
def test_two_questions_per_need_are_asked_for_once(gate: str, people: int, language: str) -> None:
    """'Ask more people, and ask more questions per need' stood above 'ask at least two questions per need'."""
    tried = without_segments().tried.assign(failed=gate)
    assert nearest(tried) is not None
    told = what_would_help(replace(story(failed="one question"), tried=tried), language)
    questions = {"nl": "per behoefte", "en": "per need"}[language]
    assert [questions in one for one in told].count(True) == 1
    more = {"nl": "Vraag meer mensen.", "en": "Ask more people."}[language]
    assert told.count(more) == people
    without = what_would_help(replace(story(failed="again"), tried=tried), language)
    assert more not in without


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "shares",
    [
        (Share(0.10, 0.05, 0.15, place=1.0), Share(0.10, 0.05, 0.15, place=2.0)),  # printed alike
        (Share(0.30, 0.05, 0.55, place=1.0), Share(0.10, 0.01, 0.40, place=2.0)),  # may be alike
        (Share(0.11, 0.109, 0.111, place=1.0), Share(0.10, 0.099, 0.101, place=2.0)),  # hardly differ
    ],
)
def test_made_groups_that_leave_alike_are_called_no_segments(shares: tuple[Share, Share], language: str) -> None:
    """'The segments were not shown to differ' stood over groups that are made: the sentences were there, unread."""
    made, found = (replace(full_story(), divided=one.divided).labels(language) for one in (made_groups(), full_story()))
    [told] = _spread(dict(enumerate(shares)), made, language)
    assert "segment" not in told.lower()
    assert "segment" in _spread(dict(enumerate(shares)), found, language)[0].lower()


def test_what_has_words_for_made_groups_is_never_said_without_asking_for_them() -> None:
    """A message with words under ``.made`` is said by ``Labels.say``, ``Story.say`` or what knows the kinds itself."""
    own = {key.removesuffix(".made") for key in catalogue() if key.endswith(".made")}
    plain = re.compile(r"(?<![\w.])say\(\s*\"([\w.-]+)\"")
    package = Path(answers.__file__).parents[1]
    wrong = {
        f"{path.relative_to(package)}: {key}"
        for room in ("displays", "exports")
        for path in (package / room).rglob("*.py")
        for key in plain.findall(path.read_text(encoding="utf-8"))
        if key in own
    }
    assert wrong == set()


def _by_intention() -> Story:
    return replace(intention(), divided=made_groups().divided, feature_names=made_groups().feature_names)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", [made_groups, _by_intention])
def test_groups_that_are_made_are_called_no_segments_in_any_file(made: object, language: str, tmp_path: Path) -> None:
    """'Who are the segments?' stood on page one over groups that it calls made, not found."""
    story = replace(made(), languages=(language,))
    assert story.made
    # What was looked for were segments: these sentences say that none were found.
    sought = {say(key, language) for key in ("made.method", "report.method.tried.text", "report.tried.k")}
    files = [tmp_path / name for name in make_exports(story, tmp_path) if f".{language}." in name]
    named = re.compile(r"segment(?!_\d|s\.\w\w\.)")  # but for the names of files
    told = {text for path in files for text in strings_of(path) if named.search(text.lower())}
    assert len(files) > 5 and told - sought == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nor_in_the_dossier(language: str, tmp_path: Path) -> None:
    """It said 'a page per segment' and 'segments by need' of groups that the report calls made."""
    story = replace(governed(), divided=made_groups().divided, feature_names=made_groups().feature_names)
    told = set()
    for name, page in render_dossier(story, facts()).items():
        if name.endswith(f".{language}.html"):
            file = tmp_path / Path(name).name
            file.write_text(page, encoding="utf-8")
            told |= {text for text in strings_of(file) if re.search(r"segment(?! \w+’)", text.lower())}
    # How they are looked for, what the study says itself, and what commands are called.
    sought = ("één segment doet", "one segment always", "Vindt zij geen", "Where no segments are found",
              "Voor segmenten telt of", "For segments it counts whether", "‘segment audit’",
              "segment 9.8.7", say("report.method.tried.text", language))  # fmt: skip
    told = {text for text in told if not any(words in text for words in sought)}
    assert told - {say("report.tried.k", language)} == set()
