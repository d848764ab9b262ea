"""Settings without end: more values, keys, days and repetitions than any study has, refused in words and at once."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from segment.config import load_study
from segment.config.bounded import MOST_BYTES, MOST_VALUES
from segment.errors import InvalidStudy
from segment.personalisation import read_catalogue

#: Processor seconds that a refusal may take.
MOST_SECONDS = 5
PEOPLE = "study: pilot\ntitle: {nl: Proef, en: Pilot}\nsources:\n  people: {file: people.csv}\n"
SPELLS = PEOPLE + "outcome: {kind: spells, window: {start: 2021-01-01, end: 2025-12-31}}\n"


def spent() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def refusal(tmp_path: Path, text: str, *overrides: str) -> str:
    """What a study file is told, within the time that telling it may take."""
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    before = spent()
    with pytest.raises(InvalidStudy) as refused:
        load_study(path, overrides=overrides)
    assert spent() - before < MOST_SECONDS
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("zz: [" + "a," * 800_000 + "a]\n", f"longer than {MOST_BYTES:,} bytes"),
        ("zz: [" + "a," * 200_000 + "a]\n", f"more than {MOST_VALUES:,} values"),
        ("".join(f"k{i}: 1\n" for i in range(40_000)), f"more than {MOST_VALUES:,} values"),
        ("zz:\n" + "".join(" " * (i + 1) + "a:\n" for i in range(900)), "levels deep"),
        ("zz: [" + "2024-13-45," * 10_000 + "]\n", "mistakes"),
        ("zz: a" + "\n" * (MOST_BYTES - 1_000) + " b\n", "'zz' is not a known setting"),
    ],
    ids=["bytes", "list", "keys", "depth", "days that are none", "lines"],
)
def test_a_study_file_of_any_size_is_refused_in_a_moment(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, PEOPLE + text)


def test_thousands_of_mistakes_are_counted_and_the_first_twenty_said(tmp_path: Path) -> None:
    lines = refusal(tmp_path, PEOPLE + "".join(f"k{i}: 1\n" for i in range(3_000))).splitlines()
    assert lines[0] == "The study has 3,000 mistakes."
    assert [line.split("'")[1] for line in lines[1:21]] == [f"k{i}" for i in range(20)]
    assert lines[21:] == ["  and 2,980 more"]


def test_a_study_with_eight_hundred_columns_is_far_from_the_bounds(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    columns = "".join(
        f'      item_{i}: {{purpose: model, column: "Vraag {i}", type: number, source: HR system}}\n'
        for i in range(800)
    )
    path.write_text(PEOPLE.replace("{file: people.csv}", "\n    file: people.csv\n    attributes:\n") + columns)
    study = load_study(path)
    assert study.config.sources.people is not None
    assert len(study.config.sources.people.attributes) == 800
    assert path.stat().st_size < MOST_BYTES / 4


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("segmentation.n_segments=[" + ",".join(["2"] * 31) + "]", "at most 30 values, not 31"),
        ("segmentation.n_segments=[2, 100000]", "less than or equal to 100"),
        ("segmentation.families=[k_means, k_means, k_means, k_means, k_means]", "at most 4 values, not 5"),
        ("retention.horizons=[" + ",".join(["6"] * 21) + "]", "at most 20 values"),
        ("retention.horizons=[99999999]", "less than or equal to 1200"),
        ("retention.horizons=[]", "at least 1"),
        ("segmentation.bootstrap=999999999999", "less than or equal to 10000"),
        ("random_state=99999999999", "less than 4294967296"),
        ("segmentation.min_agreement=.nan", "finite number"),
        ("privacy.retention.employee=999999999", "less than or equal to 1200"),
        ("simulation={people: 999999999999}", "less than or equal to 200000"),
        ("sources.people.skip_rows=[" + ",".join(["2"] * 101) + "]", "at most 100 values"),
        ("sources.people.ignore={" + ",".join(f"'c{i}*': x" for i in range(101)) + "}", "at most 100 patterns"),
    ],
)
def test_lists_and_numbers_of_settings_have_an_end(tmp_path: Path, setting: str, told: str) -> None:
    assert told in refusal(tmp_path, PEOPLE, setting)


@pytest.mark.parametrize(
    "setting",
    [
        "outcome.window.start=0001-01-01",
        "outcome.window.end=9999-12-31",
        "retention.test_from=2300-01-01",
        "waves={spring: 1850-03-31}",
        "sources={responses: [{file: r.csv, wave: spring, date: 9999-12-31}]}",
    ],
)
def test_days_that_no_table_can_hold_are_refused_in_words(tmp_path: Path, setting: str) -> None:
    assert "expected a day from 1900 to 2150" in refusal(tmp_path, SPELLS, setting)


def test_the_day_on_which_an_agreement_ends_is_one_that_can_be_reckoned_with(tmp_path: Path) -> None:
    agreed = (
        "{works_council: w, dpia: d, data_protection_officer: o, legal_basis: l, purpose: p, approver: a b, expires: "
    )
    assert "expected a day from 1900 to 2150" in refusal(tmp_path, PEOPLE + f"governance: {agreed}9999-12-31}}\n")


def test_a_catalogue_without_end_is_refused_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    entry = "".join(f"    k{i}: x\n" for i in range(2_500))
    for text in ("actions:\n  - code: a\n" + entry, "a" * 600_000):
        path.write_text(text)
        before = spent()
        with pytest.raises(InvalidStudy) as refused:
            read_catalogue(path)
        assert spent() - before < MOST_SECONDS
        assert len(str(refused.value).splitlines()) <= 25


@pytest.mark.parametrize("worlds", [1, 9])
def test_too_few_simulated_worlds_for_a_curve_are_refused_before_anything_runs(tmp_path: Path, worlds: int) -> None:
    told = refusal(tmp_path, PEOPLE, f"segmentation.planted_worlds={worlds}")
    assert "planted_worlds" in told and "0 (none) or at least 10" in told


def test_no_process_at_all_is_refused(tmp_path: Path) -> None:
    assert "1 or more processes, or -1 for all cores" in refusal(tmp_path, PEOPLE, "segmentation.n_jobs=0")
