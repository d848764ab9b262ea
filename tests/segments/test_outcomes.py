"""Laws of the three-step comparison, one comparison by hand, its coverage, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments.outcomes import compare_outcome
from tests.segments.memberships import one_hot

CENTRES = np.array([[0.0, 0.0], [1.8, 0.0], [0.0, 1.8]])
SIZES = np.array([0.5, 0.3, 0.2])
MEANS = np.array([1.0, 2.0, 4.0])
SHARES = np.array([0.1, 0.3, 0.7])


def _world(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, yes-no outcome and the true memberships given noisy evidence."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, size=n, p=SIZES)
    evidence = CENTRES[truth] + rng.normal(size=(n, 2))
    likelihood = SIZES * np.exp(-((evidence[:, None] - CENTRES) ** 2).sum(axis=2) / 2)
    outcome = MEANS[truth] + rng.normal(size=n)
    return outcome, (rng.random(n) < SHARES[truth]).astype(float), likelihood / likelihood.sum(axis=1, keepdims=True)


def test_classification_rows_add_to_one_and_keep_the_sizes() -> None:
    outcome, _, p = _world(0)
    weights = np.random.default_rng(1).uniform(0.5, 2, size=len(p))
    table = compare_outcome(outcome, p, sample_weight=weights).classification
    assert table.sum(axis=1) == pytest.approx(1.0)
    assigned = np.bincount(p.argmax(axis=1), weights, 3)
    assert (weights @ p) @ table == pytest.approx(assigned)


@pytest.mark.parametrize("seed", range(3))
def test_perfect_assignment_gives_weighted_means_and_their_sandwich(seed: int) -> None:
    outcome, _, p = _world(seed)
    labels = p.argmax(axis=1)
    weights = np.random.default_rng(seed).uniform(0.5, 2, size=len(p))
    means = compare_outcome(outcome, one_hot(labels, 3), sample_weight=weights).means
    for s in range(3):
        own, w = outcome[labels == s], weights[labels == s]
        mean = np.average(own, weights=w)
        error = np.sqrt(len(p) / (len(p) - 1) * ((w * (own - mean)) ** 2).sum()) / w.sum()
        assert means.loc[s, "mean"] == pytest.approx(mean, abs=1e-12)
        assert means.loc[s, "se"] == pytest.approx(error, rel=1e-9)


def test_doubling_every_weight_changes_nothing() -> None:
    _, flag, p = _world(2)
    weights = np.random.default_rng(1).uniform(0.5, 2, size=len(p))
    once, twice = compare_outcome(flag, p, sample_weight=weights), compare_outcome(flag, p, sample_weight=2 * weights)
    pd.testing.assert_frame_equal(once.means, twice.means, check_exact=True)
    pd.testing.assert_frame_equal(once.differences, twice.differences, check_exact=True)
    assert once.wald == twice.wald


def test_duplicating_rows_is_doubling_their_weights() -> None:
    _, flag, p = _world(3)
    people = np.arange(len(p))
    rows = np.r_[people, people[:200]]
    heavier = np.where(people < 200, 2.0, 1.0)
    doubled = compare_outcome(flag, p, sample_weight=heavier)
    repeated = compare_outcome(flag[rows], p[rows], clusters=rows)
    columns = ["mean", "se", "low", "high", "overall", "difference"]
    gap = (doubled.means[columns] - repeated.means[columns]).abs().to_numpy().max()
    assert gap < 1e-8
    assert abs(doubled.wald - repeated.wald) < 1e-7
    # Without cluster names the repeated rows count as new people: the means stay, the intervals shrink.
    loose = compare_outcome(flag[rows], p[rows])
    assert (loose.means["mean"] - doubled.means["mean"]).abs().max() < 1e-8
    assert (loose.means["se"] < doubled.means["se"]).all()


def test_relabelling_segments_changes_nothing() -> None:
    _, flag, p = _world(4)
    order = [1, 2, 0]
    plain, moved = compare_outcome(flag, p), compare_outcome(flag, p[:, order])
    assert moved.means["mean"].to_numpy() == pytest.approx(plain.means["mean"].to_numpy()[order], abs=1e-8)
    assert moved.means["se"].to_numpy() == pytest.approx(plain.means["se"].to_numpy()[order], abs=1e-6)
    assert moved.wald == pytest.approx(plain.wald, rel=1e-5)


def test_a_constant_outcome_is_the_same_everywhere() -> None:
    _, _, p = _world(5)
    result = compare_outcome(np.full(len(p), 3.0), p)
    assert result.means["mean"].to_numpy() == pytest.approx(3.0)
    assert result.means["se"].to_numpy() == pytest.approx(0.0, abs=1e-12)


def test_moving_and_stretching_the_outcome_moves_and_stretches_the_answer() -> None:
    outcome, _, p = _world(6)
    plain, moved = compare_outcome(outcome, p), compare_outcome(10 + 2 * outcome, p)
    assert moved.means["mean"].to_numpy() == pytest.approx(10 + 2 * plain.means["mean"].to_numpy())
    assert moved.means["se"].to_numpy() == pytest.approx(2 * plain.means["se"].to_numpy())
    assert moved.wald == pytest.approx(plain.wald)


def test_correction_undoes_the_dilution_and_intervals_cover() -> None:
    plain, corrected, covered = [], [], []
    for seed in range(150):
        outcome, _, p = _world(seed, n=500)
        weights = np.random.default_rng(seed + 5_000).uniform(0.5, 2.0, size=500)
        labels = p.argmax(axis=1)
        plain.append([outcome[labels == s].mean() for s in range(3)])
        means = compare_outcome(outcome, p, sample_weight=weights).means
        corrected.append(means["mean"])
        covered.append((means["low"] <= MEANS) & (means["high"] >= MEANS))
    assert np.abs(np.mean(plain, axis=0) - MEANS).max() > 0.4  # assigned people compared plainly look alike
    assert np.abs(np.mean(corrected, axis=0) - MEANS).max() < 0.06
    assert 0.92 <= np.mean(covered) <= 0.985


def test_the_omnibus_test_keeps_its_level() -> None:
    rejected = []
    for seed in range(200):
        _, _, p = _world(seed, n=400)
        result = compare_outcome(np.random.default_rng(seed + 999).normal(size=400), p)
        assert result.freedom == 2
        rejected.append(result.p_value < 0.05)
    assert 0.01 <= np.mean(rejected) <= 0.11


def test_a_comparison_worked_by_hand() -> None:
    # Four people, memberships 3/4 and 1/4: D = [[3/4, 1/4], [1/4, 3/4]], D^-1 = [[3/2, -1/2], [-1/2, 3/2]].
    # Assigned means 1 and 5 pull apart to 3/2 * 1 - 1/2 * 5 = -1 and 7.
    p = [[0.75, 0.25]] * 2 + [[0.25, 0.75]] * 2
    result = compare_outcome([0, 2, 4, 6], p)
    assert result.means["mean"].tolist() == pytest.approx([-1.0, 7.0])
    assert result.differences["difference"].tolist() == pytest.approx([-8.0])
    assert result.means["overall"].tolist() == [3.0, 3.0]


def test_missing_outcomes_count_for_the_assignment_only() -> None:
    outcome, _, p = _world(7)
    some = outcome.copy()
    some[:100] = np.nan
    result = compare_outcome(some, p)
    assert np.array_equal(result.classification, compare_outcome(outcome, p).classification)
    assert result.means["n"].sum() == 500
    assert np.isfinite(result.means["mean"]).all()


def test_pairs_are_complete_and_holm_never_lowers_a_probability() -> None:
    outcome, _, p = _world(8)
    pairs = compare_outcome(outcome, p).differences
    assert list(zip(pairs["segment"], pairs["other"], strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert (pairs["p_holm"] >= pairs["p_value"]).all()
    assert pairs["p_holm"].max() <= 1


def test_one_segment_has_nothing_to_compare() -> None:
    result = compare_outcome([1.0, 2.0, 3.0], np.ones((3, 1)))
    assert result.means["mean"].tolist() == [2.0]
    assert len(result.differences) == 0
    assert np.isnan(result.wald)


P = [[0.9, 0.1], [0.2, 0.8]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare_outcome([1, 2, 3], P), "The memberships do not fit the people"),
        (lambda: compare_outcome([[1, 2]], P), "one number per person"),
        (lambda: compare_outcome([np.nan, np.nan], P), "Nobody has this outcome"),
        (lambda: compare_outcome([1, np.inf], P), "infinite number"),
        (lambda: compare_outcome([1, 2], [[0.9, 0.1], [0.8, 0.2]]), "Nobody is assigned to a segment"),
        (lambda: compare_outcome([1, 2], [[0.5, 0.5], [0.4999999, 0.5000001]]), "say nothing|says nothing"),
        (lambda: compare_outcome([1, 2], P, clusters=["a"]), "The clusters do not fit"),
        (lambda: compare_outcome([1, np.nan], P), "Too few people with this outcome"),
        (lambda: compare_outcome([1, 2], P, level=2), "between 0 and 1"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
