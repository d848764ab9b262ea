"""Probabilities against what came true: bands, slopes and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from segment.errors import InvalidInput
from segment.retention import calibration_table, observed_over_expected, recalibrate
from segment.retention.calibration import horizon_calibration
from segment.retention.discrimination import Followed


def test_simultaneous_bands_cover_the_truth_in_95_of_100() -> None:
    rng = np.random.default_rng(0)
    every = []
    for _ in range(300):
        p = rng.beta(1, 4, 2_000)
        table = calibration_table(rng.random(2_000) < p, p)
        every.append(table["covers"].all())
        assert table["n"].sum() == 2_000 and len(table) == 10
    assert 0.9 <= np.mean(every) <= 0.99


def test_a_distorted_prediction_is_caught() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.95, 5_000)
    y = rng.random(5_000) < p
    sharp = expit(2 * logit(p))
    assert not calibration_table(y, sharp)["covers"].all()
    found = recalibrate(y, sharp)
    assert found.slope == pytest.approx(0.5, abs=0.05) and found.slope_high < 0.6
    shifted = recalibrate(y, expit(logit(p) + 0.5))
    assert shifted.intercept == pytest.approx(-0.5, abs=0.1) and shifted.intercept_high < 0


def test_doubling_every_weight_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    p, w = rng.uniform(0.1, 0.5, 400), rng.uniform(0.5, 2, 400)
    y = rng.random(400) < p
    once, twice = calibration_table(y, p, weights=w), calibration_table(y, p, weights=2 * w)
    np.testing.assert_allclose(once.to_numpy(float), twice.to_numpy(float))
    assert recalibrate(y, p, w).slope == pytest.approx(recalibrate(y, p, 2 * w).slope, abs=1e-6)


@pytest.mark.parametrize("sure", [0.0, 1e-15, 1.0])
@pytest.mark.parametrize("happened", [0, 1])
def test_a_chance_that_has_no_log_odds_is_no_part_of_a_slope(sure: float, happened: int) -> None:
    """Where it would be cut off, not how chances come true, would decide the slope."""
    rng = np.random.default_rng(5)
    p = rng.uniform(0.05, 0.6, 500)
    y = (rng.random(500) < p).astype(float)
    alone = recalibrate(y, p)
    beside = recalibrate(np.r_[y, np.full(9, happened)], np.r_[p, np.full(9, sure)])
    assert (beside.slope, beside.slope_low) == pytest.approx((alone.slope, alone.slope_low), abs=1e-9)


def test_certain_chances_alone_have_no_slope() -> None:
    assert np.isnan(recalibrate([0, 1, 0, 1], [0, 1, 0, 0]).slope)


def test_observed_over_expected_by_hand() -> None:
    ratio, low, high = observed_over_expected(np.array([1, 0, 1, 0]), np.array([0.25, 0.25, 0.25, 0.25]))
    assert ratio == 2.0 and low < 2 < high


def test_equal_predictions_stay_in_one_bin() -> None:
    table = calibration_table([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3])
    assert len(table) == 1 and table["observed"].item() == 0.5


def test_calibration_at_a_horizon_sees_through_censoring() -> None:
    rng = np.random.default_rng(3)
    n = 5_000
    rate = rng.uniform(0.005, 0.05, n)
    time, end = rng.exponential(1 / rate), rng.uniform(0, 40, n)
    cause = rng.integers(1, 3, n)
    seen = Followed(np.minimum(time, end), np.where(time <= end, cause, 0), np.ones(n), np.zeros(n, dtype=int))
    for chosen, truth in ((None, 1 - np.exp(-rate * 12)), (1, (1 - np.exp(-rate * 12)) / 2)):
        table = horizon_calibration(seen, truth, 12, cause=chosen, n_causes=2)
        assert table["covers"].all()
        assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
        assert not horizon_calibration(seen, truth * 1.6, 12, cause=chosen, n_causes=2)["covers"].all()


def test_refusals() -> None:
    with pytest.raises(InvalidInput, match="do not match"):
        calibration_table([0, 1], [0.5])
    with pytest.raises(InvalidInput, match="0 or 1, predictions probabilities"):
        calibration_table([0, 1], [0.5, 1.5])
    with pytest.raises(InvalidInput, match="at least one bin"):
        calibration_table([0, 1], [0.5, 0.4], bins=0)
