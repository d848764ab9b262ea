"""Dates, numbers and text: nothing is guessed that would change a value."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.ingest.parsing import as_dates, as_numbers, as_text, translate


def _dates(*words: str, **how: object) -> list[str]:
    parsed = as_dates(pd.Series(list(words), dtype="str"), **how)  # type: ignore[arg-type]
    return [
        "ambiguous" if unclear else "bad" if bad else value.strftime("%Y-%m-%d")
        for value, bad, unclear in zip(parsed.column, parsed.bad, parsed.ambiguous, strict=True)
    ]


@given(st.dates(dt.date(1930, 1, 1), dt.date(2100, 1, 1)))
def test_an_iso_date_is_that_date(day: dt.date) -> None:
    assert _dates(day.isoformat()) == [day.isoformat()]


@given(st.dates(dt.date(1930, 1, 1), dt.date(2100, 1, 1)))
def test_a_date_without_format_is_never_read_in_the_wrong_order(day: dt.date) -> None:
    for written in (day.strftime("%d-%m-%Y"), day.strftime("%m/%d/%Y")):
        assert _dates(written)[0] in (day.isoformat(), "ambiguous")


def test_dates_that_need_no_format_and_dates_that_do() -> None:
    assert _dates("03-04-2025", "3/4/25", "31-12-2025", "05.05.2025") == [
        "ambiguous", "ambiguous", "2025-12-31", "2025-05-05",
    ]  # fmt: skip
    assert _dates("12/31/2025") == ["2025-12-31"]
    assert _dates("31-12-2025", "12-31-2025", "2025-01-02") == ["ambiguous", "ambiguous", "2025-01-02"]
    assert _dates("2025-04-03T10:00:00Z", "2025-04-03 23:59", "20250403") == ["2025-04-03"] * 3
    assert _dates("2025-02-30", "soon", "45000", "2025", "13-13-2025") == ["bad"] * 5


def test_a_declared_format_settles_the_order() -> None:
    assert _dates("03-04-2025", "30-04-2025", "2025-04-03", date_format="%d-%m-%Y") == [
        "2025-04-03",
        "2025-04-30",
        "bad",
    ]
    assert _dates("03-04-2025", "04-30-2025", date_format="%m-%d-%Y") == ["2025-03-04", "2025-04-30"]


def test_a_year_alone_is_its_last_day_for_snapshots_only() -> None:
    assert _dates("2013", years=True) == ["2013-12-31"]
    assert _dates("13", years=True, date_format="%y") == ["2013-12-31"]
    assert _dates("2013") == ["bad"]


@pytest.mark.parametrize(
    ("decimal", "words", "numbers"),
    [
        (".", ["1,234.5", "1234.5", "-3", ".5", "1e3", "1 234"], [1234.5, 1234.5, -3, 0.5, 1000, 1234]),
        (",", ["1.234,5", "1234,5", "-3", ",5", "1'234,5"], [1234.5, 1234.5, -3, 0.5, 1234.5]),
    ],
)
def test_numbers_as_declared(decimal: str, words: list[str], numbers: list[float]) -> None:
    parsed = as_numbers(pd.Series(words), decimal=decimal)
    assert parsed.column.tolist() == numbers
    assert not parsed.bad.any()


@pytest.mark.parametrize(
    ("decimal", "word"),
    [
        (".", "1,5"),
        (",", "1.5"),
        (".", "12,34"),
        (".", "nan"),
        (".", "inf"),
        (".", "€ 5"),
        (".", "NA"),
        (".", "0x1"),
        (".", "."),
    ],
)
def test_what_is_no_number_is_marked_and_never_guessed(decimal: str, word: str) -> None:
    parsed = as_numbers(pd.Series([word, None], dtype="str"), decimal=decimal)
    assert parsed.bad.tolist() == [True, False]
    assert parsed.column.isna().all()


@given(st.integers(min_value=-(2**62), max_value=2**62))
def test_whole_numbers_keep_all_their_digits_as_text(number: int) -> None:
    assert as_text(pd.Series([number])).tolist() == [str(number)]


def test_text_keeps_zeros_and_words_that_others_take_for_missing() -> None:
    assert as_text(pd.Series(["007", "NA", "None", "null", " x\u00a0"], dtype="str")).tolist() == [
        "007",
        "NA",
        "None",
        "null",
        "x",
    ]
    assert as_text(pd.Series([12.0, 0.5])).tolist() == ["12", "0.5"]
    assert as_text(pd.Series([True, False])).tolist() == ["true", "false"]
    assert as_text(pd.Series(["", "  ", None], dtype="str")).isna().all()
    assert as_text(pd.Series(pd.to_datetime(["2024-05-06"]))).tolist() == ["2024-05-06"]


def test_translation_changes_only_what_is_declared() -> None:
    words = pd.Series(["J", "N", "?", None], dtype="str")
    made = translate(words, values={"J": "yes", "N": ""}, missing=("?",))
    assert made.iloc[0] == "yes"
    assert made.isna().tolist() == [False, True, True, True]
    assert words.tolist()[:3] == ["J", "N", "?"]


def test_a_letter_and_digits_are_a_name_and_no_number() -> None:
    """Such identifiers in a column of numbers are a finding, not a fault that shows them."""
    parsed = as_numbers(pd.Series(["E002335", "e5", "1e5", ".5e1", "E"]))
    assert parsed.bad.tolist() == [True, True, False, False, True]
    assert parsed.column.tolist()[2:4] == [100_000, 5]
