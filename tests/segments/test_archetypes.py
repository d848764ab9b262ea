"""Laws of the answer for small organisations, shrinkage by hand, its gain, and every refusal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments.archetypes import describe_small_organisation, one_archetype_per_need

NEEDS = ["pay", "team", "time", "growth", "meaning"]
PATTERNS = one_archetype_per_need(NEEDS, height=1.2)


def _office(seed: int, n: int = 40, shares: tuple[float, ...] = (0.5, 0.3, 0.2, 0.0, 0.0)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kind = rng.choice(5, size=n, p=shares)
    scores = PATTERNS.to_numpy()[kind] + rng.normal(scale=0.6, size=(n, 5))
    return pd.DataFrame(scores - scores.mean(axis=1, keepdims=True), columns=NEEDS)


def test_archetypes_add_to_zero_and_stand_out_in_their_own_need() -> None:
    assert PATTERNS.sum(axis=1).to_numpy() == pytest.approx(0.0)
    assert (PATTERNS.idxmax(axis=1) == PATTERNS.index).all()


@pytest.mark.parametrize("seed", range(3))
def test_it_says_why_and_its_numbers_add_up(seed: int) -> None:
    answer = describe_small_organisation(_office(seed), archetypes=PATTERNS)
    assert answer.code == "SM001"
    assert "40 respondents are too few" in answer.explanation
    assert answer.membership.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert answer.archetypes["share"].sum() == pytest.approx(1.0)
    assert answer.drivers["pull"].between(0, 1).all()
    assert answer.drivers["rank"].tolist() == [1, 2, 3, 4, 5]
    between = (answer.drivers["shrunken"] - answer.drivers["mean"]) * (
        answer.drivers["shrunken"] - answer.drivers["prior"]
    )
    assert (between <= 1e-12).all()  # the estimate lies between the own mean and the archetypes' expectation
    for table in (answer.drivers, answer.archetypes):
        assert (table["low"] <= table["high"]).all()


def test_the_shares_of_archetypes_are_found_and_drawn_to_expectation_when_people_are_few() -> None:
    many = describe_small_organisation(_office(0, n=95), archetypes=PATTERNS).archetypes.set_index("archetype")["share"]
    few = describe_small_organisation(_office(0, n=4), archetypes=PATTERNS).archetypes.set_index("archetype")["share"]
    assert many["pay"] == pytest.approx(0.5, abs=0.12)
    assert many["meaning"] < 0.08
    assert abs(few["meaning"] - 0.2) < abs(many["meaning"] - 0.2)


def test_shrinkage_is_nearer_the_truth_than_the_own_mean() -> None:
    truth = pd.Series(np.array([0.5, 0.3, 0.2, 0.0, 0.0]) @ PATTERNS.to_numpy(), index=NEEDS)
    own, shrunken = [], []
    for seed in range(60):
        drivers = describe_small_organisation(_office(seed, n=20), archetypes=PATTERNS).drivers.set_index("need")
        own.append(float(((drivers["mean"] - truth) ** 2).sum()))
        shrunken.append(float(((drivers["shrunken"] - truth) ** 2).sum()))
    assert np.mean(shrunken) < 0.9 * np.mean(own)


def test_the_pull_is_james_steins_worked_by_hand() -> None:
    rng = np.random.default_rng(1)
    scores = pd.DataFrame(rng.normal(loc=[0.3, -0.2, 0.1, 0.4], size=(25, 4)), columns=list("abcd"))
    prior = pd.DataFrame([[0.0, 0.0, 0.0, 0.0]], index=["typical"], columns=list("abcd"))
    drivers = describe_small_organisation(scores, archetypes=prior).drivers.set_index("need")
    error = scores.std() / 5
    pull = min(1.0, (4 - 2) / float(((scores.mean() / error) ** 2).sum()))
    assert drivers["pull"].to_numpy() == pytest.approx(pull)
    assert drivers.loc["a", "shrunken"] == pytest.approx((1 - pull) * scores["a"].mean())


def test_people_are_drawn_to_their_archetypes_by_what_measurement_leaves_in_doubt() -> None:
    scores = _office(2)
    trusted = dict.fromkeys(NEEDS, 1.0)
    pd.testing.assert_frame_equal(
        describe_small_organisation(scores, archetypes=PATTERNS, reliability=trusted).people, scores
    )
    noise = describe_small_organisation(scores, archetypes=PATTERNS, reliability=dict.fromkeys(NEEDS, 0.0))
    expected = noise.membership.to_numpy() @ PATTERNS.to_numpy()
    assert noise.people.to_numpy() == pytest.approx(expected)


def test_doubling_weights_and_renaming_archetypes_change_nothing() -> None:
    scores = _office(3)
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(scores))
    once = describe_small_organisation(scores, archetypes=PATTERNS, sample_weight=weights)
    twice = describe_small_organisation(scores, archetypes=PATTERNS, sample_weight=2 * weights)
    pd.testing.assert_frame_equal(once.drivers, twice.drivers)
    moved = describe_small_organisation(scores, archetypes=PATTERNS.iloc[::-1], sample_weight=weights)
    pd.testing.assert_frame_equal(once.drivers, moved.drivers)


def test_archetypes_that_do_not_describe_these_people_are_said_not_to() -> None:
    rng = np.random.default_rng(4)
    strange = pd.DataFrame(rng.normal(scale=0.05, size=(30, 3)), columns=["a", "b", "c"])
    far = pd.DataFrame([[9.0, 0, 0], [0.0, 9, 0], [-9, -9, 0.0]], index=["x", "y", "z"], columns=["a", "b", "c"])
    answer = describe_small_organisation(strange, archetypes=far, shares=pd.Series({"x": 1, "y": 1, "z": 1}))
    assert answer.code == "SM002"


def test_a_hundred_respondents_are_enough() -> None:
    assert describe_small_organisation(_office(5, n=100), archetypes=PATTERNS).code == "SM000"


def test_missing_scores_are_worked_with_and_never_come_out_as_gaps() -> None:
    scores = _office(6).mask(np.random.default_rng(0).random((40, 5)) < 0.2)
    answer = describe_small_organisation(scores)
    assert answer.people.notna().all(axis=None)
    assert answer.drivers.notna().all(axis=None)


S = pd.DataFrame({"pay": [1.0, 2.0], "team": [0.0, 1.0]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: describe_small_organisation(S.iloc[:1]), "too few answers even for a profile"),
        (lambda: describe_small_organisation(S.assign(team=np.nan)), "too few answers even for a profile"),
        (lambda: describe_small_organisation(S, archetypes=PATTERNS), "The archetypes do not fit the needs"),
        (lambda: describe_small_organisation(S, shares=pd.Series({"pay": 1.0})), "The expected shares do not fit"),
        (lambda: describe_small_organisation(S, inside=0), "The spread inside archetypes"),
        (lambda: describe_small_organisation(S, prior_people=0), "must count for more than zero"),
        (lambda: describe_small_organisation(S, reliability={"pay": 2.0}), "A need has no reliability"),
        (lambda: one_archetype_per_need(["pay"]), "at least two needs"),
    ],
)
def test_refusals_say_what_is_wrong(call, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        call()


@pytest.mark.parametrize("spread", [0.0, 0.2, 0.8])
def test_shrunken_figures_cover_the_truth_also_when_they_are_drawn_all_the_way(spread: float) -> None:
    rng, inside = np.random.default_rng(5), []
    for _ in range(80):
        truth = rng.normal(0, spread, 5)
        truth -= truth.mean()
        values = truth + rng.normal(0, 0.8, (30, 5))
        frame = pd.DataFrame(values - values.mean(axis=1, keepdims=True), columns=NEEDS)
        found = describe_small_organisation(frame).drivers.set_index("need").loc[NEEDS]
        inside.append(((found["shrunken_low"] <= truth) & (truth <= found["shrunken_high"])).mean())
    assert np.mean(inside) >= 0.93
