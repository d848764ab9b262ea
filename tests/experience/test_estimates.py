"""Weighted figures and their intervals: laws first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from segment.errors import InvalidInput
from segment.experience.estimates import (
    NOBODY,
    checked_level,
    net_promoters,
    weighted_mean,
    weighted_share,
    wilson,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 10), st.floats(0.1, 50)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.sampled_from([weighted_mean, net_promoters]), st.floats(0.01, 100))
def test_only_ratios_of_weights_matter(pairs: list[tuple[int, float]], figure: object, factor: float) -> None:
    values, weights = map(np.array, zip(*pairs, strict=True))
    one, other = figure(values, weights), figure(values, weights * factor)  # type: ignore[operator]
    assert one.n == other.n
    np.testing.assert_allclose([one.value, one.low, one.high], [other.value, other.low, other.high], atol=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 50)), min_size=1, max_size=40))
def test_a_share_lies_in_its_interval_and_between_zero_and_one(pairs: list[tuple[bool, float]]) -> None:
    flags, weights = map(np.array, zip(*pairs, strict=True))
    share = weighted_share(flags, weights)
    assert 0 <= share.low <= share.value <= share.high <= 1
    doubled = weighted_share(flags, 2 * weights)
    assert (share.low, share.high) == pytest.approx((doubled.low, doubled.high))


def test_with_equal_weights_a_mean_has_the_usual_t_interval() -> None:
    values = np.random.default_rng(0).normal(size=30)
    low, high = stats.t.interval(0.95, 29, loc=values.mean(), scale=stats.sem(values))
    estimate = weighted_mean(values, np.full(30, 0.7))
    assert (estimate.n, estimate.value) == (30, pytest.approx(values.mean()))
    assert (estimate.low, estimate.high) == (pytest.approx(low), pytest.approx(high))


def test_a_mean_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(800):
        estimate = weighted_mean(rng.normal(2.0, 1.0, 40), rng.uniform(0.2, 2.0, 40))
        hits += estimate.low <= 2.0 <= estimate.high
    assert 0.92 <= hits / 800 <= 0.98


def test_wilson_by_hand() -> None:
    # 8 of 10: (0.8 + 1.96^2/20 -+ 1.96 sqrt(.8*.2/10 + 1.96^2/400)) / (1 + 1.96^2/10)
    assert wilson(0.8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_net_promoters_by_hand() -> None:
    # three promoters of weight 1, one detractor of weight 2, one in between: (3 - 2) / 6
    estimate = net_promoters([9, 10, 9, 6, 7], [1, 1, 1, 2, 1])
    assert estimate.n == 5
    assert estimate.value == pytest.approx(100 / 6)
    assert -100 <= estimate.low < estimate.value < estimate.high <= 100


def test_a_few_people_who_agree_are_not_certain() -> None:
    estimate = net_promoters([10, 10, 10], [1, 1, 1])
    assert (estimate.value, estimate.high) == (100, 100)
    assert estimate.low < 40


def test_nobody_is_nobody_and_one_person_has_no_interval() -> None:
    assert weighted_mean([np.nan], [1]) is NOBODY
    assert weighted_share([], []) is NOBODY
    assert net_promoters([9.0], [0.0]) is NOBODY
    one = weighted_mean([3.0, np.nan], [2, 2])
    assert (one.n, one.value, np.isnan(one.low), np.isnan(one.high)) == (1, 3.0, True, True)


def test_an_interval_stays_on_the_scale() -> None:
    estimate = weighted_mean([1, 1, 1, 5], [1, 1, 1, 1], bounds=(1, 5))
    assert 1 <= estimate.low < estimate.value < estimate.high <= 5


def test_on_a_scale_of_two_answers_a_mean_is_a_share() -> None:
    flags, ones = np.array([1.0, 0, 0, 0, 1, 0, 0, 0, 0, 0]), np.ones(10)
    mean = weighted_mean(1 + 4 * flags, ones, bounds=(1, 5))
    t, share = stats.t.ppf(0.975, 9), 0.2
    centre, half = share + t**2 / 20, t * np.sqrt(share * (1 - share) / 10 + t**2 / 400)
    assert mean.low == pytest.approx(1 + 4 * (centre - half) / (1 + t**2 / 10))
    assert mean.high == pytest.approx(1 + 4 * (centre + half) / (1 + t**2 / 10))


@pytest.mark.parametrize("n", [10, 12, 30])
@pytest.mark.parametrize(
    "chances", [(0.05, 0.1, 0.2, 0.4, 0.25), (0.01, 0.02, 0.07, 0.3, 0.6), (0.3, 0.2, 0, 0.2, 0.3)]
)
def test_a_few_answers_near_the_end_of_the_scale_cover_the_truth(n: int, chances: tuple[float, ...]) -> None:
    rng, answers, hits = np.random.default_rng(n + 1), np.arange(1.0, 6.0), 0
    for _ in range(1_500):
        estimate = weighted_mean(rng.choice(answers, n, p=chances), np.ones(n), bounds=(1, 5))
        hits += estimate.low <= answers @ chances <= estimate.high
    assert 0.93 <= hits / 1_500 <= 0.985


@pytest.mark.parametrize("answer", [1.0, 3.0, 5.0])
def test_people_who_all_say_the_same_are_not_certain(answer: float) -> None:
    estimate = weighted_mean(np.full(12, answer), np.ones(12), bounds=(1, 5))
    assert estimate.high - estimate.low > 0.3
    assert estimate.low <= answer <= estimate.high


@pytest.mark.parametrize("level", [0, 1, 95])
def test_refuses_a_level_that_is_none(level: float) -> None:
    with pytest.raises(InvalidInput, match="needs a level of confidence"):
        checked_level(level)
