"""From dates to months of tenure, and splits that respect time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import periods_from_snapshots, spells_from_dates, split_by_time

WINDOW = {"window_start": "2022-01-01", "window_end": "2024-12-31"}


def people() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": ["early", "late", "before", "stays", "other", "after"],
            "start_date": ["2020-01-01", "2023-01-01", "2015-01-01", "2024-01-01", "2021-01-01", "2025-06-01"],
            "end_date": ["2023-06-30", "2024-06-30", "2021-12-31", None, "2022-12-31", None],
            "end_reason": ["voluntary", "involuntary", "voluntary", None, "other", None],
        }
    )


def test_only_time_inside_the_window_counts() -> None:
    spells = spells_from_dates(people(), **WINDOW)
    assert spells["person"].tolist() == ["early", "late", "stays", "other"]
    assert spells["event"].tolist() == [1, 2, 0, 0]
    np.testing.assert_allclose(spells["entry"], [24.0, 0, 0, 12.0], atol=0.1)
    np.testing.assert_allclose(spells["exit"], [42.0, 18.0, 12.0, 24.0], atol=0.1)
    assert (spells["entry"] < spells["exit"]).all()


def test_other_reasons_are_a_cause_when_asked_for() -> None:
    spells = spells_from_dates(people(), causes=("voluntary", "other"), **WINDOW)
    assert spells["event"].tolist() == [1, 2, 0, 2]


def test_somebody_gone_on_the_day_of_starting_was_watched_for_a_day() -> None:
    one = people().iloc[[1]].assign(end_date="2023-01-01")
    assert 0 < spells_from_dates(one, **WINDOW)["exit"].item() < 0.1


def test_a_split_by_time_is_the_whole_cut_in_two() -> None:
    whole = spells_from_dates(people(), **WINDOW)
    train, test = split_by_time(people(), cut="2023-01-01", **WINDOW)

    def watched(spells: pd.DataFrame) -> float:
        return float((spells["exit"] - spells["entry"]).sum())

    assert watched(train) + watched(test) == pytest.approx(watched(whole))
    assert train["event"].gt(0).sum() + test["event"].gt(0).sum() == whole["event"].gt(0).sum()
    assert test.loc[0, "entry"] == train.loc[0, "exit"]


def test_snapshots_become_stretches_with_what_was_known_then() -> None:
    snapshots = pd.DataFrame(
        {
            "person": ["early"] * 4,
            "spell": 1,
            "valid_from": ["2021-01-01", "2022-07-01", "2023-01-01", "2023-12-31"],
            "grade": [1, 2, 3, 99],
        }
    )
    X, spells = periods_from_snapshots(snapshots, people().assign(spell=1), **WINDOW)
    assert X["grade"].tolist() == [1, 2, 3]
    assert spells["event"].tolist() == [0, 0, 1]
    assert spells["entry"].tolist()[1:] == spells["exit"].tolist()[:-1]
    assert X.index.equals(spells.index) and list(X.columns) == ["grade"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start_date": [None] * 6}, "has no start"),
        ({"end_date": ["2010-01-01"] * 6}, "ends before it starts"),
        ({"start_date": ["yesterday"] * 6}, "does not hold dates"),
    ],
)
def test_bad_dates_are_refused(change: dict[str, list[str]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        spells_from_dates(people().assign(**change), **WINDOW)


def test_other_refusals() -> None:
    with pytest.raises(InvalidInput, match="column of dates is missing"):
        spells_from_dates(people().drop(columns="start_date"), **WINDOW)
    with pytest.raises(InvalidInput, match="end_reason"):
        spells_from_dates(people().drop(columns="end_reason"), **WINDOW)
    with pytest.raises(InvalidInput, match="ends before it begins"):
        spells_from_dates(people(), window_start="2024-01-01", window_end="2023-01-01")
    with pytest.raises(InvalidInput, match="cannot be read"):
        spells_from_dates(people(), window_start="soon", window_end="2023-01-01")
    with pytest.raises(InvalidInput, match="inside the observation window"):
        split_by_time(people(), cut="2030-01-01", **WINDOW)
    twice = pd.DataFrame({"person": ["a", "a"], "spell": 1, "valid_from": "2022-01-01"})
    with pytest.raises(InvalidInput, match="same day"):
        periods_from_snapshots(twice, people().assign(spell=1), **WINDOW)
    with pytest.raises(InvalidInput, match="lacks columns"):
        periods_from_snapshots(twice.drop(columns="spell"), people().assign(spell=1), **WINDOW)
