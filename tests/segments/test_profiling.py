"""Laws of profiles, names and memberships, one profile by hand, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from segment.errors import InvalidInput
from segment.segments.attractiveness import attractiveness
from segment.segments.profiling import (
    CLEAR_MEMBERSHIP,
    membership,
    name_segments,
    profile_segments,
)
from tests.segments.memberships import one_hot

NEEDS = ["pay", "team", "time", "growth"]
WORDS = {need: {"nl": f"{need}-nl", "en": need} for need in NEEDS}


def _people(seed: int = 0, n: int = 300, k: int = 3) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame(rng.normal(size=(n, len(NEEDS))), columns=NEEDS)
    scores = scores.mask(rng.random(scores.shape) < 0.1)
    posteriors = rng.dirichlet(np.full(k, 0.3), size=n)
    return scores, posteriors, rng.uniform(0.2, 3.0, size=n)


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_membership_add_to_one(seed: int) -> None:
    scores, posteriors, weights = _people(seed)
    profiles = profile_segments(scores, posteriors, sample_weight=weights)
    assert profiles.groupby("need")["weight_share"].sum().to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(5))
def test_one_hot_memberships_give_plain_means_and_their_textbook_intervals(seed: int) -> None:
    scores, posteriors, _ = _people(seed)
    labels = posteriors.argmax(axis=1)
    profiles = profile_segments(scores, one_hot(labels, 3))
    for row in profiles.itertuples():
        own = scores.loc[labels == row.segment, row.need].dropna()
        assert row.mean == pytest.approx(own.mean())
        assert row.n == len(own)
        # Student's t with n - 1 degrees of freedom: 2.0 standard errors for 70 to 130 people, to 2 %.
        assert row.high - row.mean == pytest.approx(own.std() / np.sqrt(len(own)) * 1.985, rel=0.02)


def test_the_means_of_segments_average_to_the_mean_of_everyone() -> None:
    scores, posteriors, weights = _people(3)
    scores = scores.fillna(0.0)
    profiles = profile_segments(scores, posteriors, sample_weight=weights)
    together = (profiles["mean"] * profiles["weight_share"]).groupby(profiles["need"]).sum()
    overall = profiles.groupby("need")["overall"].first()
    assert together.to_numpy() == pytest.approx(overall.to_numpy())


def test_doubling_every_weight_changes_nothing() -> None:
    scores, posteriors, weights = _people(1)
    once = profile_segments(scores, posteriors, sample_weight=weights)
    twice = profile_segments(scores, posteriors, sample_weight=2 * weights)
    pd.testing.assert_frame_equal(once, twice, check_exact=True)


def test_duplicating_people_is_doubling_their_weight_in_every_mean() -> None:
    scores, posteriors, weights = _people(2)
    rows = np.r_[np.arange(300), np.arange(50)]
    heavier = weights.copy()
    heavier[:50] *= 2
    doubled = profile_segments(scores, posteriors, sample_weight=heavier)
    repeated = profile_segments(scores.iloc[rows].reset_index(drop=True), posteriors[rows], sample_weight=weights[rows])
    assert repeated["mean"].to_numpy() == pytest.approx(doubled["mean"].to_numpy(), abs=1e-12)


def test_relabelling_segments_only_moves_rows() -> None:
    scores, posteriors, weights = _people(4)
    order = [2, 0, 1]
    plain = profile_segments(scores, posteriors, sample_weight=weights)
    moved = profile_segments(scores, posteriors[:, order], sample_weight=weights)
    moved = moved.assign(segment=moved["segment"].map(dict(enumerate(order))))
    moved = moved.sort_values(["segment"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(plain, moved)


def test_intervals_cover_the_mean_of_the_population() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        scores = pd.DataFrame({"pay": rng.normal(size=40)})
        weights = rng.uniform(0.5, 2.0, size=40)
        profile = profile_segments(scores, one_hot(np.zeros(40)), sample_weight=weights)
        covered.append(bool((profile["low"] <= 0).all() and (profile["high"] >= 0).all()))
    assert 0.91 <= np.mean(covered) <= 0.985


def test_measures_are_profiled_beside_the_scores_and_inputs_are_left_alone() -> None:
    scores, posteriors, _ = _people(5)
    before = scores.copy()
    profiles = profile_segments(scores, posteriors, measures={"importance": scores + 3, "shortfall": scores.abs()})
    assert profiles["measure"].unique().tolist() == ["score", "importance", "shortfall"]
    assert len(profiles) == 3 * 3 * 4
    by_measure = profiles.set_index(["measure", "segment", "need"])["mean"]
    assert (by_measure["importance"] - by_measure["score"]).to_numpy() == pytest.approx(3.0)
    pd.testing.assert_frame_equal(scores, before)


def test_a_profile_worked_by_hand() -> None:
    # Segment 0: answers 1, 4, 4 with weights 1, 2, 2: mean 17 / 5 = 3.4; effective people 25 / 9.
    # Variance = 25/9 / (16/9) * (1 * 2.4^2 + 4 * 0.6^2 + 4 * 0.6^2) / 25 = 1.5625 * 8.64 / 25 = 0.54.
    scores = pd.DataFrame({"pay": [1.0, 4.0, 4.0, 5.0]})
    profile = profile_segments(scores, one_hot([0, 0, 0, 1]), sample_weight=[1, 2, 2, 1])
    first, second = profile.itertuples()
    assert (first.mean, first.overall, first.weight_share) == pytest.approx((3.4, 22 / 6, 5 / 6))
    assert first.difference == pytest.approx(3.4 - 22 / 6)
    assert first.high - first.mean == pytest.approx(np.sqrt(0.54) * stats.t.ppf(0.975, 16 / 9))
    assert second.mean == 5.0
    assert np.isnan(second.low)  # one person has no interval


def test_a_segment_without_answers_on_a_need_has_no_mean() -> None:
    scores = pd.DataFrame({"pay": [1.0, 2.0, np.nan, np.nan]})
    profile = profile_segments(scores, one_hot([0, 0, 1, 1])).set_index("segment")
    assert profile.loc[1, "n"] == 0
    assert np.isnan(profile.loc[1, "mean"])
    assert profile.loc[0, "mean"] == 1.5


def test_membership_counts_doubt_from_nothing_to_one() -> None:
    table = membership([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.69, 0.31, 0.0], [0.0, 0.3, 0.7]])
    assert table.columns.tolist() == ["segment", "p_1", "p_2", "p_3", "entropy", "between"]
    assert table["entropy"].iloc[:2].tolist() == pytest.approx([0.0, 1.0])
    assert table["between"].tolist() == [False, True, True, False]
    assert table["segment"].tolist() == [0, 0, 0, 2]
    assert CLEAR_MEMBERSHIP == 0.70


def test_one_segment_leaves_no_doubt() -> None:
    table = membership(np.ones((3, 1)))
    assert table["entropy"].tolist() == [0, 0, 0]
    assert not table["between"].any()


def test_names_tell_the_two_most_distinctive_needs_in_both_languages() -> None:
    scores = pd.DataFrame([[2, 1.2, 0.1, 0.6], [-1.5, -0.7, 3, 0], [-1, 0, -2, 3]], columns=NEEDS, dtype=float)
    names = name_segments(profile_segments(scores, np.eye(3)), WORDS)
    assert names[0] == {"nl": "Pay-nl en team-nl", "en": "Pay and team"}
    assert names[1] == {"nl": "Time-nl meer dan pay-nl", "en": "Time more than pay"}
    assert names[2]["en"] == "Growth more than time"


def test_names_are_unique_and_follow_the_segment_not_its_number() -> None:
    rng = np.random.default_rng(8)
    for _ in range(8):
        scores = pd.DataFrame(rng.normal(size=(60, 4)), columns=NEEDS)
        posteriors = rng.dirichlet(np.full(6, 0.2), size=60)
        names = name_segments(profile_segments(scores, posteriors), WORDS)
        for language in ("nl", "en"):
            assert len({name[language] for name in names.values()}) == 6
        order = rng.permutation(6)
        moved = name_segments(profile_segments(scores, posteriors[:, order]), WORDS)
        assert [moved[place] for place in range(6)] == [names[old] for old in order]


def test_twins_get_a_third_need_and_then_a_number() -> None:
    scores = pd.DataFrame(
        [[3, 2, 0, -1], [3.1, 2, -1, 0], [-3, -2, 0.5, 0.5], [-3, -2, 0.5, 0.5]], columns=NEEDS, dtype=float
    )
    names = name_segments(profile_segments(scores, np.eye(4)), WORDS)
    assert names[0]["en"].startswith("Pay and team more than")
    assert names[1]["en"].startswith("Pay and team more than")
    assert names[0]["en"] != names[1]["en"]
    assert names[3]["en"] == f"{names[2]['en']} (2)"


def test_one_segment_of_everybody_has_a_name_too() -> None:
    scores = pd.DataFrame({"pay": [1.0, 2.0], "team": [3.0, 1.0]})
    assert name_segments(profile_segments(scores, np.ones((2, 1))), WORDS)[0]["en"] == "All needs alike"


def test_a_need_without_a_name_is_refused_by_its_code() -> None:
    scores = pd.DataFrame({"pay": [1.0, 2.0], "unknown": [3.0, 1.0]})
    with pytest.raises(InvalidInput, match="A need has no name"):
        name_segments(profile_segments(scores, np.eye(2)), WORDS)


def test_attractiveness_is_the_weighted_mean_of_ratings() -> None:
    scores = pd.DataFrame({"pay": [2.0, 2.2, 0.0, 0.0, -1.0, -1.2]})
    profiles = profile_segments(scores, one_hot([0, 0, 1, 1, 2, 2]), measures={"shortfall": scores.abs()})
    table = attractiveness(profiles, importance={"shortfall": 3, "distinctness": 1})
    rated = table.groupby("segment").apply(
        lambda rows: float(rows["rating"] @ rows["importance"]), include_groups=False
    )
    assert table.groupby("segment")["attractiveness"].first().to_numpy() == pytest.approx(rated.to_numpy())
    assert table.groupby("segment")["importance"].sum().to_numpy() == pytest.approx(1.0)
    assert table.loc[table["rank"] == 1, "segment"].unique().tolist() == [0]
    assert table["rating"].between(0, 10).all()


def test_attractiveness_takes_criteria_from_elsewhere() -> None:
    profiles = profile_segments(pd.DataFrame({"pay": [1.0, -1.0]}), np.eye(2))
    risk = pd.DataFrame({"risk": [0.1, 0.4]}, index=[0, 1])
    table = attractiveness(profiles, criteria=risk, importance={"risk": 1})
    assert table.set_index("segment")["attractiveness"].to_dict() == {0: 0.0, 1: 10.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"importance": {"beauty": 1}}, "There is no such criterion"),
        ({"importance": {"size": 0}}, "must be zero or more"),
        ({"criteria": pd.DataFrame({"risk": [0.1]}, index=[0])}, "The criteria do not fit the segments"),
    ],
)
def test_attractiveness_refuses(arguments: dict, message: str) -> None:
    profiles = profile_segments(pd.DataFrame({"pay": [1.0, -1.0]}), np.eye(2))
    with pytest.raises(InvalidInput, match=message):
        attractiveness(profiles, **arguments)


SCORES = pd.DataFrame({"pay": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: profile_segments(SCORES, [[1, 0]]), "The memberships do not fit the people"),
        (lambda: profile_segments(SCORES, [0, 1]), "people x segments"),
        (lambda: profile_segments(SCORES, [[0.5, 0.6], [0.5, 0.5]]), "do not add to one"),
        (lambda: profile_segments(SCORES, [[np.nan, 1], [0.5, 0.5]]), "missing or outside 0 to 1"),
        (lambda: profile_segments(SCORES, np.eye(2), sample_weight=[1]), "The weights do not fit"),
        (lambda: profile_segments(SCORES, np.eye(2), sample_weight=[1, -1]), "negative or missing"),
        (lambda: profile_segments(SCORES, np.eye(2), sample_weight=[0, 0]), "All weights are zero"),
        (lambda: profile_segments(SCORES, np.eye(2), level=95), "between 0 and 1"),
        (lambda: profile_segments(SCORES, np.eye(2), measures={"x": SCORES.iloc[:1]}), "other people than the scores"),
        (lambda: profile_segments(SCORES * np.inf, np.eye(2)), "infinite number"),
        (lambda: profile_segments(SCORES.astype(str), np.eye(2)), "must be numbers"),
        (lambda: profile_segments(pd.DataFrame(), np.eye(2)), "are empty"),
        (lambda: membership(np.eye(2), clear=0), "must lie between 0 and 1"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
