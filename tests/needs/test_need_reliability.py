"""Reliability: laws, published formulas by hand, reasons instead of errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.needs import centred_reliability, median_reliability, need_reliability
from segment.needs.reliability import cronbach_alpha, mcdonald_omega


def parallel(n: int, items: int, loading: float, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(n, 1))
    return pd.DataFrame(loading * common + generator.normal(size=(n, items)), columns=[f"a{j}" for j in range(items)])


def test_alpha_and_omega_agree_for_parallel_items_and_with_spearman_brown():
    matrix = np.full((4, 4), 0.4) + 0.6 * np.eye(4)
    expected = 4 * 0.4 / (1 + 3 * 0.4)
    assert cronbach_alpha(matrix) == pytest.approx(expected)
    assert mcdonald_omega(matrix) == pytest.approx(expected, abs=1e-6)


def test_omega_is_above_alpha_when_loadings_differ():
    loadings = np.array([0.9, 0.7, 0.3])
    matrix = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    assert mcdonald_omega(matrix) == pytest.approx(loadings.sum() ** 2 / matrix.sum(), abs=1e-5)
    assert mcdonald_omega(matrix) > cronbach_alpha(matrix)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    truth = 4 * 0.5 / (1 + 3 * 0.5)
    needs = dict.fromkeys([f"a{j}" for j in range(4)], "pay")
    inside = 0
    for seed in range(60):
        row = need_reliability(parallel(150, 4, 1.0, seed), needs, n_bootstrap=0).iloc[0]
        inside += row.alpha_low <= truth <= row.alpha_high
    assert 52 <= inside <= 60


def test_intervals_shrink_with_people_and_enclose_the_estimate():
    needs = dict.fromkeys([f"a{j}" for j in range(4)], "pay")
    small, large = (need_reliability(parallel(n, 4, 1.0), needs).iloc[0] for n in (100, 1600))
    for row in (small, large):
        assert row.alpha_low < row.alpha < row.alpha_high
        assert row.omega_low < row.omega < row.omega_high
    assert large.omega_high - large.omega_low < 0.5 * (small.omega_high - small.omega_low)


def test_weights_count_only_by_ratio_and_the_same_seed_gives_the_same_table():
    items, needs = parallel(120, 3, 1.0), dict.fromkeys(["a0", "a1", "a2"], "pay")
    weight = np.random.default_rng(5).uniform(0.5, 2, 120)
    one = need_reliability(items, needs, weight, random_state=3)
    pd.testing.assert_frame_equal(one, need_reliability(items, needs, 2 * weight, random_state=3))


def test_style_alone_is_reliable_until_it_is_taken_out():
    generator = np.random.default_rng(2)
    items = pd.DataFrame(generator.normal(size=(500, 1)) + generator.normal(size=(500, 8)), columns=list("abcdefgh"))
    needs = dict(zip("abcdefgh", ["pay"] * 4 + ["social"] * 4, strict=True))
    assert median_reliability(need_reliability(items, needs, n_bootstrap=0)) > 0.7
    assert median_reliability(centred_reliability(items, needs)) < 0.2


def test_what_cannot_be_measured_has_a_reason():
    items = pd.DataFrame(
        {
            "a": [1.0, 2] * 20,
            "b": [2.0, 1] * 20,
            "c": [3.0] * 40,
            "d": [1.0, 2] * 20,
            "e": [1.0] + [np.nan] * 39,
            "f": [2.0] * 40,
        }
    )
    table = need_reliability(
        items, {"a": "one", "b": "two", "d": "two", "c": "flat", "f": "flat", "e": "few"} | {"e": "one"}
    )
    reasons = dict(zip(table.need, table.reason, strict=True))
    assert reasons["one"] == "few_people"
    assert reasons["two"] == "no_omega"
    assert reasons["flat"] == "no_variation"
    assert np.isnan(median_reliability(table[table.need == "flat"]))
