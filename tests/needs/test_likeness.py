"""What is about as much: the paired interval of a difference within the same people; near and exact ties planted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from segment.needs.likeness import influence_of_means, intervals_meet, names_alike, not_apart

RNG = np.random.default_rng(5)


def alike(values: np.ndarray, weights: np.ndarray | None = None, *, least: float = 0.0) -> np.ndarray:
    own = np.ones(len(values)) if weights is None else weights
    influence, effective = influence_of_means(values, own)
    known = np.isfinite(values)
    means = (np.where(known, values, 0) * own[:, None]).sum(axis=0) / (known * own[:, None]).sum(axis=0)
    return not_apart(means, influence, effective, least=least)


def test_with_equal_weights_it_is_the_paired_t_test() -> None:
    """At every difference: about as much exactly where the paired test does not reject at 5%."""
    person = RNG.normal(0, 1, 80)
    for shift in np.linspace(0, 0.4, 21):
        a, b = person + RNG.normal(0, 0.5, 80) + shift, person + RNG.normal(0, 0.5, 80)
        assert alike(np.column_stack([a, b]))[0, 1] == (stats.ttest_rel(a, b).pvalue > 0.05)


def test_the_same_people_tell_apart_what_two_groups_could_not() -> None:
    person = RNG.normal(0, 1, 200)
    values = np.column_stack([person + 0.15 + RNG.normal(0, 0.1, 200), person + RNG.normal(0, 0.1, 200)])
    assert not alike(values)[0, 1]
    assert alike(np.column_stack([values[:, 0], RNG.permutation(values[:, 1])]))[0, 1]


@pytest.mark.parametrize("n_tied", [2, 3])
def test_exact_ties_are_about_as_much_and_a_fourth_is_not(n_tied: int) -> None:
    first = RNG.normal(0, 1, 150)
    tied = np.column_stack([np.roll(first, place) for place in range(n_tied)] + [first - 2.0])
    found = alike(tied)
    assert found[:n_tied, :n_tied].all()
    assert not found[n_tied, :n_tied].any()


def test_a_tie_of_the_very_same_answers_is_a_tie() -> None:
    answers = RNG.normal(0, 1, 50)
    assert alike(np.column_stack([answers, answers])).all()


def test_what_is_closer_than_a_figure_shows_is_alike_however_sure_it_is() -> None:
    """Everybody answers .01 higher: no doubt at all, and a flag that said so would tell that all differ by the same."""
    answers = RNG.normal(0, 1, 50)
    values = np.column_stack([answers, answers + 0.01])
    assert not alike(values)[0, 1]
    assert alike(values, least=0.05)[0, 1]


def test_doubling_every_weight_changes_nothing_and_heavy_people_leave_more_doubt() -> None:
    values = np.column_stack([RNG.normal(0.28, 1, 200), RNG.normal(0, 1, 200)])
    weights = RNG.uniform(0.5, 2, 200)
    assert (alike(values, weights) == alike(values, 2 * weights)).all()
    assert not alike(values)[0, 1]
    heavy = np.where(np.arange(200) < 10, 60.0, 1.0)
    assert alike(values + (values.mean(axis=0) - np.average(values, axis=0, weights=heavy)), heavy)[0, 1]


def test_people_who_answered_one_of_two_count_where_they_answered() -> None:
    values = np.column_stack([RNG.normal(1, 1, 60), RNG.normal(0, 1, 60)])
    values[:30, 0], values[30:, 1] = np.nan, np.nan
    assert not alike(values)[0, 1]
    welch = stats.ttest_ind(values[30:, 0], values[:30, 1], equal_var=False)
    assert welch.pvalue < 0.05


def test_nineteen_in_twenty_ties_are_called_about_as_much() -> None:
    """Two needs that weigh the same are told apart in about one of twenty studies."""
    wrong = sum(not alike(RNG.normal(0, 1, (60, 2)))[0, 1] for _ in range(400))
    assert 8 <= wrong <= 34


def test_a_figure_of_nobody_is_like_none() -> None:
    values = np.column_stack([RNG.normal(0, 1, 20), np.full(20, np.nan)])
    with np.errstate(invalid="ignore"):
        assert alike(values).tolist() == [[True, False], [False, False]]


def test_intervals_of_different_people_meet_or_do_not() -> None:
    found = intervals_meet([0.10, 0.14, 0.30], [0.06, 0.10, 0.26], [0.15, 0.19, 0.35], least=0.005)
    assert found.tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    assert json.loads(names_alike(found, [0, 1, 2])[0]) == ["1"]
