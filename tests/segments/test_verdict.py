"""Laws of the verdict, of association and of explained variance; planted worlds; every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments.association import cramers_v
from segment.segments.explained import cross_validated_losses, explained, merge_groups, unit_variance
from segment.segments.verdict import SEGMENTS, judge_segments

CENTRES = np.array([[1.2, 0.6, -0.9, -0.9], [-0.8, 1.1, 0.6, -0.9], [-0.7, -0.8, 0.2, 1.3], [0.4, -0.9, 1.0, -0.5]])


def _answers(groups: np.ndarray, rng: np.random.Generator) -> tuple[pd.DataFrame, tuple[pd.DataFrame, pd.DataFrame]]:
    """Scores from two halves of a questionnaire, of people whose needs follow a grouping."""
    needs = CENTRES[groups % 4] + rng.normal(scale=0.45, size=(len(groups), 4))
    first, second = (pd.DataFrame(needs + rng.normal(scale=0.5, size=needs.shape)) for _ in range(2))
    return (first + second) / 2, (first, second)


def _nearest(scores: pd.DataFrame) -> np.ndarray:
    """Segments as a clustering would find them: by the scores alone."""
    return ((scores.to_numpy()[:, None] - CENTRES) ** 2).sum(axis=2).argmin(axis=1)


def _world(planted: str, seed: int = 0, n: int = 900):
    rng = np.random.default_rng(seed)
    department = rng.integers(8, size=n)
    truth = department if planted == "department" else rng.integers(4, size=n)
    scores, halves = _answers(truth, rng)
    attributes = pd.DataFrame({"department": department, "tenure": rng.gamma(2, 4, size=n)})
    return scores, halves, attributes, pd.DataFrame({"stay": truth % 4 + rng.normal(size=n)})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("with_halves", [True, False])
def test_a_world_planted_by_department_says_departments_win(seed: int, with_halves: bool) -> None:
    scores, halves, attributes, outcomes = _world("department", seed)
    verdict = judge_segments(
        scores, _nearest(scores), attributes, halves=halves if with_halves else None, outcomes=outcomes, n_bootstrap=40
    )
    assert verdict.answer == "departments win"
    assert verdict.code in ("VE002", "VE003")
    row = verdict.table.set_index(["grouping", "target"]).loc[("department", "needs")]
    assert row["difference_high"] < 0  # surely better than the segments, not only by name


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("with_halves", [True, False])
def test_a_world_of_needs_says_needs_segments_win(seed: int, with_halves: bool) -> None:
    scores, halves, attributes, outcomes = _world("needs", seed)
    verdict = judge_segments(
        scores, _nearest(scores), attributes, halves=halves if with_halves else None, outcomes=outcomes, n_bootstrap=40
    )
    assert (verdict.answer, verdict.code, verdict.winner) == ("needs segments win", "VE000", SEGMENTS)
    table = verdict.table.set_index(["grouping", "target"])
    assert table.loc[("department", "needs"), "difference_low"] > 0.1
    assert table.loc[("department", "stay"), "difference_low"] > 0.1
    assert abs(table.loc[("department", "needs"), "explained"]) < 0.02


def test_where_no_segments_were_found_departments_can_still_win() -> None:
    scores, halves, attributes, _ = _world("department", 7)
    for given in (halves, None):
        verdict = judge_segments(scores, np.zeros(len(scores), dtype=int), attributes, halves=given, n_bootstrap=20)
        assert (verdict.code, verdict.answer) == ("VE003", "departments win")


def test_groups_without_any_meaning_win_nothing() -> None:
    # A cloud cut in four explains the very scores it was cut from; on the other half of the items it explains only
    # what people really differ in, so noise alone must explain nothing.
    rng = np.random.default_rng(0)
    halves = tuple(pd.DataFrame(rng.normal(size=(800, 4))) for _ in range(2))
    scores = (halves[0] + halves[1]) / 2
    attributes = pd.DataFrame({"department": rng.integers(5, size=800)})
    verdict = judge_segments(scores, _nearest(scores), attributes, halves=halves, n_bootstrap=40)
    assert (verdict.winner, verdict.code, verdict.answer) == ("none", "VE004", "nothing wins")


def test_a_grouping_half_like_the_department_is_a_warning() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(4, size=1200)
    scores, halves = _answers(truth, rng)
    department = np.where(rng.random(1200) < 0.42, truth, rng.integers(4, size=1200))
    verdict = judge_segments(
        scores, _nearest(scores), pd.DataFrame({"department": department}), halves=halves, n_bootstrap=40
    )
    assert (verdict.code, verdict.attribute, verdict.winner) == ("VE001", "department", SEGMENTS)


def test_a_department_under_another_name_is_refused() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(4, size=800)
    scores, halves = _answers(truth, rng)
    verdict = judge_segments(scores, truth, pd.DataFrame({"job_family": truth}), halves=halves, n_bootstrap=40)
    assert (verdict.code, verdict.attribute) == ("VE002", "job_family")
    assert verdict.answer == "job families win"


def test_relabelling_and_doubling_weights_change_no_verdict() -> None:
    scores, halves, attributes, _ = _world("needs", 4)
    labels = _nearest(scores)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(scores))
    once = judge_segments(scores, labels, attributes, halves=halves, sample_weight=weights, n_bootstrap=20)
    twice = judge_segments(scores, labels, attributes, halves=halves, sample_weight=2 * weights, n_bootstrap=20)
    pd.testing.assert_frame_equal(once.table, twice.table, check_exact=True)
    moved = judge_segments(
        scores, np.array([2, 3, 1, 0])[labels], attributes, halves=halves, sample_weight=weights, n_bootstrap=20
    )
    pd.testing.assert_frame_equal(once.table, moved.table)


def test_many_departments_get_no_more_groups_than_there_are_segments() -> None:
    scores, halves, attributes, _ = _world("needs", 5)
    table = judge_segments(scores, _nearest(scores), attributes, halves=halves, n_bootstrap=20).table
    assert table.set_index("grouping")["groups"].to_dict() == {SEGMENTS: 4, "department": 4, "tenure": 4}
    assert table.set_index("grouping")["levels"].to_dict() == {SEGMENTS: 4, "department": 8, "tenure": 10}


def test_missing_scores_attributes_and_outcomes_are_worked_with() -> None:
    scores, halves, attributes, outcomes = _world("needs", 6)
    rng = np.random.default_rng(0)
    scores = scores.mask(rng.random(scores.shape) < 0.1)
    halves = tuple(half.mask(rng.random(half.shape) < 0.1) for half in halves)
    attributes = attributes.mask(rng.random(attributes.shape) < 0.1)
    outcomes = outcomes.mask(rng.random(outcomes.shape) < 0.3)
    labels = _nearest(scores.fillna(0.0))
    for given in (halves, None):
        verdict = judge_segments(scores, labels, attributes, halves=given, outcomes=outcomes, n_bootstrap=20)
        numbers = verdict.table[["explained", "low", "high", "segments_explained", "difference"]]
        assert np.isfinite(numbers.to_numpy()).all()
        assert verdict.winner == SEGMENTS


def test_explained_variance_worked_by_hand() -> None:
    # Two folds, groups of two values: the training mean is the test value, so everything is explained.
    target = np.array([[0.0], [0.0], [4.0], [4.0]])
    groups = np.array([0, 0, 1, 1])
    losses = cross_validated_losses(
        target, lambda _: groups, lambda _: np.zeros(4, dtype=int), weights=np.ones(4), folds=np.array([0, 1, 0, 1])
    )
    assert losses.none[:, 0].tolist() == [4.0, 4.0, 4.0, 4.0]
    assert losses.groups[:, 0].tolist() == [0.0] * 4
    result = explained([losses], known=np.ones(4, dtype=bool), level=0.95)
    assert result.groups[0] == 1.0
    assert result.rival[0] == 0.0
    assert result.difference == (-1.0, -1.0, -1.0)


def test_explained_variance_of_planted_groups_is_their_share_and_its_interval_covers() -> None:
    # Between variance 1, inside variance 3: a quarter. Intervals come from each sample; the truth must be in 19 of 20.
    covered, values = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = rng.integers(2, size=600)
        target = unit_variance((2 * groups[:, None] - 1 + rng.normal(scale=np.sqrt(3), size=(600, 1))), np.ones(600))
        losses = cross_validated_losses(
            target, lambda _, g=groups: g, lambda _, g=groups: g, weights=np.ones(600), folds=np.arange(600) % 5
        )
        value, low, high = explained([losses], known=np.ones(600, dtype=bool), level=0.95).groups
        values.append(value)
        covered.append(low <= 0.25 <= high)
    assert np.mean(values) == pytest.approx(0.25, abs=0.015)
    assert np.mean(covered) >= 0.85


def test_the_interval_of_several_needs_is_as_wide_as_the_share_varies() -> None:
    # One need that the groups explain for a half, three that they do not: every need counts for its own share.
    values, widths = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        groups = rng.integers(2, size=300)
        target = rng.normal(size=(300, 4))
        target[:, 0] += 2 * groups - 1
        losses = cross_validated_losses(
            unit_variance(target, np.ones(300)), lambda _, g=groups: g, lambda _, g=groups: g, weights=np.ones(300),
            folds=np.arange(300) % 5,
        )  # fmt: skip
        value, low, high = explained([losses], known=np.ones(300, dtype=bool), level=0.95).groups
        values.append(value)
        widths.append((high - low) / 3.94)
    assert np.mean(widths) == pytest.approx(np.std(values), rel=0.15)


def test_merging_joins_the_most_similar_and_keeps_the_number() -> None:
    means = np.array([[0.0, 0.0], [3.0, 0.0], [0.1, 0.1], [3.1, 0.0], [9.0, 9.0]])
    merged = merge_groups(means, np.full(5, 10.0), 3)
    assert merged.tolist() == [0, 1, 0, 1, 2]


def test_cramers_v_is_one_for_the_same_and_nothing_for_unrelated_groups() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(5, size=1000)
    same = cramers_v(groups, (groups + 2) % 5, n_bootstrap=40)
    assert (same.value, same.low, same.high) == pytest.approx((1.0, 1.0, 1.0), abs=0.01)
    values, held = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        v = cramers_v(rng.integers(5, size=400), rng.integers(8, size=400), n_bootstrap=60)
        values.append(v.value)
        held.append(v.low <= 0.0)
    assert np.mean(values) < 0.06  # without the correction chance alone would give 0.13
    assert np.mean(held) >= 0.9


def test_cramers_v_worked_by_hand_and_covered_by_its_interval() -> None:
    # Table [[30, 10], [10, 30]]: phi = 0.5; corrected: (0.25 - 1/79) / (2 - 1/79 - 1) = 0.2403 = 0.490^2.
    first = np.repeat([0, 0, 1, 1], [30, 10, 10, 30])
    second = np.repeat([0, 1, 0, 1], [30, 10, 10, 30])
    v = cramers_v(first, second, n_bootstrap=200)
    assert v.value == pytest.approx(np.sqrt((0.25 - 1 / 79) / (1 - 1 / 79)))
    assert 0.25 < v.low < v.value < v.high < 0.7
    covered = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        a = rng.integers(3, size=300)
        b = np.where(rng.random(300) < 0.4, a, rng.integers(3, size=300))  # V is 0.4 in the population
        v = cramers_v(a, b, n_bootstrap=80)
        covered.append(v.low <= 0.4 <= v.high)
    assert np.mean(covered) >= 0.86


N = pd.DataFrame(np.zeros((60, 2)))
A = pd.DataFrame({"department": np.arange(60) % 3})
L = np.arange(60) % 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: judge_segments(N, L, A.iloc[:10]), "The attributes do not fit the people"),
        (lambda: judge_segments(N, L, A[[]]), "at least one attribute"),
        (lambda: judge_segments(N, L[:10], A), "The segment labels do not fit"),
        (lambda: judge_segments(N, L, A.rename(columns={"department": "segments"})), "An attribute is called"),
        (lambda: judge_segments(N, L, A, outcomes=N.iloc[:3]), "The outcomes have other people"),
        (lambda: judge_segments(N, L, A, outcomes=pd.DataFrame({"needs": np.zeros(60)})), "An outcome is called"),
        (lambda: judge_segments(N, L, A, halves=(N, N.iloc[:5])), "The half scores have other people"),
        (lambda: judge_segments(N, L, A, n_folds=40), "Too few people for cross-validation"),
        (lambda: judge_segments(N, L, A, n_folds=1), "Too few people for cross-validation"),
        (
            lambda: judge_segments(N, L, A, outcomes=pd.DataFrame({"stay": np.full(60, np.nan)})),
            "Too few people have an",
        ),
        (lambda: cramers_v(L, L, n_bootstrap=2), "Too few bootstrap samples"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
