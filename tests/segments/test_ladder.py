"""The right rung for tight clusters, a gradient and a constant need; laws; every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments.ladder import Rung, place_needs, separation
from tests.segments.memberships import one_hot


def _tight(seed: int, n: int = 600) -> tuple[pd.DataFrame, np.ndarray]:
    """Three tight segments that differ in pay and team; time is individual; coffee is the same for everybody."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=n)
    centres = np.array([[1.0, -0.5], [-1.0, -0.5], [0.0, 1.0]])
    segments = centres[labels] + rng.normal(scale=0.2, size=(n, 2))
    scores = np.column_stack([segments, rng.normal(scale=0.8, size=n), rng.normal(scale=0.1, size=n)])
    return pd.DataFrame(scores, columns=["pay", "team", "time", "coffee"]), labels


def _cut(line: np.ndarray, k: int) -> np.ndarray:
    """A continuum cut in k equal parts, as k-means would."""
    return np.searchsorted(np.quantile(line, np.arange(1, k) / k), line)


@pytest.mark.parametrize("seed", range(3))
def test_every_need_gets_its_rung(seed: int) -> None:
    scores, labels = _tight(seed)
    table = place_needs(scores, one_hot(labels)).set_index("need")
    assert table["rung"].to_dict() == {
        "pay": Rung.PER_SEGMENT, "team": Rung.PER_SEGMENT, "time": Rung.PER_INDIVIDUAL, "coffee": Rung.ONE_POLICY,
    }  # fmt: skip
    assert table.loc["coffee", "reason"] == "constant"
    assert table.loc["time", "reason"] == "inside"


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_a_gradient_stays_individual_however_neatly_it_is_cut(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = rng.normal(size=800)
    scores = pd.DataFrame({"pay": line + rng.normal(scale=0.2, size=800), "time": -line})
    table = place_needs(scores, one_hot(_cut(line, k)))
    assert (table["rung"] == Rung.PER_INDIVIDUAL).all()
    assert (table["reason"] == "continuum").any()
    assert table["between_share"].max() > 0.5  # a share of variance alone would have been fooled


def test_noise_in_a_constant_need_is_seen_through_by_its_reliability() -> None:
    rng = np.random.default_rng(0)
    scores, labels = _tight(0)
    noisy = scores.assign(coffee=rng.normal(scale=0.5, size=len(scores)))
    naive = place_needs(noisy, one_hot(labels)).set_index("need")
    told = place_needs(noisy, one_hot(labels), reliability={"pay": 0.9, "team": 0.9, "time": 0.9, "coffee": 0.1})
    assert naive.loc["coffee", "rung"] == Rung.PER_INDIVIDUAL
    assert told.set_index("need").loc["coffee", "rung"] == Rung.ONE_POLICY


def test_unclear_membership_brings_a_need_back_to_individuals() -> None:
    scores, labels = _tight(1)
    blurred = 0.5 * one_hot(labels) + 0.5 / 3
    table = place_needs(scores[["pay", "team"]], blurred)
    assert (table["rung"] != Rung.PER_SEGMENT).all()
    assert table["entropy"].iloc[0] > 0.5


def test_parts_of_variance_add_up_and_stay_in_range() -> None:
    scores, labels = _tight(2)
    table = place_needs(scores, one_hot(labels))
    inside = table["inside"] ** 2
    between = table["between_share"] * table["spread"] ** 2
    assert (inside + between).to_numpy() == pytest.approx((table["spread"] ** 2).to_numpy())
    for column in ("between_share", "separation", "doubt", "entropy"):
        assert table[column].between(0, 1).all()


def test_shares_worked_by_hand() -> None:
    # Segment means 1 and 3, inside variance 1, between variance 1: half of it lies between.
    scores = pd.DataFrame({"pay": [0.0, 2.0, 2.0, 4.0]})
    row = place_needs(scores, one_hot([0, 0, 1, 1])).iloc[0]
    assert (row["spread"], row["between_share"], row["inside"]) == pytest.approx((np.sqrt(2), 0.5, 1.0))


def test_relabelling_and_doubling_weights_change_nothing() -> None:
    scores, labels = _tight(3)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(scores))
    once = place_needs(scores, one_hot(labels), sample_weight=weights)
    twice = place_needs(scores, one_hot(labels), sample_weight=2 * weights)
    pd.testing.assert_frame_equal(once, twice, check_exact=True)
    pd.testing.assert_frame_equal(once, place_needs(scores, one_hot(labels)[:, [2, 0, 1]], sample_weight=weights))


def test_separation_is_symmetric_and_a_chain_of_neighbours_is_a_continuum() -> None:
    line = np.random.default_rng(0).normal(size=900)
    valleys = separation(pd.DataFrame({"pay": line}), one_hot(_cut(line, 3)))
    assert np.array_equal(valleys, valleys.T)
    assert valleys.max() < 0.15  # the outer thirds do not touch, but the middle third joins them


def test_one_segment_means_one_policy_or_individuals() -> None:
    scores, _ = _tight(4)
    table = place_needs(scores, np.ones((len(scores), 1))).set_index("need")
    assert table.loc["coffee", "rung"] == Rung.ONE_POLICY
    assert table.loc["pay", "rung"] == Rung.PER_INDIVIDUAL
    assert table["between_share"].to_numpy() == pytest.approx(0.0)


def test_missing_scores_are_left_out() -> None:
    scores, labels = _tight(5)
    holes = scores.mask(np.random.default_rng(0).random(scores.shape) < 0.15)
    table = place_needs(holes, one_hot(labels)).set_index("need")
    assert table.loc["pay", "rung"] == Rung.PER_SEGMENT
    assert table.loc["pay", "n"] == holes["pay"].notna().sum()


S = pd.DataFrame({"pay": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: place_needs(S, np.eye(2)), "The memberships do not fit the people"),
        (lambda: place_needs(S, np.eye(3), reliability={"team": 0.5}), "A need has no reliability"),
        (lambda: place_needs(S, np.eye(3), meaningful=0), "must be above zero"),
        (lambda: place_needs(S * np.nan, np.eye(3)), "fewer than two people with a score"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()
