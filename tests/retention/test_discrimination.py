"""Ranking scores against slow, plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.retention import discrimination
from segment.retention.discrimination import (
    Followed,
    auc_interval,
    brier_curve,
    concordance,
    integrated_brier,
    known_by,
    watched_chance,
    weighted_auc,
)


def followed(n: int, seed: int) -> tuple[Followed, np.ndarray]:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n).round(1)
    time = np.ceil(rng.exponential(10 * np.exp(-risk)))
    end = rng.integers(3, 30, n)
    event = np.where(time <= end, rng.integers(1, 3, n), 0)
    return Followed(np.minimum(time, end).astype(float), event, rng.uniform(0.5, 2, n), rng.integers(0, 2, n)), risk


def slow_concordance(seen: Followed, risk: np.ndarray, until: float, censoring: bool) -> float:
    right = possible = 0.0
    for i in np.flatnonzero((seen.event > 0) & (seen.time < until)):
        for j in range(len(risk)):
            if seen.time[j] > seen.time[i] or (seen.time[j] == seen.time[i] and seen.event[j] == 0):
                pair = seen.weight[i] * seen.weight[j]
                if censoring:
                    for k in (i, j):
                        pair /= watched_chance(seen, seen.time[[i]], stratum=seen.stratum[k], just_before=True)[0]
                possible += pair
                right += pair * ((risk[i] > risk[j]) + (risk[i] == risk[j]) / 2)
    return right / possible


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60), st.booleans())
def test_concordance_is_its_definition(seed: int, n: int, censoring: bool) -> None:
    seen, risk = followed(n, seed)
    if not ((seen.event > 0) & (seen.time < 20)).any():
        return
    fast = concordance(seen, risk, until=20, censoring=censoring)
    np.testing.assert_allclose(fast, slow_concordance(seen, risk, 20, censoring), atol=1e-12)


@pytest.mark.parametrize("censoring", [False, True])
def test_pair_by_pair_and_by_sorting_agree(censoring: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, risk = followed(600, 3)
    one_by_one = concordance(seen, risk, until=15, censoring=censoring)
    monkeypatch.setattr(discrimination, "FEW_PAIRS", 0)
    assert concordance(seen, risk, until=15, censoring=censoring) == pytest.approx(one_by_one, abs=1e-12)


def test_reversing_the_risk_reverses_the_concordance() -> None:
    seen, risk = followed(400, 1)
    assert concordance(seen, risk) + concordance(seen, -risk) == pytest.approx(1)
    assert concordance(seen, np.zeros(400)) == pytest.approx(0.5)
    assert concordance(seen, risk) == pytest.approx(concordance(seen, np.exp(risk)))


def test_uno_does_not_depend_on_how_long_people_were_watched() -> None:
    """Risk matters in the first months only; those watched shortly show little else, and Harrell's measure moves."""
    rng = np.random.default_rng(0)
    n = 8_000
    risk = rng.normal(size=n)
    early = rng.exponential(8 * np.exp(-1.5 * risk))
    time = np.where(early < 4, early, 4 + rng.exponential(8, n))
    ones, zeros = np.ones(n), np.zeros(n, dtype=int)
    whole = concordance(Followed(time, ones.astype(int), ones, zeros), risk, until=15)
    end = rng.uniform(0, 20, n)
    cut = Followed(np.minimum(time, end), (time <= end).astype(int), ones, zeros)
    assert abs(concordance(cut, risk, until=15, censoring=True) - whole) < 0.02
    assert abs(concordance(cut, risk, until=15) - whole) > 0.03


def test_watching_that_depends_on_a_stratum_is_corrected() -> None:
    """One group leaves sooner and is watched for shorter: pooled weights would be wrong."""
    rng = np.random.default_rng(1)
    n = 20_000
    stratum = rng.integers(0, 2, n)
    time = rng.exponential(np.where(stratum == 1, 6, 20))
    end = np.where(stratum == 1, rng.uniform(0, 24, n), 100.0)
    seen = Followed(np.minimum(time, end), (time <= end).astype(int), np.ones(n), stratum)
    survival = np.column_stack([np.exp(-t / np.where(stratum == 1, 6, 20)) for t in (6.0, 12.0)])
    truth = [(s * (1 - s)).mean() for s in survival.T]
    np.testing.assert_allclose(brier_curve(seen, survival, np.array([6.0, 12.0])), truth, atol=0.006)


def test_without_censoring_scores_are_the_plain_ones() -> None:
    rng = np.random.default_rng(2)
    time, risk = rng.exponential(10, 300), rng.normal(size=300)
    seen = Followed(time, np.ones(300, dtype=int), np.ones(300), np.zeros(300, dtype=int))
    case, weight = known_by(seen, 8)
    assert weighted_auc(case, risk, weight) == pytest.approx(weighted_auc(time <= 8, risk))
    survival = np.full((300, 1), 0.4)
    assert brier_curve(seen, survival, np.array([8.0]))[0] == pytest.approx(np.mean((0.4 - (time > 8)) ** 2))
    assert integrated_brier(seen, np.full((300, 2), 0.5), np.array([4.0, 8.0])) == pytest.approx(0.25)


def test_auc_by_hand_and_its_interval() -> None:
    assert weighted_auc(np.array([1, 0, 1]), np.array([3.0, 2, 1])) == 0.5
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(200):
        case = rng.random(300) < 0.3
        risk = rng.normal(size=300) + case
        auc, low, high = auc_interval(case, risk)
        assert auc == pytest.approx(weighted_auc(case, risk))
        inside.append(low <= 0.7602 <= high)
    assert 0.9 <= np.mean(inside) <= 0.99


def test_a_hold_out_a_day_short_of_the_horizon_keeps_those_who_stayed() -> None:
    """A calendar year is 11.99 months of 30.44 days: who is there on the last day was watched for the year."""
    seen = Followed(
        np.r_[np.full(60, 11.99), np.linspace(1, 11, 40)], np.repeat([0, 1], [60, 40]), np.ones(100), np.zeros(100)
    )
    case, weight = known_by(seen, 12.0)
    assert case.sum() == 40 and weight[~case].sum() == pytest.approx(60)
    assert brier_curve(seen, np.full((100, 1), 0.6), np.array([12.0])).item() == pytest.approx(0.24)
