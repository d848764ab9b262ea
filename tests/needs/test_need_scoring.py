"""Need scores: laws of style-free scoring, one example by hand, every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.needs import NeedScorer, contrast_matrix, need_means

CODES = ["p1", "p2", "m1", "m2", "s1", "s2"]
NEEDS = {"p1": "pay", "p2": "pay", "m1": "meaning", "m2": "meaning", "s1": "social", "s2": "social"}


def answers(n: int = 200, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    values = np.clip(np.round(3 + generator.normal(0, 1, (n, 6))), 1, 5)
    values[generator.random((n, 6)) < 0.05] = np.nan
    return pd.DataFrame(values, columns=CODES, index=[f"person{i}" for i in range(n)])


def test_adding_a_level_to_a_person_changes_no_score_because_level_is_style():
    items = answers()
    scorer = NeedScorer().fit(items, NEEDS)
    shifted = scorer.transform(items + 0.7)
    plain = scorer.transform(items)
    pd.testing.assert_frame_equal(shifted.scores, plain.scores)
    np.testing.assert_allclose(shifted.level - plain.level, 0.7)


def test_rows_sum_to_zero_over_answered_needs():
    scores = NeedScorer().fit(answers(), NEEDS).transform(answers()).scores
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-12)


def test_transform_is_frozen_whoever_else_is_there():
    items = answers()
    scorer = NeedScorer(divide_spread=True).fit(items, NEEDS)
    alone = scorer.transform(items.iloc[[3]]).scores
    pd.testing.assert_frame_equal(alone, scorer.transform(items).scores.iloc[[3]])


@pytest.mark.parametrize("factor", [2.0, 0.25, 1e6])
def test_doubling_every_weight_changes_nothing(factor):
    items, weight = answers(), np.random.default_rng(1).uniform(0.5, 2, 200)
    one = NeedScorer().fit(items, NEEDS, weight).transform(items)
    two = NeedScorer().fit(items, NEEDS, factor * weight).transform(items)
    pd.testing.assert_frame_equal(one.scores, two.scores)
    np.testing.assert_allclose(one.spread, two.spread)


def test_duplicated_people_are_people_of_double_weight():
    items = answers()
    twice = NeedScorer().fit(pd.concat([items, items.iloc[:50]]), NEEDS)
    weighted = NeedScorer().fit(items, NEEDS, np.where(np.arange(200) < 50, 2.0, 1.0))
    np.testing.assert_allclose(twice.item_means_, weighted.item_means_, atol=1e-12)
    assert twice.spread_sd_ == pytest.approx(weighted.spread_sd_, abs=1e-10)


def test_order_of_people_and_columns_does_not_matter():
    items = answers()
    one = NeedScorer().fit(items, NEEDS).transform(items).scores
    other = NeedScorer().fit(items.iloc[::-1, ::-1], NEEDS).transform(items).scores
    pd.testing.assert_frame_equal(one, other[one.columns], rtol=1e-10)


def test_by_hand():
    items = pd.DataFrame({"p1": [5.0, 3.0], "p2": [5.0, 1.0], "m1": [2.0, 4.0], "m2": [np.nan, 4.0]})
    found = NeedScorer().fit(items, {c: NEEDS[c] for c in items}).transform(items)
    # item means 4, 3, 3, 4; person 0: pay (1 + 2) / 2 = 1.5, meaning -1, level .25, scores 1.25 and -1.25
    assert found.scores.iloc[0].tolist() == [1.25, -1.25]
    assert found.level.iloc[0] == 0.25
    assert found.answered.iloc[0] == 0.75
    np.testing.assert_allclose(found.contrasts[0], [1.25 * np.sqrt(2)])


def test_who_is_usable():
    items = pd.DataFrame(
        [[3, 3, 3, 3, 3, 3], [1, 2, 3, np.nan, np.nan, np.nan], [1, 2, 3, 4, np.nan, np.nan], [1, 2, 3, 4, 5, 1]],
        columns=CODES, dtype=float,
    )  # fmt: skip
    usable = NeedScorer().fit(items, NEEDS).transform(items).usable
    assert usable.tolist() == [False, False, True, True]  # same answer everywhere; half; four of six; all


def test_spread_sees_who_stretches_the_scale_and_leaves_others_near_one():
    generator = np.random.default_rng(3)
    stretch = np.repeat([0.5, 1.0, 2.0], 100)
    items = pd.DataFrame(generator.normal(size=(300, 6)) * stretch[:, None], columns=CODES)
    spread = NeedScorer().fit(items, NEEDS).transform(items).spread.groupby(stretch).mean()
    assert spread.is_monotonic_increasing
    assert spread[2.0] / spread[0.5] > 2.0


def test_contrasts_are_orthonormal_for_any_number_of_needs():
    for k in range(2, 12):
        matrix = contrast_matrix(k)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(k - 1), atol=1e-12)
        np.testing.assert_allclose(matrix.sum(axis=1), 0, atol=1e-12)


def test_scales_are_brought_together():
    items = pd.DataFrame({"p1": [0.0, 10.0], "m1": [1.0, 5.0]})
    found = need_means(items, {"p1": "pay", "m1": "meaning"}, scales={"p1": (0, 10), "m1": (1, 5)})
    assert found["pay"].tolist() == found["meaning"].tolist() == [1.0, 5.0]


def test_inputs_stay_as_they_were():
    items = answers()
    before = items.copy()
    NeedScorer().fit(items, NEEDS).transform(items)
    pd.testing.assert_frame_equal(items, before)


@pytest.mark.parametrize(
    ("items", "needs", "words"),
    [
        (pd.DataFrame({"p1": [1.0, 2.0]}), {"p1": "pay"}, "at least two needs"),
        (pd.DataFrame({"p1": [1.0, 2.0]}), {"x": "pay"}, "No item belongs to a need"),
        (pd.DataFrame({"p1": ["a", "b"], "m1": [1, 2]}), NEEDS, "must be numbers"),
        (pd.DataFrame({"p1": [np.inf, 1], "m1": [1, 2]}), NEEDS, "infinite"),
        (pd.DataFrame({"p1": [], "m1": []}, dtype=float), NEEDS, "no answers"),
        (np.ones((3, 2)), NEEDS, "must be a table"),
    ],
)
def test_refusals_say_what_was_expected(items, needs, words):
    with pytest.raises(InvalidInput, match=words):
        NeedScorer().fit(items, needs)


def test_weights_and_scales_that_cannot_be_are_refused():
    items = answers(20)
    with pytest.raises(InvalidInput, match="one weight per person"):
        NeedScorer().fit(items, NEEDS, np.ones(3))
    with pytest.raises(InvalidInput, match="not all may be zero"):
        NeedScorer().fit(items, NEEDS, np.zeros(20))
    with pytest.raises(InvalidInput, match="outside their scale"):
        NeedScorer().fit(items, NEEDS, scales=dict.fromkeys(CODES, (1, 3)))
    with pytest.raises(InvalidInput, match="no scale"):
        NeedScorer().fit(items, NEEDS, scales={"p1": (1, 5)})
    with pytest.raises(InvalidInput, match="lack questions"):
        NeedScorer().fit(items, NEEDS).transform(pd.DataFrame({"other": [1.0]}))
