"""Names and values that identify people, and names of what the law protects."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.ingest.sensitive import (
    identifying_patterns,
    is_denied,
    is_iban,
    is_nearly_unique,
    is_protected,
    is_service_number,
    looks_like_sex,
)


@pytest.mark.parametrize(
    "name",
    [
        "Achternaam",
        "voornaam",
        "FirstName",
        "E-mail",
        "email_werk",
        "Mobiel",
        "BSN",
        "IBAN",
        "home_address",
        "Postcode",
        "name",
        "personeelsnummer",
        "Opmerkingen",
    ],
)
def test_names_that_identify_people_are_denied(name: str) -> None:
    assert is_denied(name)


@pytest.mark.parametrize(
    "name",
    [
        "department_name",
        "store_name",
        "city_name",
        "job_title",
        "team_naam",
        "mailroom",
        "function",
        "manager_span",
        "hiring_source",
    ],
)
def test_ordinary_names_are_not_denied(name: str) -> None:
    assert not is_denied(name)
    assert not is_protected(name)


def test_a_study_may_deny_more() -> None:
    assert is_denied("badge_code", further=("badge*",))
    assert not is_denied("grade", further=("badge*",))


@pytest.mark.parametrize(
    "name",
    [
        "sex",
        "Geslacht",
        "gender_full",
        "age",
        "leeftijd",
        "GeboorteDatum",
        "birth_date",
        "ethnicity",
        "minority",
        "DMINORITY",
        "religie",
        "ziekteverzuim",
        "vakbondslid",
        "marital_status",
        "nationaliteit",
        "AgeGroup",
        "date_of_birth",
        "geboortejaar",
    ],
)
def test_what_the_law_protects_is_known_by_name(name: str) -> None:
    assert is_protected(name)


@pytest.mark.parametrize(
    "name", ["stage", "package", "salary_band", "percentage", "trace", "reunion", "language", "essex_office"]
)
def test_words_that_only_contain_such_a_word_are_not(name: str) -> None:
    assert not is_protected(name)


@given(st.integers(0, 10**8 - 1))
def test_one_in_eleven_at_most_passes_for_a_service_number(stem: int) -> None:
    passing = [digit for digit in range(10) if is_service_number(f"{stem:08d}{digit}")]
    assert len(passing) <= 1


@given(st.integers(0, 10**10 - 1))
def test_every_bank_account_has_one_right_checksum(account: int) -> None:
    right = [check for check in range(2, 99) if is_iban(f"NL{check:02d}ABNA{account:010d}")]
    assert len(right) == 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b", "mail someone@example.org please"], "e-mail addresses"),
        (["+31 6 1234 5678", "06-12345678", "030 123 45 67"], "phone numbers"),
        (["x", "NL91ABNA0417164300", "y"], "bank account numbers (IBAN)"),
        (["111222333", "123456782"], "citizen service numbers (BSN)"),
    ],
)
def test_identifying_values_are_seen_in_their_cells(values: list[str], kind: str) -> None:
    found = identifying_patterns(pd.Series(values))
    assert [pattern.kind for pattern in found] == [kind]
    assert found[0].cells.any()


def test_ordinary_numbers_and_words_are_not_taken_for_identifying_ones() -> None:
    numbers = pd.Series([str(100_000_000 + 7919 * n) for n in range(1000)])
    assert identifying_patterns(numbers) == []
    assert identifying_patterns(pd.Series(["Zorg", "IT", None, "36", "2024-01-01"])) == []


def test_sex_is_seen_under_another_name() -> None:
    assert looks_like_sex(pd.Series(["Man", "Vrouw", None]))
    assert not looks_like_sex(pd.Series(["M"]))
    assert not looks_like_sex(pd.Series(["A", "B"]))


def test_an_attribute_with_a_value_per_person_is_nearly_unique() -> None:
    people = pd.Series([f"p{n}" for n in range(100)])
    assert is_nearly_unique(people, people)
    assert not is_nearly_unique(people.str[:2], people)
    assert not is_nearly_unique(people[:20], people[:20])
