"""Every finding speaks both languages: its sentence stands in the catalogue, with its numbers filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import segment
from segment.displays.labels import Labels
from segment.exports.finding_words import finding_line, finding_words, note_words
from segment.ingest.rules import RULES
from segment.locale import catalogue

SOURCE = Path(segment.__file__).parent
#: Alarms of the watch over decided models (``segment monitor``) are for reviewers, and in no file for HR.
OF_A_WATCH = "DR"
#: Every other code that is raised anywhere, looked for in the source itself.
CODES = sorted(
    code
    for code in {
        code for file in SOURCE.rglob("*.py") for code in re.findall(r'"([A-Z]{2}\d{3})"', file.read_text("utf-8"))
    }
    if not code.startswith(OF_A_WATCH)
)
#: Codes that count segments, groups, months, questions or columns, and nobody.
THINGS = {
    *("RT006", "RT007", "RT008", "RT012", "FA001", "FA002", "FA003", "FA004"),
    *("DQ035", "DQ038", "DQ063", "DQ064", "DQ067"),
}
KNOWN = {"number", "groups", "of", "subject", "where", "value", "low", "high"}


def row_of(code: str) -> dict[str, object]:
    found = {"code": code, "subject": "hours", "where": "pay, hours", "count": 37, "of": 90.0, "explanation": "stored"}
    return found | {"value": 0.72, "low": 0.6, "high": 0.8, "advice": "nothing"}


def test_the_source_is_really_searched() -> None:
    assert set(RULES) <= set(CODES)
    assert {code[:2] for code in CODES} >= {"DQ", "LK", "FO", "CA", "FA", "VE", "MG", "SM", "AC"}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_code_has_a_sentence_and_never_falls_back(language: str) -> None:
    without = [code for code in CODES if "stored" in finding_words(row_of(code), Labels(language))]
    assert not without
    for code in CODES:
        text = catalogue()[f"finding.{code}"][language]
        assert text.endswith((".", "!")) and text[0] == text[0].upper()
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= KNOWN
        assert "{" not in finding_words(row_of(code), Labels(language))


def test_both_languages_tell_the_same_numbers() -> None:
    for code in CODES:
        told = [
            {name for _, name, _, _ in Formatter().parse(catalogue()[f"finding.{code}"][language]) if name}
            for language in ("nl", "en")
        ]
        assert told[0] == told[1], code


def test_no_sentence_stands_for_a_code_that_nobody_raises() -> None:
    written = {key.removeprefix("finding.") for key in catalogue() if re.fullmatch(r"finding\.[A-Z]{2}\d{3}", key)}
    assert written == set(CODES)


def test_numbers_and_names_are_filled_in() -> None:
    labels = Labels("nl", features={"hours": {"nl": "uren", "en": "hours"}})
    assert finding_words(row_of("LK005"), labels).startswith("20–49 van de ongeveer 90 antwoorden")
    assert "verraden uren" in finding_words(row_of("FA001"), labels) and "72%" in finding_words(row_of("FA001"), labels)
    assert finding_words(row_of("FA001"), labels).endswith("‘pay’, ‘uren’.")
    assert finding_line(row_of("FO001") | {"subject": "voluntary"}, labels)[1] == "zelf vertrokken"


def test_a_count_under_five_is_a_band() -> None:
    few = row_of("DQ029") | {"count": 3}
    assert finding_line(few, Labels("en"))[2] == "1–4" and "1–4 exits" in finding_words(few, Labels("en"))


@pytest.mark.parametrize(
    ("code", "english", "dutch"),
    [
        ("FA002", "3 of 4 groups", "3 van 4 groepen"), ("RT006", "3 of 4 segments", "3 van 4 segmenten"),
        ("RT007", "3 mo.", "3 mnd"), ("RT008", "3%", "3%"), ("DQ035", "3", "3"), ("DQ063", "3", "3"),
        ("DQ064", "3", "3"), ("RT002", "fewer than 10", "minder dan 10"), ("RT003", "fewer than 10", "minder dan 10"),
        ("RT005", "fewer than 10", "minder dan 10"), ("RT009", "fewer than 20", "minder dan 20"),
    ],
)  # fmt: skip
def test_what_points_at_nobody_is_counted_and_what_is_rare_is_not_told(code: str, english: str, dutch: str) -> None:
    """A count of segments, months or questions is the one its sentence tells, and is no band of people."""
    row = row_of(code) | {"count": 3, "of": 4.0}
    assert finding_line(row, Labels("en"))[2] == english and finding_line(row, Labels("nl"))[2] == dutch


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_count_contradicts_the_sentence_beside_it(language: str) -> None:
    """Of every code: where its sentence tells the number, the count beside it tells the same one."""
    for code in CODES:
        for count in (3, 37):
            row = row_of(code) | {"count": count}
            _, _, shown, said = finding_line(row, Labels(language))
            parts = {name for _, name, _, _ in Formatter().parse(catalogue()[f"finding.{code}"][language])}
            if parts & {"number", "groups"}:
                first = re.findall(r"\d+–\d+|\d+", shown)[0]
                assert first in re.findall(r"\d+–\d+|\d+", said), (code, shown, said)
            assert not re.search(r"\b3\b", said) or "1–4" not in shown, (code, shown, said)


def test_all_exits_on_one_day_are_counted_in_a_band() -> None:
    assert finding_line(row_of("RT003"), Labels("en"))[2] == "20–49"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_one_person_more_or_less_shows_in_no_finding(language: str) -> None:
    """Somebody erased between two releases: 11 of 320 answers became 11 of 318, and so it told of a person."""
    labels = Labels(language)
    for code in CODES:
        one, other = (row_of(code) | {"count": count, "of": of} for count, of in ((37, 320.0), (36, 318.0)))
        things = finding_line(one, labels)[2] not in ("20–49", "fewer than 10", "minder dan 10")
        assert things is (code in THINGS), code
        ends = {"groups": 4, "subject": "hours", "where": "", "value": 0.7, "low": 0.6, "high": 0.8}
        notes = [
            note_words(f"finding.{code}", {"number": row["count"], "of": row["of"], **ends}, labels)
            for row in (one, other)
        ]
        if not things:
            assert finding_line(one, labels)[2:] == finding_line(other, labels)[2:], code
            assert notes[0] == notes[1] and "37" not in notes[0] and "320" not in notes[0], code


def test_a_code_of_tomorrow_tells_what_was_written_down() -> None:
    assert finding_words(row_of("ZZ999"), Labels("nl")) == "stored"


def test_what_one_finding_advises_no_other_finding_denies() -> None:
    """Expected numbers can fail as well (FO006, FA002), and what came without precedent can be leaving by choice."""
    for code in ("FO004", "FO004.cause", "FO001"):
        for text in catalogue()[f"finding.{code}"].values():
            assert not any(
                words in text for words in ("Use the expected", "Gebruik de verwachte", "reorgani", "own will")
            )
