"""Every finding speaks both languages: its sentence stands in the catalogue, with its numbers filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import segment
from segment.displays.labels import Labels
from segment.exports.finding_words import finding_line, finding_words
from segment.ingest.rules import RULES
from segment.locale import catalogue

SOURCE = Path(segment.__file__).parent
#: Every code that is raised anywhere, looked for in the source itself.
CODES = sorted(
    {code for file in SOURCE.rglob("*.py") for code in re.findall(r'"([A-Z]{2}\d{3})"', file.read_text("utf-8"))}
)
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
    assert finding_words(row_of("LK005"), labels).startswith("37 van de 90 antwoorden")
    assert "verraden uren" in finding_words(row_of("FA001"), labels) and "72%" in finding_words(row_of("FA001"), labels)
    assert finding_words(row_of("FA001"), labels).endswith("‘pay’, ‘uren’.")
    assert finding_line(row_of("FO001") | {"subject": "voluntary"}, labels)[1] == "zelf vertrokken"


def test_a_count_under_five_is_a_band_but_groups_are_counted() -> None:
    few = row_of("DQ029") | {"count": 3}
    assert finding_line(few, Labels("en"))[2] == "1–4" and "1–4 exits" in finding_words(few, Labels("en"))
    groups = row_of("FA002") | {"count": 2}
    assert finding_line(groups, Labels("en"))[2] == "2" and "In 2 of 90 groups" in finding_words(groups, Labels("en"))


def test_a_code_of_tomorrow_tells_what_was_written_down() -> None:
    assert finding_words(row_of("ZZ999"), Labels("nl")) == "stored"
