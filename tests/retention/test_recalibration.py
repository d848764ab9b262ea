"""The curve that puts log odds on the scale of what happened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from segment.retention.recalibration import AS_IT_IS, Recalibration

SCORES = np.linspace(-6, 6, 241)


def _people(truth: Recalibration, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.normal(-1.5, 1.5, size)
    return score, (rng.random(size) < expit(truth(score))).astype(float)


def test_it_is_beta_calibration() -> None:
    a, b, c = 1.4, 0.8, 0.3
    p = expit(SCORES)
    curve = Recalibration(c, (a + b) / 2, (b - a) / 2)
    np.testing.assert_allclose(curve(SCORES), c + a * np.log(p) - b * np.log1p(-p), atol=1e-12)
    np.testing.assert_array_equal(AS_IT_IS(SCORES), SCORES)


def test_a_bent_scale_is_found_again() -> None:
    truth = Recalibration(0.4, 0.9, -0.4)
    score, y = _people(truth, 200_000, 1)
    found = Recalibration.learned(score, y, np.ones(len(y)))
    np.testing.assert_allclose(expit(found(SCORES)), expit(truth(SCORES)), atol=0.015)


def test_what_is_right_stays_as_it_is() -> None:
    score, y = _people(AS_IT_IS, 3_000, 2)
    found = Recalibration.learned(score, y, np.ones(len(y)))
    np.testing.assert_allclose(expit(found(SCORES)), expit(SCORES), atol=0.03)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steepness", [0.6, 1.0, 1.5])
def test_rare_events_keep_their_order(seed: int, steepness: float) -> None:
    """Where every chance is low the two slopes cannot be told apart: their sum must not cancel out what was learned."""
    rng = np.random.default_rng(seed)
    score = rng.normal(-6.0, 1.0, 40_000)
    y = (rng.random(len(score)) < expit(steepness * (score + 6.0) - 5.5)).astype(float)
    found = Recalibration.learned(score, y, np.ones(len(y)))
    rise = (found(np.array([-4.5])) - found(np.array([-7.5]))) / 3
    assert rise.item() == pytest.approx(steepness, abs=0.25)


def test_expected_and_observed_agree_as_far_as_the_level_is_kept() -> None:
    score, y = _people(Recalibration(1.0, 0.5, 0.2), 5_000, 3)
    weight = np.random.default_rng(3).uniform(0.5, 2, len(y))
    found = Recalibration.learned(score, y, weight)
    assert weight @ expit(found(score)) == pytest.approx(weight @ y, rel=0.005)


@given(seed=st.integers(0, 10_000), size=st.integers(40, 300), slope=st.floats(-0.5, 3), bend=st.floats(-3, 3))
def test_it_never_falls(seed: int, size: int, slope: float, bend: float) -> None:
    score, y = _people(Recalibration(0.0, slope, bend), size, seed)
    if y.min() == y.max():
        return
    found = Recalibration.learned(score, y, np.ones(size))
    assert np.isfinite(found(SCORES)).all()
    assert (np.diff(found(SCORES)) >= -1e-9).all()


def test_parts_add_up_on_the_new_scale() -> None:
    curve = Recalibration(0.3, 1.1, -0.6)
    base, parts = np.array([-1.0, -1.0, 0.5]), np.array([[0.5, 1.5], [0.0, 0.0], [-2.0, 0.4]])
    total = base + parts.sum(axis=1)
    scale = curve.share_out(total, base)
    np.testing.assert_allclose(curve(base) + scale * parts.sum(axis=1), curve(total), atol=1e-12)
    beside = curve.share_out(base + 1e-6, base)
    np.testing.assert_allclose(scale[1], beside[1], atol=1e-5)
