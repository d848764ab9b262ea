"""Guards against knowing the answer: planted leaks are flagged, honest columns are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import duplicate_groups, leakage_findings


@pytest.fixture
def people() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    n = 600
    X = pd.DataFrame(
        {
            "pay": rng.normal(3_000, 400, n).round(2),
            "grade": rng.integers(1, 9, n),
            "site": rng.choice(list("ABCD"), n),
            "hours": rng.choice([24.0, 32.0, 36.0, np.nan], n),
            "unmet": rng.normal(size=n),
        }
    )
    left = rng.random(n) < 1 / (1 + np.exp(1.5 - 1.5 * X["unmet"]))
    return X, left.to_numpy()


def test_honest_columns_are_not_flagged(people) -> None:
    assert leakage_findings(*people, fold=np.arange(600) % 2).empty


def test_four_planted_leaks_of_four(people) -> None:
    X, left = people
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, 600), unit="D")
    leaky = X.assign(
        exit_talk=np.where(left, rng.integers(1, 6, 600), np.nan),
        last_day=np.where(left, days.strftime("%m/%d/%Y 0:00"), "1/1/1900 0:00"),
        number=rng.permutation(600) + 10_000,
        severance=left * 2.0 + rng.normal(0, 0.3, 600),
    )
    found = leakage_findings(leaky, left).set_index("subject")
    assert found["code"].to_dict() == {
        "exit_talk": "LK001",
        "last_day": "LK002",
        "number": "LK003",
        "severance": "LK004",
    }
    assert (found["severity"] == "error").all() and found["advice"].str.len().min() > 5


def test_other_shapes_of_the_same_leaks(people) -> None:
    X, left = people
    rng = np.random.default_rng(2)
    leaky = X.assign(
        status=np.where(left, rng.choice(["gone", "notice", "handed in"], 600), "active"),
        day=20_240_101 + rng.integers(0, 28, 600),
        when=pd.Timestamp("2024-01-01"),
        code=[f"P{number:05d}" for number in range(600)],
        reason=np.where(left, np.where(rng.random(600) < 0.5, "pay", "boss"), rng.choice(["-", "none"], 600)),
    )
    found = leakage_findings(leaky, left).set_index("subject")["code"].to_dict()
    assert found == {"status": "LK001", "day": "LK002", "when": "LK002", "code": "LK003", "reason": "LK004"}


def test_surveys_after_notice(people) -> None:
    X, left = people
    answered = pd.Series(pd.Timestamp("2024-06-01"), index=X.index)
    ends = pd.Series(pd.NaT, index=X.index)
    ends.iloc[:3], ends.iloc[3:8], ends.iloc[8:20] = (
        pd.Timestamp("2024-05-01"),
        pd.Timestamp("2024-07-01"),
        pd.Timestamp("2025-07-01"),
    )
    found = leakage_findings(X, left, answered=answered, end_date=ends)
    assert found["code"].tolist() == ["LK005", "LK005"]
    assert found["severity"].tolist() == ["error", "warning"] and found["count"].tolist() == [3, 5]


def test_near_duplicates_across_a_split(people) -> None:
    X, left = people
    X = X.assign(**{f"a{i}": np.random.default_rng(i).integers(0, 50, 600) for i in range(5)})
    copies = X.head(30).assign(pay=1.0)
    both = pd.concat([X, copies], ignore_index=True)
    group = duplicate_groups(both)
    np.testing.assert_array_equal(group[600:], group[:30])
    assert len(np.unique(group)) == 600
    fold = np.r_[np.zeros(600), np.ones(30)]
    found = leakage_findings(both, np.r_[left, left[:30]], fold=fold)
    assert found["code"].tolist() == ["LK006"] and found["count"].item() == 60
    together = np.where(np.isin(group, group[600:]), 1, 0)
    assert leakage_findings(both, np.r_[left, left[:30]], fold=together).empty


def test_few_attributes_are_only_compared_whole() -> None:
    X = pd.DataFrame({"a": [1, 1, 1], "b": [1, 1, 2]})
    assert duplicate_groups(X).tolist() == [0, 0, 1]


def test_chains_of_near_duplicates_are_one_group() -> None:
    base = pd.DataFrame([np.arange(9)] * 3, columns=list("abcdefghi"))
    base.loc[1, "a"], base.loc[2, ["a", "b"]] = 99, 99
    assert duplicate_groups(base).tolist() == [0, 0, 0]


def test_refusal(people) -> None:
    with pytest.raises(InvalidInput, match="Every row needs an outcome"):
        leakage_findings(people[0], [1, 0])
