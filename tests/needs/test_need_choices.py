"""Choices as scores: ranks and picks are free of style by construction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.needs import blend, pick_popularity, scores_from_picks, scores_from_ranks

OPTIONS = {"W_pay": "pay", "W_social": "social", "W_meaning": "meaning", "W_hours": "flexibility"}


def rankings(n: int = 50) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    return pd.DataFrame([generator.permutation(4) + 1 for _ in range(n)], columns=list(OPTIONS)).astype(float)


def test_rows_sum_to_zero_and_the_best_rank_scores_highest():
    ranks = rankings()
    scores = scores_from_ranks(ranks, OPTIONS)
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-12)
    assert (scores.idxmax(axis=1) == ranks.idxmin(axis=1).map(OPTIONS)).all()


def test_a_top_three_leaves_the_rest_their_mean_rank():
    ranks = pd.DataFrame([[1, 2, np.nan, np.nan], [np.nan] * 4], columns=list(OPTIONS))
    scores = scores_from_ranks(ranks, OPTIONS)
    assert scores.loc[0, "meaning"] == scores.loc[0, "flexibility"]
    assert scores.loc[1].isna().all()
    np.testing.assert_allclose(
        scores.loc[0, "pay"] - scores.loc[0, "social"], (scores.loc[0, "social"] - scores.loc[0, "meaning"]) / 1.5
    )


def test_popular_picks_count_less():
    picks = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 0, 1], "c": [0, 0, 1, 0]})
    scores = scores_from_picks(picks, {"a": "pay", "b": "social", "c": "meaning"})
    assert scores.loc[0, "social"] > scores.loc[0, "pay"]
    np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-12)


def test_one_new_person_is_read_against_the_popularity_of_the_fit():
    picks = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 0, 1], "c": [0, 0, 1, 0]})
    needs = {"a": "pay", "b": "social", "c": "meaning"}
    together = scores_from_picks(picks, needs)
    usual = pick_popularity(picks)
    alone = pd.concat([scores_from_picks(picks.iloc[[row]], needs, popularity=usual) for row in range(4)])
    assert usual == {"a": 0.8, "b": 0.5, "c": 0.2}  # in tenths: so few people allow no more
    pd.testing.assert_frame_equal(together, alone)


def test_blending_keeps_the_unit_and_the_ratings_of_people_without_choices():
    generator = np.random.default_rng(1)
    ratings = pd.DataFrame(generator.normal(size=(40, 3)), columns=["pay", "social", "meaning"])
    ratings = ratings.sub(ratings.mean(axis=1), axis=0)
    choices = 10 * ratings.iloc[:20]
    mixed = blend(ratings, choices, 0.4)
    pd.testing.assert_frame_equal(mixed.iloc[20:], ratings.iloc[20:])
    np.testing.assert_allclose(mixed.sum(axis=1), 0, atol=1e-12)
    pd.testing.assert_frame_equal(blend(ratings, choices, 0.0), ratings)


def test_refusals():
    with pytest.raises(InvalidInput, match="no places in the ranking"):
        scores_from_ranks(rankings() + 1, OPTIONS)
    with pytest.raises(InvalidInput, match="1 \\(picked\\) or 0"):
        scores_from_picks(pd.DataFrame({"a": [2], "b": [0]}), {"a": "x", "b": "y"})
    with pytest.raises(InvalidInput, match="between needs"):
        scores_from_ranks(pd.DataFrame({"W_pay": [1.0]}), OPTIONS)
    with pytest.raises(InvalidInput, match="is a share"):
        blend(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0]}), 2.0)
    with pytest.raises(InvalidInput, match="no need in common"):
        blend(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]}))
