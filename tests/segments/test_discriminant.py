"""Laws of the rule that reads a segment from a few numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from segment.segments.discriminant import GaussianRule
from tests.segments.memberships import one_hot


def _people(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    centres = np.array([[0.0, 0, 0, 0], [1.5, 0, 1, 0], [0, 1.5, 0, 1]])
    shape = 0.4 + 0.6 * np.eye(4)
    return centres[labels] + rng.multivariate_normal(np.zeros(4), shape, size=n), labels


def test_without_gaps_the_rule_is_the_textbook_one() -> None:
    values, labels = _people(0)
    rule = GaussianRule.learn(values, one_hot(labels), np.ones(len(values)), ridge=1e-9)
    for s in range(3):
        assert rule.means[s] == pytest.approx(values[labels == s].mean(axis=0))
    inside = values - rule.means[labels]
    assert rule.covariance == pytest.approx(inside.T @ inside / len(values), abs=1e-6)
    densities = np.column_stack(
        [np.mean(labels == s) * stats.multivariate_normal(rule.means[s], rule.covariance).pdf(values) for s in range(3)]
    )
    assert rule.posteriors(values) == pytest.approx(densities / densities.sum(axis=1, keepdims=True))


def test_gaps_are_integrated_out() -> None:
    values, labels = _people(1)
    rule = GaussianRule.learn(values, one_hot(labels), np.ones(len(values)))
    holed = values.copy()
    holed[:, 2] = np.nan
    assert rule.posteriors(holed) == pytest.approx(rule.subset([0, 1, 3]).posteriors(values[:, [0, 1, 3]]))
    nothing = rule.posteriors(np.full((2, 4), np.nan))
    assert nothing == pytest.approx(np.exp(np.tile(rule.log_sizes, (2, 1))))


def test_learning_with_gaps_finds_the_same_rule() -> None:
    values, labels = _people(2, n=4000)
    holed = np.where(np.random.default_rng(0).random(values.shape) < 0.2, np.nan, values)
    whole = GaussianRule.learn(values, one_hot(labels), np.ones(4000))
    patched = GaussianRule.learn(holed, one_hot(labels), np.ones(4000))
    assert patched.means == pytest.approx(whole.means, abs=0.08)
    assert patched.covariance == pytest.approx(whole.covariance, abs=0.08)


def test_doubling_weights_changes_nothing_and_duplicates_are_weights() -> None:
    values, labels = _people(3, n=300)
    values[::7, 1] = np.nan
    weights = np.where(np.arange(300) < 60, 2.0, 1.0)
    rows = np.r_[np.arange(300), np.arange(60)]
    heavy = GaussianRule.learn(values, one_hot(labels), weights)
    twice = GaussianRule.learn(values, one_hot(labels), 2 * weights)
    repeated = GaussianRule.learn(values[rows], one_hot(labels)[rows], np.ones(360))
    assert twice.covariance == pytest.approx(heavy.covariance, abs=1e-12)
    assert repeated.covariance == pytest.approx(heavy.covariance, abs=1e-8)
    assert repeated.means == pytest.approx(heavy.means, abs=1e-8)


def test_constant_and_copied_columns_and_empty_segments_do_no_harm() -> None:
    values, labels = _people(4, n=200)
    awkward = np.column_stack([values, values[:, 0], np.ones(200)])
    rule = GaussianRule.learn(awkward, one_hot(labels, 4), np.ones(200))
    p = rule.posteriors(awkward)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(1.0)
    assert (p[:, 3] == 0).all()
