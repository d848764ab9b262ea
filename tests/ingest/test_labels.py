"""Answers in words are points of their scale: by their labels, whatever case, accents and spaces they came with."""

from __future__ import annotations

from typing import Any

import pytest

from segment.errors import InvalidStudy
from segment.ingest import finding_lines, refuse_errors
from segment.ingest.labels import numbers_of, usual_scale, usual_scales
from segment.locale import catalogue, own_languages

ANSWERS = ["helemaal mee oneens", "mee oneens", "neutraal", "mee eens", "helemaal mee eens"]
CODEBOOK = "code,driver,kind,scale,reverse,nl,en\nI_PAY,PAY,importance,imp5,,Een,One\n"


def ask(desk: Any, words: list[str]) -> None:
    desk.files["codebook.csv"] = CODEBOOK
    rows = "".join(f'{number},"{word}"\n' for number, word in enumerate(words, start=1))
    desk.files["survey.csv"] = "person_id,I_PAY\n" + rows
    desk.settings["sources"] = {"responses": [{"file": "survey.csv", "wave": "2024"}]}
    desk.settings.pop("outcome")


def test_every_usual_scale_has_its_points_in_every_language_and_each_label_stands_at_one_of_them() -> None:
    for name, labels in usual_scales().items():
        points = set(labels.values())
        assert points == set(range(1, int(name[-1]) + 1)), name
    for key, texts in catalogue().items():
        if key.startswith("scale."):
            assert set(texts) >= set(own_languages()), key


def test_words_are_read_as_their_places_without_case_accents_and_spaces(desk: Any) -> None:
    ask(desk, [*ANSWERS, "  Helemaal  MEE eens!", "Mee Eéns"])
    inputs = desk.read()
    refuse_errors(inputs.findings)
    table = inputs.tables["responses"]
    assert sorted(table["I_PAY"]) == [1, 2, 3, 4, 4, 5, 5]


def test_words_and_numbers_of_the_same_answers_give_the_same_table(desks: Any) -> None:
    tables = []
    for words in (ANSWERS, ["1", "2", "3", "4", "5"]):
        desk = desks()
        ask(desk, words)
        tables.append(desk.read().tables["responses"].to_csv(index=False))
    assert tables[0] == tables[1]


def test_a_label_that_is_none_of_the_scale_shows_the_nearest_and_is_never_guessed(desk: Any) -> None:
    ask(desk, [*ANSWERS, *["helemal mee eens"] * 6])
    (line,) = finding_lines(desk.read().findings, severities=("error",))
    assert "'helemal mee eens' is most like 'helemaal mee eens'" in line and "labels: {imp5:" in line
    desk.settings["codebook"]["labels"] = {"imp5": {"Helemal mee eens": 5}}
    inputs = desk.read()
    refuse_errors(inputs.findings)
    assert (inputs.tables["responses"]["I_PAY"] == 5).sum() == 7


def test_a_word_of_few_people_is_not_repeated(desk: Any) -> None:
    ask(desk, [*ANSWERS, "een heel eigen antwoord"])
    assert "eigen" not in "\n".join(finding_lines(desk.read().findings))


def test_labels_of_a_longer_scale_are_no_answers_on_a_shorter_one(desk: Any) -> None:
    """'A little agree' and 'agree' are two answers: read on five points they would become one."""
    ask(desk, ["mee eens", "een beetje mee eens", "neutraal", "helemaal mee eens", "mee oneens"])
    assert "DQ031" in set(desk.read().findings["code"])
    desk.settings["codebook"]["scales"] = {"seven": [1, 7]}
    desk.files["codebook.csv"] = CODEBOOK.replace("imp5", "seven")
    inputs = desk.read()
    refuse_errors(inputs.findings)
    assert sorted(inputs.tables["responses"]["I_PAY"]) == [2, 4, 5, 6, 7]


def test_labels_of_the_study_stand_on_a_scale_that_it_has(desk: Any) -> None:
    for labels in ({"imp6": {"x": 1}}, {"imp5": {"x": 6}}):
        desk.settings["codebook"]["labels"] = labels
        with pytest.raises(InvalidStudy, match="labels"):
            desk.study()


def test_no_two_answers_of_one_language_become_one() -> None:
    assert usual_scale(["agree", "somewhat agree"], points=5) is None
    assert numbers_of(["agree", "somewhat agree"], low=1, high=7) == {"agree": "6", "somewhat agree": "5"}
    assert numbers_of(["mee eens", "agree"], low=1, high=5) == {"mee eens": "4", "agree": "4"}
