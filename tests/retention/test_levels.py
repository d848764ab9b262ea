"""The level that later time shows, of everyone and of groups: drawn together, and wider where fewer left."""

from __future__ import annotations

import numpy as np
import pytest

from segment.retention.levels import Level, drawn_levels, group_levels, level_of_exits

CHANCES = np.array([0.05, 0.1, 0.2, 0.4])


@pytest.mark.parametrize("shift", [-0.7, 0.0, 0.7])
def test_the_value_lies_strictly_inside_its_interval(shift: float) -> None:
    value, low, high = Level(shift, 0.1).shares(CHANCES)
    assert 0 < low < value < high < 1
    assert (value > CHANCES.mean()) == (shift > 0) or shift == 0


def test_the_fewer_exits_the_wider_and_the_nearer_to_everyone() -> None:
    found = group_levels({n: level_of_exits(2 * n, n) for n in (5, 20, 80, 200)})
    errors = [found[n].error for n in (5, 20, 80, 200)]
    assert errors == sorted(errors, reverse=True)
    assert found[5].log_ratio < found[200].log_ratio < np.log(2) + 0.01


def test_groups_with_the_same_ratio_and_other_exits_are_not_told_alike() -> None:
    found = group_levels({0: level_of_exits(4, 5), 1: level_of_exits(12, 15), 2: level_of_exits(70, 60)})
    assert found[0].log_ratio != found[1].log_ratio and found[0].error > found[1].error > found[2].error


def test_intervals_of_groups_hold_the_truth_as_often_as_promised() -> None:
    """Sixty studies of six groups whose levels lie apart: 95 % of intervals hold the group's own share."""
    held = []
    for number in range(60):
        rng = np.random.default_rng(number)
        truth = rng.normal(0.1, 0.25, 6)
        expected = np.array([8.0, 15, 30, 60, 90, 140])
        observed = rng.poisson(expected * np.exp(truth))
        own = {k: level_of_exits(o, e) for k, (o, e) in enumerate(zip(observed, expected, strict=True))}
        for k, level in group_levels(own).items():
            _, low, high = level.shares(CHANCES)
            held.append(low <= Level(truth[k], 0.0).shares(CHANCES)[0] <= high)
    assert 0.92 <= np.mean(held) <= 0.985


def test_what_is_told_is_drawn_to_the_model_as_far_as_its_level_is_unsure() -> None:
    """Twenty exits of fourteen expected may be chance; four hundred of two hundred and eighty are not."""
    few, many = (drawn_levels(level_of_exits(20 * n, 14 * n), {})[None] for n in (1, 20))
    assert 1.1 < np.exp(few.log_ratio + few.drawn) < 1.3
    assert 1.4 < np.exp(many.log_ratio + many.drawn) < np.exp(many.log_ratio)
    assert drawn_levels(level_of_exits(30, 30), {})[None].drawn == 0.0


@pytest.mark.parametrize("observed", [0, 1, 4, 14, 30, 90])
def test_it_stays_inside_the_interval_that_was_seen(observed: int) -> None:
    groups = {"a": level_of_exits(observed / 3, 5), "b": level_of_exits(2 * observed / 3, 9)}
    raw = {None: level_of_exits(observed, 14), **group_levels(groups)}
    for key, level in drawn_levels(raw[None], groups).items():
        value, low, high = level.shares(CHANCES)
        assert low < value < high
        assert (low, high) == raw[key].shares(CHANCES)[1:]
        assert abs(level.drawn) <= raw[None].error / 2


def test_the_error_of_the_level_is_less_where_the_model_is_right_and_hardly_more_where_it_is_not() -> None:
    """Root of the mean squared error of the logarithm, drawn against as it was seen; 4,000 hold-outs of 30 expected."""
    rng, found = np.random.default_rng(4), {}
    for truth in (1.0, 1.1, 1.3, 1.6, 2.2):
        errors = []
        for observed in rng.poisson(30 * truth, 4_000):
            level = drawn_levels(level_of_exits(observed, 30), {})[None]
            errors.append([level.log_ratio - np.log(truth), level.log_ratio + level.drawn - np.log(truth)])
        seen, told = np.sqrt(np.mean(np.square(errors), axis=0))
        found[truth] = told / seen
    assert found[1.0] < 0.75 and found[1.1] < 0.85
    assert max(found.values()) < 1.2 and found[2.2] < 1.1
